"""The log of a run: one JSON object per line about each event, in ``runs/`` of the data set.

Every line has ``time_s`` (seconds since 1970, UTC) and ``event``, one of ``EVENTS``, and its values.
"""

import json
import math
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from shards import RUNS_FOLDER, FolderStore, ObjectStore, Store

# The events of a run, and the names of their values.
EVENTS = {
    "run_started": ("host", "process_id", "workers", "takes", "done", "planned", "engine_version"),
    "worker_started": ("worker", "node"),
    "worker_lost": ("worker", "reason"),
    "worker_given_up": ("worker", "reason"),
    "take_started": ("worker", "take", "number"),
    "take_done": ("worker", "take", "number", "attempts", "seconds_s", "camera_frames", "engine_starts"),
    "take_failed": ("worker", "take", "number", "attempts", "engine_starts", "reason", "faults"),
    "shard_sealed": ("shard", "takes", "seconds_s"),
    "interrupted": ("signal",),
    "run_ended": ("filmed", "failed", "reason"),
}
# The types of each value, whatever the event.
VALUES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("host", "engine_version", "node", "take", "signal"), (str,)),
    **dict.fromkeys(("process_id", "workers", "done", "planned", "worker", "number", "takes"), (int,)),
    **dict.fromkeys(("attempts", "camera_frames", "engine_starts", "shard", "filmed", "failed"), (int,)),
    "seconds_s": (int, float),
    # None if nothing stopped the run early: all of its takes, see --limit, were tried; or after a signal.
    "reason": (str, type(None)),
    "faults": (list,),
}
# How often an object is written, and how many events it has.
_UPLOAD_S, _PART_EVENTS = 20.0, 1000


class RunLog:
    """Writes the events of a run to ``runs/`` of a data set. A log that cannot be written never ends a run.

    In a folder, events are added to ``NAME.jsonl``. Nothing can be added to objects: there, the log has parts
    ``NAME.0001.jsonl``, ... of ``part_events`` events each, and the last one is written again as a whole.

    Events of before ``begin`` are written after it, as the data set may not be there yet. Several threads
    may note events. ``also`` receives each of them.
    """

    def __init__(
        self, store: Store, also: Callable[..., None] | None = None, *, part_events: int = _PART_EVENTS
    ) -> None:
        started = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        self.name = f"{started}-{socket.gethostname().replace('.', '-')}-{os.getpid()}"
        self._store, self._also, self._part_events = store, also, part_events
        # Not yet in a complete part; the first ``_stored`` of them are in storage. A run ends when storage
        # does not answer for long, and so there are never very many.
        self._lines: list[str] = []
        self._part, self._stored = 1, 0
        self._noting, self._writing = threading.Lock(), threading.Lock()
        self._written_s = math.inf
        self._timer: threading.Timer | None = None

    def begin(self, **values: Any) -> None:
        """Note ``run_started`` as the first event, and write from now on."""
        with self._noting:
            self._lines.insert(0, self._line("run_started", values))
            self._written_s = -math.inf
        self.write()

    def note(self, event: str, **values: Any) -> None:
        """Add an event; ValueError if its values are not those of ``EVENTS``."""
        with self._noting:
            self._lines.append(self._line(event, values))
        # Not while another thread does: storage may take long to answer.
        is_due = time.monotonic() > self._written_s + _UPLOAD_S and not self._writing.locked()
        if is_due or isinstance(self._store, FolderStore):
            self.write()
        elif self._timer is None or not self._timer.is_alive():
            self._timer = threading.Timer(_UPLOAD_S, self.write)
            self._timer.daemon = True
            self._timer.start()

    def write(self) -> None:
        """Write the events that are not written yet."""
        with self._writing, suppress(OSError):
            if self._written_s == math.inf:
                return
            # First, so that storage that does not answer is not asked again at once.
            self._written_s = time.monotonic()
            if isinstance(self._store, FolderStore):
                self._append(self._store)
            else:
                self._write_parts(self._store)

    def _append(self, store: FolderStore) -> None:
        """Add the lines to the log."""
        lines = self._lines[:]
        if lines:
            store.append(f"{RUNS_FOLDER}/{self.name}.jsonl", "".join(lines))
            del self._lines[: len(lines)]

    def _write_parts(self, store: ObjectStore) -> None:
        """Write the open part, even if a try that failed may have stored it, and those that follow it."""
        while len(self._lines) > self._stored:
            part = self._lines[: self._part_events]
            store.write(f"{RUNS_FOLDER}/{self.name}.{self._part:04d}.jsonl", "".join(part))
            self._stored = len(part)
            if len(part) == self._part_events:
                del self._lines[: len(part)]
                self._part, self._stored = self._part + 1, 0

    def _line(self, event: str, values: dict[str, Any]) -> str:
        if set(values) != set(EVENTS[event]):
            raise ValueError(f"{event} has the values {', '.join(EVENTS[event])}")
        if self._also:
            self._also(event, **values)
        return json.dumps({"time_s": round(time.time(), 3), "event": event, **values}) + "\n"
