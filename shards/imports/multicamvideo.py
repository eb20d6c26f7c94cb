"""MultiCamVideo: ten moving cameras a scene, one pose per frame. Poses are converted by ``trajectories``.

The published loader keeps the world left-handed, so its absolute matrices are mirrored; here they are not.
"""

from dataclasses import replace
from pathlib import Path

from multitake.errors import InputError
from trajectories import CameraPose
from trajectories.formats import NamedTrajectory, iter_trajectories

from .layout import CAMERA_FILE, is_camera


def read_cameras(path: Path) -> tuple[NamedTrajectory, ...]:
    """The cameras of a scene; InputError if the file is invalid, or names one that no video has."""
    cameras = tuple(iter_trajectories(path, format="multicamvideo"))
    if odd := next((one.camera for one in cameras if not is_camera(one.camera)), None):
        raise InputError(f"unknown camera {odd!r}", where=CAMERA_FILE, fix="name cameras cam01, cam02, ...")
    return cameras


def fitted(camera: NamedTrajectory, frames: int) -> NamedTrajectory:
    """The camera, if it has a pose for each frame of its video; else InputError."""
    if camera.frames != frames:
        what = f"{camera.camera} has {camera.frames} poses, its video has {frames} frames"
        raise InputError(what, where=CAMERA_FILE, fix="get both again")
    return camera


def repeated(camera: NamedTrajectory, frames: int) -> NamedTrajectory:
    """A camera with one pose, as often as its video has frames."""
    return replace(camera, poses=CameraPose(camera.poses.world_from_camera.repeat(frames, axis=0)))
