"""Verify: no problem in a valid data set, and a precise one for every kind of damage."""

import json
import os
import shutil
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, TINY_SHARDS, seal_again, tiny_info, write_tiny_dataset

from multitake.errors import InputError
from shards import (
    QUICK,
    DatasetWriter,
    Extent,
    Failure,
    FilmedTake,
    damaged_takes,
    open_dataset,
    verify_dataset,
)
from shards.takes import Member


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))


def member(root: Path, take: str, kind: str, camera: str = "") -> Member:
    return open_dataset(root).take(take).member(kind, camera)


def flip(path: Path, byte: int) -> None:
    content = bytearray(path.read_bytes())
    content[byte] ^= 0x55
    path.write_bytes(content)


def rewrite_index(root: Path, shard: int, change: Callable[[list[dict]], None]) -> None:
    path = root / "index" / f"{shard:05d}.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    seal_again(root, shard)


def replace_member(root: Path, take: str, kind: str, camera: str, content: bytes) -> None:
    """Replace a member by other bytes of the same length, and correct its checksum in the index."""
    found = member(root, take, kind, camera)
    assert len(content) == found.size
    shard = root / "shards" / f"{open_dataset(root).take(take).shard:05d}.tar"
    whole = bytearray(shard.read_bytes())
    whole[found.offset : found.offset + found.size] = content
    shard.write_bytes(whole)

    def agree(rows: list[dict]) -> None:
        for row in rows:
            if row["member"] == found.member:
                row["crc32"] = zlib.crc32(content)

    rewrite_index(root, int(shard.stem), agree)


def findings(root: Path) -> list[str]:
    return [f"{problem.where}: {problem.what}" for problem in verify_dataset(root)]


def test_a_valid_data_set_has_no_problem(tiny_dataset: Path) -> None:
    assert verify_dataset(tiny_dataset) == []
    assert verify_dataset(f"file://{tiny_dataset}") == []


def test_a_truncated_shard_and_its_first_lost_take_are_named(copy: Path) -> None:
    shard = copy / "shards" / "00000.tar"
    content = shard.read_bytes()
    cut = member(copy, "room_000001", "video", "cam02").offset + 100
    shard.write_bytes(content[:cut])
    expected = f"{cut} bytes instead of {len(content)}: truncated from take room_000001 on"
    assert findings(copy) == [f"shards/00000.tar: {expected}"]
    shard.write_bytes(content[:-512])
    assert findings(copy)[0].endswith("all takes are complete")
    shard.unlink()
    assert "00000.tar: cannot be read" in findings(copy)[0]


def test_every_changed_byte_is_found_at_its_place(copy: Path) -> None:
    shard = copy / "shards" / "00000.tar"
    sound = shard.read_bytes()
    video = member(copy, "room_000000", "video", "cam03")
    places = {
        video.offset + video.size // 2: "take room_000000: checksum mismatch: room_000000.cam03.mp4",
        video.offset - 512: "take room_000000: a tar header is damaged",
        member(copy, "room_000001", "poses").offset + 200: "checksum mismatch: room_000001.poses.npy",
        video.offset + video.size: "sha256 mismatch outside of the takes",
        len(sound) - 1: "sha256 mismatch outside of the takes",
    }
    for byte, wanted in places.items():
        flip(shard, byte)
        (found,) = findings(copy)
        assert found.startswith("shards/00000.tar") and wanted in found
        shard.write_bytes(sound)
    assert findings(copy) == []


def test_tables_that_differ_from_the_shards_are_named(copy: Path) -> None:
    poses = copy / "poses" / "00000.parquet"
    sound = poses.read_bytes()
    poses.write_bytes((copy / "poses" / "00001.parquet").read_bytes())
    assert findings(copy) == ["poses/00000.parquet: differs from checksums/00000.sha256"]
    seal_again(copy, 0)
    assert set(findings(copy)) == {
        *(
            f"shards/00000.tar: take {key}: the clip table differs from take.json and poses.npy"
            for key in TINY_SHARDS[0]
        ),
        *(f"shards/00000.tar: take {key}: not in all tables of the shard" for key in TINY_KEYS),
    }
    poses.write_bytes(sound[:-50])
    seal_again(copy, 0)
    (found,) = findings(copy)
    assert "poses/00000.parquet: not a readable table" in found
    poses.write_bytes(sound)
    seal_again(copy, 0)
    takes = copy / "takes" / "00001.parquet"
    table = pq.read_table(takes)
    row = table.to_pylist()[0]
    row["caption"] = "Someone else dances"
    pq.write_table(pa.Table.from_pylist([row], schema=table.schema), takes)
    seal_again(copy, 1)
    wanted = "shards/00001.tar: take room_000002: the take table differs from take.json"
    assert findings(copy) == [wanted]


