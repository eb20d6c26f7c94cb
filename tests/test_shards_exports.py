"""Exporting: what others read is what the data set has."""

import csv
import json
import os
import shutil
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from PIL import Image
from published_sets import CAMERAS, FRAMES, SCENES, folder_files, write_tree
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError
from shards import decode_video, open_dataset
from shards.exports import ExportOptions, export_dataset
from shards.imports import ImportOptions, import_dataset
from trajectories.formats import read_trajectories

LAYOUTS = ("multicamvideo", "nerfstudio", "lerobot")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree in the published layout."""
    return write_tree(tmp_path_factory.mktemp("published") / "MultiCamVideo-Dataset")


@pytest.fixture(scope="module")
def imported(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its data set, with captions of two clips."""
    out = tmp_path_factory.mktemp("imported")
    (out / "metadata.csv").write_text(
        "file_name,text\n"
        'f18_aperture10/scene1/videos/cam01.mp4,"A man, who dances."\n'
        "f35_aperture2.4/scene9/videos/cam03.mp4,A woman.\n"
    )
    options = ImportOptions(takes_per_shard=2, captions=out / "metadata.csv")
    assert import_dataset([str(tree)], out=out / "data", options=options).is_ok
    return out / "data"


def export(dataset: Path | str, out: Path, layout: str, **choices: str) -> None:
    """Export all that is chosen; nothing may fail."""
    assert export_dataset(dataset, out=out, options=ExportOptions(format=layout, **choices)).is_ok


def test_an_import_of_an_export_is_the_same_data_set(tree: Path, imported: Path, tmp_path: Path) -> None:
    export(imported, tmp_path / "exported", "multicamvideo")
    for scene in SCENES:
        name = f"{scene}/cameras/camera_extrinsics.json"
        assert (tmp_path / "exported" / name).read_bytes() == (tree / name).read_bytes()
    without = ImportOptions(takes_per_shard=2)
    for source, out in ((tree, "first"), (tmp_path / "exported", "second")):
        import_dataset([str(source)], out=tmp_path / out, options=without)
    assert folder_files(tmp_path / "first") == folder_files(tmp_path / "second")


def test_captions_go_out_as_they_came_in(imported: Path, tmp_path: Path) -> None:
    export(imported, tmp_path / "exported", "multicamvideo")
    rows = list(csv.DictReader((tmp_path / "exported/metadata.csv").read_text().splitlines()))
    texts = {row["file_name"]: row["text"] for row in rows}
    assert len(texts) == 4 * len(CAMERAS)
    assert all((tmp_path / "exported/train" / name).is_file() for name in texts)
    assert texts["f18_aperture10/scene1/videos/cam01.mp4"] == "A man, who dances."
    assert sum(map(bool, texts.values())) == 2


def test_filmed_takes_become_scenes_of_their_lens(tiny_dataset: Path, tmp_path: Path) -> None:
    export(tiny_dataset, tmp_path / "exported", "multicamvideo")
    dataset = open_dataset(tiny_dataset)
    lenses: dict[str, int] = {}
    for row in dataset.takes:
        lens = f"f{row.focal_length_mm:g}_aperture{row.f_number:g}"
        lenses[lens] = lenses.get(lens, 0) + 1
        folder = tmp_path / "exported/train" / lens / f"scene{lenses[lens]}"
        read = {one.camera: one for one in read_trajectories(folder / "cameras", format="multicamvideo")}
        take = dataset.take(row.take)
        for camera in take.cameras:
            clip = take.clip(camera)
            assert (folder / f"videos/{camera}.mp4").read_bytes() == clip.video_bytes()
            found, expected = read[camera].poses.world_from_camera, clip.poses.world_from_camera
            # Six significant digits of centimetres.
            assert np.allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_chosen_takes_and_cameras_alone_are_exported(imported: Path, tmp_path: Path) -> None:
    export(
        imported, tmp_path / "exported", "multicamvideo", takes="f18_aperture10_scene2", cameras="cam01,cam03"
    )
    files = [path for path in folder_files(tmp_path / "exported") if path.startswith("train")]
    folder = "train/f18_aperture10/scene2"
    videos = [f"{folder}/videos/cam01.mp4", f"{folder}/videos/cam03.mp4"]
    assert files == [f"{folder}/cameras/camera_extrinsics.json", *videos]


