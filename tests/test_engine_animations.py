"""Laws of all animations, for bodies of many shapes: feet, ground, joints, limbs, smoothness, catalog."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from animated_bodies import BODIES, Motion, capsules, depth_cm, motion

from datagen.batch import SceneChoice
from datagen.catalog import load_catalog
from datagen.engine.content.animations.catalog import ANIMATIONS, REST, SUPPORTS
from datagen.engine.content.animations.errands import ERRANDS
from datagen.engine.content.animations.walks import WALKS
from datagen.engine.content.characters.catalog import CHARACTERS
from datagen.engine.content.characters.skeleton import SIDES, actor_from_bones

# Of the head's joint, in the reference pose.
CROWN_CM = (0.0, 0.0, 20.5)
ARM, LEG, TRUNK = ("upperarm", "lowerarm", "hand"), ("thigh", "calf", "foot"), ("hips", "waist", "chest")
# Skin and clothes give way: arms lie on the trunk, hands on what they touch, sitting flattens thighs.
SOFT_CM, TOUCH_CM = 3.0, 4.0


@cache
def moved(animation: str, body: str) -> Motion:
    """Return an animation of a body; the first body is looked at more closely."""
    return motion(animation, body, 14 if body == "Ada" else 4)


def every_motion():
    """Return every animation of every body."""
    return [(f"{animation}, {body}", moved(animation, body)) for animation in ANIMATIONS for body in BODIES]


def test_there_are_a_hundred_animations_and_each_is_in_the_catalog():
    catalog = load_catalog(SceneChoice(), folder=Path()).animations
    assert len(ANIMATIONS) == 100
    assert {item.asset for item in catalog} == {f"/Game/Animations/{name}.{name}" for name in ANIMATIONS}
    for item in catalog:
        clip = ANIMATIONS[item.asset.rsplit(".")[-1]]
        assert (item.duration_s, item.speed_m_per_s) == (clip.duration_s, clip.speed_m_per_s)
    assert len({item.caption for item in catalog}) > 95


def test_heights_in_the_catalog_are_those_of_the_heads():
    for item in load_catalog(SceneChoice(), folder=Path()).animations:
        name, shares = item.asset.rsplit(".")[-1], []
        for body in CHARACTERS.keys() & BODIES:
            standing_cm = crown_cm(actor_from_bones(BODIES[body], REST)["head"])
            one = moved(name, body)
            shares.append(one.points_cm("head", CROWN_CM)[:: 4 if body == "Ada" else 1, 0, 2] / standing_cm)
        told = item.height_shares_at(item.duration_s * np.arange(4) / 4)
        assert np.abs(told - np.mean(shares, axis=0)).max() < 0.1, item.name


def crown_cm(actor_from_head: np.ndarray) -> float:
    """Return the height of the top of the head."""
    return float((np.array(CROWN_CM) @ actor_from_head[:3, :3] + actor_from_head[3, :3])[2])


@pytest.mark.parametrize("body", BODIES)
def test_poses_are_those_of_the_engine(body: str):
    one = moved("Dance", body)
    for index, pose in enumerate(one.poses):
        for bone, matrix in actor_from_bones(one.body, pose).items():
            assert np.allclose(matrix[:3, :3], one.rows[bone][index])
            assert np.allclose(matrix[3, :3], one.at_cm[bone][index])


def test_standing_feet_do_not_slide():
    """A corner of a sole on the ground stays there, while the actor goes ahead by the speed of the clip."""
    for name in ANIMATIONS:
        # Between two phases that are compared, no foot may make a whole step.
        one = motion(name, "Ada", 40) if name.startswith("Turn") else moved(name, "Ada")
        assert slide_cm(one) < 1.0, name


@pytest.mark.parametrize("body", ["child", "short legs"])
def test_feet_of_gaits_do_not_slide(body: str):
    for name in (*WALKS, *ERRANDS):
        assert slide_cm(motion(name, body, 30)) < 1.0, name


def slide_cm(one: Motion) -> float:
    """Return the longest way of a sole's corner while it is on the ground."""
    longest = 0.0
    for side in SIDES:
        soles = one.soles_cm(side)
        world = soles[..., :2] + np.stack([one.ahead_cm, 0 * one.ahead_cm], axis=1)[:, None]
        start = world[0].copy()
        was_on = np.zeros(4, dtype=bool)
        for corners, heights in zip(world, soles[..., 2], strict=True):
            is_on = heights < 0.25
            start = np.where((is_on & was_on)[:, None], start, corners)
            longest = max(longest, float((np.linalg.norm(corners - start, axis=1) * is_on).max()))
            was_on = is_on
    return longest


