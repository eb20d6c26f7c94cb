"""Things in a street, each in its own frame (cm, origin on the ground, front towards +X)."""

from dataclasses import replace

import numpy as np

from ..shapes.meshes import (
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
    panel,
    panelled_box,
    tapered,
    textured,
    turned,
)
from ..unreal_space import Number, Triple

GLASS = Paint(color=(0.12, 0.20, 0.28), gloss=0.8)
STEEL = Paint(color=(0.23, 0.26, 0.28), gloss=0.5)
WHITE = Paint(color=(0.92, 0.92, 0.90), gloss=0.2)
_PETALS = ((0.95, 0.25, 0.30), (0.98, 0.80, 0.20), (0.85, 0.40, 0.80), (1.0, 0.95, 0.95))


def car(color: Rgb) -> list[Part]:
    """A hatchback, 4.2 m long."""
    paint = Paint(color=color, gloss=0.8)
    body = (
        (-208, 40, 62), (-206, 42, 84), (-120, 40, 92), (70, 40, 90), (150, 40, 82), (208, 42, 70),
        (211, 44, 60),
    )  # fmt: skip
    cabin = ((-185, 86, 96), (-160, 86, 140), (-60, 86, 146), (20, 86, 142), (85, 86, 92))
    roof = ((-165, 139, 142), (-150, 140, 147), (-60, 142, 150), (8, 140, 146), (24, 137, 140))
    hulls = [_hull(body, 84, paint), _hull(cabin, 72, GLASS), _hull(roof, 68, paint)]
    sill = panelled_box((330, 172, 14), (0, 0, 36), STEEL)
    wheels = [_wheel((x, y, 33)) for x in (-130, 132) for y in (-76, 76)]
    white, red = Paint(color=(1, 1, 0.92), gloss=0.9, glow=0.15), Paint(color=(0.85, 0.10, 0.08), gloss=0.7)
    front = [panelled_box((6, 30, 12), (207, y, 66), white) for y in (-60, 60)]
    rear = [panelled_box((6, 26, 14), (-207, y, 74), red) for y in (-64, 64)]
    plates = [panelled_box((3, 50, 11), (x, 0, 52), WHITE) for x in (-210, 212)]
    return [textured("smooth", *hulls, sill, *wheels, *front, *rear, *plates)]


def _hull(profile: tuple[Triple, ...], half_width_cm: Number, paint: Paint) -> Mesh:
    """A body lofted from back to front through (x, bottom, top) sections."""
    rings = [
        Ring(x, (top - bottom) / 2, half_width_cm, x_cm=-(top + bottom) / 2, squareness=0.6)
        for x, bottom, top in profile
    ]
    return turned(loft(rings, paint, 20), (0, 0, 0), (-90, 0, 0))


def _wheel(center: Triple) -> Mesh:
    """A wheel with its axle along Y."""
    tyre = cylinder(33, -11, 11, Paint(color=(0.09, 0.09, 0.10), gloss=0.2), 16)
    rim = cylinder(0.6 * 33, -12, 12, Paint(color=(0.75, 0.76, 0.78), gloss=0.8), 10)
    return turned(merged(tyre, rim), center, (0, 0, 90))


def street_lamp() -> list[Part]:
    """A lamp post with its arm towards +X."""
    pole = tapered(circles((0, 11), (60, 9), (70, 6), (520, 4.5)), STEEL, 10)
    arm = panelled_box((130, 7, 7), (58, 0, 517), STEEL)
    head = panelled_box((60, 26, 9), (115, 0, 512), STEEL)
    bulb = panelled_box((50, 20, 3), (115, 0, 506.5), Paint(color=(1, 0.96, 0.85), glow=0.4))
    return [textured("smooth", pole, arm, head, bulb)]


