"""What a run needs before its first step: its folder, takes, base model and cache, all of them checked."""

from dataclasses import dataclass, replace
from pathlib import Path

from multitake.errors import InputError
from shards.streaming import ChangedTakes, PairStream

from .batches import pair_settings
from .cache import LatentCache, identity_of
from .config import Config
from .models.base_folder import base_folder, base_sha256, encoders_sha256
from .parallel import World
from .run_folder import RunFolder
from .validation import validation_stream


@dataclass(frozen=True, kw_only=True)
class RunInputs:
    """What a run reads, and where it writes.

    Attributes:
        stream: the pairs of this process, of the takes that the run began with.
        validation: the pairs of the split ``validation``; None if the config asks for none.
        cache: None if videos and captions are encoded while they are used.
    """

    run: RunFolder
    stream: PairStream
    validation: PairStream | None
    base: Path
    cache: LatentCache | None


def open_inputs(
    config: Config,
    *,
    data: str,
    dataset_fps: float,
    out: Path,
    changed_takes: ChangedTakes,
    cache: Path | None,
    world: World,
) -> RunInputs:
    """Open what a run needs; the folder is made if there is none.

    InputError for a data set, a base model or a cache that cannot be used, for those of another run, and for
    a batch that the processes cannot share.
    """
    _require_equal_shares(config, world)
    known = LatentCache.open(cache) if cache else None
    settings = pair_settings(config, dataset_fps)
    if known and known.latents:
        settings = replace(settings, pixels="none")
    stream = PairStream(data, settings, rank=world.rank, world_size=world.size)
    validation = validation_stream(data, config, dataset_fps)
    base = base_folder(config, out)
    run = _folder(out, config, stream, changed_takes, world)
    world.first(lambda: run.require_base(base_sha256(base, config)))
    if known:
        dataset = stream.datasets[0]
        known.require(identity_of(config, dataset, encoders_sha256(base, config)), dataset)
    return RunInputs(run=run, stream=stream, validation=validation, base=base, cache=known)


def _require_equal_shares(config: Config, world: World) -> None:
    """InputError unless all processes have equally many samples of a step."""
    if config.batch_size % world.size:
        what = f"{config.batch_size} samples cannot be shared equally by {world.size} processes"
        fix = f"give a multiple of {world.size}"
        raise InputError(what, where="batch_size", fix=fix)


def _folder(
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
