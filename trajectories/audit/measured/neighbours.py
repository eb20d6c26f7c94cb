"""Pairs of points that are near each other."""

import numpy as np
from jaxtyping import Float, Int


def neighbour_pairs(
    a: Float[np.ndarray, "a values"], b: Float[np.ndarray, "b values"], *, most: int, reach: float
) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"]]:
    """Rows of ``a`` and of ``b``: each point of ``a``, up to ``most`` of ``b`` within ``reach``."""
    # Slow to import.
    from scipy.spatial import cKDTree

    ranks = np.arange(1, min(most, len(b)) + 1)
    _, near = cKDTree(b).query(a, k=ranks, distance_upper_bound=reach)
    is_found = near < len(b)
    return np.repeat(np.arange(len(a)), is_found.sum(axis=1)), near[is_found]
