"""A museum."""

import itertools

import numpy as np

from ..environment import Environment
from ..props.decor import frame, plant, rug
from ..props.fittings import column, door
from ..props.lamps import chandelier, sconce
from ..props.seating import BRASS, bench
from ..props.tables import vivid
from ..shapes.meshes import Mesh, Paint, Part, Rgb, circles, ellipsoid, moved, tapered, textured
from ..shapes.shapes import boxes, round_bar
from .indoor_culture import sculpture
from .indoor_level import Props, Rng, at, level, numbered
from .indoor_shell import Hall, Opening, Surface, Wall


def rope_stand(length_cm: float) -> list[Part]:
    """Two brass posts with a red rope between them, along Y."""
    posts = [
        moved(tapered(circles((0, 15), (3, 13), (4, 2), (92, 2), (94, 4), (98, 2)), BRASS, 14), 0, y, 0)
        for y in (-length_cm / 2, length_cm / 2)
    ]
    steps = np.linspace(-0.5, 0.5, 9)
    points = [(0.0, float(s * length_cm), float(68 + 60 * s * s * 1.4)) for s in steps]
    rope = [round_bar(a, b, 1.8, Paint(color=(0.55, 0.08, 0.10)), 6) for a, b in itertools.pairwise(points)]
    return [textured("smooth", *posts, *rope)]


def museum(rng: Rng) -> Environment:
    """A museum hall: a vault on columns, green walls with gilt frames, marble floor, glass-topped cases."""
    hall = _museum_hall()
    gold: Rgb = (0.78, 0.60, 0.30)
    props = _paintings(hall, gold) | _exhibits(rng) | _museum_decor(hall, gold, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-330, 0, 420), (330, 0, 420), (0, 380, 300), (0, -380, 300)),
        lamp=(0.70, 0.58, 0.40),
        lamp_reach_cm=320,
        sky=(0.56, 0.57, 0.60),
        ground=(0.52, 0.48, 0.43),
        exposure=0.84,
    )


def _museum_hall() -> Hall:
    """Green walls under a vault, with high windows."""
    green, marble = (
        Surface("painted", (0.30, 0.42, 0.36), 500),
        Surface("marble", (0.92, 0.90, 0.86), 360, 0.3),
    )
    arch = [560 + 170 * np.sin(np.pi * t) for t in np.linspace(0, 1, 11)]
    high = [
        Opening(at_cm=y, width_cm=190, low_cm=330, high_cm=540, bars=(3, 3), frame=(0.85, 0.80, 0.68))
        for y in (-240, 0, 240)
    ]
    wall = Wall(surface=green, dado=Surface("wall_panels", (0.50, 0.36, 0.25), 260), dado_cm=95)
    return Hall(
        half_x=900,
        half_y=520,
        profile=tuple(arch),
        floor=Surface("marble", (0.86, 0.80, 0.72), 420, 0.35),
        ceiling=Surface("worn_plaster", (0.94, 0.90, 0.80), 520),
        walls={
            "north": wall,
            "south": wall,
            "west": Wall(surface=marble, openings=high),
            "east": Wall(surface=marble, openings=high),
        },
        skirting=(0.42, 0.32, 0.24),
    )


def _paintings(hall: Hall, gold: Rgb) -> Props:
    """Large and small paintings."""
    props: Props = {}
    works = [
        (
            s,
            -720 + 240 * k + 30 * (s == "south"),
            (130, 90, 170, 110, 150, 100, 140)[k],
            (100, 120, 130, 140, 110, 130, 170)[k],
            (k * 5 + 2 + 3 * (s == "south")) % 16,
        )
        for s in ("north", "south")
        for k in range(7)
    ]
    props |= numbered(
        "Painting",
        [hall.at_wall(s, a, frame(w, h, gold, c, "artworks", 3), 0.5, 210) for s, a, w, h, c in works],
    )
    props |= numbered(
        "Small",
        [
            hall.at_wall(
                s, a + 118, frame(46, 56, gold, (c * 3 + 1) % 16, "artworks", 2), 0.5, 190 + 40 * (k % 2)
            )
            for k, (s, a, _, _, c) in enumerate(works)
            if k % 7 < 6
        ],
    )
    return props


