"""What a Ray cluster of this machine leaves: its processes, and the folder of its files."""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# The head process.
HEAD = "gcs_server"
_RAY_PROCESSES = ("raylet", HEAD)
_FOLDER_PREFIX = "multitake-ray-"
_REMOVALS, _REMOVAL_PAUSE_S = 10, 0.3


def kill_ray_processes() -> None:
    """Kill the processes of Ray that this process started."""
    for child, _ in ray_children():
        with suppress(OSError):
            os.kill(child, signal.SIGKILL)


def ray_children() -> Iterator[tuple[int, str]]:
    """Number and name of the living processes of Ray that this process started."""
    for children in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            for child in children.read_text().split():
                name, _, state = Path(f"/proc/{child}/stat").read_text().partition(" (")[2].rpartition(") ")
                if name in _RAY_PROCESSES and not state.startswith("Z"):
                    yield int(child), name


@contextmanager
def session_folder() -> Iterator[Path]:
    """A folder for the files of Ray, locked while this process lives; those of killed processes are removed.

    It is short because Ray puts sockets into it.
    """
    parent = Path(os.environ.get("RAY_TMPDIR", "/tmp"))
    for abandoned in parent.glob(f"{_FOLDER_PREFIX}*.lock"):
        with suppress(OSError), abandoned.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _kill_processes_of(abandoned.with_suffix(""))
            _remove_session(abandoned.with_suffix(""))
    folder = Path(tempfile.mkdtemp(prefix=_FOLDER_PREFIX, dir=parent))
    with (folder / ".starting").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Locked before it has the name that other runs look for.
        (folder / ".starting").rename(_lock_of(folder))
        try:
            yield folder
        finally:
            _remove_session(folder)


def _kill_processes_of(folder: Path) -> None:
    """Kill processes of Ray whose files are in a folder: one that hangs does not end with its run."""
    for arguments in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            program, _, options = arguments.read_bytes().partition(b"\0")
            if Path(os.fsdecode(program)).name in _RAY_PROCESSES and os.fsencode(f"{folder}/") in options:
                os.kill(int(arguments.parent.name), signal.SIGKILL)


def _remove_session(folder: Path) -> None:
    """Remove a folder, then its lock: if a process still writes there, a later run removes the rest."""
    for _ in range(_REMOVALS):
        shutil.rmtree(folder, ignore_errors=True)
        # Processes of Ray that are ending make folders again.
        time.sleep(_REMOVAL_PAUSE_S)
        if not folder.exists():
            _lock_of(folder).unlink()
            return


def _lock_of(folder: Path) -> Path:
    """The lock of a folder, beside it: paths of sockets in the folder may not be longer."""
    return folder.with_name(f"{folder.name}.lock")
