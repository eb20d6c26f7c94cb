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


@dataclass(frozen=True, kw_only=True)
class StoredStreams:
    """Checksums of a data set: of the members of all cameras, and of the poses of all clips, by name."""

    url: str
    size_px: tuple[int, int]
    members: dict[str, tuple[int, int]]
    poses: dict[str, int]


def stored_streams(dataset: Dataset) -> StoredStreams:
    """The streams of a data set; InputError if one of its tables is damaged."""
    size_px = dataset.info.width_px, dataset.info.height_px
    return StoredStreams(
        url=dataset.files.url, size_px=size_px, members=_members(dataset), poses=_poses(dataset)
    )


def compare_streams(source: StoredStreams, new: StoredStreams) -> StreamComparison:
    """Compare the takes and cameras that both have: members by their checksums in the index, and all poses.

    Members of images of different sizes are not compared.
    """
    members = source.members.keys() & new.members.keys() if source.size_px == new.size_px else set()
    clips = source.poses.keys() & new.poses.keys()
    differ = [name for name in members if source.members[name] != new.members[name]]
    differ += [name for name in clips if source.poses[name] != new.poses[name]]
    return StreamComparison(
        source=source.url, streams=len(members), clips=len(clips), differ=tuple(sorted(differ))
    )


def flags_by_camera(dataset: Dataset, cameras: Collection[str]) -> dict[str, Counter[str]]:
    """How many clips of some cameras have each flag."""
    found = {camera: Counter[str]() for camera in sorted(cameras)}
    for clips in SealedClips(files=dataset.files, shards=dataset.shards):
        for camera, flags in zip(clips["camera"].tolist(), clips["flags"].tolist(), strict=True):
            if camera in found:
                found[camera].update(flags)
    return found


def _members(dataset: Dataset) -> dict[str, tuple[int, int]]:
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
