"""How the cameras of a rig relate: common view, relative rotation and baseline of every pair at one instant.

Overlap of a pair: 8 x 5 rays of one camera's image, at 0.6, 1 and 2 times its distance from the subject; the
share of these 120 points that is in the other camera's image, averaged over both directions.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ...clip_table import ClipTable
from ...lenses import image_fractions
from ...poses import CameraPose, rotation_angle_rad
from .features import Feature, feature_of
from .fingerprints import frames_seen
from .quantiles import QUANTILES, Quantiles
from .quantities import Quantity

_DEPTHS = (0.6, 1.0, 2.0)
_COLUMNS, _ROWS = 8, 5
_STEPS = 2 * len(_DEPTHS) * _COLUMNS * _ROWS
_RIGS_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class PairStatistics:
    """How the cameras of a rig relate, over all pairs of them at the same instant.

    Attributes:
        n_rigs: rigs that were measured.
        frames: the frames at which pairs were compared.
        overlap_mean: share of one camera's view that the other sees, in both directions, mean per frame.
        overlap_quantiles: 5 %, 25 %, 50 %, 75 %, 95 % per frame.
        relative_rotation_deg, baseline_over_distance, baseline_angle_deg: histograms at the last frame. The
            distance is the mean distance of the pair from the subject; the angle is seen from the subject.
        subject_seen_by_both: share of pairs per frame in which both images contain the subject.
    """

    n_rigs: int
    frames: tuple[int, ...]
    overlap_mean: tuple[float, ...]
    overlap_quantiles: tuple[Quantiles, ...]
    relative_rotation_deg: Feature
    baseline_over_distance: Feature
    baseline_angle_deg: Feature
    subject_seen_by_both: tuple[float, ...]


class PairCounts:
    """Counts over all rigs so far. Only the values for medians grow with the number of rigs."""

    def __init__(self) -> None:
        self.rigs = 0
        self.frames: tuple[int, ...] = ()
        self.overlaps: np.ndarray = np.zeros((0, _STEPS + 1), dtype=np.int64)
        self.seen: np.ndarray = np.zeros(0)
        self.pairs = 0
        self.last: dict[str, list[np.ndarray]] = {"rotation": [], "baseline": [], "angle": []}

    def add(self, clips: ClipTable) -> None:
        """Compare the cameras of each rig with two or more, a known subject and known intrinsics."""
        frames = tuple(np.unique(frames_seen(clips.frames)).tolist())
        if not self.frames:
            self.frames = frames
            self.overlaps = np.zeros((len(frames), _STEPS + 1), dtype=np.int64)
            self.seen = np.zeros(len(frames))
        if frames != self.frames or not len(clips):
            return
        # Copied, and relative to the subject where it is in each frame.
        relative = clips.poses.world_from_camera[:, list(frames)] - 0.0
        relative[..., 3] -= clips.subject_points_m[:, list(frames)]
        is_known = np.isfinite(clips["subject_m"]).all(axis=1) & np.isfinite(clips.intrinsics).all(axis=1)
        seen = list(frames) if clips.has_zooms else [0]
        intrinsics = clips.intrinsics_of_frames[:, seen]
        usable = np.minimum.reduceat(is_known, clips.take_starts) & (clips.take_sizes > 1)
        for cameras in np.unique(clips.take_sizes[usable]).tolist():
            rigs = clips.take_starts[usable & (clips.take_sizes == cameras)]
            for first in range(0, len(rigs), _RIGS_AT_ONCE):
                rows = rigs[first : first + _RIGS_AT_ONCE, None] + np.arange(cameras)
                optics = np.swapaxes(intrinsics[rows], 1, 2)
                self._add_rigs(CameraPose(np.swapaxes(relative[rows], 1, 2)), optics)

    def _add_rigs(
        self, poses: CameraPose, intrinsics: Float[np.ndarray, "rigs frames_or_1 cameras 6"]
    ) -> None:
        """Add rigs with poses ``(rigs, frames, cameras)`` relative to the subject."""
        rigs, cameras = intrinsics.shape[0], intrinsics.shape[2]
        distance_m = np.linalg.norm(poses.position_m, axis=-1)
        a, b = np.triu_indices(cameras, 1)
        half = intrinsics[..., 4:] / intrinsics[..., :2] / 2
        common = _overlap(
            *(numbers.astype(np.float32) for numbers in (poses.world_from_camera, distance_m, half))
        )
        both = (common + np.swapaxes(common, -1, -2))[..., a, b]
        for frame in range(len(self.frames)):
            self.overlaps[frame] += np.bincount(both[:, frame].ravel(), minlength=_STEPS + 1)
        subject_m = -(poses.position_m[..., None] * poses.rotation).sum(axis=-2)
        x, y = np.moveaxis(np.abs(image_fractions(subject_m, intrinsics) - 0.5), -1, 0)
        inside = (x < 0.5) & (y < 0.5)
        self.seen += (inside[..., a] & inside[..., b]).sum(axis=(0, 2))
        self.pairs += rigs * len(a)
        self.rigs += rigs
        self._add_last(poses[:, -1], distance_m[:, -1], a, b)

    def _add_last(self, poses: CameraPose, distance_m: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
        offset_m = poses.position_m
        baseline_m = np.sqrt(((offset_m[:, a] - offset_m[:, b]) ** 2).sum(axis=-1))
        cosine = (offset_m[:, a] * offset_m[:, b]).sum(axis=-1) / (distance_m[:, a] * distance_m[:, b])
        found = {
            "rotation": np.degrees(rotation_angle_rad(poses.rotation[:, a], poses.rotation[:, b])),
            "baseline": 2 * baseline_m / (distance_m[:, a] + distance_m[:, b]),
            "angle": np.degrees(np.arccos(np.clip(cosine, -1, 1))),
        }
        for name, values in found.items():
            self.last[name].append(values.astype(np.float32).ravel())

    def statistics(self) -> PairStatistics | None:
        """The values of the report; None if no rig could be compared."""
        if not self.rigs:
            return None
        shares = np.arange(_STEPS + 1) / _STEPS
        ranks = np.cumsum(self.overlaps, axis=1) / self.pairs
        at = [[float(shares[np.searchsorted(rank, q)]) for q in QUANTILES] for rank in ranks]
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
    half: Float[np.ndarray, "rigs frames_or_1 cameras 2"],
) -> np.ndarray:
    """How many of each camera's 120 points (last axis but one) each other camera sees (last axis).

    ``half`` is half the width and height of the image at distance 1.
    """
    rigs, frames, cameras = distance_m.shape
    scale = np.concatenate([half, np.ones((*half.shape[:-1], 1), np.float32)], axis=-1)
    # The world axes come before the cameras, the axes of the camera are last.
    spread = np.swapaxes(poses[..., :3] * (scale * distance_m[..., None])[..., None, :], 2, 3)
    spread = np.ascontiguousarray(spread).reshape(rigs, frames, 3 * cameras, 3)
    position = np.swapaxes(poses[..., 3], 2, 3).reshape(rigs, frames, 3 * cameras, 1)
    # In the axes of the other cameras, scaled so that the image is the square |x| < z, |y| < z: all x, y, z.
    onto = np.swapaxes(poses[..., :3] / scale[..., None, :], -1, -2)
    onto = np.swapaxes(np.concatenate([onto, -(onto @ poses[..., 3:])], axis=-1), 2, 3)
    onto = np.ascontiguousarray(onto).reshape(rigs, frames, 3 * cameras, 4)
    counts = np.empty((rigs, frames, cameras, cameras), np.uint8)
    # The arrays of one rig fit the processor's cache.
    points = np.ones((frames, 4, cameras * _RAYS.shape[1]), np.float32)
    seen = np.empty((frames, 3 * cameras, points.shape[2]), np.float32)
    for rig in range(rigs):
        points[:, :3] = (spread[rig] @ _RAYS + position[rig]).reshape(frames, 3, -1)
        x, y, z = np.moveaxis(np.matmul(onto[rig], points, out=seen).reshape(frames, 3, -1), 1, 0)
        np.abs(x, out=x)
        np.abs(y, out=y)
        inside = np.maximum(x, y, out=x) < z
        counts[rig] = _sums_of_bytes(inside.reshape(frames, cameras, cameras, -1))
    return np.swapaxes(counts, -1, -2)


def _sums_of_bytes(flags: Bool[np.ndarray, "*batch flags"]) -> np.ndarray:
    """How many of up to 255 flags, a multiple of 8, are true: eight bytes are added at once."""
    lanes = flags.view(np.uint64).sum(axis=-1)
    return ((lanes * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.uint8)


def _rays() -> Float[np.ndarray, "3 rays"]:
    """Directions through the image as points on it, at all depths."""
    x, y = np.meshgrid(*((np.arange(cells) + 0.5) * 2 / cells - 1 for cells in (_COLUMNS, _ROWS)))
    plane = np.stack([x.ravel(), y.ravel(), np.ones(x.size)]).astype(np.float32)
    return np.concatenate([plane * depth for depth in _DEPTHS], axis=1)


_RAYS = _rays()
