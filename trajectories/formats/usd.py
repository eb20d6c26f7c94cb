"""USD cameras, write only: one USD stage (``.usda``, text) per take, with a time sample per frame.

Convention: right-handed, Z up, ``metersPerUnit = 0.01``, so positions are centimetres; cameras look along -Z
with Y up; matrices multiply row vectors, with the translation in the last row. Focal length and apertures are
in tenths of a scene unit, here millimetres. Time codes are frames at the frame rate of the stage. The names
``/TAKE/CAMERA`` become identifiers. Precision: 9 digits.
"""

import re
from pathlib import Path

import numpy as np

from multitake.atomic import write_file
from multitake.errors import InputError

from .axes import opengl_from_opencv
from .files import take_targets
from .text_files import intrinsics_of, times_s
from .trajectory_set import NamedTrajectory, TrajectorySet
from .unreal_keys import focal_length_mm

_CM = 100.0


def write_usd(path: Path, trajectories: TrajectorySet) -> None:
    """Write one take to a ``.usda`` file, or every take to ``path/TAKE.usda``.

    InputError for missing fps or intrinsics, or different frame rates in a take.
    """
    for target, take in take_targets(path, trajectories, ".usda"):
        _write_stage(target, take)


def _write_stage(path: Path, trajectories: TrajectorySet) -> None:
    for trajectory in trajectories:
        times_s(trajectory, path)
    rates = {trajectory.fps for trajectory in trajectories}
    if len(rates) != 1:
        what = f"a USD stage has one frame rate, not {sorted(str(rate) for rate in rates)}"
        raise InputError(what, where=str(path), fix="write one file for each")
    takes = trajectories.by_take()
    for names in (list(takes), *([t.camera for t in cameras] for cameras in takes.values())):
        _require_distinct(names, path)
    last = max(trajectory.frames for trajectory in trajectories) - 1
    first_take = _identifier(next(iter(takes)))
    lines = [
        "#usda 1.0",
        "(",
        f'    defaultPrim = "{first_take}"',
        "    metersPerUnit = 0.01",
        '    upAxis = "Z"',
        "    startTimeCode = 0",
        f"    endTimeCode = {last}",
        f"    timeCodesPerSecond = {rates.pop():.9g}",
        ")",
        "",
    ]
    for take, cameras in takes.items():
        lines += [f'def Xform "{_identifier(take)}"', "{"]
        for trajectory in cameras:
            lines += [f"    {line}" for line in _camera(trajectory, path)]
        lines += ["}", ""]
    write_file(path, "\n".join(lines))


def _camera(trajectory: NamedTrajectory, path: Path) -> list[str]:
    i = intrinsics_of(trajectory, path)
    focal = focal_length_mm(trajectory, path)
    samples = [f"        {k}: {matrix}," for k, matrix in enumerate(_matrices(trajectory))]
    return [
        f'def Camera "{_identifier(trajectory.camera)}"',
        "{",
        *_focal_lengths(trajectory, focal),
        f"    float horizontalAperture = {focal * i.width_px / i.fx_px:.9g}",
        f"    float verticalAperture = {focal * i.height_px / i.fy_px:.9g}",
        "    matrix4d xformOp:transform.timeSamples = {",
        *samples,
        "    }",
        '    uniform token[] xformOpOrder = ["xformOp:transform"]',
        "}",
    ]


def _focal_lengths(trajectory: NamedTrajectory, first_mm: float) -> list[str]:
    if trajectory.focal_ratios is None:
        return [f"    float focalLength = {first_mm:.9g}"]
    samples = [f"        {k}: {first_mm * ratio:.9g}," for k, ratio in enumerate(trajectory.focal_ratios)]
    return ["    float focalLength.timeSamples = {", *samples, "    }"]


def _matrices(trajectory: NamedTrajectory) -> list[str]:
    pose = opengl_from_opencv(trajectory.poses)
    rows = np.concatenate([np.swapaxes(pose.rotation, -1, -2), pose.position_m[:, None] * _CM], axis=1)
    template = (
        "( (%.9g, %.9g, %.9g, 0), (%.9g, %.9g, %.9g, 0), (%.9g, %.9g, %.9g, 0), (%.9g, %.9g, %.9g, 1) )"
    )
    return [template % tuple(frame.ravel().tolist()) for frame in rows]


def _identifier(name: str) -> str:
    word = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"_{word}" if word[:1].isdigit() else word


def _require_distinct(names: list[str], path: Path) -> None:
    identifiers = [_identifier(name) for name in names]
    duplicates = [name for name, word in zip(names, identifiers, strict=True) if identifiers.count(word) > 1]
    if duplicates:
        what = f"{' and '.join(duplicates[:2])} become the same identifier"
        raise InputError(what, where=str(path), fix="rename one of them")
