"""Names of camera moves with their amounts, measured from poses alone: labels for captions.

The names are those of the CameraBench taxonomy ("Towards Understanding Camera Motions in Any Video"):
``pan``, ``tilt``, ``roll``, ``truck``, ``dolly``, ``pedestal``, ``arc``, ``zoom``, ``dolly_zoom``,
``tracking``, ``static`` and ``shake``. A label is given only above its threshold in ``LEAST``.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float

from .move_channels import Channel, MoveChannels, measured_shake, move_channels, steadied
from .poses import CameraPose

Pace = Literal["none", "constant", "accelerating", "decelerating", "eased", "variable", "unknown"]

# The smallest amount of each primitive, and its words: for positive and for negative amounts.
LEAST = {
    "pan": 3.0,
    "tilt": 3.0,
    "roll": 3.0,
    "truck": 0.1,
    "dolly": 0.1,
    "pedestal": 0.1,
    "arc": 5.0,
    "zoom": 1.1,
}
DIRECTIONS = {
    "pan": ("pan_left", "pan_right"),
    "tilt": ("tilt_up", "tilt_down"),
    "roll": ("roll_clockwise", "roll_counterclockwise"),
    "truck": ("truck_right", "truck_left"),
    "dolly": ("dolly_in", "dolly_out"),
    "pedestal": ("pedestal_up", "pedestal_down"),
    "arc": ("arc_right", "arc_left"),
    "zoom": ("zoom_in", "zoom_out"),
}
_CHANNELS = {
    "pan": "pan_deg",
    "tilt": "tilt_deg",
    "roll": "roll_deg",
    "truck": "truck_m",
    "dolly": "dolly_m",
    "pedestal": "pedestal_m",
    "arc": "arc_deg",
    "zoom": "zoom_log",
}
# Below the first mean speed a primitive is slow, above the second it is fast: degrees or metres per second.
SLOW_AND_FAST = {
    **dict.fromkeys(("pan", "tilt", "roll", "arc"), (4.0, 20.0)),
    **dict.fromkeys(("truck", "dolly", "pedestal"), (0.2, 1.0)),
}
PRIMITIVES = {word: name for name, words in DIRECTIONS.items() for word in words}
_STATIC_M, _STATIC_DEG, _STATIC_ZOOM = 0.005, 0.2, 1.005
_SHAKE_MM, _SHAKE_DEG = 0.3, 0.02
# Of the thresholds in clips with shake, whose slow sway is no move.
_SHAKEN_SCALE = 2.0
_CENTRED_DEG = 2.0
_CURVED = 1.15
# An arc: how its radius may change, and how far the camera may look past the subject.
_ARC_RADIUS, _ARC_ENDS, _ARC_OFF_DEG, _ARC_LEAST_M = 1.34, 1.1, 10.0, 0.3
_DOLLY_ZOOM_LEAST, _DOLLY_ZOOM_SIZE = 1.15, 1.1
# A larger step between frames is that of a camera that passes the vertical: its level axes turn around.
_STEP_DEG = 20.0
_PACE_PARTS = 6


@dataclass(frozen=True, kw_only=True)
class MoveLabel:
    """One primitive of a move in one direction.

    A primitive that changes its direction has one label for each part, in the order of time.

    Attributes:
        word: such as ``pan_left``. The camera itself turns or travels to that side; ``roll_clockwise`` is
            seen from behind the camera, so the content of the image turns counter-clockwise. ``arc_left``
            circles the subject clockwise from above, ``arc_right`` counter-clockwise; an arc implies its
            truck and pan, which have no labels then. ``dolly_in`` travels forwards. ``curve`` is a path that
            is not straight, ``tracking`` a camera that moves and keeps the subject in the centre.
        amount: in the unit of the word: degrees (pan, tilt, roll, arc), metres (truck, dolly, pedestal,
            curve: length of the path), a factor above 1 (zoom, dolly_zoom: of the focal length), millimetres
            (shake, root mean square), largest angle off the centre in degrees (tracking), 0 (static).
        start_s: when it starts.
        end_s: when it ends.
    """

    word: str
    amount: float
    start_s: float
    end_s: float

    @property
    def tempo(self) -> Literal["slow", "medium", "fast"]:
        """How fast it is on average, by ``SLOW_AND_FAST``; ``medium`` for words that are not in it."""
        slow, fast = SLOW_AND_FAST.get(PRIMITIVES.get(self.word, ""), (0.0, np.inf))
        per_s = self.amount / (self.end_s - self.start_s) if self.end_s > self.start_s else slow
        return "slow" if per_s < slow else "fast" if per_s > fast else "medium"


@dataclass(frozen=True, kw_only=True)
class CameraMove:
    """The move of a camera in a clip.

    Attributes:
        labels: its primitives above their thresholds; ``static`` alone if nothing moves.
        pace: of its speed along the path, or of its rotation or zoom if it does not travel. ``constant``: all
            twelfths of the clip within 15 %. ``accelerating``, ``decelerating``: from sixth to sixth, never
            the other way, by at least half. ``eased``: it becomes faster, then slower, by at least half.
            ``variable``: otherwise, if the fastest twelfth is at least twice as fast as the slowest. ``none``
            if nothing moves, ``unknown`` in between and in clips with shake.
        duration_s: from the first to the last frame.
        path_m: length of the path.
        turned_deg: angle of all rotations.
        shake_mm, shake_deg: root mean square of what is too quick for a smooth move; 0 if it is steady.
        distance_m: from the subject in the first and the last frame.
        off_axis_deg: angle of the subject off the optical axis in the first and the last frame.
        subject_travel_m: how far the subject is from its start at most.
    """

    labels: tuple[MoveLabel, ...]
    pace: Pace
    duration_s: float
    path_m: float
    turned_deg: float
    shake_mm: float
    shake_deg: float
    distance_m: tuple[float, float]
    off_axis_deg: tuple[float, float]
    subject_travel_m: float

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the labels."""
        return tuple(label.word for label in self.labels)

    @property
    def speed_m_per_s(self) -> float:
        """Mean speed along the path."""
        return self.path_m / self.duration_s if self.duration_s else 0.0

    @property
    def turn_deg_per_s(self) -> float:
        """Mean speed of its rotation."""
        return self.turned_deg / self.duration_s if self.duration_s else 0.0


