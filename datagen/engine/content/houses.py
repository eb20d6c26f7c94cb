"""Houses (cm): the front is the plane x = 0 facing +X, and they reach back from it."""

from dataclasses import dataclass, replace

import numpy as np

from .meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    cylinder,
    dimmed,
    merged,
    moved,
    panel,
    tapered,
    textured,
    turned,
)
from .shapes import box, lump, prism, quad
from .site import weathered
from .street_props import GLASS, STEEL, WHITE
from .unreal_space import Number

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


def house(rng: np.random.Generator, look: House) -> list[Part]:
    """A house with windows on its front, back and sides."""
    height, depth, width = look.eaves_cm, look.depth_cm, look.width_cm
    skin = Paint(color=look.color, gloss=0.05, tile_cm=520)
    plinth = Paint(color=dimmed(look.color, 0.62), gloss=0.06, tile_cm=320)
    walls = moved(_cut_box(depth, width, height, skin), -depth / 2, 0, height / 2)
    base = box((depth + 10, width + 10, 55), (-depth / 2, 0, 27), plinth)
    trim = Paint(color=look.trim, gloss=0.12, tile_cm=220)
    bands = [
        box((depth + 14, width + 14, 14), (-depth / 2, 0, k * look.storey_cm + 18), trim)
        for k in range(1, look.storeys)
    ]
    parts = weathered(
        [textured(look.wall, walls), textured("stonework", base)], rng, amount=0.16, scale_cm=300
    )
    parts += [textured("plaster", *bands)] if bands else []
    pieces = _front(rng, look) + ([] if look.attached else _side_windows(rng, look))
    return [*parts, *_roof(rng, look), textured("smooth", *pieces)]


def _cut_box(depth: Number, width: Number, height: Number, paint: Paint, *, cell_cm: Number = 130.0) -> Mesh:
    """Four walls in small cells and a lid, around the origin; the front's cells are ``cell_cm`` wide."""
    x, y, z = depth / 2, width / 2, -height / 2
    walls = [
        panel((x, -y, z), (0, width, 0), (0, 0, height), paint, cell_cm),
        panel((-x, y, z), (0, -width, 0), (0, 0, height), paint, 400),
        panel((x, y, z), (-depth, 0, 0), (0, 0, height), paint, 300),
        panel((-x, -y, z), (depth, 0, 0), (0, 0, height), paint, 300),
        panel((-x, -y, -z), (depth, 0, 0), (0, width, 0), paint, 1e4),
        panel((-x, y, z), (depth, 0, 0), (0, -width, 0), paint, 1e4),
    ]
    return merged(*walls)


