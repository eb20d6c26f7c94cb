"""Rigid camera transforms ``world_from_camera``, batched over any leading axes.

World: right-handed, Z up, metres. Camera: OpenCV axes (x right, y down, z forward).
"""

from dataclasses import dataclass
from functools import reduce
from itertools import chain
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from multitake.errors import InputError

ORTHONORMAL_TOLERANCE = 1e-4


@dataclass(frozen=True)
class CameraPose:
    """Camera positions and orientations: ``point_world = R @ point_camera + position``.

    Attributes:
        world_from_camera: ``[R | position_m]``, float64, shape ``(*batch, 3, 4)``; R is proper (det +1).
    """

    world_from_camera: Float[np.ndarray, "*batch 3 4"]

    @classmethod
    def of(
        cls, rotation: Float[np.ndarray, "*#batch 3 3"], position_m: Float[np.ndarray, "*#batch 3"]
    ) -> "CameraPose":
        """Poses from rotations and positions (metres); batch axes broadcast."""
        batch = np.broadcast_shapes(rotation.shape[:-2], position_m.shape[:-1])
        joined = np.empty((*batch, 3, 4))
        joined[..., :3] = rotation
        joined[..., 3] = position_m
        return cls(joined)

    @classmethod
    def looking(
        cls, position_m: Float[np.ndarray, "*batch 3"], forward: Float[np.ndarray, "*batch 3"]
    ) -> "CameraPose":
        """Level poses at ``position_m`` with the optical axis along ``forward`` (world, any length).

        NaN where ``forward`` is vertical.
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
        """Index the batch axes as numpy does."""
        return type(self)(self.world_from_camera[index])

    def inverse(self) -> Float[np.ndarray, "*batch 3 4"]:
        """``camera_from_world`` as ``(*batch, 3, 4)``."""
        rotation = np.swapaxes(self.rotation, -1, -2)
        return CameraPose.of(rotation, -(rotation @ self.position_m[..., None])[..., 0]).world_from_camera

    def seen_from(self, reference: "CameraPose") -> Float[np.ndarray, "*batch 3 4"]:
        """``reference_from_camera = inverse(reference) @ self``; batch axes broadcast."""
        return compose(reference.inverse(), self.world_from_camera)

    def camera_points(
        self, points_world_m: Float[np.ndarray, "*#batch points 3"]
    ) -> Float[np.ndarray, "*batch points 3"]:
        """World points in camera axes (metres)."""
        relative = points_world_m - self.position_m[..., None, :]
        return relative @ self.rotation

    @property
    def is_proper(self) -> Bool[np.ndarray, "*batch"]:
        """Which poses are finite and have an orthonormal, right-handed rotation."""
        right, down, forward = np.moveaxis(self.rotation, (-1, -2), (0, 1))
        with np.errstate(invalid="ignore", over="ignore"):
            errors = chain(
                (right[i - 2] * down[i - 1] - right[i - 1] * down[i - 2] - forward[i] for i in range(3)),
                (_dot(a, b) - dot for a, b, dot in ((right, right, 1), (down, down, 1), (right, down, 0))),
            )
            # NaN compares as false.
            is_proper = reduce(np.maximum, map(np.abs, errors)) <= ORTHONORMAL_TOLERANCE
        return np.asarray(is_proper & np.isfinite(self.position_m).all(axis=-1))

    def first_fault(self) -> "PoseFault | None":
        """The first improper pose; None if all are proper."""
        improper = np.argwhere(~self.is_proper)
        if not len(improper):
            return None
        index = tuple(improper[0].tolist())
        rotation = self.rotation[index]
        if not np.isfinite(self.world_from_camera[index]).all():
            return PoseFault(index=index, what="pose is not finite", fix="correct or remove that camera")
        error = np.abs(rotation @ rotation.T - np.eye(3)).max()
        if error > ORTHONORMAL_TOLERANCE:
            what = f"rotation is not orthonormal (error {error:.2g})"
            return PoseFault(index=index, what=what, fix="give orthonormal rotation matrices")
        fix = "undo the mirroring, e.g. negate the y axis of the world in all poses"
        return PoseFault(index=index, what="rotation is mirrored (determinant -1)", fix=fix)

    def checked(self, where: str) -> "CameraPose":
        """Return self, or raise InputError for the first improper pose."""
        fault = self.first_fault()
        if fault:
            raise InputError(fault.what, where=where, fix=fault.fix)
        return self


@dataclass(frozen=True, kw_only=True)
class PoseFault:
    """What is wrong with one pose (``index`` into the batch axes), and what to do about it."""

    index: tuple[int, ...]
    what: str
    fix: str


def compose(
    a_from_b: Float[np.ndarray, "*#batch 3 4"], b_from_c: Float[np.ndarray, "*#batch 3 4"]
) -> Float[np.ndarray, "*#batch 3 4"]:
    """``a_from_c`` of two rigid transforms; batch axes broadcast."""
    rotation = a_from_b[..., :3] @ b_from_c[..., :3]
    position = (a_from_b[..., :3] @ b_from_c[..., 3:])[..., 0] + a_from_b[..., 3]
    return CameraPose.of(rotation, position).world_from_camera


def rotation_angle_rad(
    a: Float[np.ndarray, "*#batch 3 3"], b: Float[np.ndarray, "*#batch 3 3"]
) -> Float[np.ndarray, "*#batch"]:
    """Angle between rotations, 0 to pi: ``2 asin(|a - b|_F / sqrt(8))``, which is exact for small angles."""
    return angle_of_chord(squared_chord(a, b))


def squared_chord(
    a: Float[np.ndarray, "*#batch 3 3"], b: Float[np.ndarray, "*#batch 3 3"]
) -> Float[np.ndarray, "*#batch"]:
    """``|a - b|_F`` squared; it grows with the angle between the rotations."""
    apart = (a[..., i, j] - b[..., i, j] for i in range(3) for j in range(3))
    return np.asarray(reduce(np.add, (difference * difference for difference in apart)))


def angle_of_chord(squared: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch"]:
    """The angle between rotations with this squared chord."""
    return np.asarray(2 * np.arcsin(np.minimum(np.sqrt(squared / 8), 1.0)))


def _dot(a: Float[np.ndarray, "3 *batch"], b: Float[np.ndarray, "3 *batch"]) -> Float[np.ndarray, "*batch"]:
    return np.asarray(a[0] * b[0] + a[1] * b[1] + a[2] * b[2])
