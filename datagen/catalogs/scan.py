"""The command ``catalog scan``: propose a catalog file for the assets of a running engine."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import TypeVar

from multitake.atomic import write_file, writing_to
from multitake.errors import InputError, RunError, one_line
from multitake.progress import ProgressLine

from ..batch import EngineChoice
from ..catalog import Animation, Catalog, Character, Environment, catalog_toml
from ..drive import EngineDriver, EngineError, EngineSetupError
from ..drive.connecting import EngineAddress, Patience, engine_links, parsed_address
from ..drive.unrealcv_link import NO_BATCH
from .scan_actors import ActorScan
from .scan_levels import LeftOutError, LevelScan
from .scan_names import new_name, words_of

_CLASSES = {
    "environments": "/Script/Engine.World",
    "characters": "/Script/Engine.SkeletalMesh",
    "animations": "/Script/Engine.AnimSequence",
}
_PAGE = "docs/unreal.md"
_HEADER = """\
# Proposed by `multitake catalog scan` from the assets in {folder} of this engine:
# {version}
# A scan knows names, sizes and lengths only. Look at each entry, and remove what must not be filmed:
# - caption: noun phrases of characters ("a woman in a red coat"), verb phrases of animations ("waves"),
#   places of environments ("in a city street"). Add tags.
# - spots, radius_m and ground_m of environments: free floor on which a character can stand and walk (metres,
#   Z up), headings from +X counter-clockwise, and the largest distance at which cameras start.
# - yaw_offset_deg of characters: -90 for meshes that face +Y. height_m and size_m are those of the engine's
#   bounds, which may be larger than the mesh.
# - speed_m_per_s of animations: forward speed of their steps, 0 in place. Remove animations of skeletons that
#   the characters do not have.
# - lights: film a take of each, and correct intensity and exposure_ev.
# - licence: add licence = "..." to each asset that may be in a data set, and remove the others.
# Then run `multitake engine doctor ADDRESS --catalog FILE`.