def camera_move(
    poses: CameraPose,
    *,
    fps: float,
    focal_length_mm: Float[np.ndarray, "frames"],
    subject_m: Float[np.ndarray, "frames 3"],
) -> CameraMove:
    """The move of one clip: poses of batch ``(frames)``, with the focal length and the subject point (world)
    of each frame.
    """
    shake = measured_shake(poses, fps)
    is_shaky = shake.usual_mm >= _SHAKE_MM and shake.usual_deg >= _SHAKE_DEG
    channels = move_channels(steadied(poses, fps) if is_shaky else poses, focal_length_mm, subject_m)
    labels = _primitives(channels, fps, scale=_SHAKEN_SCALE if is_shaky else 1.0)
    is_static = not (labels or is_shaky) and _is_static(channels)
    labels += _of_whole_clip(channels, fps, is_static=is_static)
    if is_shaky:
        labels = tuple(label for label in labels if label.word != "curve")
        labels += _whole("shake", shake.position_mm, channels, fps)
    return CameraMove(
        labels=labels or (_whole("static", 0.0, channels, fps) if is_static else ()),
        pace="none" if is_static else "unknown" if is_shaky else _pace(_progress(channels)),
        duration_s=(len(channels.pan_deg) - 1) / fps,
        path_m=float(channels.path_m[-1]),
        turned_deg=float(channels.turned_deg[-1]),
        shake_mm=shake.position_mm if is_shaky else 0.0,
        shake_deg=shake.rotation_deg if is_shaky else 0.0,
        distance_m=_ends(channels.distance_m),
        off_axis_deg=_ends(channels.off_axis_deg),
        subject_travel_m=float(np.linalg.norm(subject_m - subject_m[0], axis=-1).max()),
    )


def _primitives(channels: MoveChannels, fps: float, *, scale: float) -> tuple[MoveLabel, ...]:
    """The labels with a direction; all thresholds are multiplied by ``scale``."""
    implied = {"truck", "pan"} if _is_arc(channels) else {"arc"}
    if _has_no_heading(channels):
        implied |= {"pan", "tilt", "roll", "truck", "dolly"}
    return tuple(
        MoveLabel(
            word=DIRECTIONS[name][amount < 0],
            amount=float(np.exp(abs(amount)) if name == "zoom" else abs(amount)),
            start_s=first / fps,
            end_s=last / fps,
        )
        for name in LEAST
        if name not in implied
        for first, last, amount in _legs(getattr(channels, _CHANNELS[name]), scale * _least(name))
    )


def _of_whole_clip(channels: MoveChannels, fps: float, *, is_static: bool) -> tuple[MoveLabel, ...]:
    """The labels that describe a path, or a relation to the subject, in all frames."""
    labels: tuple[MoveLabel, ...] = ()
    if channels.path_m[-1] >= LEAST["truck"] and _is_curved(channels):
        labels += _whole("curve", float(channels.path_m[-1]), channels, fps)
    if _is_dolly_zoom(channels):
        factor = float(np.exp(abs(channels.zoom_log[-1])))
        labels += _whole("dolly_zoom", factor, channels, fps)
    if not is_static and channels.off_axis_deg.max() <= _CENTRED_DEG:
        labels += _whole("tracking", float(channels.off_axis_deg.max()), channels, fps)
    return labels


def _whole(word: str, amount: float, channels: MoveChannels, fps: float) -> tuple[MoveLabel, ...]:
    end_s = (len(channels.pan_deg) - 1) / fps
    return (MoveLabel(word=word, amount=amount, start_s=0.0, end_s=end_s),)


