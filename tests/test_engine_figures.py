"""Figures: kinematics as laws, and joints where the pictures show them."""

import numpy as np
import pytest
from engine_child import Engine, picture, running

from datagen.engine.content.animations import ANIMATIONS
from datagen.engine.content.characters import CHARACTERS, bone_parts
from datagen.engine.content.skeleton import BONES, PARENTS, JointTurn, actor_from_bones, subtree

EVERY = [(character, animation) for character in CHARACTERS for animation in ANIMATIONS]


@pytest.fixture(scope="module", params=["lit", "fast"])
def engine(request: pytest.FixtureRequest):
    with running(request.param) as engine:
        yield engine


def joints_cm(character: str, animation: str, times_s: np.ndarray) -> dict[str, np.ndarray]:
    """Joint places in the actor's frame over time, frames x 3."""
    proportions, clip = CHARACTERS[character].proportions, ANIMATIONS[animation]
    poses = [actor_from_bones(proportions, clip.at(float(time), True)) for time in times_s]
    return {bone: np.array([pose[bone][3, :3] for pose in poses]) for bone in BONES}


@pytest.mark.parametrize(("character", "animation"), EVERY)
def test_bones_are_rigid_and_limbs_move(character: str, animation: str):
    duration_s = ANIMATIONS[animation].duration_s
    joints = joints_cm(character, animation, np.linspace(0, duration_s, 49))
    for bone, parent in PARENTS.items():
        if parent not in (None, "root"):
            lengths = np.linalg.norm(joints[bone] - joints[parent], axis=1)
            assert np.ptp(lengths) < 1e-9
    assert np.ptp(joints["hand_r"], axis=0).max() > 10
    assert np.allclose(joints["head"][0], joints["head"][-1]), "the clip loops"
    steps = np.linalg.norm(np.diff(joints["hand_r"], axis=0), axis=1)
    assert steps.max() < 25, "no jump between frames"


@pytest.mark.parametrize(("character", "animation"), EVERY)
def test_feet_neither_sink_nor_float(character: str, animation: str):
    figure, clip = CHARACTERS[character], ANIMATIONS[animation]
    shoes = {
        bone: np.concatenate([part.mesh.positions for part in bone_parts(figure)[bone]])
        for bone in ("foot_l", "foot_r")
    }
    for time_s in np.linspace(0, clip.duration_s, 17):
        bones = actor_from_bones(figure.proportions, clip.at(float(time_s), True))
        lowest = min(
            float((points @ bones[bone][:3, :3] + bones[bone][3, :3])[:, 2].min())
            for bone, points in shoes.items()
        )
        hop_cm = clip.at(float(time_s), True).hop_cm
        assert -3.0 < lowest - hop_cm < 3.0


@pytest.mark.parametrize("character", list(CHARACTERS))
def test_walking_legs_are_in_antiphase_and_arms_against_them(character: str):
    times_s = np.linspace(0, 1, 40, endpoint=False)
    joints = joints_cm(character, "Walk", times_s)
    ahead = {name: joints[name][:, 0] - joints["pelvis"][:, 0] for name in ("foot_l", "foot_r", "hand_l")}
    assert np.ptp(ahead["foot_l"]) > 40
    assert np.allclose(ahead["foot_l"], np.roll(ahead["foot_r"], 20), atol=3.0)
    assert np.corrcoef(ahead["foot_l"], ahead["foot_r"])[0, 1] < -0.7
    assert np.corrcoef(ahead["foot_l"], ahead["hand_l"])[0, 1] < -0.5


def test_a_turn_says_what_it_does():
    down = np.array([0.0, 0.0, -1.0])
    assert np.allclose(down @ JointTurn(flex=90).rows(), [1, 0, 0], atol=1e-12)
    assert np.allclose(down @ JointTurn(spread=90).rows(), [0, 1, 0], atol=1e-12)
    assert np.allclose(np.array([1.0, 0, 0]) @ JointTurn(twist=90).rows(), [0, 1, 0], atol=1e-12)


