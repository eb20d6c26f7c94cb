"""Where the subject is in the images of a camera, and whether the camera keeps it there."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from .poses import CameraPose

View = Literal["followed", "kept", "centred", "leaving", "unknown"]

# In the centre: near the optical axis, and near the centre of the image (shares of half its longer side).
_CENTRED_DEG, _CENTRED_SHARE = 2.0, 0.1
# Clearly not in the centre.
_AWAY_DEG, _AWAY_SHARE = 5.0, 0.2
_SUBJECT_MOVES_M = 0.3


@dataclass(frozen=True, kw_only=True)
class SubjectView:
    """The subject in the images of a clip.

    Attributes:
        kind: see ``CameraMove.subject_view``.
        off_axis_deg: the largest angle between the optical axis and the direction to the subject.
    """

    kind: View
    off_axis_deg: float


def subject_view(
    poses: CameraPose,
    focal_length_mm: Float[np.ndarray, "frames"],
    subject_m: Float[np.ndarray, "frames 3"],
    *,
    sensor_mm: float,
    has_moved: bool,
) -> SubjectView:
    """What a clip shows: poses of batch ``(frames)``, focal length and subject point (world) in each frame.

    A camera that has not moved keeps nothing.
    """
    first = poses[np.zeros(len(subject_m), dtype=int)]
    unturned = CameraPose.of(first.rotation, poses.position_m)
    off_deg = _off_axis_deg(poses, subject_m)
    share = np.tan(np.radians(np.minimum(off_deg, 89.0))) * focal_length_mm / (sensor_mm / 2)
    is_centred = (off_deg <= _CENTRED_DEG) & (share <= _CENTRED_SHARE)
    is_lost, is_lost_unturned = (
        _off_axis_deg(one, subject_m).max() >= _AWAY_DEG for one in (first, unturned)
    )
    kind: View = "unknown"
    if is_centred.all():
        moves = np.linalg.norm(subject_m - subject_m[0], axis=-1).max() >= _SUBJECT_MOVES_M
        is_kept = has_moved and (is_lost or is_lost_unturned)
        kind = "centred" if not is_kept else "followed" if moves and is_lost else "kept"
    elif is_centred[0] and off_deg[-1] >= _AWAY_DEG and share[-1] >= _AWAY_SHARE:
        kind = "leaving"
    return SubjectView(kind=kind, off_axis_deg=float(off_deg.max()))


def _off_axis_deg(poses: CameraPose, subject_m: Float[np.ndarray, "frames 3"]) -> Float[np.ndarray, "frames"]:
    to_subject_m = subject_m - poses.position_m
    distance_m = np.maximum(np.linalg.norm(to_subject_m, axis=-1), 1e-9)
    along = np.einsum("fk,fk->f", poses.forward, to_subject_m) / distance_m
    return np.degrees(np.arccos(np.clip(along, -1, 1)))
