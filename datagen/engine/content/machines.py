"""Kitchen, office, gym and warehouse equipment (cm, origin on the floor, front towards +X)."""

import numpy as np

from .meshes import Mesh, Paint, Part, Rgb, box, circles, cylinder, ellipsoid, merged, moved, tapered, textured, turned
from .seating import BLACK, BRASS, CHROME, STEEL, cloth, wood
from .shapes import BoxRow, boxes, disc, picture, rounded, tube
from .unreal_space import Number

Rng = np.random.Generator
WHITE = Paint(color=(0.94, 0.94, 0.93), gloss=0.5)
BRUSHED = Paint(color=(0.80, 0.81, 0.82), gloss=0.65, tile_cm=110)
DARK = Paint(color=(0.16, 0.17, 0.19), gloss=0.5)


def espresso_machine(color: Rgb, height_cm: Number) -> list[Part]:
    """A two-group espresso machine on a counter, with cups on top."""
    paint, z = Paint(color=color, gloss=0.7), height_cm
    body = boxes(paint, (44, 74, 16, 0, 0, z + 36), (14, 74, 22, -15, 0, z + 17))
    steel = boxes(CHROME, (42, 70, 4, 2, 0, z + 4), (46, 76, 2, 0, 0, z + 45))
    groups = [moved(cylinder(4, 20, 28, CHROME, 12), 10, y, z) for y in (-18, 18)]
    grips = [tube((12, y, z + 21), (30, y, z + 19), 1.5, BLACK) for y in (-18, 18)]
    cups = [moved(tapered(circles((0, 3), (6, 4)), WHITE, 10), x, y, z + 46) for x in (-10, 0, 10) for y in range(-30, 31, 12)]
    grinder = [cylinder(8, 0, 26, BLACK, 14), tapered(circles((26, 5), (44, 10)), Paint(color=(0.3, 0.2, 0.12), gloss=0.8), 14)]
    ground = [moved(mesh, 0, 58, z) for mesh in grinder]
    return [textured("smooth", body, *groups, *grips, *cups, *ground), textured("metal", steel)]


def pastry_case(length_cm: Number) -> list[Part]:
    """An open display with cakes on three glass shelves."""
    frame = boxes(CHROME, *((3, 3, 66, x, y, 133) for x in (-24, 24) for y in (-length_cm / 2 + 2, length_cm / 2 - 2)), (52, length_cm, 3, 0, 0, 166))
    shelves = boxes(Paint(color=(0.75, 0.82, 0.80), gloss=0.8), *((50, length_cm - 6, 1.5, 0, 0, z) for z in (110, 128, 147)))
    cakes: list[Mesh] = []
    tints = ((0.82, 0.60, 0.34), (0.35, 0.20, 0.13), (0.92, 0.85, 0.70), (0.80, 0.35, 0.38), (0.90, 0.72, 0.40))
    for row, z in enumerate((110.8, 128.8, 147.8)):
        for k, y in enumerate(np.arange(-length_cm / 2 + 14, length_cm / 2 - 10, 19).tolist()):
            paint = Paint(color=tints[(k * 2 + row) % 5], gloss=0.25, tile_cm=30)
            cake = cylinder(7, 0, 6, paint, 12) if (k + row) % 2 else rounded((16, 12, 6), (0, 0, 3), paint, 0.5, 10)
            cakes += [moved(cake, x, y, z) for x in (-12, 10)]
    return [textured("smooth", frame, shelves, *cakes)]


