"""A photo studio outdoors in pastel colours."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.places import arch_panel
from ..props.toys import TOY
from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    dimmed,
    ellipsoid,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.organic import lump
from ..shapes.shapes import box, tube
from ..shapes.weathering import weathered
from ..unreal_space import Number
from .grounds import PLAIN
from .outdoor_light import light
from .plants import fallen
from .site import Site

PINK, MINT, SKY, CREAM, PEACH = (
    (0.90, 0.58, 0.63),
    (0.52, 0.77, 0.68),
    (0.50, 0.65, 0.90),
    (0.93, 0.84, 0.66),
    (0.94, 0.64, 0.47),
)


def pastel_studio(rng: np.random.Generator) -> Environment:
    """A photo studio outdoors: curved pastel walls, arches, steps, balls, plinths and paper flowers."""
    site = Site(rng, (480, 330))
    _walls(site, rng)
    _balls(site, rng)
    _plinths(site, rng)
    _paper_flowers(site)
    _floor(site, rng)
    return site.level(light("pastel", shadow_radius_cm=2000))


def _walls(site: Site, rng: np.random.Generator) -> None:
    """A ring of walls, arches and steps."""
    for k in range(24):
        a = 2 * np.pi * (k + 0.5) / 24
        color = (PINK, CREAM, MINT, SKY, PEACH)[k % 5]
        wall = box(
            (60, 400, 520 + 160 * (k % 3)),
            (0, 0, 260 + 80 * (k % 3)),
            Paint(color=color, gloss=0.06, tile_cm=600),
        )
        site.add(
            "Wall",
            weathered([textured("stucco", wall)], rng, amount=0.08),
            1480 * np.cos(a),
            1480 * np.sin(a),
            np.degrees(a),
        )
    for a_deg, color, width in ((35, MINT, 230), (150, PEACH, 260), (265, SKY, 240), (320, CREAM, 200)):
        a = np.radians(a_deg)
        site.add("Arch", studio_arch(color, width), 1050 * np.cos(a), 1050 * np.sin(a), a_deg + 180)
    for a_deg, color in ((80, PINK), (205, MINT)):
        a = np.radians(a_deg)
        steps = [
            box(
                (80, 420, 40 * (k + 1)),
                (-80 * k, 0, 20 * (k + 1)),
                Paint(color=dimmed(color, 1 - 0.05 * k), tile_cm=400),
            )
            for k in range(5)
        ]
        site.add("Steps", [textured("stucco", *steps)], 900 * np.cos(a), 900 * np.sin(a), a_deg + 180)


def _balls(site: Site, rng: np.random.Generator) -> None:
    """Balls."""
    for index, (x, y, r) in enumerate(
        (
            (620, 420, 70),
            (-640, 300, 95),
            (700, -460, 55),
            (-520, -560, 80),
            (120, 640, 45),
            (-150, -680, 60),
            (820, 60, 48),
        )
    ):
        color = (PEACH, SKY, MINT, PINK, CREAM)[index % 5]
        ball = lump(
            rng,
            (0, 0, r),
            (r, r, r),
            Paint(color=color, gloss=0.35, tile_cm=200),
            rough=0.0,
            detail=4,
            shade=0.15,
        )
        site.add("Ball", [textured("smooth", ball)], x, y)


def _plinths(site: Site, rng: np.random.Generator) -> None:
    """Plinths."""
    for index, (x, y, h) in enumerate(
        ((560, 620, 90), (-820, -250, 130), (330, -640, 70), (-330, 680, 110), (900, 350, 150))
    ):
        color = (CREAM, MINT, PEACH, SKY, PINK)[index % 5]
        site.add(
            "Plinth",
            [
                textured("stucco", cylinder(46, 0, h, Paint(color=color, tile_cm=300), 24)),
                textured("fabric", *studio_top(rng, index, h)),
            ],
            x,
            y,
        )


def _paper_flowers(site: Site) -> None:
    """Paper flowers."""
    for index, (x, y) in enumerate(((-700, 620), (760, -700), (-900, 80), (480, -720))):
        petals = [
            turned(
                moved(
                    ellipsoid(
                        (52, 0, 0),
                        (46, 26, 5),
                        Paint(color=(PINK, PEACH, SKY, CREAM)[index], tile_cm=90),
                        10,
                        6,
                    ),
                    0,
                    0,
                    0,
                ),
                (0, 0, 205),
                (24, 45 * k, 0),
            )
            for k in range(8)
        ]
        stem = tube([(0, 0, 0), (8, 4, 100), (0, 0, 200)], [5, 4, 4], Paint(color=(0.56, 0.76, 0.58)), 8)
        site.add(
            "PaperFlower",
            [
                textured(
                    "fabric",
                    *petals,
                    ellipsoid((0, 0, 208), (26, 26, 12), Paint(color=(0.99, 0.88, 0.52)), 12, 7),
                ),
                textured("smooth", stem),
            ],
            x,
            y,
        )


def _floor(site: Site, rng: np.random.Generator) -> None:
    """The floor with discs, stripes and confetti."""
    site.terrain(replace(PLAIN, color=(0.94, 0.84, 0.80), other=(0.90, 0.80, 0.80), tile_cm=700))
    for index, (x, y, r, color) in enumerate(
        (
            (0, 0, 560, CREAM),
            (-250, 140, 300, PINK),
            (330, -120, 240, MINT),
            (120, 260, 170, SKY),
            (-380, -260, 150, PEACH),
        )
    ):
        site.disc(
            "Disc",
            replace(PLAIN, color=color, other=dimmed(color, 0.95), tile_cm=520),
            x,
            y,
            r,
            0.4 + 0.25 * index,
        )
    for k in range(7):
        site.path(
            "Stripe",
            replace(PLAIN, color=(PINK, MINT, SKY, PEACH)[k % 4], other=dimmed(SKY, 0.96)),
            [(-900 + 40 * k, -800 + 260 * k), (0, -700 + 230 * k), (950, -820 + 270 * k)],
            26,
            1.8,
            rough=0.2,
        )
    confetti = rng.uniform((-1000, -900), (1000, 900), (620, 2))
    site.add(
        "Confetti",
        fallen(rng, confetti, 5.5, (PINK, MINT, SKY, PEACH, (0.98, 0.90, 0.60), (0.86, 0.60, 0.66))),
        is_ground=True,
    )


def studio_arch(color: Rgb, width: Number) -> list[Part]:
    """A block with a round opening towards +X."""

    paint = Paint(color=color, gloss=0.08, tile_cm=420)
    posts = [box((90, 70, 260), (0, s * (width / 2 + 35), 130), paint) for s in (-1, 1)]
    caps = [box((90, 70, 190), (0, s * (width / 2 + 35), 355), paint) for s in (-1, 1)]
    return [textured("stucco", arch_panel(width, 260, 450, paint, 90, steps=16), *posts, *caps)]


def studio_top(rng: np.random.Generator, index: int, height: Number) -> list[Mesh]:
    """What stands on a plinth: a cone, a ring, a stack or a ball."""
    paint = Paint(color=TOY[index % 6], gloss=0.3, tile_cm=90)
    if index % 3 == 0:
        return [tapered(circles((height, 34), (height + 80, 2)), paint, 20)]
    if index % 3 == 1:
        ring = [(0, 32 * np.cos(a), height + 42 + 32 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 25)]
        return [tube(ring, [10] * 25, paint, 10)]
    return [
        lump(rng, (0, 0, height + 28), (28, 28, 28), paint, rough=0, detail=3, shade=0.1),
        lump(
            rng,
            (0, 0, height + 70),
            (17, 17, 17),
            Paint(color=TOY[(index + 2) % 6], gloss=0.3),
            rough=0,
            detail=3,
            shade=0.1,
        ),
    ]
