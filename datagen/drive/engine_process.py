"""A running engine with its driver: started as a child process or already running, and ready to film."""

import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from ..batch import EngineChoice
from ..engine.imported.user_asset import UserAsset, write_assets
from .child_process import ChildProcess
from .driver import EngineDriver
from .errors import EngineError, EngineSetupError, EngineStartError
from .looks import UnrealLook
from .remote_control_link import RemoteControlLink
from .unreal_command import Ports, free_ports, unreal_command
from .unrealcv_link import Address, UnrealCvLink, socket_of_port

HOST = "127.0.0.1"
_RETRY_S = 0.5
_PLUGIN = "update the UnrealCV plugin to branch 5.2 of March 2026 or later"


class RunningEngine:
    """An engine and its driver. After an EngineError, close it and start another.

    ``fps`` is the frame rate of the batch; Unreal's time advances by it in each tick.
    """

    def __init__(
        self, choice: EngineChoice, *, worker: int, assets: Sequence[UserAsset] = (), fps: float = 15.0
    ) -> None:
        self._choice = choice
        self._child: ChildProcess | None = None
        self._links: list[UnrealCvLink | RemoteControlLink] = []
        try:
            ports = self._start(worker, assets, fps)
            self._unrealcv, self._remote_control = self._connected(ports)
            if choice.kind == "unreal" and not self._unrealcv.holds_batches():
                raise EngineSetupError(
                    f"the engine runs the commands of a vbatch in different ticks; {_PLUGIN}"
                )
            self.driver = EngineDriver(
                self._unrealcv,
                self._remote_control,
                load_timeout_s=choice.load_timeout_s,
                settle_requests=choice.settle_requests,
                look=UnrealLook.of(choice),
            )
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

    @property
    def replies(self) -> int:
        """How many requests the engine has answered."""
        return self._unrealcv.replies

    def close(self) -> None:
        """Disconnect from the engine, and stop it if it was started here."""
        for link in self._links:
            link.close()
        if self._child:
            self._child.stop()

    def _start(self, worker: int, assets: Sequence[UserAsset], fps: float) -> Ports:
        """Start the engine, unless it is running, and return its ports."""
        choice = self._choice
        if choice.kind == "embedded":
            with tempfile.TemporaryDirectory() as folder:
                listed = Path(folder) / "assets.json"
                write_assets(assets, listed)
                self._child = ChildProcess(_embedded_command(choice.look, listed), watches_stdin=True)
                announced = json.loads(self._child.first_line(choice.start_timeout_s))
            return Ports(unrealcv=announced["unrealcv_port"], remote_control=announced["remote_control_port"])
        if not choice.is_started:
            return Ports(unrealcv=choice.unrealcv_port, remote_control=choice.remote_control_port)
        ports = free_ports(choice, worker)
        command = unreal_command(choice, worker, ports, fps)
        if shutil.which(command[0]) is None:
            raise EngineStartError(f"cannot start {command[0]}: no such program")
        # A file of an engine that was killed; a new engine begins with TCP.
        socket_of_port(ports.unrealcv).unlink(missing_ok=True)
        self._child = ChildProcess(command, watches_stdin=False)
        return ports

    def _connected(self, ports: Ports) -> tuple[UnrealCvLink, RemoteControlLink]:
        """Both links, once the engine answers on both."""
        deadline_s = time.monotonic() + self._choice.start_timeout_s
        unrealcv = self._connected_unrealcv(ports.unrealcv, deadline_s)
        remote_control = RemoteControlLink(HOST, ports.remote_control, timeout_s=self._choice.reply_timeout_s)
        self._links.append(remote_control)
        remote_control.wait_ready(max(0.0, deadline_s - time.monotonic()), is_alive=self.is_alive)
        return unrealcv, remote_control

    def _connected_unrealcv(self, port: int, deadline_s: float) -> UnrealCvLink:
        """Connect as soon as the engine listens; Unreal needs the first connection to be kept."""
        while True:
            for address in self._addresses(port):
                try:
                    return self._ready_link(address, deadline_s)
                except EngineError:
                    # Raised for TCP alone: a socket may be a file that an engine left behind.
                    is_over = not self.is_alive() or time.monotonic() > deadline_s
                    if is_over and not isinstance(address, Path):
                        raise
            time.sleep(_RETRY_S)

    def _addresses(self, port: int) -> list[Address]:
        """TCP for a new engine; for one that had a client before, the unix socket that replaces it."""
        path = socket_of_port(port)
        is_switched = self._choice.kind == "unreal" and path.is_socket()
        return [path, (HOST, port)] if is_switched else [(HOST, port)]

    def _ready_link(self, address: Address, deadline_s: float) -> UnrealCvLink:
        """A connection on which commands are answered."""
        link = UnrealCvLink(address, timeout_s=self._choice.reply_timeout_s, is_alive=self.is_alive)
        try:
            link.wait_ready(max(_RETRY_S, deadline_s - time.monotonic()))
        except EngineError:
            link.close()
            raise
        self._links.append(link)
        return link

    def _stopped_after(self, error: BaseException) -> BaseException:
        """Stop everything; the error that says how the engine failed to start."""
        child = self._child
        ended_by = child.ended_by() if child else None
        log = child.end_of_log() if child else ""
        # The embedded engine needs no setting to answer, so it hangs.
        hangs = self._choice.kind == "embedded" and self.is_alive()
        self.close()
        if not isinstance(error, EngineError) or isinstance(error, EngineSetupError):
            return error
        if ended_by:
            return EngineError(f"the engine was ended by {ended_by} at its start{log}")
        return error if hangs else EngineStartError(str(error))


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
