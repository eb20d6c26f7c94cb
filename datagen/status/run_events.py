"""Reading the logs of runs: every line that is a complete event, while a run may still write."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from shards import RUNS_FOLDER, Store

from ..run_log import EVENTS, VALUES

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


class GrowingLog:
    """The log of a run that grows: ``new_events`` gives what was added since it was asked before."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._file, self._read_bytes = "", 0

    def new_events(self, files: Sequence[str]) -> list[RunEvent]:
        """The events that were not given yet, from the files that the log has now, see ``log_files``.

        A file that cannot be read is read the next time, and before those that follow it.
        """
        events: list[RunEvent] = []
        for file in files:
            if _order(file) < _order(self._file):
                continue
            if file != self._file:
                # The one before is complete: a part is begun when all events of the last one are stored.
                self._file, self._read_bytes = file, 0
            try:
                new = self._store.read(f"{RUNS_FOLDER}/{file}", self._read_bytes)
            except (OSError, ValueError):
                break
            complete = new.rfind(b"\n") + 1
            self._read_bytes += complete
            events += parsed_events(new[:complete])
        return events


def log_files(store: Store) -> dict[str, list[str]]:
    """The files of each log of a data set, in order, by the name of the log; the oldest log first."""
    found: dict[str, list[str]] = {}
    for file in sorted(store.names(RUNS_FOLDER), key=_order):
        if file.endswith(".jsonl"):
            found.setdefault(file.partition(".")[0], []).append(file)
    return dict(sorted(found.items()))


def _order(file: str) -> tuple[int, str]:
    """Where a file is among those of one log: the number of a part has at least four digits."""
    return len(file), file


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
