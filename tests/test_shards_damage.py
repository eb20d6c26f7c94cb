"""Damaged and hostile files of a data set: found by verify, never read as sound data, one line each."""

import json
import os
import shutil
import subprocess
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, TINY_SHARDS, seal_again, tiny_info
from typer.testing import CliRunner

from benchmarks.damage import KINDS, damage
from benchmarks.soak_verify import files_of, first_problem, reads
from multitake.cli import app
from multitake.errors import InputError
from multitake.randomness import rng_for
from shards import (
    NOT_CHECKED,
    DatasetWriter,
    Failure,
    FilmedTake,
    open_dataset,
    sealed_clips,
    stage_take,
    verify_dataset,
)
from shards.format import shard_files
from shards.pairs import PairSettings
from shards.pose_member import pose_member, read_pose_member
from shards.streaming import PairStream
from trajectories import CameraPose


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))


def test_every_kind_of_damage_is_found_and_no_damaged_data_is_read(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    sound, damaged = tmp_path / "sound", tmp_path / "damaged"
    writer = DatasetWriter(sound)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for shard, take in enumerate(tiny_takes[:2]):
        writer.stage(take)
        writer.seal(shard, [TINY_KEYS[shard]])
    writer.note_failed(Failure(take=TINY_KEYS[2], number=2, attempts=2, reason='no "light"'))
    assert first_problem(sound) is None
    expected = dict(reads(sound))
    assert {f"{TINY_KEYS[0]} cam01 0..5", f"{TINY_KEYS[1]} poses"} <= {
        key for key in expected if expected[key]
    }
    for number in range(3 * len(KINDS)):
        shutil.rmtree(damaged, ignore_errors=True)
        shutil.copytree(sound, damaged)
        what = damage(files_of(damaged), rng_for(1, "damage", number), (KINDS[number % len(KINDS)],))
        assert first_problem(damaged) is not None, what
        assert all(value in (None, expected[key]) for key, value in reads(damaged)), what


def test_windows_check_the_bytes_that_they_use(copy: Path) -> None:
    shard = copy / "shards" / "00000.tar"
    sound = shard.read_bytes()
    take = open_dataset(copy).take(TINY_KEYS[0])
    for camera in take.cameras:
        member, rng = take.member("video", camera), rng_for(0, "window", camera)
        for place in (0, member.gop_ends[0] - 1, *rng.integers(member.gop_ends[0], size=10).tolist()):
            changed = bytearray(sound)
            changed[member.offset + place] ^= 1 << int(rng.integers(8))
            shard.write_bytes(changed)
            with pytest.raises(InputError, match=rf"{member.member}: checksum mismatch"):
                take.clip(camera).frames(0, 5)
    shard.write_bytes(sound)
    assert len(take.clip("cam01").frames(0, 5)) == 5


def test_streams_check_what_they_read(copy: Path) -> None:
    take = copy / "shards" / "00000.tar"
    content = bytearray(take.read_bytes())
    for member in open_dataset(copy).take(TINY_KEYS[1]).members:
        if member.kind == "video":
            content[member.offset + member.gop_ends[0] - 9] ^= 4
    take.write_bytes(content)
    stream = PairStream(copy, PairSettings(seed=0, frames=5))
    with pytest.raises(InputError, match="checksum mismatch"):
        for index in range(3):
            stream.sample(index)


ENDLESS = {
    "fifo": os.mkfifo,
    "folder": Path.mkdir,
    "loop": lambda path: path.symlink_to(path),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "sparse": lambda path: (path.touch(), os.truncate(path, 2**31)),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_files_that_never_end_or_never_answer_are_named(
    copy: Path, tiny_takes: list[FilmedTake], kind: str
) -> None:
    names = [*(str(path.relative_to(copy)) for path in files_of(copy)), f"staging/{TINY_KEYS[0]}.tar"]
    stage_take(copy, tiny_takes[0])
    for name in names if kind == "fifo" else names[::4]:
        path, kept = copy / name, (copy / name).read_bytes()
        path.unlink()
        ENDLESS[kind](path)
        tracemalloc.start()
        ended = CliRunner().invoke(app, ["verify", str(copy)])
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert ended.exit_code == (2 if name == "dataset.json" else 1), (name, ended.output)
        assert name in ended.output or (name == "dataset.json" and "not a data set" in ended.output)
        assert peak_bytes < 2**30, name
        path.rmdir() if kind == "folder" else path.unlink()
        path.write_bytes(kept)


def test_a_shard_of_another_data_set_is_never_read(
    copy: Path, tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    other = DatasetWriter(tmp_path / "other")
    other.create(replace(tiny_info(), batch_sha256="0" * 64), TINY_BATCH_FILES)
    for take in tiny_takes:
        other.stage(take)
    for shard, takes in enumerate(TINY_SHARDS):
        other.seal(shard, takes)
    for path in shard_files(1).values():
        shutil.copy(tmp_path / "other" / path, copy / path)
    said = r"dataset\.json: differs from checksums/00001\.sha256"
    for read in (
        open_dataset,
        sealed_clips,
        lambda root: PairStream(root, PairSettings(seed=0, frames=5)).sample(0),
    ):
        with pytest.raises(InputError, match=said):
            read(copy)
    with pytest.raises(InputError, match=said):
        DatasetWriter(copy).create(tiny_info(), TINY_BATCH_FILES)
    assert "dataset.json: differs from checksums/00001.sha256" in str(verify_dataset(copy)[0])


@pytest.mark.parametrize("kind", ["file", "loop"])
def test_what_is_not_a_folder_of_a_data_set_is_named(copy: Path, kind: str) -> None:
    (copy / "staging").rmdir()
    ENDLESS[kind](copy / "staging") if kind == "loop" else (copy / "staging").touch()
    (copy / "failures.jsonl").touch()
    assert [str(problem) for problem in verify_dataset(copy)] == [
        "staging: not a folder; move it to another folder, or delete it",
        "failures.jsonl: is empty; delete it",
    ]


def test_sha256sum_checks_a_data_set(copy: Path) -> None:
    command = "sha256sum -c --quiet checksums/*.sha256"
    assert subprocess.run(command, shell=True, cwd=copy, capture_output=True).returncode == 0
    (copy / "catalog.toml").write_text("# other\n")
    failed = subprocess.run(command, shell=True, cwd=copy, capture_output=True, text=True)
    assert failed.returncode == 1 and "catalog.toml: FAILED" in failed.stdout
    fix = "delete it if it is there, and run `multitake generate` with the same batch again"
    assert [str(problem) for problem in verify_dataset(copy)] == [
        f"catalog.toml: differs from checksums/00000.sha256; {fix}"
    ]
    DatasetWriter(copy).create(tiny_info(), TINY_BATCH_FILES)
    ended = CliRunner().invoke(app, ["verify", str(copy)])
    assert ended.exit_code == 0 and ended.stdout.splitlines() == [
        f"not checked: {NOT_CHECKED}",
        "problems: 0",
    ]


def test_conventions_and_counts_are_compared(copy: Path) -> None:
    path = copy / "dataset.json"
    record = json.loads(path.read_text())
    record["conventions"]["world"] = "left-handed"
    record["counts"]["clips"] = 8
    path.write_text(json.dumps(record))
    for shard in range(len(TINY_SHARDS)):
        seal_again(copy, shard)
    (problem,) = verify_dataset(copy)
    assert problem.where == "dataset.json"
    assert "counts are" in problem.what and "conventions are not" in problem.what


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"3",
        b"[" * 100_000,
        b'{"format_version": ' + b"9" * 5000 + b"}",
        b'{"format_version": 1, "a": ' + b"[" * 900 + b"]" * 900 + b"}",
    ],
)
def test_a_dataset_json_of_other_content_is_one_line(copy: Path, content: bytes) -> None:
    (copy / "dataset.json").write_bytes(content)
    _one_line_each(copy, "dataset.json")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("engine", 3),
        ("engine", {"kind": "embedded"}),
        ("engine", {"kind": "embedded", "look": "fast", "version": "1", "gpu": "none"}),
        ("fps", float("nan")),
        ("frames", [1, 2]),
        ("frames", 0),
        ("cameras", 2**40),
        ("counts", [1]),
        ("conventions", {"world": 3}),
    ],
)
def test_odd_values_of_dataset_json_are_one_line(copy: Path, key: str, value: object) -> None:
    path = copy / "dataset.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), key: value}))
    _one_line_each(copy, "dataset.json")


