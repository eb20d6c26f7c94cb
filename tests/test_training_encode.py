"""The cache: training from it is training without it; what is missing, damaged or of others is named."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError
from training.cache import LatentCache
from training.encode import EncodeReport, encode_dataset
from training.loop import train
from training.tensor_store import seal

torch.set_num_threads(1)

CONFIG = """
seed = 3
steps = 4
batch_size = 2
microbatch_size = 2
checkpoint_every = 2
loader_workers = 0
device = "cpu"
precision = "{precision}"
[model]
text_tokens = 8
[window]
frames = 5
width_px = 48
height_px = 32
[optimizer]
lr = 0.01
[noise]
no_text_share = 0.5
"""


def config_with(folder: Path, precision: str = "fp32", **changes: str) -> Path:
    path = folder / "train.toml"
    text = CONFIG.format(precision=precision)
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def files_of(folder: Path) -> dict[str, str]:
    """The sha256 of all files."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name[0] != "."
    }


def weights_of(run: Path) -> dict[str, torch.Tensor]:
    return load_file(sorted((run / "checkpoints").iterdir())[-1] / "trainables.safetensors")


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return config_with(tmp_path_factory.mktemp("config"))


@pytest.fixture(scope="module")
def encoded(
    config_path: Path, tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, EncodeReport]:
    """A cache, for reading only."""
    out = tmp_path_factory.mktemp("cache") / "cache"
    return out, encode_dataset(str(tiny_dataset), out=out, config_path=config_path)


@pytest.fixture
def cache(encoded: tuple[Path, EncodeReport], tmp_path: Path) -> Path:
    return Path(shutil.copytree(encoded[0], tmp_path / "cache"))


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("texts_only", [False, True])
def test_training_from_a_cache_gives_the_same_bits(
    precision: str, texts_only: bool, tiny_dataset: Path, tmp_path: Path
) -> None:
    config = config_with(tmp_path, precision)
    train(config, data=str(tiny_dataset), out=tmp_path / "without")
    encode_dataset(str(tiny_dataset), out=tmp_path / "cache", config_path=config, texts_only=texts_only)

    train(config, data=str(tiny_dataset), out=tmp_path / "with", steps=2, cache=tmp_path / "cache")
    train(config, data=str(tiny_dataset), out=tmp_path / "with", cache=tmp_path / "cache")

    expected, found = weights_of(tmp_path / "without"), weights_of(tmp_path / "with")
    for name, weight in expected.items():
        assert torch.equal(weight, found[name]), name


def test_texts_are_stored_once_and_without_padding(encoded: tuple[Path, EncodeReport]) -> None:
    texts = [load_file(path) for path in (encoded[0] / "texts").glob("*.safetensors")]

    assert len(texts) == 1 and encoded[1].texts == len(texts[0])
    assert min(len(text) for text in texts[0].values()) < 8


def test_a_cache_has_what_its_report_says(encoded: tuple[Path, EncodeReport]) -> None:
    folder, report = encoded

    cache = LatentCache.open(folder)

    assert cache.latents and len(cache.latents.index) == report.windows
    assert report.kept == 0 and report.texts == len(cache.texts.index)


def test_nothing_is_done_twice(
    cache: Path, config_path: Path, tiny_dataset: Path, encoded: tuple[Path, EncodeReport]
) -> None:
    before = files_of(cache)

    report = encode_dataset(str(tiny_dataset), out=cache, config_path=config_path)

    assert files_of(cache) == before
    assert (report.windows, report.texts) == (0, 0)
    assert report.kept == encoded[1].windows + encoded[1].texts


def test_a_killed_run_is_resumed(
    cache: Path, config_path: Path, tiny_dataset: Path, encoded: tuple[Path, EncodeReport]
) -> None:
    before, path = files_of(cache), cache / "cache.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "index_sha256": {}}))
    for left in ("texts/index.parquet", "latents/index.parquet", "latents/000000.safetensors"):
        (cache / left).unlink()
    (cache / "latents" / ".000000.safetensors.machine-1.partial").write_bytes(b"x")
    with pytest.raises(InputError, match="is not complete; run `multitake encode` again"):
        LatentCache.open(cache)

    encode_dataset(str(tiny_dataset), out=cache, config_path=config_path)

    assert files_of(cache) == before
    assert not list(cache.rglob("*.partial"))


@pytest.fixture
def small_cache(config_path: Path, tiny_dataset: Path, tmp_path: Path) -> Path:
    """A cache that one step suffices for."""
    encode_dataset(str(tiny_dataset), out=tmp_path / "small", config_path=config_path, steps=1)
    return tmp_path / "small"


