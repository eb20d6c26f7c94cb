"""Checks of every clip against the rules: bounds, rig structure, and columns against poses.

Parameters are in the columns; start, amplitude and speed are measured on the poses. A disagreement between
the two is a finding.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float

from ..clip_table import ClipTable
from ..rigs import camera_name
from ..sampling.moves import speed_classes
from ..sampling.rules import Range, Rules
from .columns import (
    FOCAL_TOLERANCE,
    LENGTH_TOLERANCE_M,
    contradictions,
    focus_findings,
    image_findings,
    rig_findings,
)
from .findings import Finding, error
from .layouts import Layouts, layout_findings
from .measured.chosen_settings import LENS_COLUMNS, axis_index, bends, lens_index
from .measured.measures import Measures
from .measured.quantities import Amplitude, amplitudes_of, radius_bounds
from .world_axes import is_rolled, roll_findings
from .zooms import focal_path_findings

# Poses are stored as float32; both tolerances (see ``columns``) are well above its errors, and invisible.
ANGLE_TOLERANCE_DEG = 0.01
# Larger tolerances for recovered columns: files have 6 digits, and recovery adds errors.
_RECOVERED_SLACK = 10.0
# Chords between frames can be shorter than the curve of a random move by this share, or by that of one frame.
_CHORD_SHARE = 0.05


def findings_of(
    clips: ClipTable,
    proper: ClipTable,
    steady: ClipTable,
    measures: Measures,
    layouts: Layouts,
    rules: Rules | None,
    *,
    states_moves: bool,
    in_environments: bool,
) -> Iterator[Finding]:
    """All findings about some clips.

    ``proper`` are the clips with proper poses, ``steady`` the same without shake; ``measures`` and
    ``layouts`` are those of the latter; ``states_moves`` is false if the columns were recovered from poses.
    """
    yield from _improper_poses(clips)
    yield from contradictions(clips)
    if in_environments:
        yield from _below_ground(proper)
    if rules is None:
        return
    slack = 1.0 if states_moves else _RECOVERED_SLACK
    placed = np.isfinite(measures.radius_m)
    if states_moves or placed.all():
        near, of_near = steady, measures
    else:
        near, of_near = steady.rows(placed), measures[placed]
    yield from _rig_structure(clips, rules, states_moves=states_moves)
    yield from layout_findings(steady, layouts, rules, states_moves=states_moves)
    yield from roll_findings(steady, slack=slack)
    yield from image_findings(proper)
    yield from _starts(near, rules, of_near, slack)
    yield from _amplitudes(near, rules, of_near, slack)
    yield from _arc_paths(steady, rules)
    yield from _track_targets(proper, rules)
    if states_moves:
        yield from focus_findings(proper)
        yield from _stated_findings(steady, measures, rules, in_environments=in_environments)


def _stated_findings(
    clips: ClipTable, measures: Measures, rules: Rules, *, in_environments: bool
) -> Iterator[Finding]:
    """Findings about what only columns state."""
    yield from rig_findings(clips)
    yield from focal_path_findings(clips, rules)
    yield from _settings(clips, rules)
    yield from _radius_limits(clips, rules, in_environments=in_environments)
    if in_environments:
        yield from _limits_broken(clips, rules)
    yield from _replays(clips, measures)


def _improper_poses(clips: ClipTable) -> Iterator[Finding]:
    for i in np.flatnonzero(~clips.is_proper):
        fault = clips.poses[i].first_fault()
        if fault:
            what = f"in frame {fault.index[0]}, {fault.what}; no other check uses this clip"
            yield error("improper_pose", what, clips.name(i))


def _below_ground(clips: ClipTable) -> Iterator[Finding]:
    """Cameras below the ground, where it is known."""
    height_m = clips.poses.position_m[..., 2].min(axis=1) - clips["ground_m"]
    for i in np.flatnonzero(height_m < 0):
        yield error("below_ground", f"down to {-height_m[i]:.2f} m below the ground", clips.name(i))


def _limits_broken(clips: ClipTable, rules: Rules) -> Iterator[Finding]:
    """Clips that were kept although the rules reject their paths."""
    reject = rules.validity.reject
    for i, flags in enumerate(clips["flags"].tolist() if reject else ()):
        found = [flag for flag in flags if flag in reject]
        if found:
            what = f"has the flag {', '.join(found)}, which the rules reject"
            yield error("limits_broken", what, clips.name(i))


def _rig_structure(clips: ClipTable, rules: Rules, *, states_moves: bool) -> Iterator[Finding]:
    """Missing and surplus cameras, and cameras without the motion of their slot."""
    pairs = zip(rules.motions, rules.shakes, strict=True)
    slots = {camera_name(index): pair for index, pair in enumerate(pairs)}
    cameras = clips["camera"].tolist()
    for first, last in _takes(clips):
        found = Counter(cameras[first:last])
        take = str(clips["take"][first])
        for camera in [name for name in slots if name not in found]:
            yield error("missing_camera", f"{camera} is missing", take)
        for camera in [name for name, count in found.items() if count > 1 or name not in slots]:
            what = f"{found[camera]} x {camera}" if camera in slots else f"unknown camera {camera}"
            yield error("surplus_camera", what, take)
    yield from _motions(clips, rules, slots, states_moves=states_moves)
    yield from _shakes(clips, rules, slots)


def _motions(
    clips: ClipTable, rules: Rules, slots: dict[str, tuple[str, str]], *, states_moves: bool
) -> Iterator[Finding]:
    """Cameras without the motion of their slot, or, with ``iid`` slots, of any slot."""
    every, motion = sorted(set(rules.motions)), clips["motion"]
    own = _of_slots({name: motion for name, (motion, _) in slots.items()}, clips)
    is_wrong = ~np.isin(motion, every) if rules.slot_layout == "iid" else (motion != own) & (own != "")
    # The motion of a rolled camera is not recovered; the roll is a finding of its own.
    is_known = (motion != "other") | ~is_rolled(clips, slack=_RECOVERED_SLACK)
    is_known = states_moves | is_known & (motion != "unknown")
    for i in np.flatnonzero(is_wrong & is_known):
        wanted = " or ".join(every) if rules.slot_layout == "iid" else own[i]
        yield error("slot_differs", f"{motion[i]} instead of {wanted}", clips.name(i))


def _shakes(clips: ClipTable, rules: Rules, slots: dict[str, tuple[str, str]]) -> Iterator[Finding]:
    """Cameras whose motion is that of their slot, or of any slot, and whose shake is not."""
    motion, shake = clips["motion"], clips["shake"]
    found = np.char.add(np.char.add(motion, " with shake "), shake)
    every = {name: f"{motion} with shake {shake}" for name, (motion, shake) in slots.items()}
    own, own_motion = (
        _of_slots(named, clips) for named in (every, {name: motion for name, (motion, _) in slots.items()})
    )
    is_wrong = (found != own) & (motion == own_motion)
    if rules.slot_layout == "iid":
        is_wrong = ~np.isin(found, list(every.values())) & np.isin(motion, rules.motions)
    for i in np.flatnonzero(is_wrong & (shake != "unknown")):
        wanted = " or ".join(sorted(set(every.values()))) if rules.slot_layout == "iid" else own[i]
        yield error("slot_differs", f"{found[i]} instead of {wanted}", clips.name(i))


def _of_slots(named: dict[str, str], clips: ClipTable) -> np.ndarray:
    """The word of each clip's camera; empty for cameras that the rules do not have."""
    names, number = np.unique(clips["camera"], return_inverse=True)
    return np.array([named.get(name, "") for name in names.tolist()], dtype=np.str_)[number]


