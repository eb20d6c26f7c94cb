"""Does a pose table keep to its rules? Bounds, rig structure, and columns against poses, clip by clip.

Parameters come from the table's columns; start, amplitude and speed are measured on the poses; where the
two disagree, that is a finding.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float

from .audit_report import CHECKS as CHECKS
from .audit_report import AuditReport, Finding, Recovered, SourceFacts
from .features import amplitudes_of, features_of, radius_bounds
from .lenses import Lens
from .measures import Measures, measure
from .motions import MOTIONS
from .poses import ORTHONORMAL_TOLERANCE
from .rigs import camera_name
from .rules import Range, Rules
from .table import PoseTable

# Poses are stored in float32; both tolerances stand well above what that loses, well below what matters.
ANGLE_TOLERANCE_DEG = 0.01
LENGTH_TOLERANCE_M = 1e-3
# Nearer than this a camera is likely inside the subject.
CLOSE_M = 0.5
# Chords between frames fall short of a random move's curve by up to this share of its length.
_CHORD_SHARE = 0.05


def audit_poses(table: PoseTable, rules: Rules) -> AuditReport:
    """Check every rig and clip of a pose table against ``rules``, and measure their distributions."""
    is_proper = _proper(table)
    kept = np.flatnonzero(is_proper)
    sound = PoseTable(rows=tuple(table.rows[i] for i in kept), poses=table.poses[kept])
    measures = measure(sound, rules)
    findings = (
        *_structure(table, rules),
        *_improper(table, is_proper),
        *_first_poses(sound),
        *_clips(sound, rules, measures),
        *_notes(table, measures),
    )
    return AuditReport(
        rules=rules,
        counts=_counts(table),
        motions=_motions(table, rules),
        features=features_of(sound, rules, measures),
        findings=findings,
        source=_source(table, len(kept)),
        tests=(),
        pairs=None,
        redundancy=None,
        recovered=_RECOVERED,
        rejects={},
        method={},
    )


_RECOVERED = Recovered(
    clips={},
    confusion=(),
    agreement=None,
    speed_a_error=None,
    subject_gap_m=None,
    subject_from="table",
    time_base="unknown",
    internal_frames=None,
    why="",
    arc_path="unknown",
    spline="unknown",
    moves=(),
)


def _source(table: PoseTable, proper_clips: int) -> SourceFacts:
    cameras = [len(index) for index in rows_by_take(table).values()] or [0]
    frames = table.poses.world_from_camera.shape[1]
    return SourceFacts(
        name="poses",
        states_moves=True,
        rigs=len(rows_by_take(table)),
        cameras=(min(cameras), max(cameras)),
        clips=len(table),
        frames=(frames, frames),
        proper_clips=proper_clips,
        shared_start_rigs=len({row.take for row in table.rows if row.layout == "shared"}),
        splits=dict(Counter(row.split for row in table.rows)),
    )


def _counts(table: PoseTable) -> dict[str, int]:
    classes = Counter(row.speed_class for row in table.rows)
    return {
        "takes": len(rows_by_take(table)),
        "clips": len(table),
        "frames": len(table) * table.poses.world_from_camera.shape[1],
        "constant_speed_clips": classes["constant"],
        "variable_speed_clips": classes["variable"],
    }


def _motions(table: PoseTable, rules: Rules) -> dict[str, tuple[int, int]]:
    found = Counter(row.motion for row in table.rows)
    slots, takes = _slots(rules), len(rows_by_take(table))
    names = [name for name in {**MOTIONS, **found} if found[name] or name in slots]
    return {name: (found[name], slots.count(name) * takes) for name in names}


def rows_by_take(table: PoseTable) -> dict[str, list[int]]:
    """Row numbers of each take, in the table's order."""
    rows = defaultdict(list)
    for index, row in enumerate(table.rows):
        rows[row.take].append(index)
    return rows


