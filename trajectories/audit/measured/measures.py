"""What poses show about each clip, measured without the columns that describe the move."""

from dataclasses import dataclass, fields
from typing import get_args

import numpy as np
from jaxtyping import Bool, Float

from ...clip_table import ClipTable
from ...lenses import image_fractions
from ...pose_arrays import as_track, follow
from ...poses import CameraPose, angle_of_chord, rotation_angle_rad, squared_chord
from ...sampling.moves import Moves
from ...sampling.rules import Rules
from ...speed import TimeBase, speed_curve, time_fractions

_ROWS_AT_ONCE = 512
# Straighter than any arc of a few degrees.
_STRAIGHT = 1 - 1e-4


@dataclass(frozen=True, kw_only=True)
class Measures:
    """One number per clip; all but the two replay errors follow from poses, subject and speed alone.

    Amplitudes are those of the entire move, even if the last frame is before its end. Starts and arcs are
    relative to the subject in the first frame.

    Attributes:
        radius_m: start distance from the subject.
        elevation_deg: start elevation above the subject point.
        azimuth_deg: start direction seen from the subject, counter-clockwise from world +X, 0 to 360.
        off_aim_deg: angle between the first optical axis and the direction of the subject.
        pan_deg, tilt_deg: signed change of heading and of pitch.
        arc_deg: signed angle around the subject.
        roll_deg: signed rotation about the optical axis, if the camera keeps that axis.
        zoom_octaves: logarithm (to base 2) of the factor of the focal length.
        dolly_octaves: the same of the distance from the subject, if it is a linear function of progress.
        path_ratio: path length over start distance.
        closest_m: smallest distance from the subject, where it is in each frame.
        peak_speed_m_per_s, peak_turn_deg_per_s: largest movement and rotation between frames, per second.
        turned_deg: sum of all rotations between frames.
        straightness: distance between the ends over path length.
        scale_change: largest over smallest distance from the subject, where it is in each frame.
        in_image_share: share of frames with the subject point in the image.
        frame_height_m: height of the view at the subject's distance, at the start.
        peak_acceleration_m_per_s2: largest change of velocity between frames.
        replay_error_m, replay_error_deg: largest difference of any frame from the move its columns describe.
    """

    radius_m: Float[np.ndarray, "clips"]
    elevation_deg: Float[np.ndarray, "clips"]
    azimuth_deg: Float[np.ndarray, "clips"]
    off_aim_deg: Float[np.ndarray, "clips"]
    pan_deg: Float[np.ndarray, "clips"]
    tilt_deg: Float[np.ndarray, "clips"]
    arc_deg: Float[np.ndarray, "clips"]
    roll_deg: Float[np.ndarray, "clips"]
    zoom_octaves: Float[np.ndarray, "clips"]
    dolly_octaves: Float[np.ndarray, "clips"]
    path_ratio: Float[np.ndarray, "clips"]
    closest_m: Float[np.ndarray, "clips"]
    peak_speed_m_per_s: Float[np.ndarray, "clips"]
    peak_turn_deg_per_s: Float[np.ndarray, "clips"]
    turned_deg: Float[np.ndarray, "clips"]
    straightness: Float[np.ndarray, "clips"]
    scale_change: Float[np.ndarray, "clips"]
    in_image_share: Float[np.ndarray, "clips"]
    frame_height_m: Float[np.ndarray, "clips"]
    peak_acceleration_m_per_s2: Float[np.ndarray, "clips"]
    replay_error_m: Float[np.ndarray, "clips"]
    replay_error_deg: Float[np.ndarray, "clips"]

    def __getitem__(self, rows: np.ndarray) -> "Measures":
        """The measures of some clips."""
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def measure(clips: ClipTable, rules: Rules | None) -> Measures:
    """Measure clips with proper poses; their moves are replayed by ``rules``, if there are rules."""
    parts = [slice(first, first + _ROWS_AT_ONCE) for first in range(0, len(clips), _ROWS_AT_ONCE)]
    found = {field.name: np.zeros(len(clips)) for field in fields(Measures)}
    # Columns may contain any number.
    with np.errstate(over="ignore", invalid="ignore"):
        for part in parts:
            for name, values in _measured(clips.rows(part), rules).items():
                found[name][part] = values
    return Measures(**found)