def _starts(clips: ClipTable, rules: Rules, measures: Measures, slack: float) -> Iterator[Finding]:
    radius_m, elevation_deg = measures.radius_m, measures.elevation_deg
    # A millimetre at the start is a larger angle if the start is closer.
    slack_deg = slack * (ANGLE_TOLERANCE_DEG + np.degrees(LENGTH_TOLERANCE_M / radius_m))
    outside = _outside(radius_m, radius_bounds(rules), slack * LENGTH_TOLERANCE_M)
    outside |= _outside(elevation_deg, rules.elevation_deg, slack_deg)
    for i in np.flatnonzero(outside):
        what = f"starts at distance {radius_m[i]:.3f} m, elevation {elevation_deg[i]:.2f} deg"
        yield error("start_out_of_bounds", what, clips.name(i))
    for i in np.flatnonzero(~(measures.off_aim_deg <= slack_deg)):
        what = f"the first optical axis misses the subject by {measures.off_aim_deg[i]:.3f} deg"
        yield error("start_off_aim", what, clips.name(i))


def _amplitudes(clips: ClipTable, rules: Rules, measures: Measures, slack: float) -> Iterator[Finding]:
    for amplitude in amplitudes_of(rules):
        for motion, column in amplitude.columns.items():
            for i, what in _amplitude(clips, measures, amplitude, motion, column, slack):
                yield error("amplitude_out_of_bounds", what, clips.name(i))


