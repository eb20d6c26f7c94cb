"""Readers: ours and those of stock tools, on folders and other addresses; damage is named."""

import errno
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import av
import fsspec
import numpy as np
import pandas as pd
import pytest
from conftest import FRAMES, HEIGHT_PX, TINY_KEYS, WIDTH_PX, textured_frames, tiny_info

from multitake.errors import InputError, RunError
from shards import DatasetWriter, FilmedTake, Take, decode_video, open_dataset
from shards.files import Files
from trajectories import read_clips


def test_a_take_is_read_as_it_was_filmed(tiny_dataset: Path, tiny_takes: list[FilmedTake]) -> None:
    dataset = open_dataset(tiny_dataset)
    assert dataset.keys == TINY_KEYS and len(dataset) == 3
    assert dataset.info == tiny_info()
    assert dataset.takes == tuple(take.row for take in tiny_takes)
    for take, filmed in zip(dataset, tiny_takes, strict=True):
        assert take.row == filmed.row and take.clip_rows == tuple(filmed.clips)
        stored = filmed.clips.poses.world_from_camera.astype(np.float32)
        assert np.array_equal(take.poses.world_from_camera, stored)
        for number, files in enumerate(filmed.files):
            clip = take.clip(files.camera)
            assert clip.video_bytes() == files.members["video"]
            assert clip.row == filmed.clips.row(number)
            assert np.array_equal(clip.poses.world_from_camera, stored[number])
            assert clip.intrinsics == filmed.clips.row(number).intrinsics


def test_windows_depth_and_masks(tiny_dataset: Path) -> None:
    clip = open_dataset(tiny_dataset).take("room_000002").clip("cam02")
    whole, filmed = clip.frames(), textured_frames(2, "cam02")
    assert whole.shape == (FRAMES, HEIGHT_PX, WIDTH_PX, 3)
    for start, stop in ((0, 5), (0, 20), (3, 21), (20, 21)):
        assert np.array_equal(clip.frames(start, stop), whole[start:stop])
    for start, stop in ((5, 2), (5, 5), (-1, 3)):
        with pytest.raises(InputError, match=rf"empty frame range {start}\.\.{stop}"):
            clip.frames(start, stop)
    with pytest.raises(InputError, match="empty size 0x3 px"):
        clip.frames(size_px=(0, 3))
    assert np.array_equal(clip.mask(), filmed)
    assert np.abs(clip.depth_m() - filmed[..., 0] / 10).max() < 1e-3
    with pytest.raises(InputError, match="take room_000000: depth was not filmed; film with the pass depth"):
        open_dataset(tiny_dataset).take("room_000000").clip("cam02").depth_m()
    with pytest.raises(InputError, match="unknown camera 'cam09'"):
        open_dataset(tiny_dataset).take("room_000000").clip("cam09")


