"""Files and folders appear completely or not at all, whatever happens while they are written."""

import errno
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitake.atomic import remove_partials, replacing, write_file, writing_to
from multitake.errors import InputError, RunError

Write = Callable[[Path, str], None]


def as_file(path: Path, content: str) -> None:
    path.write_text(content)


def as_folder(path: Path, content: str) -> None:
    (path / "inner").mkdir(parents=True)
    (path / "inner" / "a.txt").write_text(content)
    (path / "b.txt").write_text(content)


def content_of(path: Path) -> dict[str, str] | str:
    if path.is_file():
        return path.read_text()
    return {str(file.relative_to(path)): file.read_text() for file in path.rglob("*") if file.is_file()}


def expected(write: Write, content: str) -> dict[str, str] | str:
    return content if write is as_file else {"inner/a.txt": content, "b.txt": content}


KINDS = pytest.mark.parametrize("write", [as_file, as_folder])


@KINDS
def test_new_content_appears_at_the_end_of_the_block(write: Write, tmp_path: Path) -> None:
    path = tmp_path / "new" / "deep" / "target"
    for content in ("first", "second"):
        before = content_of(path) if path.exists() else None
        with replacing(path) as partial:
            write(partial, content)
            assert (content_of(path) if path.exists() else None) == before
            assert partial.parent == path.parent and partial.name.startswith(".")
        assert content_of(path) == expected(write, content)
        assert os.listdir(path.parent) == ["target"]


@KINDS
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_in_the_block_changes_nothing(
    write: Write, error: type[BaseException], tmp_path: Path
) -> None:
    for names in ([], ["target"]):
        with pytest.raises(error), replacing(tmp_path / "target") as partial:
            write(partial, "half")
            raise error
        assert os.listdir(tmp_path) == names
        with replacing(tmp_path / "target") as partial:
            write(partial, "old")
    assert content_of(tmp_path / "target") == expected(write, "old")


@KINDS
def test_a_folder_and_a_file_never_replace_each_other(write: Write, tmp_path: Path) -> None:
    path, other = tmp_path / "model", as_folder if write is as_file else as_file
    other(path, "old")
    with pytest.raises(OSError), replacing(path) as partial:
        write(partial, "new")
    assert content_of(path) == expected(other, "old")
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_folder_survives_a_failed_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model"
    as_folder(path, "old")
    rename = os.replace

    def failing(source: Path, target: Path) -> None:
        if target == path and (source / "b.txt").read_text() == "new":
            raise OSError("disk is gone")
        rename(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", failing)
        with pytest.raises(OSError, match="disk is gone"), replacing(path) as partial:
            as_folder(partial, "new")
    assert content_of(path) == expected(as_folder, "old")
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error(tmp_path: Path) -> None:
    write_file(tmp_path / "target", "old")
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "target"):
        pass
    assert content_of(tmp_path / "target") == "old" and os.listdir(tmp_path) == ["target"]


# The child stops in the middle of the block, as if it was killed.
KILLED = """
import os, sys
from pathlib import Path
from multitake.atomic import replacing
with replacing(Path(sys.argv[1])) as partial:
    if sys.argv[2] == "as_folder":
        partial.mkdir()
        partial = partial / "a.txt"
    partial.write_text("half")
    os._exit(9)
"""


@KINDS
def test_a_killed_process_leaves_a_hidden_partial_only(write: Write, tmp_path: Path) -> None:
    for folder in (tmp_path / "empty", tmp_path / "with_old"):
        if folder.name == "with_old":
            with replacing(folder / "target") as partial:
                write(partial, "old")
        before = set(folder.glob("*"))
        arguments = [sys.executable, "-c", KILLED, str(folder / "target"), write.__name__]
        assert subprocess.run(arguments).returncode == 9
        (left,) = set(folder.glob("*")) - before
        assert left.name.startswith(".target.") and left.suffix == ".partial"
        remove_partials(folder)
        assert set(folder.glob("*")) == before
    assert content_of(tmp_path / "with_old" / "target") == expected(write, "old")


