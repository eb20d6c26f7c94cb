"""What cameras do, recovered from their poses alone: subject, motion, amplitude and speed."""

from dataclasses import dataclass, fields
from itertools import pairwise
from typing import get_args

import numpy as np
from jaxtyping import Bool, Float, Int

from ...clip_table import ClipTable
from ...poses import CameraPose
from ...speed import TimeBase, speed_curve, time_fractions
from .moving_subjects import aim_points_of
from .paths import ClipPaths, amounts_of, motions_of
from .subjects import subjects_of

ROTATIONS = ("pan", "tilt", "pan_tilt", "arc", "arc_chord")
# The motion of the rules that each finer motion is a case of.
RULES_MOTION = {"translation_fixed": "translation", "arc_chord": "arc"}
# How motions that are not recovered look: poses do not show focal lengths.
LOOKS_LIKE = {"roll": "other", "zoom": "static", "dolly_zoom": "translation"}
_CLIPS_AT_ONCE = 4096
_FRAMES_SEEN = 9
_CONSTANT_A = 0.3
_EASED_GAP = 0.012
# Amplitudes that people choose are multiples of these, to the digits of a camera file.
_ROUND_DEG, _ROUND_M, _ROUND_SLACK, _LEAST_ROUND = 0.5, 0.05, 1e-4, 0.6


@dataclass(frozen=True, kw_only=True)
class RecoveredMoves:
    """The recovered moves of clips.

    Attributes:
        motion: one of ``RECOVERED_MOTIONS``.
        subject_m: the point where the optical axes of the rig meet, in the first frame; NaN if it is unknown.
        subject_path_m: that point in the frames of ``frames_seen``.
        target: what the tracking cameras of the rig aim at: a ``fixed`` point, a ``moving`` one, or
            ``unknown``.
        amount: signed degrees of a rotation or an arc (the pan of ``pan_tilt``), metres of any other move, up
            to the last frame.
        tilt_deg: signed change of pitch up to the last frame.
        speed_a: a of eq. 10 times the time fraction of the last frame; poses do not show both.
        is_eased: the speed changes in another way than eq. 10 allows.
    """

    motion: np.ndarray
    subject_m: Float[np.ndarray, "clips 3"]
    subject_path_m: Float[np.ndarray, "clips seen 3"]
    target: np.ndarray
    amount: Float[np.ndarray, "clips"]
    tilt_deg: Float[np.ndarray, "clips"]
    speed_a: Float[np.ndarray, "clips"]
    is_eased: Bool[np.ndarray, "clips"]

    def of_entire_move(
        self, frames: int, time_base: TimeBase
    ) -> tuple[Float[np.ndarray, "clips"], Float[np.ndarray, "clips"]]:
        """Amount of the entire move and ``a`` of eq. 10 under a time base."""
        last = float(time_fractions(frames, time_base)[-1]) or 1.0
        speed_a = self.speed_a / last
        done = speed_curve(np.full(len(speed_a), last), speed_a)
        seen_rad = np.radians(self.amount)
        # A share of a chord is not that share of its angle: law of sines from the last frame to the end.
        beyond_rad = np.arcsin(np.clip((1 - done) / done * np.sin(seen_rad), -1, 1))
        chord = np.degrees(seen_rad + beyond_rad)
        amount = np.where(self.motion == "arc_chord", chord, self.amount / done)
        return np.where(self.is_eased, self.amount, amount), speed_a

    def subject_points_m(
        self, rows: Bool[np.ndarray, "clips"], frames: int
    ) -> Float[np.ndarray, "rows frames 3"]:
        """The subject in each frame, for some of the clips; straight between the frames that are seen."""
        seen = frames_seen(frames)
        shares = np.stack([np.interp(np.arange(frames), seen, one) for one in np.eye(len(seen))])
        return np.einsum("rsc,sf->rfc", self.subject_path_m[rows], shares)

    def round_amounts(self, frames: int, time_base: TimeBase) -> tuple[int, int]:
        """How many amounts are round numbers under a time base, and how many could be.

        Sampled amplitudes are not round; those that people choose are multiples of 0.5 deg or 5 cm.
        """
        amount, _ = self.of_entire_move(frames, time_base)
        unit = np.where(np.isin(self.motion, ROTATIONS), _ROUND_DEG, _ROUND_M)
        can_be = ~np.isin(self.motion, ("static", "random", "other")) & (np.abs(amount) > unit)
        error = np.abs(amount / unit - np.round(amount / unit)) * unit
        return int((error < _ROUND_SLACK * np.abs(amount))[can_be].sum()), int(can_be.sum())

    def likely_time_base(self, frames: int) -> TimeBase | None:
        """The time base under which most amounts are round numbers; None if there is none."""
        found = {base: self.round_amounts(frames, base) for base in get_args(TimeBase)}
        best: TimeBase = max(found, key=lambda base: found[base][0])
        is_round, can_be = found[best]
        return best if can_be >= 3 and is_round >= _LEAST_ROUND * can_be else None