def test_more_steps_add_what_is_missing(
    small_cache: Path, config_path: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    known = LatentCache.open(small_cache).latents
    report = encode_dataset(str(tiny_dataset), out=small_cache, config_path=config_path, steps=12)

    assert report.windows > 0 and known
    grown = LatentCache.open(small_cache).latents
    assert grown and len(grown.index) == len(known.index) + report.windows
    assert all(grown.index[name] == stored for name, stored in known.index.items())
    train(config_path, data=str(tiny_dataset), out=tmp_path / "run", steps=12, cache=small_cache)


def test_files_do_not_depend_on_workers(
    config_path: Path, tiny_dataset: Path, tmp_path: Path, encoded: tuple[Path, EncodeReport]
) -> None:
    encode_dataset(str(tiny_dataset), out=tmp_path / "cache", config_path=config_path, workers=2)

    assert files_of(tmp_path / "cache") == files_of(encoded[0])


def test_a_cache_of_texts_can_get_latents(
    config_path: Path, tiny_dataset: Path, tmp_path: Path, encoded: tuple[Path, EncodeReport]
) -> None:
    for texts_only in (True, False):
        encode_dataset(
            str(tiny_dataset), out=tmp_path / "cache", config_path=config_path, texts_only=texts_only
        )

    assert files_of(tmp_path / "cache") == files_of(encoded[0])


def test_a_run_beyond_the_cache_is_one_line(
    small_cache: Path, config_path: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"does not have take .*; run `multitake encode` again"):
        train(config_path, data=str(tiny_dataset), out=tmp_path / "run", steps=12, cache=small_cache)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("width_px = 48", "width_px = 64", "window"),
        ("frames = 5", "frames = 9", "window"),
        ("text_tokens = 8", "text_tokens = 16", "text_tokens"),
        ('precision = "fp32"', 'precision = "bf16"', "precision"),
        ("seed = 3", "seed = 4", "vae of the base model"),
    ],
)
def test_a_cache_of_something_else_is_refused(
    cache: Path, tiny_dataset: Path, tmp_path: Path, old: str, new: str, named: str
) -> None:
    config = config_with(tmp_path, **{old: new})

    with pytest.raises(InputError, match=f"made from another {named}"):
        train(config, data=str(tiny_dataset), out=tmp_path / "run", cache=cache)
    if "seed" not in old:
        with pytest.raises(InputError, match=f"made from another {named}"):
            encode_dataset(str(tiny_dataset), out=cache, config_path=config)


def test_takes_that_were_filmed_again_are_refused(
    cache: Path, config_path: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    manifest = json.loads((cache / "cache.json").read_text())
    store = LatentCache.open(cache).latents
    assert store
    path = next(iter(store.files.values()))
    with safe_open(path, framework="pt") as file:
        about, tensors = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    stored = {name: {**one, "of": "0" * 16} for name, one in json.loads(about["tensors"]).items()}
    save_file(tensors, path, metadata={"tensors": json.dumps(stored)})
    manifest["index_sha256"]["latents"] = seal(cache / "latents", store.files)
    (cache / "cache.json").write_text(json.dumps(manifest))

    with pytest.raises(InputError, match="made from another take"):
        train(config_path, data=str(tiny_dataset), out=tmp_path / "run", cache=cache)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [flip, lambda path: path.write_bytes(b"x"), lambda path: path.unlink()])
@pytest.mark.parametrize("name", ["texts/000000.safetensors", "latents/000000.safetensors"])
def test_damage_is_named_and_can_be_repaired(
    cache: Path, config_path: Path, tiny_dataset: Path, tmp_path: Path, damage: Callable, name: str
) -> None:
    damage(cache / name)

    with pytest.raises(InputError, match=rf"{name}: damaged cache .*; delete that file, and run"):
        train(config_path, data=str(tiny_dataset), out=tmp_path / "run", cache=cache)

    (cache / name).unlink(missing_ok=True)
    encode_dataset(str(tiny_dataset), out=cache, config_path=config_path)
    train(config_path, data=str(tiny_dataset), out=tmp_path / "run", cache=cache)


@pytest.mark.parametrize("name", ["cache.json", "latents/index.parquet"])
def test_a_damaged_index_is_named(
    cache: Path, config_path: Path, tiny_dataset: Path, tmp_path: Path, name: str
) -> None:
    (cache / name).write_bytes(b"x")

    with pytest.raises(InputError, match=name):
        train(config_path, data=str(tiny_dataset), out=tmp_path / "run", cache=cache)


def test_other_folders_are_left_alone(config_path: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x")

    with pytest.raises(InputError, match="is not empty and not a cache"):
        encode_dataset(str(tiny_dataset), out=tmp_path / "mine", config_path=config_path)

    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_the_command(config_path: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    options = ["--out", str(tmp_path / "cache"), "--config", str(config_path)]
    found = CliRunner().invoke(app, ["encode", str(tiny_dataset), *options])

    assert found.exit_code == 0, found.output
    assert "encoded, 0 kept" in found.output
    found = CliRunner().invoke(app, ["encode", str(tiny_dataset), "--out", str(tmp_path / "other")])
    assert found.exit_code == 2
