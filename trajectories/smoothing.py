"""Video stabilisation: smooth a shaky trajectory (an application in ReCamMaster, section 6)."""

import math

import numpy as np
from jaxtyping import Float

from .poses import CameraPose

# Each iteration of the mean rotation adds several digits.
_ITERATIONS = 8


def smoothed(poses: CameraPose, *, sigma_frames: float) -> CameraPose:
    """Poses ``(frames)`` smoothed with a Gaussian window: mean positions, and mean rotations on SO(3).

    The path is extended by point reflection at both ends. So the first and the last pose do not change, nor
    does any pose of a camera that moves and rotates uniformly. ``sigma_frames`` 0 changes nothing.
    """
    # Slow to import.
    from scipy.spatial.transform import Rotation

    frames = len(poses.world_from_camera)
    reach = min(math.ceil(4 * sigma_frames), frames - 1)
    if reach < 1:
        return poses
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-0.5 * (offsets / sigma_frames) ** 2)
    weights /= weights.sum()
    window = np.arange(frames)[:, None] + offsets + reach
    around_m = np.pad(poses.position_m, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    around = _reflected(poses.rotation, reach)[window]
    mean = poses.rotation
    for _ in range(_ITERATIONS):
        turns = np.swapaxes(mean, -1, -2)[:, None] @ around
        turns_rad = Rotation.from_matrix(turns.reshape(-1, 3, 3)).as_rotvec().reshape(turns.shape[:3])
        mean = mean @ Rotation.from_rotvec(weights @ turns_rad).as_matrix()
    return CameraPose.of(mean, weights @ around_m[window])


def _reflected(rotation: Float[np.ndarray, "frames 3 3"], reach: int) -> Float[np.ndarray, "padded 3 3"]:
    """The sequence, extended by ``reach`` point-reflected rotations at both ends."""
    before, after = rotation[reach:0:-1], rotation[-2 : -2 - reach : -1]
    first, last = rotation[0], rotation[-1]
    return np.concatenate(
        [first @ np.swapaxes(before, -1, -2) @ first, rotation, last @ np.swapaxes(after, -1, -2) @ last]
    )
