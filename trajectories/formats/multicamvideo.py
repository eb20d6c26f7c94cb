"""MultiCamVideo's ``camera_extrinsics.json``: one file a scene, or a tree of them.

Convention: ``frame0`` ... (not padded), each ``cam01`` ... -> the text of Unreal's row-vector 4 x 4 matrix,
camera to world: rows X (forward), Y (right), Z (up), location; left-handed, Z up, centimetres, 6 significant
digits, a space at the end. Converted once, by ``unreal.py``. The published code's conversion keeps the world
left-handed, so its absolute matrices are mirrored (det -1); matrices saved from it are refused here.

Tree: ``f24_aperture5/scene7/cameras/camera_extrinsics.json``; the lens stands in the folder's name only, on a
23.76 mm square sensor, pictures of 1280 x 1280 pixels at 15 frames a second. Round trip: byte for byte for
files in the published layout; 6 significant digits for poses of any other origin.
"""

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from ..lenses import Lens
from ..unreal import pose_from_unreal_rows, unreal_rows_from_pose
from .checks import Place, checked_poses, refuse
from .files import inside, natural_key, read_text, write_whole
from .trajectory_set import NamedTrajectory, TrajectorySet, stacked_poses

FILE_NAME = "camera_extrinsics.json"
FPS = 15.0
PICTURE_PX = 1280
_LENS_FOLDER = re.compile(r"f(\d+(?:\.\d+)?)_aperture(\d+(?:\.\d+)?)")
_MATRIX = "[%g %g %g 0] [%g %g %g 0] [%g %g %g 0] [%g %g %g 1] "
_LAST_COLUMN = np.array([0.0, 0.0, 0.0, 1.0])


def read_multicamvideo(path: Path) -> Iterator[NamedTrajectory]:
    """Cameras of one file, or of every file below a folder, scene by scene."""
    if not path.is_dir():
        scene = path.absolute().parent
        if scene.name == "cameras":
            scene = scene.parent
        lens_folder = scene.parent.name if _LENS_FOLDER.fullmatch(scene.parent.name) else ""
        yield from _read_scene(path, f"{lens_folder}/{scene.name}".lstrip("/"))
        return
    files = sorted(path.rglob(FILE_NAME), key=lambda f: natural_key(f.relative_to(path).as_posix()))
    if not files:
        raise InputError(f"no {FILE_NAME} below", where=str(path), fix="give the folder of the scenes")
    for file in files:
        scene = file.parent.parent if file.parent.name == "cameras" else file.parent
        take = scene.relative_to(path).as_posix() if scene.is_relative_to(path) else "."
        yield from _read_scene(file, path.absolute().name if take == "." else take)


def write_multicamvideo(path: Path, trajectories: TrajectorySet) -> None:
    """Write one take to a ``.json`` file, or all takes to a tree.

    In a tree a take keeps its own name as its folder, unless its lens is known and the name does not say it:
    then the folder is ``f24_aperture5/scene1``, numbered within that lens.
    """
    takes = trajectories.by_take()
    if path.suffix == ".json":
        if len(takes) != 1:
            raise InputError(
                f"one file holds one take, not {len(takes)}", where=str(path), fix="name a folder"
            )
        write_whole(path, _scene_text(next(iter(takes.values())), path))
        return
    scenes: dict[str, int] = {}
    for take, cameras in takes.items():
        folder = _scene_folder(take, cameras[0].lens, scenes)
        target = inside(path, f"{folder}/cameras/{FILE_NAME}")
        write_whole(target, _scene_text(cameras, target))


def _scene_folder(take: str, lens: Lens | None, scenes: dict[str, int]) -> str:
    if lens is None or _LENS_FOLDER.search(take):
        return take
    lens_folder = f"f{lens.focal_length_mm:g}_aperture{lens.f_number:g}"
    scenes[lens_folder] = scenes.get(lens_folder, 0) + 1
    return f"{lens_folder}/scene{scenes[lens_folder]}"


