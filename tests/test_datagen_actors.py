"""Actors move on planned paths: the plan, the engine, the tables and the masks agree."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from datagen.actor_paths import Actor
from datagen.batch import FILMED_LIMITS, Batch, EngineChoice, SceneChoice
from datagen.catalog import Animation, Catalog, Character, Spot, load_catalog
from datagen.drive import RunningEngine
from datagen.engine.content.animations.catalog import ANIMATIONS
from datagen.engine.content.animations.motion import motion_at
from datagen.engine.content.characters.catalog import CHARACTERS
from datagen.film import SUBJECT_HIDDEN, film_take
from datagen.mask_colours import mask_objects
from datagen.plan import plan_take, plan_takes, take_clips, take_rigs
from multitake.errors import InputError
from shards import DatasetInfo, DatasetWriter, EngineInfo, FilmedTake, Take, decode_mask, open_dataset
from trajectories import world_from_unreal
from trajectories.sampling import Rules

FRAMES = 7


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch(
        seed=3,
        takes=6,
        frames=FRAMES,
        fps=1.5,
        width_px=96,
        height_px=96,
        passes=("mask",),
        scene=SceneChoice(environments=("street", "room"), animations=("walk",), characters_per_take=(2, 2)),
        engine=EngineChoice(look="fast"),
        rules=Rules(slots=("arc", "translation", "static"), validity=FILMED_LIMITS),
    )


@pytest.fixture(scope="module")
def catalog(batch: Batch) -> Catalog:
    return load_catalog(batch.scene, folder=Path())


@pytest.fixture(scope="module")
def filmed(batch: Batch, catalog: Catalog) -> Iterator[tuple[RunningEngine, FilmedTake]]:
    engine = RunningEngine(batch.engine, worker=0)
    yield engine, film_take(engine.driver, batch, plan_take(batch, catalog, 0))
    engine.close()


@pytest.fixture(scope="module")
def stored(
    batch: Batch, filmed: tuple[RunningEngine, FilmedTake], tmp_path_factory: pytest.TempPathFactory
) -> Take:
    root = tmp_path_factory.mktemp("actors") / "data"
    writer = DatasetWriter(root)
    info = DatasetInfo(
        engine=EngineInfo(kind="embedded", look="fast", version="test"),
        fps=batch.fps,
        frames=FRAMES,
        width_px=96,
        height_px=96,
        cameras=3,
        takes_per_shard=1,
        planned_takes=1,
        batch_sha256="",
        catalog_sha256="",
        multitake_version="0",
        counts={},
    )
    writer.create(info, {"batch.toml": "", "catalog.toml": ""})
    writer.stage(filmed[1])
    writer.seal(0, [filmed[1].row.take])
    return open_dataset(root).take(filmed[1].row.take)


def test_a_walker_goes_straight_ahead_and_is_at_its_spot_at_mid_take() -> None:
    walk = Animation(name="walk", asset="/a", caption="walks", duration_s=1.0, speed_m_per_s=0.9)
    ada = Character(name="ada", asset="/b", caption="a woman", height_m=1.6)
    actor = Actor(character=ada, animation=walk, position_m=(1.0, 2.0, 0.5), heading_deg=30.0, phase_s=0.2)
    path = actor.path(frames=5, fps=2.0)
    np.testing.assert_allclose(path.feet_m[2], [1.0, 2.0, 0.5])
    direction = [np.cos(np.pi / 6), 0.5, 0.0]
    np.testing.assert_allclose(
        np.diff(path.feet_m, axis=0), np.tile([0.45 * np.array(direction)], (4, 1)), atol=2e-6
    )
    assert set(path.heading_deg.tolist()) == {30.0} and set(path.height_m.tolist()) == {1.6}
    assert path.walked_m == pytest.approx(1.8, abs=1e-5)
    np.testing.assert_allclose(path.body_m[:, 1] - path.body_m[:, 0], [[0, 0, 1.6]] * 5)


def test_the_height_of_an_actor_follows_its_animation() -> None:
    sit = Animation(
        name="sit", asset="/a", caption="sits down", duration_s=4.0, height_shares=(1.0, 1.0, 0.6, 0.6)
    )
    np.testing.assert_allclose(
        sit.height_shares_at(np.arange(0.0, 6.0, 0.5)), [1, 1, 1, 0.8, 0.6, 0.6, 0.6, 0.8, 1, 1, 1, 0.8]
    )
    ada = Character(name="ada", asset="/b", caption="a woman", height_m=2.0)
    actor = Actor(character=ada, animation=sit, position_m=(0.0, 0.0, 0.0), heading_deg=0.0, phase_s=1.0)
    np.testing.assert_allclose(actor.path(frames=3, fps=1.0).point_m(0.5)[:, 2], [1.0, 0.6, 0.6])


def test_captions_say_how_far_the_actors_walk(batch: Batch, catalog: Catalog) -> None:
    takes = list(plan_takes(replace(batch, frames=81, fps=15.0), catalog))
    assert all(take.caption.count("walks about 5 metres") == 2 for take in takes)
    standing = load_catalog(SceneChoice(animations=("wave",)), folder=Path())
    assert not any("metre" in take.caption for take in plan_takes(batch, standing))


def test_actors_do_not_walk_through_each_other(batch: Batch, catalog: Catalog) -> None:
    for take in plan_takes(replace(batch, takes=40, frames=81, fps=15.0), catalog):
        first, second = (path.feet_m for path in take.paths)
        assert np.linalg.norm(first - second, axis=1).min() > 0.7


def test_the_engine_places_actors_on_their_paths(
    batch: Batch, catalog: Catalog, filmed: tuple[RunningEngine, FilmedTake]
) -> None:
    engine, take = filmed
    driver = engine.driver
    driver.set_scene(plan_take(batch, catalog, 0), 1)
    for frame in (0, FRAMES - 1):
        driver.set_time(frame, frame / batch.fps)
        for actor in take.row.actors:
            location_cm = np.array(
                driver.unrealcv.ask(f"vget /object/{actor.name}/location").split(), dtype=float
            )
            np.testing.assert_allclose(world_from_unreal(location_cm), actor.position_m[frame], atol=1e-5)


def test_the_tables_have_the_paths(batch: Batch, catalog: Catalog, stored: Take) -> None:
    take = plan_take(batch, catalog, 0)
    subject, other = stored.row.actors
    assert [(one.name, one.role) for one in (subject, other)] == [
        ("character_1", "subject"),
        ("character_2", "actor"),
    ]
    np.testing.assert_array_equal(subject.position_m, take.paths[0].feet_m)
    np.testing.assert_array_equal(other.heading_deg, take.paths[1].heading_deg)
    clips = take_clips(batch, take, take_rigs(batch, take))
    points_m = np.array(subject.position_m)
    points_m[:, 2] += subject.aim_height_m
    np.testing.assert_allclose(clips.subject_points_m[0], points_m, atol=1e-9)
    assert stored.clip_rows[0].subject_path_m == tuple(clips.subject_points_m[0].ravel().tolist())


def test_masks_have_a_legend(stored: Take) -> None:
    legend = stored.row.mask_objects
    assert [one.name for one in legend[:2]] == ["character_1", "character_2"]
    assert len({one.colour for one in legend}) == len(legend)
    masks = np.stack([stored.clip(camera).mask() for camera in stored.cameras])
    seen = {tuple(colour) for colour in np.unique(masks.reshape(-1, 3), axis=0).tolist()}
    assert seen <= {one.colour for one in legend} | {(0, 0, 0)}
    found = {one.name for one in legend if one.colour in seen}
    assert "character_1" in found and len(found) > 2
    for name in found:
        mask = stored.mask_of(name)
        assert mask.shape == masks.shape[:-1] and mask.any()
        np.testing.assert_array_equal(mask[1], stored.clip(stored.cameras[1]).mask_of(name))
    total = sum(stored.mask_of(one.name).sum() for one in legend)
    assert total == (masks != 0).any(axis=-1).sum()


def test_the_subject_is_in_the_first_frame_of_every_camera(stored: Take) -> None:
    seen = stored.mask_of("character_1")[:, 0]
    assert (seen.sum(axis=(1, 2)) > 20).all()


def test_colours_follow_from_names_alone() -> None:
    names = [f"prop_{n}" for n in range(3000)]
    one = mask_objects(["character_1", "character_2"], [*names, "character_1"])
    # Another level, with some of the names.
    other = mask_objects(["character_1"], names[:300:2])
    colours = {item.name: item.colour for item in one}
    assert all(colours[item.name] == item.colour for item in other)
    assert len(set(colours.values())) == len(colours) == 3002 and (0, 0, 0) not in colours.values()
    assert [item.role for item in one[:3]] == ["subject", "actor", "environment"]


def test_a_take_without_valid_paths_is_not_filmed(
    batch: Batch, catalog: Catalog, filmed: tuple[RunningEngine, FilmedTake]
) -> None:
    """So close, the head of a standing person is never in the image."""
    near = replace(batch, rules=replace(batch.rules, radius_m=(0.5, 0.6)))
    with pytest.raises(InputError, match="no path of cam01 keeps the limits in 100 attempts"):
        film_take(filmed[0].driver, near, plan_take(near, catalog, 0))


def test_limbs_of_actors_do_not_meet() -> None:
    """Between the joints of two actors with wide movements there is room for their limbs."""
    wide = ("jumping-jacks", "bowl", "dance-hip-hop", "yoga-warrior", "push-ups", "sneak")
    scene = SceneChoice(environments=("street",), animations=wide, characters_per_take=(3, 3))
    batch = Batch(seed=1, takes=24, frames=15, fps=5.0, scene=scene)
    for take in plan_takes(batch, load_catalog(scene, folder=Path())):
        joints_m = [_joints_m(actor, batch) for actor in take.actors]
        for one, other in combinations(joints_m, 2):
            apart_m = np.linalg.norm(one[:, :, None] - other[:, None], axis=-1).min()
            assert apart_m > 0.2, (take.key, apart_m)


def _joints_m(actor: Actor, batch: Batch) -> np.ndarray:
    """Joints in the world: (frames, joints, 3)."""
    path = actor.path(frames=batch.frames, fps=batch.fps)
    clip = ANIMATIONS[actor.animation.asset.rpartition(".")[2]]
    body = CHARACTERS[actor.character.asset.rpartition(".")[2]].proportions
    times_s = (actor.phase_s + np.arange(batch.frames) / batch.fps) % clip.duration_s
    x, y, z = np.moveaxis(motion_at(clip, body, times_s).actor_from_bones()[:, :, 3, :3], 2, 0) / 100
    heading = np.radians(path.heading_deg)[:, None]
    # Unreal's Y is to the right.
    turned = np.cos(heading) * x + np.sin(heading) * y, np.sin(heading) * x - np.cos(heading) * y
    return np.stack([*turned, z], axis=-1) + path.feet_m[:, None]


def test_a_subject_that_the_first_mask_does_not_show_is_a_flag(
    batch: Batch, catalog: Catalog, filmed: tuple[RunningEngine, FilmedTake]
) -> None:
    """A spot within a house: its walls are between the subject and some cameras."""
    (street,) = (one for one in catalog.environments if one.name == "street")
    spots = (street.spots[0], Spot(position_m=(0.0, 13.0, 0.0)))
    levels = [replace(catalog, environments=(replace(street, spots=(spot,)),)) for spot in spots]
    # Otherwise no camera that geometry hides the subject from is filmed.
    limits = replace(FILMED_LIMITS, reject=("too_close", "subject_out_of_first_image"))
    single = replace(batch, frames=2, rules=replace(batch.rules, slots=("static",), validity=limits))
    found = set()
    for index in range(6):
        take = film_take(filmed[0].driver, single, plan_take(single, levels[index % 2], index))
        first = decode_mask(take.files[0].members["mask"], stop=1)[0]
        is_seen = (first == take.row.mask_objects[0].colour).all(axis=-1).any()
        flags = take.clips["flags"][0]
        assert (SUBJECT_HIDDEN in flags) == (not is_seen)
        assert is_seen or "engine:subject_blocked" in flags, "the plan knows why"
        found.add(bool(is_seen))
    assert found == {False, True}
    assert all(SUBJECT_HIDDEN not in flags for flags in filmed[1].clips["flags"])
