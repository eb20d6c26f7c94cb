"""Checks of focal lengths that change: they follow from the move in the columns."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from ..clip_table import ClipTable
from ..motions import ZOOMING, DollyZoom, Zoom
from ..sampling.moves import Moves
from ..sampling.rules import Rules
from .columns import FOCAL_TOLERANCE, LENGTH_TOLERANCE_M
from .findings import Finding, error
from .measured.measures import progress_of

# Focal lengths are stored as float32.
_TOLERANCE = 10 * FOCAL_TOLERANCE


def focal_path_findings(clips: ClipTable, rules: Rules) -> Iterator[Finding]:
    """Focal lengths that change without a zoom, or otherwise than it says; the clips must be steady."""
    zooms = np.isin(clips["motion"], ZOOMING)
    has_path = np.isfinite(clips["focal_path_mm"]).all(axis=1)
    for i in np.flatnonzero(zooms & ~has_path & np.isfinite(clips["fx_px"])):
        yield error("focal_path_differs", "focal_path_mm is missing", clips.name(i))
    for i in np.flatnonzero(~zooms & has_path):
        what = f"the focal length changes in the column, and the motion is {clips['motion'][i]}"
        yield error("focal_path_differs", what, clips.name(i))
    rows = np.flatnonzero(zooms & has_path)
    if not len(rows):
        return
    found_mm, first_mm = clips["focal_path_mm"][rows].astype(np.float64), clips["focal_length_mm"][rows]
    ratios, tolerance = _stated(clips.rows(rows), rules)
    expected_mm = first_mm[:, None] * ratios
    wrong = np.abs(found_mm / expected_mm - 1)
    for place in np.flatnonzero(~(wrong <= tolerance).all(axis=1)):
        frame = int(np.nanargmax(wrong[place]))
        found, wanted = found_mm[place, frame], expected_mm[place, frame]
        what = f"{found:.2f} mm in frame {frame} instead of {wanted:.2f} mm, by the move in the columns"
        yield error("focal_path_differs", what, clips.name(rows[place]))


def _stated(
    clips: ClipTable, rules: Rules
) -> tuple[Float[np.ndarray, "clips frames"], Float[np.ndarray, "clips frames"]]:
    """Focal lengths over that of the first frame by columns and poses, and how far they may differ."""
    moves, progress, position_m = Moves.of_clips(clips), progress_of(clips), clips.poses.position_m
    follows = (clips["track_target"] == "subject")[:, None, None]
    target_m = np.where(follows, clips.subject_points_m, clips["subject_m"][:, None])
    ratios, tolerance = np.ones((2, len(clips), clips.frames))
    tolerance *= _TOLERANCE
    for rows, motion in moves.groups(rules):
        if isinstance(motion, Zoom | DollyZoom):
            ratios[rows] = motion.focal_ratios(position_m[rows], target_m[rows], progress[rows])
        if isinstance(motion, DollyZoom):
            distance_m = np.linalg.norm(position_m[rows] - target_m[rows], axis=-1)
            tolerance[rows] += LENGTH_TOLERANCE_M / distance_m + LENGTH_TOLERANCE_M / distance_m[:, :1]
    return ratios, tolerance
