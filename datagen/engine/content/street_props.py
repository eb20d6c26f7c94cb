"""Things that stand in a street, each in its own frame (cm, origin on the ground, front towards +X)."""

from dataclasses import replace

import numpy as np

from ..unreal_space import Number, Triple, world_from_local
from .meshes import (
    Mesh,
    Paint,
    Part,
    Point,
    Rgb,
    Ring,
    box,
    cylinder,
    ellipsoid,
    loft,
    merged,
    panel,
    tapered,
    transformed,
)

GLASS = Paint(color=(0.12, 0.20, 0.28), gloss=0.8)
STEEL = Paint(color=(0.23, 0.26, 0.28), gloss=0.5)
WHITE = Paint(color=(0.92, 0.92, 0.90), gloss=0.2)


def plain(*meshes: Mesh) -> Part:
    """One part of untextured meshes."""
    return Part(mesh=merged(list(meshes)), texture="smooth")


def wheel(center: Point, radius_cm: Number, width_cm: Number) -> Mesh:
    """A wheel whose axle lies along Y."""
    tyre = cylinder(radius_cm, -width_cm / 2, width_cm / 2, Paint(color=(0.09, 0.09, 0.10), gloss=0.2), 16)
    rim = cylinder(
        0.6 * radius_cm, -width_cm / 2 - 1, width_cm / 2 + 1, Paint(color=(0.75, 0.76, 0.78), gloss=0.8), 10
    )
    return transformed(merged([tyre, rim]), world_from_local(center, (0, 0, 90)))


def car(color: Rgb) -> list[Part]:
    """A hatchback, 4.2 m long."""
    paint = Paint(color=color, gloss=0.8)
    body = _hull(
        [
            (-208, 40, 62),
            (-206, 42, 84),
            (-120, 40, 92),
            (70, 40, 90),
            (150, 40, 82),
            (208, 42, 70),
            (211, 44, 60),
        ],
        84,
        paint,
    )
    cabin = _hull([(-185, 86, 96), (-160, 86, 140), (-60, 86, 146), (20, 86, 142), (85, 86, 92)], 72, GLASS)
    roof = _hull(
        [(-165, 139, 142), (-150, 140, 147), (-60, 142, 150), (8, 140, 146), (24, 137, 140)], 68, paint
    )
    sill = box((330, 172, 14), (0, 0, 36), STEEL)
    wheels = [wheel((x, y, 33), 33, 22) for x in (-130, 132) for y in (-76, 76)]
    front = [
        box((6, 30, 12), (207, y, 66), Paint(color=(1, 1, 0.92), gloss=0.9, glow=0.15)) for y in (-60, 60)
    ]
    rear = [box((6, 26, 14), (-207, y, 74), Paint(color=(0.85, 0.10, 0.08), gloss=0.7)) for y in (-64, 64)]
    plates = [box((3, 50, 11), (x, 0, 52), WHITE) for x in (-210, 212)]
    return [plain(body, cabin, roof, sill, *wheels, *front, *rear, *plates)]


def _hull(profile: list[Triple], half_width_cm: Number, paint: Paint) -> Mesh:
    """A body lofted from back to front through (x, bottom, top) sections."""
    rings = [
        Ring(
            z_cm=x,
            x_radius_cm=(top - bottom) / 2,
            y_radius_cm=half_width_cm,
            x_cm=-(top + bottom) / 2,
            squareness=0.6,
        )
        for x, bottom, top in profile
    ]
    return transformed(loft(rings, paint, 20), world_from_local((0, 0, 0), (-90, 0, 0)))


def tree(rng: np.random.Generator, height_cm: Number) -> list[Part]:
    """A broad-leaved tree of irregular crown."""
    bark = Paint(color=(0.45, 0.34, 0.26), gloss=0.05, tile_cm=80)
    fork = 0.42 * height_cm
    trunk = [
        Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r, x_cm=x)
        for z, r, x in ((0, 20, 0), (40, 14, 1), (fork, 10, 4), (0.75 * height_cm, 4, 0))
    ]
    crown = []
    for index in range(9):
        angle, spread = index * 2.4, 0.21 * height_cm * np.sqrt(index / 8)
        up = fork + 0.16 * height_cm + (0.36 - 0.03 * index) * height_cm * rng.uniform(0.7, 1.0)
        radius = height_cm * rng.uniform(0.13, 0.19)
        green = Paint(
            color=(0.30 + 0.12 * rng.random(), 0.52 + 0.14 * rng.random(), 0.20), gloss=0.05, tile_cm=160
        )
        center = (float(spread * np.cos(angle)), float(spread * np.sin(angle)), float(up))
        crown.append(ellipsoid(center, (radius, radius * 1.05, radius * 0.82), green, 9, 6))
    return [Part(mesh=tapered(trunk, bark, 9), texture="bark"), Part(mesh=merged(crown), texture="leaves")]