def test_nothing_is_below_the_ground():
    for name, one in every_motion():
        # Feet of a sitting body may lie on their sides.
        stands = name.partition(",")[0] not in SUPPORTS
        assert not stands or min(pose.hop_cm for pose in one.poses) > -0.4, name
        for part, (start, end, radius_cm) in capsules(one).items():
            lowest = min(start[:, 2].min(), end[:, 2].min()) - radius_cm
            assert part.startswith("foot") or lowest > -SOFT_CM, f"{name}: {part} at {lowest:.1f} cm"


def test_elbows_and_knees_are_hinges_that_bend_one_way():
    for name, one in every_motion():
        for pose in one.poses:
            for side in SIDES:
                elbow, knee = pose.turns[f"lowerarm_{side}"], pose.turns[f"calf_{side}"]
                assert 0 <= elbow.flex < 155 and -155 < knee.flex <= 0, name
                assert elbow.spread == elbow.twist == knee.spread == knee.twist == 0, name


def test_limbs_do_not_pass_through_the_body():
    arms = [
        (f"{arm}_{side}", part) for arm in ARM for side in SIDES for part in (*TRUNK, *both_sides(LEG[:2]))
    ]
    head = [(f"{arm}_{side}", "head") for arm in ARM[1:] for side in SIDES]
    legs = [(f"{one}_l", f"{other}_r") for one in LEG for other in LEG]
    across = [("lowerarm_l", "lowerarm_r")]
    for name, one in every_motion():
        shapes = capsules(one)
        for first, second in (*arms, *head, *legs, *across):
            deepest = depth_cm(shapes[first], shapes[second]).max()
            limit_cm = TOUCH_CM if "hand" in first or first == "lowerarm_l" else SOFT_CM
            assert deepest < limit_cm, f"{name}: {first} is {deepest:.1f} cm in {second}"


def both_sides(parts: tuple[str, ...]) -> list[str]:
    """Return the names of limbs of both sides."""
    return [f"{part}_{side}" for part in parts for side in SIDES]


@pytest.mark.parametrize("animation", ANIMATIONS)
def test_poses_and_their_speed_are_continuous_over_the_loop(animation: str):
    one = moved(animation, "Ada")
    step_s = float(one.times_s[1])
    for bone in ("head", "hand_l", "hand_r", "foot_l", "foot_r", "calf_l", "calf_r"):
        places_m = one.points_cm(bone, (0.0, 0.0, -8.0))[:, 0] / 100
        speed = (np.roll(places_m, -1, axis=0) - places_m) / step_s
        assert np.linalg.norm(speed, axis=1).max() < 12, bone
        # A kink or a jump would be a multiple of what muscles do.
        change = np.linalg.norm(speed - np.roll(speed, 1, axis=0), axis=1).max()
        assert change < 3.0 + 60 * step_s, f"{bone}: {change:.1f} m/s in {step_s:.3f} s"


@pytest.mark.parametrize("animation", ["Walk", "Jump", "TurnLeft"])
def test_a_clip_wraps_if_it_loops_and_stops_if_not(animation: str):
    clip, body = ANIMATIONS[animation], BODIES["Ada"]
    length_s = clip.duration_s
    first, wrapped = (
        actor_from_bones(body, clip.at(rounds * length_s, True, body)) for rounds in (0.25, 1.25)
    )
    assert all(np.allclose(first[bone], wrapped[bone]) for bone in first)
    assert clip.at(9 * length_s, False, body) == clip.at(length_s, False, body)
    start, end = (actor_from_bones(body, clip.at(time_s, True, body)) for time_s in (0.0, length_s - 1e-6))
    assert all(np.allclose(start[bone], end[bone], atol=1e-2) for bone in start)
