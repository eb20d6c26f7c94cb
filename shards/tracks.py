"""Dense tracks: what a pixel shows, followed to other frames and other cameras of its take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Float32, Float64, Int64, Integer

from multitake.errors import InputError

from .surface_ids import Ids, SurfaceView
from .triangles import corner_weights, directions, weights_at

if TYPE_CHECKING:
    from .reading import Clip

# A visible point is behind the surface that its pixel shows by this at most: in metres, and of its depth.
_BEHIND_M, _BEHIND_SHARE = 0.002, 0.001


@dataclass(frozen=True, kw_only=True)
class Tracks:
    """Points of surfaces in some frames and cameras. Where a pixel shows nothing, NaN and not visible.

    Attributes:
        image_px: where each camera sees the point, in the image or not; NaN behind the camera.
        world_m: where it is.
        is_visible: whether it is in the image, and nothing is before it: the depth test of that image.
        triangles: index of the triangle in ``Take.surfaces``; -1 if the pixel shows nothing.
        objects: name of its object; empty if the pixel shows nothing.
    """

    cameras: tuple[str, ...]
    frames: tuple[int, ...]
    image_px: Float32[np.ndarray, "cameras frames points 2"]
    world_m: Float32[np.ndarray, "frames points 3"]
    is_visible: Bool[np.ndarray, "cameras frames points"]
    triangles: Int64[np.ndarray, "points"]
    objects: np.ndarray


def track(
    clip: "Clip",
    points_px: Float[np.ndarray, "points 2"],
    frame: int,
    *,
    frames: Sequence[int] | None,
    cameras: Sequence[str] | None,
) -> Tracks:
    """See ``Clip.track``."""
    take = clip.take
    chosen = range(take.row.frames) if frames is None else frames
    _check(clip, points_px, frame, chosen)
    views = {
        camera: take.clip(camera).surface_view for camera in (take.cameras if cameras is None else cameras)
    }
    (ids,) = clip.surface_frames([frame])
    triangles, shares = _surface_points(clip.surface_view, ids, points_px, frame)
    is_found = triangles >= 0
    world_m = np.full((len(chosen), len(points_px), 3), np.nan)
    for place, one in enumerate(chosen):
        corners_m = take.surfaces.corners_m(one, triangles[is_found])
        world_m[place, is_found] = (corners_m * shares[is_found, :, None]).sum(axis=1)
    image_px = np.empty((len(views), len(chosen), len(points_px), 2), dtype=np.float32)
    is_visible = np.empty((len(views), len(chosen), len(points_px)), dtype=np.bool_)
    for number, (camera, view) in enumerate(views.items()):
        for place, seen in enumerate(take.clip(camera).surface_frames(chosen)):
            image_px[number, place], is_visible[number, place] = _seen(
                view, seen, world_m[place], triangles, chosen[place]
            )
    surfaces = take.surfaces
    objects = np.array([*surfaces.object_names, ""])
    return Tracks(
        cameras=tuple(views),
        frames=tuple(chosen),
        image_px=image_px,
        world_m=world_m.astype(np.float32),
        is_visible=is_visible,
        triangles=triangles,
        objects=objects[np.where(is_found, surfaces.triangle_objects[triangles], -1)],
    )


def _check(clip: "Clip", points_px: Float[np.ndarray, "points 2"], frame: int, frames: Sequence[int]) -> None:
    row, where = clip.take.row, f"take {clip.take.key}"
    outside = np.flatnonzero(~_is_inside(points_px, row.width_px, row.height_px))
    if len(outside):
        x, y = points_px[outside[0]].tolist()
        what = f"point {outside[0]}, ({x:g}, {y:g}), is outside of the image"
        raise InputError(
            what, where=where, fix=f"give points from (0, 0) to ({row.width_px}, {row.height_px})"
        )
    for one in frames:
        if not 0 <= one < row.frames:
            raise InputError(f"no frame {one}", where=where, fix=f"choose from 0..{row.frames - 1}")
    if list(frames) != sorted(set(frames)):
        raise InputError("frames must ascend", where=where, fix="sort them, and give each once")


def _surface_points(
    view: SurfaceView, ids: Ids, points_px: Float[np.ndarray, "points 2"], frame: int
) -> tuple[Int64[np.ndarray, "points"], Float64[np.ndarray, "points 3"]]:
    """The triangle at each point (-1: none), and the shares of its corners: they add up to 1."""
    triangles = _at(ids, points_px).astype(np.int64) - 1
    weights = corner_weights(view.corners_m(frame, np.maximum(triangles, 0)))
    shares = weights_at(weights, directions(view.intrinsics, points_px))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares /= shares.sum(axis=1, keepdims=True)
    # Numbers that are not finite are those of a triangle that is seen exactly edge-on.
    return np.where(np.isfinite(shares).all(axis=1), triangles, -1), shares


def _seen(
    view: SurfaceView,
    ids: Ids,
    world_m: Float64[np.ndarray, "points 3"],
    triangles: Int64[np.ndarray, "points"],
    frame: int,
) -> tuple[Float64[np.ndarray, "points 2"], Bool[np.ndarray, "points"]]:
    """Where a camera sees points in a frame, and which of them its image shows."""
    camera_m = view.poses[frame].camera_points(world_m)
    image_px = view.intrinsics.project(camera_m)
    is_visible = _is_inside(image_px, view.intrinsics.width_px, view.intrinsics.height_px)
    points_px, depth_m = image_px[is_visible], camera_m[is_visible, 2]
    shown = _at(ids, points_px).astype(np.int64) - 1
    weights = corner_weights(view.corners_m(frame, np.maximum(shown, 0)))
    # The depth that the pixel shows at the point, or at its centre: surfaces end within a pixel.
    inverse_depth = np.minimum(
        *(
            weights_at(weights, directions(view.intrinsics, place_px)).sum(axis=1)
            for place_px in (points_px, np.floor(points_px) + 0.5)
        )
    )
    nearest_m = depth_m - _BEHIND_M - _BEHIND_SHARE * depth_m
    is_before = ~(inverse_depth * nearest_m > 1)
    is_visible[is_visible] = (shown < 0) | (shown == triangles[is_visible]) | is_before
    return image_px, is_visible


def _is_inside(
    points_px: Float[np.ndarray, "points 2"], width_px: int, height_px: int
) -> Bool[np.ndarray, "points"]:
    return np.asarray(((points_px >= 0) & (points_px < (width_px, height_px))).all(axis=-1))


def _at(ids: Ids, points_px: Float[np.ndarray, "points 2"]) -> Integer[np.ndarray, "points"]:
    """The ids at points in the image."""
    column, row = np.floor(points_px).astype(np.int64).T
    return ids[row, column]
