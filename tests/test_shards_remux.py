"""Remuxing: the same packets in another file, and what the beginnings of such files contain."""

import io

import av
import numpy as np
import pytest
from published_sets import foreign_video

from multitake.errors import InputError
from shards import decode_video
from shards.remux import index_in_front, joined, video_facts
from shards.video import gop_ends

FRAMES = 47
ENCODINGS = (
    {"g": "250"},
    {"g": "12", "x264-params": "open-gop=1"},
    {"g": "7", "bf": "0"},
    {"g": "30", "bf": "5", "x264-params": "b-pyramid=2"},
)


@pytest.fixture(params=ENCODINGS, ids=lambda options: "-".join(options.values()))
def video(request: pytest.FixtureRequest) -> bytes:
    """A video with its index at the end."""
    return foreign_video("remux", frames=FRAMES, options=request.param)


def test_a_remuxed_video_has_the_frames_of_the_original(video: bytes) -> None:
    found = index_in_front(video)
    assert found != video and index_in_front(found) == found == index_in_front(video)
    assert np.array_equal(decode_video(found), decode_video(video))
    assert video_facts(found) == video_facts(video)


def test_the_beginnings_of_any_video_have_the_frames_that_the_index_says(video: bytes) -> None:
    found, frames = index_in_front(video), decode_video(video)
    ends = gop_ends(found)
    assert len(ends) == 3 and list(ends) == sorted(ends) and ends[-1] <= len(found)
    for n, end in enumerate(ends):
        stop = min(20 * (n + 1), FRAMES)
        for start in (0, 1, 11, 19, 25, 40):
            if start < stop:
                window = decode_video(found[:end], start=start, stop=stop)
                assert np.array_equal(window, frames[start:stop])


def test_joined_videos_show_one_after_the_other(video: bytes) -> None:
    other = foreign_video("other", frames=30, options={"g": "9"})
    same = foreign_video("other", frames=30, options={"g": "9"})
    both = joined([other, same])
    frames = decode_video(both)
    assert np.array_equal(frames, np.concatenate([decode_video(other), decode_video(same)]))
    with av.open(io.BytesIO(both)) as file:
        times_s = [frame.time for frame in file.decode(video=0)]
    assert np.allclose(times_s, np.arange(60) / 15)
    assert joined([index_in_front(video)]) == index_in_front(video)


def test_sound_and_fragments_are_left_out() -> None:
    sink = io.BytesIO()
    with av.open(sink, "w", format="mp4", options={"movflags": "frag_keyframe+empty_moov"}) as file:
        picture, sound = file.add_stream("libx264", rate=15), file.add_stream("aac", rate=44100)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        for k in range(10):
            image = np.full((48, 64, 3), 20 * k, dtype=np.uint8)
            file.mux(picture.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 4096), dtype=np.float32), "fltp", "mono")
        tone.sample_rate = 44100
        file.mux(sound.encode(tone))
        file.mux(picture.encode(None))
        file.mux(sound.encode(None))
    found = index_in_front(sink.getvalue())
    with av.open(io.BytesIO(found)) as file:
        assert len(file.streams) == 1
    assert np.array_equal(decode_video(found), decode_video(sink.getvalue()))
    assert b"moof" not in found and found.index(b"moov") < found.index(b"mdat")


@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_a_truncated_video_is_named(share: float, video: bytes) -> None:
    in_front = index_in_front(video)
    for content in (video, in_front):
        with pytest.raises(InputError, match=r"video: .*(truncated|not a readable|no video)"):
            video_facts(content[: int(share * len(content))])
