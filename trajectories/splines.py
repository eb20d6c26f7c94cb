"""Curves from the origin through waypoints, as a function of progress.

``catmull_rom``: centripetal Catmull-Rom; progress is the share of the curve's length, so the speed follows
the speed curve. ``unreal_keys``: as in the published files, Unreal's auto-clamped keys at equal times; the
camera eases between waypoints and stops at each; progress is time.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

Spline = Literal["catmull_rom", "unreal_keys"]
SAMPLES_PER_SEGMENT = 32
Points = Float[np.ndarray, "batch points 3"]
Offsets = Float[np.ndarray, "3 batch frames"]
Coefficients = Float[np.ndarray, "4 batch segments 3"]


def curve_offsets(
    waypoints_m: Float[np.ndarray, "batch waypoints 3"],
    waypoint_count: Float[np.ndarray, "batch"],
    progress: Float[np.ndarray, "batch frames"],
    spline: Spline = "catmull_rom",
) -> Offsets:
    """Offsets from the start at each progress; the axes x, y, z come first."""
    follow = _catmull_rom if spline == "catmull_rom" else _eased
    return _by_count(waypoints_m, waypoint_count, lambda points, rows: follow(points, progress[rows]))


def curve_length_m(
    waypoints_m: Float[np.ndarray, "batch waypoints 3"],
    waypoint_count: Float[np.ndarray, "batch"],
    spline: Spline = "catmull_rom",
) -> Float[np.ndarray, "batch"]:
    """Length of each curve; it scales with the waypoints."""
    length = _catmull_rom_lengths if spline == "catmull_rom" else _straight_lengths
    return _by_count(waypoints_m, waypoint_count, lambda points, _: length(points)[:, -1])


def _by_count(
    waypoints_m: Float[np.ndarray, "batch waypoints 3"],
    waypoint_count: Float[np.ndarray, "batch"],
    of_points: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> np.ndarray:
    """Apply ``of_points(points, rows)`` to the curves of each waypoint count; return results in row order.

    The rows of a result are its second to last axis, or its only one.
    """
    parts, order = [], []
    for count in np.unique(waypoint_count):
        rows = np.flatnonzero(waypoint_count == count)
        origin = np.zeros((len(rows), 1, 3))
        parts.append(of_points(np.concatenate([origin, waypoints_m[rows, : int(count)]], axis=1), rows))
        order.append(rows)
    axis = max(parts[0].ndim - 2, 0)
    return np.concatenate(parts, axis=axis).take(np.argsort(np.concatenate(order)), axis=axis)


def _catmull_rom(points_m: Points, progress: Float[np.ndarray, "batch frames"]) -> Offsets:
    """Offsets at a share ``progress`` of the curve's length."""
    segments = points_m.shape[1] - 1
    if segments == 1:
        return progress * points_m[:, 1].T[..., None]
    coefficients = _coefficients(points_m)
    edges_m = _lengths(coefficients)
    along = _samples_at(edges_m, progress * edges_m[:, -1:]) / SAMPLES_PER_SEGMENT
    segment = np.minimum(along.astype(np.int64), segments - 1)
    return _polynomial(coefficients, segment, along - segment)


def _eased(points_m: Points, progress: Float[np.ndarray, "batch frames"]) -> Offsets:
    """Offsets of an eased move from waypoint to waypoint, in equal times."""
    segments = points_m.shape[1] - 1
    along = progress * segments
    segment = np.minimum(along.astype(np.int64), segments - 1)
    u = along - segment
    eased = u * u * (3 - 2 * u)
    steps = np.diff(points_m, axis=1)
    offsets = [
        np.take_along_axis(points_m[..., axis], segment, 1)
        + eased * np.take_along_axis(steps[..., axis], segment, 1)
        for axis in range(3)
    ]
    return np.stack(offsets)


