"""Lamps, plants, pictures and small things; hanging lamps have their origin at the ceiling, pictures at the wall."""

import numpy as np

from .meshes import Mesh, Paint, Part, Rgb, Ring, circles, cylinder, ellipsoid, moved, panel, tapered, textured, turned
from .seating import BLACK, BRASS, STEEL, cloth, wood
from .shapes import BoxRow, boxes, disc, picture, tube
from .unreal_space import Number

Rng = np.random.Generator
WARM, NEUTRAL = (1.0, 0.88, 0.68), (1.0, 0.98, 0.94)


def pendant(drop_cm: Number, shade: Rgb, shape: str = "bell") -> list[Part]:
    """A hanging lamp: a bell, a globe, a drum or a bare bulb."""
    cord = cylinder(0.7, -drop_cm, 0, BLACK, 6)
    paint, lit = Paint(color=shade, gloss=0.45, glow=0.06), Paint(color=WARM, glow=1.0)
    rose = cylinder(5, -2.5, 0, BLACK, 14)
    if shape == "globe":
        body = [ellipsoid((0, 0, -drop_cm - 15), (17, 17, 17), Paint(color=(1.0, 0.93, 0.80), glow=0.45), 18, 10)]
    elif shape == "drum":
        body = [cylinder(30, -drop_cm - 30, -drop_cm, Paint(color=shade, glow=0.3), 24)]
        body.append(disc(28, -drop_cm - 30.6, -drop_cm - 30.1, lit, 24))
    elif shape == "bulb":
        body = [ellipsoid((0, 0, -drop_cm - 11), (5.5, 5.5, 8), lit, 12, 8), cylinder(2.2, -drop_cm - 5, -drop_cm, BRASS, 10)]
    else:
        rings = circles((-drop_cm - 24, 24), (-drop_cm - 16, 21), (-drop_cm - 6, 9), (-drop_cm, 4))
        body = [tapered(rings, paint, 20), ellipsoid((0, 0, -drop_cm - 24), (9, 9, 5), lit, 12, 6)]
    return [textured("smooth", cord, rose, *body)]


def light_panel(length_cm: Number, width_cm: Number, color: Rgb = NEUTRAL, drop_cm: Number = 0.0) -> list[Part]:
    """A flat luminaire at the ceiling, or hanging below it."""
    case = boxes(Paint(color=(0.92, 0.92, 0.92)), (width_cm + 6, length_cm + 6, 4, 0, 0, -drop_cm - 2))
    face = boxes(Paint(color=color, glow=0.9), (width_cm, length_cm, 1, 0, 0, -drop_cm - 4.4))
    wires = [cylinder(0.3, -drop_cm, 0, STEEL, 5)] if drop_cm else []
    hung = [moved(wire, 0, y, 0) for wire in wires for y in (-length_cm * 0.4, length_cm * 0.4)]
    return [textured("smooth", case, face, *hung)]


def track(length_cm: Number, count: int) -> list[Part]:
    """A ceiling track along Y with spotlights that point to +X."""
    rail = boxes(BLACK, (4, length_cm, 4, 0, 0, -2))
    heads: list[Mesh] = []
    for k in range(count):
        y = (k + 0.5) * length_cm / count - length_cm / 2
        head = [cylinder(6, -9, 9, BLACK, 12), disc(5, -9.6, -9.1, Paint(color=WARM, glow=1.0), 12)]
        heads += [turned(mesh, (4, y, -18), (40, 0, 0)) for mesh in head]
        heads.append(moved(cylinder(1, -18, -3, BLACK, 6), 0, y, 0))
    return [textured("smooth", rail, *heads)]


def high_bay(drop_cm: Number) -> list[Part]:
    """An industrial hanging lamp."""
    shade = tapered(circles((-drop_cm - 32, 30), (-drop_cm - 14, 24), (-drop_cm, 9)), Paint(color=(0.75, 0.77, 0.78), gloss=0.7), 18)
    face = disc(27, -drop_cm - 32.8, -drop_cm - 32.2, Paint(color=NEUTRAL, glow=1.0), 18)
    return [textured("smooth", cylinder(1, -drop_cm, 0, STEEL, 6), shade, face)]


