"""Bushes and hedges (cm, origin at the foot)."""

import numpy as np

from ..shapes.meshes import Paint, Part, Rgb, dimmed, textured
from ..shapes.organic import flat_pieces, tints
from ..shapes.shapes import box
from ..unreal_space import Number
from .trees import GREEN, leafy


def bush(
    rng: np.random.Generator,
    radius_cm: Number,
    color: Rgb = GREEN,
    *,
    height: Number = 0.8,
    leaves: int = 110,
    petals: Rgb | None = None,
) -> list[Part]:
    """A round bush; with flowers of the colour ``petals`` if given."""
    around = np.arange(3) * 2.1 + rng.uniform(0, 1.5)
    centers = np.column_stack(
        [
            0.42 * radius_cm * np.cos(around),
            0.42 * radius_cm * np.sin(around),
            np.full(3, 0.46 * height * radius_cm),
        ]
    )
    centers = np.concatenate([centers, [[0, 0, 0.62 * height * radius_cm]]])
    radii = np.tile([0.62 * radius_cm, 0.62 * radius_cm, 0.56 * height * radius_cm], (4, 1)) * rng.uniform(
        0.85, 1.1, (4, 1)
    )
    meshes = leafy(rng, centers, radii, color, leaves, max(6.0, 0.13 * radius_cm), core=0.92, detail=1)
    if petals is None:
        return [textured("foliage", *meshes)]
    blossoms = leafy(
        rng, centers, radii * 1.04, petals, leaves // 3, max(4.0, 0.07 * radius_cm), core=0.2, detail=0
    )[-1]
    return [textured("foliage", *meshes, blossoms)]


def hedge(
    rng: np.random.Generator,
    length_cm: Number,
    height_cm: Number,
    depth_cm: Number = 60.0,
    color: Rgb = GREEN,
) -> list[Part]:
    """A clipped hedge along Y."""
    core = box(
        (depth_cm, length_cm, height_cm),
        (0, 0, height_cm / 2),
        Paint(color=dimmed(color, 0.88), gloss=0.03, tile_cm=170),
    )
    count = int(0.006 * length_cm * height_cm) + 40
    side = rng.integers(0, 4, count)
    u, v = rng.uniform(-0.5, 0.5, count) * length_cm, rng.uniform(0.02, 1, count) * height_cm
    x = np.select(
        [side == 0, side == 1], [depth_cm / 2, -depth_cm / 2], rng.uniform(-0.5, 0.5, count) * depth_cm
    )
    z = np.where(side < 2, v, height_cm)
    out = np.stack(
        [np.select([side == 0, side == 1], [1.0, -1.0], 0.0), np.zeros(count), np.where(side < 2, 0.0, 1.0)],
        axis=1,
    )
    along = rng.standard_normal((count, 3)) * 0.8 + 0.5 * out
    across = np.cross(along, out + 0.3 * rng.standard_normal((count, 3)))
    size = rng.uniform(5, 10, (count, 1))
    pieces = flat_pieces(
        np.stack([x, u, z], axis=1), along * size, across * size * 0.6, tints(rng, count, color), normals=out
    )
    return [textured("foliage", core, pieces)]
