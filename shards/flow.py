"""Forward optical flow, computed from the triangles that are seen: exact, moving characters included."""

import numpy as np
from jaxtyping import Float32

from .surface_ids import Ids, SurfaceView
from .triangles import corner_weights, directions, pixel_centres, weights_at


def forward_flow_px(ids: Ids, view: SurfaceView, frame: int) -> Float32[np.ndarray, "height width 2"]:
    """How far the point at each pixel's centre moves to the next frame, right and down.

    NaN where nothing is seen, and for points that are behind the camera in the next frame. Points that leave
    the image, or that something hides in the next frame, have a flow.
    """
    listed, place = np.unique(ids, return_inverse=True)
    triangles = np.maximum(listed.astype(np.int64) - 1, 0)
    weights, corners_m = (
        corner_weights(view.corners_m(frame, triangles)),
        view.corners_m(frame + 1, triangles),
    )
    # From a direction in this frame to the point in the next one, up to its scale: a homography.
    onward = sum(corners_m[:, corner, :, None] * weights[:, corner, None, :] for corner in range(3))
    pixels_px = pixel_centres(view.intrinsics)
    ahead = weights_at(np.asarray(onward)[place.reshape(ids.shape)], directions(view.intrinsics, pixels_px))
    with np.errstate(invalid="ignore"):
        flow_px = view.intrinsics.project(ahead) - pixels_px
    return np.where((ids > 0)[..., None], flow_px, np.nan).astype(np.float32)
