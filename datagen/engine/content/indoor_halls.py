"""Gyms, a warehouse, a shop and a station hall."""

import numpy as np

from .decor import beam, bin_, board, clock, column, curtain, door, duct, exit_sign, frame, high_bay, light_panel, pendant, plant, sheet, track
from .environment import Environment
from .indoor_level import Props, at, level, numbered, on
from .indoor_shell import Hall, facing, Opening, Surface, Wall
from .machines import (
    ball,
    basket_hoop,
    dumbbell_rack,
    exercise_bike,
    forklift,
    fridge,
    mat,
    punching_bag,
    squat_rack,
    treadmill,
    vending_machine,
    wall_bars,
    weight_bench,
)
from .meshes import Mesh, Paint, Part, Rgb, cylinder, ellipsoid, merged, moved, textured, turned
from .seating import BLACK, STEEL, bench, booth
from .shapes import BoxRow, boxes, picture, rounded, tube
from .shelves import bookcase, carton_pile, gondola, lockers, package, pallet_rack
from .tables import book_pile, computer, counter, desk, round_table, vivid

Rng = np.random.Generator


def gym_fitness(rng: Rng) -> Environment:
    """A fitness room: rubber floor, machines along the walls, weights, yellow wall with big posters."""
    grey, yellow = Surface("concrete_cast", (0.72, 0.72, 0.73), 400), Surface("painted", (0.90, 0.72, 0.14), 460)
    strip = [Opening(at_cm=-460 + 230 * k, width_cm=190, low_cm=60, high_cm=280, bars=(1, 2), frame=(0.14, 0.14, 0.15)) for k in range(5)]
    hall = Hall(
        half_x=680, half_y=520, profile=(380,),
        floor=Surface("rubber", (0.92, 0.92, 0.95), 330, 0.06), ceiling=Surface("painted", (0.24, 0.25, 0.27), 500),
        walls={"north": Wall(surface=grey, openings=strip), "south": Wall(surface=yellow), "west": Wall(surface=grey), "east": Wall(surface=Surface("old_brick", (0.92, 0.90, 0.88), 320))},
        skirting=(0.10, 0.10, 0.11),
    )  # fmt: skip
    props: Props = {}
    props |= numbered("Treadmill", [at(treadmill(), x, 385, 90) for x in (-520, -400, -280, -160)])
    props |= numbered("Bike", [at(exercise_bike(((0.80, 0.20, 0.15), (0.85, 0.70, 0.10))[k % 2]), x, 390, 80 + rng.uniform(-8, 8)) for k, x in enumerate((40, 130, 220, 310))])
    props |= numbered("Dumbbells", [hall.at_wall("south", a, dumbbell_rack(230), 40) for a in (-250, 10)])
    props |= numbered("Bench", [at(weight_bench(c), x, y, yaw) for x, y, yaw, c in ((470, -130, 180, (0.12, 0.12, 0.13)), (470, 150, 180, (0.62, 0.12, 0.10)))])
    props |= numbered("Rack", [hall.at_wall("west", a, squat_rack(c), 90) for a, c in ((-260, (0.78, 0.16, 0.12)), (30, (0.14, 0.15, 0.17)))])
    props |= numbered("Bag", [at(punching_bag(95), x, -420, 0, 380) for x in (390, 520)])
    props |= numbered("Mat", [at(mat(c), x, y, yaw) for x, y, yaw, c in ((-330, -330, 80, (0.20, 0.45, 0.60)), (-330, -240, 95, (0.62, 0.25, 0.40)), (150, -260, 20, (0.25, 0.50, 0.35)))])
    props |= numbered("Ball", [at(ball(r, c), x, y) for r, x, y, c in ((33, -560, -430, (0.20, 0.50, 0.70)), (28, -500, -470, (0.80, 0.30, 0.25)), (38, 290, -440, (0.55, 0.60, 0.62)))])
    props |= numbered("Poster", [hall.at_wall("south", a, frame(w, w * 1.3, (0.10, 0.10, 0.10), c, "posters"), 0.5, 235) for a, w, c in ((-480, 120, 8), (-290, 130, 0), (-60, 150, 13), (180, 120, 5), (400, 130, 11))])
    props |= numbered("Bars", [hall.at_wall("east", a, wall_bars(180, 260)) for a in (-320, -120)])
    props["Lockers"] = hall.at_wall("east", 220, lockers(7, ((0.25, 0.27, 0.30), (0.85, 0.70, 0.10))), 26)
    props["Door"] = hall.at_wall("east", 430, door((0.16, 0.17, 0.19), texture="metal", has_glass=True), 1)
    props["Clock"] = hall.at_wall("west", -120, clock(26, 7.3), 0, 290)
    props |= numbered("Tube", [at(light_panel(300, 18, drop_cm=60), x, y, 90 * (k % 2), 380) for k, (x, y) in enumerate(((-420, -220), (-420, 180), (0, -220), (0, 180), (420, -220), (420, 180)))])
    props |= numbered("Duct", [at(duct(1340, 24), 0, y, 90, 380) for y in (-10, 460)])
    props |= numbered("Plant", [at(plant(rng, 160, (0.15, 0.15, 0.16), "swords"), x, y) for x, y in ((-620, 460), (430, 440))])
    props["Bin"] = at(bin_((0.2, 0.2, 0.22), 55), 600, 440)
    return level(hall, props, rng, lamps_cm=((-420, -20, 320), (0, -200, 320), (0, 200, 320), (420, -20, 320)), lamp=(0.62, 0.63, 0.64),
                 sky=(0.60, 0.61, 0.64), ground=(0.50, 0.50, 0.50), exposure=0.86)  # fmt: skip