def floor_lamp(shade: Rgb, style: str = "cone") -> list[Part]:
    """A floor lamp: a cone on a pole, a tripod, or an arc."""
    glow = Paint(color=shade, glow=0.35)
    if style == "tripod":
        legs = [tube((26 * np.cos(a), 26 * np.sin(a), 0), (0, 0, 112), 1.6, wood((0.55, 0.36, 0.22))) for a in (0.0, 2.1, 4.2)]
        return [textured("wood_grain", *legs), textured("smooth", cylinder(24, 112, 150, glow, 20))]
    if style == "arc":
        bend = [(0, 0), (-6, 90), (8, 150), (40, 190), (80, 200), (110, 186)]
        pole = [tube((a, 0, b), (c, 0, d), 1.4, STEEL) for (a, b), (c, d) in zip(bend[:-1], bend[1:], strict=True)]
        head = tapered(circles((160, 20), (176, 15), (186, 4)), Paint(color=shade, gloss=0.5, glow=0.1), 18)
        return [textured("smooth", cylinder(18, 0, 5, BLACK, 18), *pole, moved(head, 110, 0, 0))]
    pole = [cylinder(15, 0, 2.5, BLACK, 18), cylinder(1.4, 2.5, 140, BLACK, 8)]
    return [textured("smooth", *pole, tapered(circles((128, 24), (164, 14)), glow, 20))]


def desk_lamp(color: Rgb, height_cm: Number) -> list[Part]:
    """A jointed desk lamp on a table top."""
    paint = Paint(color=color, gloss=0.5)
    arm = [tube((0, 0, height_cm + 2), (-12, 0, height_cm + 28), 0.9, paint), tube((-12, 0, height_cm + 28), (12, 0, height_cm + 44), 0.9, paint)]
    head = turned(tapered(circles((-10, 9), (0, 5)), paint, 14), (14, 0, height_cm + 44), (25, 0, 0))
    bulb = turned(disc(7.5, -10.5, -10.1, Paint(color=WARM, glow=1.0), 14), (14, 0, height_cm + 44), (25, 0, 0))
    return [textured("smooth", moved(cylinder(8, 0, 2, paint, 16), 0, 0, height_cm), *arm, head, bulb)]


def table_lamp(foot: Rgb, height_cm: Number) -> list[Part]:
    """A lamp with a ceramic foot and a fabric shade."""
    base = tapered(circles((0, 6), (8, 9), (18, 4), (24, 1.5)), Paint(color=foot, gloss=0.6), 16)
    shade = tapered(circles((24, 15), (44, 10)), Paint(color=(1.0, 0.9, 0.72), glow=0.4), 18)
    return [textured("smooth", moved(base, 0, 0, height_cm), moved(shade, 0, 0, height_cm))]


def sconce(color: Rgb) -> list[Part]:
    """A wall lamp."""
    shade = tapered(circles((-10, 6), (10, 9)), Paint(color=(1.0, 0.9, 0.7), glow=0.5), 14)
    return [textured("smooth", boxes(Paint(color=color, gloss=0.6), (4, 8, 16, 2, 0, 0), (10, 2, 2, 6, 0, -8)), moved(shade, 12, 0, 0))]


def chandelier(arms: int, radius_cm: Number, drop_cm: Number) -> list[Part]:
    """A ring of candle lamps on a chain."""
    pieces: list[Mesh] = [cylinder(1.2, -drop_cm, 0, BRASS, 6), ellipsoid((0, 0, -drop_cm - 6), (9, 9, 12), BRASS, 12, 8)]
    for k in range(arms):
        a = 2 * np.pi * k / arms
        x, y = float(radius_cm * np.cos(a)), float(radius_cm * np.sin(a))
        pieces.append(tube((0, 0, -drop_cm - 12), (x, y, -drop_cm - 4), 1.1, BRASS, 6))
        pieces.append(moved(tapered(circles((0, 2), (3, 5)), BRASS, 10), x, y, -drop_cm - 6))
        pieces.append(moved(cylinder(1.6, -3, 8, Paint(color=(0.96, 0.94, 0.88)), 8), x, y, -drop_cm))
        pieces.append(ellipsoid((x, y, -drop_cm + 12), (2, 2, 4.5), Paint(color=WARM, glow=1.0), 8, 6))
    return [textured("smooth", *pieces)]