def fridge(color: Rgb, width_cm: Number = 70.0, height_cm: Number = 190.0) -> list[Part]:
    """A fridge with a freezer compartment."""
    paint = Paint(color=color, gloss=0.6, tile_cm=110)
    doors = boxes(paint, (66, width_cm, height_cm - 6, 0, 0, height_cm / 2 + 3), (4, width_cm - 2, height_cm * 0.62, 35, 0, height_cm * 0.67), (4, width_cm - 2, height_cm * 0.30, 35, 0, height_cm * 0.19))
    grips = boxes(CHROME, (4, 2, 40, 39, width_cm * 0.38, height_cm * 0.62), (4, 2, 24, 39, width_cm * 0.38, height_cm * 0.24))
    return [textured("metal", doors), textured("smooth", grips, boxes(BLACK, (58, width_cm - 4, 6, 0, 0, 3)))]


def kitchen_unit(length_cm: Number, color: Rgb, top: tuple[str, Paint], sink: bool = False, hob: bool = False) -> list[Part]:
    """Base cupboards with a worktop, and a sink or a hob with an oven."""
    count = max(1, round(length_cm / 60))
    step = length_cm / count
    places = [(k + 0.5) * step - length_cm / 2 for k in range(count)]
    paint = Paint(color=color, gloss=0.3, tile_cm=130)
    body: list[BoxRow] = [(56, length_cm, 78, 0, 0, 48)]
    oven_at = count // 2 if hob else -1
    fronts: list[BoxRow] = []
    for k, y in enumerate(places):
        if k != oven_at:
            split = ((k + count) % 3) == 0
            fronts += [(2.4, step - 1, 24, 29, y, z) for z in (22, 48, 74)] if split else [(2.4, step - 1, 76, 29, y, 48)]
    handles: list[BoxRow] = [(3, 16, 1.5, 31.5, row[4], row[5] + row[2] * 0.4) for row in fronts]
    slab = boxes(top[1], *((64, step, 4, 2, y, 89) for y in places))
    extras: list[Mesh] = [boxes(BLACK, (50, length_cm - 2, 9, 0, 0, 4.5)), boxes(CHROME, *handles)]
    if hob:
        y = places[oven_at]
        extras.append(boxes(DARK, (2.6, step - 2, 60, 29, y, 50), (3, step - 2, 11, 29, y, 82), (52, step - 4, 0.8, 2, y, 91.4)))
        extras += [moved(disc(8, 91.8, 92.6, Paint(color=(0.05, 0.05, 0.05), gloss=0.8), 16), x, y + dy, 0) for x in (-10, 14) for dy in (-13, 13)]
        pot = [cylinder(11, 92.6, 106, BRUSHED, 18), cylinder(11.6, 106, 107.4, STEEL, 18), cylinder(1.4, 107.4, 110, BLACK, 8)]
        extras += [moved(mesh, -10, y - 13, 0) for mesh in pot]
    if sink:
        y = places[0]
        extras.append(boxes(CHROME, (40, 46, 0.8, 3, y, 91.4), (3, 3, 30, -20, y, 104)))
        extras.append(boxes(Paint(color=(0.35, 0.36, 0.38), gloss=0.6), (34, 40, 0.6, 3, y, 91.9)))
        extras.append(tube((-20, y, 119), (0, y, 114), 1.3, CHROME))
    return [textured("wood_grain", boxes(paint, *body, *fronts)), textured(top[0], slab), textured("smooth", *extras)]


def wall_cupboards(length_cm: Number, color: Rgb, height_cm: Number = 72.0) -> list[Part]:
    """Wall cupboards; the origin is on the wall at the floor."""
    count = max(1, round(length_cm / 55))
    step = length_cm / count
    paint = Paint(color=color, gloss=0.3, tile_cm=130)
    places = [(k + 0.5) * step - length_cm / 2 for k in range(count)]
    rows: list[BoxRow] = [(33, length_cm, height_cm, 16.5, 0, 150 + height_cm / 2)]
    rows += [(2.2, step - 1, height_cm - 1, 34, y, 150 + height_cm / 2) for y in places]
    handles: list[BoxRow] = [(2.5, 1.5, 12, 36, y + step * 0.38, 162) for y in places]
    return [textured("wood_grain", boxes(paint, *rows)), textured("smooth", boxes(CHROME, *handles))]