def gym_sports(rng: Rng) -> Environment:
    """A school sports hall: a court with coloured lines, hoops, wall bars, high windows."""
    boards, upper = Surface("wall_panels", (0.80, 0.62, 0.40), 320), Surface("painted", (0.92, 0.90, 0.84), 600)
    high = [Opening(at_cm=-900 + 300 * k, width_cm=250, low_cm=400, high_cm=560, bars=(3, 1), frame=(0.25, 0.40, 0.55)) for k in range(7)]
    hall = Hall(
        half_x=1200, half_y=750, profile=(620, 740, 740, 620),
        floor=Surface("oak_floor", (0.88, 0.68, 0.44), 380, 0.35), ceiling=Surface("corrugated", (0.88, 0.89, 0.90), 420),
        walls={side: Wall(surface=upper, openings=high if side in ("north", "south") else (), dado=boards, dado_cm=260) for side in ("north", "south", "east", "west")},
        skirting=(0.50, 0.36, 0.22), outside="garden",
    )  # fmt: skip
    props: Props = {"Court": at(_court_lines(), 0, 0)}
    props |= numbered("Hoop", [hall.at_wall(side, 0, basket_hoop()) for side in ("east", "west")])
    props |= numbered("Bars", [hall.at_wall("south", a, wall_bars(200, 250)) for a in (-820, -580, -340, 340, 580, 820)])
    props |= numbered("Bench", [hall.at_wall("north", a, bench(360, (0.82, 0.62, 0.38), 32), 40) for a in (-800, -380, 380, 800)])
    blue, red = (0.18, 0.38, 0.62), (0.72, 0.20, 0.16)
    props |= numbered("Vault", [at(_vault(c), x, y, yaw) for x, y, yaw, c in ((-900, 520, 20, (0.62, 0.40, 0.22)), (880, -560, 100, (0.45, 0.28, 0.18)))])
    props |= numbered("Mats", [at(_thick_mat(c, n), x, y, yaw) for x, y, yaw, c, n in ((-980, -560, 0, blue, 3), (-760, -600, 90, red, 1), (960, 560, 0, blue, 2))])
    props |= numbered("Ball", [at(ball(12, (0.85, 0.42, 0.14)), x, y) for x, y in ((-420, 420), (-455, 440), (520, -480), (330, 560))])
    props |= numbered("Truss", [at(_truss(1480), x, 0, 0, 600) for x in (-900, -450, 0, 450, 900)])
    props |= numbered("Lamp", [at(high_bay(40), x, y, 0, 690) for x in (-900, -300, 300, 900) for y in (-250, 250)])
    props["Score"] = hall.at_wall("west", 430, board(260, 150, 3, (0.10, 0.10, 0.12), 0.2), 1, 420)
    props["Clock"] = hall.at_wall("west", -430, clock(36, 2.2), 0, 420)
    props |= numbered("Banner", [hall.at_wall(s, a, sheet(110, 190, c), 0.6, 390) for s, a, c in (("east", -500, 3), ("east", -330, 8), ("east", 330, 13), ("east", 500, 6))])
    props |= numbered("Door", [hall.at_wall("north", a, door((0.25, 0.40, 0.55), 160, 225, "metal", True), 1) for a in (0,)])
    props["Exit"] = hall.at_wall("north", 0, exit_sign(), 0, 255)
    props["Rack"] = hall.at_wall("north", 1080, bookcase(rng, 180, 180, (0.25, 0.40, 0.55), "products", 50, 4), 27)
    return level(hall, props, rng, lamps_cm=((-500, -250, 560), (500, -250, 560), (-500, 250, 560), (500, 250, 560)), lamp=(0.60, 0.58, 0.52), lamp_reach_cm=380,
                 sky=(0.66, 0.67, 0.70), ground=(0.60, 0.54, 0.46), exposure=0.78)  # fmt: skip