def _amplitude(
    clips: ClipTable, measures: Measures, amplitude: Amplitude, motion: str, column: str, slack: float
) -> Iterator[tuple[int, str]]:
    """Clips of one motion whose amplitude is out of bounds, on the poses or in its column."""
    bounds = amplitude.bounds
    measured, stated = (
        np.abs(getattr(measures, amplitude.name)),
        np.abs(np.nan_to_num(amplitude.stated(clips, column))),
    )
    tolerance, low = np.full(len(clips), slack * ANGLE_TOLERANCE_DEG), bounds[0]
    if amplitude.unit == "octaves":
        tolerance = slack * (FOCAL_TOLERANCE + 2 * LENGTH_TOLERANCE_M / measures.radius_m)
    elif not amplitude.is_signed:
        tolerance, stated = slack * LENGTH_TOLERANCE_M / measures.radius_m, stated / measures.radius_m
        if motion == "random":
            low *= 1 - max(_CHORD_SHARE, 1 / clips.frames)
    outside = _outside(measured, (low, bounds[1]), tolerance) | _outside(stated, bounds, tolerance)
    for i in np.flatnonzero(outside & (clips["motion"] == motion)).tolist():
        what = f"{motion} of {measured[i]:.2f} {amplitude.unit} (column: {stated[i]:.2f})"
        yield i, f"{what}, rules {bounds[0]:g}..{bounds[1]:g}"


def _settings(clips: ClipTable, rules: Rules) -> Iterator[Finding]:
    """Speeds, lenses, axes, waypoints and time bases that the rules do not allow."""
    motion, size = clips["motion"], np.abs(clips["speed_a"])
    low, high = rules.speed_a
    is_eased = (motion == "random") & (rules.spline == "unreal_keys")
    constant = speed_classes(motion, np.zeros(len(clips)), is_eased)
    is_valid = (clips["speed_class"] == "variable") & (size >= low) & (size <= high)
    is_valid |= (size == 0) & (clips["speed_class"] == constant)
    for i in np.flatnonzero(~is_valid):
        speed = f"a = {clips['speed_a'][i]:g}, speed class {clips['speed_class'][i]}"
        yield error("speed_out_of_bounds", f"{speed}; rules {low:g}..{high:g}", clips.name(i))
    for i in np.flatnonzero(lens_index(clips, rules) < 0):
        yield error(
            "setting_differs",
            _other_lens([float(clips[name][i]) for name in LENS_COLUMNS], rules),
            clips.name(i),
        )
    for i in np.flatnonzero((motion == "translation") & (axis_index(clips, rules) < 0)):
        x, y, z = clips["direction"][i]
        what = f"translation along ({x:.3f}, {y:.3f}, {z:.3f}) is not along an axis of the rules"
        yield error("setting_differs", what, clips.name(i))
    fewest, most = rules.waypoints
    count = clips.waypoint_counts
    for i in np.flatnonzero((motion == "random") & ((count < fewest) | (count > most))):
        yield error("setting_differs", f"{count[i]} waypoints, rules {fewest} to {most}", clips.name(i))
    for i in np.flatnonzero(clips["time_base"] != rules.time_base):
        what = f"time base {clips['time_base'][i]} instead of {rules.time_base}"
        yield error("setting_differs", what, clips.name(i))


