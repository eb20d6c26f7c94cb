"""The shell of an indoor level: floor, ceiling and one-sided walls with openings, and what is outside."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..environment import Prop
from ..props.trees import broadleaf
from ..shapes.meshes import Mesh, Paint, Part, Rgb, merged, panel, panelled_box, textured
from ..shapes.shapes import BoxRow, boxes, picture
from ..unreal_space import Number

CELL_CM = 45.0
_REVEAL_CM = 26.0


@dataclass(frozen=True)
class Surface:
    """The texture and the paint of a floor, wall or ceiling."""

    texture: str
    color: Rgb
    tile_cm: Number = 300.0
    gloss: Number = 0.1
    is_mirrored: bool = False

    @property
    def paint(self) -> Paint:
        return Paint(color=self.color, gloss=self.gloss, tile_cm=self.tile_cm)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A window: its centre along the wall from the wall's middle, and its frame. ``bars`` divide it."""

    at_cm: Number
    width_cm: Number = 190.0
    low_cm: Number = 80.0
    high_cm: Number = 250.0
    bars: tuple[int, int] = (2, 2)
    frame: Rgb = (0.95, 0.95, 0.93)


@dataclass(frozen=True, kw_only=True)
class Wall:
    """One side of a hall: its surface, openings, and an optional lower part of another surface."""

    surface: Surface
    openings: Sequence[Opening] = ()
    dado: Surface | None = None
    dado_cm: Number = 110.0


# Middle of each wall in half-lengths, and the yaw of a frame whose +X faces into the hall.
SIDES = {
    "west": (-1.0, 0.0, 0.0),
    "south": (0.0, -1.0, 90.0),
    "east": (1.0, 0.0, 180.0),
    "north": (0.0, 1.0, 270.0),
}


@dataclass(frozen=True, kw_only=True)
class Hall:
    """A rectangular space around the origin.

    ``profile`` is the ceiling's outline: heights at equal steps from y = -half_y to +half_y; a single height
    is flat. Every wall is as high as its highest point.
    """

    half_x: Number
    half_y: Number
    profile: tuple[Number, ...]
    floor: Surface
    ceiling: Surface
    walls: dict[str, Wall]
    skirting: Rgb | None = (0.94, 0.92, 0.88)
    outside: str = "city"
    props: dict[str, Prop] = field(default_factory=dict)

    @property
    def height(self) -> Number:
        return max(self.profile)

    def reach(self, side: str) -> tuple[Number, Number]:
        """Half the length of a wall, and its distance from the origin."""
        return (self.half_y, self.half_x) if side in ("west", "east") else (self.half_x, self.half_y)

    def at_wall(
        self, side: str, along_cm: Number, parts: list[Part], depth_cm: Number = 0.0, up_cm: Number = 0.0
    ) -> Prop:
        """A prop that faces into the hall from a wall; ``along_cm`` counts leftward as seen from inside.

        ``depth_cm`` is the distance of its origin from the wall.
        """
        x, y, yaw_deg = SIDES[side]
        ahead = np.radians(yaw_deg)
        inward, along = (np.cos(ahead), np.sin(ahead)), (-np.sin(ahead), np.cos(ahead))
        px = x * self.half_x + depth_cm * inward[0] + along_cm * along[0]
        py = y * self.half_y + depth_cm * inward[1] + along_cm * along[1]
        return Prop(parts, (float(px), float(py), up_cm), yaw_deg)


