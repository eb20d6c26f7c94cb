"""The audit of a filmed set: its scenes, frames beside the rigs, and an image of each flagged clip."""

import base64
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import seal_again, textured_frames
from html_tree import Element, tree_of
from PIL import Image

from multitake.errors import InputError
from shards import clip_source, open_dataset
from shards.format import shard_files
from trajectories import ClipSource, ClipTable, JoinedFootage, Scene, Scenes
from trajectories.audit import AuditReport, audit
from trajectories.audit.measured.scenes import scene_statistics


def scene(environment: str, light: str, *characters: str, split: str = "train") -> Scene:
    return Scene(
        take=f"{environment}_{light}",
        split=split,
        environment=environment,
        characters=characters,
        animations=("walk",) * len(characters),
        light=light,
        caption=f"{' and '.join(characters)} walk",
    )


def audited(folder: Path, *sources: ClipSource) -> tuple[AuditReport, Element, str]:
    page = folder / "audit.html"
    report = audit(sources, page=page)
    html = page.read_text("utf-8")
    return report, tree_of(html), html


def rigs_of(page: Element) -> dict[str, Any]:
    (content,) = page.one("script", id="rigs").children
    return json.loads(str(content))


def image_of(uri: str) -> np.ndarray:
    content = base64.b64decode(uri.removeprefix("data:image/jpeg;base64,"))
    return np.asarray(Image.open(io.BytesIO(content))).astype(float)


@pytest.fixture
def flagged(tiny_dataset: Path) -> ClipSource:
    """The tiny data set with a flag of its own on each clip of the second take."""
    source = clip_source(tiny_dataset)
    (table, last) = source.tables
    names = {"room_000001/cam01": "too_close", "room_000001/cam02": "odd", "room_000001/cam03": "strange"}
    flags = [(names[clip],) if (clip := table.name(i)) in names else () for i in range(len(table))]
    return replace(source, tables=[table.replaced(flags=flags), last])


# ---------------------------------------------------------------- scenes
def test_scenes_are_counted_with_the_choices_that_no_take_has():
    rows = (
        scene("street", "noon", "ada"),
        scene("street", "dusk", "ada", "bruno"),
        scene("room", "noon", "ada", split="validation"),
        scene("room", "noon", "bruno"),
    )
    choices = {"environments": ("street", "room", "park"), "characters": ("ada", "bruno")}
    found = scene_statistics(Scenes(rows=rows, choices=choices))
    assert found is not None
    assert {one.name: one.counts for one in found.choices} == {
        "environment": {"street": 2, "room": 2, "park": 0},
        "subject": {"ada": 3, "bruno": 1},
        "animation": {"walk": 4},
        "light": {"dusk": 1, "noon": 3},
    }
    assert {one.of: (one.seen, one.possible) for one in found.combinations} == {
        ("environment", "subject"): (3, 6),
        ("environment", "animation"): (2, 3),
        ("environment", "light"): (3, 6),
        ("subject", "animation"): (2, 2),
        ("subject", "light"): (3, 4),
        ("animation", "light"): (2, 2),
        ("environment", "subject", "animation", "light"): (4, 12),
    }
    assert (found.other_characters, found.characters_per_take) == ({"bruno": 1}, {1: 3, 2: 1})
    assert (found.splits, found.caption_words) == ({"train": 3, "validation": 1}, {2: 3, 4: 1})
    assert found.distinct_captions == 3
    assert scene_statistics(Scenes(rows=(), choices=choices)) is None


def test_the_scenes_of_a_data_set_are_on_the_page(tiny_dataset: Path, tmp_path: Path):
    report, page, _ = audited(tmp_path, clip_source(tiny_dataset))
    assert report.scenes is not None
    assert report.scenes.takes == 3
    assert json.loads((tmp_path / "audit.json").read_text())["scenes"]["splits"] == {"train": 3}
    shown = page.one("figure", data_feature="scene_environment").text
    assert "room 3" in shown and "equal shares, 3 each" in shown and "1 of 1 used" in shown
    assert "Scenes" in page.one("nav").text
    clips = ClipTable.concatenated(list(clip_source(tiny_dataset).tables))
    plain, page, _ = audited(tmp_path, ClipSource(name="clips", where="clips", tables=[clips]))
    assert plain.scenes is None
    assert "Scenes" not in page.one("nav").text


def test_the_choices_are_those_of_the_catalog(tiny_dataset: Path, tmp_path: Path):
    root = shutil.copytree(tiny_dataset, tmp_path / "dataset")
    (root / "catalog.toml").write_text('environments = [{ name = "room" }, { name = "street" }]\n')
    footage = clip_source(root).footage
    assert footage is not None
    with pytest.raises(InputError, match=r"catalog\.toml: differs from checksums/00000\.sha256; restore"):
        footage.scenes()
    seal_again(root, 0)
    footage = clip_source(root).footage
    assert footage is not None
    assert footage.scenes().choices["environments"] == ("room", "street")
    rows = open_dataset(root).takes
    assert [one.take for one in footage.scenes().rows] == [row.take for row in rows]
    assert [one.caption for one in footage.scenes().rows] == [row.caption for row in rows]


