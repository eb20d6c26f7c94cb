"""Legs whose hips and feet are given: the hips sink until both legs reach, and the knees follow."""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from ..content.animations.limbs import STRETCH, Rows, Vector, turn_rows, two_bones
from ..content.characters.skeleton import SIDES, Proportions

# How much the front of a thigh tells where its knee is, in which the leg may be straight.
_FRONT = 0.1
# Hips that have to sink begin so early (cm), and stay so high above their ankles (share of the leg).
_EARLY_CM, _LOWEST = 0.2, 0.25


def legs_to_feet(
    body: Proportions, rows: Mapping[str, Rows], hips_cm: Vector, ankles_cm: Mapping[str, Vector]
) -> dict[str, Rows]:
    """The axes of thighs and calves (row-vector) that take the ankles of a body to their places.

    ``rows`` are the axes of its bones before; knees stay in the directions that they have there. The hips
    are on the height of ``hips_cm``, or below it.
    """
    offsets, reach_cm = body.offsets_cm(), STRETCH * float(body.thigh_cm + body.calf_cm)
    sockets = {side: hips_cm + np.array(offsets[f"thigh_{side}"]) @ rows["pelvis"] for side in SIDES}
    sink_cm = 0.0
    for side in SIDES:
        way = sockets[side] - ankles_cm[side]
        rise_cm = sqrt(max(reach_cm**2 - float(way[:2] @ way[:2]), (_LOWEST * reach_cm) ** 2))
        sink_cm = max(sink_cm, _beyond(float(way[2]) - rise_cm))
    found: dict[str, Rows] = {}
    for side in SIDES:
        socket = sockets[side] - (0.0, 0.0, sink_cm)
        before = rows[f"thigh_{side}"]
        lengths = (body.thigh_cm, body.calf_cm)
        toward = _FRONT * before[0] - before[2]
        thigh, bend_deg = two_bones(socket, ankles_cm[side], lengths, toward, is_leg=True, softness_cm=0.0)
        found |= {f"thigh_{side}": thigh, f"calf_{side}": turn_rows(bend_deg) @ thigh}
    return found


def _beyond(value_cm: float) -> float:
    """A positive number as it is, 0 for a negative one; without a kink between."""
    if abs(value_cm) >= _EARLY_CM:
        return max(value_cm, 0.0)
    return (value_cm + _EARLY_CM) ** 2 / (4 * _EARLY_CM)
