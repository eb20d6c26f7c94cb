"""The fault mode of the engine: each fault is shown, and what our own driver does with it.

What the driver does not survive yet is marked as an expected failure, with the reason.
"""

import http.client
import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import unrealcv
from engine_child import Engine, rgb, running

from datagen.batch import Batch, EngineChoice
from datagen.catalog import load_catalog
from datagen.drive import EngineDriver, EngineError, RunningEngine
from datagen.drive.remote_control_link import RemoteControlLink
from datagen.drive.unrealcv_link import UnrealCvLink
from datagen.engine.protocol import faults
from datagen.engine.protocol.faults import Faults, parse_faults
from datagen.film import film_take
from datagen.plan import TakeSpec, plan_take
from datagen.quality.limits import QualityLimits
from multitake.errors import InputError

HOST = "127.0.0.1"
ROOM = "/Game/Maps/Room.Room"
# The images of these engines lag, which the quality gate finds.
OFF = QualityLimits(reject=())
BATCH = Batch(
    seed=1, takes=1, frames=5, width_px=64, height_px=48, engine=EngineChoice(look="fast"), quality=OFF
)
LAGGING = "late-textures=1,drifting-exposure=2,history=2"


@pytest.fixture(scope="module")
def slow() -> Iterator[Engine]:
    with running("fast", "--faults", f"slow-level-loads=0.3,{LAGGING}") as engine:
        yield engine


@pytest.fixture(scope="module")
def switching() -> Iterator[Engine]:
    with running("fast", "--faults", "socket-switch,idle-close=0.2") as engine:
        yield engine


@contextmanager
def driver_of(
    announced: dict, *, reply_timeout_s: float, load_timeout_s: float = 10.0
) -> Iterator[EngineDriver]:
    """Our own driver on a running engine."""
    commands = UnrealCvLink((HOST, announced["unrealcv_port"]), timeout_s=reply_timeout_s)
    calls = RemoteControlLink(HOST, announced["remote_control_port"], timeout_s=reply_timeout_s)
    try:
        yield EngineDriver(commands, calls, load_timeout_s=load_timeout_s, settle_requests=1)
    finally:
        commands.close()
        calls.close()


def take_in(level: str) -> TakeSpec:
    """A take of the batch in another level."""
    take = plan_take(BATCH, load_catalog(BATCH.scene, folder=Path()), 0)
    return replace(take, environment=replace(take.environment, asset=level))


