"""Whether a run still films, and how that is known."""

import json
import os
import socket
import time
from dataclasses import dataclass, replace
from pathlib import Path

from shards import LEASE_S, LOCK_FILE, FolderStore, Store

from .run_state import RunState

# Whether a run on another machine still films is unknown when it has noted nothing for so long.
_UNKNOWN_S = 300.0
_UNKNOWN_TAKES = 5.0
# How far a clock may have been set between the start of a run and its log.
_CLOCK_S = 5.0


@dataclass(frozen=True)
class Liveness:
    """The state of a run, and how it is known.

    ``state`` is ``running``, ``paused`` (its process is stopped), ``unknown`` (it may run on another machine,
    but has noted nothing for long), ``killed`` (it left without an end) or ``ended``. ``needs_watching``
    if it becomes certain once the lock is watched for longer.
    """

    state: str
    evidence: str
    needs_watching: bool = False

    @property
    def is_alive(self) -> bool:
        """Whether the run may film more."""
        return self.state in ("running", "paused", "unknown")


class LockWatch:
    """The lock of a data set in storage of objects: a run changes it every few seconds while it lives."""

    def __init__(self, store: Store, *, lease_s: float = LEASE_S) -> None:
        self.lease_s = lease_s
        self._store = store
        self._content, self._read_s = b"", 0.0
        self._has_changed = False
        # How long it is the same, and the longest time between two looks of that.
        self._same_s, self._longest_s = 0.0, 0.0

    def state(self, host: object, process_id: object) -> str:
        """``missing``, ``changes``, ``is old`` (that of a killed run), or ``unknown`` for the first time.

        ``taken`` if it is not that of this process.
        """
        try:
            content = self._store.read(LOCK_FILE)
        except FileNotFoundError:
            self._content = b""
            return "missing"
        now_s = time.monotonic()
        if content == self._content:
            self._same_s += now_s - self._read_s
            self._longest_s = max(self._longest_s, now_s - self._read_s)
        else:
            self._has_changed = bool(self._content)
            self._same_s = self._longest_s = 0.0
        self._content, self._read_s = content, now_s
        if _owner(content) not in (None, (host, process_id)):
            return "taken"
        # In the longest time, storage may not have answered: no run could change it then.
        if self._same_s - self._longest_s > self.lease_s:
            return "is old"
        return "changes" if self._has_changed else "unknown"


def _owner(lock: bytes) -> tuple[object, object] | None:
    """Machine and process of the run that has a lock; None if it does not say them."""
    try:
        values = json.loads(lock)
        return values["host"], values["process_id"]
    except (ValueError, TypeError, LookupError):
        return None


def liveness(run: RunState, store: Store, now_s: float, lock: LockWatch | None = None) -> Liveness:
    """The state of a run: by its log, else by its process, else by its lock and the age of its last event.

    ``lock`` is that of a data set in storage of objects, if it is watched.
    """
    found = _liveness(run, store, now_s, lock or LockWatch(store))
    if found.is_alive and run.interrupted_by:
        evidence = f"{found.evidence}; after {run.interrupted_by} it ends the takes that are being filmed"
        return replace(found, evidence=evidence)
    return found


def _liveness(run: RunState, store: Store, now_s: float, lock: LockWatch) -> Liveness:
    if run.ended is not None:
        reason = run.ended["reason"] or (f"after {run.interrupted_by}" if run.interrupted_by else "")
        return Liveness("ended", f"the log says so{f': {reason}' if reason else ''}")
    host, process_id = run.started.get("host"), run.started.get("process_id")
    if host == socket.gethostname() and isinstance(process_id, int) and Path("/proc/self/stat").exists():
        return _by_process(process_id, run.started_s or 0.0)
    age_s = max(0.0, now_s - run.last_s)
    limit_s = max([_UNKNOWN_S, *(_UNKNOWN_TAKES * one for one in list(run.cycles_s)[-1:])])
    by_age = "unknown" if age_s > limit_s else "running"
    evidence = f"it ran on {host or 'another machine'}, and its last event was {age_s:.0f} s ago"
    if isinstance(store, FolderStore):
        return Liveness(by_age, evidence)
    found = lock.state(host, process_id)
    if found == "taken":
        return Liveness("killed", "another run has its lock, and the log does not end")
    if found == "missing":
        return Liveness("killed", "its lock is gone, and the log does not end")
    if found == "is old":
        return Liveness("killed", f"its lock has not changed for {lock.lease_s:.0f} s")
    if found == "changes":
        return Liveness("running", f"{evidence}; its lock is renewed")
    return Liveness(by_age, evidence, needs_watching=True)


def _by_process(process_id: int, run_started_s: float) -> Liveness:
    """The state of a run on this machine."""
    found = _process(process_id)
    # Another process may have the number of one that ended.
    if found is None or found[0] == "Z" or found[1] > run_started_s + _CLOCK_S:
        return Liveness("killed", f"its process {process_id} is gone, and the log does not end")
    if found[0] in "Tt":
        return Liveness("paused", f"its process {process_id} is stopped")
    return Liveness("running", f"its process {process_id} is alive")


def _process(process_id: int) -> tuple[str, float] | None:
    """State of a process, as proc(5) names it, and when it started (seconds since 1970); None without one."""
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text(errors="replace").rpartition(") ")[2].split()
    except OSError:
        return None
    started_up_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return fields[0], time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + started_up_s