def _court_lines() -> list[Part]:
    """Painted lines, a few millimetres above the floor."""
    white, blue, red = (Paint(color=c) for c in ((0.95, 0.95, 0.92), (0.15, 0.32, 0.60), (0.70, 0.16, 0.14)))
    frame_rows: list[BoxRow] = [(1900, 5, 0.3, 0, s * 560, 0.15) for s in (-1, 1)] + [(5, 1120, 0.3, s * 950, 0, 0.15) for s in (-1, 1)]
    frame_rows += [(5, 1120, 0.3, 0, 0, 0.15)] + [(580, 5, 0.3, s * 660, t * 180, 0.15) for s in (-1, 1) for t in (-1, 1)] + [(5, 360, 0.3, s * 370, 0, 0.15) for s in (-1, 1)]
    inner: list[BoxRow] = [(1340, 5, 0.2, 0, s * 305, 0.1) for s in (-1, 1)] + [(5, 610, 0.2, s * 670, 0, 0.1) for s in (-1, 1)] + [(5, 610, 0.2, s * 198, 0, 0.1) for s in (-1, 1)]
    circle = [_arc(0, 0, 180, red), _arc(-950, 0, 420, blue, -0.25, 0.25), _arc(950, 0, 420, blue, 0.25, 0.75)]
    return [textured("smooth", boxes(white, *frame_rows), boxes(blue, *inner), *circle)]


def _arc(x: float, y: float, radius: float, paint: Paint, start: float = 0.0, end: float = 1.0) -> Mesh:
    """A painted arc; ``start`` and ``end`` are shares of a turn."""
    turns = np.linspace(start, end, 49) * 2 * np.pi
    pieces = [
        moved(turned(boxes(paint, (5, radius * (b - a) * 1.02, 0.25, 0, 0, 0.125)), (0, 0, 0), (0, float(np.degrees((a + b) / 2)), 0)), x + radius * np.cos((a + b) / 2), y + radius * np.sin((a + b) / 2), 0)
        for a, b in zip(turns[:-1], turns[1:], strict=True)
    ]
    return merged(*pieces)


def _vault(color: Rgb) -> list[Part]:
    """A vaulting box with a leather top."""
    layers: list[BoxRow] = [(60 - 5 * k, 150 - 8 * k, 24, 0, 0, 13 + 25 * k) for k in range(4)]
    top = boxes(Paint(color=(0.48, 0.26, 0.16), tile_cm=60), (42, 126, 10, 0, 0, 105))
    return [textured("wood_grain", boxes(Paint(color=color, tile_cm=130), *layers)), textured("leather", top)]


def _thick_mat(color: Rgb, count: int) -> list[Part]:
    """Piled gymnastic mats."""
    rows: list[BoxRow] = [(200, 120, 19, 3.0 * (k % 2), 2.0 * k, 9.5 + 20 * k) for k in range(count)]
    return [textured("leather", boxes(Paint(color=color, gloss=0.2, tile_cm=110), *rows))]


def _truss(length_cm: float) -> list[Part]:
    """A steel truss along Y; its origin is at its top."""
    paint = Paint(color=(0.25, 0.40, 0.55), gloss=0.4)
    chords: list[BoxRow] = [(8, length_cm, 8, 0, 0, z) for z in (-4, -70)]
    count = int(length_cm / 110)
    step = length_cm / count
    bars = [tube((0, -length_cm / 2 + step * k, -68 if k % 2 else -6), (0, -length_cm / 2 + step * (k + 1), -6 if k % 2 else -68), 2.4, paint, 6) for k in range(count)]
    return [textured("smooth", boxes(paint, *chords), *bars)]


