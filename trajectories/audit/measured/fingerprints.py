"""Fingerprints: what is kept of the path of each moving clip to find copies and to compare sets."""

from dataclasses import dataclass, fields

import numpy as np
from jaxtyping import Float, Int

from ...clip_table import ClipTable
from ...poses import rotation_angle_rad
from ...sampling.moves import kinds_of

FRAMES_SEEN = 9
_PATH_NUMBERS, _AXES_NUMBERS = 3 * FRAMES_SEEN, 6 * FRAMES_SEEN
_MOST = 1e3


def frames_seen(frames: int) -> Int[np.ndarray, "seen"]:
    """The frames at which clips are compared; short clips repeat some."""
    return np.linspace(0, frames - 1, FRAMES_SEEN).round().astype(int)


@dataclass(frozen=True, kw_only=True)
class Fingerprints:
    """Moving clips at ``FRAMES_SEEN`` frames, spread evenly.

    Attributes:
        path: offset from the origin over ``distance_m``.
        axes: right and forward axes.
        origin_m: the subject; the first position where the subject is unknown.
        distance_m: start distance; 1 where the subject is unknown.
        move: motion (index into ``KINDS``), amount (radians, or length over ``distance_m``), tilt (radians)
            and speed a, as the columns state them.
    """

    take: np.ndarray
    camera: np.ndarray
    split: np.ndarray
    path: Float[np.ndarray, "clips 27"]
    axes: Float[np.ndarray, "clips 54"]
    origin_m: Float[np.ndarray, "clips 3"]
    distance_m: Float[np.ndarray, "clips"]
    move: Float[np.ndarray, "clips 4"]

    def __len__(self) -> int:
        return len(self.take)

    @classmethod
    def of(cls, clips: ClipTable) -> "Fingerprints":
        """The fingerprints of all clips that move."""
        rows = np.flatnonzero(clips["motion"] != "static")
        seen = frames_seen(clips.frames)
        poses = clips.poses.world_from_camera[rows[:, None], seen]
        subject_m = clips["subject_m"][rows]
        is_known = np.isfinite(subject_m).all(axis=1)
        origin_m = np.where(is_known[:, None], subject_m, poses[:, 0, :, 3])
        offset_m = poses[..., 3] - origin_m[:, None]
        start_m = np.linalg.norm(offset_m[:, 0], axis=-1)
        # A camera may start at its subject.
        distance_m = np.where(is_known & (start_m > 0), start_m, 1.0)
        return cls(
            take=clips["take"][rows],
            camera=clips["camera"][rows],
            split=clips["split"][rows],
            path=(offset_m / distance_m[:, None, None]).reshape(len(rows), _PATH_NUMBERS).astype(np.float32),
            axes=poses[..., [0, 2]].reshape(len(rows), _AXES_NUMBERS).astype(np.float32),
            origin_m=origin_m,
            distance_m=distance_m,
            move=_moves(clips, rows, distance_m),
        )

    @classmethod
    def joined(cls, parts: list["Fingerprints"]) -> "Fingerprints":
        """All parts as one."""
        if len(parts) == 1:
            return parts[0]
        none = np.array([], dtype=np.str_)
        path, axes, origin_m, move = (
            np.zeros((0, numbers), np.float32) for numbers in (_PATH_NUMBERS, _AXES_NUMBERS, 3, 4)
        )
        empty = cls(
            take=none,
            camera=none,
            split=none,
            path=path,
            axes=axes,
            origin_m=origin_m,
            distance_m=np.zeros(0),
            move=move,
        )
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts or [empty]]) for name in _NAMES})

    def __getitem__(self, rows: np.ndarray) -> "Fingerprints":
        """Some of the clips."""
        return type(self)(**{name: getattr(self, name)[rows] for name in _NAMES})

    def name(self, index: int) -> str:
        """``take/camera``."""
        return f"{self.take[index]}/{self.camera[index]}"

    def apart(
        self, a: Int[np.ndarray, "pairs"], b: Int[np.ndarray, "pairs"]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Root mean square of positions over start distance, and largest angle in degrees."""
        share = np.sqrt(((self.path[a] - self.path[b]) ** 2).sum(axis=1) / FRAMES_SEEN)
        return share, np.degrees(rotation_angle_rad(self.rotation(a), self.rotation(b)).max(axis=1))

    def rotation(self, rows: Int[np.ndarray, "pairs"]) -> Float[np.ndarray, "pairs frames 3 3"]:
        """Rotations of some clips at these frames, world axes."""
        right, forward = np.moveaxis(self.axes[rows].reshape(len(rows), FRAMES_SEEN, 3, 2), -1, 0)
        return np.stack([right, np.cross(forward, right), forward], axis=-1)


_NAMES = tuple(one.name for one in fields(Fingerprints))


def _moves(
    clips: ClipTable, rows: Int[np.ndarray, "moving"], distance_m: Float[np.ndarray, "moving"]
) -> Float[np.ndarray, "moving 4"]:
    motion = clips["motion"][rows]
    angle_rad, tilt_rad = (np.radians(np.nan_to_num(clips[name][rows])) for name in ("angle_deg", "tilt_deg"))
    length = np.nan_to_num(clips["distance_m"][rows]) / distance_m
    amount = np.where(np.isin(motion, ("translation", "random")), length, angle_rad)
    speed_a = np.nan_to_num(clips["speed_a"][rows])
    # Columns may contain any number.
    return np.stack([kinds_of(motion), amount, tilt_rad, speed_a], axis=1).clip(-_MOST, _MOST)
