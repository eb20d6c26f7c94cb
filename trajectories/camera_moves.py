"""The labels of a clip, measured from its poses, focal lengths and subject points alone."""

from itertools import pairwise

import numpy as np
from jaxtyping import Float

from .lenses import Lens
from .measured_shake import measured_shake, steadied
from .move_channels import Channel, MoveChannels, move_channels
from .move_labels import DIRECTIONS, LEAST, CameraMove, MoveLabel
from .move_pace import Pace, pace_of
from .poses import CameraPose
from .subject_view import subject_view

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
_STATIC_M, _STATIC_DEG = 0.005, 0.2
# In clips with shake: of the thresholds, and of what was removed as shake (root mean square), whose slow part
# remains as sway. Amounts are exact from the last one on.
_SHAKEN_SCALE, _SWAY_SCALE, _EXACT_SCALE = 2.0, 4.0, 25.0
# A zoom in one direction, where the focal length changes by less than the threshold.
_SMALL_ZOOM = float(np.log(1.01))
# A path that is not straight: its length over the distance of its ends, and how far it is off a line.
_CURVED, _OFF_LINE_SHARE, _OFF_LINE_M = 1.15, 0.05, 0.05
# An arc: how its radius may change, and how far the camera may look past the subject.
_ARC_RADIUS, _ARC_ENDS, _ARC_OFF_DEG, _ARC_LEAST_M = 1.34, 1.1, 10.0, 0.3
_DOLLY_ZOOM_LEAST, _DOLLY_ZOOM_SIZE = 1.15, 1.1
# The level axes of a camera that passes near the vertical turn by more than the camera itself.
_MOST_EXCESS_DEG = 10.0
# The direction of a larger turn from one frame to the next is not certain.
_MOST_STEP_DEG = 120.0
_SMOOTH_STEP_DEG = 15.0
_FASTEST_S = 0.5


def camera_move(
    poses: CameraPose,
    *,
    fps: float,
    focal_length_mm: Float[np.ndarray, "frames"],
    subject_m: Float[np.ndarray, "frames 3"],
    sensor_mm: float = Lens.sensor_mm,
) -> CameraMove:
    """The move of one clip: poses of batch ``(frames)``, with the focal length and the subject point (world)
    of each frame; ``sensor_mm`` is as wide as the longer side of the image.
    """
    shake = measured_shake(poses, fps)
    raw = channels = move_channels(poses, focal_length_mm, subject_m)
    if shake:
        channels = move_channels(steadied(poses, fps), focal_length_mm, subject_m)
    away_m, away_deg = float(raw.away_m.max()), float(raw.away_deg.max())
    has_moved = away_m >= LEAST["truck"] or away_deg >= LEAST["pan"]
    view = subject_view(poses, focal_length_mm, subject_m, sensor_mm=sensor_mm, has_moved=has_moved)
    labels = _primitives(channels, raw, fps)
    if not shake and _is_curved(channels):
        labels += _whole("curve", float(channels.path_m[-1]), channels, fps)
    if _is_dolly_zoom(channels):
        labels += _whole("dolly_zoom", float(np.exp(abs(channels.zoom_log[-1]))), channels, fps)
    if view.kind in ("kept", "followed"):
        labels += _whole("tracking", view.off_axis_deg, channels, fps)
    if shake:
        labels += _whole("shake", shake.position_mm, channels, fps)
    elif not labels and _stands(channels) and np.ptp(channels.zoom_log) <= _SMALL_ZOOM:
        labels = _whole("static", 0.0, channels, fps)
    return CameraMove(
        labels=labels,
        pace="unknown" if shake else _pace(channels),
        subject_view=view.kind,
        duration_s=(len(channels.pan_deg) - 1) / fps,
        path_m=float(channels.path_m[-1]),
        turned_deg=float(channels.turned_deg[-1]),
        away_m=away_m,
        away_deg=away_deg,
        zoom_range=float(np.exp(np.ptp(channels.zoom_log))),
        shake_mm=shake.position_mm if shake else 0.0,
        shake_deg=shake.rotation_deg if shake else 0.0,
        distance_m=(float(channels.distance_m[0]), float(channels.distance_m[-1])),
        subject_travel_m=float(np.linalg.norm(subject_m - subject_m[0], axis=-1).max()),
    )


def _primitives(channels: MoveChannels, raw: MoveChannels, fps: float) -> tuple[MoveLabel, ...]:
    """The labels with a direction; ``raw`` are the channels with shake, if there is any."""
    found = {name: _labels(name, channels, raw, fps) for name in LEAST}
    is_arc = bool(found["arc"]) and _is_arc(channels)
    left_out = {"truck", "pan"} if is_arc else {"arc"}
    if _has_no_heading(channels) or _has_no_heading(raw):
        left_out |= {"pan", "tilt", "roll", "truck", "dolly"}
    return tuple(label for name, labels in found.items() if name not in left_out for label in labels)


