"""COLMAP models: a folder of ``cameras`` and ``images``, as text or binary; points are ignored.

A model is one world: one take is written to the folder, several takes to a folder ``TAKE`` each within it.

Convention: ``camera_from_world``, quaternion scalar first, OpenCV camera, centre of the first pixel (0.5,
0.5); axes and unit of the world are kept as in the model. Names of images contain take, camera and frame
(``image_names.py``). COLMAP's cameras are our intrinsics: distortion is ignored, fisheye cameras are read
without intrinsics, and so is a clip whose images have different cameras, unless only the focal
length differs. An image that is not registered is a
missing frame. Round trip: 1e-12 per number. The files for rigs and frames are not written; COLMAP adds them.
"""

import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from multitake.atomic import write_file
from multitake.errors import InputError
from multitake.input_files import require_file

from ..lenses import Intrinsics
from ..poses import CameraPose
from .axes import pose_from_camera_from_world, quaternion_from_rotation, rotation_from_quaternion
from .files import inside, natural_key, read_text, text_lines
from .image_names import clips_of, image_name
from .input_checks import LONGEST_NAME, Place, checked_poses, error_at, unit_quaternions
from .text_files import frame_intrinsics_of
from .trajectory_set import NamedTrajectory, TrajectorySet, zoom_of

# Camera models by COLMAP's number: name, number of parameters, number of focal lengths among them (0:
# fisheye).
_MODELS = (
    ("SIMPLE_PINHOLE", 3, 1),
    ("PINHOLE", 4, 2),
    ("SIMPLE_RADIAL", 4, 1),
    ("RADIAL", 5, 1),
    ("OPENCV", 8, 2),
    ("OPENCV_FISHEYE", 8, 0),
    ("FULL_OPENCV", 12, 2),
    ("FOV", 5, 0),
    ("SIMPLE_RADIAL_FISHEYE", 4, 0),
    ("RADIAL_FISHEYE", 5, 0),
    ("THIN_PRISM_FISHEYE", 12, 0),
)
_NUMBERS = {name: number for number, (name, _, _) in enumerate(_MODELS)}
_PINHOLE = _NUMBERS["PINHOLE"]
_MOST_IMAGES = 500_000
_IMAGES = ("images.bin", "images.txt")


@dataclass(frozen=True, kw_only=True)
class _Image:
    quaternion_wxyz: tuple[float, ...]
    translation: tuple[float, ...]
    camera_id: int
    name: str


_Cameras = dict[int, Intrinsics | None]


def read_colmap(path: Path) -> Iterator[NamedTrajectory]:
    """Clips of the model in folder ``path``, or of all models in its subfolders.

    Binary files are preferred to text files.
    """
    models = model_folders(path)
    if not models:
        fix = "give the folder with images.bin or images.txt"
        raise InputError("no COLMAP model in this folder", where=str(path), fix=fix)
    for model in models:
        yield from _read_model(model)


def model_folders(path: Path) -> list[Path]:
    """The folder if it has a model, else all folders below that have one."""
    if any((path / name).is_file() for name in _IMAGES):
        return [path]
    found = {file.parent for name in _IMAGES for file in path.rglob(name)}
    return sorted(found, key=lambda folder: natural_key(folder.relative_to(path).as_posix()))


def _read_model(path: Path) -> Iterator[NamedTrajectory]:
    is_binary = (path / "images.bin").is_file()
    suffix, cameras_of, images_of = (
        (".bin", _binary_cameras, _binary_images) if is_binary else (".txt", _text_cameras, _text_images)
    )
    file = path / f"images{suffix}"
    cameras = cameras_of(path / f"cameras{suffix}")
    images = images_of(file)
    if not images:
        raise InputError("the model has no images", where=str(file), fix="register at least one image")
    at = Place(file=file, take=path.absolute().name)
    for (take, camera), indices in clips_of([image.name for image in images], at).items():
        place = Place(file=file, take=take, camera=camera)
        clip = [images[index] for index in indices]
        unknown = [image for image in clip if image.camera_id not in cameras]
        if unknown:
            what = f"image {unknown[0].name} has unknown camera {unknown[0].camera_id}"
            raise error_at(what, at=place, fix="give both files of one model")
        intrinsics, ratios = zoom_of([cameras[image.camera_id] for image in clip])
        yield NamedTrajectory(
            take=take,
            camera=camera,
            poses=_poses(clip, place),
            intrinsics=intrinsics,
            focal_ratios=ratios,
        )