def hood(width_cm: Number, top_cm: Number) -> list[Part]:
    """A cooker hood; its origin is on the wall at the floor, its chimney ends at ``top_cm``."""
    flare = tapered(circles((165, width_cm * 0.62), (195, 18)), BRUSHED, 4)
    turned_flare = turned(flare, (30, 0, 0), (0, 45, 0))
    return [textured("metal", turned_flare, boxes(BRUSHED, (26, 28, top_cm - 195, 24, 0, (top_cm + 195) / 2)))]


def steel_table(length_cm: Number, shelf: bool = True) -> list[Part]:
    """A steel work table of a restaurant kitchen, with pans on its lower shelf."""
    rows: list[BoxRow] = [(70, length_cm, 4, 0, 0, 88), (64, length_cm - 8, 2, 0, 0, 28)]
    rows += [(4, 4, 86, x, y, 43) for x in (-31, 31) for y in (-length_cm / 2 + 5, length_cm / 2 - 5)]
    things: list[Mesh] = []
    if shelf:
        for k, y in enumerate(np.arange(-length_cm / 2 + 24, length_cm / 2 - 18, 38).tolist()):
            r, h = 10 + 3 * (k % 3), 10 + 8 * ((k * 2) % 3)
            things.append(moved(cylinder(r, 29, 29 + h, BRUSHED if k % 2 else DARK, 16), 4 - 10 * (k % 2), y, 0))
    return [textured("metal", boxes(BRUSHED, *rows)), textured("smooth", *things, boxes(Paint(color=(0.85, 0.68, 0.42)), (30, 44, 3, 4, 0, 91.5)))]


def range_cooker(length_cm: Number) -> list[Part]:
    """A restaurant range with burners, ovens and pots."""
    count = max(1, round(length_cm / 80))
    step = length_cm / count
    steel: list[BoxRow] = [(78, length_cm, 78, 0, 0, 49), (6, length_cm, 40, -38, 0, 108)]
    dark: list[BoxRow] = []
    pots: list[Mesh] = []
    for k in range(count):
        y = (k + 0.5) * step - length_cm / 2
        dark += [(3, step - 12, 36, 39, y, 42), (66, step - 8, 3, 2, y, 89.5)]
        dark += [(4, 5, 5, 41, y + dy, 78) for dy in (-26, -9, 9, 26)]
        for x, dy in ((-14, -18), (16, 18)):
            r = 11 + 3 * ((k + x) % 3)
            pots += [moved(cylinder(r, 91, 91 + r * 1.2, BRUSHED, 18), x, y + dy, 0), tube((x + r, y + dy, 100), (x + r + 22, y + dy, 103), 1.3, BLACK)]
    return [textured("metal", boxes(BRUSHED, *steel)), textured("smooth", boxes(DARK, *dark), boxes(BLACK, (60, length_cm - 4, 10, 0, 0, 5)), *pots)]


def treadmill() -> list[Part]:
    """A treadmill; one runs towards +X."""
    belt = boxes(Paint(color=(0.10, 0.10, 0.11), tile_cm=90), (150, 48, 4, 0, 0, 17))
    frame = boxes(DARK, (168, 10, 13, 0, -31, 12), (168, 10, 13, 0, 31, 12), (30, 72, 18, 76, 0, 13), (6, 6, 112, 72, -34, 70), (6, 6, 112, 72, 34, 70))
    rails = boxes(STEEL, (56, 4, 4, 46, -34, 98), (56, 4, 4, 46, 34, 98))
    console = turned(boxes(DARK, (6, 66, 34, 0, 0, 0)), (72, 0, 136), (-20, 180, 0))
    shown = turned(picture((3.3, -22, -12), (0, 44, 0), (0, 0, 24), 2, 4, paint=Paint(glow=0.3)), (72, 0, 136), (-20, 180, 0))
    return [textured("rubber", belt), textured("smooth", frame, rails, console), textured("screens", shown)]


