"""Geometry as an engine's depth shows it: for levels whose meshes are not known, such as those of Unreal.

A probe is a small depth image of a camera that the take does not need yet. Actors are hidden meanwhile, so
that all surfaces are those of the level.
"""

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np
from jaxtyping import Bool, Float

from trajectories import CameraPose

from ..geometry.queries import is_enclosed
from .driver import EngineDriver
from .replies import Depth, depth_of_npy

# Engines draw nothing nearer to the camera; Unreal's default.
NEAR_M = 0.1
# Unreal's depth has half precision: steps are at most a thousandth of the distance.
_ERROR_M, _ERROR = 0.005, 0.001
_SHORTEST_M = 1e-3
# Side in pixels and field of view in degrees of images for rays, and for what is near. Odd, so that there is
# a centre; of a ray the centre alone is read, but an image of one pixel may be less than an engine renders.
_RAY, _WIDE = (9, 5.0), (33, 120.0)


class Probes:
    """The surroundings of a take that a driver has set, by depth probes with the cameras of the take."""

    def __init__(self, driver: EngineDriver) -> None:
        self._driver, self._view = driver, (0, 0.0)

    def first_hits_m(
        self, origins_m: Float[np.ndarray, "points 3"], targets_m: Float[np.ndarray, "points 3"]
    ) -> Float[np.ndarray, "points"]:
        """Distance from each origin to the first surface, up to its target; infinity if none."""
        # Many cameras stand still or share their start.
        ends_m, place = np.unique(np.hstack([origins_m, targets_m]), axis=0, return_inverse=True)
        starts_m, along_m = ends_m[:, :3], ends_m[:, 3:] - ends_m[:, :3]
        length_m = np.linalg.norm(along_m, axis=-1)
        rays = np.flatnonzero(length_m > _SHORTEST_M)
        forward = along_m[rays] / length_m[rays, None]
        # From behind the origin, so that the image begins at the origin.
        depths_m = self._depths_m(_RAY, _aimed(starts_m[rays] - NEAR_M * forward, forward))
        centre = _RAY[0] // 2
        found_m = np.array([depth_m[centre, centre] for depth_m in depths_m], dtype=np.float64) - NEAR_M
        hits_m = np.full(len(ends_m), np.inf)
        is_met = found_m < length_m[rays] - self.errors_m(length_m[rays])
        hits_m[rays[is_met]] = np.maximum(found_m[is_met], 0.0)
        return hits_m[place.ravel()]

    def errors_m(self, distances_m: Float[np.ndarray, "points"]) -> Float[np.ndarray, "points"]:
        """How wrong distances can be."""
        return _ERROR_M + _ERROR * distances_m

    def is_inside(self, points_m: Float[np.ndarray, "points 3"]) -> Bool[np.ndarray, "points"]:
        """Whether points are inside an object."""
        return is_enclosed(self, points_m)

    def clearances_m(self, poses: CameraPose, limit_m: float) -> Float[np.ndarray, "points"]:
        """Distance of cameras from the nearest surface in front of them, at most ``limit_m``."""
        behind = CameraPose.of(poses.rotation, poses.position_m - NEAR_M * poses.forward)
        side_px, fov_deg = _WIDE
        offset = (np.arange(side_px) + 0.5 - side_px / 2) / (side_px / 2) * np.tan(np.radians(fov_deg) / 2)
        x, y = np.meshgrid(offset, offset)
        squared = [
            (x * depth_m) ** 2 + (y * depth_m) ** 2 + (depth_m - NEAR_M) ** 2
            for depth_m in self._depths_m(_WIDE, behind)
        ]
        return np.minimum(np.sqrt([one.min() for one in squared]), limit_m)

    def _depths_m(self, view: tuple[int, float], poses: CameraPose) -> list[Depth]:
        """The depth image of each pose."""
        side_px, fov_deg = view
        if view != self._view:
            self._driver.set_view(side_px, side_px, fov_deg)
            self._view = view
        replies = self._driver.capture_from(poses, "depth npy")
        return [depth_of_npy(reply, side_px, side_px) for reply in replies]


@contextlib.contextmanager
def probing(driver: EngineDriver, actors: Sequence[str]) -> Iterator[Probes]:
    """Probes of the scene that the driver has set, while its actors are hidden."""
    driver.unrealcv.ask_all([f"vset /object/{actor}/hide" for actor in actors])
    yield Probes(driver)
    # Not after an EngineError: then the engine is replaced.
    driver.unrealcv.ask_all([f"vset /object/{actor}/show" for actor in actors])


def _aimed(position_m: Float[np.ndarray, "points 3"], forward: Float[np.ndarray, "points 3"]) -> CameraPose:
    """Poses with their optical axis along a unit vector, also where it is vertical."""
    level = np.stack([forward[:, 1], -forward[:, 0], np.zeros(len(forward))], axis=-1)
    length = np.linalg.norm(level, axis=-1, keepdims=True)
    right = np.where(length > 1e-9, level / np.maximum(length, 1e-9), [0.0, -1.0, 0.0])
    return CameraPose.of(np.stack([right, np.cross(forward, right), forward], axis=-1), position_m)