def warehouse(rng: Rng) -> Environment:
    """A warehouse: pallet racks on both sides of a wide aisle, steel roof, forklift, cartons."""
    steel = Surface("corrugated", (0.74, 0.78, 0.80), 380)
    hall = Hall(
        half_x=1150, half_y=780, profile=(640, 800, 640),
        floor=Surface("cement", (0.68, 0.68, 0.66), 700, 0.2), ceiling=Surface("corrugated", (0.80, 0.81, 0.80), 400),
        walls={"north": Wall(surface=steel, dado=Surface("concrete_cast", (0.80, 0.80, 0.78), 420), dado_cm=210), "south": Wall(surface=steel, dado=Surface("concrete_cast", (0.80, 0.80, 0.78), 420), dado_cm=210),
               "west": Wall(surface=steel, openings=[Opening(at_cm=-300, width_cm=360, low_cm=0.6, high_cm=400, bars=(1, 1), frame=(0.90, 0.72, 0.12))], dado=Surface("concrete_cast", (0.80, 0.80, 0.78), 420), dado_cm=210),
               "east": Wall(surface=steel, dado=Surface("concrete_cast", (0.80, 0.80, 0.78), 420), dado_cm=210)},
        skirting=None,
    )  # fmt: skip
    props: Props = {}
    props |= numbered("Rack", [at(pallet_rack(rng, n, 3), x, y, 90) for x, y, n in ((-330, 620, 4), (620, 620, 3), (120, -640, 5))])
    props["Rack_3"] = at(pallet_rack(rng, 2, 3, (0.18, 0.50, 0.32)), 980, -220, 0)
    props["Forklift"] = at(forklift((0.92, 0.68, 0.10)), -700, -470, 35)
    props |= numbered("Pile", [at(carton_pile(rng, n), x, y, yaw) for x, y, yaw, n in ((-480, 300, 12, 7), (430, -360, 40, 8), (640, 330, -20, 6), (-930, 420, 5, 10), (-300, -470, 80, 4), (860, 420, 0, 9))])
    yellow = Paint(color=(0.92, 0.76, 0.12))
    lines: list[BoxRow] = [(1900, 10, 0.3, 0, y, 0.15) for y in (-420, 420)] + [(10, 840, 0.25, x, 0, 0.12) for x in (-950, 830)]
    lines += [(16, 90, 0.3, -1040 + 45 * k, -300, 0.15) for k in range(4)]
    props["Lines"] = at([textured("smooth", boxes(yellow, *lines))], 0, 0)
    props |= numbered("Truss", [at(_truss(1520), x, 0, 0, 640) for x in (-800, -270, 270, 800)])
    props |= numbered("Lamp", [at(high_bay(90), x, 0, 0, 790) for x in (-800, -270, 270, 800)])
    props |= numbered("Bollard", [at([textured("smooth", cylinder(9, 0, 100, yellow, 14), *(cylinder(9.3, z, z + 14, BLACK, 14) for z in (30, 62)))], x, y) for x, y in ((-1080, -90), (-1080, -510), (-560, 450), (820, 450))])
    props["Office"] = on(hall.at_wall("west", 430, desk(170, (0.72, 0.62, 0.46), (0.40, 0.44, 0.46)), 60), computer(rng, 74), -10, 0)
    props["Plan"] = hall.at_wall("west", 430, board(240, 120, 1, (0.6, 0.6, 0.6)), 0.5, 170)
    props["Lockers"] = hall.at_wall("west", 660, lockers(5, ((0.30, 0.42, 0.55), (0.45, 0.48, 0.50))), 26)
    props |= numbered("Column", [at(column(640, 30, "smooth", Paint(color=(0.86, 0.70, 0.16) if k % 2 else (0.30, 0.36, 0.42), gloss=0.3)), x, y) for k, (x, y) in enumerate((x, y) for x in (-800, -270, 270, 800) for y in (-755, 755))])
    props |= numbered("Sign", [hall.at_wall(s, a, sheet(80, 80, c), 0.6, 330) for s, a, c in (("east", 300, 3), ("east", 480, 9), ("north", -700, 6), ("south", 760, 12), ("west", 120, 14))])
    props["Door"] = hall.at_wall("east", 500, door((0.80, 0.30, 0.14), 110, 220, "metal"), 1)
    props["Exit"] = hall.at_wall("east", 500, exit_sign(), 0, 250)
    props["Ladder"] = at(_ladder(), 330, 470, 0)
    return level(hall, props, rng, lamps_cm=((-700, 0, 560), (-230, 0, 560), (230, 0, 560), (700, 0, 560)), lamp=(0.72, 0.70, 0.64), lamp_reach_cm=420,
                 sky=(0.58, 0.60, 0.63), ground=(0.50, 0.49, 0.47), exposure=0.84)  # fmt: skip


