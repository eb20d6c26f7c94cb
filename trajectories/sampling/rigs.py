"""Draw rigs from rules. A rig depends on seed, rig index and attempt alone, never on how calls are sliced."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from multitake.randomness import rig_uniforms

from ..poses import CameraPose
from ..rigs import Rig, camera_name
from ..speed import speed_curve, time_fractions
from ..tracks import as_poses, new_track
from .moves import Moves
from .parameters import DRAWS_PER_CAMERA, DRAWS_PER_RIG, draw_layout, draw_lens, draw_moves, draw_starts
from .rules import Rules
from .validity import Verdicts

# Few enough that the arrays of one piece stay in the processor's cache.
_RIGS_AT_ONCE = 128


@dataclass(frozen=True, kw_only=True)
class RigBatch:
    """Rigs of one seed, as arrays.

    Attributes:
        poses: world_from_camera, batch ``(rigs, cameras, frames)``.
        moves: what each camera does, rig by rig (``rigs * cameras`` rows).
        lens_index: which of ``rules.lenses`` each rig uses.
        is_independent: whether a rig's cameras start at poses of their own.
        attempts: which draw each camera's path is; 0 is the first.
        verdicts: what was found against the paths; no reasons where they were not checked.
    """

    rules: Rules
    poses: CameraPose
    pivots_m: Float[np.ndarray, "rigs 3"]
    moves: Moves
    lens_index: Int[np.ndarray, "rigs"]
    is_independent: Bool[np.ndarray, "rigs"]
    attempts: Int[np.ndarray, "rigs cameras"]
    verdicts: Verdicts

    def __len__(self) -> int:
        return len(self.pivots_m)

    def __iter__(self) -> Iterator[Rig]:
        return (self.rig(index) for index in range(len(self)))

    def moves_of(self, camera: int) -> Moves:
        """What one camera does in each rig."""
        return self.moves[slice(camera, None, len(self.rules.slots))]

    def rig(self, index: int) -> Rig:
        """The rig at a place in this batch, as one value."""
        cameras = len(self.rules.slots)
        rows = range(index * cameras, (index + 1) * cameras)
        return Rig(
            cameras=tuple(camera_name(c) for c in range(cameras)),
            lens=self.rules.lenses[int(self.lens_index[index])],
            poses=self.poses[index],
            pivot_m=self.pivots_m[index],
            moves=tuple(self.moves.one(row, self.rules) for row in rows),
            layout="independent" if self.is_independent[index] else "shared",
            time_base=self.rules.time_base,
            attempts=tuple(self.attempts[index].tolist()),
            flags=self.verdicts.flags(index),
        )


def sample_rigs(
    rules: Rules,
    pivots_m: Float[np.ndarray, "rigs 3"],
    *,
    seed: int,
    frames: int,
    first_rig: int = 0,
    attempt: int = 0,
) -> RigBatch:
    """Draw one rig per pivot (aim point, world metres): rigs ``first_rig ..`` of this seed and attempt."""
    uniforms = rule_uniforms(rules, seed=seed, attempt=attempt, first_rig=first_rig, rigs=len(pivots_m))
    drawn = draw(rules, pivots_m, uniforms)
    cameras = len(rules.slots)
    return drawn.batch(
        rules,
        pivots_m,
        poses=follow(rules, drawn.moves, drawn.starts, pivots_m, frames),
        attempts=np.full((len(pivots_m), cameras), attempt),
        verdicts=Verdicts.none(len(pivots_m), cameras),
    )


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What the draws of some rigs say, before any path is followed; ``starts`` are ``(rigs, cameras)``."""

    starts: CameraPose
    moves: Moves
    lens_index: Int[np.ndarray, "rigs"]
    is_independent: Bool[np.ndarray, "rigs"]

    def batch(
        self,
        rules: Rules,
        pivots_m: Float[np.ndarray, "rigs 3"],
        *,
        poses: CameraPose,
        attempts: Int[np.ndarray, "rigs cameras"],
        verdicts: Verdicts,
    ) -> RigBatch:
        """The rigs with the paths that follow from this."""
        return RigBatch(
            rules=rules,
            poses=poses,
            pivots_m=pivots_m,
            moves=self.moves,
            lens_index=self.lens_index,
            is_independent=self.is_independent,
            attempts=attempts,
            verdicts=verdicts,
        )

    def with_rigs(self, rigs: Int[np.ndarray, "drawn"], new: "Drawn") -> "Drawn":
        """The same with what was drawn anew for some rigs put in their places."""
        starts = self.starts.world_from_camera.copy()
        starts[rigs] = new.starts.world_from_camera
        lens_index, is_independent = self.lens_index.copy(), self.is_independent.copy()
        lens_index[rigs], is_independent[rigs] = new.lens_index, new.is_independent
        cameras = starts.shape[1]
        rows = (rigs[:, None] * cameras + np.arange(cameras)).ravel()
        return Drawn(
            starts=CameraPose(starts),
            moves=self.moves.with_rows(rows, new.moves),
            lens_index=lens_index,
            is_independent=is_independent,
        )