def exercise_bike(color: Rgb) -> list[Part]:
    """A spinning bike."""
    paint = Paint(color=color, gloss=0.6)
    bars = [tube((-45, 0, 6), (50, 0, 6), 3, DARK), tube((-20, 0, 8), (-25, 0, 88), 3, paint), tube((40, 0, 8), (34, 0, 104), 3, paint), tube((-22, 0, 55), (38, 0, 40), 4, paint), tube((34, -22, 106), (34, 22, 106), 1.6, BLACK)]
    wheel = turned(merged(cylinder(25, -3, 3, STEEL, 24), cylinder(21, -4, 4, DARK, 24)), (36, 0, 38), (0, 0, 90))
    crank = [turned(cylinder(8, -5, 5, DARK, 14), (-2, 0, 40), (0, 0, 90)), box((12, 8, 2), (8, 11, 28), BLACK), box((12, 8, 2), (-12, -11, 52), BLACK)]
    saddle = ellipsoid((-25, 0, 92), (14, 9, 5), BLACK, 12, 6)
    feet = boxes(DARK, (8, 50, 6, -45, 0, 3), (8, 50, 6, 50, 0, 3))
    return [textured("smooth", *bars, wheel, *crank, saddle, feet)]


def dumbbell_rack(length_cm: Number) -> list[Part]:
    """Three shelves of dumbbells."""
    posts: list[BoxRow] = [(50, 6, 8, 0, y, 4) for y in (-length_cm / 2 + 4, length_cm / 2 - 4)]
    posts += [(6, 6, 100, -12, y, 50) for y in (-length_cm / 2 + 4, length_cm / 2 - 4)]
    weights: list[Mesh] = []
    for row, z in enumerate((30, 58, 86)):
        posts.append((26, length_cm, 3, 2 - 7 * row, 0, z))
        for k, y in enumerate(np.arange(-length_cm / 2 + 18, length_cm / 2 - 10, 22).tolist()):
            r = 9.0 - 1.6 * row + 0.2 * (k % 4)
            for dx in (-11, 11):
                weights.append(turned(cylinder(r, -3.5, 3.5, BLACK if k % 2 else DARK, 8), (2 - 7 * row + dx, y, z + 1.5 + r), (90, 0, 0)))
            weights.append(tube((-9 + 2 - 7 * row, y, z + 1.5 + r), (9 + 2 - 7 * row, y, z + 1.5 + r), 1.6, CHROME, 6))
    return [textured("smooth", boxes(STEEL, *posts), *weights)]


def weight_bench(color: Rgb) -> list[Part]:
    """A bench with a barbell on its stands; it is long along X."""
    pads = [rounded((110, 28, 10), (-15, 0, 45), cloth(color), 0.8)]
    frame = boxes(DARK, (100, 6, 6, -10, 0, 36), (6, 46, 6, -60, 0, 3), (6, 60, 6, 42, 0, 3), (6, 6, 36, -60, 0, 18), (6, 6, 100, 42, -28, 50), (6, 6, 100, 42, 28, 50), (6, 6, 36, 30, 0, 18))
    bar = tube((36, -105, 103), (36, 105, 103), 1.4, CHROME)
    plates = [tube((36, s * (80 + 4 * k), 103), (36, s * (83 + 4 * k), 103), 22 - 4 * k, Paint(color=((0.75, 0.15, 0.13), (0.15, 0.3, 0.6))[k % 2], gloss=0.4), 20) for s in (-1, 1) for k in range(3)]
    return [textured("leather", *pads), textured("smooth", frame, bar, *plates)]


