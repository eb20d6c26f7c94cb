"""The engine as an UnrealCV server, tested with the client of the unrealcv package and with plain sockets."""

import socket
import struct
import subprocess
import sys
from dataclasses import replace

import pytest
from engine_child import Engine, running

from datagen.engine.doctor import doctor
from datagen.engine.render.looks import look_named, missing_packages, open_pipe
from multitake.errors import InputError

MAGIC = 0x9E2B83C1


@pytest.fixture(scope="module")
def engine():
    with running("fast") as engine:
        yield engine


def receive(link: socket.socket) -> bytes:
    """Return one frame's payload, or nothing if the server closed the connection."""
    with link.makefile("rb") as stream:
        header = stream.read(8)
        if len(header) < 8:
            return b""
        magic, length = struct.unpack("<II", header)
        assert magic == MAGIC
        return stream.read(length)


def test_the_first_line_describes_the_engine(engine: Engine):
    assert set(engine.announced) == {"unrealcv_port", "remote_control_port", "look", "renderer", "version"}
    assert engine.announced["look"] == "fast"
    assert engine.announced["version"].startswith("multitake-embedded ")


def test_help_describes_every_command(engine: Engine):
    templates = engine.ask("vget /unrealcv/commands")[0].split("\n")
    assert "vget /unrealcv/commands" in templates and "vget /camera/[uint]/lit [str]" in templates
    assert not [template for template in templates if template.endswith("_shared")]
    described = engine.ask("vget /unrealcv/help")[0].split("\n")
    assert described[0::2] == templates


def test_plugin_commands_answer(engine: Engine):
    status, echo, version, scene = engine.ask(
        "vget /unrealcv/status", "vget /unrealcv/echo hello", "vget /unrealcv/version", "vget /scene/name"
    )
    assert f"Port: {engine.announced['unrealcv_port']}" in status and "Is Listening" in status
    assert (echo, version, scene) == ("hello", "1.1.0", "Multitake")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("vget /nowhere", "error No handler found for URI 'vget /nowhere'"),
        ("vset /camera/0/location 1e-05 0 0", "error No handler found for URI"),
        ("vset /camera/0/location nan 0 0", "error No handler found for URI"),
        ("vset /camera/0/location 1. 0 0", "error No handler found for URI"),
        ("vset /camera/0/location 1 2", "error No handler found for URI"),
        ("vget /camera/77/location", "error Invalid sensor id"),
        ("vget /camera//location", "error Argument Invalid"),
        ("vset /camera/0/fov 0", "error Argument Invalid"),
        ("vset /camera/0/size 0 10", "error Argument Invalid"),
        ("vget /object/Nobody/location", "error Cannot find object"),
        ("vset /objects/spawn Dragon", "error Can not find a class with name 'Dragon'"),
        ("vget /camera/0/lit out.exr", "error Invalid filename type, filename out.exr"),
        ("vget /camera/0/lit npy", "error Invalid filename type, filename npy"),
        ("vset /action/game/level Atlantis", "error Can not find a level with name 'Atlantis'"),
        ("vrun stat", "error Unrecognised alias 'stat'"),
        ("vrun t.maxFPS 30", "ok"),
        ("vset /camera/0/exposure_bias 1.5", "ok"),
    ],
)
def test_errors_are_those_of_unrealcv(engine: Engine, command: str, reply: str):
    assert engine.ask(command)[0].startswith(reply)


@pytest.mark.parametrize(
    "command",
    [
        *(
            f"vget /camera/0/{kind}"
            for kind in ("depth npy", "normal png", "optical_flow bmp", "surface npy")
        ),
        "vget /scene/surfaces npz",
        "vget /scene/pieces npy",
    ],
)
def test_the_fast_look_refuses_labels_and_names_the_look_that_has_them(engine: Engine, command: str):
    with pytest.warns(UserWarning):
        reply = engine.ask(command)[0]
    assert reply.startswith("error ") and "'lit'" in reply


def test_numbers_are_returned_with_three_decimals(engine: Engine):
    engine.run("vset /camera/0/location 1.23456 -7 .5", "vset /camera/0/rotation -10.5 +170 0.25")
    assert engine.ask("vget /camera/0/location", "vget /camera/0/rotation", "vget /camera/0/fov") == [
        "1.235 -7.000 0.500",
        "-10.500 170.000 0.250",
        "90.000000",
    ]


def test_a_batch_runs_in_one_tick_and_replies_keep_their_order(engine: Engine):
    engine.level("Street")
    replies = engine.tick("vset /action/game/level Room", "vget /level/name", "vget /action/game/is_paused")
    assert replies == ["ok", "Street", "false"]
    assert engine.ask("vget /level/name") == ["Room"]
    words = [f"word{number}" for number in range(100)]
    assert engine.ask(*(f"vget /unrealcv/echo {word}" for word in words)) == words


