"""Paths are held to limits: what each check sees, what each policy does, and that nothing else moves."""

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from multitake.errors import InputError
from trajectories import MOTIONS, CameraPose
from trajectories.sampling import (
    PATH_CHECKS,
    PRESETS,
    REASONS,
    Limits,
    Measured,
    Paths,
    RigBatch,
    Rules,
    SampledRigs,
    Shot,
    judge,
    rules_from,
    rules_table,
    sample_checked_rigs,
    sample_rigs,
)

_PAPER = PRESETS["paper"]
# As long as 81 frames at 15 a second.
_SHOT = Shot(frames=21, fps=3.75)
_REJECT = ("below_ground", "too_close", "too_fast", "turns_too_fast")


def _rules(*reject: str, **changes) -> Rules:
    return replace(_PAPER, validity=Limits(reject=reject, **changes))


def _sample(rules: Rules, rigs: int, first_rig: int = 0, **more) -> SampledRigs:
    pivots_m = np.tile([[0.0, 0.0, 1.1]], (rigs, 1))
    return sample_checked_rigs(rules, pivots_m, shot=_SHOT, seed=3, first_rig=first_rig, **more)


def _poses(batch: RigBatch) -> np.ndarray:
    return batch.poses.world_from_camera


def _path(position_m: np.ndarray, rotation: np.ndarray, **shot) -> Paths:
    """One camera that looks along +X at a subject whose chest is 4 m ahead."""
    return Paths(
        poses=CameraPose.of(rotation, position_m)[None, None],
        pivots_m=np.array([[4.0, 0.0, 1.0]]),
        focal_px=np.array([1000.0]),
        aim_fraction=0.5,
        shot=Shot(frames=len(position_m), width_px=1000, height_px=1000, subject_height_m=2.0, **shot),
    )


_AHEAD = CameraPose.looking(np.zeros(3), np.array([1.0, 0.0, 0.0])).rotation


def _measured(paths: Paths) -> dict[str, Measured]:
    return {m.reason: m for check in PATH_CHECKS for m in check(paths, Limits())}


def test_kinematics_are_derivatives_in_si_units():
    time_s = np.arange(200) / 20.0
    position_m = np.stack([0.5 * time_s**3, 0 * time_s, 1 + 0 * time_s], axis=-1)
    found = _measured(_path(position_m, np.repeat(_AHEAD[None], 200, axis=0), fps=20.0))
    middle = time_s[1:] - 1 / 40
    np.testing.assert_allclose(found["too_fast"].values[0, 0, 1:], 1.5 * middle**2, atol=2e-3)
    np.testing.assert_allclose(found["too_abrupt"].values[0, 0, 2:], 3 * time_s[1:-1], atol=1e-6)
    np.testing.assert_allclose(found["too_jerky"].values[0, 0, 3:], 3.0, atol=1e-6)
    assert not found["turns_too_fast"].values.any()


def test_turning_speed_is_the_angle_between_frames():
    batch = sample_rigs(
        replace(_PAPER, slots=("pan", "static"), constant_share=1.0), np.zeros((5, 3)), seed=1, frames=31
    )
    paths = Paths(
        poses=batch.poses,
        pivots_m=batch.pivots_m,
        focal_px=np.ones(5),
        aim_fraction=0.5,
        shot=Shot(frames=31, fps=10.0),
    )
    turning = _measured(paths)["turns_too_fast"].values
    speed_deg = np.abs(batch.moves_of(0).angle_deg) / 3.0
    np.testing.assert_allclose(turning[:, 0, 1:], np.repeat(speed_deg[:, None], 30, axis=1), rtol=1e-9)
    assert (turning[:, 1] < 1e-6).all()


def test_the_picture_is_measured_in_halves_of_itself():
    position_m = np.array([[0, 0, 1.0], [0, 1.0, 1.0], [0, -2.0, 1.0], [0, -3.0, 1.0], [5.0, 0, 1.0]])
    found = _measured(_path(position_m, np.repeat(_AHEAD[None], 5, axis=0)))
    np.testing.assert_allclose(found["aim_out_of_picture"].values[0, 0], [0, 0.5, 1.0, 1.5, np.inf])
    share = found["subject_out_of_picture"].values[0, 0]
    np.testing.assert_allclose(share, [1, 1, 0.5, 0, 0], atol=1e-12)
    # Two metres at four metres: half of a picture that is as high as it is far.
    np.testing.assert_allclose(found["subject_too_small"].values[0, 0], [0.5])
    np.testing.assert_allclose(found["below_ground"].values, 1.0)
    np.testing.assert_allclose(found["too_close"].values[0, 0, [0, 4]], [4.0, 1.0])


