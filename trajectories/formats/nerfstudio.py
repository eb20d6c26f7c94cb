"""nerfstudio's ``transforms.json``: one file with a list of images, or a folder ``TAKE/transforms.json``.

Convention: ``transform_matrix`` is ``world_from_camera``, 4 x 4, with an OpenGL camera; the world is usually
Z up. ``applied_transform`` (how the world of the file was made from the original one) is kept, because it
makes Z up; ``applied_scale`` is undone, so lengths are those of the original. Intrinsics (``fl_x`` ... in
pixels, or ``camera_angle_x``) are at the top or in each image, as of a zoom; distortion is ignored. Names of
images contain take, camera and frame (``image_names.py``). ``fps`` is our addition; other readers ignore it.
Round trip: exact except for the signs of zeros.
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
from .files import natural_key, read_json, take_targets
from .image_names import clips_of, image_name
from .input_checks import Place, checked_poses, error_at
from .text_files import frame_intrinsics_of
from .trajectory_set import NamedTrajectory, TrajectorySet, zoom_of

FILE_NAME = "transforms.json"


def read_nerfstudio(path: Path) -> Iterator[NamedTrajectory]:
    """Clips of one file, or of every ``transforms.json`` in a folder tree."""
    if not path.is_dir():
        yield from _read_world(path)
        return
    files = sorted(path.rglob(FILE_NAME), key=lambda f: natural_key(f.relative_to(path).as_posix()))
    if not files:
        raise InputError(
            f"no {FILE_NAME} in this folder", where=str(path), fix="give the folder of the takes"
        )
    for file in files:
        yield from _read_world(file)


def _read_world(path: Path) -> Iterator[NamedTrajectory]:
    at = Place(file=path, take=path.absolute().parent.name)
    document = read_json(path)
    images = document.get("frames") if isinstance(document, dict) else None
    if not images or not all(isinstance(image, dict) and "file_path" in image for image in images):
        fix = 'give a transforms.json with "frames", each with a "file_path"'
        raise error_at("the list of frames is missing", at=Place(file=path), fix=fix)
    scale, fps = _number(document, "applied_scale", path) or 1.0, _number(document, "fps", path)
    for (take, camera), indices in clips_of([str(image["file_path"]) for image in images], at).items():
        place = Place(file=path, take=take, camera=camera)
        matrices = np.stack([_matrix(images[index], place) for index in indices])
        opengl = CameraPose.of(matrices[:, :, :3], matrices[:, :, 3] / scale)
        poses = opengl_from_opencv(opengl)
        checked_poses(poses[None], file=path, take=take, cameras=(camera,))
        intrinsics, ratios = zoom_of([_intrinsics({**document, **images[index]}, path) for index in indices])
        yield NamedTrajectory(
            take=take,
            camera=camera,
            poses=poses,
            fps=fps,
            intrinsics=intrinsics,
            focal_ratios=ratios,
        )


def write_nerfstudio(path: Path, trajectories: TrajectorySet) -> None:
    """Write one take to a ``.json`` file, or every take to ``path/TAKE/transforms.json``.

    Intrinsics and ``fps`` are at the top of a file if all its images have the same.
    """
    for target, take in take_targets(path, trajectories, f"/{FILE_NAME}"):
        _write_world(target, take)


def _write_world(path: Path, trajectories: TrajectorySet) -> None:
    lenses = [list(map(_lens_values, frame_intrinsics_of(one, path))) for one in trajectories]
    is_shared = all(lens == lenses[0][0] for clip in lenses for lens in clip)
    frames = []
    for trajectory, clip_lenses in zip(trajectories, lenses, strict=True):
        matrices = np.zeros((trajectory.frames, 4, 4))
        matrices[:, :3] = opengl_from_opencv(trajectory.poses).world_from_camera
        matrices[:, 3, 3] = 1.0
        for k, matrix in enumerate(matrices):
            name = f"images/{image_name(trajectory.take, trajectory.camera, k)}"
            values = {} if is_shared else clip_lenses[k]
            frames.append({"file_path": name, **values, "transform_matrix": matrix.tolist()})
    rates = {trajectory.fps for trajectory in trajectories} - {None}
    document = {
        "camera_model": "OPENCV",
        **(lenses[0][0] if is_shared else {}),
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


def _intrinsics(values: dict[str, Any], path: Path) -> Intrinsics | None:
    width, height, fx, fy, angle_rad, cx, cy = (
        _number(values, key, path) for key in ("w", "h", "fl_x", "fl_y", "camera_angle_x", "cx", "cy")
    )
    if not width or not height:
        return None
    if fx is None and angle_rad:
        fx = width / 2 / math.tan(angle_rad / 2)
    if fx is None:
        return None
    return Intrinsics(
        fx_px=fx,
        fy_px=fx if fy is None else fy,
        cx_px=width / 2 if cx is None else cx,
        cy_px=height / 2 if cy is None else cy,
        width_px=int(width),
        height_px=int(height),
    )


def _number(values: dict[str, Any], key: str, path: Path) -> float | None:
    value = values.get(key)
    if value is not None and not (isinstance(value, int | float) and math.isfinite(value)):
        fix = "correct it, or export it again"
        raise InputError("not a number", where=f"{path}: {key}", fix=fix)
    return None if value is None else float(value)


def _lens_values(i: Intrinsics) -> dict[str, float]:
    return {
        "fl_x": i.fx_px,
        "fl_y": i.fy_px,
        "cx": i.cx_px,
        "cy": i.cy_px,
        "w": i.width_px,
        "h": i.height_px,
    }
