"""The shake of a camera, measured from its poses, and its path without it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .poses import CameraPose, rotation_angle_rad

_SHAKE_WINDOW_S = 0.5
_STEADY_WINDOW_S = 1.0
# A cubic through fewer frames follows nearly everything: from 12 frames per second.
_LEAST_HALF = 3
_LEAST_CLIP_S = 2.0
# Exceeded in nine tenths of all frames: the residual of a smooth move is at its abrupt starts and turns only.
_USUAL = 0.1
_LEAST_MM, _LEAST_DEG = 0.07, 0.005
# Of what the camera travels and turns in half a second: a smooth move has less than half of these.
_LEAST_OF_TRAVEL, _LEAST_OF_TURN = 0.002, 0.02
# Of the largest residual of an axis: what another one has.
_LEAST_ASIDE = 0.1
_PLANES = ((2, 1), (0, 2), (1, 0))


@dataclass(frozen=True, kw_only=True)
class MeasuredShake:
    """Motion of high frequency: what a cubic over half a second cannot follow, as root mean squares."""

    position_mm: float
    rotation_deg: float


def measured_shake(poses: CameraPose, fps: float) -> MeasuredShake | None:
    """The shake of a clip of batch ``(frames)``; None if it is smooth, or has too few frames to tell.

    A clip shakes if its positions or its rotations are off the cubic in nine tenths of its frames, and not
    along one line or about one axis: by 0.07 mm and 0.2 % of what it travels in half a second, or by 0.005
    degrees and 2 % of what it turns.
    """
    frames = len(poses.position_m)
    half = round(_SHAKE_WINDOW_S * fps / 2)
    if half < _LEAST_HALF or frames < _LEAST_CLIP_S * fps or frames <= 4 * half:
        return None
    smooth = _cubic(poses.world_from_camera.reshape(frames, 12), half).reshape(-1, 3, 4)
    inside = slice(half, frames - half)
    off_mm = 1000 * (poses.position_m - smooth[..., 3])[inside]
    turned = (np.swapaxes(smooth[..., :3], -1, -2) @ poses.rotation)[inside]
    off_deg = np.degrees(np.stack([(turned[:, i, j] - turned[:, j, i]) / 2 for i, j in _PLANES], axis=-1))
    travel_mm = 1000 * np.linalg.norm(np.diff(poses.position_m, axis=0), axis=-1).mean()
    turn_deg = np.degrees(rotation_angle_rad(poses.rotation[1:], poses.rotation[:-1])).mean()
    in_window = _SHAKE_WINDOW_S * fps
    least_mm = max(_LEAST_MM, _LEAST_OF_TRAVEL * travel_mm * in_window)
    least_deg = max(_LEAST_DEG, _LEAST_OF_TURN * turn_deg * in_window)
    if not (_shakes(off_mm, least_mm) or _shakes(off_deg, least_deg)):
        return None
    return MeasuredShake(position_mm=_length(off_mm), rotation_deg=_length(off_deg))


def steadied(poses: CameraPose, fps: float) -> CameraPose:
    """Poses without their shake: means over a second, and over less near the ends."""
    numbers = poses.world_from_camera
    most, frames = round(_STEADY_WINDOW_S * fps / 2), len(numbers)
    sums = np.concatenate([np.zeros((1, 3, 4)), np.cumsum(numbers, axis=0)])
    frame = np.arange(frames)
    half = np.minimum(most, np.minimum(frame, frames - 1 - frame))
    means = (sums[frame + half + 1] - sums[frame - half]) / (2 * half + 1)[:, None, None]
    left, _, right = np.linalg.svd(means[..., :3])
    return CameraPose.of(left @ right, means[..., 3])


def _cubic(numbers: Float[np.ndarray, "frames values"], half: int) -> Float[np.ndarray, "frames values"]:
    """Each frame by a cubic through the ``2 half + 1`` frames around it; the ends are unchanged."""
    offsets = np.arange(-half, half + 1)
    weights = np.linalg.pinv(np.vander(offsets / half, 4, increasing=True))[0]
    smooth = numbers.copy()
    windows = np.lib.stride_tricks.sliding_window_view(numbers, len(offsets), axis=0)
    smooth[half : len(numbers) - half] = windows @ weights
    return smooth


def _shakes(off: Float[np.ndarray, "frames 3"], least: float) -> bool:
    """Whether most frames are off by a size, and not along one line or about one axis, as a sway is."""
    sizes = np.linalg.svd(off, compute_uv=False)
    return bool(
        np.quantile(np.linalg.norm(off, axis=-1), _USUAL) >= least and sizes[1] >= _LEAST_ASIDE * sizes[0]
    )


def _length(off: Float[np.ndarray, "frames 3"]) -> float:
    """The root mean square of the lengths of vectors."""
    return float(np.sqrt(np.square(off).sum(axis=-1).mean()))
