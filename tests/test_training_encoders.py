"""The tiny Wan on disk, and the frozen encoders loaded from it."""

import hashlib
from pathlib import Path

import pytest
import torch
from diffusers import WanPipeline

from training.encoders import WanEncoders, camera_rows, quiet_libraries
from training.models.tiny_wan import write_tiny_wan

# Operations are too small here to share between cores.
torch.set_num_threads(1)

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def tiny_wan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny") / "wan"
    write_tiny_wan(folder, seed=4)
    return folder


@pytest.fixture(scope="module")
def encoders(tiny_wan: Path) -> WanEncoders:
    return WanEncoders.load(tiny_wan, text_tokens=24, device=CPU, dtype=torch.float32)


def fingerprints(folder: Path) -> dict[str, str]:
    files = sorted(folder.rglob("*.safetensors"))
    return {str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest() for f in files}


def test_the_tiny_model_is_small_and_depends_on_its_seed_only(tiny_wan: Path, tmp_path: Path) -> None:
    assert sum(path.stat().st_size for path in tiny_wan.rglob("*") if path.is_file()) < 2e6
    state = torch.random.get_rng_state()
    write_tiny_wan(tmp_path / "same", seed=4)
    write_tiny_wan(tmp_path / "other", seed=5)
    assert torch.equal(torch.random.get_rng_state(), state)
    first, same, other = (fingerprints(f) for f in (tiny_wan, tmp_path / "same", tmp_path / "other"))
    assert len(first) == 3 and first == same
    assert all(first[name] != other[name] for name in first)


def test_the_pipeline_of_diffusers_runs_it(tiny_wan: Path) -> None:
    with quiet_libraries():
        pipeline = WanPipeline.from_pretrained(tiny_wan)
    pipeline.set_progress_bar_config(disable=True)
    video = pipeline(
        "a man walks",
        height=32,
        width=48,
        num_frames=5,
        num_inference_steps=2,
        max_sequence_length=16,
        output_type="pt",
    ).frames
    assert video.shape == (1, 5, 3, 32, 48)


def test_latents_are_normalised_and_decode_to_the_size_of_the_video(encoders: WanEncoders) -> None:
    coarse = torch.rand((2, 3, 3, 3, 4), generator=torch.Generator().manual_seed(0))
    smooth = torch.nn.functional.interpolate(coarse, size=(9, 32, 48), mode="trilinear")
    videos = (255 * smooth).to(torch.uint8).transpose(1, 2)
    latents = encoders.encode(videos)
    assert latents.shape == (2, 16, 3, 4, 6)
    assert latents.mean().abs() < 0.5 and 0.5 < latents.std() < 2
    assert torch.equal(encoders.encode(videos), latents)
    decoded = encoders.decode(latents)
    assert decoded.shape == videos.shape and decoded.dtype == torch.uint8
    assert decoded.float().std() > 10 and not torch.equal(decoded[0], decoded[1])


def test_captions_have_different_encodings_that_end_in_zeros(encoders: WanEncoders) -> None:
    short, spaced, other = encoders.texts(
        ["Ada walks", "  Ada \n walks ", "Ada waves in the street, for long"]
    )
    assert torch.equal(short, spaced)
    assert not torch.equal(short[:9], other[:9])
    assert (short[:10].abs().sum(dim=1) > 0).all() and (short[10:] == 0).all()
    assert (other.abs().sum(dim=1) > 0).all()


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Tom &amp;amp; Ada &lt;3", "Tom & Ada <3"),
        ("a cafÃ© in MÃ¼nchen", "a café in München"),
        ("\u201cHi\u201d,\u00a0he   said\n", '"Hi", he said'),
    ],
)
def test_captions_are_cleaned_as_in_the_training_of_wan(encoders: WanEncoders, raw: str, clean: str) -> None:
    assert torch.equal(encoders.texts([raw]), encoders.texts([clean]))


def test_camera_rows_are_the_poses_of_every_fourth_frame() -> None:
    poses = torch.arange(9 * 12, dtype=torch.float32).reshape(1, 9, 3, 4)
    rows = camera_rows(poses)
    assert rows.shape == (1, 3, 12)
    assert torch.equal(rows[0, 1], poses[0, 4].flatten())


def test_loading_prints_nothing(tiny_wan: Path, capfd: pytest.CaptureFixture[str]) -> None:
    WanEncoders.load(tiny_wan, text_tokens=8, device=CPU, dtype=torch.float32)
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")
