"""Faults of a real Unreal: each is there with its name, and not without."""

import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager

import numpy as np
import pytest
from engine_child import Engine, npy, rgb, running

HOST = "127.0.0.1"
SIZE = (96, 64)
LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"
TICK_OPTION = "VisibilityBasedAnimTickOption"


@pytest.fixture(scope="module")
def clean() -> Iterator[Engine]:
    with running("fast") as engine:
        yield engine


@pytest.fixture(scope="module")
def clean_lit() -> Iterator[Engine]:
    with running("lit") as engine:
        yield engine


def faulty(faults: str, look: str = "fast") -> AbstractContextManager[Engine]:
    return running(look, "--faults", faults)


def ask_one(engine: Engine, command: str) -> str:
    (reply,) = engine.ask(command)
    assert isinstance(reply, str)
    return reply


def is_missing_object(engine: Engine, path: str) -> bool:
    read = {"objectPath": path, "access": "READ_ACCESS"}
    status, answer = engine.http("PUT", "/remote/object/property", read)
    assert status == 200 or "does not exist" in answer["errorMessage"]
    return status != 200


def view_of(engine: Engine, *, level: str = "Street") -> None:
    """Load a level, and put a small camera with a character in front of it."""
    engine.level(level)
    engine.run(f"vset /camera/0/size {SIZE[0]} {SIZE[1]}")
    engine.run("vset /camera/0/location 350 40 120", "vset /camera/0/rotation -5 185 0")
    engine.spawn_character("Hero")


def lit_after(engine: Engine, x_cm: int) -> np.ndarray:
    engine.run(f"vset /camera/0/location {x_cm} 40 120")
    return engine.image("lit")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_without_a_batch_command_its_commands_run_one_by_one(clean: Engine) -> None:
    commands = ("vbatch 2", "vget /unrealcv/echo a", "vget /unrealcv/echo b")
    assert clean.ask(*commands) == ["ok", "a", "b"]
    assert "vbatch [uint]" in ask_one(clean, "vget /unrealcv/commands").split("\n")
    with faulty("no-vbatch") as engine:
        assert engine.ask(*commands) == ["error No handler found for URI 'vbatch 2'", "a", "b"]
        assert "vbatch [uint]" not in ask_one(engine, "vget /unrealcv/commands").split("\n")


def test_an_ignored_batch_command_holds_nothing(clean_lit: Engine) -> None:
    # Flow is the motion since a capture of flow in an earlier tick.
    flow = "vget /camera/0/optical_flow bmp"
    commands = (flow, "vset /camera/0/location 350 60 120", flow, flow)

    def moved(engine: Engine) -> bool:
        view_of(engine)
        engine.ask(flow)
        return bool(rgb(engine.tick(*commands)[-1]).any())

    assert moved(clean_lit)
    with faulty("ignored-vbatch", "lit") as engine:
        assert not moved(engine), "the capture before is in an earlier tick"
        # Two commands are announced, and the only one is answered.
        assert engine.ask("vbatch 2", "vget /unrealcv/echo alone") == ["ok", "alone"]


def test_nothing_listens_at_the_port_of_remote_control(clean: Engine) -> None:
    assert clean.http("GET", "/remote/info")[0] == 200
    with faulty("no-remote-control") as engine:
        port = engine.announced["remote_control_port"]
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((HOST, port), timeout=5)
        assert ask_one(engine, "vget /unrealcv/echo here") == "here"


def test_functions_are_refused(clean: Engine) -> None:
    def called(engine: Engine, function: str, path: str) -> tuple:
        body = {"objectPath": path, "functionName": function, "parameters": {}}
        return engine.http("PUT", "/remote/object/call", body)

    walk = "/Game/Animations/Walk.Walk"
    assert called(clean, "GetPlayLength", walk)[0] == 200
    with faulty("refused-functions") as engine:
        message = "Executing function 'GetPlayLength' is not allowed"
        assert called(engine, "GetPlayLength", walk) == (400, {"errorMessage": message})
        assert called(engine, "GetEngineVersion", LIBRARY)[0] == 200


