"""Draw rigs whose paths keep their limits: cameras that break one are drawn again, and all draws counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int

from ..poses import CameraPose
from .limits import Limits
from .moves import KINDS
from .parameters import DRAWS_PER_CAMERA, DRAWS_PER_RIG, KEPT_DRAWS
from .rigs import Drawn, RigBatch, draw, follow, rule_uniforms
from .rules import Rules
from .validity import PATH_CHECKS, PathCheck, Paths, Shot, Verdicts, judge


@dataclass(frozen=True)
class Acceptance:
    """How many paths were drawn and how many stand, by motion: what rejecting does to the rules' laws.

    Attributes:
        proposed: draws of each motion, those drawn again included.
        accepted: draws that stand and break no limit whose policy is ``reject``.
        rejected: draws that were drawn again, by ``(motion, reason)``; one draw may have several reasons.
        unsound: draws that stand although they break such a limit, as the attempts were used up.
    """

    proposed: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    unsound: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __add__(self, other: "Acceptance") -> "Acceptance":
        """The counts of both."""
        return Acceptance(
            self.proposed + other.proposed,
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.unsound + other.unsound,
        )

    def lines(self) -> list[str]:
        """One line a motion: accepted of proposed, why not, and what the last draw still breaks."""
        lines = []
        for motion in [kind for kind in KINDS if self.proposed[kind]]:
            accepted, proposed = self.accepted[motion], self.proposed[motion]
            whys = [f"{reason} {n}" for (kind, reason), n in self.rejected.items() if kind == motion]
            left = [f"{n} still {reason}" for (kind, reason), n in self.unsound.items() if kind == motion]
            kept = [f"after the last draw {', '.join(left)}"] if left else []
            stand = f"{accepted} of {proposed} draws stand ({accepted / proposed:.1%})"
            lines.append("; ".join([f"{motion}: {', '.join([stand, *whys])}", *kept]))
        return lines


@dataclass(frozen=True, kw_only=True)
class SampledRigs:
    """Checked rigs, and the count of all draws that led to them."""

    rigs: RigBatch
    acceptance: Acceptance


def sample_checked_rigs(
    rules: Rules,
    pivots_m: Float[np.ndarray, "rigs 3"],
    *,
    shot: Shot,
    seed: int,
    first_rig: int = 0,
    checks: Sequence[PathCheck] = PATH_CHECKS,
) -> SampledRigs:
    """Draw one rig per pivot (aim point, world metres) and hold its paths to ``rules.validity``.

    A camera that breaks a limit whose policy is ``reject`` is drawn again from the next attempt's numbers;
    its rig's start, its motion, its pace and all other cameras stay. Where the broken frame is a start that
    cameras share, the whole rig is drawn again. A rig depends on rules, checks, seed and index alone.
    """
    limits = rules.validity
    uniforms = rule_uniforms(rules, seed=seed, attempt=0, first_rig=first_rig, rigs=len(pivots_m))
    drawn = draw(rules, pivots_m, uniforms)
    poses = follow(rules, drawn.moves, drawn.starts, pivots_m, shot.frames)
    verdicts = judge(_paths(rules, drawn.lens_index, poses, pivots_m, shot), limits, checks)
    attempts = np.zeros(drawn.starts.world_from_camera.shape[:2], dtype=np.int64)
    acceptance = Acceptance(proposed=_by_motion(drawn, np.ones_like(attempts, dtype=bool)))
    for attempt in range(1, limits.attempts):
        again, whole = _again(verdicts, limits, drawn.is_independent)
        if not again.any():
            break
        acceptance += Acceptance(rejected=_by_reason(drawn, verdicts, limits, again))
        rigs = np.flatnonzero(again.any(axis=1))
        fresh = [
            rule_uniforms(rules, seed=seed, attempt=attempt, first_rig=first_rig + rig, rigs=1)
            for rig in rigs.tolist()
        ]
        uniforms[rigs] = _replaced(uniforms[rigs], np.concatenate(fresh), again[rigs], whole[rigs])
        drawn = drawn.with_rigs(rigs, draw(rules, pivots_m[rigs], uniforms[rigs]))
        rig, camera = np.nonzero(again)
        starts = drawn.starts[rig, camera][:, None]
        moves = drawn.moves[np.flatnonzero(again)]
        paths = follow(rules, moves, starts, pivots_m[rig], shot.frames)
        new = judge(_paths(rules, drawn.lens_index[rig], paths, pivots_m[rig], shot), limits, checks)
        poses.world_from_camera[rig, camera] = paths.world_from_camera[:, 0]
        verdicts = verdicts.with_cameras(rig, camera, new)
        attempts[again] = attempt
        acceptance += Acceptance(proposed=_by_motion(drawn, again))
    unsound = verdicts.any_of(limits.reject)
    acceptance += Acceptance(
        accepted=_by_motion(drawn, ~unsound), unsound=_by_reason(drawn, verdicts, limits, unsound)
    )
    rigs_drawn = drawn.batch(rules, pivots_m, poses=poses, attempts=attempts, verdicts=verdicts)
    return SampledRigs(rigs=rigs_drawn, acceptance=acceptance)


Cameras = Bool[np.ndarray, "rigs cameras"]


def _again(
    verdicts: Verdicts, limits: Limits, is_independent: Bool[np.ndarray, "rigs"]
) -> tuple[Cameras, Bool[np.ndarray, "rigs"]]:
    """Which cameras are to be drawn again, and which rigs as a whole."""
    at_start = verdicts.any_of(limits.reject, at_start=True)
    whole = at_start.any(axis=1) & ~is_independent
    return verdicts.any_of(limits.reject) | whole[:, None], whole


def _replaced(
    uniforms: Float[np.ndarray, "rigs draws"],
    fresh: Float[np.ndarray, "rigs draws"],
    again: Cameras,
    whole: Bool[np.ndarray, "rigs"],
) -> Float[np.ndarray, "rigs draws"]:
    """The numbers with those of rigs and cameras that are drawn again in their places."""
    old, new = (u[:, DRAWS_PER_RIG:].reshape(*again.shape, DRAWS_PER_CAMERA) for u in (uniforms, fresh))
    is_kept = np.isin(np.arange(DRAWS_PER_CAMERA), KEPT_DRAWS)
    of_cameras = np.where(again[..., None] & ~is_kept, new, old).reshape(len(again), -1)
    return np.where(whole[:, None], fresh, np.concatenate([uniforms[:, :DRAWS_PER_RIG], of_cameras], axis=1))


def _paths(
    rules: Rules,
    lens_index: Int[np.ndarray, "rigs"],
    poses: CameraPose,
    pivots_m: Float[np.ndarray, "rigs 3"],
    shot: Shot,
) -> Paths:
    focal_px = [lens.intrinsics(shot.width_px, shot.height_px).fx_px for lens in rules.lenses]
    return Paths(
        poses=poses,
        pivots_m=pivots_m,
        focal_px=np.array(focal_px)[lens_index],
        aim_fraction=rules.aim_fraction,
        shot=shot,
    )


def _by_motion(drawn: Drawn, cameras: Cameras) -> Counter[str]:
    counts = np.bincount(drawn.moves.kind[cameras.ravel()], minlength=len(KINDS))
    return Counter({kind: int(n) for kind, n in zip(KINDS, counts, strict=True) if n})


def _by_reason(
    drawn: Drawn, verdicts: Verdicts, limits: Limits, cameras: Cameras
) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for reason, is_broken in zip(verdicts.reasons, verdicts.is_broken, strict=True):
        if limits.policy(reason) == "reject":
            for motion, count in _by_motion(drawn, is_broken & cameras).items():
                found[motion, reason] += count
    return found
