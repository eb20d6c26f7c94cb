"""Kitchens."""

from ..environment import Environment
from ..props.decor import board, clock, frame, plant, rug, sheet
from ..props.fittings import door, radiator, wall_trim
from ..props.kitchen_machines import (
    fridge,
    hood,
    kitchen_unit,
    range_cooker,
    steel_table,
    wall_cupboards,
)
from ..props.lamps import light_panel, pendant
from ..props.seating import ChairStyle, chair, stool
from ..props.shelves import bookcase, wall_shelf
from ..props.tables import crockery, table
from ..shapes.meshes import Paint, textured
from ..shapes.shapes import boxes
from .indoor_level import Props, Rng, at, level, numbered, on
from .indoor_shell import Hall, Opening, Surface, Wall


def kitchen_family(rng: Rng) -> Environment:
    """A family kitchen with an island, a dining corner, and windows to the garden."""
    hall = _family_hall()
    props = _family_units(hall, rng) | _family_island(rng) | _family_dining(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((240, -60, 210), (-300, -250, 210), (250, 300, 230)),
        lamp=(0.62, 0.54, 0.42),
        sky=(0.62, 0.62, 0.62),
        ground=(0.56, 0.51, 0.45),
    )


def _family_hall() -> Hall:
    """Walls with tiles, and windows to the garden."""
    wall, tiles = (
        Surface("painted", (0.95, 0.92, 0.84), 480),
        Surface("subway_tiles", (0.93, 0.95, 0.94), 150, 0.5),
    )
    windows = [Opening(at_cm=a, width_cm=200, low_cm=100, high_cm=240, bars=(2, 1)) for a in (-200, 200)]
    return Hall(
        half_x=520,
        half_y=460,
        profile=(330,),
        floor=Surface("herringbone", (0.76, 0.58, 0.40), 250, 0.3),
        ceiling=Surface("painted", (0.97, 0.96, 0.93), 520),
        walls={
            "north": Wall(surface=wall, openings=windows, dado=tiles, dado_cm=99),
            "south": Wall(surface=Surface("botanical", (0.96, 0.95, 0.90), 240)),
            "west": Wall(
                surface=wall, openings=[Opening(at_cm=0, width_cm=240, low_cm=5, high_cm=230, bars=(2, 1))]
            ),
            "east": Wall(surface=wall, dado=tiles, dado_cm=150),
        },
        outside="garden",
    )


def _family_units(hall: Hall, rng: Rng) -> Props:
    """Units, a table and what stands on the walls."""
    sage = (0.52, 0.62, 0.53)
    top = ("wood_grain", Paint(color=(0.70, 0.50, 0.31), gloss=0.35, tile_cm=150))
    props: Props = {
        "Units_0": hall.at_wall("north", -60, kitchen_unit(640, sage, top, sink=True), 32),
        "Units_1": hall.at_wall("east", -90, kitchen_unit(360, sage, top, hob=True), 32),
        "Cupboards_0": hall.at_wall("east", 140, wall_cupboards(150, sage)),
        "Cupboards_1": hall.at_wall("east", -310, wall_cupboards(150, sage)),
        "Hood": hall.at_wall("east", -90, hood(70, 330)),
        "Fridge": hall.at_wall("east", 320, fridge((0.86, 0.82, 0.70)), 38),
        "Table": on(at(table(200, 92, 75, (0.62, 0.42, 0.27)), -300, -250, 80), crockery(rng, 24, 76, 75, 6)),
        "Door": hall.at_wall("south", -260, door((0.90, 0.88, 0.82)), 1),
        "Clock": hall.at_wall("south", 60, clock(19, 8.6), 0, 235),
        "Dresser": hall.at_wall(
            "south", 330, bookcase(rng, 170, 205, (0.84, 0.80, 0.70), "bottles", 38, 5), 21
        ),
        "Shelf": hall.at_wall("north", 0, wall_shelf(rng, 150, (0.66, 0.46, 0.29)), 0, 165),
        "Sideboard": hall.at_wall(
            "west", 270, bookcase(rng, 170, 92, (0.84, 0.80, 0.70), "books", 38, 2), 21
        ),
        "Rug": at(rug("rug_kilim", 300, 190), -300, -250, 80),
        "Plant_0": at(plant(rng, 140, (0.75, 0.42, 0.30), "broad"), -450, 400),
        "Plant_1": at(plant(rng, 95, (0.92, 0.90, 0.86), "swords"), -455, -400),
        "Radiator": hall.at_wall("south", -80, radiator(110)),
        "Switches": hall.at_wall("south", -170, wall_trim(rng)),
    }
    return props


def _family_island(rng: Rng) -> Props:
    """An island with stools."""
    props: Props = {}
    island = at(
        kitchen_unit(
            200, (0.24, 0.33, 0.36), ("marble", Paint(color=(0.95, 0.94, 0.93), gloss=0.5, tile_cm=200))
        ),
        240,
        -60,
        180,
    )
    props["Island"] = on(island, crockery(rng, 18, 70, 91, 5))
    props |= numbered(
        "Stool", [at(stool(66, (0.66, 0.46, 0.29)), 325, y, 180 + 10 * k) for k, y in enumerate((-115, -20))]
    )
    return props


