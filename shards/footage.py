"""Scenes and pictures of a data set for the audit; each is read when it is asked for."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from PIL import Image

from multitake.errors import InputError
from trajectories import Scene, Scenes

from .files import Files
from .format import RESTORE
from .merged_batches import batch_tables
from .peek_tiles import grid, tile_size
from .reading import Dataset, dataset_of

_QUALITY = 60
_COLUMNS = ("take", "split", "environment", "characters", "animations", "light", "caption")
_CHOICES = ("environments", "characters", "animations", "lights")


@dataclass(frozen=True, kw_only=True)
class DatasetFootage:
    """The footage of sealed shards, see ``trajectories.footage.Footage``."""

    files: Files
    shards: tuple[int, ...]

    def scenes(self) -> Scenes:
        """The scenes of all takes, and the choices that the catalog gave; InputError if they are damaged."""
        rows = tuple(scene for shard in self.shards for scene in self._scenes(shard))
        return Scenes(rows=rows, choices=self._choices())

    def pictures(self, take: str, cameras: Sequence[str], frames: Sequence[int], *, width_px: int) -> bytes:
        """A JPEG with one row of pictures for each camera and one column for each frame."""
        recorded = self._dataset.take(take)
        size_px = tile_size(recorded, width_px)
        clips = [recorded.clip(camera) for camera in cameras]
        tiles = [clip.frames(frame, frame + 1, size_px=size_px)[0] for clip in clips for frame in frames]
        jpeg = io.BytesIO()
        Image.fromarray(grid(tiles, len(frames))).save(jpeg, format="jpeg", quality=_QUALITY, optimize=True)
        return jpeg.getvalue()

    @cached_property
    def _dataset(self) -> Dataset:
        return dataset_of(self.files)

    def _scenes(self, shard: int) -> Iterator[Scene]:
        for row in self.files.takes(shard).select(_COLUMNS).to_pylist():
            lists = {name: tuple(row[name] or ()) for name in ("characters", "animations")}
            yield Scene(**row | lists)

    def _choices(self) -> dict[str, tuple[str, ...]]:
        if "catalog.toml" not in self.files.store.names(""):
            return {}
        where = self.files.address("catalog.toml")
        try:
            content = self.files.sealed_content("catalog.toml", self.shards[0])
            catalogs = batch_tables(content.decode(), where=where)
            named = {
                kind: dict.fromkeys(str(one["name"]) for catalog in catalogs for one in catalog.get(kind, ()))
                for kind in _CHOICES
            }
            return {kind: tuple(names) for kind, names in named.items()}
        except (UnicodeDecodeError, KeyError, TypeError) as error:
            raise InputError("not a catalog", where=where, fix=RESTORE) from error
