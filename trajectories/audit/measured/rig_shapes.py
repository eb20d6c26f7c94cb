"""The shape of each rig: its moving cameras, without place, size and direction around the vertical.

Positions are relative to the centre of all positions of the rig, in units of their spread. Frames are spaced
evenly around the middle of a clip, so that a clip that runs backwards has the same frames.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from ...clip_table import starts_of
from .fingerprints import FRAMES_SEEN, Fingerprints

# All frames of a fingerprint but the middle one: the frames of its two halves are each other's counterparts.
_FRAMES = [frame for frame in range(FRAMES_SEEN) if frame != FRAMES_SEEN // 2]
_EARLY, _LATE = (0, 1), (-2, -1)
# Clips that move less (root mean square) and turn less are those of cameras at rest, whose poses have errors.
# Errors of 1 % of the start distance stay below.
_REST_SHARE, _REST_RAD = 0.02, np.radians(1.5)
# Rigs with a smaller spread only rotate, or hardly move for their distance.
_LEAST_SIZE_M, _LEAST_SIZE_SHARE = 0.05, 0.1
# Rigs with different numbers of cameras are far apart.
_CAMERA_WEIGHT = 10.0
# Errors of rotations, in radians, are smaller than those of positions in units of the size.
_ROTATION_WEIGHT = 5.0
_PAIRS_AT_ONCE = 500
_X, _Y, _Z = 0, 1, 2
# The mirror is the plane y = 0.
MIRROR = np.array([1, -1, 1], dtype=np.float32)


@dataclass(frozen=True)
class RigShapes:
    """Shapes of rigs; clips of a rig are together.

    Attributes:
        clip: index of each clip among the fingerprints.
        starts: first clip of each rig.
        size_m: root mean square distance of the positions from their centre.
        distance_m: root mean square distance of the positions from the subjects.
        centre_m: mean of all positions.
        is_moved: whether each clip moves by more than noise; others only rotate.
        position, right, forward: in world axes; positions relative to the centre, over the size.
    """

    clip: Int[np.ndarray, "clips"]
    starts: Int[np.ndarray, "rigs"]
    size_m: Float[np.ndarray, "rigs"]
    distance_m: Float[np.ndarray, "rigs"]
    centre_m: Float[np.ndarray, "rigs 3"]
    is_moved: Bool[np.ndarray, "clips"]
    position: Float[np.ndarray, "clips 8 3"]
    right: Float[np.ndarray, "clips 8 3"]
    forward: Float[np.ndarray, "clips 8 3"]

    @classmethod
    def of(cls, prints: Fingerprints) -> "RigShapes":
        """The shapes of all rigs with a moving camera, in the order of ``prints``."""
        axes = prints.axes.reshape(len(prints), FRAMES_SEEN, 3, 2)[:, _FRAMES]
        offset = prints.path.reshape(len(prints), FRAMES_SEEN, 3)[:, _FRAMES]
        squared = _mean_square(offset)
        moved = squared - (_mean_of_frames(offset) ** 2).sum(axis=1) > _REST_SHARE**2
        turned = np.ptp(axes, axis=1).max(axis=(1, 2)) > _REST_RAD
        clip = np.flatnonzero(moved | turned)
        starts = starts_of(prints.take[clip])
        number = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(clip)))
        position_m = offset[clip] * prints.distance_m[clip, None, None] + prints.origin_m[clip, None]
        centre_m = _mean_of_rigs(_mean_of_frames(position_m), starts)
        position_m -= centre_m[number, None]
        spread_m = np.sqrt(_mean_of_rigs(_mean_square(position_m), starts))
        distance_m = np.sqrt(_mean_of_rigs(squared[clip] * prints.distance_m[clip] ** 2, starts))
        size_m = np.maximum(np.maximum(spread_m, _LEAST_SIZE_SHARE * distance_m), _LEAST_SIZE_M)
        position = (position_m / size_m[number, None, None]).astype(np.float32)
        right, forward = axes[clip, ..., 0], axes[clip, ..., 1]
        return cls(clip, starts, size_m, distance_m, centre_m, moved[clip], position, right, forward)

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def cameras(self) -> Int[np.ndarray, "rigs"]:
        """Number of moving cameras of each rig."""
        return np.diff(self.starts, append=len(self.clip))

    def mirrored(self) -> "RigShapes":
        """The shapes in a mirror, the plane y = 0; a camera's right axis then points the other way."""
        return replace(
            self,
            position=self.position * MIRROR,
            right=-self.right * MIRROR,
            forward=self.forward * MIRROR,
        )

    def time_reversed(self) -> "RigShapes":
        """The shapes of clips that run backwards."""
        names = ("position", "right", "forward")
        return replace(self, **{name: getattr(self, name)[:, ::-1] for name in names})

    def descriptors(self) -> Float[np.ndarray, "rigs values"]:
        """Values that do not depend on place, size, direction around the vertical or order of the cameras.

        They are means over cameras of heights and of products of horizontal vectors.
        """
        ends = [
            tuple((part[:, one] + part[:, other]) / 2 for part in (self.position, self.forward))
            for one, other in (_EARLY, _LATE)
        ]
        of_clips = []
        for position, forward in ends:
            level = np.hypot(position[:, _X], position[:, _Y])
            of_clips += [level, position[:, _Z], position[:, _Z] ** 2, forward[:, _Z], forward[:, _Z] ** 2]
            of_clips += _products(position, forward)
        (first, ahead), (last, ahead_last) = ends
        of_clips += [*_products(first, last), *_products(ahead, ahead_last)]
        values = _mean_of_rigs(np.stack(of_clips, axis=1), self.starts)
        return np.concatenate([values, _CAMERA_WEIGHT * self.cameras[:, None]], axis=1)

    def of_clips(self, clips: Int[np.ndarray, "*some"]) -> Float[np.ndarray, "*some 56"]:
        """Values of some clips that do not depend on the direction of their rigs around the vertical."""
        position, forward = self.position[clips], self.forward[clips]
        level = np.hypot(position[..., _X], position[..., _Y])
        values = [level, position[..., _Z], forward[..., _Z], *_products(position, forward)]
        return np.concatenate([*values, *_products(forward, forward[..., :1, :])], axis=-1)

    def turned(
        self, clips: Int[np.ndarray, "pairs cameras"], turn_rad: Float[np.ndarray, "pairs"]
    ) -> Float[np.ndarray, "pairs cameras 72"]:
        """Positions and weighted axes of some clips after a rotation of each rig about the vertical."""
        parts = (self.position, _ROTATION_WEIGHT * self.right, _ROTATION_WEIGHT * self.forward)
        return np.concatenate(
            [rotated_about_vertical(part[clips], turn_rad).reshape(*clips.shape, -1) for part in parts],
            axis=-1,
        )

    def clips_of(self, rigs: Int[np.ndarray, "pairs"], cameras: int) -> Int[np.ndarray, "pairs cameras"]:
        """The clips of some rigs that have so many cameras."""
        return self.starts[rigs, None] + np.arange(cameras)


