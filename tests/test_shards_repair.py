"""Repair: what is damaged is dropped, what is lost is made again, and nothing sound is lost."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, TINY_SHARDS, tiny_info
from kills import Killed, killed_at_each_rename, writes_to_memory
from s3_server import BUCKET, objects, s3_server
from typer.testing import CliRunner

from benchmarks.damage import KINDS, damage
from benchmarks.soak_verify import files_of as damageable
from multitake.cli import app
from multitake.errors import InputError
from multitake.randomness import rng_for
from shards import (
    LOCK_FILE,
    DatasetWriter,
    FilmedTake,
    FolderStore,
    ObjectStore,
    damaged_takes,
    open_dataset,
    stage_take,
    verify_dataset,
)
from shards.tools import Selection, filter_dataset, merge_datasets, repair_dataset


class Silent:
    """No progress is shown."""

    def show(self, text: str, *, done: int, total: int) -> None:
        pass


SILENT = Silent()


@pytest.fixture
def copy(tiny_dataset: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != LOCK_FILE
    }


def takes_of(root: Path | str) -> dict[str, dict[str, bytes]]:
    """The members of each take of a data set."""
    return {
        take.key: {one.member: take.content(one.kind, one.camera) for one in take.members}
        for take in open_dataset(root)
    }


def flip(path: Path, byte: int) -> None:
    content = bytearray(path.read_bytes())
    content[byte] ^= 0x41
    path.write_bytes(content)


def flip_take(root: Path, key: str) -> None:
    take = open_dataset(root).take(key)
    flip(root / f"shards/{take.shard:05d}.tar", take.member("video", "cam02").offset + 50)


def lose(*folders: str) -> Callable[[Path], None]:
    def remove(root: Path) -> None:
        for folder in folders:
            next((root / folder).glob("00000.*")).unlink()

    return remove


def header_of_a_video(root: Path) -> None:
    flip(
        root / "shards/00000.tar", open_dataset(root).take(TINY_KEYS[0]).member("video", "cam01").offset - 400
    )


LOSSES: dict[str, Callable[[Path], None]] = {
    "index": lose("index"),
    "poses": lose("poses"),
    "takes": lose("takes"),
    "checksums": lose("checksums"),
    "tables": lose("index", "poses", "takes"),
    "all but the tar": lose("index", "poses", "takes", "checksums"),
    "a bit of the index": lambda root: flip(root / "index/00000.parquet", 300),
    "a bit of the clip table": lambda root: flip(root / "poses/00000.parquet", 300),
    "a bit of a checksum": lambda root: flip(root / "checksums/00000.sha256", 300),
    "a header": header_of_a_video,
    "the end of the tar": lambda root: flip(root / "shards/00000.tar", -9),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_what_the_tar_has_is_made_again_byte_for_byte(copy: Path, tiny_dataset: Path, loss: str) -> None:
    LOSSES[loss](copy)
    assert verify_dataset(copy) != []
    done = repair_dataset(copy, progress=SILENT)
    assert done.dropped == {} and done.left == () and done.shards == (0,)
    assert done.unproven == ((0,) if loss == "all but the tar" else ())
    assert files_of(copy) == files_of(tiny_dataset)


class CountedFolder(FolderStore):
    """A folder that notes which parts of its tars are read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.parts: list[tuple[str, int]] = []

    def read(self, path: str, start: int = 0, stop: int | None = None) -> bytes:
        content = super().read(path, start, stop)
        self.parts += [(path, len(content))] if path.startswith("shards/") else []
        return content


def test_a_tar_is_read_in_few_large_parts_where_headers_are_damaged(copy: Path) -> None:
    members = sum(len(open_dataset(copy).take(key).members) for key in TINY_SHARDS[0])
    header_of_a_video(copy)
    lose("index", "checksums")(copy)
    store, size = CountedFolder(copy), (copy / "shards/00000.tar").stat().st_size
    repair_dataset(store, progress=SILENT)
    parts = [count for path, count in store.parts if path == "shards/00000.tar"]
    assert len(parts) <= members and sum(parts) <= 2.5 * size


def test_a_misprint_in_the_checksum_of_a_root_file_is_corrected(copy: Path, tiny_dataset: Path) -> None:
    path = copy / "checksums/00000.sha256"
    text = path.read_text()
    path.write_text(("0" if text[0] != "0" else "1") + text[1:])
    assert repair_dataset(copy, progress=SILENT).shards == (0,)
    assert files_of(copy) == files_of(tiny_dataset)


