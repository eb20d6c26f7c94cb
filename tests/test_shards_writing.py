"""The writer: equal bytes in any order and after any kill, and folders of other content."""

import io
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, TINY_SHARDS, tiny_info, write_tiny_dataset

from multitake.errors import InputError, RunError
from shards import (
    ClipFault,
    DatasetWriter,
    Failure,
    FilmedTake,
    FolderStore,
    StagedTakeError,
    clip_source,
    open_dataset,
    sealed_clips,
    stage_take,
    verify_dataset,
    write_sheet,
)
from shards.tar import tar_end, tar_member


class Killed(BaseException):
    """Simulates a killed process; the product does not catch it."""


def files_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def counted(writer: DatasetWriter) -> tuple[set[str], dict[int, tuple[str, ...]], dict[str, Failure]]:
    return writer.counts.staged, writer.counts.sealed, writer.counts.failures


def run(root: Path, takes: list[FilmedTake]) -> DatasetWriter:
    """One run: create the data set or find it, film what is missing, seal what is complete."""
    writer = DatasetWriter(root)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for take in takes:
        if not writer.counts.is_done(take.row.take):
            writer.stage(take)
    for shard, keys in enumerate(TINY_SHARDS):
        if shard not in writer.counts.sealed:
            writer.seal(shard, keys)
    return writer


def killed_run(
    root: Path, takes: list[FilmedTake], patch: pytest.MonkeyPatch, *, kill: int, late: bool
) -> bool:
    """Run until rename number ``kill``, and stop just before or after it; return whether it was reached."""
    rename, unlink, seen, dead = os.replace, Path.unlink, count(), []

    def deadly_rename(source: Path, target: Path) -> None:
        is_last = next(seen) == kill
        if late or not is_last:
            rename(source, target)
        if is_last:
            dead.append(True)
            raise Killed

    def deadly_unlink(path: Path, missing_ok: bool = False) -> None:
        if dead:
            raise Killed
        unlink(path, missing_ok=missing_ok)

    with patch.context() as scope:
        scope.setattr(os, "replace", deadly_rename)
        scope.setattr(Path, "unlink", deadly_unlink)
        try:
            run(root, takes)
        except Killed:
            return True
    return False


def half_finished(
    folder: Path, takes: list[FilmedTake], patch: pytest.MonkeyPatch, *, late: bool
) -> Iterator[Path]:
    """A data set for each rename at which a run can be killed."""
    for kill in count():
        root = folder / str(kill)
        if not killed_run(root, takes, patch, kill=kill, late=late):
            return
        yield root


