"""glTF files as the engine reads them: meshes, skins and clips, each against an independent oracle."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline
from scipy.spatial.transform import Rotation, Slerp
from user_files import HERO_JOINTS, Glb, box_mesh, cafe_glb, damaged_examples, hero_body, hero_glb, turn

from benchmarks.soak_user_files import soak
from datagen.engine.content.animations.catalog import ANIMATIONS
from datagen.engine.content.animations.posed_body import AnimationTime
from datagen.engine.content.characters.catalog import CHARACTERS
from datagen.engine.content.characters.skeleton import BONES, actor_from_bones
from datagen.engine.content.environment import Environment, Prop
from datagen.engine.content.props.street import kiosk
from datagen.engine.content.shapes.closed_parts import is_of_closed_part
from datagen.engine.content.shapes.meshes import Mesh
from datagen.engine.content.textures.catalog import texture_image
from datagen.engine.imported.character import FileCharacter
from datagen.engine.imported.clips import gltf_animation
from datagen.engine.imported.gltf_animation import GltfClip, clip_of
from datagen.engine.imported.gltf_file import GltfFile, read_gltf
from datagen.engine.imported.gltf_nodes import NodeTree
from datagen.engine.imported.level import level_of
from datagen.engine.imported.quaternions import product, rotation_matrices, slerp
from multitake.errors import InputError

ADA = CHARACTERS["Ada"].proportions


def read(content: bytes, folder: Path) -> GltfFile:
    path = folder / "some.glb"
    path.write_bytes(content)
    return read_gltf(path, "here")


def level(content: bytes, folder: Path, **keys: object) -> Environment:
    return level_of(read(content, folder), **{"scale": 1.0, "lighting": "summer", **keys})


def exported(props: dict[str, Prop]) -> bytes:
    """Props as a file: metres, Y up, linear colours."""
    glb = Glb()
    for name, prop in props.items():
        primitives = []
        for part in prop.parts:
            mesh, texture = part.mesh, glb.picture(texture_image(part.texture))
            gloss = float(mesh.gloss_glow[0, 0])
            material = glb.material(texture)
            glb.content["materials"][material]["pbrMetallicRoughness"]["roughnessFactor"] = 1 - gloss
            attributes = {
                "POSITION": glb.array(mesh.positions[:, [0, 2, 1]] / 100),
                "NORMAL": glb.array(mesh.normals[:, [0, 2, 1]]),
                "TEXCOORD_0": glb.array(mesh.uvs),
                "COLOR_0": glb.array(mesh.colors**2),
            }
            indices = glb.array(mesh.triangles[:, ::-1].ravel(), "<u4")
            primitives.append({"attributes": attributes, "indices": indices, "material": material})
        glb.node(name=name, mesh=glb.add("meshes", primitives=primitives))
    return glb.bytes()


def test_meshes_of_the_engine_survive_export_and_import(tmp_path: Path) -> None:
    props = {"Kiosk": Prop([part for part in kiosk() if np.ptp(part.mesh.gloss_glow, axis=0).max() == 0][:2])}
    assert props["Kiosk"].parts
    found = level(exported(props), tmp_path).props
    assert list(found) == list(props)
    for part, other in zip(props["Kiosk"].parts, found["Kiosk"].parts, strict=True):
        assert np.array_equal(texture_image(part.texture)[..., :3], texture_image(other.texture))
        for name in ("positions", "normals", "uvs", "colors"):
            assert np.allclose(getattr(part.mesh, name), getattr(other.mesh, name), atol=2e-4), name
        assert np.array_equal(part.mesh.triangles, other.mesh.triangles)
        assert np.allclose(part.mesh.gloss_glow[:, 0], other.mesh.gloss_glow[:, 0])


@pytest.mark.parametrize("dtype", ["|u1", "<u2", "<u4"])
def test_indices_of_any_type_and_interleaved_vertices(dtype: str, tmp_path: Path) -> None:
    glb = Glb()
    positions, triangles = box_mesh((2, 2, 2), (0, 0, 0))
    rows = np.concatenate([positions, np.full((8, 2), 7.0)], axis=1).astype("<f4")
    view = glb.view(rows.tobytes())
    glb.content["bufferViews"][view]["byteStride"] = 20
    place = glb.add("accessors", bufferView=view, componentType=5126, count=8, type="VEC3")
    primitive = {"attributes": {"POSITION": place}, "indices": glb.array(triangles.ravel(), dtype)}
    glb.node(name="Box", mesh=glb.add("meshes", primitives=[primitive]))
    mesh = level(glb.bytes(), tmp_path).props["Box"].parts[0].mesh
    corners = mesh.positions[mesh.triangles][:, ::-1][..., [0, 2, 1]] / 100
    assert np.allclose(corners, positions[triangles])
    assert_outward(mesh)


def test_normalized_and_sparse_accessors(tmp_path: Path) -> None:
    glb = Glb()
    bytes_ = np.array([[0, 255, 51], [255, 0, 102]], dtype=np.uint8)
    normalized = glb.array(np.tile(bytes_, (2, 1)), "|u1", normalized=True)
    signed = glb.array(np.array([[-32768, 32767, 0]]), "<i2", normalized=True)
    places = {"bufferView": glb.view(np.array([1, 4], dtype="<u2").tobytes()), "componentType": 5123}
    others = {"bufferView": glb.view(np.array([2.5, -1], dtype="<f4").tobytes())}
    differing = {"count": 2, "indices": places, "values": others}
    sparse = glb.add("accessors", componentType=5126, count=5, type="SCALAR", sparse=differing)
    file = read(glb.bytes(), tmp_path)
    assert np.allclose(file.array(normalized)[:2], [[0, 1, 0.2], [1, 0, 0.4]])
    assert np.allclose(file.array(signed), [[-1, 1, 0]])
    assert np.allclose(file.array(sparse)[:, 0], [0, 2.5, 0, 0, -1])


def assert_outward(mesh: Mesh) -> None:
    corners = mesh.positions[mesh.triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ti,ti->t", across, corners.mean(axis=1) - mesh.positions.mean(axis=0)) > 0).all()
    assert (np.einsum("ti,ti->t", across, mesh.normals[mesh.triangles].mean(axis=1)) > 0).all()


@pytest.mark.parametrize("is_matrix", [False, True])
def test_transforms_of_nodes_are_those_of_their_chain(is_matrix: bool, tmp_path: Path) -> None:
    """Also those that mirror: triangles stay outward."""
    glb, rng = Glb(), np.random.default_rng(2)
    mesh = glb.mesh(*box_mesh((2, 1, 3), (0, 0, 0)))
    chain, matrix = [], np.eye(4)
    for scale in ((1.0, 2.0, 0.5), (-1.0, 1.0, 1.5), (1.0, 1.0, 1.0)):
        rotation = Rotation.random(random_state=rng)
        move = rng.uniform(-3, 3, 3)
        local = np.eye(4)
        local[:3, :3], local[:3, 3] = rotation.as_matrix() @ np.diag(scale), move
        matrix = matrix @ local
        trs = {"translation": move.tolist(), "rotation": rotation.as_quat().tolist(), "scale": list(scale)}
        chain.append({"matrix": local.T.ravel().tolist()} if is_matrix else trs)
    last = glb.node(is_root=False, name="Box", mesh=mesh, **chain[2])
    middle = glb.node(is_root=False, children=[last], **chain[1])
    glb.node(children=[middle], **chain[0])
    found = level(glb.bytes(), tmp_path).props["Box"].parts[0].mesh
    places = box_mesh((2, 1, 3), (0, 0, 0))[0] @ matrix[:3, :3].T + matrix[:3, 3]
    expected = {tuple(np.round(one, 3)) for one in (places[:, [0, 2, 1]] * 100).tolist()}
    assert {tuple(np.round(one, 3)) for one in found.positions.tolist()} == expected
    assert_outward(found)


def test_both_sides_of_panels_and_one_of_solids(tmp_path: Path) -> None:
    """A panel gets a back; a box has none, and is turned if it is inside out."""
    glb = Glb()
    both = glb.material(doubleSided=True)
    panel = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], dtype=float)
    glb.node(name="Panel", mesh=glb.mesh(panel, np.array([[0, 1, 2]]), both))
    positions, triangles = box_mesh((1, 1, 1), (3, 0, 0))
    glb.node(name="Inside", mesh=glb.mesh(positions, triangles[:, ::-1], both))
    props = level(glb.bytes(), tmp_path).props
    assert len(props["Panel"].parts[0].mesh.triangles) == 2
    box = props["Inside"].parts[0].mesh
    assert len(box.triangles) == 12 and is_of_closed_part(box.positions[box.triangles] / 100).all()
    assert_outward(box)


def test_a_mask_is_cut_out_of_the_triangles(tmp_path: Path) -> None:
    """The area that is left is that of the disc in the texture; so labels and shadows have its outline."""
    plant = level(cafe_glb(), tmp_path).props["Plant"].parts[0].mesh
    corners = plant.positions[plant.triangles] / 100
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    assert areas.sum() / 2 == pytest.approx(0.64 * np.pi * 0.8 / 4, rel=0.02)


def test_normal_maps_and_roughness(tmp_path: Path) -> None:
    """Green of a file points up in the image, that of the engine along v; gloss is the mean smoothness."""
    glb = Glb()
    base, rough, normals = (
        glb.picture(np.tile(np.array(color, dtype=np.uint8), (8, 8, 1)))
        for color in ((200, 100, 50), (0, 51, 0), (128, 200, 240))
    )
    material = glb.material(base, normalTexture={"index": normals})
    glb.content["materials"][material]["pbrMetallicRoughness"]["metallicRoughnessTexture"] = {"index": rough}
    positions, triangles = box_mesh((2, 2, 2), (0, 0, 0))
    uvs = glb.array(positions[:, :2])
    glb.node(name="Box", mesh=glb.mesh(positions, triangles, material, TEXCOORD_0=uvs))
    (part,) = level(glb.bytes(), tmp_path).props["Box"].parts
    assert texture_image(part.texture)[0, 0].tolist() == [200, 100, 50]
    assert texture_image(part.normal_map)[0, 0].tolist() == [128, 55, 240]
    assert np.allclose(part.mesh.gloss_glow, [1 - 0.8 * 0.2, 0.0])


def panel_glb(emissive: dict[str, Any], **keys: Any) -> bytes:
    """A dark blue square that glows with a black texture with a bright orange half, which is larger."""
    glb = Glb()
    base = glb.picture(np.full((4, 4, 3), (51, 0, 102), dtype=np.uint8))
    shown = np.zeros((8, 8, 3), dtype=np.uint8)
    shown[4:] = (255, 102, 0)
    emissive |= {"index": glb.picture(shown)}
    material = glb.material(base, emissiveTexture=emissive, **{"emissiveFactor": [1, 1, 1], **keys})
    corners = np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]], dtype=float)
    uvs = glb.array(corners[:, :2] / 2)
    triangles = np.array([[0, 1, 2], [0, 2, 3]])
    glb.node(name="Panel", mesh=glb.mesh(corners, triangles, material, TEXCOORD_0=uvs, TEXCOORD_1=uvs))
    return glb.bytes()


def test_an_emissive_texture_glows_where_it_is_bright(tmp_path: Path) -> None:
    """Elsewhere colours are those of the base, without a glow; alpha is the share of the glow."""
    (part,) = level(panel_glb({}), tmp_path).props["Panel"].parts
    image = texture_image(part.texture)
    assert image.shape == (8, 8, 4)
    assert np.abs(image[:3].astype(int) - (51, 0, 102, 0)).max() <= 1
    red, green, blue, share = image[6, 6].tolist()
    assert (red, green, blue) == (255, 102, 102) and share > 240
    assert np.allclose(part.mesh.gloss_glow[:, 1], 0.25) and np.allclose(part.mesh.colors, 1)
    # A weaker one glows less.
    (part,) = level(panel_glb({}, emissiveFactor=[0.04, 0.04, 0.04]), tmp_path).props["Panel"].parts
    assert texture_image(part.texture)[6, 6, 0] == 51 and np.allclose(part.mesh.gloss_glow[:, 1], 0.25)
    assert 100 < texture_image(part.texture)[6, 6, 3] < 240


def test_an_emissive_texture_elsewhere_is_a_glow_of_its_mean_brightness(tmp_path: Path) -> None:
    """With other texture coordinates than the base colour it cannot be one texture with it."""
    (part,) = level(panel_glb({"texCoord": 1}), tmp_path).props["Panel"].parts
    assert texture_image(part.texture).shape == (4, 4, 3)
    mean = (0.2126 + 0.7152 * 0.4**2) / 2
    assert np.allclose(part.mesh.gloss_glow[:, 1], mean / 4, atol=1e-4)
    # Without a factor nothing glows.
    (part,) = level(panel_glb({}, emissiveFactor=[0, 0, 0]), tmp_path).props["Panel"].parts
    assert texture_image(part.texture).shape == (4, 4, 3) and not part.mesh.gloss_glow[:, 1].any()


def test_an_emissive_texture_without_a_base_has_its_own_coordinates(tmp_path: Path) -> None:
    """A black sign."""
    glb = Glb()
    shown = np.zeros((8, 8, 3), dtype=np.uint8)
    shown[:, 4:] = 255
    emissive = {"index": glb.picture(shown), "texCoord": 1}
    material = glb.material(None, (0, 0, 0, 1), emissiveFactor=[1, 0, 0], emissiveTexture=emissive)
    corners = np.array([[0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]], dtype=float)
    uvs = glb.array(corners[:, :2])
    mesh = glb.mesh(corners, np.array([[0, 1, 2], [0, 2, 3]]), material, TEXCOORD_1=uvs)
    glb.node(name="Sign", mesh=mesh)
    (part,) = level(glb.bytes(), tmp_path).props["Sign"].parts
    assert texture_image(part.texture)[2, [0, 7]].tolist() == [[0, 0, 0, 0], [255, 0, 0, 255]]
    assert part.mesh.uvs.max() == 2


def test_names_of_objects_are_distinct_and_free(tmp_path: Path) -> None:
    glb = Glb()
    mesh = glb.mesh(*box_mesh((2, 2, 2), (0, 0, 0)))
    for name in ("Sun", "character_1", "a table", "a table", "", "Stühle"):
        glb.node(name=name, mesh=mesh)
    names = list(level(glb.bytes(), tmp_path).props)
    assert names == ["Sun_prop", "character_1_prop", "a_table", "a_table_2", "Node_4", "St_hle"]


def clip(file: GltfFile, name: str) -> tuple[GltfClip, NodeTree]:
    return clip_of(file, name), NodeTree.of(file)


def test_clips_equal_scipy_at_any_time(tmp_path: Path) -> None:
    """Linear, step and cubic tracks of translations, rotations and scales."""
    glb, rng = Glb(), np.random.default_rng(4)
    node = glb.node(name="Joint")
    times = np.cumsum(rng.uniform(0.1, 0.7, 6)).astype("<f4")
    times = (times - times[0]).astype(float)
    turns = Rotation.random(6, random_state=rng)
    values, slopes = rng.normal(size=(6, 3)).astype("<f4"), rng.normal(size=(2, 6, 3)).astype("<f4")
    steps = rng.uniform(0.5, 2, (6, 3)).astype("<f4")
    cubic = np.stack([slopes[0], values, slopes[1]], axis=1).reshape(-1, 3)
    tracks = [
        ("rotation", turns.as_quat(), "LINEAR"),
        ("translation", cubic, "CUBICSPLINE"),
        ("scale", steps, "STEP"),
    ]
    samplers = [
        {"input": glb.array(times), "output": glb.array(values_), "interpolation": kind}
        for _, values_, kind in tracks
    ]
    channels = [
        {"sampler": i, "target": {"node": node, "path": path}} for i, (path, _, _) in enumerate(tracks)
    ]
    glb.add("animations", name="A", samplers=samplers, channels=channels)
    found, tree = clip(read(glb.bytes(), tmp_path), "A")
    assert found.duration_s == times[-1]
    oracle = Slerp(times, turns)
    for time_s in [*rng.uniform(times[0], times[-1], 40), *times]:
        trs = found.moved(tree, float(time_s))[node]
        apart = Rotation.from_quat(trs.rotation) * oracle(min(time_s, times[-1])).inv()
        assert apart.magnitude() < 1e-6
        after = min(max(int(np.searchsorted(times, time_s, side="right")), 1), 5)
        pair = slice(after - 1, after + 1)
        # The slope after the first key, and before the second one.
        ends = [slopes[1][after - 1], slopes[0][after]]
        spline = CubicHermiteSpline(times[pair], values[pair], ends)
        assert np.allclose(trs.translation, spline(time_s), atol=1e-6)
        assert np.array_equal(trs.scale, steps[np.searchsorted(times, time_s, side="right") - 1])
    assert np.allclose(found.moved(tree, 0.0)[node].translation, values[0])
    assert np.allclose(found.moved(tree, 99.0)[node].translation, values[-1])


@pytest.mark.parametrize("angle", [1e-9, 1e-5, 1.0, np.pi - 1e-6])
def test_slerp_is_exact_for_small_and_large_angles(angle: float) -> None:
    first = Rotation.from_euler("xyz", [0.3, -1.0, 2.0])
    second = first * Rotation.from_rotvec([0, angle, 0])
    for share in (0.0, 0.25, 1.0):
        found = Rotation.from_quat(slerp(first.as_quat(), -second.as_quat(), share))
        expected = first * Rotation.from_rotvec([0, share * angle, 0])
        assert (found * expected.inv()).magnitude() < 1e-9


def test_quaternions_in_arrays_of_any_shape_equal_scipy() -> None:
    rng = np.random.default_rng(6)
    first, second = (Rotation.random(12, random_state=rng).as_quat().reshape(3, 4, 4) for _ in range(2))
    matrices = Rotation.from_quat(first.reshape(-1, 4)).as_matrix().reshape(3, 4, 3, 3)
    assert np.allclose(rotation_matrices(2.5 * first), matrices, rtol=0, atol=1e-12)
    assert np.allclose(rotation_matrices(product(first, second)), matrices @ rotation_matrices(second))
    assert np.array_equal(rotation_matrices(np.zeros(4)), np.eye(3))
    mixed = slerp(first, second, 0.3)
    for place in np.ndindex(3, 4):
        ends = Rotation.from_quat([first[place], second[place]])
        assert np.allclose(rotation_matrices(mixed[place]), Slerp([0, 1], ends)(0.3).as_matrix(), atol=1e-9)


def skinned_oracle(time_s: float, scale: float) -> np.ndarray:
    """The vertices of the hero in "Wave", in the axes and the unit of the file, by its definition."""
    places = {name: scale * np.array(place) for name, (_, place) in HERO_JOINTS.items()}
    positions, _, joints, weights = hero_body(places, scale)
    times = np.linspace(0, 2, 9)
    turns = {
        "LeftArm": [turn((0, 0, 1), -70)] * 9,
        "RightArm": [turn((0, 0, 1), -20 + 25 * np.sin(np.pi * t)) for t in times],
        "RightForeArm": [turn((0, 1, 0), 60 + 20 * np.cos(2 * np.pi * t)) for t in times],
    }
    hips = CubicHermiteSpline([0, 1, 2], [1.0, 0.98, 1.0], [0, 0, 0])
    world: dict[str, np.ndarray] = {}
    for name, (parent, _) in HERO_JOINTS.items():
        local = np.eye(4)
        local[:3, 3] = places[name] - (places[parent] if parent else 0)
        if name == "Hips":
            local[:3, 3] = [0, hips(time_s), 0]
        if name in turns:
            local[:3, :3] = Slerp(times, Rotation.from_quat(turns[name]))(time_s).as_matrix()
        world[name] = (world[parent] if parent else np.eye(4)) @ local
    moved = np.zeros((len(positions), 3))
    for vertex, position in enumerate(positions):
        for joint, weight in zip(joints[vertex], weights[vertex], strict=True):
            name = list(HERO_JOINTS)[joint]
            moved[vertex] += weight * (world[name] @ [*(position - places[name]), 1.0])[:3]
    return moved


@pytest.mark.parametrize("time_s", [0.0, 0.37, 1.9])
def test_skinned_vertices_equal_the_definition(time_s: float, tmp_path: Path) -> None:
    """A clip of the character's own file moves it exactly; the actor stands below the hips, and faces +X."""
    file = read(hero_glb(), tmp_path)
    character = FileCharacter(file, scale=1.0, bones={})
    animation = gltf_animation(file, "Wave", {})
    posed = character.posed(AnimationTime(animation=animation, time_s=time_s), ())
    found = np.concatenate([mesh.positions for mesh in character.skin.posed(posed.actor_from_pieces)])
    x, y, z = (100 * skinned_oracle(time_s, 1.0)).T
    expected = np.stack([z, -x, y], axis=1)
    lowest = 100 * hero_body({n: np.array(p) for n, (_, p) in HERO_JOINTS.items()}, 1.0)[0][:, 1].min()
    # The body has flat normals, so that its vertices are repeated in the order of its triangles.
    triangles = hero_body({n: np.array(p) for n, (_, p) in HERO_JOINTS.items()}, 1.0)[1]
    assert np.allclose(found, (expected - [0, 0, lowest])[triangles.ravel()], atol=2e-3)
    assert tuple(posed.actor_from_bones) == BONES


