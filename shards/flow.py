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
    with np.errstate(invalid="ignore"):
        return np.asarray(view.intrinsics.project(ahead) - pixels_px, dtype=np.float32)