def _least(name: str) -> float:
    return float(np.log(LEAST[name])) if name == "zoom" else LEAST[name]


def _legs(values: Channel, least: float) -> list[tuple[int, int, float]]:
    """The parts of a channel between turning points: first and last frame, and amount of at least ``least``.

    A turn is one that goes back by at least ``least``, so smaller oscillations are ignored.
    """
    turns = [0]
    low = high = sign = 0
    for frame, value in enumerate(values.tolist()):
        low = frame if value < values[low] else low
        high = frame if value > values[high] else high
        if sign >= 0 and value <= values[high] - least:
            turns.append(high)
            sign, low = -1, frame
        elif sign <= 0 and value >= values[low] + least:
            turns.append(low)
            sign, high = 1, frame
    turns.append(high if sign > 0 else low)
    legs = [(first, last, float(values[last] - values[first])) for first, last in pairwise(turns)]
    legs = [leg for leg in legs if abs(leg[2]) >= least]
    if len(legs) == 1:
        # One direction: the amount is that from the first frame.
        last = legs[0][1]
        legs = [(0, last, float(values[last] - values[0]))] if abs(values[last] - values[0]) >= least else []
    return legs


def _is_arc(channels: MoveChannels) -> bool:
    """Whether the camera circles the subject point of the first frame in one direction, and looks at it."""
    radius_m, least = channels.radius_m, LEAST["arc"]
    legs = _legs(channels.arc_deg, least)
    ends = np.array([radius_m[0], radius_m[-1]])
    return bool(
        len(legs) == 1
        and radius_m.min() >= _ARC_LEAST_M
        and radius_m.max() <= _ARC_RADIUS * radius_m.min()
        and ends.max() <= _ARC_ENDS * ends.min()
        and channels.off_start_deg.max() <= _ARC_OFF_DEG
    )


def _is_curved(channels: MoveChannels) -> bool:
    """Whether the path is longer than the distance between its ends, and is not an arc."""
    return bool(channels.path_m[-1] >= _CURVED * channels.net_m) and not _is_arc(channels)


def _is_dolly_zoom(channels: MoveChannels) -> bool:
    """Whether focal length and distance change together, so that the subject keeps its size."""
    distance_log = np.log(channels.distance_m / channels.distance_m[0])
    size_log = channels.zoom_log - distance_log
    return bool(
        abs(distance_log[-1]) >= np.log(_DOLLY_ZOOM_LEAST) and np.ptp(size_log) <= np.log(_DOLLY_ZOOM_SIZE)
    )


def _is_static(channels: MoveChannels) -> bool:
    return bool(
        channels.path_m[-1] <= _STATIC_M
        and channels.turned_deg[-1] <= _STATIC_DEG
        and np.ptp(channels.zoom_log) <= np.log(_STATIC_ZOOM)
    )


def _has_no_heading(channels: MoveChannels) -> bool:
    steps_deg = np.abs(np.diff(np.stack([channels.pan_deg, channels.roll_deg]), axis=-1))
    return bool((steps_deg > _STEP_DEG).any())


def _progress(channels: MoveChannels) -> Channel:
    """What the pace is measured of: the path, or rotation or zoom if there is none."""
    if channels.path_m[-1] >= LEAST["truck"]:
        return channels.path_m
    if channels.turned_deg[-1] >= LEAST["pan"]:
        return channels.turned_deg
    return np.concatenate([[0.0], np.cumsum(np.abs(np.diff(channels.zoom_log)))])


def _pace(progress: Channel) -> Pace:
    """How the speed of something that only grows changes."""
    if len(progress) <= 2 * _PACE_PARTS or not progress[-1]:
        return "unknown"
    places = np.linspace(0, len(progress) - 1, 2 * _PACE_PARTS + 1)
    halves = np.diff(np.interp(places, np.arange(len(progress)), progress))
    speeds = halves.reshape(_PACE_PARTS, 2).sum(axis=1)
    peak = int(speeds.argmax())
    if halves.max() <= 1.15 * halves.min():
        return "constant"
    if _rises(speeds) and speeds[-1] >= 1.5 * speeds[0]:
        return "accelerating"
    if _rises(speeds[::-1]) and speeds[0] >= 1.5 * speeds[-1]:
        return "decelerating"
    is_peak = 2 <= peak <= 3 and _rises(speeds[: peak + 1]) and _rises(speeds[peak:][::-1])
    if is_peak and speeds[peak] >= 1.5 * max(speeds[0], speeds[-1]):
        return "eased"
    return "variable" if not is_peak and halves.max() >= 2 * halves.min() else "unknown"


def _rises(speeds: Float[np.ndarray, "parts"]) -> bool:
    return bool((speeds[1:] >= 0.98 * speeds[:-1]).all())


def _ends(values: Channel) -> tuple[float, float]:
    return float(values[0]), float(values[-1])