def street_lamp() -> list[Part]:
    """A lamp post with its arm towards +X."""
    pole = tapered(
        [Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in ((0, 11), (60, 9), (70, 6), (520, 4.5))],
        STEEL,
        10,
    )
    arm = box((130, 7, 7), (58, 0, 517), STEEL)
    head = box((60, 26, 9), (115, 0, 512), STEEL)
    bulb = box((50, 20, 3), (115, 0, 506.5), Paint(color=(1, 0.96, 0.85), glow=0.4))
    return [plain(pole, arm, head, bulb)]


def bench() -> list[Part]:
    """A slatted bench that looks towards +X."""
    wood = Paint(color=(0.66, 0.44, 0.25), gloss=0.2, tile_cm=120)
    slats = [box((9, 170, 4), (x, 0, 45), wood) for x in (-18, -6, 6, 18)]
    back = [box((4, 170, 10), (-25 - 2 * k, 0, 60 + 14 * k), wood) for k in range(3)]
    legs = [box((46, 5, 43), (0, y, 21.5), STEEL) for y in (-70, 70)]
    posts = [box((5, 5, 55), (-29, y, 68), STEEL) for y in (-70, 70)]
    return [Part(mesh=merged(slats + back), texture="planks"), plain(*legs, *posts)]


def litter_bin() -> list[Part]:
    """A green bin with a dark lid."""
    drum = cylinder(26, 4, 82, Paint(color=(0.16, 0.45, 0.30), gloss=0.4), 14)
    lid = tapered(
        [Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in ((82, 28), (90, 28), (100, 14))], STEEL, 14
    )
    band = cylinder(26.5, 60, 66, Paint(color=(0.90, 0.85, 0.30)), 14)
    return [plain(drum, lid, band)]


def hydrant() -> list[Part]:
    """A red fire hydrant."""
    red = Paint(color=(0.85, 0.16, 0.12), gloss=0.5)
    barrel = tapered(
        [
            Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r)
            for z, r in ((0, 17), (6, 17), (7, 12), (56, 12), (58, 15), (63, 15), (76, 5))
        ],
        red,
        12,
    )
    caps = [transformed(cylinder(6, -19, 19, red, 10), world_from_local((0, 0, 44), (0, 0, 90)))]
    return [plain(barrel, *caps)]


def planter(rng: np.random.Generator) -> list[Part]:
    """A concrete trough full of flowers."""
    trough = box((60, 160, 52), (0, 0, 26), Paint(color=(0.72, 0.70, 0.66), tile_cm=120))
    leaves = [
        ellipsoid((0, y, 58), (28, 24, 22), Paint(color=(0.32, 0.55, 0.24), tile_cm=60), 9, 6)
        for y in (-56, -20, 18, 55)
    ]
    petals = []
    for _ in range(26):
        hue = ((0.95, 0.25, 0.30), (0.98, 0.80, 0.20), (0.85, 0.40, 0.80), (1.0, 0.95, 0.95))[
            int(rng.integers(4))
        ]
        place = (float(rng.uniform(-24, 24)), float(rng.uniform(-72, 72)), float(rng.uniform(72, 84)))
        petals.append(ellipsoid(place, (5, 5, 4), Paint(color=hue), 5, 3))
    return [
        Part(mesh=trough, texture="concrete"),
        Part(mesh=merged(leaves), texture="leaves"),
        plain(*petals),
    ]


def sign(color: Rgb) -> list[Part]:
    """A round traffic sign that faces +X."""
    pole = cylinder(3, 0, 260, STEEL, 8)
    disc = transformed(
        cylinder(32, -1.5, 1.5, Paint(color=color, gloss=0.3), 24), world_from_local((4, 0, 240), (90, 0, 0))
    )
    bar = box((1.5, 44, 11), (6.4, 0, 240), WHITE)
    return [plain(pole, disc, bar)]


def kiosk() -> list[Part]:
    """A news kiosk with its counter towards +X."""
    wall, trim = (
        Paint(color=(0.16, 0.38, 0.46), gloss=0.3, tile_cm=150),
        Paint(color=(0.95, 0.80, 0.35), gloss=0.3),
    )
    shell = box((180, 260, 230), (0, 0, 115), wall)
    roof = tapered(
        [
            Ring(z_cm=z, x_radius_cm=r, y_radius_cm=1.35 * r, squareness=0.9)
            for z, r in ((230, 125), (242, 125), (290, 30))
        ],
        trim,
        16,
    )
    window = panel((94, -95, 100), (0, 190, 0), (0, 0, 95), GLASS)
    counter = box((34, 210, 6), (105, 0, 97), trim)
    papers = [
        box((8, 32, 42), (92.5, y, 60), Paint(color=c))
        for y, c in (
            (-80, (0.9, 0.3, 0.3)),
            (-30, (0.95, 0.9, 0.5)),
            (25, (0.4, 0.7, 0.9)),
            (75, (0.9, 0.9, 0.9)),
        )
    ]
    return [Part(mesh=shell, texture="planks"), plain(roof, window, counter, *papers)]


