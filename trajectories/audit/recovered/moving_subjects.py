"""Subjects that move, from optical axes alone: the path that most turning cameras of a rig follow.

Over the ground the path is straight and its speed constant, or else a cubic function of time; the height is
free in each frame. The first axes of all cameras go through its start. Only cameras that move and turn are
followed: the axes of others do not show what they aim at.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from .subjects import HALF_WEIGHTS

TARGETS = ("fixed", "moving", "unknown")
# The powers of time in the path over the ground: the first that explains the axes is used.
_DEGREES = (1, 3)
_LEAST_SHARE, _FEWEST = 0.5, 2
_MET_RAD, _TURNED_RAD, _MOVED_M, _APART_M = 2e-3, 1e-3, 1e-3, 0.01
# A subject moves a little if the axes miss the best fixed point by more than the one, its path by less than
# the other.
_NEAR_RAD, _EXACT_RAD = 5e-4, 1e-4
# Directions have errors of this size, if they have 6 digits; a start with a larger error is unknown.
_NOISE_RAD, _LARGEST_ERROR_M = 1e-6, 5e-3
Vectors = Float[np.ndarray, "3 clips frames"]


@dataclass(frozen=True, kw_only=True)
class AimPoints:
    """What the tracking cameras of each clip's rig aim at.

    Attributes:
        points_m: the point in each frame; NaN if it is unknown.
        target: one of ``TARGETS``.
    """

    points_m: Vectors
    target: np.ndarray


def aim_points_of(
    position_m: Vectors,
    forward: Vectors,
    starts: Int[np.ndarray, "takes"],
    subject_m: Float[np.ndarray, "clips 3"],
    frames: Int[np.ndarray, "frames"],
) -> AimPoints:
    """Fixed points or paths; ``frames`` are the numbers of the frames, ``subject_m`` is the best fixed point.

    A point is fixed if most cameras that move and turn aim at it. If they follow a path instead, it moves;
    its points are unknown if a single camera follows it, or if the axes do not determine its start. If there
    is neither, the best fixed point remains.
    """
    points_m = np.repeat(subject_m.T[..., None], position_m.shape[-1], axis=2)
    target = np.full(len(subject_m), "unknown")
    if not len(starts):
        return AimPoints(points_m=points_m, target=target)
    counts = np.diff(starts, append=len(subject_m))
    turns = (_extent(position_m) > _MOVED_M) & (_extent(forward) > _TURNED_RAD)
    missed_rad = _missed_rad(position_m, forward, points_m)
    is_fixed, is_near = (_most(missed_rad < limit, turns, starts) for limit in (_MET_RAD, _NEAR_RAD))
    target[np.repeat(is_fixed, counts)] = "fixed"
    is_lost = ~is_near & np.logical_or.reduceat(turns, starts)
    for degree in _DEGREES[: len(frames) - 2]:
        chosen = np.repeat(is_lost, counts)
        if not chosen.any():
            break
        first = np.cumsum(counts[is_lost]) - counts[is_lost]
        axes = position_m[:, chosen], forward[:, chosen], turns[chosen]
        found_m, outcome = _followed(*axes, first, _basis(frames, degree))
        rows = np.flatnonzero(chosen)
        is_better = np.where(target[rows] == "fixed", outcome == "exact", outcome != "not found")
        points_m[:, rows[is_better]] = found_m[:, is_better]
        target[rows[is_better]] = np.where(outcome == "exact", "moving", outcome)[is_better]
        is_lost[is_lost] = ~is_better[first]
    target[(target == "moving") & (_extent(points_m) < _APART_M)] = "fixed"
    return AimPoints(points_m=points_m, target=target)


def _followed(
    position_m: Vectors,
    forward: Vectors,
    turns: Bool[np.ndarray, "clips"],
    starts: Int[np.ndarray, "takes"],
    basis: Float[np.ndarray, "frames 3 numbers"],
) -> tuple[Vectors, np.ndarray]:
    """The path that most turning cameras of each rig follow, and of each clip, whether there is one.

    That is ``exact``, ``moving`` (met less closely), ``unknown`` or ``not found``. It is unknown, and NaN, if
    the axes do not determine where it starts, or if one camera alone follows it.
    """
    counts = np.diff(starts, append=len(turns))
    path_m, least_error_m, error_m = _paths(position_m, forward, turns, starts, basis)
    missed_rad = _missed_rad(position_m, forward, path_m)
    is_met, is_sure = missed_rad < _MET_RAD, error_m < _LARGEST_ERROR_M
    is_determined = least_error_m < _LARGEST_ERROR_M
    is_path, is_exact = (_most(missed_rad < limit, turns, starts) for limit in (_MET_RAD, _EXACT_RAD))
    is_shared = np.add.reduceat(is_met & turns, starts, dtype=np.int64) >= _FEWEST
    choices = {
        "exact": is_exact & is_sure & is_shared,
        "moving": is_path & is_sure & is_shared,
        "unknown": is_path | ~is_determined | ~_differ(position_m, turns, starts),
    }
    outcome = np.repeat(np.select(list(choices.values()), list(choices), "not found"), counts)
    path_m[:, outcome == "unknown"] = np.nan
    return path_m, outcome


def _differ(
    position_m: Vectors, turns: Bool[np.ndarray, "clips"], starts: Int[np.ndarray, "takes"]
) -> Bool[np.ndarray, "takes"]:
    """Whether the turning cameras of each rig are at different places: those of one have no parallax."""
    low_m = np.minimum.reduceat(np.where(turns[:, None], position_m, np.inf), starts, axis=1)
    high_m = np.maximum.reduceat(np.where(turns[:, None], position_m, -np.inf), starts, axis=1)
    return np.asarray((high_m - low_m).max(axis=(0, 2)) > _APART_M)


def _extent(values: Vectors) -> Float[np.ndarray, "clips"]:
    """Largest distance from the first value."""
    return np.sqrt(((values - values[..., :1]) ** 2).sum(axis=0).max(axis=1))


def _missed_rad(position_m: Vectors, forward: Vectors, points_m: Vectors) -> Float[np.ndarray, "clips"]:
    """Largest angle (chord) between the axes of each clip and the directions of the points."""
    toward = points_m - position_m
    toward = toward / np.sqrt((toward**2).sum(axis=0))
    return np.asarray(np.sqrt(((forward - toward) ** 2).sum(axis=0).max(axis=1)))


def _most(
    is_met: Bool[np.ndarray, "clips"], turns: Bool[np.ndarray, "clips"], starts: Int[np.ndarray, "takes"]
) -> Bool[np.ndarray, "takes"]:
    """Whether most turning cameras of each rig are met."""
    met = np.add.reduceat(is_met & turns, starts, dtype=np.int64)
    return met > _LEAST_SHARE * np.add.reduceat(turns, starts, dtype=np.int64)


def _basis(frames: Int[np.ndarray, "frames"], degree: int) -> Float[np.ndarray, "frames 3 numbers"]:
    """Points as a linear function of the numbers of a path: x and y per power of time, z per frame."""
    time = (frames - frames[0]) / (frames[-1] - frames[0])
    powers, ground = np.vander(time, degree + 1, increasing=True), 2 * (degree + 1)
    basis = np.zeros((len(frames), 3, ground + len(frames)))
    basis[:, 0, 0:ground:2] = basis[:, 1, 1:ground:2] = powers
    basis[:, 2, ground:] = np.eye(len(frames))
    return basis


def _paths(
    position_m: Vectors,
    forward: Vectors,
    turns: Bool[np.ndarray, "clips"],
    starts: Int[np.ndarray, "takes"],
    basis: Float[np.ndarray, "frames 3 numbers"],
) -> tuple[Vectors, Float[np.ndarray, "takes"], Float[np.ndarray, "takes"]]:
    """The path closest to most axes of each clip's rig, by iterated least squares.

    Each camera has one weight for all its frames, and one for its first axis. The errors of its start are
    those that rounding causes at least, and those that follow from how far the axes miss it.
    """
    counts = np.diff(starts, append=position_m.shape[1])
    origin_m = np.repeat(position_m[:, starts, :1], counts, axis=1)
    place_m, ahead = (np.moveaxis(part, 0, -1) for part in (position_m - origin_m, forward))
    size_m = np.repeat(np.maximum.reduceat(np.abs(place_m).max(axis=(1, 2)), starts) + 1e-3, counts)
    across = np.eye(3) - ahead[..., :, None] * ahead[..., None, :]
    nearest_m = place_m - (place_m * ahead).sum(axis=-1, keepdims=True) * ahead
    flat = basis.reshape(-1, basis.shape[-1])
    weights, first_weights = turns.astype(np.float64), np.ones(len(turns))
    for half_weight in HALF_WEIGHTS:
        each = np.repeat(weights[:, None], place_m.shape[1], axis=1)
        each[:, 0] += first_weights
        normal = np.add.reduceat(each[..., None, None] * across, starts) @ basis
        normal = flat.T @ normal.reshape(len(starts), *flat.shape)
        right = np.add.reduceat(each[..., None] * nearest_m, starts).reshape(len(starts), -1) @ flat
        regular = normal + 1e-13 * np.trace(normal, axis1=1, axis2=2)[:, None, None] * np.eye(flat.shape[1])
        path_m = (np.linalg.solve(regular, right[..., None])[..., 0] @ flat.T).reshape(len(starts), -1, 3)
        toward_m = np.repeat(path_m, counts, axis=0) - place_m
        missed_m2 = ((across @ toward_m[..., None])[..., 0] ** 2).sum(axis=-1)
        unit_m2 = (half_weight * size_m) ** 2
        weights = turns * unit_m2 / (unit_m2 + missed_m2.mean(axis=1))
        first_weights = unit_m2 / (unit_m2 + missed_m2[:, 0])
    points_m = np.moveaxis(toward_m + place_m, -1, 0) + origin_m
    distance_m = np.sqrt((toward_m**2).sum(axis=-1))
    noise_m = _NOISE_RAD * np.maximum.reduceat(size_m + distance_m.max(axis=1), starts)
    # The weights of axes that all miss the path are small, and do not make it less certain.
    error = _error(regular, basis) * np.sqrt(np.maximum.reduceat(np.maximum(weights, first_weights), starts))
    follows = np.where(weights > _LEAST_SHARE, missed_m2.mean(axis=1), 0.0)
    missed_m = np.sqrt(np.maximum.reduceat(follows, starts))
    return points_m, noise_m * error, np.maximum(noise_m, missed_m) * error


def _error(
    normal: Float[np.ndarray, "takes numbers numbers"], basis: Float[np.ndarray, "frames 3 numbers"]
) -> Float[np.ndarray, "takes"]:
    """Standard error of the start of each path, per error of an axis."""
    values, vectors = np.linalg.eigh(normal)
    shares = ((basis[0] @ vectors) ** 2).sum(axis=1)
    return np.sqrt((shares / np.maximum(values, 1e-13 * values[:, -1:])).sum(axis=1))
