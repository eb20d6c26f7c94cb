"""Only rejected cameras are sampled again, all paths are counted, and nothing depends on the batch."""

import re
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from trajectories import ClipTable, clip_table_bytes, read_clips
from trajectories.sampling import (
    KINDS,
    PATH_CHECKS,
    PRESETS,
    REASONS,
    Acceptance,
    Limits,
    Paths,
    RigBatch,
    Rules,
    Shot,
    check_paths,
    clips_of_rigs,
    sample_checked_rigs,
    sample_rigs,
)

_PAPER = PRESETS["paper"]
# As long as 81 frames at 15 frames per second.
_SHOT = Shot(frames=21, fps=3.75)
_REJECT = ("below_ground", "too_close", "too_fast", "turns_too_fast")
_SUBJECT_M = np.array([[0.0, 0.0, 1.1]])


def _rules(*reject: str, **limits: float) -> Rules:
    return replace(_PAPER, validity=Limits(reject=reject, **limits))


def _sample(rules: Rules, rigs: int, first_rig: int = 0) -> RigBatch:
    subjects_m = _SUBJECT_M.repeat(rigs, axis=0)
    return sample_checked_rigs(rules, subjects_m, shot=_SHOT, seed=3, first_rig=first_rig)


def _poses(batch: RigBatch) -> np.ndarray:
    return batch.poses.world_from_camera


def _clips(batch: RigBatch) -> ClipTable:
    return clips_of_rigs(batch, takes=[f"take{i}" for i in range(len(batch))], shot=_SHOT)


def test_without_rejection_the_paths_are_those_of_unchecked_rigs() -> None:
    plain = sample_rigs(_PAPER, _SUBJECT_M.repeat(40, axis=0), seed=3, frames=21)
    warned, off = _sample(_PAPER, 40), _sample(replace(_PAPER, validity=Limits(warn=())), 40)
    np.testing.assert_array_equal(_poses(warned), _poses(plain))
    np.testing.assert_array_equal(_poses(off), _poses(plain))
    for batch in (warned, off, plain):
        assert not batch.attempts.any() and (batch.proposals == 1).all() and not batch.rejections.any()
    flags = {flag for flags in _clips(warned)["flags"] for flag in flags}
    assert {"below_ground", "aim_out_of_image"} <= flags <= set(REASONS)
    assert set(_clips(off)["flags"]) == set(_clips(plain)["flags"]) == {()}
    counts = warned.acceptance()
    assert counts.proposed == counts.accepted and counts.proposed.total() == 400
    one = _clips(_sample(replace(_PAPER, validity=Limits(warn=("too_close",))), 40))
    assert {flag for flags in one["flags"] for flag in flags} == {"too_close"}


def test_only_rejected_cameras_are_sampled_again() -> None:
    first = _sample(replace(_PAPER, validity=Limits(warn=_REJECT, distance_m=2.0)), 60)
    kept = _sample(_rules(*_REJECT, attempts=200, distance_m=2.0), 60)
    broken = first.verdicts.any_of(_REJECT)
    has_rejected_start = first.verdicts.any_of(_REJECT, at_start=True).any(axis=1)
    assert broken.any() and has_rejected_start.any() and not has_rejected_start.all()
    again = kept.attempts > 0
    np.testing.assert_array_equal(again, broken | has_rejected_start[:, None])
    np.testing.assert_array_equal(_poses(kept)[~again], _poses(first)[~again])
    assert (_poses(kept)[again] != _poses(first)[again]).any(axis=(1, 2, 3)).all()
    # The start, the motion and the speed class of such a camera stay.
    same = ~has_rejected_start
    np.testing.assert_array_equal(_poses(kept)[same, :, 0], _poses(first)[same, :, 0])
    np.testing.assert_array_equal(kept.moves.kind, first.moves.kind)
    is_constant = (kept.moves.speed_a == 0).reshape(60, 10)
    np.testing.assert_array_equal(is_constant[same], (first.moves.speed_a == 0).reshape(60, 10)[same])
    assert not kept.verdicts.any_of(_REJECT).any() and not kept.acceptance().kept_invalid


def test_a_rejected_shared_start_samples_the_entire_rig_again() -> None:
    rules = replace(_rules("too_close", distance_m=3.0, attempts=50), slots=("static", "pan"))
    batch = _sample(rules, 80)
    assert (batch.attempts[:, 0] == batch.attempts[:, 1]).all() and batch.attempts.max() > 0
    np.testing.assert_array_equal(_poses(batch)[:, 0, 0], _poses(batch)[:, 1, 0])
    apart = _sample(replace(rules, layout="independent"), 80)
    assert (apart.attempts[:, 0] != apart.attempts[:, 1]).any(), (
        "each independent camera has its own attempts"
    )


