"""The engine as an UnrealCV server, tested with the client of the unrealcv package and with plain sockets."""

import json
import re
import socket
import struct
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from engine_child import Engine, running
from plugin_commands import PLUGIN_COMMANDS

from datagen.engine.content.unreal_space import rotation_rows
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
    ports = {"unrealcv_port", "remote_control_port", "unrealcv_socket"}
    assert set(engine.announced) == {*ports, "look", "renderer", "version"}
    assert engine.announced["look"] == "fast"
    assert engine.announced["version"].startswith("multitake-embedded ")


def test_help_describes_every_command(engine: Engine):
    templates = engine.ask("vget /unrealcv/commands")[0].split("\n")
    assert "vget /unrealcv/commands" in templates and "vget /camera/[uint]/lit [str]" in templates
    assert not [template for template in templates if template.endswith("_shared")]
    described = engine.ask("vget /unrealcv/help")[0].split("\n")
    assert described[0::2] == templates


def test_the_commands_of_the_plugin_are_listed(engine: Engine):
    assert len(PLUGIN_COMMANDS) > 95
    missing = PLUGIN_COMMANDS - set(engine.ask("vget /unrealcv/commands")[0].split("\n"))
    of_other_looks = {f"vget /camera/[uint]/{kind} [str]" for kind in ("depth", "normal", "optical_flow")}
    of_editors = {"vget /object/[str]/material", "vset /object/[str]/material [uint] [str]"}
    assert missing == of_other_looks | of_editors


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
        ("vget /camera/77/fov", "error Argument Invalid"),
        ("vset /camera/77/size 10 10", "error Argument Invalid"),
        ("vset /camera/77/exposure_bias 1", "error Argument Invalid"),
        ("vset /camera/0/fov 0", "error Argument Invalid"),
        ("vset /camera/0/size 0 10", "error Argument Invalid"),
        ("vget /object/Nobody/location", "error Cannot find object"),
        ("vset /objects/spawn Dragon", "error Can not find a class with name 'Dragon'"),
        ("vget /camera/0/lit out.exr", "error Invalid filename type, filename out.exr"),
        ("vget /camera/0/lit out.png", "error The engine writes no files, start it with --captures DIR"),
        ("vget /camera/0/lit /tmp/out.png", "error The engine writes no files, start it with --captures DIR"),
        ("vget /camera/0/lit npy", "error Invalid filename type, filename npy"),
        ("vset /object/Car_0/name ", "error Argument Invalid"),
        ("vget /camera/0/lit ", "error Filename can not be empty"),
        ("vset /camera/1/moveto 1 2 3", "error MoveTo only supports the player camera with id 0"),
        ("vset /action/eyes_distance 6.5", "error Not Implemented"),
        ("vset /action/input/enable", "ok"),
        ("vset /action/input/disable", "ok"),
        ("vset /action/keyboard Up 0.1", "ok"),
        ("vset /viewmode cubist", "error Can not set ViewMode to cubist"),
        ("vget /object/Car_0/material", "error No handler found for URI"),
        ("vset /object/Car_0/material 0 /Game/M", "error No handler found for URI"),
        ("vbp Nobody Dance", "error Can not find actor with id 'Nobody'"),
        ("vbp Car_0 Drive 1 2", "error Argument Invalid"),
        ("vexec Nobody Dance", "error Can not find actor with id 'Nobody'"),
        ("vexec Car_0 Drive 1 2", "error Fail to execute the function 'Drive 1 2' of Car_0"),
        ("vget /object/Car_0/bones", "error No skeletal or poseable mesh component found"),
        ("vset /camera/0/exposure_bias 1e3", "error No handler found for URI"),
        ("vset /camera/0/exposure_bias nan", "error No handler found for URI"),
        ("vset /camera/0/focal x y", "error No handler found for URI"),
        ("vset /camera/0/motion_blur 0 0 0 a", "error No handler found for URI"),
        ("vset /camera/0/motion_blur 0 0 0 30", "ok"),
        ("vset /camera/0/physical_exposure 1", "ok"),
        ("vset /camera/0/exposure_method Manual", "ok"),
        (
            "vset /camera/0/exposure_method nonsense",
            "error Can not support auto exposure mode nonsense, available options are histogram",
        ),
        (
            "vset /camera/0/projection_type fisheye",
            "error Can not support camera mode fisheye, available options are perspective and orthographic",
        ),
        (
            "vset /camera/0/lit_source raw",
            "error Can not support lit source raw, available options",
        ),
        (
            "vset /camera/0/reflection mirror",
            "error Can not support reflection method mirror,",
        ),
        (
            "vset /camera/0/illumination and",
            "error Can not support global illumination method and, available options are none,",
        ),
        ("vget /unrealcv/echo a\nb", "error The command has a character that can not be printed"),
        ("vrun stat", "error Unrecognised alias 'stat'"),
        ("vrun t.maxFPS 30", "ok"),
        ("vset /camera/0/exposure_bias 1.5", "ok"),
    ],
)
def test_errors_are_those_of_unrealcv(engine: Engine, command: str, reply: str):
    assert engine.ask(command)[0].startswith(reply)


