"""Codecs: H.264 for RGB frames, lossless FFV1 for depth and masks; equal input gives equal bytes."""

import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import av.logging
import numpy as np
from av.container import InputContainer
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from jaxtyping import Float, Float32, UInt8, UInt16
from numpy.lib.array_utils import byte_bounds
from numpy.lib.stride_tricks import as_strided

from multitake.errors import InputError
from multitake.input_files import require_file

from .format import DEPTH_UNIT_M, GOP_FRAMES

Image = UInt8[np.ndarray, "height width 3"]
Images = UInt8[np.ndarray, "frames height width 3"]
VideoSource = bytes | Path | str
_GIVE_VIDEO = "give an mp4 or another video file"

# Without macroblock-tree and with one thread, x264 gives equal bytes; fastdecode halves the decoding time.
_H264 = {
    "preset": "veryfast",
    "tune": "fastdecode",
    "crf": "18",
    "flags": "+cgop",
    "g": str(GOP_FRAMES),
    "keyint_min": str(GOP_FRAMES),
    "sc_threshold": "0",
    "x264-params": "mbtree=0",
}
_FFV1 = {"level": "3", "slices": "4", "slicecrc": "1", "g": "1", "flags": "+bitexact"}
_BT709 = 1
_LIMITED = 1
_FLOW_SCALE, _FLOW_ZERO = 64, 2**15
# Space reserved for the index in front of the frames: header, and an upper bound of its bytes per frame.
_MOOV_BYTES, _MOOV_BYTES_PER_FRAME = 2048, 32


