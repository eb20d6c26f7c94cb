"""What poses themselves say about each clip, measured without trusting the columns that describe them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import get_args

import numpy as np
from jaxtyping import Float

from .moves import KINDS, Moves
from .poses import CameraPose
from .rules import MAX_WAYPOINTS, Rules
from .speed import TimeBase, speed_curve, time_fractions
from .table import PoseRow, PoseTable

_ROWS_AT_ONCE = 2048


@dataclass(frozen=True, kw_only=True)
class Measures:
    """One number per clip; everything but the two replay errors comes from poses and subject alone.

    Amplitudes are of the whole move, also where the last frame stops short of its end.

    Attributes:
        radius_m: start distance from the subject.
        elevation_deg: start elevation above the subject.
        azimuth_deg: start direction seen from the subject, counter-clockwise from world +X, 0 to 360.
        off_aim_deg: angle between the first optical axis and the subject.
        pan_deg, tilt_deg: signed change of heading and of pitch.
        arc_deg: signed turn around the subject.
        path_ratio: length travelled over start distance.
        closest_m: smallest distance from the subject.
        peak_speed_mps, peak_turn_degps: largest step between frames, per second.
        replay_error_m, replay_error_deg: largest distance of any frame from the move its columns describe.
    """

    radius_m: Float[np.ndarray, "clips"]
    elevation_deg: Float[np.ndarray, "clips"]
    azimuth_deg: Float[np.ndarray, "clips"]
    off_aim_deg: Float[np.ndarray, "clips"]
    pan_deg: Float[np.ndarray, "clips"]
    tilt_deg: Float[np.ndarray, "clips"]
    arc_deg: Float[np.ndarray, "clips"]
    path_ratio: Float[np.ndarray, "clips"]
    closest_m: Float[np.ndarray, "clips"]
    peak_speed_mps: Float[np.ndarray, "clips"]
    peak_turn_degps: Float[np.ndarray, "clips"]
    replay_error_m: Float[np.ndarray, "clips"]
    replay_error_deg: Float[np.ndarray, "clips"]


def measure(table: PoseTable, rules: Rules) -> Measures:
    """Measure every clip of a table whose poses are proper; ``rules`` say which curves its columns mean."""
    names = [f.name for f in fields(Measures)]
    found = {name: np.zeros(len(table)) for name in names}
    for motion, index in _by_motion(table):
        part = _measured(motion, [table.rows[i] for i in index], table.poses[index], rules)
        for name in names:
            found[name][index] = part[name]
    return Measures(**found)


def _by_motion(table: PoseTable) -> Iterator[tuple[str, np.ndarray]]:
    motions = np.array([row.motion for row in table.rows])
    for motion in np.unique(motions):
        index = np.flatnonzero(motions == motion)
        for first in range(0, len(index), _ROWS_AT_ONCE):
            yield str(motion), index[first : first + _ROWS_AT_ONCE]


def _measured(motion: str, rows: Sequence[PoseRow], poses: CameraPose, rules: Rules) -> dict[str, np.ndarray]:
    subject_m = np.array([row.subject_m for row in rows])
    fps = np.array([row.fps for row in rows])
    progress = _progress(rows, poses.position_m.shape[1])
    away_m = poses.position_m - subject_m[:, None]
    steps_m = np.linalg.norm(np.diff(poses.position_m, axis=1), axis=-1)
    turns_deg = _angle_deg(poses.rotation[:, 1:], poses.rotation[:, :-1])
    replayed = _moves(rows).motion(motion, rules).poses(poses[:, 0], subject_m, progress)
    start_m = np.linalg.norm(away_m[:, 0], axis=-1)
    return {
        **_amplitudes(poses, away_m, _done(rows, progress), is_chord=rules.arc_path == "chord"),
        "radius_m": start_m,
        "elevation_deg": np.degrees(np.arcsin(away_m[:, 0, 2] / start_m)),
        "azimuth_deg": np.degrees(np.arctan2(away_m[:, 0, 1], away_m[:, 0, 0])) % 360,
        "off_aim_deg": _between_deg(poses.forward[:, 0], -away_m[:, 0]),
        "closest_m": np.linalg.norm(away_m, axis=-1).min(axis=1),
        "peak_speed_mps": steps_m.max(axis=1, initial=0.0) * fps,
        "peak_turn_degps": turns_deg.max(axis=1, initial=0.0) * fps,
        "replay_error_m": np.linalg.norm(replayed.position_m - poses.position_m, axis=-1).max(axis=1),
        "replay_error_deg": _angle_deg(replayed.rotation, poses.rotation).max(axis=1),
    }


def _amplitudes(
    poses: CameraPose,
    away_m: Float[np.ndarray, "clips frames 3"],
    done: Float[np.ndarray, "clips"],
    *,
    is_chord: bool,
) -> dict[str, np.ndarray]:
    right, down, ahead = np.moveaxis(poses.rotation, -1, 0)
    steps_m = np.linalg.norm(np.diff(away_m, axis=1), axis=-1)
    if is_chord:
        # Along a chord, position is linear in progress and the angle is not.
        end_m = away_m[:, 0] + (away_m[:, -1] - away_m[:, 0]) / done[:, None]
        arc_deg = _unwound_deg(np.stack([away_m[:, 0], end_m], axis=1)[..., 1::-1])
    else:
        arc_deg = _unwound_deg(away_m[..., 1::-1]) / done
    # A level right axis knows the heading, and with it the pitch, also of a camera that looks straight down.
    return {
        "pan_deg": _unwound_deg(np.stack([right[..., 0], -right[..., 1]], axis=-1)) / done,
        "tilt_deg": _unwound_deg(np.stack([ahead[..., 2], -down[..., 2]], axis=-1)) / done,
        "arc_deg": arc_deg,
        "path_ratio": steps_m.sum(axis=1) / np.linalg.norm(away_m[:, 0], axis=-1) / done,
    }


def _unwound_deg(sine_cosine: Float[np.ndarray, "clips frames 2"]) -> Float[np.ndarray, "clips"]:
    angle = np.unwrap(np.arctan2(sine_cosine[..., 0], sine_cosine[..., 1]), axis=1)
    return np.degrees(angle[:, -1] - angle[:, 0])


def _angle_deg(
    a: Float[np.ndarray, "*batch 3 3"], b: Float[np.ndarray, "*batch 3 3"]
) -> Float[np.ndarray, "*batch"]:
    """Angle between rotations; the chord keeps small angles that an arc cosine would lose."""
    chord = np.linalg.norm(a - b, axis=(-2, -1)) / np.sqrt(8)
    return np.degrees(2 * np.arcsin(np.minimum(chord, 1.0)))


def _between_deg(
    a: Float[np.ndarray, "*batch 3"], b: Float[np.ndarray, "*batch 3"]
) -> Float[np.ndarray, "*batch"]:
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(-1)))


def _progress(rows: Sequence[PoseRow], frames: int) -> Float[np.ndarray, "clips frames"]:
    times = {base: time_fractions(frames, base) for base in get_args(TimeBase)}
    time = np.stack([times.get(row.time_base, times["closed"]) for row in rows])
    return speed_curve(time, np.array([[row.speed_a] for row in rows]))


def _done(rows: Sequence[PoseRow], progress: Float[np.ndarray, "clips frames"]) -> Float[np.ndarray, "clips"]:
    """Share of the move done in the last frame; eased moves have come to rest by then."""
    is_eased = np.array([row.speed_class == "eased" for row in rows])
    return np.where(is_eased | (progress[:, -1] == 0), 1.0, progress[:, -1])


def _moves(rows: Sequence[PoseRow]) -> Moves:
    """What the rows' columns describe; an absent parameter counts as no movement."""
    kind = np.array([KINDS.index(row.motion) if row.motion in KINDS else -1 for row in rows])
    moves = Moves.empty(kind)
    for i, row in enumerate(rows):
        points_m = np.reshape(row.waypoints_m or (0.0, 0.0, 1e-9), (-1, 3))[:MAX_WAYPOINTS]
        moves.waypoints_m[i, : len(points_m)] = points_m
        moves.waypoint_count[i] = len(points_m)
        moves.direction[i] = row.direction or (0.0, 0.0, 0.0)
        moves.is_tracking[i] = row.is_tracking
        for name in ("angle_deg", "tilt_deg", "distance_m"):
            getattr(moves, name)[i] = getattr(row, name) or 0.0
    return moves
