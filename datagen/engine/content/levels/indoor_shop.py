"""A grocery."""

from ..environment import Environment
from ..props.decor import clock, plant, sheet
from ..props.fittings import door
from ..props.kitchen_machines import fridge
from ..props.lamps import light_panel, track
from ..props.machines import vending_machine
from ..props.seating import STEEL
from ..props.shelves import bookcase, gondola, package
from ..props.tables import book_pile, computer, counter
from ..shapes.meshes import Mesh, Paint, Part, Rgb, cylinder, ellipsoid, moved, textured, turned
from ..shapes.shapes import BoxRow, boxes, picture, rounded
from .indoor_level import Props, Rng, at, level, numbered, on
from .indoor_shell import Hall, Opening, Surface, Wall


def shop(rng: Rng) -> Environment:
    """A grocery: shelves, a produce stand, fridges with drinks, a checkout, hanging signs."""
    hall = _hall()
    props = _shelves(hall, rng) | _counters(hall, rng) | _decor(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-420, -150, 330), (-420, 200, 330), (300, 0, 330), (560, -200, 330)),
        lamp=(0.55, 0.54, 0.50),
        sky=(0.66, 0.67, 0.68),
        ground=(0.58, 0.57, 0.54),
    )


def _hall() -> Hall:
    """Cream walls, one of them red, and shop windows."""
    cream, red = Surface("painted", (0.95, 0.93, 0.88), 520), Surface("painted", (0.78, 0.26, 0.20), 460)
    front = [
        Opening(at_cm=y, width_cm=280, low_cm=50, high_cm=290, bars=(2, 1), frame=(0.20, 0.42, 0.32))
        for y in (-330, 0, 330)
    ]
    return Hall(
        half_x=780,
        half_y=600,
        profile=(365,),
        floor=Surface("terrazzo", (0.92, 0.90, 0.86), 300, 0.3),
        ceiling=Surface("acoustic", (0.95, 0.95, 0.94), 370),
        walls={
            "west": Wall(surface=cream, openings=front),
            "east": Wall(surface=red),
            "north": Wall(
                surface=cream, dado=Surface("subway_tiles", (0.30, 0.52, 0.42), 170, 0.4), dado_cm=90
            ),
            "south": Wall(surface=cream),
        },
        skirting=(0.30, 0.32, 0.30),
    )


def _shelves(hall: Hall, rng: Rng) -> Props:
    """Shelves, coolers and fridges."""
    props: Props = {}
    props |= numbered(
        "Gondola",
        [
            at(gondola(rng, 260, h), x, y, yaw)
            for x, y, yaw, h in (
                (240, 330, 90, 150),
                (540, 330, 90, 150),
                (250, -330, 90, 150),
                (-120, 400, 90, 120),
            )
        ],
    )
    props |= numbered(
        "Shelf",
        [
            hall.at_wall("south", a, bookcase(rng, 240, 215, (0.88, 0.88, 0.86), "products", 44, 5), 25)
            for a in (-420, -170, 80, 330)
        ],
    )
    props |= numbered(
        "Wine",
        [
            hall.at_wall("north", a, bookcase(rng, 200, 215, (0.46, 0.31, 0.20), "bottles", 40, 5), 24)
            for a in (-520, -310)
        ],
    )
    props |= numbered(
        "Cooler",
        [
            hall.at_wall("east", a, vending_machine(c), 42)
            for a, c in (
                (-330, (0.20, 0.36, 0.60)),
                (-220, (0.85, 0.86, 0.87)),
                (-110, (0.75, 0.20, 0.16)),
                (0, (0.20, 0.50, 0.36)),
            )
        ],
    )
    props |= numbered(
        "Fridge", [hall.at_wall("east", a, fridge((0.90, 0.91, 0.92), 90, 205), 36) for a in (130, 225)]
    )
    return props


def _counters(hall: Hall, rng: Rng) -> Props:
    """Fresh goods, the checkout and crates."""
    props: Props = {}
    props["Produce"] = at(_produce(rng), -330, -330, 90)
    props["Bread"] = hall.at_wall("north", 330, _bakery(rng), 45)
    checkout = at(
        counter(
            260,
            ("wall_panels", Paint(color=(0.70, 0.56, 0.40), tile_cm=170)),
            ("smooth", Paint(color=(0.22, 0.23, 0.24), gloss=0.4)),
            92,
        ),
        -480,
        250,
        0,
    )
    props["Checkout"] = on(on(checkout, computer(rng, 92), 0, -60, 180), book_pile(rng, 92, 4), 5, 50)
    props |= numbered(
        "Crates",
        [at(_crates(rng), x, y, yaw) for x, y, yaw in ((-640, -480, 10), (-90, -440, 80), (640, -60, 0))],
    )
    return props


