"""Things of a playground (cm, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    Ring,
    cylinder,
    ellipsoid,
    merged,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import box, prism, tube
from .outdoor import PALE_WOOD, WOOD
from .street import STEEL


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
