"""Eyes (cm, towards +X): a ball with iris and pupil, two lids, and lashes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..shapes.meshes import Mesh, Paint, Rgb, dimmed, grid_triangles
from ..shapes.shapes import mesh_of
from ..shapes.tubes import smooth_tube
from ..unreal_space import Number, Triple

_WHITE, _PUPIL = (0.86, 0.84, 0.82), (0.02, 0.02, 0.02)
# Angles from the direction of view at which rings of the ball are, and the outer edges of pupil and iris.
_PUPIL_RAD, _RIM_RAD, _IRIS_RAD = 0.19, 0.40, 0.47
_RINGS_RAD = (
    0.0, 0.10, _PUPIL_RAD, _PUPIL_RAD, _RIM_RAD, _IRIS_RAD, _IRIS_RAD, 0.72, 1.0, 1.35, 1.75, 2.2, 2.7, np.pi,
)  # fmt: skip
_SEGMENTS, _LID_ROWS, _LID_COLUMNS = 18, 5, 10
# Lids are shells around the ball, from their edge to behind it.
_LID_SHARE, _LID_END_DEG = 1.09, 118.0


@dataclass(frozen=True, kw_only=True)
class Eye:
    """One eye. Lids leave the ball free between ``low_deg`` and ``high_deg`` above the direction of view.

    ``inward_rad`` turns it towards the nose.
    """

    center_cm: Triple
    radius_cm: Number
    inward_rad: Number
    high_deg: Number
    low_deg: Number
    iris: Rgb
    skin: Rgb
    lash: Rgb


def eye_meshes(eye: Eye) -> list[Mesh]:
    """The ball, the lids and the lashes of the upper one."""
    radius_cm = _LID_SHARE * eye.radius_cm
    lids = [
        _shell(eye, radius_cm, eye.high_deg, _LID_END_DEG),
        _shell(eye, radius_cm, -_LID_END_DEG, eye.low_deg),
    ]
    line = _on_shell(eye, 1.015 * radius_cm, np.array(eye.high_deg), np.linspace(-62.0, 62.0, 9))
    lashes = smooth_tube(
        line, np.interp(np.linspace(-1, 1, 9), (-1, 0, 1), (0.03, 0.11, 0.03)), Paint(color=eye.lash), 5
    )
    return [_ball(eye), *lids, lashes]


def _ball(eye: Eye) -> Mesh:
    """A ball whose rings are colored as white, iris with a darker rim, and pupil."""
    polar = np.array(_RINGS_RAD)[:, None]
    around = np.linspace(0, 2 * np.pi, _SEGMENTS + 1)
    unit = np.stack(
        [
            np.broadcast_to(np.cos(polar), (len(polar), len(around))),
            np.sin(polar) * np.cos(around),
            np.sin(polar) * np.sin(around),
        ],
        axis=-1,
    ).reshape(-1, 3)
    turn = np.array(
        [
            [np.cos(eye.inward_rad), np.sin(eye.inward_rad), 0.0],
            [-np.sin(eye.inward_rad), np.cos(eye.inward_rad), 0.0],
            [0.0, 0.0, 1.0],
        ]
    )
    unit = unit @ turn
    rings = [_PUPIL] * 3 + [eye.iris, eye.iris, dimmed(eye.iris, 0.45)] + [_WHITE] * (len(polar) - 6)
    return mesh_of(
        np.array(eye.center_cm) + eye.radius_cm * unit,
        grid_triangles(len(polar) - 1, _SEGMENTS)[:, [0, 2, 1]],
        Paint(gloss=0.6),
        normals=unit,
        colors=np.array(rings).repeat(len(around), axis=0),
    )


def _shell(eye: Eye, radius_cm: Number, low_deg: Number, high_deg: Number) -> Mesh:
    """The part of a ball between two directions above that of view, which meet at its left and right."""
    up_deg, aside_deg = np.meshgrid(
        np.linspace(low_deg, high_deg, _LID_ROWS + 1), np.linspace(-90, 90, _LID_COLUMNS + 1), indexing="ij"
    )
    positions = _on_shell(eye, radius_cm, up_deg.ravel(), aside_deg.ravel())
    return mesh_of(
        positions,
        grid_triangles(_LID_ROWS, _LID_COLUMNS),
        Paint(color=eye.skin, gloss=0.2),
        normals=(positions - np.array(eye.center_cm)) / radius_cm,
    )


def _on_shell(
    eye: Eye, radius_cm: Number, up_deg: np.ndarray, aside_deg: np.ndarray
) -> Float[np.ndarray, "points 3"]:
    """Points at a distance from the middle of the ball."""
    up, aside = np.broadcast_arrays(np.radians(up_deg), np.radians(aside_deg))
    unit = np.stack([np.cos(aside) * np.cos(up), np.sin(aside), np.cos(aside) * np.sin(up)], axis=-1)
    return np.asarray(np.array(eye.center_cm) + radius_cm * unit)
