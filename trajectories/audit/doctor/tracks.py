"""What a source states about the cameras of a take, and how each of its image pairs should look by that."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

# Surfaces are no nearer than this share of the baseline, and of the size of the rig.
_NEAREST_OF_BASELINE, _NEAREST_OF_RIG = 0.02, 1e-3
_BEHIND_PX, _IN_FRONT = 1e4, 1e-6
# Positions of six digits that differ by less are equal.
_SAME_PLACE = 1e-5


@dataclass(frozen=True)
class Tracks:
    """Poses and projections of the cameras of a take in all frames.

    Attributes:
        world_from_camera: proper poses.
        intrinsics: fx, fy, cx, cy in pixels of the images that are examined.
    """

    world_from_camera: Float[np.ndarray, "cameras frames 3 4"]
    intrinsics: Float[np.ndarray, "cameras frames 4"]

    def has_baseline(self, groups: "ImageGroups") -> Bool[np.ndarray, "groups"]:
        """Whether the images of each group are from different places, all of them."""
        camera, frame = np.moveaxis(groups.images, -1, 0)
        places = self.world_from_camera[camera, frame][..., 3]
        moved = np.linalg.norm(places[:, 1:] - places[:, :1], axis=-1)
        return np.asarray((moved > _SAME_PLACE * (1 + np.abs(places).max(axis=(1, 2)))[:, None]).all(axis=1))

    def with_poses(self, world_from_camera: np.ndarray) -> "Tracks":
        """The tracks with other poses."""
        return replace(self, world_from_camera=world_from_camera)


@dataclass(frozen=True)
class ImageGroups:
    """Matches of pairs, or of triples, of images of a take; each group has as many, some of them twice.

    Attributes:
        images: camera and frame of each image of a group.
        points_px: positions of the matches in each image.
    """

    images: Int[np.ndarray, "groups views 2"]
    points_px: Float[np.ndarray, "groups views matches 2"]

    def __len__(self) -> int:
        return len(self.images)

    def chosen(self, groups: np.ndarray) -> "ImageGroups":
        """Some of the groups: a mask or indices."""
        return ImageGroups(self.images[groups], self.points_px[groups])


def residuals_px(groups: ImageGroups, tracks: Tracks) -> Float[np.ndarray, "groups matches"]:
    """How far each match is from where the tracks allow it, in pixels.

    Of pairs: a point of the first image can be anywhere on a line in the second one, from where it is if it
    is far away to where it is if it is near; without a baseline, the line is a point. The distance is the
    root mean square of both directions. Of triples: how far apart the depths in the first image are that the
    second and the third one give, in standard deviations of an error of one pixel.
    """
    views = [_View.of(groups, tracks, view) for view in range(groups.images.shape[1])]
    if len(views) == 3:
        first, *others = views
        (u, per_px), (v, per_px_too) = (_inverse_depth(first, other) for other in others)
        return np.minimum(np.abs(u - v) / np.sqrt(per_px**2 + per_px_too**2), _BEHIND_PX)
    a, b = views
    nearest = _nearest(tracks.world_from_camera, a, b)
    return np.sqrt((_distance_px(a, b, nearest) ** 2 + _distance_px(b, a, nearest) ** 2) / 2)


@dataclass(frozen=True)
class _View:
    """One image of each group: pose, focal lengths, and directions of its points as (x / z, y / z)."""

    pose: Float[np.ndarray, "groups 3 4"]
    focal_px: Float[np.ndarray, "groups 1 2"]
    rays: Float[np.ndarray, "groups matches 2"]

    @classmethod
    def of(cls, groups: ImageGroups, tracks: Tracks, view: int) -> "_View":
        camera, frame = groups.images[:, view].T
        intrinsics = tracks.intrinsics[camera, frame][:, None]
        rays = (groups.points_px[:, view] - intrinsics[..., 2:]) / intrinsics[..., :2]
        return cls(tracks.world_from_camera[camera, frame], intrinsics[..., :2], rays)


@dataclass(frozen=True)
class _Lines:
    """Where points of one image can be in another one: at inverse depth u, a point is ``far + u * move``.

    In the plane of the other image, it misses its match by ``(offset - u * slope) / depth``.
    """

    far: Float[np.ndarray, "groups matches 3"]
    move: Float[np.ndarray, "groups 1 3"]
    offset: Float[np.ndarray, "groups matches 2"]
    slope: Float[np.ndarray, "groups matches 2"]

    @classmethod
    def of(cls, a: _View, b: _View) -> "_Lines":
        b_from_world = np.swapaxes(b.pose[..., :3], -1, -2)
        rotation = b_from_world @ a.pose[..., :3]
        move = (b_from_world @ (a.pose[..., 3] - b.pose[..., 3])[..., None])[..., 0][:, None]
        far = a.rays @ np.swapaxes(rotation[..., :2], -1, -2) + rotation[:, None, :, 2]
        offset = far[..., :2] - b.rays * far[..., 2:]
        return cls(far, move, offset, b.rays * move[..., 2:] - move[..., :2])

    @property
    def inverse_depth(self) -> Float[np.ndarray, "groups matches"]:
        """That of the point of the line next to the match."""
        length2 = (self.slope**2).sum(axis=-1)
        return (self.offset * self.slope).sum(axis=-1) / np.maximum(length2, 1e-18)

    def depth(self, u: Float[np.ndarray, "groups matches"]) -> Float[np.ndarray, "groups matches"]:
        """Depth in the other image, as a multiple of that in the first one."""
        return self.far[..., 2] + u * self.move[..., 2]


def _nearest(
    tracks: Float[np.ndarray, "cameras frames 3 4"], a: _View, b: _View
) -> Float[np.ndarray, "groups 1"]:
    """The smallest distance of surfaces from the cameras of each pair, in the unit of the poses."""
    rig = np.linalg.norm(np.ptp(tracks[..., 3].reshape(-1, 3), axis=0))
    baseline = np.linalg.norm(b.pose[..., 3] - a.pose[..., 3], axis=-1, keepdims=True)
    return np.maximum(_NEAREST_OF_BASELINE * baseline, _NEAREST_OF_RIG * rig + 1e-9)


def _distance_px(
    a: _View, b: _View, nearest: Float[np.ndarray, "groups 1"]
) -> Float[np.ndarray, "groups matches"]:
    """Distance in the second image of each match from the line of its point in the first one."""
    lines = _Lines.of(a, b)
    u = np.clip(lines.inverse_depth, 0.0, 1 / nearest)
    depth = lines.depth(u)
    missed_px = np.linalg.norm((lines.offset - u[..., None] * lines.slope) * b.focal_px, axis=-1)
    is_in_front = depth > _IN_FRONT
    return np.where(is_in_front, np.minimum(missed_px / np.maximum(depth, _IN_FRONT), _BEHIND_PX), _BEHIND_PX)


def _inverse_depth(
    a: _View, b: _View
) -> tuple[Float[np.ndarray, "groups matches"], Float[np.ndarray, "groups matches"]]:
    """Inverse depths of points of the first image, and by how much they change in one pixel of the second."""
    lines = _Lines.of(a, b)
    u = lines.inverse_depth
    slope_px = np.linalg.norm(lines.slope * b.focal_px, axis=-1)
    return u, np.maximum(np.abs(lines.depth(u)), _IN_FRONT) / np.maximum(slope_px, 1e-12)
