"""Centripetal Catmull-Rom curves from the origin through waypoints, run at even pace."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float, Int

SAMPLES_PER_SEGMENT = 32


def travelled(
    waypoints_m: Float[np.ndarray, "batch waypoints 3"],
    waypoint_count: Float[np.ndarray, "batch"],
    progress: Float[np.ndarray, "batch frames"],
) -> Float[np.ndarray, "batch frames 3"]:
    """Offsets from the start after each fraction ``progress`` of the curve's length."""
    return _each_count(waypoints_m, waypoint_count, lambda points, rows: _walk(points, progress[rows]))


def curve_length_m(
    waypoints_m: Float[np.ndarray, "batch waypoints 3"], waypoint_count: Float[np.ndarray, "batch"]
) -> Float[np.ndarray, "batch"]:
    """Length of each curve; scaling the waypoints scales it alike."""
    return _each_count(waypoints_m, waypoint_count, lambda points, _: _knots(points)[1][:, -1])


def _each_count(
    waypoints_m: Float[np.ndarray, "batch waypoints 3"],
    waypoint_count: Float[np.ndarray, "batch"],
    of_points: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> Float[np.ndarray, "batch ..."]:
    """Apply ``of_points(points, rows)`` to curves of equal waypoint count, and put the rows back in order."""
    parts, order = [], []
    for count in np.unique(waypoint_count):
        rows = np.flatnonzero(waypoint_count == count)
        origin = np.zeros((len(rows), 1, 3))
        parts.append(of_points(np.concatenate([origin, waypoints_m[rows, : int(count)]], axis=1), rows))
        order.append(rows)
    return np.concatenate(parts)[np.argsort(np.concatenate(order))]


def _walk(
    points_m: Float[np.ndarray, "batch points 3"], progress: Float[np.ndarray, "batch frames"]
) -> Float[np.ndarray, "batch frames 3"]:
    parameter, length_m = _knots(points_m)
    wanted_m = progress * length_m[:, -1:]
    left = _bins(length_m, wanted_m)
    before, after = np.take_along_axis(length_m, left, 1), np.take_along_axis(length_m, left + 1, 1)
    found = parameter[left] + (wanted_m - before) / (after - before) * parameter[1]
    segments = points_m.shape[1] - 1
    segment = np.minimum(found.astype(np.int64), segments - 1)
    return _evaluate(points_m, segment, found - segment)


def _bins(
    edges: Float[np.ndarray, "batch samples"], values: Float[np.ndarray, "batch frames"]
) -> Int[np.ndarray, "batch frames"]:
    """For each value the bin of its own row's edges that holds it."""
    rows, samples = edges.shape
    # One search for all rows: each row gets its own stretch of the number line.
    stretch = edges[:, -1:] + 1.0
    offset = np.concatenate([np.zeros((1, 1)), np.cumsum(stretch, axis=0)[:-1]])
    found = np.searchsorted((edges + offset).ravel(), (values + offset).ravel(), side="right")
    left = found.reshape(values.shape) - 1 - samples * np.arange(rows)[:, None]
    left = np.clip(left, 0, samples - 2)
    # The offset rounds; settle ties in the row's own numbers, so that slicing never changes a rig.
    left = left - ((values < np.take_along_axis(edges, left, 1)) & (left > 0))
    return left + ((values >= np.take_along_axis(edges, left + 1, 1)) & (left < samples - 2))


def _knots(
    points_m: Float[np.ndarray, "batch points 3"],
) -> tuple[Float[np.ndarray, "samples"], Float[np.ndarray, "batch samples"]]:
    """Curve parameter at samples (segment index + fraction), and the length travelled up to each."""
    segments = points_m.shape[1] - 1
    parameter = np.linspace(0.0, segments, segments * SAMPLES_PER_SEGMENT + 1)
    segment = np.minimum(parameter.astype(np.int64), segments - 1)
    rows = (len(points_m), 1)
    points = _evaluate(points_m, np.tile(segment, rows), np.tile(parameter - segment, rows))
    chords = np.linalg.norm(np.diff(points, axis=1), axis=-1)
    return parameter, np.concatenate([np.zeros((len(points_m), 1)), np.cumsum(chords, axis=1)], axis=1)


def _evaluate(
    points_m: Float[np.ndarray, "batch points 3"],
    segment: Int[np.ndarray, "batch frames"],
    fraction: Float[np.ndarray, "batch frames"],
) -> Float[np.ndarray, "batch frames 3"]:
    """Cubic Hermite form of the curve within each segment."""
    tangents = _tangents(points_m)
    here, there = segment[..., None], segment[..., None] + 1
    p0, p1 = np.take_along_axis(points_m, here, 1), np.take_along_axis(points_m, there, 1)
    m0, m1 = np.take_along_axis(tangents[:, :, 0], here, 1), np.take_along_axis(tangents[:, :, 1], here, 1)
    u = fraction[..., None]
    return (
        (2 * u**3 - 3 * u**2 + 1) * p0
        + (u**3 - 2 * u**2 + u) * m0
        + (3 * u**2 - 2 * u**3) * p1
        + (u**3 - u**2) * m1
    )


def _tangents(points_m: Float[np.ndarray, "batch points 3"]) -> Float[np.ndarray, "batch segments 2 3"]:
    """Start and end tangents of every segment, scaled to a unit parameter step; ends are mirrored."""
    before = 2 * points_m[:, :1] - points_m[:, 1:2]
    after = 2 * points_m[:, -1:] - points_m[:, -2:-1]
    padded = np.concatenate([before, points_m, after], axis=1)
    step = np.sqrt(np.linalg.norm(np.diff(padded, axis=1), axis=-1))[..., None]
    slope = np.diff(padded, axis=1) / step
    at_point = (step[:, 1:] * slope[:, :-1] + step[:, :-1] * slope[:, 1:]) / (step[:, :-1] + step[:, 1:])
    inner = step[:, 1:-1]
    return np.stack([at_point[:, :-1] * inner, at_point[:, 1:] * inner], axis=2)