def test_partials_of_two_processes_do_not_mix(tmp_path: Path) -> None:
    write = "import sys; from pathlib import Path; from multitake.atomic import write_file;"
    with replacing(tmp_path / "target") as partial:
        partial.write_text("parent")
        code = write + "write_file(Path(sys.argv[1]), 'child')"
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "target")], check=True)
        assert content_of(tmp_path / "target") == "child"
    assert content_of(tmp_path / "target") == "parent" and os.listdir(tmp_path) == ["target"]


def test_only_hidden_partials_are_removed(tmp_path: Path) -> None:
    kept = {"a.partial", ".hidden", "b.txt"}
    for name in (*kept, ".a.host-1.partial"):
        (tmp_path / name).write_text(name)
    as_folder(tmp_path / ".folder.host-2.partial", "half")
    remove_partials(tmp_path)
    assert set(os.listdir(tmp_path)) == kept


@given(content=st.text(st.characters(exclude_categories=["Cs"])) | st.binary())
def test_a_file_has_exactly_the_bytes_that_were_written(
    content: str | bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "exact" / "file"
    write_file(path, content)
    assert path.read_bytes() == (content.encode() if isinstance(content, str) else content)


def test_a_path_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / "below"
    with pytest.raises(InputError) as error, writing_to(path):
        write_file(path, "content")
    message = f"{path}: cannot be written (Not a directory); give a path that can be written"
    # Creating the folder of a file that exists has another reason.
    assert str(error.value) in (message, message.replace("Not a directory", "File exists"))
    assert isinstance(error.value.__cause__, OSError)
    with pytest.raises(ZeroDivisionError), writing_to(path):
        raise ZeroDivisionError


def test_a_full_disk_is_no_fault_of_the_input(tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match=r"cannot be written \(No space left on device\)"),
        writing_to(tmp_path),
    ):
        Path("/dev/full").write_text("content")


@pytest.mark.parametrize("name", ["ENOSPC", "EDQUOT", "EIO", "ESTALE", "ETIMEDOUT", "EHOSTUNREACH"])
def test_what_passes_by_itself_ends_the_run(name: str, tmp_path: Path) -> None:
    with pytest.raises(RunError), writing_to(tmp_path):
        raise OSError(getattr(errno, name), "of the disk")


@pytest.mark.parametrize("name", ["ENOENT", "EACCES", "EPERM", "EROFS", "ENOTDIR", "EISDIR", "ENAMETOOLONG"])
def test_what_stays_is_invalid_input(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError), writing_to(tmp_path):
        raise OSError(getattr(errno, name), "of the path")


def test_an_input_error_survives_being_sent_between_processes() -> None:
    error = InputError(
        "empty range 5..3", where="batch.toml: rig.pan_deg", fix="put the smaller number first"
    )
    again = pickle.loads(pickle.dumps(error))
    assert (again.what, again.where, again.fix) == (error.what, error.where, error.fix)
    assert str(again) == "batch.toml: rig.pan_deg: empty range 5..3; put the smaller number first"


def test_an_error_of_the_disk_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError) as caught, replacing(tmp_path / "big"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == str(tmp_path / "big")


def test_what_is_neither_file_nor_folder_is_never_replaced(tmp_path: Path) -> None:
    """A report to ``/dev/null`` must not end it."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="neither a file nor a folder"):
        write_file(pipe, "content")
    assert pipe.is_fifo()


@pytest.mark.parametrize("kind", [InputError, RunError])
def test_an_error_with_the_text_of_a_library_is_one_line(kind: type[InputError | RunError]) -> None:
    error = kind("not readable (Invalid:\n  corrupt\n\nsnappy)", where="a.parquet", fix="film it again")
    assert str(error) == "a.parquet: not readable (Invalid: corrupt snappy); film it again"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