def _samples_at(
    edges: Float[np.ndarray, "batch samples"], values: Float[np.ndarray, "batch frames"]
) -> Float[np.ndarray, "batch frames"]:
    """Position of each value among the rising edges of its row, in samples, interpolated linearly."""
    rows, samples = edges.shape
    # One search for all rows: each row gets a separate interval of the number line.
    stretch = edges[:, -1:] + 1.0
    offset = np.concatenate([np.zeros((1, 1)), np.cumsum(stretch, axis=0)[:-1]])
    found = np.searchsorted((edges + offset).ravel(), (values + offset).ravel(), side="right")
    first = samples * np.arange(rows)[:, None]
    last, flat = first + samples - 2, edges.ravel()
    left = np.clip(found.reshape(values.shape) - 1, first, last)
    # The offset rounds; compare again without it, so that a rig does not depend on the batch it is in.
    left -= (values < flat.take(left)) & (left > first)
    left += (values >= flat.take(left + 1)) & (left < last)
    before = flat.take(left)
    return left - first + (values - before) / (flat.take(left + 1) - before)


def _lengths(coefficients: Coefficients) -> Float[np.ndarray, "batch samples"]:
    """Length of the curve up to evenly spaced parameters, as a sum of chords."""
    u = np.arange(SAMPLES_PER_SEGMENT + 1) / SAMPLES_PER_SEGMENT
    _, c1, c2, c3 = np.moveaxis(coefficients, -1, 1)[..., None]
    steps = c1 * np.diff(u)
    steps += c2 * np.diff(u**2)
    steps += c3 * np.diff(u**3)
    x, y, z = steps.reshape(3, coefficients.shape[1], -1)
    lengths = np.zeros((x.shape[0], x.shape[1] + 1))
    np.cumsum(np.sqrt(x * x + y * y + z * z), axis=1, out=lengths[:, 1:])
    return lengths


def _catmull_rom_lengths(points_m: Points) -> Float[np.ndarray, "batch samples"]:
    if points_m.shape[1] == 2:
        return _straight_lengths(points_m)
    return _lengths(_coefficients(points_m))


def _straight_lengths(points_m: Points) -> Float[np.ndarray, "batch samples"]:
    return np.cumsum(np.linalg.norm(np.diff(points_m, axis=1), axis=-1), axis=1)


def _polynomial(
    coefficients: Coefficients,
    segment: Int[np.ndarray, "batch frames"],
    fraction: Float[np.ndarray, "batch frames"],
) -> Offsets:
    """Value of a segment's cubic at a fraction of the segment (Horner's scheme)."""
    segments = coefficients.shape[2]
    place = segment + segments * np.arange(len(segment))[:, None]
    flat = np.ascontiguousarray(np.moveaxis(coefficients, -1, 1)).reshape(4, 3, -1)
    c0, c1, c2, c3 = flat.take(place, axis=-1)
    return ((c3 * fraction + c2) * fraction + c1) * fraction + c0


def _coefficients(points_m: Points) -> Coefficients:
    """Cubics of the centripetal Catmull-Rom curve over unit parameter steps; the ends are mirrored."""
    steps = points_m[:, 1:] - points_m[:, :-1]
    padded = np.concatenate([steps[:, :1], steps, steps[:, -1:]], axis=1)
    x, y, z = np.moveaxis(padded, -1, 0)
    step = np.sqrt(np.sqrt(x * x + y * y + z * z))[..., None]
    slope = padded / step
    tangent = (step[:, 1:] * slope[:, :-1] + step[:, :-1] * slope[:, 1:]) / (step[:, :-1] + step[:, 1:])
    inner = step[:, 1:-1]
    p0, p1 = points_m[:, :-1], points_m[:, 1:]
    m0, m1 = tangent[:, :-1] * inner, tangent[:, 1:] * inner
    return np.stack([p0, m0, 3 * (p1 - p0) - 2 * m0 - m1, 2 * (p0 - p1) + m0 + m1])
