"""Known trajectories: worked examples, and ReCamMaster's ten-camera validation file from its numbers."""

import json
import math

import numpy as np

from trajectories import CameraPose, Lens, pose_from_unreal
from trajectories.formats import NamedTrajectory, TrajectorySet
from trajectories.sampling import Subjects

LENS = Lens(focal_length_mm=35.0, f_number=2.8)
# The worked example: an Unreal camera at (100, 200, 150) cm, pitch -10, yaw 30, and a second one.
EXAMPLE = pose_from_unreal(
    np.array([[100.0, 200, 150], [130, 170, 160]]), np.array([[-10.0, 30, 0], [-5, 40, 0]])
)


def named(poses: CameraPose, take: str = "street", camera: str = "cam01", **more: object) -> NamedTrajectory:
    values = {"fps": 15.0, "intrinsics": LENS.intrinsics(1280, 1280), "lens": LENS, **more}
    return NamedTrajectory(take=take, camera=camera, poses=poses, **values)


def set_of(*trajectories: NamedTrajectory) -> TrajectorySet:
    return TrajectorySet(trajectories=trajectories)


# A trajectory made by hand: 2.5 s, aimed at one point, with a zoom at the end.
KEYFRAMES: list[dict] = [
    {"time_s": 0.0, "position_m": [0, 0, 1.5], "look_at_m": [4, 0, 1], "focal_length_mm": 24},
    {"time_s": 1.0, "position_m": [1, 2, 1.5], "look_at_m": [4, 0, 1], "focal_length_mm": 24},
    {"time_s": 2.5, "position_m": [2, 3, 2.0], "look_at_m": [4, 0, 1], "focal_length_mm": 50},
]

# The published file has a time base of f = 161, and chords for arcs.
START_CM, SUBJECT_CM = (3390.0, 1380.0, 240.0), 400.0
# Yaw and pitch in degrees and a shift in centimetres at progress 1; None: the aim stays on the subject.
MOVES = (
    (20.0, 0.0, (0.0, 0.0, 0.0)),
    (-20.0, 0.0, (0.0, 0.0, 0.0)),
    (0.0, 10.0, (0.0, 0.0, 0.0)),
    (0.0, -10.0, (0.0, 0.0, 0.0)),
    (0.0, 0.0, (200.0, 0.0, 0.0)),
    (0.0, 0.0, (-200.0, 0.0, 0.0)),
    (None, None, (0.0, 0.0, 100.0)),
    (None, None, (0.0, 0.0, -100.0)),
    (None, None, (SUBJECT_CM * (1 - math.cos(math.pi / 6)), -SUBJECT_CM / 2, 0.0)),
    (None, None, (SUBJECT_CM * (1 - math.cos(math.pi / 6)), SUBJECT_CM / 2, 0.0)),
)


def ten_basic_moves_text() -> str:
    """Return the text of the file: 81 frames, cameras ``cam01`` to ``cam10``."""
    frames = {
        f"frame{k}": {f"cam{c:02d}": _matrix(move, 2 * k / 161) for c, move in enumerate(MOVES, start=1)}
        for k in range(81)
    }
    return json.dumps(frames, indent=4)


def _matrix(move, progress: float) -> str:
    yaw_deg, pitch_deg, shift = move
    x, y, z = (progress * part for part in shift)
    if yaw_deg is None:
        yaw, pitch = math.atan2(-y, SUBJECT_CM - x), math.atan2(-z, math.hypot(SUBJECT_CM - x, y))
    else:
        yaw, pitch = math.radians(progress * yaw_deg), math.radians(progress * pitch_deg)
    location = tuple(start + part for start, part in zip(START_CM, (x, y, z), strict=True))
    # Adding 0 turns -0 into 0: Unreal's rotators have no negative zeros here.
    rows = "".join(f"[{' '.join(f'{v:g}' for v in row)} 0] " for row in _axes(yaw + 0.0, pitch + 0.0))
    return f"{rows}[{' '.join(f'{v:g}' for v in location)} 1] "


def _axes(yaw: float, pitch: float) -> tuple[tuple[float, float, float], ...]:
    """Return Unreal's axes X, Y, Z without roll, by its quaternion, with Unreal's signs of zeros."""
    sp, cp, sy, cy = math.sin(pitch / 2), math.cos(pitch / 2), math.sin(yaw / 2), math.cos(yaw / 2)
    x, y = sp * sy - 0.0 * cp * cy, -sp * cy - 0.0 * cp * sy
    z, w = cp * sy - 0.0 * sp * cy, cp * cy + 0.0 * sp * sy
    x2, y2, z2 = 2 * x, 2 * y, 2 * z
    return (
        (1 - (y * y2 + z * z2), x * y2 + w * z2, x * z2 - w * y2),
        (x * y2 - w * z2, 1 - (x * x2 + z * z2), y * z2 + w * x2),
        (x * z2 + w * y2, y * z2 - w * x2, 1 - (x * x2 + y * y2)),
    )


def walking_subjects(rigs: int, *, frames: int) -> Subjects:
    """People of 1.75 m who walk 3 m straight ahead, each in another direction."""
    angle = np.linspace(0, 60, rigs)
    ahead = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=-1)
    feet_m = np.linspace(-1.5, 1.5, frames)[:, None] * ahead[:, None]
    up_m = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.75]])
    return Subjects(
        points_m=feet_m + 0.65 * up_m[1],
        bodies_m=(feet_m[:, :, None] + up_m)[:, None],
        ground_m=np.zeros(rigs),
    )
