"""Projects and plugins that cannot be filmed: each is one line that says what to change.

Each engine has several faults that do not meet. D1 to D10 are the defects that reading the plugin and Epic's
pages found in the driver before.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from engine_proxy import proxied
from unreal_runs import batch_of, catalog_of, choice_of, driver_of, started, take_of

from datagen.drive import EngineDriver, EngineError, EngineSetupError, RunningEngine
from datagen.drive.characters import PlacedActor, placed_actors, set_animation, spawn_character
from datagen.drive.environment_check import check_environment
from datagen.drive.level import move_player
from datagen.drive.settling import views
from trajectories import CameraPose

ROOM = catalog_of().environments[0]
FIRST_LEVEL = "/Game/Maps/Street"


@pytest.fixture(scope="module")
def without_player() -> Iterator[dict[str, Any]]:
    with started("--faults", "no-vbatch,no-player") as announced:
        yield announced


@pytest.fixture(scope="module")
def without_pawn() -> Iterator[dict[str, Any]]:
    with started("--faults", "ignored-vbatch,no-pawn,renamed-cubes,refused-functions") as announced:
        yield announced


@pytest.fixture(scope="module")
def in_editor() -> Iterator[EngineDriver]:
    with started("--faults", "editor-session,missing-camera") as announced, driver_of(announced) as driver:
        driver.open_environment(ROOM)
        yield driver


@pytest.fixture(scope="module")
def stubborn() -> Iterator[EngineDriver]:
    faults = "static-sun,null-mesh,running-animation,stuck-camera,fixed-size"
    with started("--faults", faults) as announced, driver_of(announced) as driver:
        driver.open_environment(ROOM)
        yield driver


def subject(level: str = ROOM.asset) -> PlacedActor:
    take = take_of(batch_of({"unrealcv_port": 1, "remote_control_port": 2}))
    return placed_actors(level, take.actors, take.paths)[0]


def one_line(error: pytest.ExceptionInfo[EngineError]) -> bool:
    return len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["without_player", "without_pawn"])
def test_a_plugin_that_holds_no_batches(name: str, request: pytest.FixtureRequest) -> None:
    """Doubtful: ``vbatch``. Before 1f64480 its commands run one by one; older plugins do not know it."""
    announced = request.getfixturevalue(name)
    message = (
        r"no vbatch that runs in one tick; update the UnrealCV plugin to branch 5\.2 of March 2026 or later"
    )
    with pytest.raises(EngineSetupError, match=message) as error:
        RunningEngine(choice_of(announced), worker=0)
    assert one_line(error)
    with driver_of(announced) as driver:
        assert not driver.unrealcv.holds_batches()
        assert driver.unrealcv.ask("vget /unrealcv/echo after") == "after"


def test_a_game_without_a_player(without_player: dict[str, Any]) -> None:
    """Doubtful: level and console commands go through the player's controller. Source: ActionHandler.cpp."""
    message = "no level can be opened .*No player controller.*; run the project as a game"
    with driver_of(without_player) as driver, pytest.raises(EngineSetupError, match=message) as error:
        driver.open_environment(ROOM)
    assert one_line(error)


def test_a_player_without_a_pawn(without_pawn: dict[str, Any]) -> None:
    """Doubtful: camera 0 is that of the pawn, and moving it moves the pawn. Source: CameraHandler.cpp."""
    with driver_of(without_pawn) as driver:
        with pytest.raises(
            EngineSetupError, match=r"no player with a camera; .*as a game.*with a pawn"
        ) as error:
            move_player(driver.links, np.zeros(3), is_streamed=False)
        assert one_line(error)
        with pytest.raises(EngineSetupError, match=r"get the player's number 0; use a game mode with a pawn"):
            driver.spawn_cameras(2, exposure_ev=0.0, fps=15.0)