def test_properties_are_read_only(clean: Engine) -> None:
    def written(engine: Engine, actor: str, component: str, name: str, value: object) -> tuple:
        body = {"objectPath": engine.path(actor, component), "propertyName": name}
        body |= {"access": "WRITE_ACCESS", "propertyValue": {name: value}}
        return engine.http("PUT", "/remote/object/property", body)

    sun = ("Sun", "LightComponent0", "Intensity", 9.0)
    option = ("Hero", "SkeletalMeshComponent0", TICK_OPTION, "AlwaysTickPose")
    view_of(clean)
    assert written(clean, *sun)[0] == written(clean, *option)[0] == 200
    with faulty("read-only-properties") as engine:
        view_of(engine)
        for wanted in (sun, option):
            status, answer = written(engine, *wanted)
            assert status == 400 and wanted[2] in answer["errorMessage"]
            assert "read-only" in answer["errorMessage"]
        read = {"objectPath": engine.path("Sun", "LightComponent0"), "access": "READ_ACCESS"}
        assert engine.http("PUT", "/remote/object/property", read) == (200, {"Intensity": 10.0})


def test_a_session_in_the_editor_has_other_paths(clean: Engine) -> None:
    plain = "/Game/Maps/Street.Street:PersistentLevel.Sun.LightComponent0"
    played = plain.replace("Maps/", "Maps/UEDPIE_0_")
    clean.level("Street")
    assert is_missing_object(clean, played) and not is_missing_object(clean, plain)
    with faulty("editor-session") as engine:
        engine.level("Street")
        assert is_missing_object(engine, plain) and not is_missing_object(engine, played)


def test_a_search_finds_nothing(clean: Engine) -> None:
    assert clean.http("PUT", "/remote/search/assets", {})[1]["Assets"]
    with faulty("empty-search") as engine:
        assert engine.http("PUT", "/remote/search/assets", {}) == (200, {"Assets": []})


def test_there_is_no_player(clean: Engine) -> None:
    commands = (
        "vrun r.MSAACount 1", "vrun slomo 1", "vrun a b c d e f", "vcmd stat", "vset /action/game/pause",
        "vset /action/game/resume", "vset /action/game/level Room",
    )  # fmt: skip
    assert clean.ask(*commands) == ["ok"] * len(commands)
    assert clean.ask("vget /action/game/is_paused") == ["false"]
    with faulty("no-player") as engine:
        refused = engine.ask(*commands, "vget /action/game/is_paused")
        assert refused == ["error No player controller"] * (len(commands) + 1)
        assert ask_one(engine, "vrun alias").startswith("error Unrecognised alias")


def test_the_pawn_has_a_body(clean: Engine) -> None:
    """It is where the player is moved to, until it is hidden."""
    view = ["vset /camera/1/location 0 0 160", "vget /camera/1/lit bmp"]
    clean.level("Street")
    clean.run("vset /cameras/spawn", "vset /camera/0/location 200 0 160")
    expected = clean.ask(*view)[-1]
    with faulty("visible-pawn") as engine:
        engine.level("Street")
        engine.run("vset /cameras/spawn", "vset /camera/0/location 200 0 160")
        assert engine.ask(*view)[-1] != expected
        engine.run("vset /object/PlayerPawn/hide")
        assert engine.ask(*view)[-1] == expected


def test_there_is_no_pawn(clean: Engine) -> None:
    clean.level("Street")
    assert ask_one(clean, "vget /cameras") == "PawnSensor "
    with faulty("no-pawn") as engine:
        assert ask_one(engine, "vget /cameras") == ""
        assert ask_one(engine, "vget /camera/0/location") == "error Invalid sensor id"
        assert "PlayerPawn" not in ask_one(engine, "vget /objects")
        engine.run("vset /cameras/spawn", "vset /camera/0/location 1 2 3", "vget /unrealcv/status")
        assert ask_one(engine, "vget /cameras") == "FusionCameraSensor "
        assert ask_one(engine, "vget /object/FusionCameraActor_0/location") == "1.000 2.000 3.000"


def test_the_sun_is_static(clean: Engine) -> None:
    def turned(engine: Engine) -> tuple[str, str]:
        engine.level("Street")
        engine.run("vset /object/Sun/rotation -11 22 0")
        return ask_one(engine, "vget /object/Sun/mobility"), ask_one(engine, "vget /object/Sun/rotation")

    assert turned(clean) == ("Movable", "-11.000 22.000 0.000")
    with faulty("static-sun") as engine:
        before = ask_one(engine, "vget /object/Sun/rotation")
        picture = engine.image("lit")
        mobility, after = turned(engine)
        assert mobility == "Static" and after == before == ask_one(engine, "vget /object/Sun/rotation")
        np.testing.assert_array_equal(engine.image("lit"), picture)


