"""What house fronts have: windows, doors, shops, balconies and awnings (cm)."""

from dataclasses import dataclass, replace

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Rgb,
    dimmed,
    moved,
)
from ..shapes.organic import lump
from ..shapes.shapes import box, quad
from ..unreal_space import Number
from .street import GLASS, STEEL

CLAY, SLATE, STRAW = (0.80, 0.44, 0.32), (0.46, 0.48, 0.54), (0.72, 0.58, 0.36)


@dataclass(frozen=True, kw_only=True)
class House:
    """How a house looks. ``roof`` is ``gable`` (ridge along the street), ``front`` (gable to it) or ``flat``.

    ``ground_floor`` is ``door``, ``shop`` or ``arch``; ``shutters`` is their colour, if it has them.
    """

    width_cm: Number = 900.0
    depth_cm: Number = 900.0
    storeys: int = 2
    storey_cm: Number = 300.0
    wall: str = "stucco"
    color: Rgb = (0.90, 0.80, 0.62)
    trim: Rgb = (0.92, 0.90, 0.85)
    roof: str = "gable"
    roof_texture: str = "roof_tiles"
    roof_color: Rgb = CLAY
    pitch: Number = 0.62
    ground_floor: str = "door"
    accent: Rgb = (0.50, 0.22, 0.18)
    shutters: Rgb | None = None
    window_cm: tuple[Number, Number] = (100.0, 150.0)
    window_gap_cm: Number = 250.0
    balconies: bool = False
    flower_boxes: bool = False
    snow: bool = False
    lit: Number = 0.15
    attached: bool = False

    @property
    def eaves_cm(self) -> Number:
        """Height of the walls."""
        return self.storeys * self.storey_cm + 30.0


def window(rng: np.random.Generator, look: House) -> list[Mesh]:
    """A window in the wall x = 0, over a sill at the origin; with what the look asks for."""
    width, height = look.window_cm
    trim, is_lit = Paint(color=look.trim, gloss=0.2), rng.random() < look.lit
    pieces = [
        quad((2.5, -width / 2 - 9, -6), (0, width + 18, 0), (0, 0, height + 16), trim),
        box((22, width + 30, 8), (6, 0, -8), trim),
        box((12, width + 26, 14), (5, 0, height + 15), trim),
    ]
    pieces += [
        _pane(rng, 5, side * (width / 4 + 1.5), width / 2 - 4, low * height, share * height - 4, is_lit)
        for side in (-1, 1)
        for low, share in ((0.0, 0.66), (0.66, 0.34))
    ]
    if look.shutters:
        paint = Paint(color=dimmed(look.shutters, rng.uniform(0.85, 1.1)), gloss=0.15, tile_cm=60)
        pieces += [
            box((5, width / 2, height + 6), (5, s * (width * 0.76 + 12), height / 2), paint) for s in (-1, 1)
        ]
        pieces += [
            quad(
                (8, s * (width * 0.76 + 12) - width / 4 + 6, height * f),
                (0, width / 2 - 12, 0),
                (0, 0, height * 0.38),
                Paint(color=dimmed(paint.color, 0.8)),
            )
            for s in (-1, 1)
            for f in (0.08, 0.54)
        ]
    if look.flower_boxes and rng.random() < 0.7:
        pieces += flower_box(rng, width)
    return pieces


def _pane(
    rng: np.random.Generator, x: Number, y: Number, width: Number, z: Number, height: Number, is_lit: bool
) -> Mesh:
    """Glass that is lighter at its top, as if it reflected the sky."""
    base = (0.95, 0.78, 0.48) if is_lit else dimmed((0.20, 0.28, 0.36), rng.uniform(0.6, 1.25))
    pane = quad(
        (x, y - width / 2, z),
        (0, width, 0),
        (0, 0, height),
        Paint(color=base, gloss=0.5 if is_lit else 0.85, glow=0.12 if is_lit else 0),
    )
    up = (pane.positions[:, 2:] - z) / height
    return replace(pane, colors=np.clip(pane.colors * (0.8 + 0.55 * up), 0, 1))


def flower_box(rng: np.random.Generator, width: Number) -> list[Mesh]:
    """A box with geraniums under a window."""
    petals = ((0.90, 0.20, 0.26), (0.92, 0.48, 0.62), (0.95, 0.92, 0.90))[int(rng.integers(3))]
    pieces = [box((20, width, 16), (16, 0, -10), Paint(color=(0.48, 0.28, 0.18)))]
    for k in (-0.26, 0.26):
        pieces.append(
            lump(
                rng,
                (16, k * width, 2),
                (13, 0.27 * width, 11),
                Paint(color=(0.36, 0.48, 0.26)),
                rough=0.3,
                detail=1,
            )
        )
        pieces.append(
            lump(rng, (21, k * width, 8), (9, 0.24 * width, 6), Paint(color=petals), rough=0.5, detail=1)
        )
    return pieces