def test_only_the_needed_ranges_are_read(tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    take = open_dataset(tiny_dataset).take("room_000001")
    read, bytes_read = take.files.store.read, []

    def counting(path: str, start: int, stop: int) -> bytes:
        bytes_read.append(stop - start)
        return read(path, start, stop)

    monkeypatch.setattr(take.files.store, "read", counting)
    take.clip("cam02").frames(0, 20)
    assert bytes_read == [take.member("video", "cam02").gop_ends[0]]
    assert take.poses is take.poses and take.row.take == "room_000001"
    assert len(bytes_read) == 2 and bytes_read[1] < 16_384


@pytest.mark.parametrize("scheme", ["memory", "file"])
def test_other_addresses_give_the_same_takes(tiny_dataset: Path, scheme: str) -> None:
    url = f"file://{tiny_dataset}"
    if scheme == "memory":
        url = "memory://tiny/dataset"
        memory = fsspec.filesystem("memory")
        for path in tiny_dataset.rglob("*"):
            if path.is_file():
                memory.pipe_file(f"/tiny/dataset/{path.relative_to(tiny_dataset)}", path.read_bytes())
    here, there = open_dataset(tiny_dataset), open_dataset(url)
    assert here.keys == there.keys and here.takes == there.takes
    frames = there.take("room_000002").clip("cam01").frames(2, 4)
    assert np.array_equal(frames, here.take("room_000002").clip("cam01").frames(2, 4))


_WEBDATASET_LOOP = """
import io, json, sys
import av, numpy as np, webdataset
for sample in webdataset.WebDataset(sys.argv[1], shardshuffle=False):
    with av.open(io.BytesIO(sample["cam03.mp4"])) as file:
        frames = sum(1 for _ in file.decode(video=0))
    about = json.loads(sample["take.json"])["take"]
    passes = sorted(name for name in sample if name.startswith("cam03.") and name.endswith("mkv"))
    print(json.dumps([sample["__key__"], about["caption"], frames, passes]))
    assert np.load(io.BytesIO(sample["poses.npy"])).shape == (3, frames, 3, 4)
assert "shards" not in sys.modules
"""


def test_webdataset_reads_it_without_our_code(tiny_dataset: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _WEBDATASET_LOOP, str(tiny_dataset / "shards" / "{00000..00001}.tar")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    passes = [[], [], ["cam03.depth.mkv", "cam03.mask.mkv"]]
    caption = "Ada walks in the room, take {}"
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        [key, caption.format(number), FRAMES, passes[number]] for number, key in enumerate(TINY_KEYS)
    ]


def test_pandas_reads_the_tables_without_our_code(tiny_dataset: Path) -> None:
    poses = pd.read_parquet(tiny_dataset / "poses")
    assert len(poses) == 9 and poses["position_m"].iloc[0].shape == (FRAMES * 3,)
    takes = pd.read_parquet(tiny_dataset / "takes" / "00001.parquet")
    assert takes["caption"].tolist() == ["Ada walks in the room, take 2"]
    index = pd.read_parquet(tiny_dataset / "index" / "00000.parquet")
    row = index[index["member"] == "room_000001.cam02.mp4"].iloc[0]
    shard = (tiny_dataset / "shards" / "00000.tar").read_bytes()
    assert len(decode_video(shard[row["offset"] : row["offset"] + row["size"]])) == FRAMES


def test_tar_extracts_it_without_our_code(tiny_dataset: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "-xf", tiny_dataset / "shards" / "00001.tar", "-C", tmp_path], check=True)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 2 + 3 * 3 and "room_000002.cam01.depth.mkv" in names
    with av.open(str(tmp_path / "room_000002.cam01.depth.mkv")) as file:
        assert file.streams.video[0].codec_context.pix_fmt == "gray16le"


def test_the_clip_table_has_the_poses_of_the_shards(tiny_dataset: Path) -> None:
    table = read_clips(tiny_dataset / "poses" / "00000.parquet")
    dataset = open_dataset(tiny_dataset)
    takes = [dataset.take(key) for key in TINY_KEYS[:2]]
    assert list(table) == [row for take in takes for row in take.clip_rows]
    stored = np.concatenate([take.poses.world_from_camera for take in takes])
    assert np.array_equal(table.poses.world_from_camera, stored)


def test_errors_name_what_is_not_a_data_set(tmp_path: Path, tiny_dataset: Path) -> None:
    with pytest.raises(InputError, match="not a data set"):
        open_dataset(tmp_path)
    with pytest.raises(InputError, match=r"cannot be read \(.*nosuchscheme"):
        open_dataset("nosuchscheme://bucket/dataset")
    DatasetWriter(tmp_path / "new").create(tiny_info(), {"batch.toml": ""})
    with pytest.raises(InputError, match="no shard is sealed"):
        open_dataset(tmp_path / "new")
    described = tmp_path / "new" / "dataset.json"
    described.write_text(described.read_text().replace('"format_version": 1', '"format_version": 2'))
    with pytest.raises(InputError, match=r"dataset\.json: unsupported format version 2; .* this one reads 1"):
        open_dataset(tmp_path / "new")
    described.write_text("[]")
    with pytest.raises(InputError, match=r"not a multitake dataset\.json"):
        open_dataset(tmp_path / "new")
    with pytest.raises(InputError, match="unknown take 'room_000009'"):
        open_dataset(tiny_dataset).take("room_000009")