def test_a_cube_has_another_name(clean: Engine) -> None:
    clean.level("Street")
    assert ask_one(clean, "vset /objects/spawn_cube Marker") == "Marker"
    with faulty("renamed-cubes") as engine:
        assert ask_one(engine, "vset /objects/spawn_cube Marker") == "CubeActor_0"
        assert ask_one(engine, "vset /objects/spawn_cube Marker 1 2 3") == "CubeActor_1"
        assert "Marker" not in ask_one(engine, "vget /objects")


def test_spawned_actors_stay_without_labels(clean_lit: Engine) -> None:
    def labels(engine: Engine) -> tuple[bool, bool, bool]:
        """Whether the mask, and the depth, show the character; whether the image does."""
        view_of(engine)
        mask, depth = engine.ask("vget /camera/0/object_mask bmp", "vget /camera/0/depth npy")
        lit = engine.image("lit")
        is_hero = (rgb(mask) == engine.color("Hero")).all(axis=-1).any()
        engine.run("vset /object/Hero/hide")
        (without,) = engine.ask("vget /camera/0/depth npy")
        return bool(is_hero), depth != without, not np.array_equal(engine.image("lit"), lit)

    assert labels(clean_lit) == (True, True, True)
    with faulty("unlabelled-actors", "lit") as engine:
        assert labels(engine) == (False, False, True)


def test_the_third_camera_is_missing(clean: Engine) -> None:
    def ids(engine: Engine) -> list[int]:
        engine.level("Street")
        engine.run(*["vset /cameras/spawn"] * 4)
        assert "FusionCameraActor_3" in ask_one(engine, "vget /objects")
        return [len(reply.split()) for reply in engine.ask("vget /cameras")]

    assert ids(clean) == [5]
    with faulty("missing-camera") as engine:
        assert ids(engine) == ids(engine) == [4], "in each level"
        engine.run("vset /camera/3/location 1 2 3")
        assert ask_one(engine, "vget /object/FusionCameraActor_3/location") == "1.000 2.000 3.000"


def test_one_camera_is_stuck(clean: Engine) -> None:
    def moved(engine: Engine) -> list[bool]:
        engine.level("Street")
        engine.run(*["vset /cameras/spawn"] * 3)
        for camera in range(4):
            engine.run(f"vset /camera/{camera}/location 7 8 9", f"vset /camera/{camera}/rotation 7 8 9")
        words = [f"vget /camera/{camera}/{what}" for camera in range(4) for what in ("location", "rotation")]
        return [reply == "7.000 8.000 9.000" for reply in engine.ask(*words)]

    assert moved(clean) == [True] * 8
    with faulty("stuck-camera") as engine:
        assert moved(engine) == [True] * 4 + [False] * 2 + [True] * 2


KINDS = (
    "lit png",
    "lit bmp",
    "object_mask bmp",
    "depth npy",
    "normal bmp",
    "surface npy",
    "optical_flow bmp",
)


def pictures(engine: Engine) -> dict[str, np.ndarray]:
    """An image of every kind, after a motion."""
    view_of(engine)
    engine.ask("vget /camera/0/optical_flow bmp")
    engine.run("vset /object/Hero/location 0 10 0")
    replies = dict(zip(KINDS, engine.tick(*(f"vget /camera/0/{kind}" for kind in KINDS)), strict=True))
    return {
        kind: npy(reply) if kind.endswith("npy") else rgb(reply)
        for kind, reply in replies.items()
        if kind != "lit png"
    }


@pytest.fixture(scope="module")
def right(clean_lit: Engine) -> dict[str, np.ndarray]:
    return pictures(clean_lit)


def test_all_images_have_one_size(right: dict[str, np.ndarray]) -> None:
    assert {image.shape[:2] for image in right.values()} == {SIZE[::-1]}
    with faulty("fixed-size", "lit") as engine:
        assert {image.shape[:2] for image in pictures(engine).values()} == {(480, 640)}
        assert ask_one(engine, "vget /camera/0/size") == f"{SIZE[0]} {SIZE[1]}"


def test_all_images_are_mirrored(right: dict[str, np.ndarray]) -> None:
    with faulty("mirrored", "lit") as engine:
        for kind, image in pictures(engine).items():
            np.testing.assert_array_equal(image, right[kind][:, ::-1], err_msg=kind)
            assert not np.array_equal(image, right[kind]), f"{kind} should not be symmetric"


