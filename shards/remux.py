"""Videos with the same packets in another file: nothing is encoded again."""

import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import cast

import av
from av.container import InputContainer, OutputContainer

from multitake.errors import InputError
from multitake.input_files import parsing

_FIX = "give an mp4 that a player can open"
# An upper bound of the index: of the file, and of each frame.
_MOOV_BYTES, _MOOV_BYTES_PER_FRAME = 4096, 32
_BOX_HEADER = 8


@dataclass(frozen=True, kw_only=True)
class VideoFacts:
    """What a video has. ``pixels`` is its pixel format, such as ``yuv420p``; ``parameters`` are what its
    decoder needs in addition to the packets.
    """

    frames: int
    width_px: int
    height_px: int
    fps: float
    codec: str
    pixels: str
    parameters: bytes


def video_facts(video: bytes) -> VideoFacts:
    """Read all packets of a video, and decode the first frame.

    InputError if it cannot be read, is truncated, or has frames at uneven times.
    """
    with _opened(video) as (file, stream):
        first = next(file.decode(stream))
    with _opened(video) as (file, stream):
        packets = [packet for packet in file.demux(stream) if packet.size]
        if any(packet.is_corrupt for packet in packets) or len(packets) < stream.frames:
            raise InputError("the video is truncated", where="video", fix=_FIX)
        times = sorted(packet.pts or 0 for packet in packets)
        steps = {after - before for before, after in pairwise(times)}
        if not stream.average_rate or max(steps, default=1) - min(steps, default=1) > 1:
            raise InputError("its frames are not at even times", where="video", fix=_FIX)
        return VideoFacts(
            frames=len(packets),
            width_px=first.width,
            height_px=first.height,
            fps=float(Fraction(stream.average_rate).limit_denominator(1001)),
            codec=stream.codec_context.name,
            pixels=first.format.name,
            parameters=stream.codec_context.extradata or b"",
        )


def index_in_front(video: bytes) -> bytes:
    """An mp4 with one stream, and its index in front of the frames; ``video`` itself if it is one.

    InputError if it cannot be read.
    """
    boxes = list(_boxes(video))
    with _opened(video) as (file, _):
        is_plain = len(file.streams) == 1 and "moof" not in boxes
    is_in_front = "mdat" in boxes and "moov" in boxes[: boxes.index("mdat")]
    return video if is_plain and is_in_front else joined([video])


def joined(videos: Sequence[bytes]) -> bytes:
    """The frames of several videos, one after the other, as one mp4 with its index in front.

    Equal videos give equal bytes. All must have the codec, size and parameters of the first; InputError if
    one cannot be read.
    """
    with ExitStack() as opened, parsing("cannot be joined", where="video", fix=_FIX):
        sources = [opened.enter_context(_opened(video)) for video in videos]
        template, packets, start = sources[0][1], list[av.Packet](), Fraction(0)
        for file, stream in sources:
            found = [packet for packet in file.demux(stream) if packet.size]
            tick = Fraction(cast(Fraction, stream.time_base))
            # Edit lists let the first frame be later than 0.
            shift = round(start / tick) - min(packet.pts or 0 for packet in found)
            for packet in found:
                packet.pts, packet.dts = (packet.pts or 0) + shift, (packet.dts or 0) + shift
            packets += found
            start += len(found) / Fraction(cast(Fraction, stream.average_rate))
        return _muxed(template, packets)


def _muxed(template: av.VideoStream, packets: Sequence[av.Packet]) -> bytes:
    sink = io.BytesIO()
    options = {
        "fflags": "+bitexact",
        "moov_size": str(_MOOV_BYTES + _MOOV_BYTES_PER_FRAME * len(packets)),
    }
    with cast(OutputContainer, av.open(sink, "w", format="mp4", options=options)) as output:
        stream = output.add_stream_from_template(template)
        stream.time_base = template.time_base
        for packet in packets:
            packet.stream = stream
            output.mux(packet)
    return sink.getvalue()


def _boxes(video: bytes) -> Iterator[str]:
    """The names of the boxes at the top of an mp4; none after one whose size is invalid."""
    place = 0
    while place + _BOX_HEADER <= len(video):
        size, name = int.from_bytes(video[place : place + 4]), video[place + 4 : place + _BOX_HEADER]
        yield name.decode("latin-1")
        if size == 1:
            size = int.from_bytes(video[place + _BOX_HEADER : place + 2 * _BOX_HEADER])
        if size < _BOX_HEADER:
            return
        place += size


@contextmanager
def _opened(video: bytes) -> Iterator[tuple[InputContainer, av.VideoStream]]:
    with (
        parsing("not a readable video", where="video", fix=_FIX),
        av.open(io.BytesIO(video), "r") as file,
    ):
        if not file.streams.video:
            raise InputError("no video stream", where="video", fix=_FIX)
        # With frame threads, a reader that stops early can hang.
        file.streams.video[0].thread_type = "NONE"
        yield file, file.streams.video[0]
