"""Decoding a window of a clip straight into memory that is used again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from jaxtyping import UInt8

from ..video import VideoSource, video_frames, video_size
from .choice import Window
from .framing import Framing, Size, framing
from .settings import Pixels

_BT709, _LIMITED = 1, 1
# A little less than 32 MiB, the largest block from which glibc learns.
_LARGE_BYTES = 2**25 - 2**16


@dataclass(frozen=True, kw_only=True)
class ClipMemory:
    """Where the frames of a clip are put: RGB images, or the planes Y, U and V; U and V are half as large."""

    planes: tuple[UInt8[np.ndarray, "frames ..."], ...]

    @classmethod
    def within(
        cls, content: UInt8[np.ndarray, " bytes"], frames: int, size_px: Size, pixels: Pixels
    ) -> "ClipMemory":
        """The memory of a clip within bytes; it has ``clip_bytes`` of them."""
        planes, start = [], 0
        for shape in _shapes(frames, size_px, pixels):
            size = int(np.prod(shape))
            planes.append(content[start : start + size].reshape(shape))
            start += size
        return cls(planes=tuple(planes))


def clip_bytes(frames: int, size_px: Size, pixels: Pixels) -> int:
    """How many bytes the frames of a clip have; none if they are not decoded."""
    return sum(int(np.prod(shape)) for shape in _shapes(frames, size_px, pixels))


@cache
def keep_freed_memory() -> None:
    """Let this process use freed memory again, instead of returning it to the system.

    Decoders free memory after each clip, and new pages cost time. glibc keeps up to twice the largest mapped
    block, of at most 32 MiB, that was freed. Without glibc nothing happens.
    """
    bytes(_LARGE_BYTES)


def decode_into(memory: ClipMemory, video: VideoSource, window: Window, framing: Framing) -> None:
    """Decode the frames of a window, scaled and cropped; InputError if the video is damaged or too short."""
    decoded = _images(video, window, framing, is_rgb=len(memory.planes) == 1)
    for number, images in enumerate(decoded):
        for plane, image in zip(memory.planes, images, strict=True):
            np.copyto(plane[number], image)


def fitted_video(
    video: VideoSource, frames: Sequence[int], size_px: Size
) -> UInt8[np.ndarray, "frames height width 3"]:
    """RGB images of some frames of any video, in ascending order; frames can come several times.

    They are fitted as those of pairs: scaled to cover a size, and cropped. InputError if it is not a video,
    or if it has fewer frames.
    """
    window = Window(first=0, frames=max(frames) + 1, stride=1)
    images = np.empty((len(frames), size_px[1], size_px[0], 3), dtype=np.uint8)
    decoded = _images(video, window, framing(video_size(video), size_px), is_rgb=True)
    for number, (image,) in enumerate(decoded):
        first, stop = np.searchsorted(frames, [number, number + 1])
        images[first:stop] = image
    return images


def _shapes(frames: int, size_px: Size, pixels: Pixels) -> tuple[tuple[int, ...], ...]:
    width, height = size_px
    if pixels in ("stored", "none"):
        return ()
    if pixels == "rgb":
        return ((frames, height, width, 3),)
    half = (frames, height // 2, width // 2)
    return (frames, height, width), half, half


def _images(
    video: VideoSource, window: Window, framing: Framing, *, is_rgb: bool
) -> Iterator[tuple[UInt8[np.ndarray, "..."], ...]]:
    """The planes of each frame of a window; they are valid until the next ones."""
    # One for all frames: setting up a conversion takes longer than converting.
    reformatter = VideoReformatter()
    left, top = framing.corner_px
    width, height = framing.size_px
    for number, frame in enumerate(video_frames(video, window.first, window.stop)):
        if number % window.stride:
            continue
        fitted = _fitted(frame, framing, reformatter, is_rgb=is_rgb)
        if is_rgb:
            image = _lines(fitted.planes[0], 3).reshape(fitted.height, fitted.width, 3)
            yield (image[top : top + height, left : left + width],)
        else:
            y, u, v = map(_lines, fitted.planes)
            rows, columns = slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2)
            yield y[top : top + height, left : left + width], u[rows, columns], v[rows, columns]


def _fitted(
    frame: av.VideoFrame, framing: Framing, reformatter: VideoReformatter, *, is_rgb: bool
) -> av.VideoFrame:
    """The frame in the scaled size: in RGB, or yuv420p of BT.709 and limited range."""
    width, height = framing.scaled_px
    is_scaled = framing.scaled_px != framing.filmed_px
    is_stored_so = (frame.format.name, frame.colorspace, frame.color_range) == ("yuv420p", _BT709, _LIMITED)
    if not is_rgb and is_stored_so and not is_scaled:
        return frame
    changes_colours = not is_rgb and not is_stored_so
    return reformatter.reformat(
        frame,
        width=width,
        height=height,
        format="rgb24" if is_rgb else "yuv420p",
        dst_colorspace=Colorspace.ITU709 if changes_colours else None,
        dst_color_range=ColorRange.MPEG if changes_colours else None,
        interpolation=Interpolation.AREA if width < framing.filmed_px[0] else Interpolation.BICUBIC,
    )


def _lines(plane: Any, channels: int = 1) -> UInt8[np.ndarray, "height values"]:
    """The lines of a plane, without the bytes that fill them up."""
    lines = np.frombuffer(plane, dtype=np.uint8).reshape(-1, plane.line_size)
    return lines[: plane.height, : plane.width * channels]
