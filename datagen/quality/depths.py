"""Figures of the depth of a clip: plausible, not repeated, right at the subject and at edges."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int64

from .counting import FrameCounts, share
from .edges import EdgeAgreement, Steps, has_detail, steps_of
from .repeats import EqualFrames, Objects
from .samples import fingerprint
from .views import CameraView

# Engines draw nothing in front of the near plane, 0.1 m ahead.
_NEAR_PLANE_M = 0.099
# What 16 bits hold in millimetres; what is farther counts as no surface.
_FARTHEST_M = 65.535
_CONSTANT_M = 0.001
# Shares of the pixels of a frame.
_MOST_TOO_NEAR, _BLOCKED = 0.01, 0.5
# How far the surface of a body is from its point in depth.
_BODY_REACH_M = 1.0
_LEAST_SUBJECT_PIXELS = 4
# Inverse depths are counted in these; the least difference at an edge.
_NEARNESS_PER_M = 1e-6
_DETAIL = 20_000


class DepthMeter:
    """Measures the depth of one camera; a frame is blocked if over half of it is nearer than ``near_m``.

    ``hidden_share`` as for ``EqualFrames``.
    """

    def __init__(self, view: CameraView, *, step: int, hidden_share: float, near_m: float) -> None:
        self.counts = FrameCounts()
        self._view, self._step, self._near_m = view, step, near_m
        self._equal = EqualFrames(view, step=step, hidden_share=hidden_share)
        self._agreement = EdgeAgreement()
        self._has_masks = False
        self._frames = self._pixels = self._empty = 0

    def add(
        self,
        depth_m: Float[np.ndarray, "rows columns"],
        objects: Objects | None,
        subject: Bool[np.ndarray, "rows columns"] | None,
        edges: Steps,
    ) -> None:
        """Measure the next frame.

        ``objects`` are the colours of its mask, and ``subject`` the pixels of the subject, if they are known;
        ``edges`` are those of the mask, or else of the image.
        """
        frame = self._frames
        self._frames += 1
        self._pixels += depth_m.size
        is_surface = (depth_m > 0) & (depth_m < _FARTHEST_M)
        surfaces_m = depth_m[is_surface]
        self._empty += depth_m.size - len(surfaces_m)
        if _is_invalid(depth_m, surfaces_m):
            self.counts.add("depth_invalid_share", frame)
            return
        if not len(surfaces_m) or float(np.ptp(surfaces_m)) <= _CONSTANT_M:
            # Without the subject, an image may show nothing but sky.
            if self._view.has_subject[frame]:
                self.counts.add("depth_constant_share", frame)
            return
        if np.count_nonzero(surfaces_m < self._near_m) > _BLOCKED * depth_m.size:
            self._count_repeated(self._equal.ended())
            self.counts.add("blocked_share", frame)
            return
        steps = steps_of(_nearness(depth_m))
        self._agreement.add(edges, steps)
        self._has_masks = objects is not None
        repeated = self._equal.add(
            frame, fingerprint(depth_m), objects, has_detail=lambda: has_detail(steps, _DETAIL)
        )
        self._count_repeated(repeated)
        if frame not in repeated:
            self._check_subject(frame, depth_m, subject)

    def figures(self) -> dict[str, Any]:
        """The figures of ``ClipQuality``."""
        self._count_repeated(self._equal.ended())
        judged = len(self.counts.frames("judged"))
        kinds = ("depth_invalid", "depth_constant", "depth_repeated", "blocked")
        return {
            **{f"{kind}_share": self.counts.share(f"{kind}_share", self._frames) for kind in kinds},
            "depth_empty": share(self._empty, self._pixels),
            "depth_subject": None if not judged else round(1 - self.counts.share("depth_subject", judged), 6),
            # Textures have edges where depth has none.
            "depth_contrast": self._agreement.contrast if self._has_masks else None,
            "depth_mirrored": self._agreement.mirrored,
        }

    def frames(self) -> dict[str, tuple[int, ...]]:
        """The frames that figures count."""
        return self.counts.all_frames()

    def _count_repeated(self, frames: list[int]) -> None:
        for frame in frames:
            self.counts.add("depth_repeated_share", frame)

    def _check_subject(
        self,
        frame: int,
        depth_m: Float[np.ndarray, "rows columns"],
        subject: Bool[np.ndarray, "rows columns"] | None,
    ) -> None:
        """Compare the depth at the subject with its distance; what hides it may be nearer."""
        expected_m = float(self._view.subject_depth_m[frame])
        if subject is not None:
            found_m = np.sort(depth_m[subject])
            if len(found_m) < _LEAST_SUBJECT_PIXELS:
                return
            off_m = abs(float(found_m[len(found_m) // 2]) - expected_m)
        elif self._view.has_subject[frame]:
            # Its point may be beside a bent body, so the nearest surface around it counts.
            reach_px = self._view.height_px[frame] / 2
            low, high = ((self._view.subject_px[frame] + end) / self._step for end in (-reach_px, reach_px))
            last = np.array(depth_m.shape[::-1]) - 1
            (left, top), (right, bottom) = np.clip(low, 0, last).astype(int), high.astype(int) + 1
            off_m = float(depth_m[top:bottom, left:right].min()) - expected_m
        else:
            return
        self.counts.add("judged", frame)
        if off_m > _BODY_REACH_M:
            self.counts.add("depth_subject", frame)


def _nearness(depth_m: Float[np.ndarray, "rows columns"]) -> Int64[np.ndarray, "rows columns"]:
    """Inverse depth, in which edges of near surfaces count more."""
    inverse = 1 / np.clip(depth_m.astype(np.float64), _NEAR_PLANE_M, _FARTHEST_M)
    return np.asarray(np.rint(inverse / _NEARNESS_PER_M).astype(np.int64))


def _is_invalid(
    depth_m: Float[np.ndarray, "rows columns"], surfaces_m: Float[np.ndarray, "surfaces"]
) -> bool:
    """Whether a depth is not a number or negative, or too many, but not all, are before the near plane."""
    if np.isnan(depth_m).any() or (depth_m < 0).any():
        return True
    too_near = int(np.count_nonzero(depth_m < _NEAR_PLANE_M))
    return bool(len(surfaces_m)) and too_near > _MOST_TOO_NEAR * depth_m.size