def squat_rack(color: Rgb) -> list[Part]:
    """A cage of steel posts with a loaded bar."""
    paint = Paint(color=color, gloss=0.5)
    posts: list[BoxRow] = [(7, 7, 225, x, y, 112) for x in (-55, 55) for y in (-58, 58)]
    posts += [(110, 6, 6, 0, y, z) for y in (-58, 58) for z in (4, 222)] + [(6, 116, 6, x, 0, 222) for x in (-55, 55)]
    bar = tube((60, -108, 140), (60, 108, 140), 1.4, CHROME)
    plates = [tube((60, s * (78 + 5 * k), 140), (60, s * (82 + 5 * k), 140), 22 - 5 * k, BLACK, 20) for s in (-1, 1) for k in range(3)]
    return [textured("smooth", boxes(paint, *posts), bar, *plates)]


def ball(radius_cm: Number, color: Rgb) -> list[Part]:
    """A gymnastic ball."""
    return [textured("leather", ellipsoid((0, 0, radius_cm), (radius_cm,) * 3, Paint(color=color, gloss=0.4), 20, 12))]


def mat(color: Rgb, length_cm: Number = 180.0, thickness_cm: Number = 1.5) -> list[Part]:
    """An exercise mat, long along Y."""
    return [textured("tweed", boxes(cloth(color), (62, length_cm, thickness_cm, 0, 0, thickness_cm / 2)))]


def punching_bag(drop_cm: Number) -> list[Part]:
    """A punching bag on a chain; its origin is at the ceiling."""
    bag = cylinder(18, -drop_cm - 110, -drop_cm, Paint(color=(0.55, 0.12, 0.10), gloss=0.35, tile_cm=60), 18)
    bands = [cylinder(18.5, -drop_cm - z - 8, -drop_cm - z, BLACK, 18) for z in (4, 60)]
    return [textured("leather", bag), textured("smooth", cylinder(1.5, -drop_cm, 0, STEEL, 6), *bands)]


def wall_bars(width_cm: Number, height_cm: Number) -> list[Part]:
    """Wooden gymnastic bars at a wall."""
    rungs = [tube((10, -width_cm / 2, z), (10, width_cm / 2, z), 1.8, wood((0.78, 0.56, 0.34))) for z in np.arange(20, height_cm - 6, 15).tolist()]
    posts = boxes(wood((0.72, 0.50, 0.30)), *((12, 5, height_cm, 7, y, height_cm / 2) for y in (-width_cm / 2, 0, width_cm / 2)))
    return [textured("wood_grain", *rungs, posts)]


def basket_hoop() -> list[Part]:
    """A basketball board on arms; its origin is on the wall at the floor."""
    board = boxes(WHITE, (4, 180, 105, 84, 0, 345))
    lines = boxes(Paint(color=(0.82, 0.15, 0.12)), (0.6, 60, 4, 86.3, 0, 352), (0.6, 4, 45, 86.3, -30, 330), (0.6, 4, 45, 86.3, 30, 330), (0.6, 60, 4, 86.3, 0, 308))
    ring = [tube((110 + 22 * np.cos(a), 22 * np.sin(a), 305), (110 + 22 * np.cos(a + 0.42), 22 * np.sin(a + 0.42), 305), 1.2, Paint(color=(0.9, 0.35, 0.1)), 6) for a in np.arange(0, 6.28, 0.42).tolist()]
    arms = [tube((0, y, 350), (84, y * 0.6, 345), 3, STEEL) for y in (-60, 60)]
    net = [tube((110 + 21 * np.cos(a), 21 * np.sin(a), 304), (110 + 12 * np.cos(a + 0.5), 12 * np.sin(a + 0.5), 266), 0.5, WHITE, 4) for a in np.arange(0, 6.28, 0.5).tolist()]
    link = boxes(Paint(color=(0.9, 0.35, 0.1)), (6, 12, 3, 87, 0, 305))
    return [textured("smooth", board, lines, *ring, *arms, *net, link)]


