"""The laws of motion: they hold for a sample of the catalog, and each of them finds what breaks it."""

from dataclasses import replace

import numpy as np
import pytest

from datagen.engine.content.animations import motion_check
from datagen.engine.content.animations.catalog import ANIMATIONS, Animation
from datagen.engine.content.animations.motion import motion_at
from datagen.engine.content.animations.motion_check import (
    check_character,
    discontinuities,
    joint_ranges,
    slides,
)
from datagen.engine.content.characters.catalog import CHARACTERS
from datagen.engine.content.characters.skeleton import (
    BONES,
    BodyPose,
    JointTurn,
    Proportions,
    actor_from_bones,
)

ADA = CHARACTERS["Ada"].proportions
# The heaviest, a small child, and a usual one; the rest is for the verb ``catalog check``.
BODIES = ("Pedro", "Timo", "Ada")


@pytest.mark.parametrize(("character", "start"), list(zip(BODIES, range(3), strict=True)))
def test_the_catalog_keeps_the_laws(character: str, start: int):
    found = check_character(character, list(ANIMATIONS)[start::3], phases=4)
    assert [f"{name}: {broken}" for name, broken, _ in found] == []


@pytest.mark.parametrize(
    "animation", np.random.default_rng(4).choice(list(ANIMATIONS), 8, replace=False).tolist()
)
def test_animations_are_continuous(animation: str):
    assert list(discontinuities(ANIMATIONS[animation], ADA)) == []


def test_motion_is_forward_kinematics_at_each_time():
    times_s = np.array([0.0, 0.31, 1.7])
    one = motion_at(ANIMATIONS["Dance"], ADA, times_s)
    for index, pose in enumerate(one.poses):
        expected = actor_from_bones(ADA, pose)
        assert np.allclose(one.actor_from_bones()[index], [expected[bone] for bone in BONES])


def planted(monkeypatch: pytest.MonkeyPatch, change, of: str = "Idle") -> list[str]:
    """What the check says of an animation whose poses are changed."""
    clip = ANIMATIONS[of]

    def pose(time_s: float, body: Proportions) -> BodyPose:
        return change(time_s, clip.pose(time_s, body))

    monkeypatch.setitem(motion_check.ANIMATIONS, "Planted", replace(clip, pose=pose))
    found = [broken for _, broken, _ in check_character("Ada", ["Planted"], phases=6)]
    found += [broken for broken, _ in discontinuities(motion_check.ANIMATIONS["Planted"], ADA)]
    return [broken.what for broken in found]


def turned(pose: BodyPose, **turns: JointTurn) -> BodyPose:
    return replace(pose, turns=dict(pose.turns) | turns)


def test_an_unchanged_clip_has_no_findings(monkeypatch: pytest.MonkeyPatch):
    assert planted(monkeypatch, lambda time_s, pose: pose) == []


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("head jumps or stops at once", lambda t, pose: replace(pose, sway_right_cm=float(t > 1.4) * 0.5)),
        ("head jumps or stops at once", lambda t, pose: replace(pose, sway_ahead_cm=120 * max(0.0, t - 1.4))),
        ("head is too fast", lambda t, pose: replace(pose, sway_right_cm=100 * np.sin(14 * t))),
        ("foot_l slides while it stands", lambda t, pose: replace(pose, sway_ahead_cm=8 * np.sin(1.57 * t))),
        ("should carry the body", lambda t, pose: replace(pose, hop_cm=6.0)),
        ("is below the ground", lambda t, pose: replace(pose, hop_cm=-3.0)),
        ("calf_l has a flex of 20", lambda t, pose: turned(pose, calf_l=JointTurn(flex=20))),
        ("head has a twist of 90", lambda t, pose: turned(pose, head=JointTurn(twist=90))),
        ("hand_r is in ", lambda t, pose: turned(pose, upperarm_r=JointTurn(spread=-22))),
        (
            " is in calf_r",
            lambda t, pose: turned(pose, thigh_r=JointTurn(flex=20, spread=-18), calf_r=JointTurn(flex=-40)),
        ),
    ],
)
def test_each_law_finds_what_breaks_it(monkeypatch: pytest.MonkeyPatch, what: str, change):
    found = planted(monkeypatch, change)
    assert any(what in one for one in found), found


def test_a_snap_at_the_end_of_the_loop_is_found():
    walk = ANIMATIONS["Walk"]
    cut: Animation = replace(walk, duration_s=0.97 * walk.duration_s)
    assert any("jumps" in broken.what for broken, _ in discontinuities(cut, ADA))


def test_a_speed_that_is_not_that_of_the_steps_is_a_slide():
    walk = ANIMATIONS["Walk"]
    times_s = np.arange(24) / 24
    assert list(slides(motion_at(walk, ADA, times_s), walk)) == []
    assert list(joint_ranges(motion_at(walk, ADA, times_s))) == []
    faster = replace(walk, speed_m_per_s=1.15 * walk.speed_m_per_s)
    assert len(list(slides(motion_at(faster, ADA, times_s), faster))) == 2
