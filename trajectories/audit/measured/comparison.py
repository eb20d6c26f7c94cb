"""Differences between two sets of trajectories, for each quantity and for entire paths.

Descriptor of a moving clip: 8 poses relative to the first (translations in start distances, rotation
vectors), and the direction of the start; whitened by the principal components of both sets together. Coverage
and density as in Naeem et al., "Reliable Fidelity and Diversity Metrics", 2020.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from multitake.randomness import rng_for

from .fingerprints import Fingerprints
from .quantities import quantities_of

_PROJECTIONS = 256
_MOST_SLICED, _MOST_PAIRED = 20_000, 2000
_PERMUTATIONS = 400
_NEIGHBOURS = 5
_LEAST_VARIANCE = 1e-4
_QUANTILES = 512
Rows = Float[np.ndarray, "_ _"]


@dataclass(frozen=True, kw_only=True)
class FeatureGap:
    """Wasserstein distance between the values of one quantity in two sets, in ``unit``."""

    name: str
    title: str
    unit: str
    wasserstein: float
    median_a: float
    median_b: float


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Differences between two sets of trajectories, for each quantity and for entire paths.

    Attributes:
        sliced_wasserstein: of whitened descriptors, in standard deviations of both sets together.
        mmd: squared maximum mean discrepancy; ``mmd_p`` by permutation.
        coverage: share of b's clips that have a clip of a closer than their own k-th neighbour in b.
        density: in how many such neighbourhoods of b a clip of a is on average, divided by k.
    """

    name_a: str
    name_b: str
    clips_a: int
    clips_b: int
    features: tuple[FeatureGap, ...]
    sliced_wasserstein: float
    mmd: float
    mmd_p: float
    coverage: float
    density: float
    neighbours: int
    seed: int


def compare(
    name_a: str,
    values_a: Mapping[str, np.ndarray],
    prints_a: Fingerprints,
    name_b: str,
    values_b: Mapping[str, np.ndarray],
    prints_b: Fingerprints,
    *,
    seed: int,
) -> Comparison | None:
    """Compare two sets by their quantities and moving clips; None if one of them has too few clips."""
    if min(len(prints_a), len(prints_b)) <= _NEIGHBOURS:
        return None
    some_a = _some(prints_a, _MOST_SLICED, rng_for(seed, "kept", 0))
    some_b = _some(prints_b, _MOST_SLICED, rng_for(seed, "kept", 1))
    a, b = _whitened(_descriptors(some_a), _descriptors(some_b))
    few_a, few_b = a[:_MOST_PAIRED], b[:_MOST_PAIRED]
    mmd, mmd_p = _mmd(few_a, few_b, rng_for(seed, "permutations"))
    coverage, density = _coverage(few_a, few_b)
    return Comparison(
        name_a=name_a,
        name_b=name_b,
        clips_a=len(prints_a),
        clips_b=len(prints_b),
        features=_gaps(values_a, values_b),
        sliced_wasserstein=_sliced(a, b, rng_for(seed, "projections")),
        mmd=mmd,
        mmd_p=mmd_p,
        coverage=coverage,
        density=density,
        neighbours=_NEIGHBOURS,
        seed=seed,
    )


def wasserstein(a: Float[np.ndarray, "a"], b: Float[np.ndarray, "b"]) -> float:
    """Wasserstein distance: the area between two cumulative distributions."""
    both = np.sort(np.concatenate([a, b]))
    share_a = np.searchsorted(np.sort(a), both[:-1], side="right") / len(a)
    share_b = np.searchsorted(np.sort(b), both[:-1], side="right") / len(b)
    return float((np.abs(share_a - share_b) * np.diff(both)).sum())


def _gaps(values_a: Mapping[str, np.ndarray], values_b: Mapping[str, np.ndarray]) -> tuple[FeatureGap, ...]:
    gaps = []
    for quantity in quantities_of(None):
        a, b = (values.get(quantity.name, np.zeros(0)) for values in (values_a, values_b))
        if len(a) and len(b):
            gaps.append(
                FeatureGap(
                    name=quantity.name,
                    title=quantity.title,
                    unit=quantity.unit,
                    wasserstein=wasserstein(a, b),
                    median_a=float(np.median(a)),
                    median_b=float(np.median(b)),
                )
            )
    return tuple(gaps)


def _some(prints: Fingerprints, most: int, rng: np.random.Generator) -> Fingerprints:
    return prints[rng.permutation(len(prints))[:most]]


def _descriptors(prints: Fingerprints) -> Rows:
    # Slow to import.
    from scipy.spatial.transform import Rotation

    path = prints.path.reshape(len(prints), -1, 3).astype(np.float64)
    rotation = prints.rotation(np.arange(len(prints))).astype(np.float64)
    first = np.swapaxes(rotation[:, :1], -1, -2)
    moved = (first @ (path[:, 1:] - path[:, :1])[..., None])[..., 0]
    turned = Rotation.from_matrix((first @ rotation[:, 1:]).reshape(-1, 3, 3)).as_rotvec()
    return np.concatenate([moved.reshape(len(path), -1), turned.reshape(len(path), -1), path[:, 0]], axis=1)


def _whitened(a: Rows, b: Rows) -> tuple[Rows, Rows]:
    both = np.concatenate([a, b])
    centre = both.mean(axis=0)
    variance, directions = np.linalg.eigh(np.cov((both - centre).T))
    keep = variance > _LEAST_VARIANCE * variance[-1]
    scale = directions[:, keep] / np.sqrt(variance[keep])
    return (a - centre) @ scale, (b - centre) @ scale


def _sliced(a: Rows, b: Rows, rng: np.random.Generator) -> float:
    lines = rng.normal(size=(a.shape[1], _PROJECTIONS))
    lines /= np.linalg.norm(lines, axis=0)
    ranks = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    at_a, at_b = (np.quantile(rows @ lines, ranks, axis=0) for rows in (a, b))
    return float(np.abs(at_a - at_b).mean())


def _distances2(a: Rows, b: Rows) -> Float[np.ndarray, "a b"]:
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0.0)


def _mmd(a: Rows, b: Rows, rng: np.random.Generator) -> tuple[float, float]:
    """Unbiased squared maximum mean discrepancy with a Gaussian kernel of median width, and its p value."""
    both = np.concatenate([a, b])
    distance2 = _distances2(both, both)
    kernel = np.exp(-distance2 / max(float(np.median(distance2)), 1e-12))
    np.fill_diagonal(kernel, 0.0)
    n, m = len(a), len(b)
    is_a = np.zeros((n + m, _PERMUTATIONS + 1))
    is_a[:n, 0] = 1.0
    for column in range(1, _PERMUTATIONS + 1):
        is_a[rng.permutation(n + m)[:n], column] = 1.0
    to_a = kernel @ is_a
    total, within_a = kernel.sum(), (is_a * to_a).sum(axis=0)
    between = to_a.sum(axis=0) - within_a
    within_b = total - within_a - 2 * between
    found = within_a / (n * (n - 1)) + within_b / (m * (m - 1)) - 2 * between / (n * m)
    return float(found[0]), float((1 + (found[1:] >= found[0]).sum()) / (1 + _PERMUTATIONS))


def _coverage(a: Rows, b: Rows) -> tuple[float, float]:
    own = np.sort(_distances2(b, b), axis=1)[:, _NEIGHBOURS]
    is_near = _distances2(b, a) <= own[:, None]
    return float(is_near.any(axis=1).mean()), float(is_near.sum(axis=0).mean() / _NEIGHBOURS)
