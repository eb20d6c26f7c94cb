"""Rigid camera transforms ``world_from_camera``, batched over any leading axes.

World: right-handed, Z up, metres. Camera: OpenCV axes (x right, y down, z forward).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

ORTHONORMAL_TOLERANCE = 1e-4


@dataclass(frozen=True)
class CameraPose:
    """Where cameras are and how they look: ``point_world = R @ point_camera + position``.

    Attributes:
        world_from_camera: ``[R | position_m]``, float64, shape ``(*batch, 3, 4)``; R is proper (det +1).
    """

    world_from_camera: Float[np.ndarray, "*batch 3 4"]

    @classmethod
    def of(
        cls, rotation: Float[np.ndarray, "*#batch 3 3"], position_m: Float[np.ndarray, "*#batch 3"]
    ) -> "CameraPose":
        """Join rotations and positions (metres); batch axes broadcast against each other."""
        batch = np.broadcast_shapes(rotation.shape[:-2], position_m.shape[:-1])
        joined = np.empty((*batch, 3, 4))
        joined[..., :3] = rotation
        joined[..., 3] = position_m
        return cls(joined)

    @classmethod
    def looking(
        cls, position_m: Float[np.ndarray, "*batch 3"], forward: Float[np.ndarray, "*batch 3"]
    ) -> "CameraPose":
        """Roll-free poses at ``position_m`` whose optical axis points along ``forward`` (world, any length).

        Undefined where ``forward`` is vertical (returns NaN there).
        """
        ahead = forward / np.linalg.norm(forward, axis=-1, keepdims=True)
        right = np.stack([ahead[..., 1], -ahead[..., 0], np.zeros_like(ahead[..., 0])], axis=-1)
        with np.errstate(invalid="ignore"):
            right = right / np.linalg.norm(right, axis=-1, keepdims=True)
        down = np.cross(ahead, right)
        return cls.of(np.stack([right, down, ahead], axis=-1), position_m)

    @property
    def rotation(self) -> Float[np.ndarray, "*batch 3 3"]:
        """World-from-camera rotation; columns are the camera's right, down and forward axes."""
        return self.world_from_camera[..., :3]

    @property
    def position_m(self) -> Float[np.ndarray, "*batch 3"]:
        """Camera centres in the world."""
        return self.world_from_camera[..., 3]

    @property
    def forward(self) -> Float[np.ndarray, "*batch 3"]:
        """Unit optical axes in the world."""
        return self.world_from_camera[..., 2]

    def __getitem__(self, index: Any) -> "CameraPose":
        """Index the batch axes, as numpy would."""
        return type(self)(self.world_from_camera[index])

    def inverse(self) -> Float[np.ndarray, "*batch 3 4"]:
        """``camera_from_world`` as ``(*batch, 3, 4)``."""
        return _inverse(self.world_from_camera)

    def seen_from(self, reference: "CameraPose") -> Float[np.ndarray, "*batch 3 4"]:
        """``reference_from_camera = inverse(reference) @ self``; batch axes broadcast."""
        return compose(reference.inverse(), self.world_from_camera)

    def camera_points(
        self, points_world_m: Float[np.ndarray, "*batch points 3"]
    ) -> Float[np.ndarray, "*batch points 3"]:
        """World points in camera axes (metres)."""
        relative = points_world_m - self.position_m[..., None, :]
        return relative @ self.rotation

    def checked(self, where: str) -> "CameraPose":
        """Return self, or raise InputError at the first pose that is not a proper rigid transform."""
        if not np.isfinite(self.world_from_camera).all():
            raise InputError("a pose holds NaN or infinity", where=where, fix="drop or repair that camera")
        rotation = self.rotation
        error = np.abs(rotation @ np.swapaxes(rotation, -1, -2) - np.eye(3)).max(initial=0.0)
        if error > ORTHONORMAL_TOLERANCE:
            raise InputError(
                f"rotation is not orthonormal (off by {error:.2g})", where=where, fix="normalise it"
            )
        if (np.linalg.det(rotation) < 0).any():
            raise InputError(
                "rotation is mirrored (det -1)", where=where, fix="flip the world's handedness: y -> -y"
            )
        return self


def compose(
    a_from_b: Float[np.ndarray, "*#batch 3 4"], b_from_c: Float[np.ndarray, "*#batch 3 4"]
) -> Float[np.ndarray, "*#batch 3 4"]:
    """``a_from_c`` of two rigid transforms; batch axes broadcast."""
    rotation = a_from_b[..., :3] @ b_from_c[..., :3]
    position = (a_from_b[..., :3] @ b_from_c[..., 3:])[..., 0] + a_from_b[..., 3]
    return CameraPose.of(rotation, position).world_from_camera


def _inverse(b_from_a: Float[np.ndarray, "*batch 3 4"]) -> Float[np.ndarray, "*batch 3 4"]:
    rotation = np.swapaxes(b_from_a[..., :3], -1, -2)
    position = -(rotation @ b_from_a[..., 3:])[..., 0]
    return CameraPose.of(rotation, position).world_from_camera
