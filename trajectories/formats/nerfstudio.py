"""nerfstudio's ``transforms.json``: one file with a list of images.

Convention: ``transform_matrix`` is ``world_from_camera``, 4 x 4, with an OpenGL camera; the world is usually
Z up. ``applied_transform`` (how the world of the file was made from the original one) is kept, because it
makes Z up; ``applied_scale`` is undone, so lengths are those of the original. Intrinsics (``fl_x`` ... in
pixels, or ``camera_angle_x``) are at the top or in each image; distortion is ignored. Names of images contain
take, camera and frame (``image_names.py``). ``fps`` is our addition; other readers ignore it. Round trip:
exact except for the signs of zeros.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from multitake.atomic import write_file
from multitake.errors import InputError

from ..lenses import Intrinsics
from ..poses import CameraPose
from .axes import opengl_from_opencv
from .files import read_text
from .image_names import clips_of, image_name, one_intrinsics
from .input_checks import Place, checked_poses, error_at
from .text_files import intrinsics_of
from .trajectory_set import NamedTrajectory, TrajectorySet


def read_nerfstudio(path: Path) -> Iterator[NamedTrajectory]:
    """Clips of one file."""
    at = Place(file=path, take=path.absolute().parent.name)
    try:
        document: Any = json.loads(read_text(path))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        fix = "correct it, or export it again"
        raise error_at(f"not valid JSON ({error})", at=Place(file=path), fix=fix) from error
    images = document.get("frames") if isinstance(document, dict) else None
    if not images or not all(isinstance(image, dict) and "file_path" in image for image in images):
        fix = 'give a transforms.json with "frames", each with a "file_path"'
        raise error_at("the list of frames is missing", at=Place(file=path), fix=fix)
    scale, fps = document.get("applied_scale", 1.0), document.get("fps")
    for (take, camera), indices in clips_of([str(image["file_path"]) for image in images], at).items():
        place = Place(file=path, take=take, camera=camera)
        matrices = np.stack([_matrix(images[index], place) for index in indices])
        opengl = CameraPose.of(matrices[:, :, :3], matrices[:, :, 3] / scale)
        poses = opengl_from_opencv(opengl)
        checked_poses(poses[None], file=path, take=take, cameras=(camera,))
        intrinsics = one_intrinsics([_intrinsics({**document, **images[index]}) for index in indices])
        yield NamedTrajectory(
            take=take,
            camera=camera,
            poses=poses,
            fps=None if fps is None else float(fps),
            intrinsics=intrinsics,
        )


def write_nerfstudio(path: Path, trajectories: TrajectorySet) -> None:
    """Write one file; intrinsics and ``fps`` are at its top if all cameras have the same."""
    lenses = [_lens_values(intrinsics_of(trajectory, path)) for trajectory in trajectories]
    is_shared = all(lens == lenses[0] for lens in lenses)
    frames = []
    for trajectory, lens in zip(trajectories, lenses, strict=True):
        matrices = np.zeros((trajectory.frames, 4, 4))
        matrices[:, :3] = opengl_from_opencv(trajectory.poses).world_from_camera
        matrices[:, 3, 3] = 1.0
        for k, matrix in enumerate(matrices):
            name = f"images/{image_name(trajectory.take, trajectory.camera, k)}"
            values = {} if is_shared else lens
            frames.append({"file_path": name, **values, "transform_matrix": matrix.tolist()})
    rates = {trajectory.fps for trajectory in trajectories} - {None}
    document = {
        "camera_model": "OPENCV",
        **(lenses[0] if is_shared else {}),
        **({"fps": rates.pop()} if len(rates) == 1 else {}),
        "frames": frames,
    }
    write_file(path, json.dumps(document, indent=1))


def _matrix(image: dict[str, Any], at: Place) -> np.ndarray:
    try:
        matrix = np.array(image["transform_matrix"], dtype=np.float64)
    except (KeyError, TypeError, ValueError):
        matrix = np.empty(0)
    if matrix.shape not in ((4, 4), (3, 4)):
        place = Place(file=at.file, take=at.take, camera=at.camera, frame=str(image["file_path"]))
        raise error_at(
            "transform_matrix is missing or not 4 x 4", at=place, fix="correct it, or export it again"
        )
    return matrix[:3]


def _intrinsics(values: dict[str, Any]) -> Intrinsics | None:
    width, height = values.get("w"), values.get("h")
    if not width or not height:
        return None
    fx = values.get("fl_x")
    if fx is None and "camera_angle_x" in values:
        fx = width / 2 / math.tan(values["camera_angle_x"] / 2)
    if fx is None:
        return None
    return Intrinsics(
        fx_px=float(fx),
        fy_px=float(values.get("fl_y", fx)),
        cx_px=float(values.get("cx", width / 2)),
        cy_px=float(values.get("cy", height / 2)),
        width_px=int(width),
        height_px=int(height),
    )


def _lens_values(i: Intrinsics) -> dict[str, float]:
    return {
        "fl_x": i.fx_px,
        "fl_y": i.fy_px,
        "cx": i.cx_px,
        "cy": i.cy_px,
        "w": i.width_px,
        "h": i.height_px,
    }