def _ladder() -> list[Part]:
    """A rolling ladder of steel."""
    paint = Paint(color=(0.80, 0.28, 0.16), gloss=0.4)
    rails = [tube((-40, y, 6), (40, y, 230), 2.2, paint) for y in (-28, 28)] + [tube((60, y, 6), (40, y, 230), 2.2, paint) for y in (-28, 28)]
    steps: list[BoxRow] = [(20, 54, 3, -36 + 9.4 * k, 0, 22 + 26 * k) for k in range(8)]
    wheels: list[BoxRow] = [(10, 5, 10, x, y, 5) for x in (-40, 60) for y in (-28, 28)]
    return [textured("smooth", *rails, boxes(STEEL, *steps), boxes(BLACK, *wheels))]


def shop(rng: Rng) -> Environment:
    """A grocery: shelves, a produce stand, fridges with drinks, a checkout, hanging signs."""
    cream, red = Surface("painted", (0.95, 0.93, 0.88), 520), Surface("painted", (0.78, 0.26, 0.20), 460)
    front = [Opening(at_cm=y, width_cm=280, low_cm=50, high_cm=290, bars=(2, 1), frame=(0.20, 0.42, 0.32)) for y in (-330, 0, 330)]
    hall = Hall(
        half_x=780, half_y=600, profile=(365,),
        floor=Surface("terrazzo", (0.92, 0.90, 0.86), 300, 0.3), ceiling=Surface("acoustic", (0.95, 0.95, 0.94), 370),
        walls={"west": Wall(surface=cream, openings=front), "east": Wall(surface=red), "north": Wall(surface=cream, dado=Surface("subway_tiles", (0.30, 0.52, 0.42), 170, 0.4), dado_cm=90), "south": Wall(surface=cream)},
        skirting=(0.30, 0.32, 0.30),
    )  # fmt: skip
    props: Props = {}
    props |= numbered("Gondola", [at(gondola(rng, 260, h), x, y, yaw) for x, y, yaw, h in ((240, 330, 90, 150), (540, 330, 90, 150), (250, -330, 90, 150), (-120, 400, 90, 120))])
    props |= numbered("Shelf", [hall.at_wall("south", a, bookcase(rng, 240, 215, (0.88, 0.88, 0.86), "products", 44, 5), 25) for a in (-420, -170, 80, 330)])
    props |= numbered("Wine", [hall.at_wall("north", a, bookcase(rng, 200, 215, (0.46, 0.31, 0.20), "bottles", 40, 5), 24) for a in (-520, -310)])
    props |= numbered("Cooler", [hall.at_wall("east", a, vending_machine(c), 42) for a, c in ((-330, (0.20, 0.36, 0.60)), (-220, (0.85, 0.86, 0.87)), (-110, (0.75, 0.20, 0.16)), (0, (0.20, 0.50, 0.36)))])
    props |= numbered("Fridge", [hall.at_wall("east", a, fridge((0.90, 0.91, 0.92), 90, 205), 36) for a in (130, 225)])
    props["Produce"] = at(_produce(rng), -330, -330, 90)
    props["Bread"] = hall.at_wall("north", 330, _bakery(rng), 45)
    checkout = at(counter(260, ("wall_panels", Paint(color=(0.70, 0.56, 0.40), tile_cm=170)), ("smooth", Paint(color=(0.22, 0.23, 0.24), gloss=0.4)), 92), -480, 250, 0)
    props["Checkout"] = on(on(checkout, computer(rng, 92), 0, -60, 180), book_pile(rng, 92, 4), 5, 50)
    props |= numbered("Crates", [at(_crates(rng), x, y, yaw) for x, y, yaw in ((-640, -480, 10), (-90, -440, 80), (640, -60, 0))])
    props |= numbered("Sign", [at(_hanging_sign(c, cell), x, y, 90, 365) for x, y, c, cell in ((300, 250, (0.20, 0.42, 0.32), 3), (300, -250, (0.78, 0.26, 0.20), 11), (-330, -240, (0.90, 0.68, 0.20), 17))])
    props |= numbered("Light", [at(light_panel(240, 24), x, y, 90, 365) for x in (-480, 0, 480) for y in (-300, 0, 300)])
    props |= numbered("Track", [hall.at_wall("north", 330, track(300, 4), 150, 365)])
    props |= numbered("Poster", [hall.at_wall(s, a, sheet(w, w * 1.3, c), 0.6, z) for s, a, w, c, z in (("north", -60, 80, 2, 210), ("north", 50, 70, 9, 200), ("north", 150, 75, 12, 210), ("south", 520, 80, 5, 200), ("south", 620, 70, 14, 210), ("east", 380, 90, 7, 230), ("east", 480, 80, 10, 220), ("north", 560, 90, 0, 210))])
    props["Door"] = hall.at_wall("south", -660, door((0.20, 0.42, 0.32), 120, 225, has_glass=True), 1)
    props["Clock"] = hall.at_wall("east", 480, clock(24, 11.6), 0, 300)
    props |= numbered("Plant", [at(plant(rng, 130, (0.80, 0.50, 0.34), s), x, y) for s, x, y in (("broad", -710, -60), ("swords", -700, 520))])
    return level(hall, props, rng, lamps_cm=((-420, -150, 330), (-420, 200, 330), (300, 0, 330), (560, -200, 330)), lamp=(0.55, 0.54, 0.50),
                 sky=(0.66, 0.67, 0.68), ground=(0.58, 0.57, 0.54))  # fmt: skip


