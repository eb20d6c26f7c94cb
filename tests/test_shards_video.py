"""Codecs: windows, colours, determinism, lossless passes, and files that are not videos."""

import hashlib
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from conftest import textured_frames

from multitake.errors import InputError
from multitake.randomness import rng_for
from shards import (
    DepthEncoder,
    MaskEncoder,
    VideoEncoder,
    decode_depth,
    decode_mask,
    decode_video,
    encode_video,
)
from shards.video import gop_ends

_ENCODE = """
import hashlib, sys
from conftest import textured_frames
from shards import DepthEncoder, MaskEncoder, encode_video
frames = textured_frames("determinism", frames=45, size_px=(96, 64))
depth, mask = DepthEncoder(96, 64, 15.0), MaskEncoder(96, 64, 15.0)
for frame in frames[:5]:
    depth.add(frame[..., 0] / 10)
    mask.add(frame)
for content in (encode_video(frames, fps=15.0), depth.finish(), mask.finish()):
    print(hashlib.sha256(content).hexdigest())
"""


@pytest.fixture(scope="module")
def long_video() -> bytes:
    return encode_video(textured_frames("long", frames=45), fps=15.0)


def test_equal_frames_give_equal_bytes_in_two_processes() -> None:
    folders = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]
    script = f"import sys; sys.path[:0] = {folders!r}\n{_ENCODE}"
    runs = [subprocess.run([sys.executable, "-c", script], capture_output=True, check=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert len(set(runs[0].stdout.split())) == 3


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (0, 20), (0, 45), (1, 3), (19, 21), (20, 40), (33, 44), (44, 45), (40, None)]
)
def test_a_window_is_a_slice_of_all_frames(long_video: bytes, start: int, stop: int | None) -> None:
    whole = decode_video(long_video)
    assert np.array_equal(decode_video(long_video, start=start, stop=stop), whole[start:stop])


def test_the_bytes_up_to_a_gops_end_decode_that_gop(long_video: bytes) -> None:
    ends = gop_ends(long_video)
    assert len(ends) == 3 and ends[-1] == len(long_video)
    whole = decode_video(long_video)
    assert np.array_equal(decode_video(long_video[: ends[0]], stop=20), whole[:20])
    assert np.array_equal(decode_video(long_video[: ends[1]], start=20, stop=40), whole[20:40])
    with pytest.raises(InputError, match="has no frame 20"):
        decode_video(long_video[: ends[0]], stop=45)


def test_the_index_is_in_front_of_any_number_of_frames() -> None:
    video = encode_video(textured_frames("very long", frames=600, size_px=(16, 16)), fps=29.97)
    assert 0 < video.find(b"moov") < video.find(b"mdat")
    assert len(decode_video(video)) == 600


def test_flat_colours_survive_bt709() -> None:
    corners = np.array([(r, g, b) for r in (16, 235) for g in (16, 235) for b in (16, 235)], dtype=np.uint8)
    for colour in corners:
        flat = np.broadcast_to(colour, (2, 32, 32, 3)).copy()
        assert np.abs(decode_video(encode_video(flat, fps=15.0)).astype(int) - colour).max() <= 4


def test_the_stream_is_tagged_as_it_is_converted(long_video: bytes, tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(long_video)
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        codec = stream.codec_context
        assert (codec.name, codec.pix_fmt, stream.average_rate, stream.frames) == ("h264", "yuv420p", 15, 45)
        assert (codec.colorspace, codec.color_range, codec.color_primaries, codec.color_trc) == (1, 1, 1, 1)
        # Red's luma is 63 in BT.709 limited range and 82 in BT.601.
    red = np.broadcast_to(np.array([255, 0, 0], np.uint8), (1, 32, 32, 3)).copy()
    path.write_bytes(encode_video(red, fps=15.0))
    with av.open(str(path)) as file:
        luma = next(file.decode(video=0)).to_ndarray()[:32].mean()
    assert abs(luma - 63) <= 2


def test_resizing_averages(long_video: bytes) -> None:
    whole = decode_video(long_video, stop=2)
    small = decode_video(long_video, stop=2, size_px=(32, 24))
    assert small.shape == (2, 24, 32, 3)
    averaged = whole.reshape(2, 24, 2, 32, 2, 3).mean(axis=(2, 4))
    assert np.abs(small - averaged).mean() < 8


def test_depth_is_exact_in_its_unit_and_saturates() -> None:
    depth_m = np.linspace(0.0, 60.0, 48 * 31, dtype=np.float32).reshape(31, 48)
    depth_m[0, :3] = np.nan, np.inf, 70.0
    encoder = DepthEncoder(48, 31, 15.0)
    for _ in range(3):
        encoder.add(depth_m)
    levels = decode_depth(encoder.finish())
    assert levels.shape == (3, 31, 48) and levels.dtype == np.uint16
    assert levels[1, 0, :3].tolist() == [0, 65535, 65535]
    assert np.abs(levels[1, 1:] * 0.001 - depth_m[1:]).max() <= 0.00051


def test_masks_are_lossless() -> None:
    masks = np.random.default_rng(0).integers(0, 256, (3, 31, 47, 3), dtype=np.uint8)
    encoder = MaskEncoder(47, 31, 15.0)
    for mask in masks:
        encoder.add(mask)
    content = encoder.finish()
    assert np.array_equal(decode_mask(content), masks)
    assert np.array_equal(decode_mask(content, start=1, stop=2), masks[1:2])


def test_odd_and_wrong_sizes_are_errors() -> None:
    with pytest.raises(InputError, match="size must be even, got 64x47"):
        VideoEncoder(64, 47, 15.0)
    encoder = VideoEncoder(64, 48, 15.0)
    with pytest.raises(ValueError, match="a 32x48 frame in a 64x48 video"):
        encoder.add(np.zeros((48, 32, 3), np.uint8))


def test_files_that_are_not_videos_are_named(tmp_path: Path, long_video: bytes) -> None:
    text = tmp_path / "notes.mp4"
    text.write_text("not a film\n" * 100)
    with pytest.raises(InputError, match=r"notes\.mp4: not a readable video"):
        decode_video(text)
    with pytest.raises(InputError, match=r"absent\.mp4: cannot be read"):
        decode_video(tmp_path / "absent.mp4")
    with pytest.raises(InputError, match="video"):
        decode_video(long_video[:1500])
    with pytest.raises(InputError, match=r"has no frame 45 \(requested: 40\.\.50\)"):
        decode_video(long_video, start=40, stop=50)


def test_hashes_differ_for_different_frames(long_video: bytes) -> None:
    other = encode_video(textured_frames("other", frames=45), fps=15.0)
    assert hashlib.sha256(other).digest() != hashlib.sha256(long_video).digest()


@pytest.mark.parametrize("encoder", [VideoEncoder, MaskEncoder])
def test_a_view_of_a_bgra_image_is_encoded_as_its_copy(
    encoder: type[VideoEncoder | MaskEncoder],
) -> None:
    rng = rng_for(4, "bgra")
    bgra = rng.integers(0, 256, (3, 16, 24, 4), dtype=np.uint8)
    argb = rng.integers(0, 256, (16, 24, 4), dtype=np.uint8)
    # The last has its alpha first: what follows its last pixel is not its own.
    views = [*bgra[..., 2::-1], argb[..., :0:-1]]
    files = []
    for images in (views, [np.ascontiguousarray(view) for view in views]):
        made = encoder(24, 16, 15)
        for image in images:
            made.add(image)
        files.append(made.finish())
    assert files[0] == files[1]
