"""Labels of camera moves: laws that hold for any clip, and one clip of each primitive."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from multitake.randomness import rng_for
from trajectories import BASIC_MOVES, CameraMove, CameraPose, basic_move, camera_move

FPS, FRAMES = 15.0, 61
SUBJECT_M = np.tile([4.0, 0.0, 0.0], (FRAMES, 1))
NAMES = st.sampled_from(sorted(BASIC_MOVES))
# What each word is called when time runs backwards.
OPPOSITE = {
    a: b
    for first, second in (
        ("pan_left", "pan_right"),
        ("tilt_up", "tilt_down"),
        ("truck_left", "truck_right"),
        ("dolly_in", "dolly_out"),
        ("pedestal_up", "pedestal_down"),
        ("arc_left", "arc_right"),
        ("zoom_in", "zoom_out"),
        ("roll_clockwise", "roll_counterclockwise"),
    )
    for a, b in ((first, second), (second, first))
}
EXPECTED = {
    "pan_right": {"pan_right": 20.0},
    "pan_left": {"pan_left": 20.0},
    "tilt_up": {"tilt_up": 10.0},
    "tilt_down": {"tilt_down": 10.0},
    "zoom_in": {"dolly_in": 2.0},
    "zoom_out": {"dolly_out": 2.0},
    "translate_up": {"pedestal_up": 1.0, "tilt_down": np.degrees(np.arctan2(1, 4))},
    "translate_down": {"pedestal_down": 1.0, "tilt_up": np.degrees(np.arctan2(1, 4))},
    "arc_left": {"arc_left": 30.0},
    "arc_right": {"arc_right": 30.0},
}


def move_of(poses: CameraPose, focal_mm: np.ndarray | None = None) -> CameraMove:
    focal_mm = np.full(FRAMES, 35.0) if focal_mm is None else focal_mm
    subject_m = SUBJECT_M[: len(focal_mm)]
    return camera_move(poses, fps=FPS, focal_length_mm=focal_mm, subject_m=subject_m)


def amounts(move: CameraMove) -> dict[str, float]:
    return {label.word: label.amount for label in move.labels if label.word in OPPOSITE}


@pytest.mark.parametrize("name", EXPECTED)
def test_basic_moves_have_the_labels_of_their_parameters(name: str) -> None:
    move = move_of(basic_move(name, frames=FRAMES))
    assert amounts(move) == pytest.approx(EXPECTED[name], rel=1e-6)
    assert move.pace == "constant"
    assert ("tracking" in move.words) == (name.startswith(("arc", "translate")))


def test_a_camera_that_does_not_move_is_static() -> None:
    move = move_of(basic_move("pan_left", frames=FRAMES)[np.zeros(FRAMES, dtype=int)])
    assert (move.words, move.pace, move.shake_mm) == (("static",), "none", 0.0)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_roll_is_clockwise_if_the_right_side_of_the_camera_goes_down(sign: int) -> None:
    still = basic_move("pan_left", frames=FRAMES)[np.zeros(FRAMES, dtype=int)]
    turned = Rotation.from_euler("z", sign * np.linspace(0, 30, FRAMES)[:, None], degrees=True).as_matrix()
    poses = CameraPose.of(still.rotation @ turned, still.position_m)
    goes_down = poses.rotation[-1, 2, 0] < 0
    word = "roll_clockwise" if goes_down else "roll_counterclockwise"
    assert goes_down == (sign == 1)
    assert amounts(move_of(poses)) == pytest.approx({word: 30.0})


def test_a_dolly_zoom_keeps_the_size_of_the_subject() -> None:
    poses = basic_move("zoom_in", frames=FRAMES)
    distance_m = np.linalg.norm(SUBJECT_M - poses.position_m, axis=-1)
    both = move_of(poses, 35.0 * distance_m / distance_m[0])
    assert {"dolly_zoom", "dolly_in", "zoom_out"} <= set(both.words)
    assert amounts(both)["zoom_out"] == pytest.approx(2.0)
    assert "dolly_zoom" not in move_of(poses, 35.0 * distance_m[::-1] / distance_m[-1]).words


def test_a_move_there_and_back_has_one_label_for_each_direction() -> None:
    up = basic_move("translate_up", frames=FRAMES // 2 + 1)
    there_and_back = up[np.abs(np.abs(np.arange(FRAMES) - FRAMES // 2) - FRAMES // 2)]
    found = [label for label in move_of(there_and_back).labels if label.word.startswith("pedestal")]
    assert [label.word for label in found] == ["pedestal_up", "pedestal_down"]
    assert [(label.start_s, label.end_s) for label in found] == [(0.0, 2.0), (2.0, 4.0)]
    assert "curve" not in move_of(there_and_back).words


@pytest.mark.parametrize(
    ("pace", "progress"),
    [
        ("constant", lambda u: u),
        ("accelerating", lambda u: u**2),
        ("decelerating", lambda u: 1 - (1 - u) ** 2),
        ("eased", lambda u: u**2 * (3 - 2 * u)),
        ("variable", lambda u: u + 0.9 * np.sin(6 * np.pi * u) / (6 * np.pi)),
    ],
)
def test_the_pace_is_that_of_the_progress(pace: str, progress) -> None:
    time = np.linspace(0, 1, FRAMES)
    position_m = np.stack([0 * time, 3 * progress(time), 0 * time], axis=-1)
    poses = CameraPose.of(basic_move("zoom_in", frames=FRAMES).rotation, position_m)
    assert move_of(poses).pace == pace


def test_shake_is_found_and_does_not_change_the_labels() -> None:
    steady = basic_move("zoom_in", frames=FRAMES)
    random = rng_for(1, "shake")
    shake = Rotation.from_euler("xyz", random.normal(0, 0.2, (FRAMES, 3)), degrees=True).as_matrix()
    shaken = CameraPose.of(steady.rotation @ shake, steady.position_m + random.normal(0, 0.003, (FRAMES, 3)))
    move = move_of(shaken)
    assert "shake" in move.words and "shake" not in move_of(steady).words
    assert 2.0 < move.shake_mm < 7.0 and 0.15 < move.shake_deg < 0.5
    assert amounts(move) == pytest.approx({"dolly_in": 2.0}, abs=0.05)


@given(
    name=st.sampled_from(sorted(BASIC_MOVES)),
    heading=st.floats(0, 360),
    x=st.floats(-9, 9),
    z=st.floats(0, 9),
)
def test_labels_do_not_depend_on_where_the_world_starts(
    name: str, heading: float, x: float, z: float
) -> None:
    poses = basic_move(name, frames=FRAMES)
    turn = Rotation.from_euler("z", heading, degrees=True).as_matrix()
    moved = CameraPose.of(turn @ poses.rotation, poses.position_m @ turn.T + [x, 0, z])
    subject_m = SUBJECT_M @ turn.T + [x, 0, z]
    found = camera_move(moved, fps=FPS, focal_length_mm=np.full(FRAMES, 35.0), subject_m=subject_m)
    assert amounts(found) == pytest.approx(amounts(move_of(poses)), abs=1e-6)
    assert found.words == move_of(poses).words


@given(NAMES)
def test_backwards_in_time_all_directions_are_opposite(name: str) -> None:
    poses = basic_move(name, frames=FRAMES)
    forwards, backwards = amounts(move_of(poses)), amounts(move_of(poses[::-1]))
    assert {OPPOSITE[word]: amount for word, amount in backwards.items()} == pytest.approx(forwards, abs=1e-6)
