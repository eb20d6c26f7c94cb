"""Batch files and catalogs: files become values, and errors name their place."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from datagen.batch import SceneChoice
from datagen.batch_file import batch_sha256, load_batch, resolved_toml
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


def test_only_what_changes_the_data_is_hashed(tmp_path: Path) -> None:
    batch = load_batch(written(tmp_path, MINIMAL))
    patient = replace(batch, engine=replace(batch.engine, reply_timeout_s=99.0))
    assert batch_sha256(patient) == batch_sha256(batch)
    assert batch_sha256(replace(batch, seed=8)) != batch_sha256(batch)
    assert batch_sha256(replace(batch, engine=replace(batch.engine, look="fast"))) != batch_sha256(batch)
    more = replace(batch.engine, sub_frames=9, shutter=0.1, msaa=2)
    assert batch_sha256(replace(batch, engine=more)) == batch_sha256(batch), "only cinematic uses these"
    cinematic = replace(more, look="cinematic")
    hashes = [batch_sha256(replace(batch, engine=one)) for one in (cinematic, replace(cinematic, msaa=4))]
    assert hashes[0] != hashes[1]


@pytest.mark.parametrize(
    ("text", "place", "finding"),
    [
        ("seed = 7\n", "takes", "missing"),
        (MINIMAL + "colour = 1\n", "colour", "unknown key"),
        (MINIMAL + "[scene]\nenvironment = []\n", "scene.environment", "unknown key"),
        (MINIMAL + "[rig]\narc_degrees = [1, 2]\n", "rig.arc_degrees", "unknown key"),
        (MINIMAL + 'fps = "15"\n', "fps", "number"),
        (MINIMAL + "frames = 8.5\n", "frames", "whole number"),
        (MINIMAL + "[rig]\npan_deg = [60, 5]\n", "rig.pan_deg", "empty range 60..5"),
        (MINIMAL + "[rig]\nradius_m = 5\n", "rig.radius_m", "list"),
        (MINIMAL + "[rig]\ncameras = 0\n", "rig.cameras", "invalid number of cameras 0"),
        (MINIMAL + "[rig]\ncameras = 100\n", "rig.cameras", "invalid number of cameras 100"),
        (MINIMAL + '[rig]\nslots = ["pan", "swoop"]\n', "rig.slots.1", "unknown value 'swoop'"),
        (
            MINIMAL + "[[rig.lenses]]\nfocal_length_mm = 0.0\nf_number = 2.8\n",
            "rig.lenses.0",
            "focal_length_mm must be from 0.1 to 10000, got 0",
        ),
        (MINIMAL + '[rig]\npreset = "papper"\n', "rig.preset", "unknown preset 'papper'"),
        (MINIMAL + "width_px = 255\n", "width_px", "must be a multiple of 2, got 255"),
        (MINIMAL + 'passes = ["heat"]\n', "passes.0", "unknown value 'heat'"),
        (MINIMAL + "[scene]\ncharacters_per_take = [2, 1]\n", "characters_per_take", "empty range 2..1"),
        (
            MINIMAL + 'passes = ["depth"]\n[engine]\nlook = "fast"\n',
            "batch.toml",
            "the look fast cannot film depth, only video, mask",
        ),
        (
            MINIMAL + 'passes = ["joints", "surface"]\n[engine]\nkind = "unreal"\nlook = "gt"\n',
            "batch.toml",
            "Unreal Engine cannot film surface, only video, depth, mask, normal, joints",
        ),
        (MINIMAL + '[engine]\nlook = "shiny"\n', "engine", "unknown look 'shiny'"),
        (
            MINIMAL + '[engine]\ncommand = ["x", "{oops}"]\n',
            "engine.command",
            "unknown placeholder in '{oops}'",
        ),
        (MINIMAL + 'passes = ["mask", "mask"]\n', "passes", "duplicate pass"),
        ("seed = 7\ntakes = 0\n", "takes", "must be at least 1, got 0"),
        ("seed = 7\ntakes = \n", "batch.toml", "not TOML"),
    ],
)
def test_an_error_names_its_place(tmp_path: Path, text: str, place: str, finding: str) -> None:
    with pytest.raises(InputError) as caught:
        load_batch(written(tmp_path, text))
    assert place in caught.value.where, str(caught.value)
    assert finding in caught.value.what, str(caught.value)
    assert "\n" not in str(caught.value)


def test_another_look_is_checked_like_that_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL + 'passes = ["depth"]\n')
    assert load_batch(path).engine.look == "lit"
    with pytest.raises(InputError, match="the look fast cannot film depth, only video, mask; use"):
        load_batch(path, look="fast")


def test_an_unknown_key_gets_the_list_of_known_ones(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        load_batch(written(tmp_path, MINIMAL + "colour = 1\n"))
    assert "engine, captions, rig" in caught.value.fix and "rules" not in caught.value.fix


@pytest.mark.parametrize("key", ["command", "program"])
def test_the_file_of_a_data_set_starts_no_program(tmp_path: Path, key: str) -> None:
    value = {"command": '["/usr/bin/touch", "x"]', "program": '"/usr/bin/touch"\nproject = "x.uproject"'}[key]
    path = written(tmp_path, MINIMAL + f'[engine]\nkind = "unreal"\nlook = "gt"\n{key} = {value}\n')
    assert getattr(load_batch(path).engine, key)
    (tmp_path / "dataset.json").write_text("{}")
    with pytest.raises(InputError, match=f"engine.{key}: a data set must not start programs"):
        load_batch(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere.toml: cannot be read"):
        load_batch(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("kind", ["environments", "characters", "animations", "lights"])
def test_an_unknown_name_gets_the_list_of_known_ones(tmp_path: Path, kind: str) -> None:
    batch = load_batch(written(tmp_path, MINIMAL + f'[scene]\n{kind} = ["nothing-like-it"]\n'))
    with pytest.raises(InputError, match=f"scene.{kind}: unknown name 'nothing-like-it'; use "):
        load_catalog(batch.scene, folder=tmp_path)


def test_a_tag_stands_for_everything_that_has_it() -> None:
    every = load_catalog(SceneChoice(), folder=Path())
    indoor = tuple(one for one in every.environments if "indoor" in one.tags)
    scene = SceneChoice(environments=("street", "tag:indoor", "room"))
    assert load_catalog(scene, folder=Path()).environments == (every.environments[0], *indoor)
    assert every.environments[0].name == "street" and "room" in {one.name for one in indoor}


def test_an_unknown_tag_is_refused_with_the_tags_that_exist() -> None:
    with pytest.raises(InputError, match=r"scene.environments: unknown name 'tag:inside'; use .*tag:indoor"):
        load_catalog(SceneChoice(environments=("tag:inside",)), folder=Path())


def test_a_catalog_file_is_relative_to_the_batch_file(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    batch = load_batch(written(tmp_path, MINIMAL + '[scene]\ncatalog = "own.toml"\n'))
    assert load_catalog(batch.scene, folder=tmp_path).assets == (
        "/Game/Yard",
        "/Game/Kim.Kim",
        "/Game/Hop.Hop",
    )
    own.write_text("environments = []\n")
    with pytest.raises(InputError, match=r"environments: must have at least 1 item"):
        load_catalog(batch.scene, folder=tmp_path)


@pytest.mark.parametrize(
    ("valid", "invalid", "place"),
    [
        ("[{ position_m = [1.0, 2.0, 0.0] }]", "[]", "environments.yard.spots"),
        ("radius_m = 4.0", "radius_m = 0.0", "environments.yard.radius_m"),
        ("height_m = 1.2", "height_m = -1.2", "characters.kim.height_m"),
        ("duration_s = 1.0", "duration_s = 0.0", "animations.hop.duration_s"),
        ('name = "kim"', 'name = "Kim"', "characters.0.name"),
    ],
)
def test_an_invalid_catalog_is_an_error_with_its_place(
    tmp_path: Path, valid: str, invalid: str, place: str
) -> None:
    assert valid in OWN
    (tmp_path / "own.toml").write_text(OWN.replace(valid, invalid))
    with pytest.raises(InputError) as caught:
        load_catalog(SceneChoice(catalog="own.toml"), folder=tmp_path)
    assert caught.value.where.endswith(place)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"scene\.characters: duplicate name 'ada'"):
        load_catalog(SceneChoice(characters=("ada", "bruno", "ada")), folder=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("pitch_deg = -5.0", "pitch_deg = nan", "lights.dawn.pitch_deg: must be"),
        ("pitch_deg = -5.0", "pitch_deg = -95", "lights.dawn.pitch_deg: must be at least -90"),
        ("yaw_deg = 0.0", "yaw_deg = inf", "lights.dawn.yaw_deg: must be finite"),
        ("intensity = 2", "intensity = -3", "lights.dawn.intensity: must be at least 0"),
        ("intensity = 2", "intensity = 1e6", "lights.dawn.intensity: must be less than 1e"),
        ("intensity = 2", "intensity = 2, fog_density = inf", "lights.dawn.fog_density"),
        ("[1.0, 2.0, 0.0]", "[1.0, nan, 0.0]", "environments.yard.spots.0.position_m.1: must be finite"),
        ("radius_m = 4.0", "radius_m = inf", "environments.yard.radius_m: must be finite"),
        ("duration_s = 1.0", "duration_s = nan", "animations.hop.duration_s: must be"),
    ],
)
def test_numbers_of_a_catalog_are_bounded(old: str, new: str, expected: str, tmp_path: Path) -> None:
    assert old in OWN
    (tmp_path / "own.toml").write_text(OWN.replace(old, new))
    with pytest.raises(InputError, match=re.escape(expected)):
        load_catalog(SceneChoice(catalog="own.toml"), folder=tmp_path)
