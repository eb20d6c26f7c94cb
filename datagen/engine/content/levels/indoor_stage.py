"""A theatre's stage."""

from ..environment import Environment
from ..props.decor import frame
from ..props.fittings import curtain, door
from ..props.lamps import exit_sign, sconce
from ..props.machines import piano, spot_batten
from ..props.seating import BLACK, ChairStyle, chair, theatre_seats
from ..shapes.meshes import Paint, Part, Rgb, cylinder, moved, textured, turned
from ..shapes.shapes import boxes, round_bar
from .indoor_level import Props, Rng, at, level, numbered
from .indoor_shell import Hall, Surface, Wall


def stage(rng: Rng) -> Environment:
    """A theatre's stage seen from both sides: boards, red curtains, scenery, lantern pipes, rows of seats."""
    hall = _hall()
    red: Rgb = (0.58, 0.08, 0.09)
    props = _house() | _scenery(hall, red) | _equipment(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((60, -200, 440), (260, 220, 440), (620, 0, 420), (-700, 0, 430)),
        lamp=(1.9, 1.6, 1.25),
        lamp_reach_cm=360,
        sun=(0.0, 0.0, 0.0),
        sky=(0.62, 0.58, 0.58),
        ground=(0.56, 0.48, 0.44),
        exposure=0.96,
    )


def _hall() -> Hall:
    """A black stage in a red house."""
    dark = Surface("painted", (0.20, 0.19, 0.21), 480)
    red_wall = Surface("damask", (0.50, 0.17, 0.16), 220)
    return Hall(
        half_x=1100,
        half_y=640,
        profile=(620,),
        floor=Surface("oak_floor", (0.60, 0.45, 0.33), 330, 0.2),
        ceiling=Surface("painted", (0.16, 0.15, 0.16), 500),
        walls={
            "east": Wall(surface=dark),
            "west": Wall(surface=red_wall, dado=Surface("wall_panels", (0.40, 0.27, 0.18), 240)),
            "north": Wall(surface=red_wall, dado=Surface("wall_panels", (0.40, 0.27, 0.18), 240)),
            "south": Wall(surface=red_wall, dado=Surface("wall_panels", (0.40, 0.27, 0.18), 240)),
        },
        skirting=None,
    )


def _house() -> Props:
    """Seats and the arch."""
    props: Props = {}
    seats = [
        at(theatre_seats(n, (0.55, 0.12, 0.13)), -640 - 105 * row, y, 0)
        for row in range(4)
        for n, y in ((7, -290), (7, 290))
    ]
    props |= numbered("Seats", seats)
    gold = Paint(color=(0.72, 0.55, 0.28), gloss=0.4, tile_cm=160)
    posts = boxes(
        gold,
        *((60, 70, 80, 0, s * 600, 40 + 80 * k) for s in (-1, 1) for k in range(7)),
        *((60, 160, 70, 0, -480 + 160 * k, 560) for k in range(7)),
    )
    props["Arch"] = at([textured("worn_plaster", posts)], -330, 0)
    return props


def _scenery(hall: Hall, red: Rgb) -> Props:
    """Curtains, a backdrop, trees, a piano and chairs."""
    props: Props = {}
    props |= numbered("Curtain", [at(curtain(200, 520, red, "fabric"), -270, s * 470, 180) for s in (-1, 1)])
    props["Pelmet"] = at(curtain(1130, 95, red, "fabric"), -268, 0, 180, 430)
    props |= numbered(
        "Leg",
        [
            at(curtain(150, 540, (0.20, 0.20, 0.25), "tweed"), x, s * 545, 180)
            for x in (120, 480, 820)
            for s in (-1, 1)
        ],
    )
    props["Backdrop"] = hall.at_wall(
        "east",
        0,
        [
            part
            for cell, y in ((1, -270), (7, 0), (13, 270))
            for part in _lifted_y(frame(262, 330, (0.25, 0.18, 0.12), cell, "artworks"), y)
        ],
        60,
        172,
    )
    props |= numbered(
        "Tree",
        [
            at(_flat_tree(c), x, y, 180 + t)
            for x, y, t, c in (
                (860, -330, 12, (0.25, 0.45, 0.28)),
                (900, 350, -10, (0.32, 0.50, 0.26)),
                (640, -440, 20, (0.55, 0.50, 0.22)),
            )
        ],
    )
    props["Rostrum"] = at(_steps(), 720, 330, 200)
    props["Piano"] = at(piano(), 480, -390, 60)
    props |= numbered(
        "Chair",
        [
            at(chair(ChairStyle(wood=(0.30, 0.19, 0.12), seat=red, back="spindles", height_cm=94)), x, y, t)
            for x, y, t in ((430, 380, -140), (560, 440, -100), (-60, 440, 210))
        ],
    )
    return props


