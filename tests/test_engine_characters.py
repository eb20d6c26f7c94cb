"""Characters: properties of the kinematics and of skins, and joints at the positions that images show."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engine_child import Engine, running

from datagen.batch import SceneChoice
from datagen.catalog import load_catalog
from datagen.engine.content.animations.catalog import ANIMATIONS
from datagen.engine.content.characters.catalog import CHARACTERS, character_skin
from datagen.engine.content.characters.character import skin_of
from datagen.engine.content.characters.people import PEOPLE_FILE, read_people
from datagen.engine.content.characters.skeleton import BONES, PARENTS, JointTurn, actor_from_bones, subtree
from datagen.engine.content.characters.skin import Skin, strongest
from datagen.engine.content.shapes.closed_parts import is_of_closed_part
from datagen.engine.content.shapes.meshes import bounds_cm
from datagen.engine.content.unreal_space import world_from_local
from datagen.engine.render.looks import look_named
from datagen.engine.render.node_cache import NodeCache
from multitake.errors import InputError

SOME = ("Ada", "Bruno")
CHARACTERS_AND_ANIMATIONS = [
    (character, animation) for character in SOME for animation in ("Walk", "Wave", "Dance")
]
# With an open front, a long skirt, a headscarf, and a large head.
VARIED = (*SOME, "Dmitri", "Greta", "Zainab", "Pia")


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ('color = "navy"', 'color = "navvy"', "top.color: unknown name 'navvy'; use one of white,"),
        ('cut = "hoodie"', 'cut = "hody"', "top: unknown name 'hody'; use one of tank,"),
        ('beard = "full"', 'beard = "ful"', "head.beard: unknown value 'ful'; use '', 'stubble',"),
        ('hat = "cap"', 'hat = "bonnet"', "head.hat: unknown value 'bonnet'; use "),
        ('style = "bob"', 'style = "bobb"', "head.style: unknown name 'bobb'; use one of "),
    ],
)
def test_a_misspelled_name_of_a_person_is_one_line(
    tmp_path: Path, right: str, wrong: str, place: str
) -> None:
    text = PEOPLE_FILE.read_text()
    assert right in text
    (tmp_path / "people.toml").write_text(text.replace(right, wrong, 1))
    with pytest.raises(InputError) as raised:
        read_people(tmp_path / "people.toml")
    assert place in str(raised.value)


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
    skin, clip = character_skin(character), ANIMATIONS[animation]
    for time_s in np.linspace(0, clip.duration_s, 17):
        pose = clip.at(float(time_s), True, CHARACTERS[character].proportions)
        posed = skin.posed(moves(skin, actor_from_bones(CHARACTERS[character].proportions, pose)))
        assert abs(bounds_cm(posed)[0, 2] - pose.hop_cm) < 3.0


def moves(skin: Skin, bones: dict[str, np.ndarray]) -> np.ndarray:
    """How each bone moves the skin from the reference pose."""
    return skin.bone_from_reference @ np.array([bones[bone] for bone in BONES])


def points_cm(meshes: list) -> np.ndarray:
    return np.concatenate([mesh.positions for mesh in meshes])


def test_every_character_of_the_catalog_can_be_loaded_and_no_two_are_equal():
    catalog = load_catalog(SceneChoice(), folder=Path()).characters
    assert [one.asset.rsplit(".")[-1] for one in catalog] == list(CHARACTERS)
    assert len({one.name for one in catalog}) == len({one.caption for one in catalog}) == len(CHARACTERS)
    looks = [(one.build, one.face, one.outfit) for one in CHARACTERS.values()]
    assert len({repr(look) for look in looks}) == len({repr(look[1:]) for look in looks}) == 70


@pytest.mark.parametrize("character", VARIED)
def test_a_skin_is_a_dressed_body_of_its_height_on_the_ground(character: str):
    skin = character_skin(character)
    catalog = {one.name: one for one in load_catalog(SceneChoice(), folder=Path()).characters}
    low, high = bounds_cm([part.mesh for part in skin.parts])
    assert abs(low[2]) < 0.1
    above_cm = high[2] - 100 * catalog[character.lower()].height_m
    assert -4 < above_cm < (12 if CHARACTERS[character].face.hat else 5)
    assert sum(len(part.mesh.triangles) for part in skin.parts) < 24_000
    for part in skin.parts:
        assert (part.weights.sum(axis=1) == 1).all() and (part.weights >= 0).all()
        assert (np.diff(part.weights[:, 1:], axis=1) <= 0).all()
        assert part.bones.min() >= 0 and part.bones.max() < len(BONES)
        corners = part.mesh.positions[part.mesh.triangles]
        outward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        facing = np.einsum("ti,ti->t", outward, part.mesh.normals[part.mesh.triangles].mean(axis=1))
        # Below hems, triangles have the normals of the cloth beside them.
        assert (facing > -0.3 * np.linalg.norm(outward, axis=1) - 1e-9).mean() > 0.98
        assert np.allclose(np.linalg.norm(part.mesh.normals, axis=1), 1, atol=1e-6)
    # Clothes and hair are closed surfaces; of the body, what they cover is left out.
    whole = np.concatenate([part.mesh.positions[part.mesh.triangles] for part in skin.parts])
    assert is_of_closed_part(whole / 100).mean() > 0.3


def test_a_skin_is_the_same_each_time():
    one, other = (skin_of(CHARACTERS["Ines"]) for _ in range(2))
    for left, right in zip(one.parts, other.parts, strict=True):
        assert left.mesh.positions.tobytes() == right.mesh.positions.tobytes()
        assert left.weights.tobytes() == right.weights.tobytes()


@pytest.mark.parametrize("character", SOME)
def test_the_reference_pose_is_the_identity_and_rigid_motion_of_all_bones_moves_all_rigidly(character: str):
    skin = character_skin(character)
    reference = points_cm([part.mesh for part in skin.parts])
    still = points_cm(skin.posed(np.tile(np.eye(4), (len(BONES), 1, 1))))
    assert np.allclose(still, reference, atol=1e-9)
    motion = world_from_local((30.0, -20.0, 5.0), (20.0, 130.0, -35.0))
    together = points_cm(skin.posed(np.tile(motion, (len(BONES), 1, 1))))
    assert np.allclose(together, reference @ motion[:3, :3] + motion[3, :3], atol=1e-9)


@pytest.mark.parametrize(("character", "animation"), CHARACTERS_AND_ANIMATIONS)
def test_skins_bend_without_tears(character: str, animation: str):
    """No edge of a triangle becomes much longer, wherever bones turn."""
    skin, clip = character_skin(character), ANIMATIONS[animation]
    for time_s in np.linspace(0, clip.duration_s, 5):
        bones = actor_from_bones(
            CHARACTERS[character].proportions, clip.at(float(time_s), True, CHARACTERS[character].proportions)
        )
        for part, posed in zip(skin.parts, skin.posed(moves(skin, bones)), strict=True):
            before, after = (edges_cm(mesh) for mesh in (part.mesh, posed))
            assert (after - 3.0 * before).max() < 3.0


def edges_cm(mesh) -> np.ndarray:
    corners = mesh.positions[mesh.triangles]
    return np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=-1)


@pytest.mark.parametrize("character", ["Wanda", "Greta", "Zainab"])
@pytest.mark.parametrize("animation", ["Kneel", "PushUps", "Propose"])
def test_skirts_lie_on_the_ground(character: str, animation: str):
    """They would be several centimetres in it otherwise; and standing leaves them as they are."""
    skin, body = character_skin(character), CHARACTERS[character].proportions
    for place, name in enumerate((animation, "Idle")):
        clip = ANIMATIONS[name]
        matrices = moves(skin, actor_from_bones(body, clip.at(0.3 * clip.duration_s, True, body)))
        lying = skin.posed(matrices)
        free = replace(skin, parts=[replace(part, hangs=False) for part in skin.parts])
        lowest = [
            min(mesh.positions[:, 2].min() for mesh in free.posed(matrices)),
            min(
                mesh.positions[:, 2].min() for mesh, part in zip(lying, skin.parts, strict=True) if part.hangs
            ),
        ]
        if place == 0:
            assert lowest[0] < -3.0 and lowest[1] > 0.2
        else:
            assert np.array_equal(points_cm(lying), points_cm(free.posed(matrices)))


@pytest.mark.parametrize(("character", "animation"), [("Ada", "Dance"), ("Wanda", "Kneel")])
def test_what_is_drawn_is_what_the_skin_describes(character: str, animation: str):
    """The vertices that Panda has after a pose are those of the skin, in Panda's space."""
    skin, body = character_skin(character), CHARACTERS[character].proportions
    bones = actor_from_bones(body, ANIMATIONS[animation].at(0.7, True, body))
    node = NodeCache(look_named("lit")).skinned_node(character, skin.parts)
    node.pose(moves(skin, bones))
    for index, mesh in enumerate(skin.posed(moves(skin, bones))):
        data = node.node.get_geom(index).get_vertex_data().get_array(0).get_handle().get_data()
        rows = np.frombuffer(data, dtype="<f4").reshape(-1, 6)
        assert len(rows) > len(mesh.positions)
        found = rows[: len(mesh.positions)]
        assert np.allclose(found[:, [1, 0, 2]], mesh.positions / 100, atol=1e-6)
        assert np.allclose(found[:, [4, 3, 5]], mesh.normals, atol=1e-4)


