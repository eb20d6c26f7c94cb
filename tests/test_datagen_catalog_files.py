"""The user's files in a catalog: from a folder to filmed takes, and one line for what is wrong with them."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result
from user_files import CATALOG, Glb, box_mesh, cafe_glb, edited, hero_glb, jump_bvh, write_user_files

from datagen.batch import SceneChoice
from datagen.batch_file import load_batch
from datagen.catalog import Catalog, catalog_sha256, catalog_toml, load_catalog
from datagen.engine.assets import mounted_assets
from datagen.engine.content.characters.skeleton import BONES
from datagen.engine.render.looks import look_named, missing_packages
from datagen.film_worker import FilmJob, FilmWorker
from datagen.generate import batch_files, dataset_info
from datagen.geometry import level_surfaces
from multitake.cli import app
from multitake.errors import InputError
from shards import DatasetWriter, JointState, open_dataset, verify_dataset

BATCH = """
seed = 5
takes = 2
frames = 3
fps = 5.0
width_px = 96
height_px = 64
passes = ["depth", "mask", "joints"]
[scene]
catalog = "catalog.toml"
characters = ["hero"]
animations = ["hero-wave", "jump"]
[rig]
cameras = 2
radius_m = [1.6, 2.2]
"""


def load(folder: Path) -> Catalog:
    return load_catalog(SceneChoice(catalog="catalog.toml"), folder=folder)


def multitake(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("user")
    write_user_files(folder)
    return folder


def filmed(files: Path, out: Path, text: str) -> Path:
    """All takes of a batch, filmed by a worker in this process."""
    (files / "batch.toml").write_text(text)
    batch = load_batch(files / "batch.toml")
    catalog = load_catalog(batch.scene, folder=files)
    job = FilmJob(batch=batch, catalog=catalog, dataset=out, assets=mounted_assets(catalog.assets))
    worker, writer = FilmWorker(job, 0), DatasetWriter(out)
    try:
        check = worker.check_engine()
        assert check.failure is None and not check.missing_assets
        writer.create(dataset_info(job, engine_version=check.version), batch_files(job))
        outcomes = [worker.film(index) for index in range(batch.takes)]
    finally:
        worker.close()
    assert [outcome.reason for outcome in outcomes] == [None] * batch.takes
    for outcome in outcomes:
        writer.note_staged(outcome.key)
    writer.seal(0, [outcome.key for outcome in outcomes])
    return out


def test_files_become_takes_with_depth_masks_and_joints(files: Path, tmp_path: Path) -> None:
    if missing_packages(look_named("lit")):
        pytest.skip("the look 'lit' needs packages")
    out = filmed(files, tmp_path / "dataset", BATCH)
    assert verify_dataset(str(out)) == []
    dataset = open_dataset(str(out))
    assert {dataset.take(key).row.animations[0] for key in dataset.keys} == {"hero-wave", "jump"}
    for key in dataset.keys:
        take = dataset.take(key)
        joints = take.joints("character_1")
        assert joints.names == BONES and take.row.caption.startswith("A hero ")
        head_m = joints.positions_m[:, BONES.index("head"), 2]
        assert (head_m > 1.5).all() and (head_m < 2.1).all()
        for place, camera in enumerate(("cam01", "cam02")):
            clip = take.clip(camera)
            # Depth and mask agree with the joints.
            seen = np.isin(joints.states[place], (JointState.VISIBLE, JointState.HIDDEN_BY_OWN_BODY))
            assert clip.mask_of("character_1")[0].any() and seen[0].mean() > 0.5
            assert not (joints.states[place] == JointState.HIDDEN).any()
            assert clip.depth_m().max() < 12
    stored = tomllib.loads((out / "catalog.toml").read_text())
    (hero,) = stored["characters"]
    assert hero["file"] == "assets/hero.glb" and hero["licence"] == "CC0-1.0" and len(hero["sha256"]) == 64
    assert stored["environments"][0]["sha256"] != hero["sha256"] == stored["animations"][0]["sha256"]


def test_files_are_drawn_without_shaders(files: Path, tmp_path: Path) -> None:
    """In the look ``fast``, level and character have colours, and the character has a mask."""
    text = BATCH.replace('["depth", "mask", "joints"]', '["mask"]').replace("takes = 2", "takes = 1")
    out = filmed(files, tmp_path / "dataset", text + '[engine]\nlook = "fast"\n')
    dataset = open_dataset(str(out))
    take = dataset.take(dataset.keys[0])
    for camera in ("cam01", "cam02"):
        clip = take.clip(camera)
        image, is_hero = clip.frames()[0].astype(float), clip.mask_of("character_1")[0]
        assert 0.01 < is_hero.mean() < 0.5
        for part in (image[is_hero], image[~is_hero]):
            assert 40 < part.mean() < 220 and part.std() > 20
            assert np.ptp(part, axis=-1).mean() > 10, "colours"


def test_the_stored_catalog_loads_again_beside_the_same_files(files: Path, tmp_path: Path) -> None:
    """Wherever they are: the hash does not depend on folders, but on contents."""
    catalog = load(files)
    again = tmp_path / "again"
    write_user_files(again)
    (again / "catalog.toml").write_text(catalog_toml(catalog))
    assert load(again) == catalog
    moved = tmp_path / "moved"
    write_user_files(moved)
    (moved / "assets").rename(moved / "elsewhere")
    text = catalog_toml(catalog).replace("assets/", "elsewhere/")
    (moved / "catalog.toml").write_text(text)
    assert catalog_sha256(load(moved)) == catalog_sha256(catalog)
    (moved / "elsewhere" / "hero.glb").write_bytes(hero_glb(scale=0.99))
    with pytest.raises(
        InputError, match=r"hero.* \(elsewhere/hero.glb\): the file is another one than before"
    ):
        load(moved)


def test_the_plan_knows_the_meshes_of_files(files: Path) -> None:
    (cafe,) = load(files).environments
    surfaces = level_surfaces(cafe.asset)
    assert surfaces is not None and surfaces is level_surfaces(cafe.asset)
    # Through the east wall, into a leg of the table, and up through nothing.
    origins_m = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 1.0]])
    targets_m = np.array([[9.0, 1.0, 1.0], [0.0, 0.0, 9.0]])
    assert surfaces.first_hits_m(origins_m, targets_m).tolist() == pytest.approx([4.0, np.inf])
    inside_m = np.array([[2.5, -1.5, 0.75], [4.05, 0.0, 1.0], [0.0, 0.0, 1.0]])
    assert surfaces.is_inside(inside_m).tolist() == [True, True, False]


def test_catalogs_with_equal_names_for_other_files_do_not_mix(files: Path, tmp_path: Path) -> None:
    """Both are loaded, then the first one is used."""
    (cafe,) = load(files).environments
    write_user_files(tmp_path)
    replaced((OWN_CAFE, f"{OWN_CAFE}\nscale = 2.0"))(tmp_path)
    (large,) = load(tmp_path).environments
    first, second = level_surfaces(cafe.asset), level_surfaces(large.asset)
    assert first and second
    assert np.ptp(second.corners_m, axis=(0, 1)) == pytest.approx(2 * np.ptp(first.corners_m, axis=(0, 1)))


def large_hero(folder: Path) -> None:
    (folder / "assets/hero.glb").write_bytes(hero_glb(scale=100.0))


def bare_hero(folder: Path) -> None:
    (folder / "assets/hero.glb").write_bytes(hero_glb(is_skinned=False))


def still_hero(folder: Path) -> None:
    (folder / "assets/hero.glb").write_bytes(hero_glb(clips=("Still",)))


def no_texture(folder: Path) -> None:
    glb = Glb()
    image = glb.add("images", uri="bricks.png")
    texture = glb.add("textures", source=image)
    mesh = glb.mesh(*box_mesh((4, 4, 4), (0, 0, 0)), glb.material(texture))
    glb.node(mesh=mesh)
    (folder / "assets/cafe.glb").write_bytes(glb.bytes())


def damaged_texture(folder: Path) -> None:
    glb = Glb()
    texture = glb.add(
        "textures", source=glb.add("images", bufferView=glb.view(b"\x89PNG\r\n and then nothing"))
    )
    glb.node(mesh=glb.mesh(*box_mesh((4, 4, 4), (0, 0, 0)), glb.material(texture)))
    (folder / "assets/cafe.glb").write_bytes(glb.bytes())


def truncated(folder: Path) -> None:
    (folder / "assets/cafe.glb").write_bytes(cafe_glb()[:-100])


def huge(folder: Path) -> None:
    glb = Glb()
    glb.node(mesh=glb.mesh(*box_mesh((4, 4, 4), (0, 0, 0))))
    glb.content["accessors"][0] |= {"count": 2**31 - 1, "bufferView": None}
    del glb.content["accessors"][0]["bufferView"]
    (folder / "assets/cafe.glb").write_bytes(glb.bytes())


def tiny_level(folder: Path) -> None:
    glb = Glb()
    glb.node(mesh=glb.mesh(*box_mesh((0.1, 0.1, 0.1), (0, 0, 0))))
    (folder / "assets/cafe.glb").write_bytes(glb.bytes())


def flat_table(folder: Path) -> None:
    """The matrix is 0 in all its places."""

    def change(content: dict[str, Any]) -> None:
        table = next(node for node in content["nodes"] if node.get("name") == "Table")
        table["matrix"] = [0.0] * 16

    (folder / "assets/cafe.glb").write_bytes(edited(cafe_glb(), change))


def flat_armature(folder: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        next(node for node in content["nodes"] if node["name"] == "Armature")["scale"] = [0.01, 0.0, 0.01]

    (folder / "assets/hero.glb").write_bytes(edited(hero_glb(from_blender=True), change))


def flat_bind(folder: Path) -> None:
    """An accessor without a view has zeros."""

    def change(content: dict[str, Any]) -> None:
        del content["accessors"][content["skins"][0]["inverseBindMatrices"]]["bufferView"]

    (folder / "assets/hero.glb").write_bytes(edited(hero_glb(), change))


def no_weights(folder: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        (primitive,) = content["meshes"][0]["primitives"]
        del content["accessors"][primitive["attributes"]["WEIGHTS_0"]]["bufferView"]

    (folder / "assets/hero.glb").write_bytes(edited(hero_glb(), change))


def short_jump(folder: Path) -> None:
    (folder / "assets/jump.bvh").write_text(jump_bvh().replace("Frames: 31", "Frames: 1"))


def equal_clips(folder: Path) -> None:
    """The example's clip is "Wave"; the other one gets its name."""
    path = folder / "assets/hero.glb"
    path.write_bytes(path.read_bytes().replace(b'"March"', b'"Wave" '))


