"""What cameras do, from their poses alone: subject, motion, amplitude and pace, without a table.

Made for files of 6 significant digits: what is smaller than the digits can tell is not taken for movement.
Motions that poses tell apart beyond the rules' own: ``translation_fixed`` keeps its rotation while the
subject moves in the picture, ``arc_chord`` goes straight between two points of a circle, ``other`` rolls.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

import numpy as np
from jaxtyping import Bool, Float, Int

from ...poses import CameraPose
from ...speed import TimeBase, speed_curve, time_fractions
from .subjects import subjects_of

RECOVERED_MOTIONS = (
    *("static", "pan", "tilt", "pan_tilt", "translation", "translation_fixed"),
    *("arc", "arc_chord", "random", "other"),
)
TURNS = ("pan", "tilt", "pan_tilt", "arc", "arc_chord")
# The rules' motion that each recovered one is a case of.
RULES_MOTION = {"translation_fixed": "translation", "arc_chord": "arc"}
_AT_ONCE = 4096
_FRAMES_SEEN = 9
_STILL_RAD = 3e-4
_AIMED_RAD = 2e-3
_CONSTANT_A = 0.3
_EASED_GAP = 0.012
# Amplitudes set by hand are multiples of these, to the digits of a camera file.
_ROUND_DEG, _ROUND_M, _ROUND_SLACK, _MOST_ROUND = 0.5, 0.05, 1e-4, 0.6
_CODE = {name: code for code, name in enumerate(RECOVERED_MOTIONS)}


@dataclass(frozen=True, kw_only=True)
class RecoveredMoves:
    """One number per clip.

    Attributes:
        motion: index into ``RECOVERED_MOTIONS``.
        subject_m: where the rig's optical axes meet; NaN where they do not.
        amount: signed degrees of a turn or an arc (of ``pan_tilt`` its pan), metres of any other path, as far
            as the last frame goes.
        tilt_deg: signed change of pitch of a camera that stays in place.
        speed_a: eq. 10's a times the last frame's time fraction, which poses cannot tell from 1.
        is_eased: rests where eq. 10 does not.
    """

    motion: Int[np.ndarray, "clips"]
    subject_m: Float[np.ndarray, "clips 3"]
    amount: Float[np.ndarray, "clips"]
    tilt_deg: Float[np.ndarray, "clips"]
    speed_a: Float[np.ndarray, "clips"]
    is_eased: Bool[np.ndarray, "clips"]

    @property
    def names(self) -> np.ndarray:
        """The motion of each clip by name."""
        return np.array(RECOVERED_MOTIONS)[self.motion]

    def whole(self, frames: int, time_base: TimeBase) -> tuple[np.ndarray, np.ndarray]:
        """Amount of the whole move and eq. 10's ``a``, if the frames follow ``time_base``."""
        last = float(time_fractions(frames, time_base)[-1]) or 1.0
        speed_a = self.speed_a / last
        done = speed_curve(np.full(len(speed_a), last), speed_a)
        amount = self.amount / done
        seen = np.radians(self.amount)
        # A share of a chord is not that share of its angle: law of sines from the last frame to the end.
        beyond = np.degrees(seen + np.arcsin(np.clip((1 - done) / done * np.sin(seen), -1, 1)))
        amount = np.where(self.motion == _CODE["arc_chord"], beyond, amount)
        return np.where(self.is_eased, self.amount, amount), speed_a

    def round_share(self, frames: int, time_base: TimeBase) -> tuple[int, int]:
        """How many amounts are round numbers if the frames follow ``time_base``, and how many could be.

        Drawn amplitudes never are, those that people set by hand are multiples of 0.5 deg or 5 cm.
        """
        amount, _ = self.whole(frames, time_base)
        unit = np.where(np.isin(self.names, TURNS), _ROUND_DEG, _ROUND_M)
        asked = ~np.isin(self.names, ("static", "random", "other")) & (np.abs(amount) > unit)
        off = np.abs(amount / unit - np.round(amount / unit)) * unit
        return int((off < _ROUND_SLACK * np.abs(amount))[asked].sum()), int(asked.sum())

    def likely_time_base(self, frames: int) -> TimeBase | None:
        """The time base under which most amounts are round numbers; None if there is none."""
        shares = {base: self.round_share(frames, base) for base in get_args(TimeBase)}
        best = max(get_args(TimeBase), key=lambda base: shares[base][0])
        hits, asked = shares[best]
        return best if asked >= 3 and hits >= _MOST_ROUND * asked else None


