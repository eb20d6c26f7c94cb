"""Postures: what a body does at one moment, in measures that fit every body.

Positions of hips and feet are shares of the length of the leg. Angles are degrees. Left and right mirror each
other: ``out`` is away from the middle of the body.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ..unreal_space import Number


@dataclass(frozen=True, kw_only=True)
class Foot:
    """A foot: ``ahead`` of the actor, ``out`` of the line below its hip, ``up`` from the ground.

    A pitched foot stands on its heel (toe up, positive) or on its toes (negative); ``loose`` is how
    much it hangs from its leg instead. ``knee`` turns the knee out.
    """

    ahead: Number = 0.0
    out: Number = 0.0
    up: Number = 0.0
    pitch: Number = 0.0
    yaw: Number = 7.0
    loose: Number = 0.0
    knee: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class Swing:
    """An arm by its angles: the upper arm swings forward and out, ``roll`` turns the forearm out."""

    flex: Number = 3.0
    out: Number = 9.0
    roll: Number = 0.0
    elbow: Number = 16.0
    wrist_in: Number = 0.0
    wrist_up: Number = 0.0
    palm: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class Reach:
    """An arm by the place of its wrist, from an anchor; ``elbow`` turns the elbow up and out.

    Anchors: ``chest`` (between the shoulders; shares of the arm), ``head`` (its joint; cm), ``hip`` and
    ``knee`` (the joints of that side; cm at an arm of 54 cm), and ``ground`` (below the actor, palms down;
    shares of the leg, ``out`` from the shoulder).
    """

    anchor: str = "chest"
    ahead: Number = 0.0
    out: Number = 0.0
    up: Number = 0.0
    elbow: Number = 0.0
    wrist_in: Number = 0.0
    wrist_up: Number = 0.0
    palm: Number = 0.0


Arm = Swing | Reach


@dataclass(frozen=True, kw_only=True)
class Posture:
    """The whole body.

    The hips are ``ahead`` and ``aside`` (right) of the actor, at a ``height`` (1: straight legs). It is
    lowered for legs that would be longer than a share ``stretch`` of thigh and calf. The hips lean forward,
    tilt to the right and turn to the right. The spine bends forward, to the ``side`` (right) and twists.
    The head nods, tilts and looks right of where the hips face;
    ``steady`` is the share of the motion of hips and spine that the neck takes back.
    """

    ahead: Number = 0.0
    aside: Number = 0.0
    height: Number = 0.997
    stretch: Number = 0.997
    lean: Number = 0.0
    tilt: Number = 0.0
    turn: Number = 0.0
    bend: Number = 2.0
    side: Number = 0.0
    twist: Number = 0.0
    nod: Number = 0.0
    cock: Number = 0.0
    look: Number = 0.0
    steady: Number = 0.7
    foot_l: Foot = Foot()
    foot_r: Foot = Foot()
    arm_l: Arm = Swing()
    arm_r: Arm = Swing()


Channels = dict[str, float]
LIMBS = ("foot_l", "foot_r", "arm_l", "arm_r")


def channels(posture: Posture) -> Channels:
    """Return all numbers of a posture by name; those of limbs are named like ``foot_l.up``."""
    values: Channels = {}
    for one in fields(posture):
        value: Any = getattr(posture, one.name)
        if one.name in LIMBS:
            for inner in fields(value):
                if inner.name != "anchor":
                    values[f"{one.name}.{inner.name}"] = float(getattr(value, inner.name))
        else:
            values[one.name] = float(value)
    return values


def both(posture: Posture, **changes: Any) -> Posture:
    """Return a posture with other values; ``foot`` and ``arm`` stand for both sides."""
    for limb in ("foot", "arm"):
        if limb in changes:
            changes |= {f"{limb}_{side}": changes[limb] for side in "lr" if f"{limb}_{side}" not in changes}
            del changes[limb]
    return replace(posture, **changes)


def mirrored(posture: Posture) -> Posture:
    """Return the posture that a mirror shows: left and right exchanged."""
    signed = ("aside", "tilt", "turn", "side", "twist", "cock", "look")
    swapped: Mapping[str, Any] = {
        "foot_l": posture.foot_r, "foot_r": posture.foot_l, "arm_l": posture.arm_r, "arm_r": posture.arm_l,
    }  # fmt: skip
    return replace(posture, **swapped, **{name: -getattr(posture, name) for name in signed})
