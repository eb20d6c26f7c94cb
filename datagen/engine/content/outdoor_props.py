"""Furniture of outdoor places, each in its own frame (cm, origin on the ground, front towards +X)."""

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
    ellipsoid,
    loft,
    merged,
    moved,
    tapered,
    textured,
    turned,
)
from .shapes import box, lump, prism, tube, two_sided
from .street_props import STEEL, WHITE
from .unreal_space import Number

WOOD = Paint(color=(0.60, 0.42, 0.27), gloss=0.1, tile_cm=140)
PALE_WOOD = Paint(color=(0.78, 0.66, 0.50), gloss=0.08, tile_cm=140)
IRON = Paint(color=(0.16, 0.17, 0.18), gloss=0.4)
STONE = Paint(color=(0.80, 0.76, 0.68), gloss=0.06, tile_cm=260)
GOLD = Paint(color=(0.86, 0.68, 0.30), gloss=0.7)
LAMP_GLASS = Paint(color=(1.0, 0.94, 0.78), gloss=0.6, glow=0.35)


def lantern(height_cm: Number = 380.0) -> list[Part]:
    """A cast-iron lantern."""
    shape = (
        (0, 22),
        (10, 22),
        (14, 14),
        (70, 12),
        (76, 7),
        (height_cm - 60, 5),
        (height_cm - 55, 9),
        (height_cm - 48, 5),
    )
    glass = tapered(
        [Ring(height_cm - 44, 13, 13, squareness=0.8), Ring(height_cm - 4, 20, 20, squareness=0.8)],
        LAMP_GLASS,
        8,
    )
    hat = tapered(
        [Ring(height_cm - 4, 25, 25, squareness=0.8), Ring(height_cm + 14, 9, 9), Ring(height_cm + 26, 2, 2)],
        IRON,
        8,
    )
    return [textured("smooth", tapered(circles(*shape), IRON, 10), glass, hat)]


def modern_lamp(height_cm: Number = 420.0) -> list[Part]:
    """A slim lamp with a disc."""
    gray = Paint(color=(0.62, 0.64, 0.66), gloss=0.5)
    return [
        textured(
            "smooth",
            cylinder(5, 0, height_cm, gray, 10),
            cylinder(34, height_cm, height_cm + 7, gray, 18),
            cylinder(30, height_cm - 2, height_cm - 0.5, LAMP_GLASS, 18),
        )
    ]


def bollard(color: Rgb = (0.25, 0.27, 0.29)) -> list[Part]:
    """A bollard."""
    return [
        textured(
            "smooth",
            tapered(
                circles((0, 10), (78, 8), (80, 10), (90, 9), (95, 3)), Paint(color=color, gloss=0.35), 10
            ),
        )
    ]


def picket_fence(
    length_cm: Number, color: Rgb = (0.95, 0.95, 0.93), *, height_cm: Number = 95.0
) -> list[Part]:
    """A fence of pales along Y."""
    paint = Paint(color=color, gloss=0.12, tile_cm=120)
    pales = []
    for y in np.arange(-length_cm / 2 + 8, length_cm / 2, 17).tolist():
        pales.append(
            prism(
                [
                    (y - 4.5, 6),
                    (y + 4.5, 6),
                    (y + 4.5, height_cm - 8),
                    (y, height_cm),
                    (y - 4.5, height_cm - 8),
                ],
                2,
                4,
                paint,
            )
        )
    rails = [box((3, length_cm, 7), (0, 0, z), paint) for z in (26, height_cm - 26)]
    posts = [
        box((8, 8, height_cm), (-3, y, height_cm / 2), paint)
        for y in np.arange(-length_cm / 2 + 4, length_cm / 2 + 1, 200).tolist()
    ]
    return [textured("planks", *pales, *rails, *posts)]


def rail_fence(rng: np.random.Generator, length_cm: Number, color: Rgb = (0.56, 0.44, 0.33)) -> list[Part]:
    """A fence of rough rails along Y."""
    paint, meshes = Paint(color=color, tile_cm=80), []
    count = max(2, round(length_cm / 220) + 1)
    for y in np.linspace(-length_cm / 2, length_cm / 2, count):
        meshes.append(tube([(0, y, -10), (rng.uniform(-3, 3), y, 128)], [8, 6.5], paint, 6))
    step = length_cm / (count - 1)
    for y in np.arange(-length_cm / 2, length_cm / 2 - 1, step).tolist():
        for z in (42, 78, 112):
            meshes.append(
                tube(
                    [(6, y - 12, z + rng.uniform(-5, 5)), (6, y + step + 12, z + rng.uniform(-5, 5))],
                    [4.6, 4.0],
                    paint,
                    5,
                )
            )
    return [textured("bark", *meshes)]