@dataclass(frozen=True)
class Alignment:
    """How well the second rig of each pair fits the first, after the best rotation about the vertical.

    Attributes:
        position_m: largest root mean square distance of any camera's positions, in the first rig's metres.
        rotation_rad: largest rotation between the cameras in any frame.
        turn_rad: the rotation from the first to the second, counter-clockwise from above.
    """

    position_m: Float[np.ndarray, "pairs"]
    rotation_rad: Float[np.ndarray, "pairs"]
    turn_rad: Float[np.ndarray, "pairs"]

    def __getitem__(self, rows: np.ndarray) -> "Alignment":
        return type(self)(self.position_m[rows], self.rotation_rad[rows], self.turn_rad[rows])


def aligned(
    first: RigShapes, a: Int[np.ndarray, "pairs"], second: RigShapes, b: Int[np.ndarray, "pairs"]
) -> Alignment:
    """Compare pairs of rigs with equal numbers of cameras; each camera of both with the most similar one."""
    found = Alignment(*(np.full(len(a), np.inf) for _ in range(3)))
    for rows, cameras in in_parts(first.cameras[a]):
        one, other = _matched(
            *(first, first.clips_of(a[rows], cameras), second, second.clips_of(b[rows], cameras))
        )
        turn = _best_turn(first, one, second, other)
        apart = rotated_about_vertical(first.position[one], turn) - second.position[other]
        position = np.sqrt((apart**2).sum(axis=3).mean(axis=2).max(axis=1))
        chords = [
            ((rotated_about_vertical(x[one], turn) - y[other]) ** 2).sum(axis=3)
            for x, y in ((first.right, second.right), (first.forward, second.forward))
        ]
        found.position_m[rows] = position * first.size_m[a[rows]]
        found.rotation_rad[rows] = np.sqrt(np.maximum(*chords).max(axis=(1, 2)))
        found.turn_rad[rows] = turn
    return found


