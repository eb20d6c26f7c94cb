"""The plan of a stream: which data set, take and pair sample ``i`` is, a pure function of the seed and i."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from multitake.counts import many
from multitake.errors import InputError
from multitake.randomness import rng_for

from ..reading import Dataset, dataset_of
from ..takes import Take
from .choice import PairChoice, lacks_motions, pair_choice, unknown_motions, window_frames
from .fetching import STREAM_PATIENCE_S, Cache, StreamFiles
from .mixing import Mixture
from .settings import PairSettings, PairSource

_RANGES = re.compile(r"[0-9]{1,7}(-[0-9]{1,7})?(,[0-9]{1,7}(-[0-9]{1,7})?)*")


@dataclass(frozen=True, kw_only=True)
class TakeSet:
    """The takes of one data set that a stream uses."""

    dataset: Dataset
    files: StreamFiles
    keys: tuple[str, ...]
    shards: tuple[int, ...]

    @property
    def where(self) -> str:
        """The address of the data set."""
        return self.files.url

    def record(self) -> dict[str, Any]:
        """What identifies these takes: how many, the sha256 of their names in order and of what their members
        are by the index, and the shards that were sealed.
        """
        return {
            "takes": len(self.keys),
            "sha256": _digest(self.keys),
            "content_sha256": self.dataset.content_sha256(self.keys),
            "shards": _ranges(self.shards),
        }


@dataclass(frozen=True, kw_only=True)
class PlannedTake:
    """The take of a sample; ``dataset`` counts from 0, and an epoch has each of its takes once."""

    dataset: int
    key: str
    epoch: int


class PairPlan:
    """The samples of a stream: sample i depends on (takes, settings, i) alone.

    In each epoch of a data set every take comes once, in another order. InputError if a data set cannot give
    such pairs.

    Attributes:
        frames: frames of a delivered clip.
        size_px: their (width, height).
    """

    def __init__(
        self, sets: Sequence[TakeSet], weights: Sequence[float | int], settings: PairSettings
    ) -> None:
        self.sets = tuple(sets)
        self.settings = settings
        self._weights = tuple(weights)
        self._mixture = Mixture(weights)
        for one in self.sets:
            _check(one, settings)
            _check_motions(one, settings)
        infos = [one.dataset.info for one in self.sets]
        self.frames = min(window_frames(settings, info.frames) for info in infos)
        self.size_px = settings.size_px or (infos[0].width_px, infos[0].height_px)

    def take(self, index: int, *, attempt: int = 0) -> PlannedTake:
        """The take of a sample; every ``attempt`` after the first replaces one that cannot be read."""
        number, before = self._mixture.place(index)
        keys = self.sets[number].keys
        epoch, place = divmod(before, len(keys))
        chosen = int(_shuffled(self.settings.seed, number, epoch, len(keys))[place])
        if attempt and len(keys) > 1:
            rng = rng_for(self.settings.seed, "instead", index, attempt)
            chosen = (chosen + 1 + int(rng.integers(len(keys) - 1))) % len(keys)
        return PlannedTake(dataset=number, key=keys[chosen], epoch=epoch)

    def pair(self, index: int, planned: PlannedTake, *, attempt: int = 0) -> PairChoice:
        """The pair of a sample; reads rows and poses of its take.

        InputError if they are damaged, or if the take has no such pair.
        """
        take = self.sets[planned.dataset].dataset.take(planned.key)
        return self.pair_of(take, rng_for(self.settings.seed, "pair", index, attempt))

    def pair_of(self, take: Take, rng: np.random.Generator) -> PairChoice:
        """The pair of a take that random numbers choose; InputError as for ``pair``."""
        return pair_choice(take, self.settings, self.frames, rng)

    @property
    def takes(self) -> int:
        """The number of takes of all data sets."""
        return sum(len(one.keys) for one in self.sets)

    def order(self) -> dict[str, Any]:
        """The settings that decide which takes, cameras and windows the samples have, as plain values."""
        return {**self.settings.order(), "weights": list(self._weights)}

    def records(self) -> list[dict[str, Any]]:
        """What identifies the takes of each data set."""
        return [one.record() for one in self.sets]


def open_plan(
    sources: Sequence[PairSource],
    settings: PairSettings,
    *,
    kept: Sequence[Mapping[str, Any]] | None = None,
    cache: Cache | None = None,
    allow_mixed: bool = False,
    patience_s: float | int = STREAM_PATIENCE_S,
) -> PairPlan:
    """Open the data sets of a stream; only the takes of their records, if ``kept`` has one for each set.

    InputError if one cannot be read, if they differ, or if one cannot give such pairs.
    """
    if not 0 <= patience_s < float("inf"):
        what = f"must be 0 or more, got {patience_s}"
        raise InputError(what, where="patience_s", fix="give a number of seconds")
    if not sources:
        raise InputError("no data set", where="sources", fix="give at least one")
    nothing: Sequence[None] = [None] * len(sources)
    chosen = nothing if kept is None else kept
    if len(chosen) != len(sources):
        what = f"{many(len(sources), 'data set')}, the stream was started with {len(chosen)}"
        raise InputError(what, where="stream state", fix="give the same data sets in the same order")
    sets = [
        _take_set(one, settings, StreamFiles(one.url, cache=cache, patience_s=patience_s), some)
        for one, some in zip(sources, chosen, strict=True)
    ]
    _check_alike(sets, settings, allow_mixed=allow_mixed)
    return PairPlan(sets, [one.weight for one in sources], settings)


def _take_set(
    source: PairSource, settings: PairSettings, files: StreamFiles, kept: Mapping[str, Any] | None
) -> TakeSet:
    """The takes of a data set that a source and a split choose: all of them, or those before it grew.

    InputError if it is not a data set, if there are no such takes, or if one of the shards is missing.
    """
    dataset = dataset_of(files)
    keys, used = dataset.keys, dataset.shards
    if kept is not None:
        used = _numbers(kept["shards"])
        missing = set(used).difference(dataset.shards)
        if missing:
            fix = "restore it, or continue with the takes that are there now"
            raise InputError(f"shard {min(missing):05d} is not there any more", where=files.url, fix=fix)
        keys = tuple(key for shard in used for key in dataset.keys_of_shard(shard))
    if settings.split is not None:
        splits = dataset.splits
        keys = tuple(key for key in keys if splits[key] == settings.split)
        if not keys:
            fix = f"choose from {', '.join(sorted(set(splits.values())))}"
            raise InputError(f"no takes in split {settings.split!r}", where=files.url, fix=fix)
    chosen = frozenset(source.selection.keys(dataset, named=""))
    keys = tuple(key for key in keys if key in chosen)
    # A shard that was the last one can have more takes now.
    keys = keys[: kept["takes"]] if kept is not None else keys
    if not keys:
        raise InputError("no take is left", where=files.url, fix="choose more takes")
    return TakeSet(dataset=dataset, files=files, keys=keys, shards=used)


def _check_alike(sets: Sequence[TakeSet], settings: PairSettings, *, allow_mixed: bool) -> None:
    """InputError if data sets differ in look, or in size or frame rate, unless that was allowed."""
    first = sets[0].dataset.info
    for one in sets[1:]:
        info = one.dataset.info
        compared: Mapping[str, tuple[Any, Any]] = {
            "look": (first.engine.look, info.engine.look),
            "fps": (first.fps, info.fps),
            "size": ((first.width_px, first.height_px), (info.width_px, info.height_px)),
        }
        for name, (ours, other) in compared.items():
            if ours == other or (name == "size" and settings.size_px):
                continue
            if name == "size":
                fix = "give size_px"
            elif allow_mixed:
                continue
            else:
                fix = "give allow_mixed=True if they are to be mixed"
            what = f"{name} is {other}, that of {sets[0].where} is {ours}"
            raise InputError(what, where=one.where, fix=fix)


def _check(one: TakeSet, settings: PairSettings) -> None:
    info = one.dataset.info
    if info.cameras <= settings.targets:
        what = f"pairs need {settings.targets + 1} cameras, the takes have {info.cameras}"
        fix = "film with more cameras" if settings.targets == 1 else "ask for fewer targets"
        raise InputError(what, where=one.where, fix=fix)
    frames, stride = window_frames(settings, info.frames), max(settings.strides)
    most = (info.frames - 1) // stride + 1
    if not 1 <= frames <= most:
        every = f", every {stride} frames," if stride > 1 else ""
        what = f"a window of {frames} frames{every} in clips of {info.frames} frames"
        raise InputError(what, where=one.where, fix=f"choose 1 to {most} frames")


def _check_motions(one: TakeSet, settings: PairSettings) -> None:
    """InputError if the policy needs motions, and neither the first nor the last take has any."""
    is_without = False
    # Damage is found when that take is read.
    with suppress(InputError):
        takes = map(one.dataset.take, (one.keys[0], one.keys[-1]))
        is_without = all(lacks_motions(take, settings.policy) for take in takes)
    if is_without:
        raise unknown_motions(settings.policy, where=one.where)


def _digest(keys: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers as ranges, such as ``0-5,7``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def _numbers(ranges: str) -> tuple[int, ...]:
    """The numbers of ``_ranges``; InputError for any other text."""
    if not _RANGES.fullmatch(ranges):
        raise InputError(f"shards are {ranges!r}", where="stream state", fix="give one of `state_dict`")
    bounds = (part.partition("-") for part in ranges.split(","))
    return tuple(n for first, _, last in bounds for n in range(int(first), int(last or first) + 1))


@lru_cache(maxsize=16)
def _shuffled(seed: int, number: int, epoch: int, takes: int) -> np.ndarray:
    return rng_for(seed, "epoch", number, epoch).permutation(takes)
