"""Rotations and two-bone inverse kinematics, as row-vector matrices (cm)."""

from math import acos, atan2, cos, degrees, radians, sin, sqrt

import numpy as np
from jaxtyping import Float

from ..characters.skeleton import JointTurn
from ..unreal_space import Number
from .curves import larger, smaller

Rows = Float[np.ndarray, "3 3"]
Vector = Float[np.ndarray, "3"]
# Of the length of a limb: how far it can stretch.
STRETCH = 0.9995
_SHARPEST_BEND_DEG = 152.0


def turn_rows(flex_deg: Number = 0.0, spread_deg: Number = 0.0, twist_deg: Number = 0.0) -> Rows:
    """Return the rotation of a ``JointTurn``, in less time."""
    f, s, t = radians(flex_deg), radians(spread_deg), radians(twist_deg)
    (sf, cf), (ss, cs), (st, ct) = (sin(f), cos(f)), (sin(s), cos(s)), (sin(t), cos(t))
    return np.array(
        [
            [cf * ct + sf * ss * st, cf * st - sf * ss * ct, sf * cs],
            [-cs * st, cs * ct, ss],
            [-sf * ct + cf * ss * st, -sf * st - cf * ss * ct, cf * cs],
        ]
    )


def joint_turn(rows: Rows) -> JointTurn:
    """Return the joint rotation of a matrix; the inverse of ``JointTurn.rows``."""
    return JointTurn(
        flex=degrees(atan2(rows[0, 2], rows[2, 2])),
        spread=degrees(atan2(rows[1, 2], sqrt(rows[1, 0] ** 2 + rows[1, 1] ** 2))),
        twist=degrees(atan2(-rows[1, 0], rows[1, 1])),
    )


def turned_between(first: Rows, second: Rows, share: float) -> Rows:
    """Return the rotation at a share of the shortest way from one rotation to another."""
    step = first.T @ second
    angle = acos(min(1.0, max(-1.0, (float(np.trace(step)) - 1) / 2)))
    if angle < 1e-6:
        return first
    return first @ _about(_axis(step, angle), share * angle)


def _axis(rows: Rows, angle: float) -> Vector:
    # Row-vector matrices turn the other way than their transposes, and so does ``_about``.
    axis = np.array([rows[1, 2] - rows[2, 1], rows[2, 0] - rows[0, 2], rows[0, 1] - rows[1, 0]])
    return axis / (2 * sin(angle))


def _about(axis: Vector, angle: float) -> Rows:
    x, y, z = axis.tolist()
    cross = np.array([[0, z, -y], [-z, 0, x], [y, -x, 0]])
    return np.eye(3) + sin(angle) * cross + (1 - cos(angle)) * (cross @ cross)


def unit(vector: Vector) -> Vector:
    """Return a vector of length 1."""
    return vector / sqrt(float(vector @ vector))


def two_bones(
    start: Vector,
    end: Vector,
    lengths_cm: tuple[Number, Number],
    toward: Vector,
    *,
    is_leg: bool,
    softness_cm: float = 0.1,
) -> tuple[Rows, float]:
    """Return the axes of the upper bone of a limb from ``start`` to ``end``, and the turn of its hinge.

    The hinge (knee or elbow) is on the side of ``toward``. Both bones are along their own -Z; the knee
    turns by a negative flex, the elbow by a positive one. A target out of reach is approached,
    from ``softness_cm`` before it is.
    """
    upper, lower = lengths_cm
    way = end - start
    shortest = sqrt(upper**2 + lower**2 + 2 * upper * lower * cos(radians(_SHARPEST_BEND_DEG)))
    distance = sqrt(float(way @ way))
    span = larger(smaller(distance, STRETCH * (upper + lower), softness_cm), shortest, softness_cm)
    along = way / max(distance, 1e-6)
    aside = unit(toward - (toward @ along) * along)
    at_start = acos(min(1.0, (upper**2 + span**2 - lower**2) / (2 * upper * span)))
    at_hinge = acos(max(-1.0, (upper**2 + lower**2 - span**2) / (2 * upper * lower)))
    bone = cos(at_start) * along + sin(at_start) * aside
    front = cos(at_start) * aside - sin(at_start) * along
    side = -1.0 if is_leg else 1.0
    x_axis, z_axis = -side * front, -bone
    return np.array([x_axis, crossed(z_axis, x_axis), z_axis]), side * (180.0 - degrees(at_hinge))


def crossed(first: Vector, second: Vector) -> Vector:
    """Return the cross product, in less time than ``np.cross`` takes."""
    (x, y, z), (u, v, w) = first.tolist(), second.tolist()
    return np.array([y * w - z * v, z * u - x * w, x * v - y * u])


def swung(direction: Vector) -> Vector:
    """Return where +X points after the shortest turn that takes a hanging limb (-Z) to ``direction``."""
    x, y, z = direction.tolist()
    share = x / max(1.0 - z, 1e-3)
    return np.array([1 - x * share, -y * share, x])