def railing(length_cm: Number, paint: Paint = IRON, *, height_cm: Number = 105.0) -> list[Part]:
    """A railing of thin bars along Y."""
    bars = [
        box((2.2, 2.2, height_cm - 8), (0, y, height_cm / 2), paint)
        for y in np.linspace(-length_cm / 2, length_cm / 2, max(3, int(length_cm / 16)))
    ]
    rails = [box((5, length_cm + 5, 5), (0, 0, z), paint) for z in (8, height_cm)]
    posts = [
        box((6, 6, height_cm), (0, y, height_cm / 2), paint)
        for y in np.linspace(-length_cm / 2, length_cm / 2, max(2, int(length_cm / 250) + 1))
    ]
    return [textured("smooth", *bars, *rails, *posts)]


def mesh_fence(length_cm: Number, height_cm: Number = 320.0) -> list[Part]:
    """A fence of thin wires along Y, as around sports courts."""
    green = Paint(color=(0.20, 0.34, 0.27), gloss=0.3)
    posts = [cylinder(4, 0, height_cm, green, 8) for _ in range(max(2, int(length_cm / 300) + 1))]
    posts = [
        moved(one, 0, y, 0)
        for one, y in zip(posts, np.linspace(-length_cm / 2, length_cm / 2, len(posts)), strict=True)
    ]
    rails = [box((4, length_cm, 4), (0, 0, z), green) for z in (6, height_cm / 2, height_cm - 2)]
    wires = [
        box((0.9, 0.9, height_cm), (0, y, height_cm / 2), green)
        for y in np.arange(-length_cm / 2 + 20, length_cm / 2, 24).tolist()
    ]
    wires += [box((0.9, length_cm, 0.9), (0, 0, z), green) for z in np.arange(30, height_cm, 26).tolist()]
    return [textured("smooth", *posts, *rails, *wires)]


def parasol_table(rng: np.random.Generator, color: Rgb) -> list[Part]:
    """A cafe table with a parasol and three chairs."""
    top = [cylinder(40, 72, 75, WHITE, 18), cylinder(2.5, 0, 257, IRON, 8), cylinder(24, 0, 4, IRON, 14)]
    cloth, count = [], 12
    for k in range(count):
        paint = Paint(color=color if k % 2 == 0 else (0.95, 0.93, 0.88), gloss=0.04)
        a, b = (2 * np.pi * (k + s) / count for s in (0, 1))
        wedge = _wedge(
            (0, 0, 258),
            (135 * np.cos(a), 135 * np.sin(a), 214),
            (135 * np.cos(b), 135 * np.sin(b), 214),
            paint,
        )
        cloth.append(two_sided(wedge))
    seats = []
    for turn in (40, 165, 280):
        away = 78 + rng.uniform(0, 12)
        where = (away * np.cos(np.radians(turn)), away * np.sin(np.radians(turn)), 0)
        seats.append(turned(_bistro_chair(color), where, (0, turn + 180 + rng.uniform(-15, 15), 0)))
    cups = [cylinder(4, 75, 83, Paint(color=(0.95, 0.95, 0.92), gloss=0.5), 9)]
    return [textured("smooth", *top, *seats, *(moved(c, 20, 8, 0) for c in cups)), textured("fabric", *cloth)]


def _wedge(
    a: tuple[Number, Number, Number],
    b: tuple[Number, Number, Number],
    c: tuple[Number, Number, Number],
    paint: Paint,
) -> Mesh:
    from .shapes import mesh_of

    return mesh_of(np.array([a, b, c], dtype=np.float64), np.array([[0, 1, 2]]), paint)


def _bistro_chair(color: Rgb) -> Mesh:
    legs = [cylinder(1.2, 0, 45, IRON, 5) for _ in range(4)]
    legs = [
        moved(leg, x, y, 0)
        for leg, (x, y) in zip(legs, ((16, 15), (16, -15), (-16, 15), (-16, -15)), strict=True)
    ]
    back = [box((2, 34, 14), (-17, 0, z), Paint(color=dimmed(color, 0.9), gloss=0.2)) for z in (62, 80)]
    posts = [box((2, 2, 44), (-17, y, 66), IRON) for y in (-16, 16)]
    return merged(*legs, cylinder(20, 45, 48, Paint(color=color, gloss=0.2), 12), *back, *posts)


