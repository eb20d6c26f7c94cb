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
# What is far: in times of the subject's distance, and at least.
_FAR, _LEAST_FAR_M = 4.0, 10.0


@dataclass(frozen=True, kw_only=True)
class CameraView:
    """One camera of a take, and its subject, in each frame.

    Attributes:
        poses: world_from_camera, batch ``(frames,)``.
        focal_px: focal length in each frame; pixels are square.
        body_m: feet and top of the head of the subject, world.
        actors_m: the point of each actor that cameras would aim at, the subject first, world.
        heights_m: heights of the actors when they stand.
    """

    poses: CameraPose
    intrinsics: Intrinsics
    focal_px: Float[np.ndarray, "frames"]
    body_m: Float[np.ndarray, "frames 2 3"]
    actors_m: Float[np.ndarray, "actors frames 3"]
    heights_m: tuple[float, ...]

    @property
    def height_m(self) -> float:
        """Height of the subject when it stands."""
        return self.heights_m[0]

    @property
    def subject_m(self) -> Float[np.ndarray, "frames 3"]:
        """The point that cameras aim at, world."""
        return np.asarray(self.actors_m[0])

    @property
    def frames(self) -> int:
        """Frames of the clip."""
        return len(self.subject_m)

    @property
    def start(self) -> tuple[bytes, float]:
        """What the first image depends on: equal for cameras that see the same."""
        return self.poses.world_from_camera[0].tobytes(), float(self.focal_px[0])

    @cached_property
    def actors_depth_m(self) -> Float[np.ndarray, "actors frames"]:
        """Planar depth of the points of the actors; negative behind the camera."""
        points_m = self.poses.camera_points(np.swapaxes(self.actors_m, 0, 1))
        return np.asarray(points_m[..., 2].T)

    @property
    def subject_depth_m(self) -> Float[np.ndarray, "frames"]:
        """Planar depth of the subject point; negative behind the camera."""
        return np.asarray(self.actors_depth_m[0])

    @cached_property
    def actors_px(self) -> Float[np.ndarray, "actors frames 2"]:
        """The points of the actors in the image; NaN behind the camera."""
        points_m = self.poses.camera_points(np.swapaxes(self.actors_m, 0, 1))
        ratios = self.focal_px / self.intrinsics.fx_px
        centre_px = np.array([self.intrinsics.cx_px, self.intrinsics.cy_px])
        # The camera zooms about its principal point.
        projected_px = self.intrinsics.project(points_m)
        return np.swapaxes(centre_px + ratios[:, None, None] * (projected_px - centre_px), 0, 1)

    @property
    def subject_px(self) -> Float[np.ndarray, "frames 2"]:
        """The subject point in the image; NaN behind the camera."""
        return np.asarray(self.actors_px[0])

    @cached_property
    def has_subject(self) -> Bool[np.ndarray, "frames"]:
        """In which frames the subject point is in the image."""
        return self._is_inside(self.subject_px)

    @cached_property
    def heights_px(self) -> Float[np.ndarray, "actors frames"]:
        """How many pixels the height of each actor has at its depth."""
        return self.focal_px * np.array(self.heights_m)[:, None] / np.maximum(self.actors_depth_m, _NEAREST_M)

    @property
    def height_px(self) -> Float[np.ndarray, "frames"]:
        """How many pixels the height of the subject has at its depth."""
        return np.asarray(self.heights_px[0])

    def has_moved(self, frame: int, other: int) -> bool:
        """Whether the view of the camera differs so much that its images must."""
        return self.moved_px(frame, other) >= _MOVED_PX

    def moved_px(self, frame: int, other: int) -> float:
        """By how much the image moved: the median of nine places, at the subject's distance or at twice it.

        The larger of both counts: a dolly zoom keeps what is at the subject's distance.
        """
        near_m = self._distance_m(frame)
        return max(self.apart_px(frame, self, other, distance_m) for distance_m in (near_m, 2 * near_m))

    def all_moved_px(self, frame: int, other: int, view: "CameraView | None" = None) -> float:
        """By how much the image moved at twice the subject's distance, and far away: the smaller one.

        ``other`` is a frame of this camera or of another one of the take, ``view``.
        """
        near_m = self._distance_m(frame)
        distances_m = 2 * near_m, max(_FAR * near_m, _LEAST_FAR_M)
        return min(self.apart_px(frame, view or self, other, distance_m) for distance_m in distances_m)

    def apart_px(self, frame: int, view: "CameraView", other: int, distance_m: float) -> float:
        """How far nine places of the image are from where ``view`` sees them; their median."""
        is_same_lens = self.focal_px[frame] == view.focal_px[other]
        before, after = self.poses[frame].world_from_camera, view.poses[other].world_from_camera
        if is_same_lens and np.array_equal(before, after):
            return 0.0
        image_px = _GRID * (self.intrinsics.width_px, self.intrinsics.height_px)
        again_px = self.seen_again_px(image_px, frame, view, other, distance_m)
        apart_px = np.linalg.norm(again_px - image_px, axis=-1)
        return round(float(np.median(np.nan_to_num(apart_px, nan=np.inf))), 3)

    def seen_again_px(
        self,
        image_px: Float[np.ndarray, "places 2"],
        frame: int,
        view: "CameraView",
        other: int,
        distance_m: float,
    ) -> Float[np.ndarray, "places 2"]:
        """Where ``view`` sees in its frame ``other`` what is at places of an image; NaN behind it."""
        before, after = self.poses[frame], view.poses[other]
        centre_px = (self.intrinsics.cx_px, self.intrinsics.cy_px)
        rays = np.c_[(image_px - centre_px) / self.focal_px[frame], np.ones(len(image_px))]
        points_m = (before.rotation * (distance_m * rays)[:, None]).sum(axis=-1) + before.position_m
        return view._projected(
            other, ((points_m - after.position_m)[..., None] * after.rotation).sum(axis=-2)
        )

    def _distance_m(self, frame: int) -> float:
        away_m = float(np.linalg.norm(self.subject_m[frame] - self.poses[frame].position_m))
        return max(away_m, _LEAST_DISTANCE_M)

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