def write_colmap_text(path: Path, trajectories: TrajectorySet) -> None:
    """Write ``cameras.txt``, ``images.txt`` and an empty ``points3D.txt``; InputError without intrinsics.

    Several takes are written to one model each, ``path/TAKE``.
    """
    for target, take in _models(path, trajectories):
        _write_text_model(target, take)


def write_colmap_binary(path: Path, trajectories: TrajectorySet) -> None:
    """As ``write_colmap_text``, with ``.bin`` files."""
    for target, take in _models(path, trajectories):
        _write_binary_model(target, take)


def _models(path: Path, trajectories: TrajectorySet) -> Iterator[tuple[Path, TrajectorySet]]:
    takes = trajectories.by_take()
    for take, cameras in takes.items():
        yield path if len(takes) == 1 else inside(path, take), TrajectorySet(trajectories=cameras)


def _write_text_model(path: Path, trajectories: TrajectorySet) -> None:
    cameras, images = _model(path, trajectories)
    camera_lines = [
        f"{number} PINHOLE {i.width_px} {i.height_px} {i.fx_px!r} {i.fy_px!r} {i.cx_px!r} {i.cy_px!r}\n"
        for i, number in cameras.items()
    ]
    image_lines = [
        f"{number} {' '.join(map(repr, (*image.quaternion_wxyz, *image.translation)))} "
        f"{image.camera_id} {image.name}\n\n"
        for number, image in enumerate(images, start=1)
    ]
    write_file(path / "cameras.txt", "# id model width height parameters\n" + "".join(camera_lines))
    write_file(
        path / "images.txt", "# id qw qx qy qz tx ty tz camera name, then points\n" + "".join(image_lines)
    )
    write_file(path / "points3D.txt", "# no points\n")


def _write_binary_model(path: Path, trajectories: TrajectorySet) -> None:
    cameras, images = _model(path, trajectories)
    camera_bytes = [
        struct.pack("<IiQQ4d", number, _PINHOLE, i.width_px, i.height_px, i.fx_px, i.fy_px, i.cx_px, i.cy_px)
        for i, number in cameras.items()
    ]
    image_bytes = [
        struct.pack("<I7dI", number, *image.quaternion_wxyz, *image.translation, image.camera_id)
        + image.name.encode()
        + b"\0"
        + struct.pack("<Q", 0)
        for number, image in enumerate(images, start=1)
    ]
    write_file(path / "cameras.bin", struct.pack("<Q", len(camera_bytes)) + b"".join(camera_bytes))
    write_file(path / "images.bin", struct.pack("<Q", len(image_bytes)) + b"".join(image_bytes))
    write_file(path / "points3D.bin", struct.pack("<Q", 0))


def _model(path: Path, trajectories: TrajectorySet) -> tuple[Mapping[Intrinsics, int], list[_Image]]:
    cameras: dict[Intrinsics, int] = {}
    images = []
    for trajectory in trajectories:
        camera_ids = [
            cameras.setdefault(one, len(cameras) + 1) for one in frame_intrinsics_of(trajectory, path)
        ]
        camera_from_world = trajectory.poses.inverse()
        quaternions = np.roll(quaternion_from_rotation(camera_from_world[..., :3]), 1, axis=-1)
        images += [
            _Image(
                quaternion_wxyz=tuple(quaternions[k].tolist()),
                translation=tuple(camera_from_world[k, :, 3].tolist()),
                camera_id=camera_ids[k],
                name=image_name(trajectory.take, trajectory.camera, k),
            )
            for k in range(trajectory.frames)
        ]
    return cameras, images


def _poses(clip: list[_Image], at: Place) -> CameraPose:
    quaternions_xyzw = np.roll(np.array([image.quaternion_wxyz for image in clip]), -1, axis=-1)
    rotation = rotation_from_quaternion(unit_quaternions(quaternions_xyzw, at))
    translation = np.array([image.translation for image in clip])
    poses = pose_from_camera_from_world(CameraPose.of(rotation, translation).world_from_camera)
    checked_poses(poses[None], file=at.file, take=str(at.take), cameras=(str(at.camera),))
    return poses


