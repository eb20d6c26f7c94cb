"""What codecs of video cost: bytes of a clip, quality, and processor time to encode and to decode it.

For each setting: ``NAME_kb`` of a clip of 81 frames of 672x384, ``NAME_psnr_db`` of its luma,
``NAME_encode_fps`` and ``NAME_decode_ms`` of frames 20 to 60. The table in ``shards/README.md`` is from this.
"""

import io
from collections.abc import Iterator, Mapping
from fractions import Fraction
from time import process_time

import av
import numpy as np

from .figures import Figure, seconds_of
from .stream_set import FRAMES, SIZE_PX, clip_images

_X264 = {"preset": "veryfast", "flags": "+cgop", "sc_threshold": "0"}
_FAST = {**_X264, "tune": "fastdecode", "x264-params": "mbtree=0"}
_OF_20 = {"g": "20", "keyint_min": "20"}
SETTINGS: Mapping[str, tuple[str, str, dict[str, str]]] = {
    "x264_crf18": ("libx264", "yuv420p", {**_X264, **_OF_20, "crf": "18"}),
    "x264_crf23": ("libx264", "yuv420p", {**_X264, **_OF_20, "crf": "23"}),
    "chosen_crf18": ("libx264", "yuv420p", {**_FAST, **_OF_20, "crf": "18"}),
    "chosen_crf21": ("libx264", "yuv420p", {**_FAST, **_OF_20, "crf": "21"}),
    "chosen_crf23": ("libx264", "yuv420p", {**_FAST, **_OF_20, "crf": "23"}),
    "chosen_one_gop": ("libx264", "yuv420p", {**_FAST, "g": "81", "crf": "18"}),
    "chosen_all_keys": ("libx264", "yuv420p", {**_FAST, "g": "1", "crf": "18"}),
    "x265_crf20": (
        "libx265",
        "yuv420p",
        {"preset": "fast", "crf": "20", "x265-params": "log-level=none:keyint=20"},
    ),
    "av1_crf30": ("libsvtav1", "yuv420p", {"preset": "10", "crf": "30", "g": "20"}),
    "lossless_x264": ("libx264", "yuv420p", {"preset": "ultrafast", "qp": "0", **_OF_20}),
    "lossless_ffv1": ("ffv1", "yuv420p", {"level": "3", "g": "1"}),
}


def measure(*, quick: bool) -> Iterator[Figure]:
    images = list(clip_images(0, "cam01", SIZE_PX, 41 if quick else FRAMES))
    frames = [av.VideoFrame.from_ndarray(image, "rgb24").reformat(format="yuv420p") for image in images]
    for name, (codec, pixels, options) in SETTINGS.items():
        began_s = process_time()
        video = _encoded(frames, codec, pixels, options)
        encode_s = process_time() - began_s
        decode_s = min(
            seconds_of(lambda video=video: list(_decoded(video, 20, 61)), process_time) for _ in range(5)
        )
        lumas = zip(_decoded(video, 0, len(frames)), frames, strict=True)
        errors = [float(((got - _luma(frame).astype(np.float32)) ** 2).mean()) for got, frame in lumas]
        mean = float(np.mean(errors))
        yield _figure(f"{name}_kb", len(video) / 1e3, "kB")
        yield _figure(f"{name}_psnr_db", 10 * np.log10(255**2 / mean) if mean else float("inf"), "dB")
        yield _figure(f"{name}_encode_fps", len(frames) / encode_s, "frames/s")
        yield _figure(f"{name}_decode_ms", decode_s * 1e3, "ms")


def _figure(name: str, value: float, unit: str) -> Figure:
    return Figure(benchmark="codecs", figure=name, value=value, unit=unit)


def _encoded(frames: list[av.VideoFrame], codec: str, pixels: str, options: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as file:
        stream = file.add_stream(codec, rate=15, options=options)
        stream.width, stream.height = SIZE_PX
        stream.pix_fmt = pixels
        stream.codec_context.thread_count = 1
        for number, frame in enumerate(frames):
            frame.pts, frame.time_base = number, Fraction(1, 15)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return buffer.getvalue()


def _decoded(video: bytes, start: int, stop: int) -> Iterator[np.ndarray]:
    """The luma of some frames."""
    with av.open(io.BytesIO(video), "r") as file:
        stream = file.streams.video[0]
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        if start:
            file.seek(int(start / 15 / stream.time_base), stream=stream)
        for frame in file.decode(stream):
            number = round(frame.pts * stream.time_base * 15)
            if number >= stop:
                return
            if number >= start:
                yield _luma(frame)


def _luma(frame: av.VideoFrame) -> np.ndarray:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
