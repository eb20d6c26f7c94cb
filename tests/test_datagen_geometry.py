"""Geometry of levels: exact answers agree with independent ones, and bad camera paths have their reason."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from level_examples import GEOMETRY, LEVELS, level_points_m, surfaces_of

from datagen.actor_paths import ActorPath
from datagen.batch import FILMED_LIMITS, Batch, EngineChoice, SceneChoice
from datagen.batch_file import load_batch
from datagen.catalog import load_catalog
from datagen.engine.content.environment import Prop
from datagen.engine.content.levels.catalog import environment
from datagen.engine.content.shapes.meshes import (
    Mesh,
    Paint,
    cylinder,
    ellipsoid,
    panel,
    panelled_box,
    textured,
)
from datagen.geometry import GeometryCheck, LevelSurfaces, is_path_free, level_surfaces
from datagen.geometry.places import is_floor_free, is_floor_free_by_rays
from datagen.geometry.queries import (
    BODY_PARTS,
    body_points_m,
    heights_above_ground_m,
    hidden_parts,
    is_enclosed,
)
from datagen.plan import known_surfaces, plan_takes, take_clips, take_rigs
from datagen.plan_report import plan_report
from trajectories import CameraPose, Lens
from trajectories.sampling import Limits, Paths, Subjects, check_paths

PAINT = Paint()


def _surfaces(**meshes: Mesh) -> LevelSurfaces:
    return LevelSurfaces.of({name: Prop([textured("smooth", mesh)]) for name, mesh in meshes.items()})


BOX = _surfaces(box=panelled_box((200, 100, 300), (0, 0, 0), PAINT))
BALL = _surfaces(ball=ellipsoid((0, 0, 0), (100, 100, 100), PAINT, 48, 32))
TWO = _surfaces(
    ball=ellipsoid((0, 0, 0), (50, 30, 40), PAINT), wall=panelled_box((20, 90, 90), (80, 0, 0), PAINT)
)


@pytest.fixture(scope="module", params=LEVELS)
def level(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def surfaces(level: str) -> LevelSurfaces:
    return surfaces_of(level)


# Independent answers, one point at a time over all triangles.


def _crossings(start_m: np.ndarray, end_m: np.ndarray, corners_m: np.ndarray) -> np.ndarray:
    """Distances of all surfaces of a segment that face its start, by volumes of tetrahedra."""

    def volume(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
        return np.linalg.det(np.stack(np.broadcast_arrays(b - a, c - a, d - a), axis=-2))

    a, b, c = np.moveaxis(corners_m, 1, 0)
    before, after = volume(a, b, c, start_m[None]), volume(a, b, c, end_m[None])
    sides = [volume(start_m[None], end_m[None], one, other) for one, other in ((a, b), (b, c), (c, a))]
    is_met = (before >= 0) & (after <= 0) & (before > after) & (np.array(sides) <= 0).all(axis=0)
    share = before[is_met] / (before - after)[is_met]
    return share * np.linalg.norm(end_m - start_m)


def test_first_hits_are_those_of_all_triangles(level: str, surfaces: LevelSurfaces) -> None:
    starts_m = level_points_m(level, 20)
    ends_m = starts_m + 4 * (level_points_m(level, 20, seed=1) - starts_m)
    found = surfaces.first_hits_m(starts_m, ends_m)
    expected = [
        _crossings(start_m, end_m, surfaces.corners_m).min(initial=np.inf)
        for start_m, end_m in zip(starts_m, ends_m, strict=True)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-9)
    assert 5 < np.isfinite(found).sum() < 20


def test_clearance_is_the_distance_from_the_nearest_of_all_points(
    level: str, surfaces: LevelSurfaces
) -> None:
    """No point of a surface is nearer, and some point is as near, to the spacing of the samples."""
    weights = np.array([(i, j, 8 - i - j) for i in range(9) for j in range(9 - i)]) / 8
    points_m = level_points_m(level, 40)
    found = surfaces.distances_m(points_m, 0.6)
    size_m = np.linalg.norm(np.ptp(surfaces.corners_m, axis=1), axis=1)
    centre_m = surfaces.corners_m.mean(axis=1)
    for point_m, distance_m in zip(points_m, found, strict=True):
        near = np.linalg.norm(centre_m - point_m, axis=1) < size_m + 0.6
        samples_m = np.einsum("wc,tcx->twx", weights, surfaces.corners_m[near])
        away_m = np.linalg.norm(samples_m - point_m, axis=-1).min(axis=1)
        assert distance_m <= away_m.min() + 1e-9
        assert distance_m >= min(0.6, (away_m - size_m[near] / 8).min(initial=np.inf)) - 1e-9
    assert (found < 0.6).sum() > 5


@given(arrays(np.int64, (6, 3), elements=st.integers(-4000, 4000)).map(lambda mm: mm / 1000))
def test_boxes_and_balls_have_their_known_answers(points_m: np.ndarray) -> None:
    half_m, surfaces = np.array([1.0, 0.5, 1.5]), BOX
    beyond_m = np.abs(points_m) - half_m
    outside_m = np.linalg.norm(np.maximum(beyond_m, 0), axis=1)
    expected = np.where(outside_m > 0, outside_m, -beyond_m.max(axis=1))
    np.testing.assert_allclose(surfaces.distances_m(points_m, 9.0), expected, atol=1e-9)
    clear = np.abs(beyond_m).min(axis=1) > 1e-6
    inside = (beyond_m < 0).all(axis=1)
    np.testing.assert_array_equal(surfaces.is_inside(points_m)[clear], inside[clear])
    np.testing.assert_array_equal(is_enclosed(surfaces, points_m)[clear], inside[clear])
    # A ray to the middle of the box meets it where its slabs begin; from inside it meets nothing.
    hits_m = surfaces.first_hits_m(points_m, np.zeros_like(points_m))
    with np.errstate(divide="ignore", invalid="ignore"):
        enters_m = np.linalg.norm(points_m, axis=1) * (1 - (half_m / np.abs(points_m)).min(axis=1))
    np.testing.assert_allclose(hits_m[clear], np.where(inside, np.inf, enters_m)[clear], atol=1e-9)

    radius_m = np.linalg.norm(points_m, axis=1)
    np.testing.assert_allclose(BALL.distances_m(points_m, 9.0), np.abs(radius_m - 1), atol=1e-2)
    off = np.abs(radius_m - 1) > 1e-2
    np.testing.assert_array_equal(BALL.is_inside(points_m)[off], radius_m[off] < 1)


def test_closed_parts_that_overlap_are_one_inside() -> None:
    """A prop is a union of closed parts and of panels, which have no inside."""
    both = Prop(
        [
            textured("smooth", panelled_box((100, 100, 100), (0, 0, 0), PAINT), cylinder(40, 20, 150, PAINT)),
            textured("smooth", panel((-200, -200, 0), (400, 0, 0), (0, 400, 0), PAINT)),
        ],
        location_cm=(300, -100, 50),
        yaw_deg=30,
    )
    surfaces = LevelSurfaces.of({"both": both})
    above_m = np.array([-0.49, -0.01, 0.01, 0.49, 0.6, 1.4, 1.6, -0.6])
    points_m = np.array([3.0, 1.0, 0.5]) + above_m[:, None] * [0.0, 0.0, 1.0]
    inside = [True] * 6 + [False] * 2
    assert surfaces.is_inside(points_m).tolist() == inside
    beside_m = points_m + np.array([1.2, 0.0, 0.0])
    assert not surfaces.is_inside(beside_m).any() and not is_enclosed(surfaces, beside_m).any()


@given(
    point_m=arrays(np.float64, 3, elements=st.floats(-1, 1)),
    step_m=arrays(np.float64, 3, elements=st.floats(-0.3, 0.3)),
)
def test_clearance_changes_no_faster_than_the_point_moves(point_m: np.ndarray, step_m: np.ndarray) -> None:
    surfaces = TWO
    before, after = surfaces.distances_m(np.stack([point_m, point_m + step_m]), 5.0)
    assert abs(after - before) <= np.linalg.norm(step_m) + 1e-9
    away_m = np.array([[-2.0, 0.0, 0.0], [-3.0, 0.0, 0.0], [-4.0, 0.0, 0.0]])
    assert (np.diff(surfaces.distances_m(away_m, 9.0)) > 0).all(), "moving away increases clearance"
    np.testing.assert_array_equal(surfaces.distances_m(away_m, 1.0), 1.0)


def test_rays_agree_with_winding_numbers(level: str, surfaces: LevelSurfaces) -> None:
    points_m = level_points_m(level, 1500)
    inside = surfaces.is_inside(points_m)
    assert inside.sum() > 5
    np.testing.assert_array_equal(is_enclosed(surfaces, points_m), inside)


def test_the_ground_is_the_surface_below(surfaces: LevelSurfaces, level: str) -> None:
    points_m = np.array([[0.0, 0.0, 1.7], [0.0, 0.0, -1.0]])
    height_m = heights_above_ground_m(surfaces, points_m)
    # The rug of the room, and a dash of the road, are a centimetre high.
    assert 1.68 < height_m[0] <= 1.7 and height_m[1] == -np.inf
    if level == "room":
        top_m = heights_above_ground_m(surfaces, np.array([[3.3, -2.4, 2.0]]))
        assert 1.1 < top_m[0] < 1.26, "above the table"


def test_lines_of_sight_go_over_a_wall_and_not_through_it() -> None:
    """A wall of 1 m hides hips and hands from a low camera, and nothing from a high one."""
    surfaces = _surfaces(wall=panelled_box((10, 400, 100), (-100, 0, 50), PAINT))
    path = ActorPath(
        feet_m=np.zeros((2, 3)), heading_deg=np.array([0.0, 90.0]), height_m=np.array([1.7, 1.7])
    )
    cameras_m = np.array([[[-3.0, 0.0, 1.0]] * 2, [[-3.0, 0.0, 3.0]] * 2])
    hidden = hidden_parts(surfaces, cameras_m, path)
    assert hidden.shape == (2, 2, len(BODY_PARTS))
    names = [{name for name, one in zip(BODY_PARTS, row, strict=True) if one} for row in hidden[:, 0]]
    assert names == [{"hips", "hand_l", "hand_r"}, set()]
    left_m = body_points_m(path)[:, BODY_PARTS.index("hand_l")]
    assert left_m[0, 1] > 0.2 and left_m[1, 0] < -0.2, "the left hand follows the heading"


def test_a_free_floor_has_room_for_a_body(surfaces: LevelSurfaces, level: str) -> None:
    catalog = load_catalog(SceneChoice(environments=(level,)), folder=Path())
    spots_m = np.array([spot.position_m for spot in catalog.environments[0].spots])
    assert is_floor_free(surfaces, spots_m, height_m=1.9).all()
    taken_m = {"street": [[9.0, 3.0, 0.0], [0.0, 13.0, 0.0]], "room": [[3.3, -2.4, 0.0], [-0.4, 3.85, 0.0]]}
    assert not is_floor_free(surfaces, np.array([*taken_m[level], [0.0, 0.0, 0.5]]), height_m=1.7).any()


@pytest.mark.parametrize("is_free", [is_floor_free, is_floor_free_by_rays])
def test_nobody_stands_where_there_is_no_floor(is_free: Callable[..., np.ndarray]) -> None:
    """The floor ends at x = 0; below the other half there is nothing, and behind it a deep pit."""
    surfaces = _surfaces(
        floor=panel((-1000, -500, 0), (1000, 0, 0), (0, 1000, 0), PAINT),
        pit=panel((500, -500, -300), (500, 0, 0), (0, 1000, 0), PAINT),
    )
    feet_m = np.array([[-5.0, 0.0, 0.0], [2.0, 0.0, 0.0], [7.0, 0.0, 0.0]])
    assert is_free(surfaces, feet_m, height_m=1.8).tolist() == [True, False, False]


def test_actors_stand_and_walk_where_the_floor_is_free() -> None:
    scene = SceneChoice(environments=("room",), animations=("walk", "wave"), characters_per_take=(2, 2))
    batch = Batch(seed=4, takes=20, frames=81, scene=scene)
    catalog = load_catalog(batch.scene, folder=Path())
    surfaces = known_surfaces(batch, catalog.environments[0])
    assert surfaces
    assert all(is_path_free(surfaces, path) for take in plan_takes(batch, catalog) for path in take.paths)


def test_a_second_actor_keeps_away_from_tables_beside_the_spot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two long tables leave a free floor on the other sides only; without geometry, many stand in them."""
    scene = SceneChoice(environments=("room",), characters_per_take=(2, 2))
    batch = Batch(seed=4, takes=20, frames=5, scene=scene)
    catalog = load_catalog(batch.scene, folder=Path())
    (room,) = catalog.environments
    spot = replace(room.spots[0], position_m=(0.0, 0.0, 0.0))
    catalog = replace(catalog, environments=(replace(room, spots=(spot,)),))
    surfaces = _surfaces(
        floor=panel((-2000, -2000, 0), (4000, 0, 0), (0, 4000, 0), PAINT),
        table=panelled_box((200, 600, 75), (180, 0, 37.5), PAINT),
        other=panelled_box((600, 200, 75), (0, 180, 37.5), PAINT),
    )
    monkeypatch.setattr("datagen.plan.level_surfaces", lambda asset: surfaces)
    blind = replace(batch, engine=EngineChoice(kind="unreal", look="gt"))
    placed, unaware = (
        [is_path_free(surfaces, take.paths[1]) for take in plan_takes(one, catalog)] for one in (batch, blind)
    )
    assert all(placed) and sum(unaware) < 15


