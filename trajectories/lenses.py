"""Optics: physical (Lens, millimetres) and projected (Intrinsics, pixels)."""

from dataclasses import astuple, dataclass, replace

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, kw_only=True)
class Intrinsics:
    """Pinhole projection; pixel edges are integers, so the first pixel's centre is (0.5, 0.5)."""

    fx_px: float
    fy_px: float
    cx_px: float
    cy_px: float
    width_px: int
    height_px: int

    @property
    def numbers(self) -> Float[np.ndarray, "6"]:
        """The fields in their order."""
        return np.array(astuple(self))

    def zoomed(self, focal_ratio: float) -> "Intrinsics":
        """The projection with focal lengths multiplied by a factor."""
        return replace(self, fx_px=self.fx_px * focal_ratio, fy_px=self.fy_px * focal_ratio)

    def project(self, points_camera_m: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 2"]:
        """Pixel positions (x, y) of points in camera axes; NaN behind the camera."""
        return image_fractions(points_camera_m, self.numbers) * (self.width_px, self.height_px)


def image_fractions(
    points_camera_m: Float[np.ndarray, "*#batch 3"], intrinsics: Float[np.ndarray, "*#batch 6"]
) -> Float[np.ndarray, "*#batch 2"]:
    """Positions in the image as fractions of its width and height: (0, 0) top left, (1, 1) bottom right.

    NaN behind the camera. ``intrinsics`` are the numbers of ``Intrinsics`` in their order; batch axes
    broadcast.
    """
    focal_px, centre_px, size_px = intrinsics[..., :2], intrinsics[..., 2:4], intrinsics[..., 4:]
    depth_m = np.where(points_camera_m[..., 2:] > 0, points_camera_m[..., 2:], np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        return (focal_px * points_camera_m[..., :2] / depth_m + centre_px) / size_px


def horizontal_fov_deg(focal_px: Float[np.ndarray, "*batch"], width_px: int) -> Float[np.ndarray, "*batch"]:
    """Horizontal field of view of images of that width."""
    return np.asarray(np.degrees(2 * np.arctan(width_px / 2 / focal_px)))


@dataclass(frozen=True, kw_only=True)
class Lens:
    """A lens on a square sensor (23.76 mm in ReCamMaster); images that are not square are its centre crop."""

    focal_length_mm: float
    f_number: float
    sensor_mm: float = 23.76

    def intrinsics(self, width_px: int, height_px: int) -> Intrinsics:
        """Intrinsics of an image whose longer side spans the sensor; pixels are square."""
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
        """Horizontal field of view of an image of that size."""
        focal_px = np.array(self.intrinsics(width_px, height_px).fx_px)
        return float(horizontal_fov_deg(focal_px, width_px))