def test_the_first_valid_attempt_is_kept() -> None:
    rules = replace(_rules("too_close", distance_m=3.0, attempts=50), slots=("static", "pan"))
    batch = _sample(rules, 80)
    attempts = [
        sample_rigs(rules, batch.subjects_m, seed=3, frames=21, attempt=attempt)
        for attempt in range(batch.attempts.max() + 1)
    ]
    start_m = np.array([[one.poses.position_m[:, 0, 0]] for one in attempts])[:, 0]
    # Actors stand upright: the nearest point of one is at the height of the camera, or its head.
    away_m = start_m - _SUBJECT_M
    head_m = (1 - rules.aim_fraction) * _SHOT.subject_height_m
    away_m[..., 2] = np.maximum(away_m[..., 2] - head_m, 0.0)
    is_valid = np.linalg.norm(away_m, axis=-1) >= 3.0
    first_valid = is_valid.argmax(axis=0)
    np.testing.assert_array_equal(batch.attempts[:, 0], first_valid)
    for index, attempt in enumerate(first_valid.tolist()):
        np.testing.assert_array_equal(_poses(batch)[index], _poses(attempts[attempt])[index])
    (rejections,) = batch.rejections[[batch.verdicts.reasons.index("too_close")]]
    np.testing.assert_array_equal(rejections, np.stack([first_valid] * 2, axis=1))


@pytest.mark.parametrize("layout", ["shared", "mixed"])
def test_slices_and_their_order_never_change_a_rig(layout: str) -> None:
    rules = replace(_rules(*_REJECT, attempts=6), layout=layout)
    complete = _sample(rules, 30)
    for size in (1, 7):
        starts = range(0, 30, size)
        parts = {low: _sample(rules, min(size, 30 - low), first_rig=low) for low in reversed(starts)}
        ordered = [parts[low] for low in starts]
        np.testing.assert_array_equal(np.concatenate([_poses(part) for part in ordered]), _poses(complete))
        for name, axis in (("attempts", 0), ("proposals", 0), ("rejections", 1)):
            joined = np.concatenate([getattr(part, name) for part in ordered], axis=axis)
            np.testing.assert_array_equal(joined, getattr(complete, name))
        assert sum((part.acceptance() for part in ordered), Acceptance()) == complete.acceptance()
        flags = np.concatenate([_clips(part)["flags"] for part in ordered])
        assert flags.tolist() == _clips(complete)["flags"].tolist()


_COUNTED = {
    "one reason": _rules("aim_out_of_image", attempts=3),
    "paths only": _rules("too_fast", "turns_too_fast", speed_m_per_s=1.0, attempts=4),
    "shared starts": _rules(*_REJECT, attempts=3),
    "independent": replace(_rules(*_REJECT, attempts=3), layout="independent"),
    "mixed slots": replace(
        _rules("too_close", "too_fast", distance_m=3.0, attempts=4), slot_layout="iid", layout="mixed"
    ),
    "nothing rejected": _PAPER,
}


@pytest.mark.parametrize("name", _COUNTED)
def test_all_counts_agree(name: str) -> None:
    batch = _sample(_COUNTED[name], 50)
    reject, reasons = batch.rules.validity.reject, batch.verdicts.reasons
    is_invalid = batch.verdicts.any_of(reject)
    # Every attempt up to the last gave one path.
    np.testing.assert_array_equal(batch.proposals, batch.attempts + 1)
    assert batch.proposals.max() == (batch.rules.validity.attempts if reject else 1)
    assert (batch.attempts[is_invalid] == batch.rules.validity.attempts - 1).all(), "given up after the last"
    # A rejected path has a reason, or another camera of its rig rejected their shared start.
    assert (batch.rejections <= batch.proposals - 1).all()
    assert not batch.rejections[[reason not in reject for reason in reasons]].any()
    assert (batch.rejections.any(axis=0) <= (batch.proposals > 1)).all()
    counts = batch.acceptance()
    rejected_paths, kept_invalid = (batch.proposals - 1).sum(), is_invalid.sum()
    assert counts.proposed.total() == counts.accepted.total() + rejected_paths + kept_invalid
    assert counts.accepted.total() + kept_invalid == 500
    if len(reject) == 1:
        assert counts.kept_invalid.total() == kept_invalid > 0
    assert counts.rejected.total() == batch.rejections.sum()
    assert bool(reject) == bool(counts.rejected)