@pytest.mark.filterwarnings("ignore::UserWarning")
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
    reply, listed = engine.ask(command, "vget /unrealcv/commands")
    assert reply.startswith("error ") and "'lit'" in reply
    assert command.split(" ")[1].rpartition("/")[2] not in listed


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_commands_that_say_too_little_mean_zero(engine: Engine):
    engine.run("vset /camera/0/location 1 2 3")
    assert engine.ask("vget /camera//location") == ["1.000 2.000 3.000"]
    assert engine.ask("vbatch", "vbatch x", "vbatch 0", "vget /unrealcv/echo on") == ["ok", "ok", "ok", "on"]


def test_an_unknown_level_is_accepted_and_the_old_one_stays(engine: Engine):
    engine.level("Room")
    engine.run("vset /objects/spawn_cube Box")
    assert engine.ask("vset /action/game/level Atlantis", "vget /level/name") == ["ok", "Room"]
    assert "Box" in engine.ask("vget /objects")[0].split()


def test_the_view_mode_is_that_of_the_screenshot(engine: Engine):
    engine.level("Street")
    engine.run("vset /camera/0/size 64 48")
    lit, shot = engine.ask("vget /camera/0/lit bmp", "vget /screenshot bmp")
    assert shot == lit
    engine.run("vset /viewmode Object_Mask")
    mask, shot, mode = engine.ask("vget /camera/0/object_mask png", "vget /screenshot png", "vget /viewmode")
    assert shot == mask and mode == "object_mask"
    engine.run("vset /viewmode wireframe")
    assert "wireframe" in engine.ask("vget /screenshot png")[0]
    engine.level("Street")
    assert engine.ask("vget /viewmode") == ["lit"]
    level = engine.ask("vget /persistent_level/id", "vget /persistent_level/level_script_actor/id")
    assert level == ["PersistentLevel", "Street_C_0"]


def test_move_to_moves_the_player(engine: Engine):
    engine.run("vset /camera/0/moveto 10 -20 30.5")
    assert engine.ask("vget /object/PlayerPawn/location") == ["10.000 -20.000 30.500"]


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
    assert engine.ask("vset /objects/spawn_cube B", "vset /objects/spawn_cube B") == [
        "CubeActor_0",
        "CubeActor_1",
    ]
    assert engine.ask("vset /objects/spawn CubeActor B") == ["error Failed to spawn B, object exists."]
    assert engine.ask("vset /object/B/name B") == ["The name has already been set"]
    taken = "error Renaming an object to overwrite an existing object is not allowed: CubeActor_0"
    assert engine.ask("vset /object/B/name CubeActor_0") == [taken]
    engine.run("vset /object/CubeActor_0/destroy", "vset /object/CubeActor_1/destroy")
    engine.run("vset /cameras/spawn", "vset /object/FusionCameraActor_0/location 7 8 9")
    assert engine.ask("vget /camera/1/location") == ["7.000 8.000 9.000"]
    engine.run("vset /object/FusionCameraActor_0/destroy", "vset /object/B/destroy")
    gone = engine.ask("vget /camera/1/location", "vget /object/B/color")
    assert gone == ["error Invalid sensor id", "error Cannot find object"]