def test_several_data_sets_are_one(tiny_dataset: Path):
    footage = clip_source(tiny_dataset).footage
    assert footage is not None
    joined = JoinedFootage({"a:": footage, "b:": footage})
    assert [row.take[:2] for row in joined.scenes().rows] == ["a:"] * 3 + ["b:"] * 3
    given = joined.pictures("b:room_000002", ["cam02"], [3], width_px=64)
    assert given == footage.pictures("room_000002", ["cam02"], [3], width_px=64)


# ---------------------------------------------------------------- images
def test_images_are_the_frames_in_rows_of_cameras(tiny_dataset: Path):
    footage = clip_source(tiny_dataset).footage
    assert footage is not None
    jpeg = footage.pictures("room_000001", ["cam03", "cam01"], [0, 10, 20], width_px=64)
    sheet = np.asarray(Image.open(io.BytesIO(jpeg))).astype(float)
    assert sheet.shape == (2 * 48, 3 * 64, 3)
    for row, camera in enumerate(("cam03", "cam01")):
        for column, frame in enumerate((0, 10, 20)):
            found = sheet[48 * row : 48 * row + 48, 64 * column : 64 * column + 64]
            given = textured_frames(1, camera)[frame].astype(float)
            assert np.corrcoef(found.ravel(), given.ravel())[0, 1] > 0.9
    small = footage.pictures("room_000001", ["cam01"], [0], width_px=32)
    assert Image.open(io.BytesIO(small)).size == (32, 24)


def test_shown_rigs_and_flagged_clips_have_images(flagged: ClipSource, tmp_path: Path):
    table = next(iter(flagged.tables))
    _, page, html = audited(tmp_path, flagged)
    assert len(html.encode()) < 1.5e6
    assert not re.search(r"""(src|action|data)\s*=\s*["'](?!data:)|url\((?!#)|@import|https?://""", html)
    content = rigs_of(page)
    assert content["image_frames"] == [0, 10, 20]
    for rig in content["rigs"]:
        assert image_of(rig["sheet"]).shape == (3 * 48, 3 * 64, 3)
    shots = page.one("ul", **{"class": "shots"})
    assert {link.text for link in shots.all("a")} == {f"room_000001/cam{n:02d}" for n in (1, 2, 3)}
    for shot in shots.all("img"):
        where, frame = (shot.attributes["alt"] or "").split(", frame ")
        take, camera = where.split("/")
        given = textured_frames(int(take[-1]), camera)[int(frame)].astype(float)
        assert np.corrcoef(image_of(shot.attributes["src"] or "").ravel(), given.ravel())[0, 1] > 0.9
        # It is the frame at which the limit is broken most.
        index = [table.name(i) for i in range(len(table))].index(where)
        distance_m = np.linalg.norm(table.poses.position_m[index] - table["subject_m"][index], axis=-1)
        assert int(frame) == (distance_m.argmin() if camera == "cam01" else 0)


def test_an_image_that_cannot_be_read_is_one_line(flagged: ClipSource, tiny_dataset: Path, tmp_path: Path):
    root = shutil.copytree(tiny_dataset, tmp_path / "dataset")
    member = open_dataset(root).take("room_000001").member("video", "cam02")
    shard = root / shard_files(0)["shards"]
    content = bytearray(shard.read_bytes())
    content[member.offset : member.offset + member.size] = bytes(member.size)
    shard.write_bytes(content)
    out = tmp_path / "out"
    out.mkdir()
    _, page, _ = audited(out, replace(flagged, footage=clip_source(root).footage))
    sheets = {rig["take"]: (rig["sheet"], rig["sheet_note"]) for rig in rigs_of(page)["rigs"]}
    assert sheets["room_000001"][0] == ""
    assert re.fullmatch(r"no image: .+", sheets["room_000001"][1])
    assert sheets["room_000000"][0] and not sheets["room_000000"][1]
    shots = page.one("ul", **{"class": "shots"})
    assert len(shots.all("img")) == 2
    assert len(re.findall("no image: ", shots.text)) == 1


def test_images_are_limited_by_count_and_by_bytes(flagged: ClipSource, tmp_path: Path):
    class Counting:
        asked = 0

        def scenes(self) -> Scenes:
            return Scenes(rows=(), choices={})

        def pictures(self, *_: Any, **__: Any) -> bytes:
            self.asked += 1
            return bytes(60_000)

    clips = [table for _ in range(8) for table in flagged.tables]
    clips = [
        table.replaced(take=np.char.add(f"{n}_", table["take"]), flags=[("odd",)] * len(table))
        for n, table in enumerate(clips)
    ]
    footage = Counting()
    _, page, html = audited(tmp_path, replace(flagged, tables=clips, footage=footage))
    assert len(html.encode()) < 1.5e6
    sheets = [bool(rig["sheet"]) for rig in rigs_of(page)["rigs"]]
    assert sheets == [True] * 3 + [False] * 21
    assert "only the first rigs" in rigs_of(page)["rigs"][-1]["sheet_note"]
    assert len(page.one("ul", **{"class": "shots"}).all("img")) == 1
    assert footage.asked == 4 + 2
