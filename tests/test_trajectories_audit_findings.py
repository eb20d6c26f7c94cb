"""The audit finds every planted error where it is, and no error in rigs that follow their rules."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np
import pytest
from audit_examples import PAPER, errors, sampled_clips, with_poses, with_row
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trajectories import CameraPose, ClipTable, Lens, Pan
from trajectories.audit import CHECKS, AuditReport, audit_clips
from trajectories.audit.accumulator import Accumulator
from trajectories.rigs import camera_name
from trajectories.sampling import PRESETS, Rules
from trajectories.speed import time_fractions

CAMERAS = tuple(camera_name(index) for index in range(10))
Change = Callable[[ClipTable], ClipTable]
# A change to the clips of one rig, the errors (code, camera) of that rig, and a part of one message.
Fault = tuple[Change, set[tuple[str, str]], str]


def audited(clips: ClipTable, rules: Rules | None, *, depth: str = "comparison") -> AuditReport:
    """The report without pairs, recovered moves and shown rigs; ``fit`` does not search for copies either."""
    accumulator = Accumulator(name="clips", rules=rules, depth=depth)
    # As in ``audit``: what unknown numbers give is unknown.
    with np.errstate(all="ignore"):
        accumulator.add(clips)
        return accumulator.report()


# ---------------------------------------------------------------- rigs that follow their rules
CHOICES = st.fixed_dictionaries(
    {
        "radius_measure": st.sampled_from(["radius", "volume", "log"]),
        "elevation_measure": st.sampled_from(["area", "angle"]),
        "time_base": st.sampled_from(["closed", "paper", "release"]),
        "speed_sampling": st.sampled_from(["stratified", "iid"]),
        "pan_tilt": st.sampled_from(["separate", "joint"]),
        "translation_frame": st.sampled_from(["world", "camera", "subject"]),
        "arc_path": st.sampled_from(["circle", "chord"]),
        "spline": st.sampled_from(["catmull_rom", "unreal_keys"]),
        "slot_layout": st.sampled_from(["stratified", "iid"]),
        "layout": st.sampled_from(["shared", "independent", "mixed"]),
        "amplitude_levels": st.sampled_from([(), (0.0, 1.0)]),
        "radius_limits_m": st.sampled_from([(), (3.0, 10.0)]),
    }
)


@settings(max_examples=8, deadline=None, derandomize=True, phases=(Phase.generate,))
@given(changes=CHOICES, seed=st.integers(0, 1000))
def test_rigs_have_no_error_under_the_rules_they_were_sampled_from(changes: dict, seed: int):
    # A camera that arrives at the subject cannot aim at it.
    rules = replace(PAPER, independent_share=0.5, translation_ratio=(0.25, 0.9), **changes)
    clips = sampled_clips(3, rules=rules, seed=seed)
    assert errors(audited(clips, rules, depth="fit")) == set()


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_passes_its_own_rules(preset: str):
    rules = PRESETS[preset]
    report = audited(sampled_clips(6, rules=rules), rules)
    assert report.verdict == "pass"
    assert report.errors_by_check == dict.fromkeys(CHECKS, 0)


def test_the_counts_are_those_of_the_table():
    table = sampled_clips(6)
    report = audited(table, PAPER)
    assert (report.counts["takes"], report.counts["clips"], report.counts["frames"]) == (6, 60, 60 * 21)
    for speed_class in ("constant", "variable"):
        expected = (table["speed_class"] == speed_class).sum()
        assert report.counts[f"{speed_class}_speed_clips"] == expected > 0
    slots = {motion: 6 * PAPER.slots.count(motion) for motion in PAPER.slots}
    assert report.motions == {motion: (count, count) for motion, count in slots.items()}
    assert report.source.shared_start_rigs == 6
    own_starts = sampled_clips(6, rules=replace(PAPER, layout="independent"))
    claimed = audited(own_starts.replaced(layout="shared"), PAPER, depth="fit")
    assert claimed.source.shared_start_rigs == 0
    assert report.source.splits == {"train": 60}


def test_an_empty_table_has_no_features_and_no_errors():
    report = audit_clips(ClipTable.of(CameraPose(np.zeros((0, 9, 3, 4)))), PAPER)
    assert (report.features, report.tests, report.errors, report.counts["clips"]) == ((), (), {}, 0)


# ---------------------------------------------------------------- planted errors
def with_pan_of(angle_deg: float) -> Change:
    """Another pan of cam01, in its columns and its poses."""

    def change(rig: ClipTable) -> ClipTable:
        time = time_fractions(rig.frames, "closed")[None]
        pan = Pan(angle_deg=np.array([angle_deg])).poses(rig.poses[:1, 0], np.zeros((1, 3)), time)
        panned = with_poses(rig, 0, pan.world_from_camera[0])
        return with_row(panned, 0, angle_deg=angle_deg, speed_a=0.0, speed_class="constant")

    return change


def with_numbers(camera: int, numbers: tuple, change: Callable[[np.ndarray], object]) -> Change:
    """Other numbers in the poses of one camera; ``numbers`` is an index into (frames, 3, 4)."""

    def changed(rig: ClipTable) -> ClipTable:
        poses = rig.poses.world_from_camera[camera].copy()
        poses[numbers] = change(poses[numbers])
        return with_poses(rig, camera, poses)

    return changed


def next_float32(values: np.ndarray) -> np.ndarray:
    return np.nextafter(values.astype(np.float32), np.float32(np.inf))


def with_columns(camera: int, **values) -> Change:
    return lambda rig: with_row(rig, camera, **values)


def only(*cameras: int) -> Change:
    return lambda rig: rig.rows(np.array(cameras))


def sampled_from(*, seed: int = 77, **changes) -> Change:
    """A rig of other rules, with the same take."""
    rules = replace(PAPER, **changes)
    return lambda rig: sampled_clips(1, rules=rules, seed=seed).replaced(take=rig["take"])


def copy_of_the_first_rig(split: str) -> Change:
    """The first rig, moved by 5 m along each axis."""

    def change(rig: ClipTable) -> ClipTable:
        first = SOUND.rows(slice(0, 10))
        poses = first.poses.world_from_camera.copy()
        poses[..., 3] += 5.0
        subject_m = first["subject_m"] + 5.0
        copy = replace(first, poses=CameraPose(poses))
        return copy.replaced(take=rig["take"], split=split, subject_m=subject_m)

    return change


def other_lens(rig: ClipTable, camera: int) -> ClipTable:
    """The rig with the other lens of the rules in one camera."""
    (other,) = (lens for lens in PAPER.lenses if lens.focal_length_mm != rig["focal_length_mm"][0])
    optics = asdict(other.intrinsics(256, 144)) | asdict(other)
    return with_row(rig, camera, **optics)


def with_roll(angle_deg: float) -> Change:
    """The static camera, rolled about its optical axis."""
    turn = np.eye(4)
    turn[:3, :3] = Rotation.from_euler("z", angle_deg, degrees=True).as_matrix()
    return with_numbers(9, (slice(None),), lambda poses: poses @ turn)


def on(code: str, *cameras: str) -> set[tuple[str, str]]:
    return {(code, camera) for camera in cameras}


Y_AXIS = (slice(None), 1)
OF_THE_RIG = ""
FAULTS: dict[str, Fault] = {
    "nothing": (lambda rig: rig, set(), ""),
    "amplitude": (with_pan_of(75.0), on("amplitude_out_of_bounds", "cam01"), "pan of 75.00 deg"),
    "sign": (with_columns(1, angle_deg=-7.0), on("pose_disagrees", "cam02"), "poses differ by up to"),
    "frame": (
        with_numbers(3, (11, 0, 3), lambda x: x + 0.01),
        on("pose_disagrees", "cam04") | on("focus_differs", "cam04"),
        "0.010 m",
    ),
    "first pose": (with_numbers(7, (0, 2, 3), next_float32), on("first_pose_differs", "cam08"), "frame 0 is"),
    "missing": (only(0, 1, 2, 3, 5, 6, 7, 8, 9), on("missing_camera", OF_THE_RIG), "cam05 is missing"),
    "twice": (only(*range(10), 4), on("surplus_camera", OF_THE_RIG), "2 x cam05"),
    "unknown": (
        lambda rig: ClipTable.concatenated([rig, rig.rows(slice(9, 10)).replaced(camera="cam99")]),
        on("surplus_camera", OF_THE_RIG),
        "unknown camera cam99",
    ),
    "mirrored": (
        with_numbers(5, (3, *Y_AXIS), lambda y: -y),
        on("improper_pose", "cam06"),
        "in frame 3, rotation is mirrored (determinant -1); no other check uses this clip",
    ),
    "stretched": (with_numbers(5, (2, *Y_AXIS), lambda y: 1.5 * y), on("improper_pose", "cam06"), "frame 2,"),
    "not finite": (with_numbers(5, (0, 1, 3), lambda x: np.nan), on("improper_pose", "cam06"), "not finite"),
    "far": (
        sampled_from(radius_m=(12.0, 14.0)),
        {*on("start_out_of_bounds", *CAMERAS), ("setting_differs", "")},
        "starts at distance 1",
    ),
    "high": (sampled_from(elevation_deg=(50.0, 60.0)), on("start_out_of_bounds", *CAMERAS), "elevation 5"),
    "subject": (
        lambda rig: with_row(rig, 9, subject_m=tuple((rig["subject_m"][9] + [0, 0, 0.3]).tolist())),
        on("start_off_aim", "cam10") | on("rig_differs", "cam10") | on("focus_differs", "cam10"),
        "misses the subject by",
    ),
    "speed": (
        with_columns(9, speed_a=9.0, speed_class="variable"),
        on("speed_out_of_bounds", "cam10"),
        "a = 9, speed class variable; rules 2..4.5",
    ),
    "speed class": (
        with_columns(9, speed_a=3.0, speed_class="constant"),
        on("speed_out_of_bounds", "cam10"),
        "a = 3, speed class constant",
    ),
    "lens": (
        with_columns(9, focal_length_mm=50.0),
        on("setting_differs", "cam10") | on("intrinsics_differ", "cam10") | on("rig_differs", "cam10"),
        "50 mm on its sensor",
    ),
    "time base": (with_columns(9, time_base="paper"), on("setting_differs", "cam10"), "instead of closed"),
    "axes": (
        sampled_from(translation_frame="subject", translation_axes=("+x", "-y")),
        on("setting_differs", *CAMERAS[2:5]),
        "is not along an axis of the rules",
    ),
    "waypoints": (
        with_columns(7, waypoints_m=None),
        on("setting_differs", "cam08") | on("pose_disagrees", "cam08"),
        "0 waypoints, rules 1 to 3",
    ),
    "slot": (
        with_columns(8, motion="static", speed_a=0.0, speed_class="none"),
        on("slot_differs", "cam09") | on("pose_disagrees", "cam09"),
        "static instead of random",
    ),
    "motion": (
        with_columns(9, motion="swirl", speed_class="constant"),
        on("slot_differs", "cam10"),
        "swirl instead of static",
    ),
    "split": (with_columns(4, split="test"), on("split_leak", OF_THE_RIG), "are in splits test and train"),
    "pixels": (
        lambda rig: rig.replaced(fy_px=2 * rig["fy_px"]),
        on("intrinsics_differ", *CAMERAS),
        "on its sensor",
    ),
    "image centre": (
        lambda rig: rig.replaced(cx_px=rig["cx_px"] + 10),
        on("intrinsics_differ", *CAMERAS),
        "cx_px 138, cy_px 72 instead of 128, 72, the image centre",
    ),
    "tall pixels": (
        lambda rig: rig.replaced(fy_px=1.01 * rig["fy_px"], sensor_mm=float("nan")),
        on("intrinsics_differ", *CAMERAS) | on("setting_differs", *CAMERAS),
        "pixels are not square",
    ),
    "two lenses": (
        lambda rig: other_lens(rig, 2),
        on("rig_differs", "cam03"),
        "is not the lens of most cameras of this rig",
    ),
    "rate": (
        lambda rig: rig.replaced(fps=30.0),
        on("format_differs", OF_THE_RIG),
        "21 frames of 256 x 144 at 30 fps, in 10 clips; most clips have 21 frames of 256 x 144 at 15 fps",
    ),
    "focus": (
        with_columns(4, focus_distance_m=(1.0,) * 21),
        on("focus_differs", "cam05"),
        "the focus is 1.000 m, the subject",
    ),
    "roll": (
        with_roll(2.0),
        on("rolled", "cam10") | on("first_pose_differs", "cam10"),
        "rolled by 2.00 deg in frame 0",
    ),
    "own starts": (
        sampled_from(layout="independent"),
        on("layout_differs", OF_THE_RIG),
        "0 of 10 cameras have a first pose in common, rules shared, layout column independent",
    ),
    "own starts, shared column": (
        lambda rig: sampled_from(layout="independent", seed=78)(rig).replaced(layout="shared"),
        on("layout_differs", OF_THE_RIG),
        "0 of 10 cameras have a first pose in common, rules shared",
    ),
    "layout column": (
        lambda rig: rig.replaced(layout="independent"),
        on("layout_differs", OF_THE_RIG),
        "10 of 10 cameras have a first pose in common, rules shared, layout column independent",
    ),
    "reversed": (
        lambda rig: replace(rig, poses=rig.poses[:, ::-1]).replaced(
            focus_distance_m=rig["focus_distance_m"][:, ::-1]
        ),
        on("time_reversed", OF_THE_RIG)
        | on("pose_disagrees", *CAMERAS[:9])
        | on("start_off_aim", *CAMERAS[:2])
        | on("start_out_of_bounds", "cam03", "cam04", "cam05", "cam09"),
        "the last frames, not the first, have one pose in common",
    ),
    "one reversed": (
        with_numbers(6, (slice(None),), lambda poses: poses[::-1]),
        on("time_reversed", "cam07") | on("pose_disagrees", "cam07"),
        "the last frame, not the first, is the shared first pose",
    ),
    "unknown pixels": (with_columns(4, fx_px=float("nan")), set(), ""),
    "flag": (with_columns(4, flags=("below_ground",)), set(), ""),
    "copy": (
        copy_of_the_first_rig("train"),
        on("duplicate_rig", OF_THE_RIG),
        "copies of those of street_000000",
    ),
    "leak": (copy_of_the_first_rig("test"), on("split_leak", OF_THE_RIG), "which is in split train"),
    "start at the subject": (
        lambda rig: with_row(rig, 0, subject_m=tuple(rig.poses.position_m[0, 0].tolist())),
        on("start_out_of_bounds", "cam01") | on("rig_differs", "cam01") | on("focus_differs", "cam01"),
        "starts at distance 0",
    ),
    "track target": (
        lambda rig: rig.replaced(track_target="subject"),
        on("track_target_differs", OF_THE_RIG),
        "aim at: subject instead of start; the subject moves 0.00 m",
    ),
    "focal path": (
        with_columns(4, focal_path_mm=tuple(np.linspace(35.0, 40.0, 21))),
        on("focal_path_differs", "cam05"),
        "the focal length changes in the column, and the motion is translation",
    ),
}
# What columns and poses show without rules.
WITHOUT_RULES = ("improper_pose", "intrinsics_differ", "split_leak")
# Errors of the world are those of all rigs, takes repeat in several tables, only filmed sets have a ground.
NOT_OF_A_RIG = {"world_differs", "repeated_take", "below_ground", "limits_broken"}
SOUND = sampled_clips(len(FAULTS))


@pytest.fixture(scope="module")
def planted() -> ClipTable:
    """One rig for each of ``FAULTS``."""
    rigs = [SOUND.rows(SOUND["take"] == take_of(name)) for name in FAULTS]
    changes = [change for change, _, _ in FAULTS.values()]
    return ClipTable.concatenated([change(rig) for change, rig in zip(changes, rigs, strict=True)])


@pytest.fixture(scope="module")
def report(planted: ClipTable) -> AuditReport:
    return audited(planted, PAPER)


def take_of(name: str) -> str:
    return f"street_{list(FAULTS).index(name):06d}"


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_error_is_found_where_it_is(name: str, report: AuditReport):
    _, expected, what = FAULTS[name]
    take = take_of(name)
    found = [f for f in report.findings if f.severity == "error" and f.where.partition("/")[0] == take]
    assert {(f.code, f.where.partition("/")[2]) for f in found} == expected
    assert not expected or any(what in f.what for f in found)


def test_the_planted_errors_cover_every_check(report: AuditReport):
    codes = {code for _, expected, _ in FAULTS.values() for code, _ in expected}
    assert codes == set(CHECKS) - NOT_OF_A_RIG == set(report.errors)
    assert report.verdict == "fail"
    assert not report.is_ok


def test_errors_of_columns_and_poses_are_found_without_rules(planted: ClipTable, report: AuditReport):
    # Pixels of an unknown lens are only checked if there are rules.
    only_with_rules = tuple(map(take_of, ("image centre", "tall pixels")))
    expected = {(code, where) for code, where in errors(report) if code in WITHOUT_RULES}
    assert errors(audited(planted, None)) == {e for e in expected if not e[1].startswith(only_with_rules)}


def test_a_clip_with_improper_poses_is_left_out_of_all_values(report: AuditReport):
    arcs = next(feature for feature in report.features if feature.name == "arc_deg")
    # cam06 and cam07 are arcs; three of them are improper.
    assert arcs.n == 2 * len(FAULTS) - 3
    assert report.source.proper_clips == report.source.clips - 3
    assert np.isfinite([feature.quantiles for feature in report.features]).all()


def test_flags_are_notes(report: AuditReport):
    notes = {f.code: f.what for f in report.findings if f.severity == "note"}
    assert notes["below_ground"] == f"clips with this flag: 1 of {report.counts['clips']}"
    assert report.flags == {"below_ground": 1}
    assert "below_ground" not in report.errors


def test_the_lines_name_each_failed_check_with_its_first_error(report: AuditReport):
    lines = report.lines()
    assert lines[0] == f"{len(FAULTS)} takes, {report.counts['clips']} clips, rules paper"
    first = "amplitude_out_of_bounds: 1 error, first street_000001/cam01: pan of 75.00 deg"
    assert any(line.startswith(first) for line in lines)
    found = {line.partition(":")[0] for line in lines if re.search(" errors?, first ", line)}
    assert found == set(CHECKS) - NOT_OF_A_RIG
    assert "note: below_ground: clips with this flag: 1 of" in "\n".join(lines)
    assert lines[-1].startswith("verdict: fail, based on ")


def test_the_json_contains_the_report(report: AuditReport):
    plain = json.loads(report.to_json())
    assert plain["verdict"] == "fail"
    assert plain["errors"] == report.errors
    assert [finding["where"] for finding in plain["findings"]] == [f.where for f in report.findings]
    assert [feature["n"] for feature in plain["features"]] == [feature.n for feature in report.features]
    assert plain["rules"]["radius_m"] == [0.5, 10.0]
    assert "speed_a" in plain["inferred_rules"]


# ---------------------------------------------------------------- several tables, order, other rules
def test_takes_in_two_tables_are_found():
    accumulator = Accumulator(name="clips", rules=PAPER, depth="fit")
    table = SOUND.rows(slice(0, 30))
    accumulator.add(table)
    accumulator.add(table.rows(slice(10, 20)))
    report = accumulator.report()
    assert errors(report) == {("repeated_take", "street_000001")}
    assert "this take is in the input twice" in report.findings[0].what


def test_takes_that_are_not_contiguous_are_grouped():
    table = SOUND.rows(slice(0, 60))
    # All clips of cam01, then all of cam02, and so on.
    by_camera = table.rows(np.argsort(table["camera"], kind="stable"))
    assert (by_camera["take"][1:] != by_camera["take"][:-1]).all()
    assert audit_clips(by_camera, PAPER).to_json() == audit_clips(table, PAPER).to_json()


def test_the_order_of_clips_changes_no_error(planted: ClipTable, report: AuditReport):
    shuffled = planted.rows(np.random.default_rng(0).permutation(len(planted)))
    assert errors(audited(shuffled, PAPER)) == errors(report)


def test_rigs_of_other_rules_are_found():
    release = sampled_clips(12, rules=PRESETS["release"])
    codes = set(audited(release, PAPER).errors)
    assert {"amplitude_out_of_bounds", "setting_differs", "speed_out_of_bounds", "pose_disagrees"} <= codes


def test_a_tilt_out_of_bounds_in_a_pan_tilt_is_found():
    rules = replace(PAPER, pan_tilt="joint")
    table = with_row(sampled_clips(3, rules=rules), 11, tilt_deg=50.0)
    found = errors(audited(table, rules))
    assert found == {(code, "street_000001/cam02") for code in ("amplitude_out_of_bounds", "pose_disagrees")}


def test_other_rules_and_lenses_are_followed():
    rules = Rules(
        name="mine",
        slots=("pan", "arc"),
        pan_deg=(1.0, 2.0),
        arc_deg=(170.0, 200.0),
        lenses=(Lens(focal_length_mm=50.0, f_number=2.4),),
    )
    table = sampled_clips(6, rules=rules)
    assert audited(table, rules).verdict == "pass"
    assert audited(table, PAPER).verdict == "fail"


def test_the_verdict_without_rules():
    table = SOUND.rows(slice(0, 10))
    assert audited(table, None).lines()[-1] == "verdict: no rules"
    assert audited(with_row(table, 0, split="odd"), None).lines()[-1] == "verdict: fail"


def test_a_lens_that_differs_in_its_sensor_says_so():
    clips = sampled_clips(2)
    wide = clips.replaced(sensor_mm=36.0)
    lens = f"{wide['focal_length_mm'][0]:g} mm f/{wide['f_number'][0]:g}"
    found = [
        finding.what for finding in audit_clips(wide, PAPER).findings if finding.code == "setting_differs"
    ]
    assert found[0] == f"{lens} has a sensor of 36 mm, rules 23.76 mm"
    other = audit_clips(clips.replaced(focal_length_mm=28.0), PAPER).findings
    assert any(finding.what.startswith("28 mm") and "not a lens" in finding.what for finding in other)
