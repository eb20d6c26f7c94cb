"""How the cameras of a rig relate: common view, relative rotation and baseline of every pair at one instant.

Overlap of a pair: 8 x 5 rays of one camera's image, at 0.6, 1 and 2 times its distance from the subject; the
share of these 120 points that is in the other camera's image, averaged over both directions.
"""

import numpy as np
from jaxtyping import Bool, Float

from ...clip_table import ClipTable
from ...lenses import image_fractions
from ...poses import CameraPose, rotation_angle_rad
from ..report import PairStatistics
from .features import Feature, feature_of
from .quantities import Quantity

_FRAMES_SEEN = 9
_DEPTHS = (0.6, 1.0, 2.0)
_COLUMNS, _ROWS = 8, 5
_STEPS = 2 * len(_DEPTHS) * _COLUMNS * _ROWS
_SHOWN_QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# The arrays of so many rigs fit the processor's cache.
_RIGS_AT_ONCE = 4


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
        frames = tuple(np.unique(np.linspace(0, clips.frames - 1, _FRAMES_SEEN).round().astype(int)).tolist())
        if not self.frames:
            self.frames = frames
            self.overlaps = np.zeros((len(frames), _STEPS + 1), dtype=np.int64)
            self.seen = np.zeros(len(frames))
        if frames != self.frames or not len(clips):
            return
        is_known = np.isfinite(clips["subject_m"]).all(axis=1) & np.isfinite(clips.intrinsics).all(axis=1)
        usable = np.minimum.reduceat(is_known, clips.take_starts) & (clips.take_sizes > 1)
        for cameras in np.unique(clips.take_sizes[usable]).tolist():
            rigs = clips.take_starts[usable & (clips.take_sizes == cameras)]
            for first in range(0, len(rigs), _RIGS_AT_ONCE):
                self._add_rigs(clips, rigs[first : first + _RIGS_AT_ONCE, None] + np.arange(cameras))

    def _add_rigs(self, clips: ClipTable, rows: np.ndarray) -> None:
        rigs, cameras = rows.shape
        # Copied, and relative to the subject where it is in each frame.
        matrices = np.moveaxis(clips.poses.world_from_camera[rows][:, :, list(self.frames)], 2, 1) - 0.0
        matrices[..., 3] -= clips.subject_points_m[rows[:, 0]][:, list(self.frames), None]
        poses, intrinsics = CameraPose(matrices), clips.intrinsics[rows]
        distance_m = np.linalg.norm(poses.position_m, axis=-1)
        a, b = np.triu_indices(cameras, 1)
        half = intrinsics[..., 4:] / intrinsics[..., :2] / 2
        common = _overlap(matrices.astype(np.float32), distance_m.astype(np.float32), half.astype(np.float32))
        both = (common[..., a, b] + common[..., b, a]).astype(np.int64)
        for frame in range(len(self.frames)):
            self.overlaps[frame] += np.bincount(both[:, frame].ravel(), minlength=_STEPS + 1)
        subject_m = poses.camera_points(np.zeros((1, 3)))[..., 0, :]
        x, y = np.moveaxis(np.abs(image_fractions(subject_m, intrinsics[:, None]) - 0.5), -1, 0)
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
    """How many of each camera's 120 points (last axis but one) each other camera sees (last axis).

    ``half`` is half the width and height of the image at distance 1.
    """
    rigs, frames, cameras = distance_m.shape
    x, y = np.meshgrid(_centres(_COLUMNS), _centres(_ROWS))
    plane = np.stack([x.ravel(), y.ravel(), np.ones(x.size)]).astype(np.float32)
    rays = np.concatenate([plane * depth for depth in _DEPTHS], axis=1)
    scale = np.concatenate([half, np.ones((rigs, cameras, 1), np.float32)], axis=-1)[:, None]
    spread = poses[..., :3] * (scale * distance_m[..., None])[..., None, :]
    points = np.ones((rigs, frames, 4, cameras, rays.shape[1]), np.float32)
    points[:, :, :3] = np.moveaxis(spread @ rays + poses[..., 3:], 3, 2)
    # In the axes of the other cameras, scaled so that the image is the square |x| < z, |y| < z: all x, y, z.
    onto = np.swapaxes(poses[..., :3] / scale[..., None, :], -1, -2)
    onto = np.moveaxis(np.concatenate([onto, -(onto @ poses[..., 3:])], axis=-1), 3, 2)
    onto = np.ascontiguousarray(onto).reshape(rigs, frames, 3 * cameras, 4)
    seen = onto @ points.reshape(rigs, frames, 4, -1)
    x, y, z = np.moveaxis(seen.reshape(rigs, frames, 3, -1), 2, 0)
    np.abs(x, out=x)
    np.abs(y, out=y)
    inside = np.maximum(x, y, out=x) < z
    counts = _sums_of_bytes(inside.reshape(rigs, frames, cameras, cameras, rays.shape[1]))
    return np.swapaxes(counts, -1, -2)


def _sums_of_bytes(flags: Bool[np.ndarray, "*batch flags"]) -> np.ndarray:
    """How many of up to 255 flags, a multiple of 8, are true: eight bytes are added at once."""
    lanes = flags.view(np.uint64).sum(axis=-1)
    return ((lanes * np.uint64(0x0101010101010101)) >> np.uint64(56)).astype(np.uint8)


def _centres(cells: int) -> np.ndarray:
    return (np.arange(cells) + 0.5) * 2 / cells - 1