def test_every_reason_has_a_check_and_every_check_a_reason():
    assert set(_measured(_path(np.zeros((1, 3)), _AHEAD[None]))) == set(REASONS)


def test_warning_and_off_change_no_path():
    plain = sample_rigs(_PAPER, np.tile([[0.0, 0.0, 1.1]], (40, 1)), seed=3, frames=21)
    warned, off = _sample(_PAPER, 40), _sample(replace(_PAPER, validity=Limits(warn=())), 40)
    np.testing.assert_array_equal(_poses(warned.rigs), _poses(plain))
    np.testing.assert_array_equal(_poses(off.rigs), _poses(plain))
    flags = {flag for rig in warned.rigs for of_camera in rig.flags for flag in of_camera}
    assert {"below_ground", "aim_out_of_picture"} <= flags <= set(REASONS)
    assert all(rig.flags == ((),) * 10 and rig.attempts == (0,) * 10 for rig in off.rigs)
    assert warned.acceptance.proposed.total() == warned.acceptance.accepted.total() == 400
    one = _sample(replace(_PAPER, validity=Limits(warn=("too_close",))), 40)
    assert {flag for rig in one.rigs for of_camera in rig.flags for flag in of_camera} <= {"too_close"}


def test_rejecting_draws_only_the_offending_cameras_again():
    limits = Limits(warn=_REJECT)
    first = _sample(replace(_PAPER, validity=limits), 60).rigs
    kept = _sample(_rules(*_REJECT, attempts=200), 60)
    broken = first.verdicts.any_of(_REJECT)
    whole = first.verdicts.any_of(_REJECT, at_start=True).any(axis=1)
    assert broken.any() and not whole.all()
    again = kept.rigs.attempts > 0
    np.testing.assert_array_equal(again, broken | whole[:, None])
    np.testing.assert_array_equal(_poses(kept.rigs)[~again], _poses(first)[~again])
    assert (_poses(kept.rigs)[again] != _poses(first)[again]).any(axis=(1, 2, 3)).all()
    # The start, the motion and the pace of what is drawn again stay.
    same = ~whole
    np.testing.assert_array_equal(_poses(kept.rigs)[same, :, 0], _poses(first)[same, :, 0])
    np.testing.assert_array_equal(kept.rigs.moves.kind, first.moves.kind)
    is_constant = (kept.rigs.moves.speed_a == 0).reshape(60, 10)
    np.testing.assert_array_equal(is_constant[same], (first.moves.speed_a == 0).reshape(60, 10)[same])
    assert not kept.rigs.verdicts.any_of(_REJECT).any() and not kept.acceptance.unsound


def test_an_invalid_shared_start_redraws_the_rig_as_a_whole():
    rules = replace(_rules("too_close", distance_m=3.0, attempts=50), slots=("static", "pan"))
    rigs = _sample(rules, 80).rigs
    assert (rigs.attempts[:, 0] == rigs.attempts[:, 1]).all() and rigs.attempts.max() > 0
    np.testing.assert_array_equal(_poses(rigs)[:, 0, 0], _poses(rigs)[:, 1, 0])
    for index, attempt in enumerate(rigs.attempts[:, 0].tolist()):
        whole = sample_rigs(
            rules, np.array([[0.0, 0.0, 1.1]]), seed=3, frames=21, first_rig=index, attempt=attempt
        )
        np.testing.assert_array_equal(_poses(rigs)[index], _poses(whole)[0])
    apart = _sample(replace(rules, layout="independent"), 80).rigs
    assert (apart.attempts[:, 0] != apart.attempts[:, 1]).any(), "independent cameras answer for themselves"


@pytest.mark.parametrize("layout", ["shared", "mixed"])
def test_slices_and_order_never_change_a_redrawn_rig(layout: str):
    rules = replace(_rules(*_REJECT, attempts=6), layout=layout)
    whole = _sample(rules, 30)
    for size in (1, 7):
        starts = range(0, 30, size)
        parts = {low: _sample(rules, min(size, 30 - low), first_rig=low) for low in reversed(starts)}
        ordered = [parts[low] for low in starts]
        np.testing.assert_array_equal(np.concatenate([_poses(p.rigs) for p in ordered]), _poses(whole.rigs))
        np.testing.assert_array_equal(np.concatenate([p.rigs.attempts for p in ordered]), whole.rigs.attempts)
        total = sum((p.acceptance for p in ordered[1:]), ordered[0].acceptance)
        assert total == whole.acceptance
    assert [rig.flags for rig in whole.rigs] == [rig.flags for p in ordered for rig in p.rigs]


