"""BVH motion, and motion of files on other bodies."""

from pathlib import Path

import numpy as np
import pytest
from motion_files import BLENDER, as_bvh, walk_bvh
from scipy.spatial.transform import Rotation, Slerp
from user_files import HERO_JOINTS, PREFIX, hero_glb, jump_bvh

from datagen.engine.content.animations.catalog import ANIMATIONS
from datagen.engine.content.animations.feet_check import check_feet
from datagen.engine.content.animations.posed_body import AnimationTime, CatalogBody
from datagen.engine.content.characters.catalog import CHARACTERS
from datagen.engine.content.characters.skeleton import BONES, PARENTS, actor_from_bones
from datagen.engine.imported.bone_names import FoundBones, find_bones, split_name
from datagen.engine.imported.bvh import BvhFile, read_bvh
from datagen.engine.imported.character import FileCharacter
from datagen.engine.imported.clips import bvh_animation, bvh_motion, gltf_animation
from datagen.engine.imported.gltf_animation import clip_of
from datagen.engine.imported.gltf_file import read_gltf
from datagen.engine.imported.gltf_nodes import NodeTree
from multitake.errors import InputError

ADA = CHARACTERS["Ada"].proportions


def read(text: str, folder: Path) -> BvhFile:
    path = folder / "some.bvh"
    path.write_text(text)
    return read_bvh(path, "here")


ORDERS = ("XYZ", "ZXY", "YXZ", "ZYX")
CHAIN = """HIERARCHY
ROOT A
{{
  OFFSET 1 2 3
  CHANNELS 6 Xposition Yposition Zposition {0}rotation {1}rotation {2}rotation
  JOINT B b
  {{
    OFFSET 0.5 -2 1e0
    CHANNELS 3 {2}rotation {1}rotation {0}rotation
    JOINT C
    {{
      OFFSET 0 3 0
      CHANNELS 4 Yposition {1}rotation {0}rotation {2}rotation
      End Site
      {{
        OFFSET 0 1 -1
      }}
    }}
  }}
}}
MOTION
Frames: 4
Frame Time: 0.0416667
"""


@pytest.mark.parametrize("order", ORDERS)
def test_forward_kinematics_equal_scipy(order: str, tmp_path: Path) -> None:
    """In frames, and between them on the shortest way; frame times and channel orders are exact."""
    rng = np.random.default_rng(1)
    values = np.round(rng.uniform(-170, 170, (4, 13)), 4)
    text = CHAIN.format(*order) + "\n".join(" ".join(map(str, row)) for row in values.tolist())
    file = read(text, tmp_path)
    assert file.frame_time_s == 0.0416667 and file.duration_s == 3 * 0.0416667
    assert [joint.name for joint in file.joints] == ["A", "B b", "C", "C end"]
    columns = {"A": (slice(3, 6), order), "B b": (slice(6, 9), order[::-1]), "C": (slice(10, 13), None)}
    turns = {
        name: Rotation.from_euler(axes or f"{order[1]}{order[0]}{order[2]}", values[:, place], degrees=True)
        for name, (place, axes) in columns.items()
    }
    offsets = {"A": values[:, :3], "B b": np.tile([0.5, -2, 1], (4, 1)),
               "C": np.stack([np.zeros(4), values[:, 9], np.zeros(4)], axis=1)}  # fmt: skip
    times_s = np.arange(4) * 0.0416667
    for time_s in [*times_s, 0.013, 0.1, 0.1249]:
        matrix = np.eye(4)
        for joint, name in enumerate(("A", "B b", "C")):
            local = np.eye(4)
            local[:3, :3] = Slerp(times_s, turns[name])(time_s).as_matrix()
            local[:3, 3] = [np.interp(time_s, times_s, column) for column in offsets[name].T]
            matrix = matrix @ local
            assert np.allclose(file.globals(float(time_s))[joint], matrix, atol=1e-6)