def subject_in_image(clips: ClipTable, *, every: int = 1) -> Float[np.ndarray, "clips frames 2"]:
    """Position of the subject in every ``every``-th frame, as fractions; NaN behind or unknown."""
    poses = clips.poses[:, ::every]
    x, y, z = np.moveaxis(clips.subject_points_m[:, ::every] - poses.position_m, -1, 0)
    axes = np.moveaxis(poses.rotation, (-1, -2), (0, 1))
    subject_m = np.stack([x * axis[0] + y * axis[1] + z * axis[2] for axis in axes])
    return image_fractions(np.moveaxis(subject_m, 0, -1), clips.intrinsics_of_frames[:, ::every])


def _measured(clips: ClipTable, rules: Rules | None) -> dict[str, np.ndarray]:
    poses, fps = clips.poses, clips["fps"]
    progress = progress_of(clips)
    done = _share_done(clips, progress)
    offset_m = poses.position_m - clips["subject_m"][:, None]
    steps_m = np.diff(poses.position_m, axis=1)
    lengths_m = np.sqrt(_squared(steps_m))
    turns_deg = np.degrees(rotation_angle_rad(poses.rotation[:, 1:], poses.rotation[:, :-1]))
    bends_m = np.sqrt(_squared(np.diff(steps_m, axis=1)))
    start_m, path_m = np.linalg.norm(offset_m[:, 0], axis=-1), lengths_m.sum(axis=1)
    straightness = np.linalg.norm(offset_m[:, -1] - offset_m[:, 0], axis=-1) / np.maximum(path_m, 1e-9)
    is_chord = straightness > _STRAIGHT
    if rules is not None:
        is_chord = np.full(len(clips), rules.arc_path == "chord")
    distance_m = np.sqrt(_squared(poses.position_m - clips.subject_points_m))
    with np.errstate(invalid="ignore"):
        found = {
            **_amplitudes(poses, offset_m, path_m, done, is_chord=is_chord),
            "zoom_octaves": np.log2(clips.focal_ratios[:, -1]) / done,
            "radius_m": start_m,
            "elevation_deg": np.degrees(np.arcsin(offset_m[:, 0, 2] / start_m)),
            "azimuth_deg": np.degrees(np.arctan2(offset_m[:, 0, 1], offset_m[:, 0, 0])) % 360,
            "off_aim_deg": _between_deg(poses.forward[:, 0], -offset_m[:, 0]),
            "closest_m": distance_m.min(axis=1),
            "peak_speed_m_per_s": lengths_m.max(axis=1, initial=0.0) * fps,
            "peak_acceleration_m_per_s2": bends_m.max(axis=1, initial=0.0) * fps**2,
            "peak_turn_deg_per_s": turns_deg.max(axis=1, initial=0.0) * fps,
            "turned_deg": turns_deg.sum(axis=1),
            "straightness": straightness,
            "scale_change": distance_m.max(axis=1) / distance_m.min(axis=1),
            "in_image_share": _in_image_share(clips),
            "frame_height_m": start_m * clips["height_px"] / clips["fy_px"],
        }
    return found if rules is None else found | _replayed(clips, progress, rules)


def _replayed(
    clips: ClipTable, progress: Float[np.ndarray, "clips frames"], rules: Rules
) -> dict[str, np.ndarray]:
    moves = Moves.of_clips(clips)
    # A curve needs a waypoint; the error of a move without one is then that of a camera at rest.
    missing = moves.waypoint_count == 0
    moves.waypoint_count[missing], moves.waypoints_m[missing, 0, 2] = 1.0, 1e-9
    error_m, error_deg = np.zeros(len(clips)), np.zeros(len(clips))
    follows = moves.is_tracking & (clips["track_target"] == "subject")
    for motion in np.unique(clips["motion"]).tolist():
        rows = np.flatnonzero(clips["motion"] == motion)
        poses, subject_m = clips.poses[rows], clips["subject_m"][rows]
        replayed = moves[rows].motion(motion, rules).poses(poses[:, 0], subject_m, progress[rows])
        is_following = follows[rows]
        if is_following.any():
            follow(as_track(replayed), clips.subject_points_m[rows], is_following)
        apart_m = np.sqrt(_squared(replayed.position_m - poses.position_m))
        error_m[rows] = apart_m.max(axis=1)
        chord = squared_chord(replayed.rotation, poses.rotation).max(axis=1)
        error_deg[rows] = np.degrees(angle_of_chord(chord))
    return {"replay_error_m": error_m, "replay_error_deg": error_deg}


