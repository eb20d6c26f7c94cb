"""Which of the choices of the rules each clip has: lens, axis of a translation, path of an arc."""

import numpy as np
from jaxtyping import Float, Int

from ...clip_table import ClipTable
from ...sampling.rules import Rules

LENS_COLUMNS = ("focal_length_mm", "f_number", "sensor_mm")


def lens_index(clips: ClipTable, rules: Rules) -> Int[np.ndarray, "clips"]:
    """Which of the rules' lenses each clip has, -1 for none."""
    found = np.full(len(clips), -1)
    for number, lens in enumerate(rules.lenses):
        found[np.all([clips[name] == getattr(lens, name) for name in LENS_COLUMNS], axis=0)] = number
    return found


def axis_index(clips: ClipTable, rules: Rules) -> Int[np.ndarray, "clips"]:
    """Which of the rules' axes each translation follows, -1 for none and for other motions."""
    direction = np.nan_to_num(clips["direction"])
    start = clips.poses[:, 0]
    if rules.translation_frame == "camera":
        direction = np.einsum("cia,ci->ca", start.rotation, direction)
    elif rules.translation_frame == "subject":
        away = start.position_m[:, :2] - clips["subject_m"][:, :2]
        x, y = (away / np.linalg.norm(away, axis=1, keepdims=True)).T
        dx, dy, dz = direction.T
        direction = np.stack([x * dx + y * dy, x * dy - y * dx, dz], axis=-1)
    sign = {"+": 1.0, "-": -1.0}
    axes = np.array([sign[name[0]] * np.eye(3)["xyz".index(name[1])] for name in rules.translation_axes])
    along = direction @ axes.T
    is_along = (along.max(axis=1, initial=-1.0) > 1 - 1e-5) & (clips["motion"] == "translation")
    return np.where(is_along, along.argmax(axis=1), -1)


def bends(
    position_m: Float[np.ndarray, "arcs frames 3"], subject_m: Float[np.ndarray, "arcs 3"]
) -> Float[np.ndarray, "arcs"]:
    """How far each arc bends from its chord, relative to a circle around the subject: 1 on that circle.

    Measured in the frame nearest to the middle of the chord. NaN where the subject is unknown, or where
    rounding to 6 digits could bend a chord as much.
    """
    rounding_m = 1e-4 * np.abs(position_m[:, 0]).max(axis=1)
    position_m = position_m[..., :2] - subject_m[:, None, :2]
    chord_m = position_m[:, -1] - position_m[:, 0]
    length_m, start_m = np.linalg.norm(chord_m, axis=1), np.linalg.norm(position_m[:, 0], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = (chord_m / length_m[:, None]).T[..., None]
        from_start_m = position_m - position_m[:, :1]
        share = (from_start_m[..., 0] * x + from_start_m[..., 1] * y) / length_m[:, None]
        middle = np.arange(len(share)), np.abs(np.nan_to_num(share) - 0.5).argmin(axis=1)
        bend_m = np.abs(from_start_m[..., 0] * y - from_start_m[..., 1] * x)[middle]
        # The rise of a circle at a share of its chord.
        rise_m = start_m - np.sqrt(start_m**2 - length_m**2 / 4)
        rise_m = rise_m * 4 * share[middle] * (1 - share[middle])
        return np.where(rise_m > rounding_m, bend_m / rise_m, np.nan)