def stall(rng: np.random.Generator, color: Rgb, *, goods: str = "fruit") -> list[Part]:
    """A market stall: a counter with crates of goods under a striped roof."""
    posts = [box((6, 6, 240), (x, y, 120), PALE_WOOD) for x in (-75, 75) for y in (-140, 140)]
    table = [box((110, 280, 5), (10, 0, 78), WOOD), box((5, 270, 72), (62, 0, 38), WOOD)]
    # The step that the back row of crates stands on.
    table.append(box((50, 270, 5), (-20, 0, 83), WOOD))
    cloth, count = [], 9
    for k in range(count):
        paint = Paint(color=color if k % 2 == 0 else (0.95, 0.93, 0.88), gloss=0.04)
        y = -155 + k * 310 / count
        outline = [(112, 226), (114, 229), (-98, 283), (-100, 280)]
        one = prism([(-a, b) for a, b in outline][::-1], 0, 310 / count, paint)
        cloth.append(moved(turned(one, (0, 0, 0), (0, 90, 0)), 0, y, 0))
        cloth.append(box((2, 310 / count, 20), (113, y + 155 / count, 218), paint))
    crates, heap = [], []
    fruits = (
        (0.86, 0.16, 0.14),
        (0.96, 0.58, 0.12),
        (0.94, 0.82, 0.24),
        (0.42, 0.62, 0.20),
        (0.46, 0.20, 0.40),
        (0.80, 0.42, 0.24),
    )
    for row, x in enumerate((-22, 36)):
        for y in np.linspace(-112, 112, 5):
            z = 84 + 9 * (1 - row)
            crates.append(box((50, 46, 16), (x, y, z), PALE_WOOD))
            fruit = Paint(color=fruits[int(rng.integers(len(fruits)))], gloss=0.35)
            if goods == "fruit":
                heap += [
                    lump(
                        rng,
                        (x + a, y + b, z + 10 + 3 * rng.random()),
                        (6.2, 6.2, 5.8),
                        fruit,
                        rough=0.05,
                        detail=1,
                    )
                    for a in (-16, -4, 8, 19)
                    for b in (-14, 0, 14)
                ]
            else:
                heap += [
                    box(
                        (rng.uniform(12, 18), 9, rng.uniform(8, 26)),
                        (x + a, y + rng.uniform(-12, 12), z + 14),
                        Paint(color=tuple(rng.uniform(0.25, 0.95, 3).tolist()), gloss=0.3),
                    )
                    for a in (-14, 2, 16)
                ]
    sign = box((3, 90, 26), (118, 0, 196), Paint(color=(0.96, 0.92, 0.80)))
    return [
        textured("planks", *posts, *table, *crates),
        textured("fabric", *cloth),
        textured("smooth", *heap, sign),
    ]


