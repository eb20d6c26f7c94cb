"""Rerun recordings, one per take, write only, with the extra ``multitake[rerun]``.

Convention: view coordinates right-handed, Z up, metres; an entity ``TAKE/CAMERA`` with one
``world_from_camera`` per frame on the time line ``frame``, a pinhole with camera axes right, down, forward if
intrinsics are known, and the path as ``TAKE/paths/CAMERA``. Only similar versions of Rerun can read a
recording. Float32.
"""

import importlib
from pathlib import Path
from typing import Any

import numpy as np

from multitake.atomic import replacing
from multitake.errors import InputError

from ..lenses import Intrinsics
from .files import take_targets
from .trajectory_set import NamedTrajectory, TrajectorySet


def write_rerun(path: Path, trajectories: TrajectorySet) -> None:
    """Write one take to a ``.rrd`` file, or every take to ``path/TAKE.rrd``.

    InputError if Rerun is not installed.
    """
    try:
        rr: Any = importlib.import_module("rerun")
    except ImportError as error:
        fix = "pip install 'multitake[rerun]'"
        raise InputError("writing .rrd needs Rerun", where=str(path), fix=fix) from error
    for target, take in take_targets(path, trajectories, ".rrd"):
        _write_recording(rr, target, take)


def _write_recording(rr: Any, path: Path, trajectories: TrajectorySet) -> None:
    with replacing(path) as partial, rr.RecordingStream("multitake") as recording:
        rr.save(str(partial), recording=recording)
        rr.log("/", rr.ViewCoordinates.RIGHT_HAND_Z_UP, static=True, recording=recording)
        for trajectory in trajectories:
            _log(rr, recording, trajectory)


def _log(rr: Any, recording: Any, trajectory: NamedTrajectory) -> None:
    poses, lenses = trajectory.poses, trajectory.frame_intrinsics or ()
    changes = trajectory.focal_ratios is not None
    for frame, one in enumerate(lenses if changes else lenses[:1]):
        if changes:
            rr.set_time("frame", sequence=frame, recording=recording)
        rr.log(trajectory.name, _pinhole(rr, one), static=not changes, recording=recording)
    path = rr.LineStrips3D([poses.position_m.astype(np.float32)])
    rr.log(f"{trajectory.take}/paths/{trajectory.camera}", path, static=True, recording=recording)
    transforms = rr.Transform3D.columns(
        translation=poses.position_m.astype(np.float32), mat3x3=poses.rotation.astype(np.float32)
    )
    frames = rr.TimeColumn("frame", sequence=np.arange(trajectory.frames))
    rr.send_columns(trajectory.name, indexes=[frames], columns=transforms, recording=recording)


def _pinhole(rr: Any, i: Intrinsics) -> Any:
    return rr.Pinhole(
        focal_length=[i.fx_px, i.fy_px],
        principal_point=[i.cx_px, i.cy_px],
        resolution=[i.width_px, i.height_px],
        camera_xyz=rr.ViewCoordinates.RDF,
    )
