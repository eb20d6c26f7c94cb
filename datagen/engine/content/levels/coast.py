"""A beach with a pier, and a small harbour."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.beach import beach_hut, beach_parasol, lifeguard_chair, lounger
from ..props.boats import lighthouse, pier, rowboat, sailboat
from ..props.fences import rail_fence, railing
from ..props.house_fronts import House
from ..props.houses import house
from ..props.market import barrel, crate_stack
from ..props.outdoor import bollard, lantern
from ..props.street import bench
from ..props.trees import palm
from ..shapes.meshes import Paint, Rgb, textured
from ..shapes.shapes import box
from .grounds import COBBLES, MEADOW, SAND, WATER
from .outdoor_light import light
from .plants import fallen, grass, rock, stones, tracks
from .site import Site, hills


def beach(rng: np.random.Generator) -> Environment:
    """A sandy beach: the sea at +Y, a pier, huts and dunes at -Y."""
    site = Site(rng, (650, 300))
    site.add("Pier", pier(3200, deck_cm=140, depth_cm=420), -1500, 420, 90)
    colors = (
        (0.24, 0.48, 0.70),
        (0.90, 0.40, 0.34),
        (0.96, 0.78, 0.34),
        (0.34, 0.62, 0.54),
        (0.86, 0.56, 0.64),
    )
    for index in range(6):
        site.add("Hut", beach_hut(colors[index % 5]), -900 + 330 * index, -820 - 12 * (index % 2), 90)
    for x, y, a, b in (
        (-700, -420, 0, 3),
        (620, 470, 1, 2),
        (1050, 300, 2, 0),
        (-900, 330, 3, 4),
        (1300, -300, 4, 1),
    ):
        site.add("Parasol", beach_parasol(colors[a], colors[b]), x, y, rng.uniform(0, 360))
    for x, y, tint in ((300, -470, 0), (430, -440, 0), (-420, 470, 2)):
        site.add("Lounger", lounger(colors[tint]), x, y, 80 + rng.uniform(-12, 12))
    site.add("Lifeguard", lifeguard_chair(), 1000, 620, 90)
    site.add("Boat", rowboat((0.24, 0.44, 0.56)), -1050, 600, 70, z=-14)
    site.add("Boat", rowboat((0.80, 0.30, 0.24)), 1700, 560, 120, z=-14)
    site.add("Yacht", sailboat((0.94, 0.94, 0.92)), 2600, 3800, 30, z=-60, is_ground=True)
    site.add("Yacht", sailboat((0.20, 0.30, 0.46)), -2600, 5200, 190, z=-60, is_ground=True)
    for x, y in ((1500, -700), (1850, -520), (-1700, -620), (-1400, -1000), (2200, -1000)):
        site.add("Palm", palm(rng, rng.uniform(640, 860)), x, y, rng.uniform(0, 360))
    for x, y, radius in (
        (-1250, 380, 70),
        (-1340, 470, 38),
        (1480, 380, 55),
        (1960, 340, 80),
        (-1500, -420, 48),
    ):
        site.add("Rock", rock(rng, radius, (0.62, 0.58, 0.54)), x, y, rng.uniform(0, 360), z=-6)
    for x in (-1900, 1500):
        site.add("Fence", rail_fence(rng, 900, (0.70, 0.62, 0.52)), x, -940, 82)
    dunes = hills(rng, flat_cm=1500, height_cm=700, scale_cm=3000)
    back = hills(rng, flat_cm=3000, height_cm=3600)

    def shore(points: np.ndarray) -> np.ndarray:
        x, y = points.T
        is_land = np.clip((-y - 900) / 1500, 0, 1)
        slope = -np.clip((y - 520 - 60 * np.sin(x / 700)) / 900, 0, 3) * 130
        return slope + is_land * (dunes(points) + 0.6 * back(points) + 90 * np.clip((-y - 1000) / 700, 0, 1))

    site.terrain(SAND, shore)
    sea = replace(WATER, color=(0.30, 0.52, 0.58), other=(0.24, 0.44, 0.56), tile_cm=1500)
    site.rectangle("Sea", sea, (-40000, 500), (40000, 41000), -60, cell_cm=400)
    tufts = np.concatenate([rng.uniform((-3000, -1700), (3000, -930), (420, 2))])
    tufts = tufts[site.is_free(tufts, 30)]
    heights = shore(tufts)
    parts = grass(rng, tufts, 42, (0.64, 0.66, 0.46), blades=6)
    lift = heights[np.clip(np.repeat(np.arange(len(tufts)), 6), 0, len(tufts) - 1)]
    mesh = parts[0].mesh
    mesh.positions[:, 2] += np.tile(lift.repeat(3), 2)
    site.add("DuneGrass", parts, is_ground=True)
    spots = rng.uniform((-1500, -700), (1500, 600), (520, 2))
    line = rng.uniform(-2200, 2200, 420)
    drift = np.column_stack([line, 500 + 60 * np.sin(line / 700) + rng.normal(0, 26, line.shape)])
    spots = np.concatenate([spots, drift])
    site.add("Prints", tracks(rng, 9, (0.60, 0.52, 0.42), "sand"), is_ground=True)
    site.add("Shells", stones(rng, spots[::5], 2.6, (0.92, 0.86, 0.78), "smooth"), is_ground=True)
    site.add(
        "Weed",
        fallen(rng, spots, 6.5, ((0.44, 0.42, 0.26), (0.72, 0.66, 0.52), (0.56, 0.46, 0.34))),
        is_ground=True,
    )
    return site.level(light("clear", shadow_radius_cm=2400))


def harbour(rng: np.random.Generator) -> Environment:
    """A stone quay: fishing houses at -Y, boats and a lighthouse at +Y."""
    site = Site(rng, (800, 220))
    colors = (
        (0.86, 0.34, 0.28),
        (0.94, 0.80, 0.50),
        (0.52, 0.66, 0.72),
        (0.93, 0.92, 0.88),
        (0.42, 0.56, 0.48),
    )
    _quay_houses(site, colors, rng)
    _boats(site, colors, rng)
    _quay_things(site, rng)
    _mole(site, rng)
    _harbour_grounds(site, rng)
    return site.level(light("overcast"))


def _quay_houses(site: Site, colors: tuple[Rgb, ...], rng: np.random.Generator) -> None:
    """Houses of coloured boards."""
    for index, x in enumerate((np.arange(-3500, 3600, 700)).tolist()):
        look = House(
            width_cm=690,
            depth_cm=800,
            storeys=2 + index % 2,
            wall="planks",
            color=colors[index % 5],
            roof="front",
            roof_color=(0.40, 0.38, 0.40),
            pitch=1.0,
            accent=colors[(index + 2) % 5],
            shutters=None,
            window_gap_cm=220,
            attached=True,
        )
        site.add("House", house(rng, look), x, -620, 90)
    for x, yaw in ((-3900, 0), (3900, 180)):
        site.add(
            "House",
            house(rng, House(width_cm=1300, storeys=3, wall="stucco", color=colors[3], attached=True)),
            x,
            -60,
            yaw,
        )


def _boats(site: Site, colors: tuple[Rgb, ...], rng: np.random.Generator) -> None:
    """Boats and yachts."""
    for index, x in enumerate((-1700, -950, -200, 650, 1500)):
        site.add(
            "Boat",
            rowboat(colors[index % 5], length_cm=rng.uniform(420, 620)),
            x,
            760 + 60 * (index % 2),
            rng.uniform(-8, 8),
            z=-198,
            is_ground=True,
        )
    for x, y in ((-1300, 1300), (300, 1450), (1800, 1200)):
        site.add(
            "Yacht",
            sailboat(((0.94, 0.94, 0.92), (0.24, 0.34, 0.50))[x > 0]),
            x,
            y,
            rng.uniform(-20, 20),
            z=-185,
            is_ground=True,
        )


def _quay_things(site: Site, rng: np.random.Generator) -> None:
    """Bollards, crates, lanterns and railings."""
    for x in np.arange(-1500, 1600, 500).tolist():
        site.add("Bollard", bollard((0.20, 0.21, 0.22)), x, 470)
    for index, (x, y) in enumerate(
        ((-1100, 330), (-1020, -420), (300, 380), (900, -410), (1150, 360), (-350, -430))
    ):
        site.add("Crates", crate_stack(rng), x, y, rng.uniform(0, 360))
        site.add("Barrel", barrel(), x + 110, y + 20 * (index % 2))
    for x in (-1400, -480, 480, 1400):
        site.add("Lantern", lantern(), x, -330 if x % 2 else -360)
    site.add("Bench", bench(), 120, -420, 90)
    site.add("Railing", railing(900), -2300, 480, 90)
    site.add("Railing", railing(900), 2300, 480, 90)


def _mole(site: Site, rng: np.random.Generator) -> None:
    """A mole with a lighthouse, and rocks."""
    site.add(
        "Mole",
        [
            textured(
                "stonework", box((420, 3600, 260), (0, 0, -70), Paint(color=(0.62, 0.60, 0.56), tile_cm=420))
            )
        ],
        3600,
        2300,
        20,
        is_ground=True,
    )
    site.add("Lighthouse", lighthouse(), 3050, 3900, z=50)
    for k in range(16):
        site.add(
            "Rock",
            rock(rng, rng.uniform(90, 240), (0.52, 0.50, 0.48), detail=2),
            3200 + rng.uniform(-400, 500),
            2000 + 160 * k,
            z=-150,
            is_ground=True,
        )


def _harbour_grounds(site: Site, rng: np.random.Generator) -> None:
    """The quay, the pavement, the land and the sea."""
    quay = box((9000, 60, 260), (0, 515, -130), Paint(color=(0.60, 0.58, 0.54), tile_cm=420))
    site.add("Quay", [textured("stonework", quay)], is_ground=True)
    site.rectangle(
        "Pavement",
        replace(COBBLES, color=(0.60, 0.58, 0.56), other=(0.66, 0.62, 0.56), tile_cm=560),
        (-4500, -1500),
        (4500, 546),
    )
    rise = hills(rng, flat_cm=3000, height_cm=6500, scale_cm=7000)

    def land(points: np.ndarray) -> np.ndarray:
        return (
            np.where(points[:, 1] < -700, rise(points), 0)
            - 260
            + 800 * np.clip((np.abs(points[:, 0]) - 9000) / 9000, 0, 1) * (points[:, 1] > -3000) * 2
        )

    site.terrain(MEADOW, land)
    site.rectangle(
        "Sea",
        replace(WATER, color=(0.28, 0.44, 0.48), other=(0.34, 0.50, 0.52)),
        (-40000, 480),
        (40000, 41000),
        -185,
        cell_cm=400,
    )
    nets = rng.uniform((-1400, -440), (1400, 440), (140, 2))
    site.add(
        "Scraps",
        fallen(rng, nets, 4.5, ((0.84, 0.82, 0.74), (0.46, 0.50, 0.40), (0.70, 0.60, 0.46))),
        is_ground=True,
    )
