"""How many different trajectories there are: near-duplicates, copied rigs, leaks between splits.

Two clips are near-duplicates if, seen from their subjects, positions differ by less than 1 % of the start
distance (root mean square of 9 frames) and rotations by less than 0.5 deg in each frame. Static clips are
left out. Candidates are neighbours in 8 principal components, where clips are never farther apart than in
fact.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from multitake.counts import many

from .copies import TRAIN, RigCopy, rig_copies
from .fingerprints import FRAMES_SEEN, Fingerprints
from .neighbours import neighbour_pairs
from .quantiles import Quantiles, quantiles_of

NEAR_SHARE, NEAR_DEG = 0.01, 0.5
_COMPONENTS = 8
# Neighbours compared with each clip. Clips in one cell count as one; a tolerance is ``_CELLS`` cells wide.
_NEIGHBOURS, _CELLS = 16, 64
_SAMPLED = 5000
_ROWS_AT_ONCE = 10_000
_MOST_NAMED = 200


@dataclass(frozen=True, kw_only=True)
class Redundancy:
    """How many different trajectories there are, each relative to the subject.

    Attributes:
        n: trajectories that were compared.
        distinct_trajectories: how many remain if near-duplicates count once.
        near_duplicates: (clip, clip, distance), the closest first, at most 200; clips are ``take/camera``,
            the distance is a share of the start distance.
        near_duplicate_share: share of moving clips that have one.
        nearest_neighbour: 5 %, 25 %, 50 %, 75 %, 95 % of the distance to the nearest other clip, in
            standard deviations of the descriptor, of a sample.
        leaked_pairs: (training clip, other clip, distance) as ``near_duplicates``, across splits.
        leaked_clips: how many moving clips of other splits have a near-duplicate in ``train``.
        copies: every rig that is a copy of another.
    """

    n: int
    distinct_trajectories: int
    near_duplicates: tuple[tuple[str, str, float], ...]
    near_duplicate_share: float
    nearest_neighbour: Quantiles | None
    leaked_pairs: tuple[tuple[str, str, float], ...]
    leaked_clips: int
    copies: tuple[RigCopy, ...] = ()


def redundancy(prints: Fingerprints) -> Redundancy | None:
    """Near-duplicates among all clips; None if no clip moves."""
    if not len(prints):
        return None
    a, b, share = near_pairs(prints, NEAR_SHARE, NEAR_DEG)
    order = np.argsort(share, kind="stable")
    a, b, share = a[order], b[order], share[order]
    is_train = prints.split == TRAIN
    crosses = np.flatnonzero(is_train[a] != is_train[b])
    other = np.where(is_train[a[crosses]], b[crosses], a[crosses])
    first = np.where(is_train[a[crosses]], a[crosses], b[crosses])
    return Redundancy(
        n=len(prints),
        distinct_trajectories=_groups(len(prints), a, b),
        near_duplicates=_named(prints, a, b, share),
        near_duplicate_share=len(np.unique(np.concatenate([a, b]))) / len(prints),
        nearest_neighbour=_nearest(prints),
        leaked_pairs=_named(prints, first, other, share[crosses]),
        leaked_clips=len(np.unique(other)),
        copies=rig_copies(prints),
    )


def leak_lines(found: Redundancy) -> list[str]:
    """One line about single clips with a near-duplicate in another split; none if there are none."""
    if not found.leaked_clips:
        return []
    first, other, _ = found.leaked_pairs[0]
    clips = many(found.leaked_clips, "clip")
    return [f"near-duplicates between splits: {clips}; for example {other} and {first}"]


def near_pairs(
    prints: Fingerprints, share: float, angle_deg: float
) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"], Float[np.ndarray, "pairs"]]:
    """Pairs (a < b) of clips within the tolerances, and the distance of their positions.

    Clips within one cell are paired with the first clip of the cell only.
    """
    components = _principal(_scaled(prints, share, np.radians(angle_deg)))
    cells = np.floor(components * _CELLS).astype(np.int64)
    _, first, cell = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    same_b = np.arange(len(prints))
    same_a = first[cell.ravel()]
    is_copy = same_a != same_b
    one, other = neighbour_pairs(components[first], components[first], most=_NEIGHBOURS, reach=np.sqrt(2.0))
    is_pair = one != other
    a = np.concatenate([same_a[is_copy], first[one[is_pair]]])
    b = np.concatenate([same_b[is_copy], first[other[is_pair]]])
    pairs = np.unique(np.stack([np.minimum(a, b), np.maximum(a, b)], axis=1), axis=0)
    a, b = pairs[:, 0], pairs[:, 1]
    apart, turned_deg = prints.apart(a, b)
    keep = (apart < share) & (turned_deg < angle_deg)
    return a[keep], b[keep], apart[keep]


def _scaled(prints: Fingerprints, share: float, chord: float) -> Float[np.ndarray, "clips values"]:
    numbers = prints.path.shape[1]
    scaled = np.empty((len(prints), numbers + prints.axes.shape[1]))
    np.divide(prints.path, share * np.sqrt(FRAMES_SEEN), out=scaled[:, :numbers])
    np.divide(prints.axes, chord * np.sqrt(2 * FRAMES_SEEN), out=scaled[:, numbers:])
    return scaled


def _principal(scaled: Float[np.ndarray, "clips values"]) -> Float[np.ndarray, "clips components"]:
    """Projections onto the orthonormal directions of largest variance, which never increase distances."""
    centre = scaled.mean(axis=0, dtype=np.float64)
    step = max(len(scaled) // 20_000, 1)
    few = scaled[::step] - centre
    _, directions = np.linalg.eigh(few.T @ few)
    blocks = np.split(scaled, range(_ROWS_AT_ONCE, len(scaled), _ROWS_AT_ONCE))
    return np.concatenate([(b - centre.astype(np.float32)) @ directions[:, -_COMPONENTS:] for b in blocks])


def _groups(clips: int, a: np.ndarray, b: np.ndarray) -> int:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(a)), (a, b)), shape=(clips, clips))
    return int(connected_components(graph, directed=False)[0])


def _nearest(prints: Fingerprints) -> Quantiles | None:
    """Quantiles of the distance to the nearest other clip, in standard deviations, of a sample."""
    if len(prints) < 2:
        return None
    from scipy.spatial import cKDTree

    components = _principal(np.concatenate([prints.path, prints.axes], axis=1))
    components = components / np.maximum(components.std(axis=0), 1e-9)
    sample = components[:: max(len(prints) // _SAMPLED, 1)]
    distance, _ = cKDTree(components).query(sample, k=2)
    return quantiles_of(distance[:, 1])


def _named(
    prints: Fingerprints, a: np.ndarray, b: np.ndarray, share: np.ndarray
) -> tuple[tuple[str, str, float], ...]:
    return tuple(
        (prints.name(int(i)), prints.name(int(j)), float(s))
        for i, j, s in zip(a[:_MOST_NAMED], b[:_MOST_NAMED], share[:_MOST_NAMED], strict=True)
    )
