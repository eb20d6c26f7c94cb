"""Stabilisation of a shaky trajectory: the application of ReCamMaster's section 6."""

import math

import numpy as np
from jaxtyping import Float

from .poses import CameraPose

# The mean rotation of a window settles quickly: each round gains several digits.
_ROUNDS = 8


def smoothed(poses: CameraPose, *, sigma_frames: float) -> CameraPose:
    """Poses ``(frames)`` under a Gaussian window: positions averaged, rotations by their mean on SO(3).

    Beyond either end the path goes on as its own point reflection, so the first and the last pose stay
    where they are, and so does every pose of a camera that moves and turns evenly. ``sigma_frames`` 0
    changes nothing.
    """
    # Loaded here because it takes longer than the rest of the package.
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
    for _ in range(_ROUNDS):
        turns = np.swapaxes(mean, -1, -2)[:, None] @ around
        turns_rad = Rotation.from_matrix(turns.reshape(-1, 3, 3)).as_rotvec().reshape(turns.shape[:3])
        mean = mean @ Rotation.from_rotvec(weights @ turns_rad).as_matrix()
    return CameraPose.of(mean, weights @ around_m[window])


def _reflected(rotation: Float[np.ndarray, "frames 3 3"], reach: int) -> Float[np.ndarray, "padded 3 3"]:
    """The sequence with ``reach`` point reflections before its first and after its last rotation."""
    before, after = rotation[reach:0:-1], rotation[-2 : -2 - reach : -1]
    first, last = rotation[0], rotation[-1]
    return np.concatenate(
        [first @ np.swapaxes(before, -1, -2) @ first, rotation, last @ np.swapaxes(after, -1, -2) @ last]
    )
