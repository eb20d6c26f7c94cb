"""Roofs of houses (cm)."""

from dataclasses import replace

import numpy as np

from ..shapes.meshes import Mesh, Paint, Part, dimmed, textured, turned
from ..shapes.shapes import box, prism
from ..shapes.weathering import weathered
from ..unreal_space import Number
from .house_fronts import House

_OVERHANG_CM, _SLOPE_CM = 38.0, 16.0


def roof_of(rng: np.random.Generator, look: House) -> list[Part]:
    """The roof of a house: flat, with its ridge along the street ("gable"), or across it."""
    return _flat_roof(rng, look) if look.roof == "flat" else _pitched_roof(rng, look)


def _flat_roof(rng: np.random.Generator, look: House) -> list[Part]:
    """A rim, gravel, and the hut of the stairs."""
    height, depth, width = look.eaves_cm, look.depth_cm, look.width_cm
    trim = Paint(color=look.trim, gloss=0.15, tile_cm=220)
    gravel = Paint(color=(0.55, 0.55, 0.56), tile_cm=400)
    walls = Paint(color=dimmed(look.color, 0.9), tile_cm=300)
    hut_place = (-depth * 0.55, rng.uniform(-0.2, 0.2) * width, height + 90)
    return [
        textured("plaster", box((depth + 24, width + 24, 34), (-depth / 2, 0, height + 12), trim)),
        textured("gravel", box((depth - 30, width - 30, 6), (-depth / 2, 0, height + 30), gravel)),
        textured(look.wall, box((200, 240, 130), hut_place, walls)),
    ]


def _pitched_roof(rng: np.random.Generator, look: House) -> list[Part]:
    """Two slopes with a ridge, the walls below them, and a chimney."""
    is_along_street = look.roof == "gable"
    span, length = (look.depth_cm, look.width_cm) if is_along_street else (look.width_cm, look.depth_cm)
    rise = look.pitch * span / 2
    place, turn = (-look.depth_cm / 2, 0.0, look.eaves_cm), (0, 90.0 if is_along_street else 0.0, 0)
    covered = [turned(one, place, turn) for one in _covering(look, span, length, rise)]
    triangle = [(-span / 2, 0), (span / 2, 0), (0, rise)]
    gable = prism(triangle, -length / 2 + 1, length / 2 - 1, Paint(color=look.color, tile_cm=520))
    texture = "snow" if look.snow else look.roof_texture
    return [
        *weathered([textured(texture, *covered)], rng, amount=0.14, scale_cm=260, foot=0),
        textured(look.wall, turned(gable, place, turn)),
        *_chimney(look, rise),
    ]


def _covering(look: House, span: Number, length: Number, rise: Number) -> list[Mesh]:
    """Both slopes and the ridge, along Y at the origin."""
    paint = Paint(color=look.roof_color, gloss=0.08, tile_cm=330)
    drop, half_length = _OVERHANG_CM * look.pitch, length / 2 + _OVERHANG_CM
    slopes = []
    for side in (-1, 1):
        eaves = side * (span / 2 + _OVERHANG_CM)
        outline = [(eaves, -drop), (0, rise), (0, rise + _SLOPE_CM), (eaves, _SLOPE_CM - drop)]
        slope = prism(outline[::-side], -half_length, half_length, paint, cell_cm=140)
        slopes.append(replace(slope, uvs=_slope_uvs(slope, paint.tile_cm)))
    return [*slopes, box((2 * half_length, 26, 14), (0, 0, rise + _SLOPE_CM), paint)]


def _chimney(look: House, rise: Number) -> list[Part]:
    """A chimney of bricks with a cap."""
    x, y = -look.depth_cm * 0.5 + 90, 0.28 * look.width_cm
    bricks = Paint(color=(0.72, 0.46, 0.38), tile_cm=160)
    cap = Paint(color=(0.93, 0.94, 0.98) if look.snow else (0.6, 0.58, 0.56))
    return [
        textured("brick", box((60, 80, rise + 120), (x, y, look.eaves_cm + (rise + 120) / 2), bricks)),
        textured("plaster", box((74, 94, 12), (x, y, look.eaves_cm + rise + 122), cap)),
    ]


def _slope_uvs(mesh: Mesh, tile_cm: Number) -> np.ndarray:
    """Texture along the ridge and down the slope."""
    x, y, z = mesh.positions.T
    return np.stack([x, np.hypot(y, z) * np.sign(y)], axis=1) / tile_cm
