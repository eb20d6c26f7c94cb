"""Axes and rotations of other conventions, each defined once (Unreal's are in ``unreal.py``).

OpenGL cameras look along -Z with Y up: ``R_gl = R diag(1, -1, -1)``. Worlds with Y down (KITTI: x right, y
down, z ahead) and with Y up (glTF: x right, y up, z back) are rotated, so that ahead is our +X and up is our
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
    """The same cameras with OpenGL camera axes. The conversion is its own inverse."""
    return CameraPose.of(pose.rotation * _OPENGL, pose.position_m)


def in_world(other_from_ours: Float[np.ndarray, "3 3"], pose: CameraPose) -> CameraPose:
    """The same cameras in a rotated world."""
    return CameraPose.of(other_from_ours @ pose.rotation, pose.position_m @ other_from_ours.T)


def pose_from_camera_from_world(camera_from_world: Float[np.ndarray, "*batch 3 4"]) -> CameraPose:
    """Poses from inverse matrices (``camera_from_world``)."""
    return CameraPose(CameraPose(camera_from_world).inverse())


def rotation_from_quaternion(
    quaternion_xyzw: Float[np.ndarray, "frames 4"],
) -> Float[np.ndarray, "frames 3 3"]:
    """Rotation matrices of unit quaternions."""
    # Slow to import.
    from scipy.spatial.transform import Rotation

    return Rotation.from_quat(quaternion_xyzw).as_matrix()


def quaternion_from_rotation(rotation: Float[np.ndarray, "frames 3 3"]) -> Float[np.ndarray, "frames 4"]:
    """Unit quaternions (x, y, z, w) whose sign does not jump between frames."""
    from scipy.spatial.transform import Rotation

    quaternion = Rotation.from_matrix(rotation).as_quat()
    jumps = (quaternion[1:] * quaternion[:-1]).sum(axis=-1) < 0
    quaternion[1:][np.cumsum(jumps) % 2 == 1] *= -1
    return quaternion
