"""Characters: properties of the kinematics, and joints at the positions that images show."""

import numpy as np
import pytest
from engine_child import Engine, running

from datagen.engine.content.animations import ANIMATIONS
from datagen.engine.content.characters import CHARACTERS, bone_parts
from datagen.engine.content.meshes import bounds_cm, transformed
from datagen.engine.content.skeleton import BONES, PARENTS, JointTurn, actor_from_bones, subtree

# All animations: see test_engine_animations.py.
CHARACTERS_AND_ANIMATIONS = [
    (character, animation) for character in CHARACTERS for animation in ("Walk", "Wave", "Dance")
]


@pytest.fixture(scope="module", params=["lit", "fast"])
def engine(request: pytest.FixtureRequest):
    with running(request.param) as engine:
        yield engine


def joints_cm(character: str, animation: str, times_s: np.ndarray) -> dict[str, np.ndarray]:
    """Return joint positions in the actor's frame over time, frames x 3."""
    proportions, clip = CHARACTERS[character].proportions, ANIMATIONS[animation]
    poses = [actor_from_bones(proportions, clip.at(float(time), True, proportions)) for time in times_s]
    return {bone: np.array([pose[bone][3, :3] for pose in poses]) for bone in BONES}


@pytest.mark.parametrize(("character", "animation"), CHARACTERS_AND_ANIMATIONS)
def test_bones_are_rigid_and_limbs_move(character: str, animation: str):
    duration_s = ANIMATIONS[animation].duration_s
    joints = joints_cm(character, animation, np.linspace(0, duration_s, 49))
    for bone, parent in PARENTS.items():
        if parent not in (None, "root"):
            lengths = np.linalg.norm(joints[bone] - joints[parent], axis=1)
            assert np.ptp(lengths) < 1e-9
    assert np.ptp(joints["hand_r"], axis=0).max() > 10
    assert np.allclose(joints["head"][0], joints["head"][-1]), "the clip must loop"
    steps = np.linalg.norm(np.diff(joints["hand_r"], axis=0), axis=1)
    assert steps.max() < 25, "the hand must not jump between frames"


@pytest.mark.parametrize(("character", "animation"), CHARACTERS_AND_ANIMATIONS)
def test_feet_are_on_the_ground(character: str, animation: str):
    parts, clip = bone_parts(CHARACTERS[character]), ANIMATIONS[animation]
    for time_s in np.linspace(0, clip.duration_s, 17):
        pose = clip.at(float(time_s), True, CHARACTERS[character].proportions)
        bones = actor_from_bones(CHARACTERS[character].proportions, pose)
        feet = [transformed(part.mesh, bones[bone]) for bone in ("foot_l", "foot_r") for part in parts[bone]]
        assert abs(bounds_cm(feet)[0, 2] - pose.hop_cm) < 3.0


@pytest.mark.parametrize("character", list(CHARACTERS))
def test_walking_legs_are_in_antiphase_and_arms_swing_against_them(character: str):
    times_s = np.linspace(0, 1, 40, endpoint=False)
    joints = joints_cm(character, "Walk", times_s)
    ahead = {name: joints[name][:, 0] - joints["pelvis"][:, 0] for name in ("foot_l", "foot_r", "hand_l")}
    assert np.ptp(ahead["foot_l"]) > 40
    assert np.allclose(ahead["foot_l"], np.roll(ahead["foot_r"], 20), atol=3.0)
    assert np.corrcoef(ahead["foot_l"], ahead["foot_r"])[0, 1] < -0.7
    assert np.corrcoef(ahead["foot_l"], ahead["hand_l"])[0, 1] < -0.5


def test_joint_turns_have_the_documented_directions():
    down = np.array([0.0, 0.0, -1.0])
    assert np.allclose(down @ JointTurn(flex=90).rows(), [1, 0, 0], atol=1e-12)
    assert np.allclose(down @ JointTurn(spread=90).rows(), [0, 1, 0], atol=1e-12)
    assert np.allclose(np.array([1.0, 0, 0]) @ JointTurn(twist=90).rows(), [0, 1, 0], atol=1e-12)