def recover_moves(clips: ClipTable) -> RecoveredMoves:
    """The move of each clip; the clips must be grouped and proper. Only poses and takes are used.

    Straight and circular paths follow from the largest deviation, axes from the world, the start camera and
    the subject. The speed follows from the progress m at half time: ``a = 2 ln(m / (1 - m))`` (ReCamMaster
    eq. 10).
    """
    starts = clips.take_starts
    near = np.searchsorted(starts, np.arange(0, len(clips), _CLIPS_AT_ONCE))
    ends = [*np.unique(starts[near.clip(max=len(starts) - 1)]).tolist(), len(clips)]
    parts = [
        _recovered(clips.poses[first:end], starts[(starts >= first) & (starts < end)] - first)
        for first, end in pairwise(ends)
    ]
    if not parts:
        parts = [_nothing(clips.frames)]
    names = [field.name for field in fields(RecoveredMoves)]
    return RecoveredMoves(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _recovered(poses: CameraPose, starts: Int[np.ndarray, "takes"]) -> RecoveredMoves:
    track = np.moveaxis(poses.world_from_camera, (-2, -1), (0, 1))
    last = track.shape[-1] - 1
    half, seen = last // 2, frames_seen(last + 1)
    few = np.ascontiguousarray(track[..., seen])
    subject_m = subjects_of(few[:, 3], few[:, 2], starts)
    aim = aim_points_of(few[:, 3], few[:, 2], starts, subject_m, seen)
    path = ClipPaths.of(few, aim.points_m)
    motion = motions_of(path)
    halfway, double, amount = amounts_of(path, motion)[:, np.searchsorted(seen, [half, 2 * half, last])].T
    is_eased = np.zeros(len(motion), dtype=bool)
    is_random = motion == "random"
    walked_m = _walked_m(track[:, 3, is_random])
    halfway[is_random], double[is_random], amount[is_random] = walked_m[:, [half, 2 * half, last]].T
    is_eased[is_random] = _is_eased(walked_m)
    speed_a = _speed_a(halfway, double) * last / max(2 * half, 1)
    is_constant = (motion == "static") | is_eased | (np.abs(speed_a) < _CONSTANT_A)
    # Around a subject that is unknown, an arc looks like a random move.
    motion[is_random & np.isnan(aim.points_m[0, :, 0])] = "unknown"
    return RecoveredMoves(
        motion=motion,
        subject_m=aim.points_m[..., 0].T,
        subject_path_m=aim.points_m.T.swapaxes(0, 1),
        target=aim.target,
        amount=amount,
        tilt_deg=np.degrees(path.pitch_rad[:, -1] - path.pitch_rad[:, 0]),
        speed_a=np.where(is_constant, 0.0, speed_a),
        is_eased=is_eased,
    )


def frames_seen(frames: int) -> Int[np.ndarray, "seen"]:
    """The frames of a clip that moves are recovered from."""
    last, half = frames - 1, (frames - 1) // 2
    # The speed needs the frame at half time and the one at twice that time.
    return np.unique([*np.linspace(0, last, _FRAMES_SEEN).round(), half, 2 * half]).astype(np.int64)


def _nothing(frames: int) -> RecoveredMoves:
    none = np.zeros(0)
    return RecoveredMoves(
        motion=none.astype(np.str_),
        subject_m=np.zeros((0, 3)),
        subject_path_m=np.zeros((0, len(frames_seen(frames)), 3)),
        target=none.astype(np.str_),
        amount=none,
        tilt_deg=none,
        speed_a=none,
        is_eased=none.astype(bool),
    )


def _walked_m(position_m: Float[np.ndarray, "3 clips frames"]) -> Float[np.ndarray, "clips frames"]:
    """Length of the path up to each frame."""
    steps_m = np.sqrt((np.diff(position_m, axis=-1, prepend=position_m[..., :1]) ** 2).sum(axis=0))
    return np.cumsum(steps_m, axis=1)


def _speed_a(
    halfway: Float[np.ndarray, "clips"], double: Float[np.ndarray, "clips"]
) -> Float[np.ndarray, "clips"]:
    """``a`` from the amounts at half time and at twice that time; 0 if it is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        progress = halfway / double
        speed_a = 2 * np.log(progress / (1 - progress))
    return np.where(np.isfinite(speed_a), np.clip(speed_a, -20.0, 20.0), 0.0)


def _is_eased(walked_m: Float[np.ndarray, "clips frames"]) -> Bool[np.ndarray, "clips"]:
    """Whether progress at other times is not what eq. 10 gives for that at half time."""
    half = (walked_m.shape[1] - 1) // 2
    if half < 8:
        return np.zeros(len(walked_m), dtype=bool)
    speed_a = _speed_a(walked_m[:, half], walked_m[:, 2 * half])
    speed_a = np.where(np.abs(speed_a) < 1e-3, 0.0, speed_a)[:, None]
    seen = np.array([half // 4, half // 2, half + half // 2])
    expected = speed_curve(seen / (2 * half), speed_a)
    return (np.abs(walked_m[:, seen] / walked_m[:, 2 * half, None] - expected) > _EASED_GAP).any(axis=1)