def copier() -> list[Part]:
    """An office copier."""
    body = boxes(Paint(color=(0.86, 0.86, 0.85), gloss=0.3), (62, 66, 62, 0, 0, 34), (58, 62, 26, -2, 0, 92), (64, 66, 10, 0, 0, 110))
    trays = boxes(DARK, (2, 58, 13, 31, 0, 16), (2, 58, 13, 31, 0, 32), (2, 58, 13, 31, 0, 48), (58, 60, 12, 0, 0, 71), (16, 26, 3, 30, 14, 115))
    paper = boxes(WHITE, (24, 30, 2, 10, -6, 78))
    return [textured("smooth", body, trays, paper)]


def vending_machine(color: Rgb) -> list[Part]:
    """A vending machine with products behind glass."""
    body = boxes(Paint(color=color, gloss=0.5), (78, 100, 185, 0, 0, 94))
    glow = boxes(Paint(color=(0.92, 0.94, 0.96), glow=0.25), (1, 66, 120, 39.6, -12, 118))
    goods = [picture((40.4, -42 + 13 * c, 62 + 23 * r), (0, 11, 0), (0, 0, 18), 7 * r + 3 * c, 8, paint=Paint(glow=0.15)) for r in range(5) for c in range(5)]
    keys = boxes(DARK, (2, 16, 40, 39.8, 36, 110), (3, 60, 18, 39.5, -8, 34))
    return [textured("smooth", body, glow, keys), textured("products", *goods)]


def forklift(color: Rgb) -> list[Part]:
    """A small forklift truck."""
    paint = Paint(color=color, gloss=0.6)
    body = [rounded((150, 96, 62), (-20, 0, 58), paint, 0.9), rounded((50, 92, 50), (-76, 0, 78), DARK, 0.9)]
    mast = boxes(DARK, *((8, 8, 210, 66, y, 108) for y in (-30, 30)), (6, 60, 8, 66, 0, 205), (6, 66, 40, 74, 0, 40))
    forks = boxes(STEEL, *((100, 11, 4, 124, y, 12) for y in (-22, 22)))
    cage = boxes(BLACK, *((5, 5, 116, x, y, 146) for x in (-60, 28) for y in (-42, 42)), (96, 92, 5, -16, 0, 206))
    wheels = [turned(cylinder(r, -9, 9, BLACK, 18), (x, y, r), (0, 0, 90)) for x, r in ((44, 26), (-62, 22)) for y in (-42, 42)]
    seat = rounded((44, 46, 14), (-20, 0, 96), cloth((0.12, 0.12, 0.13)))
    wheel = turned(cylinder(15, 0, 3, BLACK, 16), (20, 0, 118), (-50, 0, 0))
    post = tube((34, 0, 86), (20, 0, 118), 2, BLACK)
    return [textured("smooth", *body, mast, forks, cage, *wheels, seat, wheel, post)]


def spot_batten(length_cm: Number, drop_cm: Number, colors: tuple[Rgb, ...]) -> list[Part]:
    """A pipe along Y with theatre lanterns; its origin is at the ceiling."""
    pipe = tube((0, -length_cm / 2, -drop_cm), (0, length_cm / 2, -drop_cm), 2.5, BLACK, 8)
    cables = [moved(cylinder(0.5, -drop_cm, 0, BLACK, 5), 0, y, 0) for y in np.linspace(-length_cm * 0.45, length_cm * 0.45, 4).tolist()]
    heads: list[Mesh] = []
    for k, y in enumerate(np.arange(-length_cm / 2 + 30, length_cm / 2, 75).tolist()):
        lens = Paint(color=colors[k % len(colors)], glow=0.9)
        body = [tapered(circles((-24, 13), (0, 11), (10, 6)), BLACK, 14), disc(11, -24.8, -24.2, lens, 14)]
        heads += [turned(mesh, (0, y, -drop_cm - 20), (20 + 5 * (k % 3), 0, 0)) for mesh in body]
        heads.append(boxes(BLACK, (2, 3, 18, 0, y, -drop_cm - 9)))
    return [textured("smooth", pipe, *cables, *heads)]