@pytest.mark.parametrize("made_from", [False, True])
def test_a_sound_data_set_is_not_touched(tiny_dataset: Path, tmp_path: Path, made_from: bool) -> None:
    root = Path(shutil.copytree(tiny_dataset, tmp_path / "dataset"))
    if made_from:
        filter_dataset(
            tiny_dataset, str(root := tmp_path / "new"), Selection(where="take_index > 0"), progress=SILENT
        )
    before = {path: path.stat().st_mtime_ns for path in root.rglob("[!.]*")}
    done = repair_dataset(root, progress=SILENT)
    assert (done.dropped, done.shards, done.left) == ({}, (), ())
    assert before == {path: path.stat().st_mtime_ns for path in root.rglob("[!.]*")}
    repair_dataset(root, str(tmp_path / "out"), progress=SILENT)
    merge_datasets([root], str(tmp_path / "whole"), progress=SILENT)
    new, whole = files_of(tmp_path / "out"), files_of(tmp_path / "whole")
    assert {name for name in whole if new[name] != whole[name]} == {
        "dataset.json",
        "index.arrow",
        *(name for name in whole if name.startswith("checksums/")),
    }, "only what names the command"


@pytest.mark.parametrize("place", ["in place", "new"])
def test_a_damaged_take_is_dropped_and_others_stay(
    copy: Path, tiny_dataset: Path, tmp_path: Path, place: str
) -> None:
    sound = takes_of(tiny_dataset)
    flip_take(copy, TINY_KEYS[0])
    damaged, out = files_of(copy), None if place == "in place" else str(tmp_path / "new")
    done = repair_dataset(copy, out, progress=SILENT)
    assert done.dropped == {TINY_KEYS[0]: "checksum mismatch"} and done.left == ()
    repaired = Path(out or copy)
    assert verify_dataset(repaired) == []
    assert takes_of(repaired) == {key: sound[key] for key in TINY_KEYS[1:]}
    if out:
        assert files_of(copy) == damaged
    else:
        failure = json.loads((copy / "failures.jsonl").read_text())
        assert failure["take"] == TINY_KEYS[0] and failure["reason"] == "damaged: checksum mismatch"
    for name in ("shards/00001.tar", "index/00001.parquet"):
        assert (repaired / name).read_bytes() == (tiny_dataset / name).read_bytes()


def test_a_shard_without_a_sound_take_is_removed(copy: Path, tiny_dataset: Path) -> None:
    (copy / "shards/00000.tar").unlink()
    done = repair_dataset(copy, progress=SILENT)
    assert set(done.dropped) == set(TINY_SHARDS[0]) and done.left == () and verify_dataset(copy) == []
    assert open_dataset(copy).keys == TINY_SHARDS[1]
    flip_take(copy, TINY_KEYS[2])
    before = files_of(copy)
    with pytest.raises(InputError, match="no sound take is left"):
        repair_dataset(copy, progress=SILENT)
    assert files_of(copy) == before


def test_a_take_that_is_in_two_shards_stays_in_the_first(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    writer = DatasetWriter(tmp_path / "dataset")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for shard, number in enumerate((0, 1, 1, 2)):
        writer.stage(tiny_takes[number])
        writer.seal(shard, [TINY_KEYS[number]])
    done = repair_dataset(tmp_path / "dataset", progress=SILENT)
    assert (done.dropped, done.left) == ({}, ()) and open_dataset(tmp_path / "dataset").shards == (0, 1, 3)


@pytest.mark.parametrize("name", ["dataset.json", "batch.toml", "catalog.toml"])
def test_files_that_no_shard_has_are_not_made_up(copy: Path, name: str) -> None:
    flip_take(copy, TINY_KEYS[0])
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content.replace(b"test", b"tests").replace(b"tiny", b"large"))
    before = files_of(copy)
    with pytest.raises(InputError, match=rf"{name}: is damaged; restore the original file"):
        repair_dataset(copy, progress=SILENT)
    assert files_of(copy) == before


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("loss", ["a take", "index", "all takes", "table of a finished set"])
def test_a_killed_repair_loses_nothing_and_is_finished_by_the_same_command(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: str, late: bool
) -> None:
    sound = shutil.copytree(tiny_dataset, tmp_path / "sound")
    if loss == "table of a finished set":
        DatasetWriter(sound).finish()

    def damaged(root: Path) -> Path:
        shutil.copytree(sound, root)
        if loss == "index":
            (root / "index/00000.parquet").unlink()
        if loss == "table of a finished set":
            (root / "poses/00000.parquet").unlink()
        for key in {"a take": TINY_KEYS[:1], "all takes": TINY_SHARDS[0]}.get(loss, ()):
            flip_take(root, key)
        return root

    def run(root: Path) -> None:
        if not root.exists():
            damaged(root)
        repair_dataset(root, progress=SILENT)

    run(tmp_path / "whole")
    expected = files_of(tmp_path / "whole")
    kills = 0
    for root in killed_at_each_rename(tmp_path, monkeypatch, run, late=late):
        kills += 1
        run(root)
        assert files_of(root) == expected
        assert not (root / ".repair").exists()
    assert kills >= {"all takes": 1}.get(loss, 10)


