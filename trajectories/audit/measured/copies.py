"""Rigs that are copies of other rigs, also after changes that keep the moves of their cameras.

A copy can be noisy, rotated about the vertical, mirrored, around another subject position, scaled, and
time-reversed, or have the same moves from another start. Candidates are neighbours by a descriptor that such
changes keep; each pair is then aligned and measured. A pair counts only if so close a match is unlikely by
chance, because rules with a few moves give rigs with equal moves.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float, Int

from ..findings import Finding, error
from .fingerprints import Fingerprints
from .neighbours import neighbour_pairs
from .rig_moves import RigMoves, Slack
from .rig_shapes import MIRROR, Alignment, RigShapes, aligned, rotated_about_vertical

# Largest differences of a noisy copy: share of the spread of the rig's positions, or of their distance from
# the subject if that is larger, and rotation.
NOISY_SHARE, NOISY_DEG = 0.05, 1.0
# Largest differences of an exact one, by storing it as float32 or with 6 digits.
EXACT_SHARE, EXACT_DEG = 1e-3, 0.02
# More matches by chance in the entire set count as none.
MOST_BY_CHANCE = 0.01
_TURNED_DEG, _MOVED_SHARE, _SCALED_SHARE = 0.5, 0.01, 0.01
_REACH = 0.06
_NEIGHBOURS = 8
# The split whose rigs are the originals.
TRAIN = "train"
_COPIES_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class RigCopy:
    """A rig whose moving cameras are copies of those of the rig ``of``.

    ``changes`` are any of ``noisy``, ``time-reversed``, ``mirrored``, ``rotated``,
    ``scaled`` and ``re-centred`` (around another subject position); or ``same moves``, from another start.
    """

    rig: str
    split: str
    of: str
    of_split: str
    changes: tuple[str, ...]
    cameras: int

    @property
    def kind(self) -> str:
        """``exact``, or the changes, joined by commas."""
        return ", ".join(self.changes) or "exact"

    @property
    def is_leak(self) -> bool:
        """Whether the two rigs are in different splits."""
        return self.split != self.of_split

    @property
    def is_duplicate(self) -> bool:
        """Whether nothing was changed but the place and the scale."""
        return set(self.changes) <= {"scaled", "re-centred"}

    @property
    def what(self) -> str:
        """One sentence about the rig."""
        same = "have the same moves as" if self.kind == "same moves" else "are copies of"
        what = f"its {self.cameras} moving cameras {same} those of {self.of} ({self.kind})"
        if self.is_leak:
            what += f", which is in split {self.of_split}; this rig is in split {self.split}"
        return what


@dataclass(frozen=True)
class RigPairs:
    """Pairs of rigs that are copies, and what was changed."""

    a: Int[np.ndarray, "pairs"]
    b: Int[np.ndarray, "pairs"]
    noisy: Bool[np.ndarray, "pairs"]
    time_reversed: Bool[np.ndarray, "pairs"]
    mirrored: Bool[np.ndarray, "pairs"]
    rotated: Bool[np.ndarray, "pairs"]
    scaled: Bool[np.ndarray, "pairs"]
    recentred: Bool[np.ndarray, "pairs"]
    same_moves: Bool[np.ndarray, "pairs"]

    CHANGES: ClassVar[dict[str, str]] = {
        "noisy": "noisy",
        "time_reversed": "time-reversed",
        "mirrored": "mirrored",
        "rotated": "rotated",
        "scaled": "scaled",
        "recentred": "re-centred",
        "same_moves": "same moves",
    }

    @classmethod
    def of(cls, a: np.ndarray, b: np.ndarray, **changes: np.ndarray | bool) -> "RigPairs":
        """Pairs with these changes and no others."""
        values = {name: np.broadcast_to(changes.get(name, False), a.shape) for name in cls.CHANGES}
        return cls(a=a, b=b, **values)

    @classmethod
    def joined(cls, parts: list["RigPairs"]) -> "RigPairs":
        """All pairs; the first of each two rigs."""
        names = [one.name for one in fields(cls)]
        every = cls(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
        ends = np.stack([np.minimum(every.a, every.b), np.maximum(every.a, every.b)], axis=1)
        _, first = np.unique(ends, axis=0, return_index=True)
        return every[np.sort(first)]

    def __getitem__(self, rows: np.ndarray) -> "RigPairs":
        return type(self)(*(getattr(self, one.name)[rows] for one in fields(self)))

    def __len__(self) -> int:
        return len(self.a)

    def changes(self, pair: int) -> tuple[str, ...]:
        """The changes, in words."""
        return tuple(word for name, word in self.CHANGES.items() if getattr(self, name)[pair])


def rig_copies(prints: Fingerprints) -> tuple[RigCopy, ...]:
    """Every rig that is a copy of an earlier one, or of one in ``train``."""
    shapes = RigShapes.of(prints)
    if len(shapes) < 2:
        return ()
    moves = RigMoves(prints, shapes)
    pairs = RigPairs.joined([*_transformed(prints, shapes, moves), _same_moves(moves)])
    return tuple(_named(prints, shapes, pairs))


def copy_lines(copies: Sequence[RigCopy]) -> list[str]:
    """One line about the rigs that are copies between splits, one about those within a split."""
    lines = []
    for where, is_leak in (("between splits", True), ("within a split", False)):
        found = [copy for copy in copies if copy.is_leak == is_leak]
        if found:
            kinds = ", ".join(f"{kind}: {n}" for kind, n in Counter(c.kind for c in found).most_common())
            named = "; ".join(
                f"{copy.rig} ({copy.split}) is a copy of {copy.of} ({copy.of_split}): {copy.kind}"
                for copy in found[:_COPIES_NAMED]
            )
            lines.append(f"copies {where}: {len(found)} rigs ({kinds}); for example {named}")
    return lines


def copy_findings(copies: Sequence[RigCopy], *, has_rules: bool) -> Iterator[Finding]:
    """Errors: copies of any kind between splits, and unchanged ones within a split if there are rules."""
    for copy in copies:
        if copy.is_leak:
            yield error("split_leak", copy.what, copy.rig)
        elif copy.is_duplicate and has_rules:
            yield error("duplicate_rig", copy.what, copy.rig)


def _transformed(prints: Fingerprints, shapes: RigShapes, moves: RigMoves) -> Iterator[RigPairs]:
    """Pairs of rigs that agree after a transform."""
    descriptors = shapes.descriptors()
    is_train = prints.split[shapes.clip[shapes.starts]] == TRAIN
    for is_reversed in (False, True):
        for is_mirrored in (False, True):
            changed = shapes.time_reversed() if is_reversed else shapes
            changed = changed.mirrored() if is_mirrored else changed
            a, b = _candidates(changed.descriptors(), descriptors, is_train)
            fit = aligned(changed, a, shapes, b)
            near = np.flatnonzero(
                (fit.position_m < NOISY_SHARE * np.maximum(shapes.size_m, shapes.distance_m)[a])
                & (fit.rotation_rad < np.radians(NOISY_DEG))
            )
            a, b, fit = a[near], b[near], fit[near]
            pairs = _with_changes(prints, shapes, a, b, fit, is_reversed=is_reversed, is_mirrored=is_mirrored)
            is_turned = np.abs(fit.turn_rad) > np.radians(EXACT_DEG)
            is_exact = ~(pairs.noisy | is_turned | is_mirrored | is_reversed)
            slack = Slack(2 * fit.rotation_rad, 2 * fit.position_m / _distance_m(prints, shapes)[a])
            by_chance = moves.expected_alike(a, slack, same_distance=~pairs.scaled)
            yield pairs[np.flatnonzero(is_exact | (by_chance < MOST_BY_CHANCE))]


def _with_changes(
    prints: Fingerprints,
    shapes: RigShapes,
    a: Int[np.ndarray, "pairs"],
    b: Int[np.ndarray, "pairs"],
    fit: Alignment,
    *,
    is_reversed: bool,
    is_mirrored: bool,
) -> RigPairs:
    """The pairs with the changes that are larger than noise explains."""
    share = fit.position_m / shapes.size_m[a]
    # Errors of single cameras average out.
    of_rig = share / np.sqrt(shapes.cameras[a])
    larger = shapes.size_m[b] / shapes.size_m[a]
    return RigPairs.of(
        a,
        b,
        noisy=(share > EXACT_SHARE) | (fit.rotation_rad > np.radians(EXACT_DEG)),
        time_reversed=is_reversed,
        mirrored=is_mirrored,
        # The turn of a mirrored rig only says where the mirror stands.
        rotated=(np.abs(fit.turn_rad) > np.maximum(np.radians(_TURNED_DEG), of_rig)) & (not is_mirrored),
        scaled=np.abs(larger - 1) > np.maximum(_SCALED_SHARE, of_rig),
        recentred=_moved_m(prints, shapes, a, b, fit, is_mirrored=is_mirrored)
        > np.maximum(_MOVED_SHARE * shapes.size_m[a], fit.position_m),
    )


def _same_moves(moves: RigMoves) -> RigPairs:
    """Pairs of rigs with the same moves from any start."""
    a, b = moves.same()
    is_copy = moves.expected_same(a) < MOST_BY_CHANCE
    return RigPairs.of(a[is_copy], b[is_copy], same_moves=True)


def _candidates(
    changed: Float[np.ndarray, "rigs values"],
    descriptors: Float[np.ndarray, "rigs values"],
    is_train: Bool[np.ndarray, "rigs"],
) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"]]:
    """Pairs (changed rig, rig) of neighbours; of rigs outside ``train``, also the neighbours in it."""
    every = np.arange(len(descriptors))
    parts = [(every, every)]
    if is_train.any() and not is_train.all():
        parts.append((every[~is_train], every[is_train]))
    found = []
    for a, b in parts:
        place, other = neighbour_pairs(changed[a], descriptors[b], most=_NEIGHBOURS, reach=_REACH)
        found.append(np.stack([a[place], b[other]], axis=1))
    pairs = np.unique(np.concatenate(found), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    return pairs[:, 0], pairs[:, 1]


def _moved_m(
    prints: Fingerprints,
    shapes: RigShapes,
    a: Int[np.ndarray, "pairs"],
    b: Int[np.ndarray, "pairs"],
    fit: Alignment,
    *,
    is_mirrored: bool,
) -> Float[np.ndarray, "pairs"]:
    """How far the second subject is from the first, and its rig from where it would be without that."""
    subject_m = prints.origin_m[shapes.clip[shapes.starts]]
    mirror = MIRROR if is_mirrored else 1
    larger = (shapes.size_m[b] / shapes.size_m[a])[:, None]
    moved_m = [subject_m[b] - subject_m[a]]
    # A subject that is recovered from noise may be wrong.
    for centre_m in (subject_m[a], subject_m[b]):
        from_centre_m = (shapes.centre_m[a] - centre_m) * mirror
        expected_m = centre_m + larger * rotated_about_vertical(from_centre_m, fit.turn_rad)
        moved_m.append(shapes.centre_m[b] - expected_m)
    return np.min([np.linalg.norm(part, axis=1) for part in moved_m], axis=0)


def _distance_m(prints: Fingerprints, shapes: RigShapes) -> Float[np.ndarray, "rigs"]:
    """Mean start distance of the cameras of each rig."""
    return np.add.reduceat(prints.distance_m[shapes.clip], shapes.starts) / shapes.cameras


def _named(prints: Fingerprints, shapes: RigShapes, pairs: RigPairs) -> Iterator[RigCopy]:
    """One entry for every rig that is a copy: of a rig in another split, or with the fewest changes."""
    first = shapes.clip[shapes.starts]
    take, split = prints.take[first], prints.split[first]
    # Rigs of train are the originals, then those with earlier names.
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.lexsort((take, split != TRAIN))] = np.arange(len(first))
    is_later = rank[pairs.b] > rank[pairs.a]
    copy, original = np.where(is_later, pairs.b, pairs.a), np.where(is_later, pairs.a, pairs.b)
    changes = sum(getattr(pairs, name).astype(int) for name in pairs.CHANGES)
    order = np.lexsort((rank[original], changes, split[copy] == split[original], rank[copy]))
    chosen = order[np.unique(rank[copy][order], return_index=True)[1]]
    for pair in chosen.tolist():
        rig, of = copy[pair], original[pair]
        yield RigCopy(
            rig=str(take[rig]),
            split=str(split[rig]),
            of=str(take[of]),
            of_split=str(split[of]),
            changes=pairs.changes(pair),
            cameras=int(shapes.cameras[rig]),
        )