def shell(hall: Hall, rng: np.random.Generator) -> dict[str, Prop]:
    """Floor, ceiling, walls, windows, skirting and the view outside."""
    hx, hy = hall.half_x, hall.half_y
    floor = panel((-hx, -hy, 0), (2 * hx, 0, 0), (0, 2 * hy, 0), hall.floor.paint, CELL_CM)
    props = {
        "Floor": Prop([textured(hall.floor.texture, floor)]),
        "Ceiling": Prop([textured(hall.ceiling.texture, _ceiling(hall))]),
    }
    for side, wall in _told_apart(hall.walls).items():
        half, _ = hall.reach(side)
        parts = _wall(wall, half, hall.height)
        if hall.skirting:
            paint = Paint(color=hall.skirting, gloss=0.3)
            parts.append(textured("smooth", panelled_box((3, 2 * half, 11), (1.5, 0, 5.5), paint)))
        props[f"Wall_{side}"] = hall.at_wall(side, 0, parts)
    if any(wall.openings for wall in hall.walls.values()):
        props |= _outside(hall, rng)
    return props


def _told_apart(walls: dict[str, Wall]) -> dict[str, Wall]:
    """Walls of which no two have the same picture: feature matching would take one for the other."""
    seen: Counter[str] = Counter()

    def other(surface: Surface) -> Surface:
        number = seen[surface.texture]
        seen[surface.texture] += 1
        texture = surface.texture if number < 2 else f"{surface.texture}.{number // 2 + 1}"
        return replace(surface, texture=texture, is_mirrored=number % 2 == 1)

    return {
        side: replace(wall, surface=other(wall.surface), dado=other(wall.dado) if wall.dado else None)
        for side, wall in walls.items()
    }


def _ceiling(hall: Hall) -> Mesh:
    heights = hall.profile if len(hall.profile) > 1 else hall.profile * 2
    edges = np.linspace(hall.half_y, -hall.half_y, len(heights))
    paint, length = hall.ceiling.paint, 2 * hall.half_x
    strips, start = [], 0.0
    for (y, z), (next_y, next_z) in zip(
        zip(edges[:-1], heights[:-1], strict=True), zip(edges[1:], heights[1:], strict=True), strict=True
    ):
        edge = (0.0, float(next_y - y), float(next_z - z))
        strip = panel((-hall.half_x, float(y), z), (length, 0, 0), edge, paint, CELL_CM * 1.3)
        strips.append(replace(strip, uvs=strip.uvs + np.array([0, start / paint.tile_cm])))
        start += float(np.hypot(edge[1], edge[2]))
    return merged(*strips)


def _wall(wall: Wall, half: Number, top: Number) -> list[Part]:
    """The wall in the plane x = 0 facing +X: strips between, under and over its openings."""
    openings = sorted(wall.openings, key=lambda one: one.at_cm)
    edges: list[tuple[Number, Number, Opening | None]] = []
    at = -half
    for one in openings:
        edges += [(at, one.at_cm - one.width_cm / 2, None)]
        edges += [(one.at_cm - one.width_cm / 2, one.at_cm + one.width_cm / 2, one)]
        at = one.at_cm + one.width_cm / 2
    edges.append((at, half, None))
    upper: list[Mesh] = []
    lower: list[Mesh] = []
    for left, right, opening in edges:
        for low, high in [(0.0, opening.low_cm), (opening.high_cm, top)] if opening else [(0.0, top)]:
            for surface, into, z0, z1 in (
                (wall.dado, lower, low, min(high, wall.dado_cm)),
                (wall.surface, upper, max(low, wall.dado_cm) if wall.dado else low, high),
            ):
                if surface and z1 - z0 > 0.5 and right - left > 0.5:
                    into.append(_strip(left, right, z0, z1, surface))
    parts = [textured(wall.surface.texture, *upper)] if upper else []
    if wall.dado and lower:
        rail = panelled_box((3, 2 * half, 5), (1.5, 0, wall.dado_cm), Paint(color=wall.dado.color, gloss=0.3))
        # The rail stops at openings that begin below it.
        rails = [] if any(one.low_cm < wall.dado_cm for one in openings) else [textured("smooth", rail)]
        parts += [textured(wall.dado.texture, *lower), *rails]
    return [*parts, *(_window(one) for one in openings)]


