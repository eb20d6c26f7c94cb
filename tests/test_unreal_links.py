"""Unreal's driver on its two connections: late starts, lost and closed connections, and every transport.

D1 to D10 are the defects that reading the plugin and Epic's pages found in the driver before.
"""

import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from engine_child import Engine, running
from engine_proxy import HOST, proxied
from unreal_runs import (
    attached,
    batch_of,
    catalog_of,
    choice_of,
    driver_of,
    filmed,
    members,
    started,
    take_of,
    unused_port,
)

from datagen.drive import EngineError, EngineStartError, RunningEngine
from datagen.drive.connecting import parsed_address
from datagen.drive.remote_control_link import RemoteControlLink
from datagen.drive.settling import views
from datagen.drive.unrealcv_link import UnrealCvLink, socket_of_port
from datagen.film import film_take
from shards import FilmedTake

LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"
ROW = ".take.json"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running("fast") as engine:
        yield engine


@pytest.fixture(scope="module")
def through_tcp(engine: Engine) -> FilmedTake:
    return filmed(engine.announced)


def test_nobody_asks_for_the_list_of_commands(engine: Engine) -> None:
    """D2: its late reply would be that of the next command. Source: ``unrealcv.Client.connect``."""
    with proxied(engine.announced) as seen, attached(seen.announced) as driver:
        assert seen.commands[0] == "vget /unrealcv/echo multitake"
        assert "vget /unrealcv/commands" not in seen.commands
        assert driver.unrealcv.ask("vget /unrealcv/echo own") == "own", "replies are those of their commands"


def test_replies_of_an_earlier_client_are_noticed(engine: Engine) -> None:
    """D2: requests of a client that left are answered to the next one. Source: UnrealcvServer.cpp, Tick."""
    with proxied(engine.announced) as seen:
        seen.edit_reply = lambda command, reply: b"Is Listening"
        link = UnrealCvLink((HOST, seen.unrealcv_port), timeout_s=5.0)
        with pytest.raises(EngineError, match="'Is Listening', which is another reply"):
            link.wait_ready(5.0)
        link.close()


def test_remote_control_may_start_after_unrealcv(engine: Engine) -> None:
    """D2: its server starts with the engine's modules, UnrealCV's with the plugin. Epic: Remote Control."""
    with proxied(engine.announced, late_s=0.7) as seen, attached(seen.announced) as driver:
        assert seen.requests[0] == ("GET", "/remote/info", {}), "a GET with a body closes the connection"
        assert "multitake-embedded" in driver.engine_version()


def test_an_engine_without_remote_control_is_one_line(engine: Engine) -> None:
    """D2: outside of the editor it needs a flag (docs/unreal.md, section 4)."""
    ports = {**engine.announced, "remote_control_port": unused_port()}
    message = (
        r"no Remote Control server at 127\.0\.0\.1:\d+ \(.*\); start the engine with -RCWebControlEnable$"
    )
    with pytest.raises(EngineStartError, match=message):
        RunningEngine(choice_of(ports, start_timeout_s=0.5), worker=0)


def test_the_first_capture_of_a_level_may_take_as_long_as_its_load(engine: Engine) -> None:
    """D5: it compiles shaders, and the reply comes when the game thread has done that."""
    compiled: set[str] = set()

    def compiles(command: str, reply: bytes) -> bytes:
        what = command.rpartition("/")[2]
        if what in ("lit bmp", "object_mask bmp") and what not in compiled:
            compiled.add(what)
            time.sleep(0.5)
        return reply

    with proxied(engine.announced) as seen, attached(seen.announced, reply_timeout_s=0.3) as driver:
        seen.edit_reply = compiles
        environment = catalog_of().environments[0]
        driver.open_environment(environment)
        driver.spawn_cameras(1, exposure_ev=0.0, fps=15.0)
        driver.set_view(64, 48, 60.0)
        driver.film_frame(views(environment)[1][None], ("mask",))
    assert compiled == {"lit bmp", "object_mask bmp"}


def test_a_socket_that_a_dead_engine_left_is_not_the_engine(engine: Engine) -> None:
    """D6: the plugin's UnixTcpServer.cpp makes the file, and nobody removes it after a crash."""
    path = socket_of_port(engine.announced["unrealcv_port"])
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    try:
        with attached(engine.announced) as driver:
            assert driver.unrealcv.address == (HOST, engine.announced["unrealcv_port"])
    finally:
        path.unlink()


def test_only_an_engine_on_this_machine_has_a_socket() -> None:
    """D6."""
    assert parsed_address("9000", 30010).may_be_unix and parsed_address("127.0.0.1:9000", 1).may_be_unix
    assert not parsed_address("10.0.0.7:9000", 30010).may_be_unix


