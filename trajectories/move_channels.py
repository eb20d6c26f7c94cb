"""What a camera does in each frame, measured from its poses: one number per frame for each primitive move.

Translations and rotations are measured in the level axes of the camera at each moment ("ground-centric" in
CameraBench): its heading, the horizontal direction to its right, and the vertical. So a camera on a circle
around its subject trucks and pans all the time, and never dollies.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .poses import CameraPose, rotation_angle_rad

Channel = Float[np.ndarray, "frames"]
_VERTICAL = 1e-3


@dataclass(frozen=True, kw_only=True)
class MoveChannels:
    """The move of a camera in each frame. All from ``pan_deg`` to ``turned_deg`` are 0 in the first frame.

    Attributes:
        pan_deg: change of heading; to the left is positive.
        tilt_deg: change of pitch; up is positive.
        roll_deg: rotation about the optical axis; clockwise, seen from behind the camera, is positive. The
            content of its image turns the other way.
        truck_m: travel to its own right, horizontally.
        dolly_m: travel along its own heading, horizontally.
        pedestal_m: travel upwards.
        arc_deg: azimuth around the vertical through the subject point of the first frame; counter-clockwise
            from above is positive: a camera that looks at the point moves to its right.
        zoom_log: logarithm of the focal length over that of the first frame.
        path_m: length of the path so far.
        turned_deg: angle of all rotations so far.
        distance_m: from the subject, where it is in each frame.
        radius_m: horizontal distance from the subject point of the first frame.
        away_m: distance from the first position.
        away_deg: angle of the rotation from the first one.
        net_m: distance between the first and the last position.
        is_over_vertical: whether the camera is upside down, or passes the view straight up or down: its right
            side or its heading is not what one sees.
        off_line_m: the largest distance of a position from the straight line that fits all of them best.
        off_start_deg: horizontal angle between the heading and the subject point of the first frame.
    """

    pan_deg: Channel
    tilt_deg: Channel
    roll_deg: Channel
    truck_m: Channel
    dolly_m: Channel
    pedestal_m: Channel
    arc_deg: Channel
    zoom_log: Channel
    path_m: Channel
    turned_deg: Channel
    distance_m: Channel
    radius_m: Channel
    off_start_deg: Channel
    away_m: Channel
    away_deg: Channel
    net_m: float
    off_line_m: float
    is_over_vertical: bool


def move_channels(
    poses: CameraPose, focal_length_mm: Channel, subject_m: Float[np.ndarray, "frames 3"]
) -> MoveChannels:
    """Measure a clip: poses of batch ``(frames)``, focal length, and the subject point (world) in each."""
    heading_rad, pitch_rad, roll_rad = _level_angles(poses)
    step_m = np.diff(poses.position_m, axis=0)
    # The heading in the middle of each step.
    middle_rad = (heading_rad[1:] + heading_rad[:-1]) / 2
    cos, sin = np.cos(middle_rad), np.sin(middle_rad)
    to_start_m = subject_m[0] - poses.position_m
    azimuth_rad = np.unwrap(np.arctan2(-to_start_m[:, 1], -to_start_m[:, 0]))
    off_start_rad = azimuth_rad + np.pi - heading_rad
    turns_rad = rotation_angle_rad(poses.rotation[1:], poses.rotation[:-1])
    away_m = np.linalg.norm(poses.position_m - poses.position_m[0], axis=-1)
    return MoveChannels(
        pan_deg=_from_start_deg(heading_rad),
        tilt_deg=_from_start_deg(pitch_rad),
        roll_deg=_from_start_deg(roll_rad),
        truck_m=_summed(step_m[:, 0] * sin - step_m[:, 1] * cos),
        dolly_m=_summed(step_m[:, 0] * cos + step_m[:, 1] * sin),
        pedestal_m=poses.position_m[:, 2] - poses.position_m[0, 2],
        arc_deg=_from_start_deg(azimuth_rad),
        zoom_log=np.log(focal_length_mm / focal_length_mm[0]),
        path_m=_summed(np.linalg.norm(step_m, axis=-1)),
        turned_deg=np.degrees(_summed(turns_rad)),
        distance_m=np.linalg.norm(subject_m - poses.position_m, axis=-1),
        radius_m=np.linalg.norm(to_start_m[:, :2], axis=-1),
        off_start_deg=np.degrees(np.abs(np.angle(np.exp(1j * off_start_rad)))),
        away_m=away_m,
        away_deg=np.degrees(rotation_angle_rad(poses.rotation, poses.rotation[:1])),
        net_m=float(away_m[-1]),
        off_line_m=_off_line_m(poses.position_m),
        is_over_vertical=bool(np.cos(pitch_rad).min() < -_VERTICAL),
    )


def _level_angles(poses: CameraPose) -> tuple[Channel, Channel, Channel]:
    """Heading, pitch and roll in radians, without jumps.

    They are continued through views straight up or down: there the pitch goes beyond a right angle.
    """
    forward = poses.forward
    right = _level_right(poses)
    ahead = np.stack([-right[:, 1], right[:, 0], np.zeros(len(right))], axis=-1)
    above = np.cross(right, forward)
    camera_right = poses.rotation[..., 0]
    dot = "fk,fk->f"
    heading_rad = np.arctan2(ahead[:, 1], ahead[:, 0])
    pitch_rad = np.arctan2(forward[:, 2], np.einsum(dot, forward, ahead))
    roll_rad = np.arctan2(-np.einsum(dot, camera_right, above), np.einsum(dot, camera_right, right))
    return np.unwrap(heading_rad), np.unwrap(pitch_rad), np.unwrap(roll_rad)


def _level_right(poses: CameraPose) -> Float[np.ndarray, "frames 3"]:
    """The horizontal direction to the right of the optical axis; of the camera where it looks vertically."""
    forward, camera_right = poses.forward, poses.rotation[..., 0]
    right = np.stack([forward[:, 1], -forward[:, 0], np.zeros(len(forward))], axis=-1)
    is_vertical = np.linalg.norm(right, axis=-1) < _VERTICAL
    right[is_vertical] = camera_right[is_vertical] * (1.0, 1.0, 0.0)
    right /= np.maximum(np.linalg.norm(right, axis=-1, keepdims=True), 1e-9)
    # The same side in all frames: that of the camera in the first one.
    before = np.concatenate([camera_right[:1], right[:-1]])
    is_turned = np.einsum("fk,fk->f", right, before) < 0
    return right * np.where(np.cumsum(is_turned) % 2, -1.0, 1.0)[:, None]


def _off_line_m(position_m: Float[np.ndarray, "frames 3"]) -> float:
    centred_m = position_m - position_m.mean(axis=0)
    along = np.linalg.svd(centred_m, full_matrices=False)[2][0]
    off_m = centred_m - np.outer(centred_m @ along, along)
    return float(np.linalg.norm(off_m, axis=-1).max())


def _summed(steps: Float[np.ndarray, "steps"]) -> Channel:
    return np.concatenate([[0.0], np.cumsum(steps)])


def _from_start_deg(angle_rad: Channel) -> Channel:
    return np.degrees(angle_rad - angle_rad[0])