def test_a_repair_in_storage_that_is_killed_at_any_write_is_finished_by_the_same_command(
    tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = fsspec.filesystem("memory")
    damaged = bytearray((tiny_dataset / "shards/00000.tar").read_bytes())
    damaged[3000] ^= 1

    def repaired(root: str, most: int | None) -> dict[str, bytes] | None:
        """The data set after a repair that ends before write number ``most``; None if it was killed."""
        try:
            with writes_to_memory(monkeypatch, most=most):
                repair_dataset(ObjectStore(f"memory:/{root}", lease_s=0.2), progress=SILENT)
        except Killed:
            return None
        paths = (path for path in memory.find(root) if not path.endswith(LOCK_FILE))
        return {path.removeprefix(root): memory.cat_file(path) for path in paths}

    expected: dict[str, bytes] | None = None
    for most in (None, *range(100)):
        root = f"/killed-{most}"
        memory.put(f"{tiny_dataset}/", root, recursive=True)
        memory.pipe_file(f"{root}/shards/00000.tar", bytes(damaged))
        found = repaired(root, most)
        expected = expected or found
        if found is None:
            assert repaired(root, None) == expected, most
        elif most is not None:
            assert most >= 15
            return


def test_a_shard_that_was_made_again_meanwhile_is_not_replaced(
    copy: Path, tiny_dataset: Path, tiny_takes: list[FilmedTake], monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = os.replace

    def stop(source: Path, target: Path) -> None:
        if ".repair/" in str(source) and ".repair/" not in str(target):
            raise KeyboardInterrupt
        rename(source, target)

    flip_take(copy, TINY_KEYS[0])
    with monkeypatch.context() as scope, pytest.raises(KeyboardInterrupt):
        scope.setattr(os, "replace", stop)
        repair_dataset(copy, progress=SILENT)
    for take in tiny_takes[:2]:
        stage_take(copy, take)
    writer = DatasetWriter(copy)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    writer.seal(0, TINY_SHARDS[0])
    assert repair_dataset(copy, progress=SILENT).dropped == {}
    assert takes_of(copy) == takes_of(tiny_dataset)


@pytest.mark.parametrize("number", range(2 * len(KINDS)))
def test_after_any_damage_a_data_set_is_sound_again_or_refused_unchanged(
    copy: Path, tiny_dataset: Path, number: int
) -> None:
    sound = takes_of(tiny_dataset)
    damage(damageable(copy), rng_for(5, "repair", number), (KINDS[number % len(KINDS)],))
    before = files_of(copy)
    try:
        done = repair_dataset(copy, progress=SILENT)
    except InputError:
        assert files_of(copy) == before
        return
    left = [problem for problem in verify_dataset(copy) if "move it to another folder" not in problem.fix]
    assert left == [], "but files that do not belong"
    kept = takes_of(copy)
    assert kept == {key: sound[key] for key in kept} and len(kept) + len(done.dropped) == len(sound)
    assert len(done.dropped) <= 2


def test_repair_in_storage_of_objects_is_that_in_a_folder(copy: Path, tmp_path: Path) -> None:
    flip_take(copy, TINY_KEYS[0])
    with s3_server():
        address = f"s3://{BUCKET}/damaged"
        files, root = fsspec.core.url_to_fs(address, skip_instance_cache=True)
        files.put(str(copy), root, recursive=True)
        assert repair_dataset(address, progress=SILENT).left == ()
        repair_dataset(copy, progress=SILENT)
        assert objects(address) == files_of(copy)


def test_the_command_line_writes_names_that_filter_and_stream_take(copy: Path, tmp_path: Path) -> None:
    flip_take(copy, TINY_KEYS[1])
    listed, dropped = tmp_path / "listed.txt", tmp_path / "dropped.txt"
    ended = CliRunner().invoke(app, ["verify", str(copy), "--exclude-list", str(listed)])
    assert ended.exit_code == 1 and listed.read_text() == f"{TINY_KEYS[1]}\n"
    assert damaged_takes(verify_dataset(copy)) == TINY_KEYS[1:2]
    out = ["--out", str(tmp_path / "new")]
    ended = CliRunner().invoke(app, ["shards", "filter", str(copy), *out, "--exclude", f"@{listed}"])
    assert ended.exit_code == 0, ended.output
    ended = CliRunner().invoke(app, ["shards", "repair", str(copy), "--exclude-list", str(dropped)])
    assert ended.exit_code == 0 and dropped.read_text() == listed.read_text()
    assert f"dropped {TINY_KEYS[1]}: checksum mismatch" in ended.stdout
    assert open_dataset(tmp_path / "new").keys == open_dataset(copy).keys


@pytest.mark.parametrize("folder", ["index", "poses", "takes", "checksums"])
def test_a_lost_folder_is_made_again(tiny_dataset: Path, copy: Path, folder: str) -> None:
    shutil.rmtree(copy / folder)
    assert repair_dataset(copy, progress=SILENT).dropped == {}
    assert files_of(copy) == files_of(tiny_dataset)