@pytest.mark.parametrize("is_spread", [False, True])
@pytest.mark.parametrize("name", ["Wave", "Dance", "Walk"])
def test_a_clip_of_the_engine_survives_bvh(name: str, is_spread: bool, tmp_path: Path) -> None:
    """Through a file with arms that hang or are spread at rest, and back to the body it was made for."""
    clip, fps = ANIMATIONS[name], 10.0
    times_s = np.arange(round(clip.duration_s * fps)) / fps
    poses = [clip.at(float(time_s), True, ADA) for time_s in times_s]
    path = tmp_path / "clip.bvh"
    path.write_text(as_bvh(poses, ADA, fps=fps, is_spread=is_spread))
    motion = bvh_motion(read_bvh(path, "here"), "here", {})
    turned = np.linalg.inv(motion.course.yaw)
    for time_s, pose in zip(times_s.tolist(), poses, strict=True):
        expected = actor_from_bones(ADA, pose)
        found = actor_from_bones(ADA, motion.pose(time_s, ADA))
        for bone in BONES[1:]:
            parent = str(PARENTS[bone])
            if parent != "root":
                way, other = (one[bone][3, :3] - one[parent][3, :3] for one in (expected, found))
                assert np.allclose(other @ turned, way, atol=1e-3), (bone, time_s)
        soles = [min(one[f"foot_{side}"][3, 2] for side in "lr") for one in (expected, found)]
        assert soles[0] == pytest.approx(soles[1], abs=1.5)


@pytest.mark.parametrize("character", ["Timo", "Ada", "Lamar"])
@pytest.mark.parametrize(
    "style",
    [{}, {"axes": BLENDER, "order": "ZYX", "has_all_positions": True}, {"order": "YXZ", "is_spread": True}],
)
def test_planted_feet_stay_where_they_are(style: dict, character: str, tmp_path: Path) -> None:
    """On the shortest, a usual and the tallest body: less than 1 cm in 1/24 s, and at any time."""
    path = tmp_path / "walk.bvh"
    path.write_text(walk_bvh(CHARACTERS["Bruno"].proportions, **style))
    animation = bvh_animation(path, "here", "", {})
    assert animation.speed_m_per_s == pytest.approx(0.9 * 90 / 96, rel=1e-3)
    body, speed = CatalogBody(character), animation.speed_m_per_s
    assert [str(broken) for broken, _ in check_feet(body, animation, speed)] == []
    faster = [broken.what for broken, _ in check_feet(body, animation, 1.4 * speed)]
    assert set(faster) == {"foot_l slides while it stands", "foot_r slides while it stands"}


def test_a_jump_keeps_its_height_and_its_landing(tmp_path: Path) -> None:
    """Feet are on the ground but for the jump, which is scaled with the length of the legs."""
    path = tmp_path / "jump.bvh"
    path.write_text(jump_bvh())
    animation = bvh_animation(path, "here", "", {})
    assert animation.duration_s == pytest.approx(1.0, abs=1e-4) and animation.speed_m_per_s == 0
    for body in (ADA, CHARACTERS["Ines"].proportions):
        leg_cm = float(body.thigh_cm + body.calf_cm + body.ankle_cm)
        hops = [animation.at(t, False, body).hop_cm for t in np.linspace(0, 1, 21)]
        assert max(hops[:6]) < 0.01 and max(hops[-6:]) < 0.01
        assert max(hops) == pytest.approx(40 * leg_cm / 95, rel=0.05)
        pose = animation.at(0.5, False, body)
        assert abs(pose.sway_ahead_cm) < 1e-6 and abs(pose.sway_right_cm) < 1e-6
        bones = actor_from_bones(body, pose)
        for side in "lr":
            arm = bones[f"lowerarm_{side}"][3, :3] - bones[f"upperarm_{side}"][3, :3]
            assert arm[2] / np.linalg.norm(arm) == pytest.approx(-np.cos(np.radians(15)), abs=1e-6)


def test_travel_becomes_the_speed_of_the_actor(tmp_path: Path) -> None:
    """A march of 1.2 m in a second: the body stays above its actor, and the same file moves it as well."""
    path = tmp_path / "hero.glb"
    path.write_bytes(hero_glb())
    file = read_gltf(path, "here")
    animation = gltf_animation(file, "March", {})
    assert animation.speed_m_per_s == pytest.approx(1.2, abs=1e-6)
    character = FileCharacter(file, scale=1.0, bones={})
    for time_s in (0.0, 0.4, 0.99):
        posed = character.posed(AnimationTime(animation=animation, time_s=time_s), ())
        assert np.abs(posed.actor_from_bones["pelvis"][3, :2]).max() < 0.1
        assert abs(animation.at(time_s, True, ADA).sway_ahead_cm) < 0.1


