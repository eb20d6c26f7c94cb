"""How a rig's cameras relate: shared view, relative rotation and baseline of every pair, instant by instant.

Overlap of a pair: 8 x 5 rays of one camera's picture, at 0.6, 1 and 2 times its distance from the subject;
the share of those 120 points that the other camera has in its picture, averaged over both ways.
"""

import numpy as np
from jaxtyping import Bool, Float

from ..clips import Clips
from ..report import PairStatistics
from .features import Feature, feature_of
from .quantities import Quantity

_FRAMES_SEEN = 9
_DEPTHS = (0.6, 1.0, 2.0)
_COLUMNS, _ROWS = 8, 5
_STEPS = 240
_SHOWN_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Rigs compared at once: what fits the processor's cache.
_AT_ONCE = 4


class PairCounts:
    """Counts over the rigs seen so far; memory does not grow with the number of rigs except for medians."""

    def __init__(self) -> None:
        self.rigs = 0
        self.frames: tuple[int, ...] = ()
        self.overlaps: np.ndarray = np.zeros((0, _STEPS + 1), dtype=np.int64)
        self.seen: np.ndarray = np.zeros(0)
        self.pairs = 0
        self.last: dict[str, list[np.ndarray]] = {"rotation": [], "baseline": [], "angle": []}

    def add(self, clips: Clips) -> None:
        """Compare the cameras of each rig that has two or more, a known subject and known optics."""
        is_known = np.isfinite(clips.subject_m).all(axis=1) & np.isfinite(clips.fx_px) & (clips.width_px > 0)
        begins = np.flatnonzero(np.diff(clips.rig, prepend=-1))
        counts = np.diff(begins, append=len(clips))
        frames = tuple(np.unique(np.linspace(0, clips.frames - 1, _FRAMES_SEEN).round().astype(int)).tolist())
        if self.frames and frames != self.frames:
            return
        if not self.frames:
            self.frames = frames
            self.overlaps = np.zeros((len(frames), _STEPS + 1), dtype=np.int64)
            self.seen = np.zeros(len(frames))
        usable = np.minimum.reduceat(is_known, begins) if len(begins) else np.zeros(0, dtype=bool)
        for count in np.unique(counts[usable & (counts > 1)]).tolist():
            rigs = begins[usable & (counts == count)]
            for first in range(0, len(rigs), _AT_ONCE):
                rows = rigs[first : first + _AT_ONCE, None] + np.arange(count)
                self._add_rigs(clips, rows)

    def _add_rigs(self, clips: Clips, rows: np.ndarray) -> None:
        rigs, cameras = rows.shape
        poses = clips.poses.world_from_camera[rows][:, :, list(self.frames)]
        subject_m = clips.subject_m[rows[:, 0]]
        poses = np.moveaxis(poses, 2, 1) - 0.0
        poses[..., 3] -= subject_m[:, None, None]
        distance_m = np.linalg.norm(poses[..., 3], axis=-1)
        half = np.stack([clips.width_px / clips.fx_px, clips.height_px / clips.fy_px], axis=-1)[rows] / 2
        a, b = np.triu_indices(cameras, 1)
        shared = _overlap(poses.astype(np.float32), distance_m.astype(np.float32), half.astype(np.float32))
        both = (shared[..., a, b] + shared[..., b, a]).astype(np.int64)
        for frame in range(len(self.frames)):
            self.overlaps[frame] += np.bincount(both[:, frame].ravel(), minlength=_STEPS + 1)
        inside = _sees_subject(poses, half)
        self.seen += (inside[..., a] & inside[..., b]).sum(axis=(0, 2))
        self.pairs += rigs * len(a)
        self.rigs += rigs
        self._add_last(poses[:, -1], distance_m[:, -1], a, b)

    def _add_last(self, poses: np.ndarray, distance_m: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
        rotation, away_m = poses[..., :3], poses[..., 3]
        chord = np.sqrt(((rotation[:, a] - rotation[:, b]) ** 2).sum(axis=(-2, -1)) / 8)
        baseline_m = np.sqrt(((away_m[:, a] - away_m[:, b]) ** 2).sum(axis=-1))
        cosine = (away_m[:, a] * away_m[:, b]).sum(axis=-1) / (distance_m[:, a] * distance_m[:, b])
        mean_m = (distance_m[:, a] + distance_m[:, b]) / 2
        found = {
            "rotation": np.degrees(2 * np.arcsin(np.minimum(chord, 1))),
            "baseline": baseline_m / mean_m,
            "angle": np.degrees(np.arccos(np.clip(cosine, -1, 1))),
        }
        for name, values in found.items():
            self.last[name].append(values.astype(np.float32).ravel())

    def statistics(self) -> PairStatistics | None:
        """The report's values; None where no rig could be compared."""
        if not self.rigs:
            return None
        shares = np.arange(_STEPS + 1) / _STEPS
        ranks = np.cumsum(self.overlaps, axis=1) / self.pairs
        at = [[float(shares[np.searchsorted(rank, q)]) for q in _SHOWN_QUANTILES] for rank in ranks]
        return PairStatistics(
            n_rigs=self.rigs,
            frames=self.frames,
            overlap_mean=tuple((self.overlaps @ shares / self.pairs).tolist()),
            overlap_quantiles=tuple((a, b, c, d, e) for a, b, c, d, e in at),
            relative_rotation_deg=self._feature("rotation", "Relative rotation, last frame", "deg"),
            baseline_over_distance=self._feature("baseline", "Baseline / distance, last frame", "x distance"),
            baseline_angle_deg=self._feature("angle", "Angle at the subject, last frame", "deg"),
            subject_seen_by_both=tuple((self.seen / self.pairs).tolist()),
        )

    def _feature(self, name: str, title: str, unit: str) -> Feature:
        values = np.concatenate(self.last[name]).astype(np.float64)
        quantity = Quantity(name=f"pair_{name}", title=title, unit=unit, group="pairs", of=lambda *_: values)
        feature = feature_of(quantity, values, "pair")
        assert feature is not None
        return feature


def _overlap(
    poses: Float[np.ndarray, "rigs frames cameras 3 4"],
    distance_m: Float[np.ndarray, "rigs frames cameras"],
    half: Float[np.ndarray, "rigs cameras 2"],
) -> np.ndarray:
    """How many of each camera's 120 points (last axis but one) each other camera sees (last axis)."""
    rigs, frames, cameras = distance_m.shape
    x, y = np.meshgrid(_centres(_COLUMNS), _centres(_ROWS))
    plane = np.stack([x.ravel(), y.ravel(), np.ones(x.size)]).astype(np.float32)
    rays = np.concatenate([plane * depth for depth in _DEPTHS], axis=1)
    scale = np.concatenate([half, np.ones((rigs, cameras, 1), np.float32)], axis=-1)[:, None]
    spread = poses[..., :3] * (scale * distance_m[..., None])[..., None, :]
    points = spread @ rays + poses[..., 3:]
    # To the other cameras' axes, their picture scaled to the square |x| < z, |y| < z.
    onto = np.swapaxes(poses[..., :3] / scale[..., None, :], -1, -2)
    offset = (onto @ poses[..., 3:])[..., 0]
    everywhere = np.ascontiguousarray(np.moveaxis(points, 3, 2)).reshape(rigs, frames, 3, -1)
    seen = onto.reshape(rigs, frames, cameras * 3, 3) @ everywhere
    seen = seen.reshape(rigs, frames, cameras, 3, -1)
    seen -= offset[..., None]
    flat = np.abs(seen[..., :2, :])
    inside = np.maximum(flat[..., 0, :], flat[..., 1, :]) < seen[..., 2, :]
    counts = inside.reshape(rigs, frames, cameras, cameras, rays.shape[1]).sum(axis=-1, dtype=np.uint8)
    return np.swapaxes(counts, -1, -2)


def _centres(cells: int) -> np.ndarray:
    return (np.arange(cells) + 0.5) * 2 / cells - 1


def _sees_subject(
    poses: Float[np.ndarray, "rigs frames cameras 3 4"], half: Float[np.ndarray, "rigs cameras 2"]
) -> Bool[np.ndarray, "rigs frames cameras"]:
    x, y, z = np.moveaxis(-np.einsum("...ia,...i->...a", poses[..., :3], poses[..., 3]), -1, 0)
    return (np.abs(x) < z * half[:, None, :, 0]) & (np.abs(y) < z * half[:, None, :, 1])
