"""The training loop."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

from multitake.errors import InputError
from multitake.folder_lock import locked_folder
from multitake.interruption import postponed
from multitake.progress import ProgressLine
from shards import open_dataset
from shards.streaming import ChangedTakes

from .batches import FIXED_SAMPLES, microbatches, microbatches_of_step, with_rate
from .checkpoint import checkpoints
from .config import Tracking, load_config
from .device import device_of, memory_of
from .encoders import PairBatch, WanEncoders
from .models.load import load_models
from .objective import CorruptedBatch
from .optimization import learning_rate, set_learning_rate
from .parallel import World, joined_world
from .report import TrainReport, report_of
from .run_folder import RunFolder
from .run_inputs import RunInputs, open_inputs
from .step import StepResult, fixed_loss, train_step
from .timing import Speed, Stopwatch
from .trackers import trackers
from .training_state import TrainingState
from .validation import Validation

# A batch can make gradients that are not finite; weights from which every batch does are lost.
_MOST_SKIPPED = 3
_LESS_MEMORY = 'lower microbatch_size, or set gradient_checkpointing = true or parallel = "sharded"'


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
    config, dataset_fps = load_config(config_path), open_dataset(data).info.fps
    config = with_rate(replace(config, steps=steps or config.steps), dataset_fps)
    device = device_of(config)
    with joined_world(device) as world, _locked(out, world), memory_of(device, fix=_LESS_MEMORY):
        inputs = open_inputs(
            config,
            data=data,
            dataset_fps=dataset_fps,
            out=out,
            changed_takes=changed_takes,
            cache=cache,
            world=world,
        )
        resumed_from = _trained(inputs, world, progress)
        return report_of(inputs.run, resumed_from=resumed_from, seconds=time.perf_counter() - began)


def _locked(out: Path, world: World) -> AbstractContextManager[object]:
    """The lock of the folder of a run, which its first process holds."""
    return locked_folder(out, result="config.toml") if world.is_first else nullcontext()


def _trained(inputs: RunInputs, world: World, progress: ProgressLine | None) -> int:
    """Make all steps that are left, and export the model. Returns the step from which the run resumed."""
    config = inputs.run.config
    encoders, model = load_models(inputs.base, config, device_of(config), inputs.cache)
    state = TrainingState.of(model, config, world)
    done = state.resume(inputs.run)
    with _started(inputs, encoders, state, done) as session, postponed() as stop:
        for step in range(done + 1, config.steps + 1):
            result = session.make(step)
            if progress and world.is_first:
                text = f"step {step} of {config.steps} | loss {result.loss:.3f}"
                progress.show(text, done=step, total=config.steps)
            session.validate_if_due(step)
            is_last = world.any(stop.number is not None)
            session.save_if_due(step, is_last=is_last)
            if is_last:
                break
    state.export(inputs.run.path / "model")
    return done


@contextmanager
def _started(
    inputs: RunInputs, encoders: WanEncoders, state: TrainingState, done: int
) -> Iterator["_Session"]:
    """A session whose next step is ``done + 1``."""
    run, stopwatch = inputs.run, Stopwatch()
    config, world = run.config, state.world
    fixed = [encoders.pairs([inputs.stream.sample(index)]) for index in FIXED_SAMPLES]
    stream = inputs.stream.starting_at(done * config.batch_size)
    tracking = config.tracking if run.is_writer else Tracking()
    with (
        closing(microbatches(stream, config, encoders, stopwatch)) as batches,
        trackers(tracking, run.path, after_step=done) as tracked,
    ):
        session = _Session(
            run=replace(run, trackers=tracked),
            state=state,
            batches=batches,
            fixed=fixed,
            validation=Validation.of(inputs.validation, config, encoders),
            stopwatch=stopwatch,
            speed=Speed(
                state.model, encoders.latent_shape(config.window), config, device_of(config), world.size
            ),
        )
        if done == 0:
            session.record_fixed_loss(0)
        yield session


@dataclass(kw_only=True)
class _Session:
    """A run from the step that it is at: what a step uses, and how often it was skipped in a row."""

    run: RunFolder
    state: TrainingState
    batches: Iterator[CorruptedBatch]
    fixed: Sequence[PairBatch]
    validation: Validation
    stopwatch: Stopwatch
    speed: Speed
    skipped_in_a_row: int = 0

    def make(self, step: int) -> StepResult:
        """Make one step, and record its figures; InputError if too many in a row were skipped."""
        config, state, began_s = self.run.config, self.state, time.perf_counter()
        lr = learning_rate(step, config.optimizer)
        set_learning_rate(state.optimizer, lr)
        parts = islice(self.batches, microbatches_of_step(config, state.world.size))
        samples = config.batch_size
        result = train_step(state.model, state.optimizer, parts, config, samples=samples, world=state.world)
        if state.average and not result.skipped:
            state.average.update(state.trainables, step)
        timing = self.speed.figures(time.perf_counter() - began_s, self.stopwatch.taken())
        self.run.record(step, **asdict(result), lr=lr, timing=timing)
        self.skipped_in_a_row = self.skipped_in_a_row + 1 if result.skipped else 0
        self._require_progress(step)
        return result

    def validate_if_due(self, step: int) -> None:
        """Record the errors on validation pairs, of the weights and of their average, and write a clip."""
        chosen, state = self.run.config.validation, self.state
        if chosen.every and step % chosen.every == 0:
            figures = {"validation": self.validation.errors(state.model)}
            if state.average:
                with state.averaged():
                    figures["validation_average"] = self.validation.errors(state.model)
            self.run.record(step, **figures)
        if chosen.clips_every and step % chosen.clips_every == 0:
            with state.averaged():
                path = self.run.path / "clips" / f"{step:06d}.mp4"
                self.validation.write_clip(state.model, path, is_writer=self.run.is_writer)

    def save_if_due(self, step: int, *, is_last: bool) -> None:
        """Write the checkpoint of a step; only those of the config have a fixed loss, for equal metrics."""
        config = self.run.config
        is_due = step % config.checkpoint_every == 0 or step == config.steps
        if is_due:
            self.record_fixed_loss(step)
        if is_due or is_last:
            self.state.save(self.run, step)

    def record_fixed_loss(self, step: int) -> None:
        """Record the fixed loss; InputError if it is not finite, so that no such weights are saved."""
        loss = fixed_loss(self.state.model, self.fixed, self.run.config)
        self.run.record(step, loss_fixed=loss)
        if not math.isfinite(loss):
            fix = "lower optimizer.lr and give another --out"
            raise InputError(f"the fixed loss is {loss} at step {step}", where=str(self.run.path), fix=fix)

    def _require_progress(self, step: int) -> None:
        if self.skipped_in_a_row < _MOST_SKIPPED:
            return
        saved = checkpoints(self.run.path)
        last = f"the last checkpoint is {saved[-1]}" if saved else "there is no checkpoint"
        count = self.skipped_in_a_row
        what = f"the gradients of {count} steps in a row are not finite, up to step {step}; {last}"
        raise InputError(what, where=str(self.run.path), fix="lower optimizer.lr and give another --out")
