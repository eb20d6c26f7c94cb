"""What tracking cameras aim at, recovered from poses alone: a fixed point, a moving one, or unknown."""

from dataclasses import replace

import numpy as np
import pytest
from audit_examples import errors

from trajectories import CameraPose, ClipTable
from trajectories.audit import audit_clips, recover_moves
from trajectories.sampling import PRESETS, Rules, Shot, Subjects, clips_of_rigs, sample_rigs

FRAMES = 33
_SHOT = Shot(frames=FRAMES)
_OTHER = {"start": "subject", "subject": "start"}


def walkers(
    rigs: int, *, seed: int, speeds_m_per_s: tuple[float, ...] = (0.9, 1.5), curve_m: float = 0.0
) -> Subjects:
    """People of about 1.75 m whose height changes, who walk in any direction; ``curve_m`` to the side."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(FRAMES) / _SHOT.fps
    heading, speed = rng.uniform(0, 2 * np.pi, rigs), rng.choice(speeds_m_per_s, rigs)
    ahead = np.stack([np.cos(heading), np.sin(heading), 0 * heading], axis=-1)
    aside = ahead[:, [1, 0, 2]] * [-1, 1, 0]
    feet_m = rng.uniform([-20, -20, 0], [20, 20, 1e-6], (rigs, 3))[:, None]
    feet_m = feet_m + (speed[:, None] * time_s)[..., None] * ahead[:, None]
    feet_m = feet_m + curve_m * (time_s[:, None] / time_s[-1]) ** 2 * aside[:, None]
    height_m = 1.75 + 0.05 * np.sin(6 * time_s) * (speed > 0)[:, None]
    up_m = height_m[..., None] * [0.0, 0.0, 1.0]
    return Subjects(
        points_m=feet_m + 0.65 * up_m,
        bodies_m=np.stack([feet_m, feet_m + up_m], axis=2)[:, None],
        ground_m=np.zeros(rigs),
    )


def clips_of(rules: Rules, subjects: Subjects, *, seed: int, digits: int = 6) -> ClipTable:
    """Sampled rigs with the poses of a file: rounded to digits."""
    batch = sample_rigs(rules, subjects, seed=seed, frames=FRAMES)
    clips = clips_of_rigs(batch, takes=[f"rig_{rig:04d}" for rig in range(len(subjects))], shot=_SHOT)
    poses = clips.poses.world_from_camera
    last = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(poses), 1e-300))) + 1 - digits)
    return replace(clips, poses=CameraPose(np.round(poses / last) * last))


def without_columns(clips: ClipTable) -> ClipTable:
    return ClipTable.of(clips.poses, take=clips["take"], camera=clips["camera"], fps=_SHOT.fps)


def tracking(clips: ClipTable) -> np.ndarray:
    """How many cameras of each rig track the subject."""
    return np.add.reduceat(clips["is_tracking"], clips.take_starts, dtype=np.int64)


def gaps_m(clips: ClipTable, subject_m: np.ndarray) -> np.ndarray:
    """Distance between recovered and true start points of each rig."""
    return np.linalg.norm(subject_m - clips["subject_m"], axis=1)[clips.take_starts]


@pytest.mark.parametrize("layout", ["shared", "independent", "mixed"])
@pytest.mark.parametrize("preset", ["paper", "release", "toy"])
def test_the_start_of_a_subject_that_moves_is_recovered(preset: str, layout: str) -> None:
    for seed, speeds in enumerate([(0.05, 0.2), (0.9, 1.5), (3.0,)]):
        rules = replace(PRESETS[preset], layout=layout, track_target="subject")
        clips = clips_of(
            rules, walkers(40, seed=seed, speeds_m_per_s=speeds), seed=seed, digits=(6, 7)[seed % 2]
        )
        found = recover_moves(without_columns(clips))
        gap_m, target = gaps_m(clips, found.subject_m), found.target[clips.take_starts]
        is_known = (target == "moving") & (gap_m < 0.01)
        # Cameras of the toy rules may have equal moves: their axes do not differ.
        assert is_known[tracking(clips) >= 3].all()
        assert (is_known | np.isnan(gap_m)).all()
        rows = found.target == "moving"
        path_m = found.subject_points_m(rows, FRAMES)
        assert np.linalg.norm(path_m - clips.subject_points_m[rows], axis=-1)[..., -1].max() < 0.02


@pytest.mark.parametrize("layout", ["shared", "independent"])
def test_moves_around_a_subject_that_moves_are_recovered(layout: str) -> None:
    rules = replace(PRESETS["paper"], layout=layout, track_target="subject")
    clips = clips_of(rules, walkers(60, seed=1), seed=1)
    found = recover_moves(without_columns(clips))
    assert np.char.replace(found.motion, "_fixed", "").tolist() == clips["motion"].tolist()
    arcs = clips["motion"] == "arc"
    np.testing.assert_allclose(found.amount[arcs], clips["angle_deg"][arcs], atol=0.2)


def test_a_point_that_stays_is_fixed() -> None:
    # Shakes hide what cameras aim at, and the cameras of the other presets do not turn.
    for seed, preset in enumerate(("paper", "release", "toy")):
        clips = clips_of(replace(PRESETS[preset], track_target="start"), walkers(40, seed=seed), seed=seed)
        found = recover_moves(without_columns(clips))
        assert (found.target == "fixed")[tracking(clips)[clips.take_number] >= 2].all()


@pytest.mark.parametrize(
    ("layout", "speeds_m_per_s"),
    [("shared", (0.0, 0.9, 1.5)), ("shared", (0.0,)), ("independent", (0.9, 1.5))],
)
def test_sets_pass_under_their_own_rules_and_not_under_others(
    layout: str, speeds_m_per_s: tuple[float, ...]
) -> None:
    rules = replace(PRESETS["paper"], layout=layout, track_target="subject")
    subjects = walkers(40, seed=4, speeds_m_per_s=speeds_m_per_s)
    clips = without_columns(clips_of(rules, subjects, seed=4))
    own, other = audit_clips(clips, rules), audit_clips(clips, replace(rules, track_target="start"))
    assert own.verdict == "pass", own.lines()
    walking = int((np.ptp(subjects.points_m, axis=1).max(axis=1) > 0).sum())
    assert other.errors == ({"track_target_differs": walking} if walking else {})
    assert own.recovered.targets == {"fixed": 40 - walking, "moving": walking, "unknown": 0}
    assert own.recovered.track_target == ("subject" if walking else "start")


def test_poses_alone_do_not_show_subjects_that_no_camera_follows() -> None:
    """The poses of cameras that aim at the start are those of a subject that stands there."""
    start = replace(PRESETS["paper"], track_target="start")
    follow = replace(start, track_target="subject")
    subjects = walkers(20, seed=2)
    standing = Subjects.standing(subjects.starts_m, aim_fraction=start.aim_fraction)
    clips = clips_of(start, subjects, seed=2)
    np.testing.assert_array_equal(
        clips.poses.world_from_camera, clips_of(follow, standing, seed=2).poses.world_from_camera
    )
    report = audit_clips(without_columns(clips), follow)
    assert report.verdict == "pass"
    (note,) = (finding for finding in report.findings if finding.code == "no_subject_moves")
    assert (note.severity, "one fixed point in 20 rigs" in note.what) == ("note", True)
    # A table with the paths of its subjects shows it, even if it states no moves.
    report = audit_clips(clips.replaced(motion="unknown", track_target="unknown"), follow)
    assert report.errors == {"track_target_differs": 20}


def test_what_poses_do_not_determine_is_unknown_and_not_an_error() -> None:
    rules = replace(PRESETS["paper"], slots=("pan", "arc", "static"), track_target="subject")
    clips = without_columns(clips_of(rules, walkers(60, seed=3), seed=3))
    found = recover_moves(clips)
    assert np.isnan(found.subject_m).all() and set(found.target.tolist()) == {"unknown"}
    assert found.motion.tolist() == ["pan", "unknown", "static"] * 60
    report = audit_clips(clips, rules)
    assert not errors(report), report.lines()
    assert report.verdict == "pass"
    assert report.recovered.targets == {"fixed": 0, "moving": 0, "unknown": 60}


def test_a_camera_that_does_not_follow_is_left_out_of_the_path() -> None:
    rules = replace(PRESETS["paper"], track_target="subject")
    clips = clips_of(rules, walkers(30, seed=5), seed=5)
    poses = clips.poses.world_from_camera.copy()
    # One random move of each rig aims elsewhere: its rotations are in the order of another time.
    rows = np.arange(7, len(clips), 10)
    poses[rows, ..., :3] = poses[rows, ::-1, :, :3]
    found = recover_moves(without_columns(replace(clips, poses=CameraPose(poses))))
    gap_m = gaps_m(clips, found.subject_m)
    assert ((gap_m < 0.01) | np.isnan(gap_m)).all()
    assert (gap_m < 0.01).mean() > 0.9


def test_a_curved_path_is_never_taken_for_a_fixed_point() -> None:
    rules = replace(PRESETS["paper"], track_target="subject")
    clips = clips_of(rules, walkers(40, seed=6, curve_m=1.0), seed=6)
    found = recover_moves(without_columns(clips))
    gap_m = gaps_m(clips, found.subject_m)
    assert not (found.target == "fixed").any()
    assert (gap_m < 0.01).mean() > 0.8
