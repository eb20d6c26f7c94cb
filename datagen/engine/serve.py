"""The engine process: one thread owns world and renderer, and two servers send it jobs through one queue."""

import errno
import json
import logging
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import BinaryIO, TypeVar

from multitake.atomic import writing_to
from multitake.errors import InputError

from . import assets as content
from .heap import fix_program_break
from .imported.user_asset import read_assets
from .protocol.capture_folder import CaptureFolder
from .protocol.dispatch import File
from .protocol.faults import Faults, parse_faults
from .protocol.lagging_frames import LaggingFrames
from .protocol.mesh_functions import Json
from .protocol.remote_control_server import Action, RemoteControlServer
from .protocol.unix_socket import unix_listener
from .protocol.unrealcv_commands import Console
from .protocol.unrealcv_server import SessionFaults, serve_clients, serve_one_client
from .render.looks import Look, look_named
from .render.renderer import Renderer
from .world.world import World

# Increase it whenever the same commands may give other pixels.
ENGINE_VERSION = "1.2"
_HOST = "127.0.0.1"
_LAST_PORT = 65535
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


def serve(
    *,
    look: str,
    unrealcv_port: int = 0,
    remote_control_port: int = 0,
    unrealcv_socket: Path | None = None,
    captures: Path | None = None,
    log: Path | None = None,
    faults: str = "",
    lychsim: bool = False,
    assets: Path | None = None,
    until_stdin_closes: bool = False,
) -> None:
    """Run the embedded engine on loopback until the process ends.

    Prints one JSON line on standard output once all servers listen: ``unrealcv_port``, ``unrealcv_socket``,
    ``remote_control_port``, ``look``, ``renderer``, ``version``. Port 0 takes any free port. ``captures`` is
    the folder below which clients may write images. Messages go to standard error, or to the end of the file
    ``log``. ``faults`` are those of ``protocol/faults.py``. With ``lychsim`` it also answers commands of
    LychSim. ``assets`` is the list of the user's files that a worker wrote. With ``until_stdin_closes`` the
    process ends when standard input closes. Raises ``InputError`` for an unknown look or fault, a used port,
    a path that cannot be used, or missing system libraries.
    """
    fix_program_break()
    chosen, active = look_named(look), parse_faults(faults)
    content.mount(read_assets(assets) if assets else ())
    files, sockets = CaptureFolder(captures), _Sockets()
    if until_stdin_closes:
        threading.Thread(target=_exit_with_stdin, args=(sockets,), name="stdin", daemon=True).start()
    try:
        unix = sockets.listener(unrealcv_socket, "--unrealcv-socket") if unrealcv_socket else None
        messages = _opened(log) if log else None
        tcp = _bound("--unrealcv-port", unrealcv_port, lambda port: socket.create_server((_HOST, port)))
        http = _bound(
            "--remote-control-port",
            remote_control_port,
            lambda port: RemoteControlServer(port, active),
        )
        engine = _EngineJobs(chosen, active, tcp.getsockname()[1], files, lychsim=lychsim)
        if messages:
            # Whatever goes to standard error, messages of libraries included.
            os.dup2(messages.fileno(), 2)
        http.start(engine.run_action)
        _serve_unrealcv(tcp, unix, engine, active, sockets)
        line = {
            "unrealcv_port": tcp.getsockname()[1],
            "unrealcv_socket": str(unrealcv_socket) if unrealcv_socket else None,
            "remote_control_port": http.server_address[1],
            "look": look,
            "renderer": engine.renderer,
            "version": engine.version,
        }
        _announce(line)
        time.sleep(active.late_first_tick_s)
        with suppress(KeyboardInterrupt):
            engine.run()
    finally:
        sockets.remove()


class _Sockets:
    """The unix sockets of this process; their files are removed at its end."""

    def __init__(self) -> None:
        # With the number of the file, as another engine may have a new one at the path.
        self._files: list[tuple[Path, int]] = []

    def listener(self, path: Path, option: str) -> socket.socket:
        """Listen at a path."""
        listener = unix_listener(path, where=option)
        self._files.append((path, path.stat().st_ino))
        return listener

    def remove(self) -> None:
        """Remove the files."""
        for path, number in self._files:
            with suppress(FileNotFoundError):
                if path.stat().st_ino == number:
                    path.unlink()