def _equipment(hall: Hall, rng: Rng) -> Props:
    """Lamps, cases, doors and marks on the boards."""
    props: Props = {}
    lights: tuple[Rgb, ...] = ((1.0, 0.85, 0.6), (0.5, 0.7, 1.0), (1.0, 0.55, 0.5), (1.0, 0.95, 0.85))
    props |= numbered(
        "Batten",
        [
            at(spot_batten(980, drop, lights[k:] + lights[:k]), x, 0, 0, 620)
            for k, (x, drop) in enumerate(((-120, 130), (220, 110), (600, 120)))
        ],
    )
    props |= numbered(
        "Case",
        [at(_flight_case(rng), x, y, t) for x, y, t in ((260, 450, 15), (330, -470, 70), (960, 60, 5))],
    )
    props |= numbered(
        "Sconce",
        [
            hall.at_wall(s, a, sconce((0.72, 0.55, 0.28)), 0, 250)
            for s, signs in (("north", 1), ("south", -1))
            for a in (signs * -980 + 0, signs * -620)
        ],
    )
    props |= numbered("Exit", [hall.at_wall("west", a, exit_sign(), 0, 245) for a in (-460, 460)])
    props |= numbered(
        "Door", [hall.at_wall("west", a, door((0.38, 0.25, 0.17), 130, 225), 1) for a in (-460, 460)]
    )
    marks = boxes(
        Paint(color=(0.92, 0.88, 0.40)),
        *((18, 2.5, 0.4, x, y, 0.2) for x, y in ((60, 120), (260, -140), (420, 60))),
        *((2.5, 18, 0.35, x, y, 0.2) for x, y in ((60, 120), (260, -140), (420, 60))),
    )
    props["Marks"] = at([textured("smooth", marks)], 0, 0)
    return props


def _lifted_y(parts: list[Part], y: float) -> list[Part]:
    return [Part(mesh=moved(part.mesh, 0, y, 0), texture=part.texture) for part in parts]


def _flat_tree(color: Rgb) -> list[Part]:
    """A painted wooden tree with a brace behind it."""
    trunk = boxes(
        Paint(color=(0.40, 0.28, 0.18), tile_cm=90),
        (4, 26, 190, 0, 0, 95),
        (90, 4, 4, -45, 0, 2),
        (4, 40, 8, 0, 0, 4),
    )
    crown = [
        turned(cylinder(r, -2, 2, Paint(color=color, tile_cm=110), 20), (0.4 * k, y, z), (90, 0, 0))
        for k, (y, z, r) in enumerate(((0, 250, 75), (-48, 205, 52), (50, 210, 50)))
    ]
    brace = round_bar((-88, 0, 2), (-2, 0, 150), 2, Paint(color=(0.6, 0.48, 0.32)))
    return [textured("wood_grain", trunk, brace), textured("worn_plaster", *crown)]


def _steps() -> list[Part]:
    """Three wide steps of painted wood."""
    paint = Paint(color=(0.24, 0.25, 0.28), tile_cm=140)
    return [
        textured(
            "wood_grain",
            boxes(paint, *((60, 200, 20 * (k + 1), 60 - 60 * k, 0, 10 * (k + 1)) for k in range(3))),
        )
    ]


def _flight_case(rng: Rng) -> list[Part]:
    """A black case with metal edges on castors."""
    h = float(rng.uniform(60, 95))
    body = boxes(Paint(color=(0.12, 0.12, 0.13), gloss=0.2, tile_cm=80), (60, 100, h, 0, 0, h / 2 + 10))
    edges = boxes(
        Paint(color=(0.75, 0.76, 0.78), gloss=0.7),
        *((4, 4, h + 2, x, y, h / 2 + 10) for x in (-30, 30) for y in (-50, 50)),
        *((62, 102, 3, 0, 0, z) for z in (10, h * 0.7 + 10)),
    )
    wheels = boxes(BLACK, *((8, 8, 9, x, y, 4.5) for x in (-24, 24) for y in (-42, 42)))
    return [textured("tweed", body), textured("smooth", edges, wheels)]