def _produce(rng: Rng) -> list[Part]:
    """A sloping stand with trays of fruit and vegetables, long along Y."""
    rows: list[BoxRow] = [(110, 260, 30, 0, 0, 15), (8, 260, 76, -50, 0, 38), (8, 260, 46, 50, 0, 23)]
    stand = boxes(Paint(color=(0.56, 0.40, 0.26), tile_cm=130), *rows)
    fruit: list[Mesh] = []
    trays: list[BoxRow] = []
    kinds: tuple[Rgb, ...] = ((0.85, 0.18, 0.14), (0.95, 0.58, 0.12), (0.55, 0.72, 0.20), (0.95, 0.82, 0.25), (0.45, 0.18, 0.32), (0.80, 0.62, 0.36), (0.30, 0.52, 0.20), (0.92, 0.45, 0.22))
    for row in range(2):
        for k in range(4):
            x, y, z = 24 - 46 * row, -97.5 + 65 * k, 42 + 22 * row
            trays.append((44, 62, 14, x, y, z))
            paint = Paint(color=kinds[(k + 4 * row) % 8], gloss=0.35, tile_cm=30)
            for i in range(4):
                for j in range(6):
                    size = 4.6 + 0.5 * rng.random()
                    fruit.append(moved(_fruit(paint), x - 15 + 10 * i + rng.uniform(-1, 1), y - 25 + 10 * j + rng.uniform(-1, 1), z + 7 + size * 0.4))
    return [textured("wood_grain", stand, boxes(Paint(color=(0.72, 0.56, 0.38), tile_cm=100), *trays)), textured("smooth", *fruit)]


def _fruit(paint: Paint) -> Mesh:
    return ellipsoid((0, 0, 0), (5.0, 5.0, 4.7), paint, 8, 5)


def _bakery(rng: Rng) -> list[Part]:
    """A counter with baskets of bread."""
    parts = counter(280, ("wood_grain", Paint(color=(0.62, 0.44, 0.28), tile_cm=130)), ("marble", Paint(color=(0.94, 0.92, 0.88), gloss=0.4, tile_cm=180)), 95)
    loaves = [turned(rounded((rng.uniform(12, 34), 11, 9), (0, 0, 4.5), Paint(color=c, gloss=0.15, tile_cm=30), 0.3, 10), (rng.uniform(-14, 14), y, 95), (0, rng.uniform(-30, 30), 0))
              for y, c in zip(range(-125, 126, 17), ((0.78, 0.52, 0.26), (0.62, 0.38, 0.18), (0.86, 0.64, 0.36)) * 5, strict=True)]  # fmt: skip
    return [*parts, textured("tweed", *loaves)]


def _crates(rng: Rng) -> list[Part]:
    """Stacked cartons of goods."""
    goods: list[Mesh] = []
    for k in range(int(rng.integers(4, 8))):
        layer, place = divmod(k, 2)
        goods += package(int(rng.integers(16)), (float(rng.uniform(-3, 3)), -24.0 + 48 * place, layer * 32.0), (40, 46, 31.5), 4)
    return [textured("cartons", *goods)]


def _hanging_sign(color: Rgb, cell: int) -> list[Part]:
    """A shop sign on two wires."""
    plate = boxes(Paint(color=color, gloss=0.3), (3, 150, 42, 0, 0, -85))
    wires = [moved(cylinder(0.4, -64, 0, STEEL, 5), 0, y, 0) for y in (-60, 60)]
    faces = [picture((1.8, -20, -102), (0, 40, 0), (0, 0, 34), cell, 8), picture((-1.8, 20, -102), (0, -40, 0), (0, 0, 34), cell, 8)]
    return [textured("smooth", plate, *wires), textured("products", *faces)]


