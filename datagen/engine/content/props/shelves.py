"""Shelves and cabinets with what stands in them (cm, origin on the floor, front towards +X)."""

from dataclasses import replace

import numpy as np

from ..shapes.meshes import Mesh, Paint, Part, Rgb, moved, textured
from ..shapes.shapes import BoxRow, boxes, picture
from ..unreal_space import Number
from .seating import BLACK, CHROME, STEEL, wood
from .tables import bottles, vivid

Rng = np.random.Generator


def bookcase(
    rng: Rng,
    width_cm: Number,
    height_cm: Number,
    color: Rgb,
    fill: str = "books",
    depth_cm: Number = 34.0,
    boards: int = 5,
) -> list[Part]:
    """A bookcase with a back; ``fill`` is books, binders, bottles, products or nothing."""
    d, half = depth_cm, width_cm / 2
    step = (height_cm - 12) / boards
    rows: list[BoxRow] = [(d, 3.5, height_cm, 0, side * (half - 1.7), height_cm / 2) for side in (-1, 1)]
    rows += [(d - 2, width_cm - 7, 3, 1, 0, 9 + k * step) for k in range(boards + 1)]
    rows += [
        (2, width_cm - 4, height_cm - 4, -d / 2 + 1, 0, height_cm / 2),
        (3, width_cm - 8, 8, d / 2 - 4, 0, 4),
    ]
    parts = [textured("wood_grain", boxes(wood(color), *rows))]
    filled: list[Part] = []
    for k in range(boards):
        filled += _filled(rng, fill, width_cm - 10, 10.5 + k * step, step - 5, d)
    return parts + merged_by_texture(filled)


def _filled(rng: Rng, fill: str, width: Number, z: Number, height: Number, depth: Number) -> list[Part]:
    if fill == "books":
        return [textured("book_spines", *book_row(rng, width, z, height, depth / 2 - 4))]
    if fill == "products":
        return [textured("products", *product_row(rng, width, z, height, depth / 2 - 3))]
    if fill == "bottles":
        return [textured("smooth", *bottles(rng, width, z, depth / 2 - 12))]
    if fill == "binders":
        return [textured("smooth", *_binders(rng, width, z, min(height, 31), depth / 2 - 4))]
    return []


def book_row(rng: Rng, width: Number, z: Number, height: Number, front: Number) -> list[Mesh]:
    """Groups of books of different height and depth; each shows its own part of the atlas."""
    row: list[Mesh] = []
    y, end = -width / 2, width / 2
    while y < end - 8:
        length = min(rng.uniform(14, 34), end - y)
        if rng.random() < 0.08:
            y += length * 0.6
            continue
        tall = height * rng.uniform(0.72, 0.96)
        x = front - rng.uniform(0, 5)
        line, start = int(rng.integers(16)), rng.uniform(0, 0.75)
        spines = picture((x, y, z), (0, length, 0), (0, 0, tall), line, 1, rows=16)
        # Spines have their natural width: a row of the atlas is about 280 cm of books.
        uvs = spines.uvs * np.array([length / 280.0, 1.0]) + np.array([start, 0.0])
        cover = boxes(
            Paint(color=(0.55, 0.50, 0.44)), (14, length - 0.2, tall, x - 7.05, y + length / 2, z + tall / 2)
        )
        at = np.array([start + 0.01, (line + 0.3) / 16])
        row += [replace(spines, uvs=uvs), replace(cover, uvs=np.tile(at, (len(cover.uvs), 1)))]
        y += length + (rng.uniform(3, 9) if rng.random() < 0.12 else 0.3)
    return row


def product_row(rng: Rng, width: Number, z: Number, height: Number, front: Number) -> list[Mesh]:
    """Packages in groups of the same kind."""
    row: list[Mesh] = []
    y, end = -width / 2, width / 2
    while y < end - 10:
        cell, length, tall = int(rng.integers(64)), rng.uniform(13, 25), height * rng.uniform(0.55, 0.9)
        for _ in range(int(rng.integers(1, 4))):
            if y + length > end:
                return row
            x = front - rng.uniform(0, 4)
            row += package(cell, (x - 6, y + length / 2, z), (12, length - 1.0, tall), 8)
            y += length
    return row


