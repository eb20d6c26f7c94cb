"""An engine as a child process: started in its own process group, and stopped with all it started."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from .errors import EngineError, EngineStartError

# How long a child that closed its connections may take to exit.
_EXIT_S = 0.5
_STOP_TIMEOUT_S = 5.0
# Of an engine's log in a message.
_LOG_LINES, _LOG_BYTES = 4, 2000
# Ends the process group when the input of a killed worker closes: Unreal does not watch its input, and an
# engine that hangs cannot.
_WATCH = '(trap "" TERM; cat <&3; kill 0; sleep 3; kill -9 0) >/dev/null 2>&1 &'
_WITH_INPUT = f'exec 3<&0; {_WATCH} exec "$@" 3<&-'
_WITHOUT_INPUT = f'exec 3<&0 </dev/null; {_WATCH} exec "$@" 3<&-'


class ChildProcess:
    """A started engine; its standard error is kept for messages.

    Its process group is ended when this process ends. With ``watches_stdin`` it ends by itself, too, when its
    standard input closes, and its first line of output can be read.
    """

    def __init__(self, command: Sequence[str], *, watches_stdin: bool) -> None:
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by stop)
        wrapped = ["sh", "-c", _WITH_INPUT if watches_stdin else _WITHOUT_INPUT, "sh", *command]
        output = subprocess.PIPE if watches_stdin else subprocess.DEVNULL
        try:
            self._child = subprocess.Popen(
                wrapped, stdin=subprocess.PIPE, stdout=output, stderr=self._errors, start_new_session=True
            )
        except OSError as error:
            self._errors.close()
            raise EngineStartError(f"cannot start {command[0]}: {error}") from error

    @property
    def process_id(self) -> int:
        """Its number."""
        return self._child.pid

    def memory_mb(self) -> float:
        """Resident memory of its process group."""
        pages = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                # After the name, which may contain anything: state, parent, group ...
                fields = stat.read_text().rpartition(") ")[2].split()
                pages += int(fields[21]) if int(fields[2]) == self._child.pid else 0
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._child.poll() is None

    def first_line(self, timeout_s: float) -> bytes:
        """The first line of its output; EngineError if there is none in time, or if it ends before."""
        lines: Queue[bytes] = Queue()
        output = self._child.stdout
        assert output is not None
        Thread(target=lambda: lines.put(output.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=timeout_s)
        except Empty:
            raise EngineError(f"the engine did not start within {timeout_s:g} s") from None
        if not line:
            self._errors.seek(0)
            text = self._errors.read().decode(errors="replace").strip()
            raise EngineStartError(text.splitlines()[-1] if text else "the engine ended at its start")
        return line

    def ended_by(self) -> str | None:
        """The signal that ended it; a shell that started it adds 128 to the number."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._child.wait(_EXIT_S)
            with contextlib.suppress(ValueError):
                return signal.Signals(-code if code < 0 else code - 128).name
        return None

    def how_it_ended(self) -> str | None:
        """How it ended, with the end of its log; None while it runs."""
        ended_by = self.ended_by()
        if self._child.returncode is None:
            return None
        return f"the engine ended with {ended_by or f'code {self._child.returncode}'}{self.end_of_log()}"

    def end_of_log(self) -> str:
        """The last lines that it wrote to standard error, as the end of a message."""
        # Seeking would move the place where the child writes.
        file = self._errors.fileno()
        text = os.pread(file, _LOG_BYTES, max(0, os.fstat(file).st_size - _LOG_BYTES))
        lines = text.decode(errors="replace").strip().splitlines()[-_LOG_LINES:]
        return f"; its log ends: {' | '.join(lines)}" if lines else ""

    def stop(self) -> None:
        """End it and all that it started."""
        # The entire group: a packaged Unreal is started by a shell script that stays its parent.
        self._signal_group(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_STOP_TIMEOUT_S)
        self._signal_group(signal.SIGKILL)
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            if stream:
                stream.close()
        self._errors.close()

    def _signal_group(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, number)
