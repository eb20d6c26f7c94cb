"""What `multitake verify` finds."""

from collections.abc import Iterable
from dataclasses import dataclass

REFILM = (
    "run `multitake shards repair`, or delete the shard's files in shards/, poses/, takes/, checksums/ and "
    "index/ and run `multitake generate` again"
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong in a data set: where (a file, or a file and a take), what, and what to do about it.

    Attributes:
        shard: the sealed shard that has it.
        takes: the takes that cannot be trusted because of it.
    """

    where: str
    what: str
    fix: str = REFILM
    shard: int | None = None
    takes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}"


def damaged_takes(problems: Iterable[Problem]) -> tuple[str, ...]:
    """The keys of all takes that cannot be trusted, each once, in the order of the problems."""
    return tuple(dict.fromkeys(take for problem in problems for take in problem.takes))
