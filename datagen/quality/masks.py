"""Figures of the masks of a clip: colours of the legend alone, actors where they are, edges of the image."""

from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, UInt32

from .counting import FrameCounts, share
from .edges import EdgeAgreement, Steps, has_detail
from .repeats import EqualFrames, Objects
from .samples import fingerprint
from .views import CameraView

# A mask with a larger share of unknown colours says nothing about the subject.
_MOST_UNKNOWN = 0.01
# How far the middle of a body is from its point at most, in heights of the body.
_BODY_REACH = 0.9
# Masks change for certain if the view moves by so many pixels of the sample.
_LEAST_MOVED = 2
# Two actors are told apart by their places if these are apart by this share of the smaller height.
_APART = 0.2
# They are swapped if they are so much nearer to the places of each other.
_CROSSED = 0.67


class MaskMeter:
    """Measures the masks of one camera, whose colours are packed into numbers.

    ``legend`` has the known ones, ascending, with black; ``actors`` are those of the actors, the subject
    first. ``hidden_share`` as for ``EqualFrames``.
    """

    def __init__(
        self,
        view: CameraView,
        *,
        step: int,
        hidden_share: float,
        legend: UInt32[np.ndarray, "colours"],
        actors: tuple[int, ...],
    ) -> None:
        self.counts = FrameCounts()
        self._view, self._step, self._legend, self._actors = view, step, legend, actors
        least_px = float(_LEAST_MOVED * step)
        self._equal = EqualFrames(view, step=step, hidden_share=hidden_share, least_px=least_px)
        self._agreement = EdgeAgreement()
        self._frames = self._pixels = self._unknown = self._subject_pixels = 0

    def add(
        self, objects: Objects, edges: Steps, image_steps: Steps
    ) -> Bool[np.ndarray, "rows columns"] | None:
        """Measure the next mask and its edges, beside its image.

        Returns the pixels of the subject; None if the mask is no good.
        """
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
        self._agreement.add(edges, image_steps)
        if not is_constant:
            mark = fingerprint(objects)
            repeated = self._equal.add(frame, mark, None, has_detail=lambda: has_detail(edges, 1))
            self._count_repeated(repeated)
        is_subject = objects == self._actors[0]
        self._subject_pixels += int(np.count_nonzero(is_subject))
        self._check_places(frame, objects, is_subject)
        return is_subject

    def figures(self) -> dict[str, Any]:
        """The figures of ``ClipQuality``."""
        self._count_repeated(self._equal.ended())
        shares = ("mask_constant_share", "mask_empty_share", "mask_repeated_share")
        return {
            "mask_unknown": share(self._unknown, self._pixels),
            **{name: self.counts.share(name, self._frames) for name in shares},
            "mask_subject": self._right_share("mask_subject", "judged"),
            "mask_actors": self._right_share("mask_actors", "apart"),
            "mask_contrast": self._agreement.contrast,
            "mask_mirrored": self._agreement.mirrored,
            "subject_pixels": share(self._subject_pixels, self._pixels),
        }

    def frames(self) -> dict[str, tuple[int, ...]]:
        """The frames that figures count."""
        return self.counts.all_frames()

    def _right_share(self, wrong: str, judged: str) -> float | None:
        frames = len(self.counts.frames(judged))
        return round(1 - self.counts.share(wrong, frames), 6) if frames else None

    def _count_repeated(self, frames: list[int]) -> None:
        for frame in frames:
            self.counts.add("mask_repeated_share", frame)

    def _unknown_pixels(self, objects: Objects) -> int:
        # Runs of equal pixels are fewer than pixels.
        pixels = objects.reshape(-1)
        ends = np.append(np.flatnonzero(pixels[1:] != pixels[:-1]), pixels.size - 1)
        found, counts = pixels[ends], np.diff(ends, prepend=-1)
        places = np.minimum(np.searchsorted(self._legend, found), len(self._legend) - 1)
        return int(counts[self._legend[places] != found].sum())

    def _check_places(
        self, frame: int, objects: Objects, is_subject: Bool[np.ndarray, "rows columns"]
    ) -> None:
        """Compare the middles of the actors' pixels with their projected points."""
        view = self._view
        # Next to the camera, a body is anywhere in the image.
        is_away = np.abs(view.actors_depth_m[:, frame]) >= view.heights_m
        middles_px = {}
        for place, colour in enumerate(self._actors):
            if is_away[place]:
                middles_px[place] = self._middle_px(objects == colour if place else is_subject)
        found_px = {place: middle for place, middle in middles_px.items() if middle is not None}
        if 0 in found_px:
            self.counts.add("judged", frame)
            off_px = float(np.linalg.norm(found_px[0] - view.subject_px[frame]))
            # NaN behind the camera.
            if not off_px <= _BODY_REACH * view.height_px[frame] + self._step:
                self.counts.add("mask_subject", frame)
        for one, other in combinations(found_px, 2):
            self._check_pair(frame, (one, other), np.stack([found_px[one], found_px[other]]))

    def _check_pair(self, frame: int, pair: tuple[int, int], found_px: Float[np.ndarray, "2 2"]) -> None:
        """Whether two actors are each where the other one should be."""
        places_px = self._view.actors_px[pair, frame]
        apart_px = float(np.linalg.norm(places_px[1] - places_px[0]))
        # NaN behind the camera.
        if not apart_px >= _APART * float(self._view.heights_px[pair, frame].min()) + self._step:
            return
        self.counts.add("apart", frame)
        own_px = np.linalg.norm(found_px - places_px, axis=-1).sum()
        crossed_px = np.linalg.norm(found_px - places_px[::-1], axis=-1).sum()
        if crossed_px < _CROSSED * own_px:
            self.counts.add("mask_actors", frame)

    def _middle_px(self, is_actor: Bool[np.ndarray, "rows columns"]) -> Float[np.ndarray, "2"] | None:
        rows, columns = np.nonzero(is_actor)
        if not len(rows):
            return None
        return self._step * (np.array([columns.mean(), rows.mean()]) + 0.5)