def _structure(table: PoseTable, rules: Rules) -> Iterator[Finding]:
    slots = {camera_name(index): slot for index, slot in enumerate(_slots(rules))}
    for take, index in rows_by_take(table).items():
        found = Counter(table.rows[i].camera for i in index)
        for camera in [name for name in slots if name not in found]:
            yield _error("missing_camera", f"no {camera} among {len(index)} cameras", take)
        for camera in [name for name, count in found.items() if count > 1 or name not in slots]:
            yield _error("surplus_camera", f"{found[camera]} x {camera}", take)
    for row in table.rows:
        usual = set(slots.values()) if rules.slot_layout == "iid" else {slots.get(row.camera, row.motion)}
        if row.motion not in usual:
            what = f"{row.motion} where the rules have {' or '.join(sorted(usual))}"
            yield _error("slot_differs", what, f"{row.take}/{row.camera}")


def _slots(rules: Rules) -> tuple[str, ...]:
    """The motion of each slot, with what joint turns make of it."""
    joint = {"pan": "pan_tilt", "tilt": "pan_tilt"} if rules.pan_tilt == "joint" else {}
    return tuple(joint.get(slot, slot) for slot in rules.slots)


def _proper(table: PoseTable) -> Bool[np.ndarray, "clips"]:
    finite = np.isfinite(table.poses.world_from_camera).all(axis=(1, 2, 3))
    rotation = np.where(finite[:, None, None, None], table.poses.rotation, np.eye(3))
    error = np.abs(rotation @ np.swapaxes(rotation, -1, -2) - np.eye(3)).max(axis=(1, 2, 3), initial=0.0)
    return finite & (error <= ORTHONORMAL_TOLERANCE) & (np.linalg.det(rotation) > 0).all(axis=1)


def _improper(table: PoseTable, is_proper: Bool[np.ndarray, "clips"]) -> Iterator[Finding]:
    for i in np.flatnonzero(~is_proper):
        what = "a rotation is mirrored, not orthonormal or not finite; left out of all figures"
        yield _error("improper_pose", what, _place(table, i))


def _first_poses(table: PoseTable) -> Iterator[Finding]:
    """In a shared rig every camera's frame 0 has the bits of the majority."""
    first = [pose.astype(np.float32).tobytes() for pose in table.poses.world_from_camera[:, 0]]
    for index in rows_by_take(table).values():
        shared = [i for i in index if table.rows[i].layout == "shared"]
        usual = Counter(first[i] for i in shared).most_common(1)
        for i in [i for i in shared if first[i] != usual[0][0]]:
            yield _error("first_pose_differs", "frame 0 is not the rig's shared first pose", _place(table, i))


def _clips(table: PoseTable, rules: Rules, measures: Measures) -> Iterator[Finding]:
    radius_m, elevation_deg = measures.radius_m, measures.elevation_deg
    outside = _outside(radius_m, radius_bounds(rules), LENGTH_TOLERANCE_M)
    # A millimetre at the start is an angle that grows as the start comes near.
    slack_deg = ANGLE_TOLERANCE_DEG + np.degrees(LENGTH_TOLERANCE_M / radius_m)
    for i in np.flatnonzero(outside | _outside(elevation_deg, rules.elevation_deg, slack_deg)):
        what = f"starts {radius_m[i]:.3f} m away at elevation {elevation_deg[i]:.2f} deg"
        yield _error("start_out_of_bounds", what, _place(table, i))
    for i in np.flatnonzero(measures.off_aim_deg > slack_deg):
        what = f"first optical axis misses the subject by {measures.off_aim_deg[i]:.3f} deg"
        yield _error("start_off_aim", what, _place(table, i))
    yield from _amplitudes(table, rules, measures)
    yield from _settings(table, rules)
    slack_deg = ANGLE_TOLERANCE_DEG + np.degrees(LENGTH_TOLERANCE_M / measures.closest_m)
    off = (measures.replay_error_m > LENGTH_TOLERANCE_M) | (measures.replay_error_deg > slack_deg)
    for i in np.flatnonzero(off):
        what = f"up to {measures.replay_error_m[i]:.3f} m and {measures.replay_error_deg[i]:.2f} deg"
        yield _error("pose_disagrees", f"{what} from the move its columns describe", _place(table, i))


