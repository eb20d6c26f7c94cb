"""Forward optical flow, computed from the triangles that are seen: exact, moving characters included."""

import numpy as np
from jaxtyping import Float32

from .surface_ids import Ids, SurfaceView, seen_triangles
from .triangles import corner_weights, directions, pixel_centres, weights_at


def forward_flow_px(ids: Ids, view: SurfaceView, frame: int) -> Float32[np.ndarray, "height width 2"]:
    """How far the point at each pixel's centre moves to the next frame, right and down.

    NaN where nothing is seen, and for points that are behind the camera in the next frame. Points that leave
    the image, or that something hides in the next frame, have a flow.
    """
    triangles, place = seen_triangles(ids, len(view.surfaces.triangles))
    weights = corner_weights(view.corners_m(frame, triangles))
    corners_m = view.corners_m(frame + 1, triangles)
    # From a direction in this frame to the point in the next one, up to its scale: a homography of order 1.
    onward = np.full((len(triangles) + 1, 3, 3), np.nan, dtype=np.float32)
    onward[1:] = sum(corners_m[:, corner, :, None] * weights[:, corner, None, :] for corner in range(3))
    pixels_px = pixel_centres(view.intrinsics).astype(np.float32)
    ahead = weights_at(onward[place], directions(view.intrinsics, pixels_px))
    depth = np.where(ahead[..., 2] > 0, ahead[..., 2], np.float32(np.nan))
    x_px = ahead[..., 0] / depth * view.intrinsics.fx_px + view.intrinsics.cx_px
    y_px = ahead[..., 1] / depth * view.intrinsics.fy_px + view.intrinsics.cy_px
    return np.stack([x_px, y_px], axis=-1) - pixels_px