def plant(rng: Rng, height_cm: Number, pot: Rgb, style: str = "broad") -> list[Part]:
    """A potted plant: broad leaves, upright swords, or a bushy tree."""
    scale = height_cm / 150
    vessel = tapered(circles((0, 15 * scale + 3), (30 * scale + 6, 21 * scale + 3)), Paint(color=pot, gloss=0.3, tile_cm=60), 18)
    soil = disc(19 * scale + 2, 28 * scale + 5, 30 * scale + 6.3, Paint(color=(0.20, 0.14, 0.10)), 16)
    top, leaves = 30 * scale + 6, []
    stems: list[Mesh] = [vessel, soil]
    if style == "swords":
        for k in range(18):
            green = Paint(color=(0.20, 0.40 + 0.2 * rng.random(), 0.24), gloss=0.3, tile_cm=60)
            blade = moved(ellipsoid((0, 0, 0), (1.2, 4.5 * scale + 1, height_cm * 0.36), green, 8, 6), 0, 0, height_cm * 0.33)
            leaves.append(turned(blade, (0, 0, top - 8), (rng.uniform(-24, -2), k * 137.5, 0)))
    elif style == "tree":
        stems.append(moved(cylinder(2.5 * scale + 1, 0, height_cm * 0.55, Paint(color=(0.42, 0.32, 0.22)), 8), 0, 0, top - 6))
        for k in range(11):
            green = Paint(color=(0.25, 0.50 + 0.2 * rng.random(), 0.22), gloss=0.15, tile_cm=50)
            r = height_cm * rng.uniform(0.09, 0.15)
            a, z = 2.4 * k, height_cm * (0.62 + 0.028 * k)
            reach = height_cm * 0.15 * np.sqrt(1 - ((k - 5) / 7) ** 2)
            leaves.append(ellipsoid((float(reach * np.cos(a)), float(reach * np.sin(a)), z), (r, r, 0.8 * r), green, 10, 7))
    else:
        stems.append(moved(cylinder(1.8, 0, height_cm * 0.62, Paint(color=(0.35, 0.32, 0.18)), 6), 0, 0, top - 6))
        for k in range(20):
            green = Paint(color=(0.20, 0.46 + 0.24 * rng.random(), 0.20), gloss=0.3, tile_cm=60)
            leaf = moved(ellipsoid((0, 0, 0), (20 * scale + 4, 8 * scale + 2, 1.2), green, 9, 5), 20 * scale + 6, 0, 0)
            z = top + height_cm * (0.08 + 0.028 * k)
            leaves.append(turned(leaf, (0, 0, z), (rng.uniform(5, 60), k * 137.5, rng.uniform(-20, 20))))
    return [textured("smooth", *stems), textured("leaves", *leaves)]


def frame(width_cm: Number, height_cm: Number, border: Rgb, cell: int, atlas: str = "artworks", mat_cm: Number = 0.0) -> list[Part]:
    """A framed picture; it hangs at its origin (its centre) and faces +X."""
    w, h, m = width_cm, height_cm, mat_cm
    ledge = 4.0
    rim: list[BoxRow] = [(4, w + 2 * m + 2 * ledge, ledge, 2, 0, s * (h / 2 + m + ledge / 2)) for s in (-1, 1)]
    rim += [(4, ledge, h + 2 * m, 2, s * (w / 2 + m + ledge / 2), 0) for s in (-1, 1)]
    board = boxes(Paint(color=(0.95, 0.94, 0.91)), (1.5, w + 2 * m, h + 2 * m, 0.9, 0, 0))
    image = picture((1.9, -w / 2, -h / 2), (0, w, 0), (0, 0, h), cell, 4)
    return [textured("smooth", board, boxes(Paint(color=border, gloss=0.4), *rim)), textured(atlas, image)]


def sheet(width_cm: Number, height_cm: Number, cell: int, atlas: str = "posters", columns: int = 4) -> list[Part]:
    """A poster or notice without a frame."""
    return [textured(atlas, picture((0.6, -width_cm / 2, -height_cm / 2), (0, width_cm, 0), (0, 0, height_cm), cell, columns))]


def board(width_cm: Number, height_cm: Number, cell: int, border: Rgb, glow: Number = 0.0) -> list[Part]:
    """A writing board or display with a tray; ``cell``: 0 chalk, 1 white, 2 black menu, 3 timetable."""
    w, h = width_cm, height_cm
    rim: list[BoxRow] = [(5, w + 8, 4, 2.5, 0, s * (h / 2 + 2)) for s in (-1, 1)]
    rim += [(5, 4, h, 2.5, s * (w / 2 + 2), 0) for s in (-1, 1)] + [(9, w * 0.7, 1.5, 6, 0, -h / 2 - 3)]
    back = boxes(Paint(color=border, gloss=0.3), (2, w, h, 1, 0, 0), *rim)
    face = picture((2.2, -w / 2, -h / 2), (0, w, 0), (0, 0, h), cell, 2, paint=Paint(gloss=0.25, glow=glow))
    chalks = boxes(Paint(color=(0.95, 0.92, 0.85)), *((1.6, 7, 1.6, 7, y, -h / 2 - 1.5) for y in (-12, 3, 20)))
    return [textured("smooth", back, chalks), textured("boards", face)]