def _labels(name: str, channels: MoveChannels, raw: MoveChannels, fps: float) -> list[MoveLabel]:
    """The labels of one primitive; none if a shake may be larger than one of them."""
    values, shaken = (getattr(some, _CHANNELS[name]) for some in (channels, raw))
    legs = _legs(values, _least(name))
    if name == "zoom" and not legs:
        small = _legs(values, _SMALL_ZOOM)
        legs = small if len(small) == 1 else []
    if not legs or channels is raw:
        is_exact = name not in ("truck", "dolly") or _has_smooth_heading(channels)
        return [_label(name, values, leg, fps, is_exact=is_exact) for leg in legs]
    sway = float(np.sqrt(np.mean(np.square(shaken - values))))
    smallest = min(abs(amount) for *_, amount in legs)
    least = _SHAKEN_SCALE * _least(name)
    if smallest < max(least, _SWAY_SCALE * sway) or len(_legs(shaken, least)) != len(legs):
        return []
    off = max(abs(shaken[last] - shaken[first] - amount) for first, last, amount in legs)
    is_exact = _has_smooth_heading(channels) and bool(smallest >= _EXACT_SCALE * max(sway, off))
    return [_label(name, values, leg, fps, is_exact=is_exact) for leg in legs]


def _label(
    name: str, values: Channel, leg: tuple[int, int, float], fps: float, *, is_exact: bool
) -> MoveLabel:
    first, last, amount = leg
    window = min(max(1, round(_FASTEST_S * fps)), last - first)
    part = values[first : last + 1]
    return MoveLabel(
        word=DIRECTIONS[name][amount < 0],
        amount=float(np.exp(abs(amount)) if name == "zoom" else abs(amount)),
        start_s=first / fps,
        end_s=last / fps,
        fastest_per_s=float(np.abs(part[window:] - part[:-window]).max()) * fps / window,
        is_exact=is_exact,
    )


def _least(name: str) -> float:
    return float(np.log(LEAST[name])) if name == "zoom" else LEAST[name]


def _whole(word: str, amount: float, channels: MoveChannels, fps: float) -> tuple[MoveLabel, ...]:
    """The label of what describes all frames."""
    end_s = (len(channels.pan_deg) - 1) / fps
    return (MoveLabel(word=word, amount=amount, start_s=0.0, end_s=end_s),)


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
    """Whether the path is longer than the distance between its ends, leaves a line, and is not an arc."""
    length_m = channels.path_m[-1]
    off_line_m = max(_OFF_LINE_M, _OFF_LINE_SHARE * length_m)
    is_bent = length_m >= _CURVED * channels.net_m and channels.off_line_m >= off_line_m
    return bool(is_bent) and not _is_arc(channels)


def _is_dolly_zoom(channels: MoveChannels) -> bool:
    """Whether focal length and distance change together, so that the subject keeps its size."""
    distance_m = np.maximum(channels.distance_m, 1e-3)
    distance_log = np.log(distance_m / distance_m[0])
    size_log = channels.zoom_log - distance_log
    return bool(
        abs(distance_log[-1]) >= np.log(_DOLLY_ZOOM_LEAST) and np.ptp(size_log) <= np.log(_DOLLY_ZOOM_SIZE)
    )


def _stands(channels: MoveChannels) -> bool:
    return bool(channels.path_m[-1] <= _STATIC_M and channels.turned_deg[-1] <= _STATIC_DEG)


def _has_no_heading(channels: MoveChannels) -> bool:
    """Whether the camera is upside down, passes near the vertical, or turns too far between two frames."""
    turned_deg = np.diff(channels.turned_deg)
    level_deg = np.abs(np.diff(np.stack([channels.pan_deg, channels.roll_deg]), axis=-1)).max(axis=0)
    excess_deg = np.maximum(level_deg - 1.5 * turned_deg, 0.0).sum()
    is_unclear = excess_deg > _MOST_EXCESS_DEG or (turned_deg > _MOST_STEP_DEG).any()
    return bool(is_unclear) or channels.is_over_vertical


def _has_smooth_heading(channels: MoveChannels) -> bool:
    """Whether travel along the heading does not depend on where between two frames the camera turns."""
    return bool(np.abs(np.diff(channels.pan_deg)).max(initial=0.0) <= _SMOOTH_STEP_DEG)


def _pace(channels: MoveChannels) -> Pace:
    if channels.path_m[-1] >= LEAST["truck"]:
        return pace_of(channels.path_m)
    if channels.turned_deg[-1] >= LEAST["pan"]:
        return pace_of(channels.turned_deg)
    return "none" if _stands(channels) else "unknown"
