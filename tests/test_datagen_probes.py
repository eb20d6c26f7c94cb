"""Probes: depth images of an engine give the answers that the meshes of its levels give."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from level_examples import GEOMETRY, LEVELS, level_points_m, surfaces_of

from datagen.batch import FILMED_LIMITS, Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.drive.probes import Probes, probing
from datagen.film import film_take
from datagen.geometry import GeometryCheck, LevelSurfaces
from datagen.geometry.places import is_floor_free, is_floor_free_by_rays
from datagen.geometry.queries import (
    Surroundings,
    has_line_of_sight,
    heights_above_ground_m,
    is_behind_surface,
    is_crossed,
)
from datagen.plan import TakeSpec, plan_take, plan_takes, take_clips, take_rigs
from datagen.probed_rigs import ACTOR_IN_GEOMETRY, rigs_in_scene
from shards import MaskObject
from trajectories import CameraPose, Lens
from trajectories.sampling import ENGINE_PREFIX, Limits, Paths, Subjects, check_paths, load_rules

LENS = Lens(focal_length_mm=24.0, f_number=5.0)


@pytest.fixture(scope="module", params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def surfaces(level: str) -> LevelSurfaces:
    return surfaces_of(level)


@pytest.fixture(scope="module")
def engine() -> Iterator[RunningEngine]:
    running = RunningEngine(EngineChoice(look="lit"), worker=0)
    yield running
    running.close()


@pytest.fixture(scope="module")
def probes(engine: RunningEngine, level: str) -> Iterator[Probes]:
    batch = _small(level)
    take = plan_take(batch, load_catalog(batch.scene, folder=Path()), 0)
    objects = engine.driver.set_scene(take, 10)
    with probing(engine.driver, _actors(objects)) as found:
        yield found


def _small(level: str) -> Batch:
    """Three cameras that move."""
    return Batch(
        seed=7,
        takes=2,
        frames=5,
        fps=1.0,
        width_px=64,
        height_px=64,
        scene=SceneChoice(environments=(level,)),
        rules=replace(load_rules("paper")[0], slots=("translation",) * 3, validity=FILMED_LIMITS),
    )


def _actors(objects: tuple[MaskObject, ...]) -> list[str]:
    return [one.name for one in objects if one.role != "environment"]


def test_probes_see_what_the_meshes_have(probes: Probes, surfaces: LevelSurfaces, level: str) -> None:
    starts_m = level_points_m(level, 120, seed=2)
    ends_m = starts_m + 3 * (level_points_m(level, 120, seed=3) - starts_m)
    by_probes, by_meshes = (one.first_hits_m(starts_m, ends_m) for one in (probes, surfaces))
    np.testing.assert_allclose(by_probes, by_meshes, atol=1e-4)
    assert 15 < np.isfinite(by_meshes).sum() < 120
    points_m = starts_m[:40]
    np.testing.assert_allclose(
        heights_above_ground_m(probes, points_m), heights_above_ground_m(surfaces, points_m), atol=1e-5
    )
    assert has_line_of_sight(probes, points_m[:15], points_m[:15]).all(), "a ray of no length is free"


def test_probes_know_what_is_inside_and_what_is_behind(
    probes: Probes, surfaces: LevelSurfaces, level: str
) -> None:
    anywhere_m = level_points_m(level, 1500)
    inside = surfaces.is_inside(anywhere_m)
    points_m = np.concatenate([anywhere_m[inside][:5], anywhere_m[~inside][:30]])
    ends_m = points_m + 3 * (level_points_m(level, 35, seed=3) - points_m)
    assert inside.sum() > 5
    np.testing.assert_array_equal(probes.is_inside(points_m[:15]), surfaces.is_inside(points_m[:15]))
    for question in (is_crossed, is_behind_surface):
        by_probes, by_meshes = (question(one, points_m, ends_m) for one in (probes, surfaces))
        np.testing.assert_array_equal(by_probes, by_meshes)
        assert by_meshes[:5].sum() > 3


def test_probes_measure_the_clearance_before_a_camera(
    probes: Probes, surfaces: LevelSurfaces, level: str
) -> None:
    """Cameras at known distances from what they look at, and cameras anywhere."""
    starts_m, ends_m = level_points_m(level, 150, seed=4), level_points_m(level, 150, seed=5)
    hits_m = surfaces.first_hits_m(starts_m, ends_m)
    ahead = (ends_m - starts_m) / np.linalg.norm(ends_m - starts_m, axis=1, keepdims=True)
    seen = np.flatnonzero(np.isfinite(hits_m) & (hits_m > 0.2))[:20]
    near_m = starts_m[seen] + ahead[seen] * (hits_m[seen] - 0.05)[:, None]
    poses = CameraPose.looking(near_m, ahead[seen])
    found_m = probes.clearances_m(poses, 0.15)
    assert len(found_m) > 5 and (found_m <= 0.0501).all(), "5 cm in front of a surface"
    anywhere = CameraPose.looking(starts_m[:60], ahead[:60])
    by_probes, by_meshes = (one.clearances_m(anywhere, 0.5) for one in (probes, surfaces))
    # Probes see only what is in front of the camera.
    assert (by_probes >= by_meshes - 1e-4).all() and by_probes.max() == 0.5 and (by_probes < 0.5).sum() > 5


def test_probes_find_the_reasons_that_meshes_find(
    probes: Probes, surfaces: LevelSurfaces, level: str
) -> None:
    """On a path for each reason and one for none, chosen by the meshes among straight paths in the level."""
    starts_m, ends_m = level_points_m(level, 200, seed=6), level_points_m(level, 200, seed=7)
    paths_m = np.linspace(starts_m, starts_m + 0.3 * (ends_m - starts_m), 5, axis=1)
    reasons = _reasons(surfaces, paths_m, level)
    assert set(reasons) == GEOMETRY and all(broken.any() for broken in reasons.values())
    free = ~np.any(list(reasons.values()), axis=0)
    chosen = np.array([int(one.argmax()) for one in (free, *reasons.values())])
    by_probes = _reasons(probes, paths_m[chosen], level)
    by_meshes = {name: broken[chosen] for name, broken in reasons.items()}
    # Probes see only what is in front of the camera.
    near, is_near = by_probes.pop("engine:near_geometry"), by_meshes.pop("engine:near_geometry")
    assert near.any() and (is_near | ~near).all()
    for name, broken in by_meshes.items():
        np.testing.assert_array_equal(by_probes[name], broken, err_msg=name)


def _reasons(surroundings: Surroundings, paths_m: np.ndarray, level: str) -> dict[str, np.ndarray]:
    """Which paths of cameras that look at a subject each reason is against."""
    spot = load_catalog(SceneChoice(environments=(level,)), folder=Path()).environments[0].spots[0]
    subject_m = np.add(spot.position_m, (0.0, 0.0, 1.2))
    paths = Paths(
        poses=CameraPose.looking(paths_m, subject_m - paths_m)[:, None],
        subjects=Subjects.standing(subject_m[None].repeat(len(paths_m), axis=0), aim_fraction=0.7),
        intrinsics=LENS.intrinsics(64, 64).numbers[None].repeat(len(paths_m), axis=0),
        fps=1.0,
    )
    verdicts = check_paths(paths, Limits(), (GeometryCheck(surroundings),))
    return dict(zip(verdicts.reasons, verdicts.is_broken[..., 0], strict=True))


def test_probes_know_where_the_floor_is_free(probes: Probes, surfaces: LevelSurfaces, level: str) -> None:
    feet_m = level_points_m(level, 400, seed=8) * [1.0, 1.0, 0.0]
    by_spheres = is_floor_free(surfaces, feet_m, height_m=1.8)
    by_rays = is_floor_free_by_rays(surfaces, feet_m, height_m=1.8)
    assert by_rays[by_spheres].all(), "no ray meets what no sphere meets"
    assert (by_rays & ~by_spheres).sum() < 0.2 * (~by_spheres).sum()
    some = np.concatenate([np.flatnonzero(by_rays)[:3], np.flatnonzero(~by_rays)[:3]])
    by_probes = is_floor_free_by_rays(probes, feet_m[some], height_m=1.8)
    np.testing.assert_array_equal(by_probes, by_rays[some])


def test_a_take_whose_actors_stand_in_geometry_has_a_flag(engine: RunningEngine) -> None:
    batch = replace(_small("room"), engine=EngineChoice(kind="unreal", look="gt"))
    take = plan_take(batch, load_catalog(batch.scene, folder=Path()), 0)
    (actor,) = take.actors
    surfaces = surfaces_of("room")
    feet_m = level_points_m("room", 400, seed=8) * [1.0, 1.0, 0.0]
    blocked_m = feet_m[~is_floor_free_by_rays(surfaces, feet_m, height_m=1.8)][0]
    for position_m, is_flagged in ((actor.position_m, False), (tuple(blocked_m.tolist()), True)):
        placed = replace(take, actors=(replace(actor, position_m=position_m),))
        objects = engine.driver.set_scene(placed, 3)
        _, _, flags = rigs_in_scene(engine.driver, batch, placed, objects)
        assert (ACTOR_IN_GEOMETRY in flags) == is_flagged


def test_a_take_of_an_unknown_level_is_checked_when_it_is_filmed(engine: RunningEngine) -> None:
    """The driver films it like Unreal: the plan knows no meshes, and the rig is that of the probes."""
    batch = _small("street")
    unknown = replace(batch, engine=EngineChoice(kind="unreal", look="gt"))
    take = _rejecting(batch)
    filmed = film_take(engine.driver, unknown, take)
    blind = take_clips(unknown, take, take_rigs(unknown, take))
    known = take_clips(batch, take, take_rigs(batch, take))
    poses = [clips.poses.world_from_camera for clips in (filmed.clips, known, blind)]
    np.testing.assert_array_equal(poses[0], poses[1])
    assert not np.array_equal(poses[0], poses[2]), "the plan alone keeps another path"
    as_embedded = film_take(engine.driver, batch, take)
    assert filmed.files == as_embedded.files


def _rejecting(batch: Batch) -> TakeSpec:
    """A take with paths that geometry alone rejects."""
    for take in plan_takes(replace(batch, takes=40), load_catalog(batch.scene, folder=Path())):
        if any(name.startswith(ENGINE_PREFIX) for _, name in take_rigs(batch, take).acceptance().rejected):
            return take
    raise AssertionError("no such take")