def test_an_animation_of_the_engine_moves_the_hero(tmp_path: Path) -> None:
    """Directions of its limbs are those of the animation, its bones keep their lengths, a sole is down."""
    character = FileCharacter(read(hero_glb(), tmp_path), scale=1.0, bones={})
    proportions = character.rig.proportions
    for name, time_s in (("Walk", 0.3), ("Dance", 1.1), ("Wave", 0.4)):
        pose = ANIMATIONS[name].at(time_s, True, proportions)
        posed = character.posed(AnimationTime(animation=ANIMATIONS[name], time_s=time_s), ())
        at = {bone: matrix[3, :3] for bone, matrix in posed.actor_from_bones.items()}
        expected = {bone: matrix[:3, :3] for bone, matrix in posed.actor_from_bones.items()}
        turned = np.eye(3)
        for bone in ("pelvis", "spine_01", "spine_02", "upperarm_r"):
            turned = pose.turns[bone].rows() @ turned
        assert np.allclose(turned, expected["upperarm_r"], atol=1e-9)
        for bone, end in (("upperarm_r", "lowerarm_r"), ("lowerarm_l", "hand_l"), ("calf_l", "foot_l")):
            way = at[end] - at[bone]
            rest = np.array(HERO_JOINTS[_JOINTS[end]][1]) - HERO_JOINTS[_JOINTS[bone]][1]
            assert np.linalg.norm(way) == pytest.approx(100 * np.linalg.norm(rest))
            assert np.allclose(way / np.linalg.norm(way), -expected[bone][2], atol=1e-6)
        meshes = character.skin.posed(posed.actor_from_pieces)
        lowest = min(mesh.positions[:, 2].min() for mesh in meshes)
        assert lowest == pytest.approx(pose.hop_cm, abs=2.5)


