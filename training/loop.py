"""The training loop."""

import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from jaxtyping import Float
from torch import Tensor, nn

from multitake.atomic import replacing
from multitake.counts import many
from multitake.errors import InputError
from multitake.folder_lock import locked_folder
from multitake.interruption import postponed
from multitake.progress import ProgressLine
from shards import open_dataset
from shards.streaming import ChangedTakes, PairStream

from .batches import microbatches, microbatches_of_step, pair_settings, with_rate
from .checkpoint import checkpoints, load_checkpoint, prune_checkpoints, save_checkpoint, saving
from .config import Config, load_config
from .device import autocast, device_of
from .encoders import PairBatch, quiet_libraries
from .models.base_folder import base_folder, base_sha256
from .models.load import load_models
from .models.recammaster import CamWanTransformer3DModel
from .objective import (
    TRAIN_LEVELS,
    CorruptedBatch,
    Corruption,
    corrupt,
    pair_noise,
    source_sigma,
    squared_error,
)
from .run_folder import RunFolder

_SIGMA_RANGES = 4
_FIXED_LEVELS = (100, 350, 600, 850)
# The samples of the fixed loss are beyond the end of any run.
_FIXED_SAMPLES = range(10**9, 10**9 + 4)
# A batch can make gradients that are not finite; weights from which every batch does are lost.
_MOST_SKIPPED = 3


@dataclass(frozen=True, kw_only=True)
class TrainReport:
    """The result of ``train``.

    Attributes:
        out: the run's folder.
        steps: steps of the run, over all calls of ``train``.
        resumed_from: the step from which this call resumed; 0 for a new run.
        first_loss, last_loss: mean loss of the first and of the last third of the steps; NaN if the metrics
            were deleted.
        first_fixed_loss, last_fixed_loss: ``fixed_loss`` before the first step and after the last.
        skipped: steps that changed nothing, as their gradients were not finite.
        seconds: duration of this call.
    """

    out: Path
    steps: int
    resumed_from: int
    first_loss: float
    last_loss: float
    first_fixed_loss: float
    last_fixed_loss: float
    skipped: int
    seconds: float

    def lines(self) -> list[str]:
        """Return the report as text."""
        start = f"from step {self.resumed_from} " if self.resumed_from else ""
        done = f"trained {start}to step {self.steps} in {self.seconds:.1f} s"
        if self.resumed_from == self.steps:
            done = f"nothing left to do: the run is at step {self.steps}"
        return [
            done,
            f"loss {self.first_loss:.3f} -> {self.last_loss:.3f} (mean of the first and last third of steps)",
            f"fixed loss {self.first_fixed_loss:.3f} -> {self.last_fixed_loss:.3f}"
            " (the same samples and noise before and after)",
            *([f"{many(self.skipped, 'step')} skipped: gradients were not finite"] if self.skipped else []),
            f"{self.out}",
        ]


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """The figures of one step.

    Attributes:
        error_by_sigma: the unweighted error in four equal ranges of sigma.
        grad_norm: norm of all gradients, before it is clipped.
        skipped: nothing was changed, because the gradients are not finite.
    """

    loss: float
    error_by_sigma: tuple[float | None, ...]
    grad_norm: float
    skipped: bool


def train(
    config_path: Path,
    *,
    data: str,
    out: Path,
    steps: int | None = None,
    changed_takes: ChangedTakes = "refuse",
    progress: ProgressLine | None = None,
) -> TrainReport:
    """Train on a data set, or resume the run in ``out``.

    An interrupted and resumed run gives the same weights as an uninterrupted one, bit for bit on a CPU.
    SIGINT, SIGTERM and SIGHUP end the step, write a checkpoint, and then raise Interrupted.

    Args:
        config_path: the config, a TOML file.
        data: folder or fsspec URL of a data set.
        out: folder of the run.
        steps: replaces the number of steps in the config.
        changed_takes: whether a run can be resumed if the data set has other takes than it began with; see
            ``PairStream.load_state_dict``.
        progress: shows every step.

    A step whose gradients are not finite changes no weight. InputError for an invalid config, data set, base
    model or run folder, for one that another process trains in, after some such steps in a row, and if the
    fixed loss is not finite. RunError if the disk is full; the checkpoints before it stay.
    """
    began = time.perf_counter()
    config = load_config(config_path)
    config = replace(config, steps=steps or config.steps)
    dataset_fps = open_dataset(data).info.fps
    config = with_rate(config, dataset_fps)
    stream = PairStream(data, pair_settings(config, dataset_fps))
    device = device_of(config)
    with locked_folder(out, result="config.toml"):
        base = base_folder(config, out)
        run = _prepared(out, config, stream, changed_takes)
        run.require_base(base_sha256(base, config))
        resumed_from = _trained(run, stream, base, device, progress)
        return _report(run, resumed_from=resumed_from, seconds=time.perf_counter() - began)


