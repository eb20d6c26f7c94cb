"""Figures of the images of a clip: black, white, of one colour, noise, repeated, and their exposure."""

from typing import Any

from .counting import FrameCounts
from .exposure import ExposureMeter
from .repeats import EqualFrames, NearlyEqualImages, Objects
from .samples import PLAIN, ImageSample
from .views import CameraView


class ImageMeter:
    """Measures the images of one camera; ``hidden_share`` as for ``EqualFrames``.

    An image is repeated if it equals an earlier one, or differs from it by ``most_change`` at most, although
    what it shows had changed.
    """

    def __init__(self, view: CameraView, *, step: int, hidden_share: float, most_change: float) -> None:
        self.counts = FrameCounts()
        self._view = view
        self._equal = EqualFrames(view, step=step, hidden_share=hidden_share)
        self._nearly_equal = NearlyEqualImages(view, step=step, most_change=most_change)
        self._exposure = ExposureMeter()
        self._frames = 0

    def add(self, image: ImageSample, objects: Objects | None) -> None:
        """Measure the next image; ``objects`` are the colours of its mask, if they are known."""
        frame, kind = self._frames, image.kind
        self._frames += 1
        if kind != "black":
            self._exposure.add(frame, image)
        if kind:
            self._count_repeated(self._equal.ended())
            # Without the subject, an image may show nothing but sky.
            if kind != "uniform" or self._view.has_subject[frame]:
                self.counts.add(f"{kind}_share", frame)
            return
        if image.is_noise:
            self.counts.add("noise_share", frame)
        repeated = self._equal.add(frame, image.fingerprint, objects, has_detail=lambda: image.has_detail)
        self._count_repeated(repeated)
        if self._nearly_equal.add(frame, image, objects):
            self._count_repeated([frame])

    def figures(self) -> dict[str, Any]:
        """The figures of ``ClipQuality``."""
        self._count_repeated(self._equal.ended())
        names = [f"{kind}_share" for kind in (*PLAIN, "noise", "repeated")]
        return {
            **{name: self.counts.share(name, self._frames) for name in names},
            **self._exposure.figures(),
        }

    def frames(self) -> dict[str, tuple[int, ...]]:
        """The frames that figures count, or are of."""
        return {**self.counts.all_frames(), **self._exposure.frames()}

    def _count_repeated(self, frames: list[int]) -> None:
        for frame in frames:
            self.counts.add("repeated_share", frame)
