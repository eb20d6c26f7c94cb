"""Figures of the depth of a clip: plausible, of several distances, not repeated, right at the subject."""

from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from .counting import FrameCounts, Repeats, share
from .samples import fingerprint, has_detail
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
# The least difference of inverse depths at an edge.
_DETAIL_PER_M = 0.02


class DepthMeter:
    """Measures the depth of one camera; a frame is blocked if over half of it is nearer than ``near_m``."""

    def __init__(self, view: CameraView, *, step: int, near_m: float) -> None:
        self.counts = FrameCounts()
        self._view, self._step, self._near_m = view, step, near_m
        self._repeats = Repeats(view.has_moved)
        self._frames = self._pixels = self._empty = 0

    def add(
        self,
        depth_m: Float[np.ndarray, "rows columns"],
        subject: Bool[np.ndarray, "rows columns"] | None,
    ) -> None:
        """Measure the next frame; ``subject`` has the pixels of the subject, if they are known."""
        frame = self._frames
        self._frames += 1
        self._pixels += depth_m.size
        is_surface = (depth_m > 0) & (depth_m < _FARTHEST_M)
        surfaces_m = depth_m[is_surface]
        self._empty += depth_m.size - len(surfaces_m)
        if _is_invalid(depth_m, surfaces_m):
            self.counts.add("depth_invalid_share", frame)
        elif not len(surfaces_m) or float(np.ptp(surfaces_m)) <= _CONSTANT_M:
            # Without the subject, an image may show nothing but sky.
            if self._view.has_subject[frame]:
                self.counts.add("depth_constant_share", frame)
        elif self._repeats.add(frame, fingerprint(depth_m)) and _has_detail(depth_m):
            self.counts.add("depth_repeated_share", frame)
        elif np.count_nonzero(surfaces_m < self._near_m) > _BLOCKED * depth_m.size:
            self.counts.add("blocked_share", frame)
        else:
            self._check_subject(frame, depth_m, subject)

    def figures(self) -> dict[str, Any]:
        """The figures of ``ClipQuality``."""
        judged = len(self.counts.frames("judged"))
        kinds = ("depth_invalid", "depth_constant", "depth_repeated", "blocked")
        return {
            **{f"{kind}_share": self.counts.share(f"{kind}_share", self._frames) for kind in kinds},
            "depth_empty": share(self._empty, self._pixels),
            "depth_subject": None if not judged else round(1 - self.counts.share("depth_subject", judged), 6),
        }

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


def _has_detail(depth_m: Float[np.ndarray, "rows columns"]) -> bool:
    """Whether depth must change when the camera moves; nearer surfaces count more."""
    return has_detail(1 / np.clip(depth_m, _NEAR_PLANE_M, _FARTHEST_M), _DETAIL_PER_M)


def _is_invalid(
    depth_m: Float[np.ndarray, "rows columns"], surfaces_m: Float[np.ndarray, "surfaces"]
) -> bool:
    """Whether a depth is not a number or negative, or too many surfaces are in front of the near plane."""
    if np.isnan(depth_m).any() or (depth_m < 0).any():
        return True
    return int(np.count_nonzero(surfaces_m < _NEAR_PLANE_M)) > _MOST_TOO_NEAR * depth_m.size
