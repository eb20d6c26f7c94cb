"""The writer: equal bytes in any order and after any kill, and folders that are not its own."""

import io
import os
import tarfile
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from conftest import TINY_KEYS, TINY_ORDERS, TINY_SHARDS, tiny_info, write_tiny_dataset

from multitake.errors import InputError
from shards import (
    FilmedTake,
    clean_staging,
    commit_take,
    create_dataset,
    done_takes,
    seal_shard,
    sealed_shards,
)
from shards.tar import tar_end, tar_member


class Killed(BaseException):
    """Stands for the process's death: nothing in the product catches it."""


def files_of(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def seal_all(root: Path, takes: list[FilmedTake]) -> None:
    """What a run does when started: make or find the folder, film what is missing, seal what is whole."""
    create_dataset(root, tiny_info(), orders=TINY_ORDERS)
    clean_staging(root)
    for take in takes:
        if take.row.take not in done_takes(root):
            commit_take(root, take)
    for shard, keys in enumerate(TINY_SHARDS):
        if shard not in sealed_shards(root):
            seal_shard(root, shard, keys)


def test_the_order_of_commits_leaves_no_trace(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    other = write_tiny_dataset(tmp_path / "other", tiny_takes[::-1])
    assert files_of(other) == files_of(tiny_dataset)
    assert len(files_of(other)) == 1 + len(TINY_ORDERS) + 4 * len(TINY_SHARDS)


def killed_run(
    root: Path, takes: list[FilmedTake], patch: pytest.MonkeyPatch, *, kill: int, late: bool
) -> bool:
    """Run until rename number ``kill`` (just before it, or just after), then stop dead; whether it came."""
    rename, unlink, seen, dead = os.replace, Path.unlink, count(), []

    def deadly_rename(source: Path, target: Path) -> None:
        dying = next(seen) == kill
        if late or not dying:
            rename(source, target)
        if dying:
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
            seal_all(root, takes)
        except Killed:
            return True
    return False


@pytest.mark.parametrize("late", [False, True])
def test_killed_at_any_rename_the_same_run_finishes_alike(
    tiny_dataset: Path,
    tiny_takes: list[FilmedTake],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    late: bool,
) -> None:
    wanted = files_of(tiny_dataset)
    for kill in count():
        root = tmp_path / str(kill)
        if not killed_run(root, tiny_takes, monkeypatch, kill=kill, late=late):
            break
        assert late or list(root.rglob(".*.partial")), "a dead process tidies nothing"
        seal_all(root, tiny_takes)
        assert files_of(root) == wanted
    assert kill == len(wanted) + len(tiny_takes)


def test_killed_while_clearing_fragments_nothing_stays(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "dataset"
    with monkeypatch.context() as patch:

        def deadly(path: Path, missing_ok: bool = False) -> None:
            raise Killed

        patch.setattr(Path, "unlink", deadly)
        create_dataset(root, tiny_info(), orders=TINY_ORDERS)
        for take in tiny_takes:
            commit_take(root, take)
        with pytest.raises(Killed):
            seal_shard(root, 0, TINY_SHARDS[0])
    assert sealed_shards(root) == {0} and done_takes(root) == set(TINY_KEYS)
    (root / "staging" / ".room_000009.tar.elsewhere-1.partial").write_bytes(b"half")
    clean_staging(root)
    assert [path.name for path in (root / "staging").iterdir()] == ["room_000002.tar"]
    seal_shard(root, 0, TINY_SHARDS[0])
    seal_shard(root, 1, TINY_SHARDS[1])
    assert files_of(root) == files_of(tiny_dataset)


def test_a_failed_write_leaves_no_file(tmp_path: Path, tiny_takes: list[FilmedTake]) -> None:
    create_dataset(tmp_path / "d", tiny_info(), orders={"batch.toml": ""})
    wrong = replace(tiny_takes[0], clips=tiny_takes[0].clips[:2])
    with pytest.raises(ValueError, match="not of the same cameras"):
        commit_take(tmp_path / "d", wrong)
    assert list((tmp_path / "d" / "staging").iterdir()) == []


@pytest.mark.parametrize("key", ["", "a.b", "a/b", "a b", "é", "x" * 65])
def test_keys_that_readers_would_cut_are_refused(
    tmp_path: Path, tiny_takes: list[FilmedTake], key: str
) -> None:
    create_dataset(tmp_path / "d", tiny_info(), orders={"batch.toml": ""})
    with pytest.raises(InputError, match="cannot name a take"):
        commit_take(tmp_path / "d", replace(tiny_takes[0], row=replace(tiny_takes[0].row, take=key)))


def test_only_the_same_order_resumes(tiny_dataset: Path) -> None:
    create_dataset(tiny_dataset, tiny_info(), orders=TINY_ORDERS)
    other = replace(tiny_info(), batch_sha256="d" * 64)
    with pytest.raises(InputError, match=r"dataset\.json: another order's data set: batch_sha256 is 'bbb"):
        create_dataset(tiny_dataset, other, orders={"batch.toml": "# other\n"})
    look = replace(tiny_info(), engine=replace(tiny_info().engine, look="lit"))
    with pytest.raises(InputError, match=r"engine\.look is 'fast'"):
        create_dataset(tiny_dataset, look, orders=TINY_ORDERS)


def test_foreign_and_unwritable_folders_are_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("It was a dark night.")
    with pytest.raises(InputError, match="holds something that is not a data set"):
        create_dataset(tmp_path / "thesis", tiny_info(), orders={"batch.toml": ""})
    assert [path.name for path in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]
    with pytest.raises(InputError, match="cannot be written"):
        create_dataset(tmp_path / "thesis" / "chapter1.tex" / "out", tiny_info(), orders={"batch.toml": ""})


def test_sealing_needs_its_takes_and_keeps_its_word(tiny_dataset: Path, tmp_path: Path) -> None:
    create_dataset(tmp_path / "d", tiny_info(), orders={"batch.toml": ""})
    with pytest.raises(InputError, match="take room_000000 is not staged"):
        seal_shard(tmp_path / "d", 0, TINY_SHARDS[0])
    with pytest.raises(InputError, match="a shard needs a take"):
        seal_shard(tmp_path / "d", 0, ())
    assert sealed_shards(tmp_path / "d") == set()
    with pytest.raises(InputError, match="already sealed with takes room_000000, room_000001"):
        seal_shard(tiny_dataset, 0, TINY_KEYS[:1])


def test_our_tar_is_tarfiles_tar() -> None:
    contents = {"a.txt": b"", "b.bin": bytes(range(256)) * 4, f"{'k' * 64}.cam01.depth.mkv": b"x"}
    body = b"".join(tar_member(name, content) for name, content in contents.items())
    with tarfile.open(fileobj=io.BytesIO(body + tar_end(len(body)))) as tar:
        assert {member.name: tar.extractfile(member).read() for member in tar} == contents
        assert {(m.mtime, m.uid, m.gid, m.mode, m.uname, m.type) for m in tar} == {(0, 0, 0, 0o644, "", b"0")}
    assert (len(body) + len(tar_end(len(body)))) % 10240 == 0
