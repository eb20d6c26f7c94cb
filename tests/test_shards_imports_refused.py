"""What an import refuses, and scenes that become failures with their reason."""

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from import_examples import KEYS, TWO_A_SHARD, copied, import_archive
from published_sets import (
    SCENES,
    camera_file,
    folder_files,
    foreign_video,
    gzip_bytes,
    scattered,
    tar_bytes,
    write_parts,
    write_tree,
)
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError
from shards import verify_dataset
from shards.failures import read_failures
from shards.imports import ImportOptions, import_dataset


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of five scenes in the published layout."""
    return write_tree(tmp_path_factory.mktemp("published") / "MultiCamVideo-Dataset")


@pytest.fixture(scope="module")
def tar(tree: Path) -> bytes:
    """Its archive, in which scenes are not contiguous."""
    return tar_bytes(tree, scattered(tree))


@pytest.fixture(scope="module")
def imported(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data set of the tree, for reading only."""
    out = tmp_path_factory.mktemp("imported") / "data"
    assert import_dataset([str(tree)], out=out, options=TWO_A_SHARD).is_ok
    return out


def test_a_missing_part_is_refused_before_anything_is_read(tar: bytes, tmp_path: Path) -> None:
    parts = write_parts(tmp_path / "parts", gzip_bytes(tar), 4)
    parts[1].unlink()
    with pytest.raises(InputError, match=r"MultiCamVideo-Dataset\.partab is missing"):
        import_archive(tmp_path / "parts", tmp_path / "data")
    assert not (tmp_path / "data").exists()


