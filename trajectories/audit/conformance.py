"""Does every clip keep to the rules? Bounds, rig structure, and columns against poses, exactly.

Parameters come from the columns; start, amplitude and speed are measured on the poses; where the two
disagree, that is a finding.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields

import numpy as np
from jaxtyping import Bool, Float, Int

from ..poses import ORTHONORMAL_TOLERANCE
from ..rigs import camera_name
from ..sampling.rules import Range, Rules
from .clips import Clips
from .measured.measures import Measures
from .measured.quantities import amplitudes_of, radius_bounds
from .report import Finding

# Poses are stored in float32; both tolerances stand well above what that loses, well below what matters.
ANGLE_TOLERANCE_DEG = 0.01
LENGTH_TOLERANCE_M = 1e-3
FOCAL_TOLERANCE = 1e-4
# What 6 digits of a file lose is more, and what is recovered from them more again.
_UNSTATED_SLACK = 10.0
# Chords between frames fall short of a random move's curve by up to this share of its length, or the share
# of one frame in all where those are few.
_CHORD_SHARE = 0.05


def proper(clips: Clips) -> Bool[np.ndarray, "clips"]:
    """Which clips hold proper rigid transforms only."""
    finite = np.isfinite(clips.poses.world_from_camera).all(axis=(1, 2, 3))
    rotation = np.where(finite[:, None, None, None], clips.poses.rotation, np.eye(3))
    right, down, ahead = np.moveaxis(rotation, -1, 0)
    # Orthonormal and right-handed: the third axis is the cross product of the other two.
    errors = [np.abs(np.cross(right, down) - ahead).max(axis=(1, 2), initial=0.0)]
    errors += [np.abs((a * b).sum(-1) - unit).max(axis=1, initial=0.0) for a, b, unit in _dots(right, down)]
    return finite & (np.max(errors, axis=0) <= ORTHONORMAL_TOLERANCE)


def _dots(
    right: Float[np.ndarray, "clips frames 3"], down: Float[np.ndarray, "clips frames 3"]
) -> tuple[tuple[np.ndarray, np.ndarray, float], ...]:
    return (right, right, 1.0), (down, down, 1.0), (right, down, 0.0)


def improper_findings(clips: Clips, is_proper: Bool[np.ndarray, "clips"]) -> Iterator[Finding]:
    """Clips with a mirrored, skewed or absent rotation, and the first frame that has one."""
    for i in np.flatnonzero(~is_proper):
        poses = clips.poses.world_from_camera[i]
        with np.errstate(invalid="ignore"):
            determinant = np.linalg.det(np.nan_to_num(poses[:, :, :3]))
        if not np.isfinite(poses).all():
            frame, what = np.argmax(~np.isfinite(poses).all(axis=(1, 2))), "not finite"
        elif (determinant < 0).any():
            frame, what = np.argmax(determinant < 0), "mirrored (det -1)"
        else:
            frame, what = np.argmax(np.abs(determinant - 1)), "not orthonormal"
        whole = f"the rotation of frame {frame} is {what}; the clip is left out of all figures"
        yield _error("improper_pose", whole, clips.name(i))


def structure_findings(clips: Clips, rules: Rules) -> Iterator[Finding]:
    """Cameras that lack, are there twice, or do what is not their slot's."""
    slots = {camera_name(index): slot for index, slot in enumerate(slots_of(rules))}
    cameras, motions = clips.camera.tolist(), clips.motion.tolist()
    begins = np.flatnonzero(np.diff(clips.rig, prepend=-1)).tolist()
    usual = list(slots)
    for a, b in zip(begins, [*begins[1:], len(clips)], strict=True):
        if cameras[a:b] == usual:
            continue
        found = Counter(cameras[a:b])
        take = str(clips.take[a])
        for camera in [name for name in slots if name not in found]:
            yield _error("missing_camera", f"no {camera} among {b - a} cameras", take)
        for camera in [name for name, count in found.items() if count > 1 or name not in slots]:
            yield _error("surplus_camera", f"{found[camera]} x {camera}", take)
    every = set(slots.values())
    for i, (camera, motion) in enumerate(zip(cameras, motions, strict=True)):
        allowed = every if rules.slot_layout == "iid" else {slots.get(camera, motion)}
        if motion not in allowed:
            what = f"{motion} where the rules have {' or '.join(sorted(allowed))}"
            yield _error("slot_differs", what, clips.name(i))


