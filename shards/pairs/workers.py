"""Processes that read pairs ahead, into memory that they share with the process that uses them.

Worker w of n reads every n-th sample of a rank, and the samples are taken from the workers in turn: their
order does not depend on the number of workers. A worker decodes when it is given a slot, and answers with the
record of the pair. It imports no torch.
"""

import os
import pickle
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.connection import Connection, Pipe

import numpy as np
from jaxtyping import UInt8

from multitake.errors import InputError, LineError, RunError

from .fetching import ReadCounts
from .plan import PairPlan
from .reading import PairReader, PairRecord, ahead
from .slots import SlotMemory, SlotPool

_START = (
    "import sys; sys.path[:] = {path!r}; from shards.pairs.workers import serve; serve({connection}, {file})"
)
_ENDING_S = 5.0


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What a worker reads: samples ``first, first + step, ...``."""

    first: int
    step: int
    threads: int
    slot_bytes: int
    reserved: int


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """A pair that is in a slot, or the error that ended the worker; and what the worker has read so far."""

    slot: int
    result: PairRecord | Exception
    counts: ReadCounts


class PairWorkers:
    """Workers that read samples ``first, first + step, ...`` of a plan; close it when it is no longer used.

    Args:
        slots: how many pairs each of them reads ahead.
        threads: how many pairs of stored bytes each of them fetches ahead.
    """

    def __init__(
        self, reader: PairReader, *, first: int, step: int, workers: int, slots: int, threads: int
    ) -> None:
        self._pool = SlotPool(reader.slot_bytes)
        self._slots = slots
        self._lent = [0] * workers
        self._counts = [ReadCounts()] * workers
        self._next = 0
        self._workers: list[tuple[subprocess.Popen[bytes], Connection]] = []
        try:
            for _ in range(workers):
                self._workers.append(_started(self._pool.memory.file))
            # While they start. One more than they fill: the user has one.
            reserved = workers * slots + 1
            self._pool.reserve(reserved)
            plan = pickle.dumps(reader.plan)
            for number, (_, connection) in enumerate(self._workers):
                begin, every = first + number * step, workers * step
                job = _Job(
                    first=begin,
                    step=every,
                    threads=threads,
                    slot_bytes=reader.slot_bytes,
                    reserved=reserved,
                )
                # A worker that has ended is noticed when its answer is missing.
                with suppress(OSError):
                    connection.send(job)
                    connection.send_bytes(plan)
        except BaseException:
            self.close()
            raise

    def read(self) -> tuple[PairRecord, UInt8[np.ndarray, " bytes"]]:
        """The next sample and its frames; their memory is used again when nothing refers to it.

        InputError as the reader, and after ``close``; RunError if a worker ended.
        """
        if not self._workers:
            raise InputError("closed while it was read", where="loader", fix="iterate over it again")
        for number in range(len(self._workers)):
            self._lend(number)
        number, self._next = self._next, (self._next + 1) % len(self._workers)
        answer = self._answer(number)
        self._lent[number] -= 1
        self._counts[number] = answer.counts
        if isinstance(answer.result, Exception):
            raise answer.result
        return answer.result, self._pool.lend(answer.slot)

    @property
    def counts(self) -> ReadCounts:
        """What all workers have read so far."""
        return sum(self._counts, start=ReadCounts())

    @property
    def slots(self) -> int:
        """How many slots of memory there are."""
        return self._pool.count

    def close(self) -> None:
        """End the workers; those that do not end soon are killed."""
        for _, connection in self._workers:
            connection.close()
        deadline_s = time.monotonic() + _ENDING_S
        for process, _ in self._workers:
            try:
                process.wait(max(0.0, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._workers = []

    def _lend(self, number: int) -> None:
        """Give a worker slots, until it has as many as it may read ahead."""
        while self._lent[number] < self._slots:
            with suppress(OSError):
                self._workers[number][1].send(self._pool.take())
            self._lent[number] += 1

    def _answer(self, number: int) -> _Answer:
        process, connection = self._workers[number]
        try:
            answer: _Answer = connection.recv()
        except (EOFError, OSError) as error:
            code = process.wait()
            ended = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
            fix = "if memory is short, use fewer workers or slots; see its messages, if there are any"
            raise RunError(f"a worker process {ended}", where="stream", fix=fix) from error
        return answer


def serve(connection: int, file: int) -> None:
    """Read pairs in this process until the other end of the connection is closed."""
    parent = Connection(connection)
    with suppress(EOFError, OSError):
        job: _Job = parent.recv()
        plan: PairPlan = pickle.loads(parent.recv_bytes())
        memory, reader = SlotMemory(job.slot_bytes, file=file), PairReader(plan)
        memory.reserve(job.reserved)
        fetched = ahead(reader.fetch, count(job.first, job.step), threads=job.threads)
        while True:
            slot = parent.recv()
            result: PairRecord | Exception
            try:
                result = reader.decode(next(fetched), memory.slot(slot))
            except (LineError, OSError) as error:
                result = error
            except Exception as error:
                what = f"unexpected error in a worker process ({type(error).__name__}: {error})"
                result = RunError(what, where="stream", fix="use workers=0 to see where it is raised")
            parent.send(_Answer(slot=slot, result=result, counts=reader.counts))
            if isinstance(result, Exception):
                # The reader of the pairs raises it; nothing is read after it.
                break
    # Threads that wait for storage would be waited for.
    os._exit(0)


def _started(file: int) -> tuple[subprocess.Popen[bytes], Connection]:
    """A new process, and the connection on which it waits for its job."""
    ours, theirs = Pipe()
    code = _START.format(path=sys.path, connection=theirs.fileno(), file=file)
    try:
        # Ctrl-C is for the process that uses the pairs; its end is the end of this one.
        process = subprocess.Popen(
            [sys.executable, "-c", code], pass_fds=(theirs.fileno(), file), process_group=0
        )
    finally:
        theirs.close()
    return process, ours
