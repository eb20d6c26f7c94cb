"""What poses themselves say about each clip, measured without trusting the columns that describe them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import get_args

import numpy as np
from jaxtyping import Float

from .motions import Arc, Motion, Pan, RandomMove, Static, Tilt, Translation
from .poses import CameraPose
from .rules import MAX_WAYPOINTS
from .speed import TimeBase, speed_curve, time_fractions
from .table import PoseRow, PoseTable

_ROWS_AT_ONCE = 2048


@dataclass(frozen=True, kw_only=True)
class Measures:
    """One number per clip; everything but the two replay errors comes from poses and subject alone.

    Attributes:
        radius_m: start distance from the subject.
        elevation_deg: start elevation above the subject.
        azimuth_deg: start direction seen from the subject, counter-clockwise from world +X, 0 to 360.
        off_aim_deg: angle between the first optical axis and the subject.
        amplitude: signed degrees of a pan, tilt or arc; path length over start distance of a translation or
            random move; 0 of a static camera. Scaled to the whole move where the last frame stops short.
        path_m: length travelled from first to last frame.
        closest_m: smallest distance from the subject.
        peak_speed_mps, peak_turn_degps: largest step between frames, per second.
        replay_error_m, replay_error_deg: largest distance of any frame from the move its columns describe.
    """

    radius_m: Float[np.ndarray, "clips"]
    elevation_deg: Float[np.ndarray, "clips"]
    azimuth_deg: Float[np.ndarray, "clips"]
    off_aim_deg: Float[np.ndarray, "clips"]
    amplitude: Float[np.ndarray, "clips"]
    path_m: Float[np.ndarray, "clips"]
    closest_m: Float[np.ndarray, "clips"]
    peak_speed_mps: Float[np.ndarray, "clips"]
    peak_turn_degps: Float[np.ndarray, "clips"]
    replay_error_m: Float[np.ndarray, "clips"]
    replay_error_deg: Float[np.ndarray, "clips"]


def measure(table: PoseTable) -> Measures:
    """Measure every clip of a table whose poses are proper."""
    names = [f.name for f in fields(Measures)]
    found = {name: np.zeros(len(table)) for name in names}
    for motion, index in _by_motion(table):
        rows = [table.rows[i] for i in index]
        part = _measured(motion, rows, table.poses[index])
        for name in names:
            found[name][index] = part[name]
    return Measures(**found)


def _by_motion(table: PoseTable) -> Iterator[tuple[str, np.ndarray]]:
    motions = np.array([row.motion for row in table.rows])
    for motion in np.unique(motions):
        index = np.flatnonzero(motions == motion)
        yield from (
            (str(motion), part) for part in np.split(index, range(_ROWS_AT_ONCE, len(index), _ROWS_AT_ONCE))
        )


def _measured(motion: str, rows: Sequence[PoseRow], poses: CameraPose) -> dict[str, np.ndarray]:
    subject_m = np.array([row.subject_m for row in rows])
    fps = np.array([row.fps for row in rows])
    progress = _progress(rows, poses.position_m.shape[1])
    x, y, z = (poses.position_m[:, 0] - subject_m).T
    radius_m = np.sqrt(x**2 + y**2 + z**2)
    to_subject = np.stack([-x, -y, -z], axis=-1)
    steps_m = np.linalg.norm(np.diff(poses.position_m, axis=1), axis=-1)
    turns_deg = _angle_deg(poses.rotation[:, 1:], poses.rotation[:, :-1])
    replayed = _motion_of(motion, rows).poses(poses[:, 0], subject_m, progress)
    swept = _swept_deg(motion, poses, subject_m)
    amplitude = swept if swept is not None else steps_m.sum(axis=1) / radius_m
    return {
        "radius_m": radius_m,
        "elevation_deg": np.degrees(np.arcsin(z / radius_m)),
        "azimuth_deg": np.degrees(np.arctan2(y, x)) % 360,
        "off_aim_deg": _between_deg(poses.forward[:, 0], to_subject),
        "amplitude": amplitude / np.where(progress[:, -1] > 0, progress[:, -1], 1.0),
        "path_m": steps_m.sum(axis=1),
        "closest_m": np.linalg.norm(poses.position_m - subject_m[:, None], axis=-1).min(axis=1),
        "peak_speed_mps": steps_m.max(axis=1, initial=0.0) * fps,
        "peak_turn_degps": turns_deg.max(axis=1, initial=0.0) * fps,
        "replay_error_m": np.linalg.norm(replayed.position_m - poses.position_m, axis=-1).max(axis=1),
        "replay_error_deg": _angle_deg(replayed.rotation, poses.rotation).max(axis=1),
    }


def _swept_deg(
    motion: str, poses: CameraPose, subject_m: Float[np.ndarray, "clips 3"]
) -> Float[np.ndarray, "clips"] | None:
    """Signed angle from first to last frame of a motion that has one."""
    match motion:
        case "pan":
            # The right axis stays level, so it knows the heading even of a camera that looks straight down.
            right = poses.rotation[..., 0]
            return _unwound_deg(right[..., 0], -right[..., 1])
        case "tilt":
            first, last = poses.forward[:, 0], poses.forward[:, -1]
            sine = (np.cross(first, last) * poses.rotation[:, 0, :, 0]).sum(-1)
            return np.degrees(np.arctan2(sine, (first * last).sum(-1)))
        case "arc":
            offset_m = poses.position_m - subject_m[:, None]
            return _unwound_deg(offset_m[..., 1], offset_m[..., 0])
        case _:
            return None


def _unwound_deg(
    sine: Float[np.ndarray, "clips frames"], cosine: Float[np.ndarray, "clips frames"]
) -> Float[np.ndarray, "clips"]:
    angle = np.unwrap(np.arctan2(sine, cosine), axis=1)
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


def _motion_of(motion: str, rows: Sequence[PoseRow]) -> Motion:
    """The motion that the rows' columns describe; an absent parameter counts as no movement."""

    def column(name: str) -> Float[np.ndarray, "clips"]:
        return np.array([getattr(row, name) or 0.0 for row in rows], dtype=np.float64)

    match motion:
        case "pan":
            return Pan(angle_deg=column("angle_deg"))
        case "tilt":
            return Tilt(angle_deg=column("angle_deg"))
        case "arc":
            return Arc(angle_deg=column("angle_deg"))
        case "translation":
            return Translation(
                direction=np.array([row.direction or (0.0, 0.0, 0.0) for row in rows], dtype=np.float64),
                distance_m=column("distance_m"),
                is_tracking=np.array([row.is_tracking for row in rows]),
            )
        case "random":
            return _random_move(rows)
        case _:
            return Static()


def _random_move(rows: Sequence[PoseRow]) -> RandomMove:
    nowhere = (0.0, 0.0, 1e-9)
    paths = [np.reshape(row.waypoints_m or nowhere, (-1, 3))[:MAX_WAYPOINTS] for row in rows]
    waypoints_m = np.zeros((len(rows), MAX_WAYPOINTS, 3))
    for offsets_m, points_m in zip(waypoints_m, paths, strict=True):
        offsets_m[: len(points_m)] = points_m
    count = np.array([float(len(points_m)) for points_m in paths])
    return RandomMove(waypoints_m=waypoints_m, waypoint_count=count)
