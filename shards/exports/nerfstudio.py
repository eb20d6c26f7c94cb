"""Folders that nerfstudio reads: ``TAKE/CAMERA/transforms.json`` with the frames of a clip as images.

Cameras and intrinsics are those of ``trajectories.formats`` (OpenGL axes, intrinsics of each frame if the
camera zooms). ``depth/`` has 16-bit PNG in millimetres, planar z, 0 where it is unknown or too far.
``masks/`` has 0 where an actor is, 255 elsewhere: the part that stands still is learnt.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import UInt8, UInt16
from PIL import Image

from multitake.atomic import replacing, write_file
from trajectories.formats import TrajectorySet, write_trajectories

from ..takes import Clip
from .chosen import Chosen, named_trajectories

FILE_NAME = "transforms.json"
_MOST_MM = 2**16 - 1
_FASTEST = 1


class NerfstudioExport:
    """One folder for each clip."""

    def __init__(self, choice: Chosen) -> None:
        self._choice = choice

    def left_out(self) -> dict[str, str]:
        """None: each unit is written alone."""
        return {}

    def units(self) -> Sequence[str]:
        """``TAKE/CAMERA`` of each clip."""
        return [f"{row.take}/{camera}" for row in self._choice.rows for camera in self._choice.cameras]

    def place(self, unit: str) -> Path:
        """The folder of a clip."""
        return self._choice.out / unit

    def write(self, unit: str) -> None:
        """Write the images and ``transforms.json`` of a clip; InputError if its intrinsics are unknown."""
        key, _, camera = unit.partition("/")
        clip = self._choice.dataset.take(key).clip(camera)
        with replacing(self.place(unit)) as folder:
            target = folder / FILE_NAME
            write_trajectories(
                target, TrajectorySet(trajectories=tuple(named_trajectories([clip]))), format="nerfstudio"
            )
            document = json.loads(target.read_text())
            names = [Path(frame["file_path"]) for frame in document["frames"]]
            _write_images(folder, names, clip.frames())
            for kind, images in _passes(clip).items():
                paths = [Path(kind, name.name) for name in names]
                _write_images(folder, paths, images)
                for frame, path in zip(document["frames"], paths, strict=True):
                    frame[_KEYS[kind]] = path.as_posix()
            write_file(target, json.dumps(document, indent=1))

    def finish(self) -> None:
        """Nothing is about all clips."""


_KEYS = {"depth": "depth_file_path", "masks": "mask_path"}


def _passes(clip: Clip) -> dict[str, np.ndarray]:
    """The images of the passes that were filmed."""
    passes = clip.take.row.passes
    found: dict[str, np.ndarray] = {}
    if "depth" in passes:
        found["depth"] = _depth_mm(clip)
    if "mask" in passes:
        found["masks"] = _without_actors(clip)
    return found


def _depth_mm(clip: Clip) -> UInt16[np.ndarray, "frames height width"]:
    depth_m = clip.depth_m()
    unit_m = np.float32(clip.take.row.depth_unit_m or 0)
    levels = np.rint(depth_m * 1000)
    is_known = (levels <= _MOST_MM) & (np.rint(depth_m / unit_m) < _MOST_MM)
    return np.where(is_known, levels, 0).astype(np.uint16)


def _without_actors(clip: Clip) -> UInt8[np.ndarray, "frames height width"]:
    mask = clip.mask()
    actors = [one.colour for one in clip.take.row.mask_objects if one.role != "environment"]
    is_actor = np.zeros(mask.shape[:3], dtype=bool)
    for colour in actors:
        is_actor |= (mask == colour).all(axis=-1)
    return np.where(is_actor, 0, 255).astype(np.uint8)


def _write_images(folder: Path, names: Sequence[Path], images: np.ndarray) -> None:
    for name, image in zip(names, images, strict=True):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / name, compress_level=_FASTEST)