def test_draws_are_bounded_and_all_counted():
    rules = _rules("aim_out_of_picture", attempts=3)
    sampled = _sample(rules, 50)
    counts, attempts = sampled.acceptance, sampled.rigs.attempts
    assert attempts.max() == 2
    assert counts.proposed.total() == 500 + (attempts > 0).sum() + (attempts > 1).sum()
    assert (
        counts.proposed.total() == counts.accepted.total() + counts.rejected.total() + counts.unsound.total()
    )
    assert counts.accepted.total() + counts.unsound.total() == 500
    assert counts.unsound["tilt", "aim_out_of_picture"] > 0 and counts.accepted["static"] == 50
    left = sampled.rigs.verdicts.any_of(("aim_out_of_picture",)).sum()
    assert left == counts.unsound.total()
    flagged = sum("aim_out_of_picture" in of_camera for rig in sampled.rigs for of_camera in rig.flags)
    assert flagged == left, "what stays although rejected says so"
    line = next(line for line in counts.lines() if line.startswith("tilt"))
    assert "draws stand" in line and re.search(r"after the last draw \d+ still aim_out_of_picture", line)


def test_rejecting_more_never_accepts_more():
    shares = []
    for speed in (8.0, 4.0, 2.0, 1.0):
        counts = _sample(_rules("too_fast", speed_m_per_s=speed, attempts=4), 40).acceptance
        shares.append(counts.accepted.total() / counts.proposed.total())
    assert shares == sorted(shares, reverse=True) and shares[-1] < shares[0]


def test_other_checks_plug_in():
    def wall(paths: Paths, limits: Limits) -> Iterator[Measured]:
        east_m = paths.poses.position_m[..., 0]
        yield Measured(reason="engine:behind_wall", values=east_m, lowest=0.0, is_of_start=True)

    assert judge(_path(np.zeros((1, 3)), _AHEAD[None]), Limits(), (wall,)).reasons == ("engine:behind_wall",)
    rules = _rules("engine:behind_wall", attempts=40)
    rigs = _sample(rules, 20, checks=(*PATH_CHECKS, wall)).rigs
    assert (rigs.poses.position_m[..., 0] >= 0).all()


def test_limits_travel_in_the_rules_table():
    rules = rules_from({"validity": {"reject": ["too_close"], "distance_m": 1.0}}, "batch.toml: rig")
    assert rules.validity == Limits(reject=("too_close",), distance_m=1.0)
    assert rules_from(rules_table(rules), "again") == rules
    assert rules.validity.policy("too_close") == "reject" and rules.validity.policy("too_fast") == "warn"
    assert Limits(warn=()).policy("too_fast") == "off"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"reject": ["too_near"]}, "rig: validity.reject: unknown reason 'too_near'"),
        ({"speed_m_per_s": -1.0}, "rig: validity.speed_m_per_s: -1 is no threshold"),
        ({"attempts": 0}, "rig: validity.attempts: 0 attempts"),
        ({"subject_scale": [1.0, 0.5]}, "rig: validity.subject_scale: 1..0.5 is empty"),
        ({"speed": 3.0}, "rig: validity.speed: unknown key"),
    ],
)
def test_impossible_limits_are_refused(table: dict, says: str):
    with pytest.raises(InputError) as refusal:
        rules_from({"validity": table}, "rig")
    assert str(refusal.value).startswith(says)


def test_weights_are_the_shares_of_motions():
    changes = {"slot_layout": "iid", "weights": {"pan": 1.0, "arc": 3.0}}
    rules = rules_from(changes, "rig")
    batch = sample_rigs(rules, np.zeros((300, 3)), seed=1, frames=1)
    kinds = [list(MOTIONS)[kind] for kind in batch.moves.kind]
    assert set(kinds) == {"pan", "arc"}
    assert kinds.count("arc") / len(kinds) == pytest.approx(0.75, abs=0.03)
    assert rules_from(rules_table(rules), "again") == rules
    for bad, says in [
        ({**changes, "slot_layout": "stratified"}, "stratified slots have no weights"),
        ({**changes, "weights": {"swirl": 1.0}}, "unknown slot 'swirl'"),
        ({**changes, "weights": {"pan": -1.0}}, "weights that cannot be drawn from"),
        ({**changes, "weights": {"pan": 0.0}}, "weights that cannot be drawn from"),
    ]:
        with pytest.raises(InputError, match=says):
            rules_from(bad, "rig")