@contextmanager
def late_engine(seconds: float) -> Iterator[dict]:
    """An engine whose first tick is late, not waited for."""
    command = [sys.executable, "-m", "datagen.engine", "--look", "fast", "--until-stdin-closes"]
    command += ["--faults", f"late-first-tick={seconds}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def payload(link: socket.socket) -> bytes:
    size = struct.unpack("<II", link.recv(8, socket.MSG_WAITALL))[1]
    return link.recv(size, socket.MSG_WAITALL)


def test_an_option_is_parsed() -> None:
    assert parse_faults("") == Faults()
    assert parse_faults("idle-close=0.5,socket-switch,history=3") == Faults(
        idle_close_s=0.5, socket_switch=True, history=3
    )
    assert parse_faults("no-vbatch,unlabelled-actors") == Faults(no_vbatch=True, unlabelled_actors=True)


@pytest.mark.parametrize(
    "text",
    [
        "gremlins",
        "history",
        "history=0",
        "history=1.5",
        "idle-close=inf",
        "idle-close=nan",
        "socket-switch=1",
        "history-s=1",
        "idle-close-s=1",
    ],
)
def test_an_option_that_means_nothing_is_one_line(text: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse_faults(text)
    assert str(refusal.value).startswith("--faults: ") and text.partition("=")[0] in str(refusal.value)


def test_every_fault_is_explained() -> None:
    readme = (Path(__file__).parent.parent / "datagen" / "README.md").read_text()
    for field in fields(Faults):
        name = field.name.removesuffix("_s").replace("_", "-")
        assert f"``{name}" in str(faults.__doc__) and f"`{name}" in readme, name


def test_a_late_first_tick() -> None:
    with late_engine(0.6) as announced:
        with socket.create_connection((HOST, announced["unrealcv_port"]), timeout=10) as link:
            request = b"7:vget /unrealcv/echo here"
            link.sendall(struct.pack("<II", 0x9E2B83C1, len(request)) + request)
            assert payload(link) == b"connected to Multitake"
            greeted_s = time.monotonic()
            assert payload(link) == b"7:here" and time.monotonic() - greeted_s > 0.1
        with driver_of(announced, reply_timeout_s=5.0) as driver:
            assert "multitake-embedded" in driver.engine_version()


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_very_late_first_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    def impatient(client: unrealcv.Client) -> None:
        with suppress(TimeoutError):
            client.request("vget /unrealcv/commands", timeout=0.1)

    # The client of the package waits 15 s for its list of commands, and then goes on.
    monkeypatch.setattr("unrealcv.Client._load_command_capabilities", impatient)
    with late_engine(0.6) as announced, driver_of(announced, reply_timeout_s=5.0) as driver:
        assert driver.unrealcv.ask("vget /unrealcv/echo here") == "here"


def test_a_slow_load_of_a_level(slow: Engine) -> None:
    with driver_of(slow.announced, reply_timeout_s=5.0) as driver:
        started_s = time.monotonic()
        film_take(driver, BATCH, take_in(ROOM))
        assert time.monotonic() - started_s > 0.3
        assert driver.unrealcv.ask("vget /level/name") == "Room"


def test_a_level_that_loads_longer_than_a_reply_may_take(slow: Engine) -> None:
    with driver_of(slow.announced, reply_timeout_s=0.2) as driver:
        film_take(driver, BATCH, take_in(ROOM))


def test_a_level_that_does_not_exist_is_named(slow: Engine) -> None:
    message = r"level /Game/Maps/Atlantis did not load within 0\.3 s"
    with (
        driver_of(slow.announced, reply_timeout_s=5.0, load_timeout_s=0.3) as driver,
        pytest.raises(EngineError, match=message),
    ):
        film_take(driver, BATCH, take_in("/Game/Maps/Atlantis"))


def test_an_idle_connection_is_closed(switching: Engine) -> None:
    link = http.client.HTTPConnection(HOST, switching.announced["remote_control_port"], timeout=10)
    for _ in range(2):
        link.request("GET", "/remote/info")
        assert json.loads(link.getresponse().read())
    time.sleep(0.4)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        link.request("GET", "/remote/info")
        link.getresponse()
    link.close()


def test_the_driver_opens_an_idle_connection_again(switching: Engine) -> None:
    link = RemoteControlLink(HOST, switching.announced["remote_control_port"], timeout_s=5.0)
    library = "/Script/Engine.Default__KismetSystemLibrary"
    assert "ReturnValue" in link.call(library, "GetEngineVersion")
    time.sleep(0.4)
    assert "ReturnValue" in link.call(library, "GetEngineVersion")
    link.close()


def test_a_lost_reply_is_told_after_the_time_of_a_reply() -> None:
    # The client asks for its list of commands first.
    with (
        running("fast", "--faults", "lost-replies=4") as engine,
        driver_of(engine.announced, reply_timeout_s=0.5) as driver,
    ):
        assert driver.unrealcv.ask("vget /unrealcv/echo third") == "third"
        with pytest.raises(EngineError, match=r"no answer to 1 UnrealCV commands .* within 0\.5 s"):
            driver.unrealcv.ask("vget /unrealcv/echo fourth")


def test_a_socket_that_switches_after_the_first_client(switching: Engine) -> None:
    port = switching.announced["unrealcv_port"]
    path = Path(f"/tmp/unrealcv_{port}.socket")
    assert switching.ask("vget /unrealcv/echo first") == ["first"] and not path.exists()
    switching.client.disconnect()
    deadline_s = time.monotonic() + 5
    while not path.exists() and time.monotonic() < deadline_s:
        time.sleep(0.02)
    for _ in range(2):
        client = unrealcv.Client(str(path), "unix")
        assert client.connect() and client.request("vget /unrealcv/echo again") == "again"
        client.disconnect()
    with socket.create_connection((HOST, port), timeout=0.5) as link, pytest.raises(TimeoutError):
        link.recv(1)


def test_the_driver_finds_the_socket_of_a_second_client(switching: Engine) -> None:
    switching.client.disconnect()
    ports = {name: switching.announced[name] for name in ("unrealcv_port", "remote_control_port")}
    choice = EngineChoice(kind="unreal", look="gt", start_timeout_s=1.0, reply_timeout_s=1.0, **ports)
    RunningEngine(choice, worker=0).close()


def captured(engine: Engine) -> tuple[list[np.ndarray], list[bytes | str]]:
    """Six pictures of a camera, with a cut after the third, and the masks with them."""
    engine.level("Street")
    engine.run("vset /camera/0/size 96 64")
    pictures, masks = [], []
    for number in range(6):
        x_cm = 10 * number + (300 if number >= 3 else 0)
        engine.run(f"vset /camera/0/location {x_cm} 0 160", "vset /camera/0/rotation 0 150 0")
        picture, mask = engine.ask("vget /camera/0/lit bmp", "vget /camera/0/object_mask bmp")
        pictures.append(rgb(picture))
        masks.append(mask)
    return pictures, masks


def test_frames_that_lag(slow: Engine) -> None:
    with running("fast") as engine:
        clean, clean_masks = captured(engine)
    seen, masks = captured(slow)
    again, _ = captured(slow)
    assert masks == clean_masks, "only lit pictures lag"
    np.testing.assert_array_equal(again, seen)
    assert seen[0].mean() < 0.6 * clean[0].mean()
    sharpness, clean_sharpness = (
        np.abs(np.diff(one.astype(float), axis=1)).mean() for one in (seen[0], clean[0])
    )
    assert sharpness < 0.5 * 0.5 * clean_sharpness
    np.testing.assert_array_equal(seen[1], np.floor(0.75 * clean[1]))
    np.testing.assert_array_equal(seen[2], clean[2])
    np.testing.assert_array_equal(seen[3], (clean[3].astype(int) + seen[2]) // 2)
    np.testing.assert_array_equal(seen[4], (clean[4].astype(int) + seen[3]) // 2)
    np.testing.assert_array_equal(seen[5], clean[5])
    assert not np.array_equal(seen[3], clean[3])