def _matched(
    first: RigShapes,
    one: Int[np.ndarray, "pairs cameras"],
    second: RigShapes,
    other: Int[np.ndarray, "pairs cameras"],
) -> tuple[Int[np.ndarray, "pairs twice"], Int[np.ndarray, "pairs twice"]]:
    """Every clip of both rigs with the most similar one of the other rig, after an approximate rotation."""
    similar = _gaps(first.of_clips(one), second.of_clips(other)).argmin(axis=2)
    turn = _best_turn(first, one, second, np.take_along_axis(other, similar, axis=1))
    gaps = _gaps(first.turned(one, turn), second.turned(other, np.zeros(len(other))))
    of_one = np.take_along_axis(other, gaps.argmin(axis=2), axis=1)
    of_other = np.take_along_axis(one, gaps.argmin(axis=1), axis=1)
    return np.concatenate([one, of_other], axis=1), np.concatenate([of_one, other], axis=1)


def _gaps(
    one: Float[np.ndarray, "pairs cameras values"], other: Float[np.ndarray, "pairs cameras values"]
) -> Float[np.ndarray, "pairs cameras cameras"]:
    """Squared distances of all rows of two matrices."""
    squares = [(part**2).sum(axis=2) for part in (one, other)]
    return squares[0][:, :, None] + squares[1][:, None] - 2 * one @ other.swapaxes(1, 2)


def in_parts(cameras: Int[np.ndarray, "pairs"]) -> Iterator[tuple[Int[np.ndarray, "part"], int]]:
    """Some hundred pairs at a time, all of one number of cameras."""
    for count in np.unique(cameras).tolist():
        rows = np.flatnonzero(cameras == count)
        for start in range(0, len(rows), _PAIRS_AT_ONCE):
            yield rows[start : start + _PAIRS_AT_ONCE], count


def _best_turn(
    first: RigShapes,
    one: Int[np.ndarray, "pairs cameras"],
    second: RigShapes,
    other: Int[np.ndarray, "pairs cameras"],
) -> Float[np.ndarray, "pairs"]:
    """The rotation about the vertical that brings horizontal parts closest together."""
    along, across = (
        sum(part.sum(axis=(1, 2)) for part in parts)
        for parts in zip(
            _products(first.position[one], second.position[other]),
            _products(first.forward[one], second.forward[other]),
            strict=True,
        )
    )
    return np.arctan2(across, along)


def rotated_about_vertical(
    vectors: Float[np.ndarray, "pairs *some 3"], turn_rad: Float[np.ndarray, "pairs"]
) -> Float[np.ndarray, "pairs *some 3"]:
    """The vectors of each pair, rotated counter-clockwise from above."""
    cos, sin = (f(turn_rad).reshape(-1, *[1] * (vectors.ndim - 2)) for f in (np.cos, np.sin))
    x, y, z = np.moveaxis(vectors, -1, 0)
    return np.stack([cos * x - sin * y, sin * x + cos * y, z], axis=-1)


def _products(a: Float[np.ndarray, "... 3"], b: Float[np.ndarray, "... 3"]) -> list[np.ndarray]:
    """Scalar and cross product of the horizontal parts."""
    return [
        a[..., _X] * b[..., _X] + a[..., _Y] * b[..., _Y],
        a[..., _X] * b[..., _Y] - a[..., _Y] * b[..., _X],
    ]


def _mean_of_frames(values: Float[np.ndarray, "clips frames 3"]) -> Float[np.ndarray, "clips 3"]:
    return np.einsum("cfx->cx", values) / values.shape[1]


def _mean_square(values: Float[np.ndarray, "clips frames 3"]) -> Float[np.ndarray, "clips"]:
    return np.einsum("cfx,cfx->c", values, values) / values.shape[1]


def _mean_of_rigs(values: np.ndarray, starts: Int[np.ndarray, "rigs"]) -> np.ndarray:
    if not len(starts):
        return np.zeros((0, *values.shape[1:]))
    counts = np.diff(starts, append=len(values)).reshape(-1, *[1] * (values.ndim - 1))
    return np.add.reduceat(values, starts, axis=0, dtype=np.float64) / counts
