"""What poses themselves say about each clip, measured without trusting the columns that describe them."""

from dataclasses import dataclass, fields
from typing import get_args

import numpy as np
from jaxtyping import Bool, Float

from ...poses import CameraPose
from ...sampling.rules import Rules
from ...speed import TimeBase, speed_curve, time_fractions
from ..clips import Clips

_ROWS_AT_ONCE = 2048
# Nearer to 1 than any arc of a few degrees.
_STRAIGHT = 1 - 1e-4


@dataclass(frozen=True, kw_only=True)
class Measures:
    """One number per clip; everything but the two replay errors comes from poses and subject alone.

    Amplitudes are of the whole move, also where the last frame stops short of its end.

    Attributes:
        radius_m: start distance from the subject.
        elevation_deg: start elevation above the subject.
        azimuth_deg: start direction seen from the subject, counter-clockwise from world +X, 0 to 360.
        off_aim_deg: angle between the first optical axis and the subject.
        pan_deg, tilt_deg: signed change of heading and of pitch.
        arc_deg: signed turn around the subject.
        path_ratio: length travelled over start distance.
        closest_m: smallest distance from the subject.
        peak_speed_m_per_s, peak_turn_deg_per_s: largest step between frames, per second.
        turned_deg: angle turned through, frame by frame.
        straightness: distance between the ends over length travelled.
        scale_change: largest over smallest distance from the subject.
        in_frame_share: share of frames with the subject in the picture.
        frame_height_m: how much of the subject's surroundings the picture's height shows at the start.
        peak_acceleration_m_per_s2: largest change between steps.
        replay_error_m, replay_error_deg: largest distance of any frame from the move its columns describe.
    """

    radius_m: Float[np.ndarray, "clips"]
    elevation_deg: Float[np.ndarray, "clips"]
    azimuth_deg: Float[np.ndarray, "clips"]
    off_aim_deg: Float[np.ndarray, "clips"]
    pan_deg: Float[np.ndarray, "clips"]
    tilt_deg: Float[np.ndarray, "clips"]
    arc_deg: Float[np.ndarray, "clips"]
    path_ratio: Float[np.ndarray, "clips"]
    closest_m: Float[np.ndarray, "clips"]
    peak_speed_m_per_s: Float[np.ndarray, "clips"]
    peak_turn_deg_per_s: Float[np.ndarray, "clips"]
    turned_deg: Float[np.ndarray, "clips"]
    straightness: Float[np.ndarray, "clips"]
    scale_change: Float[np.ndarray, "clips"]
    in_frame_share: Float[np.ndarray, "clips"]
    frame_height_m: Float[np.ndarray, "clips"]
    peak_acceleration_m_per_s2: Float[np.ndarray, "clips"]
    replay_error_m: Float[np.ndarray, "clips"]
    replay_error_deg: Float[np.ndarray, "clips"]


def measure(clips: Clips, rules: Rules | None) -> Measures:
    """Measure clips whose poses are proper; ``rules`` say which curves their columns mean.

    Without rules the columns are not believed to describe moves, and there is no replay.
    """
    names = [f.name for f in fields(Measures)]
    found = {name: np.zeros(len(clips)) for name in names}
    for motion in np.unique(clips.motion).tolist():
        index = np.flatnonzero(clips.motion == motion)
        for first in range(0, len(index), _ROWS_AT_ONCE):
            rows = index[first : first + _ROWS_AT_ONCE]
            part = _measured(motion, clips[rows], rules)
            for name in part:
                found[name][rows] = part[name]
    return Measures(**found)


def _measured(motion: str, clips: Clips, rules: Rules | None) -> dict[str, np.ndarray]:
    poses, fps = clips.poses, clips.fps
    progress = _progress(clips)
    away_m = poses.position_m - clips.subject_m[:, None]
    steps_m = np.diff(poses.position_m, axis=1)
    lengths_m = np.sqrt((steps_m**2).sum(axis=-1))
    turns_deg = _angle_deg(poses.rotation[:, 1:], poses.rotation[:, :-1])
    bends_m = np.sqrt((np.diff(steps_m, axis=1) ** 2).sum(axis=-1))
    start_m, path_m = np.linalg.norm(away_m[:, 0], axis=-1), lengths_m.sum(axis=1)
    net_m = np.linalg.norm(away_m[:, -1] - away_m[:, 0], axis=-1)
    straightness = net_m / np.maximum(path_m, 1e-9)
    is_chord = straightness > _STRAIGHT
    if rules is not None:
        is_chord = np.full(len(clips), rules.arc_path == "chord")
    distance_m = np.sqrt((away_m**2).sum(axis=-1))
    with np.errstate(invalid="ignore"):
        seen = {
            **_amplitudes(poses, away_m, _done(clips, progress), is_chord=is_chord),
            "radius_m": start_m,
            "elevation_deg": np.degrees(np.arcsin(away_m[:, 0, 2] / start_m)),
            "azimuth_deg": np.degrees(np.arctan2(away_m[:, 0, 1], away_m[:, 0, 0])) % 360,
            "off_aim_deg": _between_deg(poses.forward[:, 0], -away_m[:, 0]),
            "closest_m": distance_m.min(axis=1),
            "peak_speed_m_per_s": lengths_m.max(axis=1, initial=0.0) * fps,
            "peak_acceleration_m_per_s2": bends_m.max(axis=1, initial=0.0) * fps**2,
            "peak_turn_deg_per_s": turns_deg.max(axis=1, initial=0.0) * fps,
            "turned_deg": turns_deg.sum(axis=1),
            "straightness": straightness,
            "scale_change": distance_m.max(axis=1) / distance_m.min(axis=1),
            "in_frame_share": _in_frame_share(clips, away_m),
            "frame_height_m": start_m * clips.height_px / clips.fy_px,
        }
    return seen if rules is None else seen | _replayed(motion, clips, progress, rules)


