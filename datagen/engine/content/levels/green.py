"""Trees and grass for green places."""

import numpy as np

from ..props.trees import DARK_GREEN, broadleaf, conifer
from ..unreal_space import Number
from .plants import flowers, grass
from .site import Site

GREENS = ((0.46, 0.54, 0.36), (0.52, 0.58, 0.38), (0.40, 0.48, 0.34))
_PETALS = ((0.96, 0.94, 0.60), (0.96, 0.96, 0.96), (0.80, 0.60, 0.90), (0.95, 0.55, 0.60))
# Trees within this distance have all their leaves.
_NEAR_CM = 1500.0


def planted(
    site: Site,
    points: np.ndarray,
    heights_cm: tuple[Number, Number],
    colors: tuple,
    *,
    conifers: Number = 0.0,
    leaves: int = 520,
    birch: bool = False,
    gap_cm: Number = 260.0,
) -> None:
    """Plant trees at those points that keep ``gap_cm`` from everything."""
    rng = site.rng
    for x, y in points:
        if not site.is_free(np.array([[x, y]]), gap_cm)[0]:
            continue
        height, color = rng.uniform(*heights_cm), colors[int(rng.integers(len(colors)))]
        count = leaves if np.hypot(x, y) < _NEAR_CM else int(0.6 * leaves)
        if rng.random() < conifers:
            site.add("Spruce", conifer(rng, 1.25 * height, DARK_GREEN, leaves=int(0.7 * count)), x, y)
        else:
            site.add(
                "Tree",
                broadleaf(rng, height, color, leaves=count, birch=birch, width=0.2 if birch else 0.30),
                x,
                y,
            )


def meadow(
    site: Site, count: int, half: Number, height_cm: Number, color: tuple, *, flower_share: int = 10
) -> None:
    """Tufts of grass and flowers all over, and short grass where actors act."""
    rng = site.rng
    points = site.scattered(count, (-half, -half), (half, half))
    site.add("Grass", grass(rng, points, height_cm, color, blades=4), is_ground=True)
    if flower_share:
        site.add(
            "Flowers",
            flowers(
                rng,
                points[::flower_share] + rng.uniform(-12, 12, points[::flower_share].shape),
                1.2 * height_cm,
                _PETALS,
            ),
            is_ground=True,
        )
    short = rng.uniform((-900, -500), (900, 500), (700, 2))
    site.add("ShortGrass", grass(rng, short, 4.5, color, blades=3), is_ground=True)
