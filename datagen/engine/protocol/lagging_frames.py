"""Lit images that lag behind the scene, as those of Unreal do after a cut: a fault for tests."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFilter

from ..render.buffers import Viewpoint
from ..world.world import World
from .capture_folder import CaptureHandler
from .dispatch import Capture, Reply
from .faults import Faults

# More than a camera of a take moves from frame to frame.
_CUT_CM, _CUT_DEG = 50.0, 10.0
# Enough to be seen in any image.
_BLUR_PX = 4
_FIRST_GAIN = 0.5
_Image = UInt8[np.ndarray, "height width 4"]


@dataclass
class _Camera:
    """What a camera has captured in this level; ``mixed_left`` images are still mixed with older ones."""

    captures: int = 0
    mixed_left: int = 0
    viewpoint: Viewpoint | None = None
    image: _Image | None = None


class LaggingFrames:
    """The faults of lit images: history, late textures, drifting exposure. Without them nothing changes."""

    def __init__(self, world: World, faults: Faults) -> None:
        self._world, self._faults = world, faults
        self._is_on = bool(faults.history or faults.late_textures or faults.drifting_exposure)
        self._start_level()

    def lagging(self, capture: CaptureHandler) -> CaptureHandler:
        """Return a handler whose captures lag."""

        def handler(index: str, file_type: str) -> Reply:
            found = capture(index, file_type)
            if not isinstance(found, Capture):
                return found
            return replace(
                found, encode=lambda image: found.encode(self._late(index, found.view.viewpoint, image))
            )

        return handler if self._is_on else capture

    def _start_level(self) -> None:
        self._loads, self._captures = self._world.loads, 0
        self._cameras: dict[str, _Camera] = {}

    def _late(self, index: str, viewpoint: Viewpoint, image: _Image) -> _Image:
        if self._loads != self._world.loads:
            self._start_level()
        camera = self._cameras.setdefault(index, _Camera())
        seen = image
        if self._captures < self._faults.late_textures:
            seen = _blurred(seen)
        if camera.captures < self._faults.drifting_exposure:
            share = camera.captures / self._faults.drifting_exposure
            seen = _scaled(seen, _FIRST_GAIN + (1 - _FIRST_GAIN) * share)
        if camera.viewpoint is not None and _is_cut(camera.viewpoint, viewpoint):
            camera.mixed_left = self._faults.history
        if camera.mixed_left and camera.image is not None and camera.image.shape == image.shape:
            seen = ((seen.astype(np.uint16) + camera.image) // 2).astype(np.uint8)
            camera.mixed_left -= 1
        self._captures, camera.captures = self._captures + 1, camera.captures + 1
        # A copy, because the next draw overwrites the image.
        camera.viewpoint, camera.image = viewpoint, seen.copy()
        return seen


def _is_cut(before: Viewpoint, after: Viewpoint) -> bool:
    moved = np.abs(np.subtract(after.location_cm, before.location_cm)).max()
    turned = np.abs((np.subtract(after.rotation_deg, before.rotation_deg) + 180) % 360 - 180).max()
    return bool(moved > _CUT_CM or turned > _CUT_DEG)


def _blurred(image: _Image) -> _Image:
    return np.asarray(Image.fromarray(image).filter(ImageFilter.BoxBlur(_BLUR_PX)))


def _scaled(image: _Image, gain: float) -> _Image:
    scaled = (image * gain).astype(np.uint8)
    scaled[..., 3] = 255
    return scaled