def _family_dining(hall: Hall, rng: Rng) -> Props:
    """Chairs, lamps and pictures."""
    props: Props = {}
    tints = ((0.75, 0.42, 0.30), (0.40, 0.50, 0.46), (0.85, 0.70, 0.42), (0.35, 0.42, 0.55))
    seats = [(-365, -170, -90), (-265, -170, -95), (-340, -335, 95), (-235, -335, 80)]
    props |= numbered(
        "Chair",
        [
            at(
                chair(ChairStyle(wood=(0.66, 0.47, 0.30), seat=tints[k], back=("slats", "spindles")[k % 2])),
                x,
                y,
                yaw + rng.uniform(-8, 8),
            )
            for k, (x, y, yaw) in enumerate(seats)
        ],
    )
    props |= numbered(
        "Pendant", [at(pendant(105, (0.90, 0.86, 0.78), "bell"), 240, y, 0, 330) for y in (-120, 0)]
    )
    props["Drum"] = at(pendant(80, (0.95, 0.90, 0.80), "drum"), -300, -250, 0, 330)
    props |= numbered(
        "Art",
        [
            hall.at_wall("south", a, frame(w, w * 1.25, (0.62, 0.44, 0.28), c, "artworks", 4), 0.5, z)
            for a, w, c, z in ((140, 40, 7, 180), (-10, 44, 2, 175), (-420, 60, 14, 180))
        ]
        + [
            hall.at_wall("west", a, frame(w, w * 1.25, (0.40, 0.28, 0.18), c, "artworks", 5), 0.5, z)
            for a, w, c, z in ((-250, 90, 1, 170), (-350, 50, 9, 160), (280, 80, 12, 175))
        ],
    )
    return props


def kitchen_restaurant(rng: Rng) -> Environment:
    """A restaurant kitchen: steel tables, ranges under a long hood, white tiles, cold light."""
    hall = _restaurant_hall()
    steel = Paint(color=(0.78, 0.79, 0.80), gloss=0.6, tile_cm=140)
    canopy = textured(
        "metal",
        boxes(steel, (120, 540, 50, 0, 0, 235), (70, 60, 75, -20, -120, 297), (70, 60, 75, -20, 140, 297)),
    )
    props: Props = {
        "Range": hall.at_wall("north", 60, range_cooker(480), 45),
        "Canopy": hall.at_wall("north", 60, [canopy], 64),
        "Pass": at([*steel_table(420)], -40, -130, 90),
        "Prep_0": hall.at_wall("south", -250, steel_table(300), 40),
        "Sink": hall.at_wall(
            "south", 260, kitchen_unit(300, (0.80, 0.81, 0.82), ("metal", steel), sink=True), 34
        ),
        "Fridge_0": hall.at_wall("east", -210, fridge((0.80, 0.81, 0.82), 90, 205), 36),
        "Fridge_1": hall.at_wall("east", -110, fridge((0.80, 0.81, 0.82), 90, 205), 36),
        "Rack": hall.at_wall("east", 190, bookcase(rng, 220, 200, (0.70, 0.71, 0.72), "products", 45, 4), 26),
        "Rack_1": hall.at_wall(
            "west", -220, bookcase(rng, 190, 200, (0.70, 0.71, 0.72), "bottles", 45, 4), 26
        ),
        "Door": hall.at_wall("west", 130, door((0.72, 0.74, 0.75), 110, texture="metal", has_glass=True), 1),
        "Orders": hall.at_wall("west", 300, board(120, 90, 1, (0.6, 0.6, 0.6)), 0.5, 170),
        "Clock": hall.at_wall("south", 20, clock(20, 6.4), 0, 255),
    }
    props["Pass"] = on(props["Pass"], crockery(rng, 24, 180, 90, 12))
    props["Prep_0"] = on(props["Prep_0"], crockery(rng, 20, 110, 90, 6))
    props |= _restaurant_decor(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-380, -100, 300), (0, -100, 300), (380, -100, 300), (0, 200, 290)),
        lamp=(0.62, 0.63, 0.60),
        sun=(0.0, 0.0, 0.0),
        sky=(0.60, 0.62, 0.64),
        ground=(0.48, 0.46, 0.44),
        exposure=0.85,
    )


def _restaurant_hall() -> Hall:
    """White tiles below paint."""
    tiles = Surface("subway_tiles", (0.93, 0.94, 0.93), 190, 0.5)
    upper = Surface("painted", (0.90, 0.91, 0.89), 430)
    return Hall(
        half_x=640,
        half_y=480,
        profile=(335,),
        floor=Surface("floor_tiles", (0.60, 0.40, 0.33), 190, 0.3),
        ceiling=Surface("acoustic", (0.95, 0.95, 0.94), 360),
        walls={
            side: Wall(surface=upper, dado=tiles, dado_cm=215) for side in ("west", "east", "south", "north")
        },
        skirting=None,
    )


def _restaurant_decor(hall: Hall, rng: Rng) -> Props:
    """Shelves, lamps and notices."""
    props: Props = {}
    props |= numbered(
        "Shelf",
        [
            hall.at_wall("south", a, wall_shelf(rng, 260, (0.72, 0.73, 0.74), fill), 0, z)
            for a, z, fill in ((-250, 150, "bottles"), (-250, 195, "products"), (260, 170, "bottles"))
        ],
    )
    props |= numbered(
        "Light", [at(light_panel(120, 30), x, y, 0, 335) for x in (-380, 0, 380) for y in (-260, 40)]
    )
    props |= numbered(
        "Notice",
        [
            hall.at_wall("west", a, sheet(w, w * 1.4, c), 0.5, z)
            for a, w, c, z in ((30, 30, 4, 170), (-40, 28, 9, 160), (415, 32, 2, 175))
        ],
    )
    return props