def crate_stack(rng: np.random.Generator) -> list[Part]:
    """Empty crates and baskets."""
    boxes = []
    for k in range(int(rng.integers(3, 6))):
        one = box(
            (46, 58, 28),
            (0, 0, 14 + 29 * (k // 2)),
            Paint(color=dimmed((0.80, 0.66, 0.46), rng.uniform(0.75, 1.1)), tile_cm=60),
        )
        boxes.append(turned(one, (0, 62 * (k % 2), 0), (0, rng.uniform(-8, 8), 0)))
    return [textured("planks", *boxes)]


def barrel() -> list[Part]:
    """A wooden barrel with iron hoops."""
    side = circles((0, 27), (20, 33), (45, 36), (70, 33), (90, 27))
    hoops = [cylinder(r, z, z + 5, IRON, 16) for z, r in ((8, 31.5), (28, 35.4), (60, 35.2), (80, 31))]
    return [
        textured("planks", tapered(side, Paint(color=(0.55, 0.36, 0.22), tile_cm=70), 16)),
        textured("smooth", *hoops),
    ]


def flower_pot(
    rng: np.random.Generator, size_cm: Number = 30.0, petals: Rgb = (0.90, 0.32, 0.40)
) -> list[Part]:
    """A clay pot with a flowering plant."""
    from .trees import bush

    pot = tapered(
        circles((0, 0.62 * size_cm), (0.9 * size_cm, 0.95 * size_cm), (1.0 * size_cm, 1.05 * size_cm)),
        Paint(color=(0.76, 0.42, 0.28), gloss=0.1, tile_cm=60),
        14,
    )
    plant = [
        Part(mesh=moved(part.mesh, 0, 0, 0.72 * size_cm), texture=part.texture)
        for part in bush(rng, 1.25 * size_cm, (0.32, 0.52, 0.22), leaves=90, petals=petals)
    ]
    return [textured("plaster", pot), *plant]


def fountain(rng: np.random.Generator) -> list[Part]:
    """A round stone fountain with two bowls and jets of water."""
    water = Paint(color=(0.56, 0.72, 0.78), gloss=0.85, tile_cm=220)
    rim = tapered(circles((0, 250), (14, 250), (16, 236), (50, 236), (52, 250), (62, 250)), STONE, 36)
    pool = cylinder(228, 62.2, 62.6, water, 36)
    stem = tapered(circles((60, 52), (72, 44), (80, 26), (150, 22), (158, 40)), STONE, 18)
    bowl = tapered(circles((150, 34), (165, 92), (176, 104), (182, 104)), STONE, 26)
    upper = tapered(circles((176, 18), (236, 14), (244, 40), (256, 50), (260, 50)), STONE, 18)
    knob = tapered(circles((255, 10), (270, 14), (285, 6), (300, 9), (312, 2)), STONE, 12)
    pools = [cylinder(97, 182.2, 182.6, water, 24), cylinder(45, 260.2, 260.5, water, 16)]
    spray = Paint(color=(0.90, 0.96, 1.0), gloss=0.8)
    jets = []
    for k in range(12):
        out = np.array([np.cos(2 * np.pi * k / 12), np.sin(2 * np.pi * k / 12)])
        line = [
            (*(out * r).tolist(), z) for r, z in ((100, 180), (116, 176), (130, 150), (138, 110), (142, 62))
        ]
        jets.append(tube(line, [1.2, 1.8, 2.0, 2.2, 3.0], spray, 5))
    return [
        textured("stonework", rim, stem, bowl, upper, knob),
        textured("water", pool, *pools),
        textured("smooth", *jets),
    ]


def statue(color: Rgb = (0.40, 0.52, 0.46)) -> list[Part]:
    """A draped bronze figure on a stone pedestal with steps."""
    bronze = Paint(color=color, gloss=0.45, tile_cm=120)
    steps = [box((2 * r, 2 * r, 20), (0, 0, 10 + 20 * k), STONE) for k, r in enumerate((260, 215, 170))]
    base = tapered(
        [
            Ring(z, r, r, squareness=1.0)
            for z, r in ((58, 112), (76, 112), (82, 86), (230, 82), (240, 100), (256, 100))
        ],
        STONE,
        4 * 6,
    )
    robe = loft(
        [
            Ring(256, 42, 52),
            Ring(300, 34, 42),
            Ring(360, 27, 34),
            Ring(400, 24, 36),
            Ring(424, 20, 42),
            Ring(438, 9, 14),
            Ring(446, 7, 7),
        ],
        bronze,
        16,
    )
    head = ellipsoid((3, 0, 464), (14, 12, 17), bronze, 14, 9)
    raised = tube([(4, 38, 424), (20, 62, 440), (34, 66, 492)], [10, 8, 6], bronze, 8)
    lowered = tube([(4, -38, 424), (12, -52, 380), (26, -44, 340)], [10, 8, 6], bronze, 8)
    return [
        textured("stonework", *steps, base),
        textured("plaster", robe, head, raised, lowered),
        textured("smooth", box((3, 60, 40), (85.5, 0, 150), GOLD)),
    ]


def obelisk(height_cm: Number = 900.0) -> list[Part]:
    """A stone needle on steps."""
    steps = [box((2 * r, 2 * r, 22), (0, 0, 11 + 22 * k), STONE) for k, r in enumerate((330, 275, 220))]
    shape = [
        Ring(z, r, r, squareness=1.0)
        for z, r in ((64, 150), (180, 140), (184, 90), (height_cm - 70, 56), (height_cm, 2))
    ]
    return [textured("stonework", *steps, tapered(shape, Paint(color=(0.86, 0.80, 0.72), tile_cm=300), 24))]


def gazebo() -> list[Part]:
    """An open wooden pavilion with eight posts."""
    white = Paint(color=(0.93, 0.92, 0.88), gloss=0.15, tile_cm=150)
    angles = np.arange(8) * np.pi / 4
    posts = [moved(cylinder(7, 20, 260, white, 8), 210 * np.cos(a), 210 * np.sin(a), 0) for a in angles]
    floor = cylinder(250, 0, 20, Paint(color=(0.66, 0.52, 0.38), tile_cm=240), 16)
    ring = tapered(circles((258, 232), (276, 232)), white, 16)
    roof = tapered(
        circles((276, 262), (360, 130), (420, 20), (450, 6)),
        Paint(color=(0.36, 0.46, 0.42), gloss=0.15, tile_cm=220),
        8,
    )
    rails = []
    for k in range(7):
        a, b = angles[k], angles[k + 1]
        p, q = np.array([np.cos(a), np.sin(a)]) * 210, np.array([np.cos(b), np.sin(b)]) * 210
        rails += [tube([(*p, z), (*q, z)], [3, 3], white, 5) for z in (50, 95)]
    return [textured("planks", floor), textured("smooth", *posts, ring, *rails), textured("roof_tiles", roof)]


def slide() -> list[Part]:
    """A playground tower with a slide towards +X."""
    red, yellow, blue = (
        Paint(color=c, gloss=0.45) for c in ((0.86, 0.20, 0.16), (0.97, 0.78, 0.16), (0.16, 0.42, 0.76))
    )
    posts = [box((9, 9, 260), (x, y, 130), PALE_WOOD) for x in (-60, 60) for y in (-60, 60)]
    deck = box((130, 130, 8), (0, 0, 120), WOOD)
    chute = [
        tube([(62, y, 128), (110, y, 101), (230, y, 36), (300, y, 24), (340, y, 24)], [5] * 5, yellow, 6)
        for y in (-34, 34)
    ]
    wide = turned(prism([(-34, -4), (34, -4), (34, 2), (-34, 2)], 0, 205, yellow), (66, 0, 120), (-29, 0, 0))
    tail = merged(box((90, 68, 6), (298, 0, 19), yellow), box((6, 56, 16), (325, 0, 8), yellow))
    roof = tapered([Ring(262, 96, 96, squareness=1.0), Ring(345, 6, 6)], red, 16)
    ladder = [box((5, 56, 5), (-66, 0, 18 + 24 * k), blue) for k in range(5)] + [
        box((6, 6, 150), (-66, y, 75), blue) for y in (-30, 30)
    ]
    walls = [box((110, 4, 46), (0, y, 152), blue) for y in (-62, 62)]
    return [textured("planks", *posts, deck), textured("smooth", *chute, wide, tail, roof, *ladder, *walls)]


def swing_set() -> list[Part]:
    """Two swings in a frame along Y."""
    frame, seat = Paint(color=(0.20, 0.52, 0.36), gloss=0.4), Paint(color=(0.14, 0.14, 0.15))
    legs = [tube([(x, y, 0), (0, y * 0.94, 245)], [5, 5], frame, 8) for x in (-95, 95) for y in (-190, 190)]
    beam = tube([(0, -185, 245), (0, 185, 245)], [6, 6], frame, 8)
    chains = [cylinder(1.1, 48, 243, STEEL, 5) for _ in range(4)]
    hung = [moved(c, 0, y, 0) for c, y in zip(chains, (-112, -64, 64, 112), strict=True)]
    seats = [box((22, 50, 5), (0, y, 47), seat) for y in (-88, 88)]
    return [textured("smooth", *legs, beam, *hung, *seats)]


def climbing_dome() -> list[Part]:
    """A dome of bars."""
    colors = ((0.90, 0.24, 0.20), (0.98, 0.74, 0.14), (0.20, 0.48, 0.80), (0.24, 0.62, 0.34))
    bars = []
    for k in range(8):
        a = k * np.pi / 8
        arc = [
            (165 * np.cos(t) * np.cos(a), 165 * np.cos(t) * np.sin(a), 170 * np.sin(t))
            for t in np.linspace(0, np.pi, 13)
        ]
        bars.append(tube(arc, [2.6] * 13, Paint(color=colors[k % 4], gloss=0.4), 6))
    for t in (0.32, 0.72, 1.12):
        ring = [
            (165 * np.cos(t) * np.cos(a), 165 * np.cos(t) * np.sin(a), 170 * np.sin(t))
            for a in np.linspace(0, 2 * np.pi, 17)
        ]
        bars.append(tube(ring, [2.2] * 17, Paint(color=colors[int(t * 2) % 4], gloss=0.4), 5))
    return [textured("smooth", *bars)]


def spring_rider(color: Rgb) -> list[Part]:
    """A rocking animal on a spring."""
    body = ellipsoid((0, 0, 62), (44, 15, 20), Paint(color=color, gloss=0.4), 14, 8)
    head = ellipsoid((42, 0, 88), (18, 12, 16), Paint(color=color, gloss=0.4), 12, 8)
    coil = [(9 * np.cos(t), 9 * np.sin(t), 4 + 40 * t / 25) for t in np.linspace(0, 25, 50)]
    bar = tube([(26, -22, 86), (26, 22, 86)], [2, 2], STEEL, 6)
    return [textured("smooth", body, head, tube(coil, [2] * 50, STEEL, 5), bar)]


def picnic_table() -> list[Part]:
    """A table with two benches, long along Y."""
    top = [box((13, 190, 4), (x, 0, 74), WOOD) for x in (-28, -14, 0, 14, 28)]
    seats = [box((13, 190, 4), (s * x, 0, 44), WOOD) for s in (-1, 1) for x in (64, 78)]
    legs = [box((150, 7, 7), (0, y, 40), WOOD) for y in (-62, 62)] + [
        box((8, 7, 72), (x, y, 36), WOOD) for x in (-24, 24) for y in (-62, 62)
    ]
    feet = [box((8, 7, 42), (x, y, 21), WOOD) for x in (-68, 68) for y in (-62, 62)]
    return [textured("planks", *top, *seats, *legs, *feet)]


def hay_bale() -> list[Part]:
    """A round hay bale that lies along Y."""
    hay = Paint(color=(0.86, 0.72, 0.40), gloss=0.02, tile_cm=110)
    roll = turned(tapered(circles((-62, 60), (-58, 64), (58, 64), (62, 60)), hay, 20), (0, 0, 62), (0, 0, 90))
    return [textured("litter", roll)]


def bicycle() -> list[Part]:
    """A parked bicycle along X."""
    black, red = Paint(color=(0.10, 0.10, 0.11), gloss=0.3), Paint(color=(0.66, 0.14, 0.14), gloss=0.5)
    wheels = [
        tube(
            [(x + 33 * np.cos(a), 0, 35 + 33 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 21)],
            [1.9] * 21,
            black,
            6,
        )
        for x in (-52, 52)
    ]
    spokes = [
        tube(
            [(x, 0, 35), (x + 32 * np.cos(a), 0, 35 + 32 * np.sin(a))],
            [0.4, 0.4],
            Paint(color=(0.7, 0.7, 0.72)),
            3,
        )
        for x in (-52, 52)
        for a in np.arange(0, 6.2, 0.7).tolist()
    ]
    lines = (
        ((-52, 35), (-14, 36)),
        ((-14, 36), (-24, 88)),
        ((-52, 35), (-22, 80)),
        ((-14, 36), (36, 80)),
        ((-22, 80), (36, 82)),
        ((52, 35), (34, 96)),
    )
    frame = [tube([(a[0], 0, a[1]), (b[0], 0, b[1])], [1.8, 1.8], red, 6) for a, b in lines]
    bar = tube([(36, -26, 102), (34, 0, 98), (36, 26, 102)], [1.4] * 3, black, 6)
    saddle = box((26, 13, 6), (-24, 0, 91), black)
    stand = tube([(-20, 0, 34), (-26, 16, 1)], [1.2, 1.2], black, 5)
    return [textured("smooth", *wheels, *spokes, *frame, bar, saddle, stand)]


def mailbox(color: Rgb) -> list[Part]:
    """A mailbox on a post."""
    post = box((9, 9, 105), (0, 0, 52), Paint(color=(0.90, 0.89, 0.86), tile_cm=100))
    body = prism(
        [(-11, 105), (11, 105), (11, 120), (7, 129), (-7, 129), (-11, 120)],
        -22,
        24,
        Paint(color=color, gloss=0.4),
    )
    flag = box((3, 2, 14), (6, 12.5, 122), Paint(color=(0.85, 0.18, 0.14)))
    return [textured("planks", post), textured("smooth", body, flag)]
