"""The log of a run: one JSON object per line about each event, in ``runs/`` of the data set.

Every line has ``time_s`` (seconds since 1970, UTC) and ``event``, one of ``EVENTS``, and its values.
"""

import json
import math
import os
import socket
import time
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
    "take_started": ("worker", "take", "index"),
    "take_done": ("worker", "take", "index", "attempts", "seconds_s", "camera_frames", "engine_starts"),
    "take_failed": ("worker", "take", "index", "attempts", "reason"),
    "shard_sealed": ("shard", "takes", "seconds_s"),
    "interrupted": ("signal",),
    "run_ended": ("filmed", "failed", "reason"),
}
# Logs in storage of objects are written again as a whole.
_UPLOAD_S = 20.0


class RunLog:
    """Appends events to ``runs/NAME.jsonl`` of a data set. A log that cannot be written never ends a run."""

    def __init__(self, store: Store) -> None:
        started = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        self.path = f"{FOLDER}/{started}-{socket.gethostname().replace('.', '-')}-{os.getpid()}.jsonl"
        self._store = store
        self._waiting: list[str] = []
        self._written_s = -math.inf

    def note(self, event: str, **values: Any) -> None:
        """Add an event; ValueError if its values are not those of ``EVENTS``."""
        if set(values) != set(EVENTS[event]):
            raise ValueError(f"{event} has the values {', '.join(EVENTS[event])}")
        self._waiting.append(json.dumps({"time_s": round(time.time(), 3), "event": event, **values}) + "\n")
        if isinstance(self._store, FolderStore) or time.monotonic() > self._written_s + _UPLOAD_S:
            self.write()

    def write(self) -> None:
        """Write the events that are not written yet."""
        with suppress(OSError):
            self._store.append(self.path, "".join(self._waiting))
            self._waiting = []
            self._written_s = time.monotonic()