MIXAMO = {"pelvis": "Hips", "neck_01": "Neck", "head": "Head"} | {
    f"{bone}_{short}": f"{side}{joint}"
    for short, side in (("l", "Left"), ("r", "Right"))
    for bone, joint in (
        ("upperarm", "Arm"), ("lowerarm", "ForeArm"), ("hand", "Hand"),
        ("thigh", "UpLeg"), ("calf", "Leg"), ("foot", "Foot"),
    )
}  # fmt: skip


@pytest.mark.parametrize("scale", [1.0, 0.01])
@pytest.mark.parametrize("height_m", [1.1, 2.2])
def test_an_own_clip_that_travels_is_exactly_as_in_the_file(
    height_m: float, scale: float, tmp_path: Path
) -> None:
    """In the world, for a file in metres or centimetres; on other bodies with the same speed feet stand."""
    path = tmp_path / "walk.glb"
    path.write_bytes(hero_glb(scale=height_m / 1.8 / scale, clips=("Stroll",)))
    file = read_gltf(path, "here")
    character = FileCharacter(file, scale=scale, bones={})
    animation = gltf_animation(file, None, {}, scale)
    speed = animation.speed_m_per_s
    assert speed == pytest.approx(height_m / 1.8, abs=1e-6)
    clip, tree = clip_of(file, None), NodeTree.of(file)
    node = {tree.nodes[index].name.removeprefix(PREFIX): index for index in tree.parents}
    start: np.ndarray | None = None
    for time_s in np.linspace(0.0, 0.999, 13).tolist():
        joints = tree.globals(clip.moved(tree, time_s))
        bones = character.posed(AnimationTime(animation=animation, time_s=time_s), ()).actor_from_bones
        for bone, joint in MIXAMO.items():
            x, y, z = (100 * scale * joints[node[joint]][:3, 3]).tolist()
            moved = bones[bone][3, :3] + (100 * speed * time_s, 0.0, 0.0)
            away = moved - (z, -x, y)
            start = np.array([*away[:2], 0.0]) if start is None else start
            assert np.abs(away - start).max() < 0.1, (bone, time_s)
    for body in (character, CatalogBody("Ada"), CatalogBody("Timo")):
        assert [str(broken) for broken, _ in check_feet(body, animation, speed)] == []


def test_an_own_clip_and_its_retargeting_agree(tmp_path: Path) -> None:
    """The way through the engine's bones moves a character as its own joints do."""
    path = tmp_path / "hero.glb"
    path.write_bytes(hero_glb())
    file = read_gltf(path, "here")
    character = FileCharacter(file, scale=1.0, bones={})
    own = gltf_animation(file, "March", {})
    path.write_bytes(hero_glb(clips=("March",)))
    other = gltf_animation(read_gltf(path, "here"), None, {})
    assert own.sha256 != other.sha256
    for time_s in (0.1, 0.6):
        exact, retargeted = (
            character.posed(AnimationTime(animation=one, time_s=time_s), ()).actor_from_bones
            for one in (own, other)
        )
        for bone in BONES[1:]:
            assert np.allclose(exact[bone][:3, :3], retargeted[bone][:3, :3], atol=1e-6), bone
            away = exact[bone][3, :3] - retargeted[bone][3, :3]
            assert np.abs(away[:2]).max() < 0.1


