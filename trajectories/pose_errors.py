"""RotErr, TransErr and CamMC between two trajectories, with a setting for everything that papers do not
state.

Per frame, with poses ``[R | t]`` relative to the chosen origin: the angle between R1 and R2, ``|t1 - t2|``,
and ``|[R1 | t1] - [R2 | t2]|_F`` (CamMC, CamI2V).
"""

from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from .poses import CameraPose, rotation_angle_rad

Origin = Literal["first_frame", "none"]
Reduction = Literal["sum", "mean"]
Unit = Literal["rad", "deg"]
Scale = Literal["none", "self_max", "gt_max", "median", "umeyama"]

# A true camera that moves less is static: it has no scale. Noise of float32 poses is smaller.
STILL_M = 1e-4
# An estimate that moves less is static, in any unit.
_STILL_ESTIMATE = 1e-9


class PoseErrorSettings(TypedDict):
    """The settings of ``pose_errors`` except ``squared``."""

    origin: Origin
    reduction: Reduction
    unit: Unit
    scale: Scale


# CamI2V: its evaluation code (TransErr_rel). CameraCtrl: its formulas; its code is not published. ReCamMaster
# and PostCam do not state reduction, unit and scale: the size of their figures suggests sums over 81 frames
# and means, and the scale of their estimates is unknown.
POSE_ERROR_PRESETS: dict[str, PoseErrorSettings] = {
    "recammaster": {"origin": "first_frame", "reduction": "sum", "unit": "rad", "scale": "self_max"},
    "postcam": {"origin": "first_frame", "reduction": "mean", "unit": "rad", "scale": "self_max"},
    "cami2v": {"origin": "first_frame", "reduction": "sum", "unit": "rad", "scale": "self_max"},
    "cameractrl": {"origin": "first_frame", "reduction": "sum", "unit": "rad", "scale": "none"},
}
# Settings of a preset that are our interpretation of the paper.
POSE_ERRORS_INFERRED: dict[str, tuple[str, ...]] = {
    "recammaster": ("reduction", "unit", "scale"),
    "postcam": ("reduction", "unit", "scale"),
    "cami2v": (),
    "cameractrl": ("scale",),
}


@dataclass(frozen=True, kw_only=True)
class PoseErrors:
    """Errors of one trajectory, and the settings they were computed with.

    Attributes:
        rotation: RotErr, in ``unit``.
        translation: TransErr, in metres, or without unit if ``scale`` divides by a length.
        cam_mc: CamMC, of the same scaled poses.
        has_scale: False if the true camera is static, so that ``scale`` is undefined and translations are
            not scaled. Leave such clips out of averages of TransErr and CamMC.
    """

    rotation: float
    translation: float
    cam_mc: float
    frames: int
    origin: Origin
    reduction: Reduction
    unit: Unit
    scale: Scale
    squared: bool
    has_scale: bool

    def __str__(self) -> str:
        square = ", squared" if self.squared else ""
        still = "" if self.has_scale else ", undefined: the true camera is static"
        return (
            f"RotErr {self.rotation:.4g} {self.unit}, TransErr {self.translation:.4g}{square}, "
            f"CamMC {self.cam_mc:.4g} ({self.reduction} of {self.frames} frames, origin {self.origin}, "
            f"scale {self.scale}{still})"
        )


def pose_errors(
    estimated: CameraPose,
    truth: CameraPose,
    *,
    origin: Origin,
    reduction: Reduction,
    unit: Unit,
    scale: Scale,
    squared: bool = False,
) -> PoseErrors:
    """Compute the errors between two trajectories of batch ``(frames,)``.

    Presets are used as ``**POSE_ERROR_PRESETS["cami2v"]``.

    Args:
        origin: ``first_frame`` compares poses relative to the first pose of each trajectory; ``none``
            compares them unchanged.
        scale: ``self_max`` divides each trajectory by its largest ``|t|``, ``gt_max`` both by that of the
            truth; ``median`` and ``umeyama`` multiply the estimate, by the ratio of median ``|t|`` or by the
            scale of Umeyama's similarity of the camera centres (its rotation and shift are not applied).
        squared: use ``|t1 - t2|^2`` in TransErr.

    The errors are always finite. InputError if frame counts differ or are 0, or if a pose is improper.
    """
    _require_comparable(estimated, truth)
    if origin == "first_frame":
        estimated, truth = (CameraPose(pose.seen_from(pose[:1])) for pose in (estimated, truth))
    of_estimate, of_truth, has_scale = _factors(estimated.position_m, truth.position_m, scale)
    angle = rotation_angle_rad(estimated.rotation, truth.rotation)
    turn = np.linalg.norm(estimated.rotation - truth.rotation, axis=(-2, -1))
    shift = np.linalg.norm(of_estimate * estimated.position_m - of_truth * truth.position_m, axis=-1)
    reduce = np.sum if reduction == "sum" else np.mean
    return PoseErrors(
        rotation=float(reduce(np.degrees(angle) if unit == "deg" else angle)),
        translation=float(reduce(shift**2 if squared else shift)),
        cam_mc=float(reduce(np.hypot(turn, shift))),
        frames=len(shift),
        origin=origin,
        reduction=reduction,
        unit=unit,
        scale=scale,
        squared=squared,
        has_scale=has_scale,
    )


def _require_comparable(estimated: CameraPose, truth: CameraPose) -> None:
    shapes = estimated.world_from_camera.shape, truth.world_from_camera.shape
    if shapes[0] != shapes[1] or len(shapes[0]) != 3 or shapes[0][0] == 0:
        what = f"the estimate has batch {shapes[0][:-2]}, the truth {shapes[1][:-2]}"
        raise InputError(
            what, where="pose errors", fix="give one camera each, with the same number of frames"
        )
    estimated.checked("pose errors: estimate")
    truth.checked("pose errors: truth")


def _factors(
    estimated: Float[np.ndarray, "frames 3"], truth: Float[np.ndarray, "frames 3"], scale: Scale
) -> tuple[float, float, bool]:
    """Factors of estimate and truth, and whether the truth moves enough to define them."""
    if scale == "none":
        return 1.0, 1.0, True
    if np.ptp(truth, axis=0).max() < STILL_M:
        return 1.0, 1.0, False
    size, true_size = (np.linalg.norm(positions, axis=-1) for positions in (estimated, truth))
    is_still = bool(np.ptp(estimated, axis=0).max() < _STILL_ESTIMATE)
    if scale == "gt_max":
        return 1 / float(true_size.max()), 1 / float(true_size.max()), True
    if scale == "self_max":
        return 1.0 if is_still else 1 / float(size.max()), 1 / float(true_size.max()), True
    if is_still:
        return 1.0, 1.0, True
    if scale == "umeyama":
        return _umeyama_scale(estimated, truth), 1.0, True
    # The median is 0 for a camera that is static for most of its clip; use the mean.
    middle = np.median if np.median(size) > _STILL_ESTIMATE and np.median(true_size) > STILL_M else np.mean
    return float(middle(true_size) / middle(size)), 1.0, True


def _umeyama_scale(estimated: Float[np.ndarray, "frames 3"], truth: Float[np.ndarray, "frames 3"]) -> float:
    """Scale of the least-squares similarity (Umeyama 1991, eq. 42)."""
    a, b = estimated - estimated.mean(axis=0), truth - truth.mean(axis=0)
    u, singular, vt = np.linalg.svd(b.T @ a)
    singular[-1] *= np.sign(np.linalg.det(u) * np.linalg.det(vt))
    return float(singular.sum() / (a * a).sum())