def _read_scene(file: Path, take: str) -> Iterator[NamedTrajectory]:
    frames, cameras = _parsed(read_text(file), Place(file=file, take=take))
    rows = _matrices(frames, cameras, Place(file=file, take=take))
    poses = pose_from_unreal_rows(rows)
    # The unit is known to be the centimetre, however large the level.
    checked_poses(poses, file=file, take=take, cameras=cameras, may_be_level_sized=True)
    lens = _lens_of(take)
    intrinsics = lens.intrinsics(PICTURE_PX, PICTURE_PX) if lens else None
    for index, camera in enumerate(cameras):
        yield NamedTrajectory(
            take=take, camera=camera, poses=poses[index], fps=FPS, intrinsics=intrinsics, lens=lens
        )


def _lens_of(take: str) -> Lens | None:
    found = _LENS_FOLDER.search(take)
    return Lens(focal_length_mm=float(found[1]), f_number=float(found[2])) if found else None


def _parsed(text: str, at: Place) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """The cameras' texts frame by frame, once frames and cameras are known to be complete and in order."""
    try:
        document: Any = json.loads(text)
    except ValueError as error:
        fix = "export it again"
        raise refuse(f"is not JSON, or was cut off ({error})", at=Place(file=at.file), fix=fix) from error
    if not isinstance(document, dict) or not document or "frame0" not in document:
        fix = "give a camera_extrinsics.json whose frames count from 0"
        raise refuse("no frame0", at=Place(file=at.file), fix=fix)
    for number, key in enumerate(document):
        if key != f"frame{number}":
            fault = "out of order" if f"frame{number}" in document else f"there, but no frame{number}"
            raise refuse(f"{key} is {fault}", at=at, fix="list every frame, in order")
    frames = list(document.values())
    cameras = tuple(frames[0]) if isinstance(frames[0], dict) else ()
    for number, frame in enumerate(frames):
        if not isinstance(frame, dict) or not frame or tuple(frame) != cameras:
            named = frame if isinstance(frame, dict) else ()
            odd = sorted(set(cameras) ^ set(named), key=natural_key)
            place = Place(file=at.file, take=at.take, camera=odd[0] if odd else None, frame=number)
            raise refuse("frames differ in their cameras", at=place, fix="list the same cameras everywhere")
    return frames, cameras


def _matrices(
    frames: list[dict[str, str]], cameras: tuple[str, ...], at: Place
) -> Float[np.ndarray, "cameras frames 4 3"]:
    try:
        text = "".join([matrix for frame in frames for matrix in frame.values()])
        numbers = np.array(text.replace("[", " ").replace("]", " ").split(), dtype=np.float64)
        values = numbers.reshape(len(frames), len(cameras), 4, 4)
    except (TypeError, ValueError):
        raise _odd_matrix(frames, at) from None
    if not (values[..., 3] == _LAST_COLUMN).all():
        raise _odd_matrix(frames, at)
    return np.moveaxis(values[..., :3], 1, 0)


def _odd_matrix(frames: list[dict[str, str]], at: Place) -> InputError:
    """The error for the first text that is not one row-vector matrix."""
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
                return refuse(f"{str(text)[:60]!r} is not a row-vector matrix", at=place, fix=fix)
    return refuse("matrices do not stand in brackets", at=at, fix=fix)


def _scene_text(cameras: Sequence[NamedTrajectory], target: Path) -> str:
    poses = stacked_poses(cameras, where=str(target))
    rows = np.moveaxis(unreal_rows_from_pose(poses), 0, 1)
    template = _template(rows.shape[0], tuple(trajectory.camera for trajectory in cameras))
    return template % tuple(rows.ravel().tolist())


@lru_cache(maxsize=8)
def _template(frames: int, cameras: tuple[str, ...]) -> str:
    document = {f"frame{k}": dict.fromkeys(cameras, _MATRIX) for k in range(frames)}
    return json.dumps(document, indent=4)
