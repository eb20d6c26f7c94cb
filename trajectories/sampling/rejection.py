"""Rejection sampling: sample rigs whose paths keep their limits, and count all proposals."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from ..poses import CameraPose
from .moves import Moves
from .parameters import KEPT_NUMBERS, NUMBERS_PER_CAMERA, NUMBERS_PER_RIG, Parameters
from .rigs import RigBatch, rig_numbers, rigs_of_numbers
from .rules import Rules
from .shot import Shot
from .subjects import Subjects
from .validity import PATH_CHECKS, PathCheck, Paths, check_paths

Cameras = Bool[np.ndarray, "rigs cameras"]
_ATTEMPTS_PER_START = 10
Numbers = Float[np.ndarray, "rigs numbers"]


def sample_checked_rigs(
    rules: Rules,
    subjects: Subjects | Float[np.ndarray, "rigs 3"],
    *,
    shot: Shot,
    seed: int,
    first_rig: int = 0,
    checks: Sequence[PathCheck] = PATH_CHECKS,
) -> RigBatch:
    """Sample one rig per subject and check its paths against ``rules.validity``.

    ``subjects`` that are points (world, metres) stand still, with the height and the ground of the shot.

    A camera that breaks a limit whose policy is ``reject`` is sampled again with the numbers of the next
    attempt. The start of its rig, its motion, its speed class and all other cameras stay. If the first frame
    breaks the limit and cameras share their start, the entire rig is sampled again; so it is after every 10th
    attempt, as a start may allow no path. A rig depends on rules, checks, seed, subject and index
    alone.
    """
    if isinstance(subjects, np.ndarray):
        subjects = Subjects.standing(subjects, aim_fraction=rules.aim_fraction, shot=shot)
    numbers = rig_numbers(rules, seed=seed, attempt=0, first_rig=first_rig, rigs=len(subjects))
    batch = _checked(rules, subjects, numbers, shot, checks)
    for attempt in range(1, rules.validity.attempts):
        rejected, has_rejected_start = _rejected(batch, is_start_given_up=attempt % _ATTEMPTS_PER_START == 0)
        rigs = np.flatnonzero(rejected.any(axis=1))
        if not len(rigs):
            break
        fresh = [
            rig_numbers(rules, seed=seed, attempt=attempt, first_rig=first_rig + rig, rigs=1)
            for rig in rigs.tolist()
        ]
        numbers[rigs] = _merged(
            numbers[rigs], np.concatenate(fresh), rejected[rigs], has_rejected_start[rigs]
        )
        again = _checked(rules, subjects[rigs], numbers[rigs], shot, checks)
        batch = _with_proposals(batch, rigs, again, rejected, attempt)
    return batch


def _checked(
    rules: Rules, subjects: Subjects, numbers: Numbers, shot: Shot, checks: Sequence[PathCheck]
) -> RigBatch:
    batch = rigs_of_numbers(rules, subjects, numbers, frames=shot.frames, fps=shot.fps)
    optics = [lens.intrinsics(shot.width_px, shot.height_px).numbers for lens in rules.lenses]
    paths = Paths(
        poses=batch.poses,
        subjects=subjects,
        intrinsics=np.array(optics)[batch.parameters.lens_index],
        focal_lengths_mm=batch.focal_lengths_mm,
        fps=shot.fps,
    )
    verdicts = check_paths(paths, rules.validity, checks)
    return replace(batch, verdicts=verdicts, rejections=np.zeros(verdicts.is_broken.shape, dtype=np.int64))


def _rejected(batch: RigBatch, *, is_start_given_up: bool) -> tuple[Cameras, Bool[np.ndarray, "rigs"]]:
    """Which cameras are to be sampled again, and in which rigs because of the shared start."""
    reject, verdicts = batch.rules.validity.reject, batch.verdicts
    rejected = verdicts.any_of(reject)
    of_start = rejected if is_start_given_up else verdicts.any_of(reject, at_start=True)
    has_rejected_start = of_start.any(axis=1)
    has_rejected_start &= ~batch.parameters.is_independent
    return rejected | has_rejected_start[:, None], has_rejected_start


def _merged(
    old: Numbers, new: Numbers, rejected: Cameras, has_rejected_start: Bool[np.ndarray, "rigs"]
) -> Numbers:
    """``new`` numbers for rejected cameras, except those they keep, and for rigs with a rejected start."""
    is_kept = np.isin(np.arange(NUMBERS_PER_CAMERA), KEPT_NUMBERS)
    is_new = (rejected[..., None] & ~is_kept).reshape(len(rejected), -1)
    is_new = np.concatenate([np.zeros((len(rejected), NUMBERS_PER_RIG), dtype=bool), is_new], axis=1)
    return np.where(is_new | has_rejected_start[:, None], new, old)


def _with_proposals(
    batch: RigBatch, rigs: Int[np.ndarray, "again"], again: RigBatch, rejected: Cameras, attempt: int
) -> RigBatch:
    """The batch with rigs that were sampled again; ``rejected`` are the cameras that got a new proposal."""
    reasons = [reason in batch.rules.validity.reject for reason in batch.verdicts.reasons]
    rejections = batch.rejections + (batch.verdicts.is_broken & rejected & np.array(reasons)[:, None, None])
    cameras = batch.proposals.shape[1]
    rows = (rigs[:, None] * cameras + np.arange(cameras)).ravel()
    old, new = batch.parameters, again.parameters
    parameters = Parameters(
        starts=_replaced(old.starts, rigs, new.starts),
        moves=Moves(
            *(_replaced(getattr(old.moves, f.name), rows, getattr(new.moves, f.name)) for f in fields(Moves))
        ),
        lens_index=_replaced(old.lens_index, rigs, new.lens_index),
        radius_limit_m=_replaced(old.radius_limit_m, rigs, new.radius_limit_m),
        is_independent=_replaced(old.is_independent, rigs, new.is_independent),
    )
    poses = _replaced(batch.poses, rigs, again.poses)
    is_shaken = bool(parameters.moves.shake.any())
    return replace(
        batch,
        parameters=parameters,
        poses=poses,
        steady_poses=_replaced(batch.steady_poses, rigs, again.steady_poses) if is_shaken else poses,
        focal_ratios=_replaced(batch.focal_ratios, rigs, again.focal_ratios),
        verdicts=batch.verdicts.with_rigs(rigs, again.verdicts),
        attempts=np.where(rejected, attempt, batch.attempts),
        proposals=batch.proposals + rejected,
        rejections=rejections,
        rejected_paths=batch.rejected_paths + batch.counts_of_rejected(rejected),
    )


def _replaced(old: Any, rows: Int[np.ndarray, "again"], new: Any) -> Any:
    """A copy of an array or of poses, or None, with ``new`` in some rows."""
    if isinstance(old, CameraPose):
        return CameraPose(_replaced(old.world_from_camera, rows, new.world_from_camera))
    if old is None:
        return None
    result = old.copy()
    result[rows] = new
    return result
