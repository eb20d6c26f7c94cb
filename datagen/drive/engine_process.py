"""Start an engine as a child process, wait until it answers, and stop it."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue
from threading import Thread

from ..batch import EngineChoice
from ..engine.imported.user_asset import UserAsset, write_assets
from .driver import EngineDriver
from .errors import EngineError, EngineStartError
from .remote_control_link import RemoteControlLink
from .unrealcv_link import UnrealCvLink

HOST = "127.0.0.1"
_RETRY_S = 0.5
# How long a child that closed its connections may take to exit.
_EXIT_S = 0.5
_STOP_TIMEOUT_S = 5.0
# Of an engine's log in a message.
_LOG_LINES, _LOG_BYTES = 4, 2000
# Unreal does not watch its standard input: this ends its process group when the input of a killed worker
# closes.
_UNTIL_STDIN_CLOSES = 'exec 3<&0 </dev/null; (cat <&3; kill 0) & exec "$@" 3<&-'


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The ports of an engine on loopback."""

    unrealcv: int
    remote_control: int


class RunningEngine:
    """An engine and its driver. After an EngineError, close it and start another."""

    def __init__(self, choice: EngineChoice, *, worker: int, assets: Sequence[UserAsset] = ()) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._assets = tuple(assets)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (closed by _stop)
        try:
            ports = self._start(choice, worker)
            self._unrealcv = self._connect(choice, ports)
        except BaseException as error:
            ended_by = self._ended_by()
            log = self._end_of_log()
            # The embedded engine needs no setting to answer, so it hangs.
            hangs = choice.kind == "embedded" and self.is_alive()
            self._stop()
            if ended_by and isinstance(error, EngineError):
                raise EngineError(f"the engine was ended by {ended_by} at its start{log}") from error
            if isinstance(error, EngineError) and not hangs:
                raise EngineStartError(str(error)) from error
            raise
        self._remote_control = RemoteControlLink(HOST, ports.remote_control, timeout_s=choice.reply_timeout_s)
        self.driver = EngineDriver(
            self._unrealcv,
            self._remote_control,
            load_timeout_s=choice.start_timeout_s,
            settle_requests=choice.settle_requests,
        )

    def is_alive(self) -> bool:
        """Whether the child process is running; always true for an engine that was not started here."""
        return self._child is None or self._child.poll() is None

    def how_it_ended(self) -> str | None:
        """How the engine ended, with the end of its log; None while it runs, or if it was running before."""
        ended_by = self._ended_by()
        if self._child is None or self._child.returncode is None:
            return None
        return f"the engine ended with {ended_by or f'code {self._child.returncode}'}{self._end_of_log()}"

    @property
    def process_id(self) -> int | None:
        """The child process; None for an engine that was not started here."""
        return self._child.pid if self._child else None

    @property
    def replies(self) -> int:
        """How many requests the engine has answered."""
        return self._unrealcv.replies

    def close(self) -> None:
        """Disconnect from the engine, and stop it if it was started here."""
        self._unrealcv.close()
        self._remote_control.close()
        self._stop()

    def _start(self, choice: EngineChoice, worker: int) -> Ports:
        if choice.kind == "embedded":
            with tempfile.TemporaryDirectory() as folder:
                listed = Path(folder) / "assets.json"
                write_assets(self._assets, listed)
                self._child = self._spawn(_embedded_command(choice.look, listed), subprocess.PIPE)
                return self._announced_ports(self._child, choice.start_timeout_s)
        ports = Ports(
            unrealcv=choice.unrealcv_port + worker, remote_control=choice.remote_control_port + worker
        )
        if choice.command:
            ports_by_name = {"unrealcv_port": ports.unrealcv, "remote_control_port": ports.remote_control}
            command = [part.format(**ports_by_name) for part in choice.command]
            if shutil.which(command[0]) is None:
                raise EngineStartError(f"cannot start {command[0]}: no such program")
            self._child = self._spawn(["sh", "-c", _UNTIL_STDIN_CLOSES, "sh", *command], subprocess.DEVNULL)
        return ports

    def _connect(self, choice: EngineChoice, ports: Ports) -> UnrealCvLink:
        """Connect as soon as the engine listens; Unreal needs the first connection to be kept."""

        def connect() -> UnrealCvLink:
            return UnrealCvLink(
                HOST, ports.unrealcv, timeout_s=choice.reply_timeout_s, is_alive=self.is_alive
            )

        return _connected(connect, choice.start_timeout_s, self.is_alive)

    def _spawn(self, command: Sequence[str], output: int) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=output, stderr=self._errors, start_new_session=True
            )
        except OSError as error:
            raise EngineStartError(f"cannot start {command[0]}: {error}") from error

    def _announced_ports(self, child: subprocess.Popen[bytes], timeout_s: float) -> Ports:
        """The ports in the line that the embedded engine prints when it listens."""
        lines: Queue[bytes] = Queue()
        output = child.stdout
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
        announced = json.loads(line)
        return Ports(unrealcv=announced["unrealcv_port"], remote_control=announced["remote_control_port"])

    def _ended_by(self) -> str | None:
        """The signal that ended the child process; a shell that started it adds 128 to the number."""
        if self._child is None:
            return None
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = self._child.wait(_EXIT_S)
            with contextlib.suppress(ValueError):
                return signal.Signals(-code if code < 0 else code - 128).name
        return None

    def _end_of_log(self) -> str:
        """The last lines that the engine wrote to standard error, as the end of a message."""
        # Seeking would move the place where the child writes.
        file = self._errors.fileno()
        text = os.pread(file, _LOG_BYTES, max(0, os.fstat(file).st_size - _LOG_BYTES))
        lines = text.decode(errors="replace").strip().splitlines()[-_LOG_LINES:]
        return f"; its log ends: {' | '.join(lines)}" if lines else ""

    def _stop(self) -> None:
        if self._child is not None:
            self._stop_child(self._child)
        self._errors.close()

    def _stop_child(self, child: subprocess.Popen[bytes]) -> None:
        # The entire group: a packaged Unreal is started by a shell script that stays its parent.
        _signal_group(child, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_STOP_TIMEOUT_S)
        _signal_group(child, signal.SIGKILL)
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream:
                stream.close()


def _embedded_command(look: str, assets: Path) -> list[str]:
    """The command that serves the embedded engine on free ports until its standard input closes."""
    ports = [
        "--unrealcv-port",
        "0",
        "--remote-control-port",
        "0",
        "--until-stdin-closes",
        "--assets",
        str(assets),
    ]
    return [sys.executable, "-m", "datagen.engine", "--look", look, *ports]


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


def _connected(
    connect: Callable[[], UnrealCvLink], timeout_s: float, is_alive: Callable[[], bool]
) -> UnrealCvLink:
    deadline_s = time.monotonic() + timeout_s
    while True:
        try:
            return connect()
        except EngineError:
            if not is_alive() or time.monotonic() > deadline_s:
                raise
            time.sleep(_RETRY_S)