NAMES = {
    "Mixamo": "mixamorig:Hips mixamorig:Spine mixamorig:Spine2 mixamorig:Neck mixamorig:Head "
    "mixamorig:{}Shoulder mixamorig:{}Arm mixamorig:{}ForeArm mixamorig:{}Hand "
    "mixamorig:{}UpLeg mixamorig:{}Leg mixamorig:{}Foot mixamorig:{}ToeBase "
    "mixamorig:{}HandIndex1 Left Right",
    "Unreal": "pelvis spine_01 spine_03 neck_01 head clavicle_{} upperarm_{} lowerarm_{} hand_{} "
    "thigh_{} calf_{} foot_{} ball_{} l r",
    "Biovision": "Hips Abdomen Chest Neck Head {}Collar {}Shoulder {}Elbow {}Wrist "
    "{}Hip {}Knee {}Ankle {}Toe Left Right",
    "SMPL": "Pelvis Spine1 Spine3 Neck Head {}_Collar {}_Shoulder {}_Elbow {}_Wrist "
    "{}_Hip {}_Knee {}_Ankle {}_Foot {}_Hand L R",
    "SMPL-X": "pelvis spine1 spine3 neck head {}_collar {}_shoulder {}_elbow {}_wrist "
    "{}_hip {}_knee {}_ankle {}_foot {}_index1 left right",
    "Rigify metarig": "spine spine.001 spine.003 spine.004 spine.006 shoulder.{} upper_arm.{} forearm.{} "
    "hand.{} thigh.{} shin.{} foot.{} toe.{} L R",
    "Rigify": "DEF-spine DEF-spine.001 DEF-spine.003 DEF-spine.004 DEF-spine.006 DEF-shoulder.{} "
    "DEF-upper_arm.{} DEF-forearm.{} DEF-hand.{} DEF-thigh.{} DEF-shin.{} DEF-foot.{} DEF-toe.{} L R",
    "Biped": "Bip01_Pelvis Bip01_Spine Bip01_Spine1 Bip01_Neck Bip01_Head Bip01_{}_Clavicle "
    "Bip01_{}_UpperArm Bip01_{}_Forearm Bip01_{}_Hand Bip01_{}_Thigh Bip01_{}_Calf Bip01_{}_Foot "
    "Bip01_{}_Toe L R",
    "VRM": "J_Bip_C_Hips J_Bip_C_Spine J_Bip_C_Chest J_Bip_C_Neck J_Bip_C_Head J_Bip_{}_Shoulder "
    "J_Bip_{}_UpperArm J_Bip_{}_LowerArm J_Bip_{}_Hand J_Bip_{}_UpperLeg J_Bip_{}_LowerLeg J_Bip_{}_Foot "
    "J_Bip_{}_ToeBase L R",
}


@pytest.mark.parametrize("rig", NAMES)
def test_bones_of_common_rigs_are_found(rig: str) -> None:
    hips, spine, chest, neck, head, *limbs, left, right = NAMES[rig].split()
    names, parents = [hips, spine, chest, neck, head], [-1, 0, 1, 2, 3]
    expected = dict(zip(("pelvis", "spine_01", "spine_02", "neck_01", "head"), range(5), strict=True))
    for side, short in ((left, "l"), (right, "r")):
        first = len(names)
        names += [limb.format(side) for limb in limbs]
        above = [2, first, first + 1, first + 2, 0, first + 4, first + 5, first + 6, first + 3]
        parents += above[: len(limbs)]
        bones = ("upperarm", "lowerarm", "hand", "thigh", "calf", "foot", "toe")
        expected |= {f"{bone}_{short}": first + 1 + place for place, bone in enumerate(bones)}
    found = find_bones(names, parents, {})
    assert not found.missing and not found.clashes
    assert found.joints == expected


def hero_without(changes: dict[str, str]) -> FoundBones:
    """The bones of a Mixamo skeleton, of which joints have other names."""
    places = list(HERO_JOINTS)
    parents = [-1 if parent is None else places.index(parent) for parent, _ in HERO_JOINTS.values()]
    return find_bones([changes.get(name, name) for name in places], parents, {})


def test_a_collarbone_does_not_replace_an_arm() -> None:
    """Neither on one side nor on both, and only what has to be named is missing."""
    assert hero_without({}).missing == ()
    assert hero_without({"RightArm": "Bicep"}).missing == ("upperarm_r",)
    assert hero_without({"RightArm": "A", "LeftArm": "B"}).missing == ("upperarm_l", "upperarm_r")
    assert hero_without({"Hips": "A", "Spine": "B", "Neck": "C"}).missing == ()
    assert hero_without({"Head": "Skull"}).missing == ("head",)
    assert hero_without({"Head": "Skull", "Hips": "spine", "Spine": "spine.001"}).missing == ("head",)


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("LeftArm.001", 'name one: bones = { upperarm_l = "LeftArm" }'),
        ("LeftArm", "give each joint of the file another name"),
    ],
)
def test_two_joints_for_a_bone_are_one_line(name: str, fix: str, tmp_path: Path) -> None:
    path = tmp_path / "clash.bvh"
    path.write_text(jump_bvh(names={"RightArm": name}))
    with pytest.raises(InputError) as refused:
        bvh_animation(path, "here", "", {})
    assert str(refused.value) == f"here: two joints could be upperarm_l (LeftArm, {name}); {fix}"
    if name != "LeftArm":
        bvh_animation(path, "here", "", {"upperarm_l": "LeftArm", "upperarm_r": name})


