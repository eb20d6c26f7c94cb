"""The videos of a data set for the audit; each is read when it is asked for."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import Interpolation, VideoReformatter
from jaxtyping import Float32, UInt8

from trajectories import Recording, VideoFile

from .files import Files
from .reading import Dataset, dataset_of

_COARSE_PX = (32, 18)
_MEDIAN_AND_MOST = (0.5, 0.95)


@dataclass(frozen=True, kw_only=True)
class DatasetVideos:
    """The videos of sealed shards, ``without`` some cameras; see ``trajectories.videos.Videos``."""

    files: Files
    shards: tuple[int, ...]
    without: tuple[str, ...] = ()

    def listed(self) -> Iterator[VideoFile]:
        """The videos of all clips, from the index alone."""
        for shard in self.shards:
            index = self.files.index(shard).select(["take", "camera", "kind", "size", "crc32"])
            for one in index.to_pylist():
                if one["kind"] == "video" and one["camera"] not in self.without:
                    digest = f"{one['crc32']:08x}-{one['size']}"
                    yield VideoFile(take=one["take"], camera=one["camera"], digest=digest)

    def recording(self, take: str, camera: str, frames: Sequence[int], *, longest_px: int) -> Recording:
        """A video with some of its images; InputError if it is missing or damaged."""
        found = self._dataset.take(take)
        content = found.content("video", camera)
        with found.parsing_member("video", camera), av.open(io.BytesIO(content), "r") as file:
            return _recording(file, frames, longest_px)

    @cached_property
    def _dataset(self) -> Dataset:
        return dataset_of(self.files)


def _recording(file: InputContainer, frames: Sequence[int], longest_px: int) -> Recording:
    stream = file.streams.video[0]
    # With frame threads, a reader that stops early can hang.
    stream.thread_type = "NONE"
    count, images, coarse = 0, [], []
    reformatter, to_coarse = VideoReformatter(), VideoReformatter()
    for image in file.decode(stream):
        if count in frames:
            images.append(_grey(image, _size_px(image, longest_px), reformatter))
        coarse.append(_fine_grey(image, _COARSE_PX, to_coarse))
        count += 1
    return Recording(
        frames=count,
        fps=float(stream.average_rate or 0),
        width_px=stream.width,
        height_px=stream.height,
        shown=tuple(frame for frame in frames if frame < count),
        images=np.stack(images) if images else np.zeros((0, stream.height, stream.width), dtype=np.uint8),
        changes=_changes(coarse),
    )


def _changes(coarse: Sequence[np.ndarray]) -> Float32[np.ndarray, "changes 2"]:
    """The median change of coarse images, and that which few cells exceed."""
    if len(coarse) < 2:
        return np.zeros((0, 2), dtype=np.float32)
    change = np.abs(np.diff(np.stack(coarse), axis=0)).reshape(len(coarse) - 1, -1)
    return np.quantile(change, _MEDIAN_AND_MOST, axis=1).T.astype(np.float32)


def _fine_grey(
    image: av.VideoFrame, size_px: tuple[int, int], reformatter: VideoReformatter
) -> Float32[np.ndarray, "height width"]:
    """The brightness of a frame in another size, with fractions of levels of 255."""
    scaled = reformatter.reformat(image, *size_px, "gray16le", interpolation=Interpolation.AREA)
    return scaled.to_ndarray().astype(np.float32) / np.float32(257)


def _size_px(image: av.VideoFrame, longest_px: int) -> tuple[int, int]:
    share = min(1.0, longest_px / max(image.width, image.height))
    return round(share * image.width), round(share * image.height)


def _grey(
    image: av.VideoFrame, size_px: tuple[int, int], reformatter: VideoReformatter
) -> UInt8[np.ndarray, "height width"]:
    """The brightness of a frame in another size."""
    return reformatter.reformat(image, *size_px, "gray", interpolation=Interpolation.AREA).to_ndarray()