# Planted paths: a floor, a pillar at the origin, a solid block, and a shelf, which is thin.
PLANTED = _surfaces(
    floor=panel((-2000, -2000, 0), (4000, 0, 0), (0, 4000, 0), PAINT),
    pillar=cylinder(30, 0, 300, PAINT),
    block=panelled_box((200, 200, 300), (-500, -500, 150), PAINT),
    shelf=panelled_box((60, 60, 4), (-400, -300, 202), PAINT),
)
SUBJECT_M = np.array([2.0, 3.0, 1.2])


def _planted(*position_m: tuple[float, float, float], frames: int = 8) -> set[str]:
    """The reasons of geometry against a path between points, in equal steps."""
    ends_m = np.array(position_m, dtype=np.float64)
    place = np.linspace(0, len(ends_m) - 1, frames)
    path_m = np.stack(
        [np.interp(place, np.arange(len(ends_m)), ends_m[:, axis]) for axis in range(3)], axis=-1
    )
    subjects = Subjects.standing(SUBJECT_M[None], aim_fraction=0.7)
    paths = Paths(
        poses=CameraPose.looking(path_m, SUBJECT_M - path_m)[None, None],
        subjects=subjects,
        intrinsics=Lens(focal_length_mm=24.0, f_number=5.0).intrinsics(64, 64).numbers[None],
        fps=15.0,
    )
    verdicts = check_paths(paths, Limits(), (GeometryCheck(PLANTED),))
    assert set(verdicts.reasons) == GEOMETRY
    return {
        reason for reason, broken in zip(verdicts.reasons, verdicts.is_broken, strict=True) if broken.any()
    }


