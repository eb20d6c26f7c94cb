"""A level under construction: props, the darkness around their feet, and the ground, which is made last."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ..environment import Environment, Lighting, Prop
from ..noise import SmoothNoise, smooth_step
from ..shapes.meshes import Paint, Part, Rgb, grid_triangles
from ..shapes.shapes import mesh_of
from ..unreal_space import Number, rotation_rows
from .distinct import varied

Flat = Float[np.ndarray, "points 2"]
Heights = Callable[[Flat], Float[np.ndarray, "points"]]
# The ground is darkened within about this distance of what stands on it.
_DARK_CM, _DARKNESS = 70.0, 0.40
_LOW_CM, _CROWN_CM = 120.0, 200.0
WORLD_CM = 42000.0
_NEAR_CM, _TWIST = 2400.0, 0.031


@dataclass(frozen=True, kw_only=True)
class Ground:
    """How ground looks: its texture, and two tints that alternate in patches of about ``patch_cm``.

    ``warp`` bends the texture by so many tiles, so that no two tiles look the same.
    """

    texture: str
    color: Rgb
    other: Rgb
    tile_cm: Number = 900.0
    patch_cm: Number = 450.0
    warp: Number = 0.22
    gloss: Number = 0.03


@dataclass(frozen=True)
class _Footprint:
    """Where a prop stands: a turned rectangle; ``crown_cm`` is the radius of what is above it."""

    center: np.ndarray
    axes: np.ndarray
    half: np.ndarray
    crown_cm: Number

    def distances_cm(self, points: Flat) -> Float[np.ndarray, "points"]:
        beyond = np.abs((points - self.center) @ self.axes.T) - self.half
        return np.linalg.norm(np.maximum(beyond, 0.0), axis=1)


class Site:
    """Collects the props of a level. Things stand outside of the rectangle ``free_cm``, where actors act."""

    def __init__(self, rng: np.random.Generator, free_cm: tuple[Number, Number]) -> None:
        self.rng, self._free_cm = rng, np.array(free_cm, dtype=np.float64)
        self._props: dict[str, Prop] = {}
        self._grounds: set[str] = set()
        self._prints: list[_Footprint] = []
        self._counts: dict[str, int] = {}
        self._shade = SmoothNoise.of(rng, 250.0)

    def add(
        self, kind: str, parts: list[Part], x: Number = 0.0, y: Number = 0.0, yaw_deg: Number = 0.0,
        *, z: Number = 0.0, is_ground: bool = False,
    ) -> None:  # fmt: skip
        """Place a prop; its name is its kind and a number."""
        number = self._counts.get(kind, 0)
        self._counts[kind] = number + 1
        self._props[f"{kind}_{number}"] = Prop(parts, (float(x), float(y), float(z)), float(yaw_deg))
        if is_ground:
            self._grounds.add(f"{kind}_{number}")
        else:
            self._prints.append(_footprint(parts, x, y, yaw_deg, z))

    def is_free(self, points: Flat, gap_cm: Number) -> Bool[np.ndarray, "points"]:
        """Whether points are outside of where actors act, and so far from everything that stands."""
        free = (np.abs(points) > self._free_cm + gap_cm).any(axis=1)
        for one in self._prints:
            free &= one.distances_cm(points) > gap_cm
        return free

    def scattered(
        self, count: int, low: tuple[Number, Number], high: tuple[Number, Number], *, gap_cm: Number = 30.0
    ) -> Flat:
        """Up to ``count`` random free points of a rectangle."""
        points = self.rng.uniform(low, high, (count, 2))
        return points[self.is_free(points, gap_cm)]

    def around(self, count: int, nearest_cm: Number, farthest_cm: Number, *, gap_cm: Number = 200.0) -> Flat:
        """Up to ``count`` free points of a ring."""
        angle = self.rng.uniform(0, 2 * np.pi, count)
        radius = self.rng.uniform(nearest_cm, farthest_cm, count)
        points = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
        return points[self.is_free(points, gap_cm)]

    def brightness(self, points: Flat) -> Float[np.ndarray, "points"]:
        """How much light reaches the ground between the things that stand on it."""
        light = np.ones(len(points))
        for one in self._prints:
            if one.half.max() > 0:
                light *= 1 - _DARKNESS * np.exp(-one.distances_cm(points) / _DARK_CM)
            if one.crown_cm:
                away = np.linalg.norm(points - one.center, axis=1) / one.crown_cm
                light *= 1 - 0.22 * (1 - smooth_step(0.3, 1.3, away))
        return light

    def terrain(self, look: Ground, heights: Heights | None = None, *, below_cm: Number = 0.0) -> None:
        """Add the ground to the horizon. ``heights`` are 0 near the origin; it is ``below_cm`` lower."""
        radii = np.concatenate([np.linspace(0, _NEAR_CM, 31)[1:], np.geomspace(2650, WORLD_CM, 17)])
        turn = np.linspace(0, 2 * np.pi, 73)
        r, angle = np.meshgrid(np.concatenate([[0.0], radii]), turn, indexing="ij")
        # No edge lies on an axis, where actors walk: a ray through an edge can miss both triangles.
        angle = angle + _TWIST * (r <= _NEAR_CM)
        flat = np.stack([r.ravel() * np.cos(angle.ravel()), r.ravel() * np.sin(angle.ravel())], axis=1)
        triangles = grid_triangles(len(radii), 72)[:, [0, 2, 1]]
        z = (heights(flat) if heights else np.zeros(len(flat))) - below_cm
        self.surface("Ground", look, flat, triangles, z)

    def rectangle(
        self,
        kind: str,
        look: Ground,
        low: tuple[Number, Number],
        high: tuple[Number, Number],
        z: Number = 0.0,
        *,
        cell_cm: Number = 90.0,
    ) -> None:
        """Add a flat rectangle of ground."""
        xs, ys = (_spaced(a, b, cell_cm) for a, b in zip(low, high, strict=True))
        y, x = np.meshgrid(ys, xs, indexing="ij")
        flat = np.stack([x.ravel(), y.ravel()], axis=1)
        self.surface(kind, look, flat, grid_triangles(len(ys) - 1, len(xs) - 1), np.full(len(flat), z))

    def disc(
        self,
        kind: str,
        look: Ground,
        x: Number,
        y: Number,
        radius: Number,
        z: Number = 0.0,
        *,
        rough: Number = 0.0,
    ) -> None:
        """Add a flat disc of ground; ``rough`` varies its outline."""
        rings = max(3, int(radius / 70))
        r, angle = np.meshgrid(np.linspace(0, 1, rings + 1), np.linspace(0, 2 * np.pi, 49), indexing="ij")
        waves = self.rng.uniform(0, 6.28, 5)
        r = r * radius * (1 + rough * sum(np.sin((k + 2) * angle + p) / (k + 1) for k, p in enumerate(waves)))
        flat = np.stack([x + (r * np.cos(angle)).ravel(), y + (r * np.sin(angle)).ravel()], axis=1)
        self.surface(kind, look, flat, grid_triangles(rings, 48)[:, [0, 2, 1]], np.full(len(flat), z))

    def path(
        self, kind: str, look: Ground, line: Sequence[tuple[Number, Number]], width: Number, z: Number = 0.0,
        *, rough: Number = 0.0,
    ) -> None:  # fmt: skip
        """Add a strip of ground along a smooth line; ``rough`` varies its width."""
        from scipy.interpolate import PchipInterpolator

        knots = np.array(line, dtype=np.float64)
        place = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots, axis=0), axis=1))])
        middle = PchipInterpolator(place, knots)(np.linspace(0, place[-1], max(3, int(place[-1] / 70))))
        along = np.gradient(middle, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        left = np.stack([-along[:, 1], along[:, 0]], axis=1)
        wave = SmoothNoise.of(self.rng, 150.0)
        columns = max(2, int(width / 60))
        across = np.linspace(-0.5, 0.5, columns + 1)
        widths = width * (1 + rough * wave(middle))
        flat = middle[:, None] + (widths[:, None] * across)[..., None] * left[:, None]
        triangles = grid_triangles(len(middle) - 1, columns)[:, [0, 2, 1]]
        self.surface(kind, look, flat.reshape(-1, 2), triangles, np.full(flat.shape[0] * flat.shape[1], z))

    def surface(self, kind: str, look: Ground, flat: Flat, triangles: np.ndarray, z: np.ndarray) -> None:
        """Add ground: it has its tints, is darker near things, and its texture is bent. Add things before."""
        bend_cm = max(look.tile_cm, 900.0)
        patches, bend_x, bend_y = (SmoothNoise.of(self.rng, s) for s in (look.patch_cm, bend_cm, bend_cm))
        share = 0.5 + 0.5 * patches(flat)
        color = np.array(look.color) + share[:, None] * (np.array(look.other) - np.array(look.color))
        color = color * ((1 + 0.08 * self._shade(flat)) * self.brightness(flat))[:, None]
        bend = look.warp * np.stack([bend_x(flat), bend_y(flat)], axis=1)
        paint = Paint(gloss=look.gloss, tile_cm=look.tile_cm)
        positions = np.column_stack([flat, z])
        mesh = mesh_of(
            positions,
            triangles,
            paint,
            uvs=(flat + np.outer(z, [0.0, 1.0])) / look.tile_cm + bend,
            colors=np.clip(color, 0, 1),
        )
        self.add(kind, [Part(mesh=mesh, texture=look.texture)], is_ground=True)

    def level(self, lighting: Lighting) -> Environment:
        """The finished level; things that stand in it look unlike their copies."""
        props = {
            name: prop if name in self._grounds else varied(prop, self.rng)
            for name, prop in self._props.items()
        }
        return Environment(props=props, lighting=lighting)


def hills(
    rng: np.random.Generator,
    *,
    flat_cm: Number,
    height_cm: Number,
    scale_cm: Number = 6000.0,
    ridge: Number = 0.5,
) -> Heights:
    """Heights that are 0 within ``flat_cm`` of the origin and rise to about ``height_cm`` at the horizon."""
    noise = SmoothNoise.of(rng, scale_cm)

    def heights(points: Flat) -> Float[np.ndarray, "points"]:
        away = np.linalg.norm(points, axis=1)
        rise = smooth_step(flat_cm, WORLD_CM, away) ** 0.8 * (away > flat_cm)
        near = smooth_step(flat_cm, 3 * flat_cm, away)
        return height_cm * (
            rise * (1 - ridge + ridge * noise(points)) + 0.04 * near * (1 + noise(4 * points))
        )

    return heights


def _spaced(low: Number, high: Number, cell_cm: Number) -> Float[np.ndarray, "places"]:
    """Places from ``low`` to ``high``: ``cell_cm`` apart near the origin, farther apart beyond 18 m."""
    count = max(2, 1 + int((high - low) / cell_cm))
    places = np.linspace(low, high, count)
    is_kept = (np.abs(places) < 1800) | (np.arange(count) % 6 == 0)
    is_kept[[0, -1]] = True
    return places[is_kept]


def _footprint(parts: list[Part], x: Number, y: Number, yaw_deg: Number, z: Number) -> _Footprint:
    points = np.concatenate([part.mesh.positions for part in parts]) + np.array([0.0, 0.0, z])
    low = points[points[:, 2] < _LOW_CM, :2]
    high = points[points[:, 2] > _CROWN_CM, :2]
    axes = rotation_rows(0, yaw_deg, 0)[:2, :2]
    middle = 0.5 * (low.min(axis=0) + low.max(axis=0)) if len(low) else np.zeros(2)
    half = 0.5 * np.ptp(low, axis=0) if len(low) else np.zeros(2)
    crown = float(0.5 * np.ptp(high, axis=0).min()) if len(high) else 0.0
    return _Footprint(np.array([x, y], dtype=np.float64) + middle @ axes, axes, half, crown)