def test_joints_follow_actor_and_time(engine: Engine):
    engine.level("Street")
    engine.figure("Hero", "Ada", "Walk")
    bones = [
        engine.call("Hero", "GetBoneName", BoneIndex=i)["ReturnValue"]
        for i in range(engine.call("Hero", "GetNumBones")["ReturnValue"])
    ]
    assert tuple(bones) == BONES
    rest = engine.joint("Hero", "hand_r")
    engine.done("vset /object/Hero/location 100 -50 0", "vset /object/Hero/rotation 0 90 0")
    moved = engine.joint("Hero", "hand_r")
    assert np.allclose(moved, [100 - rest[1], -50 + rest[0], rest[2]], atol=1e-6)
    engine.call("Hero", "SetPosition", InPos=0.25, bFireNotifies=False)
    later = engine.joint("Hero", "hand_r")
    assert np.linalg.norm(later - moved) > 10
    assert engine.call("Hero", "GetPosition")["ReturnValue"] == 0.25
    engine.call("Hero", "SetPosition", InPos=1.25, bFireNotifies=False)
    assert np.allclose(engine.joint("Hero", "hand_r"), later), "a looping clip wraps"
    engine.call("Hero", "PlayAnimation", NewAnimToPlay="/Game/Animations/Walk.Walk", bLooping=True)
    assert np.allclose(engine.joint("Hero", "hand_r"), moved), "a clip starts at its beginning"


@pytest.mark.parametrize("bone", ["head", "hand_r", "hand_l", "foot_l", "lowerarm_r"])
def test_a_joint_is_where_the_picture_shows_it(engine: Engine, bone: str):
    """What vanishes with a hidden bone fills the projection of its skin, hung on the reported joint."""
    engine.level("Street")
    engine.figure("Hero", "Bruno", "Wave")
    engine.call("Hero", "SetPosition", InPos=0.35, bFireNotifies=False)
    width, height, location = 400, 300, np.array([420.0, 30.0, 110.0])
    engine.done(
        f"vset /camera/0/size {width} {height}", "vset /camera/0/fov 60", "vset /camera/0/rotation 0 180 0"
    )
    engine.done(f"vset /camera/0/location {' '.join(map(str, location))}")
    whole = picture(engine.ask("vget /camera/0/object_mask bmp")[0])
    engine.call("Hero", "HideBoneByName", BoneName=bone, PhysBodyOption="PBO_None")
    without = picture(engine.ask("vget /camera/0/object_mask bmp")[0])
    rows, columns = np.nonzero((whole != without).any(axis=-1))
    figure, pose = CHARACTERS["Bruno"], ANIMATIONS["Wave"].at(0.35, True)
    bones = actor_from_bones(figure.proportions, pose)
    assert np.allclose(engine.joint("Hero", bone), bones[bone][3, :3])
    family = subtree(bone)
    skin = np.concatenate(
        [
            p.mesh.positions @ bones[b][:3, :3] + engine.joint("Hero", b)
            for b in family
            for p in bone_parts(figure)[b]
        ]
    )
    # The camera looks along -X, so UE's -Y is to its right.
    focal_px = width / 2 / np.tan(np.radians(30))
    x, y, z = -(skin[:, 1] - location[1]), -(skin[:, 2] - location[2]), -(skin[:, 0] - location[0])
    u, v = width / 2 + focal_px * x / z, height / 2 + focal_px * y / z
    assert columns.min() > u.min() - 1 and columns.max() + 1 < u.max() + 1
    assert rows.min() > v.min() - 1 and rows.max() + 1 < v.max() + 1
    far_sides = [
        abs(columns.min() - u.min()),
        abs(columns.max() + 1 - u.max()),
        abs(rows.min() - v.min()),
        abs(rows.max() + 1 - v.max()),
    ]
    assert sum(side < 1.0 for side in far_sides) >= 2, far_sides
    engine.call("Hero", "UnHideBoneByName", BoneName=bone)
    assert (picture(engine.ask("vget /camera/0/object_mask bmp")[0]) == whole).all()
