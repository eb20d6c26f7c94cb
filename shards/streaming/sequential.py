"""The sequential reader: whole shards one after the other, for spinning disks and plain HTTP."""

import errno
import http.client
import io
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import webdataset
from jaxtyping import UInt8
from torch.utils.data import IterableDataset, get_worker_info
from webdataset.tariterators import group_by_keys, tar_file_expander

from multitake.errors import InputError, LineError, RunError
from multitake.input_files import parsing
from multitake.outages import outages
from multitake.randomness import rng_for

from ..files import Files
from ..format import RESTORE, shard_files
from ..pairs import (
    MOST_REPLACEMENTS,
    FetchedPair,
    PairChoice,
    PairReader,
    PairRecord,
    PairSettings,
    PairSource,
    PlannedTake,
    SkippedTake,
    SlotPool,
    check_rank,
    open_plan,
    stored_pair,
    whole_number,
)
from ..patience import BUSY, LOGGED_S, log_outage
from ..takes import Take
from .samples import PairSample, pair_sample
from .worker_errors import of_worker

_TIMEOUT_S = 60.0
_DROPPED = (ConnectionError, TimeoutError, http.client.HTTPException)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.2, 30.0


class SequentialPairs(IterableDataset[PairSample]):
    """Endless pairs, read shard by shard with the pipeline of the ``webdataset`` package.

    Each epoch has all shards in another order. Several pairs are taken from each take that is read: those of
    ``buffer_takes`` takes are mixed, so a buffer has that many takes in memory. Every member is checked, and
    every take must be there. With ``damage="skip"``, takes that cannot be read, have no such pair, or cannot
    be decoded are left out, and listed in the next sample. Use it where byte ranges are slow; ``PairStream``
    shuffles better, needs less memory and bytes, and resumes exactly.

    Args:
        url: a folder, or an http address whose server needs neither ranges nor listings.
        settings: which pairs; ``split`` leaves out other takes, which are read nevertheless.
        pairs_per_take: pairs of each take that is read.
        buffer_takes: takes that are mixed.
        patience_s: how long an outage of the disk or the server is waited for.

    InputError for an unreadable data set, for fewer shards than ranks times workers, and for damage; with
    ``skip`` only if no shard has a take that can be used, or if 17 takes in succession cannot be decoded.
    RunError if the server is busy, or the disk or the network fails, for longer than ``patience_s``.
    """

    def __init__(
        self,
        url: str | Path,
        settings: PairSettings,
        *,
        pairs_per_take: int = 5,
        buffer_takes: int = 16,
        patience_s: float | int = 600.0,
        rank: int = 0,
        world_size: int = 1,
    ) -> None:
        check_rank(rank, world_size)
        # What is skipped is not replaced here: the next take comes.
        self._reader = PairReader(
            open_plan([PairSource(url=url)], replace(settings, damage="stop"), patience_s=patience_s)
        )
        self._settings = settings
        self._pairs = whole_number("pairs_per_take", pairs_per_take, least=1)
        self._buffer = whole_number("buffer_takes", buffer_takes, least=1)
        self._rank, self._world_size, self._patience_s = rank, world_size, patience_s
        self._used = frozenset(self._reader.plan.sets[0].keys)
        self._skipped: list[tuple[str, InputError]] = []
        self._check_readers(world_size)

    def __iter__(self) -> Iterator[PairSample]:
        worker = get_worker_info()
        number, workers = (worker.id, worker.num_workers) if worker else (0, 1)
        try:
            self._check_readers(self._world_size * workers)
            yield from self._samples(number * self._world_size + self._rank, self._world_size * workers)
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
        """The samples of one of several readers, which deliver them in turn."""
        pool = SlotPool(self._reader.slot_bytes)
        self._skipped, failed, indices = [], 0, count(reader, readers)
        index = next(indices)
        for buffered in self._mixed(reader, readers):
            memory = pool.lend(pool.take())
            try:
                record = self._record(buffered, index, memory)
            except InputError as error:
                failed += 1
                if failed > MOST_REPLACEMENTS:
                    raise
                buffered.choices.clear()
                self._skip([buffered.planned.key], error)
                continue
            skipped = tuple(
                SkippedTake(sample_index=index, take=take, reason=str(error)) for take, error in self._skipped
            )
            self._skipped, failed, index = [], 0, next(indices)
            sample = pair_sample(replace(record, skipped=skipped), memory, self._settings.pixels)
            # Only the sample may refer to its memory.
            del memory
            yield sample
            del sample

    def _record(
        self, buffered: "_BufferedTake", index: int, memory: UInt8[np.ndarray, " bytes"]
    ) -> PairRecord:
        """The next pair of a take, decoded into ``memory``; InputError if that is not possible."""
        stored = stored_pair(index, buffered.planned, buffered.choices.pop())
        return self._reader.decode(FetchedPair(index=index, planned=buffered.planned, stored=stored), memory)

    def _mixed(self, reader: int, readers: int) -> Iterator["_BufferedTake"]:
        """The take of each sample: any one in the buffer, until it has no pairs left."""
        takes = self._takes(reader, readers)
        buffer: list[_BufferedTake] = []
        rng = rng_for(self._settings.seed, "buffer", reader)
        while True:
            while len(buffer) < self._buffer:
                buffer.append(next(takes))
            place = int(rng.integers(len(buffer)))
            yield buffer[place]
            if not buffer[place].choices:
                buffer.pop(place)

    def _takes(self, reader: int, readers: int) -> Iterator["_BufferedTake"]:
        """The takes of the shards of a reader, epoch after epoch; InputError if no shard has any."""
        shards = self._reader.plan.sets[0].shards
        # Since the last take. A reader has other shards in each epoch.
        without: set[int] = set()
        for epoch in count():
            order = rng_for(self._settings.seed, "shards", epoch).permutation(len(shards))
            for place in order[reader::readers]:
                without.add(int(place))
                for buffered in self._takes_of(shards[place], epoch):
                    without.clear()
                    yield buffered
                if len(without) == len(shards):
                    _, last = self._skipped[-1]
                    raise InputError(f"no take can be used; {last.what}", where=last.where, fix=last.fix)

    def _takes_of(self, shard: int, epoch: int) -> Iterator["_BufferedTake"]:
        """The takes of a shard; each must be there, as the index says."""
        one = self._reader.plan.sets[0]
        address = one.files.address(shard_files(shard)["shards"])
        missing = dict.fromkeys(one.dataset.keys_of_shard(shard))
        try:
            for sample in self._samples_of(address):
                key = sample["__key__"]
                if key not in missing:
                    what = f"take {key} is not in the index, or twice"
                    self._skip([key], InputError(what, where=address, fix=RESTORE))
                    continue
                del missing[key]
                if key in self._used:
                    yield from self._buffered(PlannedTake(dataset=0, key=key, epoch=epoch), sample)
            if missing:
                what = f"truncated: take {next(iter(missing))} is missing"
                raise InputError(what, where=address, fix=RESTORE)
        except InputError as error:
            self._skip([key for key in missing if key in self._used], error)

    def _samples_of(self, address: str) -> Iterator[Mapping[str, Any]]:
        """The samples of a shard. After an outage it is read again, without what was given.

        RunError if an outage lasts for longer than the patience; InputError if it is damaged.
        """
        given, waited_s, pause_s, is_logged = 0, 0.0, _FIRST_PAUSE_S, False
        while True:
            try:
                for sample in islice(_samples_of(address), given, None):
                    yield sample
                    given, waited_s, pause_s, is_logged = given + 1, 0.0, _FIRST_PAUSE_S, False
                return
            except RunError as error:
                if waited_s >= self._patience_s:
                    raise
                if waited_s >= LOGGED_S and not is_logged:
                    is_logged = True
                    log_outage(address, error.what, self._patience_s)
            time.sleep(pause_s)
            waited_s, pause_s = waited_s + pause_s, min(2 * pause_s, _LONGEST_PAUSE_S)

    def _buffered(self, planned: PlannedTake, sample: Mapping[str, Any]) -> Iterator["_BufferedTake"]:
        """The take with the members that were read, and its pairs; nothing if it is to be skipped."""
        plan, seed = self._reader.plan, self._settings.seed
        try:
            take = _held(plan.sets[0].dataset.take(planned.key), sample)
            for member in take.members:
                take.content(member.kind, member.camera)
            names = ("pair of a take", planned.epoch, planned.key)
            choices = [plan.pair_of(take, rng_for(seed, *names, number)) for number in range(self._pairs)]
        except InputError as error:
            self._skip([planned.key], error)
            return
        yield _BufferedTake(planned=planned, choices=choices)

    def _skip(self, takes: Sequence[str], error: InputError) -> None:
        """Note why takes are skipped; the error, if they are not to be."""
        if self._settings.damage != "skip":
            raise error
        self._skipped += [(take, error) for take in takes]