def building(
    rng: np.random.Generator, width_cm: Number, storeys: int, wall: tuple[str, Rgb], awning: Rgb
) -> list[Part]:
    """A house whose street front is the plane x = 0 facing +X; it reaches back to x = -900."""
    texture, tint = wall
    height, depth = 400.0 + 310.0 * storeys, 900.0
    half = width_cm / 2
    skin = Paint(color=tint, gloss=0.08, tile_cm=256)
    trim = Paint(color=(0.90, 0.88, 0.83), gloss=0.15, tile_cm=200)
    walls = box((depth, width_cm, height), (-depth / 2, 0, height / 2), skin)
    bands = [
        box((depth + 30, width_cm, 26), (-depth / 2, 0, height - 8), trim),
        box((depth + 16, width_cm, 16), (-depth / 2, 0, 385), trim),
    ]
    panes: list[Mesh] = []
    columns = int(width_cm // 240)
    for x, facing in ((0.0, 1.0), (-depth, -1.0)):
        for storey in range(storeys):
            for column in range(columns):
                y = (column + 0.5) * width_cm / columns - half
                panes += _window((x, y, 460.0 + 310.0 * storey), facing, float(rng.uniform(0.5, 1.3)))
    front = _shop_front(width_cm, awning)
    return [
        Part(mesh=walls, texture=texture),
        Part(mesh=merged(bands), texture="plaster"),
        plain(*panes),
        *front,
    ]


def _window(sill: Point, facing: Number, brightness: Number) -> list[Mesh]:
    """A window of 110 x 180 cm with its frame; `facing` is +1 or -1 along X."""
    x, y, z = sill
    glass = Paint(color=(0.16 * brightness, 0.25 * brightness, 0.36 * brightness), gloss=0.9)
    rim = panel((x + facing * 3, y - facing * 67, z - 12), (0, facing * 134, 0), (0, 0, 204), WHITE)
    panes = [
        panel((x + facing * 7, y - facing * e, z), (0, facing * 50, 0), (0, 0, 180), glass)
        for e in (55.0, -5.0)
    ]
    return [rim, box((24, 150, 10), (x, y, z - 14), WHITE), *panes]


def _shop_front(width_cm: Number, awning: Rgb) -> list[Part]:
    """Shop windows, a door, and a striped awning along the street."""
    half = width_cm / 2
    frame = Paint(color=(awning[0] * 0.5, awning[1] * 0.5, awning[2] * 0.5), gloss=0.4)
    shop = box((12, width_cm - 120, 290), (0, 0, 150), frame)
    glass = [
        panel((10, y0, 60), (0, y1 - y0, 0), (0, 0, 215), GLASS)
        for y0, y1 in ((-half + 90, -75), (75, half - 90))
    ]
    door = [
        box((16, 118, 250), (0, 0, 125), Paint(color=(0.45, 0.26, 0.16), gloss=0.4)),
        panel((12, -38, 110), (0, 76, 0), (0, 0, 120), GLASS),
        box((10, 4, 24), (14, 46, 110), WHITE),
    ]
    board = box((10, width_cm - 160, 46), (6, 0, 335), Paint(color=awning, gloss=0.3))
    cloth = Paint(color=awning, tile_cm=240)
    roof = panel((130, -half + 80, 255), (0, width_cm - 160, 0), (-124, 0, 50), cloth)
    under = panel((6, -half + 80, 305), (0, width_cm - 160, 0), (124, 0, -50), cloth)
    turned = [Part(mesh=_swapped_uv(mesh), texture="stripes") for mesh in (roof, under)]
    return [plain(shop, *glass, *door, board), *turned]


def _swapped_uv(mesh: Mesh) -> Mesh:
    """`mesh` with its texture turned by a quarter."""
    return replace(mesh, uvs=mesh.uvs[:, ::-1].copy())


def cone() -> list[Part]:
    """A traffic cone."""
    body = tapered(
        [Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in ((3, 15), (60, 3))],
        Paint(color=(0.98, 0.42, 0.10)),
        14,
    )
    stripe = tapered(
        [Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in ((25, 10.9), (38, 8.2))], WHITE, 14
    )
    return [plain(body, stripe, box((38, 38, 4), (0, 0, 2), STEEL))]
