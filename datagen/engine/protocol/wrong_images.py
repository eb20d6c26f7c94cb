"""Images with another size, side or unit than they should have, as faults for tests."""

import numpy as np
from jaxtyping import Shaped

from ..world.actors import CameraSensor
from ..world.faults import Faults
from .dispatch import Encode

_FIXED_SIZE_PX = (640, 480)
_CM_PER_M = np.float32(100)
_Image = Shaped[np.ndarray, "height width ..."]


def image_size_px(camera: CameraSensor, faults: Faults) -> tuple[int, int]:
    """Return the width and height of a camera's images."""
    return _FIXED_SIZE_PX if faults.fixed_size else (camera.width_px, camera.height_px)


def wrong_image(kind: str, image: _Image, faults: Faults) -> _Image:
    """Return an image of a kind as the faults leave it."""
    if faults.depth_in_metres and kind == "depth":
        image = image / _CM_PER_M
    return image[:, ::-1] if faults.mirrored else image


def wrong_encode(kind: str, encode: Encode, faults: Faults) -> Encode:
    """Return an encoding of images of a kind as the faults leave them."""
    if faults.mirrored or faults.depth_in_metres:
        return lambda image: encode(wrong_image(kind, image, faults))
    return encode