def _strip(left: Number, right: Number, low: Number, high: Number, surface: Surface) -> Mesh:
    mesh = panel((0, left, low), (0, right - left, 0), (0, 0, high - low), surface.paint, CELL_CM)
    along = np.array([-1.0 if surface.is_mirrored else 1.0, 1.0])
    return replace(mesh, uvs=mesh.positions[:, 1:] * along / surface.tile_cm)


def _window(opening: Opening) -> Part:
    """Reveals (facing into the opening), a sill and bars."""
    paint, depth = Paint(color=opening.frame, gloss=0.3), _REVEAL_CM
    left, right = opening.at_cm - opening.width_cm / 2, opening.at_cm + opening.width_cm / 2
    low, high = opening.low_cm, opening.high_cm
    width, height = right - left, high - low
    pieces = [
        panel((-depth, left, low), (depth, 0, 0), (0, width, 0), paint),
        panel((0, left, high), (-depth, 0, 0), (0, width, 0), paint),
        panel((0, left, low), (-depth, 0, 0), (0, 0, height), paint),
        panel((-depth, right, low), (depth, 0, 0), (0, 0, height), paint),
    ]
    columns, rows = opening.bars
    bars: list[BoxRow] = [
        (5, 6, height, -16, y, low + height / 2)
        for y in np.linspace(left + 3, right - 3, columns + 1).tolist()
    ]
    bars += [(5, width, 6, -16, opening.at_cm, z) for z in np.linspace(low + 3, high - 3, rows + 1).tolist()]
    if low > 20:
        bars.append((22, width + 24, 4, 5, opening.at_cm, low - 2))
    return textured("smooth", *pieces, boxes(paint, *bars))


def _outside(hall: Hall, rng: np.random.Generator) -> dict[str, Prop]:
    """What the windows show: houses across a street, or a garden."""
    ground, color = (
        ("asphalt", (0.55, 0.55, 0.58)) if hall.outside == "city" else ("turf", (0.42, 0.48, 0.30))
    )
    lawn = panel((-20000, -20000, -30), (40000, 0, 0), (0, 40000, 0), Paint(color=color, tile_cm=700), 4000)
    props = {"Outside": Prop([textured(ground, lawn)])}
    for index, (side, wall) in enumerate(hall.walls.items()):
        if not wall.openings:
            continue
        for tree_index, along in enumerate((-0.75, 0.1, 0.8)):
            parts = broadleaf(rng, rng.uniform(480, 680), leaves=260)
            place = along * hall.reach(side)[0] + rng.uniform(-150, 150)
            distance = -rng.uniform(750, 1050)
            props[f"Tree_{index}_{tree_index}"] = hall.at_wall(side, place, parts, distance, -30.0)
        if hall.outside == "city":
            props[f"House_{index}"] = hall.at_wall(side, 0, _houses(rng), -1900.0, -30.0)
        else:
            leaves = Paint(color=(0.34, 0.46, 0.27), gloss=0.03, tile_cm=260)
            hedge = [textured("foliage", panelled_box((120, 5000, 210), (0, 0, 105), leaves))]
            props[f"Hedge_{index}"] = hall.at_wall(side, 0, hedge, -1500.0, -30.0)
    return props


def _houses(rng: np.random.Generator) -> list[Part]:
    """A row of house fronts facing +X."""
    fronts, at = [], -3000.0
    while at < 3000:
        width, height = rng.uniform(900, 1400), rng.uniform(900, 1500)
        cell = int(rng.integers(4))
        fronts.append(picture((0, at, 0), (0, width, 0), (0, 0, height), cell, 2, paint=Paint(gloss=0.1)))
        at += width
    return [textured("facades", *fronts)]


def window_row(half: Number, count: int, low: Number, high: Number, frame_color: Rgb) -> list[Opening]:
    """Equal windows along a wall."""
    step = 2 * half / count
    return [
        Opening(
            at_cm=(k + 0.5) * step - half,
            width_cm=step - 36,
            low_cm=low,
            high_cm=high,
            bars=(2, 2),
            frame=frame_color,
        )
        for k in range(count)
    ]
