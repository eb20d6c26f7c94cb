"""RotErr, TransErr and CamMC between two trajectories, with every setting that papers leave unsaid.

Frame by frame, with poses ``[R | t]`` relative to the chosen origin: the rotation's angle
``2 asin(|R1 - R2|_F / (2 sqrt 2))`` (as arccos of the trace, but exact for small angles), ``|t1 - t2|``, and
``|[R1 | t1] - [R2 | t2]|_F`` (CamMC, CamI2V).
"""

from dataclasses import dataclass
from typing import Literal, TypedDict

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from .poses import CameraPose

Origin = Literal["first_frame", "none"]
Reduction = Literal["sum", "mean"]
Unit = Literal["rad", "deg"]
Scale = Literal["none", "self_max", "gt_max", "median", "umeyama"]

# A true camera that moves less has no scale to compare with: float32 poses of a still one stay below this.
STILL_M = 1e-4
# An estimate, in whatever unit, that moves less does not move.
_STILL_ESTIMATE = 1e-9


class PoseErrorSettings(TypedDict):
    """The settings of ``pose_errors`` but ``squared``."""

    origin: Origin
    reduction: Reduction
    unit: Unit
    scale: Scale


# CamI2V's are its evaluation code (TransErr_rel). CameraCtrl's are its formulas; its code is not published.
# ReCamMaster and PostCam state neither reduction, unit nor scale: the size of their figures fits sums over 81
# frames and means, and their estimates come without a scale.
POSE_ERROR_PRESETS: dict[str, PoseErrorSettings] = {
    "recammaster": {"origin": "first_frame", "reduction": "sum", "unit": "rad", "scale": "self_max"},
    "postcam": {"origin": "first_frame", "reduction": "mean", "unit": "rad", "scale": "self_max"},
    "cami2v": {"origin": "first_frame", "reduction": "sum", "unit": "rad", "scale": "self_max"},
    "cameractrl": {"origin": "first_frame", "reduction": "sum", "unit": "rad", "scale": "none"},
}
# What of a preset is our reading of the paper.
POSE_ERRORS_INFERRED: dict[str, tuple[str, ...]] = {
    "recammaster": ("reduction", "unit", "scale"),
    "postcam": ("reduction", "unit", "scale"),
    "cami2v": (),
    "cameractrl": ("scale",),
}


@dataclass(frozen=True, kw_only=True)
class PoseErrors:
    """Errors of one trajectory, and how they were computed.

    Attributes:
        rotation: RotErr, in ``unit``.
        translation: TransErr, in metres, or without unit where ``scale`` divides by a length.
        cam_mc: CamMC, of the same scaled poses.
        has_scale: False where the true camera stands still, so that ``scale`` is undefined; translations are
            then compared as they are. Leave such clips out of averages of TransErr and CamMC.
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
        still = "" if self.has_scale else ", undefined: the true camera stands still"
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
    """Errors between two trajectories of batch ``(frames,)``; presets: ``**POSE_ERROR_PRESETS["cami2v"]``.

    Args:
        origin: ``first_frame`` compares poses relative to each trajectory's first; ``none`` as they are.
        scale: ``self_max`` divides each trajectory by its own greatest ``|t|``, ``gt_max`` both by the
            truth's; ``median`` and ``umeyama`` multiply the estimate, by the ratio of median ``|t|`` or by
            the scale of Umeyama's similarity of the camera centres (its rotation and shift are not applied).
        squared: take ``|t1 - t2|^2`` in TransErr.

    Always finite. InputError where frame counts differ, there are none, or a pose is improper.
    """
    _require_comparable(estimated, truth)
    if origin == "first_frame":
        estimated, truth = (CameraPose(pose.seen_from(pose[:1])) for pose in (estimated, truth))
    of_estimate, of_truth, has_scale = _factors(estimated.position_m, truth.position_m, scale)
    turn = np.linalg.norm(estimated.rotation - truth.rotation, axis=(-2, -1))
    angle = 2 * np.arcsin(np.minimum(turn / (2 * np.sqrt(2)), 1.0))
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
        what = f"estimate has batch {shapes[0][:-2]}, truth {shapes[1][:-2]}"
        raise InputError(what, where="pose errors", fix="give one camera each, with equal frames")
    estimated.checked("pose errors: estimate")
    truth.checked("pose errors: truth")


def _factors(
    estimated: Float[np.ndarray, "frames 3"], truth: Float[np.ndarray, "frames 3"], scale: Scale
) -> tuple[float, float, bool]:
    """What estimate and truth are multiplied by, and whether the truth moves enough to say."""
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
    # A camera that stands still for most of its clip has no median; its mean serves.
    middle = np.median if np.median(size) > _STILL_ESTIMATE and np.median(true_size) > STILL_M else np.mean
    return float(middle(true_size) / middle(size)), 1.0, True


def _umeyama_scale(estimated: Float[np.ndarray, "frames 3"], truth: Float[np.ndarray, "frames 3"]) -> float:
    """Scale of the least-squares similarity (Umeyama 1991, eq. 42)."""
    a, b = estimated - estimated.mean(axis=0), truth - truth.mean(axis=0)
    u, singular, vt = np.linalg.svd(b.T @ a)
    singular[-1] *= np.sign(np.linalg.det(u) * np.linalg.det(vt))
    return float(singular.sum() / (a * a).sum())
