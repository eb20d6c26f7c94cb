"""What the cameras of a take should see: where the subject is in their images, and how far the view moved."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float

from trajectories import CameraPose, Intrinsics

# Places in the image whose motion is compared, as shares of its width and height.
_GRID = np.stack(np.meshgrid(*[[1 / 6, 1 / 2, 5 / 6]] * 2), axis=-1).reshape(-1, 2)
_NEAREST_M = 0.05
# Views that moved by less may give equal images.
_MOVED_PX = 1.0


@dataclass(frozen=True, kw_only=True)
class CameraView:
    """One camera of a take, and its subject, in each frame.

    Attributes:
        poses: world_from_camera, batch ``(frames,)``.
        subject_m: the point that cameras aim at, world.
        body_m: feet and top of the head of the subject, world.
        height_m: height of the subject when it stands.
    """

    poses: CameraPose
    intrinsics: Intrinsics
    subject_m: Float[np.ndarray, "frames 3"]
    body_m: Float[np.ndarray, "frames 2 3"]
    height_m: float

    @cached_property
    def subject_depth_m(self) -> Float[np.ndarray, "frames"]:
        """Planar depth of the subject point; negative behind the camera."""
        return np.asarray(self.poses.camera_points(self.subject_m[:, None])[:, 0, 2])

    @cached_property
    def subject_px(self) -> Float[np.ndarray, "frames 2"]:
        """The subject point in the image; NaN behind the camera."""
        return self.intrinsics.project(self.poses.camera_points(self.subject_m[:, None])[:, 0])

    @cached_property
    def has_subject(self) -> Bool[np.ndarray, "frames"]:
        """In which frames the subject point is in the image."""
        return self._is_inside(self.subject_px)

    @cached_property
    def height_px(self) -> Float[np.ndarray, "frames"]:
        """How many pixels the height of the subject has at its depth."""
        return self.intrinsics.fx_px * self.height_m / np.maximum(self.subject_depth_m, _NEAREST_M)

    @property
    def frames(self) -> int:
        """Frames of the clip."""
        return len(self.subject_m)

    def has_moved(self, frame: int, other: int) -> bool:
        """Whether the view of the camera differs so much that its images must."""
        return self.moved_px(frame, other) >= _MOVED_PX

    def moved_px(self, frame: int, other: int) -> float:
        """By how much what is at the subject's distance moved in the image: the median of nine places."""
        if np.array_equal(self.poses.world_from_camera[frame], self.poses.world_from_camera[other]):
            return 0.0
        size_px = np.array([self.intrinsics.width_px, self.intrinsics.height_px])
        image_px = _GRID * size_px
        centre_px = (self.intrinsics.cx_px, self.intrinsics.cy_px)
        distance_m = max(float(np.linalg.norm(self.subject_m[frame] - self.poses.position_m[frame])), 0.5)
        rays = np.c_[(image_px - centre_px) / self.intrinsics.fx_px, np.ones(len(_GRID))]
        before, after = self.poses[frame], self.poses[other]
        points_m = (before.rotation * (distance_m * rays)[:, None]).sum(axis=-1) + before.position_m
        again_m = ((points_m - after.position_m)[..., None] * after.rotation).sum(axis=-2)
        moved_px = np.linalg.norm(self.intrinsics.project(again_m) - image_px, axis=-1)
        return round(float(np.median(np.nan_to_num(moved_px, nan=np.inf))), 3)

    def subject_moved_px(self, frame: int, other: int) -> float:
        """By how much the feet or the head of the subject moved in the image; 0 if one is outside of it."""
        both = [frame, other]
        ends_px = self.intrinsics.project(self.poses[both].camera_points(self.body_m[both]))
        if not self._is_inside(ends_px).all():
            return 0.0
        return round(float(np.linalg.norm(ends_px[1] - ends_px[0], axis=-1).max()), 3)

    def _is_inside(self, image_px: Float[np.ndarray, "*batch 2"]) -> Bool[np.ndarray, "*batch"]:
        size_px = (self.intrinsics.width_px, self.intrinsics.height_px)
        with np.errstate(invalid="ignore"):
            return np.asarray(((image_px >= 0) & (image_px < size_px)).all(axis=-1))