def test_the_order_of_takes_does_not_change_a_byte(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    other = write_tiny_dataset(tmp_path / "other", tiny_takes[::-1])
    assert files_of(other) == files_of(tiny_dataset)
    assert len(files_of(other)) == 1 + len(TINY_BATCH_FILES) + 5 * len(TINY_SHARDS)


@pytest.mark.parametrize("late", [False, True])
def test_a_run_that_is_killed_at_any_rename_can_be_repeated(
    tiny_dataset: Path,
    tiny_takes: list[FilmedTake],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    late: bool,
) -> None:
    expected, states = files_of(tiny_dataset), 0
    for root in half_finished(tmp_path, tiny_takes, monkeypatch, late=late):
        states += 1
        assert late or list(root.rglob(".*.partial")), "a killed process leaves its partial file"
        run(root, tiny_takes)
        assert files_of(root) == expected
    assert states == len(expected) + len(tiny_takes)


@pytest.mark.parametrize("late", [False, True])
def test_reader_audit_verify_and_writer_agree_on_the_takes_of_every_half_finished_state(
    tiny_takes: list[FilmedTake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, late: bool
) -> None:
    for root in half_finished(tmp_path, tiny_takes, monkeypatch, late=late):
        sealed = {take for takes in DatasetWriter(root).counts.sealed.values() for take in takes}
        if not sealed:
            for read in (open_dataset, clip_source):
                with pytest.raises(InputError, match=r"no shard is sealed|not a data set"):
                    read(root)
            continue
        assert set(open_dataset(root).keys) == sealed
        assert {take for table in clip_source(root).tables for take in table["take"].tolist()} == sealed
        counted = [problem.what for problem in verify_dataset(root) if "planned" in problem.what]
        assert counted == (
            [f"{len(sealed)} of 3 planned takes are sealed, 0 failed"] if len(sealed) < 3 else []
        )


def test_one_missing_index_hides_its_takes_from_all_readers(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    root = write_tiny_dataset(tmp_path / "dataset", tiny_takes)
    (root / "index" / "00000.parquet").unlink()
    (root / "index" / "7.parquet").write_bytes((root / "index" / "00001.parquet").read_bytes())
    seen = {TINY_KEYS[2]}
    assert set(open_dataset(root).keys) == seen
    assert {take for table in clip_source(root).tables for take in table["take"].tolist()} == seen
    assert set(sealed_clips(root)["take"].tolist()) == seen
    assert DatasetWriter(root).counts.sealed == {1: (TINY_KEYS[2],)}
    problems = {problem.where: problem.what for problem in verify_dataset(root)}
    folders = {"shards": "tar", "poses": "parquet", "takes": "parquet", "checksums": "sha256"}
    assert problems == {
        **{f"{name}/00000.{ending}": "belongs to no sealed shard" for name, ending in folders.items()},
        "index/7.parquet": "not the index of a shard",
        "dataset.json": "1 of 3 planned takes are sealed, 0 failed",
    }


def test_killed_before_fragments_are_removed(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "dataset"
    with monkeypatch.context() as patch:

        def deadly(path: Path, missing_ok: bool = False) -> None:
            if path.suffix == ".tar":
                raise Killed

        patch.setattr(Path, "unlink", deadly)
        writer = DatasetWriter(root)
        writer.create(tiny_info(), TINY_BATCH_FILES)
        for take in tiny_takes:
            writer.stage(take)
        with pytest.raises(Killed):
            writer.seal(0, TINY_SHARDS[0])
    again = DatasetWriter(root)
    assert (again.counts.sealed, again.counts.staged) == ({0: TINY_SHARDS[0]}, {TINY_KEYS[2]})
    (root / "staging" / ".room_000009.tar.elsewhere-1.partial").write_bytes(b"half")
    again.create(tiny_info(), TINY_BATCH_FILES)
    assert [path.name for path in (root / "staging").iterdir()] == ["room_000002.tar"]
    again.seal(0, TINY_SHARDS[0])
    again.seal(1, TINY_SHARDS[1])
    assert files_of(root) == files_of(tiny_dataset)


def test_the_writer_counts_its_own_changes(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for number, take in enumerate(tiny_takes):
        assert writer.counts.done == number
        stage_take(tmp_path / "d", take)
        writer.note_staged(take.row.take)
        fresh = DatasetWriter(tmp_path / "d")
        assert counted(writer) == counted(fresh)
    writer.seal(1, TINY_SHARDS[1])
    fresh = DatasetWriter(tmp_path / "d")
    assert counted(writer) == counted(fresh)


class WatchedStore(FolderStore):
    """A folder that notes what is read, and how many takes its writer counts when a file is removed."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read_paths: list[str] = []
        self.counted: list[int] = []
        self.writer = DatasetWriter(self)

    def read(self, path: str, start: int = 0, stop: int | None = None) -> bytes:
        self.read_paths.append(path)
        return super().read(path, start, stop)

    def remove(self, path: str) -> None:
        self.counted.append(self.writer.counts.done)
        super().remove(path)


def test_takes_are_counted_once_while_their_shard_is_sealed(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    store = WatchedStore(tmp_path / "d")
    store.writer.create(tiny_info(), TINY_BATCH_FILES)
    for take in tiny_takes:
        store.writer.stage(take)
    store.counted.clear()
    for shard, keys in enumerate(TINY_SHARDS):
        store.writer.seal(shard, keys)
    assert len(store.counted) >= 3 and set(store.counted) == {3}


def test_noting_a_take_reads_nothing(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    store = WatchedStore(tmp_path / "d")
    store.writer.create(tiny_info(), TINY_BATCH_FILES)
    stage_take(tmp_path / "d", tiny_takes[0])
    store.read_paths.clear()
    for number in (2, 0, 1):
        store.writer.note_failed(
            Failure(take=TINY_KEYS[number], number=number, attempts=2, reason="no light")
        )
    store.writer.note_staged(TINY_KEYS[0])
    assert store.read_paths == [] and set(store.writer.counts.failures) == set(TINY_KEYS[1:])


def test_a_staged_take_that_is_missing_is_found_and_forgotten(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for take in tiny_takes:
        writer.stage(take)
    (tmp_path / "d" / "staging" / f"{TINY_KEYS[1]}.tar").unlink()
    with pytest.raises(StagedTakeError, match=f"take {TINY_KEYS[1]} is not staged"):
        writer.seal(0, TINY_SHARDS[0])
    assert writer.remove_damaged(TINY_KEYS) == (TINY_KEYS[1],)
    assert writer.counts.staged == {TINY_KEYS[0], TINY_KEYS[2]} and 0 not in writer.counts.sealed


def test_failures_are_kept_until_their_takes_are_staged(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for index in (2, 0):
        writer.note_failed(Failure(take=TINY_KEYS[index], number=index, attempts=2, reason="no light"))
    lines = (tmp_path / "d" / "failures.jsonl").read_text().splitlines()
    assert [line.split('"')[3] for line in lines] == [TINY_KEYS[0], TINY_KEYS[2]]
    writer.stage(tiny_takes[0])
    assert set(DatasetWriter(tmp_path / "d").counts.failures) == {TINY_KEYS[2]}
    writer.stage(tiny_takes[2])
    assert not (tmp_path / "d" / "failures.jsonl").exists()


def test_pictures_are_those_of_failures_with_faults(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    fault = ClipFault(
        camera="cam01", reason="black", figure="black_share", value=1.0, limit=0.0, frames=(0, 1)
    )
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)

    def fail(index: int, *faults: ClipFault) -> None:
        failure = Failure(take=TINY_KEYS[index], number=index, attempts=2, reason="dark", faults=faults)
        writer.note_failed(failure)

    def shown() -> list[str]:
        return sorted(one.stem for one in (tmp_path / "d" / "failed").iterdir())

    for index in range(3):
        assert write_sheet(tmp_path / "d", TINY_KEYS[index], b"picture") == f"failed/{TINY_KEYS[index]}.png"
        fail(index, fault)
    assert DatasetWriter(tmp_path / "d").counts.failures[TINY_KEYS[1]].faults == (fault,)
    assert [problem.where for problem in verify_dataset(tmp_path / "d")] == []
    writer.stage(tiny_takes[0])
    assert shown() == list(TINY_KEYS[1:]), "a take that was filmed"
    fail(1)
    assert shown() == [TINY_KEYS[2]], "a take that failed for another reason"
    stage_take(tmp_path / "d", tiny_takes[2])  # killed before it was counted
    DatasetWriter(tmp_path / "d").create(tiny_info(), TINY_BATCH_FILES)
    assert shown() == []


def test_a_take_that_is_staged_after_its_shard_was_sealed_is_removed(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    writer = DatasetWriter(tmp_path)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for take in tiny_takes:
        writer.stage(take)
    writer.seal(0, TINY_SHARDS[0])
    stage_take(tmp_path, tiny_takes[0])
    writer.finish()
    assert [path.stem for path in (tmp_path / "staging").glob("*.tar")] == [TINY_KEYS[2]]


def test_failures_of_another_run_are_removed_from_the_file_when_their_takes_are_done(
    tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    root = tmp_path / "d"
    first = DatasetWriter(root)
    first.create(tiny_info(), TINY_BATCH_FILES)
    for index in range(2):
        first.note_failed(Failure(take=TINY_KEYS[index], number=index, attempts=2, reason="no light"))
    resumed = DatasetWriter(root)
    resumed.create(tiny_info(), TINY_BATCH_FILES)
    resumed.stage(tiny_takes[0])
    assert [line.split('"')[3] for line in (root / "failures.jsonl").read_text().splitlines()] == [
        TINY_KEYS[1]
    ]
    stage_take(root, tiny_takes[1])  # killed before it was counted
    DatasetWriter(root).create(tiny_info(), TINY_BATCH_FILES)
    assert not (root / "failures.jsonl").exists()


@pytest.mark.parametrize("text", ["{", '{"take": "a"}\n', "[]\n"])
def test_a_damaged_list_of_failures_is_an_input_error(tmp_path: Path, text: str) -> None:
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    (tmp_path / "d" / "failures.jsonl").write_text(text)
    with pytest.raises(InputError, match=r"failures\.jsonl: not a list of failures"):
        _ = DatasetWriter(tmp_path / "d").counts.failures


def _swapped(staging: Path) -> None:
    first, second = (staging / f"{key}.tar" for key in TINY_KEYS[:2])
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def _changed(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def of_first(staging: Path) -> None:
        path = staging / f"{TINY_KEYS[0]}.tar"
        path.write_bytes(change(path.read_bytes()))

    return of_first


DAMAGES = {
    "flip": _changed(lambda content: content[:9000] + bytes([content[9000] ^ 1]) + content[9001:]),
    "last_bit": _changed(lambda content: content[:-1] + bytes([content[-1] ^ 1])),
    "header": _changed(lambda content: b"garbage" + content[7:]),
    "cut": _changed(lambda content: content[:-512]),
    "append": _changed(lambda content: content + b"x"),
    "empty": _changed(lambda content: b""),
    "swapped": _swapped,
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_staged_take_that_was_damaged_is_removed_and_made_again(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], tmp_path: Path, kind: str
) -> None:
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    for take in tiny_takes:
        writer.stage(take)
    DAMAGES[kind](tmp_path / "d" / "staging")
    with pytest.raises(InputError, match=r"staging/.*\.tar: the staged take is damaged"):
        writer.seal(0, TINY_SHARDS[0])
    removed = DatasetWriter(tmp_path / "d").create(tiny_info(), TINY_BATCH_FILES)
    assert removed == TINY_KEYS[: 2 if kind == "swapped" else 1]
    run(tmp_path / "d", tiny_takes)
    assert files_of(tmp_path / "d") == files_of(tiny_dataset)


def test_a_staged_take_of_another_data_set_is_removed(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    here, other = DatasetWriter(tmp_path / "here"), DatasetWriter(tmp_path / "other")
    here.create(tiny_info(), TINY_BATCH_FILES)
    other.create(replace(tiny_info(), batch_sha256="0" * 64), TINY_BATCH_FILES)
    other.stage(tiny_takes[0])
    (copied,) = (tmp_path / "other" / "staging").iterdir()
    shutil.copy(copied, tmp_path / "here" / "staging")
    assert DatasetWriter(tmp_path / "here").create(tiny_info(), TINY_BATCH_FILES) == (copied.stem,)
    assert not DatasetWriter(tmp_path / "here").counts.staged


def test_a_folder_among_staged_takes_is_named(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    (tmp_path / "d" / "staging" / "a.tar").mkdir()
    with pytest.raises(InputError, match=r"staging/a\.tar: cannot be read \(is a folder\); remove it"):
        writer.create(tiny_info(), TINY_BATCH_FILES)


def test_a_failed_write_leaves_no_file(tmp_path: Path, tiny_takes: list[FilmedTake]) -> None:
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    with pytest.raises(ValueError, match="clips, files and frames do not agree"):
        writer.stage(replace(tiny_takes[0], files=tiny_takes[0].files[:2]))
    assert list((tmp_path / "d" / "staging").iterdir()) == []


@pytest.mark.parametrize("key", ["", "a.b", "a/b", "a b", "é", "x" * 65])
def test_names_that_readers_would_truncate_are_invalid(
    tmp_path: Path, tiny_takes: list[FilmedTake], key: str
) -> None:
    with pytest.raises(InputError, match="invalid name of a take"):
        stage_take(tmp_path, replace(tiny_takes[0], row=replace(tiny_takes[0].row, take=key)))


def test_only_the_same_batch_resumes(tiny_dataset: Path) -> None:
    writer = DatasetWriter(tiny_dataset)
    writer.create(tiny_info(), TINY_BATCH_FILES)
    other = replace(tiny_info(), batch_sha256="d" * 64)
    with pytest.raises(InputError, match=r"dataset\.json: data set of another batch: batch_sha256 is 'bbb"):
        writer.create(other, {"batch.toml": "# other\n"})
    look = replace(tiny_info(), engine=replace(tiny_info().engine, look="lit"))
    with pytest.raises(InputError, match=r"engine\.look is 'fast'"):
        writer.create(look, TINY_BATCH_FILES)
    version = replace(tiny_info(), engine=replace(tiny_info().engine, version="2"))
    writer.check(version)
    with pytest.raises(
        InputError, match=r"json: filmed with the engine test, this is 2; use that version, or"
    ):
        writer.create(version, TINY_BATCH_FILES)
    newer = replace(tiny_info(), multitake_version="9.1")
    with pytest.raises(
        InputError, match=r"filmed with multitake \S+, this is 9\.1; use that version, or give a"
    ):
        writer.check(newer)


def test_other_content_and_unwritable_folders_are_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("It was a dark night.")
    with pytest.raises(InputError, match="the folder is not empty and not a data set"):
        DatasetWriter(tmp_path / "thesis").create(tiny_info(), {})
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]
    with pytest.raises(InputError, match="cannot be written"):
        DatasetWriter(tmp_path / "thesis" / "chapter1.tex" / "out").create(tiny_info(), {})


def test_checking_and_reading_a_folder_make_nothing(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "new")
    writer.check(tiny_info())
    assert counted(writer) == (set(), {}, {})
    assert list(tmp_path.iterdir()) == []


def test_a_lock_without_a_data_set_leaves_nothing(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "new")
    with writer.locked():
        with pytest.raises(InputError, match="another run writes this"), writer.locked():
            pass
        assert (tmp_path / "new").is_dir()
    assert list(tmp_path.iterdir()) == []


def test_a_failed_start_keeps_the_folder_that_was_there(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Killed), DatasetWriter(tmp_path / "empty").locked():
        raise Killed
    assert list((tmp_path / "empty").iterdir()) == []


@pytest.mark.parametrize("is_created", [False, True])
def test_a_run_ends_when_its_folder_is_removed(
    tiny_takes: list[FilmedTake], tmp_path: Path, is_created: bool
) -> None:
    root = tmp_path / "d"
    writer = DatasetWriter(root)
    with writer.locked():
        if is_created:
            writer.create(tiny_info(), TINY_BATCH_FILES)
        shutil.rmtree(root)
        with pytest.raises(
            RunError, match="/d: the folder or its lock was removed during the run; run the same"
        ):
            writer.create(tiny_info(), TINY_BATCH_FILES)
        with pytest.raises(FileNotFoundError):
            stage_take(root, tiny_takes[0])
        assert not root.exists()
        with (
            DatasetWriter(root).locked(),
            pytest.raises(RunError, match="the folder or its lock was removed"),
        ):
            writer.note_staged(TINY_KEYS[0])


def test_a_lock_sees_what_another_writer_did(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "d")
    assert counted(writer) == (set(), {}, {})
    write_tiny_dataset(tmp_path / "d", tiny_takes)
    with writer.locked():
        assert counted(writer) == (set(), dict(enumerate(TINY_SHARDS)), {})


def test_sealing_needs_its_takes_and_never_changes_them(tiny_dataset: Path, tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path / "d")
    writer.create(tiny_info(), TINY_BATCH_FILES)
    with pytest.raises(InputError, match="take room_000000 is not staged"):
        writer.seal(0, TINY_SHARDS[0])
    with pytest.raises(InputError, match="a shard needs at least one take"):
        writer.seal(0, ())
    assert writer.counts.sealed == DatasetWriter(tmp_path / "d").counts.sealed == {}
    with pytest.raises(InputError, match="already sealed with takes room_000000, room_000001"):
        DatasetWriter(tiny_dataset).seal(0, TINY_KEYS[:1])


def test_our_tar_is_that_of_tarfile() -> None:
    contents = {"a.txt": b"", "b.bin": bytes(range(256)) * 4, f"{'k' * 64}.cam01.depth.mkv": b"x"}
    body = b"".join(tar_member(name, content) for name, content in contents.items())
    with tarfile.open(fileobj=io.BytesIO(body + tar_end(len(body)))) as tar:
        assert {member.name: tar.extractfile(member).read() for member in tar} == contents
        assert {(m.mtime, m.uid, m.gid, m.mode, m.uname, m.type) for m in tar} == {(0, 0, 0, 0o644, "", b"0")}
    assert (len(body) + len(tar_end(len(body)))) % 10240 == 0