def test_a_cube_with_another_name_opens_no_level(without_pawn: dict[str, Any]) -> None:
    """D7: a rename that fails is no error, but the reply names the cube. Source: ObjectHandler.cpp."""
    with proxied(without_pawn) as seen, driver_of(seen.announced) as driver:
        with pytest.raises(EngineError, match=r"spawned the cube .*, but the engine named it"):
            driver.open_environment(ROOM)
        assert not any("level" in command for command in seen.commands)


def test_functions_that_are_not_allowed(without_pawn: dict[str, Any]) -> None:
    """Newer engines have a list of them. Source: Epic, FRCAllowedRemoteFunctionCall."""
    with driver_of(without_pawn) as driver:
        with pytest.raises(
            EngineSetupError, match=r"not allowed; allow the functions of docs/unreal\.md"
        ) as error:
            spawn_character(driver.links, subject(FIRST_LEVEL))
        assert one_line(error)


def test_an_editor_session(in_editor: EngineDriver) -> None:
    """Doubtful: in *Play in Editor* packages are UEDPIE_0_X for Remote Control. Source: Epic."""
    with pytest.raises(
        EngineSetupError, match=r"does not exist.*; run the project as a game.*-game"
    ) as error:
        spawn_character(in_editor.links, subject())
    assert one_line(error)


def test_a_camera_without_an_id(in_editor: EngineDriver) -> None:
    """Doubtful: ids are places in the list of cameras. Source: ``vget /cameras``, CameraHandler.cpp."""
    with pytest.raises(EngineError, match="spawned 3 cameras, but the engine has 3 instead of 4"):
        in_editor.spawn_cameras(3, exposure_ev=0.0, fps=15.0)


def test_a_sun_that_is_static(stubborn: EngineDriver) -> None:
    """Doubtful: rotating it does nothing, and answers ``ok``. Source: ObjectHandler.cpp; Epic, mobility."""
    message = "the sun 'Sun' of environment room is Static, .*; set its mobility to Movable in the level"
    with pytest.raises(EngineSetupError, match=message) as error:
        check_environment(stubborn, ROOM, catalog_of())
    assert one_line(error)
    with pytest.raises(EngineSetupError, match=message):
        stubborn.set_scene(take_of(batch_of({"unrealcv_port": 1, "remote_control_port": 2})), 1)


def test_a_mesh_and_an_animation_that_are_not_taken(stubborn: EngineDriver) -> None:
    """Doubtful: a path that cannot be loaded sets null, without error. Source: Epic, SetSkeletalMeshAsset.

    An animation that runs by itself is not where it was set. Source: Epic, SetPlayRate and GetPosition.
    """
    message = "did not load the mesh /Game/Characters/Ada.Ada of ada; correct its path in the catalog"
    with pytest.raises(EngineSetupError, match=message) as error:
        spawn_character(stubborn.links, subject())
    assert one_line(error)
    with pytest.raises(
        EngineSetupError, match=r"animation walk is at .* after it was set to 0\.990 s"
    ) as error:
        set_animation(stubborn.links, subject())
    assert one_line(error)


def test_cameras_that_stay_or_keep_their_size(stubborn: EngineDriver) -> None:
    """Doubtful: cameras of the level shift the ids of spawned ones. Source: CameraHandler.cpp."""
    behind, ahead = views(ROOM)
    poses = CameraPose(np.stack([behind.world_from_camera, ahead.world_from_camera]))
    stubborn.spawn_cameras(1, exposure_ev=0.0, fps=15.0)
    stubborn.set_view(64, 48, 60.0)
    with pytest.raises(EngineError, match="64x48, got 640x480; its camera's size has no effect"):
        stubborn.film_frame(poses[:1], ())
    stubborn.spawn_cameras(1, exposure_ev=0.0, fps=15.0)
    stubborn.set_view(64, 48, 60.0)
    with pytest.raises(EngineSetupError, match=r"camera 2 is at .* but was .*; remove FusionCamSensors"):
        stubborn.film_frame(poses[:1], ())