"""
# An array of numbers or words on several lines.
_LONG_ARRAY = re.compile(r"\[\n([^\[\]{}]*?),?\n\]")
_Item = TypeVar("_Item", Environment, Character, Animation)


@dataclass(frozen=True, kw_only=True)
class ScanReport:
    """The proposed catalog, where it was written, and notes about what was left out."""

    catalog: Catalog
    path: Path
    notes: tuple[str, ...]

    def lines(self) -> Iterator[str]:
        """Counts, notes and the path."""
        for kind in (*_CLASSES, "lights"):
            yield f"{kind}: {len(getattr(self.catalog, kind))}"
        yield from (f"note: {note}" for note in self.notes)
        yield str(self.path)


def scan_catalog(
    address: str,
    out: Path,
    *,
    remote_control_port: int,
    folder: str,
    limit: int | None,
    timeout_s: float,
    progress: ProgressLine,
) -> ScanReport:
    """Write a catalog file for the assets in a folder of the engine at ``HOST:PORT``.

    ``limit``: at most so many assets of each kind, in the order of their paths. ``timeout_s`` is the longest
    time to connect, and to load a level or an asset.
    InputError if the file exists, if there is no engine or no game, or if there is nothing to propose;
    RunError if the engine fails later.
    """
    if out.exists():
        raise InputError("exists", where=str(out), fix="give the path of a new file")
    if not folder.startswith("/"):
        raise InputError(f"{folder!r} is not a folder of assets", where="--folder", fix="give e.g. /Game")
    with writing_to(out), TemporaryFile(dir=out.absolute().parent):
        # A scan takes long; whether its file can be written is known before.
        pass
    with _connected(parsed_address(address, remote_control_port), timeout_s) as driver:
        assets = _found_assets(driver, folder, limit)
        scan = _Scan(driver, progress, total=sum(map(len, assets.values())))
        catalog = scan.catalog(assets)
        version = one_line(driver.engine_version())
    with writing_to(out):
        write_file(out, _HEADER.format(folder=one_line(folder), version=version) + _text(catalog))
    return ScanReport(catalog=catalog, path=out, notes=tuple(map(one_line, scan.notes)))


class _Scan:
    """Proposes the entries of all kinds, one asset after another."""

    def __init__(self, driver: EngineDriver, progress: ProgressLine, *, total: int) -> None:
        self.notes: list[str] = []
        self._driver, self._progress = driver, progress
        self._done, self._total = 0, total

    def catalog(self, assets: dict[str, list[str]]) -> Catalog:
        """The catalog of some assets by kind; InputError if nothing can be proposed for a kind."""
        levels = LevelScan(self._driver)
        environments = self._entries("environments", assets, levels.environment)
        self.notes += levels.notes
        self._driver.open_environment(environments[0])
        actors = ActorScan(self._driver, environments[0].asset)
        characters = self._entries("characters", assets, actors.character)
        animations = self._entries(
            "animations", assets, lambda asset, name: actors.animation(asset, name, characters[0])
        )
        return Catalog(
            environments=environments, characters=characters, animations=animations, lights=levels.lights
        )

    def _entries(
        self, kind: str, assets: dict[str, list[str]], propose: Callable[[str, str], _Item]
    ) -> tuple[_Item, ...]:
        """An entry for each asset, under a name that no other has, without those that are left out."""
        found: dict[str, _Item] = {}
        reasons = []
        for asset in assets[kind]:
            name = new_name(words_of(asset), found, kind=kind.removesuffix("s"))
            self._progress.show(f"scan: {kind}: {name}", done=self._done, total=self._total)
            self._done += 1
            try:
                found[name] = propose(asset, name)
            except LeftOutError as reason:
                reasons.append(f"{asset} is left out: {reason}")
        if not found:
            what = f"none of {len(assets[kind])} {kind} can be proposed: {reasons[0]}"
            fix = f"correct the project (see {_PAGE}), or give another --folder"
            raise InputError(what, where="engine", fix=fix)
        self.notes += reasons
        return tuple(found.values())


@contextmanager
def _connected(address: EngineAddress, timeout_s: float) -> Iterator[EngineDriver]:
    """A driver of a running engine. EngineErrors of the block become an InputError or a RunError."""
    choice = EngineChoice(kind="unreal", look="gt", load_timeout_s=timeout_s)
    patience = Patience(
        start_timeout_s=timeout_s, reply_timeout_s=min(timeout_s, EngineChoice.reply_timeout_s)
    )
    with ExitStack() as stack:
        try:
            unrealcv, remote_control = stack.enter_context(engine_links(address, patience))
        except EngineError as error:
            fix = f"start the engine with both plugins, and give their ports; see {_PAGE}"
            raise InputError(str(error), where="ADDRESS", fix=fix) from error
        try:
            if not unrealcv.holds_batches():
                raise EngineSetupError(NO_BATCH)
            yield EngineDriver.of(unrealcv, remote_control, choice)
        except EngineSetupError as error:
            raise InputError(str(error), where="engine", fix=f"see {_PAGE}") from error
        except EngineError as error:
            fix = "run the same command again, with a larger --timeout-s or another --folder"
            raise RunError(str(error), where="engine", fix=fix) from error


def _found_assets(driver: EngineDriver, folder: str, limit: int | None) -> dict[str, list[str]]:
    """Paths of assets in a folder by kind; InputError if there are none of a kind."""
    found = {}
    for kind, class_path in _CLASSES.items():
        found[kind] = driver.remote_control.assets_of_class(class_path, folder)[:limit]
        if not found[kind]:
            what = f"the asset search finds no {kind} ({class_path}) in {folder}"
            fix = "give another --folder; with -game, assets that are not cooked may be missing"
            raise InputError(what, where="engine", fix=f"{fix}: package the project")
    return found


def _text(catalog: Catalog) -> str:
    """The catalog as TOML that a person edits: each array of numbers or words on one line."""

    def on_one_line(array: re.Match[str]) -> str:
        return f"[{', '.join(line.strip(' ,') for line in array[1].splitlines())}]"

    return _LONG_ARRAY.sub(on_one_line, catalog_toml(catalog))
