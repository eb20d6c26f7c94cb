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

from shards import FolderStore, Store

FOLDER = "runs"
# The events of a run, and the names of their values.
EVENTS = {
    "run_started": ("host", "process_id", "workers", "takes", "done", "planned", "engine_version"),
    "worker_started": ("worker", "node"),
    "worker_lost": ("worker", "reason"),
    "worker_given_up": ("worker", "reason"),
    "take_started": ("worker", "take", "number"),
    "take_done": ("worker", "take", "number", "attempts", "seconds_s", "camera_frames", "engine_starts"),
    "take_failed": ("worker", "take", "number", "attempts", "reason", "faults"),
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
    # None for a run with nothing left to film.
    "reason": (str, type(None)),
    "faults": (list,),
}
# Logs in storage of objects are written again as a whole.
_UPLOAD_S = 20.0


class RunLog:
    """Appends events to ``runs/NAME.jsonl`` of a data set. A log that cannot be written never ends a run.

    Events of before ``begin`` are written after it, as the data set may not be there yet. Several threads
    may note events. ``also`` is told each of them, too.
    """

    def __init__(self, store: Store, also: Callable[..., None] | None = None) -> None:
        started = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        self.path = f"{FOLDER}/{started}-{socket.gethostname().replace('.', '-')}-{os.getpid()}.jsonl"
        self._store, self._also = store, also
        self._waiting: list[str] = []
        self._lock = threading.Lock()
        self._written_s = math.inf

    def begin(self, **values: Any) -> None:
        """Note ``run_started`` as the first event, and write from now on."""
        with self._lock:
            self._waiting.insert(0, self._line("run_started", values))
            self._written_s = -math.inf
        self.write()

    def note(self, event: str, **values: Any) -> None:
        """Add an event; ValueError if its values are not those of ``EVENTS``."""
        with self._lock:
            self._waiting.append(self._line(event, values))
        pause_s = 0.0 if isinstance(self._store, FolderStore) else _UPLOAD_S
        if time.monotonic() > self._written_s + pause_s:
            self.write()

    def write(self) -> None:
        """Write the events that are not written yet."""
        with self._lock, suppress(OSError):
            if self._waiting and self._written_s < math.inf:
                # First, so that storage that does not answer is not asked again at once.
                self._written_s = time.monotonic()
                self._store.append(self.path, "".join(self._waiting))
                self._waiting = []

    def _line(self, event: str, values: dict[str, Any]) -> str:
        if set(values) != set(EVENTS[event]):
            raise ValueError(f"{event} has the values {', '.join(EVENTS[event])}")
        if self._also:
            self._also(event, **values)
        return json.dumps({"time_s": round(time.time(), 3), "event": event, **values}) + "\n"
