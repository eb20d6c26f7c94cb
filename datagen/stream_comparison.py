"""Whether a data set has the streams and the poses of another one that it films again."""

import zlib
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from shards import Dataset, SealedClips

_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class StreamComparison:
    """What two data sets have in common, take by take and camera by camera.

    Attributes:
        streams: members of cameras that both have; 0 if their images have different sizes.
        clips: clips that both have, whose poses are compared.
        differ: what differs: ``TAKE: camNN KIND``, or ``TAKE: camNN poses``.
    """

    source: str
    streams: int
    clips: int
    differ: tuple[str, ...]

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not self.differ

    def lines(self) -> Iterator[str]:
        """The comparison as text."""
        poses = sum(name.endswith(" poses") for name in self.differ)
        streams = self.streams - (len(self.differ) - poses)
        what = f"poses of {self.clips - poses} of {self.clips} clips equal"
        if self.streams:
            what = f"{streams} of {self.streams} streams byte-equal, {what}"
        yield f"compared with {self.source}: {what}"
        yield from (f"differs: {name}" for name in self.differ[:_MOST_NAMED])
        if len(self.differ) > _MOST_NAMED:
            yield f"... and {len(self.differ) - _MOST_NAMED} more"


def compare_streams(source: Dataset, new: Dataset) -> StreamComparison:
    """Compare the takes and cameras that both have: streams by their checksums in the index, and all poses.

    Streams of images of different sizes are not compared.
    """
    sizes = [(one.info.width_px, one.info.height_px) for one in (source, new)]
    old_streams, new_streams = ({}, {}) if sizes[0] != sizes[1] else (_streams(source), _streams(new))
    streams = old_streams.keys() & new_streams.keys()
    old_poses, new_poses = _poses(source), _poses(new)
    clips = old_poses.keys() & new_poses.keys()
    differ = [name for name in streams if old_streams[name] != new_streams[name]]
    differ += [name for name in clips if old_poses[name] != new_poses[name]]
    return StreamComparison(
        source=source.files.url, streams=len(streams), clips=len(clips), differ=tuple(sorted(differ))
    )


def flags_by_camera(dataset: Dataset, cameras: Collection[str]) -> dict[str, Counter[str]]:
    """How many clips of some cameras have each flag."""
    found = {camera: Counter[str]() for camera in sorted(cameras)}
    for clips in SealedClips(files=dataset.files, shards=dataset.shards):
        for camera, flags in zip(clips["camera"].tolist(), clips["flags"].tolist(), strict=True):
            if camera in found:
                found[camera].update(flags)
    return found


def _streams(dataset: Dataset) -> dict[str, tuple[int, int]]:
    """Size and checksum of each member of a camera."""
    found = {}
    for shard in dataset.shards:
        table = dataset.files.index(shard)
        names = ("take", "camera", "kind", "size", "crc32")
        for take, camera, kind, size, crc32 in zip(*(table[name].to_pylist() for name in names), strict=True):
            if camera:
                found[f"{take}: {camera} {kind}"] = size, crc32
    return found


def _poses(dataset: Dataset) -> dict[str, int]:
    """The checksum of the stored poses of each clip."""
    found = {}
    for clips in SealedClips(files=dataset.files, shards=dataset.shards):
        poses = clips.poses.world_from_camera.astype(np.float32)
        for take, camera, one in zip(clips["take"].tolist(), clips["camera"].tolist(), poses, strict=True):
            found[f"{take}: {camera} poses"] = zlib.crc32(one.tobytes())
    return found
