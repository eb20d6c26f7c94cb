"""The microbatches of a run: streamed samples, encoded, and mixed with noise from a thread."""

from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count, islice, tee

from multitake.errors import InputError
from shards.pairs import (
    AdjacentPairs,
    MovingPairs,
    PairPolicy,
    PairSettings,
    UniformPairs,
    WeightedPairs,
)
from shards.streaming import PairLoader, PairSample, PairStream

from .config import Config
from .encoders import WanEncoders
from .objective import CorruptedBatch, corrupt, pair_noise, sample_corruption
from .timing import Stopwatch

_NOISE_AHEAD = 2
# The samples of the fixed loss are beyond the end of any run.
FIXED_SAMPLES = range(10**9, 10**9 + 4)


def with_rate(config: Config, dataset_fps: float) -> Config:
    """Return a config that names its frame rate; InputError if that is not a part of the data set's."""
    fps = config.window.fps or dataset_fps
    every = dataset_fps / fps
    if round(every) < 1 or abs(every - round(every)) > 1e-3:
        what = f"{fps:g} frames per second of a data set with {dataset_fps:g}"
        fix = "divide the rate of the data set by a whole number"
        raise InputError(what, where="window.fps", fix=fix)
    return replace(config, window=replace(config.window, fps=fps))


def pair_settings(config: Config, dataset_fps: float, *, split: str = "train") -> PairSettings:
    """Return which pairs a run streams, from the takes of a split."""
    window = config.window
    return PairSettings(
        seed=config.seed,
        frames=window.frames,
        strides=(round(dataset_fps / window.fps) if window.fps else 1,),
        size_px=(window.width_px, window.height_px),
        policy=_policy(config),
        split=split,
    )


def _policy(config: Config) -> PairPolicy:
    pairs = config.pairs
    if pairs.policy == "weighted":
        return WeightedPairs(weights=pairs.weights)
    policies: dict[str, PairPolicy] = {
        "uniform": UniformPairs(),
        "moving": MovingPairs(),
        "adjacent": AdjacentPairs(),
    }
    return policies[pairs.policy]


def microbatches(
    stream: PairStream, config: Config, encoders: WanEncoders, stopwatch: Stopwatch
) -> Generator[CorruptedBatch, None, None]:
    """Yield the microbatches of all steps without end, each encoded when it is asked for.

    They are those of the rank of the stream.

    The stopwatch counts the seconds of ``waiting`` for samples and noise, and of ``encoding``.
    """
    shape, parts = encoders.latent_shape(config.window), _parts(config, stream)
    with PairLoader(stream, workers=config.loader_workers) as loader, ThreadPoolExecutor(1) as thread:
        samples = iter(loader)
        parts, next_parts = tee(parts)
        noises = deque(
            thread.submit(pair_noise, part, shape, seed=config.seed)
            for part in islice(next_parts, _NOISE_AHEAD)
        )
        for part in parts:
            corruptions = [
                sample_corruption(config.noise, seed=config.seed, sample_index=index) for index in part
            ]
            with stopwatch.of("waiting"):
                shown = [
                    _shown(sample, config, has_text=corruption.has_text)
                    for sample, corruption in zip(islice(samples, len(part)), corruptions, strict=True)
                ]
                noises.append(thread.submit(pair_noise, next(next_parts), shape, seed=config.seed))
                noise = noises.popleft().result()
            with stopwatch.of("encoding"):
                batch = encoders.pairs(shown)
                del shown
            yield corrupt(batch, corruptions, noise, noise=config.noise)


def _shown(sample: PairSample, config: Config, *, has_text: bool) -> PairSample:
    """A sample as the model may see it; InputError if a focal length that the model needs is unknown."""
    if config.model.needs_intrinsics and sample.target.intrinsics.isnan().any():
        what = f"no focal length, which camera_encoding {config.model.camera_encoding!r} needs"
        fix = 'use model.camera_encoding = "poses"'
        raise InputError(what, where=f"take {sample.take}, camera {sample.target.camera}", fix=fix)
    return sample if has_text else replace(sample, caption="")


def microbatches_of_step(config: Config, world_size: int = 1) -> int:
    """Return how many microbatches a step has in each process; the last one can be smaller."""
    return -(-config.batch_size // world_size // config.microbatch_size)


def _parts(config: Config, stream: PairStream) -> Iterator[range]:
    """Yield the samples of each microbatch of a rank, from the next one of the stream on."""
    for first in count(stream.next_sample, config.batch_size):
        samples = range(first + stream.rank, first + config.batch_size, stream.world_size)
        for start in range(0, len(samples), config.microbatch_size):
            yield samples[start : start + config.microbatch_size]