@pytest.mark.parametrize(
    ("reason", "path"),
    [
        (None, [(-4.0, 3.0, 1.5)]),
        (None, [(-4.0, 3.0, 1.5), (-1.0, 0.5, 2.0)]),
        ("below_ground", [(-4.0, 3.0, -1.0)]),
        ("engine:inside_geometry", [(-5.0, 5.0, 1.5)]),
        ("engine:near_geometry", [(-3.93, 5.0, 1.5)]),
        # Steps of 0.35 m: no position is near the shelf.
        ("engine:crosses_geometry", [(-4.0, 3.0, 0.795), (-4.0, 3.0, 3.245)]),
        ("engine:subject_blocked", [(-2.0, -3.0, 1.5)]),
    ],
)
def test_a_planted_path_has_its_reason_and_no_other(
    reason: str | None, path: list[tuple[float, float, float]]
) -> None:
    assert _planted(*path) == ({reason} if reason else set())


@pytest.mark.parametrize(
    ("place_m", "height_m", "is_hiding"),
    [
        ((0.5, 3.0, 0.0), 1.7, True),
        ((0.5, 3.15, 0.0), 1.7, True),
        ((0.5, 3.6, 0.0), 1.7, False),
        ((0.5, 3.0, 0.0), 0.4, False),
        ((3.2, 3.0, 0.0), 1.7, False),
        ((-5.0, 3.0, 0.0), 1.7, False),
    ],
    ids=["between", "partly", "beside", "lying", "behind the subject", "behind the camera"],
)
def test_another_actor_hides_the_subject(
    place_m: tuple[float, float, float], height_m: float, is_hiding: bool
) -> None:
    path_m = np.repeat([[-4.0, 3.0, 1.5]], 5, axis=0)
    subjects = Subjects.standing(SUBJECT_M[None], aim_fraction=0.7)
    other_m = np.array(place_m) + np.array([[0.0, 0.0, 0.0], [0.0, 0.0, height_m]])
    both_m = np.concatenate([subjects.bodies_m, other_m[None, None, None]], axis=1)
    paths = Paths(
        poses=CameraPose.looking(path_m, SUBJECT_M - path_m)[None, None],
        subjects=replace(subjects, bodies_m=both_m),
        intrinsics=Lens(focal_length_mm=24.0, f_number=5.0).intrinsics(64, 64).numbers[None],
        fps=15.0,
    )
    verdicts = check_paths(paths, Limits(), (GeometryCheck(PLANTED),))
    assert verdicts.any_of(("engine:subject_blocked",), at_start=True).item() == is_hiding
    assert verdicts.any_of(tuple(GEOMETRY)).item() == is_hiding


