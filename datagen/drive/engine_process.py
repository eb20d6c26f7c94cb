"""A running engine with its driver: started as a child process or already running, and ready to film."""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from ..batch import EngineChoice
from ..engine.imported.user_asset import UserAsset, write_assets
from .child_process import ChildProcess
from .connecting import EngineAddress, Patience, engine_links
from .driver import EngineDriver
from .errors import EngineError, EngineSetupError, EngineStartError
from .unreal_command import Ports, free_ports, is_free, unreal_command
from .unrealcv_link import NO_BATCH, socket_of_port

HOST = "127.0.0.1"
# The variable that names the folder for files of engines that start.
ENGINE_FOLDER = "MULTITAKE_ENGINE_FOLDER"


class RunningEngine:
    """An engine and its driver. After an EngineError, close it and start another.

    ``fps`` is the frame rate of the batch; Unreal's time advances by it in each tick.
    """

    def __init__(
        self, choice: EngineChoice, *, worker: int, assets: Sequence[UserAsset] = (), fps: float = 15.0
    ) -> None:
        self._choice = choice
        self._child: ChildProcess | None = None
        self._links = ExitStack()
        # Holds the socket, and is not needed any more once it is connected.
        parent = os.environ.get(ENGINE_FOLDER)
        with tempfile.TemporaryDirectory(prefix="multitake-engine-", dir=parent) as folder:
            self._connect(lambda: self._start(worker, assets, fps, Path(folder)))

    def _connect(self, start: Callable[[], EngineAddress]) -> None:
        """Start the engine and connect to it; if that fails, stop it."""
        choice = self._choice
        try:
            address = start()
            patience = Patience(
                start_timeout_s=choice.start_timeout_s,
                reply_timeout_s=choice.reply_timeout_s,
                is_alive=self.is_alive,
            )
            self._unrealcv, remote_control = self._links.enter_context(engine_links(address, patience))
            if choice.kind == "unreal" and not self._unrealcv.holds_batches():
                raise EngineSetupError(NO_BATCH)
            self.driver = EngineDriver.of(self._unrealcv, remote_control, choice)
        except BaseException as error:
            failure = self._stopped_after(error)
            if failure is error:
                raise
            raise failure from error

    def is_alive(self) -> bool:
        """Whether the child process is running; always true for an engine that was not started here."""
        return self._child is None or self._child.is_alive()

    def how_it_ended(self) -> str | None:
        """How the engine ended, with the end of its log; None while it runs, or if it was running before."""
        return self._child.how_it_ended() if self._child else None

    @property
    def process_id(self) -> int | None:
        """The child process; None for an engine that was not started here."""
        return self._child.process_id if self._child else None

    def memory_mb(self) -> float:
        """Memory of the child process and of all that it started; 0 if it was not started here."""
        return self._child.memory_mb() if self._child else 0.0

    @property
    def replies(self) -> int:
        """How many requests the engine has answered."""
        return self._unrealcv.replies

    def close(self) -> None:
        """Disconnect from the engine, and stop it if it was started here."""
        self._links.close()
        if self._child:
            self._child.stop()

    def _start(self, worker: int, assets: Sequence[UserAsset], fps: float, folder: Path) -> EngineAddress:
        """Start the engine, unless it is running; where it listens."""
        choice = self._choice
        if choice.kind == "embedded":
            write_assets(assets, folder / "assets.json")
            self._child = ChildProcess(_embedded_command(choice.look, folder), watches_stdin=True)
            announced = json.loads(self._child.first_line(choice.start_timeout_s))
            return EngineAddress(
                host=HOST,
                unrealcv_port=announced["unrealcv_port"],
                remote_control_port=announced["remote_control_port"],
                unrealcv_socket=Path(announced["unrealcv_socket"]),
            )
        if not choice.is_started:
            return _address(Ports(unrealcv=choice.unrealcv_port, remote_control=choice.remote_control_port))
        ports = free_ports(choice, worker)
        command = unreal_command(choice, worker, ports, fps)
        if shutil.which(command[0]) is None:
            raise EngineStartError(f"cannot start {command[0]}: no such program")
        if is_free(ports.unrealcv):
            # The file of an engine that was killed; a new engine begins with TCP.
            socket_of_port(ports.unrealcv).unlink(missing_ok=True)
        self._child = ChildProcess(command, watches_stdin=False)
        return _address(ports)

    def _stopped_after(self, error: BaseException) -> BaseException:
        """Stop everything; the error that says how the engine failed to start."""
        child = self._child
        has_ended = child is not None and not child.is_alive()
        ended_by = child.ended_by() if child else None
        ended = child.how_it_ended() if child and has_ended else None
        log = child.end_of_log() if child else ""
        # The embedded engine needs no setting to answer, so it hangs.
        hangs = self._choice.kind == "embedded" and self.is_alive()
        self.close()
        if not isinstance(error, EngineError) or isinstance(error, EngineSetupError):
            return error
        if ended_by:
            return EngineError(f"the engine was ended by {ended_by} at its start{log}")
        return error if hangs else EngineStartError(ended or str(error))


def _address(ports: Ports) -> EngineAddress:
    return EngineAddress(host=HOST, unrealcv_port=ports.unrealcv, remote_control_port=ports.remote_control)


def _embedded_command(look: str, folder: Path) -> list[str]:
    """The command that serves the embedded engine until its standard input closes.

    It listens at a unix socket, which takes less time than TCP, and at free ports.
    """
    places = [
        "--unrealcv-socket",
        str(folder / "unrealcv.socket"),
        "--unrealcv-port",
        "0",
        "--remote-control-port",
        "0",
        "--until-stdin-closes",
        "--assets",
        str(folder / "assets.json"),
    ]
    return [sys.executable, "-m", "datagen.engine", "--look", look, *places]