def _trained(
    run: RunFolder, stream: PairStream, base: Path, device: torch.device, progress: ProgressLine | None
) -> int:
    """Make all steps that are left, and export the model. Returns the step from which the run resumed."""
    config = run.config
    encoders, model = load_models(base, config, device)
    trainables = model.trainable_parameters()
    optimizer = _optimizer(trainables, config)
    done = _resume(run, trainables, optimizer)
    fixed = [encoders.pairs([stream.sample(index)]) for index in _FIXED_SAMPLES]
    if done == 0:
        _record_fixed_loss(run, 0, model, fixed)
    batches = microbatches(stream.starting_at(done * config.batch_size), config, encoders)
    in_a_row = 0
    with closing(batches), postponed() as stop:
        for step in range(done + 1, config.steps + 1):
            result = _recorded_step(run, step, model, optimizer, batches)
            in_a_row = in_a_row + 1 if result.skipped else 0
            _require_progress(run, step, in_a_row)
            if progress:
                text = f"step {step} of {config.steps} | loss {result.loss:.3f}"
                progress.show(text, done=step, total=config.steps)
            _save_if_due(run, step, model, optimizer, fixed, is_last=stop.number is not None)
            if stop.number:
                break
    with saving(run.path / "model"), replacing(run.path / "model") as folder, quiet_libraries():
        model.save_pretrained(folder / "transformer")
    return done


def train_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[CorruptedBatch],
    config: Config,
    *,
    samples: int,
) -> StepResult:
    """Make one optimizer step on microbatches of ``samples`` in all; none if the gradients are not finite.

    The result depends on weights, moments, samples and seed only.
    """
    model.train()
    optimizer.zero_grad(set_to_none=True)
    loss, errors, sigmas = 0.0, [], []
    for batch in batches:
        error = _errors(model, batch, config)
        part = (error * batch.weight).sum() / samples
        part.backward()
        loss += part.item()
        errors += error.tolist()
        sigmas += (batch.timestep / TRAIN_LEVELS).tolist()
    parameters = [weight for group in optimizer.param_groups for weight in group["params"]]
    grad_norm = nn.utils.clip_grad_norm_(parameters, config.optimizer.grad_clip or math.inf).item()
    is_finite = math.isfinite(loss) and math.isfinite(grad_norm)
    if is_finite:
        optimizer.step()
    by_sigma = _by_sigma(errors, sigmas)
    return StepResult(loss=loss, error_by_sigma=by_sigma, grad_norm=grad_norm, skipped=not is_finite)


@torch.no_grad()
def fixed_loss(model: nn.Module, batches: Sequence[PairBatch], config: Config) -> float:
    """Return the mean unweighted error of the batches at four noise levels, always with the same noise.

    The model sees the complete source with the least noise. The loss of a step varies with its samples and
    noise levels; this loss changes with the model only.
    """
    model.eval()
    sigma = source_sigma(config.noise, config.noise.source_steps[0])
    errors = []
    for batch in batches:
        indices, shape = batch.sample_indices, tuple(batch.target_latents.shape[1:])
        eps = pair_noise(indices, shape, seed=config.seed)
        for level in _FIXED_LEVELS:
            corruption = Corruption(level=level, source_mode="v2v", source_sigma=sigma)
            corrupted = corrupt(batch, [corruption] * len(indices), eps, noise=config.noise)
            errors.append(_errors(model, corrupted, config))
    return torch.cat(errors).mean().item()


def _recorded_step(
    run: RunFolder,
    step: int,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Iterator[CorruptedBatch],
) -> StepResult:
    """Make one step, and record its figures."""
    started = time.perf_counter()
    parts = islice(batches, microbatches_of_step(run.config))
    result = train_step(model, optimizer, parts, run.config, samples=run.config.batch_size)
    run.record(step, **asdict(result), seconds=round(time.perf_counter() - started, 4))
    return result


