"""Plants, pictures, boards and rugs; pictures have their origin at the wall (cm, front towards +X)."""

from dataclasses import replace

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    ellipsoid,
    moved,
    panel,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import BoxRow, boxes, disc, picture
from ..unreal_space import Number
from .seating import BLACK

Rng = np.random.Generator
WARM, NEUTRAL = (1.0, 0.88, 0.68), (1.0, 0.98, 0.94)


def plant(rng: Rng, height_cm: Number, pot: Rgb, style: str = "broad") -> list[Part]:
    """A potted plant: broad leaves, upright swords, or a bushy tree."""
    scale = height_cm / 150
    vessel = tapered(
        circles((0, 15 * scale + 3), (30 * scale + 6, 21 * scale + 3)),
        Paint(color=pot, gloss=0.3, tile_cm=60),
        18,
    )
    soil = disc(19 * scale + 2, 28 * scale + 5, 30 * scale + 6.3, Paint(color=(0.20, 0.14, 0.10)), 16)
    top, leaves = 30 * scale + 6, []
    stems: list[Mesh] = [vessel, soil]
    if style == "swords":
        for k in range(18):
            green = Paint(color=(0.20, 0.40 + 0.2 * rng.random(), 0.24), gloss=0.3, tile_cm=60)
            blade = moved(
                ellipsoid((0, 0, 0), (1.2, 4.5 * scale + 1, height_cm * 0.36), green, 8, 6),
                0,
                0,
                height_cm * 0.33,
            )
            leaves.append(turned(blade, (0, 0, top - 8), (rng.uniform(-24, -2), k * 137.5, 0)))
    elif style == "tree":
        stems.append(
            moved(
                cylinder(2.5 * scale + 1, 0, height_cm * 0.55, Paint(color=(0.42, 0.32, 0.22)), 8),
                0,
                0,
                top - 6,
            )
        )
        for k in range(11):
            green = Paint(color=(0.25, 0.50 + 0.2 * rng.random(), 0.22), gloss=0.15, tile_cm=50)
            r = height_cm * rng.uniform(0.09, 0.15)
            a, z = 2.4 * k, height_cm * (0.62 + 0.028 * k)
            reach = height_cm * 0.15 * np.sqrt(1 - ((k - 5) / 7) ** 2)
            leaves.append(
                ellipsoid(
                    (float(reach * np.cos(a)), float(reach * np.sin(a)), z), (r, r, 0.8 * r), green, 10, 7
                )
            )
    else:
        stems.append(
            moved(cylinder(1.8, 0, height_cm * 0.62 + 12, Paint(color=(0.35, 0.32, 0.18)), 6), 0, 0, top - 6)
        )
        for k in range(20):
            green = Paint(color=(0.20, 0.46 + 0.24 * rng.random(), 0.20), gloss=0.3, tile_cm=60)
            leaf = moved(
                ellipsoid((0, 0, 0), (20 * scale + 4, 8 * scale + 2, 1.2), green, 9, 5), 20 * scale + 6, 0, 0
            )
            z = top + height_cm * (0.08 + 0.028 * k)
            leaves.append(turned(leaf, (0, 0, z), (rng.uniform(5, 60), k * 137.5, rng.uniform(-20, 20))))
    return [textured("smooth", *stems), textured("leaves", *leaves)]


def frame(
    width_cm: Number, height_cm: Number, border: Rgb, cell: int, atlas: str = "artworks", mat_cm: Number = 0.0
) -> list[Part]:
    """A framed picture; it hangs at its origin (its centre) and faces +X."""
    w, h, m = width_cm, height_cm, mat_cm
    ledge = 4.0
    rim: list[BoxRow] = [
        (4, w + 2 * m + 2 * ledge, ledge, 2, 0, s * (h / 2 + m + ledge / 2)) for s in (-1, 1)
    ]
    rim += [(4, ledge, h + 2 * m, 2, s * (w / 2 + m + ledge / 2), 0) for s in (-1, 1)]
    board = boxes(Paint(color=(0.95, 0.94, 0.91)), (1.5, w + 2 * m, h + 2 * m, 0.9, 0, 0))
    image = picture((1.9, -w / 2, -h / 2), (0, w, 0), (0, 0, h), cell, 4)
    return [textured("smooth", board, boxes(Paint(color=border, gloss=0.4), *rim)), textured(atlas, image)]