def _one_line_each(root: Path, name: str) -> None:
    """Every command that reads the data set ends with exit code 2 and one line that names the file."""
    for command in (["verify", root], ["status", root], ["peek", root, "--out", root]):
        ended = CliRunner().invoke(app, [str(part) for part in command])
        assert ended.exit_code == 2, ended.output
        assert len(ended.stderr.splitlines()) == 1 and name in ended.stderr, ended.stderr
    with pytest.raises(InputError, match=name):
        DatasetWriter(root).check(tiny_info())


@pytest.mark.parametrize(
    "damage", [Path.unlink, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(b"PAR1" * 9)]
)
def test_a_damaged_index_is_one_line(copy: Path, damage: Callable[[Path], object]) -> None:
    path = copy / "checksums" / "00000.sha256" if damage is Path.unlink else copy / "index" / "00000.parquet"
    damage(path)
    _index_errors(copy, path.name)


def test_a_folder_in_the_place_of_an_index_is_one_line(copy: Path) -> None:
    (copy / "index" / "00009.parquet").mkdir()
    _index_errors(copy, "00009")


def _with(name: str, values: Callable[[int], pa.Array]) -> Callable[[pa.Table], pa.Table]:
    return lambda table: table.set_column(table.schema.get_field_index(name), name, values(len(table)))


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop_columns("offset"),
        lambda table: table.replace_schema_metadata(),
        _with("offset", lambda rows: pa.array(["here"] * rows)),
        _with("size", lambda rows: pa.nulls(rows, pa.int64())),
        _with("gop_ends", lambda rows: pa.array([{"a": 1}] * rows)),
    ],
    ids=["missing", "version", "text", "null", "struct"],
)
def test_an_index_of_other_columns_is_one_line(copy: Path, change: Callable[[pa.Table], pa.Table]) -> None:
    path = copy / "index" / "00000.parquet"
    pq.write_table(change(pq.read_table(path)), path, compression="zstd")
    seal_again(copy, 0)
    _index_errors(copy, path.name)