def rug(texture: str, length_cm: Number, width_cm: Number) -> list[Part]:
    """A rug, long along Y; one texture covers it."""
    mesh = panel((-width_cm / 2, -length_cm / 2, 0.9), (width_cm, 0, 0), (0, length_cm, 0), Paint(gloss=0.02), 45)
    uvs = (mesh.positions[:, :2] + np.array([width_cm / 2, length_cm / 2])) / np.array([width_cm, length_cm])
    return [textured(texture, _with(mesh, uvs))]


def _with(mesh: Mesh, uvs: np.ndarray) -> Mesh:
    return Mesh(
        positions=mesh.positions, normals=mesh.normals, uvs=uvs, colors=mesh.colors,
        gloss_glow=mesh.gloss_glow, triangles=mesh.triangles,
    )  # fmt: skip


def curtain(width_cm: Number, height_cm: Number, color: Rgb, texture: str = "tweed") -> list[Part]:
    """A pleated curtain facing +X; its origin is at its lower edge."""
    paint, count = cloth(color, 90), max(3, round(width_cm / 11))
    step = width_cm / count
    pleats: list[Mesh] = []
    for k in range(count):
        # Pleats of unequal depth, so that no two look the same.
        deep = 4.0 + 2.2 * np.sin(2.4 * k) + 0.8 * np.sin(5.1 * k)
        shape = [Ring(z, deep, step * 0.62, squareness=0.2) for z in (0, height_cm)]
        pleats.append(moved(tapered(shape, paint, 8), 0, (k + 0.5) * step - width_cm / 2, 0))
    return [textured(texture, *pleats)]


def clock(radius_cm: Number, hour: Number = 10.2) -> list[Part]:
    """A round wall clock."""
    face = turned(disc(radius_cm, 0, 2, Paint(color=(0.96, 0.95, 0.92)), 28), (0, 0, 0), (-90, 0, 0))
    rim = turned(tapered(circles((0, radius_cm + 2), (3.5, radius_cm + 1)), BLACK, 28), (-1.6, 0, 0), (-90, 0, 0))
    marks = [turned(boxes(BLACK, (0.8, 1.2, 4, 0, 0, radius_cm - 4)), (2.4, 0, 0), (0, 0, 30 * k)) for k in range(12)]
    hands = [
        turned(boxes(BLACK, (0.6, 1.4, length, 0, 0, length / 2)), (3, 0, 0), (0, 0, angle))
        for length, angle in ((radius_cm * 0.5, 30 * hour), (radius_cm * 0.8, 360 * (hour % 1)))
    ]
    return [textured("smooth", rim, face, *marks, *hands)]


def radiator(length_cm: Number) -> list[Part]:
    """A ribbed radiator at the wall, 8 cm in front of it."""
    ribs: list[BoxRow] = [(7, 4, 52, 9, y, 38) for y in np.arange(-length_cm / 2, length_cm / 2, 6.5).tolist()]
    feet: list[BoxRow] = [(5, 3, 14, 9, y, 7) for y in (-length_cm * 0.4, length_cm * 0.4)]
    return [textured("smooth", boxes(Paint(color=(0.93, 0.92, 0.89), gloss=0.4), *ribs, *feet))]


def bin_(color: Rgb, height_cm: Number = 38.0) -> list[Part]:
    """A waste basket."""
    return [textured("smooth", tapered(circles((0, 11), (height_cm, 15)), Paint(color=color, gloss=0.3), 16))]