_JOINTS = {
    f"{bone}_{short}": f"{side}{joint}"
    for short, side in (("l", "Left"), ("r", "Right"))
    for bone, joint in (
        ("upperarm", "Arm"), ("lowerarm", "ForeArm"), ("hand", "Hand"), ("calf", "Leg"), ("foot", "Foot"),
    )
}  # fmt: skip


def test_hidden_bones_shrink(tmp_path: Path) -> None:
    character = FileCharacter(read(hero_glb(), tmp_path), scale=1.0, bones={})
    whole, hidden = (character.posed(AnimationTime(), bones) for bones in ((), ("lowerarm_r",)))
    heights = [np.ptp(one.actor_from_pieces, axis=0).size for one in (whole, hidden)]
    assert heights[0] == heights[1]
    moved = np.concatenate([mesh.positions for mesh in character.skin.posed(hidden.actor_from_pieces)])
    elbow = hidden.actor_from_bones["lowerarm_r"][3, :3]
    assert (np.linalg.norm(moved - elbow, axis=1) < 1e-6).sum() >= 8


@pytest.mark.parametrize("clip", ["Wave", "March"])
def test_files_of_blender_are_the_same_characters_and_motions(clip: str, tmp_path: Path) -> None:
    """Below an armature of another unit and with other axes, children first, from its first frame on."""
    found = []
    for from_blender in (False, True):
        path = tmp_path / "hero.glb"
        path.write_bytes(hero_glb(from_blender=from_blender))
        file = read_gltf(path, "here")
        character, animation = FileCharacter(file, scale=1.0, bones={}), gltf_animation(file, clip, {})
        points = []
        for time_s in (0.0, 0.3, 0.97):
            posed = character.posed(AnimationTime(animation=animation, time_s=time_s), ())
            points += [mesh.positions for mesh in character.skin.posed(posed.actor_from_pieces)]
            points.append(
                np.array([*actor_from_bones(ADA, animation.at(time_s, True, ADA)).values()])[:, 3, :3]
            )
        found.append((animation.duration_s, animation.speed_m_per_s, np.concatenate(points)))
    assert found[0][:2] == pytest.approx(found[1][:2], abs=1e-5)
    assert np.allclose(found[0][2], found[1][2], atol=2e-3)