def bench() -> list[Part]:
    """A slatted bench that faces +X."""
    wood = Paint(color=(0.66, 0.44, 0.25), gloss=0.2, tile_cm=120)
    slats = [panelled_box((9, 170, 4), (x, 0, 45), wood) for x in (-18, -6, 6, 18)]
    back = [panelled_box((4, 170, 10), (-25 - 2 * k, 0, 60 + 14 * k), wood) for k in range(3)]
    legs = [panelled_box((46, 5, 43), (0, y, 21.5), STEEL) for y in (-70, 70)]
    posts = [panelled_box((5, 5, 55), (-29, y, 68), STEEL) for y in (-70, 70)]
    return [textured("planks", *slats, *back), textured("smooth", *legs, *posts)]


def crate() -> list[Part]:
    """A wooden crate."""
    return [
        textured(
            "planks", panelled_box((80, 120, 78), (0, 0, 39), Paint(color=(0.62, 0.42, 0.25), tile_cm=100))
        )
    ]


def litter_bin() -> list[Part]:
    """A green litter bin with a dark lid."""
    drum = cylinder(26, 4, 82, Paint(color=(0.16, 0.45, 0.30), gloss=0.4), 14)
    lid = tapered(circles((82, 28), (90, 28), (100, 14)), STEEL, 14)
    band = cylinder(26.5, 60, 66, Paint(color=(0.90, 0.85, 0.30)), 14)
    return [textured("smooth", drum, lid, band)]


def hydrant() -> list[Part]:
    """A red fire hydrant."""
    red = Paint(color=(0.85, 0.16, 0.12), gloss=0.5)
    barrel = tapered(circles((0, 17), (6, 17), (7, 12), (56, 12), (58, 15), (63, 15), (76, 5)), red, 12)
    outlets = turned(cylinder(6, -19, 19, red, 10), (0, 0, 44), (0, 0, 90))
    return [textured("smooth", barrel, outlets)]


def planter(rng: np.random.Generator) -> list[Part]:
    """A concrete trough full of flowers."""
    trough = panelled_box((60, 160, 52), (0, 0, 26), Paint(color=(0.72, 0.70, 0.66), tile_cm=120))
    green = Paint(color=(0.32, 0.55, 0.24), tile_cm=60)
    leaves = [ellipsoid((0, y, 58), (28, 24, 22), green, 9, 6) for y in (-56, -20, 18, 55)]
    petals = []
    for _ in range(26):
        paint = Paint(color=_PETALS[rng.integers(4)])
        center = (rng.uniform(-24, 24), rng.uniform(-72, 72), rng.uniform(72, 84))
        petals.append(ellipsoid(center, (5, 5, 4), paint, 5, 3))
    return [textured("concrete", trough), textured("leaves", *leaves), textured("smooth", *petals)]


def sign(color: Rgb) -> list[Part]:
    """A round traffic sign that faces +X."""
    pole = cylinder(3, 0, 260, STEEL, 8)
    disc = turned(cylinder(32, -1.5, 1.5, Paint(color=color, gloss=0.3), 24), (4, 0, 240), (90, 0, 0))
    bar = panelled_box((1.5, 44, 11), (6.4, 0, 240), WHITE)
    return [textured("smooth", pole, disc, bar)]


def kiosk() -> list[Part]:
    """A newspaper kiosk with its counter towards +X."""
    trim = Paint(color=(0.95, 0.80, 0.35), gloss=0.3)
    walls = panelled_box(
        (180, 260, 230), (0, 0, 115), Paint(color=(0.16, 0.38, 0.46), gloss=0.3, tile_cm=150)
    )
    shape = ((230, 125), (242, 125), (290, 30))
    roof = tapered([Ring(z, r, 1.35 * r, squareness=0.9) for z, r in shape], trim, 16)
    window = panel((94, -95, 100), (0, 190, 0), (0, 0, 95), GLASS)
    counter = panelled_box((34, 210, 6), (105, 0, 97), trim)
    colors = {-80: (0.9, 0.3, 0.3), -30: (0.95, 0.9, 0.5), 25: (0.4, 0.7, 0.9), 75: (0.9, 0.9, 0.9)}
    papers = [panelled_box((8, 32, 42), (92.5, y, 60), Paint(color=color)) for y, color in colors.items()]
    return [textured("planks", walls), textured("smooth", roof, window, counter, *papers)]


