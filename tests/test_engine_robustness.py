"""No request ends the engine, and no client keeps it from the others."""

import http.client
import json
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from engine_child import Engine, running

from datagen.engine.protocol.capture_folder import CaptureFolder
from datagen.engine.protocol.faults import Faults
from datagen.engine.protocol.lagging_frames import LaggingFrames
from datagen.engine.protocol.unrealcv_commands import MOST_TICK_BYTES, Console
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer
from datagen.engine.world.actors import CAMERA_CLASS, Actor, CameraSensor
from datagen.engine.world.world import World
from multitake.randomness import rng_for

MAGIC = 0x9E2B83C1
LONG = "9" * 5000
LARGE = "9" * 400
ODD = [
    "",
    "0",
    "-1",
    "7",
    "1.5",
    "1e5",
    "nan",
    "99999999999",
    LARGE,
    "Car_0",
    "PlayerPawn",
    "Sun",
    "ä",
    "a/b",
]


@pytest.fixture(scope="module", params=["fast", "lit"])
def each(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine of each look."""
    with running(request.param) as engine:
        yield engine


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running("fast") as engine:
        yield engine


def frame(number: int, text: str) -> bytes:
    payload = f"{number}:{text}".encode()
    return struct.pack("<II", MAGIC, len(payload)) + payload


def connected(engine: Engine) -> socket.socket:
    return socket.create_connection(("127.0.0.1", engine.announced["unrealcv_port"]), timeout=30)


def reply(link: socket.socket) -> bytes:
    content = b""
    while len(content) < 8 or len(content) < 8 + struct.unpack_from("<I", content, 4)[0]:
        part = link.recv(1 << 16)
        assert part, "the connection was closed"
        content += part
    return content[8:]


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    "command",
    [
        "vset /object/Box/scale 0.0001 0.0001 0.0001",
        "vset /object/Box/scale 1000000 1 1",
        f"vset /object/Box/location {LARGE} 0 0",
        f"vset /object/Sun/rotation {LARGE} 0 0",
        f"vset /camera/0/location 0 {LARGE} 0",
        f"vset /camera/0/rotation 0 0 {'9' * 42}",
        f"vget /camera/{LONG}/location",
        f"vget /camera/{LARGE}/location",
        f"vset /camera/0/size {LARGE} 10",
        f"vset /object/Box/color {LARGE} 1 1",
        f"vset /camera/0/location 1{'1' * 80_000}x 0 0",
        f"vbatch {LONG}",
        f"vbatch {LARGE}",
        "vbatch 999999999",
        f"vget /unrealcv/echo {'a' * 2_000_000}",
        "vset /object/PlayerPawn/destroy",
        "vset /object/Sun/destroy",
    ],
    ids=lambda command: command[:45],
)
def test_an_impossible_command_is_an_error(each: Engine, command: str) -> None:
    each.level("Street")
    each.spawn_cube("Box", 0, 0, 100)
    said = each.ask(command, "vget /camera/0/lit bmp", "vget /unrealcv/status")
    assert str(said[0]).startswith("error ")
    assert isinstance(said[1], bytes) and "Is Listening" in str(said[2])


def test_the_pawn_and_the_sun_are_kept_under_other_names(engine: Engine) -> None:
    engine.level("Street")
    engine.run("vset /object/PlayerPawn/name P", "vset /object/Sun/name S", "vset /object/S/rotation -30 0 0")
    assert engine.ask("vset /object/P/destroy", "vset /object/S/destroy") == [
        "error P can not be destroyed",
        "error S can not be destroyed",
    ]
    assert "Is Listening" in str(engine.ask("vget /unrealcv/status")[0])


def test_clients_do_not_wait_for_each_other(engine: Engine) -> None:
    silent = [connected(engine) for _ in range(50)]
    silent[0].sendall(struct.pack("<II", MAGIC, 200 << 20) + b"0:vget")
    for link in silent[1:]:
        assert reply(link).startswith(b"connected")
        link.sendall(frame(3, "vget /unrealcv/echo here"))
        assert reply(link) == b"3:here"
    for link in silent:
        link.close()
    assert engine.ask("vget /unrealcv/echo there") == ["there"]


def test_a_client_that_never_reads_takes_little_memory(engine: Engine) -> None:
    engine.level("Street")
    engine.run("vset /camera/0/size 640 480")
    engine.ask("vget /camera/0/lit bmp")
    before_mb = engine.resident_mb()
    with connected(engine) as link:
        link.settimeout(3)
        pictures = b"".join(frame(number, "vget /camera/0/lit bmp") for number in range(1000))
        link.sendall(pictures)
        for _ in range(5):
            assert engine.ask("vget /unrealcv/echo here") == ["here"]
            time.sleep(0.3)
        assert engine.resident_mb() < before_mb + 150
    started_s = time.monotonic()
    engine.ask("vget /camera/0/lit bmp")
    assert time.monotonic() - started_s < 10, "nothing more is rendered for a client that has gone"


def test_images_of_many_sizes_take_no_more_memory(engine: Engine) -> None:
    engine.level("Street")
    memory = []
    for width in range(40, 120):
        engine.run(f"vset /camera/0/size {width} {160 - width}")
        image, mask = engine.ask("vget /camera/0/lit bmp", "vget /camera/0/object_mask bmp")
        assert len(image) == len(mask) == 54 + 4 * width * (160 - width)
        memory.append(engine.resident_mb())
    assert max(memory[40:]) < max(memory[:40]) + 12


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_heap_cannot_grow(each: Engine) -> None:
    """Two allocators would move its end; from two threads at the same time, that ends the engine."""
    maps = [line.split() for line in Path(f"/proc/{each.process.pid}/maps").read_text().splitlines()]
    heap = next(place for place, fields in enumerate(maps) if fields[-1] == "[heap]")
    assert maps[heap][0].split("-")[1] == maps[heap + 1][0].split("-")[0] and maps[heap + 1][1] == "---p"


@pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux")
def test_the_program_break_stays() -> None:
    code = """
import ctypes
from datagen.engine.heap import fix_program_break
sbrk = ctypes.CDLL(None).sbrk
sbrk.restype, sbrk.argtypes = ctypes.c_void_p, [ctypes.c_ssize_t]
fix_program_break()
end = sbrk(0)
kept = [bytes(range(n % 250)) * n for n in range(3000)]
assert sbrk(4096) == 2**64 - 1, "it cannot grow"
del kept
assert sbrk(0) == end, "nothing is given back"
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_large_images_leave_no_memory(engine: Engine) -> None:
    capture = ["vget /camera/0/lit bmp"] * 10
    engine.run("vset /camera/0/size 64 64", *capture)
    before_mb = engine.resident_mb()
    engine.run("vset /camera/0/size 2048 2047", "vget /camera/0/lit bmp")
    assert engine.resident_mb() > before_mb + 16
    engine.run("vset /camera/0/size 64 64")
    for _ in range(12):
        engine.run(*capture)
    assert engine.resident_mb() < before_mb + 10


def test_an_image_does_not_depend_on_the_sizes_before(each: Engine) -> None:
    each.level("Street")
    each.run("vset /camera/0/size 96 64")
    before = each.ask("vget /camera/0/lit bmp", "vget /camera/0/object_mask bmp")
    for width in range(30, 60):
        each.run(f"vset /camera/0/size {width} 50")
        each.ask("vget /camera/0/lit bmp", "vget /camera/0/object_mask bmp")
    each.run("vset /camera/0/size 96 64")
    assert each.ask("vget /camera/0/lit bmp", "vget /camera/0/object_mask bmp") == before


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_random_commands_are_all_answered(engine: Engine) -> None:
    templates = [t for t in str(engine.ask("vget /unrealcv/commands")[0]).split("\n") if "vbatch" not in t]
    rng = rng_for(0, "commands", engine.announced["look"])
    engine.run("vset /camera/0/size 32 24")
    for _ in range(20):
        texts = [
            re.sub(r"\[\w+\]", lambda _: ODD[int(rng.integers(len(ODD)))], templates[int(n)])
            for n in rng.integers(len(templates), size=50)
        ]
        texts = [text for text in texts if "/size " not in text]
        assert len(engine.ask(*texts)) == len(texts)
    engine.level("Street")


@pytest.fixture
def world() -> Mock:
    """A world with one camera."""
    camera = CameraSensor(actor=Actor(name="Eye", uclass=CAMERA_CLASS))
    return Mock(spec=World, loads=1, cameras=[camera], camera=Mock(return_value=camera))


@pytest.fixture
def console(world: Mock) -> Console:
    """A console whose renderer fails."""
    fail = Mock(side_effect=MemoryError("no room"))
    renderer = Mock(spec=Renderer, look=look_named("fast"), scene=Mock(), render=fail)
    world.faults = Faults()
    return Console(world, renderer, 9000, CaptureFolder(None), LaggingFrames(world))


def test_an_unexpected_error_is_a_reply_with_a_traceback_in_the_log(
    world: Mock, console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    world.actor.side_effect = KeyError("a\nb")
    said = console.execute(
        ["vget /object/Box/location", "vget /camera/0/lit bmp", "vget /unrealcv/echo fine"]
    )
    assert said == [b"error KeyError: 'a\\nb'", b"error MemoryError: no room", b"fine"]
    assert caplog.text.count("Traceback") == 2


def test_a_level_that_fails_to_load_does_not_end_the_tick(
    world: Mock, console: Console, caplog: pytest.LogCaptureFixture
) -> None:
    world.begin_tick.side_effect = RuntimeError("no such mesh")
    assert console.execute(["vget /unrealcv/echo fine"]) == [b"fine"]
    assert "no such mesh" in caplog.text


def test_the_replies_of_a_tick_are_bounded(world: Mock, console: Console) -> None:
    # Bytes that are never written take no room.
    world.level = bytes(MOST_TICK_BYTES // 2)
    first, second, third = console.execute(["vget /level/name"] * 3)
    assert first is second is world.level and third.startswith(b"error The replies of one tick")


def put(engine: Engine, head: str, body: bytes = b"") -> tuple[int, object]:
    """The status and the JSON answer of a request that is written by hand."""
    port = engine.announced["remote_control_port"]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as link:
        link.sendall(head.encode() + b"\r\n\r\n" + body)
        link.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(link, method="PUT")
        answer.begin()
        return answer.status, json.loads(answer.read())


CALL, SEARCH = "PUT /remote/object/call HTTP/1.1", "PUT /remote/search/assets HTTP/1.1"


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (f"{CALL}\r\nContent-Length: abc", b"", 400),
        (f"{CALL}\r\nContent-Length: -1", b"{}", 400),
        (f"{CALL}\r\nContent-Length: {LONG}", b"{}", 400),
        (f"{CALL}\r\nContent-Length: 100000", b"[" * 100_000, 400),
        (f"{CALL}\r\nContent-Length: 3000000", b"a" * 3_000_000, 400),
        (f"{CALL}\r\nContent-Length: 50", b"{}", 400),
        (f"{CALL}\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", 400),
        (f"{SEARCH}\r\nContent-Length: 37", b'{"Filter": {"PackagePaths": [1, "b"]}}', 400),
        ("\r\nGET /remote/nothing HTTP/1.1", b"", 404),
        ("POST /remote/object/call HTTP/1.1\r\nContent-Length: 2", b"{}", 404),
        ("PATCH /remote/info HTTP/1.1", b"", 404),
        ("PUT /remote/nothing HTTP/1.1", b"", 404),
        ("PUT /remote/object/call HTTP/9.9", b"", 505),
    ],
)
def test_every_http_request_is_answered_in_json(engine: Engine, head: str, body: bytes, status: int) -> None:
    found, answer = put(engine, head, body)
    assert found == status and isinstance(answer, dict) and answer["errorMessage"]
    assert engine.http("GET", "/remote/info")[0] == 200


def test_the_body_of_a_get_is_read(engine: Engine) -> None:
    port = engine.announced["remote_control_port"]
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    for _ in range(2):
        link.request("GET", "/remote/info", body=b"x" * 100)
        assert json.loads(link.getresponse().read())["HttpRoutes"]
    link.close()


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1e400", LARGE])
def test_numbers_of_remote_control_are_finite(engine: Engine, value: str) -> None:
    engine.level("Street")
    engine.spawn_character("Hero")
    path = engine.path("Hero")
    text = (
        f'{{"objectPath": "{path}", "functionName": "SetPosition", '
        f'"parameters": {{"InPos": {value}, "bFireNotifies": false}}}}'
    )
    status, answer = put(engine, f"{CALL}\r\nContent-Length: {len(text)}", text.encode())
    assert status == 400 and "InPos" in str(answer)
    assert engine.call("Hero", "GetPosition") == {"ReturnValue": 0.0}
    assert np.isfinite(engine.joint("Hero", "head")).all()