def test_damage_is_named_when_it_is_read(tiny_dataset: Path, tmp_path: Path) -> None:
    root = tmp_path / "dataset"
    shutil.copytree(tiny_dataset, root)
    shard = root / "shards" / "00000.tar"
    content = bytearray(shard.read_bytes())
    member = open_dataset(root).take("room_000000").member("video", "cam02")
    content[member.offset + member.size // 2] ^= 1
    shard.write_bytes(content[: len(content) - 20_000])
    dataset = open_dataset(root)
    with pytest.raises(InputError, match=r"00000\.tar: room_000000\.cam02\.mp4: checksum mismatch"):
        dataset.take("room_000000").clip("cam02").frames()
    with pytest.raises(InputError, match=r"cam03\.mp4: the shard is truncated before this member ends"):
        dataset.take("room_000001").clip("cam03").frames()
    shard.unlink()
    with pytest.raises(InputError, match=r"00000\.tar: cannot be read"):
        _ = dataset.take("room_000000").row


def test_tables_are_data_frames_of_all_shards(tiny_dataset: Path) -> None:
    dataset = open_dataset(tiny_dataset)
    takes, clips = dataset.takes_table(), dataset.clips_table()
    assert takes["take"].tolist() == list(TINY_KEYS)
    assert takes["caption"].tolist() == [row.caption for row in dataset.takes]
    rows = [row for take in dataset for row in take.clip_rows]
    assert clips["camera"].tolist() == [row.camera for row in rows] and "position_m" not in clips
    assert clips["fx_px"].tolist() == [row.fx_px for row in rows]
    some = dataset.clips_table(["take", "position_m"])
    assert list(some) == ["take", "position_m"]
    place = next(iter(dataset)).poses.position_m[0]
    assert np.allclose(some["position_m"][0].reshape(FRAMES, 3), place)
    with pytest.raises(InputError, match=r"poses/: unknown column 'speed'; choose from take, camera"):
        dataset.clips_table(["speed"])


def test_poses_of_all_clips_are_those_of_the_takes(tiny_dataset: Path) -> None:
    dataset = open_dataset(tiny_dataset)
    found = {
        (take, camera): (part.position_m[row], part.rotation[row])
        for part in dataset.iter_poses()
        for row, (take, camera) in enumerate(zip(part.takes, part.cameras, strict=True))
    }
    assert len(found) == 9
    for take in dataset:
        for camera in take.cameras:
            poses = take.clip(camera).poses
            position_m, rotation = found[take.key, camera]
            assert np.array_equal(position_m, poses.position_m.astype(np.float32))
            assert np.array_equal(rotation, poses.rotation.astype(np.float32))


class FailingFiles(Files):
    """Files of a disk that fails."""

    def read_ranges(self, path: str, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        raise OSError(errno.EIO, "Input/output error")


@pytest.mark.parametrize("read", [lambda take: take.clip("cam01").row, lambda take: take.row])
def test_a_disk_that_fails_is_not_called_damage(tiny_dataset: Path, read: Callable[[Take], object]) -> None:
    take = replace(open_dataset(tiny_dataset).take(TINY_KEYS[0]), files=FailingFiles(tiny_dataset))
    with pytest.raises(RunError, match="run the same command again"):
        read(take)


def test_rows_of_clips_are_parsed_once(tiny_dataset: Path) -> None:
    take = open_dataset(tiny_dataset).take(TINY_KEYS[0])
    first, again = take.clip_rows, take.clip_rows
    assert all(one is other for one, other in zip(first, again, strict=True))
    assert take.clip("cam01").row is first[0]