def test_a_table_that_grows_in_memory_is_refused(copy: Path) -> None:
    path = copy / "index" / "00000.parquet"
    table = pa.concat_tables([pq.read_table(path)] * 40)
    repeated = pa.DictionaryArray.from_arrays(pa.array([0] * len(table)), pa.array(["x" * 10**6]))
    pq.write_table(table.set_column(2, "member", repeated), path, compression="zstd")
    assert path.stat().st_size < 10**5
    seal_again(copy, 0)
    with pytest.raises(InputError, match=r"00000\.parquet: not a readable table \(larger than"):
        open_dataset(copy)


def _index_errors(root: Path, name: str) -> None:
    """Readers refuse the index with one line; verify names it."""
    with pytest.raises(InputError) as caught:
        open_dataset(root)
    assert name in str(caught.value) and len(str(caught.value).splitlines()) == 1
    found = [str(problem) for problem in verify_dataset(root)]
    assert any(name in line for line in found) and all(len(line.splitlines()) == 1 for line in found)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"garbage\n", b'{"take": "a"}\n', b"[" * 10**5, b"3\n", b"\n"]
)
def test_damaged_failures_are_one_line(copy: Path, content: bytes) -> None:
    (copy / "failures.jsonl").write_bytes(content)
    ended = CliRunner().invoke(app, ["status", str(copy)])
    assert ended.exit_code == 2 and len(ended.stderr.splitlines()) == 1, ended.output
    assert "failures.jsonl: not a list of failures" in ended.stderr
    assert [problem.where for problem in verify_dataset(copy)] == ["failures.jsonl"]


def test_a_changed_failure_is_found(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    writer.note_failed(Failure(take=TINY_KEYS[2], number=2, attempts=2, reason="no light"))
    path = tmp_path / "failures.jsonl"
    path.write_text(path.read_text().replace("no light", "no night"))
    with pytest.raises(InputError, match="not as it was written"):
        _ = DatasetWriter(tmp_path).counts.failures


def test_pose_members_of_other_shapes_are_refused_before_memory_is_used() -> None:
    poses = CameraPose(np.broadcast_to(np.eye(3, 4), (2, 5, 3, 4)))
    content = pose_member(poses)
    assert np.array_equal(read_pose_member(content), poses.world_from_camera)
    header = content.index(b"(2, 5,")
    for claim in (b"(9**9,", b"(200000000, 5,", b"(0, 5,", b"(2, 6,"):
        claimed = (content[:header] + claim + content[header + 6 : 127].rstrip())[:127]
        with pytest.raises(ValueError):
            read_pose_member(claimed.ljust(127) + content[127:])
    for other in (b"", content[:50], content[:-1], content + b"\0"):
        with pytest.raises(ValueError):
            read_pose_member(other)


def test_tables_can_be_joined_without_casts(tiny_dataset: Path) -> None:
    types = {}
    for folder in ("index", "poses", "takes"):
        schema = pq.read_schema(tiny_dataset / folder / "00000.parquet")
        for name in {"take", "camera", "split", "layout"} & set(schema.names):
            types[folder, name] = schema.field(name).type
    assert set(types.values()) == {pa.string()}
