"""Poses by scipy's rotations and splines, one camera and one frame at a time.

This is what a script without the vectorised sampler does; it is also the oracle of a test. It supports the
rules of the preset ``paper``: circles, Catmull-Rom splines, and the closed time base.
"""

import math
from itertools import pairwise

import numpy as np
from scipy.interpolate import CubicHermiteSpline
from scipy.spatial.transform import Rotation

from trajectories import ClipRow, ClipTable

_SAMPLES_PER_SEGMENT = 32
_LEVEL = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])


def loop_over_clips(clips: ClipTable) -> np.ndarray:
    """``world_from_camera`` of every clip and frame, from moves and first poses: (clips, frames, 3, 4)."""
    starts = clips.poses.world_from_camera[:, 0]
    return np.array([loop_over_frames(move, start) for move, start in zip(clips, starts, strict=True)])


def loop_over_frames(move: ClipRow, start: np.ndarray) -> np.ndarray:
    """The poses (frames, 3, 4) of one camera."""
    frames, subject_m = move.frames, np.array(move.subject_m)
    curve = _curve(move) if move.motion == "random" else None
    poses = np.empty((frames, 3, 4))
    for frame in range(frames):
        time, a = frame / (frames - 1), move.speed_a
        progress = (1 - math.exp(-a * time)) / (1 - math.exp(-a)) if a else time
        rotation, position_m = start[:, :3], start[:, 3]
        if move.motion == "pan":
            turn = Rotation.from_euler("z", move.angle_deg * progress, degrees=True)
            rotation = (turn * Rotation.from_matrix(rotation)).as_matrix()
        elif move.motion == "tilt":
            turn = Rotation.from_euler("x", move.angle_deg * progress, degrees=True)
            rotation = (Rotation.from_matrix(rotation) * turn).as_matrix()
        elif move.motion == "translation":
            position_m = position_m + progress * move.distance_m * np.array(move.direction)
        elif move.motion == "arc":
            turn = Rotation.from_euler("z", move.angle_deg * progress, degrees=True)
            position_m = subject_m + turn.apply(position_m - subject_m)
        elif curve is not None:
            spline, parameters, lengths_m = curve
            position_m = position_m + spline(np.interp(progress * lengths_m[-1], lengths_m, parameters))
        if move.is_tracking:
            rotation = _aimed(position_m, subject_m)
        poses[frame, :, :3], poses[frame, :, 3] = rotation, position_m
    return poses


def _aimed(position_m: np.ndarray, subject_m: np.ndarray) -> np.ndarray:
    x, y, z = subject_m - position_m
    heading, pitch = math.atan2(y, x), math.atan2(z, math.hypot(x, y))
    return Rotation.from_euler("ZY", [heading, -pitch]).as_matrix() @ _LEVEL


def _curve(move: ClipRow) -> tuple[CubicHermiteSpline, np.ndarray, np.ndarray]:
    """The centripetal Catmull-Rom spline of the waypoints, and its length at even steps of its parameter."""
    points_m = np.vstack([np.zeros(3), np.reshape(move.waypoints_m, (-1, 3))])
    padded = np.vstack([2 * points_m[0] - points_m[1], points_m, 2 * points_m[-1] - points_m[-2]])
    knots = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(padded, axis=0), axis=1) ** 0.5)])
    before, after = np.diff(knots)[:-1, None], np.diff(knots)[1:, None]
    slopes = np.diff(padded, axis=0) / np.diff(knots)[:, None]
    tangents = (after * slopes[:-1] + before * slopes[1:]) / (before + after)
    spline = CubicHermiteSpline(knots[1:-1], points_m, tangents)
    inner = [
        np.linspace(low, high, _SAMPLES_PER_SEGMENT, endpoint=False) for low, high in pairwise(knots[1:-1])
    ]
    parameters = np.append(np.concatenate(inner), knots[-2])
    chords_m = np.linalg.norm(np.diff(spline(parameters), axis=0), axis=1)
    return spline, parameters, np.concatenate([[0], np.cumsum(chords_m)])
