"""Trees for the horizon, in few triangles (cm)."""

import numpy as np

from ..shapes.meshes import Mesh, Paint, Rgb, circles, dimmed, merged, tapered
from ..shapes.organic import flat_pieces, tints
from ..shapes.shapes import tube
from ..unreal_space import Number
from .trees import BARK, leafy


def far_tree(rng: np.random.Generator, height_cm: Number, color: Rgb, *, is_slim: bool = False) -> Mesh:
    """A tree for the horizon, in about 200 triangles."""
    if is_slim:
        return _far_spruce(rng, height_cm, color)
    stem = tube([(0, 0, -20), (0, 0, 0.42 * height_cm)], [0.03 * height_cm, 0.02 * height_cm], BARK, 5)
    centers = np.array([[0.0, 0.0, 0.50], [0.10, 0.05, 0.74], [-0.12, -0.06, 0.64]])
    radii = np.array([[0.30, 0.30, 0.25], [0.21, 0.21, 0.21], [0.19, 0.19, 0.19]])
    shape = rng.uniform(0.9, 1.1, (3, 1)) * height_cm
    crown = leafy(rng, centers * height_cm, radii * shape, color, 40, 0.04 * height_cm, core=0.95, detail=1)
    return merged(stem, *crown)


def _far_spruce(rng: np.random.Generator, height_cm: Number, color: Rgb) -> Mesh:
    """A cone with small flat branches."""
    core, count = Paint(color=dimmed(color, 0.8), gloss=0.02, tile_cm=420), 34
    inner = tapered(circles((-20, 0.13 * height_cm), (0.97 * height_cm, 2)), core, 7)
    share = np.sqrt(rng.uniform(0, 0.97, count))
    angle = rng.uniform(0, 2 * np.pi, count)
    out = np.stack([np.cos(angle), np.sin(angle), np.zeros(count)], axis=1)
    height = (1 - share)[:, None] * height_cm * [0.0, 0.0, 1.0]
    size = 0.044 * height_cm * rng.uniform(0.6, 1.2, (count, 1))
    along = (out * 0.6 + rng.normal(0, 0.3, (count, 3)) + [0, 0, -0.5]) * size
    across = np.cross(out, [0, 0, 1.0]) * size + rng.normal(0, 0.2, (count, 3)) * size
    points = out * (0.15 * height_cm * share)[:, None] + height
    normals = (out + np.array([0, 0, 0.6])) / np.hypot(1, 0.6)
    tint = tints(rng, count, color) * (0.85 + 0.25 * height[:, 2:] / height_cm)
    return merged(inner, flat_pieces(points, along, across, tint, normals=normals))
