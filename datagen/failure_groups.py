"""Failures grouped by kind: reasons that differ in numbers and names of takes only are one.

Takes that did not pass the quality gate are grouped by the reasons of their faults.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from shards import Failure

# Addresses, numbers, long hexadecimal words, and numbers in words such as ``cam03``.
_NUMBER = re.compile(
    r"0x[0-9a-fA-F]+"
    r"|(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?:[eE][-+]?\d+)?(?!\w)"
    r"|\b(?=[a-f]*\d)[0-9a-f]{8,}\b"
    r"|\d+(?:[.,]\d+)*"
)


@dataclass(frozen=True, kw_only=True)
class FailureGroup:
    """Takes that failed for one kind of reason, and the first of them with its own reason."""

    kind: str
    count: int
    take: str
    reason: str


def failure_groups(failures: Iterable[Failure]) -> tuple[FailureGroup, ...]:
    """The groups, the largest first."""
    groups: dict[str, list[Failure]] = {}
    for failure in failures:
        faults = [fault.reason for fault in failure.faults]
        groups.setdefault(kind_of(failure.reason, failure.take, faults), []).append(failure)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return tuple(
        FailureGroup(kind=kind, count=len(of_kind), take=of_kind[0].take, reason=of_kind[0].reason)
        for kind, of_kind in ordered
    )


def kind_of(reason: str, take: str = "", faults: Collection[str] = ()) -> str:
    """A reason with ``TAKE`` in place of the name of its take, and ``#`` in place of numbers.

    ``faults`` are the reasons of the faults of its clips.
    """
    if faults:
        return f"quality: {', '.join(sorted(set(faults)))}"
    named = reason.replace(take, "TAKE") if take else reason
    return _NUMBER.sub("#", named)
