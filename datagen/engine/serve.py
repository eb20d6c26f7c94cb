"""The engine process: one thread owns world and pixels, two servers feed it through one queue."""

import errno
import json
import os
import queue
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from importlib.metadata import version
from typing import TypeVar

from multitake.errors import InputError

from .protocol.remote_control_server import RemoteControlServer
from .protocol.unrealcv_commands import Console
from .protocol.unrealcv_server import UnrealCvServer
from .render.looks import look_named
from .render.renderer import Renderer
from .world.world import World

# Raised whenever the same commands may give other pixels.
ENGINE_VERSION = "1.0"
LOOPBACK = "127.0.0.1"
_T = TypeVar("_T")


class _GameThread:
    """The queue of jobs that the main thread works off in order."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def post(self, job: Callable[[], None]) -> None:
        """Have `job` done in its turn."""
        self._jobs.put(job)

    def ask(self, question: Callable[[], object]) -> object:
        """Have `question` answered in its turn; its exceptions come back to the caller."""
        answer: Future[object] = Future()

        def job() -> None:
            try:
                answer.set_result(question())
            except Exception as error:
                answer.set_exception(error)

        self.post(job)
        return answer.result()

    def run(self) -> None:
        """Work until the process is ended or interrupted from the keyboard."""
        with suppress(KeyboardInterrupt):
            while True:
                self._jobs.get()()


def serve(
    *, look: str, unrealcv_port: int = 0, remote_control_port: int = 0, until_stdin_closes: bool = False
) -> None:
    """Run the embedded engine on loopback until the process is ended.

    Prints one JSON line on standard output once both servers listen: `unrealcv_port`, `remote_control_port`,
    `look`, `renderer`, `version`. Port 0 takes any free port. With `until_stdin_closes` the process ends when
    standard input does. Raises `InputError` for an unknown look, a port in use, or missing system libraries.
    """
    chosen = look_named(look)
    if until_stdin_closes:
        threading.Thread(target=_exit_with_stdin, name="stdin", daemon=True).start()
    listener = _bound(
        "--unrealcv-port", unrealcv_port, lambda: socket.create_server((LOOPBACK, unrealcv_port))
    )
    remote = _bound(
        "--remote-control-port", remote_control_port, lambda: RemoteControlServer(remote_control_port, "")
    )
    renderer = Renderer(chosen)
    world = World(renderer.stage)
    console = Console(world, renderer, listener.getsockname()[1])
    game = _GameThread()

    def submit(texts: list[str], answer: Callable[[list[bytes]], None]) -> None:
        game.post(lambda: answer(console.execute(texts) if texts else []))

    def on_engine(question: Callable[[], object]) -> object:
        def tick() -> object:
            world.begin_tick()
            return question()

        return game.ask(tick)

    remote.world, remote.on_engine = world, on_engine
    remote.engine_version = engine_version(renderer)
    threading.Thread(target=remote.serve_forever, name="remote-control", daemon=True).start()
    UnrealCvServer(listener, submit)
    _announce(listener.getsockname()[1], remote.server_address[1], renderer)
    game.run()


def engine_version(renderer: Renderer) -> str:
    """The line that says what made the pixels."""
    panda, name = version("panda3d"), renderer.look.name
    return f"multitake-embedded {ENGINE_VERSION} {name} panda3d {panda} {renderer.description()}"


def _announce(unrealcv_port: int, remote_control_port: int, renderer: Renderer) -> None:
    line = {
        "unrealcv_port": unrealcv_port,
        "remote_control_port": remote_control_port,
        "look": renderer.look.name,
        "renderer": renderer.description(),
        "version": engine_version(renderer),
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def _bound(option: str, port: int, bind: Callable[[], _T]) -> _T:
    try:
        return bind()
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno != errno.EADDRINUSE:
            raise
        raise InputError(
            f"port {port} is not free", where=option, fix="choose another port, or 0 for any free one"
        ) from error


def _exit_with_stdin() -> None:
    """End the process at once, whatever the engine thread is doing: nothing in it outlives its parent."""
    while os.read(0, 65536):
        pass
    os._exit(0)
