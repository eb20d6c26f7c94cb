"""Which worker films which take next: each stays in its environment, so that levels are loaded rarely."""

from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice

_TAKES_PER_WORKER = 8


class TakeQueue:
    """Gives the numbers of takes to workers, in parts: a part is given out before the next one begins.

    So takes of few shards are staged at a time. A worker keeps its environment as long as the part has takes
    in it; then it gets the environment with the most takes per worker.
    """

    def __init__(
        self,
        takes: Iterable[int],
        environment_of: Callable[[int], str],
        *,
        workers: int,
        takes_per_shard: int,
    ) -> None:
        self._waiting = iter(takes)
        self._environment_of = environment_of
        self._part_size = max(takes_per_shard, _TAKES_PER_WORKER * workers)
        self._part: dict[str, list[int]] = {}
        self._working: dict[int, str] = {}

    def next_for(self, worker: int) -> int | None:
        """The next take of a worker, which has ended its last one; None if no take is left."""
        if not self._part and not self._refilled():
            self._working.pop(worker, None)
            return None
        environment = self._environment_for(worker)
        self._working[worker] = environment
        takes = self._part[environment]
        number = takes.pop(0)
        if not takes:
            del self._part[environment]
        return number

    def _refilled(self) -> bool:
        """Whether there is another part."""
        for number in islice(self._waiting, self._part_size):
            self._part.setdefault(self._environment_of(number), []).append(number)
        return bool(self._part)

    def _environment_for(self, worker: int) -> str:
        known = self._working.pop(worker, None)
        if known in self._part:
            return known
        workers = Counter(self._working.values())
        return max(self._part, key=lambda name: len(self._part[name]) / (1 + workers[name]))
