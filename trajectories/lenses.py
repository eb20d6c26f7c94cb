"""Optics: physical (Lens, millimetres) and projected (Intrinsics, pixels)."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from multitake.settings import STRICT


@dataclass(frozen=True, kw_only=True)
class Intrinsics:
    """Pinhole projection; pixel edges at integers, so the first pixel's centre is (0.5, 0.5)."""

    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    width_px: int
    height_px: int

    def project(self, points_camera_m: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 2"]:
        """Pixel positions (x, y) of points in camera axes; meaningless where z <= 0."""
        x, y, z = np.moveaxis(points_camera_m, -1, 0)
        return np.stack([self.fx_px * x / z + self.cx_px, self.fy_px * y / z + self.cy_px], axis=-1)


@dataclass(frozen=True, kw_only=True)
class Lens:
    """A lens on a square sensor (ReCamMaster's 23.76 mm); wider or taller pictures are its centre crop."""

    __pydantic_config__ = STRICT
    focal_length_mm: float
    f_number: float
    sensor_mm: float = 23.76

    def intrinsics(self, width_px: int, height_px: int) -> Intrinsics:
        """Intrinsics of a picture whose longer side spans the sensor; pixels are square."""
        focal_px = self.focal_length_mm / self.sensor_mm * max(width_px, height_px)
        return Intrinsics(
            fx_px=focal_px,
            fy_px=focal_px,
            cx_px=width_px / 2,
            cy_px=height_px / 2,
            width_px=width_px,
            height_px=height_px,
        )

    def horizontal_fov_deg(self, width_px: int, height_px: int) -> float:
        """Full horizontal angle of view of such a picture."""
        intrinsics = self.intrinsics(width_px, height_px)
        return math.degrees(2 * math.atan(width_px / 2 / intrinsics.fx_px))
