"""What is on the front of clothes: zips, buttons, ties and strings."""

from collections.abc import Sequence

import numpy as np

from ..shapes.implicit import Field
from ..shapes.meshes import Mesh, Paint, Rgb, dimmed, ellipsoid
from ..shapes.tubes import smooth_tube
from ..unreal_space import Number, Triple
from .body_shape import BodyShape
from .cuts import TOPS, TUCKED, WAIST, Outfit
from .layers import Layer, soft_layer

_ZIPS, _BUTTONS = ("jacket", "hoodie"), ("shirt", "polo", "coat")
_STEP_CM = 4.0


def trims(shape: BodyShape, outfit: Outfit, garments: Sequence[Field]) -> list[Layer]:
    """The trims of an outfit; ``garments`` are its fields, the top first."""
    meshes: list[Mesh] = []
    top = TOPS[outfit.top]
    low = shape.torso_z_cm(0.34 if top.hem > TUCKED else max(float(top.hem), -0.05) + 0.06)
    high = shape.neck_cm + float(top.collar_cm) - 2.0
    if outfit.top in _ZIPS and not (top.hood and sum(outfit.top_color) < 1.0):
        paint = Paint(color=dimmed(outfit.top_color, 0.45), gloss=0.5)
        line = [(x + 0.25, y, z) for x, y, z in front_line(garments[0], low, high, step_cm=2.5)]
        meshes.append(smooth_tube(line, np.full(len(line), 0.45), paint, 5))
    if outfit.top in _BUTTONS:
        paint = Paint(color=_contrast(outfit.top_color), gloss=0.5)
        stop = low + 0.65 * (high - low) if outfit.top == "polo" else low
        places = front_line(garments[0], stop, high - 1.0, step_cm=7.5)
        meshes += [ellipsoid((x + 0.05, y, z), (0.35, 0.65, 0.65), paint, 8, 4) for x, y, z in places]
    if top.hood:
        for sign in (-1, 1):
            line = front_line(garments[0], shape.torso_z_cm(0.74), shape.neck_cm - 1, y_cm=sign * 2.6)
            meshes.append(
                smooth_tube(line, np.full(len(line), 0.35), Paint(color=_contrast(outfit.top_color)), 5)
            )
    if top.hem > TUCKED:
        is_belt = outfit.bottom in ("trousers", "jeans", "shorts")
        color = (0.22, 0.14, 0.09) if is_belt else dimmed(outfit.bottom_color, 0.8)
        around = _ring(garments[-1], shape.torso_z_cm(WAIST) - 0.6)
        meshes.append(smooth_tube(around, np.full(len(around), 1.5), Paint(color=color, gloss=0.3), 6))
    if outfit.tie_color is not None and top.gap_cm:
        line = [
            (x - 0.6, y, z) for x, y, z in front_line(garments[1], shape.torso_z_cm(0.3), shape.neck_cm + 0.5)
        ]
        radii = np.interp(np.arange(len(line)), [0, 1, len(line) - 2, len(line) - 1], [0.8, 2.3, 1.3, 1.7])
        meshes.append(smooth_tube(line, radii, Paint(color=outfit.tie_color, gloss=0.3), 8))
    return [soft_layer(shape, "smooth", *meshes)] if meshes else []


def front_line(
    garment: Field, low_cm: Number, high_cm: Number, *, y_cm: Number = 0.0, step_cm: Number = _STEP_CM
) -> list[Triple]:
    """Points on the front of a garment, from below."""
    x, line = np.linspace(0.0, 40.0, 161), []
    for z in np.arange(float(low_cm), float(high_cm), float(step_cm)).tolist():
        points = np.stack([x, np.full_like(x, y_cm), np.full_like(x, z)], axis=1)
        inside = np.flatnonzero(garment(points) < 0)
        if len(inside):
            line.append((float(x[inside[-1]]), float(y_cm), z))
    return line


def _ring(garment: Field, z_cm: Number) -> list[Triple]:
    """Points a little below the surface of a garment at a height, once around it."""
    reach, ring = np.linspace(2.0, 45.0, 216), []
    for angle in np.linspace(-np.pi, np.pi, 22).tolist():
        way = np.array([np.cos(angle), np.sin(angle)])
        points = np.column_stack([reach[:, None] * way, np.full_like(reach, z_cm)])
        inside = np.flatnonzero(garment(points) < 0)
        x, y = ((reach[inside[-1]] if len(inside) else 10.0) - 0.9) * way
        ring.append((float(x), float(y), float(z_cm)))
    return ring


def _contrast(color: Rgb) -> Rgb:
    return dimmed(color, 0.55) if sum(color) > 1.3 else (0.85, 0.85, 0.83)
