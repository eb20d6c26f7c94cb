"""An art gallery."""

import numpy as np

from ..environment import Environment
from ..props.decor import frame
from ..props.fittings import door
from ..props.lamps import exit_sign, track
from ..props.seating import BLACK, bench
from ..shapes.meshes import Mesh, Paint, Part, Rgb, circles, cylinder, ellipsoid, moved, tapered, textured
from ..shapes.shapes import boxes, round_bar, rounded
from .indoor_level import Props, at, level, numbered, on
from .indoor_shell import Hall, Surface, Wall

Rng = np.random.Generator


def sculpture(rng: Rng, kind: int, color: Rgb) -> list[Part]:
    """A work of art on a plinth: a bust, stacked stones, a ring, or a turned vase."""
    paint = Paint(color=color, gloss=0.4, tile_cm=90)
    plinth = boxes(Paint(color=(0.95, 0.95, 0.94)), (48, 48, 96, 0, 0, 48))
    if kind == 0:
        form: list[Mesh] = [
            tapered(circles((96, 14), (102, 11), (112, 8)), paint, 18),
            moved(rounded((22, 46, 24), (0, 0, 0), paint, 0.3), 0, 0, 122),
            ellipsoid((2, 0, 158), (13, 11, 17), paint, 18, 12),
            moved(cylinder(6, 0, 16, paint, 14), 0, 0, 132),
            ellipsoid((14, 0, 156), (3, 2, 4), paint, 8, 6),
        ]
    elif kind == 1:
        form, z = [], 96.0
        for k in range(5):
            r = 22 - 3.2 * k
            form.append(
                ellipsoid(
                    (float(rng.uniform(-3, 3)), float(rng.uniform(-3, 3)), z + r * 0.6),
                    (r * 1.1, r, r * 0.62),
                    paint,
                    16,
                    10,
                )
            )
            z += r * 1.14
    elif kind == 2:
        ring = [
            round_bar(
                (0, 30 * np.cos(a), 132 + 34 * np.sin(a)),
                (0, 30 * np.cos(a + 0.35), 132 + 34 * np.sin(a + 0.35)),
                5,
                paint,
                10,
            )
            for a in np.arange(0, 6.28, 0.35).tolist()
        ]
        form = [*ring, round_bar((0, 0, 96), (0, 0, 102), 6, BLACK)]
    else:
        form = [tapered(circles((96, 8), (108, 20), (130, 24), (148, 12), (158, 9), (166, 14)), paint, 22)]
    return [textured("painted", plinth), textured("marble" if kind < 2 else "smooth", *form)]


def gallery(rng: Rng) -> Environment:
    """A white gallery: big canvases, sculptures, two free walls, track lights, polished concrete."""
    hall = _gallery_hall()
    props = _pictures(hall) | _gallery_things(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-380, 330, 330), (380, 330, 330), (-380, -330, 330), (380, -330, 330)),
        lamp=(0.62, 0.58, 0.50),
        lamp_reach_cm=280,
        sun=(0.0, 0.0, 0.0),
        sky=(0.58, 0.58, 0.60),
        ground=(0.54, 0.53, 0.52),
        exposure=0.80,
    )


def _gallery_hall() -> Hall:
    """White walls, one of them red."""
    white = Surface("painted", (0.96, 0.96, 0.95), 330)
    return Hall(
        half_x=760,
        half_y=560,
        profile=(430,),
        floor=Surface("herringbone", (0.86, 0.76, 0.62), 420, 0.3),
        ceiling=Surface("painted", (0.42, 0.42, 0.43), 500),
        walls={
            "north": Wall(surface=white),
            "south": Wall(surface=white),
            "west": Wall(surface=white),
            "east": Wall(surface=Surface("painted", (0.70, 0.22, 0.18), 330)),
        },
        skirting=(0.80, 0.80, 0.80),
    )


def _pictures(hall: Hall) -> Props:
    """Pictures with labels, on the walls and on two partitions."""
    props: Props = {}
    black: Rgb = (0.08, 0.08, 0.08)
    works = [
        ("north", -560, 160, 120, 4),
        ("north", -270, 200, 200, 0),
        ("north", 80, 120, 160, 10),
        ("north", 330, 150, 110, 6),
        ("north", 590, 90, 120, 3),
        ("south", -590, 140, 180, 8),
        ("south", -330, 110, 110, 5),
        ("south", -80, 220, 150, 13),
        ("south", 240, 130, 170, 2),
        ("south", 520, 170, 120, 11),
        ("east", -340, 130, 160, 9),
        ("east", 0, 240, 180, 12),
        ("east", 350, 120, 150, 15),
        ("west", -320, 150, 200, 14),
        ("west", 300, 200, 140, 1),
    ]
    props |= numbered(
        "Canvas",
        [
            hall.at_wall(
                s, a, frame(w, h, black if k % 3 else (0.75, 0.58, 0.36), c, "artworks", 0), 0.5, 175
            )
            for k, (s, a, w, h, c) in enumerate(works)
        ],
    )
    props |= numbered(
        "Label",
        [
            hall.at_wall(s, a - w / 2 - 24, frame(13, 9, (0.9, 0.9, 0.9), 1, "screens"), 0.3, 130)
            for s, a, w, h, c in works
        ],
    )
    partition = boxes(
        Paint(color=(0.95, 0.95, 0.94), tile_cm=420),
        *((34, 65, 340, 0, y, 170) for y in (-97.5, -32.5, 32.5, 97.5)),
    )
    for k, (x, y) in enumerate(((-420, -210), (440, 240))):
        piece = at([textured("painted", partition)], x, y, 90 if k else 0)
        piece = on(piece, _lifted(frame(130, 150, black, 7 - 3 * k, "artworks"), 17.2, 170))
        props[f"Partition_{k}"] = on(
            piece, _lifted(frame(110, 130, (0.9, 0.9, 0.9), 10 + k, "posters"), 17.2, 170), 0, 0, 180
        )
    return props


def _gallery_things(hall: Hall, rng: Rng) -> Props:
    """Sculptures, benches, lamps and a door."""
    props: Props = {}
    props |= numbered(
        "Sculpture",
        [
            at(sculpture(rng, k % 4, c), x, y, yaw)
            for k, (x, y, yaw, c) in enumerate(
                (
                    (-120, 330, 20, (0.94, 0.93, 0.90)),
                    (560, -120, 120, (0.62, 0.60, 0.58)),
                    (-620, 120, 0, (0.80, 0.55, 0.25)),
                    (190, -370, 90, (0.25, 0.42, 0.55)),
                    (-160, -380, 45, (0.86, 0.84, 0.80)),
                )
            )
        ],
    )
    props |= numbered(
        "Bench",
        [at(bench(190, (0.30, 0.22, 0.16), 46), x, y, yaw) for x, y, yaw in ((40, 210, 90), (330, -190, 0))],
    )
    props |= numbered(
        "Track",
        [hall.at_wall(s, a, track(460, 7), 190, 430) for s in ("north", "south") for a in (-420, 120)]
        + [hall.at_wall(s, 0, track(460, 7), 190, 430) for s in ("east", "west")],
    )
    props["Door"] = hall.at_wall("west", -60, door((0.90, 0.90, 0.89), 130, 240, "painted"), 1)
    props["Exit"] = hall.at_wall("west", -60, exit_sign(), 0, 275)
    return props


def _lifted(parts: list[Part], x: float, z: float) -> list[Part]:
    return [Part(mesh=moved(part.mesh, x, 0, z), texture=part.texture) for part in parts]