def test_the_start_of_a_path_and_its_course_are_told_apart() -> None:
    """Only a bad first frame is against the start that the cameras of a rig share."""
    path_m = np.array([[-4.0, 3.0, 1.5], [-4.0, 3.0, 0.05]]).repeat(2, axis=0)
    paths = Paths(
        poses=CameraPose.looking(path_m, SUBJECT_M - path_m)[None, None],
        subjects=Subjects.standing(SUBJECT_M[None], aim_fraction=0.7),
        intrinsics=Lens(focal_length_mm=24.0, f_number=5.0).intrinsics(64, 64).numbers[None],
        fps=15.0,
    )
    check = GeometryCheck(PLANTED)
    forwards = check_paths(paths, Limits(), (check,))
    backwards = check_paths(replace(paths, poses=paths.poses[..., ::-1]), Limits(), (check,))
    for verdicts, is_start in ((forwards, False), (backwards, True)):
        assert verdicts.any_of(("below_ground",)).item() and verdicts.any_of(("engine:near_geometry",)).item()
        assert verdicts.any_of(("below_ground",), at_start=True).item() == is_start
    rejecting = Limits(reject=("too_fast",), speed_m_per_s=1.0)
    skipped = check_paths(paths, rejecting, (check,))
    assert not skipped.is_broken.any(), "paths that poses alone reject are not checked"


