"""Videos that a stream hands over as they are stored, to be decoded where they are used."""

import subprocess
import sys
import types
from itertools import islice
from pathlib import Path

import pytest
import torch

from multitake.errors import InputError
from shards.pairs import PairSettings
from shards.streaming import ClipWindow, PairLoader, PairStream, SequentialPairs, StoredVideo
from shards.streaming.gpu_decoding import decode_on

_WINDOWS = (
    {"frames": 5},
    {"frames": 9, "strides": (2,), "starts": "any"},
    {"frames": 5, "size_px": (40, 24), "crop": "seeded", "targets": 2},
)

_LUMA = torch.tensor([0.2126, 0.7152, 0.0722])


def both(root: Path, kind: type, **chosen) -> list[tuple[ClipWindow, ClipWindow]]:
    """Equal clips of two streams: as RGB frames, and as they are stored."""
    rgb, stored = (
        islice(kind(root, PairSettings(seed=3, pixels=pixels, **chosen)), 6) for pixels in ("rgb", "stored")
    )
    pairs = []
    for one, other in zip(rgb, stored, strict=True):
        assert (one.take, one.first_frame, one.stride) == (other.take, other.first_frame, other.stride)
        for a, b in zip((one.source, *one.targets), (other.source, *other.targets), strict=True):
            assert a.camera == b.camera and torch.equal(a.intrinsics, b.intrinsics)
            # The memory of the frames is used again.
            pairs.append((ClipWindow(**{**vars(a), "video": a.video.clone()}), b))
    return pairs


@pytest.mark.parametrize("chosen", _WINDOWS)
@pytest.mark.parametrize("kind", [PairStream, SequentialPairs])
def test_stored_videos_decode_to_the_frames_of_the_stream(tiny_dataset: Path, kind: type, chosen) -> None:
    for rgb, stored in both(tiny_dataset, kind, **chosen):
        assert isinstance(stored.video, StoredVideo)
        assert torch.equal(stored.rgb(), rgb.rgb())


@pytest.mark.parametrize("workers", [0, 2])
def test_loaders_hand_over_stored_videos(tiny_dataset: Path, workers: int) -> None:
    wanted = PairStream(tiny_dataset, PairSettings(seed=3, frames=5))
    with PairLoader(
        PairStream(tiny_dataset, PairSettings(seed=3, frames=5, pixels="stored")), workers=workers
    ) as loader:
        for index, sample in enumerate(islice(loader, 7)):
            assert torch.equal(sample.target.rgb(), wanted.sample(index).target.rgb())


def test_only_the_beginning_of_a_video_is_handed_over(tiny_dataset: Path) -> None:
    stream = PairStream(tiny_dataset, PairSettings(seed=3, frames=5, starts="first", pixels="stored"))
    sample = stream.sample(0)
    assert isinstance(sample.target.video, StoredVideo)
    whole = stream.datasets[0].take(sample.take).clip(sample.target.camera).video_bytes()
    content = sample.target.video.content
    assert whole.startswith(content) and len(content) < len(whole)


def test_a_stored_video_that_is_too_short_or_damaged_is_an_input_error(tiny_dataset: Path) -> None:
    stream = PairStream(tiny_dataset, PairSettings(seed=3, frames=5, pixels="stored"))
    video = stream.sample(0).target.video
    assert isinstance(video, StoredVideo)
    for content in (video.content[:900], b""):
        with pytest.raises(InputError, match="video"):
            StoredVideo(content=content, window=video.window, framing=video.framing).rgb()


def test_a_missing_torchcodec_is_one_line() -> None:
    code = """
import sys
import types
sys.modules["torchcodec"] = None
from multitake.errors import InputError
from shards.pairs import Window, framing
from shards.streaming.gpu_decoding import decode_on
try:
    decode_on("cuda", b"", Window(first=0, frames=1, stride=1), framing((64, 48), (64, 48)))
except InputError as error:
    print(error)
"""
    printed = subprocess.check_output([sys.executable, "-c", code], text=True).splitlines()
    assert len(printed) == 1 and "torchcodec cannot be used" in printed[0] and "install" in printed[0]


class _Torchcodec(types.ModuleType):
    """A torchcodec whose decoder fails."""

    def __init__(self, failure: Exception) -> None:
        super().__init__("torchcodec.decoders")
        self._failure = failure

    def VideoDecoder(self, *_: object, **__: object) -> None:  # noqa: N802  (its name)
        raise self._failure


@pytest.mark.parametrize("failure", [RuntimeError("no CUDA support\nin this build"), RuntimeError("")])
def test_a_decoder_that_fails_on_a_good_video_is_not_called_damage(
    tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setitem(sys.modules, "torchcodec", types.ModuleType("torchcodec"))
    monkeypatch.setitem(sys.modules, "torchcodec.decoders", _Torchcodec(failure))
    stream = PairStream(tiny_dataset, PairSettings(seed=3, frames=5, pixels="stored"))
    video = stream.sample(0).target.video
    assert isinstance(video, StoredVideo)
    reason = "no CUDA support" if str(failure) else "RuntimeError"
    with pytest.raises(InputError, match=rf"torchcodec cannot decode on cuda \({reason}\)"):
        decode_on("cuda", video.content, video.window, video.framing)
    with pytest.raises(InputError, match="not a readable video"):
        decode_on("cuda", b"no video", video.window, video.framing)


def test_too_little_memory_is_not_called_damage(tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchcodec", types.ModuleType("torchcodec"))
    monkeypatch.setitem(sys.modules, "torchcodec.decoders", _Torchcodec(torch.OutOfMemoryError("40 GB")))
    stream = PairStream(tiny_dataset, PairSettings(seed=3, frames=5, pixels="stored"))
    video = stream.sample(0).target.video
    assert isinstance(video, StoredVideo)
    with pytest.raises(torch.OutOfMemoryError):
        decode_on("cuda", video.content, video.window, video.framing)


@pytest.mark.parametrize("chosen", _WINDOWS)
def test_torchcodec_decodes_the_same_frames(tiny_dataset: Path, chosen) -> None:
    pytest.importorskip("torchcodec", exc_type=(ImportError, RuntimeError))
    for rgb, stored in both(tiny_dataset, PairStream, **chosen):
        assert isinstance(stored.video, StoredVideo)
        video = stored.video
        got = decode_on("cpu", video.content, video.window, video.framing)
        apart = got.float() - rgb.rgb().float()
        assert got.shape == rgb.rgb().shape
        if video.framing.scaled_px == video.framing.filmed_px:
            assert apart.abs().max() == 0
        else:
            # Other filters: colours differ at edges, brightness little.
            assert torch.einsum("fchw,c->fhw", apart, _LUMA).abs().mean() <= 3
