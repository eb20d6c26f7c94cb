"""LychSim's commands of the engine: lit images of several cameras in one reply."""

import io
import json
from collections.abc import Iterator
from unittest.mock import Mock

import numpy as np
import pytest
from engine_child import Engine, npy, rgb, running
from PIL import Image

from datagen.engine.protocol.capture_folder import CaptureFolder
from datagen.engine.protocol.lagging_frames import LaggingFrames
from datagen.engine.protocol.unrealcv_commands import Console
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer, View
from datagen.engine.render.scene_graph import SceneGraph
from datagen.engine.world.world import World

SIZE = (64, 48)
CAMERAS = (0, 1, 2)


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running("lit", "--lychsim") as engine:
        yield engine


def pose(engine: Engine) -> None:
    """Load a level and pose three small cameras."""
    engine.level("Street")
    engine.run("vset /cameras/spawn", "vset /cameras/spawn")
    for camera in CAMERAS:
        engine.run(
            f"vset /camera/{camera}/size {SIZE[0]} {SIZE[1]}",
            f"vset /camera/{camera}/location {300 + 100 * camera} 40 150",
            f"vset /camera/{camera}/rotation -5 {150 + 20 * camera} 0",
        )


def error_of(reply: str | bytes) -> str:
    answer = json.loads(reply)
    assert set(answer) == {"status", "error"} and answer["status"] == "error"
    return answer["error"]


def bgr(array: np.ndarray) -> np.ndarray:
    """The RGB image of an array of BGRA."""
    assert array.dtype == np.uint8 and (array[..., 3] == 255).all()
    return array[..., 2::-1]


def test_the_status_is_that_of_the_plugin(engine: Engine) -> None:
    status, same = engine.ask("lych status", "vget /unrealcv/status")
    assert status == same and "Is Listening" in status


def test_a_batch_has_the_pixels_of_single_captures(engine: Engine) -> None:
    pose(engine)
    expected = [rgb(reply) for reply in engine.ask(*(f"vget /camera/{i}/lit bmp" for i in (2, 0, 1)))]
    assert len({image.tobytes() for image in expected}) == 3
    for flags in ("", " -warmup=3", " -warmup=0 -experimental"):
        found = npy(engine.ask(f"lych cam get_lit 2 0 1 npy{flags}")[0])
        assert found.shape == (3, SIZE[1], SIZE[0], 4)
        np.testing.assert_array_equal(bgr(found), expected)
    assert len(npy(engine.ask("lych cam get_lit -warmup=1 1 1 npy")[0])) == 2


def test_one_camera_gives_one_image(engine: Engine) -> None:
    pose(engine)
    array, picture, expected = engine.ask(
        "lych cam get_lit 1 npy", "lych cam get_lit 1 png -warmup=2", "vget /camera/1/lit bmp"
    )
    assert npy(array).shape == (SIZE[1], SIZE[0], 4)
    np.testing.assert_array_equal(bgr(npy(array)), rgb(expected))
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(picture)))[..., :3], rgb(expected))


def test_a_batch_and_labels_in_one_tick(engine: Engine) -> None:
    pose(engine)
    alone = engine.ask("lych cam get_lit 0 1 2 npy", *(f"vget /camera/{i}/depth npy" for i in CAMERAS))
    together = engine.tick("lych cam get_lit 0 1 2 npy", *(f"vget /camera/{i}/depth npy" for i in CAMERAS))
    assert together == alone


def test_images_and_labels_of_a_tick_are_rendered_in_one_frame() -> None:
    frames: list[list[View]] = []

    def render(views: list[View]) -> list[np.ndarray]:
        frames.append(views)
        return [np.zeros((view.viewpoint.height_px, view.viewpoint.width_px, 4), np.uint8) for view in views]

    renderer = Mock(spec=Renderer, look=look_named("lit"), scene=Mock(), render=render)
    world = World(Mock(spec=SceneGraph))
    console = Console(world, renderer, 9000, CaptureFolder(None), LaggingFrames(world), lychsim=True)
    assert console.execute(["vset /cameras/spawn"]) == [b"FusionCameraActor_0"]
    labels = [f"vget /camera/{camera}/{kind} npy" for camera in (0, 1) for kind in ("depth", "surface")]
    assert len(console.execute(["lych cam get_lit 0 1 npy -warmup=5", *labels])) == 5
    (views,) = frames
    assert sorted(view.image for view in views) == ["depth"] * 2 + ["lit"] * 2 + ["surface"] * 2
    assert len({view.viewpoint for view in views}) == 2
    assert console.execute(["lych cam warmup 0"]) == [b"ok"] and len(frames) == 1