def rule_uniforms(
    rules: Rules, *, seed: int, attempt: int, first_rig: int, rigs: int
) -> Float[np.ndarray, "rigs draws"]:
    """All numbers that rigs are drawn from: a rig's own ``DRAWS_PER_RIG``, then each camera's."""
    draws = DRAWS_PER_RIG + DRAWS_PER_CAMERA * len(rules.slots)
    return rig_uniforms(seed=seed, attempt=attempt, first_rig=first_rig, rigs=rigs, draws=draws)


def draw(
    rules: Rules, pivots_m: Float[np.ndarray, "rigs 3"], uniforms: Float[np.ndarray, "rigs draws"]
) -> Drawn:
    """Rigs as a pure function of their numbers: each depends on its own row alone."""
    of_rig = uniforms[:, :DRAWS_PER_RIG]
    of_camera = uniforms[:, DRAWS_PER_RIG:].reshape(-1, len(rules.slots), DRAWS_PER_CAMERA)
    is_independent = draw_layout(rules, of_rig)
    starts = draw_starts(rules, pivots_m, of_rig, of_camera, is_independent)
    return Drawn(
        starts=starts,
        moves=draw_moves(rules, of_camera, starts, pivots_m),
        lens_index=draw_lens(rules, of_rig),
        is_independent=is_independent,
    )


def follow(
    rules: Rules, moves: Moves, starts: CameraPose, pivots_m: Float[np.ndarray, "rigs 3"], frames: int
) -> CameraPose:
    """Poses ``(rigs, cameras, frames)`` of moves from ``starts`` ``(rigs, cameras)``; nothing is drawn."""
    rigs, cameras = starts.world_from_camera.shape[:2]
    track = new_track(rigs * cameras, frames)
    scratch = new_track(min(rigs, _RIGS_AT_ONCE) * cameras, frames)
    for first in range(0, rigs, _RIGS_AT_ONCE):
        part = slice(first, min(first + _RIGS_AT_ONCE, rigs))
        rows = slice(part.start * cameras, part.stop * cameras)
        around_m = np.repeat(pivots_m[part], cameras, axis=0)
        begin = CameraPose(starts.world_from_camera[part].reshape(-1, 3, 4))
        _follow(rules, moves[rows], begin, around_m, scratch, track[:, :, rows])
    return as_poses(track.reshape(3, 4, rigs, cameras, frames))


def _follow(
    rules: Rules,
    moves: Moves,
    starts: CameraPose,
    pivots_m: Float[np.ndarray, "cameras 3"],
    scratch: Float[np.ndarray, "3 4 _ frames"],
    track: Float[np.ndarray, "3 4 cameras frames"],
) -> None:
    time = time_fractions(track.shape[-1], rules.time_base)
    order = np.empty(0, dtype=np.int64)
    for rows, motion in moves.groups(rules):
        progress = speed_curve(time[None], moves.speed_a[rows, None])
        part = scratch[:, :, len(order) : len(order) + len(rows)]
        motion.fill(part, starts[rows], pivots_m[rows], progress)
        # The first frame is the start itself, so that cameras that share it share it to the last bit.
        part[..., 0] = np.moveaxis(starts.world_from_camera[rows], 0, -1)
        order = np.concatenate([order, rows])
    # One write in camera order: the track is too large to stay in the processor's cache.
    place = np.argsort(order)
    for number in np.ndindex(3, 4):
        scratch[number].take(place, axis=0, out=track[number], mode="clip")
