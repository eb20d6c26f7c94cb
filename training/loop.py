"""The training loop."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import torch
from accelerate import init_empty_weights
from torch import nn

from multitake.atomic import replacing
from multitake.counts import many
from multitake.errors import InputError
from multitake.folder_lock import locked_folder
from multitake.interruption import postponed
from multitake.progress import ProgressLine
from shards import open_dataset
from shards.streaming import ChangedTakes, PairStream

from .batches import FIXED_SAMPLES, microbatches, microbatches_of_step, pair_settings, with_rate
from .cache import LatentCache, identity_of
from .checkpoint import checkpoints, load_checkpoint, prune_checkpoints, save_checkpoint, saving
from .computing import prepare_blocks
from .config import Config, Tracking, load_config
from .device import device_of, memory_of
from .encoders import PairBatch, quiet_libraries
from .models.base_folder import base_folder, base_sha256, encoders_sha256
from .models.load import load_models
from .models.recammaster import CamWanTransformer3DModel
from .objective import CorruptedBatch
from .optimization import Average, adamw, learning_rate, set_learning_rate
from .parallel import World, joined_world, whole
from .run_folder import RunFolder
from .step import StepResult, fixed_loss, train_step
from .timing import Speed, Stopwatch
from .trackers import trackers
from .validation import Validation, validation_stream

# A batch can make gradients that are not finite; weights from which every batch does are lost.
_MOST_SKIPPED = 3
_LESS_MEMORY = 'lower microbatch_size, or set gradient_checkpointing = true or parallel = "sharded"'


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


def train(
    config_path: Path,
    *,
    data: str,
    out: Path,
    steps: int | None = None,
    changed_takes: ChangedTakes = "refuse",
    cache: Path | None = None,
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
        cache: folder of latents and texts that ``encode_dataset`` made; the result is the same.
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
    device = device_of(config)
    with joined_world(device) as world, _locked(out, world):
        _require_equal_shares(config, world)
        known = LatentCache.open(cache) if cache else None
        settings = pair_settings(config, dataset_fps)
        if known and known.latents:
            settings = replace(settings, pixels="none")
        stream = PairStream(data, settings, rank=world.rank, world_size=world.size)
        tried_on = validation_stream(data, config, dataset_fps)
        base = base_folder(config, out)
        run = _prepared(out, config, stream, changed_takes, world)
        world.first(lambda: run.require_base(base_sha256(base, config)))
        if known:
            dataset = stream.datasets[0]
            known.require(identity_of(config, dataset, encoders_sha256(base, config)), dataset)
        with memory_of(device, fix=_LESS_MEMORY):
            resumed_from = _trained(run, _Streams(stream, tried_on), base, known, world, progress)
        return _report(run, resumed_from=resumed_from, seconds=time.perf_counter() - began)


def _locked(out: Path, world: World) -> AbstractContextManager[object]:
    """The lock of the folder of a run, which its first process holds."""
    return locked_folder(out, result="config.toml") if world.is_first else nullcontext()


def _require_equal_shares(config: Config, world: World) -> None:
    """InputError unless all processes have equally many samples of a step."""
    if config.batch_size % world.size:
        what = f"{config.batch_size} samples cannot be shared equally by {world.size} processes"
        fix = f"give a multiple of {world.size}"
        raise InputError(what, where="batch_size", fix=fix)


@dataclass(frozen=True)
class _Streams:
    """What a run trains on, and what it is tried on."""

    training: PairStream
    validation: PairStream | None


def _trained(
    run: RunFolder,
    streams: _Streams,
    base: Path,
    cache: LatentCache | None,
    world: World,
    progress: ProgressLine | None,
) -> int:
    """Make all steps that are left, and export the model. Returns the step from which the run resumed."""
    config, device = run.config, device_of(run.config)
    encoders, model = load_models(base, config, device, cache)
    speed = Speed(model, encoders.latent_shape(config.window), config, device, world.size)
    state = _TrainingState.of(model, config, world)
    done = _resume(run, state)
    fixed = [encoders.pairs([streams.training.sample(index)]) for index in FIXED_SAMPLES]
    validation = Validation.of(streams.validation, config, encoders)
    stopwatch = Stopwatch()
    stream = streams.training.starting_at(done * config.batch_size)
    batches = microbatches(stream, config, encoders, stopwatch)
    in_a_row = 0
    told = trackers(config.tracking if run.is_writer else Tracking(), run.path, after_step=done)
    with closing(batches), told as tracked, postponed() as stop:
        run = replace(run, trackers=tracked)
        if done == 0:
            _record_fixed_loss(run, 0, model, fixed)
        for step in range(done + 1, config.steps + 1):
            result = _recorded_step(run, step, state, batches, stopwatch, speed)
            in_a_row = in_a_row + 1 if result.skipped else 0
            _require_progress(run, step, in_a_row)
            if progress and world.is_first:
                text = f"step {step} of {config.steps} | loss {result.loss:.3f}"
                progress.show(text, done=step, total=config.steps)
            _validate_if_due(run, step, state, validation)
            is_last = world.any(stop.number is not None)
            _save_if_due(run, step, state, fixed, is_last=is_last)
            if is_last:
                break
    with state.averaged():
        _export(state, run.path / "model")
    return done


def _export(state: "_TrainingState", folder: Path) -> None:
    """Write the transformer in diffusers layout."""
    weights = {name: whole(weight).cpu() for name, weight in state.model.state_dict().items()}
    if not state.world.is_first:
        return
    with init_empty_weights(include_buffers=False):
        model = CamWanTransformer3DModel.from_config(state.model.config)
    model.load_state_dict(weights, assign=True)
    with saving(folder), replacing(folder) as partial, quiet_libraries():
        model.save_pretrained(partial / "transformer")


@dataclass(frozen=True, kw_only=True)
class _TrainingState:
    """All that a step changes; the average is None if the config asks for none."""

    model: CamWanTransformer3DModel
    trainables: dict[str, nn.Parameter]
    optimizer: torch.optim.AdamW
    average: Average | None
    world: World

    @classmethod
    def of(cls, model: CamWanTransformer3DModel, config: Config, world: World) -> "_TrainingState":
        prepare_blocks(model, config)
        if config.parallel == "sharded":
            world.shard(model, model.blocks)
        trainables, decay = model.trainable_parameters(), config.optimizer.average_decay
        return cls(
            model=model,
            world=world,
            trainables=trainables,
            optimizer=adamw(trainables, config.optimizer),
            average=Average(trainables, decay) if decay else None,
        )

    def averaged(self) -> AbstractContextManager[None]:
        """A block in which the model has the average of its weights, if there is one."""
        return self.average.applied(self.trainables) if self.average else nullcontext()


def _recorded_step(
    run: RunFolder,
    step: int,
    state: _TrainingState,
    batches: Iterator[CorruptedBatch],
    stopwatch: Stopwatch,
    speed: Speed,
) -> StepResult:
    """Make one step, and record its figures."""
    config, started = run.config, time.perf_counter()
    lr = learning_rate(step, config.optimizer)
    set_learning_rate(state.optimizer, lr)
    parts = islice(batches, microbatches_of_step(config, state.world.size))
    samples = config.batch_size
    result = train_step(state.model, state.optimizer, parts, config, samples=samples, world=state.world)
    if state.average and not result.skipped:
        state.average.update(state.trainables, step)
    timing = speed.figures(time.perf_counter() - started, stopwatch.taken())
    run.record(step, **asdict(result), lr=lr, timing=timing)
    return result


def _validate_if_due(run: RunFolder, step: int, state: _TrainingState, validation: Validation) -> None:
    """Record the errors on validation pairs, of the weights and of their average, and write a clip."""
    chosen = run.config.validation
    if chosen.every and step % chosen.every == 0:
        figures = {"validation": validation.errors(state.model)}
        if state.average:
            with state.averaged():
                figures["validation_average"] = validation.errors(state.model)
        run.record(step, **figures)
    if chosen.clips_every and step % chosen.clips_every == 0:
        with state.averaged():
            path = run.path / "clips" / f"{step:06d}.mp4"
            validation.write_clip(state.model, path, is_writer=run.is_writer)


def _require_progress(run: RunFolder, step: int, skipped_in_a_row: int) -> None:
    """InputError if too many steps in a row were skipped; it names the checkpoint before them."""
    if skipped_in_a_row < _MOST_SKIPPED:
        return
    saved = checkpoints(run.path)
    last = f"the last checkpoint is {saved[-1]}" if saved else "there is no checkpoint"
    what = f"the gradients of {skipped_in_a_row} steps in a row are not finite, up to step {step}; {last}"
    raise InputError(what, where=str(run.path), fix="lower optimizer.lr and give another --out")


def _save_if_due(
    run: RunFolder, step: int, state: _TrainingState, fixed: Sequence[PairBatch], *, is_last: bool
) -> None:
    """Write the checkpoint of a step; only those of the config have a fixed loss, for equal metrics."""
    config = run.config
    is_due = step % config.checkpoint_every == 0 or step == config.steps
    if is_due:
        _record_fixed_loss(run, step, state.model, fixed)
    if is_due or is_last:
        average = state.average.weights if state.average else None
        is_writer = run.is_writer
        save_checkpoint(run.path, step, state.trainables, state.optimizer, average, is_writer=is_writer)
        if is_writer:
            prune_checkpoints(run.path, config.keep_checkpoints)


def _record_fixed_loss(run: RunFolder, step: int, model: nn.Module, fixed: Sequence[PairBatch]) -> None:
    """Record the fixed loss; InputError if it is not finite, so that no such weights are saved."""
    loss = fixed_loss(model, fixed, run.config)
    run.record(step, loss_fixed=loss)
    if not math.isfinite(loss):
        fix = "lower optimizer.lr and give another --out"
        raise InputError(f"the fixed loss is {loss} at step {step}", where=str(run.path), fix=fix)


def _prepared(
    out: Path, config: Config, stream: PairStream, changed_takes: ChangedTakes, world: World
) -> RunFolder:
    """Return the folder of the run; the stream has its takes. InputError if these are others."""
    now = stream.state_dict()
    world.first(lambda: RunFolder.prepare(out, config, stream.datasets[0].info, now["sets"]))
    run = RunFolder(path=out, config=config, is_writer=world.is_first)
    stream.load_state_dict({**now, "sets": run.takes}, changed_takes=changed_takes)
    if changed_takes == "use":
        world.first(lambda: run.use_takes(now["sets"]))
    return run


def _resume(run: RunFolder, state: _TrainingState) -> int:
    """Load the newest checkpoint and drop the metrics after it. Returns its step; 0 if there is none."""
    saved, average = checkpoints(run.path), state.average.weights if state.average else None
    step = load_checkpoint(saved[-1], state.trainables, state.optimizer, average) if saved else 0
    state.world.first(lambda: run.drop_metrics_after(step))
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