def _exhibits(rng: Rng) -> Props:
    """Columns, exhibits, ropes and benches."""
    props: Props = {}
    stone = Paint(color=(0.90, 0.86, 0.78), gloss=0.3, tile_cm=260)
    props |= numbered(
        "Column", [at(column(560, 50, "marble", stone, True), x, y) for x in (-640, 640) for y in (-400, 400)]
    )
    for k, (x, y) in enumerate(
        ((-420, 250), (-130, 320), (200, 320), (480, 240), (-420, -260), (160, -330), (480, -250))
    ):
        parts = (
            _showcase(rng, k)
            if k % 2
            else sculpture(
                rng,
                (k // 2) % 4,
                ((0.93, 0.91, 0.86), (0.35, 0.42, 0.38), (0.55, 0.40, 0.26), (0.7, 0.7, 0.7))[k % 4],
            )
        )
        props[f"Exhibit_{k}"] = at(parts, x, y, float(rng.uniform(-20, 20)))
    props |= numbered(
        "Rope",
        [at(rope_stand(230), x, y, yaw) for x, y, yaw in ((-720, 0, 0), (180, 430, 90), (-240, -430, 90))],
    )
    props |= numbered("Bench", [at(bench(200, (0.42, 0.28, 0.18), 50, False), x, 0, 0) for x in (-560, 560)])
    return props


def _museum_decor(hall: Hall, gold: Rgb, rng: Rng) -> Props:
    """Lamps, a portal, a carpet and palms."""
    props: Props = {}
    props |= numbered("Chandelier", [at(chandelier(10, 70, 230), x, 0, 0, 730) for x in (-330, 330)])
    props |= numbered(
        "Sconce",
        [
            hall.at_wall(s, a, sconce(gold), 0, 300)
            for s in ("north", "south")
            for a in (-600, -120, 360, 800)
        ],
    )
    props["Portal"] = hall.at_wall("east", 0, door((0.36, 0.24, 0.16), 170, 265), 1)
    props["Runner"] = at(rug("rug_red", 900, 190), 0, 0, 90)
    props |= numbered(
        "Palm",
        [
            at(plant(rng, 200, gold, s), x, y)
            for s, x, y in (
                ("swords", -830, 450),
                ("broad", -830, -450),
                ("broad", 830, 450),
                ("swords", 830, -450),
            )
        ],
    )
    return props


def _showcase(rng: Rng, kind: int) -> list[Part]:
    """A table case with finds on velvet."""
    case = boxes(
        Paint(color=(0.40, 0.27, 0.18), gloss=0.3, tile_cm=120),
        (90, 130, 6, 0, 0, 83),
        *((6, 6, 80, x, y, 40) for x in (-40, 40) for y in (-60, 60)),
        (92, 3, 12, 0, -64, 88),
        (92, 3, 12, 0, 64, 88),
        (3, 130, 12, -44, 0, 88),
        (3, 130, 12, 44, 0, 88),
    )
    velvet = boxes(
        Paint(color=((0.45, 0.10, 0.12), (0.12, 0.16, 0.32))[kind % 2], tile_cm=60), (84, 124, 1, 0, 0, 86.4)
    )
    finds: list[Mesh] = []
    for x in (-24, 0, 24):
        for y in (-44, -15, 15, 44):
            paint = Paint(color=vivid(rng) if rng.random() < 0.4 else (0.72, 0.58, 0.34), gloss=0.5)
            r = rng.uniform(3, 7)
            shape = (
                ellipsoid((0, 0, r * 0.5), (r, r * 1.2, r * 0.5), paint, 10, 6)
                if rng.random() < 0.5
                else tapered(circles((0, r * 0.5), (r, r * 0.9), (2 * r, r * 0.4)), paint, 10)
            )
            finds.append(moved(shape, x, y, 86.9))
    return [textured("wood_grain", case), textured("tweed", velvet), textured("smooth", *finds)]
