"""How blocks are computed changes time and memory, and not the result; figures reach their trackers."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from multitake.errors import InputError
from shards.streaming import PairStream
from training.batches import pair_settings
from training.computing import prepare_blocks
from training.config import Config, Model, Window
from training.encoders import PairBatch
from training.loop import train
from training.models.load import load_models
from training.models.tiny_wan import write_tiny_wan
from training.trackers import flat

torch.set_num_threads(1)

CONFIG = """
seed = 3
steps = 2
batch_size = 2
loader_workers = 0
device = "cpu"
precision = "fp32"
{more}
[model]
text_tokens = 8
[window]
frames = 5
width_px = 48
height_px = 32
"""


def config_with(folder: Path, more: str) -> Path:
    path = folder / "train.toml"
    path.write_text(CONFIG.format(more=more))
    return path


def metrics(run: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def losses(run: Path) -> list[float]:
    return [float(str(line["loss"])) for line in metrics(run) if "loss" in line]


@pytest.fixture(scope="module")
def config() -> Config:
    return Config(
        seed=3,
        device="cpu",
        precision="fp32",
        model=Model(text_tokens=8),
        window=Window(frames=5, width_px=48, height_px=32),
    )


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base") / "base"
    write_tiny_wan(folder, seed=3)
    return folder


class Calls(TorchDispatchMode):
    """How often each operation is called."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.counts[func.overloadpacket.__name__] += 1
        return func(*args, **(kwargs or {}))


def gradients(
    base: Path, config: Config, dataset: Path, checkpointing: object
) -> tuple[dict[str, torch.Tensor], Counter[str]]:
    encoders, model = load_models(base, config, torch.device("cpu"))
    prepare_blocks(model, replace(config, gradient_checkpointing=checkpointing))
    batch: PairBatch = encoders.pairs([PairStream(dataset, pair_settings(config, 15.0)).sample(0)])
    with Calls() as calls:
        model(batch.target_latents, torch.tensor([500.0]), batch.conditions).square().mean().backward()
    found = {name: weight.grad for name, weight in model.trainable_parameters().items()}
    return {name: gradient for name, gradient in found.items() if gradient is not None}, calls.counts


def test_blocks_are_computed_again_with_or_without_attention(
    base: Path, config: Config, tiny_dataset: Path
) -> None:
    attention = "_scaled_dot_product_flash_attention_for_cpu"
    (expected, once), (full, twice), (kept, but_attention) = (
        gradients(base, config, tiny_dataset, one) for one in (False, True, "keep_attention")
    )

    for found in (full, kept):
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[name], gradient) for name, gradient in expected.items())
    assert twice[attention] == 2 * once[attention] > 0
    assert but_attention[attention] == once[attention]
    assert twice["addmm"] == but_attention["addmm"] > once["addmm"]


COMPILED = """
import sys
from dataclasses import replace
import torch
from training.computing import prepare_blocks
from training.config import Config, Model
from training.models.conditions import Conditions
from training.models.recammaster import CamWanTransformer3DModel
torch.set_num_threads(1)
for options in ({}, {"conditioning": "view"}, {"conditioning": "channel"}, {"camera_encoding": "prope"}):
    torch.manual_seed(0)
    model = CamWanTransformer3DModel(num_attention_heads=2, attention_head_dim=12, text_dim=32, ffn_dim=32,
        num_layers=2, rope_max_seq_len=64, **options)
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    source, noisy = torch.randn(2, 1, 16, 2, 4, 6)
    camera = torch.eye(3, 4).flatten().repeat(1, 2, 1) + 0.1 * torch.randn(1, 2, 12)
    conditions = Conditions(source_latents=source, camera=camera, text=torch.randn(1, 3, 32),
        intrinsics=torch.tensor([1.0, 1.7, 0.5, 0.5]).repeat(1, 2, 1))
    results = []
    for compiled in ("", "aot_eager"):
        prepare_blocks(model, Config(compile=compiled, gradient_checkpointing="keep_attention"))
        model.train().zero_grad()
        velocity = model(noisy, torch.tensor([500.0]), conditions)
        velocity.square().mean().backward()
        results.append([velocity, *(weight.grad for weight in model.parameters() if weight.grad is not None)])
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    print("equal", options)
"""


