"""SynCamVideo: the layout of MultiCamVideo with cameras that stand still; one pose is enough for a clip."""

import numpy as np

from multitake.errors import InputError
from trajectories.formats import NamedTrajectory

from . import multicamvideo
from .layout import CAMERA_FILE

# Numbers of the file have six digits.
_STILL_M = 1e-3
read_cameras = multicamvideo.read_cameras


def fitted(camera: NamedTrajectory, frames: int) -> NamedTrajectory:
    """The camera with a pose for each frame; InputError if it has another number of poses, or moves."""
    if camera.frames == 1:
        return multicamvideo.repeated(camera, frames)
    fixed = multicamvideo.fitted(camera, frames)
    if np.ptp(fixed.poses.position_m, axis=0).max() > _STILL_M:
        fix = "import it with --from multicamvideo"
        raise InputError(
            f"{camera.camera} moves, cameras of this set stand still", where=CAMERA_FILE, fix=fix
        )
    return fixed