@dataclass(frozen=True, kw_only=True)
class _BufferedTake:
    """A take that is in memory, and its pairs that were not delivered."""

    planned: PlannedTake
    choices: list[PairChoice]


class _HeldFiles(Files):
    """Files of which a part of one shard is held in memory."""

    def __init__(self, files: Files, content: bytes, start: int) -> None:
        super().__init__(files.store)
        self._content, self._start = content, start

    def read_ranges(self, path: str, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        """As ``Files``, of the shard whose part is held."""
        return [self._content[start - self._start : stop - self._start] for start, stop in parts]


def _held(take: Take, sample: Mapping[str, Any]) -> Take:
    """The take, whose members are those of a sample of webdataset; they are not checked.

    InputError for a member that the index does not have.
    """
    endings = {member.member.removeprefix(f"{take.key}.").lower(): member for member in take.members}
    start = take.members[0].offset
    content = bytearray(take.members[-1].offset + take.members[-1].size - start)
    for ending, body in sample.items():
        if ending.startswith("__"):
            continue
        if ending not in endings:
            what = f"member {take.key}.{ending} is not in the index"
            raise InputError(what, where=f"take {take.key}", fix=RESTORE)
        member = endings[ending]
        if len(body) == member.size:
            content[member.offset - start : member.offset - start + member.size] = body
    return replace(take, files=_HeldFiles(take.files, bytes(content), start))


def _samples_of(address: str) -> Iterator[Mapping[str, Any]]:
    """The samples of a tar, as webdataset reads it; InputError if it is not one."""
    what = "cannot be read"
    with parsing(what, where=address, fix=RESTORE, but=(RunError,)), outages(what, where=address):
        opened = _opened(address)
    with outages(what, where=address), closing(opened) as stream:
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


@contextmanager
def _dropped_connections() -> Iterator[None]:
    """Errors of a server, and of the connection to it, with a number that says whether they can pass."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        if error.code not in BUSY:
            raise
        raise OSError(errno.EBUSY, f"HTTP {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException) as error:
        # That of urllib has that of the connection as its reason.
        cause = getattr(error, "reason", error)
        if getattr(cause, "errno", None) or not isinstance(cause, _DROPPED):
            raise (cause if isinstance(cause, OSError) else error) from None
        raise ConnectionResetError(errno.ECONNRESET, str(cause) or type(cause).__name__) from None


class _Whole(io.RawIOBase):
    """The body of an answer; ConnectionResetError if it ends before the length that the server stated."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self._answer, self._left = answer, answer.length

    def readable(self) -> bool:
        """True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As ``RawIOBase``."""
        with _dropped_connections():
            count = self._answer.readinto(buffer)
        if self._left is not None:
            self._left -= count
            if not count and len(buffer) and self._left > 0:
                raise ConnectionResetError(errno.ECONNRESET, "the connection was closed")
        return count

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()
        super().close()


def _opened(address: str) -> io.BufferedIOBase:
    """A file to be read once, from its beginning; addresses are never given to a shell."""
    if address.startswith(("http://", "https://")):
        with _dropped_connections():
            return io.BufferedReader(_Whole(urllib.request.urlopen(address, timeout=_TIMEOUT_S)))
    if "://" in address:
        fix = "give a folder or an http address, or use PairStream"
        raise InputError("cannot be read sequentially", where=address, fix=fix)
    return Path(address).open("rb")