def _decor(hall: Hall, rng: Rng) -> Props:
    """Signs, lamps, posters, the door and plants."""
    props: Props = {}
    props |= numbered(
        "Sign",
        [
            at(_hanging_sign(c, cell), x, y, 90, 365)
            for x, y, c, cell in (
                (300, 250, (0.20, 0.42, 0.32), 3),
                (300, -250, (0.78, 0.26, 0.20), 11),
                (-330, -240, (0.90, 0.68, 0.20), 17),
            )
        ],
    )
    props |= numbered(
        "Light", [at(light_panel(240, 24), x, y, 90, 365) for x in (-480, 0, 480) for y in (-300, 0, 300)]
    )
    props |= numbered("Track", [hall.at_wall("north", 330, track(300, 4), 150, 365)])
    props |= numbered(
        "Poster",
        [
            hall.at_wall(s, a, sheet(w, w * 1.3, c), 0.6, z)
            for s, a, w, c, z in (
                ("north", -60, 80, 2, 210),
                ("north", 50, 70, 9, 200),
                ("north", 150, 75, 12, 210),
                ("south", 520, 80, 5, 200),
                ("south", 620, 70, 14, 210),
                ("east", 380, 90, 7, 230),
                ("east", 480, 80, 10, 220),
                ("north", 560, 90, 0, 210),
            )
        ],
    )
    props["Door"] = hall.at_wall("south", -660, door((0.20, 0.42, 0.32), 120, 225, has_glass=True), 1)
    props["Clock"] = hall.at_wall("east", 480, clock(24, 11.6), 0, 300)
    props |= numbered(
        "Plant",
        [
            at(plant(rng, 130, (0.80, 0.50, 0.34), s), x, y)
            for s, x, y in (("broad", -710, -60), ("swords", -700, 520))
        ],
    )
    return props


def _produce(rng: Rng) -> list[Part]:
    """A sloping stand with trays of fruit and vegetables, long along Y."""
    rows: list[BoxRow] = [(110, 260, 30, 0, 0, 15), (8, 260, 76, -50, 0, 38), (8, 260, 46, 50, 0, 23)]
    stand = boxes(Paint(color=(0.56, 0.40, 0.26), tile_cm=130), *rows)
    fruit: list[Mesh] = []
    trays: list[BoxRow] = []
    kinds: tuple[Rgb, ...] = (
        (0.85, 0.18, 0.14),
        (0.95, 0.58, 0.12),
        (0.55, 0.72, 0.20),
        (0.95, 0.82, 0.25),
        (0.45, 0.18, 0.32),
        (0.80, 0.62, 0.36),
        (0.30, 0.52, 0.20),
        (0.92, 0.45, 0.22),
    )
    for row in range(2):
        for k in range(4):
            x, y, z = 24 - 46 * row, -97.5 + 65 * k, 42 + 22 * row
            trays.append((44, 62, 14, x, y, z))
            paint = Paint(color=kinds[(k + 4 * row) % 8], gloss=0.35, tile_cm=30)
            for i in range(4):
                for j in range(6):
                    size = 4.6 + 0.5 * rng.random()
                    fruit.append(
                        moved(
                            _fruit(paint),
                            x - 15 + 10 * i + rng.uniform(-1, 1),
                            y - 25 + 10 * j + rng.uniform(-1, 1),
                            z + 7 + size * 0.4,
                        )
                    )
    return [
        textured("wood_grain", stand, boxes(Paint(color=(0.72, 0.56, 0.38), tile_cm=100), *trays)),
        textured("smooth", *fruit),
    ]


def _fruit(paint: Paint) -> Mesh:
    return ellipsoid((0, 0, 0), (5.0, 5.0, 4.7), paint, 6, 4)


def _bakery(rng: Rng) -> list[Part]:
    """A counter with baskets of bread."""
    parts = counter(
        280,
        ("wood_grain", Paint(color=(0.62, 0.44, 0.28), tile_cm=130)),
        ("marble", Paint(color=(0.94, 0.92, 0.88), gloss=0.4, tile_cm=180)),
        95,
    )
    loaves = [
        turned(
            rounded(
                (rng.uniform(12, 34), 11, 9), (0, 0, 4.5), Paint(color=c, gloss=0.15, tile_cm=30), 0.3, 10
            ),
            (rng.uniform(-14, 14), y, 95),
            (0, rng.uniform(-30, 30), 0),
        )
        for y, c in zip(
            range(-125, 126, 17),
            ((0.78, 0.52, 0.26), (0.62, 0.38, 0.18), (0.86, 0.64, 0.36)) * 5,
            strict=True,
        )
    ]
    return [*parts, textured("tweed", *loaves)]


def _crates(rng: Rng) -> list[Part]:
    """Stacked cartons of goods."""
    goods: list[Mesh] = []
    for k in range(int(rng.integers(4, 8))):
        layer, place = divmod(k, 2)
        goods += package(
            int(rng.integers(64)),
            (float(rng.uniform(-3, 3)), -24.0 + 48 * place, layer * 32.0),
            (40, 46, 31.5),
            8,
        )
    return [textured("cartons", *goods)]


def _hanging_sign(color: Rgb, cell: int) -> list[Part]:
    """A shop sign on two wires."""
    plate = boxes(Paint(color=color, gloss=0.3), (3, 150, 42, 0, 0, -85))
    wires = [moved(cylinder(0.4, -64, 0, STEEL, 5), 0, y, 0) for y in (-60, 60)]
    faces = [
        picture((1.8, -20, -102), (0, 40, 0), (0, 0, 34), cell, 8),
        picture((-1.8, 20, -102), (0, -40, 0), (0, 0, 34), cell, 8),
    ]
    return [textured("smooth", plate, *wires), textured("products", *faces)]