def test_joints_that_are_no_bones_do_not_clash() -> None:
    """The joints of a generated Rigify rig that do not deform, and the second halves of its limbs."""
    names, parents = (
        ["DEF-thigh.L", "DEF-thigh.L.001", "thigh.L", "DEF-shin.L", "ORG-shin.L"],
        [-1, 0, -1, 1, 3],
    )
    found = find_bones(names, parents, {})
    assert found.joints == {"thigh_l": 0, "calf_l": 3} and not found.clashes


def test_a_joint_that_is_not_found_is_named(tmp_path: Path) -> None:
    path = tmp_path / "hero.glb"
    path.write_bytes(hero_glb(prefix="x"))
    with pytest.raises(InputError) as refused:
        FileCharacter(read_gltf(path, "here"), scale=1.0, bones={})
    message = str(refused.value)
    assert "no joint found for head, upperarm_l, " in message and "its joints are xHips, xSpine" in message
    named = {"pelvis": "xHips", "head": "xHead"}
    for short, side in (("l", "Left"), ("r", "Right")):
        for bone, joint in (
            ("upperarm", "Arm"), ("lowerarm", "ForeArm"), ("hand", "Hand"),
            ("thigh", "UpLeg"), ("calf", "Leg"), ("foot", "Foot"),
        ):  # fmt: skip
            named[f"{bone}_{short}"] = f"x{side}{joint}"
    character = FileCharacter(read_gltf(path, "here"), scale=1.0, bones=named)
    at = character.posed(AnimationTime(), ()).actor_from_bones
    assert at["head"][3, 2] == pytest.approx(100 * HERO_JOINTS["Head"][1][1], abs=3)
    assert split_name("mixamorig1:LeftForeArm") == ("forearm", "l")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.replace("Frames: 31", "Frames: 0"), "has 0 frames; export at least two"),
        (lambda text: text.replace("Frames: 31", "Frames: 1"), "it has 1 frame; export at least two"),
        (lambda text: text.replace("Frames: 31", "Frames: 30.5"), "number of frames is 30.5, which is not"),
        (lambda text: text.replace("Frames: 31", "Frames: 20"), "header says 20 frames, the file has 31"),
        (lambda text: f"{text} 0 0", "it goes on after its 31 frames"),
        (lambda text: text.replace("Zrotation X", "Xrotation X", 1), "'Hips' has a channel twice"),
        (lambda text: text.replace("Frames: 31", "Frames: 32"), "truncated"),
        (lambda text: text.replace("Frames: 31", "Frames: 1e12"), "more than 50000 frames"),
        (lambda text: text.replace("Frame Time: 0.03", "Frame Time: -0.03"), "frame time is -0.03"),
        (lambda text: text.replace("Frame Time: 0.033333", "Frame Time: 0.000999"), "0.000999 s instead of"),
        (lambda text: text.replace("Frame Time: 0.033333", "Frame Time: 1e9"), "1e+09 s instead of 0.001 to"),
        (lambda text: text.replace("Zrotation", "Wrotation", 1), "unknown channels"),
        (lambda text: text.replace("0.0000", "nan", 1), "not finite"),
        (lambda text: text[: len(text) // 3], "truncated"),
        (lambda text: "<html>", "expected HIERARCHY"),
        (lambda text: text.replace("LeftUpLeg", "Tail"), "no joint found for thigh_l"),
        (lambda text: text.replace("OFFSET 0.0000 -43", "OFFSET 0.0000 43"), "does not stand"),
    ],
)
def test_damaged_bvh_files_are_refused(change, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "some.bvh"
    path.write_text(change(jump_bvh()))
    with pytest.raises(InputError) as refused:
        bvh_animation(path, "here", "", {})
    assert expected in str(refused.value) and str(refused.value).startswith("here: ")