def test_an_index_that_differs_from_its_shard_is_named(copy: Path) -> None:
    def shift(rows: list[dict]) -> None:
        rows[3]["gop_ends"][0] += 1

    rewrite_index(copy, 0, shift)
    assert "room_000000.cam02.mp4: its groups of pictures differ" in findings(copy)[0]

    def swap(rows: list[dict]) -> None:
        rows[3]["member"] = "room_000000.cam07.mp4"

    rewrite_index(copy, 0, swap)
    assert "tar headers differ from the index" in findings(copy)[0]


def test_invalid_videos_and_rotations_are_named(copy: Path) -> None:
    video = member(copy, "room_000000", "video", "cam01")
    replace_member(copy, "room_000000", "video", "cam01", b"not a film! ".ljust(video.size, b"."))
    found = findings(copy)
    assert found[0].startswith(
        "shards/00000.tar: take room_000000: room_000000.cam01.mp4: not a readable video"
    )
    poses = open_dataset(copy).take("room_000002").content("poses")
    mirrored = np.frombuffer(poses, np.float32, offset=128).reshape(3, 21, 3, 4).copy()
    mirrored[1, 4, :, 0] *= -1
    replace_member(copy, "room_000002", "poses", "", poses[:128] + mirrored.tobytes())
    assert any(
        "take room_000002" in found and "mirrored (determinant -1)" in found for found in findings(copy)
    )


@pytest.mark.parametrize("name", TINY_BATCH_FILES)
def test_a_missing_file_of_the_batch_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    assert findings(copy) == [f"{name}: is missing"]


def test_another_file_in_the_index_folder_is_named_and_not_read(copy: Path) -> None:
    (copy / "index" / "foo.parquet").write_bytes(b"mine")
    assert findings(copy) == ["index/foo.parquet: not the index of a shard"]
    assert open_dataset(copy).shards == (0, 1)