def piano(color: Rgb = (0.08, 0.07, 0.07)) -> list[Part]:
    """An upright piano with its stool."""
    paint = Paint(color=color, gloss=0.7)
    body = boxes(paint, (34, 150, 118, -10, 0, 61), (26, 150, 16, 18, 0, 68), (5, 8, 60, 28, -70, 30), (5, 8, 60, 28, 70, 30), (40, 154, 4, -9, 0, 122))
    keys = boxes(WHITE, *((14, 2.2, 2, 22, y, 77) for y in np.arange(-61, 62, 2.4).tolist()))
    blacks = boxes(BLACK, *((9, 1.2, 2.4, 19, y, 78) for k, y in enumerate(np.arange(-60, 60, 2.4).tolist()) if k % 7 not in (2, 6)))
    music = boxes(WHITE, (1.5, 44, 26, 10, 0, 95))
    seat = [rounded((36, 60, 8), (75, 0, 48), cloth((0.3, 0.1, 0.1)), 0.8), boxes(paint, *((4, 4, 44, x, y, 22) for x in (61, 89) for y in (-25, 25)))]
    pedals = boxes(BRASS, *((10, 4, 1.5, 14, y, 5) for y in (-8, 0, 8)))
    return [textured("smooth", body, keys, blacks, music, *seat, pedals)]


def fireplace(brick: Rgb, height_cm: Number) -> list[Part]:
    """A brick chimney breast with a hearth, logs and a mantel; it stands 45 cm out of the wall."""
    paint = Paint(color=brick, tile_cm=230)
    rows: list[BoxRow] = [(45, 52, 100, 22, side * 66, 50) for side in (-1, 1)]
    rows += [(45, 184, (height_cm - 100) / 2, 22, 0, 100 + (height_cm - 100) * (k + 0.5) / 2) for k in range(2)]
    inner = boxes(Paint(color=(0.10, 0.09, 0.08)), (4, 82, 100, 4, 0, 50))
    mantel = boxes(wood((0.36, 0.23, 0.15)), (18, 200, 9, 52, 0, 122))
    hearth = boxes(Paint(color=(0.35, 0.34, 0.33), tile_cm=120), (90, 190, 3, 44, 0, 1.5))
    logs = [tube((22 + dx, -26, 9 + dz), (22 + dx, 26, 9 + dz), 6, wood((0.42, 0.28, 0.18), 0.05)) for dx, dz in ((-6, 0), (7, 0), (0, 10))]
    embers = ellipsoid((24, 0, 5), (14, 22, 6), Paint(color=(1.0, 0.42, 0.12), glow=0.8), 10, 6)
    return [textured("old_brick", boxes(paint, *rows)), textured("concrete_cast", hearth), textured("wood_grain", mantel, *logs), textured("smooth", inner, embers)]


def television(width_cm: Number, cell: int, board: Rgb) -> list[Part]:
    """A television on a low board."""
    w, h = width_cm, width_cm * 0.56
    case = boxes(BLACK, (5, w + 3, h + 3, -4, 0, 62 + h / 2), (22, 50, 2, -2, 0, 49), (4, 10, 14, -6, 0, 55))
    screen = picture((-1.2, -w / 2, 62), (0, w, 0), (0, 0, h), cell, 4, paint=Paint(gloss=0.6, glow=0.15))
    unit = boxes(wood(board), (42, w + 50, 34, 0, 0, 30), (1.5, (w + 50) / 2 - 4, 30, 21.5, -(w + 50) / 4, 30), (1.5, (w + 50) / 2 - 4, 30, 21.5, (w + 50) / 4, 30))
    feet = boxes(BLACK, *((4, 4, 13, x, y, 6.5) for x in (-17, 17) for y in (-w / 2 - 15, w / 2 + 15)))
    return [textured("smooth", case, feet), textured("wood_grain", unit), textured("artworks", screen)]