def balcony(x: Number, y: Number, z: Number, width: Number) -> list[Mesh]:
    """A slab with a railing."""
    slab = box((90, width, 12), (x + 45, y, z - 6), Paint(color=(0.76, 0.74, 0.70)))
    rails = [box((4, width, 4), (x + 86, y, z + 95), STEEL)]
    rails += [box((86, 4, 4), (x + 43, y + side * (width / 2 - 2), z + 95), STEEL) for side in (-1, 1)]
    bars = [
        box((2.4, 2.4, 95), (x + 86, y + k, z + 47), STEEL)
        for k in np.linspace(-width / 2 + 2, width / 2 - 2, 11)
    ]
    return [slab, *rails, *bars]


def door(y: Number, color: Rgb, trim: Rgb) -> list[Mesh]:
    """A panelled door with its frame and a step."""
    frame, leaf = Paint(color=trim, gloss=0.2), Paint(color=color, gloss=0.35)
    posts = [box((14, 14, 232), (4, y + side * 60, 116), frame) for side in (-1, 1)]
    lintel = box((18, 140, 18), (6, y, 240), frame)
    sunk = [
        box((3, 36, 78), (7.5, y + side * 23, z), Paint(color=dimmed(color, 0.75), gloss=0.3))
        for side in (-1, 1)
        for z in (58, 150)
    ]
    light = quad((6.5, y - 40, 205), (0, 80, 0), (0, 0, 24), GLASS)
    knob = box((7, 5, 5), (11, y + 42, 104), Paint(color=(0.85, 0.72, 0.35), gloss=0.8))
    step = box((50, 150, 14), (22, y, 7), Paint(color=(0.70, 0.68, 0.64)))
    return [*posts, lintel, box((8, 106, 200), (3, y, 102), leaf), *sunk, light, knob, step]


def shop_front(rng: np.random.Generator, look: House) -> list[Mesh]:
    """Shop windows with goods, a door, a sign and an awning."""
    half, color = look.width_cm / 2, look.accent
    timber = Paint(color=dimmed(color, 0.85), gloss=0.3)
    pieces = [box((10, 2 * half - 60, 268), (3, 0, 136), timber), *moved_all(door(0.0, color, look.trim), 8)]
    for side in (-1, 1):
        width = half - 150
        middle = side * (half - 40 - width / 2)
        pieces.append(
            quad(
                (9.5, middle - width / 2 - 5, 52),
                (0, width + 10, 0),
                (0, 0, 172),
                Paint(color=look.trim, gloss=0.2),
            )
        )
        for k in range(3):
            pieces.append(
                _pane(rng, 11, middle + (k - 1) * width / 3, width / 3 - 5, 58, 160, rng.random() < 0.3)
            )
        for _ in range(6):
            goods = Paint(color=tuple(rng.uniform(0.3, 1.0, 3).tolist()), gloss=0.3)
            tall = rng.uniform(14, 44)
            pieces.append(
                box(
                    (1.2, rng.uniform(10, 26), tall),
                    (12, middle + rng.uniform(-0.42, 0.42) * width, 62 + tall / 2),
                    goods,
                )
            )
    pieces.append(box((9, 2 * half - 90, 42), (10, 0, 292), Paint(color=color, gloss=0.3)))
    letters = rng.uniform(8, 20, 9)
    places = np.cumsum(letters + 8) - 0.5 * (letters + 8).sum()
    pieces += [
        box((2, w, rng.uniform(16, 24)), (15, p, 292), Paint(color=(0.95, 0.90, 0.75)))
        for w, p in zip(letters, places, strict=True)
    ]
    return pieces + awning(2 * half - 110, 258, color)


def awning(width: Number, z: Number, color: Rgb, reach: Number = 120.0) -> list[Mesh]:
    """A striped awning over the pavement."""
    stripes, count = [], max(3, int(width / 34)) | 1
    step = width / count
    for k in range(count):
        paint = Paint(color=color if k % 2 == 0 else (0.94, 0.92, 0.86), gloss=0.05)
        y = -width / 2 + k * step
        stripes.append(quad((reach, y, z - 42), (0, step, 0), (-reach, 0, 42), paint))
        stripes.append(quad((0, y, z - 2), (0, step, 0), (reach, 0, -42), paint))
        stripes.append(box((2, step, 16), (reach, y + step / 2, z - 49), paint))
    return stripes


def moved_all(meshes: list[Mesh], x: Number) -> list[Mesh]:
    """Meshes moved along X."""
    return [moved(mesh, x, 0, 0) for mesh in meshes]
