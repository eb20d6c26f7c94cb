"""Figures of the images of a clip: black, clipped, of one colour, or repeated."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt32

from .counting import FrameCounts, Repeats, share
from .samples import LEVELS, PLAIN, ImageSample
from .views import CameraView

# Pixels of the sample that differ between the masks of frames in which something moved.
_LEAST_MASK_CHANGE, _MASK_CHANGE_SHARE = 8, 0.003
# By how much the subject moves in the image so that it must change, as a share of its height.
_SUBJECT_MOVED = 0.33
Objects = UInt32[np.ndarray, "rows columns"]


@dataclass
class _Run:
    """Consecutive frames of one image: the first and the last of them, and the objects in the first."""

    mark: bytes
    first: int
    last: int
    objects: Objects | None

    def has_moved(self, objects: Objects | None) -> bool:
        """Whether other objects are seen than in its first frame."""
        if objects is None or self.objects is None:
            return False
        changed = int(np.count_nonzero(objects != self.objects))
        return changed >= max(_LEAST_MASK_CHANGE, _MASK_CHANGE_SHARE * objects.size)


class ImageMeter:
    """Measures the images of one camera.

    An image is repeated if it equals an earlier one although one of these changed: the view of the camera;
    objects in masks; without masks, the place of the subject in the image, if it does so for more than
    ``hidden_share`` of the frames, in which the plan lets geometry hide the subject.
    """

    def __init__(self, view: CameraView, *, step: int, hidden_share: float) -> None:
        self.counts = FrameCounts()
        self._view, self._step, self._hidden_share = view, step, hidden_share
        self._repeats = Repeats(view.has_moved)
        self._run: _Run | None = None
        self._frames = self._pixels = self._black = self._white = self._brightness = 0

    def add(self, image: ImageSample, objects: Objects | None) -> None:
        """Measure the next image; ``objects`` are the colours of its mask, if they are known."""
        frame, kind = self._frames, image.kind
        self._frames += 1
        if kind != "black":
            self._pixels += image.count
            self._black += image.clipped_black
            self._white += image.clipped_white
            self._brightness += image.brightness
        if kind:
            self._end_run()
            # Without the subject, an image may show nothing but sky.
            if kind != "uniform" or self._view.has_subject[frame]:
                self.counts.add(f"{kind}_share", frame)
        elif self._is_repeated(frame, image, objects):
            self.counts.add("repeated_share", frame)

    def figures(self) -> dict[str, Any]:
        """The figures of ``ClipQuality``."""
        self._end_run()
        names = [f"{kind}_share" for kind in (*PLAIN, "repeated")]
        found = {name: self.counts.share(name, self._frames) for name in names}
        if not self._pixels:
            return {**found, "clipped_black": None, "clipped_white": None, "mean_level": None}
        return {
            **found,
            "clipped_black": share(self._black, self._pixels),
            "clipped_white": share(self._white, self._pixels),
            "mean_level": share(self._brightness, self._pixels * LEVELS),
        }

    def _is_repeated(self, frame: int, image: ImageSample, objects: Objects | None) -> bool:
        mark = image.fingerprint
        has_moved = self._repeats.add(frame, mark) and image.has_detail
        if self._run and self._run.mark == mark:
            self._run.last = frame
            return has_moved or self._run.has_moved(objects)
        self._end_run()
        self._run = _Run(mark, frame, frame, objects)
        return has_moved

    def _end_run(self) -> None:
        """Count the frames of a run in which the subject moved, where no mask could tell."""
        run, self._run = self._run, None
        if run is None or run.objects is not None:
            return
        is_long = run.last - run.first >= max(1, self._hidden_share * self._view.frames)
        least_px = max(2 * self._step, _SUBJECT_MOVED * float(self._view.height_px[run.first]))
        if is_long and self._view.subject_moved_px(run.first, run.last) >= least_px:
            for frame in range(run.first + 1, run.last + 1):
                self.counts.add("repeated_share", frame)