def test_nerfstudio_folders_have_the_images_and_the_cameras_of_their_clip(
    tiny_dataset: Path, tmp_path: Path
) -> None:
    export(tiny_dataset, tmp_path / "exported", "nerfstudio", takes="2", cameras="cam02")
    take = open_dataset(tiny_dataset).take("room_000002")
    clip, folder = take.clip("cam02"), tmp_path / "exported/room_000002/cam02"
    document = json.loads((folder / "transforms.json").read_text())
    frames = clip.frames()
    depth_m, lens = clip.depth_m(), clip.intrinsics
    assert len(document["frames"]) == len(frames) and document["fl_x"] == pytest.approx(lens.fx_px)
    for k, frame in enumerate(document["frames"]):
        assert np.array_equal(np.asarray(Image.open(folder / frame["file_path"])), frames[k])
        depth = np.asarray(Image.open(folder / frame["depth_file_path"]))
        assert depth.dtype == np.uint16 and np.array_equal(depth, np.rint(depth_m[k] * 1000))
        mask = np.asarray(Image.open(folder / frame["mask_path"]))
        assert (mask == 255).all(), "the legend of this take has no actor"
        # OpenGL cameras look along -Z, with Y up.
        opencv = np.array(frame["transform_matrix"])[:3] * [1, -1, -1, 1]
        assert np.allclose(opencv, clip.poses.world_from_camera[k])


def test_clips_without_intrinsics_are_named_and_the_others_exported(imported: Path, tmp_path: Path) -> None:
    options = ExportOptions(format="nerfstudio", cameras="cam01")
    report = export_dataset(imported, out=tmp_path / "exported", options=options)
    assert not report.is_ok and list(report.failed) == ["val_10basic_trajectories/cam01"]
    assert report.written == 4


def test_lerobot_episodes_are_takes(imported: Path, tmp_path: Path) -> None:
    """Read as its reader does: by the table of episodes, and times in joined videos."""
    out = tmp_path / "exported"
    export(imported, out, "lerobot")
    info = json.loads((out / "meta/info.json").read_text())
    dataset = open_dataset(imported)
    assert info["codebase_version"] == "v3.0" and info["splits"] == {"train": "0:4", "val": "4:5"}
    episodes = pd.concat([pd.read_parquet(path) for path in sorted(out.glob("meta/episodes/*/*.parquet"))])
    frames = pd.concat([pd.read_parquet(path) for path in sorted(out.glob("data/*/*.parquet"))])
    tasks = pd.read_parquet(out / "meta/tasks.parquet")
    assert frames["index"].tolist() == list(range(info["total_frames"])) and len(episodes) == len(dataset)
    for episode in episodes.to_dict("records"):
        take = dataset.take(episode["take"])
        rows = frames.iloc[episode["dataset_from_index"] : episode["dataset_to_index"]]
        assert (rows["episode_index"] == episode["episode_index"]).all() and len(rows) == FRAMES
        assert tasks.index[rows["task_index"].iloc[0]] == episode["tasks"][0]
        for camera in take.cameras:
            key, clip = f"observation.images.{camera}", take.clip(camera)
            numbers = {
                name: episode[f"videos/{key}/{name}"]
                for name in ("chunk_index", "file_index", "from_timestamp", "to_timestamp")
            }
            path = out / info["video_path"].format(video_key=key, **numbers)
            assert np.array_equal(frames_between(path, numbers["from_timestamp"]), clip.frames())
            poses = np.stack(rows[f"observation.extrinsics.{camera}"])
            assert np.array_equal(poses, clip.poses.world_from_camera.reshape(-1, 12).astype(np.float32))


def frames_between(path: Path, start_s: float) -> np.ndarray:
    """The frames of an episode in a joined video, by their times."""
    with av.open(path) as file:
        found = [frame for frame in file.decode(video=0) if frame.time is not None]
    return np.stack(
        [
            frame.to_ndarray(format="rgb24")
            for frame in found
            if start_s - 1e-3 <= float(frame.time or 0) < start_s + FRAMES / 15 - 1e-3
        ]
    )