def sheet(
    width_cm: Number, height_cm: Number, cell: int, atlas: str = "posters", columns: int = 4
) -> list[Part]:
    """A poster or notice without a frame."""
    return [
        textured(
            atlas,
            picture((0.6, -width_cm / 2, -height_cm / 2), (0, width_cm, 0), (0, 0, height_cm), cell, columns),
        )
    ]


def board(
    width_cm: Number, height_cm: Number, cell: int, border: Rgb, glow: Number = 0.0, rows: int = 2
) -> list[Part]:
    """A writing board or display with a tray; ``cell``: 0 chalk, 1 white, 2 black menu, 3 timetable.

    With four ``rows`` of cells, 5 and 7 are the halves of the timetable.
    """
    w, h = width_cm, height_cm
    rim: list[BoxRow] = [(5, w + 8, 4, 2.5, 0, s * (h / 2 + 2)) for s in (-1, 1)]
    rim += [(5, 4, h, 2.5, s * (w / 2 + 2), 0) for s in (-1, 1)] + [(9, w * 0.7, 1.5, 6, 0, -h / 2 - 3)]
    back = boxes(Paint(color=border, gloss=0.3), (2, w, h, 1, 0, 0), *rim)
    face = picture(
        (2.2, -w / 2, -h / 2), (0, w, 0), (0, 0, h), cell, 2, rows=rows, paint=Paint(gloss=0.25, glow=glow)
    )
    chalks = boxes(
        Paint(color=(0.95, 0.92, 0.85)), *((1.6, 7, 1.6, 7, y, -h / 2 - 1.5) for y in (-12, 3, 20))
    )
    return [textured("smooth", back, chalks), textured("boards", face)]


def rug(texture: str, length_cm: Number, width_cm: Number) -> list[Part]:
    """A rug, long along Y; one texture covers it."""
    mesh = panel(
        (-width_cm / 2, -length_cm / 2, 0.9), (width_cm, 0, 0), (0, length_cm, 0), Paint(gloss=0.02), 45
    )
    uvs = (mesh.positions[:, :2] + np.array([width_cm / 2, length_cm / 2])) / np.array([width_cm, length_cm])
    return [textured(texture, replace(mesh, uvs=uvs))]


def clock(radius_cm: Number, hour: Number = 10.2) -> list[Part]:
    """A round wall clock."""
    face = turned(disc(radius_cm, 0, 2, Paint(color=(0.96, 0.95, 0.92)), 28), (0, 0, 0), (-90, 0, 0))
    rim = turned(
        tapered(circles((0, radius_cm + 2), (3.5, radius_cm + 1)), BLACK, 28), (-1.6, 0, 0), (-90, 0, 0)
    )
    marks = [
        turned(boxes(BLACK, (0.8, 1.2, 4, 0, 0, radius_cm - 4)), (2.4, 0, 0), (0, 0, 30 * k))
        for k in range(12)
    ]
    hands = [
        turned(boxes(BLACK, (0.6, 1.4, length, 0, 0, length / 2)), (3, 0, 0), (0, 0, angle))
        for length, angle in ((radius_cm * 0.5, 30 * hour), (radius_cm * 0.8, 360 * (hour % 1)))
    ]
    return [textured("smooth", rim, face, *marks, *hands)]


def bin_(color: Rgb, height_cm: Number = 38.0) -> list[Part]:
    """A waste basket."""
    return [textured("smooth", tapered(circles((0, 11), (height_cm, 15)), Paint(color=color, gloss=0.3), 16))]