def _amplitudes(table: PoseTable, rules: Rules, measures: Measures) -> Iterator[Finding]:
    """Bounds hold for what the poses do and for what the columns say."""
    for amplitude in amplitudes_of(rules):
        columns, bounds = amplitude.told_in, amplitude.bounds
        index = np.array([i for i, row in enumerate(table.rows) if row.motion in columns], dtype=np.int64)
        rows = [table.rows[i] for i in index]
        radius_m, done = measures.radius_m[index], np.abs(getattr(measures, amplitude.name)[index])
        said = np.array([abs(getattr(row, columns[row.motion]) or 0.0) for row in rows])
        if amplitude.is_turn:
            unit, slack, short = "deg", np.full(len(rows), ANGLE_TOLERANCE_DEG), 0.0
        else:
            unit, slack, said = "x distance", LENGTH_TOLERANCE_M / radius_m, said / radius_m
            short = _CHORD_SHARE * ("random" in columns)
        shortest = (bounds[0] * (1 - short), bounds[1])
        for i in np.flatnonzero(_outside(done, shortest, slack) | _outside(said, bounds, slack)):
            found = f"{rows[i].motion} of {done[i]:.2f} {unit} (column: {said[i]:.2f})"
            what = f"{found}, rules {bounds[0]:g}..{bounds[1]:g}"
            yield _error("amplitude_out_of_bounds", what, _place(table, index[i]))


def _settings(table: PoseTable, rules: Rules) -> Iterator[Finding]:
    for i, row in enumerate(table.rows):
        size, pace = abs(row.speed_a), row.speed_class
        is_paced = pace == "variable" and rules.speed_a[0] <= size <= rules.speed_a[1]
        is_eased = row.motion == "random" and rules.spline == "unreal_keys"
        steady = "none" if row.motion == "static" else "eased" if is_eased else "constant"
        is_still = size == 0 and pace == steady
        if not (is_paced or is_still):
            what = f"a = {row.speed_a:g} of class {pace}, rules {rules.speed_a[0]:g}..{rules.speed_a[1]:g}"
            yield _error("pace_out_of_bounds", what, _place(table, i))
        lens = Lens(focal_length_mm=row.focal_length_mm, f_number=row.f_number, sensor_mm=row.sensor_mm)
        if lens not in rules.lenses:
            what = f"{row.focal_length_mm:g} mm f/{row.f_number:g} is no lens of the rules"
            yield _error("setting_differs", what, _place(table, i))
        if row.time_base != rules.time_base:
            what = f"time base {row.time_base} where the rules have {rules.time_base}"
            yield _error("setting_differs", what, _place(table, i))


def _notes(table: PoseTable, measures: Measures) -> Iterator[Finding]:
    flagged = Counter(flag for row in table.rows for flag in row.flags)
    for flag, count in sorted(flagged.items()):
        yield Finding(severity="note", code=flag, what=f"{count} of {len(table)} clips", where="flags column")
    near = int((measures.closest_m < CLOSE_M).sum())
    if near:
        what = f"{near} of {len(table)} clips come within {CLOSE_M:g} m of the subject"
        yield Finding(severity="note", code="close_to_subject", what=what, where="poses")


def _outside(
    values: Float[np.ndarray, "clips"], bounds: Range, slack: Float[np.ndarray, "clips"] | float
) -> Bool[np.ndarray, "clips"]:
    return ~((values >= bounds[0] - slack) & (values <= bounds[1] + slack))


def _place(table: PoseTable, index: int | np.integer) -> str:
    return f"{table.rows[index].take}/{table.rows[index].camera}"


def _error(code: str, what: str, where: str) -> Finding:
    return Finding(severity="error", code=code, what=what, where=where)