def _other_lens(found: list[float], rules: Rules) -> str:
    """What is not a lens of the rules; the sensor, if it is the only difference."""
    focal_length_mm, f_number, sensor_mm = found
    name, lens = f"{focal_length_mm:g} mm f/{f_number:g}", (focal_length_mm, f_number)
    sensors_mm = [one.sensor_mm for one in rules.lenses if (one.focal_length_mm, one.f_number) == lens]
    if not sensors_mm:
        return f"{name} is not a lens of the rules"
    known = " or ".join(f"{sensor_mm:g}" for sensor_mm in sensors_mm)
    return f"{name} has a sensor of {sensor_mm:g} mm, rules {known} mm"


def _track_targets(clips: ClipTable, rules: Rules) -> Iterator[Finding]:
    """Rigs that aim at the moving subject where the rules want its start, or the reverse."""
    found = clips["track_target"]
    differs = (found != rules.track_target) & (found != "unknown")
    for i in clips.take_starts[np.logical_or.reduceat(differs, clips.take_starts)] if len(clips) else ():
        path_m = clips.subject_points_m[i]
        moved_m = np.linalg.norm(path_m - path_m[0], axis=-1).max()
        other = {"start": "subject", "subject": "start"}[rules.track_target]
        what = f"tracking cameras aim at: {other} instead of {rules.track_target}"
        yield error(
            "track_target_differs", f"{what}; the subject moves {moved_m:.2f} m", str(clips["take"][i])
        )


def _arc_paths(clips: ClipTable, rules: Rules) -> Iterator[Finding]:
    """Arcs along the chord of a circle where the rules want the circle, or the reverse."""
    index = np.flatnonzero(clips["motion"] == "arc")
    bend = bends(clips.poses.position_m[index], clips["subject_m"][index])
    is_chord = rules.arc_path == "chord"
    for i in index[(bend > 0.5) if is_chord else (bend < 0.5)]:
        found = "circle instead of a chord" if is_chord else "chord instead of a circle"
        yield error("setting_differs", f"arc along a {found}", clips.name(i))


def _radius_limits(clips: ClipTable, rules: Rules, *, in_environments: bool) -> Iterator[Finding]:
    """Largest start distances that the rules do not allow; those of environments may be smaller."""
    limit_m = clips["radius_limit_m"][clips.take_starts]
    is_valid = np.isnan(limit_m) | np.isclose(limit_m[:, None], rules.largest_radii_m).any(axis=1)
    if in_environments:
        is_valid |= (limit_m > 0) & (limit_m < max(rules.largest_radii_m))
    known = " or ".join(f"{radius_m:g}" for radius_m in rules.largest_radii_m)
    for rig in np.flatnonzero(~is_valid):
        what = f"largest start distance {limit_m[rig]:g} m, rules {known} m"
        yield error("setting_differs", what, str(clips["take"][clips.take_starts[rig]]))


def _replays(clips: ClipTable, measures: Measures) -> Iterator[Finding]:
    slack_deg = ANGLE_TOLERANCE_DEG + np.degrees(LENGTH_TOLERANCE_M / measures.closest_m)
    is_off = (measures.replay_error_m > LENGTH_TOLERANCE_M) | (measures.replay_error_deg > slack_deg)
    for i in np.flatnonzero(is_off):
        difference = f"{measures.replay_error_m[i]:.3f} m and {measures.replay_error_deg[i]:.2f} deg"
        what = f"poses differ by up to {difference} from the move in the columns"
        yield error("pose_disagrees", what, clips.name(i))


def _takes(clips: ClipTable) -> Iterator[tuple[int, int]]:
    """First clip and end of each take."""
    starts = clips.take_starts
    yield from zip(starts.tolist(), (starts + clips.take_sizes).tolist(), strict=True)


def _outside(
    values: Float[np.ndarray, "clips"], bounds: Range, slack: Float[np.ndarray, "clips"] | float
) -> Bool[np.ndarray, "clips"]:
    return ~((values >= bounds[0] - slack) & (values <= bounds[1] + slack))
