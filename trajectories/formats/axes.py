"""Axes and rotations of other conventions, each stated once (Unreal's stand in ``unreal.py``).

OpenGL cameras look along -Z with Y up: ``R_gl = R diag(1, -1, -1)``. Worlds with Y down (KITTI: x right, y
down, z ahead) and with Y up (glTF: x right, y up, z back) are turned so that ahead is our +X and up is our
+Z.
"""

import numpy as np
from jaxtyping import Float

from ..poses import CameraPose

_OPENGL = np.array([1.0, -1.0, -1.0])
# Columns: our x (ahead), y (left), z (up).
Y_DOWN_FROM_OURS = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]])
Y_UP_FROM_OURS = np.array([[0.0, -1.0, 0.0], [0.0, 0.0, 1.0], [-1.0, 0.0, 0.0]])


def opengl_from_opencv(pose: CameraPose) -> CameraPose:
    """The same cameras with OpenGL camera axes; its own inverse."""
    return CameraPose.of(pose.rotation * _OPENGL, pose.position_m)


def turned(world_from_ours: Float[np.ndarray, "3 3"], pose: CameraPose) -> CameraPose:
    """The same cameras in a turned world."""
    return CameraPose.of(world_from_ours @ pose.rotation, pose.position_m @ world_from_ours.T)


def pose_from_camera_from_world(camera_from_world: Float[np.ndarray, "*batch 3 4"]) -> CameraPose:
    """Poses of the inverse matrices that computer vision calls extrinsics."""
    return CameraPose(CameraPose(camera_from_world).inverse())


def rotation_from_quaternion(
    quaternion_xyzw: Float[np.ndarray, "*batch 4"],
) -> Float[np.ndarray, "*batch 3 3"]:
    """Rotation matrices of unit quaternions."""
    x, y, z, w = np.moveaxis(quaternion_xyzw, -1, 0)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)),
        (2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)),
        (2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternion_from_rotation(rotation: Float[np.ndarray, "frames 3 3"]) -> Float[np.ndarray, "frames 4"]:
    """Unit quaternions (x, y, z, w), signs chosen so that neighbours lie on one side.

    Each is the longest row of the matrix ``4 q q^T``, which keeps full precision at every angle.
    """
    r = np.moveaxis(rotation, 0, -1)
    a, b, c = r[2, 1] - r[1, 2], r[0, 2] - r[2, 0], r[1, 0] - r[0, 1]
    d, e, f = r[0, 1] + r[1, 0], r[0, 2] + r[2, 0], r[1, 2] + r[2, 1]
    xx, yy, zz = (1 + 2 * r[i, i] - np.trace(r) for i in range(3))
    products = np.array([[xx, d, e, a], [d, yy, f, b], [e, f, zz, c], [a, b, c, 1 + np.trace(r)]])
    longest = np.argmax([xx, yy, zz, 1 + np.trace(r)], axis=0)
    quaternion = products[longest, :, np.arange(len(rotation))]
    quaternion /= np.linalg.norm(quaternion, axis=-1, keepdims=True)
    turns_over = (quaternion[1:] * quaternion[:-1]).sum(axis=-1) < 0
    quaternion[1:][np.cumsum(turns_over) % 2 == 1] *= -1
    return quaternion
