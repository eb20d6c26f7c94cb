"""A rig: the cameras that film one scene together."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .lenses import Lens
from .poses import CameraPose


@dataclass(frozen=True, kw_only=True)
class CameraMove:
    """What one camera does, as drawn: the motion's parameters (None where it has no such one) and its pace.

    Attributes:
        motion: a key of ``MOTIONS``.
        angle_deg: signed amplitude of a pan, tilt or arc; of a joint turn its pan.
        tilt_deg: signed tilt of a joint turn.
        direction: unit world direction of a translation.
        distance_m: length of a translation or of a random move's curve.
        waypoints_m: a random move's waypoints, as offsets from the start, flattened xyz.
        is_tracking: whether the camera keeps aiming at the pivot.
        is_eased: whether it slows at every waypoint instead of following the speed curve.
        speed_a: ``a`` of the speed curve; 0 is constant speed.
    """

    motion: str
    angle_deg: float | None = None
    tilt_deg: float | None = None
    direction: tuple[float, float, float] | None = None
    distance_m: float | None = None
    waypoints_m: tuple[float, ...] | None = None
    is_tracking: bool = False
    is_eased: bool = False
    speed_a: float = 0.0

    @property
    def speed_class(self) -> str:
        """``none`` for a static camera, ``eased``, ``constant`` or ``variable``."""
        if self.motion == "static":
            return "none"
        if self.is_eased:
            return "eased"
        return "constant" if self.speed_a == 0 else "variable"


@dataclass(frozen=True, kw_only=True)
class Rig:
    """Named cameras with one lens, each on its own trajectory.

    Attributes:
        poses: world_from_camera, batch ``(cameras, frames)``.
        pivot_m: the aim point, world.
        moves: what each camera does, in camera order.
        attempts: which draw each camera's path is; 0 is the first.
        flags: the reasons against each camera's path, see ``REASONS``.
    """

    cameras: tuple[str, ...]
    lens: Lens
    poses: CameraPose
    pivot_m: Float[np.ndarray, "3"]
    moves: tuple[CameraMove, ...]
    layout: str
    time_base: str
    attempts: tuple[int, ...]
    flags: tuple[tuple[str, ...], ...]

    @property
    def focus_distance_m(self) -> Float[np.ndarray, "cameras frames"]:
        """Distance from each camera to the pivot, frame by frame: where a tracking focus puts the focus."""
        return np.linalg.norm(self.poses.position_m - self.pivot_m, axis=-1)


def camera_name(index: int) -> str:
    """``cam01`` for index 0."""
    return f"cam{index + 1:02d}"
