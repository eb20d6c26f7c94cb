"""Keys for Unreal's Sequencer, write only: one CSV per camera, a set is a folder ``TAKE/CAMERA.csv``.

Columns ``frame, time_s, x_cm, y_cm, z_cm, roll_deg, pitch_deg, yaw_deg, focal_length_mm``: Unreal's
left-handed axes and rotator (``unreal.py``). Import the keys as linear: Sequencer's default keys ease in and
out. There is a key at every frame; roll and yaw are unwrapped, so linear keys rotate the shorter way. The
focal length is that of the lens, or the one with the same field of view on a 23.76 mm sensor; it is empty if
unknown. Precision: 1e-6 cm and degrees.
"""

from pathlib import Path

import numpy as np

from multitake.atomic import write_file

from ..lenses import Lens
from ..unreal import unreal_from_pose
from .files import camera_targets
from .text_files import intrinsics_of, times_s
from .trajectory_set import NamedTrajectory, TrajectorySet

COLUMNS = "frame,time_s,x_cm,y_cm,z_cm,roll_deg,pitch_deg,yaw_deg,focal_length_mm"


def write_unreal_keys(path: Path, trajectories: TrajectorySet) -> None:
    """Write one CSV, or a folder of them; InputError for a trajectory without fps."""
    for target, trajectory in camera_targets(path, trajectories, (".csv",)):
        is_known = trajectory.lens is not None or trajectory.intrinsics is not None
        ratios = np.ones(trajectory.frames) if trajectory.focal_ratios is None else trajectory.focal_ratios
        focal_mm = focal_length_mm(trajectory, target) * ratios if is_known else ()
        lenses = [f"{one:.6f}" for one in focal_mm] or [""] * trajectory.frames
        location_cm, rotator_deg = unreal_from_pose(trajectory.poses)
        pitch, yaw, roll = np.moveaxis(np.unwrap(rotator_deg, period=360.0, axis=0), -1, 0)
        columns = (times_s(trajectory, target), *location_cm.T, roll, pitch, yaw)
        lines = [
            f"{k}," + ",".join(f"{number:.6f}" for number in key) + f",{lenses[k]}"
            for k, key in enumerate(zip(*columns, strict=True))
        ]
        write_file(target, "\n".join([COLUMNS, *lines, ""]))


def focal_length_mm(trajectory: NamedTrajectory, target: Path) -> float:
    """Focal length in the first frame: of the lens, or with the same field of view on the default sensor."""
    if trajectory.lens is not None:
        return trajectory.lens.focal_length_mm
    i = intrinsics_of(trajectory, target)
    return Lens.sensor_mm / max(i.width_px / i.fx_px, i.height_px / i.fy_px)
