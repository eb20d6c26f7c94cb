"""Peek: the tiles are the frames of the take, with labels."""

from pathlib import Path

import numpy as np
import pytest
from conftest import FRAMES, HEIGHT_PX, WIDTH_PX
from PIL import Image

from multitake.errors import InputError
from shards import decode_video, open_dataset, peek_take
from shards.peek import label_of


def test_every_camera_has_its_tile_in_every_frame(tiny_dataset: Path, tmp_path: Path) -> None:
    video, sheet = peek_take(tiny_dataset, "room_000001", tmp_path / "peek")
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