def test_statistics_of_numbers_are_those_of_all_frames(imported: Path, tmp_path: Path) -> None:
    export(imported, tmp_path / "exported", "lerobot")
    stats = json.loads((tmp_path / "exported/meta/stats.json").read_text())
    paths = sorted((tmp_path / "exported/data").glob("*/*.parquet"))
    values = np.concatenate(
        [np.stack(pq.read_table(path)["observation.extrinsics.cam02"].to_pylist()) for path in paths]
    )
    found = stats["observation.extrinsics.cam02"]
    assert np.allclose(found["mean"], values.mean(axis=0)) and np.allclose(found["std"], values.std(axis=0))
    assert np.allclose(found["min"], values.min(axis=0)) and found["count"] == [len(values)]
    assert np.shape(stats["observation.images.cam02"]["mean"]) == (3, 1, 1)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_export_that_was_interrupted_is_finished(
    layout: str, imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choices = {"cameras": "cam01", "takes": "f18_aperture10_scene1,f35_aperture2p4_scene9"}
    export(imported, tmp_path / "whole", layout, **choices)
    expected = folder_files(tmp_path / "whole")
    rename = os.replace
    for kept in range(1000):
        left = [kept]

        def failing(*paths: str, left: list[int] = left) -> None:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            rename(*paths)

        out = tmp_path / f"killed{kept}"
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", failing)
            try:
                export(imported, out, layout, **choices)
            except KeyboardInterrupt:
                pass
            else:
                assert kept >= 4
                return
        export(imported, out, layout, **choices)
        assert folder_files(out) == expected, f"killed at rename {kept}"
        shutil.rmtree(out)


def test_foreign_folders_and_other_choices_are_refused(imported: Path, tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign/notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not a folder of an export"):
        export(imported, tmp_path / "foreign", "multicamvideo")
    export(imported, tmp_path / "exported", "multicamvideo", takes="f18_aperture10_scene1")
    with pytest.raises(InputError, match="other takes, cameras or another data set"):
        export(imported, tmp_path / "exported", "multicamvideo")
    with pytest.raises(InputError, match="the result is in its source"):
        export(imported, imported / "exported", "multicamvideo")
    with pytest.raises(InputError, match="unknown camera 'cam99'"):
        export(imported, tmp_path / "other", "multicamvideo", cameras="cam99")


def test_videos_with_other_parameters_begin_another_file(imported: Path, tree: Path, tmp_path: Path) -> None:
    from published_sets import foreign_video

    root = tmp_path / "set"
    shutil.copytree(tree / SCENES[0], root / SCENES[0])
    shutil.copytree(tree / SCENES[1], root / SCENES[1])
    for video in (root / SCENES[1] / "videos").iterdir():
        video.write_bytes(foreign_video(video.name, options={"bf": "0", "refs": "1"}))
    import_dataset([str(root)], out=tmp_path / "data", options=ImportOptions())
    export(tmp_path / "data", tmp_path / "exported", "lerobot")
    videos = sorted((tmp_path / "exported/videos/observation.images.cam01").rglob("*.mp4"))
    assert [video.name for video in videos] == ["file-000.mp4", "file-001.mp4"]
    dataset = open_dataset(tmp_path / "data")
    for video, key in zip(videos, dataset.keys, strict=True):
        assert np.array_equal(decode_video(video), dataset.take(key).clip("cam01").frames())


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["video", "take"])
def test_a_damaged_take_is_named_and_the_others_exported(
    layout: str, kind: str, imported: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(imported, tmp_path / "copy"))
    key = open_dataset(copy).keys[1]
    take = open_dataset(copy).take(key)
    tar = copy / f"shards/{take.shard:05d}.tar"
    member = take.member(kind, "cam01" if kind == "video" else "")
    content = bytearray(tar.read_bytes())
    content[member.offset + 30] ^= 1
    tar.write_bytes(content)
    options = ExportOptions(format=layout)
    report = export_dataset(copy, out=tmp_path / "exported", options=options)
    assert not report.is_ok
    damaged = [unit for unit, reason in report.failed.items() if "checksum mismatch" in reason]
    assert damaged and all(key in f"{unit} {report.failed[unit]}" for unit in damaged)
    # A second run writes nothing new, and says the same.
    again = export_dataset(copy, out=tmp_path / "exported", options=options)
    assert (again.written, again.failed) == (0, report.failed)
    if layout == "lerobot":
        others = ",".join(other for other in open_dataset(copy).keys if other != key)
        export(copy, tmp_path / "others", layout, takes=others)
        found = folder_files(tmp_path / "exported")
        wanted = folder_files(tmp_path / "others")
        assert found.keys() == wanted.keys()
        assert all(found[name] == wanted[name] for name in found if "multitake-export" not in str(name))


def test_an_export_reads_any_address(imported: Path, tmp_path: Path) -> None:
    import fsspec

    address = f"memory://exports/{tmp_path.name}"
    fsspec.filesystem("memory").put(f"{imported}/", f"{address}/", recursive=True)
    export(imported, tmp_path / "local", "multicamvideo")
    export(address, tmp_path / "remote", "multicamvideo")
    assert folder_files(tmp_path / "local") == folder_files(tmp_path / "remote")


def test_the_command_exports_and_says_what_it_cannot(imported: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "exported")
    command = ["export", str(imported), "--to", "nerfstudio", "--cameras", "cam02", "--out", out]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert result.output.splitlines()[0].startswith(
        "not exported: val_10basic_trajectories/cam02: this format"
    )
    assert result.output.splitlines()[1] == f"{out}: 4 written, 1 not exported"
    chosen = [*command, "--takes", "f18_aperture10_scene1"]
    assert CliRunner().invoke(app, chosen).exit_code == 2