def package(
    cell: int, base: tuple[Number, Number, Number], size: tuple[Number, Number, Number], columns: int
) -> list[Mesh]:
    """A box that shows a cell of an atlas on its four sides, and one place of it on top."""
    (x, y, z), (dx, dy, dz) = base, size
    x0, x1, y0, y1 = x - dx / 2, x + dx / 2, y - dy / 2, y + dy / 2
    return [
        picture((x1, y0, z), (0, dy, 0), (0, 0, dz), cell, columns),
        picture((x0, y1, z), (0, -dy, 0), (0, 0, dz), cell, columns),
        picture((x1, y1, z), (-dx, 0, 0), (0, 0, dz), cell, columns),
        picture((x0, y0, z), (dx, 0, 0), (0, 0, dz), cell, columns),
        picture((x0, y0, z + dz), (dx, 0, 0), (0, dy, 0), cell, columns),
        picture((x0, y1, z), (dx, 0, 0), (0, -dy, 0), cell, columns),
    ]


def _binders(rng: Rng, width: Number, z: Number, height: Number, front: Number) -> list[Mesh]:
    row, y = [], -width / 2
    while y < width / 2 - 8:
        if rng.random() < 0.8:
            tint = Paint(color=vivid(rng), gloss=0.2)
            row.append(boxes(tint, (26, 7, height, front - 13, y + 4, z + height / 2)))
            row.append(boxes(Paint(color=(0.95, 0.95, 0.92)), (0.6, 4.5, 13, front, y + 4, z + height * 0.6)))
        y += 8
    return row


def merged_by_texture(parts: list[Part]) -> list[Part]:
    """One part for each texture, in the order in which textures come first."""
    names = list(dict.fromkeys(part.texture for part in parts))
    return [textured(name, *(part.mesh for part in parts if part.texture == name)) for name in names]


def cabinet(
    width_cm: Number, height_cm: Number, depth_cm: Number, color: Rgb, doors: int, texture: str = "wood_grain"
) -> list[Part]:
    """A closed cabinet with doors and handles, on a plinth."""
    step = width_cm / doors
    places = [(k + 0.5) * step - width_cm / 2 for k in range(doors)]
    body: list[BoxRow] = [(depth_cm, width_cm, height_cm - 8, 0, 0, height_cm / 2 + 4)]
    fronts: list[BoxRow] = [
        (2, step - 1, height_cm - 11, depth_cm / 2 + 1, y, height_cm / 2 + 4) for y in places
    ]
    handles: list[BoxRow] = [
        (2.5, 1.5, 16, depth_cm / 2 + 3, y + step * 0.36, height_cm * 0.62) for y in places
    ]
    paint = Paint(color=color, gloss=0.25, tile_cm=130)
    plinth = boxes(BLACK, (depth_cm - 6, width_cm - 2, 8, -2, 0, 4))
    return [
        textured(texture, boxes(paint, *body, *fronts)),
        textured("smooth", plinth, boxes(CHROME, *handles)),
    ]


def lockers(count: int, colors: tuple[Rgb, ...]) -> list[Part]:
    """Steel lockers in two rows, with vents and locks."""
    doors: list[Mesh] = []
    trim: list[BoxRow] = []
    for k in range(count):
        y = (k + 0.5 - count / 2) * 38.0
        for row, z in enumerate((50, 140)):
            tint = Paint(color=colors[(k * 2 + row * 3) % len(colors)], gloss=0.35)
            doors.append(boxes(tint, (48, 36.5, 88, 0, y, z)))
            trim += [(1, 20, 1, 24.3, y, z + dz) for dz in (28, 31, 34)] + [(2, 3, 6, 24.6, y + 13, z)]
    return [textured("metal", *doors), textured("smooth", boxes(BLACK, *trim, (44, count * 38, 6, 0, 0, 3)))]


def pallet_rack(rng: Rng, bays: int, levels: int, beam: Rgb = (0.90, 0.42, 0.12)) -> list[Part]:
    """Steel racking with pallets of cartons, long along Y."""
    width, depth, step = 270.0, 100.0, 150.0
    height = levels * step + 20
    blue, orange = Paint(color=(0.16, 0.28, 0.50), gloss=0.4), Paint(color=beam, gloss=0.4)
    posts: list[BoxRow] = []
    beams: list[BoxRow] = []
    goods: list[Mesh] = []
    pallets: list[Mesh] = []
    for k in range(bays + 1):
        y = (k - bays / 2) * width
        posts += [(9, 9, height, x, y, height / 2) for x in (-depth / 2, depth / 2)]
        posts += [(depth, 4, 4, 0, y, z) for z in np.arange(40, height, 80).tolist()]
    for k in range(bays):
        y = (k + 0.5 - bays / 2) * width
        for level in range(levels):
            z = 12.0 + level * step if level else 0.0
            beams += [(5, width - 9, 12, x, y, z - 6) for x in (-depth / 2, depth / 2)] if level else []
            for side in (-1, 1):
                if rng.random() < 0.88:
                    base = y + side * 64
                    pallets.append(_pallet(base, z))
                    goods += _load(rng, base, z + 14)
    steel = textured("smooth", boxes(blue, *posts), *([boxes(orange, *beams)] if beams else []))
    return [steel, textured("wood_grain", *pallets), textured("cartons", *goods)]


