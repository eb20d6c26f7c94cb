"""Connect to an engine that runs, or that is starting: on UnrealCV and on Remote Control."""

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from multitake.errors import InputError

from .errors import EngineError
from .remote_control_link import RemoteControlLink
from .unrealcv_link import Address, UnrealCvLink, socket_of_port

_RETRY_S = 0.5
_LAST_PORT = 65535
_THIS_MACHINE = ("127.0.0.1", "localhost")


@dataclass(frozen=True, kw_only=True)
class EngineAddress:
    """Where an engine listens.

    ``may_be_unix``: it may have moved from TCP to a unix socket here. ``unrealcv_socket``: a unix socket that
    it has beside TCP.
    """

    host: str
    unrealcv_port: int
    remote_control_port: int
    may_be_unix: bool = True
    unrealcv_socket: Path | None = None


def parsed_address(text: str, remote_control_port: int) -> EngineAddress:
    """The address that a user wrote as ``HOST:PORT``, or ``PORT`` on this machine; InputError otherwise."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or len(port) > 5 or not 1 <= int(port) <= _LAST_PORT:
        what = f"{text[:60]!r} is not an address"
        raise InputError(what, where="ADDRESS", fix="give HOST:PORT of UnrealCV, e.g. 127.0.0.1:9000")
    host = host or "127.0.0.1"
    try:
        socket.getaddrinfo(host, int(port), socket.AF_INET)
    except (OSError, UnicodeError) as error:
        what = f"there is no host {host!r}"
        raise InputError(
            what, where="ADDRESS", fix="give a name or an IPv4 address, e.g. 127.0.0.1:9000"
        ) from error
    return EngineAddress(
        host=host,
        unrealcv_port=int(port),
        remote_control_port=remote_control_port,
        may_be_unix=host in _THIS_MACHINE,
    )


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait: until the engine answers at all, and for each reply; and whether it still runs."""

    start_timeout_s: float
    reply_timeout_s: float
    is_alive: Callable[[], bool] = lambda: True


@contextmanager
def engine_links(
    address: EngineAddress, patience: Patience
) -> Iterator[tuple[UnrealCvLink, RemoteControlLink]]:
    """Both links to an engine, once it answers on both; closed at the end, or if it does not answer."""
    deadline_s = time.monotonic() + patience.start_timeout_s
    with ExitStack() as stack:
        unrealcv = connected_unrealcv(address, patience)
        stack.callback(unrealcv.close)
        remote_control = RemoteControlLink(
            address.host, address.remote_control_port, timeout_s=patience.reply_timeout_s
        )
        stack.callback(remote_control.close)
        left_s = max(0.0, deadline_s - time.monotonic())
        remote_control.wait_ready(left_s, is_alive=patience.is_alive)
        yield unrealcv, remote_control


def connected_unrealcv(address: EngineAddress, patience: Patience) -> UnrealCvLink:
    """A connection on which commands are answered; EngineError if there is none in time.

    The first connection is kept: Unreal's plugin leaves TCP when its first client has gone.
    """
    deadline_s = time.monotonic() + patience.start_timeout_s
    while True:
        known = _addresses(address)
        for one in known:
            try:
                # A server that has moved to the socket accepts TCP, but does not greet.
                return _ready_link(one, patience, deadline_s, has_moved=partial(_has_moved, address, known))
            except EngineError as error:
                is_over = not patience.is_alive() or time.monotonic() > deadline_s
                # Raised for TCP alone: a socket may be a file that an engine left behind.
                if is_over and (one == address.unrealcv_socket or not isinstance(one, Path)):
                    what = f"{error}, after {patience.start_timeout_s:g} s"
                    fix = "raise the time-out of the start, and see that the engine listens at this port"
                    raise EngineError(f"{what}; {fix}") from error
        time.sleep(_RETRY_S)


def _addresses(address: EngineAddress) -> list[Address]:
    """TCP, and before it the unix socket of an engine that had a client before."""
    if address.unrealcv_socket:
        return [address.unrealcv_socket]
    tcp, path = (address.host, address.unrealcv_port), socket_of_port(address.unrealcv_port)
    return [path, tcp] if address.may_be_unix and path.is_socket() else [tcp]


def _has_moved(address: EngineAddress, known: Sequence[Address]) -> bool:
    """Whether the socket has appeared since."""
    return len(_addresses(address)) > len(known)


def _ready_link(
    address: Address, patience: Patience, deadline_s: float, *, has_moved: Callable[[], bool]
) -> UnrealCvLink:
    link = UnrealCvLink(
        address, timeout_s=patience.reply_timeout_s, is_alive=patience.is_alive, has_moved=has_moved
    )
    try:
        link.wait_ready(max(_RETRY_S, deadline_s - time.monotonic()))
    except EngineError:
        link.close()
        raise
    return link
