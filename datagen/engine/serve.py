"""The engine process: one thread owns world and renderer, and two servers send it jobs through one queue."""

import errno
import json
import os
import queue
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from importlib.metadata import version
from typing import TypeVar

from multitake.errors import InputError

from .protocol.remote_control_server import Action, RemoteControlServer
from .protocol.remote_objects import Json
from .protocol.unrealcv_commands import Console
from .protocol.unrealcv_server import serve_clients
from .render.looks import look_named
from .render.renderer import Renderer
from .world.world import World

# Increase it whenever the same commands may give other pixels.
ENGINE_VERSION = "1.0"
_T = TypeVar("_T")


def serve(
    *, look: str, unrealcv_port: int = 0, remote_control_port: int = 0, until_stdin_closes: bool = False
) -> None:
    """Run the embedded engine on loopback until the process ends.

    Prints one JSON line on standard output once both servers listen: ``unrealcv_port``,
    ``remote_control_port``, ``look``, ``renderer``, ``version``. Port 0 takes any free port. With
    ``until_stdin_closes`` the process ends when standard input closes. Raises ``InputError`` for an unknown
    look, a used port, or missing system libraries.
    """
    chosen = look_named(look)
    if until_stdin_closes:
        threading.Thread(target=_exit_with_stdin, name="stdin", daemon=True).start()
    listener = _bound(
        "--unrealcv-port", unrealcv_port, lambda port: socket.create_server(("127.0.0.1", port))
    )
    remote_control = _bound("--remote-control-port", remote_control_port, RemoteControlServer)
    renderer = Renderer(chosen)
    world = World(renderer.scene)
    console = Console(world, renderer, listener.getsockname()[1])
    description = renderer.description()
    engine_version = f"multitake-embedded {ENGINE_VERSION} {look} panda3d {version('panda3d')} {description}"
    jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def submit(texts: list[str], answer: Callable[[list[bytes]], None]) -> None:
        jobs.put(lambda: answer(console.execute(texts) if texts else []))

    def run_action(action: Action, body: Json) -> object:
        result: Future[object] = Future()

        def job() -> None:
            try:
                world.begin_tick()
                result.set_result(action(world, engine_version, body))
            except Exception as error:
                result.set_exception(error)

        jobs.put(job)
        return result.result()

    remote_control.start(run_action)
    threading.Thread(target=serve_clients, args=(listener, submit), name="unrealcv", daemon=True).start()
    line = {
        "unrealcv_port": listener.getsockname()[1],
        "remote_control_port": remote_control.server_address[1],
        "look": look,
        "renderer": description,
        "version": engine_version,
    }
    print(json.dumps(line), flush=True)
    with suppress(KeyboardInterrupt):
        while True:
            jobs.get()()


def _bound(option: str, port: int, bind: Callable[[int], _T]) -> _T:
    try:
        return bind(port)
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno != errno.EADDRINUSE:
            raise
        raise InputError(
            f"port {port} is not free", where=option, fix="choose another port, or 0 for any free one"
        ) from error


def _exit_with_stdin() -> None:
    """End the process at once when standard input closes, whatever the engine thread is doing."""
    while os.read(0, 65536):
        pass
    os._exit(0)
