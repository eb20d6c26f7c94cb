"""MultiCamVideo's ``camera_extrinsics.json``: one file per scene, or a folder tree of them.

Convention: ``frame0`` ... (not padded), each with ``cam01`` ... and the text of Unreal's 4 x 4 matrix for row
vectors, camera to world: rows X (forward), Y (right), Z (up), location; left-handed, Z up, centimetres, 6
significant digits, a space at the end. ``unreal.py`` converts it. The published code keeps the world
left-handed, so its absolute matrices are mirrored (determinant -1); such matrices are invalid here.

Tree: ``f24_aperture5/scene7/cameras/camera_extrinsics.json``. The lens is in the folder's name only; the
sensor is a 23.76 mm square, images are 1280 x 1280 pixels at 15 frames per second. Round trip: byte for byte
for files in the published layout; 6 significant digits for other poses.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from multitake.atomic import write_file
from multitake.errors import InputError

from ..lenses import Lens
from ..unreal import pose_from_unreal_rows, unreal_rows_from_pose
from .files import inside, natural_key, read_json
from .input_checks import Place, checked_poses, error_at
from .text_files import require_one_focal_length
from .trajectory_set import NamedTrajectory, TrajectorySet, stacked_poses

FILE_NAME = "camera_extrinsics.json"
FPS = 15.0
IMAGE_PX = 1280
_LENS_FOLDER = re.compile(r"f(\d+(?:\.\d+)?)_aperture(\d+(?:\.\d+)?)")
_MATRIX = "[%g %g %g 0] [%g %g %g 0] [%g %g %g 0] [%g %g %g 1] "
_LAST_COLUMN = np.array([0.0, 0.0, 0.0, 1.0])


def read_multicamvideo(path: Path) -> Iterator[NamedTrajectory]:
    """Cameras of one file, or of every file in a folder tree, scene by scene."""
    if not path.is_dir():
        scene = path.absolute().parent
        if scene.name == "cameras":
            scene = scene.parent
        lens_folder = scene.parent.name if _LENS_FOLDER.fullmatch(scene.parent.name) else ""
        yield from _read_scene(path, f"{lens_folder}/{scene.name}".lstrip("/"))
        return
    files = sorted(path.rglob(FILE_NAME), key=lambda f: natural_key(f.relative_to(path).as_posix()))
    if not files:
        raise InputError(
            f"no {FILE_NAME} in this folder", where=str(path), fix="give the folder of the scenes"
        )
    for file in files:
        scene = file.parent.parent if file.parent.name == "cameras" else file.parent
        take = scene.relative_to(path).as_posix() if scene.is_relative_to(path) else "."
        yield from _read_scene(file, path.absolute().name if take == "." else take)


def write_multicamvideo(path: Path, trajectories: TrajectorySet) -> None:
    """Write one take to a ``.json`` file, or all takes to a tree.

    In a tree the folder is the name of the take. If the lens is known but not part of that name, the folder
    is ``f24_aperture5/scene1``, numbered within that lens.
    """
    takes = trajectories.by_take()
    if path.suffix == ".json":
        if len(takes) != 1:
            raise InputError(f"one file has one take, not {len(takes)}", where=str(path), fix="give a folder")
        write_file(path, _scene_text(next(iter(takes.values())), path))
        return
    scenes: dict[str, int] = {}
    for take, cameras in takes.items():
        folder = _scene_folder(take, cameras[0].lens, scenes)
        target = inside(path, f"{folder}/cameras/{FILE_NAME}")
        write_file(target, _scene_text(cameras, target))


def _scene_folder(take: str, lens: Lens | None, scenes: dict[str, int]) -> str:
    if lens is None or _LENS_FOLDER.search(take):
        return take
    lens_folder = f"f{lens.focal_length_mm:g}_aperture{lens.f_number:g}"
    scenes[lens_folder] = scenes.get(lens_folder, 0) + 1
    return f"{lens_folder}/scene{scenes[lens_folder]}"


def _read_scene(file: Path, take: str) -> Iterator[NamedTrajectory]:
    frames, cameras = _parsed(read_json(file), Place(file=file, take=take))
    rows = _matrices(frames, cameras, Place(file=file, take=take))
    poses = pose_from_unreal_rows(rows)
    # The unit is centimetres, so positions can be far from the origin.
    checked_poses(poses, file=file, take=take, cameras=cameras, may_be_level_sized=True)
    lens = _lens_of(take)
    intrinsics = lens.intrinsics(IMAGE_PX, IMAGE_PX) if lens else None
    for index, camera in enumerate(cameras):
        yield NamedTrajectory(
            take=take, camera=camera, poses=poses[index], fps=FPS, intrinsics=intrinsics, lens=lens
        )


def _lens_of(take: str) -> Lens | None:
    found = _LENS_FOLDER.search(take)
    return Lens(focal_length_mm=float(found[1]), f_number=float(found[2])) if found else None


def _parsed(document: Any, at: Place) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """The texts of the cameras, frame by frame; frames and cameras are complete and in order."""
    if not isinstance(document, dict) or not document or "frame0" not in document:
        fix = "give a camera_extrinsics.json whose frames start at 0"
        raise error_at("frame0 is missing", at=Place(file=at.file), fix=fix)
    for number, key in enumerate(document):
        if key != f"frame{number}":
            is_known = f"frame{number}" in document
            what = f"{key} is out of order" if is_known else f"frame{number} is missing"
            raise error_at(what, at=at, fix="list every frame, in order")
    frames = list(document.values())
    cameras = tuple(frames[0]) if isinstance(frames[0], dict) else ()
    for number, frame in enumerate(frames):
        if not isinstance(frame, dict) or not frame or tuple(frame) != cameras:
            named = frame if isinstance(frame, dict) else ()
            odd = sorted(set(cameras) ^ set(named), key=natural_key)
            place = Place(file=at.file, take=at.take, camera=odd[0] if odd else None, frame=number)
            raise error_at(
                "frames have different cameras", at=place, fix="list the same cameras in every frame"
            )
    return frames, cameras


def _matrices(
    frames: list[dict[str, str]], cameras: tuple[str, ...], at: Place
) -> Float[np.ndarray, "cameras frames 4 3"]:
    try:
        text = "".join([matrix for frame in frames for matrix in frame.values()])
        numbers = np.array(text.replace("[", " ").replace("]", " ").split(), dtype=np.float64)
        values = numbers.reshape(len(frames), len(cameras), 4, 4)
    except (TypeError, ValueError):
        raise _matrix_error(frames, at) from None
    if not (values[..., 3] == _LAST_COLUMN).all():
        raise _matrix_error(frames, at)
    return np.moveaxis(values[..., :3], 1, 0)


def _matrix_error(frames: list[dict[str, str]], at: Place) -> InputError:
    """The error for the first text that is not a matrix for row vectors."""
    fix = 'write "[..] [..] [..] [x y z 1] ", rows of 4 numbers'
    for number, frame in enumerate(frames):
        for camera, text in frame.items():
            try:
                words = str(text).replace("[", " ").replace("]", " ").split()
                values = np.array(words, dtype=np.float64).reshape(4, 4)
                is_right = bool((values[:, 3] == _LAST_COLUMN).all())
            except ValueError:
                is_right = False
            if not is_right:
                place = Place(file=at.file, take=at.take, camera=camera, frame=number)
                return error_at(f"{str(text)[:60]!r} is not a matrix for row vectors", at=place, fix=fix)
    return error_at("matrices are not in brackets", at=at, fix=fix)


def _scene_text(cameras: Sequence[NamedTrajectory], target: Path) -> str:
    for trajectory in cameras:
        require_one_focal_length(trajectory, target)
    poses = stacked_poses(cameras, where=str(target))
    rows = np.moveaxis(unreal_rows_from_pose(poses), 0, 1)
    template = _template(rows.shape[0], tuple(trajectory.camera for trajectory in cameras))
    return template % tuple(rows.ravel().tolist())


@lru_cache(maxsize=8)
def _template(frames: int, cameras: tuple[str, ...]) -> str:
    document = {f"frame{k}": dict.fromkeys(cameras, _MATRIX) for k in range(frames)}
    return json.dumps(document, indent=4)
