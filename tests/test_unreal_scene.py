"""Unreal's driver and the scene of a take: level, light, actors, cameras, and what it says about bad ones.

D1 to D10 are the defects that reading the plugin and Epic's pages found in the driver before. A fault of the
embedded engine stands for what the source says; where it has none, a proxy changes single replies.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine_child import Engine, running
from engine_proxy import Recorded, proxied
from unreal_runs import attached, batch_of, catalog_of, driver_of, filmed, members, started, take_of

from datagen.batch import SceneChoice
from datagen.catalog import Environment
from datagen.drive import EngineDriver, EngineError, EngineSetupError
from datagen.drive.characters import placed_actors, placing_commands, set_animation, spawn_character
from datagen.drive.environment_check import check_environment
from datagen.drive.lights import check_lights, set_light
from datagen.drive.settling import views
from datagen.film import film_take
from shards import FilmedTake, decode_mask
from trajectories import CameraPose, unreal_from_world, yaw_deg_in_unreal

SUBJECT = "character_1"
CAMERA_SETTINGS = ("exposure", "physical", "motion_blur", "illumination", "reflection")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running("fast") as engine:
        yield engine


@pytest.fixture(scope="module")
def whole(engine: Engine) -> tuple[Recorded, FilmedTake]:
    """A take in the look ``gt`` whose level is named as Unreal names the object in its package."""
    with proxied(engine.announced) as seen, attached(seen.announced) as driver:
        batch = batch_of(seen.announced)
        return seen, film_take(driver, batch, take_of(batch, asset="/Game/Maps/Room.Room"))


@contextmanager
def changed(engine: Engine, replies: dict[str, bytes]) -> Iterator[tuple[Recorded, EngineDriver]]:
    """A driver in the room that gets other replies to some commands."""
    with proxied(engine.announced) as seen, driver_of(seen.announced) as driver:
        driver.open_environment(room())
        seen.edit_reply = lambda command, reply: replies.get(command, reply)
        yield seen, driver


def room() -> Environment:
    return catalog_of().environments[0]


def spawned(driver: EngineDriver, **animation: Any) -> None:
    """Spawn the subject of the take, and start its animation, with other values in the catalog."""
    take = take_of(batch_of({"unrealcv_port": 1, "remote_control_port": 2}))
    actor = replace(take.actors[0], animation=replace(take.actors[0].animation, **animation))
    (placed,) = placed_actors(take.environment.asset, [actor], take.paths)
    spawn_character(driver.links, placed)
    set_animation(driver.links, placed)


def two_poses() -> CameraPose:
    behind, ahead = views(room())
    return CameraPose(np.stack([behind.world_from_camera, ahead.world_from_camera]))


def one_line(error: pytest.ExceptionInfo[EngineError]) -> str:
    assert len(str(error.value).splitlines()) == 1
    return str(error.value)


def test_actors_are_coloured_after_their_mesh_and_the_colour_is_read_back(
    whole: tuple[Recorded, FilmedTake],
) -> None:
    """D1: colouring annotates the components that an actor has by then. Source: WorldController.cpp,
    DepthCamSensor.cpp, AnnotationCamSensor.cpp."""
    log = whole[0].log
    places = [
        log.index(one)
        for one in (
            f"vset /objects/spawn SkeletalMeshActor {SUBJECT}",
            "SetSkeletalMeshAsset",
            f"vset /object/{SUBJECT}/color 255 127 1",
            f"vget /object/{SUBJECT}/color",
        )
    ]
    assert places == sorted(places)


def test_masks_contain_the_actor(whole: tuple[Recorded, FilmedTake]) -> None:
    """D1."""
    for files in whole[1].files:
        masks = decode_mask(files.members["mask"])
        assert (masks == (255, 127, 1)).all(axis=-1).any()


def test_a_colour_that_was_not_taken_is_an_error(engine: Engine) -> None:
    """D1: an actor without its colour would be absent from masks. Source: AnnotationCamSensor.cpp."""
    with proxied(engine.announced) as seen:
        seen.edit_reply = lambda command, reply: (
            b"(R=1,G=2,B=3,A=255)" if command == f"vget /object/{SUBJECT}/color" else reply
        )
        with pytest.raises(EngineError, match=f"the mask colour of {SUBJECT} is .*R=1,G=2,B=3"):
            filmed(seen.announced)


def test_assets_are_searched_by_their_packages(engine: Engine) -> None:
    """D3: Unreal returns 100 assets at most without ``Limit``. Epic: search/assets, ``PackageNames``."""
    catalog = catalog_of(SceneChoice())
    with proxied(engine.announced) as seen, driver_of(seen.announced) as driver:
        assert driver.missing_assets(catalog) == []
        bodies = [body for _, route, body in seen.requests if route == "/remote/search/assets"]
        named = [body["Filter"]["PackageNames"] for body in bodies]
        assert sorted(name for some in named for name in some) == sorted(
            {one.partition(".")[0] for one in catalog.assets}
        )
        assert len(catalog.assets) > 100 and max(map(len, named)) <= 50
        assert all(body["Limit"] >= 1000 and "PackagePaths" not in body["Filter"] for body in bodies)


def test_assets_outside_of_game_are_found(engine: Engine) -> None:
    """D3: content of plugins is not below ``/Game``, and names have no case. Epic: search/assets."""
    catalog = catalog_of()
    catalog = replace(catalog, environments=(replace(room(), asset="/City/Maps/Square.Square"),))

    def search(body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        if "/City/Maps/Square" in body.get("Filter", {}).get("PackageNames", ()):
            answer["Assets"].append({"Path": "/City/Maps/square.square"})
        return answer

    with proxied(engine.announced) as seen, driver_of(seen.announced) as driver:
        assert driver.missing_assets(catalog) == ["/City/Maps/Square.Square"]
        seen.edit_answer = search
        assert driver.missing_assets(catalog) == []


def test_light_is_set_where_properties_are_read_only(whole: tuple[Recorded, FilmedTake]) -> None:
    """D4: in a game, properties that Blueprints may not write are refused. Epic: Remote Control, HTTP."""
    with started("--faults", "read-only-properties") as announced:
        found, expected = members(filmed(announced)), members(whole[1])
        assert found == expected
        with driver_of(announced) as driver:
            driver.open_environment(room())
            means = [lit_mean(driver, intensity) for intensity in (10.0, 0.1)]
    assert means[0] > 1.1 * means[1], "the sun matters in this level"


def lit_mean(driver: EngineDriver, intensity: float) -> float:
    set_light(driver.links, room(), replace(catalog_of().lights[0], intensity=intensity))
    driver.spawn_cameras(1, exposure_ev=0.0, fps=15.0)
    driver.set_view(64, 48, 60.0)
    return float(driver.film_frame(two_poses()[1:], ()).images[0].mean())


@pytest.mark.parametrize(("offset_deg", "scale"), [(0.0, 1.0), (-90.0, 1.0), (180.0, 1.5)])
def test_actors_face_their_heading(offset_deg: float, scale: float) -> None:
    """D10: meshes of Epic face +Y, so their actors are turned by -90 degrees. Epic: mannequins."""
    take = take_of(batch_of({"unrealcv_port": 1, "remote_control_port": 2}))
    character = replace(take.actors[0].character, yaw_offset_deg=offset_deg, actor_scale=scale)
    actor = replace(take.actors[0], character=character)
    _, turning = placing_commands(placed_actors("/Game/Maps/Room", [actor], take.paths), 0)
    yaw_deg = yaw_deg_in_unreal(float(take.paths[0].heading_deg[0])) + offset_deg
    assert turning == f"vset /object/{SUBJECT}/rotation 0.000000 {yaw_deg:.6f} 0.000000"


def test_levels_are_opened_by_their_packages(whole: tuple[Recorded, FilmedTake]) -> None:
    """Doubtful: the plugin hands its argument to OpenLevel, which takes packages. ActionHandler.cpp."""
    opened = {one for one in whole[0].commands if one.startswith("vset /action/game/level")}
    assert opened == {"vset /action/game/level /Game/Maps/Room"}


def test_the_player_is_moved_to_the_spot_before_the_scene_is_set(
    whole: tuple[Recorded, FilmedTake],
) -> None:
    """Doubtful: cells of World Partition are loaded around the player, who has camera 0. Epic: streaming."""
    x, y, z = unreal_from_world(np.array(room().spots[0].position_m)).tolist()
    log = whole[0].log
    moved = log.index(f"vset /camera/0/location {x:.6f} {y:.6f} {z:.6f}".replace("-0.000000", "0.000000"))
    assert (
        log.index("vget /level/name")
        < moved
        < log.index(f"vset /object/{room().sun}/rotation -55.000000 20.000000 0.000000")
    )


@pytest.mark.parametrize(
    ("actor", "mobility"), [("Sun", "Static"), ("Sun", "Stationary"), ("SkyLight", "Static")]
)
def test_lights_that_cannot_change_are_named(engine: Engine, actor: str, mobility: str) -> None:
    """Doubtful: what is not Movable answers ``ok``, and stays. Source: ObjectHandler.cpp; Epic: mobility."""
    with changed(engine, {f"vget /object/{actor}/mobility": mobility.encode()}) as (_, driver):
        with pytest.raises(
            EngineSetupError, match=f"{actor}.* is {mobility}.*; set its mobility to"
        ) as error:
            driver.set_scene(take_of(batch_of(engine.announced)), 1)
        assert "Movable" in one_line(error)


def test_a_sky_light_that_no_light_of_the_catalog_changes_may_be_static(engine: Engine) -> None:
    noon = catalog_of(SceneChoice(lights=("noon",))).lights
    with changed(engine, {"vget /object/SkyLight/mobility": b"Static"}) as (_, driver):
        check_lights(driver.links, room(), noon)


@pytest.mark.parametrize("key", ["sun", "sky_light", "fog"])
def test_a_light_that_the_level_does_not_have_is_named(engine: Engine, key: str) -> None:
    """Doubtful: labels of the editor are not names of actors. Source: ObjectHandler.cpp."""
    message = f"no actor 'Label'; give the internal name of its {key}"
    with driver_of(engine.announced) as driver, pytest.raises(EngineSetupError, match=message):
        check_environment(driver, replace(room(), **{key: "Label"}), catalog_of())


def test_an_animation_that_is_shorter_than_the_catalog_says_is_refused(engine: Engine) -> None:
    """Doubtful: Unreal moves a position after the end to the end. Epic: SetPosition."""

    def clamped(body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        is_asked = body.get("functionName") == "GetPosition"
        return {"ReturnValue": min(answer["ReturnValue"], 1.0)} if is_asked else answer

    with changed(engine, {}) as (seen, driver):
        seen.edit_answer = clamped
        with pytest.raises(
            EngineSetupError, match=r"at 1\.000 s .* set to 1\.980 s; correct its path and dur"
        ):
            spawned(driver, duration_s=2.0)
    with changed(engine, {}) as (seen, driver):
        seen.edit_answer = clamped
        spawned(driver, duration_s=1.0)


def test_an_actor_that_cannot_move_is_refused(engine: Engine) -> None:
    """Doubtful: SetActorLocation of a Static actor does nothing, and answers ``ok``. ObjectHandler.cpp."""
    is_static = changed(engine, {f"vget /object/{SUBJECT}/mobility": b"Static"})
    message = f"{SUBJECT} is Static; it cannot be moved"
    with is_static as (_, driver), pytest.raises(EngineSetupError, match=message):
        spawned(driver)


@pytest.mark.parametrize("what", ["location", "rotation"])
def test_an_actor_that_is_elsewhere_is_refused(engine: Engine, what: str) -> None:
    """Doubtful: clips with root motion move their actor. Epic: root motion."""
    with proxied(engine.announced) as seen:
        seen.edit_reply = lambda command, reply: (
            b"1.000 2.000 3.000" if command == f"vget /object/{SUBJECT}/{what}" else reply
        )
        with pytest.raises(EngineSetupError, match=r"ada is not where it was placed .*without root motion"):
            filmed(seen.announced)


def test_the_body_of_the_player_is_not_filmed() -> None:
    """The player is moved to the subject, so that World Partition loads what is there."""
    with running("fast", "--faults", "visible-pawn") as child:
        taken = filmed(child.announced, passes=("mask",))
    colours = {one.name: one.colour for one in taken.row.mask_objects}
    masks = [decode_mask(files.members["mask"]) for files in taken.files]
    assert any((mask == colours[SUBJECT]).all(axis=-1).any() for mask in masks)
    assert not any((mask == colours["PlayerPawn"]).all(axis=-1).any() for mask in masks)


def test_an_object_of_the_level_that_is_named_like_a_player_is_filmed(engine: Engine) -> None:
    """Its class tells: only the bodies of players are hidden."""
    with proxied(engine.announced) as seen, driver_of(seen.announced) as driver:
        driver.open_level(room().asset)
        driver.unrealcv.ask("vset /objects/spawn_cube Character_Statue")
        driver.move_player(np.zeros(3))
    hidden = [one for one in seen.commands if one.endswith("/hide")]
    assert hidden == ["vset /object/PlayerPawn/hide"]


def test_cameras_are_read_back_once_per_take(whole: tuple[Recorded, FilmedTake]) -> None:
    """Doubtful: the order of cameras. Each is asked for its pose, size and angle, and not in each frame."""
    for camera in (1, 2):
        for what in ("location", "rotation", "fov", "size"):
            assert whole[0].commands.count(f"vget /camera/{camera}/{what}") == 1


@pytest.mark.parametrize(
    ("look", "console", "blur"),
    [
        ("gt", ("0", "0", "0"), "0 0 0 15"),
        ("cinematic", ("4", "4", "0"), "0.5 5 0 15"),
    ],
)
def test_what_a_look_sets(engine: Engine, look: str, console: tuple[str, ...], blur: str) -> None:
    """Doubtful: exposure and motion blur. Source: docs/unreal.md, section 5."""
    with proxied(engine.announced) as seen, attached(seen.announced, look=look) as driver:
        driver.open_environment(room())
        driver.spawn_cameras(2, exposure_ev=-1.5, fps=15.0)
    names = ("r.AntiAliasingMethod", "r.MotionBlurQuality", "r.DepthOfFieldQuality")
    runs = [one for one in seen.commands if one.startswith("vrun ")]
    assert {f"vrun {name} {value}" for name, value in zip(names, console, strict=True)} < set(runs)
    for camera in (1, 2):
        settings = [
            one.split("/")[3] for one in seen.commands if re.fullmatch(rf"vset /camera/{camera}/.*", one)
        ]
        assert settings == [
            "exposure_method manual",
            "physical_exposure 0",
            "exposure_bias -1.500000",
            f"motion_blur {blur}",
            "illumination lumen",
            "reflection lumen",
        ]


def test_the_embedded_engine_is_told_no_look(engine: Engine) -> None:
    with proxied(engine.announced) as seen, driver_of(seen.announced) as driver:
        driver.set_scene(take_of(batch_of(seen.announced)), 2)
    assert not [
        one
        for one in seen.commands
        if one.startswith("vrun ") or any(f"/{setting}" in one for setting in CAMERA_SETTINGS)
    ]