def _pallet(y: Number, z: Number) -> Mesh:
    rows: list[BoxRow] = [(9, 118, 2.4, x, y, z + 12.5) for x in (-40, -20, 0, 20, 40)]
    rows += [(92, 9, 10, 0, y + dy, z + 6) for dy in (-54, 0, 54)]
    return boxes(wood((0.80, 0.62, 0.40), 0.05), *rows)


def _load(rng: Rng, y: Number, z: Number) -> list[Mesh]:
    """Cartons on a pallet: a grid of equal ones, sometimes an incomplete top layer."""
    nx, ny, layers = int(rng.integers(1, 3)), int(rng.integers(1, 4)), int(rng.integers(1, 4))
    dx, dy, dz = 90 / nx, 112 / ny, rng.uniform(26, 38)
    cell, shown = int(rng.integers(64)), []
    for i, j, k in np.ndindex(nx, ny, layers):
        if k == layers - 1 and rng.random() < 0.35:
            continue
        place = ((i + 0.5) * dx - 45, y + (j + 0.5) * dy - 56, z + k * dz)
        shown += package(
            cell if rng.random() < 0.8 else int(rng.integers(64)), place, (dx - 1.5, dy - 1.5, dz), 8
        )
    return shown


def carton_pile(rng: Rng, count: int) -> list[Part]:
    """A loose pile of cartons on a pallet."""
    goods: list[Mesh] = []
    for k in range(count):
        layer, place = divmod(k, 4)
        x, y = ((-24, -29), (24, -29), (-24, 29), (24, 29))[place]
        size = (rng.uniform(36, 46), rng.uniform(44, 56), 36.0)
        goods += package(int(rng.integers(64)), (x, y, 14 + layer * 36), size, 8)
    return [textured("wood_grain", _pallet(0, 0)), textured("cartons", *goods)]


def gondola(
    rng: Rng, length_cm: Number, height_cm: Number = 165.0, color: Rgb = (0.92, 0.92, 0.90)
) -> list[Part]:
    """A two-sided shop shelf, long along Y, full of products."""
    paint = Paint(color=color, gloss=0.35)
    boards = 4
    step = (height_cm - 18) / boards
    rows: list[BoxRow] = [(6, length_cm, height_cm, 0, 0, height_cm / 2), (92, length_cm, 16, 0, 0, 8)]
    rows += [(84, length_cm, 2.5, 0, 0, 16 + k * step) for k in range(1, boards)]
    tags: list[BoxRow] = [
        (1, length_cm, 4, s * 42.6, 0, 16 + k * step) for k in range(1, boards) for s in (-1, 1)
    ]
    goods: list[Mesh] = []
    for k in range(boards):
        z = 17.5 + k * step
        for side in (1.0, -1.0):
            meshes = product_row(rng, length_cm - 6, z, step - 6, 40)
            goods += meshes if side > 0 else [_half_turned(mesh) for mesh in meshes]
    return [
        textured("metal", boxes(paint, *rows)),
        textured("smooth", boxes(Paint(color=vivid(rng), gloss=0.3), *tags)),
        textured("products", *goods),
    ]


def _half_turned(mesh: Mesh) -> Mesh:
    flip = np.array([-1.0, -1.0, 1.0])
    return Mesh(
        positions=mesh.positions * flip,
        normals=mesh.normals * flip,
        uvs=mesh.uvs,
        colors=mesh.colors,
        gloss_glow=mesh.gloss_glow,
        triangles=mesh.triangles,
    )


def wall_shelf(rng: Rng, length_cm: Number, color: Rgb, fill: str = "bottles") -> list[Part]:
    """A board on brackets; its origin is where it meets the wall."""
    board = boxes(wood(color), (26, length_cm, 3, 13, 0, 0))
    brackets = boxes(STEEL, *((20, 2, 2, 11, y, -3) for y in (-length_cm * 0.35, length_cm * 0.35)))
    things = [
        Part(mesh=moved(part.mesh, 12, 0, 0), texture=part.texture)
        for part in _filled(rng, fill, length_cm - 8, 1.6, 30, 24)
    ]
    return [textured("wood_grain", board), textured("smooth", brackets), *things]
