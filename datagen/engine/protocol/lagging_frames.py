"""Lit images that lag behind the scene, as those of Unreal do after a cut, and noise: faults for tests."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFilter

from multitake.randomness import rng_for

from ..render.buffers import Viewpoint
from ..render.renderer import View
from ..world.world import World
from .capture_folder import CaptureHandler
from .dispatch import Capture, Reply, uint

# More than a camera of a take moves from frame to frame.
_CUT_CM, _CUT_DEG = 50.0, 10.0
# Enough to be seen in any image.
_BLUR_PX = 4
_FIRST_GAIN = 0.5
_LOST_PER_LOAD = 0.05
_Image = UInt8[np.ndarray, "height width 4"]


@dataclass
class _Camera:
    """What a camera has captured in this level; the next ``stale_left`` and ``mixed_left`` images lag."""

    captures: int = 0
    stale_left: int = 0
    mixed_left: int = 0
    viewpoint: Viewpoint | None = None
    image: _Image | None = None


class LaggingFrames:
    """The faults of lit images in time. Without them nothing changes, and ``is_on`` is false."""

    def __init__(self, world: World) -> None:
        self._world, self._faults = world, world.faults
        of_captures = ("history", "stale_camera", "late_textures", "drifting_exposure", "grain")
        self.is_on = any(getattr(world.faults, one) for one in (*of_captures, "drift_per_load"))
        self._start_level()

    def lagging(self, capture: CaptureHandler) -> CaptureHandler:
        """Return a handler whose captures lag."""

        def handler(index: str, file_type: str) -> Reply:
            found = capture(index, file_type)
            if not isinstance(found, Capture):
                return found
            encode, views = found.encode, found.views
            return replace(found, encode=lambda image: encode(*self.seen((uint(index),), views, (image,))))

        return handler if self.is_on else capture

    def seen(
        self, cameras: Sequence[int], views: Sequence[View], images: Sequence[_Image], *, warmup: int = 0
    ) -> list[_Image]:
        """Return the lit images of cameras as they are seen; before, ``warmup`` captures are thrown away."""
        if not self.is_on:
            return list(images)
        found: list[_Image] = []
        for _ in range(warmup + 1):
            rows = zip(cameras, views, images, strict=True)
            found = [self._late(camera, view.viewpoint, image) for camera, view, image in rows]
        return found

    def _start_level(self) -> None:
        self._loads, self._captures = self._world.loads, 0
        self._cameras: dict[int, _Camera] = {}

    def _late(self, index: int, viewpoint: Viewpoint, image: _Image) -> _Image:
        """The next image of a camera."""
        if self._loads != self._world.loads:
            self._start_level()
        camera = self._cameras.setdefault(index, _Camera())
        seen = self._after_cut(camera, viewpoint, self._dimmed(camera, image))
        self._captures, camera.captures = self._captures + 1, camera.captures + 1
        # A copy, because the next draw overwrites the image.
        camera.viewpoint, camera.image = viewpoint, seen.copy()
        return _noisy(seen, self._faults.grain, self._captures) if self._faults.grain else seen

    def _dimmed(self, camera: _Camera, image: _Image) -> _Image:
        """An image with late textures, and too dark."""
        faults = self._faults
        if self._captures < faults.late_textures:
            image = _blurred(image)
        if camera.captures < faults.drifting_exposure:
            share = camera.captures / faults.drifting_exposure
            image = _scaled(image, _FIRST_GAIN + (1 - _FIRST_GAIN) * share)
        if faults.drift_per_load:
            # The level of the start is not counted.
            image = _scaled(image, max(0.0, 1 - _LOST_PER_LOAD * (self._loads - 1)))
        return image

    def _after_cut(self, camera: _Camera, viewpoint: Viewpoint, image: _Image) -> _Image:
        """An image, or the one before it, or both."""
        if camera.viewpoint is not None and _is_cut(camera.viewpoint, viewpoint):
            camera.stale_left, camera.mixed_left = self._faults.stale_camera, self._faults.history
        if camera.image is None or camera.image.shape != image.shape:
            return image
        if camera.stale_left:
            camera.stale_left -= 1
            return camera.image
        if camera.mixed_left:
            camera.mixed_left -= 1
            return ((image.astype(np.uint16) + camera.image) // 2).astype(np.uint8)
        return image


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


def _noisy(image: _Image, levels: int, capture: int) -> _Image:
    """An image with normal noise of so many levels, which depends on the number of the capture."""
    noise = levels * rng_for(0, "grain", capture).standard_normal(image.shape, dtype=np.float32)
    noisy = np.clip(np.rint(image + noise), 0, 255).astype(np.uint8)
    noisy[..., 3] = 255
    return noisy