def test_loading_a_level_removes_everything_spawned(engine: Engine):
    engine.level("Street")
    fresh = engine.ask("vget /objects", "vget /cameras", "vget /camera/0/location")
    for _ in range(2):
        engine.run(
            "vset /objects/spawn_cube Box",
            "vset /objects/spawn SkeletalMeshActor Hero",
            "vset /cameras/spawn",
            "vset /camera/0/location 5 5 5",
            "vset /object/Car_0/location 1 2 3",
        )
        assert "Box Hero FusionCameraActor_0 " in engine.ask("vget /objects")[0]
        assert engine.ask("vget /cameras")[0].split() == ["PawnSensor", "FusionCameraSensor"]
        engine.level("Street")
        assert engine.ask("vget /objects", "vget /cameras", "vget /camera/0/location") == fresh
        assert engine.ask("vget /object/Car_0/location")[0] == "-1500.000 300.000 0.000"


def test_objects_can_be_renamed_moved_and_destroyed(engine: Engine):
    engine.level("Room")
    engine.run("vset /objects/spawn_cube A", "vset /object/A/name B", "vset /object/B/scale 1 2 4")
    engine.run("vset /object/B/location 10 20 30", "vset /object/B/rotation 0 90 0")
    assert engine.ask("vget /object/B/bounds") == ["-90.00 -30.00 -170.00 110.00 70.00 230.00"]
    assert engine.ask("vget /object/B/uclass_name", "vget /object/B/mobility") == ["CubeActor", "Movable"]
    assert engine.ask("vset /objects/spawn_cube B") == ["error Failed to spawn B, object exists."]
    engine.run("vset /cameras/spawn", "vset /object/FusionCameraActor_0/location 7 8 9")
    assert engine.ask("vget /camera/1/location") == ["7.000 8.000 9.000"]
    engine.run("vset /object/FusionCameraActor_0/destroy", "vset /object/B/destroy")
    gone = engine.ask("vget /camera/1/location", "vget /object/B/color")
    assert gone == ["error Invalid sensor id", "error Cannot find object"]


def test_broken_frames_end_the_connection_but_not_the_engine() -> None:
    broken = (
        b"GET / HTTP/1.1\r\n\r\n",
        struct.pack("<II", MAGIC, 0),
        struct.pack("<II", MAGIC, 2**31),
        b"\xc1",
    )
    with running("fast") as engine:
        engine.client.disconnect()
        address = ("127.0.0.1", engine.announced["unrealcv_port"])
        for frame in broken:
            with socket.create_connection(address, timeout=10) as link:
                assert receive(link) == b"connected to Multitake"
                link.sendall(frame)
                link.shutdown(socket.SHUT_WR)
                assert receive(link) == b"", frame
            with socket.create_connection(address, timeout=10) as link:
                assert receive(link) == b"connected to Multitake"
                request = b"41:vget /unrealcv/echo alive"
                link.sendall(struct.pack("<II", MAGIC, len(request)) + request)
                assert receive(link) == b"41:alive", frame


def run_engine(*options: str) -> subprocess.CompletedProcess:
    """Run an engine that is expected to end."""
    command = [sys.executable, "-m", "datagen.engine", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("option", ["--unrealcv-port", "--remote-control-port"])
def test_a_used_port_is_reported_in_one_line(option: str):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = run_engine("--look", "fast", option, str(port))
    assert ended.returncode == 2 and ended.stdout == ""
    assert ended.stderr.count("\n") == 1 and str(port) in ended.stderr and option in ended.stderr


def test_an_unknown_look_is_reported_in_one_line():
    ended = run_engine("--look", "gloomy")
    assert ended.returncode == 2 and ended.stderr.count("\n") == 1
    assert "gloomy" in ended.stderr and "lit" in ended.stderr and "fast" in ended.stderr


def test_doctor_tries_every_look():
    verdicts = {look: (works, detail) for look, works, detail in doctor()}
    assert set(verdicts) == {"lit", "fast"}
    for look, (works, detail) in verdicts.items():
        packages = missing_packages(look_named(look))
        assert works == (not packages)
        assert "camera-frames/s" in detail if works else "apt-get install" in detail


def test_missing_libraries_are_reported_with_the_command_that_installs_them():
    look = replace(look_named("lit"), libraries={"libmissing.so.9": "libmissing9"})
    with pytest.raises(InputError) as refusal:
        open_pipe(look)
    assert "apt-get install --yes libmissing9" in str(refusal.value)


def test_closing_standard_input_ends_the_process_at_once():
    with running("fast") as engine:
        assert engine.process.poll() is None
        engine.process.stdin.close()
        assert engine.process.wait(timeout=5) == 0
