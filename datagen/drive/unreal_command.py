"""How an Unreal Engine is started: its command line, and ports that are free."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass

from ..batch import EngineChoice
from .errors import EngineStartError

# So that candidates of different workers differ.
_PORT_STEP, _LAST_PORT = 64, 65535
_REMOTE_CONTROL = "/Script/RemoteControlCommon.RemoteControlSettings"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """The ports of an engine."""

    unrealcv: int
    remote_control: int


def free_ports(choice: EngineChoice, worker: int) -> Ports:
    """Ports of the batch plus the worker's number, or the next free ones: each step skips 64 workers.

    They are bound for a moment and not connected to: the plugin gives up TCP after its first client. A port
    that the batch's own command does not name is that of the batch.
    """
    found = {}
    for key in ("unrealcv_port", "remote_control_port"):
        is_named = choice.program or any(f"{{{key}}}" in part for part in choice.command)
        first = getattr(choice, key)
        found[key.removesuffix("_port")] = _free_port(first + worker, key) if is_named else first
    return Ports(**found)


def is_free(port: int) -> bool:
    """Whether nothing listens at a port of this machine."""
    with socket.socket() as probe:
        # The connections of an engine that has ended keep a port for a minute, which hinders nobody.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
    return True


def _free_port(first: int, key: str) -> int:
    for port in range(first, _LAST_PORT + 1, _PORT_STEP):
        if is_free(port):
            return port
    raise EngineStartError(f"no free port at {first} or in steps of {_PORT_STEP} above; change {key}")


def unreal_command(choice: EngineChoice, worker: int, ports: Ports, fps: float) -> list[str]:
    """The command that starts the engine of a worker; sources of its flags: docs/unreal.md."""
    if choice.command:
        filled = {"unrealcv_port": ports.unrealcv, "remote_control_port": ports.remote_control}
        return [part.format(**filled) for part in choice.command]
    game = [choice.project, "-game"] if choice.project else []
    return [choice.program, *game, *_flags(choice, worker, ports, fps), *choice.arguments]


def _flags(choice: EngineChoice, worker: int, ports: Ports, fps: float) -> Iterator[str]:
    yield from ("-RenderOffScreen", "-Unattended", "-NoSplash", "-NoSound", "-NoLoadingScreen")
    # Of the player's view, which nobody sees; cameras have their own sizes.
    yield from ("-ResX=640", "-ResY=360")
    # A step of the world's time has the same length however long a tick takes.
    yield from ("-UseFixedTimeStep", f"-FPS={fps:g}")
    if choice.gpus:
        yield f"-graphicsadapter={choice.gpus[worker % len(choice.gpus)]}"
    # The plugin reads the word after the key.
    yield from ("-cvport", str(ports.unrealcv))
    yield "-RCWebControlEnable"
    settings = f"-ini:RemoteControl:[{_REMOTE_CONTROL}]"
    yield f"{settings}:RemoteControlHttpServerPort={ports.remote_control}"
    # All engines would have the same port for it, which may be the other one of a worker.
    yield f"{settings}:bAutoStartWebSocketServer=False"
