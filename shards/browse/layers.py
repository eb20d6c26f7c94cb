"""Depth and masks of one frame as images."""

import io

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

from ..format import DEPTH_UNIT_M
from ..takes import Take
from ..video import decode_depth, decode_mask

# Distances that have the first and the last colour; distances between them are shown by their logarithms.
NEAREST_M, FARTHEST_M = 0.5, 50.0
# From near to far: dark red, orange, yellow, green, blue, dark blue.
_COLOURS = np.array(
    [(122, 4, 3), (229, 70, 12), (249, 186, 57), (104, 220, 96), (47, 142, 236), (48, 18, 59)],
    dtype=np.float64,
)


def layer_png(take: Take, kind: str, camera: str, frame: int) -> bytes:
    """Depth in colours, or the mask, of a frame as PNG; InputError if it is damaged."""
    content = take.content(kind, camera)
    with take.parsing_member(kind, camera):
        if kind == "mask":
            return _png(decode_mask(content, start=frame, stop=frame + 1)[0])
        levels = decode_depth(content, start=frame, stop=frame + 1)[0]
    return _png(depth_colours(levels * np.float32(take.row.depth_unit_m or DEPTH_UNIT_M)))


def depth_colours(
    depth_m: Float[np.ndarray, "*frames height width"],
) -> UInt8[np.ndarray, "*frames height width 3"]:
    """Distances as colours; what has none is black."""
    log_m = np.log(np.clip(depth_m, NEAREST_M, FARTHEST_M))
    place = (log_m - np.log(NEAREST_M)) / (np.log(FARTHEST_M) - np.log(NEAREST_M)) * (len(_COLOURS) - 1)
    steps = np.arange(len(_COLOURS))
    colours = np.stack([np.interp(place, steps, channel) for channel in _COLOURS.T], axis=-1)
    return np.where((depth_m > 0)[..., None], colours, 0).astype(np.uint8)


def _png(image: UInt8[np.ndarray, "height width 3"]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(image).save(file, format="png", compress_level=1)
    return file.getvalue()
