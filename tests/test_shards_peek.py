"""Peek: the tiles are the frames of the take, with labels."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import FRAMES, HEIGHT_PX, TINY_BATCH_FILES, WIDTH_PX, tiny_info, tiny_take
from PIL import Image
from published_sets import SCENES, write_tree

from multitake.errors import InputError
from shards import DatasetWriter, decode_video, open_dataset, peek_take
from shards.imports import ImportOptions, import_dataset
from shards.peek_rig import rig_image
from shards.peek_tiles import label_of, tile_size
from trajectories import CameraPose, ClipTable


def test_every_camera_has_its_tile_in_every_frame(tiny_dataset: Path, tmp_path: Path) -> None:
    video, sheet, _ = peek_take(tiny_dataset, "room_000001", tmp_path / "peek")
    take = open_dataset(tiny_dataset).take("room_000001")
    tiled = decode_video(video)
    assert tiled.shape == (FRAMES, HEIGHT_PX, 3 * WIDTH_PX, 3)
    # Below the label, a tile is the clip, encoded once more.
    below = slice(HEIGHT_PX // 2, None)
    for number, camera in enumerate(take.cameras):
        tile = tiled[:, below, number * WIDTH_PX : (number + 1) * WIDTH_PX]
        others = [take.clip(other).frames()[:, below] for other in take.cameras]
        errors = [np.abs(tile.astype(int) - other).mean() for other in others]
        assert int(np.argmin(errors)) == take.cameras.index(camera) and min(errors) < 10
    with Image.open(sheet) as image:
        assert image.size == (6 * WIDTH_PX, 3 * HEIGHT_PX)
        last = np.asarray(image)[below.start : HEIGHT_PX, 5 * WIDTH_PX :]
    assert np.array_equal(last, take.clip("cam01").frames()[-1, below])


def test_labels_name_camera_motion_and_amount(tiny_dataset: Path) -> None:
    rows = open_dataset(tiny_dataset).take("room_000000").clip_rows
    assert [label_of(row).split(" ")[:2] for row in rows] == [
        ["cam01", "pan"],
        ["cam02", "arc"],
        ["cam03", "static"],
    ]
    assert f"{rows[0].angle_deg:+.0f} deg" in label_of(rows[0])


def test_takes_without_intrinsics_are_shown(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "published", SCENES)
    import_dataset([str(tree)], out=tmp_path / "data", options=ImportOptions())
    takes = list(open_dataset(tmp_path / "data"))
    unknown = [take for take in takes if not take.clip_rows[0].fx_px > 0]
    assert unknown and len(unknown) < len(takes)
    for take in takes:
        *_, rig = peek_take(tmp_path / "data", take.key, tmp_path / "peek")
        with Image.open(rig) as image:
            assert image.size[0] > 0
    (take,) = unknown[:1]
    images = rig_image(take, 0)
    # Nothing is drawn into them: below its label, a tile is the image.
    filmed = take.clip(take.cameras[0]).frames(0, 1, size_px=tile_size(take, 480))[0]
    height, width = filmed.shape[:2]
    assert np.array_equal(images[height // 2 : height, :width], filmed[height // 2 :])


def test_an_unknown_take_is_invalid(tiny_dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unknown take 'room_7'"):
        peek_take(tiny_dataset, "room_7", tmp_path / "peek")
    assert not (tmp_path / "peek").exists()


@pytest.mark.parametrize("out", ["notes.txt", "notes.txt/peek"])
def test_a_file_with_the_name_of_the_folder_is_kept(tiny_dataset: Path, tmp_path: Path, out: str) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="cannot be written"):
        peek_take(tiny_dataset, "room_000001", tmp_path / out)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_rig_is_drawn_where_an_independent_projection_has_it(tmp_path: Path) -> None:
    take = tiny_take(0)
    rows = [replace(row, ground_m=math.nan) for row in take.clips]
    poses = take.clips.poses.world_from_camera.copy()
    # The second camera stands two metres before the first one, to the left and above.
    poses[1, :, :, 3] = poses[0, :, :, 3] + poses[0, :, :, :3] @ (-0.3, -0.2, 2.0)
    poses[2, :, :, 3] = poses[0, :, :, 3] - 5 * poses[0, :, :, 2]
    writer = DatasetWriter(tmp_path / "set")
    counts = {"takes": 1, "clips": 3, "frames": 63, "shards": 1}
    writer.create(replace(tiny_info(), planned_takes=1, counts=counts), TINY_BATCH_FILES)
    writer.stage(replace(take, clips=ClipTable.of_rows(rows, CameraPose(poses))))
    writer.seal(0, ["room_000000"])
    stored = open_dataset(tmp_path / "set").take("room_000000")
    drawn = rig_image(stored, 10)[:HEIGHT_PX, :WIDTH_PX].astype(int)
    plain = stored.clip("cam01").frames(10, 11)[0]
    lens, changed = rows[0].intrinsics, np.abs(drawn - plain).max(axis=-1) > 40
    for point in (
        (-0.3, -0.2, 2.0),
        stored.clip("cam01").poses[10].camera_points(np.array([rows[0].subject_m]))[0],
    ):
        x, y = lens.fx_px * point[0] / point[2] + lens.cx_px, lens.fy_px * point[1] / point[2] + lens.cy_px
        if 2 < x < WIDTH_PX - 3 and 16 < y < HEIGHT_PX - 3:
            assert changed[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].any()
    assert changed[16:].any() and changed[16:].mean() < 0.5


def test_an_unknown_frame_is_invalid(tiny_dataset: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"take room_000001: no frame 21; choose from 0\.\.20"):
        peek_take(tiny_dataset, "room_000001", tmp_path / "peek", frame=FRAMES)
