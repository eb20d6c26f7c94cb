"""Gear of sports grounds (cm, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    textured,
)
from ..shapes.shapes import box, tube
from ..unreal_space import Number
from .street import STEEL, WHITE


def basketball_hoop() -> list[Part]:
    """A hoop on a post; the board faces +X above x = 0."""
    post = tube(
        [(-110, 0, 0), (-110, 0, 230), (-60, 0, 300), (-4, 0, 315)],
        [9, 8, 7, 6],
        Paint(color=(0.18, 0.20, 0.24), gloss=0.4),
        9,
    )
    board = [
        box((4, 180, 106), (0, 0, 345), WHITE),
        box((4.6, 60, 3), (0, 0, 362), Paint(color=(0.8, 0.15, 0.1))),
        box((4.6, 60, 3), (0, 0, 318), Paint(color=(0.8, 0.15, 0.1))),
    ]
    board += [box((4.6, 3, 46), (0, s * 29, 340), Paint(color=(0.8, 0.15, 0.1))) for s in (-1, 1)]
    rim = tube(
        [(28 + 23 * np.cos(a), 23 * np.sin(a), 305) for a in np.linspace(0, 2 * np.pi, 17)],
        [1.6] * 17,
        Paint(color=(0.92, 0.36, 0.10), gloss=0.4),
        6,
    )
    net = [
        tube(
            [
                (28 + 22 * np.cos(a), 22 * np.sin(a), 304),
                (28 + 13 * np.cos(a + 0.5), 13 * np.sin(a + 0.5), 262),
            ],
            [0.7, 0.7],
            WHITE,
            4,
        )
        for a in np.linspace(0, 2 * np.pi, 11)
    ]
    return [textured("smooth", post, *board, rim, *net)]


def goal() -> list[Part]:
    """A football goal that opens towards +X, with a net."""
    frame = [tube([(0, -366, 0), (0, -366, 244), (0, 366, 244), (0, 366, 0)], [6] * 4, WHITE, 8)]
    frame += [
        tube([(0, s * 366, 240), (-60, s * 366, 236), (-180, s * 366, 2)], [3] * 3, WHITE, 6) for s in (-1, 1)
    ]
    cords = []
    for y in np.linspace(-360, 360, 25):
        cords.append(tube([(0, y, 240), (-60, y, 236), (-178, y, 2)], [0.6] * 3, WHITE, 3))
    for t in np.linspace(0.1, 1, 9):
        x, z = -60 - 118 * t, 236 - 234 * t
        cords.append(box((0.9, 730, 0.9), (x, 0, z), WHITE))
    return [textured("smooth", *frame, *cords)]


def bleachers(length_cm: Number, rows: int = 5, color: Rgb = (0.20, 0.36, 0.62)) -> list[Part]:
    """Rows of seats along Y that rise away from +X."""
    steps, seats = [], []
    for k in range(rows):
        steps.append(
            box(
                (80, length_cm, 40 * (k + 1)),
                (-40 - 80 * k, 0, 20 * (k + 1)),
                Paint(color=(0.72, 0.71, 0.69), tile_cm=300),
            )
        )
        for y in np.arange(-length_cm / 2 + 35, length_cm / 2 - 20, 55).tolist():
            tint = color if (k + int(y // 55)) % 7 else (0.92, 0.92, 0.90)
            seats.append(box((42, 46, 6), (-38 - 80 * k, y, 40 * (k + 1) + 34), Paint(color=tint, gloss=0.3)))
            seats.append(box((6, 46, 36), (-58 - 80 * k, y, 40 * (k + 1) + 48), Paint(color=tint, gloss=0.3)))
            seats.append(box((30, 5, 31), (-40 - 80 * k, y, 40 * (k + 1) + 15.5), STEEL))
    return [textured("concrete", *steps), textured("smooth", *seats)]
