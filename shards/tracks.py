"""Dense tracks: what a pixel shows, followed to other frames and other cameras of its take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64, Integer, Shaped
from numpy.typing import ArrayLike

from multitake.errors import InputError
from trajectories import Intrinsics

from .surface_ids import ClipGeometry, Ids
from .surfaces import Surfaces
from .triangles import corner_weights, directions, weights_at

if TYPE_CHECKING:
    from .takes import Clip

# A point counts as visible up to this far behind the surface at its pixel: metres, and share of depth.
# Above the rounding of stored vertices and poses, below the thickness of objects.
_BEHIND_M, _BEHIND_SHARE = 0.002, 0.001


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """Points of surfaces in some frames and cameras. Where a pixel shows nothing, NaN and not visible.

    Attributes:
        image_px: where each camera sees the point, in the image or not; NaN behind the camera.
        world_m: where it is.
        is_visible: whether it is in the image and passes the depth test there: it is at most 2 mm and 0.1 %
            behind the surface that its pixel shows. At silhouettes that surface may be another one.
        triangles: index of the triangle in ``Take.surfaces``; -1 if the pixel shows nothing.
        objects: name of its object; empty if the pixel shows nothing.
    """

    cameras: tuple[str, ...]
    frames: tuple[int, ...]
    image_px: Float32[np.ndarray, "cameras frames points 2"]
    world_m: Float32[np.ndarray, "frames points 3"]
    is_visible: Bool[np.ndarray, "cameras frames points"]
    triangles: Int64[np.ndarray, "points"]
    objects: Shaped[np.ndarray, "points"]


def track(
    clip: "Clip",
    points_px: ArrayLike,
    frame: int,
    *,
    frames: Sequence[int] | None,
    cameras: Sequence[str] | None,
) -> Tracks:
    """See ``Clip.track``."""
    take, points_px = clip.take, _points(clip, points_px)
    chosen = tuple(range(take.row.frames) if frames is None else frames)
    names = take.cameras if cameras is None else tuple(cameras)
    _check(clip, points_px, frame, chosen, names)
    triangles, shares = _surface_points(clip, points_px, frame)
    clips = [take.clip(camera) for camera in names]
    world_m = np.stack([_world_points(take.surfaces, one, triangles, shares) for one in chosen])
    seen = [_seen_by(one, chosen, world_m, triangles) for one in clips]
    objects = np.array([*take.surfaces.object_names, ""])
    return Tracks(
        cameras=names,
        frames=chosen,
        image_px=np.stack([image_px for image_px, _ in seen]),
        world_m=world_m.astype(np.float32),
        is_visible=np.stack([is_visible for _, is_visible in seen]),
        triangles=triangles,
        objects=objects[np.where(triangles < 0, -1, take.surfaces.triangle_objects[triangles])],
    )


def _points(clip: "Clip", points_px: ArrayLike) -> Float64[np.ndarray, "points 2"]:
    points = np.asarray(points_px)
    if points.ndim != 2 or points.shape[1] != 2 or points.dtype.kind not in "fiu":
        what = f"expected points of shape (n, 2), found {points.dtype} of shape {points.shape}"
        raise InputError(what, where=f"take {clip.take.key}", fix="give rows of (x_px, y_px)")
    return points.astype(np.float64)


def _check(
    clip: "Clip",
    points_px: Float[np.ndarray, "points 2"],
    frame: int,
    frames: tuple[int, ...],
    cameras: tuple[str, ...],
) -> None:
    row, where = clip.take.row, f"take {clip.take.key}"
    if not cameras:
        raise InputError("no camera was given", where=where, fix="give one or more, or None for all")
    outside = np.flatnonzero(~_is_inside(points_px, clip.intrinsics))
    if len(outside):
        x, y = points_px[outside[0]].tolist()
        fix = f"give points from (0, 0) to ({row.width_px}, {row.height_px})"
        raise InputError(f"point ({x:g}, {y:g}) is outside of the image", where=where, fix=fix)
    for one in (frame, *frames):
        if not 0 <= one < row.frames:
            raise InputError(f"unknown frame {one}", where=where, fix=f"choose from 0..{row.frames - 1}")
    if not frames or list(frames) != sorted(set(frames)):
        raise InputError("frames must ascend", where=where, fix="give one or more, sorted, each once")


def _surface_points(
    clip: "Clip", points_px: Float[np.ndarray, "points 2"], frame: int
) -> tuple[Int64[np.ndarray, "points"], Float64[np.ndarray, "points 3"]]:
    """The triangle at each point (-1: none), and the shares of its corners: they add up to 1."""
    geometry, (ids,) = clip.geometry, clip.surface_frames([frame])
    triangles = _at(ids, points_px).astype(np.int64) - 1
    weights = corner_weights(geometry.camera_corners_m(frame, np.maximum(triangles, 0)))
    shares = weights_at(weights, directions(geometry.intrinsics[frame], points_px))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares /= shares.sum(axis=1, keepdims=True)
    # They are not finite in a triangle that is seen exactly edge-on.
    return np.where(np.isfinite(shares).all(axis=1), triangles, -1), shares


def _world_points(
    surfaces: Surfaces,
    frame: int,
    triangles: Int64[np.ndarray, "points"],
    shares: Float64[np.ndarray, "points 3"],
) -> Float64[np.ndarray, "points 3"]:
    """Where points of triangles are in a frame; NaN for those of no triangle."""
    found, points_m = np.flatnonzero(triangles >= 0), np.full((len(triangles), 3), np.nan)
    corners_m = surfaces.world_corners_m(frame, triangles[found])
    points_m[found] = (corners_m * shares[found, :, None]).sum(axis=1)
    return points_m


def _seen_by(
    clip: "Clip",
    frames: tuple[int, ...],
    world_m: Float64[np.ndarray, "frames points 3"],
    triangles: Int64[np.ndarray, "points"],
) -> tuple[Float32[np.ndarray, "frames points 2"], Bool[np.ndarray, "frames points"]]:
    """Where a camera sees points, and in which frames its image shows them."""
    geometry = clip.geometry
    image_px = np.empty((*world_m.shape[:2], 2), dtype=np.float32)
    is_visible = np.empty(world_m.shape[:2], dtype=np.bool_)
    for place, ids in enumerate(clip.surface_frames(frames)):
        frame = frames[place]
        camera_m = geometry.poses[frame].camera_points(world_m[place])
        points_px = geometry.intrinsics[frame].project(camera_m)
        inside = np.flatnonzero(_is_inside(points_px, geometry.intrinsics[frame]))
        shown = _at(ids, points_px[inside]).astype(np.int64) - 1
        is_nearest = (shown < 0) | (shown == triangles[inside])
        is_nearest |= camera_m[inside, 2] <= _farthest_m(geometry, frame, shown, points_px[inside])
        image_px[place] = points_px
        is_visible[place] = False
        is_visible[place, inside] = is_nearest
    return image_px, is_visible


def _farthest_m(
    geometry: ClipGeometry,
    frame: int,
    shown: Int64[np.ndarray, "points"],
    points_px: Float64[np.ndarray, "points 2"],
) -> Float64[np.ndarray, "points"]:
    """The largest depth that the depth test lets pass where the image shows some triangles.

    It is the depth of the pixel at the point or at its centre, whichever is larger: the surface may end
    within the pixel. The plane is not followed beyond the triangle's farthest corner.
    """
    corners_m = geometry.camera_corners_m(frame, np.maximum(shown, 0))
    weights = corner_weights(corners_m)
    at_centre, at_point = (
        weights_at(weights, directions(geometry.intrinsics[frame], places_px)).sum(axis=1)
        for places_px in (np.floor(points_px) + 0.5, points_px)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        depth_m = 1 / np.minimum(at_centre, np.maximum(at_point, 1 / corners_m[..., 2].max(axis=1)))
    return depth_m * (1 + _BEHIND_SHARE) + _BEHIND_M


def _is_inside(
    points_px: Float[np.ndarray, "points 2"], intrinsics: Intrinsics
) -> Bool[np.ndarray, "points"]:
    size_px = (intrinsics.width_px, intrinsics.height_px)
    return np.asarray(((points_px >= 0) & (points_px < size_px)).all(axis=-1))


def _at(ids: Ids, points_px: Float[np.ndarray, "points 2"]) -> Integer[np.ndarray, "points"]:
    """The ids at points in the image."""
    column, row = np.floor(points_px).astype(np.int64).T
    return ids[row, column]
