"""The training loop: stream pairs, encode, corrupt, step, write down, checkpoint."""

import json
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.data import DataLoader

from multitake.errors import InputError
from shards import open_dataset
from shards.streaming import PairSample, PairStream

from .checkpoint import (
    Progress,
    load_moments,
    load_trainables,
    newest_checkpoint,
    prune_checkpoints,
    save_checkpoint,
)
from .config import Config, load_config
from .encoders import PairBatch, WanEncoders
from .models.recammaster import CamWanTransformer3DModel, trainable_parameters
from .objective import TRAIN_LEVELS, Draw, corrupt, draw, sigma_grid, source_sigma, squared_error
from .run_folder import RunFolder, autocast, export_transformer, replace_text

_SIGMA_RANGES = 4
_FIXED_LEVELS = (100, 350, 600, 850)
# The fixed loss looks at samples beyond the end of any run.
_FIXED_SAMPLES = range(10**9, 10**9 + 4)


@dataclass(frozen=True, kw_only=True)
class TrainReport:
    """How a run went.

    Attributes:
        out: the run's folder.
        steps: steps done, in all its parts.
        resumed_from: the step it went on from; 0 for a fresh start.
        first_loss, last_loss: mean of the first and of the last third of the steps' losses.
        first_fixed_loss, last_fixed_loss: loss on the same samples, noise and levels, before the first step
            and after the last.
        seconds: time of this part.
    """

    out: Path
    steps: int
    resumed_from: int
    first_loss: float
    last_loss: float
    first_fixed_loss: float
    last_fixed_loss: float
    seconds: float

    def lines(self) -> list[str]:
        """The report in words."""
        start = f"from step {self.resumed_from} " if self.resumed_from else ""
        done = f"trained {start}to step {self.steps} in {self.seconds:.1f} s"
        if self.resumed_from == self.steps:
            done = f"nothing left to do: the run is at step {self.steps}"
        return [
            done,
            f"loss {self.first_loss:.3f} -> {self.last_loss:.3f} (mean of the first and last third of steps)",
            f"fixed loss {self.first_fixed_loss:.3f} -> {self.last_fixed_loss:.3f}"
            " (the same samples and noise before and after)",
            f"{self.out}",
        ]


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The figures of one step; ``error_by_sigma`` is the unweighted error in four equal ranges of sigma."""

    loss: float
    error_by_sigma: tuple[float | None, ...]
    grad_norm: float


def train(
    config_path: Path,
    *,
    data: str,
    out: Path,
    steps: int | None = None,
    progress: Callable[[int, int, float], None] | None = None,
) -> TrainReport:
    """Train on a data set, or go on where a run in ``out`` stopped.

    A run of N steps and one stopped anywhere and started again give the same weights, bit for bit on a CPU.

    Args:
        config_path: the order, a TOML file.
        data: folder or fsspec URL of a data set.
        out: folder of the run.
        steps: instead of the order's number of steps.
        progress: called after every step with (step, steps, loss).

    Raises InputError for a bad order, data set or run folder, and where the loss stops being a number.
    """
    began = time.perf_counter()
    config = load_config(config_path)
    config = replace(config, steps=steps or config.steps)
    stream = PairStream(data, **_streaming(config))
    run = RunFolder.prepare(out, config, open_dataset(data).info)
    encoders, model = run.encoders(), run.transformer()
    trainables = trainable_parameters(model)
    optimizer = _adamw(trainables, config)
    done = _resume(run, trainables, optimizer)
    fixed = [encoders.pairs([stream.sample(index)]) for index in _FIXED_SAMPLES]
    if done == 0:
        _write(run, {"step": 0, "loss_fixed": fixed_loss(model, fixed, config)})
    rest = PairStream(data, **_streaming(config), first_sample=done * config.batch_size)
    samples = iter(DataLoader(rest, batch_size=None, num_workers=config.loader_workers))
    for step in range(done + 1, config.steps + 1):
        started = time.perf_counter()
        batches = _encoded(encoders, samples, config)
        result = train_step(model, optimizer, batches, config)
        _write(run, {"step": step, **asdict(result), "seconds": round(time.perf_counter() - started, 4)})
        if not math.isfinite(result.loss):
            fix = "lower optimizer.lr and give another --out"
            raise InputError(f"the loss is {result.loss} at step {step}", where=str(out), fix=fix)
        if progress:
            progress(step, config.steps, result.loss)
        if step % config.checkpoint_every == 0 or step == config.steps:
            _write(run, {"step": step, "loss_fixed": fixed_loss(model, fixed, config)})
            seen = Progress(step=step)
            save_checkpoint(out, seen, trainables, optimizer)
            prune_checkpoints(out, config.keep_checkpoints)
    export_transformer(run, model)
    return _report(run, resumed_from=done, seconds=time.perf_counter() - began)


def train_step(
    model: CamWanTransformer3DModel,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[PairBatch],
    config: Config,
) -> StepResult:
    """One optimizer step on the parts of a batch; a function of weights, moments, samples and seed alone."""
    model.train()
    optimizer.zero_grad(set_to_none=True)
    count = sum(len(batch.sample_indices) for batch in batches)
    loss, errors, levels = 0.0, [], []
    for batch in batches:
        draws = [draw(config.noise, seed=config.seed, sample_index=i) for i in batch.sample_indices]
        error, weight = _errors(model, batch, draws, config)
        part = (error * weight).sum() / count
        part.backward()
        loss += part.item()
        errors += error.tolist()
        levels += [chance.level for chance in draws]
    parameters = [weight for group in optimizer.param_groups for weight in group["params"]]
    grad_norm = nn.utils.clip_grad_norm_(parameters, config.optimizer.grad_clip)
    optimizer.step()
    by_sigma = _by_sigma(errors, levels, config)
    return StepResult(loss=loss, error_by_sigma=by_sigma, grad_norm=grad_norm.item())


@torch.no_grad()
def fixed_loss(model: CamWanTransformer3DModel, batches: Sequence[PairBatch], config: Config) -> float:
    """Unweighted error with the whole source, the same noise every time and four levels for every sample.

    Losses of steps differ by their levels and samples more than by what was learnt; this one does not.
    """
    model.eval()
    least = source_sigma(config.noise, config.noise.source_steps[0])
    draws = [Draw(level=level, source_mode="v2v", source_sigma=least) for level in _FIXED_LEVELS]
    errors = [
        _errors(model, batch, [chance] * len(batch.sample_indices), config)[0]
        for chance in draws
        for batch in batches
    ]
    return torch.cat(errors).mean().item()


def _errors(
    model: CamWanTransformer3DModel, batch: PairBatch, draws: list[Draw], config: Config
) -> tuple[Float[Tensor, " batch"], Float[Tensor, " batch"]]:
    corrupted = corrupt(batch, draws, noise=config.noise, seed=config.seed)
    with autocast(config, batch.target_latents.device):
        return squared_error(model, batch, corrupted), corrupted.weight


def _by_sigma(errors: list[float], levels: list[int], config: Config) -> tuple[float | None, ...]:
    sigmas = sigma_grid(TRAIN_LEVELS, shift=config.noise.shift)[levels]
    ranges = [min(int(sigma * _SIGMA_RANGES), _SIGMA_RANGES - 1) for sigma in sigmas]
    members = [[e for e, r in zip(errors, ranges, strict=True) if r == n] for n in range(_SIGMA_RANGES)]
    return tuple(sum(part) / len(part) if part else None for part in members)


def _adamw(trainables: dict[str, nn.Parameter], config: Config) -> torch.optim.AdamW:
    chosen = config.optimizer
    return torch.optim.AdamW(
        trainables.values(), lr=chosen.lr, betas=chosen.betas, weight_decay=chosen.weight_decay
    )


def _streaming(config: Config) -> dict[str, Any]:
    window = config.window
    size_px = (window.width_px, window.height_px)
    return {"seed": config.seed, "frames": window.frames, "size_px": size_px}


def _encoded(encoders: WanEncoders, samples: Iterator[PairSample], config: Config) -> list[PairBatch]:
    batch = list(islice(samples, config.batch_size))
    size = config.microbatch_size
    return [encoders.pairs(batch[first : first + size]) for first in range(0, len(batch), size)]


def _resume(run: RunFolder, trainables: dict[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> int:
    folder = newest_checkpoint(run.path)
    done = 0
    if folder:
        done = load_trainables(folder, trainables).step
        load_moments(folder, trainables, optimizer)
    kept = [line for line in run.metrics() if 0 < done >= line["step"]]
    replace_text(run.metrics_path, "".join(json.dumps(line) + "\n" for line in kept))
    return done


def _write(run: RunFolder, line: dict[str, object]) -> None:
    with run.metrics_path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def _report(run: RunFolder, *, resumed_from: int, seconds: float) -> TrainReport:
    lines = list(run.metrics())
    losses = [line["loss"] for line in lines if "loss" in line]
    fixed = [line["loss_fixed"] for line in lines if "loss_fixed" in line]
    third = max(len(losses) // 3, 1)
    return TrainReport(
        out=run.path,
        steps=len(losses),
        resumed_from=resumed_from,
        first_loss=sum(losses[:third]) / third,
        last_loss=sum(losses[-third:]) / third,
        first_fixed_loss=fixed[0],
        last_fixed_loss=fixed[-1],
        seconds=seconds,
    )