def _intrinsics(model: int, width_px: int, height_px: int, parameters: list[float]) -> Intrinsics | None:
    focals = _MODELS[model][2]
    if focals == 0:
        return None
    fx, fy = parameters[0], parameters[focals - 1]
    cx, cy = parameters[focals : focals + 2]
    return Intrinsics(fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy, width_px=width_px, height_px=height_px)


def _text_cameras(file: Path) -> _Cameras:
    cameras: _Cameras = {}
    for line in read_text(file).splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        try:
            model = _NUMBERS[words[1]]
            parameters = [float(word) for word in words[4 : 4 + _MODELS[model][1]]]
            cameras[int(words[0])] = _intrinsics(model, int(words[2]), int(words[3]), parameters)
        except (KeyError, ValueError, IndexError) as error:
            raise InputError(
                f"{line!r} is not a camera of a known model", where=str(file), fix="export it again"
            ) from error
    return cameras


def _text_images(file: Path) -> list[_Image]:
    # Each image has a line, followed by a line of its points, which may be blank and very long.
    lines = (line.rstrip("\r\n") for line in text_lines(file) if not line.startswith("#"))
    images: list[_Image] = []
    for line in islice(lines, 0, None, 2):
        words = line.split(maxsplit=9)
        _require_few(len(images), file)
        try:
            images.append(
                _Image(
                    quaternion_wxyz=tuple(float(word) for word in words[1:5]),
                    translation=tuple(float(word) for word in words[5:8]),
                    camera_id=int(words[8]),
                    name=words[9],
                )
            )
        except (ValueError, IndexError) as error:
            raise InputError(f"{line!r} is not an image", where=str(file), fix="export it again") from error
    return images


def _require_few(count: int, file: Path) -> None:
    if count >= _MOST_IMAGES:
        what = f"more than {_MOST_IMAGES} images or cameras"
        raise InputError(what, where=str(file), fix="divide the model")


class _Cursor:
    """A position in a binary file; InputError if the file ends too early."""

    def __init__(self, file: Path) -> None:
        require_file(file, fix="give a complete model")
        self.file, self.offset = file, 0
        with file.open("rb") as opened:
            # Points are most of the file, and are never read.
            size = file.stat().st_size
            self.content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) if size else b""

    def take(self, form: str) -> tuple[Any, ...]:
        try:
            values = struct.unpack_from(form, self.content, self.offset)
        except struct.error as error:
            raise self.truncated() from error
        self.offset += struct.calcsize(form)
        return values

    def skip(self, size: int) -> None:
        self.offset += size
        if self.offset > len(self.content):
            raise self.truncated()

    def text(self) -> str:
        end = self.content.find(b"\0", self.offset, self.offset + LONGEST_NAME)
        if end < 0:
            raise self.truncated()
        text = self.content[self.offset : end].decode(errors="replace")
        self.offset = end + 1
        return text

    def truncated(self) -> InputError:
        what = f"the file is truncated after byte {len(self.content)}"
        return InputError(what, where=str(self.file), fix="copy or export it again")


def _binary_cameras(file: Path) -> _Cameras:
    cursor = _Cursor(file)
    cameras: _Cameras = {}
    for index in range(cursor.take("<Q")[0]):
        _require_few(index, file)
        number, model, width_px, height_px = cursor.take("<IiQQ")
        if not 0 <= model < len(_MODELS):
            what = f"camera {number} has unknown model {model}"
            raise InputError(what, where=str(file), fix="undistort the model first")
        cameras[number] = _intrinsics(model, width_px, height_px, list(cursor.take(f"<{_MODELS[model][1]}d")))
    return cameras


def _binary_images(file: Path) -> list[_Image]:
    cursor = _Cursor(file)
    images = []
    for index in range(cursor.take("<Q")[0]):
        _require_few(index, file)
        values = cursor.take("<I7dI")
        name = cursor.text()
        # Each point is two doubles and a 64-bit number.
        cursor.skip(24 * cursor.take("<Q")[0])
        images.append(
            _Image(quaternion_wxyz=values[1:5], translation=values[5:8], camera_id=values[8], name=name)
        )
    return images
