"""The layout of rigs, measured on the poses: which cameras start together, and in which order frames are."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ..clip_table import ClipTable
from ..poses import CameraPose
from ..sampling.rules import Rules
from .findings import Finding, error

# Tables of ours have bit-exact first poses. Other files may have computed each camera's own: positions may
# differ by this share of the start distance or by twice the rounding to 6 digits, rotations by this angle.
FILE_SHARE, FILE_DEG, FILE_DIGITS = 1e-5, 0.01, 6
# A rotation in place has left its aim by then.
_OFF_AIM_DEG = 1.0


@dataclass(frozen=True, kw_only=True)
class Tolerance:
    """How far poses may differ and still be one pose: metres of each clip, and an angle."""

    length_m: Float[np.ndarray, "clips"]
    angle_deg: float

    @classmethod
    def of(cls, clips: ClipTable, *, is_exact: bool) -> "Tolerance":
        """Exact tables may not differ at all; other files may differ as their 6 digits do."""
        if is_exact:
            return cls(length_m=np.zeros(len(clips)), angle_deg=0.0)
        start_m = clips.poses.position_m[:, 0]
        largest_m = np.maximum(np.abs(start_m).max(axis=1), 1e-3)
        rounding_m = 10.0 ** (np.floor(np.log10(largest_m)) + 1 - FILE_DIGITS)
        distance_m = np.nan_to_num(np.linalg.norm(start_m - clips["subject_m"], axis=1))
        return cls(length_m=np.maximum(rounding_m, FILE_SHARE * distance_m), angle_deg=FILE_DEG)

    def are_one(
        self, a: Float[np.ndarray, "clips 3 4"], b: Float[np.ndarray, "clips 3 4"]
    ) -> Bool[np.ndarray, "clips"]:
        """Whether two poses count as one. Poses that may not differ are compared as float32 numbers."""
        length_m, angle_deg = _apart(a.astype(np.float32), b.astype(np.float32))
        return (length_m <= self.length_m) & (angle_deg <= self.angle_deg)

    def words(self, clip: int | np.integer) -> str:
        """What may differ; empty if nothing may."""
        if not self.angle_deg:
            return ""
        return (
            f" (tolerance for files of {FILE_DIGITS} digits: {self.length_m[clip]:.2g} m, {FILE_DEG:g} deg)"
        )


@dataclass(frozen=True, kw_only=True)
class Layouts:
    """First poses within their rigs; the clips must be grouped and proper.

    Attributes:
        is_common: which clips have the first pose of most cameras of their rig.
        is_common_end: which clips have that pose in their last frame instead.
        is_alone: which clips share their first pose with no other camera.
        kind: of each take: ``shared`` (most cameras have one first pose), ``independent``, ``reversed`` (most
            have one last pose instead), or ``one`` (a single camera).
    """

    tolerance: Tolerance
    is_common: Bool[np.ndarray, "clips"]
    is_common_end: Bool[np.ndarray, "clips"]
    is_alone: Bool[np.ndarray, "clips"]
    kind: np.ndarray

    @classmethod
    def of(cls, clips: ClipTable, *, is_exact: bool) -> "Layouts":
        """Measure the first and last poses."""
        tolerance = Tolerance.of(clips, is_exact=is_exact)
        first, last = clips.poses.world_from_camera[:, 0], clips.poses.world_from_camera[:, -1]
        common = of_most(clips, first)
        is_common = tolerance.are_one(first, common)
        is_one_end = tolerance.are_one(last, of_most(clips, last))
        kinds = (
            (clips.take_sizes == 1, "one"),
            (_most(clips, is_common), "shared"),
            (_most(clips, is_one_end), "reversed"),
        )
        return cls(
            tolerance=tolerance,
            is_common=is_common,
            is_common_end=~is_common & tolerance.are_one(last, common),
            is_alone=_alone(clips, tolerance),
            kind=np.select([is_so for is_so, _ in kinds], [name for _, name in kinds], "independent"),
        )

    @property
    def names(self) -> np.ndarray:
        """The layout of each take as a word of the clip table; a single camera is ``independent``."""
        return np.where(self.kind == "shared", "shared", "independent")


def layout_findings(
    clips: ClipTable, layouts: Layouts, rules: Rules, *, states_moves: bool
) -> Iterator[Finding]:
    """Rigs of another layout than the rules or their column, cameras with another start, reversed frames."""
    column = clips["layout"][clips.take_starts]
    is_known = states_moves & np.isin(column, ("shared", "independent"))
    wanted = np.where(is_known, column, layouts.names)
    if rules.layout != "mixed":
        wanted = np.full(len(wanted), rules.layout)
    says = "rules" if rules.layout != "mixed" else "layout column"
    is_reversed = (layouts.kind == "reversed") & (wanted == "shared") | _ends_aimed(clips, layouts)
    rig_of, takes = clips.take_number, clips["take"][clips.take_starts]
    alone = np.add.reduceat(layouts.is_alone, clips.take_starts, dtype=np.int64)
    for rig in np.flatnonzero(is_reversed):
        what = "the cameras aim at the subject, as at a start, in their last frames: time is reversed"
        if layouts.kind[rig] == "reversed":
            what = "the last frames, not the first, have one pose in common: time is reversed"
        yield error("time_reversed", what, str(takes[rig]))
    is_scattered = (wanted == "shared") & (layouts.kind == "independent")
    is_joined = (wanted == "independent") & (layouts.kind != "one") & (alone < clips.take_sizes)
    is_contradicted = is_known & (column != wanted)
    for rig in np.flatnonzero((is_scattered | is_joined) & ~is_reversed | is_contradicted):
        together = clips.take_sizes[rig] - alone[rig]
        what = f"{together} of {clips.take_sizes[rig]} cameras have a first pose in common"
        what += f", {says} {wanted[rig]}" + f", layout column {column[rig]}" * bool(is_contradicted[rig])
        yield error("layout_differs", what, str(takes[rig]))
    is_odd = (wanted == "shared")[rig_of] & (layouts.kind == "shared")[rig_of] & ~layouts.is_common
    for i in np.flatnonzero(is_odd & layouts.is_common_end):
        what = "the last frame, not the first, is the shared first pose: time is reversed"
        yield error("time_reversed", what, clips.name(i))
    for i in np.flatnonzero(is_odd & ~layouts.is_common_end):
        what = f"frame 0 is not the shared first pose{layouts.tolerance.words(i)}"
        yield error("first_pose_differs", what, clips.name(i))


def of_most(clips: ClipTable, values: Float[np.ndarray, "clips *numbers"]) -> np.ndarray:
    """The numbers that more than half of the cameras of each clip's rig have: their median.

    If no numbers are those of most cameras, the median is that of none.
    """
    found = np.empty(values.shape)
    starts, sizes = clips.take_starts, clips.take_sizes
    for size in np.unique(sizes).tolist():
        rows = starts[sizes == size][:, None] + np.arange(size)
        # Columns may contain any number.
        with np.errstate(over="ignore", invalid="ignore"):
            found[rows] = np.median(values[rows], axis=1, keepdims=True)
    return found


def _most(clips: ClipTable, is_so: Bool[np.ndarray, "clips"]) -> Bool[np.ndarray, "takes"]:
    """Whether something is true of more than half of the cameras of each take."""
    return 2 * np.add.reduceat(is_so, clips.take_starts, dtype=np.int64) > clips.take_sizes


def _alone(clips: ClipTable, tolerance: Tolerance) -> Bool[np.ndarray, "clips"]:
    """Which clips share their first pose with no other camera of their take."""
    first = clips.poses.world_from_camera[:, 0]
    order = np.lexsort((*first[..., 3].T, clips.take_number))
    here, there = order[:-1], order[1:]
    widest = Tolerance(length_m=tolerance.length_m[here], angle_deg=tolerance.angle_deg)
    is_same = widest.are_one(first[here], first[there]) & (
        clips.take_number[here] == clips.take_number[there]
    )
    is_alone = np.ones(len(clips), dtype=bool)
    is_alone[here[is_same]] = is_alone[there[is_same]] = False
    return is_alone


def _ends_aimed(clips: ClipTable, layouts: Layouts) -> Bool[np.ndarray, "takes"]:
    """Rigs of independent starts whose cameras all aim at the subject in the last frame, not in the first."""
    subject_m, starts = clips["subject_m"], clips.take_starts
    first_deg, last_deg = (_off_aim_deg(clips.poses[:, frame], subject_m) for frame in (0, -1))
    is_aimed_at_end = np.logical_and.reduceat(last_deg < _OFF_AIM_DEG / 10, starts)
    is_off_at_start = np.logical_or.reduceat(first_deg > _OFF_AIM_DEG, starts)
    return (layouts.kind == "independent") & is_aimed_at_end & is_off_at_start


def _off_aim_deg(poses: CameraPose, subject_m: Float[np.ndarray, "clips 3"]) -> Float[np.ndarray, "clips"]:
    """Angle between the optical axis and the direction of the subject."""
    to_subject_m = subject_m - poses.position_m
    sine = np.linalg.norm(np.cross(poses.forward, to_subject_m), axis=-1)
    return np.degrees(np.arctan2(sine, (poses.forward * to_subject_m).sum(axis=-1)))


def _apart(
    a: Float[np.ndarray, "clips 3 4"], b: Float[np.ndarray, "clips 3 4"]
) -> tuple[Float[np.ndarray, "clips"], Float[np.ndarray, "clips"]]:
    """Largest difference of a coordinate, and the angle between close rotations."""
    difference = np.abs(a - b)
    chord = np.sqrt((difference[..., :3] ** 2).sum(axis=(1, 2)) / 2)
    return difference[..., 3].max(axis=1), np.degrees(chord)
