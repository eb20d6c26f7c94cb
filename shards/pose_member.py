"""The member ``KEY.poses.npy``: float32 (cameras, frames, 3, 4) as a version 1.0 npy file."""

import numpy as np
from jaxtyping import Float32

from trajectories import CameraPose

from .arrays import npy_bytes, read_npy

_KIND = "<f4"


def pose_member(poses: CameraPose) -> bytes:
    """The file of world_from_camera, batch (cameras, frames)."""
    return npy_bytes(poses.world_from_camera.astype(_KIND))


def read_pose_member(content: bytes) -> Float32[np.ndarray, "cameras frames 3 4"]:
    """The array; ValueError for another shape or type, before memory is used for what a header claims."""
    return read_npy(content, _KIND, ("cameras", "frames", 3, 4))


def stored_poses(poses: CameraPose) -> CameraPose:
    """The poses as they are read from a data set: rounded to the precision of the member."""
    return CameraPose(poses.world_from_camera.astype(_KIND).astype(np.float64))