def test_missing_takes_are_a_problem_unless_they_failed(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for take in tiny_takes[:2]:
        writer.stage(take)
    writer.seal(0, TINY_SHARDS[0])
    assert findings(tmp_path) == ["dataset.json: 2 of 3 planned takes are sealed, 0 failed"]
    writer.note_failed(Failure(take=TINY_KEYS[2], number=2, attempts=2, reason="engine ended"))
    assert findings(tmp_path) == []
    (tmp_path / "failures.jsonl").write_text("{")
    assert [problem.where for problem in verify_dataset(tmp_path)] == ["failures.jsonl", "dataset.json"]


def test_values_that_differ_from_all_takes_are_errors_of_dataset_json(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    root = write_tiny_dataset(tmp_path / "dataset", tiny_takes)
    described = json.loads((root / "dataset.json").read_text())
    (root / "dataset.json").write_text(json.dumps({**described, "fps": 30.0, "cameras": 4}))
    (problem,) = verify_dataset(root)
    assert str(problem) == (
        "dataset.json: fps is 30.0, in every take 15.0; cameras is 4, in every take 3; "
        "restore the original dataset.json"
    )


def test_a_value_that_differs_in_one_take_is_an_error_of_the_take(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    odd = replace(tiny_takes[2], row=replace(tiny_takes[2].row, fps=30.0))
    root = write_tiny_dataset(tmp_path / "dataset", [*tiny_takes[:2], odd])
    wanted = "take room_000002: frames, rate or size differ from dataset.json"
    assert findings(root) == [f"shards/00001.tar: {wanted}"]


def test_a_camera_without_a_pass_or_with_another_codec_is_named(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    files = tiny_takes[2].files
    lossy = files[1].members | {"depth": files[1].members["video"]}
    for number, (members, what) in enumerate(
        (
            (
                {kind: content for kind, content in files[1].members.items() if kind != "depth"},
                "room_000002.cam02.depth.mkv is not there, passes are depth, mask",
            ),
            (lossy, "room_000002.cam02.depth.mkv: expected ffv1 gray16le, found h264 yuv420p"),
        )
    ):
        odd = replace(tiny_takes[2], files=(files[0], replace(files[1], members=members), files[2]))
        root = write_tiny_dataset(tmp_path / str(number), [*tiny_takes[:2], odd])
        assert findings(root) == [f"shards/00001.tar: take room_000002: {what}"]


def test_a_take_in_two_shards_is_named_with_both(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for shard, number in enumerate((0, 1, 1, 2)):
        writer.stage(tiny_takes[number])
        writer.seal(shard, [TINY_KEYS[number]])
    assert findings(tmp_path) == ["index: take room_000001 is in shards 00001, 00002"]


def test_a_folder_without_a_data_set_is_invalid(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a data set"):
        verify_dataset(tmp_path)


def damaged_in_many_places(root: Path) -> None:
    """One take of the first shard, the tables of the second, and a file that does not belong."""
    flip(root / "shards" / "00000.tar", member(root, "room_000001", "video", "cam02").offset + 40)
    (root / "poses" / "00001.parquet").unlink()
    (root / "takes" / "00007.parquet").write_bytes(b"")


def test_problems_are_the_same_for_any_number_of_workers(copy: Path) -> None:
    damaged_in_many_places(copy)
    alone = verify_dataset(copy, workers=1)
    assert len(alone) == 3 and damaged_takes(alone) == ("room_000001", "room_000002")
    assert verify_dataset(copy, workers=3) == alone == verify_dataset(copy, workers=None)


def test_all_damaged_takes_of_a_truncated_shard_are_listed(copy: Path) -> None:
    shard = copy / "shards" / "00000.tar"
    flip(shard, member(copy, "room_000000", "video", "cam01").offset)
    shard.write_bytes(shard.read_bytes()[: member(copy, "room_000001", "video", "cam03").offset])
    assert damaged_takes(verify_dataset(copy)) == ("room_000001", "room_000000")


QUICKLY_FOUND: dict[str, Callable[[Path], object]] = {
    "a missing tar": lambda root: (root / "shards/00001.tar").unlink(),
    "a truncated tar": lambda root: os.truncate(root / "shards/00001.tar", 4096),
    "a changed table": lambda root: flip(root / "poses/00000.parquet", 500),
    "a changed index": lambda root: flip(root / "index/00000.parquet", 500),
    "a changed batch": lambda root: flip(root / "batch.toml", 0),
    "a missing index": lambda root: (root / "index/00001.parquet").unlink(),
    "another file": lambda root: (root / "shards/00002.tar").touch(),
}


@pytest.mark.parametrize("what", QUICKLY_FOUND)
def test_quick_finds_what_is_not_in_the_tars(copy: Path, what: str) -> None:
    assert verify_dataset(copy, extent=QUICK) == []
    QUICKLY_FOUND[what](copy)
    quick = verify_dataset(copy, extent=QUICK)
    assert quick and set(quick) <= set(verify_dataset(copy))


def test_quick_opens_no_tar_and_says_so(copy: Path) -> None:
    tar = copy / "shards" / "00000.tar"
    tar.write_bytes(bytes(tar.stat().st_size))
    assert verify_dataset(copy, extent=QUICK) == [] != verify_dataset(copy)
    assert "the tars but for their sizes" in QUICK.not_checked


def test_quick_compares_the_tables_with_each_other(copy: Path) -> None:
    def shift(rows: list[dict]) -> None:
        rows[4]["offset"] += 512

    def lose(rows: list[dict]) -> None:
        rows[-1]["kind"] = "flow"

    for change, expected in (
        (shift, "shards/00001.tar: take room_000002: room_000002.cam01.mask.mkv is not where the member"),
        (
            lose,
            "shards/00001.tar: take room_000002: room_000002.cam03.flow.mkv is there, passes are depth, mask",
        ),
    ):
        rewrite_index(copy, 1, change)
        assert any(
            f"{problem.where}: {problem.what}".startswith(expected)
            for problem in verify_dataset(copy, extent=QUICK)
        )


def test_a_sample_is_of_so_many_takes_and_depends_on_the_seed(copy: Path) -> None:
    for take in TINY_KEYS:
        flip(
            copy / "shards" / f"{open_dataset(copy).take(take).shard:05d}.tar",
            member(copy, take, "poses").offset,
        )
    found = {}
    for seed in range(8):
        extent = Extent(sample=2, seed=seed)
        found[seed] = damaged_takes(verify_dataset(copy, extent=extent))
        assert len(found[seed]) == 2 and found[seed] == damaged_takes(verify_dataset(copy, extent=extent))
    assert {take for takes in found.values() for take in takes} == set(TINY_KEYS)
    assert len(damaged_takes(verify_dataset(copy, extent=Extent(sample=9)))) == 3
