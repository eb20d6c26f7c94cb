"""Figures of the masks of a clip: colours of the legend alone, and the subject where it is."""

from typing import Any

import numpy as np
from jaxtyping import Bool, UInt32

from .counting import FrameCounts, share
from .views import CameraView

Objects = UInt32[np.ndarray, "rows columns"]
# A mask with a larger share of unknown colours says nothing about the subject.
_MOST_UNKNOWN = 0.01
# How far the middle of a body is from its point at most, in heights of the body.
_BODY_REACH = 0.9


class MaskMeter:
    """Measures the masks of one camera, whose colours are packed into numbers.

    ``legend`` has the known ones, ascending, with black; ``subject`` is that of the subject.
    """

    def __init__(
        self, view: CameraView, *, step: int, legend: UInt32[np.ndarray, "colours"], subject: int
    ) -> None:
        self.counts = FrameCounts()
        self._view, self._step, self._legend, self._subject = view, step, legend, subject
        self._frames = self._pixels = self._unknown = self._subject_pixels = 0

    def add(self, objects: Objects) -> Bool[np.ndarray, "rows columns"] | None:
        """Measure the next mask. Returns the pixels of the subject; None if the mask is no good."""
        frame = self._frames
        self._frames += 1
        self._pixels += objects.size
        unknown = self._unknown_pixels(objects)
        self._unknown += unknown
        is_constant = bool((objects == objects[0, 0]).all())
        if is_constant:
            self.counts.add("mask_constant_share", frame)
        if unknown > _MOST_UNKNOWN * objects.size:
            self.counts.add("mask_unknown", frame)
            return None
        if is_constant and not objects[0, 0]:
            # The subject, or what hides it, has a colour.
            if self._view.has_subject[frame]:
                self.counts.add("mask_empty_share", frame)
            return None
        is_subject = objects == self._subject
        self._check_place(frame, is_subject)
        return is_subject

    def figures(self) -> dict[str, Any]:
        """The figures of ``ClipQuality``."""
        judged = len(self.counts.frames("judged"))
        return {
            "mask_unknown": share(self._unknown, self._pixels),
            "mask_constant_share": self.counts.share("mask_constant_share", self._frames),
            "mask_empty_share": self.counts.share("mask_empty_share", self._frames),
            "mask_subject": None if not judged else round(1 - self.counts.share("mask_subject", judged), 6),
            "subject_pixels": share(self._subject_pixels, self._pixels),
        }

    def _unknown_pixels(self, objects: Objects) -> int:
        places = np.minimum(np.searchsorted(self._legend, objects), len(self._legend) - 1)
        return int(np.count_nonzero(self._legend[places] != objects))

    def _check_place(self, frame: int, is_subject: Bool[np.ndarray, "rows columns"]) -> None:
        """Compare the middle of the subject's pixels with its projected point."""
        rows, columns = np.nonzero(is_subject)
        self._subject_pixels += len(rows)
        # Next to the camera, a body is anywhere in the image.
        if not len(rows) or abs(self._view.subject_depth_m[frame]) < self._view.height_m:
            return
        self.counts.add("judged", frame)
        middle_px = self._step * (np.array([columns.mean(), rows.mean()]) + 0.5)
        off_px = float(np.linalg.norm(middle_px - self._view.subject_px[frame]))
        # NaN behind the camera.
        if not off_px <= _BODY_REACH * self._view.height_px[frame] + self._step:
            self.counts.add("mask_subject", frame)