def stated_findings(clips: Clips) -> Iterator[Finding]:
    """Columns that deny each other, whatever the rules: a take in two splits, a focal length told twice."""
    begins = np.flatnonzero(np.diff(clips.rig, prepend=-1))
    for part in np.split(np.arange(len(clips)), begins[1:]):
        splits = Counter(clips.split[part].tolist())
        if len(splits) > 1:
            what = f"its cameras stand in {' and '.join(sorted(splits))}"
            yield _error("split_leak", what, str(clips.take[part[0]]))
    longer_px = np.maximum(clips.width_px, clips.height_px)
    focal_px = clips.focal_length_mm / clips.sensor_mm * longer_px
    for i in np.flatnonzero((focal_px > 0) & np.isfinite(clips.fx_px) & np.isfinite(clips.fy_px)):
        off = max(abs(clips.fx_px[i] / focal_px[i] - 1), abs(clips.fy_px[i] / focal_px[i] - 1))
        if off > FOCAL_TOLERANCE:
            said = f"fx_px {clips.fx_px[i]:.6g}, fy_px {clips.fy_px[i]:.6g}"
            what = f"{said} where {clips.focal_length_mm[i]:g} mm on its sensor make {focal_px[i]:.6g}"
            yield _error("intrinsics_differ", what, clips.name(i))


def slots_of(rules: Rules) -> tuple[str, ...]:
    """The motion of each slot, with what joint turns make of it."""
    joint = {"pan": "pan_tilt", "tilt": "pan_tilt"} if rules.pan_tilt == "joint" else {}
    return tuple(joint.get(slot, slot) for slot in rules.slots)


def first_pose_findings(clips: Clips) -> Iterator[Finding]:
    """In a shared rig every camera's frame 0 has the bits of the majority."""
    if not len(clips):
        return
    first = np.ascontiguousarray(clips.poses.world_from_camera[:, 0].astype(np.float32)).reshape(-1, 12)
    is_shared = clips.layout == "shared"
    begins = np.flatnonzero(np.diff(clips.rig, prepend=-1))
    same = (first == first[begins][np.searchsorted(begins, np.arange(len(clips)), side="right") - 1]).all(
        axis=1
    )
    for rig in np.unique(clips.rig[is_shared & ~same]):
        index = np.flatnonzero((clips.rig == rig) & is_shared)
        bits = [first[i].tobytes() for i in index]
        most = Counter(bits).most_common(1)[0][0]
        for i, own in zip(index, bits, strict=True):
            if own != most:
                what = "frame 0 is not the rig's shared first pose"
                yield _error("first_pose_differs", what, clips.name(i))


def clip_findings(clips: Clips, rules: Rules, measures: Measures, *, is_stated: bool) -> Iterator[Finding]:
    """Starts, amplitudes, paces and lenses out of bounds, and poses that their columns do not describe.

    Where columns were recovered from poses only starts and amplitudes are asked, with more slack.
    """
    if is_stated:
        yield from _start_findings(clips, rules, measures, 1.0)
        yield from _amplitude_findings(clips, rules, measures, 1.0)
        yield from _setting_findings(clips, rules)
        yield from _replay_findings(clips, measures)
        return
    known = np.isfinite(measures.radius_m)
    seen = Measures(**{field.name: getattr(measures, field.name)[known] for field in fields(Measures)})
    yield from _start_findings(clips[known], rules, seen, _UNSTATED_SLACK)
    yield from _amplitude_findings(clips[known], rules, seen, _UNSTATED_SLACK)


def _start_findings(clips: Clips, rules: Rules, measures: Measures, slack: float) -> Iterator[Finding]:
    radius_m, elevation_deg = measures.radius_m, measures.elevation_deg
    outside = _outside(radius_m, radius_bounds(rules), slack * LENGTH_TOLERANCE_M)
    # A millimetre at the start is an angle that grows as the start comes near.
    slack_deg = slack * (ANGLE_TOLERANCE_DEG + np.degrees(LENGTH_TOLERANCE_M / radius_m))
    for i in np.flatnonzero(outside | _outside(elevation_deg, rules.elevation_deg, slack_deg)):
        what = f"starts {radius_m[i]:.3f} m away at elevation {elevation_deg[i]:.2f} deg"
        yield _error("start_out_of_bounds", what, clips.name(i))
    for i in np.flatnonzero(~(measures.off_aim_deg <= slack_deg)):
        what = f"first optical axis misses the subject by {measures.off_aim_deg[i]:.3f} deg"
        yield _error("start_off_aim", what, clips.name(i))


def _replay_findings(clips: Clips, measures: Measures) -> Iterator[Finding]:
    slack_deg = ANGLE_TOLERANCE_DEG + np.degrees(LENGTH_TOLERANCE_M / measures.closest_m)
    off = (measures.replay_error_m > LENGTH_TOLERANCE_M) | (measures.replay_error_deg > slack_deg)
    for i in np.flatnonzero(off):
        what = f"up to {measures.replay_error_m[i]:.3f} m and {measures.replay_error_deg[i]:.2f} deg"
        yield _error("pose_disagrees", f"{what} from the move its columns describe", clips.name(i))