def station(rng: Rng) -> Environment:
    """A station hall: a vault with skylights, timetables, kiosks, benches, stone floor."""
    stone, tiles = Surface("concrete_cast", (0.90, 0.86, 0.78), 460), Surface("subway_tiles", (0.88, 0.84, 0.72), 230, 0.4)
    arch = [520 + 300 * np.sin(np.pi * t) for t in np.linspace(0, 1, 15)]
    big = [Opening(at_cm=y, width_cm=230, low_cm=40, high_cm=480, bars=(3, 6), frame=(0.22, 0.32, 0.30)) for y in (-420, -140, 140, 420)]
    side = Wall(surface=stone, dado=tiles, dado_cm=240)
    hall = Hall(
        half_x=1300, half_y=720, profile=tuple(arch),
        floor=Surface("terrazzo", (0.80, 0.76, 0.70), 460, 0.35), ceiling=Surface("worn_plaster", (0.90, 0.88, 0.82), 520),
        walls={"west": Wall(surface=stone, openings=big), "east": Wall(surface=stone, openings=big), "north": side, "south": side},
        skirting=(0.40, 0.38, 0.34),
    )  # fmt: skip
    green = Paint(color=(0.22, 0.34, 0.32), gloss=0.4, tile_cm=120)
    props: Props = {}
    props |= numbered("Rib", [at(_rib(hall.half_y, arch, green), x, 0) for x in (-1050, -700, -350, 0, 350, 700, 1050)])
    sky = Paint(color=(0.96, 0.98, 1.0), glow=0.85)
    lights = boxes(sky, *((300, 60, 4, x, y, 806) for x in (-875, -525, -175, 175, 525, 875) for y in (0,)))
    props["Skylights"] = at([textured("smooth", lights)], 0, 0)
    props |= numbered("Column", [at(column(520, 52, "marble", Paint(color=(0.86, 0.80, 0.70), gloss=0.3, tile_cm=260), True), x, y) for x in (-700, 0, 700) for y in (-620, 620)])
    props |= numbered("Bench", [at(bench(240, (0.48, 0.32, 0.20), 46, True), x, y, yaw) for x, y, yaw in ((-480, 330, 90), (-480, 262, -90), (480, 330, 90), (480, 262, -90), (-760, -300, 0), (300, -470, 90))])
    props |= numbered("Departures", [hall.at_wall(s, a, board(330, 190, 3, (0.08, 0.09, 0.12), 0.3), 1, 350) for s, a in (("north", -170), ("north", 250), ("south", 0))])
    props |= numbered("Booth", [hall.at_wall("south", a, _ticket_window(rng, c), 0) for a, c in ((-420, (0.22, 0.34, 0.32)), (-230, (0.22, 0.34, 0.32)), (420, (0.46, 0.20, 0.16)))])
    props |= numbered("Vending", [hall.at_wall("north", a, vending_machine(c), 42) for a, c in ((-560, (0.75, 0.20, 0.16)), (-450, (0.20, 0.36, 0.60)), (820, (0.20, 0.50, 0.36)))])
    props |= numbered("Kiosk", [at(_kiosk(rng, c), x, y, yaw) for x, y, yaw, c in ((-960, 380, -40, (0.62, 0.20, 0.16)), (940, -360, 140, (0.20, 0.36, 0.48)))])
    props |= numbered("Poster", [hall.at_wall(s, a, frame(110, 150, (0.20, 0.24, 0.24), c, "posters"), 0.5, 160) for s, a, c in (("north", 480, 2), ("north", 620, 9), ("north", -1000, 13), ("north", 1120, 5), ("south", -1050, 8), ("south", -900, 0), ("south", 180, 11), ("south", 880, 14), ("south", 1040, 6), ("north", -860, 3))])
    props |= numbered("Bin", [at(bin_((0.22, 0.34, 0.32), 80), x, y) for x, y in ((-330, 296, ), (330, 296), (-760, -140), (460, -480))])
    props |= numbered("Luggage", [at(_luggage(rng), x, y, float(rng.uniform(0, 360))) for x, y in ((-400, 400), (-560, 210), (540, 400), (240, -400), (-690, -390), (400, 210))])
    props |= numbered("Tub", [at(plant(rng, 190, (0.50, 0.48, 0.44), s), x, y) for s, x, y in (("tree", -1180, -600), ("tree", 1180, 600), ("broad", 1180, -600), ("broad", -1180, 600))])
    props["Clock"] = at(_station_clock(), 0, 0, 0, 810)
    props |= numbered("Lantern", [at(pendant(330, (0.9, 0.85, 0.7), "globe"), x, y, 0, 700) for x in (-525, 525) for y in (-330, 330)])
    return level(hall, props, rng, lamps_cm=((-525, -330, 400), (-525, 330, 400), (525, -330, 400), (525, 330, 400)), lamp=(0.50, 0.46, 0.38), lamp_reach_cm=400,
                 sky=(0.66, 0.68, 0.72), ground=(0.58, 0.55, 0.50), exposure=0.78)  # fmt: skip


