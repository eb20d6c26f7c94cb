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
_SHAKE_WINDOW_S = 0.5
_STEADY_WINDOW_S = 1.0
_USUAL = 1 / 3
_VERTICAL = 1e-3


@dataclass(frozen=True, kw_only=True)
class MeasuredShake:
    """Motion of high frequency: what a cubic over half a second cannot follow, as root mean squares.

    ``usual_mm`` and ``usual_deg`` are exceeded in two thirds of all frames: a smooth move that starts or
    turns abruptly has a residual there only, and a hand-held camera has one nearly all the time.
    """

    position_mm: float
    rotation_deg: float
    usual_mm: float
    usual_deg: float


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
        net_m: distance between the first and the last position.
        off_axis_deg: angle between the optical axis and the direction to the subject.
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
    off_axis_deg: Channel
    off_start_deg: Channel
    net_m: float


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
    to_subject_m = subject_m - poses.position_m
    distance_m = np.linalg.norm(to_subject_m, axis=-1)
    along = np.einsum("fk,fk->f", poses.forward, to_subject_m) / np.maximum(distance_m, 1e-9)
    off_start_rad = azimuth_rad + np.pi - heading_rad
    turns_rad = rotation_angle_rad(poses.rotation[1:], poses.rotation[:-1])
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
        distance_m=distance_m,
        radius_m=np.linalg.norm(to_start_m[:, :2], axis=-1),
        off_axis_deg=np.degrees(np.arccos(np.clip(along, -1, 1))),
        off_start_deg=np.degrees(np.abs(np.angle(np.exp(1j * off_start_rad)))),
        net_m=float(np.linalg.norm(poses.position_m[-1] - poses.position_m[0])),
    )


def measured_shake(poses: CameraPose, fps: float) -> MeasuredShake:
    """The shake of a clip of batch ``(frames)``; all 0 if it is shorter than two seconds."""
    frames = len(poses.position_m)
    half = max(2, round(_SHAKE_WINDOW_S * fps / 2))
    if frames < 2 * fps or frames <= 4 * half:
        return MeasuredShake(position_mm=0.0, rotation_deg=0.0, usual_mm=0.0, usual_deg=0.0)
    numbers = poses.world_from_camera.reshape(frames, 12)
    smooth = _cubic(numbers, half)
    inside = slice(half, frames - half)
    off = (numbers - smooth)[inside].reshape(-1, 3, 4)
    off_m = np.linalg.norm(off[..., 3], axis=-1)
    off_deg = np.degrees(np.linalg.norm(off[..., :3], axis=(-2, -1)) / np.sqrt(2))
    return MeasuredShake(
        position_mm=1000 * _rms(off_m),
        rotation_deg=_rms(off_deg),
        usual_mm=1000 * float(np.quantile(off_m, _USUAL)),
        usual_deg=float(np.quantile(off_deg, _USUAL)),
    )


def steadied(poses: CameraPose, fps: float) -> CameraPose:
    """Poses without their shake: means over a second, and over less near the ends."""
    numbers = poses.world_from_camera
    most, frames = round(_STEADY_WINDOW_S * fps / 2), len(numbers)
    sums = np.concatenate([np.zeros((1, 3, 4)), np.cumsum(numbers, axis=0)])
    frame = np.arange(frames)
    half = np.minimum(most, np.minimum(frame, frames - 1 - frame))
    means = (sums[frame + half + 1] - sums[frame - half]) / (2 * half + 1)[:, None, None]
    left, _, right = np.linalg.svd(means[..., :3])
    return CameraPose.of(left @ right, means[..., 3])


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


def _cubic(numbers: Float[np.ndarray, "frames values"], half: int) -> Float[np.ndarray, "frames values"]:
    """Each frame by a cubic through the ``2 half + 1`` frames around it; the ends are unchanged."""
    offsets = np.arange(-half, half + 1)
    weights = np.linalg.pinv(np.vander(offsets / half, 4, increasing=True))[0]
    smooth = numbers.copy()
    windows = np.lib.stride_tricks.sliding_window_view(numbers, len(offsets), axis=0)
    smooth[half : len(numbers) - half] = windows @ weights
    return smooth


def _summed(steps: Float[np.ndarray, "steps"]) -> Channel:
    return np.concatenate([[0.0], np.cumsum(steps)])


def _from_start_deg(angle_rad: Channel) -> Channel:
    return np.degrees(angle_rad - angle_rad[0])


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values))))