def duct(length_cm: Number, radius_cm: Number = 18.0) -> list[Part]:
    """A round air duct along Y, hanging from the ceiling."""
    pipe = tube((0, -length_cm / 2, -radius_cm - 14), (0, length_cm / 2, -radius_cm - 14), radius_cm, Paint(color=(0.78, 0.79, 0.80), gloss=0.6, tile_cm=160), 16)
    joints = [
        tube((0, y - 2, -radius_cm - 14), (0, y + 2, -radius_cm - 14), radius_cm + 1.5, STEEL, 16)
        for y in np.arange(-length_cm / 2 + 60, length_cm / 2, 140).tolist()
    ]
    hangers: list[BoxRow] = [(1.5, 1.5, 16, 0, y, -8) for y in np.arange(-length_cm / 2 + 60, length_cm / 2, 280).tolist()]
    return [textured("metal", pipe), textured("smooth", *joints, boxes(STEEL, *hangers))]


def column(height_cm: Number, width_cm: Number, texture: str, paint: Paint, is_round: bool = False) -> list[Part]:
    """A pillar with a base and a capital."""
    pieces = max(2, round(height_cm / 60))
    step = height_cm / pieces
    if is_round:
        rings = [(k * step, width_cm / 2) for k in range(pieces + 1)]
        shaft: Mesh = tapered(circles(*rings), paint, 20)
    else:
        shaft = boxes(paint, *((width_cm, width_cm, step, 0, 0, (k + 0.5) * step) for k in range(pieces)))
    w = width_cm
    ends = boxes(paint, (w * 1.25, w * 1.25, 14, 0, 0, 7), (w * 1.25, w * 1.25, 14, 0, 0, height_cm - 7))
    return [textured(texture, shaft, ends)]


def beam(length_cm: Number, width_cm: Number, depth_cm: Number, texture: str, paint: Paint) -> list[Part]:
    """A ceiling beam along Y; its origin is at the ceiling."""
    pieces = max(1, round(length_cm / 90))
    step = length_cm / pieces
    rows: list[BoxRow] = [(width_cm, step, depth_cm, 0, (k + 0.5) * step - length_cm / 2, -depth_cm / 2) for k in range(pieces)]
    return [textured(texture, boxes(paint, *rows))]


def door(color: Rgb, width_cm: Number = 95.0, height_cm: Number = 212.0, texture: str = "wood_grain", has_glass: bool = False) -> list[Part]:
    """A door leaf in its frame, facing +X."""
    white, paint, w, h = Paint(color=(0.93, 0.92, 0.89), gloss=0.3), wood(color), width_cm, height_cm
    posts = boxes(white, (9, 9, h + 6, 3, -w / 2 - 4.5, h / 2 + 3), (9, 9, h + 6, 3, w / 2 + 4.5, h / 2 + 3), (9, w, 8, 3, 0, h + 2))
    rows: list[BoxRow] = [(5, w, h - 2, 2, 0, h / 2 - 1)]
    if not has_glass:
        rows += [(3, w * 0.34, h * 0.34, 5, side * w * 0.23, z) for side in (-1, 1) for z in (h * 0.27, h * 0.72)]
    glass = boxes(Paint(color=(0.35, 0.45, 0.50), gloss=0.9), (1, w * 0.55, h * 0.5, 5, 0, h * 0.66)) if has_glass else None
    handle = boxes(STEEL, (3, 4, 14, 6, w * 0.4, 104), (4, 12, 2, 8, w * 0.36, 106))
    return [textured("smooth", posts, handle, *([glass] if glass else [])), textured(texture, boxes(paint, *rows))]


def exit_sign() -> list[Part]:
    """A lit green sign at the wall."""
    green = Paint(color=(0.10, 0.62, 0.30), glow=0.35)
    marks = boxes(Paint(color=(0.95, 1.0, 0.95), glow=0.4), (0.6, 8, 10, 5.4, -10, 0), (0.6, 14, 3, 5.4, 6, 0), (0.6, 4, 7, 5.4, 12, 0))
    return [textured("smooth", boxes(green, (5, 40, 18, 2.5, 0, 0)), marks)]


def wall_trim(rng: Rng) -> list[Part]:
    """A switch, a socket and a vent, as walls have them."""
    white = Paint(color=(0.95, 0.95, 0.93), gloss=0.4)
    rows: list[BoxRow] = [(1.2, 8, 8, 0.6, 0, 110), (0.8, 4, 6, 1.4, 0, 110), (1.2, 15, 8, 0.6, float(rng.uniform(30, 60)), 30)]
    vents: list[BoxRow] = [(1.5, 28, 1.4, 1, -60, 250 + 3 * k) for k in range(5)]
    return [textured("smooth", boxes(white, *rows), boxes(Paint(color=(0.7, 0.7, 0.7)), *vents))]
