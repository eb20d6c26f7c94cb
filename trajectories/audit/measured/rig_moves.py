"""The moves of rigs as their columns state them: rigs with equal moves, and how likely chance gives these."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from ...sampling.moves import KINDS
from .fingerprints import FRAMES_SEEN, Fingerprints
from .neighbours import neighbour_pairs
from .rig_shapes import RigShapes, in_parts

# Equal moves differ by less: radians, shares of the distance, and speeds a times their weight.
SAME_MOVE = 2e-3
_SPEED_WEIGHT = 0.05
_KINDS_APART, _AXES_APART = 1e3, 1e2
_LEAST_SLACK = 1e-4
_NEIGHBOURS = 8
_SAMPLED = 4000
_KIND, _AMOUNT, _TILT, _SPEED = range(4)
_ENDS_AND_HALF = [0, FRAMES_SEEN // 2, -1]
# Ways in which a rig can be a copy; each is another chance to find one.
_WAYS = 8
_PATH_KIND = _KINDS_APART * len(KINDS)
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

    def expected_same(self, rigs: Int[np.ndarray, "pairs"]) -> Float[np.ndarray, "pairs"]:
        """How many pairs of rigs in the set would have the columns of each rig by chance."""
        return _exp(self._log_expected(self._stated, rigs, Slack.none(len(rigs))))

    def expected_alike(
        self, rigs: Int[np.ndarray, "pairs"], slack: Slack, *, same_distance: Bool[np.ndarray, "pairs"]
    ) -> Float[np.ndarray, "pairs"]:
        """How many pairs of rigs in the set would by chance agree as closely as each rig with another one.

        They agree in their start elevations too, and in their start distances where stated.
        """
        log_expected = self._log_expected(self._seen, rigs, slack)
        first, near = self.shapes.clip[self.shapes.starts], np.maximum(slack.length, _LEAST_SLACK)
        elevation, distance = self.prints.path[first, 2].astype(np.float64), self.prints.distance_m[first]
        log_expected += np.log(_share_near(elevation, rigs, near))
        log_expected[same_distance] += np.log(_share_near(np.log(distance), rigs, near))[same_distance]
        return _exp(log_expected)

    def _log_expected(
        self, values: Float[np.ndarray, "clips 4"], rigs: Int[np.ndarray, "pairs"], slack: Slack
    ) -> Float[np.ndarray, "pairs"]:
        """The share of clips within ``slack``, multiplied over the cameras of a rig, for all their orders."""
        log_expected = np.full(len(rigs), np.log(_WAYS * max(len(self.shapes), 2) ** 2 / 2))
        sample = values[:: max(len(values) // _SAMPLED, 1)]
        for rows, cameras in in_parts(self.shapes.cameras[rigs]):
            clips = self.shapes.clips_of(rigs[rows], cameras)
            is_length = self._is_path[clips] & self.shapes.is_moved[clips]
            within = np.where(is_length, slack.length[rows, None], slack.angle_rad[rows, None])
            share, repeats = _share(values[clips], within, sample)
            # Orders of equal moves are one order; the ranks of repeats multiply to their factorials.
            orders = np.log(np.arange(1, cameras + 1)).sum() - np.log(repeats).sum(axis=1)
            log_expected[rows] += np.log(share).sum(axis=1) + orders
        return log_expected

    @cached_property
    def _stated(self) -> Float[np.ndarray, "clips 4"]:
        """``values`` in which paths along other axes of the start camera are other kinds."""
        own = self.values.copy()
        own[:, _KIND] += np.where(self._is_path, self._lengths[:, _KIND], 0.0)
        return own

    @cached_property
    def _seen(self) -> Float[np.ndarray, "clips 4"]:
        """What poses show, because columns that were recovered from noise are wrong; ``values`` of arcs."""
        of_poses = np.where(self._is_path[:, None], self._lengths, self.values)
        return np.where(self.shapes.is_moved[:, None], of_poses, self._angles_rad)

    @cached_property
    def _lengths(self) -> Float[np.ndarray, "clips 4"]:
        """The main axis of the start camera as a kind, the distances at the end and half way, and zero."""
        path = self.prints.path[self.shapes.clip].reshape(-1, FRAMES_SEEN, 3)[:, _ENDS_AND_HALF]
        half, moved = np.moveaxis(path[:, 1:] - path[:, :1], 1, 0).astype(np.float64)
        right, forward = np.moveaxis(self.prints.axes[self.shapes.clip, :6].reshape(-1, 3, 2), -1, 0)
        along = np.stack([(moved * axis).sum(axis=1) for axis in (right, np.cross(forward, right), forward)])
        most = np.abs(along).argmax(axis=0)
        axis = 2 * most + (along[most, np.arange(along.shape[1])] > 0)
        lengths = [np.linalg.norm(part, axis=1) for part in (moved, half)]
        return np.stack([_PATH_KIND + _AXES_APART * axis, *lengths, np.zeros(len(axis))], axis=1)

    @cached_property
    def _angles_rad(self) -> Float[np.ndarray, "clips 4"]:
        """Zero, the changes of heading and elevation in a clip, and their sum in its first half."""
        axes = self.prints.axes[self.shapes.clip].reshape(-1, FRAMES_SEEN, 3, 2)[:, _ENDS_AND_HALF]
        x, y, z = np.moveaxis(axes[..., 1].astype(np.float64), -1, 0)
        heading, elevation = np.unwrap(np.arctan2(y, x), axis=1), np.arcsin(np.clip(z, -1, 1))
        (half, entire), (half_up, entire_up) = (
            (angle[:, 1:] - angle[:, :1]).T for angle in (heading, elevation)
        )
        return np.stack([np.zeros(len(half)), entire, entire_up, half + half_up], axis=1)


def _share(
    own: Float[np.ndarray, "pairs cameras 4"],
    within: Float[np.ndarray, "pairs cameras"],
    sample: Float[np.ndarray, "some 4"],
) -> tuple[Float[np.ndarray, "pairs cameras"], Int[np.ndarray, "pairs cameras"]]:
    """Share of a sample near the move of each clip, and how many of its rig so far have that move."""
    # Slow to import.
    from scipy.spatial import cKDTree

    # Equal questions are asked once.
    steps = np.ceil(np.log2(np.maximum(within, SAME_MOVE)) * 2) / 2
    asked = np.concatenate([own.round(4), steps[:, :, None]], axis=2)
    distinct, place = np.unique(asked.reshape(-1, 5), axis=0, return_inverse=True)
    counts = cKDTree(sample).query_ball_point(distinct[:, :4], 2.0 ** distinct[:, 4], return_length=True)
    place = place.reshape(within.shape)
    same = place[:, :, None] == place[:, None, :]
    return ((counts + 1) / (len(sample) + 1))[place], np.tril(same).sum(axis=2)


def _exp(values: Float[np.ndarray, "pairs"]) -> Float[np.ndarray, "pairs"]:
    return np.exp(np.minimum(values, 50.0))


def _share_near(
    values: Float[np.ndarray, "all"], chosen: Int[np.ndarray, "some"], slack: Float[np.ndarray, "some"]
) -> Float[np.ndarray, "some"]:
    """Share of all values within ``slack`` of each chosen one."""
    ordered, own = np.sort(values), values[chosen]
    found = np.searchsorted(ordered, own + slack, "right") - np.searchsorted(ordered, own - slack)
    return found / len(values)