def hostile_tar(change: Callable[[tarfile.TarInfo], object], *, content: bytes = b"x") -> bytes:
    """A tar whose only member was changed."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.GNU_FORMAT) as tar:
        member = tarfile.TarInfo(f"set/{SCENES[0]}/videos/cam01.mp4")
        member.size = len(content)
        change(member)
        tar.addfile(member, io.BytesIO(content))
    return sink.getvalue()


def _set(**values: object) -> Callable[[tarfile.TarInfo], object]:
    def change(member: tarfile.TarInfo) -> None:
        for name, value in values.items():
            setattr(member, name, value)

    return change


def lying_long_name() -> bytes:
    """A long name of GNU before a member with another name."""
    name = b"set/" + SCENES[0].encode() + b"/videos/cam01.mp4\0"
    long_name = tarfile.TarInfo("././@LongLink")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, len(name)
    member = tarfile.TarInfo("other.txt")
    head = long_name.tobuf(tarfile.GNU_FORMAT) + name.ljust(512, b"\0")
    return head + member.tobuf(tarfile.GNU_FORMAT) + bytes(10240)


def giant_name() -> bytes:
    """A long name that claims to have a terabyte."""
    long_name = tarfile.TarInfo("././@LongLink")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, 2**40
    return long_name.tobuf(tarfile.GNU_FORMAT) + bytes(10240)


def pax_size() -> bytes:
    """A pax header that changes the size of the next member."""
    record = b"20 size=99999999999\n"
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, len(record)
    member = tarfile.TarInfo(f"set/{SCENES[0]}/videos/cam01.mp4")
    head = header.tobuf(tarfile.USTAR_FORMAT) + record.ljust(512, b"\0")
    return head + member.tobuf(tarfile.USTAR_FORMAT) + bytes(10240)


HOSTILE = {
    "unsafe name: '/": hostile_tar(_set(name="/etc/scene1/videos/cam01.mp4")),
    "unsafe name: 'set/..": hostile_tar(_set(name="set/../../scene1/videos/cam01.mp4")),
    "is a link: 'set": hostile_tar(_set(type=tarfile.SYMTYPE, linkname="/etc/passwd", size=0)),
    "is a link:": hostile_tar(_set(type=tarfile.LNKTYPE, linkname="other", size=0)),
    "not a plain file: 'set": hostile_tar(_set(type=tarfile.CHRTYPE, size=0)),
    "not a plain file:": hostile_tar(_set(type=tarfile.FIFOTYPE, size=0)),
    "member is not a plain file: 'set/train": hostile_tar(_set(type=tarfile.GNUTYPE_SPARSE)),
    "claims to have": hostile_tar(lambda one: None)[:124] + b"77777777777\0" + bytes(376),
    "unknown member 'run.sh'": hostile_tar(_set(name="run.sh")),
    "contradicts its header": lying_long_name(),
    "name of a member claims to have 1099511627776 bytes": giant_name(),
    "pax header changes size": pax_size(),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_archive_is_refused_with_one_line(what: str, tmp_path: Path) -> None:
    content = bytearray(HOSTILE[what])
    if what == "claims to have":
        total = sum(content[:148]) + 8 * 32 + sum(content[156:512])
        content[148:156] = b"%06o\0 " % total
    write_parts(tmp_path / "parts", gzip_bytes(bytes(content)), 1)
    result = CliRunner().invoke(app, ["import", str(tmp_path / "parts"), "--out", str(tmp_path / "data")])
    assert result.exit_code == 2 and len(result.output.splitlines()) == 1 and what in result.output
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and "cam" in path.name]


def test_a_duplicate_member_is_refused(tree: Path, tmp_path: Path) -> None:
    files = sorted((tree / SCENES[0]).rglob("*.*"))
    write_parts(tmp_path / "parts", tar_bytes(tree, [*files, files[0]]), 1)
    with pytest.raises(InputError, match="duplicate member"):
        import_archive(tmp_path / "parts", tmp_path / "data")


def _odd_scenes() -> dict[str, tuple[str, bytes | None]]:
    """What is wrong, and the file that has it."""
    half = foreign_video("half")[:900]
    return {
        "not a readable video": ("videos/cam01.mp4", half),
        "frames is 20, of the first camera 25": ("videos/cam02.mp4", foreign_video("odd", frames=20)),
        "height_px is 96": ("videos/cam03.mp4", foreign_video("odd", size_px=(64, 96))),
        "fps is 30": ("videos/cam02.mp4", foreign_video("odd", fps=30)),
        "its pixels are yuv444p": ("videos/cam02.mp4", foreign_video("odd", pixels="yuv444p")),
        "cam03.mp4 is missing": ("videos/cam03.mp4", None),
        "camera_extrinsics.json is missing": ("cameras/camera_extrinsics.json", None),
        "not valid JSON": ("cameras/camera_extrinsics.json", b"{"),
        "cam01 has 24 poses, its video has 25 frames": (
            "cameras/camera_extrinsics.json",
            camera_file("odd", frames=24).encode(),
        ),
    }


@pytest.mark.parametrize(("what", "file", "content"), [(k, *v) for k, v in _odd_scenes().items()])
def test_an_odd_scene_is_a_failure_with_its_reason(
    what: str, file: str, content: bytes | None, tree: Path, tmp_path: Path
) -> None:
    root = copied(tree, tmp_path / "set")
    path = root / SCENES[1] / file
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    report = import_dataset([str(root)], out=tmp_path / "data", options=TWO_A_SHARD)
    assert not report.is_ok and report.sealed == 1
    failures = read_failures((tmp_path / "data/failures.jsonl").read_bytes(), "failures.jsonl")
    assert what in failures[KEYS[1]].reason and failures[KEYS[1]].number == 1
    assert str(tmp_path) not in failures[KEYS[1]].reason
    assert verify_dataset(tmp_path / "data") == []


def test_a_take_that_differs_from_most_is_a_failure_in_any_order(tree: Path, tmp_path: Path) -> None:
    root = copied(tree, tmp_path / "set", SCENES[:3])
    write_tree(root, ["train/f18_aperture10/scene0"])
    for video in (root / "train/f18_aperture10/scene0/videos").iterdir():
        video.write_bytes(foreign_video(video.name, size_px=(96, 48)))
    import_dataset([str(root)], out=tmp_path / "tree", options=TWO_A_SHARD)
    write_parts(tmp_path / "parts", tar_bytes(root, scattered(root)), 2)
    report = import_archive(tmp_path / "parts", tmp_path / "archive")
    assert report.failures == {"f18_aperture10_scene0": "width_px is 96, in most takes 64"}
    assert folder_files(tmp_path / "tree") == folder_files(tmp_path / "archive")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("name,text\n", "the columns are missing"),
        ("file_name,text\nx.mp4,y\n", "'x.mp4' is not the video of a camera"),
        ("file_name,text\n" + "f1_aperture1/scene1/videos/cam01.mp4,a\n" * 2, "two captions"),
        ('file_name,text\n"', "not a readable CSV file"),
    ],
)
def test_invalid_captions_are_refused(text: str, what: str, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "metadata.csv").write_text(text)
    with pytest.raises(InputError, match=what):
        options = ImportOptions(captions=tmp_path / "metadata.csv")
        import_dataset([str(tree)], out=tmp_path / "data", options=options)


def test_other_options_are_refused_in_a_folder_of_an_import(tree: Path, imported: Path) -> None:
    with pytest.raises(InputError, match="takes_per_shard is 2, not 3"):
        import_dataset([str(tree)], out=imported, options=ImportOptions(takes_per_shard=3))


def test_a_folder_of_something_else_is_refused(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty and not an import"):
        import_dataset([str(tree)], out=tmp_path, options=TWO_A_SHARD)
    (tmp_path / "spill").mkdir()
    (tmp_path / "spill/notes.txt").write_text("mine")
    write_parts(tmp_path / "parts", tar_bytes(tree, scattered(tree)), 1)
    options = ImportOptions(spill=tmp_path / "spill")
    with pytest.raises(InputError, match="not a folder of an import"):
        import_archive(tmp_path / "parts", tmp_path / "data", options)
    assert (tmp_path / "spill/notes.txt").read_text() == "mine"


def test_a_moving_camera_is_no_camera_of_syncamvideo(tree: Path, tmp_path: Path) -> None:
    options = ImportOptions(format="syncamvideo")
    with pytest.raises(InputError, match="cam01 moves"):
        import_dataset([str(copied(tree, tmp_path / "set"))], out=tmp_path / "data", options=options)
