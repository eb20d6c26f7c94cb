"""The commands about a catalog: what they print, and the pictures that they write."""

import re
from pathlib import Path

import numpy as np
import pytest
from motion_files import walk_bvh
from PIL import Image
from typer.testing import CliRunner, Result
from user_files import write_user_files

from datagen.batch import SceneChoice
from datagen.catalog import load_catalog
from datagen.catalogs.sizes import measured_size_m
from datagen.engine.assets import ASSETS
from datagen.engine.content.characters.catalog import CHARACTERS
from multitake.cli import app

CATALOG = load_catalog(SceneChoice(), folder=Path())
EVERYTHING = (*CATALOG.environments, *CATALOG.characters, *CATALOG.animations)
SMALL = """
[[environments]]
name = "street"
asset = "/Game/Maps/Street"
caption = "in a street"
radius_m = 5.0
spots = [{ position_m = [0.0, 0.0, 0.0] }]
tags = ["outdoor"]
[[characters]]
name = "ada"
asset = "/Game/Characters/Ada.Ada"
caption = "a woman & more"
height_m = 1.68
tags = ["woman"]
[[animations]]
name = "wave"
asset = "/Game/Animations/Wave.Wave"
caption = "waves"
duration_s = 2.0
[[lights]]
name = "noon"
caption = "at noon"
pitch_deg = -60.0
yaw_deg = 30.0
intensity = 10.0
"""


def catalog_command(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["catalog", *map(str, arguments)])


def test_the_embedded_catalog_has_every_asset_of_the_engine_once() -> None:
    assert len(CATALOG.environments) >= 40 and len(CATALOG.characters) >= 70
    assert len(CATALOG.animations) >= 100
    paths = {asset.path.partition(".")[0] for asset in ASSETS}
    assert sorted(item.asset.partition(".")[0] for item in EVERYTHING) == sorted(paths)
    assert len({item.caption for item in EVERYTHING}) == len(EVERYTHING)
    assert all(item.tags and item.caption and item.size_m for item in EVERYTHING)


@pytest.mark.parametrize("item", [CATALOG.environments[1], CATALOG.characters[3], CATALOG.animations[5]])
def test_sizes_are_those_of_the_meshes(item: object) -> None:
    assert measured_size_m(item) == item.size_m  # type: ignore[arg-type, attr-defined]


def test_list_prints_a_line_for_each_asset() -> None:
    listed = catalog_command("list")
    assert listed.exit_code == 0
    assert len(listed.stdout.splitlines()) == len(EVERYTHING)
    rows = catalog_command("list", "--kind", "characters", "--tag", "stylised", "--tag", "child").stdout
    expected = [one.name for one in CATALOG.characters if {"stylised", "child"} <= set(one.tags)]
    assert [line.split()[1] for line in rows.splitlines()] == expected and expected


def test_check_says_what_is_wrong_with_assets(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(SMALL)
    ended = catalog_command("check", own)
    assert (ended.exit_code, ended.stdout) == (0, "findings: 0\n"), ended.stdout
    planted = SMALL.replace("[0.0, 0.0, 0.0]", "[0.0, 13.0, 0.0]").replace("Ada.Ada", "Nobody")
    own.write_text(planted.replace("duration_s = 2.0", "duration_s = 2.0\nsize_m = [1.0, 1.0, 9.0]"))
    ended = catalog_command("check", own)
    assert ended.exit_code == 1
    for says in (
        "environment street: a character has no free floor at a spot: spot 0",
        "character ada: the embedded engine has no asset /Game/Characters/Nobody",
        "animation wave: size_m is [1.0, 1.0, 9.0], but [",
    ):
        assert says in ended.stdout


def test_check_follows_the_feet_of_files(tmp_path: Path) -> None:
    """Motions of files on all characters, and characters of files; a speed that is not that of the steps."""
    own = write_user_files(tmp_path)
    (tmp_path / "assets" / "walk.bvh").write_text(walk_bvh(CHARACTERS["Bruno"].proportions))
    walk = '[[animations]]\nname = "own-walk"\nfile = "assets/walk.bvh"\ncaption = "walks"\n'
    entries = own.read_text() + walk + 'licence = "CC0-1.0"\n'
    own.write_text(entries.replace('"CC0-1.0"\n', '"CC0-1.0"\ntags = ["own"]\n'))
    ended = catalog_command("check", own, "--tag", "own")
    assert (ended.exit_code, ended.stdout) == (0, "findings: 0\n"), ended.stdout
    own.write_text(own.read_text().replace(walk, f"{walk}speed_m_per_s = 1.4\n"))
    ended = catalog_command("check", own, "--tag", "own")
    assert ended.exit_code == 1
    assert "animation own-walk: foot_l slides while it stands 2." in ended.stdout
    assert ended.stdout.count(" on hero at ") == 2


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--kind", "chairs"], "--kind: unknown kind 'chairs'; use environments, characters, animations"),
        (["--tag", "winter", "--kind", "animations"], "--tag: no asset has the tag winter; use "),
        (["nowhere.toml"], "nowhere.toml: cannot be read"),
    ],
)
def test_invalid_choices_are_one_line(arguments: list[str], says: str) -> None:
    ended = catalog_command("list", *arguments)
    assert ended.exit_code == 2 and len(ended.stderr.splitlines()) == 1 and says in ended.stderr


def test_preview_shows_every_asset_of_a_catalog(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SMALL)
    out = tmp_path / "preview"
    ended = catalog_command("preview", tmp_path / "own.toml", "--out", out, "--look", "fast")
    assert ended.exit_code == 0, ended.stderr
    page = (out / "index.html").read_text()
    assert "a woman &amp; more" in page
    pictures = re.findall(r'src="([^"]+)"', page)
    assert pictures == ["environments/street.jpg", "characters/ada.jpg", "animations/wave.jpg"]
    for name in (*pictures, "environments.jpg", "characters.jpg", "animations.jpg"):
        assert np.asarray(Image.open(out / name)).std() > 10
    before = sorted(path.name for path in tmp_path.rglob("*"))
    again = catalog_command("preview", tmp_path / "own.toml", "--out", out)
    assert again.exit_code == 2 and "is not an empty folder; give a new folder" in again.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_preview_of_assets_that_the_engine_does_not_have_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(SMALL.replace("Maps/Street", "Maps/Nowhere"))
    ended = catalog_command("preview", tmp_path / "own.toml", "--out", tmp_path / "out", "--look", "fast")
    assert ended.exit_code == 2 and len(ended.stderr.splitlines()) == 1
    assert "/Game/Maps/Nowhere" in ended.stderr and not (tmp_path / "out").exists()