def test_depth_is_in_metres(right: dict[str, np.ndarray]) -> None:
    with faulty("depth-in-metres", "lit") as engine:
        for kind, image in pictures(engine).items():
            expected = right[kind] / np.float32(100) if kind == "depth npy" else right[kind]
            np.testing.assert_array_equal(image, expected, err_msg=kind)
            assert image.dtype == right[kind].dtype


def test_a_mesh_is_not_set(clean: Engine) -> None:
    def bones(engine: Engine) -> int:
        view_of(engine)
        return engine.call("Hero", "GetNumBones")["ReturnValue"]

    assert bones(clean) > 0
    with faulty("null-mesh") as engine:
        assert bones(engine) == 0
        assert (
            not (rgb(engine.ask("vget /camera/0/object_mask bmp")[0]) == engine.color("Hero")).all(-1).any()
        )


def poses(engine: Engine) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """The position that was set to 0.25, and a joint before, then, and in a later tick."""
    view_of(engine)
    before = engine.joint("Hero", "hand_r")
    engine.call("Hero", "SetPosition", InPos=0.25, bFireNotifies=False)
    then = engine.joint("Hero", "hand_r")
    position_s = engine.call("Hero", "GetPosition")["ReturnValue"]
    engine.run("vget /unrealcv/status")
    return position_s, before, then, engine.joint("Hero", "hand_r")


def test_an_animation_is_frozen(clean: Engine) -> None:
    position_s, before, then, later = poses(clean)
    assert position_s == 0.25 and np.linalg.norm(then - before) > 10 and np.array_equal(later, then)
    with faulty("frozen-animation") as engine:
        position_s, before, then, later = poses(engine)
        assert position_s == 0.25 and np.array_equal(before, then) and np.array_equal(then, later)


def test_an_animation_runs(clean: Engine) -> None:
    with faulty("running-animation") as engine:
        position_s, _, then, later = poses(engine)
        # Four ticks after the one in which it was set: two for a joint, two for the position.
        assert position_s == pytest.approx(0.25 + 4 / 30) and np.linalg.norm(later - then) > 1
        hand = "vget /object/Hero/bones hand_r"
        first, same = engine.tick(hand, hand)
        assert first == same != engine.ask(hand)[0], "time stands still within a tick"


def test_images_become_darker_with_each_level(clean: Engine) -> None:
    def means(engine: Engine) -> list[float]:
        found = []
        for _ in range(3):
            view_of(engine)
            found.append(float(engine.image("lit").mean()))
        return found

    (right,) = set(means(clean))
    with faulty("drift-per-load") as engine:
        assert means(engine) == pytest.approx([0.95 * right, 0.9 * right, 0.85 * right], abs=1)


def test_a_camera_is_stale_after_a_cut(clean: Engine) -> None:
    places_cm = (350, 360, 700, 705, 710, 1200)
    view_of(clean)
    expected = [lit_after(clean, x_cm) for x_cm in places_cm]
    with faulty("stale-camera=2") as engine:
        view_of(engine)
        found = [lit_after(engine, x_cm) for x_cm in places_cm]
        for place, shown in enumerate((0, 1, 1, 1, 4, 4)):
            np.testing.assert_array_equal(found[place], expected[shown], err_msg=str(place))
        mask = engine.ask("vget /camera/0/object_mask bmp")
        clean.run("vset /camera/0/location 1200 40 120")
        assert mask == clean.ask("vget /camera/0/object_mask bmp"), "only lit images are stale"


def test_images_have_grain(clean: Engine) -> None:
    view_of(clean)
    expected = clean.image("lit").astype(int)
    assert np.array_equal(clean.image("lit"), expected)
    with faulty("grain=6") as engine:
        view_of(engine)
        first, second = (engine.image("lit").astype(int) for _ in range(2))
        view_of(engine)
        np.testing.assert_array_equal(engine.image("lit"), first)
    is_inside = (expected > 40) & (expected < 215)
    noise = (first - expected)[is_inside], (second - expected)[is_inside]
    for one in noise:
        assert abs(one.mean()) < 0.3 and one.std() == pytest.approx(6, rel=0.1)
    assert abs(np.corrcoef(*noise)[0, 1]) < 0.05