def _require_progress(run: RunFolder, step: int, skipped_in_a_row: int) -> None:
    """InputError if too many steps in a row were skipped; it names the checkpoint before them."""
    if skipped_in_a_row < _MOST_SKIPPED:
        return
    saved = checkpoints(run.path)
    last = f"the last checkpoint is {saved[-1]}" if saved else "there is no checkpoint"
    what = f"the gradients of {skipped_in_a_row} steps in a row are not finite, up to step {step}; {last}"
    raise InputError(what, where=str(run.path), fix="lower optimizer.lr and give another --out")


def _save_if_due(
    run: RunFolder,
    step: int,
    model: CamWanTransformer3DModel,
    optimizer: torch.optim.Optimizer,
    fixed: Sequence[PairBatch],
    *,
    is_last: bool,
) -> None:
    """Write the checkpoint of a step; only those of the config have a fixed loss, for equal metrics."""
    config = run.config
    is_due = step % config.checkpoint_every == 0 or step == config.steps
    if is_due:
        _record_fixed_loss(run, step, model, fixed)
    if is_due or is_last:
        save_checkpoint(run.path, step, model.trainable_parameters(), optimizer)
        prune_checkpoints(run.path, config.keep_checkpoints)


def _record_fixed_loss(run: RunFolder, step: int, model: nn.Module, fixed: Sequence[PairBatch]) -> None:
    """Record the fixed loss; InputError if it is not finite, so that no such weights are saved."""
    loss = fixed_loss(model, fixed, run.config)
    run.record(step, loss_fixed=loss)
    if not math.isfinite(loss):
        fix = "lower optimizer.lr and give another --out"
        raise InputError(f"the fixed loss is {loss} at step {step}", where=str(run.path), fix=fix)


def _errors(model: nn.Module, batch: CorruptedBatch, config: Config) -> Float[Tensor, " batch"]:
    with autocast(config, batch.noisy_latents.device):
        return squared_error(model, batch)


def _by_sigma(errors: list[float], sigmas: list[float]) -> tuple[float | None, ...]:
    ranges = [min(int(sigma * _SIGMA_RANGES), _SIGMA_RANGES - 1) for sigma in sigmas]
    members = [[e for e, r in zip(errors, ranges, strict=True) if r == n] for n in range(_SIGMA_RANGES)]
    return tuple(sum(part) / len(part) if part else None for part in members)


def _optimizer(trainables: Mapping[str, nn.Parameter], config: Config) -> torch.optim.AdamW:
    chosen, weights = config.optimizer, list(trainables.values())
    optimizer = torch.optim.AdamW(weights, lr=chosen.lr, betas=chosen.betas, weight_decay=chosen.weight_decay)
    for weight in weights:
        # As AdamW begins; a checkpoint may come before its first step.
        zeros = torch.zeros_like(weight, memory_format=torch.preserve_format)
        optimizer.state[weight] = {"step": torch.tensor(0.0), "exp_avg": zeros, "exp_avg_sq": zeros.clone()}
    return optimizer


def _prepared(out: Path, config: Config, stream: PairStream, changed_takes: ChangedTakes) -> RunFolder:
    """Return the folder of the run; the stream has its takes. InputError if these are others."""
    now = stream.state_dict()
    run = RunFolder.prepare(out, config, stream.datasets[0].info, now["sets"])
    stream.load_state_dict({**now, "sets": run.takes}, changed_takes=changed_takes)
    if changed_takes == "use":
        run.use_takes(now["sets"])
    return run


def _resume(run: RunFolder, trainables: Mapping[str, nn.Parameter], optimizer: torch.optim.Optimizer) -> int:
    """Load the newest checkpoint and drop the metrics after it. Returns its step; 0 if there is none."""
    saved = checkpoints(run.path)
    step = load_checkpoint(saved[-1], trainables, optimizer) if saved else 0
    run.drop_metrics_after(step)
    return step


def _report(run: RunFolder, *, resumed_from: int, seconds: float) -> TrainReport:
    lines = run.metrics()
    losses = [line["loss"] for line in lines if "loss" in line and not line.get("skipped")]
    fixed = [line["loss_fixed"] for line in lines if "loss_fixed" in line]
    third = max(len(losses) // 3, 1)
    return TrainReport(
        out=run.path,
        steps=max(resumed_from, run.config.steps),
        resumed_from=resumed_from,
        first_loss=_mean(losses[:third]),
        last_loss=_mean(losses[-third:]),
        first_fixed_loss=_mean(fixed[:1]),
        last_fixed_loss=_mean(fixed[-1:]),
        skipped=sum(bool(line.get("skipped")) for line in lines),
        seconds=seconds,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
