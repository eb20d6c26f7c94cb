"""Points that two images of one scene share, found without any knowledge of cameras. Needs OpenCV."""

from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from jaxtyping import Float32, Int, UInt8

# A match must be the best in both directions, and this much closer than the second best.
_RATIO = 0.85
_MOST_POINTS = 500
_WEAKEST_CONTRAST = 0.015
# Matches of an image pair agree with one epipolar geometry, whatever the cameras are, to so many pixels.
_AGREEMENT_PX, _CONFIDENCE, _ROUNDS = 1.5, 0.999, 300
LEAST_MATCHES, _LEAST_SHARE = 16, 0.5


@dataclass(frozen=True)
class Points:
    """Points of an image: positions in pixels, and unit descriptors."""

    position_px: Float32[np.ndarray, "points 2"]
    descriptor: Float32[np.ndarray, "points 128"]


def has_opencv() -> bool:
    """Whether images can be compared."""
    return find_spec("cv2") is not None


def points_of(image: UInt8[np.ndarray, "height width"]) -> Points:
    """The points of an image; pixel edges are at integers."""
    import cv2

    # The stubs of this release do not have it.
    finder = cv2.SIFT_create(nfeatures=_MOST_POINTS, contrastThreshold=_WEAKEST_CONTRAST)  # type: ignore[attr-defined]
    found, descriptor = finder.detectAndCompute(image, None)
    if descriptor is None:
        return Points(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    # Roots of descriptors of length 1 (sum of absolute values) have length 1, and compare better.
    root = np.sqrt(descriptor / np.maximum(descriptor.sum(axis=1, keepdims=True), 1e-9))
    return Points(np.array([one.pt for one in found], dtype=np.float32) + np.float32(0.5), root)


def matched(first: Points, second: Points) -> Int[np.ndarray, "matches 2"] | None:
    """Pairs of points (indices) that agree with one epipolar geometry; None if there are too few."""
    import cv2

    if min(len(first.position_px), len(second.position_px)) < LEAST_MATCHES:
        return None
    from_first, from_second = _mutual(first.descriptor @ second.descriptor.T)
    if len(from_first) < LEAST_MATCHES:
        return None
    a, b = first.position_px[from_first], second.position_px[from_second]
    try:
        _, agrees = cv2.findFundamentalMat(a, b, cv2.USAC_MAGSAC, _AGREEMENT_PX, _CONFIDENCE, _ROUNDS)
    except cv2.error:
        # It fails if no sample of the matches determines a geometry.
        return None
    if agrees is None:
        return None
    kept = agrees.ravel().astype(bool)
    if kept.sum() < LEAST_MATCHES or kept.mean() < _LEAST_SHARE:
        return None
    return np.stack([from_first[kept], from_second[kept]], axis=1)


def _mutual(likeness: Float32[np.ndarray, "a b"]) -> tuple[np.ndarray, np.ndarray]:
    """Indices of pairs that are each other's best, clearly better than the second best."""
    best, back = likeness.argmax(axis=1), likeness.argmax(axis=0)
    rows = np.arange(len(best))
    nearest = likeness[rows, best]
    second = np.partition(likeness, -2, axis=1)[:, -2]
    # Descriptors have length 1: squared distances are 2 - 2 x likeness.
    is_clear = (1 - nearest) < _RATIO**2 * (1 - second)
    kept = (back[best] == rows) & is_clear
    return rows[kept], best[kept]
