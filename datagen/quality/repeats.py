"""Frames that repeat earlier ones although what they show had moved."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt32

from .samples import ImageSample
from .views import CameraView

# Pixels of the sample that differ between the masks of frames in which something moved.
_LEAST_MASK_CHANGE, _MASK_CHANGE_SHARE = 8, 0.003
# The same where images are compared that are nearly equal, and by how many pixels of the sample a view moves.
_LEAST_CLEAR_CHANGE, _CLEAR_CHANGE_SHARE, _CLEARLY_MOVED = 24, 0.01, 2
# By how much the subject moves in the image so that it must change, as a share of its height.
_SUBJECT_MOVED = 0.33
Objects = UInt32[np.ndarray, "rows columns"]


@dataclass
class _Run:
    """Consecutive equal frames: the first and the last of them, and the objects in the first."""

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


class EqualFrames:
    """Finds frames that equal earlier ones although the view or something in it had moved.

    Where no masks can tell, the subject has moved if it did so in the image for more than ``hidden_share`` of
    the frames, in which the plan lets geometry hide it. ``least_px`` is by how much a view must move.
    """

    def __init__(self, view: CameraView, *, step: int, hidden_share: float, least_px: float = 1.0) -> None:
        self._view, self._step, self._hidden_share = view, step, hidden_share
        self._least_px = least_px
        self._seen: dict[bytes, tuple[int, int]] = {}
        self._run: _Run | None = None

    def add(
        self, frame: int, mark: bytes, objects: Objects | None, *, has_detail: Callable[[], bool]
    ) -> list[int]:
        """Frames that are found to repeat another. Equal frames have equal marks.

        Without detail, a camera may move and see the same.
        """
        first, last = self._seen.get(mark, (frame, frame))
        self._seen[mark] = first, frame
        has_moved = any(self._view.moved_px(one, frame) >= self._least_px for one in {first, last} - {frame})
        repeated = [frame] if has_moved and has_detail() else []
        if self._run and self._run.mark == mark:
            self._run.last = frame
            return repeated or ([frame] if self._run.has_moved(objects) else [])
        ended = self.ended()
        self._run = _Run(mark, frame, frame, objects)
        return ended + repeated

    def ended(self) -> list[int]:
        """Frames of the last run, which ends, if the subject moved in it and no mask could tell."""
        run, self._run = self._run, None
        if run is None or run.objects is not None:
            return []
        is_long = run.last - run.first >= max(1, self._hidden_share * self._view.frames)
        least_px = max(2 * self._step, _SUBJECT_MOVED * float(self._view.height_px[run.first]))
        if not is_long or self._view.subject_moved_px(run.first, run.last) < least_px:
            return []
        return list(range(run.first + 1, run.last + 1))


class NearlyEqualImages:
    """Finds images that change by noise alone, although the view or the objects in it clearly changed.

    ``most_change`` is the largest change of such images, as a share of that between neighbouring pixels.
    """

    def __init__(self, view: CameraView, *, step: int, most_change: float) -> None:
        self._view, self._step, self._most_change = view, step, most_change
        self._first: tuple[int, ImageSample, Objects | None] | None = None

    def add(self, frame: int, image: ImageSample, objects: Objects | None) -> bool:
        """Whether the image shows what an earlier one did, although it must not."""
        most = self._most_change * image.roughness
        if self._first is None or image.levels_from(self._first[1]).mean() >= most or not image.has_detail:
            self._first = frame, image, objects
            return False
        first, before, objects_before = self._first
        if self._view.all_moved_px(first, frame) >= _CLEARLY_MOVED * self._step:
            return True
        if objects is None or objects_before is None:
            return False
        changed = objects != objects_before
        is_clear = np.count_nonzero(changed) >= max(_LEAST_CLEAR_CHANGE, _CLEAR_CHANGE_SHARE * changed.size)
        return bool(is_clear and image.levels_from(before)[changed].mean() < most)
