"""The stream: an endless, exactly resumable sequence of pairs."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from torch.utils.data import IterableDataset, get_worker_info

from multitake.counts import many
from multitake.errors import InputError, LineError

from ..pairs import (
    Cache,
    MixingStatistic,
    PairReader,
    PairSettings,
    PairSource,
    SlotPool,
    ahead,
    check_rank,
    distinct_over_shuffled,
    open_plan,
    pair_sources,
    whole_number,
)
from ..reading import Dataset
from .samples import PairSample, pair_sample
from .worker_errors import of_worker

ChangedTakes = Literal["refuse", "keep", "use"]
STATE_SCHEMA = 2
_RECORD = frozenset({"takes", "sha256", "content_sha256", "shards"})
_OBJECT_THREADS = 16


class PairStream(IterableDataset[PairSample]):
    """Endless pairs; sample i depends on (data sets, settings, i) alone.

    Every epoch of a data set has each of its takes once, in another order; cameras, window and crop are
    sampled for each pair. Rank r of ``world_size`` has samples ``first_sample + r``, ``+ world_size``, and so
    on. ``PairLoader`` reads it with processes, and without copies between them. A
    ``DataLoader(stream, batch_size=None, num_workers=n)`` of torch gives the same samples in the same order.

    Args:
        sources: a data set (folder or fsspec address), or several, as addresses or with their weights.
        settings: which pairs.
        cache: keeps what was read from storage on the disk of this machine.
        allow_mixed: data sets may differ in look and frame rate.
        patience_s: how long an outage of the storage is waited for.

    InputError for an unreadable data set, a split without takes, too few cameras, windows that are too long,
    or data sets that differ.
    """

    def __init__(
        self,
        sources: str | Path | PairSource | Sequence[str | Path | PairSource],
        settings: PairSettings,
        *,
        rank: int = 0,
        world_size: int = 1,
        first_sample: int = 0,
        cache: Cache | None = None,
        allow_mixed: bool = False,
        patience_s: float | int = 600.0,
    ) -> None:
        check_rank(rank, world_size)
        self._sources = pair_sources(sources)
        self._settings = settings
        self._opening: dict[str, Any] = {
            "cache": cache,
            "allow_mixed": allow_mixed,
            "patience_s": patience_s,
        }
        self.rank, self.world_size = int(rank), int(world_size)
        self.next_sample = whole_number("first_sample", first_sample, least=0)
        self._reader = PairReader(open_plan(self._sources, settings, **self._opening))

    def __iter__(self) -> Iterator[PairSample]:
        worker = get_worker_info()
        if worker is None:
            yield from self._samples(self.next_sample, self.world_size)
            return
        first = self.next_sample + worker.id * self.world_size
        try:
            yield from self._samples(first, worker.num_workers * self.world_size)
        except LineError as error:
            raise of_worker(error) from None

    def sample(self, index: int) -> PairSample:
        """Sample ``index`` of the stream, of any rank. InputError if it cannot be read."""
        memory = np.empty(self._reader.slot_bytes, dtype=np.uint8)
        record = self._reader.read(whole_number("sample", index, least=0), memory)
        return pair_sample(record, memory, self._settings.pixels)

    @property
    def reader(self) -> PairReader:
        """What reads the samples."""
        return self._reader

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """The data sets."""
        return tuple(one.dataset for one in self._reader.plan.sets)

    def starting_at(self, next_sample: int) -> "PairStream":
        """This stream, whose next sample is that one, over all ranks."""
        self.next_sample = next_sample
        return self

    @property
    def threads(self) -> int:
        """How many threads fetch samples in advance: none from a folder of this machine."""
        return _OBJECT_THREADS if any("://" in one.where for one in self._reader.plan.sets) else 0

    def mixing(self, *, window: int = 256, samples: int = 8192) -> MixingStatistic:
        """How well the next samples are shuffled, see ``MixingStatistic``; reads nothing.

        InputError for a window that is not within the samples.
        """
        if whole_number("window", window, least=1) > whole_number("samples", samples, least=1):
            what, fix = f"a window of {window} of {samples} samples", "give a smaller window"
            raise InputError(what, where="window", fix=fix)
        plan = self._reader.plan
        planned = [plan.take(self.next_sample + n) for n in range(samples)]
        shards = [(one.dataset, plan.sets[one.dataset].dataset.shard_of(one.key)) for one in planned]
        takes = [(one.dataset, one.key) for one in planned]
        return MixingStatistic(
            window=window,
            takes=distinct_over_shuffled(takes, window),
            shards=distinct_over_shuffled(shards, window),
        )

    def state_dict(self) -> dict[str, Any]:
        """The state after the samples that were yielded in this process.

        If workers read ahead, use that of ``PairLoader``, or ``state_after`` with the last sample.
        """
        return self.state_at(self.next_sample)

    def state_after(self, sample: PairSample) -> dict[str, Any]:
        """The state after ``sample``, if every rank has used its sample of that step."""
        return self.state_at(sample.sample_index - self.rank + self.world_size)

    def state_at(self, next_sample: int) -> dict[str, Any]:
        """The state before a sample. ``next_sample`` counts over all ranks: after n steps of w ranks with
        batches of b samples it is n x w x b, and any number of ranks can share what follows.
        """
        plan = self._reader.plan
        state = {"schema": STATE_SCHEMA, "settings": plan.order(), "next_sample": next_sample}
        return {**state, "sets": plan.records()}

    def load_state_dict(
        self, state: Mapping[str, Any], *, changed_takes: ChangedTakes = "refuse"
    ) -> "PairStream":
        """Continue from a state, with any number of ranks, workers and samples in a batch.

        Args:
            changed_takes: what to do if the data sets have other takes than those of the state: ``refuse``
                them; ``keep`` to the takes of the state, if all are there; or ``use`` those that are there
                now, whose epochs are other ones.

        InputError for a state of other settings, but for size, crop, pixels and what is done about damage;
        for other takes; if takes that are to be kept are missing; and for a damaged state.
        """
        if changed_takes not in get_args(ChangedTakes):
            fix = f"choose from {', '.join(get_args(ChangedTakes))}"
            raise InputError(f"unknown value {changed_takes!r}", where="changed_takes", fix=fix)
        _check_state(state, self._reader.plan.order())
        if changed_takes == "keep":
            plan = open_plan(self._sources, self._settings, kept=state["sets"], **self._opening)
            self._reader = PairReader(plan)
        if changed_takes != "use":
            _check_takes(state["sets"], self._reader, is_kept=changed_takes == "keep")
        self.next_sample = state["next_sample"]
        return self

    def _samples(self, first: int, step: int) -> Iterator[PairSample]:
        # Not kept: processes that are forked later would share it.
        pool = SlotPool(self._reader.slot_bytes)
        # One for the user, and one to decode into.
        pool.reserve(2)
        indices = count(first + self.rank, step)
        for fetched in ahead(self._reader.fetch, indices, threads=self.threads):
            memory = pool.lend(pool.take())
            record = self._reader.decode(fetched, memory)
            self.next_sample = record.sample_index - self.rank + self.world_size
            sample = pair_sample(record, memory, self._settings.pixels)
            # Only the sample may refer to its memory.
            del memory
            yield sample


def _check_state(state: Mapping[str, Any], order: Mapping[str, Any]) -> None:
    """InputError unless a state is complete, and of a stream of this order."""
    if not isinstance(state, Mapping):
        raise InputError("not the state of a stream", where="stream state", fix="give one of `state_dict`")
    if state.get("schema") != STATE_SCHEMA:
        what = f"schema {state.get('schema')!r}"
        raise InputError(what, where="stream state", fix=f"resume a state of schema {STATE_SCHEMA}")
    sets, at, settings = state.get("sets"), state.get("next_sample"), state.get("settings")
    is_whole = isinstance(settings, Mapping) and isinstance(sets, list) and type(at) is int and at >= 0
    if not is_whole or not all(map(_is_record, sets or ())):
        raise InputError("not the state of a stream", where="stream state", fix="give one of `state_dict`")
    if len(sets or ()) != len(order["weights"]):
        what = f"{many(len(order['weights']), 'data set')}, the stream was started with {len(sets or ())}"
        raise InputError(what, where="stream state", fix="give the same data sets in the same order")
    for name, value in order.items():
        if (settings or {}).get(name) != value:
            what = f"{name} is {value}, the stream was started with {(settings or {}).get(name)}"
            raise InputError(what, where="stream state", fix=f"resume with the same {name}")


def _is_record(found: Any) -> bool:
    return isinstance(found, Mapping) and found.keys() >= _RECORD and type(found["takes"]) is int


def _check_takes(wanted: Sequence[Mapping[str, Any]], reader: PairReader, *, is_kept: bool) -> None:
    """InputError unless the takes are those of a state."""
    sets = reader.plan.sets
    for one, record in zip(sets, wanted, strict=True):
        found = one.record()
        if all(found[name] == record[name] for name in ("sha256", "content_sha256")):
            continue
        what = f"other takes than the stream was started with: {found['takes']}, not {record['takes']}"
        if found["sha256"] == record["sha256"]:
            what = "takes of the same names, but not those that the stream was started with"
        fix = "restore them, or resume with changed_takes='use'"
        if not is_kept:
            fix = "resume with changed_takes='keep' for those only, or 'use' for all that are there now"
        raise InputError(what, where=one.where, fix=fix)