def test_scale_makes_a_body_of_another_unit_equal(tmp_path: Path) -> None:
    metres = FileCharacter(read(hero_glb(), tmp_path), scale=1.0, bones={})
    centimetres = FileCharacter(read(hero_glb(scale=100.0, clips=()), tmp_path), scale=0.01, bones={})
    assert centimetres.height_m == pytest.approx(metres.height_m)
    for one, other in zip(metres.skin.parts, centimetres.skin.parts, strict=True):
        assert np.allclose(one.mesh.positions, other.mesh.positions, atol=1e-3)


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ("KHR_draco_mesh_compression", "compressed with Draco; export without compression"),
        ("KHR_texture_basisu", "KTX2; export them as PNG"),
        ("EXT_unknown", "requires the extension EXT_unknown"),
    ],
)
def test_what_is_compressed_is_refused(extension: str, expected: str, tmp_path: Path) -> None:
    glb = Glb()
    glb.content["extensionsRequired"] = [extension]
    with pytest.raises(InputError, match=expected):
        read(glb.bytes(), tmp_path)


def test_strips_are_refused(tmp_path: Path) -> None:
    glb = Glb()
    mesh = glb.mesh(*box_mesh((2, 2, 2), (0, 0, 0)))
    glb.content["meshes"][mesh]["primitives"][0]["mode"] = 5
    glb.node(name="Box", mesh=mesh)
    with pytest.raises(InputError, match="consists of triangle strips; triangulate it"):
        level(glb.bytes(), tmp_path)


@pytest.mark.parametrize("name", damaged_examples())
def test_damaged_files_become_assets_or_one_line(name: str, tmp_path: Path) -> None:
    """More of them: ``python -m benchmarks.soak_user_files``."""
    counts = soak({name: damaged_examples()[name]}, tmp_path, mutations=60, seed=1)
    assert set(counts) <= {f"{name} read", f"{name} refused"}, counts
    assert counts[f"{name} refused"] > 20