def recover_moves(poses: CameraPose, rig: Int[np.ndarray, "clips"]) -> RecoveredMoves:
    """What each clip does; poses have batch ``(clips, frames)``, clips of one rig stand together.

    Method: facts that survive rounding. Straight and circular paths by their largest deviation, axes of the
    world, of the start camera and of the subject, aim at the rig's subject, and for the pace the closed form
    ``a = 2 ln(m / (1 - m))`` of the progress m at half time (from ReCamMaster eq. 10).
    """
    first = np.flatnonzero(np.diff(rig, prepend=-1))
    edges = [*first[_pieces(first, len(rig))].tolist(), len(rig)]
    parts = [_recover(poses[a:b], rig[a:b]) for a, b in pairwise(edges)]
    return RecoveredMoves(
        **{
            name: np.concatenate([part[name] for part in parts])
            if parts
            else np.zeros((0, 3) if name == "subject_m" else 0, dtype=kind)
            for name, kind in _KINDS_OF.items()
        }
    )


_KINDS_OF = {
    "motion": np.int64,
    "subject_m": np.float64,
    "amount": np.float64,
    "tilt_deg": np.float64,
    "speed_a": np.float64,
    "is_eased": bool,
}


def _pieces(first: Int[np.ndarray, "rigs"], clips: int) -> Int[np.ndarray, "pieces"]:
    """Rigs at which a new piece of about ``_AT_ONCE`` clips begins."""
    return np.unique(np.searchsorted(first, np.arange(0, clips, _AT_ONCE)))[: None if clips else 0].clip(
        max=max(len(first) - 1, 0)
    )


