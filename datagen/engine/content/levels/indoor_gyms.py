"""A fitness room."""

import numpy as np

from ..environment import Environment
from ..props.decor import bin_, clock, frame, plant
from ..props.fittings import door, duct
from ..props.gym_machines import (
    ball,
    dumbbell_rack,
    exercise_bike,
    mat,
    punching_bag,
    squat_rack,
    treadmill,
    turf_lane,
    wall_bars,
    weight_bench,
)
from ..props.lamps import light_panel
from ..props.shelves import lockers
from ..shapes.meshes import Paint, Part, textured
from ..shapes.shapes import boxes
from ..unreal_space import Number
from .indoor_level import Props, at, level, numbered
from .indoor_shell import Hall, Opening, Surface, Wall

Rng = np.random.Generator


def gym_fitness(rng: Rng) -> Environment:
    """A fitness room: rubber floor, machines along the walls, weights, yellow wall with big posters."""
    hall = _fitness_hall()
    props = _machines(hall, rng) | _fitness_walls(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-420, -20, 320), (0, -200, 320), (0, 200, 320), (420, -20, 320)),
        lamp=(0.62, 0.63, 0.64),
        sky=(0.60, 0.61, 0.64),
        ground=(0.50, 0.50, 0.50),
        exposure=0.86,
    )


def _fitness_hall() -> Hall:
    """Grey walls, one of them yellow, and a band of windows."""
    grey, yellow = (
        Surface("concrete_cast", (0.72, 0.72, 0.73), 400),
        Surface("painted", (0.90, 0.72, 0.14), 460),
    )
    strip = [
        Opening(
            at_cm=-460 + 230 * k, width_cm=190, low_cm=60, high_cm=280, bars=(1, 2), frame=(0.14, 0.14, 0.15)
        )
        for k in range(5)
    ]
    return Hall(
        half_x=680,
        half_y=520,
        profile=(380,),
        floor=Surface("rubber", (0.92, 0.92, 0.95), 330, 0.06),
        ceiling=Surface("painted", (0.24, 0.25, 0.27), 500),
        walls={
            "north": Wall(surface=grey, openings=strip),
            "south": Wall(surface=yellow),
            "west": Wall(surface=grey),
            "east": Wall(surface=Surface("old_brick", (0.92, 0.90, 0.88), 640)),
        },
        skirting=(0.10, 0.10, 0.11),
    )


def _pier(height_cm: Number) -> list[Part]:
    """A pier of the brick wall, painted yellow at its foot."""
    brick = boxes(Paint(color=(0.92, 0.90, 0.88), tile_cm=640), (48, 46, height_cm, 0, 0, height_cm / 2))
    foot = boxes(Paint(color=(0.86, 0.68, 0.13), gloss=0.2, tile_cm=300), (50, 48, 70, 0, 0, 35))
    return [textured("old_brick", brick), textured("painted", foot)]


def _machines(hall: Hall, rng: Rng) -> Props:
    """Treadmills, bikes, weights, bags and mats."""
    props: Props = {"Lane": at(turf_lane(1040, 210), -40, -50)}
    props |= numbered("Treadmill", [at(treadmill(2 + 3 * k), -520 + 120 * k, 385, 90) for k in range(4)])
    props |= numbered(
        "Bike",
        [
            at(
                exercise_bike(((0.80, 0.20, 0.15), (0.85, 0.70, 0.10))[k % 2]),
                x,
                390,
                80 + rng.uniform(-8, 8),
            )
            for k, x in enumerate((40, 130, 220, 310))
        ],
    )
    props |= numbered("Dumbbells", [hall.at_wall("south", a, dumbbell_rack(230), 40) for a in (-250, 10)])
    props |= numbered(
        "Bench",
        [
            at(weight_bench(c), x, y, yaw)
            for x, y, yaw, c in ((470, -130, 180, (0.12, 0.12, 0.13)), (470, 150, 180, (0.62, 0.12, 0.10)))
        ],
    )
    props |= numbered(
        "Rack",
        [
            hall.at_wall("west", a, squat_rack(c), 90)
            for a, c in ((-260, (0.78, 0.16, 0.12)), (30, (0.14, 0.15, 0.17)))
        ],
    )
    props |= numbered("Bag", [at(punching_bag(95), x, -420, 0, 380) for x in (390, 520)])
    props |= numbered(
        "Mat",
        [
            at(mat(c), x, y, yaw)
            for x, y, yaw, c in (
                (-330, -330, 80, (0.20, 0.45, 0.60)),
                (-330, -240, 95, (0.62, 0.25, 0.40)),
                (150, -260, 20, (0.25, 0.50, 0.35)),
            )
        ],
    )
    props |= numbered(
        "Ball",
        [
            at(ball(r, c), x, y)
            for r, x, y, c in (
                (33, -560, -430, (0.20, 0.50, 0.70)),
                (28, -500, -470, (0.80, 0.30, 0.25)),
                (38, 290, -440, (0.55, 0.60, 0.62)),
            )
        ],
    )
    return props


def _fitness_walls(hall: Hall, rng: Rng) -> Props:
    """Posters, bars, lockers, lamps, ducts and plants."""
    props: Props = {}
    props |= numbered(
        "Poster",
        [
            hall.at_wall("south", a, frame(w, w * 1.3, (0.10, 0.10, 0.10), c, "posters"), 0.5, 235)
            for a, w, c in ((-480, 120, 8), (-290, 130, 0), (-60, 150, 13), (180, 120, 5), (400, 130, 11))
        ],
    )
    props |= numbered("Bars", [hall.at_wall("east", a, wall_bars(150, 260)) for a in (-320, -120)])
    props |= numbered(
        "Pier", [hall.at_wall("east", a, _pier(hall.height), 24) for a in (-445, -220, 20, 352)]
    )
    props["Lockers"] = hall.at_wall("east", 220, lockers(7, ((0.25, 0.27, 0.30), (0.85, 0.70, 0.10))), 26)
    props["Door"] = hall.at_wall("east", 430, door((0.16, 0.17, 0.19), texture="metal", has_glass=True), 1)
    props["Clock"] = hall.at_wall("west", -120, clock(26, 7.3), 0, 290)
    props |= numbered(
        "Tube",
        [
            at(light_panel(300, 18, drop_cm=60), x, y, 90 * (k % 2), 380)
            for k, (x, y) in enumerate(
                ((-420, -220), (-420, 180), (0, -220), (0, 180), (420, -220), (420, 180))
            )
        ],
    )
    props |= numbered("Duct", [at(duct(1340, 24), 0, y, 90, 380) for y in (-10, 460)])
    props |= numbered(
        "Plant",
        [at(plant(rng, 160, (0.15, 0.15, 0.16), "swords"), x, y) for x, y in ((-620, 460), (430, 440))],
    )
    props["Bin"] = at(bin_((0.2, 0.2, 0.22), 55), 600, 440)
    return props