def _rib(half_y: float, arch: list[float], paint: Paint) -> list[Part]:
    """A steel arch under a vault."""
    ys = np.linspace(-half_y, half_y, len(arch))
    bars = [tube((0, float(a), za - 16), (0, float(b), zb - 16), 11, paint, 8) for a, za, b, zb in zip(ys[:-1], arch[:-1], ys[1:], arch[1:], strict=True)]
    return [textured("metal", *bars)]


def _ticket_window(rng: Rng, color: Rgb) -> list[Part]:
    """A ticket counter in the wall with a lit window."""
    paint = Paint(color=color, gloss=0.3, tile_cm=130)
    rows: list[BoxRow] = [(30, 150, 105, 15, 0, 52), (40, 160, 5, 20, 0, 107), (20, 12, 130, 10, -69, 174), (20, 12, 130, 10, 69, 174), (26, 156, 24, 12, 0, 250)]
    glass = boxes(Paint(color=(0.90, 0.86, 0.70), glow=0.3), (2, 126, 128, 1, 0, 174))
    bars: list[BoxRow] = [(3, 2.5, 128, 4, y, 174) for y in (-40, -13, 13, 40)]
    face = picture((25.4, -56, 241), (0, 112, 0), (0, 0, 18), 4 * int(rng.integers(4)) + 1, 4)
    return [textured("wood_grain", boxes(paint, *rows)), textured("smooth", glass, boxes(STEEL, *bars)), textured("screens", face)]


def _kiosk(rng: Rng, color: Rgb) -> list[Part]:
    """A newspaper stand with a roof."""
    paint = Paint(color=color, gloss=0.3, tile_cm=140)
    rows: list[BoxRow] = [(150, 210, 90, 0, 0, 45), (10, 210, 150, -70, 0, 165), (150, 10, 150, 0, -100, 165), (150, 10, 150, 0, 100, 165), (190, 240, 16, 8, 0, 246), (170, 216, 5, 6, 0, 92)]
    papers = [picture((76, -98 + 33 * k, 12 + 38 * j), (0, 28, 0), (0, 0, 35), int(rng.integers(16)), 4) for k in range(6) for j in range(2)]
    back = [picture((-64.6, -92 + 31 * k, 112 + 44 * j), (0, 28, 0), (0, 0, 38), int(rng.integers(16)), 4) for k in range(6) for j in range(2)]
    sign = picture((104, -60, 239), (0, 120, 0), (0, 0, 14), 3, 8)
    piles = book_pile(rng, 94.5, 5)
    return [textured("wood_grain", boxes(paint, *rows)), textured("posters", *papers, *back), textured("products", sign), *piles]


def _luggage(rng: Rng) -> list[Part]:
    """A suitcase with a handle and wheels."""
    h = float(rng.uniform(48, 68))
    shell_ = boxes(Paint(color=vivid(rng), gloss=0.4, tile_cm=70), (24, 42, h, 0, 0, h / 2 + 6))
    ribs = boxes(Paint(color=(0.2, 0.2, 0.22), gloss=0.3), *((25, 2, h - 6, 0, y, h / 2 + 6) for y in (-12, 0, 12)), *((5, 4, 6, x, y, 3) for x in (-8, 8) for y in (-16, 16)))
    grip = boxes(STEEL, (2, 2, 34, -9, -9, h + 22), (2, 2, 34, -9, 9, h + 22), (3, 22, 3, -9, 0, h + 39))
    return [textured("leather", shell_), textured("smooth", ribs, grip)]


def _station_clock() -> list[Part]:
    """A four-sided clock on a long rod; its origin is at the ceiling."""
    rod = cylinder(3, -330, 0, BLACK, 8)
    case = boxes(Paint(color=(0.16, 0.24, 0.23), gloss=0.5), (76, 76, 84, 0, 0, -370))
    dials = [part for k in range(4) for part in facing([Part(mesh=moved(p.mesh, 38.5, 0, -370), texture=p.texture) for p in clock(30, 10.15)], 90 * k)]
    return [textured("smooth", rod, case), *dials]
