"""Reading the logs of runs: every line that is a complete event, while a run may still write."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shards import Store

from ..run_log import EVENTS, FOLDER, VALUES

# Neither times nor counts are so large; NaN is not smaller.
_LARGEST = 2**53


@dataclass(frozen=True)
class RunEvent:
    """An event: when, its name, and its values as ``EVENTS`` names them."""

    time_s: float
    event: str
    values: dict[str, Any]


def parsed_events(content: bytes) -> Iterator[RunEvent]:
    """The events of a log; lines that are damaged, not complete, or of another version are ignored."""
    for line in content.decode(errors="replace").split("\n"):
        found = _parsed(line)
        if found is not None:
            yield found


class RunLogFile:
    """One log that grows: ``new_events`` gives what was added since it was asked before."""

    def __init__(self, store: Store, name: str) -> None:
        self.name = name
        self._store = store
        self._read_bytes = 0

    def new_events(self) -> list[RunEvent]:
        """The events that were not given yet; none if the log cannot be read."""
        try:
            new = self._store.read(f"{FOLDER}/{self.name}", self._read_bytes)
        except (OSError, ValueError):
            return []
        complete = new.rfind(b"\n") + 1
        self._read_bytes += complete
        return list(parsed_events(new[:complete]))


def log_names(store: Store) -> list[str]:
    """The names of all logs of a data set, the oldest first."""
    return [name for name in store.names(FOLDER) if name.endswith(".jsonl")]


def _parsed(line: str) -> RunEvent | None:
    try:
        record = json.loads(line)
        event, time_s = record["event"], record["time_s"]
        values = {name: record[name] for name in EVENTS[event]}
        is_valid = _fits(time_s, (int, float)) and all(_fits(values[name], VALUES[name]) for name in values)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return RunEvent(float(time_s), event, values) if is_valid else None


def _fits(value: object, types: tuple[type, ...]) -> bool:
    """Whether a value has one of these types, and is no number that a log cannot have."""
    kind = type(value)
    return kind in types and (kind not in (int, float) or abs(value) < _LARGEST)  # type: ignore[arg-type]
