"""The moves of rigs as their columns state them: rigs with equal moves, and how likely chance gives these."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float, Int

from ...sampling.moves import KINDS
from .fingerprints import Fingerprints
from .neighbours import neighbour_pairs
from .rig_shapes import RigShapes, in_parts

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

# Equal moves differ by less: radians, shares of the distance, and speeds a times their weight.
SAME_MOVE = 2e-3
_SPEED_WEIGHT = 0.05
_KINDS_APART, _AXES_APART = 1e3, 1e2
_LEAST_SLACK = 1e-4
_NEIGHBOURS = 8
_SAMPLED = 4000
_KIND, _AMOUNT, _TILT, _SPEED = range(4)
# Ways in which a rig can be a copy; each is another chance to find one.
_WAYS = 8
_PATHS = [KINDS.index(name) for name in ("translation", "random")]


@dataclass(frozen=True)
class Slack:
    """How far the cameras of pairs may differ: angles, and lengths as shares of the start distance."""

    angle_rad: Float[np.ndarray, "pairs"]
    length: Float[np.ndarray, "pairs"]

    @classmethod
    def none(cls, pairs: int) -> "Slack":
        """That of equal moves."""
        return cls(np.zeros(pairs), np.zeros(pairs))

    def __getitem__(self, rows: np.ndarray) -> "Slack":
        return type(self)(self.angle_rad[rows], self.length[rows])


@dataclass(frozen=True)
class RigMoves:
    """The moves of the rigs of ``shapes``."""

    prints: Fingerprints
    shapes: RigShapes

    @cached_property
    def values(self) -> Float[np.ndarray, "clips 4"]:
        """Kind, amount, tilt and speed of each clip, scaled so that one distance applies to all."""
        scale = np.array([_KINDS_APART, 1.0, 1.0, _SPEED_WEIGHT])
        return self.prints.move[self.shapes.clip] * scale

    @cached_property
    def _is_path(self) -> Bool[np.ndarray, "clips"]:
        """Whether the amount of each clip is a length."""
        return np.isin(self.prints.move[self.shapes.clip, _KIND], _PATHS)

    def same(self) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"]]:
        """Pairs of rigs whose cameras have the same moves, with paths in start distances or in metres."""
        in_metres = self.values.copy()
        in_metres[:, _AMOUNT] *= np.where(self._is_path, self.prints.distance_m[self.shapes.clip], 1.0)
        found = [self._same(values) for values in (self.values, in_metres)]
        a, b = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return a, b

    def _same(self, values: Float[np.ndarray, "clips 4"]) -> tuple[np.ndarray, np.ndarray]:
        cameras, pairs = self.shapes.cameras, []
        number = np.repeat(np.arange(len(cameras)), cameras)
        ordered = values[np.lexsort((values[:, _SPEED], values[:, _AMOUNT], values[:, _KIND], number))]
        for count in np.unique(cameras).tolist():
            rigs = np.flatnonzero(cameras == count)
            rows = ordered[self.shapes.clips_of(rigs, count)].reshape(len(rigs), -1)
            a, b = neighbour_pairs(rows, rows, most=_NEIGHBOURS, reach=SAME_MOVE * np.sqrt(count))
            pairs.append(np.stack([rigs[a], rigs[b]])[:, a != b])
        found = np.concatenate(pairs, axis=1)
        return found[0], found[1]

    def expected_by_chance(
        self,
        rigs: Int[np.ndarray, "pairs"],
        slack: Slack,
        *,
        same_elevation: Bool[np.ndarray, "pairs"],
        same_distance: Bool[np.ndarray, "pairs"],
    ) -> Float[np.ndarray, "pairs"]:
        """How many pairs of rigs in the set would agree by chance as closely as each rig with another one.

        The share of clips with a move within ``slack`` is multiplied over the cameras, for all their orders,
        and by the share of rigs with that start elevation or distance where these agree too.
        """
        every = np.log(_WAYS * max(len(self.shapes), 2) ** 2 / 2)
        log_expected = np.full(len(rigs), every)
        for rows, cameras in in_parts(self.shapes.cameras[rigs]):
            share, repeats = self._share(self.shapes.clips_of(rigs[rows], cameras), slack[rows])
            # Orders of equal moves are one order; the ranks of repeats multiply to their factorials.
            orders = np.log(np.arange(1, cameras + 1)).sum() - np.log(repeats).sum(axis=1)
            log_expected[rows] += np.log(share).sum(axis=1) + orders
        first, near = self.shapes.clip[self.shapes.starts], np.maximum(slack.length, _LEAST_SLACK)
        elevation, distance = self.prints.path[first, 2].astype(np.float64), self.prints.distance_m[first]
        for values, is_same in ((elevation, same_elevation), (np.log(distance), same_distance)):
            log_expected[is_same] += np.log(_share_near(values, rigs, near))[is_same]
        return np.exp(np.minimum(log_expected, 50.0))

    def _share(
        self, clips: Int[np.ndarray, "pairs cameras"], slack: Slack
    ) -> tuple[Float[np.ndarray, "pairs cameras"], Int[np.ndarray, "pairs cameras"]]:
        """Share of all clips with the move of each clip, and how many of its rig so far have that move."""
        own = self._directed[clips]
        within = np.where(self._is_path[clips], slack.length[:, None], slack.angle_rad[:, None])
        # Equal questions are asked once.
        steps = np.ceil(np.log2(np.maximum(within, SAME_MOVE)) * 2) / 2
        asked = np.concatenate([own.round(4), steps[:, :, None]], axis=2)
        distinct, place = np.unique(asked.reshape(-1, 5), axis=0, return_inverse=True)
        tree, size = self._sample
        counts = tree.query_ball_point(distinct[:, :4], 2.0 ** distinct[:, 4], return_length=True)
        place = place.reshape(clips.shape)
        same = place[:, :, None] == place[:, None, :]
        return ((counts + 1) / (size + 1))[place], np.tril(same).sum(axis=2)

    @cached_property
    def _directed(self) -> Float[np.ndarray, "clips 4"]:
        """``values`` in which paths along other axes of the start camera are other kinds."""
        own = self.values.copy()
        path = self.prints.path[self.shapes.clip].astype(np.float64)
        moved = path[:, -3:] - path[:, :3]
        right, forward = np.moveaxis(self.prints.axes[self.shapes.clip, :6].reshape(-1, 3, 2), -1, 0)
        along = np.stack([(moved * axis).sum(axis=1) for axis in (right, np.cross(forward, right), forward)])
        most = np.abs(along).argmax(axis=0)
        axis = 2 * most + (along[most, np.arange(along.shape[1])] > 0)
        own[:, _KIND] += np.where(self._is_path, _AXES_APART * axis, 0.0)
        return own

    @cached_property
    def _sample(self) -> tuple["cKDTree", int]:
        from scipy.spatial import cKDTree

        sample = self._directed[:: max(len(self._directed) // _SAMPLED, 1)]
        return cKDTree(sample), len(sample)


def _share_near(
    values: Float[np.ndarray, "all"], chosen: Int[np.ndarray, "some"], slack: Float[np.ndarray, "some"]
) -> Float[np.ndarray, "some"]:
    """Share of all values within ``slack`` of each chosen one."""
    ordered, own = np.sort(values), values[chosen]
    found = np.searchsorted(ordered, own + slack, "right") - np.searchsorted(ordered, own - slack)
    return found / len(values)