def test_compiled_blocks_give_the_same() -> None:
    # In a process of its own: shapes and types are not checked there, which cannot be compiled.
    found = subprocess.run([sys.executable, "-c", COMPILED], capture_output=True, text=True, timeout=300)

    assert found.stdout.count("equal") == 4, found.stderr


@pytest.mark.parametrize("kernel", ["flash", "math"])
def test_kernels_of_attention_give_the_same(kernel: str, tiny_dataset: Path, tmp_path: Path) -> None:
    for name in ("auto", kernel):
        (tmp_path / name).mkdir()
        config = config_with(tmp_path / name, f'attention = "{name}"')
        train(config, data=str(tiny_dataset), out=tmp_path / name / "run")

    assert losses(tmp_path / kernel / "run") == pytest.approx(losses(tmp_path / "auto" / "run"), rel=1e-4)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ('attention = "cudnn"', "'cudnn' is not available on cpu with precision 'fp32'; use another one"),
        ('attention = "fast"', "attention"),
        ("memory_budget = 2.0", "memory_budget"),
    ],
)
def test_what_cannot_be_computed_is_one_line(
    more: str, message: str, tiny_dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=message):
        train(config_with(tmp_path, more), data=str(tiny_dataset), out=tmp_path / "run")


def test_all_scores_of_many_tokens_are_refused(tiny_dataset: Path, tmp_path: Path) -> None:
    path = config_with(tmp_path, 'attention = "math"')
    text = (
        path.read_text()
        .replace("width_px = 48", "width_px = 1024")
        .replace("height_px = 32", "height_px = 1024")
    )
    path.write_text(text)

    with pytest.raises(InputError, match='"math" computes the scores of 16384 tokens at once'):
        train(path, data=str(tiny_dataset), out=tmp_path / "run")


def test_tensorboard_gets_the_figures_of_each_step(tiny_dataset: Path, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    config = config_with(tmp_path, "[tracking]\ntensorboard = true")
    for steps in (1, 2):
        train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=steps)

    events = EventAccumulator(str(tmp_path / "run" / "tensorboard")).Reload()
    assert [event.step for event in events.Scalars("loss")] == [1, 2]
    assert [event.value for event in events.Scalars("loss")] == pytest.approx(losses(tmp_path / "run"))
    assert len(events.Scalars("timing/seconds")) == 2


def test_weights_and_biases_gets_a_run(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("wandb", reason="its extra is not installed")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")

    train(config_with(tmp_path, '[tracking]\nwandb = "test"'), data=str(tiny_dataset), out=tmp_path / "run")

    assert list((tmp_path / "run" / "wandb").glob("offline-run-*/run-*.wandb"))


@pytest.mark.parametrize(
    ("package", "module", "more"),
    [
        ("tensorboard", "torch.utils.tensorboard", "tensorboard = true"),
        ("wandb", "wandb", 'wandb = "test"'),
    ],
)
def test_a_missing_package_is_one_line(
    package: str, module: str, more: str, tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(InputError, match=rf"tracking.{package}: its package is missing; pip install"):
        train(config_with(tmp_path, f"[tracking]\n{more}"), data=str(tiny_dataset), out=tmp_path / "run")


def test_figures_of_lists_and_tables_have_names_of_their_own() -> None:
    figures = {
        "loss": 1,
        "by_level": [2.0, None],
        "timing": {"seconds": 3.0, "parts": {"wait": 4}},
        "text": "x",
    }

    found = flat(figures)

    assert found == {"loss": 1, "by_level/0": 2, "timing/seconds": 3, "timing/parts/wait": 4}