def _squared(vectors: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch"]:
    """Squared lengths; faster than a sum over the last axis."""
    x, y, z = np.moveaxis(vectors, -1, 0)
    return x * x + y * y + z * z


def _in_image_share(clips: ClipTable) -> Float[np.ndarray, "clips"]:
    inside = (np.abs(subject_in_image(clips) - 0.5) <= 0.5).all(axis=-1)
    return np.where(np.isfinite(clips.intrinsics[:, 0]), inside.mean(axis=1), np.nan)


def _amplitudes(
    poses: CameraPose,
    offset_m: Float[np.ndarray, "clips frames 3"],
    path_m: Float[np.ndarray, "clips"],
    done: Float[np.ndarray, "clips"],
    *,
    is_chord: Bool[np.ndarray, "clips"],
) -> dict[str, np.ndarray]:
    right, down, forward = np.moveaxis(poses.rotation, -1, 0)
    first_m, last_m = (np.linalg.norm(offset_m[:, frame], axis=-1) for frame in (0, -1))
    # Along a chord, the position is linear in progress and the angle is not.
    end_m = offset_m[:, 0] + (offset_m[:, -1] - offset_m[:, 0]) / done[:, None]
    x, y, _ = np.moveaxis(np.stack([offset_m[:, 0], end_m], axis=1), -1, 0)
    chord_deg = direction_change_deg(y, x)
    arc_deg = np.where(is_chord, chord_deg, direction_change_deg(offset_m[..., 1], offset_m[..., 0]) / done)
    # The right axis is level, so it gives heading and pitch even if the camera looks straight down.
    return {
        "pan_deg": direction_change_deg(right[..., 0], -right[..., 1]) / done,
        "tilt_deg": direction_change_deg(forward[..., 2], -down[..., 2]) / done,
        "arc_deg": arc_deg,
        "roll_deg": direction_change_deg(-right[..., 2], -down[..., 2]) / done,
        "dolly_octaves": np.log2(np.maximum(1 + (last_m / first_m - 1) / done, 1e-9)),
        "path_ratio": path_m / first_m / done,
    }


def direction_change_deg(
    y: Float[np.ndarray, "clips frames"], x: Float[np.ndarray, "clips frames"]
) -> Float[np.ndarray, "clips"]:
    """Change of the direction of (x, y) from the first to the last frame; less than 180 deg per frame."""
    is_below = np.signbit(y)
    turn = x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]
    # Each step over the negative x axis is a whole turn of the angle.
    downward = (turn > 0) & is_below[:, 1:] & ~is_below[:, :-1]
    upward = (turn < 0) & is_below[:, :-1] & ~is_below[:, 1:]
    turns = downward.sum(axis=1) - upward.sum(axis=1)
    first, last = (np.arctan2(y[:, frame], x[:, frame]) for frame in (0, -1))
    return np.degrees(last - first + 2 * np.pi * turns)


def _between_deg(
    a: Float[np.ndarray, "clips 3"], b: Float[np.ndarray, "clips 3"]
) -> Float[np.ndarray, "clips"]:
    """Angle between directions."""
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(-1)))


def progress_of(clips: ClipTable) -> Float[np.ndarray, "clips frames"]:
    """Progress of each clip by its time base and speed parameter."""
    times = {base: time_fractions(clips.frames, base) for base in get_args(TimeBase)}
    time = np.repeat(times["closed"][None], len(clips), axis=0)
    for base, fractions in times.items():
        time[clips["time_base"] == base] = fractions
    return speed_curve(time, np.nan_to_num(clips["speed_a"])[:, None])


def _share_done(clips: ClipTable, progress: Float[np.ndarray, "clips frames"]) -> Float[np.ndarray, "clips"]:
    """Share of the move that is done in the last frame; eased moves are at rest by then."""
    is_over = (clips["speed_class"] == "eased") | (progress[:, -1] == 0)
    return np.where(is_over, 1.0, progress[:, -1])