def _recover(poses: CameraPose, rig: Int[np.ndarray, "clips"]) -> dict[str, np.ndarray]:
    track = np.moveaxis(poses.world_from_camera, (-2, -1), (0, 1))
    frames = track.shape[-1]
    half = max((frames - 1) // 2, 0)
    # The frames at half time and at its double stand in fixed places, for the pace.
    seen = np.unique([*np.linspace(0, frames - 1, _FRAMES_SEEN).round(), half, 2 * half]).astype(np.int64)
    few = np.ascontiguousarray(track[..., seen])
    subject_m = subjects_of(few[:, 3], few[:, 2], rig)
    found = _Path(few, subject_m)
    motion = found.motion()
    along = found.along(motion)
    place = {int(frame): k for k, frame in enumerate(seen)}
    halfway, end, total = along[:, place[half]], along[:, place[2 * half]], along[:, -1].copy()
    is_random = np.flatnonzero(motion == _CODE["random"])
    eased = np.zeros(len(rig), dtype=bool)
    if len(is_random):
        walked = _walked(track[:, 3, is_random])
        halfway[is_random], end[is_random] = walked[:, half], walked[:, 2 * half]
        total[is_random] = walked[:, -1]
        eased[is_random] = _is_eased(walked)
    speed_a = _speed(halfway, end) * (frames - 1) / max(2 * half, 1)
    speed_a[(motion == _CODE["static"]) | eased] = 0.0
    return {
        "motion": motion,
        "subject_m": subject_m,
        "amount": total,
        "tilt_deg": np.degrees(found.pitch[:, -1] - found.pitch[:, 0]),
        "speed_a": np.where(np.abs(speed_a) < _CONSTANT_A, 0.0, speed_a),
        "is_eased": eased,
    }


class _Path:
    """A few frames of each clip, seen from the first; track axes ``3 4 clips frames``."""

    def __init__(self, track: np.ndarray, subject_m: Float[np.ndarray, "clips 3"]) -> None:
        self.offset_m = track[:, 3] - track[:, 3, :, :1]
        self.noise_m = _last_digit(np.abs(track[:, 3]).max(axis=(0, 2)))
        self.length2 = (self.offset_m**2).sum(axis=0)
        self.extent_m = np.sqrt(self.length2.max(axis=1))
        # The right axis is level, so it knows the heading where the camera looks straight down too.
        self.heading = np.unwrap(np.arctan2(-track[0, 0], track[1, 0]), axis=-1)
        self.pitch = np.arctan2(track[2, 2], -track[2, 1])
        self.roll = np.abs(track[2, 0]).max(axis=1)
        self.turned = np.sqrt(((track[:, :3] - track[:, :3, :, :1]) ** 2).sum(axis=(0, 1)).max(axis=1) / 2)
        self.start_axes = track[:, :3, :, 0]
        self.away_m = track[:, 3] - subject_m.T[..., None]
        toward = -self.away_m / np.sqrt((self.away_m**2).sum(axis=0))
        self.off_aim = np.sqrt(((track[:, 2] - toward) ** 2).sum(axis=0).max(axis=1))

    def motion(self) -> Int[np.ndarray, "clips"]:
        moves = self.extent_m > 3 * self.noise_m + 1e-5
        turns = self.turned > _STILL_RAD
        pans = np.ptp(self.heading, axis=1) > _STILL_RAD
        tilts = np.ptp(self.pitch, axis=1) > _STILL_RAD
        is_straight, is_on_axis = self._straight()
        is_level = np.abs(self.offset_m[2]).max(axis=1) < 3 * self.noise_m
        with np.errstate(invalid="ignore"):
            is_aimed = self.off_aim < _AIMED_RAD + 3 * self.noise_m / np.sqrt(
                (self.away_m**2).sum(axis=0)
            ).min(axis=1)
        bends = self._bend()
        is_arc = is_level & is_aimed & turns & ~(is_straight & is_on_axis) & bends["keeps_radius"]
        is_chord = is_level & is_straight & is_aimed & turns & ~is_on_axis & bends["equal_ends"]
        choices = (
            ((self.roll > 2e-3), "other"),
            (~moves & ~turns, "static"),
            (~moves & pans & tilts, "pan_tilt"),
            (~moves & pans, "pan"),
            (~moves & tilts, "tilt"),
            (~moves, "other"),
            (is_straight & ~turns & is_aimed, "translation"),
            (is_straight & ~turns, "translation_fixed"),
            (is_arc, "arc"),
            (is_chord, "arc_chord"),
            (is_straight & is_on_axis, "translation"),
        )
        return np.select([c for c, _ in choices], [_CODE[name] for _, name in choices], _CODE["random"])

    def along(self, motion: Int[np.ndarray, "clips"]) -> Float[np.ndarray, "clips frames"]:
        """How far each clip has come: signed degrees of turns and arcs, metres of straight moves."""
        heading = np.degrees(self.heading - self.heading[:, :1])
        pitch = np.degrees(self.pitch - self.pitch[:, :1])
        around = np.unwrap(np.arctan2(self.away_m[1], self.away_m[0]), axis=-1)
        around = np.degrees(around - around[:, :1])
        straight_m = np.sqrt(self.length2)
        is_chord = (motion == _CODE["arc_chord"])[:, None]
        # Along a chord the length grows evenly, not the angle.
        share = np.divide(straight_m, straight_m[:, -1:], out=np.zeros_like(straight_m), where=is_chord)
        ways = {
            "pan": heading,
            "pan_tilt": heading,
            "tilt": pitch,
            "arc": around,
            "arc_chord": share * around[:, -1:],
            "static": np.zeros_like(heading),
        }
        return np.select([(motion == _CODE[name])[:, None] for name in ways], list(ways.values()), straight_m)

    def _straight(self) -> tuple[Bool[np.ndarray, "clips"], Bool[np.ndarray, "clips"]]:
        """Whether a path stays on the line to its farthest point, and whether that line is an axis."""
        farthest = self.length2.argmax(axis=1)
        end_m = np.take_along_axis(self.offset_m, farthest[None, :, None], axis=2)
        unit = end_m / np.maximum(self.extent_m, 1e-12)[:, None]
        ahead = (self.offset_m * unit).sum(axis=0)
        off = np.sqrt(((self.offset_m - ahead * unit) ** 2).sum(axis=0).max(axis=1))
        slack_m = 3 * self.noise_m + 1e-5 * self.extent_m
        x, y, z = unit[..., 0]
        sines = [np.sqrt(y * y + z * z), np.sqrt(x * x + z * z), np.sqrt(x * x + y * y)]
        sines += [_sine(unit[..., 0], axis) for axis in np.moveaxis(self.start_axes, 1, 0)]
        level = self.away_m[:, :, 0] * np.array([[1.0], [1.0], [0.0]])
        outward = level / np.sqrt((level**2).sum(axis=0))
        sines += [
            _sine(unit[..., 0], outward),
            _sine(unit[..., 0], outward[[1, 0, 2]] * [[-1.0], [1.0], [0.0]]),
        ]
        # Axes of camera and subject are known to the digits of rotations and of the subject.
        slack = np.array([0.0] * 3 + [3e-6] * 3 + [1e-4] * 2)[:, None] * self.extent_m + 3 * self.noise_m
        return off < slack_m, (np.stack(sines) * self.extent_m < slack).any(axis=0)

    def _bend(self) -> dict[str, Bool[np.ndarray, "clips"]]:
        """Distance from the subject, against what a circle and a chord between the same ends would do."""
        level_m = np.sqrt((self.away_m[:2] ** 2).sum(axis=0))
        start_m, end_m, nearest_m = level_m[:, 0], level_m[:, -1], level_m.min(axis=1)
        chord_m = np.sqrt(self.length2[:, -1])
        dip_m = chord_m**2 / (8 * np.maximum(start_m, 1e-9))
        with np.errstate(invalid="ignore"):
            spread_m = np.ptp(level_m, axis=1)
            keeps = spread_m < np.minimum(0.4 * dip_m, 4 * self.noise_m + 2e-4 * start_m)
            # The last frame of an open time base stops short of the end, so near that the radius is not back.
            equal = np.abs(end_m - start_m) < 0.3 * (start_m - nearest_m) + 2 * self.noise_m
        return {"keeps_radius": keeps, "equal_ends": equal}


def _sine(a: Float[np.ndarray, "3 clips"], b: Float[np.ndarray, "3 clips"]) -> Float[np.ndarray, "clips"]:
    return np.sqrt((np.cross(a, b, axis=0) ** 2).sum(axis=0))


def _last_digit(largest_m: Float[np.ndarray, "clips"]) -> Float[np.ndarray, "clips"]:
    """How far rounding to 6 significant digits moves a point whose largest coordinate this is."""
    return np.sqrt(3) / 2 * 10.0 ** (np.floor(np.log10(np.maximum(largest_m, 1e-3))) - 5)


def _walked(position_m: Float[np.ndarray, "3 clips frames"]) -> Float[np.ndarray, "clips frames"]:
    steps_m = np.sqrt((np.diff(position_m, axis=-1, prepend=position_m[..., :1]) ** 2).sum(axis=0))
    return np.cumsum(steps_m, axis=1)


def _speed(
    halfway: Float[np.ndarray, "clips"], end: Float[np.ndarray, "clips"]
) -> Float[np.ndarray, "clips"]:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = halfway / end
        speed_a = 2 * np.log(share / (1 - share))
    return np.where(np.isfinite(speed_a), np.clip(speed_a, -20.0, 20.0), 0.0)


def _is_eased(walked_m: Float[np.ndarray, "clips frames"]) -> Bool[np.ndarray, "clips"]:
    """Whether progress at other times is not what eq. 10 makes of that at half time."""
    frames = walked_m.shape[1]
    half = (frames - 1) // 2
    if half < 8:
        return np.zeros(len(walked_m), dtype=bool)
    speed_a = _speed(walked_m[:, half], walked_m[:, 2 * half])
    speed_a = np.where(np.abs(speed_a) < 1e-3, 0.0, speed_a)[:, None]
    asked = np.array([half // 4, half // 2, half + half // 2])
    expected = speed_curve(asked / (2 * half), speed_a)
    return (np.abs(walked_m[:, asked] / walked_m[:, 2 * half, None] - expected) > _EASED_GAP).any(axis=1)