def _front(rng: np.random.Generator, look: House) -> list[Mesh]:
    columns = max(1, int(look.width_cm // look.window_gap_cm))
    places = [(k + 0.5) * look.width_cm / columns - look.width_cm / 2 for k in range(columns)]
    kinds = [merged(*window(rng, look)) for _ in range(4)]
    pieces: list[Mesh] = []
    for storey in range(look.storeys):
        sill = storey * look.storey_cm + 105.0
        for column, y in enumerate(places):
            if storey == 0 and look.ground_floor == "door" and column == columns // 2:
                pieces += door(y, look.accent, look.trim)
            elif storey > 0 or look.ground_floor != "shop":
                pieces.append(moved(kinds[int(rng.integers(4))], 0, y, sill))
                if look.balconies and storey > 0 and (column + storey) % 2 == 0:
                    pieces += balcony(0.0, y, sill - 60, look.window_cm[0] + 90)
    if look.ground_floor == "shop":
        pieces += shop_front(rng, look)
    return pieces


def _side_windows(rng: np.random.Generator, look: House) -> list[Mesh]:
    """Windows of the sides and of the back, with less detail."""
    plain = replace(look, shutters=None, flower_boxes=False)
    kinds = [merged(*window(rng, plain)) for _ in range(3)]
    faces = ((look.width_cm / 2, 90.0, look.depth_cm), (-look.width_cm / 2, -90.0, look.depth_cm))
    pieces: list[Mesh] = []
    for storey in range(look.storeys):
        sill = storey * look.storey_cm + 105.0
        places = [(-share * length, y, yaw) for y, yaw, length in faces for share in (0.3, 0.7)]
        places += [(-look.depth_cm, share * look.width_cm, 180.0) for share in (-0.25, 0.25)]
        pieces += [turned(kinds[int(rng.integers(3))], (x, y, sill), (0, yaw, 0)) for x, y, yaw in places]
    return pieces


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


def moved_all(meshes: list[Mesh], x: Number) -> list[Mesh]:
    """Meshes moved along X."""
    return [moved(mesh, x, 0, 0) for mesh in meshes]


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


def _roof(rng: np.random.Generator, look: House) -> list[Part]:
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


def tower_block(
    rng: np.random.Generator,
    size: tuple[Number, Number, Number],
    color: Rgb,
    *,
    texture: str = "facade",
    tile_cm: Number = 1500.0,
    has_hut: bool = True,
) -> list[Part]:
    """A tall building in few triangles; windows are in its texture. Its middle is the origin."""
    depth, width, height = size
    paint = Paint(color=color, gloss=0.35 if texture == "curtain_wall" else 0.1, tile_cm=tile_cm)
    walls = _cut_box(depth, width, height, replace(paint, tile_cm=tile_cm), cell_cm=300)
    walls = moved(walls, 0, 0, height / 2)
    rim = box((depth + 20, width + 20, 50), (0, 0, height + 10), Paint(color=dimmed(color, 0.9), tile_cm=300))
    huts = []
    if has_hut:
        size = (rng.uniform(200, 500), rng.uniform(200, 500), 200)
        place = (rng.uniform(-0.2, 0.2) * depth, rng.uniform(-0.2, 0.2) * width, height + 120)
        huts = [box(size, place, Paint(color=(0.62, 0.63, 0.65), tile_cm=300))]
    return [
        *weathered([textured(texture, walls)], rng, amount=0.14, scale_cm=1500, foot=0.2),
        textured("concrete", rim, *huts),
    ]


def church(rng: np.random.Generator, height_cm: Number = 2600.0) -> list[Part]:
    """A church tower with a spire and a clock; its middle is the origin."""
    stone, roof = (
        Paint(color=(0.84, 0.77, 0.66), tile_cm=420),
        Paint(color=(0.42, 0.50, 0.48), gloss=0.2, tile_cm=300),
    )
    body = moved(_cut_box(560, 560, height_cm * 0.62, stone), 0, 0, height_cm * 0.31)
    belt = [
        box((600, 600, 30), (0, 0, height_cm * f), Paint(color=(0.90, 0.86, 0.78)))
        for f in (0.30, 0.50, 0.62)
    ]
    spire = tapered(
        [
            Ring(height_cm * 0.62, 300, 300, squareness=0.9),
            Ring(height_cm * 0.70, 190, 190, squareness=0.7),
            Ring(height_cm, 4, 4),
        ],
        roof,
        8,
    )
    clock = [
        turned(
            cylinder(110, -3, 3, Paint(color=(0.96, 0.95, 0.90)), 20), (0, 0, height_cm * 0.56), (90, yaw, 0)
        )
        for yaw in (0,)
    ]
    faces = [moved(clock[0], 282, 0, 0), moved(clock[0], -282, 0, 0)]
    slits = [
        box((4, 60, 190), (s * 281, y, height_cm * 0.40), Paint(color=(0.16, 0.16, 0.18)))
        for s in (-1, 1)
        for y in (-90, 90)
    ]
    cross = [box((6, 6, 120), (0, 0, height_cm + 50), STEEL), box((6, 60, 6), (0, 0, height_cm + 70), STEEL)]
    return [
        *weathered([textured("stonework", body)], rng, amount=0.14, scale_cm=500),
        textured("plaster", *belt),
        textured("smooth", spire, *faces, *slits, *cross),
    ]


def barn(rng: np.random.Generator) -> list[Part]:
    """A red barn with white trims and a big door."""
    look = House(
        width_cm=1300,
        depth_cm=1000,
        storeys=1,
        storey_cm=430,
        wall="planks",
        color=(0.66, 0.20, 0.16),
        roof="front",
        roof_color=(0.52, 0.50, 0.50),
        pitch=1.0,
        lit=0,
    )
    skin = Paint(color=look.color, gloss=0.05, tile_cm=240)
    walls = moved(
        _cut_box(look.depth_cm, look.width_cm, look.eaves_cm, skin), -look.depth_cm / 2, 0, look.eaves_cm / 2
    )
    leaf, white = Paint(color=(0.58, 0.17, 0.14), tile_cm=200), Paint(color=(0.93, 0.91, 0.86))
    doors = [box((8, 190, 340), (5, side * 98, 172), leaf) for side in (-1, 1)]
    beams = [box((4, 420, 18), (10, 0, z), white) for z in (8, 350)]
    beams += [box((4, 16, 340), (10, y, 180), white) for y in (-200, -4, 200)]
    for side in (-1, 1):
        beams.append(turned(box((4, 385, 13), (0, 0, 0), white), (10.5, side * 98, 178), (0, 0, 60 * side)))
    beams += [
        box((6, 130, 130), (6, 0, 620), white),
        box((4, 104, 104), (9, 0, 620), Paint(color=(0.20, 0.15, 0.13))),
    ]
    return [
        *weathered([textured("planks", walls, *doors)], rng, amount=0.2, scale_cm=200),
        *_roof(rng, look),
        textured("smooth", *beams),
    ]


def silo(height_cm: Number = 1100.0) -> list[Part]:
    """A steel silo."""
    steel = Paint(color=(0.72, 0.74, 0.76), gloss=0.5, tile_cm=200)
    dome = tapered(
        circles((height_cm, 215), (height_cm + 60, 190), (height_cm + 130, 90), (height_cm + 150, 10)),
        steel,
        20,
    )
    hoops = [
        cylinder(216, z, z + 8, Paint(color=(0.55, 0.57, 0.58), gloss=0.5), 20)
        for z in range(100, int(height_cm), 130)
    ]
    return [textured("concrete", cylinder(212, 0, height_cm, steel, 20)), textured("smooth", dome, *hoops)]


def wall_run(
    rng: np.random.Generator,
    length_cm: Number,
    height_cm: Number,
    color: Rgb,
    texture: str = "stonework",
    thick_cm: Number = 40.0,
) -> list[Part]:
    """A wall along Y with a coping."""
    core = panel(
        (thick_cm / 2, -length_cm / 2, 0),
        (0, length_cm, 0),
        (0, 0, height_cm),
        Paint(color=color, tile_cm=420),
        100,
    )
    back = panel(
        (-thick_cm / 2, length_cm / 2, 0),
        (0, -length_cm, 0),
        (0, 0, height_cm),
        Paint(color=color, tile_cm=420),
        100,
    )
    ends = [
        panel(
            (s * thick_cm / 2, s * length_cm / 2, 0),
            (-s * thick_cm, 0, 0),
            (0, 0, height_cm),
            Paint(color=color, tile_cm=420),
        )
        for s in (1, -1)
    ]
    coping = box(
        (thick_cm + 14, length_cm + 10, 12),
        (0, 0, height_cm + 4),
        Paint(color=dimmed(color, 0.9), tile_cm=300),
    )
    return [
        *weathered([textured(texture, core, back, *ends)], rng, amount=0.18),
        textured("concrete", coping),
    ]


__all__ = [
    "CLAY",
    "SLATE",
    "STRAW",
    "WHITE",
    "House",
    "awning",
    "balcony",
    "barn",
    "church",
    "house",
    "silo",
    "tower_block",
    "wall_run",
]
