"""Batch files and catalogs: what is read is what was meant, and what is wrong is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from datagen.batch import SceneChoice, load_batch, order_sha256, resolved_toml
from datagen.catalog import load_catalog
from multitake.errors import InputError

MINIMAL = "seed = 7\ntakes = 4\n"
OWN = (
    'environments = [{ name = "yard", asset = "/Game/Yard", caption = "in a yard", radius_m = 4.0, '
    "spots = [{ position_m = [1.0, 2.0, 0.0] }] }]\n"
    'characters = [{ name = "kim", asset = "/Game/Kim.Kim", caption = "a child", height_m = 1.2 }]\n'
    'animations = [{ name = "hop", asset = "/Game/Hop.Hop", caption = "hops", duration_s = 1.0 }]\n'
    'lights = [{ name = "dawn", caption = "at dawn", pitch_deg = -5.0, yaw_deg = 0.0, intensity = 2 }]\n'
)


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "batch.toml"
    path.write_text(text)
    return path


def test_the_resolved_file_loads_to_the_same_batch(tmp_path: Path) -> None:
    text = MINIMAL + '[rig]\ncameras = 4\nradius_m = [1, 5]\n[engine]\nlook = "fast"\n'
    batch = load_batch(written(tmp_path, text))
    assert len(batch.rules.slots) == 4 and batch.rules.radius_m == (1.0, 5.0)
    assert load_batch(written(tmp_path, resolved_toml(batch))) == batch


def test_only_what_decides_bytes_is_hashed(tmp_path: Path) -> None:
    batch = load_batch(written(tmp_path, MINIMAL))
    patient = replace(batch, engine=replace(batch.engine, reply_timeout_s=99.0))
    assert order_sha256(patient) == order_sha256(batch)
    assert order_sha256(replace(batch, seed=8)) != order_sha256(batch)
    assert order_sha256(replace(batch, engine=replace(batch.engine, look="fast"))) != order_sha256(batch)


@pytest.mark.parametrize(
    ("text", "place", "finding"),
    [
        ("seed = 7\n", "takes", "missing"),
        (MINIMAL + "colour = 1\n", "colour", "unknown key"),
        (MINIMAL + "[scene]\nenvironment = []\n", "scene.environment", "unknown key"),
        (MINIMAL + "[rig]\narc_degrees = [1, 2]\n", "rig: arc_degrees", "unknown key"),
        (MINIMAL + 'fps = "15"\n', "fps", "number"),
        (MINIMAL + "frames = 8.5\n", "frames", "integer"),
        (MINIMAL + "[rig]\npan_deg = [60, 5]\n", "rig: pan_deg", "60..5 is empty"),
        (MINIMAL + "[rig]\nradius_m = 5\n", "rig: radius_m", "array"),
        (MINIMAL + "[rig]\ncameras = 0\n", "rig: cameras", "0 cameras are impossible"),
        (MINIMAL + "[rig]\ncameras = 100\n", "rig: cameras", "100 cameras are impossible"),
        (MINIMAL + '[rig]\nslots = ["pan", "swoop"]\n', "rig: slots", "unknown motion 'swoop'"),
        (
            MINIMAL + "[[rig.lenses]]\nfocal_length_mm = 0.0\nf_number = 2.8\n",
            "rig: lenses.0.focal_length_mm",
            "0.0 is out of bounds",
        ),
        (MINIMAL + '[rig]\npreset = "papper"\n', "rig: preset", "unknown preset 'papper'"),
        (MINIMAL + "width_px = 255\n", "width_px", "odd picture size"),
        (MINIMAL + 'passes = ["flow"]\n', "passes", "'depth' or 'mask'"),
        (MINIMAL + "[scene]\ncharacters_per_take = [2, 1]\n", "characters_per_take", "2..1 is empty"),
        (MINIMAL + 'passes = ["depth"]\n[engine]\nlook = "fast"\n', "passes", "the fast look has no depth"),
        (MINIMAL + '[engine]\nlook = "shiny"\n', "engine.look", "unknown look 'shiny'"),
        (MINIMAL + '[engine]\ncommand = ["x", "{oops}"]\n', "engine.command", "cannot fill in '{oops}'"),
        (MINIMAL + 'passes = ["mask", "mask"]\n', "passes", "a pass twice"),
        ("seed = 7\ntakes = 0\n", "takes", "0 is out of range"),
        ("seed = 7\ntakes = \n", "batch.toml", "not TOML"),
    ],
)
def test_a_wrong_order_is_named_with_its_place(tmp_path: Path, text: str, place: str, finding: str) -> None:
    with pytest.raises(InputError) as caught:
        load_batch(written(tmp_path, text))
    assert place in caught.value.where, str(caught.value)
    assert finding in caught.value.what, str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_look_is_checked_like_the_files_own(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL + 'passes = ["depth"]\n')
    assert load_batch(path).engine.look == "lit"
    with pytest.raises(InputError, match="the fast look has no depth"):
        load_batch(path, look="fast")


def test_an_unknown_key_is_told_those_that_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_batch(written(tmp_path, MINIMAL + "frame = 1\n"))
    assert "engine, rig" in caught.value.fix and "rules" not in caught.value.fix


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.toml: cannot be read"):
        load_batch(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("kind", ["environments", "characters", "animations", "lights"])
def test_an_unknown_asset_is_named_with_those_that_are_there(tmp_path: Path, kind: str) -> None:
    batch = load_batch(written(tmp_path, MINIMAL + f'[scene]\n{kind} = ["nothing-like-it"]\n'))
    with pytest.raises(InputError, match=f"scene.{kind}: unknown name 'nothing-like-it'; the catalog"):
        load_catalog(batch.scene, beside=tmp_path)


def test_a_catalog_of_ones_own_is_read_beside_the_batch(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    batch = load_batch(written(tmp_path, MINIMAL + '[scene]\ncatalog = "own.toml"\n'))
    assert load_catalog(batch.scene, beside=tmp_path).assets == (
        "/Game/Yard",
        "/Game/Kim.Kim",
        "/Game/Hop.Hop",
    )
    own.write_text("environments = []\n")
    with pytest.raises(InputError, match="characters: missing"):
        load_catalog(batch.scene, beside=tmp_path)


@pytest.mark.parametrize(
    ("sound", "wrong", "place"),
    [
        ("[{ position_m = [1.0, 2.0, 0.0] }]", "[]", "environments.0.spots"),
        ("radius_m = 4.0", "radius_m = 0.0", "environments.0.radius_m"),
        ("height_m = 1.2", "height_m = -1.2", "characters.0.height_m"),
        ("duration_s = 1.0", "duration_s = 0.0", "animations.0.duration_s"),
    ],
)
def test_a_catalog_that_no_take_can_be_planned_with_is_refused(
    tmp_path: Path, sound: str, wrong: str, place: str
) -> None:
    assert sound in OWN
    (tmp_path / "own.toml").write_text(OWN.replace(sound, wrong))
    with pytest.raises(InputError) as caught:
        load_catalog(SceneChoice(catalog="own.toml"), beside=tmp_path)
    assert caught.value.where.endswith(place)


def test_a_name_is_chosen_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"scene\.characters: 'ada' twice"):
        load_catalog(SceneChoice(characters=("ada", "bruno", "ada")), beside=tmp_path)
