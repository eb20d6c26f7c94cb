"""The sequential reader: whole shards one after the other, for spinning disks and plain HTTP."""

import io
import tarfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import webdataset
from torch.utils.data import IterableDataset, get_worker_info
from webdataset.tariterators import group_by_keys, tar_file_expander

from multitake.errors import InputError, LineError
from multitake.outages import outages
from multitake.randomness import rng_for

from ..files import Files
from ..format import RESTORE, shard_files
from ..pairs import (
    FetchedPair,
    PairReader,
    PairSettings,
    PairSource,
    PlannedTake,
    SkippedTake,
    SlotPool,
    open_plan,
)
from ..takes import Take
from .samples import PairSample, pair_sample
from .worker_errors import of_worker

_TIMEOUT_S = 60.0


class SequentialPairs(IterableDataset[PairSample]):
    """Endless pairs, read shard by shard with the pipeline of the ``webdataset`` package.

    Each epoch has all shards in another order. Several pairs are taken from each take that is read: those of
    ``buffer_takes`` takes are mixed, so a buffer has that many takes in memory. Every member is checked, and
    every take must be there. Use it where byte ranges are slow; ``PairStream`` shuffles better, needs less
    memory and bytes, and resumes exactly.

    Args:
        url: a folder, or an http address whose server needs neither ranges nor listings.
        settings: which pairs; ``split`` leaves out other takes, which are read nevertheless.
        pairs_per_take: pairs of each take that is read.
        buffer_takes: takes that are mixed.

    InputError for an unreadable data set, and for fewer shards than ranks times workers.
    """

    def __init__(
        self,
        url: str | Path,
        settings: PairSettings,
        *,
        pairs_per_take: int = 5,
        buffer_takes: int = 16,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        for name, value in (("pairs_per_take", pairs_per_take), ("buffer_takes", buffer_takes)):
            if value < 1:
                raise InputError(f"must be 1 or more, got {value}", where=name, fix="give 1 or more")
        # What is skipped is not replaced here: the next take comes.
        self._reader = PairReader(open_plan([PairSource(url=url)], replace(settings, damage="stop")))
        self._settings = settings
        self._pairs, self._buffer = pairs_per_take, buffer_takes
        self._rank, self._world_size = rank, world_size
        self._skipped: list[SkippedTake] = []
        self._check_readers(world_size)

    def __iter__(self) -> Iterator[PairSample]:
        worker = get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        try:
            self._check_readers(self._world_size * workers)
            yield from self._samples(self._rank * workers + number, self._world_size * workers)
        except LineError as error:
            if worker is None:
                raise
            raise of_worker(error) from None

    def _check_readers(self, readers: int) -> None:
        one = self._reader.plan.sets[0]
        if len(one.shards) < readers:
            what = f"{len(one.shards)} shards for {readers} readers (ranks times workers)"
            raise InputError(what, where=one.where, fix="use fewer readers, or PairStream")

    def _samples(self, reader: int, readers: int) -> Iterator[PairSample]:
        """The samples of one of several readers."""
        pool = SlotPool(self._reader.slot_bytes)
        for index, fetched in enumerate(self._mixed(self._takes(reader, readers))):
            memory = pool.lend(pool.take())
            record = self._reader.decode(replace(fetched, index=index), memory)
            skipped, self._skipped = tuple(self._skipped), []
            sample = pair_sample(replace(record, skipped=skipped), memory, self._settings.pixels)
            # Only the sample may refer to its memory.
            del memory
            yield sample
            del sample

    def _mixed(self, takes: Iterator[tuple[PlannedTake, Take]]) -> Iterator[FetchedPair]:
        """Pairs of takes: each is of any take in the buffer, which gives as many as were asked for."""
        buffer: list[tuple[PlannedTake, Take, list[int]]] = []
        rng = rng_for(self._settings.seed, "buffer", self._rank)
        while True:
            while len(buffer) < self._buffer:
                planned, take = next(takes)
                buffer.append((planned, take, list(range(self._pairs))))
            place = int(rng.integers(len(buffer)))
            planned, take, left = buffer[place]
            yield self._fetched(planned, take, left.pop())
            if not left:
                buffer.pop(place)

    def _fetched(self, planned: PlannedTake, take: Take, number: int) -> FetchedPair:
        rng = rng_for(self._settings.seed, "pair of a take", planned.epoch, planned.key, number)
        choice = self._reader.plan.pair_of(take, rng)
        videos = take.video_starts(choice.cameras, choice.window.stop)
        return FetchedPair(index=number, planned=planned, content=(choice, videos))

    def _takes(self, reader: int, readers: int) -> Iterator[tuple[PlannedTake, Take]]:
        """The takes of the shards of a reader, epoch after epoch."""
        shards = self._reader.plan.sets[0].shards
        for epoch in count():
            order = rng_for(self._settings.seed, "shards", epoch).permutation(len(shards))
            for place in order[reader::readers]:
                yield from self._takes_of(shards[place], epoch)

    def _takes_of(self, shard: int, epoch: int) -> Iterator[tuple[PlannedTake, Take]]:
        """The takes of a shard; each must be there, as the index says."""
        one = self._reader.plan.sets[0]
        address = one.files.address(shard_files(shard)["shards"])
        missing = [key for key in one.dataset.keys if one.dataset.shard_of(key) == shard]
        used = frozenset(one.keys)
        try:
            for sample in _samples_of(address):
                key = sample["__key__"]
                if key not in missing:
                    raise InputError(f"take {key} is not in the index, or twice", where=address, fix=RESTORE)
                missing.remove(key)
                if key in used:
                    take = self._checked(one.dataset.take(key), sample)
                    if take is not None:
                        yield PlannedTake(dataset=0, key=key, epoch=epoch), take
            if missing:
                what = f"truncated: take {missing[0]} is missing"
                raise InputError(what, where=address, fix=RESTORE)
        except InputError as error:
            self._skip(missing[0] if missing else "", error)

    def _checked(self, take: Take, sample: Mapping[str, Any]) -> Take | None:
        """The take with the members that were read; None if it is damaged, and to be skipped."""
        try:
            held = _held(take, sample)
            for member in held.members:
                held.content(member.kind, member.camera)
        except InputError as error:
            self._skip(take.key, error)
            return None
        return held

    def _skip(self, take: str, error: InputError) -> None:
        if self._settings.damage != "skip":
            raise error
        self._skipped.append(SkippedTake(sample_index=-1, take=take, reason=str(error)))


class _HeldFiles(Files):
    """Files of which a part of one shard is held in memory."""

    def __init__(self, files: Files, content: bytes, start: int) -> None:
        super().__init__(files.store)
        self._content, self._start = content, start

    def read_ranges(self, path: str, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        """As ``Files``, of the shard whose part is held."""
        return [self._content[start - self._start : stop - self._start] for start, stop in parts]


def _held(take: Take, sample: Mapping[str, Any]) -> Take:
    """The take, whose members are those of a sample of webdataset; they are not checked."""
    start = take.members[0].offset
    content = bytearray(take.members[-1].offset + take.members[-1].size - start)
    for member in take.members:
        body = sample.get(member.member.removeprefix(f"{take.key}.").lower(), b"")
        if len(body) == member.size:
            content[member.offset - start : member.offset - start + member.size] = body
    return replace(take, files=_HeldFiles(take.files, bytes(content), start))


def _samples_of(address: str) -> Iterator[Mapping[str, Any]]:
    """The samples of a tar, as webdataset reads it; InputError if it is not one."""
    with outages("cannot be read", where=address), closing(_opened(address)) as stream:
        source = {"url": address, "stream": stream}
        samples = iter(webdataset.DataPipeline(lambda: iter([source]), tar_file_expander, group_by_keys))
        while True:
            try:
                sample = next(samples)
            except StopIteration:
                return
            except (tarfile.TarError, ValueError, EOFError) as error:
                reason = str(error.args[0]) if error.args else type(error).__name__
                raise InputError(f"not a readable tar ({reason})", where=address, fix=RESTORE) from error
            yield sample


def _opened(address: str) -> io.BufferedIOBase:
    """A file to be read once, from its beginning; addresses are never given to a shell."""
    if address.startswith(("http://", "https://")):
        return urllib.request.urlopen(address, timeout=_TIMEOUT_S)
    if "://" in address:
        fix = "give a folder or an http address, or use PairStream"
        raise InputError("cannot be read sequentially", where=address, fix=fix)
    return Path(address).open("rb")
