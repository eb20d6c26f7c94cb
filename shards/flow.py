"""Forward optical flow, computed from the triangles that are seen: exact, moving characters included."""

import numpy as np
from jaxtyping import Float32

from .surface_ids import ClipGeometry, Ids, seen_triangles
from .triangles import corner_weights, directions, pixel_centres, weights_at


def forward_flow_px(ids: Ids, geometry: ClipGeometry, frame: int) -> Float32[np.ndarray, "height width 2"]:
    """How far the point at each pixel's centre moves to the next frame, right and down.

    NaN where nothing is seen, and for points that are behind the camera in the next frame. Points that leave
    the image, or that something hides in the next frame, have a flow.
    """
    triangles, place = seen_triangles(ids, len(geometry.surfaces.triangles))
    weights = corner_weights(geometry.camera_corners_m(frame, triangles))
    corners_m = geometry.camera_corners_m(frame + 1, triangles)
    # A homography per triangle, of size about 1, so float32 is enough: from a direction in this
    # frame to the point in the next one, up to its scale.
    next_from_direction = np.full((len(triangles) + 1, 3, 3), np.nan, dtype=np.float32)
    next_from_direction[1:] = sum(
        corners_m[:, corner, :, None] * weights[:, corner, None, :] for corner in range(3)
    )
    now, then = geometry.intrinsics[frame], geometry.intrinsics[frame + 1]
    pixels_px = pixel_centres(now).astype(np.float32)
    next_camera = weights_at(next_from_direction[place], directions(now, pixels_px))
    depth = np.where(next_camera[..., 2] > 0, next_camera[..., 2], np.float32(np.nan))
    x_px = next_camera[..., 0] / depth * then.fx_px + then.cx_px
    y_px = next_camera[..., 1] / depth * then.fy_px + then.cy_px
    return np.stack([x_px, y_px], axis=-1) - pixels_px