def _amplitude_findings(clips: Clips, rules: Rules, measures: Measures, slack: float) -> Iterator[Finding]:
    """Bounds hold for what the poses do and for what the columns say."""
    for amplitude in amplitudes_of(rules):
        bounds = amplitude.bounds
        for motion, column in amplitude.told_in.items():
            index = np.flatnonzero(clips.motion == motion)
            radius_m, done = measures.radius_m[index], np.abs(getattr(measures, amplitude.name)[index])
            said = np.abs(np.nan_to_num(getattr(clips.moves, column)[index]))
            if amplitude.is_turn:
                unit, more, short = "deg", np.full(len(index), slack * ANGLE_TOLERANCE_DEG), 0.0
            else:
                unit, more, said = "x distance", slack * LENGTH_TOLERANCE_M / radius_m, said / radius_m
                short = max(_CHORD_SHARE, 1 / clips.frames) * (motion == "random")
            shortest = (bounds[0] * (1 - short), bounds[1])
            for i in np.flatnonzero(_outside(done, shortest, more) | _outside(said, bounds, more)):
                found = f"{motion} of {done[i]:.2f} {unit} (column: {said[i]:.2f})"
                what = f"{found}, rules {bounds[0]:g}..{bounds[1]:g}"
                yield _error("amplitude_out_of_bounds", what, clips.name(index[i]))


def _setting_findings(clips: Clips, rules: Rules) -> Iterator[Finding]:
    low, high = rules.speed_a
    size, pace = np.abs(clips.moves.speed_a), clips.speed_class
    is_paced = (pace == "variable") & (size >= low) & (size <= high)
    steady = np.full(len(clips), "constant", dtype="<U8")
    steady[clips.motion == "static"] = "none"
    steady[(clips.motion == "random") & (rules.spline == "unreal_keys")] = "eased"
    for i in np.flatnonzero(~(is_paced | ((size == 0) & (pace == steady)))):
        what = f"a = {clips.moves.speed_a[i]:g} of class {pace[i]}, rules {low:g}..{high:g}"
        yield _error("pace_out_of_bounds", what, clips.name(i))
    for i in np.flatnonzero(lens_index(clips, rules) < 0):
        what = f"{clips.focal_length_mm[i]:g} mm f/{clips.f_number[i]:g} is no lens of the rules"
        yield _error("setting_differs", what, clips.name(i))
    moved = np.flatnonzero(clips.motion == "translation")
    for i in moved[axis_index(clips[moved], rules) < 0]:
        x, y, z = clips.moves.direction[i]
        what = (
            f"translation along ({x:.3f}, {y:.3f}, {z:.3f}), no {rules.translation_frame} axis of the rules"
        )
        yield _error("setting_differs", what, clips.name(i))
    fewest, most = rules.waypoints
    count = clips.moves.waypoint_count
    for i in np.flatnonzero((clips.motion == "random") & ((count < fewest) | (count > most))):
        what = f"{count[i]:.0f} waypoints, rules {fewest} to {most}"
        yield _error("setting_differs", what, clips.name(i))
    for i in np.flatnonzero(clips.time_base != rules.time_base):
        what = f"time base {clips.time_base[i]} where the rules have {rules.time_base}"
        yield _error("setting_differs", what, clips.name(i))


def lens_index(clips: Clips, rules: Rules) -> np.ndarray:
    """Which of the rules' lenses each clip has, -1 for none."""
    found = np.full(len(clips), -1)
    for number, lens in enumerate(rules.lenses):
        is_it = (clips.focal_length_mm == lens.focal_length_mm) & (clips.f_number == lens.f_number)
        found[is_it & (clips.sensor_mm == lens.sensor_mm)] = number
    return found


def axis_index(clips: Clips, rules: Rules) -> Int[np.ndarray, "clips"]:
    """Which of the rules' axes each of these translations follows, -1 for none."""
    direction = clips.moves.direction
    start = clips.poses[:, 0]
    if rules.translation_frame == "camera":
        direction = np.einsum("cia,ci->ca", start.rotation, direction)
    elif rules.translation_frame == "subject":
        away = start.position_m[:, :2] - clips.subject_m[:, :2]
        x, y = (away / np.linalg.norm(away, axis=1, keepdims=True)).T
        dx, dy, dz = direction.T
        direction = np.stack([x * dx + y * dy, x * dy - y * dx, dz], axis=-1)
    turn = {"+": 1.0, "-": -1.0}
    units = np.array([turn[name[0]] * np.eye(3)["xyz".index(name[1])] for name in rules.translation_axes])
    along = direction @ units.T
    return np.where(along.max(axis=1, initial=-1.0) > 1 - 1e-5, along.argmax(axis=1), -1)


def _outside(
    values: Float[np.ndarray, "clips"], bounds: Range, slack: Float[np.ndarray, "clips"] | float
) -> Bool[np.ndarray, "clips"]:
    return ~((values >= bounds[0] - slack) & (values <= bounds[1] + slack))


def _error(code: str, what: str, where: str) -> Finding:
    return Finding(severity="error", code=code, what=what, where=where)
