"""Takes, cameras and frame numbers from image names, for formats that list images (COLMAP, nerfstudio).

``TAKE/CAMERA/00012.png``; a leading folder ``images`` is ignored, ``CAMERA/00012.png`` belongs to the take of
the file, and a name without folders to ``cam01``. Images are sorted by their numbers.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from .files import natural_key
from .input_checks import LONGEST_NAME, Place, error_at


def image_name(take: str, camera: str, frame: int) -> str:
    """The image name of a frame."""
    return f"{take}/{camera}/{frame:05d}.png"


def clips_of(names: Sequence[str], at: Place) -> dict[tuple[str, str], list[int]]:
    """Indices into ``names`` of each (take, camera), in the order of frames.

    InputError if a frame number is duplicate, or missing from evenly spaced numbers.
    """
    clips: dict[tuple[str, str], list[int]] = {}
    if too_long := next((name for name in names if len(name) > LONGEST_NAME), None):
        raise error_at(f"the image name {too_long[:40]!r}... is too long", at=at, fix="rename the images")
    for index in sorted(range(len(names)), key=lambda i: natural_key(names[i])):
        folders = [part for part in PurePosixPath(names[index]).parts[:-1] if part not in (".", "/")]
        if folders and folders[0] == "images":
            folders = folders[1:]
        camera = folders[-1] if folders else "cam01"
        take = "/".join(folders[:-1]) or str(at.take)
        clips.setdefault((take, camera), []).append(index)
    for (take, camera), indices in clips.items():
        _require_even_numbers(
            [names[i] for i in indices], Place(file=at.file, take=take, camera=camera, frame=None)
        )
    return clips


def _require_even_numbers(names: Sequence[str], at: Place) -> None:
    found = [re.findall("[0-9]+", PurePosixPath(name).stem) for name in names]
    if len(names) < 2 or not all(found):
        return
    numbers = np.array([int(digits[-1]) for digits in found])
    steps = np.diff(numbers)
    step = int(steps.min())
    if step > 0 and (steps == step).all():
        return
    if step <= 0:
        fault, frame = "duplicate frame", int(numbers[np.argmin(steps)])
    else:
        fault, frame = "missing frame", int(numbers[np.argmax(steps != step)]) + step
    place = Place(file=at.file, take=at.take, camera=at.camera, frame=frame)
    raise error_at(fault, at=place, fix="list each frame once, or renumber the images")