def test_actors_are_spawned_at_a_location(engine: Engine):
    engine.level("Room")
    spawned = {
        "vset /objects/spawn_cube 1 2 3": "CubeActor_0",
        "vset /objects/spawn_cube Box 1 2 3": "Box",
        "vset /objects/spawn CubeActor 1 2 3": "CubeActor_1",
        "vset /objects/spawn SkeletalMeshActor Hero 1 2 3": "Hero",
        "vset /objects/spawn FusionCameraActor Eye 1 2 3": "Eye",
        "vset /objects/spawn PointLight Lamp 1 2 3": "Lamp",
        "vset /objects/spawn StaticMeshActor 1 2 3": "StaticMeshActor_0",
        "vset /objects/spawn DirectionalLight 1 2 3": "DirectionalLight_0",
    }
    assert engine.ask(*spawned) == list(spawned.values())
    locations = engine.ask(*(f"vget /object/{name}/location" for name in spawned.values()))
    assert set(locations) == {"1.000 2.000 3.000"}
    assert engine.ask("vget /camera/1/location") == ["1.000 2.000 3.000"]
    engine.run("vset /object/Lamp/hide", "vset /object/Lamp/name Bulb", "vset /object/Bulb/destroy")


def test_an_object_has_a_label_and_vertices(engine: Engine):
    engine.level("Room")
    engine.run("vset /objects/spawn_cube Box 10 20 30", "vset /object/Box/rotation 0 90 0")
    assert engine.ask("vget /object/Box/label") == ["Box"]
    engine.run("vset /object/Box/label crate")
    label, name, vertices = engine.ask(
        "vget /object/Box/label", "vget /objects", "vget /object/Box/vertex_location"
    )
    assert label == "crate" and "Box" in name.split()
    assert re.fullmatch(r"(?:-?\d+\.\d{5}(?: {5}-?\d+\.\d{5}){2}\n)+", vertices)
    points = np.array([line.split() for line in vertices.splitlines()], dtype=float)
    low_high = np.concatenate([points.min(axis=0), points.max(axis=0)])
    bounds = np.array(engine.ask("vget /object/Box/bounds")[0].split(), dtype=float)
    np.testing.assert_allclose(low_high, bounds, atol=0.01)


@pytest.mark.parametrize("rotation", ["0 0 0", "20 -130 40", "90 10 0"])
def test_bones_are_those_of_remote_control(engine: Engine, rotation: str):
    engine.level("Room")
    engine.spawn_character("Hero")
    engine.run(f"vset /object/Hero/rotation {rotation}", "vset /object/Hero/location 100 -50 20")
    world, component, chosen = (
        json.loads(reply)
        for reply in engine.ask(
            "vget /object/Hero/bones world",
            "vget /object/Hero/bones",
            "vget /object/Hero/bones head,tail,hand_l World",
        )
    )
    assert [bone["bone_name"] for bone in chosen] == ["head", "hand_l"]
    assert [bone for bone in world if bone["bone_name"] in ("head", "hand_l")] == sorted(
        chosen, key=lambda bone: bone["bone_name"], reverse=True
    )
    for bone, inner in zip(world, component, strict=True):
        place = bone["transform"]
        location = [place[axis] for axis in "XYZ"]
        np.testing.assert_allclose(location, engine.joint("Hero", bone["bone_name"]), atol=1e-6)
        angles = ("Pitch", "Yaw", "Roll")
        turned = rotation_rows(*(inner["transform"][angle] for angle in angles))
        turned = turned @ rotation_rows(*map(float, rotation.split()))
        np.testing.assert_allclose(rotation_rows(*(place[angle] for angle in angles)), turned, atol=1e-6)
    assert engine.ask("vget /object/Hero/bones head moon") == ["error Bone space must be component or world"]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_functions_of_a_mesh_are_called_by_name(engine: Engine):
    engine.level("Room")
    assert engine.ask("vbp SkeletalMeshComponent0 GetPosition")[0].startswith("error Can not find actor")
    engine.spawn_character("Hero")
    mesh = "SkeletalMeshComponent0"
    asked = engine.ask(
        f"vbp {mesh} setposition 0.25 false",
        f"vbp {mesh} GetPosition",
        f"vexec {mesh} SetPosition 0.5",
        f"vbp {mesh} GetPosition",
        f"vbp {mesh} SetPosition soon",
        f"vexec {mesh} SetPosition soon",
        f"vbp {mesh} GetSocketLocation head",
        f"vexec {mesh} HideBoneByName head 1",
        f"vbp {mesh} Fly",
    )
    assert asked == [
        "{}",
        '{"ReturnValue": "0.25"}',
        "ok",
        '{"ReturnValue": "0.5"}',
        "{}",
        f"error Fail to execute the function 'SetPosition soon' of {mesh}",
        '{"ReturnValue": ""}',
        "ok",
        "error Argument Invalid",
    ]
    assert engine.call("Hero", "GetPosition") == {"ReturnValue": 0.5}


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
    assert set(verdicts) == {"lit", "cinematic", "fast"}
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