def test_a_take_has_the_same_bytes_on_both_sockets(through_tcp: FilmedTake) -> None:
    """D2 and D6: one client before the first tick, which stays, and one after it.

    Unreal greets when the plugin is loaded, and serves one TCP client; later ones have the socket. Source:
    UnrealcvServer.cpp (Tick), UnixTcpServer.cpp.
    """
    with started("--faults", "late-first-tick=1.0,socket-switch") as announced:
        batch, path = batch_of(announced), socket_of_port(announced["unrealcv_port"])
        for is_first in (True, False):
            with attached(announced, reply_timeout_s=0.6) as driver:
                assert path.exists() is not is_first
                assert driver.unrealcv.address == ((HOST, announced["unrealcv_port"]) if is_first else path)
                assert members(film_take(driver, batch, take_of(batch))) == members(through_tcp)


def test_a_take_has_the_same_bytes_through_an_odd_network(engine: Engine, through_tcp: FilmedTake) -> None:
    """Packets are late, in odd pieces, and merged: the protocol has frames of its own (TcpServer.cpp)."""
    with proxied(engine.announced, seed=7) as seen:
        assert members(filmed(seen.announced)) == members(through_tcp)


def test_a_take_has_the_same_images_by_batched_captures(through_tcp: FilmedTake) -> None:
    """LychSim, a fork of the plugin, captures all cameras in one command; the row has its version."""
    with started("--lychsim") as announced, proxied(announced) as seen:
        batched = members(filmed(seen.announced))
        assert seen.commands.count("lych cam get_lit 1 2 npy") >= 5
        others = [one for one in seen.commands if one.startswith("lych ")]
        assert all(
            re.fullmatch(r"lych (status|cam get_lit( \d+)+ npy( -warmup=\d+)?)", one) for one in others
        )
    expected = members(through_tcp)
    differ = {name for name in expected if batched[name] != expected[name]}
    assert batched.keys() == expected.keys() and all(name.endswith(ROW) for name in differ)


def test_a_connection_that_was_closed_while_idle_is_opened_once_more() -> None:
    """D8: as Unreal's HTTP server does after some seconds; all calls can be repeated."""
    with http_stub(answers=(1, 1)) as stub:
        link = RemoteControlLink(HOST, stub.port, timeout_s=5.0)
        for _ in range(2):
            assert link.call(LIBRARY, "GetEngineVersion") == {"ReturnValue": "stub"}
        link.close()
        assert stub.requests == 2


def test_a_request_on_a_new_connection_is_not_repeated() -> None:
    """D8: an engine that dies in a call would die in the next one too."""
    with http_stub(answers=(0, 1)) as stub:
        link = RemoteControlLink(HOST, stub.port, timeout_s=5.0)
        with pytest.raises(EngineError, match="did not answer /remote/object/call GetEngineVersion"):
            link.call(LIBRARY, "GetEngineVersion")
        assert stub.requests == 1
        assert link.call(LIBRARY, "GetEngineVersion") == {"ReturnValue": "stub"}
        link.close()


def test_a_request_is_repeated_once_at_most() -> None:
    """D8."""
    with http_stub(answers=(1, 0, 1)) as stub:
        link = RemoteControlLink(HOST, stub.port, timeout_s=5.0)
        link.call(LIBRARY, "GetEngineVersion")
        with pytest.raises(EngineError, match="did not answer"):
            link.call(LIBRARY, "GetEngineVersion")
        assert stub.requests == 2
        link.close()


def test_commands_of_a_batch_must_wait_for_each_other(engine: Engine) -> None:
    """UnrealcvServer.cpp since 1f64480 holds them; asking leaves no reply behind."""
    with driver_of(engine.announced) as driver:
        assert driver.unrealcv.holds_batches()
        assert driver.unrealcv.ask("vget /unrealcv/echo after") == "after"


class HttpStub:
    """A server whose connections answer so many requests each, and then end the connection."""

    def __init__(self, answers: tuple[int, ...]) -> None:
        self.requests = 0
        self._answers = answers
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]

    def run(self) -> None:
        with suppress(OSError):
            for answers in self._answers:
                connection, _ = self._listener.accept()
                with connection:
                    for _ in range(answers):
                        self._answer(connection)
                    if not answers:
                        self._read(connection)
                        # A reset, not an end.
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _answer(self, connection: socket.socket) -> None:
        self._read(connection)
        content = json.dumps({"ReturnValue": "stub"}).encode()
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content)

    def _read(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as stream:
            size = 0
            while (line := stream.readline()) not in (b"\r\n", b""):
                name, _, value = line.partition(b":")
                size = int(value) if name.lower() == b"content-length" else size
            stream.read(size)
        self.requests += 1

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def http_stub(*, answers: tuple[int, ...]) -> Iterator[HttpStub]:
    stub = HttpStub(answers)
    thread = threading.Thread(target=stub.run, daemon=True)
    thread.start()
    try:
        yield stub
    finally:
        stub.close()
        thread.join(5)