def test_a_path_is_asked_about_once() -> None:
    """Rejection asks for all cameras of a rig again; most have the path of the attempt before."""
    asked = []

    class Counting(LevelSurfaces):
        def is_inside(self, points_m: np.ndarray) -> np.ndarray:
            asked.append(len(points_m))
            return super().is_inside(points_m)

    path_m = np.array([[-4.0, 3.0, 1.5], [-4.0, 2.9, 1.5], [-4.0, 2.8, 1.5]])
    paths = Paths(
        poses=CameraPose.looking(path_m, SUBJECT_M - path_m)[None, None],
        subjects=Subjects.standing(SUBJECT_M[None], aim_fraction=0.7),
        intrinsics=Lens(focal_length_mm=24.0, f_number=5.0).intrinsics(64, 64).numbers[None],
        fps=15.0,
    )
    check = GeometryCheck(Counting(PLANTED.corners_m, PLANTED.props))
    results = [check_paths(paths, Limits(), (check,)).is_broken for _ in range(3)]
    assert asked == [3] and all(np.array_equal(results[0], one) for one in results)


# Batches.


def test_the_demo_films_no_clip_below_the_ground_or_in_geometry() -> None:
    """Without rejection, some of its paths go through the road or into a wall."""
    path = Path(__file__).parent.parent / "examples" / "demo-batch.toml"
    batch = load_batch(path)
    catalog = load_catalog(batch.scene, folder=path.parent)
    assert set(batch.rules.validity.reject) >= GEOMETRY and batch.rules.validity == FILMED_LIMITS
    all_paths = replace(batch, rules=replace(batch.rules, validity=Limits()))
    found: dict[str, set[str]] = {}
    for name, one in (("filmed", batch), ("all", all_paths)):
        clips = [take_clips(one, take, take_rigs(one, take)) for take in plan_takes(one, catalog)]
        found[name] = {flag for table in clips for flags in table["flags"] for flag in flags}
    assert not found["filmed"] & GEOMETRY
    assert {"below_ground", "engine:near_geometry", "engine:crosses_geometry"} <= found["all"]
    lines = "\n".join(plan_report(path, page=None, max_lines=0))
    assert "engine:near_geometry" in lines and "below_ground" in lines


def test_a_plan_for_unreal_says_that_geometry_is_not_known(tmp_path: Path) -> None:
    path = tmp_path / "batch.toml"
    path.write_text('seed = 1\ntakes = 1\nframes = 5\n[engine]\nkind = "unreal"\nlook = "gt"\n')
    lines = "\n".join(plan_report(path, page=None, max_lines=0))
    assert "checked when its take is filmed, with probes" in lines and "engine:" not in lines


def test_environments_are_those_of_the_catalog() -> None:
    catalog = load_catalog(SceneChoice(), folder=Path())
    assert set(LEVELS) <= {one.name for one in catalog.environments}
    assert level_surfaces("/Game/Maps/Nowhere") is None
    surfaces = level_surfaces(LEVELS["room"])
    assert surfaces is level_surfaces(LEVELS["room"])
    props = environment("Room").props
    assert surfaces and surfaces.props[-1] + 1 == len(props)