@pytest.mark.parametrize(
    ("command", "error"),
    [
        ("get_lit 0 9 npy", "invalid sensor id in batch request"),
        ("get_lit 0 x npy", "invalid sensor id in batch request"),
        ("get_lit 0  1 npy", "invalid sensor id in batch request"),
        ("get_lit 0 1 png", "save path must be 'npy' in batch mode"),
        ("get_lit 0 1 2", "save path must be 'npy' in batch mode"),
        ("get_lit 9 npy", "invalid sensor id"),
        ("get_lit 0 bmp", "Invalid filename type, filename bmp"),
        ("get_lit 0", "ids of sensors and a save path are needed"),
        ("get_lit -warmup=1 npy", "ids of sensors and a save path are needed"),
        ("get_lit 0 npy -fast", "unknown flag -fast"),
        ("get_lit 0 npy -warmup=x", "unknown flag -warmup=x"),
        ("get_lit 0 npy -warmup=1001", "-warmup can be 1000 at most"),
        ("warmup 9", "invalid sensor id"),
    ],
)
def test_errors_are_json(engine: Engine, command: str, error: str) -> None:
    pose(engine)
    assert error_of(engine.ask(f"lych cam {command}")[0]) == error


def test_the_cameras_of_a_batch_have_one_size(engine: Engine) -> None:
    pose(engine)
    engine.run("vset /camera/1/size 32 24")
    reply = engine.ask("lych cam get_lit 0 1 npy")[0]
    assert error_of(reply) == "sensors of a batch request must have one size"
    assert npy(engine.ask("lych cam get_lit 0 2 npy")[0]).shape == (2, SIZE[1], SIZE[0], 4)


def test_a_warm_up_counts_as_captures() -> None:
    faults = "late-textures=6,drifting-exposure=2,history=2,stale-camera=1"
    with running("fast") as clean, running("fast", "--lychsim", "--faults", faults) as engine:
        pose(clean)
        right = [rgb(reply) for reply in clean.ask(*(f"vget /camera/{i}/lit bmp" for i in CAMERAS))]
        batch = "lych cam get_lit 0 1 2 npy"
        pose(engine)
        cold = bgr(npy(engine.ask(batch)[0]))
        assert all(image.mean() < 0.7 * other.mean() for image, other in zip(cold, right, strict=True))
        pose(engine)
        np.testing.assert_array_equal(bgr(npy(engine.ask(f"{batch} -warmup=2")[0])), right)
        cut = "vset /camera/0/location -300 40 150"
        engine.run(cut)
        clean.run(cut)
        expected = clean.image("lit")
        assert not np.array_equal(engine.image("lit"), expected)
        assert engine.ask("lych cam warmup 0", "lych cam warmup 0") == ["ok", "ok"]
        np.testing.assert_array_equal(engine.image("lit"), expected)
        pose(engine)
        cold_again = [rgb(reply) for reply in engine.ask(*(f"vget /camera/{i}/lit bmp" for i in CAMERAS))]
        np.testing.assert_array_equal(cold_again, cold)


def test_a_batch_has_the_faults_of_images() -> None:
    with running("fast", "--lychsim", "--faults", "mirrored,fixed-size") as engine:
        pose(engine)
        found = npy(engine.ask("lych cam get_lit 0 1 npy")[0])
        assert found.shape == (2, 480, 640, 4)
        np.testing.assert_array_equal(bgr(found[0]), engine.image("lit"))


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_commands_are_there_only_with_the_option(engine: Engine) -> None:
    commands = {"lych status", "lych cam get_lit [str] [str] [str]", "lych cam warmup [uint]"}
    assert commands <= set(engine.ask("vget /unrealcv/commands")[0].split("\n"))
    with running("fast") as plain:
        assert "lych" not in plain.ask("vget /unrealcv/commands")[0]
        reply = plain.ask("lych cam get_lit 0 npy")[0]
        assert reply == "error No handler found for URI 'lych cam get_lit 0 npy'"
