"""A page about a run: its status, images of the newest takes, and failures; one file without a network."""

import base64
import io
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from multitake.atomic import write_file, writing_to
from multitake.counts import many
from multitake.errors import InputError, RunError
from multitake.input_files import parsing
from shards import Failure, TakeImages, sheet_path, take_images

from .dataset_status import DatasetStatus, StatusReader
from .run_state import TakeEnd
from .words import duration, moment

if TYPE_CHECKING:
    from jinja2 import Template

_WIDTH_PX, _FAILURE_WIDTH_PX = 176, 640
_MOST_CAMERAS = 16


@dataclass(frozen=True, kw_only=True)
class ShownImage:
    """An image as a data URI, with what is below it."""

    uri: str
    label: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ShownTake:
    """A row of the page; ``note`` says why a take has no images."""

    take: str
    end: TakeEnd | None
    place: str
    caption: str = ""
    images: tuple[ShownImage, ...] = ()
    more: int = 0
    note: str = ""


class StatusPage:
    """The page at ``path`` about the ``newest`` takes; images are made once, and kept while shown."""

    def __init__(self, reader: StatusReader, path: Path, *, newest: int) -> None:
        if not path.name or path.is_dir():
            raise InputError(
                "is a folder", where=str(path), fix="give the name of a file, such as status.html"
            )
        self._reader, self._path, self._newest = reader, path, newest
        self._images: dict[str, TakeImages] = {}

    def write(self, status: DatasetStatus) -> None:
        """Write the page atomically; InputError if it cannot be written."""
        html = self.html(status)
        with writing_to(self._path):
            write_file(self._path, html)

    def html(self, status: DatasetStatus) -> str:
        """The page."""
        newest = self._reader.newest_takes(self._newest)
        self._images = {take: self._images[take] for take, _ in newest if take in self._images}
        takes = [self._shown(take, end) for take, end in newest]
        failures = list(self._reader.counts.failures.values())[-self._newest :]
        return _template().render(
            status=status,
            takes=takes,
            failures=[(failure, self._failed_image(failure)) for failure in reversed(failures)],
            style=files(__package__).joinpath("assets", "page.css").read_text("utf-8"),
        )

    def _shown(self, take: str, end: TakeEnd | None) -> ShownTake:
        counts = self._reader.counts
        shard = counts.shard_of(take)
        try:
            images = self._images.get(take) or self._read(take, shard)
        except (InputError, RunError) as error:
            return ShownTake(take=take, end=end, place=_place(shard), note=f"no images: {error.what}")
        self._images[take] = images
        shown = list(zip(images.clips, images.middle, strict=True))[:_MOST_CAMERAS]
        first = ShownImage(uri=_jpeg_uri(images.first), label=f"{images.clips[0].camera}, first frame")
        others = (
            ShownImage(uri=_jpeg_uri(jpeg), label=f"{clip.camera} {clip.motion}", flags=clip.flags)
            for clip, jpeg in shown
        )
        return ShownTake(
            take=take,
            end=end,
            place=_place(shard),
            caption=images.row.caption,
            images=(first, *others),
            more=len(images.clips) - len(shown),
        )

    def _read(self, take: str, shard: int | None) -> TakeImages:
        """The images of a take; one that was sealed meanwhile is read from its shard."""
        counts = self._reader.counts
        try:
            return take_images(counts.files.store, take, shard, width_px=_WIDTH_PX)
        except InputError:
            sealed = counts.refresh().shard_of(take)
            if sealed == shard:
                raise
            return take_images(counts.files.store, take, sealed, width_px=_WIDTH_PX)

    def _failed_image(self, failure: Failure) -> str:
        """The sheet of a take that failed, if there is one."""
        store = self._reader.counts.files.store
        try:
            path = sheet_path(failure.take)
            content = store.read(path)
            with parsing("not an image", where=f"{store}/{path}", fix="remove it"):
                image = Image.open(io.BytesIO(content), formats=["PNG"]).convert("RGB")
                image.thumbnail((_FAILURE_WIDTH_PX, _FAILURE_WIDTH_PX))
                jpeg = io.BytesIO()
                image.save(jpeg, format="jpeg", quality=75)
        except (OSError, InputError):
            return ""
        return _jpeg_uri(jpeg.getvalue())


@cache
def _template() -> "Template":
    # Slow to import.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"duration": duration, "moment": moment, "many": many}
    return environment.get_template("page.html")


def _place(shard: int | None) -> str:
    return "staged" if shard is None else f"shard {shard:05d}"


def _jpeg_uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