def _replayed(
    motion: str, clips: Clips, progress: Float[np.ndarray, "clips frames"], rules: Rules
) -> dict[str, np.ndarray]:
    moves, poses = clips.moves, clips.poses
    absent = moves.waypoint_count == 0
    moves.waypoint_count[absent], moves.waypoints_m[absent, 0, 2] = 1.0, 1e-9
    replayed = moves.motion(motion, rules).poses(poses[:, 0], clips.subject_m, progress)
    error_m = np.sqrt(((replayed.position_m - poses.position_m) ** 2).sum(axis=-1))
    return {
        "replay_error_m": error_m.max(axis=1),
        "replay_error_deg": _angle_deg(replayed.rotation, poses.rotation).max(axis=1),
    }


def aim_track(
    clips: Clips, poses: CameraPose, away_m: Float[np.ndarray, "clips frames 3"]
) -> tuple[Float[np.ndarray, "clips frames"], Float[np.ndarray, "clips frames"]]:
    """Where the subject is in the clips' pictures at some of their poses: x, y in 0..1, NaN behind."""
    right, down, ahead = -np.einsum("cfia,cfi->acf", poses.rotation, away_m)
    depth = np.where(ahead > 0, ahead, np.nan)
    x = (clips.fx_px[:, None] * right / depth + clips.cx_px[:, None]) / clips.width_px[:, None]
    y = (clips.fy_px[:, None] * down / depth + clips.cy_px[:, None]) / clips.height_px[:, None]
    return x, y


def _in_frame_share(clips: Clips, away_m: Float[np.ndarray, "clips frames 3"]) -> Float[np.ndarray, "clips"]:
    with np.errstate(divide="ignore"):
        x, y = aim_track(clips, clips.poses, away_m)
    share = ((np.abs(x - 0.5) <= 0.5) & (np.abs(y - 0.5) <= 0.5)).mean(axis=1)
    return np.where(np.isfinite(clips.fx_px) & (clips.width_px > 0), share, np.nan)


def _amplitudes(
    poses: CameraPose,
    away_m: Float[np.ndarray, "clips frames 3"],
    done: Float[np.ndarray, "clips"],
    *,
    is_chord: Bool[np.ndarray, "clips"],
) -> dict[str, np.ndarray]:
    right, down, ahead = np.moveaxis(poses.rotation, -1, 0)
    steps_m = np.linalg.norm(np.diff(away_m, axis=1), axis=-1)
    # Along a chord, position is linear in progress and the angle is not.
    end_m = away_m[:, 0] + (away_m[:, -1] - away_m[:, 0]) / done[:, None]
    chord_deg = _unwound_deg(np.stack([away_m[:, 0], end_m], axis=1)[..., 1::-1])
    arc_deg = np.where(is_chord, chord_deg, _unwound_deg(away_m[..., 1::-1]) / done)
    # A level right axis knows the heading, and with it the pitch, also of a camera that looks straight down.
    return {
        "pan_deg": _unwound_deg(np.stack([right[..., 0], -right[..., 1]], axis=-1)) / done,
        "tilt_deg": _unwound_deg(np.stack([ahead[..., 2], -down[..., 2]], axis=-1)) / done,
        "arc_deg": arc_deg,
        "path_ratio": steps_m.sum(axis=1) / np.linalg.norm(away_m[:, 0], axis=-1) / done,
    }


def _unwound_deg(sine_cosine: Float[np.ndarray, "clips frames 2"]) -> Float[np.ndarray, "clips"]:
    angle = np.unwrap(np.arctan2(sine_cosine[..., 0], sine_cosine[..., 1]), axis=1)
    return np.degrees(angle[:, -1] - angle[:, 0])


def _angle_deg(
    a: Float[np.ndarray, "*batch 3 3"], b: Float[np.ndarray, "*batch 3 3"]
) -> Float[np.ndarray, "*batch"]:
    """Angle between rotations; the chord keeps small angles that an arc cosine would lose."""
    chord = np.linalg.norm(a - b, axis=(-2, -1)) / np.sqrt(8)
    return np.degrees(2 * np.arcsin(np.minimum(chord, 1.0)))


def _between_deg(
    a: Float[np.ndarray, "*batch 3"], b: Float[np.ndarray, "*batch 3"]
) -> Float[np.ndarray, "*batch"]:
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(-1)))


def _progress(clips: Clips) -> Float[np.ndarray, "clips frames"]:
    times = {base: time_fractions(clips.frames, base) for base in get_args(TimeBase)}
    time = np.repeat(times["closed"][None], len(clips), axis=0)
    for base, fractions in times.items():
        time[clips.time_base == base] = fractions
    return speed_curve(time, clips.moves.speed_a[:, None])


def _done(clips: Clips, progress: Float[np.ndarray, "clips frames"]) -> Float[np.ndarray, "clips"]:
    """Share of the move done in the last frame; eased moves have come to rest by then."""
    is_over = (clips.speed_class == "eased") | (progress[:, -1] == 0)
    return np.where(is_over, 1.0, progress[:, -1])
