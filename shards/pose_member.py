"""The member ``KEY.poses.npy``: float32 (cameras, frames, 3, 4) as a version 1.0 npy file."""

import io
import math

import numpy as np
from jaxtyping import Float32

from trajectories import CameraPose

_KIND = np.dtype("<f4")


def pose_member(poses: CameraPose) -> bytes:
    """The file of world_from_camera, batch (cameras, frames)."""
    file = io.BytesIO()
    np.lib.format.write_array(file, poses.world_from_camera.astype(_KIND), version=(1, 0))
    return file.getvalue()


def read_pose_member(content: bytes) -> Float32[np.ndarray, "cameras frames 3 4"]:
    """The array; ValueError for another shape or type, before memory is used for what a header claims."""
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    if version != (1, 0):
        raise ValueError(f"npy version {version}")
    shape, is_fortran, kind = np.lib.format.read_array_header_1_0(file)
    size = len(content) - file.tell()
    if len(shape) != 4 or shape[2:] != (3, 4) or kind != _KIND or is_fortran:
        raise ValueError(f"an array of {kind} with shape {shape}")
    if math.prod(shape) * kind.itemsize != size:
        raise ValueError(f"{size} bytes for an array of shape {shape}")
    return np.frombuffer(content, _KIND, offset=file.tell()).reshape(shape)