def test_joints_follow_actor_and_time(engine: Engine):
    engine.level("Street")
    engine.spawn_character("Hero", "Ada", "Walk")
    bones = [
        engine.call("Hero", "GetBoneName", BoneIndex=i)["ReturnValue"]
        for i in range(engine.call("Hero", "GetNumBones")["ReturnValue"])
    ]
    assert tuple(bones) == BONES
    rest = engine.joint("Hero", "hand_r")
    engine.run("vset /object/Hero/location 100 -50 0", "vset /object/Hero/rotation 0 90 0")
    moved = engine.joint("Hero", "hand_r")
    assert np.allclose(moved, [100 - rest[1], -50 + rest[0], rest[2]], atol=1e-6)
    engine.call("Hero", "SetPosition", InPos=0.25, bFireNotifies=False)
    later = engine.joint("Hero", "hand_r")
    assert np.linalg.norm(later - moved) > 10
    assert engine.call("Hero", "GetPosition")["ReturnValue"] == 0.25
    engine.call("Hero", "SetPosition", InPos=1.25, bFireNotifies=False)
    assert np.allclose(engine.joint("Hero", "hand_r"), later), "a looping clip must wrap"
    engine.call("Hero", "PlayAnimation", NewAnimToPlay="/Game/Animations/Walk.Walk", bLooping=True)
    assert np.allclose(engine.joint("Hero", "hand_r"), moved), "a clip must start at its beginning"


@pytest.mark.parametrize("bone", ["head", "hand_r", "hand_l", "foot_l", "lowerarm_r"])
def test_a_joint_is_where_images_show_it(engine: Engine, bone: str):
    """The pixels that change when a bone is hidden fill the projection of its skin at the reported joints."""
    engine.level("Street")
    engine.spawn_character("Hero", "Bruno", "Wave")
    engine.call("Hero", "SetPosition", InPos=0.35, bFireNotifies=False)
    width, height, location = 400, 300, np.array([420.0, 30.0, 110.0])
    engine.run(f"vset /camera/0/size {width} {height}", "vset /camera/0/fov 60")
    engine.run("vset /camera/0/location 420 30 110", "vset /camera/0/rotation 0 180 0")
    complete = engine.image("object_mask")
    engine.call("Hero", "HideBoneByName", BoneName=bone, PhysBodyOption="PBO_None")
    without = engine.image("object_mask")
    rows, columns = np.nonzero((complete != without).any(axis=-1))
    bruno = CHARACTERS["Bruno"]
    pose = ANIMATIONS["Wave"].at(0.35, True, bruno.proportions)
    bones, parts = actor_from_bones(bruno.proportions, pose), bone_parts(bruno)
    pieces = []
    for name in subtree(bone):
        joint = engine.joint("Hero", name)
        assert np.allclose(joint, bones[name][3, :3])
        pieces += [part.mesh.positions @ bones[name][:3, :3] + joint for part in parts[name]]
    skin = np.concatenate(pieces)
    # The camera looks along -X, so UE's -Y is to its right.
    focal_px = width / 2 / np.tan(np.radians(30))
    x, y, z = -(skin[:, 1] - location[1]), -(skin[:, 2] - location[2]), -(skin[:, 0] - location[0])
    u, v = width / 2 + focal_px * x / z, height / 2 + focal_px * y / z
    # Nothing is outside the projection; other bones may cover some of its four sides.
    low_px = np.array([columns.min() - u.min(), rows.min() - v.min()])
    high_px = np.array([columns.max() + 1 - u.max(), rows.max() + 1 - v.max()])
    assert low_px.min() > -1 and high_px.max() < 1
    assert (low_px < 1).sum() + (high_px > -1).sum() >= 2
    engine.call("Hero", "UnHideBoneByName", BoneName=bone)
    assert (engine.image("object_mask") == complete).all()