class _EngineJobs:
    """Runs the jobs of both servers in the thread that owns world and renderer."""

    def __init__(self, look: Look, faults: Faults, port: int, files: CaptureFolder, *, lychsim: bool) -> None:
        renderer = Renderer(look)
        self._world = World(renderer.scene, faults)
        frames = LaggingFrames(self._world)
        self._console = Console(self._world, renderer, port, files, frames, lychsim=lychsim)
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.renderer = renderer.description()
        panda = f"panda3d {version('panda3d')}"
        self.version = f"multitake-embedded {ENGINE_VERSION} {look.name} {panda} {self.renderer}"

    def run(self) -> None:
        """Run jobs forever."""
        while True:
            job = self._jobs.get()
            try:
                job()
            except Exception:
                _log.exception("a job failed")

    def submit(self, texts: list[str], answer: Callable[[list[File]], None]) -> None:
        """Run UnrealCV commands in one tick, and pass their replies on."""
        self._jobs.put(lambda: answer(self._console.execute(texts) if texts else []))

    def run_action(self, action: Action, body: Json) -> object:
        """Run an action of Remote Control in a tick of its own, and wait for what it returns."""
        result: Future[object] = Future()

        def job() -> None:
            try:
                self._world.begin_tick()
                result.set_result(action(self._world, self.version, body))
            except Exception as error:
                result.set_exception(error)

        self._jobs.put(job)
        return result.result()


def _bound(option: str, port: int, bind: Callable[[int], _T]) -> _T:
    if not 0 <= port <= _LAST_PORT:
        what = f"port {port} is not from 0 to {_LAST_PORT}"
        raise InputError(what, where=option, fix="choose another port, or 0 for any free one")
    try:
        return bind(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise InputError(
            f"port {port} is not free", where=option, fix="choose another port, or 0 for any free one"
        ) from error


def _serve_unrealcv(
    tcp: socket.socket,
    unix: socket.socket | None,
    engine: _EngineJobs,
    faults: Faults,
    sockets: _Sockets,
) -> None:
    """Serve UnrealCV's clients in threads."""
    of_sessions = SessionFaults(faults)
    switched = Path(f"/tmp/unrealcv_{tcp.getsockname()[1]}.socket")
    if faults.socket_switch and os.path.lexists(switched):
        raise InputError(f"{switched} exists", where="--faults", fix="remove it, or choose another port")

    def serve_tcp() -> None:
        if faults.socket_switch:
            # As the plugin on Linux.
            serve_one_client(tcp, engine.submit, of_sessions)
            serve_clients(sockets.listener(switched, "--faults"), engine.submit, of_sessions)
        else:
            serve_clients(tcp, engine.submit, of_sessions)

    _in_thread(serve_tcp)
    if unix:
        _in_thread(lambda: serve_clients(unix, engine.submit, of_sessions))


def _in_thread(run: Callable[[], None]) -> None:
    threading.Thread(target=run, name="unrealcv", daemon=True).start()


def _announce(line: dict[str, object]) -> None:
    """Print the line; InputError if nobody can read it."""
    try:
        print(json.dumps(line), flush=True)
    except OSError as error:
        # Or Python would try again at its end.
        sys.stdout = None
        what = f"standard output cannot be written ({error.strerror})"
        raise InputError(
            what, where="multitake engine", fix="keep it open until the first line is printed"
        ) from error


def _opened(log: Path) -> BinaryIO:
    with writing_to(log):
        return log.open("ab")


def _exit_with_stdin(sockets: _Sockets) -> None:
    """End the process at once when standard input closes, whatever the engine thread is doing."""
    with suppress(OSError):
        while os.read(0, 65536):
            pass
    sockets.remove()
    os._exit(0)