@pytest.mark.parametrize("name", _COUNTED)
def test_the_columns_of_the_clip_table_have_the_same_counts(name: str) -> None:
    batch = _sample(_COUNTED[name], 50)
    reject = batch.rules.validity.reject
    clips = read_clips(clip_table_bytes(_clips(batch)))
    np.testing.assert_array_equal(clips["attempt"], batch.attempts.ravel())
    np.testing.assert_array_equal(clips["proposals"], batch.proposals.ravel())
    np.testing.assert_array_equal(clips["radius_limit_m"], batch.parameters.radius_limit_m.repeat(10))
    for camera, (rejected_for, flags) in enumerate(zip(clips["rejected_for"], clips["flags"], strict=True)):
        rig, slot = divmod(camera, 10)
        of_reason = dict(zip(batch.verdicts.reasons, batch.rejections[:, rig, slot].tolist(), strict=True))
        assert Counter(rejected_for) == Counter(of_reason)
        broken = batch.verdicts.is_broken[:, rig, slot]
        assert flags == tuple(r for r, is_hit in zip(batch.verdicts.reasons, broken, strict=True) if is_hit)
    counted = Acceptance()
    for row in clips:
        counted.proposed[row.motion] += row.proposals
        counted.accepted[row.motion] += set(row.flags).isdisjoint(reject)
        counted.rejected.update((row.motion, reason) for reason in row.rejected_for)
        counted.kept_invalid.update((row.motion, reason) for reason in row.flags if reason in reject)
    found = batch.acceptance()
    if batch.rules.slot_layout == "iid":
        # A rig with a new start has new motions; the columns only know those that were kept.
        counted, found = _over_motions(counted), _over_motions(found)
    # Adding removes zeros.
    assert counted + Acceptance() == found + Acceptance()


def _over_motions(counts: Acceptance) -> Acceptance:
    """The counts without motions."""
    total = Acceptance()
    for name in ("proposed", "accepted"):
        getattr(total, name)["any"] = getattr(counts, name).total()
    for name in ("rejected", "kept_invalid"):
        for (_, reason), n in getattr(counts, name).items():
            getattr(total, name)["any", reason] += n
    return total


def test_rejected_paths_are_counted_by_their_own_motion() -> None:
    limits = Limits(reject=("below_ground", "too_close"), distance_m=3.0, attempts=2)
    rules = replace(PRESETS["toy"], validity=limits, radius_m=(2.0, 5.0))
    batch = _sample(rules, 60)
    first = sample_rigs(rules, batch.subjects_m, seed=3, frames=21).moves.kind
    is_second = batch.attempts.ravel() == 1
    assert (first != batch.moves.kind)[is_second].any()
    proposed = np.concatenate([first, batch.moves.kind[is_second]])
    assert batch.acceptance().proposed == Counter(np.array(KINDS)[proposed].tolist())


def test_refusals_are_the_verdicts_of_the_rejected_paths() -> None:
    rules = replace(_rules("below_ground", "too_close", distance_m=4.0, attempts=6), slots=("static",))
    batch = _sample(rules, 60)
    expected = np.zeros_like(batch.rejections)
    for attempt in range(batch.attempts.max() + 1):
        proposal = sample_rigs(rules, batch.subjects_m, seed=3, frames=21, attempt=attempt)
        lens = rules.lenses[0].intrinsics(1280, 1280).numbers
        paths = Paths(
            poses=proposal.poses,
            subjects=proposal.subjects,
            intrinsics=np.repeat(lens[None], 60, axis=0),
            fps=_SHOT.fps,
        )
        is_rejected = batch.attempts > attempt
        expected += check_paths(paths, rules.validity, PATH_CHECKS).is_broken & is_rejected
    rejected = [reason in rules.validity.reject for reason in batch.verdicts.reasons]
    assert sum(rejected) == 2 and expected[rejected].any()
    np.testing.assert_array_equal(batch.rejections[rejected], expected[rejected])


def test_counts_are_printed_by_motion() -> None:
    counts = _sample(_COUNTED["one reason"], 50).acceptance()
    lines = counts.lines()
    assert [line.partition(":")[0] for line in lines] == [kind for kind in KINDS if kind in _PAPER.slots]
    assert "static: 50 of 50 paths accepted (100.0%)" in lines
    (tilt,) = [line for line in lines if line.startswith("tilt")]
    found = re.fullmatch(
        r"tilt: (\d+) of (\d+) paths accepted \((\d+\.\d)%\); "
        r"sampled again: aim_out_of_image (\d+); kept invalid: aim_out_of_image (\d+)",
        tilt,
    )
    assert found
    accepted, proposed, rejected, kept = (int(found[i]) for i in (1, 2, 4, 5))
    assert proposed == accepted + rejected + kept == counts.proposed["tilt"] and kept > 0
    assert float(found[3]) == pytest.approx(100 * accepted / proposed, abs=0.05)


def test_tighter_limits_never_accept_more() -> None:
    shares = []
    for speed in (8.0, 4.0, 2.0, 1.0):
        counts = _sample(_rules("too_fast", speed_m_per_s=speed, attempts=4), 40).acceptance()
        shares.append(counts.accepted.total() / counts.proposed.total())
    assert all(more >= less for more, less in pairwise(shares)) and shares[-1] < shares[0]


def test_accepted_rigs_do_not_depend_on_further_attempts() -> None:
    few, many = (_sample(_rules(*_REJECT, attempts=attempts), 60) for attempts in (2, 8))
    is_accepted = ~few.verdicts.any_of(_REJECT).any(axis=1)
    assert is_accepted.any() and not is_accepted.all()
    np.testing.assert_array_equal(_poses(few)[is_accepted], _poses(many)[is_accepted])
    assert (many.proposals >= few.proposals).all()
