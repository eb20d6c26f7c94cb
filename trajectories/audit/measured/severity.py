"""How bad each frame of a clip with a flag is: it ranks the clips and selects the frame that is shown."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from ...clip_table import ClipTable
from ...poses import rotation_angle_rad
from .measures import subject_in_image

# A value of each clip in each frame; NaN where it is unknown.
Series = Float[np.ndarray, "clips frames"]

# The unit of flags whose severity says something to a reader.
UNITS = {"too_fast": "m/s", "too_abrupt": "m/s²", "too_jerky": "m/s³", "turns_too_fast": "deg/s"}


def severity(flag: str, clips: ClipTable) -> Series:
    """How bad each frame is by this flag; 0 in all frames if poses do not show it."""
    with np.errstate(invalid="ignore"):
        return _SEVERITIES.get(flag, _equal)(clips)


def _equal(clips: ClipTable) -> Series:
    return np.zeros((len(clips), clips.frames))


def _change(order: int) -> Callable[[ClipTable], Series]:
    """Length of the n-th derivative of the position."""

    def severity(clips: ClipTable) -> Series:
        steps = np.linalg.norm(np.diff(clips.poses.position_m, n=order, axis=1), axis=-1)
        return _last(steps * clips["fps"][:, None] ** order, clips.frames)

    return severity


def _turn(clips: ClipTable) -> Series:
    rotation = clips.poses.rotation
    turns_deg = np.degrees(rotation_angle_rad(rotation[:, 1:], rotation[:, :-1]))
    return _last(turns_deg * clips["fps"][:, None], clips.frames)


def _last(values: Float[np.ndarray, "clips steps"], frames: int) -> Series:
    """The values of the last frames; they are unknown for the first."""
    unknown = np.full((len(values), frames - values.shape[1]), np.nan)
    return np.concatenate([unknown, values], axis=1)


def _depth(clips: ClipTable) -> Series:
    return np.nan_to_num(clips["ground_m"])[:, None] - clips.poses.position_m[..., 2]


def _nearness(clips: ClipTable) -> Series:
    return -np.linalg.norm(clips.poses.position_m - clips.subject_points_m, axis=-1)


def _offset(clips: ClipTable) -> Series:
    """Distance of the subject from the image centre; behind the camera it is the largest."""
    offset = np.abs(2 * subject_in_image(clips) - 1).max(axis=-1)
    return np.where(np.isnan(offset), np.finfo(np.float64).max, offset)


def _start_distance(sign: float) -> Callable[[ClipTable], Series]:
    """Start distance, or its negative; unknown for all other frames."""

    def severity(clips: ClipTable) -> Series:
        found = np.full((len(clips), clips.frames), np.nan)
        found[:, 0] = -sign * _nearness(clips)[:, 0]
        return found

    return severity


_SEVERITIES: dict[str, Callable[[ClipTable], Series]] = {
    "too_fast": _change(1),
    "too_abrupt": _change(2),
    "too_jerky": _change(3),
    "turns_too_fast": _turn,
    "below_ground": _depth,
    # It may be another actor, whom the table does not have.
    "too_close": _nearness,
    "aim_out_of_image": _offset,
    "subject_out_of_image": _offset,
    "subject_too_small": _start_distance(1.0),
    "subject_too_large": _start_distance(-1.0),
}
