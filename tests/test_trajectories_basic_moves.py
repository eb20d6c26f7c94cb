"""The basic moves start level at the origin, go where their names say, and mirror each other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitake.errors import InputError
from trajectories import BASIC_MOVES, CameraPose, basic_move

_SIDES = (("left", "right", np.diag([1.0, -1.0, 1.0]), 0), ("up", "down", np.diag([1.0, 1.0, -1.0]), 1))


@pytest.mark.parametrize("name", BASIC_MOVES)
def test_moves_start_level_at_the_origin(name: str) -> None:
    poses = basic_move(name, frames=81)
    assert poses.world_from_camera.shape == (81, 3, 4)
    poses.checked(name)
    np.testing.assert_allclose(
        poses.world_from_camera[0], [[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0]], atol=1e-15
    )


def test_moves_go_where_their_names_say() -> None:
    def last(name: str) -> CameraPose:
        return basic_move(name, frames=81)[-1]

    assert last("pan_right").forward[1] < 0 < last("pan_left").forward[1]
    assert last("tilt_down").forward[2] < 0 < last("tilt_up").forward[2]
    np.testing.assert_allclose(last("zoom_in").position_m, [2, 0, 0], atol=1e-12)
    np.testing.assert_allclose(last("zoom_out").position_m, [-2, 0, 0], atol=1e-12)
    np.testing.assert_allclose(last("translate_up").position_m, [0, 0, 1], atol=1e-12)
    np.testing.assert_allclose(last("translate_left").position_m, [0, 1, 0], atol=1e-12)
    assert last("arc_left").position_m[1] > 0 > last("arc_right").position_m[1]


@pytest.mark.parametrize("side", _SIDES, ids=lambda side: side[0])
def test_opposite_moves_are_mirror_images(side: tuple[str, str, np.ndarray, int]) -> None:
    one, other, mirror, axis = side
    names = [name for name in BASIC_MOVES if name.endswith(f"_{one}")]
    assert len(names) >= 2
    flip = np.ones(3)
    flip[axis] = -1.0
    for name in names:
        first, second = basic_move(name, frames=11), basic_move(name.replace(one, other), frames=11)
        np.testing.assert_allclose(second.position_m, first.position_m @ mirror, atol=1e-12)
        np.testing.assert_allclose(second.rotation, mirror @ first.rotation * flip, atol=1e-12)
        assert np.abs(second.world_from_camera - first.world_from_camera).max() > 0.1


@given(name=st.sampled_from(list(BASIC_MOVES)), distance_m=st.floats(0.5, 50))
def test_paths_scale_with_the_distance_of_the_subject(name: str, distance_m: float) -> None:
    unit, scaled = (basic_move(name, frames=5, subject_distance_m=metres) for metres in (1.0, distance_m))
    np.testing.assert_allclose(scaled.position_m, distance_m * unit.position_m, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(scaled.rotation, unit.rotation, atol=1e-12)


def test_published_variants_are_chords_that_end_before_the_move_does() -> None:
    circle = basic_move("arc_left", frames=81)
    chord = basic_move("arc_left", frames=81, arc_path="chord", time_base="release")
    subject_m = np.array([4.0, 0, 0])
    np.testing.assert_allclose(np.linalg.norm(circle.position_m - subject_m, axis=-1), 4.0)
    radius_m = np.linalg.norm(chord.position_m - subject_m, axis=-1)
    assert radius_m.min() == pytest.approx(4 * np.cos(np.radians(15)), abs=1e-3)
    zoom = basic_move("zoom_in", frames=81, time_base="release")
    assert zoom.position_m[-1, 0] == pytest.approx(2.0 * 160 / 161)


def test_an_unknown_move_is_named() -> None:
    with pytest.raises(
        InputError, match=r"^trajectory: unknown trajectory 'zoom_sideways'; use one of pan_right"
    ):
        basic_move("zoom_sideways", frames=81)
