"""Roofs of houses (cm)."""

from dataclasses import replace

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    dimmed,
    textured,
    turned,
)
from ..shapes.shapes import box, prism
from ..shapes.weathering import weathered
from ..unreal_space import Number
from .house_fronts import House


def roof_of(rng: np.random.Generator, look: House) -> list[Part]:
    height, depth, width, over = look.eaves_cm, look.depth_cm, look.width_cm, 38.0
    paint = Paint(color=look.roof_color, gloss=0.08, tile_cm=330)
    trim = Paint(color=look.trim, gloss=0.15, tile_cm=220)
    if look.roof == "flat":
        rim = box((depth + 24, width + 24, 34), (-depth / 2, 0, height + 12), trim)
        top = box(
            (depth - 30, width - 30, 6),
            (-depth / 2, 0, height + 30),
            Paint(color=(0.55, 0.55, 0.56), tile_cm=400),
        )
        hut = box(
            (200, 240, 130),
            (-depth * 0.55, rng.uniform(-0.2, 0.2) * width, height + 90),
            Paint(color=dimmed(look.color, 0.9), tile_cm=300),
        )
        return [textured("plaster", rim), textured("gravel", top), textured(look.wall, hut)]
    span, length = (depth, width) if look.roof == "gable" else (width, depth)
    rise = look.pitch * span / 2
    gable = prism(
        [(-span / 2, 0), (span / 2, 0), (0, rise)],
        -length / 2 + 1,
        length / 2 - 1,
        Paint(color=look.color, tile_cm=520),
    )
    slopes, thick = [], 16.0
    for side in (-1, 1):
        drop = over * look.pitch
        outline = [
            (side * (span / 2 + over), -drop),
            (0, rise),
            (0, rise + thick),
            (side * (span / 2 + over), thick - drop),
        ]
        slopes.append(
            prism(
                outline if side < 0 else outline[::-1],
                -length / 2 - over,
                length / 2 + over,
                paint,
                cell_cm=140,
            )
        )
    ridge = box((length + 2 * over, 26, 14), (0, 0, rise + thick), paint)
    slopes = [replace(one, uvs=_slope_uvs(one, paint.tile_cm)) for one in slopes]
    yaw = 90.0 if look.roof == "gable" else 0.0
    place = (-depth / 2, 0.0, height)
    texture = "snow" if look.snow else look.roof_texture
    chimney = box(
        (60, 80, rise + 120),
        (-depth * 0.5 + 90, 0.28 * width, height + (rise + 120) / 2),
        Paint(color=(0.72, 0.46, 0.38), tile_cm=160),
    )
    cap = box(
        (74, 94, 12),
        (-depth * 0.5 + 90, 0.28 * width, height + rise + 122),
        Paint(color=(0.93, 0.94, 0.98) if look.snow else (0.6, 0.58, 0.56)),
    )
    roof = weathered(
        [textured(texture, *(turned(one, place, (0, yaw, 0)) for one in (*slopes, ridge)))],
        rng,
        amount=0.14,
        scale_cm=260,
        foot=0,
    )
    return [
        *roof,
        textured(look.wall, turned(gable, place, (0, yaw, 0))),
        textured("brick", chimney),
        textured("plaster", cap),
    ]


def _slope_uvs(mesh: Mesh, tile_cm: Number) -> np.ndarray:
    """Texture along the ridge and down the slope."""
    x, y, z = mesh.positions.T
    return np.stack([x, np.hypot(y, z) * np.sign(y)], axis=1) / tile_cm