class _Encoder:
    """A file with one stream in memory; packets are kept, because the header depends on their number."""

    def __init__(
        self, codec: str, container: str, pixels: str, size_px: tuple[int, int], fps: float | int
    ) -> None:
        rate = Fraction(fps).limit_denominator(1001)
        # Without bitexact Matroska writes a random id and the clock.
        exact = {"fflags": "+bitexact"} if container == "matroska" else {}
        self._size_px = size_px
        self._buffer = io.BytesIO()
        self._file = av.open(self._buffer, "w", format=container, options=exact)
        stream = self._file.add_stream(codec, rate=rate, options=_H264 if codec == "libx264" else _FFV1)
        self._stream = cast(av.VideoStream, stream)
        self._stream.width, self._stream.height = size_px
        self._stream.pix_fmt = pixels
        self._codec = self._stream.codec_context
        self._codec.thread_count = 1
        self._codec.time_base = self._time_base = 1 / rate
        self._reformatter = VideoReformatter()
        self._packets: list[av.Packet] = []
        self._frames = 0

    def _add(self, image: np.ndarray, pixels: str) -> None:
        height, width = image.shape[:2]
        if (width, height) != self._size_px:
            raise ValueError(f"a {width}x{height} frame in a {self._size_px[0]}x{self._size_px[1]} video")
        bgra = _bgra_of(image) if pixels == "rgb24" else None
        frame = (
            av.VideoFrame.from_ndarray(np.ascontiguousarray(image), pixels)
            if bgra is None
            else av.VideoFrame.from_numpy_buffer(bgra, "bgra")
        )
        if self._codec.name == "libx264":
            frame = self._reformatter.reformat(
                frame, format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
        elif pixels != self._stream.pix_fmt:
            frame = self._reformatter.reformat(frame, format=self._stream.pix_fmt)
        frame.pts, frame.time_base = self._frames, self._time_base
        self._frames += 1
        self._packets += self._stream.encode(frame)

    def finish(self) -> bytes:
        """The entire file; no frame can be added afterwards."""
        if not self._frames:
            raise ValueError("a video needs at least one frame")
        self._packets += self._stream.encode(None)
        if self._codec.name == "libx264":
            self._file.options["moov_size"] = str(_MOOV_BYTES + _MOOV_BYTES_PER_FRAME * self._frames)
        for packet in self._packets:
            self._file.mux(packet)
        self._file.close()
        return self._buffer.getvalue()


class VideoEncoder(_Encoder):
    """H.264 mp4 in memory: yuv420p, crf 18, BT.709 limited (converted and tagged), index in front.

    InputError for odd sizes, which 4:2:0 does not allow.
    """

    def __init__(self, width_px: int, height_px: int, fps: float | int) -> None:
        if width_px % 2 or height_px % 2 or min(width_px, height_px) < 2:
            fix = "use even width and height"
            raise InputError(f"size must be even, got {width_px}x{height_px}", where="video size", fix=fix)
        super().__init__("libx264", "mp4", "yuv420p", (width_px, height_px), fps)
        self._codec.color_range, self._codec.colorspace = _LIMITED, _BT709
        self._codec.color_primaries = self._codec.color_trc = _BT709

    def add(self, frame: Image) -> None:
        """Append one RGB frame."""
        self._add(frame, "rgb24")


class DepthEncoder(_Encoder):
    """Lossless 16-bit depth in Matroska: ``round(depth_m / unit_m)``; 0 means no surface, 65535 too far."""

    def __init__(
        self, width_px: int, height_px: int, fps: float | int, *, unit_m: float = DEPTH_UNIT_M
    ) -> None:
        super().__init__("ffv1", "matroska", "gray16le", (width_px, height_px), fps)
        self._unit_m = unit_m

    def add(self, depth_m: Float[np.ndarray, "height width"]) -> None:
        """Append one frame of planar depth in metres; NaN and 0 are no surface, infinity saturates."""
        levels = np.rint(np.nan_to_num(depth_m / self._unit_m, nan=0.0, posinf=65535.0))
        self._add(np.clip(levels, 0, 65535).astype(np.uint16), "gray16le")


class MaskEncoder(_Encoder):
    """Lossless RGB masks in Matroska."""

    def __init__(self, width_px: int, height_px: int, fps: float | int) -> None:
        super().__init__("ffv1", "matroska", "bgr0", (width_px, height_px), fps)

    def add(self, mask: Image) -> None:
        """Append one frame, one colour per object."""
        self._add(mask, "rgb24")


class NormalEncoder(MaskEncoder):
    """Lossless world normals in Matroska: RGB levels ``round(255 (n / 2 + 1 / 2))``; black is no surface."""


class FlowEncoder(_Encoder):
    """Lossless 16-bit flow in Matroska: ``round(64 flow_px + 32768)``, as in KITTI; 0 is unknown.

    The motion to the right is above the motion down: a frame has twice the height of the image.
    """

    def __init__(self, width_px: int, height_px: int, fps: float | int) -> None:
        super().__init__("ffv1", "matroska", "gray16le", (width_px, 2 * height_px), fps)

    def add(self, flow_px: Float[np.ndarray, "height width 2"]) -> None:
        """Append one frame; NaN, and what 16 bits cannot hold (512 pixels), is unknown."""
        levels = np.rint(_FLOW_SCALE * flow_px + _FLOW_ZERO)
        is_known = ((levels > 0) & (levels < 2**16)).all(axis=-1)
        halves = np.where(is_known, np.moveaxis(levels, -1, 0), 0).astype(np.uint16)
        self._add(halves.reshape(-1, levels.shape[1]), "gray16le")


def _bgra_of(image: np.ndarray) -> UInt8[np.ndarray, "height width 4"] | None:
    """The BGRA image whose view an RGB image is, if it is: encoders convert it without a copy."""
    height, width = image.shape[:2]
    if image.strides != (4 * width, 4, -1) or not isinstance(image.base, np.ndarray):
        return None
    bgra = as_strided(image[..., 2], (height, width, 4), (4 * width, 4, 1), writeable=False)
    return bgra if byte_bounds(bgra)[1] <= byte_bounds(image.base)[1] else None


def encode_video(frames: Iterable[Image], *, fps: float | int) -> bytes:
    """The bytes of an mp4 of RGB frames with one even size; see VideoEncoder."""
    encoder: VideoEncoder | None = None
    for frame in frames:
        encoder = encoder or VideoEncoder(frame.shape[1], frame.shape[0], fps)
        encoder.add(frame)
    if encoder is None:
        raise ValueError("a video needs at least one frame")
    return encoder.finish()


def decode_video(
    source: VideoSource,
    *,
    start: int = 0,
    stop: int | None = None,
    size_px: tuple[int, int] | None = None,
) -> Images:
    """RGB frames ``start .. stop`` (to the end if None) of a video file or its bytes.

    Decoding starts at the last keyframe up to ``start``; bytes may end after the GOP of the last frame.
    ``size_px`` = (width, height) resizes (area average). InputError if it is not a video, if it has fewer
    frames, or for an empty window or size.
    """
    return _decoded(source, "rgb24", start, stop, size_px)


def video_frames(source: VideoSource, start: int, stop: int) -> Iterator[av.VideoFrame]:
    """Frames ``start .. stop`` as the decoder gives them; each is valid until the next one.

    InputError if it is not a video, or if it has fewer frames.
    """
    count = start
    with _opened(source, is_probed=False) as file:
        for frame in _window(file, start, stop):
            yield frame
            count += 1
    if count < stop:
        raise _no_frame(source, count, start, stop)


def decode_mask(source: VideoSource, *, start: int = 0, stop: int | None = None) -> Images:
    """Masks that MaskEncoder wrote."""
    return _decoded(source, "rgb24", start, stop, None)


def decode_depth(
    source: VideoSource, *, start: int = 0, stop: int | None = None
) -> UInt16[np.ndarray, "frames height width"]:
    """Depth in the units of DepthEncoder: metres = value x unit, 0 means no surface."""
    return _decoded(source, "gray16le", start, stop, None)


def decode_normals(
    source: VideoSource, *, start: int = 0, stop: int | None = None
) -> Float32[np.ndarray, "frames height width 3"]:
    """Unit normals that NormalEncoder wrote; 0 where there is no surface."""
    levels = _decoded(source, "rgb24", start, stop, None)
    normals = levels.astype(np.float32) * np.float32(2 / 255) - 1
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    normals[~levels.any(axis=-1)] = 0
    return normals


def decode_flow(
    source: VideoSource, *, start: int = 0, stop: int | None = None
) -> Float32[np.ndarray, "frames height width 2"]:
    """Flow in pixels that FlowEncoder wrote; NaN where it is unknown."""
    halves = np.split(_decoded(source, "gray16le", start, stop, None), 2, axis=1)
    levels = np.stack(halves, axis=-1)
    flow_px = (levels.astype(np.float32) - _FLOW_ZERO) / _FLOW_SCALE
    flow_px[levels == 0] = np.nan
    return flow_px


def video_format(source: VideoSource) -> str:
    """Codec and pixel format, such as ``ffv1 gray16le``; InputError if it is not a video."""
    with _opened(source) as file:
        codec = file.streams.video[0].codec_context
        return f"{codec.name} {codec.pix_fmt}"


def video_size(source: VideoSource) -> tuple[int, int]:
    """(width, height) as the file says; InputError if it is not a video."""
    with _opened(source, is_probed=False) as file:
        return file.streams.video[0].width, file.streams.video[0].height


def video_fps(source: VideoSource) -> float:
    """Frames per second as the file says; InputError if it is not a video, or does not say it."""
    with _opened(source, is_probed=False) as file:
        rate = file.streams.video[0].average_rate
    if not rate:
        raise InputError("states no frame rate", where=_place(source), fix=_GIVE_VIDEO)
    return float(rate)


def video_shape(source: VideoSource) -> tuple[int, int, int]:
    """(frames, height, width), from decoding every frame; InputError if it is not a video, or is damaged."""
    # FFV1's decoder reports a wrong checksum in its log alone, and returns the frame.
    with _opened(source) as file, _decoder_errors() as errors:
        stream = file.streams.video[0]
        frames = sum(1 for _ in _window(file, 0, None))
        shape = frames, stream.height, stream.width
    if errors:
        what = f"the video is damaged ({errors[0][2].strip()})"
        raise InputError(what, where=_place(source), fix=_GIVE_VIDEO)
    return shape


def frame_count(source: VideoSource) -> int:
    """The number of frames, without decoding any; InputError if it is not a video."""
    with _opened(source) as file:
        return sum(1 for packet in file.demux(file.streams.video[0]) if packet.size)


@contextmanager
def _decoder_errors() -> Iterator[list[tuple[int, str, str]]]:
    """The errors in the decoder's log meanwhile: level, decoder, text."""
    level = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as errors:
            yield errors
    finally:
        av.logging.set_level(level)


def gop_ends(video: bytes) -> tuple[int, ...]:
    """Sizes of the beginnings of the file that contain the first 20, 40, ... frames, whatever its keyframes.

    The last one contains all frames. The index of the file must be in front.
    """
    with _opened(video) as file:
        packets = [p for p in file.demux(file.streams.video[0]) if p.size and p.pos is not None]
    # A frame is decoded from packets up to its own one in decoding order, which is that of the file.
    ends = np.maximum.accumulate([(packet.pos or 0) + packet.size for packet in packets])
    shown = np.argsort([packet.pts or 0 for packet in packets], kind="stable")
    last_packet = np.maximum.accumulate(shown)
    frames = [*range(GOP_FRAMES, len(packets), GOP_FRAMES), len(packets)]
    return tuple(int(ends[last_packet[frame - 1]]) for frame in frames)


def checked_size(size_px: tuple[int, int] | None, where: str) -> tuple[int, int] | None:
    """``size_px``, which is None or positive; else InputError."""
    if size_px is not None and min(size_px) < 1:
        raise InputError(f"empty size {size_px[0]}x{size_px[1]} px", where=where, fix="give 1 or more")
    return size_px


def _decoded(
    source: VideoSource, pixels: str, start: int, stop: int | None, size_px: tuple[int, int] | None
) -> np.ndarray:
    if start < 0 or (stop is not None and stop <= start):
        what, fix = f"empty frame range {start}..{'' if stop is None else stop}", "give 0 <= start < stop"
        raise InputError(what, where=_place(source), fix=fix)
    width, height = checked_size(size_px, _place(source)) or (None, None)
    # One for all frames: setting up a conversion takes longer than converting.
    reformatter = VideoReformatter()
    with _opened(source) as file:
        window = [
            reformatter.reformat(frame, width, height, pixels, interpolation=Interpolation.AREA).to_ndarray()
            for frame in _window(file, start, stop)
        ]
    if not window or (stop is not None and len(window) < stop - start):
        raise _no_frame(source, start + len(window), start, stop)
    return np.stack(window)


def _no_frame(source: VideoSource, frame: int, start: int, stop: int | None) -> InputError:
    what = f"has no frame {frame} (requested: {start}..{'' if stop is None else stop})"
    return InputError(what, where=_place(source), fix="give a longer video or a shorter range")


def _window(file: InputContainer, start: int, stop: int | None) -> Iterator[av.VideoFrame]:
    stream = file.streams.video[0]
    # With frame threads, a reader that stops early can hang.
    stream.thread_type = "NONE"
    rate, tick = stream.average_rate or Fraction(1), stream.time_base or Fraction(1)
    begin, frames_per_tick = stream.start_time or 0, tick * rate
    if not start:
        yield from itertools.islice(file.decode(stream), stop)
        return

    def index_of(frame: av.VideoFrame) -> int:
        return round(((frame.pts or 0) - begin) * frames_per_tick)

    for frame in _from_keyframe(file, start, begin, frames_per_tick, index_of):
        index = index_of(frame)
        if index >= start:
            yield frame
        if stop is not None and index >= stop - 1:
            return


def _from_keyframe(
    file: InputContainer,
    start: int,
    begin: int,
    frames_per_tick: Fraction,
    index_of: Callable[[av.VideoFrame], int],
) -> Iterator[av.VideoFrame]:
    """Frames from the last keyframe that frame ``start`` can be decoded from."""
    stream, place = file.streams.video[0], start
    while True:
        file.seek(begin + int(place / frames_per_tick), stream=stream)
        frames = file.decode(stream)
        first = next(frames, None)
        late = index_of(first) - start if first else 0
        if first and (late <= 0 or not place):
            yield first
        if late <= 0 or not place:
            yield from frames
            return
        # Frames shown before the keyframe of an open group of pictures need the group before.
        place = max(0, place - 2 * late)


@contextmanager
def _opened(source: VideoSource, *, is_probed: bool = True) -> Iterator[InputContainer]:
    """The file; its pixel format is known if it is probed, for which the first frame is decoded."""
    if not isinstance(source, bytes):
        require_file(Path(source), fix=_GIVE_VIDEO)
    content = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    # Typed as texts in PyAV.
    options: Any = None if is_probed else [{"skip_frame": "all"}]
    try:
        with av.open(content, "r", stream_options=options) as file:
            if not file.streams.video:
                raise InputError("no video stream", where=_place(source), fix=_GIVE_VIDEO)
            yield file
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        what = f"not a readable video ({reason})"
        raise InputError(what, where=_place(source), fix=_GIVE_VIDEO) from error


def _place(source: VideoSource) -> str:
    return "video" if isinstance(source, bytes) else str(source)
