"""The loader: processes that decode the samples of a stream into memory that they share with their user."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..pairs import PairWorkers, ReadCounts, whole_number
from .samples import PairSample, pair_sample
from .stream import PairStream

_SLOTS = 2


@dataclass(frozen=True, kw_only=True)
class StreamFigures:
    """What a loader has done so far.

    Attributes:
        skipped: samples that were replaced because they cannot be read.
        wait_s: how long the user of the samples waited for them, after the first one.
        elapsed_s: time since the first sample.
        reads: what was read from storage.
    """

    samples: int
    skipped: int
    wait_s: float
    elapsed_s: float
    reads: ReadCounts

    @property
    def wait_share(self) -> float:
        """The share of the time that was spent waiting."""
        return self.wait_s / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def bandwidth_mb_s(self) -> float:
        """Megabytes that were read from storage in each second."""
        return self.reads.read_bytes / 1e6 / self.elapsed_s if self.elapsed_s else 0.0


class PairLoader:
    """Reads a stream with processes that decode straight into memory which is shared with this one.

    Iterate over it for samples; ``close`` it, or use it as a context, to end its processes. No frame is
    copied: a sample is in memory that its worker uses again as soon as no tensor of it is left here. Samples
    that are kept make the loader use more memory. Needs no ``__main__`` guard and no ``/dev/shm``.

    Args:
        stream: what to read; its rank, and its state when iteration begins.
        workers: processes; 0 decodes in this one.
        slots: samples that each worker decodes in advance. Videos that are not decoded (``pixels="stored"``)
            do not use slots: a worker waits until they are taken.
    """

    def __init__(self, stream: PairStream, *, workers: int = 1, slots: int = _SLOTS) -> None:
        self.stream = stream
        self._count = whole_number("workers", workers, least=0)
        self._slots = whole_number("slots", slots, least=1)
        self._workers: PairWorkers | None = None
        self._samples = self._skipped = 0
        self._wait_s = 0.0
        self._began_s: float | None = None

    def __iter__(self) -> Iterator[PairSample]:
        if not self._count:
            yield from self._counted(iter(self.stream))
            return
        self.close()
        stream = self.stream
        self._workers = PairWorkers(
            stream.reader,
            first=stream.next_sample + stream.rank,
            step=stream.world_size,
            workers=self._count,
            slots=self._slots,
            threads=stream.threads,
        )
        try:
            yield from self._counted(self._read(self._workers))
        finally:
            self.close()

    def __enter__(self) -> "PairLoader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes. Samples stay valid."""
        if self._workers:
            self._workers.close()

    def state_dict(self) -> dict[str, Any]:
        """The state after the samples that were yielded; what workers read ahead does not count."""
        return self.stream.state_dict()

    @property
    def figures(self) -> StreamFigures:
        """What was done so far."""
        reads = self._workers.counts if self._workers else self.stream.reader.counts
        return StreamFigures(
            samples=self._samples,
            skipped=self._skipped,
            wait_s=self._wait_s,
            elapsed_s=0.0 if self._began_s is None else time.perf_counter() - self._began_s,
            reads=reads,
        )

    def _read(self, workers: PairWorkers) -> Iterator[PairSample]:
        stream = self.stream
        while True:
            record, memory = workers.read()
            stream.next_sample = record.sample_index - stream.rank + stream.world_size
            sample = pair_sample(record, memory, stream.reader.plan.settings.pixels)
            del memory
            yield sample
            del sample

    def _counted(self, samples: Iterator[PairSample]) -> Iterator[PairSample]:
        while True:
            asked_s = time.perf_counter()
            sample = next(samples)
            now_s = time.perf_counter()
            if self._began_s is None:
                self._began_s = now_s
            else:
                self._wait_s += now_s - asked_s
            self._samples += 1
            self._skipped += bool(sample.skipped)
            yield sample
            del sample
