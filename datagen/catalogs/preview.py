"""The command ``catalog preview``: pictures of every asset, contact sheets, and a page."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from multitake.atomic import replacing, writing_to
from multitake.errors import InputError, RunError
from multitake.progress import ProgressLine

from ..batch import EngineChoice, SceneChoice
from ..catalog import Animation, Catalog, Character, Environment, load_catalog
from ..drive import EngineDriver, EngineError, RunningEngine
from ..engine.assets import mounted_assets
from .items import CatalogItems, Item
from .page import page_html
from .views import Picture, animation_views, character_views, environment_views

# Where characters and animations are shown, also those of other catalogs.
_STUDIO = "pastel-studio"
# The view of each asset that is on a contact sheet, and the columns of the sheet.
_SHEETS = {"environments": (0, 7), "characters": (0, 14), "animations": (3, 10)}
# Pictures of one asset are in rows of at most this width.
_ROW_PX = 1536
_LABEL_PX = 14
_JPEG_QUALITY = 88


def preview_catalog(items: CatalogItems, out: Path, *, look: str, progress: ProgressLine) -> list[Path]:
    """Write ``out/index.html``, a contact sheet for each kind, and the views of each asset.

    Returns the page and the contact sheets. InputError if the folder is not empty or cannot be written,
    RunError if the engine fails.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise InputError("exists and is not an empty folder", where=str(out), fix="give a new folder")
    with writing_to(out), replacing(out) as folder:
        folder.mkdir()
        try:
            names = list(_write_kinds(items, look, folder, progress))
        except EngineError as error:
            raise RunError(str(error), where="engine", fix="see `multitake engine doctor`") from error
        (folder / "index.html").write_text(page_html(items), encoding="utf-8")
    return [out / name for name in ("index.html", *names)]


def _write_kinds(items: CatalogItems, look: str, folder: Path, progress: ProgressLine) -> Iterator[str]:
    """Film all assets, and write their pictures. Yields the names of the contact sheets."""
    total = sum(map(len, items.by_kind.values()))
    done, studio = 0, _studio()
    engine = RunningEngine(EngineChoice(look=look), worker=0, assets=mounted_assets(items.catalog.assets))
    try:
        missing = engine.driver.missing_assets(items.catalog)
        if missing:
            fix = "correct the catalog, or add the asset"
            raise InputError(f"the embedded engine has no asset {missing[0]}", where="catalog", fix=fix)
        for kind, assets in items.by_kind.items():
            shown = []
            for item in assets:
                progress.show(item.name, done=done, total=total)
                views = _views(engine.driver, item, items.catalog, studio)
                _write_jpeg(folder / kind / f"{item.name}.jpg", _grid(views, _ROW_PX // views[0].shape[1]))
                shown.append(_labelled(views[_SHEETS[kind][0]], item.name))
                done += 1
            if shown:
                _write_jpeg(folder / f"{kind}.jpg", _grid(shown, _SHEETS[kind][1]))
                yield f"{kind}.jpg"
    finally:
        engine.close()


def _views(driver: EngineDriver, item: Item, catalog: Catalog, studio: Environment) -> list[Picture]:
    match item:
        case Environment():
            return environment_views(driver, item, catalog)
        case Character():
            return character_views(driver, item, catalog, studio)
        case Animation():
            return animation_views(driver, item, catalog, studio)


def _studio() -> Environment:
    return load_catalog(SceneChoice(environments=(_STUDIO,)), folder=Path()).environments[0]


def _labelled(picture: Picture, name: str) -> UInt8[np.ndarray, "labelled_height width 3"]:
    """The picture with the name below it."""
    height, width = picture.shape[:2]
    image = Image.new("RGB", (width, height + _LABEL_PX), (255, 255, 255))
    image.paste(Image.fromarray(picture), (0, 0))
    ImageDraw.Draw(image).text((3, height + 1), name, fill=(0, 0, 0))
    return np.asarray(image)


def _grid(tiles: Sequence[Picture], columns: int) -> UInt8[np.ndarray, "sheet_height sheet_width 3"]:
    """Tiles of one size in rows; the last row is filled with white."""
    height, width = tiles[0].shape[:2]
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows, height, columns, width, 3), 255, dtype=np.uint8)
    for place, tile in enumerate(tiles):
        sheet[place // columns, :, place % columns] = tile
    return sheet.reshape(rows * height, columns * width, 3)


def _write_jpeg(path: Path, picture: Picture) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(picture).save(path, format="jpeg", quality=_JPEG_QUALITY)