def test_weights_are_the_four_largest_and_add_up_to_one():
    weights = np.random.default_rng(1).dirichlet(np.full(len(BONES), 0.3), 200)
    bones, kept = strongest(weights)
    assert (kept.sum(axis=1) == 1).all() and (kept >= 0).all()
    largest = np.sort(weights, axis=1)[:, -4:]
    shares = largest[:, ::-1] / largest.sum(axis=1, keepdims=True)
    assert np.abs(kept - shares).max() < 0.002
    assert np.allclose(weights[np.arange(200), bones[:, 0]], weights.max(axis=1))


@pytest.mark.parametrize("character", SOME)
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
    bones = actor_from_bones(
        CHARACTERS["Bruno"].proportions, ANIMATIONS["Wave"].at(0.35, True, CHARACTERS["Bruno"].proportions)
    )
    for name in subtree(bone):
        assert np.allclose(engine.joint("Hero", name), bones[name][3, :3])
    whole, below = character_skin("Bruno"), [BONES.index(name) for name in subtree(bone)]
    follows = np.concatenate(
        [(np.isin(part.bones, below) * part.weights).sum(axis=1) for part in whole.parts]
    )
    posed = points_cm(whole.posed(moves(whole, bones)))
    # Triangles that follow the bone in part are torn off, too.
    skin = np.concatenate([posed[follows > 0.02], bones[bone][None, 3, :3]])
    # The camera looks along -X, so UE's -Y is to its right.
    focal_px = width / 2 / np.tan(np.radians(30))
    x, y, z = -(skin[:, 1] - location[1]), -(skin[:, 2] - location[2]), -(skin[:, 0] - location[0])
    u, v = width / 2 + focal_px * x / z, height / 2 + focal_px * y / z
    # Nothing is outside the projection; other bones may cover some of its four sides.
    low_px = np.array([columns.min() - u.min(), rows.min() - v.min()])
    high_px = np.array([columns.max() + 1 - u.max(), rows.max() + 1 - v.max()])
    assert low_px.min() > -4 and high_px.max() < 4
    assert (low_px < 3).sum() + (high_px > -3).sum() >= 2
    engine.call("Hero", "UnHideBoneByName", BoneName=bone)
    assert (engine.image("object_mask") == complete).all()