def replaced(*pairs: tuple[str, str]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = CATALOG
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / "catalog.toml").write_text(text)

    return change


HERO, CAFE = "characters.hero (assets/hero.glb)", "environments.cafe (assets/cafe.glb)"
WAVE, JUMP = "animations.hero-wave (assets/hero.glb)", "animations.jump (assets/jump.bvh)"
OWN_HERO, OWN_CAFE, OWN_JUMP = (f'file = "assets/{name}"' for name in ("hero.glb", "cafe.glb", "jump.bvh"))


@pytest.mark.parametrize(
    ("change", "where", "expected"),
    [
        (large_hero, HERO, "the character is 180 m high; give the key scale, e.g. scale = 0.01"),
        (bare_hero, HERO, "it has no skeleton; export a skinned mesh with its armature"),
        (still_hero, WAVE, "it has no animation 'Wave'; use one of Still as clip"),
        (no_texture, CAFE, "the file 'bricks.png' that it names is missing; put it beside the file"),
        (damaged_texture, CAFE, "image 0 (no name) is damaged or of an unknown format"),
        (truncated, CAFE, "the file is truncated; copy it again"),
        (huge, CAFE, "accessor 0 has more than 20000000 numbers"),
        (tiny_level, CAFE, "the level is 0.173 m large instead of 1 to 2000 m; give the key scale"),
        (flat_table, CAFE, "the transform of 'Table' is singular, such as a scale of 0; correct it, or"),
        (flat_armature, HERO, "the transform of 'Armature' is singular, such as a scale of 0; correct"),
        (flat_bind, HERO, "the inverse bind matrix of its first joint is singular; export"),
        (no_weights, HERO, "the weights of a skinned mesh are all 0; bind the mesh to its armature again"),
        (short_jump, JUMP, "it has 1 frame; export at least two frames"),
        (equal_clips, WAVE, "2 animations have the name 'Wave'; give #0 or #1"),
        (replaced((f'{OWN_JUMP}\nlicence = "CC0-1.0"', OWN_JUMP)), JUMP, "missing licence; say"),
        (replaced((OWN_CAFE, f"{OWN_CAFE}\nscale = 0")), f"{CAFE}.scale", "must be greater than 0, got 0"),
        (replaced((OWN_HERO, f'{OWN_HERO}\nheight_m = 18')), HERO,
         "height_m is 18; give a height between 0.3 and 4 m"),
        (replaced(('clip = "Wave"\n', "")), WAVE, "2 animations (Wave, March); choose one with"),
        (replaced(('clip = "Wave"', 'clip = "Run"')), WAVE, "no animation 'Run'; use one of Wave, March"),
        (replaced(("hero.glb", "hero.fbx")), "hero.fbx", "blender --background --python-expr"),
        (replaced(("cafe.glb", "cafe.usdz")), "cafe.usdz", "convert it to GLB"),
        (replaced(("cafe.glb", "cafe.obj")), "cafe.obj", "convert it to GLB"),
        (replaced(("hero.glb", "hero.bvh")), "hero.bvh", "unknown kind of file '.bvh'"),
        (replaced(("jump.bvh", "jmp.bvh")), "jmp.bvh", "cannot be read (No such file or directory)"),
        (replaced(('name = "ada"', 'name = "hero"')), "characters", "name 'hero' (assets/hero.glb, /"),
        (replaced(("[-0.5, 0.0, 0.0]", "[-0.5, 40.0, 0.0]")), CAFE, "spot 0 is outside of the file's meshes"),
        (replaced(('lighting = "indoor"', 'lighting = "x"')), CAFE, "unknown value 'x'; use summer"),
        (replaced((OWN_HERO, f'{OWN_HERO}\nscale = 1.0\nheight_m = 1.2')), HERO,
         "height_m is 1.2, but with scale = 1 it is 1.8 m high"),
        (replaced((OWN_JUMP, f"{OWN_JUMP}\nscale = 0.01")), JUMP, "of a BVH file does not matter; remove"),
        (replaced((OWN_JUMP, f'{OWN_JUMP}\nduration_s = 3.0')), JUMP,
         "duration_s is 3, but the file has 1 s"),
        (replaced(("height_m = 1.64", "height_m = 1.64\nscale = 2.0")), "characters.ada: ", "scale without"),
        (replaced(('asset = "/Game/Characters/Ada.Ada"\n', "")), "characters.ada: ", "missing asset; give"),
        (replaced(('name = "ada"\n', "")), "characters.1.name: ", "missing; add this key"),
        (replaced((OWN_CAFE, f'{OWN_CAFE}\nasset = "/Game/Maps/Room"')), CAFE,
         "the asset '/Game/Maps/Room' is not that of the file"),
        (replaced((OWN_HERO, f'{OWN_HERO}\nbones = {{ tail = "x" }}')), HERO,
         "unknown bone 'tail'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_file_is_one_line(
    change: Callable[[Path], None], where: str, expected: str, tmp_path: Path
) -> None:
    """At the start, with the asset and the file."""
    write_user_files(tmp_path)
    change(tmp_path)
    (tmp_path / "batch.toml").write_text('seed = 1\ntakes = 1\n[scene]\ncatalog = "catalog.toml"\n')
    ended = multitake("plan", tmp_path / "batch.toml")
    assert ended.exit_code == 2
    message = ended.output.removeprefix("multitake: ")
    assert message.startswith(f"{tmp_path}/catalog.toml: ") and where in message, message
    assert expected in message, message
    assert message.count("\n") == 1


def test_a_height_scales_a_character(tmp_path: Path) -> None:
    write_user_files(tmp_path)
    (tmp_path / "assets/hero.glb").write_bytes(hero_glb(scale=100.0))
    replaced(('caption = "a hero"', 'caption = "a hero"\nheight_m = 1.5'))(tmp_path)
    hero = load(tmp_path).characters[0]
    assert hero.height_m == 1.5 and hero.scale == pytest.approx(1.5 / 180)


def test_an_own_clip_has_the_scale_of_its_character(tmp_path: Path) -> None:
    """So its speed is that of the character; without one, or with a scale, it is that of the file."""
    write_user_files(tmp_path)
    own, clip = 'caption = "a hero"', 'clip = "Wave"'
    (tmp_path / "assets/hero.glb").write_bytes(hero_glb(scale=100.0, clips=("Stroll",)))
    for keys, scale, speed in (("", 0.01, 1.0), ("\nscale = 0.005", 0.005, 0.5)):
        replaced((own, f"{own}\nheight_m = 1.8"), (clip, f'clip = "Stroll"{keys}'))(tmp_path)
        walk = load(tmp_path).animations[0]
        assert walk.scale == pytest.approx(scale) and walk.speed_m_per_s == pytest.approx(speed)
    choice = SceneChoice(catalog="catalog.toml", characters=("ada",))
    replaced((clip, 'clip = "Stroll"'))(tmp_path)
    walk = load_catalog(choice, folder=tmp_path).animations[0]
    assert walk.scale == 1.0 and walk.speed_m_per_s == pytest.approx(90 / 93, rel=0.02)


def test_only_the_embedded_engine_loads_files(files: Path) -> None:
    (files / "unreal.toml").write_text(
        'seed = 1\ntakes = 1\n[scene]\ncatalog = "catalog.toml"\n[engine]\nkind = "unreal"\nlook = "gt"\n'
    )
    ended = multitake("plan", files / "unreal.toml")
    assert ended.exit_code == 2 and "only the embedded engine loads files" in ended.output


@pytest.mark.parametrize(
    "place", ["[0.0, 0.0, -0.5]", "[-0.5, 0.0, 1.0]"], ids=["in the floor", "in the air"]
)
def test_nobody_is_filmed_where_nobody_can_stand(tmp_path: Path, place: str) -> None:
    write_user_files(tmp_path)
    (tmp_path / "batch.toml").write_text(BATCH)
    assert multitake("plan", tmp_path / "batch.toml").exit_code == 0
    replaced(("[-0.5, 0.0, 0.0]", place))(tmp_path)
    for command in (
        ("plan", tmp_path / "batch.toml"),
        ("generate", tmp_path / "batch.toml", "--out", tmp_path / "out"),
    ):
        ended = multitake(*command)
        assert ended.exit_code == 2 and f"{CAFE}: nobody can stand at the spot 0" in ended.output, (
            ended.output
        )
    assert not (tmp_path / "out").exists()


def test_the_example_of_the_page_works(tmp_path: Path) -> None:
    write_user_files(tmp_path)
    page = (Path(__file__).parent.parent / "datagen" / "README.md").read_text()
    blocks = page.partition("## Your own assets")[2].split("```toml\n# ")[1:3]
    for block in blocks:
        name, _, text = block.partition("```")[0].partition("\n")
        (tmp_path / name).write_text(text)
    ended = multitake("plan", tmp_path / "batch.toml")
    assert ended.exit_code == 0, ended.output
    assert "in a small cafe at noon." in ended.output and "actors:" not in ended.output