def cone() -> list[Part]:
    """A traffic cone."""
    body = tapered(circles((3, 15), (60, 3)), Paint(color=(0.98, 0.42, 0.10)), 14)
    stripe = tapered(circles((25, 10.9), (38, 8.2)), WHITE, 14)
    return [textured("smooth", body, stripe, panelled_box((38, 38, 4), (0, 0, 2), STEEL))]


def building(
    rng: np.random.Generator, width_cm: Number, storeys: int, wall: tuple[str, Rgb], awning: Rgb
) -> list[Part]:
    """A house whose street front is the plane x = 0 facing +X; it reaches back to x = -900."""
    texture, tint = wall
    height, depth = 400.0 + 310.0 * storeys, 900.0
    trim = Paint(color=(0.90, 0.88, 0.83), gloss=0.15, tile_cm=200)
    skin = Paint(color=tint, gloss=0.08, tile_cm=256)
    walls = panelled_box((depth, width_cm, height), (-depth / 2, 0, height / 2), skin)
    cornice = panelled_box((depth + 30, width_cm, 26), (-depth / 2, 0, height - 8), trim)
    band = panelled_box((depth + 16, width_cm, 16), (-depth / 2, 0, 385), trim)
    windows = []
    columns = int(width_cm // 240)
    for x, facing in ((0.0, 1.0), (-depth, -1.0)):
        for storey in range(storeys):
            for column in range(columns):
                y = (column + 0.5) * width_cm / columns - width_cm / 2
                windows += _window((x, y, 460.0 + 310.0 * storey), facing, rng.uniform(0.5, 1.3))
    fronts = [textured(texture, walls), textured("plaster", cornice, band), textured("smooth", *windows)]
    return [*fronts, *_shop_front(width_cm, awning)]


def _window(sill: Triple, facing: Number, brightness: Number) -> list[Mesh]:
    """A window of 110 x 180 cm with its frame; ``facing`` is +1 or -1 along X."""
    x, y, z = sill
    glass = Paint(color=dimmed((0.16, 0.25, 0.36), brightness), gloss=0.9)
    frame = panel((x + facing * 3, y - facing * 67, z - 12), (0, facing * 134, 0), (0, 0, 204), WHITE)
    ledge = panelled_box((24, 150, 10), (x, y, z - 14), WHITE)
    panes = [
        panel((x + facing * 7, y - facing * edge, z), (0, facing * 50, 0), (0, 0, 180), glass)
        for edge in (55.0, -5.0)
    ]
    return [frame, ledge, *panes]


def _shop_front(width_cm: Number, awning: Rgb) -> list[Part]:
    """Shop windows, a door, and a striped awning along the street."""
    half, board_cm = width_cm / 2, width_cm - 160
    shop = panelled_box((12, width_cm - 120, 290), (0, 0, 150), Paint(color=dimmed(awning, 0.5), gloss=0.4))
    glass = [panel((10, y, 60), (0, half - 165, 0), (0, 0, 215), GLASS) for y in (-half + 90, 75)]
    door = [
        panelled_box((16, 118, 250), (0, 0, 125), Paint(color=(0.45, 0.26, 0.16), gloss=0.4)),
        panel((12, -38, 110), (0, 76, 0), (0, 0, 120), GLASS),
        panelled_box((10, 4, 24), (14, 46, 110), WHITE),
    ]
    board = panelled_box((10, board_cm, 46), (6, 0, 335), Paint(color=awning, gloss=0.3))
    cloth = Paint(color=awning, tile_cm=240)
    above = panel((130, -half + 80, 255), (0, board_cm, 0), (-124, 0, 50), cloth)
    below = panel((6, -half + 80, 305), (0, board_cm, 0), (124, 0, -50), cloth)
    # The stripes run from the wall outwards, so u and v are exchanged.
    striped = [textured("stripes", replace(mesh, uvs=mesh.uvs[:, ::-1])) for mesh in (above, below)]
    return [textured("smooth", shop, *glass, *door, board), *striped]
