"""The basic camera moves of the papers' evaluations, by name."""

from dataclasses import replace
from typing import Literal

import numpy as np

from multitake.errors import InputError

from .motions import Arc, Motion, Pan, Tilt, Translation
from .poses import CameraPose
from .speed import TimeBase, time_fractions


def basic_move(
    name: str,
    *,
    frames: int,
    subject_distance_m: float = 4.0,
    arc_path: Literal["circle", "chord"] = "circle",
    time_base: TimeBase = "closed",
) -> CameraPose:
    """Poses ``(frames)`` of a basic move at constant speed.

    The move starts at the world's origin, level, looking along +X at a subject ``subject_distance_m`` ahead.
    Amplitudes are those of the published evaluation file: pan 20 deg, tilt 10 deg, zoom 1/2 and lift 1/4 of
    the distance, arc 30 deg. That file itself has ``arc_path`` ``chord`` and ``time_base`` ``release``.
    ``zoom_in`` is also ReCamMaster's trajectory for local super-resolution, ``zoom_out`` the one for
    outpainting (section 6). InputError for an unknown name.
    """
    if name not in BASIC_MOVES:
        fix = f"use one of {', '.join(BASIC_MOVES)}"
        raise InputError(f"unknown trajectory {name!r}", where="trajectory", fix=fix)
    motion = BASIC_MOVES[name]
    subject_m = np.array([[subject_distance_m, 0.0, 0.0]])
    start = CameraPose.looking(np.zeros((1, 3)), np.array([[1.0, 0.0, 0.0]]))
    if isinstance(motion, Translation):
        motion = replace(motion, distance_m=motion.distance_m * subject_distance_m)
    elif isinstance(motion, Arc):
        motion = replace(motion, is_chord=arc_path == "chord")
    return motion.poses(start, subject_m, time_fractions(frames, time_base)[None])[0]


def _turn(kind: type[Pan] | type[Tilt] | type[Arc], angle_deg: float) -> Motion:
    return kind(angle_deg=np.array([angle_deg]))


def _move(x: float, y: float, z: float, distances: float, *, is_tracking: bool) -> Motion:
    return Translation(
        direction=np.array([[x, y, z]]),
        distance_m=np.array([distances]),
        is_tracking=np.array([is_tracking]),
    )


# The ten moves of the papers and two sideways translations. The lengths of translations are in subject
# distances.
BASIC_MOVES: dict[str, Motion] = {
    "pan_right": _turn(Pan, -20.0),
    "pan_left": _turn(Pan, 20.0),
    "tilt_up": _turn(Tilt, 10.0),
    "tilt_down": _turn(Tilt, -10.0),
    "zoom_in": _move(1.0, 0.0, 0.0, 0.5, is_tracking=False),
    "zoom_out": _move(-1.0, 0.0, 0.0, 0.5, is_tracking=False),
    "translate_up": _move(0.0, 0.0, 1.0, 0.25, is_tracking=True),
    "translate_down": _move(0.0, 0.0, -1.0, 0.25, is_tracking=True),
    "translate_left": _move(0.0, 1.0, 0.0, 0.25, is_tracking=True),
    "translate_right": _move(0.0, -1.0, 0.0, 0.25, is_tracking=True),
    "arc_left": _turn(Arc, -30.0),
    "arc_right": _turn(Arc, 30.0),
}
