"""A rig: the cameras that film one scene together."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .lenses import Lens
from .poses import CameraPose
from .shake import ShakeSample


@dataclass(frozen=True, kw_only=True)
class Rig:
    """Named cameras with one lens, each on its own trajectory.

    Attributes:
        poses: world_from_camera, batch ``(cameras, frames)``.
        steady_poses: the same without shake.
        shakes: the shake of each camera, or None.
        subject_m: the point that the cameras aim at, world.
        layout: ``shared`` if all cameras start at one pose, ``independent`` if not.
    """

    cameras: tuple[str, ...]
    lens: Lens
    poses: CameraPose
    steady_poses: CameraPose
    shakes: tuple[ShakeSample | None, ...]
    subject_m: Float[np.ndarray, "3"]
    layout: str


def camera_name(index: int) -> str:
    """``cam01`` for index 0."""
    return f"cam{index + 1:02d}"
