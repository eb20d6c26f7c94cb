"""Sample rigs from rules. A rig depends on its seed, index and attempt alone, never on the batch it is in."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float, Int

from multitake.randomness import row_uniforms

from ..motions import DollyZoom, Zoom
from ..pose_arrays import as_poses, follow, new_track
from ..poses import CameraPose
from ..rigs import Rig, camera_name
from ..shake import SHAKES, ShakeSample
from ..speed import speed_curve, time_fractions
from .moves import KINDS, Moves
from .parameters import NUMBERS_PER_CAMERA, NUMBERS_PER_RIG, Parameters, sample_parameters
from .rules import Rules
from .shot import Shot
from .subjects import Subjects
from .validity import Verdicts

# The arrays of so many rigs fit the processor's cache.
_RIGS_AT_ONCE = 128


@dataclass(frozen=True, kw_only=True)
class RigBatch:
    """Rigs of one seed, as arrays.

    Attributes:
        fps: frames per second.
        poses: world_from_camera, batch ``(rigs, cameras, frames)``.
        steady_poses: the same without shake.
        focal_ratios: focal length of each frame over that of the first; None if no camera zooms.
        verdicts: the reasons against the paths; none if they were not checked.
        attempts: sampling attempt of each camera's path; 0 is the first.
        proposals: how many paths were sampled for each camera.
        rejections: how many of them were rejected for each of the reasons of ``verdicts``.
        rejected_paths: the rejected paths by their own motion, which a rig of ``iid`` slots may not keep.
    """

    rules: Rules
    subjects: Subjects
    parameters: Parameters
    fps: float
    poses: CameraPose
    steady_poses: CameraPose
    focal_ratios: Float[np.ndarray, "rigs cameras frames"] | None
    verdicts: Verdicts
    attempts: Int[np.ndarray, "rigs cameras"]
    proposals: Int[np.ndarray, "rigs cameras"]
    rejections: Int[np.ndarray, "reasons rigs cameras"]
    rejected_paths: "Acceptance" = field(default_factory=lambda: Acceptance())

    def __len__(self) -> int:
        return len(self.subjects)

    def __iter__(self) -> Iterator[Rig]:
        return (self.rig(index) for index in range(len(self)))

    @property
    def subjects_m(self) -> Float[np.ndarray, "rigs 3"]:
        """The point that the cameras of each rig aim at in the first frame, world."""
        return self.subjects.starts_m

    @property
    def moves(self) -> Moves:
        """What each camera does, rig by rig (``rigs * cameras`` rows)."""
        return self.parameters.moves

    @property
    def focal_lengths_mm(self) -> Float[np.ndarray, "rigs cameras frames"] | None:
        """Focal length in each frame; None if no camera zooms."""
        first_mm = np.array([lens.focal_length_mm for lens in self.rules.lenses])
        if self.focal_ratios is None:
            return None
        return first_mm[self.parameters.lens_index][:, None, None] * self.focal_ratios

    def rig(self, index: int) -> Rig:
        """One rig."""
        return Rig(
            cameras=tuple(camera_name(c) for c in range(len(self.rules.slots))),
            lens=self.rules.lenses[int(self.parameters.lens_index[index])],
            poses=self.poses[index],
            steady_poses=self.steady_poses[index],
            shakes=tuple(_shakes(self.rules, self._moves_of(index), self.fps)),
            subject_m=self.subjects_m[index],
            layout="independent" if self.parameters.is_independent[index] else "shared",
        )

    def _moves_of(self, index: int) -> Moves:
        cameras = len(self.rules.slots)
        return self.moves[index * cameras : (index + 1) * cameras]

    def acceptance(self) -> "Acceptance":
        """How many of the sampled paths were accepted."""
        is_valid = ~self.verdicts.any_of(self.rules.validity.reject)
        kept = Acceptance(
            proposed=self._by_motion(np.ones_like(is_valid)),
            accepted=self._by_motion(is_valid),
            kept_invalid=self._by_reason(np.ones_like(is_valid)),
        )
        return self.rejected_paths + kept

    def counts_of_rejected(self, cameras: Bool[np.ndarray, "rigs cameras"]) -> "Acceptance":
        """The counts of some paths of this batch that are not kept."""
        return Acceptance(proposed=self._by_motion(cameras), rejected=self._by_reason(cameras))

    def _by_reason(self, cameras: Bool[np.ndarray, "rigs cameras"]) -> Counter[tuple[str, str]]:
        """Paths of some cameras that break limits whose policy is ``reject``, by motion and reason."""
        counts: Counter[tuple[str, str]] = Counter()
        for reason, is_broken in zip(self.verdicts.reasons, self.verdicts.is_broken, strict=True):
            if reason in self.rules.validity.reject:
                found = self._by_motion(is_broken & cameras)
                counts.update({(motion, reason): n for motion, n in found.items()})
        return counts

    def _by_motion(self, cameras: Bool[np.ndarray, "rigs cameras"]) -> Counter[str]:
        totals = np.bincount(self.moves.kind, weights=cameras.ravel(), minlength=len(KINDS))
        return Counter({kind: int(n) for kind, n in zip(KINDS, totals, strict=True) if n})


@dataclass(frozen=True)
class Acceptance:
    """Counts of sampled paths by motion: how rejection changes the distributions of the rules.

    Attributes:
        proposed: sampled paths.
        accepted: paths that were kept and break no limit whose policy is ``reject``.
        rejected: paths that were sampled again, by ``(motion, reason)``; one path can have several reasons.
        kept_invalid: paths that were kept although they break such a limit, after the last attempt.
    """

    proposed: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    rejected: Counter[tuple[str, str]] = field(default_factory=Counter)
    kept_invalid: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __add__(self, other: "Acceptance") -> "Acceptance":
        """The counts of both."""
        return Acceptance(
            self.proposed + other.proposed,
            self.accepted + other.accepted,
            self.rejected + other.rejected,
            self.kept_invalid + other.kept_invalid,
        )

    def lines(self) -> list[str]:
        """One line per motion: how many paths were accepted, and why the others were not."""
        lines = []
        for motion in [kind for kind in KINDS if self.proposed[kind]]:
            accepted, proposed = self.accepted[motion], self.proposed[motion]
            parts = [f"{motion}: {accepted} of {proposed} paths accepted ({accepted / proposed:.1%})"]
            for title, counts in (("sampled again", self.rejected), ("kept invalid", self.kept_invalid)):
                found = [f"{reason} {n}" for (kind, reason), n in counts.items() if kind == motion]
                parts += [f"{title}: {', '.join(found)}"] if found else []
            lines.append("; ".join(parts))
        return lines


def sample_rigs(
    rules: Rules,
    subjects: Subjects | Float[np.ndarray, "rigs 3"],
    *,
    seed: int,
    frames: int,
    fps: float = Shot.fps,
    first_rig: int = 0,
    attempt: int = 0,
) -> RigBatch:
    """Sample one rig per subject: rigs ``first_rig ..`` of this seed and attempt.

    ``subjects`` that are points (world, metres) stand still, with the height and the ground of ``Shot()``.
    """
    if isinstance(subjects, np.ndarray):
        subjects = Subjects.standing(subjects, aim_fraction=rules.aim_fraction)
    numbers = rig_numbers(rules, seed=seed, attempt=attempt, first_rig=first_rig, rigs=len(subjects))
    return rigs_of_numbers(rules, subjects, numbers, frames=frames, fps=fps, attempt=attempt)


def rig_numbers(
    rules: Rules, *, seed: int, attempt: int, first_rig: int, rigs: int
) -> Float[np.ndarray, "rigs numbers"]:
    """The uniform random numbers of rigs; see ``sample_parameters``."""
    columns = NUMBERS_PER_RIG + NUMBERS_PER_CAMERA * len(rules.slots)
    return row_uniforms(seed=seed, stream=attempt, first_row=first_rig, rows=rigs, columns=columns)


def rigs_of_numbers(
    rules: Rules,
    subjects: Subjects,
    numbers: Float[np.ndarray, "rigs numbers"],
    *,
    frames: int,
    fps: float = Shot.fps,
    attempt: int = 0,
) -> RigBatch:
    """The rigs that follow from uniform numbers, unchecked; each depends on its row alone."""
    shape = len(subjects), len(rules.slots)
    parameters = sample_parameters(rules, subjects.starts_m, numbers)
    steady = poses_of_moves(rules, parameters.starts, parameters.moves, subjects, frames=frames)
    return RigBatch(
        rules=rules,
        subjects=subjects,
        parameters=parameters,
        fps=fps,
        poses=_shaken(rules, parameters, steady, fps),
        steady_poses=steady,
        focal_ratios=_focal_ratios(rules, parameters, subjects, steady) if rules.has_zooms else None,
        verdicts=Verdicts.none(*shape),
        attempts=np.full(shape, attempt),
        proposals=np.ones(shape, dtype=np.int64),
        rejections=np.zeros((0, *shape), dtype=np.int64),
    )


def poses_of_moves(
    rules: Rules, starts: CameraPose, moves: Moves, subjects: Subjects, *, frames: int
) -> CameraPose:
    """Poses ``(rigs, cameras, frames)`` of ``rigs * cameras`` moves from ``starts`` (rigs, cameras)."""
    rigs, cameras = starts.world_from_camera.shape[:2]
    track = new_track(rigs * cameras, frames)
    scratch = new_track(min(rigs, _RIGS_AT_ONCE) * cameras, frames)
    for first in range(0, rigs, _RIGS_AT_ONCE):
        part = slice(first, min(first + _RIGS_AT_ONCE, rigs))
        rows = slice(part.start * cameras, part.stop * cameras)
        points_m = np.repeat(subjects.points_m[part], cameras, axis=0)
        begin = CameraPose(starts.world_from_camera[part].reshape(-1, 3, 4))
        _fill(rules, moves[rows], begin, points_m, scratch, track[:, :, rows])
    return as_poses(track.reshape(3, 4, rigs, cameras, frames))


def _fill(
    rules: Rules,
    moves: Moves,
    starts: CameraPose,
    points_m: Float[np.ndarray, "cameras frames_or_1 3"],
    scratch: Float[np.ndarray, "3 4 _ frames"],
    track: Float[np.ndarray, "3 4 cameras frames"],
) -> None:
    time = time_fractions(track.shape[-1], rules.time_base)
    order = np.empty(0, dtype=np.int64)
    for rows, motion in moves.groups(rules):
        progress = speed_curve(time[None], moves.speed_a[rows, None])
        part = scratch[:, :, len(order) : len(order) + len(rows)]
        motion.fill(part, starts[rows], points_m[rows, 0], progress)
        if rules.track_target == "subject":
            follow(part, points_m[rows], moves.is_tracking[rows])
        # The first frame is the start itself, so cameras with one start have exactly the same first pose.
        part[..., 0] = np.moveaxis(starts.world_from_camera[rows], 0, -1)
        order = np.concatenate([order, rows])
    # Write once, in the order of cameras: the track is larger than the processor's cache.
    place = np.argsort(order)
    for number in np.ndindex(3, 4):
        scratch[number].take(place, axis=0, out=track[number], mode="clip")


def _shakes(rules: Rules, moves: Moves, fps: float) -> Iterator[ShakeSample | None]:
    """The shake of each camera, or None."""
    for kind, seed in zip(moves.shake.tolist(), moves.shake_seed.tolist(), strict=True):
        yield ShakeSample.of(rules.shake(SHAKES[kind]), seed, fps=fps) if kind else None


def _shaken(rules: Rules, parameters: Parameters, steady: CameraPose, fps: float) -> CameraPose:
    """The poses ``(rigs, cameras, frames)`` with the shakes of their cameras; themselves if there is none."""
    if not parameters.moves.shake.any():
        return steady
    _, cameras, frames = steady.world_from_camera.shape[:3]
    time_s = np.arange(frames) / fps
    found = steady.world_from_camera.copy()
    # Camera by camera, so that poses do not depend on how many there are.
    for place, shake in enumerate(_shakes(rules, parameters.moves, fps)):
        if shake:
            one = steady[divmod(place, cameras)]
            found[divmod(place, cameras)] = shake.added_to(one, one[0], time_s).world_from_camera
    return CameraPose(found)


def _focal_ratios(
    rules: Rules, parameters: Parameters, subjects: Subjects, steady: CameraPose
) -> Float[np.ndarray, "rigs cameras frames"]:
    """Focal length of each frame over that of the first, by the points that cameras aim at."""
    rigs, cameras, frames = steady.world_from_camera.shape[:3]
    time = time_fractions(frames, rules.time_base)
    targets_m = subjects.points_m if rules.track_target == "subject" else subjects.points_m[:, :1]
    found = np.ones((rigs * cameras, frames))
    position_m = steady.position_m.reshape(rigs * cameras, frames, 3)
    for rows, motion in parameters.moves.groups(rules):
        if isinstance(motion, Zoom | DollyZoom):
            progress = speed_curve(time[None], parameters.moves.speed_a[rows, None])
            found[rows] = motion.focal_ratios(position_m[rows], targets_m[rows // cameras], progress)
    found[:, 0] = 1.0
    return found.reshape(rigs, cameras, frames)
