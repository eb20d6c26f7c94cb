"""Subjects that move, from optical axes alone: in each frame, the point where most axes of a rig meet.

Only cameras that move are used: the axes of others do not show what they aim at.
"""

import numpy as np
from jaxtyping import Bool, Float, Int

from .subjects import meeting_points

_LEAST_SHARE, _FEWEST = 0.5, 3
_MET_RAD = 2e-3
Vectors = Float[np.ndarray, "3 clips frames"]


def moving_subjects_of(
    position_m: Vectors,
    forward: Vectors,
    starts: Int[np.ndarray, "takes"],
    subject_m: Float[np.ndarray, "clips 3"],
    frames: Int[np.ndarray, "frames"],
) -> tuple[Vectors, Bool[np.ndarray, "clips"]]:
    """The point that the cameras of each clip's rig aim at in each frame, and whether it moves.

    ``frames`` are the numbers of the frames, ``subject_m`` is the best point for all of them. If most cameras
    that move aim at it, the subject does not move; nor if there is no point in each frame at which most of
    them aim. At the start, where axes may be one line, the point is the nearest one to the continuation of
    the others.
    """
    points_m = np.repeat(subject_m.T[..., None], position_m.shape[-1], axis=2)
    counts = np.diff(starts, append=position_m.shape[1])
    moves = np.abs(position_m - position_m[..., :1]).max(axis=(0, 2)) > 1e-3
    is_lost = ~_most(_is_met(position_m, forward, points_m), moves, starts)
    rigs = np.flatnonzero(is_lost & (np.add.reduceat(moves, starts) >= _FEWEST)) if len(starts) else starts
    chosen = np.isin(np.repeat(np.arange(len(starts)), counts), rigs)
    moved = np.zeros(len(moves), dtype=bool)
    if position_m.shape[-1] < 4 or not chosen.any():
        return points_m, moved
    place_m, ahead, some = position_m[:, chosen], forward[:, chosen], moves[chosen]
    first = np.concatenate([[0], np.cumsum(counts[rigs])[:-1]])
    found_m = np.stack(
        [
            meeting_points(place_m[..., frame], ahead[..., frame], some, first)
            for frame in range(position_m.shape[-1])
        ],
        axis=-1,
    )
    found_m[..., 0] = _continued(found_m, place_m[..., 0], ahead[..., 0], frames)
    is_met = _most(_is_met(place_m, ahead, found_m), some, first)
    moved[chosen] = np.repeat(is_met, counts[rigs])
    points_m[:, moved] = found_m[:, moved[chosen]]
    return points_m, moved


def _is_met(position_m: Vectors, forward: Vectors, points_m: Vectors) -> Bool[np.ndarray, "clips"]:
    """Whether the axes of each clip go through the points in all frames."""
    toward = points_m - position_m
    toward = toward / np.sqrt((toward**2).sum(axis=0))
    return np.asarray(np.sqrt(((forward - toward) ** 2).sum(axis=0).max(axis=1)) < _MET_RAD)


def _most(
    is_met: Bool[np.ndarray, "clips"], moves: Bool[np.ndarray, "clips"], starts: Int[np.ndarray, "takes"]
) -> Bool[np.ndarray, "takes"]:
    """Whether most moving cameras of each rig are met."""
    if not len(starts):
        return np.zeros(0, dtype=bool)
    return np.asarray(np.add.reduceat(is_met & moves, starts) > _LEAST_SHARE * np.add.reduceat(moves, starts))


def _continued(
    points_m: Vectors,
    position_m: Float[np.ndarray, "3 clips"],
    forward: Float[np.ndarray, "3 clips"],
    frames: Int[np.ndarray, "frames"],
) -> Float[np.ndarray, "3 clips"]:
    """The point on each first axis that is nearest to the parabola through the points of later frames."""
    later_m = points_m[..., 1:].reshape(-1, len(frames) - 1)
    start_m = np.polynomial.polynomial.polyfit(frames[1:] - frames[0], later_m.T, 2)[0].reshape(
        points_m.shape[:2]
    )
    ahead_m = ((start_m - position_m) * forward).sum(axis=0)
    return position_m + ahead_m * forward
