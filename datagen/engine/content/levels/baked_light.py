"""Light that is baked into vertex colours: darkness near other surfaces, pools under lamps, and stains.

Surfaces fill the cells of a grid. Blurred, the grid tells how crowded the space in front of a vertex is.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float, Int

from ..environment import Prop
from ..shapes.meshes import Mesh, Part
from ..unreal_space import Number, Triple, world_from_local

_CELL_CM, _MOST_CELLS = 12.0, 700_000
# Blur in cells, and how much it darkens.
_SCALES = ((1.6, 0.10), (5.0, 0.11))
_DARKEST = 0.45
_MOST_POINTS_PER_TRIANGLE = 400
_MARGIN_CM = 60.0


def baked(
    props: dict[str, Prop],
    *,
    low_cm: Triple,
    high_cm: Triple,
    lamps_cm: Sequence[Triple] = (),
    lamp_reach_cm: Number = 260.0,
    stained: Sequence[str] = (),
) -> dict[str, Prop]:
    """Return props whose vertex colours are darker where other surfaces are near.

    ``low_cm`` and ``high_cm`` are the corners of the space; what is outside keeps its colours. With
    ``lamps_cm`` surfaces are darker far from all of them. The props named in ``stained`` get a tint that
    varies from place to place.
    """
    matrices = [world_from_local(prop.location_cm, (0.0, prop.yaw_deg, 0.0)) for prop in props.values()]
    meshes = [[part.mesh for part in prop.parts] for prop in props.values()]
    flat = [(mesh, matrix) for group, matrix in zip(meshes, matrices, strict=True) for mesh in group]
    points = [mesh.positions @ matrix[:3, :3] + matrix[3, :3] for mesh, matrix in flat]
    positions = np.concatenate(points)
    normals = np.concatenate([mesh.normals @ matrix[:3, :3] for mesh, matrix in flat])
    counts = np.array([len(mesh.positions) for mesh, _ in flat])
    starts = np.cumsum(counts) - counts
    triangles = np.concatenate([mesh.triangles + s for (mesh, _), s in zip(flat, starts, strict=True)])
    low, high = np.array(low_cm) - _MARGIN_CM, np.array(high_cm) + _MARGIN_CM
    inside = np.asarray(((positions > low) & (positions < high)).all(axis=1))
    light = np.ones((len(positions), 3))
    light[inside] *= _openness(positions, normals, triangles, inside, (low, high))[:, None]
    if lamps_cm:
        light[inside] *= _lamp_pools(positions[inside], normals[inside], lamps_cm, lamp_reach_cm)[:, None]
    names = np.repeat(np.arange(len(props)), [sum(len(m.positions) for m in group) for group in meshes])
    is_stained = np.isin(names, [index for index, name in enumerate(props) if name in stained]) & inside
    light[is_stained] *= _stains(positions[is_stained])
    rows = iter(np.split(light, starts[1:]))
    return {
        name: replace(prop, parts=[_lit(part, next(rows)) for part in prop.parts])
        for name, prop in props.items()
    }


def _lit(part: Part, light: Float[np.ndarray, "vertices 3"]) -> Part:
    # What glows keeps its colour.
    glow = np.clip(part.mesh.gloss_glow[:, 1:] * 4, 0, 1)
    mesh: Mesh = replace(part.mesh, colors=np.clip(part.mesh.colors * (light + (1 - light) * glow), 0, 1))
    return replace(part, mesh=mesh)


def _openness(
    positions: Float[np.ndarray, "vertices 3"],
    normals: Float[np.ndarray, "vertices 3"],
    triangles: Int[np.ndarray, "triangles 3"],
    inside: Bool[np.ndarray, "vertices"],
    corners: tuple[np.ndarray, np.ndarray],
) -> Float[np.ndarray, "inside"]:
    """1 where a vertex inside the space is free, towards 0 where surfaces are in front of it."""
    low, high = corners
    cell = max(_CELL_CM, float(np.prod(high - low) / _MOST_CELLS) ** (1 / 3))
    shape = np.ceil((high - low) / cell).astype(int) + 1
    grid = np.zeros(shape)
    points = _surface_points(positions[triangles[inside[triangles].all(axis=1)]], cell)
    grid[tuple(((points - low) / cell).astype(int).T)] = 1.0
    spectrum = np.fft.rfftn(grid)
    ahead, at = normals[inside], positions[inside]
    openness = np.ones(len(at))
    for sigma, strength in _SCALES:
        blurred = np.fft.irfftn(spectrum * _gaussian(shape, sigma), s=tuple(shape), axes=(0, 1, 2))
        seen = _sampled(blurred, (at - low) / cell - 0.5 + 1.5 * sigma * ahead)
        # A plane alone is seen from in front of itself like this.
        plane = np.exp(-0.5 * 1.5**2) / (sigma * np.sqrt(2 * np.pi))
        openness /= 1 + strength * np.maximum(seen - 1.15 * plane, 0.0) / plane
    return np.maximum(openness, _DARKEST)


def _surface_points(corners: Float[np.ndarray, "triangles 3 3"], cell: float) -> Float[np.ndarray, "n 3"]:
    """Points on triangles, about two per cell."""
    edges = corners[:, 1:] - corners[:, :1]
    area = 0.5 * np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1)
    count = np.clip(np.ceil(2 * area / cell**2), 1, _MOST_POINTS_PER_TRIANGLE).astype(int)
    owner = np.arange(len(corners)).repeat(count)
    # The R2 sequence covers the unit square evenly.
    number = np.arange(len(owner)) - (np.cumsum(count) - count).repeat(count) + 0.5
    u, v = (number * 0.7548776662466927) % 1, (number * 0.5698402909980532) % 1
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    return np.asarray(corners[owner, 0] + u[:, None] * edges[owner, 0] + v[:, None] * edges[owner, 1])


def _gaussian(shape: np.ndarray, sigma: float) -> Float[np.ndarray, "x y z"]:
    """The spectrum of a blur of ``sigma`` cells."""
    axes = [np.fft.fftfreq(shape[0]), np.fft.fftfreq(shape[1]), np.fft.rfftfreq(shape[2])]
    x, y, z = (np.exp(-2 * (np.pi * sigma * frequency) ** 2) for frequency in axes)
    return np.asarray(x[:, None, None] * y[:, None] * z)


def _sampled(grid: np.ndarray, places: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n"]:
    """Trilinear interpolation of a grid."""
    places = np.clip(places, 0, np.array(grid.shape) - 1.001)
    first = places.astype(int)
    share = places - first
    total = np.zeros(len(places))
    for corner in np.ndindex(2, 2, 2):
        weight = np.where(corner, share, 1 - share).prod(axis=1)
        total += weight * grid[tuple((first + corner).T)]
    return total


def _lamp_pools(
    positions: np.ndarray, normals: np.ndarray, lamps_cm: Sequence[Triple], reach_cm: Number
) -> Float[np.ndarray, "n"]:
    total = np.zeros(len(positions))
    for lamp in lamps_cm:
        reach = np.array(lamp) - positions
        square = (reach**2).sum(axis=1)
        facing = np.maximum((normals * reach).sum(axis=1) / np.sqrt(square + 1.0), 0.0)
        total += (0.3 + 0.7 * facing) / (1 + square / reach_cm**2)
    bright = np.quantile(total, 0.85)
    return np.asarray(0.80 + 0.20 * np.clip(total / bright, 0, 1))


def _stains(positions: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
    """A slow variation of tint over space, within some percent."""
    rng = np.random.default_rng(11)
    tint = np.ones((len(positions), 3))
    for wavelength_cm, amplitude in ((950.0, 0.035), (410.0, 0.03), (170.0, 0.025), (90.0, 0.02)):
        for _ in range(2):
            direction = rng.standard_normal(3)
            direction *= 2 * np.pi / wavelength_cm / np.linalg.norm(direction)
            wave = np.sin(positions @ direction + rng.uniform(0, 6.28))
            tint *= 1 - amplitude * (0.5 + 0.5 * wave[:, None]) * np.array([1.0, 1.05, 1.2])
    return tint
