"""The images of one frame, and how they are decoded from an engine's replies."""

import io
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from .errors import EngineError
from .unrealcv_link import Reply

Image = UInt8[np.ndarray, "height width 3"]
Depth = Float[np.ndarray, "height width"]


@dataclass(frozen=True, kw_only=True)
class FrameImages:
    """All cameras at one instant: RGB images, and the passes of the batch (depth is planar, in metres)."""

    images: tuple[Image, ...]
    depths_m: tuple[Depth, ...] = ()
    masks: tuple[Image, ...] = ()


def image_of_bmp(reply: Reply, width_px: int, height_px: int) -> Image:
    """RGB from the last width x height x 4 bytes of a BMP (BGRA, top row first)."""
    size = width_px * height_px * 4
    # The client returns text if all bytes are valid UTF-8, as those of a black image with alpha 0 are.
    bmp = reply.encode() if isinstance(reply, str) else reply
    if len(bmp) < size:
        raise EngineError(f"expected an image of {width_px}x{height_px}, got {len(bmp)} bytes")
    bgra = np.frombuffer(bmp, dtype=np.uint8, offset=len(bmp) - size).reshape(height_px, width_px, 4)
    return np.ascontiguousarray(bgra[..., 2::-1])


def depth_of_npy(reply: Reply, width_px: int, height_px: int) -> Depth:
    """Metres from an npy of centimetres."""
    if not isinstance(reply, bytes):
        raise EngineError(f"expected a depth array, got text {reply[:80]!r}")
    try:
        depth_cm = np.load(io.BytesIO(reply), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise EngineError(f"expected a depth array, got something else: {error}") from error
    if depth_cm.shape != (height_px, width_px):
        raise EngineError(f"expected depth of {width_px}x{height_px}, got shape {depth_cm.shape}")
    return depth_cm.astype(np.float32) / 100.0
