"""What the cameras of a take should see: where the subject is in their images, and how far the view moved."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float

from trajectories import CameraPose, Intrinsics

# Places in the image whose motion is compared, as shares of its width and height.
_GRID = np.stack(np.meshgrid(*[[1 / 6, 1 / 2, 5 / 6]] * 2), axis=-1).reshape(-1, 2)
_NEAREST_M, _LEAST_DISTANCE_M = 0.05, 0.5
# Views that moved by less may give equal images.
_MOVED_PX = 1.0


@dataclass(frozen=True, kw_only=True)
class CameraView:
    """One camera of a take, and its subject, in each frame.

    Attributes:
        poses: world_from_camera, batch ``(frames,)``.
        focal_px: focal length in each frame; pixels are square.
        subject_m: the point that cameras aim at, world.
        body_m: feet and top of the head of the subject, world.
        height_m: height of the subject when it stands.
    """

    poses: CameraPose
    intrinsics: Intrinsics
    focal_px: Float[np.ndarray, "frames"]
    subject_m: Float[np.ndarray, "frames 3"]
    body_m: Float[np.ndarray, "frames 2 3"]
    height_m: float

    @property
    def frames(self) -> int:
        """Frames of the clip."""
        return len(self.subject_m)

    @property
    def start(self) -> tuple[bytes, float]:
        """What the first image depends on: equal for cameras that see the same."""
        return self.poses.world_from_camera[0].tobytes(), float(self.focal_px[0])

    @cached_property
    def subject_depth_m(self) -> Float[np.ndarray, "frames"]:
        """Planar depth of the subject point; negative behind the camera."""
        return np.asarray(self.poses.camera_points(self.subject_m[:, None])[:, 0, 2])

    @cached_property
    def subject_px(self) -> Float[np.ndarray, "frames 2"]:
        """The subject point in the image; NaN behind the camera."""
        points_m = self.poses.camera_points(self.subject_m[:, None])
        return np.stack([self._projected(frame, points_m[frame])[0] for frame in range(self.frames)])

    @cached_property
    def has_subject(self) -> Bool[np.ndarray, "frames"]:
        """In which frames the subject point is in the image."""
        return self._is_inside(self.subject_px)

    @cached_property
    def height_px(self) -> Float[np.ndarray, "frames"]:
        """How many pixels the height of the subject has at its depth."""
        return self.focal_px * self.height_m / np.maximum(self.subject_depth_m, _NEAREST_M)

    def has_moved(self, frame: int, other: int) -> bool:
        """Whether the view of the camera differs so much that its images must."""
        return self.moved_px(frame, other) >= _MOVED_PX

    def moved_px(self, frame: int, other: int) -> float:
        """By how much the image moved: the median of nine places, at the subject's distance or at twice it.

        The larger of both counts: a dolly zoom keeps what is at the subject's distance.
        """
        before, after = self.poses[frame], self.poses[other]
        is_same_lens = self.focal_px[frame] == self.focal_px[other]
        if is_same_lens and np.array_equal(before.world_from_camera, after.world_from_camera):
            return 0.0
        image_px = _GRID * (self.intrinsics.width_px, self.intrinsics.height_px)
        centre_px = (self.intrinsics.cx_px, self.intrinsics.cy_px)
        rays = np.c_[(image_px - centre_px) / self.focal_px[frame], np.ones(len(_GRID))]
        nearest_m = max(float(np.linalg.norm(self.subject_m[frame] - before.position_m)), _LEAST_DISTANCE_M)
        moved_px = []
        for distance_m in (nearest_m, 2 * nearest_m):
            points_m = (before.rotation * (distance_m * rays)[:, None]).sum(axis=-1) + before.position_m
            again_m = ((points_m - after.position_m)[..., None] * after.rotation).sum(axis=-2)
            apart_px = np.linalg.norm(self._projected(other, again_m) - image_px, axis=-1)
            moved_px.append(float(np.median(np.nan_to_num(apart_px, nan=np.inf))))
        return round(max(moved_px), 3)

    def subject_moved_px(self, frame: int, other: int) -> float:
        """By how much the feet or the head of the subject moved in the image; 0 if one is outside of it."""
        ends_px = np.stack(
            [self._projected(one, self.poses[one].camera_points(self.body_m[one])) for one in (frame, other)]
        )
        if not self._is_inside(ends_px).all():
            return 0.0
        return round(float(np.linalg.norm(ends_px[1] - ends_px[0], axis=-1).max()), 3)

    def _projected(
        self, frame: int, points_camera_m: Float[np.ndarray, "points 3"]
    ) -> Float[np.ndarray, "points 2"]:
        """Where points in camera axes are in the image of a frame; NaN behind the camera."""
        ratio = float(self.focal_px[frame]) / self.intrinsics.fx_px
        return self.intrinsics.zoomed(ratio).project(points_camera_m)

    def _is_inside(self, image_px: Float[np.ndarray, "*batch 2"]) -> Bool[np.ndarray, "*batch"]:
        size_px = (self.intrinsics.width_px, self.intrinsics.height_px)
        with np.errstate(invalid="ignore"):
            return np.asarray(((image_px >= 0) & (image_px < size_px)).all(axis=-1))
