"""Importing published data sets: trees and archives give one result, and what is odd or hostile is named."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from published_sets import (
    CAMERAS,
    FRAMES,
    SCENES,
    camera_file,
    folder_files,
    foreign_video,
    gzip_bytes,
    scattered,
    tar_bytes,
    write_parts,
    write_tree,
    zstd_bytes,
)
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError
from shards import FolderStore, clip_source, decode_video, open_dataset, verify_dataset
from shards.failures import read_failures
from shards.imports import ImportOptions, ImportReport, import_dataset
from shards.streaming import PairStream

TWO_A_SHARD = ImportOptions(takes_per_shard=2)
KEYS = (
    "f18_aperture10_scene1",
    "f18_aperture10_scene2",
    "f35_aperture2p4_scene9",
    "f35_aperture2p4_scene10",
    "val_10basic_trajectories",
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree of five scenes in the published layout, with a README."""
    root = write_tree(tmp_path_factory.mktemp("published") / "MultiCamVideo-Dataset")
    (root / "README.md").write_text("# MultiCamVideo")
    return root


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


def import_archive(parts: Path, out: Path, options: ImportOptions = TWO_A_SHARD) -> ImportReport:
    """Import the archive whose parts are in a folder."""
    return import_dataset([str(parts)], out=out, options=options)


def copied(tree: Path, folder: Path, scenes: tuple[str, ...] = SCENES[:2]) -> Path:
    """A copy of some scenes, to be changed."""
    for scene in scenes:
        shutil.copytree(tree / scene, folder / scene)
    return folder


@pytest.mark.parametrize("compressed", [gzip_bytes, zstd_bytes, bytes], ids=["gzip", "zstd", "plain"])
def test_an_archive_in_parts_gives_the_bytes_of_its_tree(
    compressed: Callable[[bytes], bytes], tar: bytes, imported: Path, tmp_path: Path
) -> None:
    write_parts(tmp_path / "parts", compressed(tar), 5)
    report = import_archive(tmp_path / "parts", tmp_path / "data")
    assert report.is_ok
    assert folder_files(tmp_path / "data") == folder_files(imported)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "parts"]


def test_parts_can_be_given_one_by_one_in_any_order_or_as_a_pattern(
    tar: bytes, imported: Path, tmp_path: Path
) -> None:
    paths = write_parts(tmp_path / "parts", gzip_bytes(tar), 4)
    one_by_one = [str(path) for path in reversed(paths)]
    for name, sources in (("one", one_by_one), ("pattern", [str(tmp_path / "parts" / "*.part*")])):
        import_dataset(sources, out=tmp_path / name, options=TWO_A_SHARD)
        assert folder_files(tmp_path / name) == folder_files(imported)


def test_a_pax_archive_is_read_like_one_of_gnu(tree: Path, imported: Path, tmp_path: Path) -> None:
    write_parts(tmp_path / "parts", tar_bytes(tree, scattered(tree), format=tarfile.PAX_FORMAT), 1)
    assert import_archive(tmp_path / "parts", tmp_path / "data").is_ok
    assert folder_files(tmp_path / "data") == folder_files(imported)


def test_an_imported_data_set_is_sound_and_says_what_is_unknown(imported: Path) -> None:
    assert verify_dataset(imported) == []
    dataset = open_dataset(imported)
    assert dataset.keys == KEYS
    assert dataset.info.engine.kind == "imported" and dataset.info.made_from[0].name == "MultiCamVideo"
    take = dataset.take(KEYS[2])
    assert (take.row.focal_length_mm, take.row.f_number, take.row.split) == (35.0, 2.4, "train")
    assert take.row.subject_m is None and take.row.seed is None and take.row.environment == "unknown"
    row = take.clip("cam02").row
    assert row.motion == "unknown" and np.isnan(row.subject_m).all()
    # 35 mm on a sensor of 23.76 mm that 64 pixels span.
    assert row.intrinsics.fx_px == pytest.approx(35 / 23.76 * 64)
    unknown_lens = dataset.take(KEYS[4]).clip("cam01").row
    assert np.isnan(unknown_lens.intrinsics.fx_px) and unknown_lens.intrinsics.width_px == 64


def test_take_json_of_an_import_is_strict_json(imported: Path) -> None:
    def no_constant(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    for key in KEYS:
        record = json.loads(open_dataset(imported).take(key).content("take"), parse_constant=no_constant)
        assert record["poses"][0]["subject_m"] is None


def test_poses_are_those_of_the_published_loader(tree: Path, imported: Path) -> None:
    """Independent of our reader: the authors' way from text to relative poses."""
    for scene, key in zip((SCENES[0], SCENES[3]), (KEYS[0], KEYS[2]), strict=True):
        document = json.loads((tree / scene / "cameras/camera_extrinsics.json").read_text())
        take = open_dataset(imported).take(key)
        for camera in CAMERAS:
            published = published_relative_poses(document, camera)
            poses = take.clip(camera).poses
            ours = np.linalg.inv(_square(poses.world_from_camera[0])) @ _square(poses.world_from_camera)
            assert np.allclose(ours, published, atol=1e-5)


def published_relative_poses(document: dict[str, dict[str, str]], camera: str) -> np.ndarray:
    """camera0_from_camera of all frames, as the published training code computes it."""
    matrices = []
    for frame in range(len(document)):
        rows = document[f"frame{frame}"][camera].strip().split("] [")
        matrix = np.array([[float(x) for x in row.strip("[] ").split()] for row in rows]).T
        matrix = matrix[:, [1, 2, 0, 3]]
        matrix[:3, 1] *= -1.0
        matrix[:3, 3] /= 100
        matrices.append(matrix)
    return np.array([np.linalg.inv(matrices[0]) @ matrix for matrix in matrices])


def _square(poses: np.ndarray) -> np.ndarray:
    last = np.broadcast_to([0.0, 0.0, 0.0, 1.0], (*poses.shape[:-2], 1, 4))
    return np.concatenate([poses, last], axis=-2)


def test_videos_keep_their_packets_and_every_window_is_that_of_the_entire_video(
    tree: Path, imported: Path
) -> None:
    for scene, key in zip(SCENES[:2], KEYS[:2], strict=True):
        for camera in CAMERAS:
            expected = decode_video((tree / scene / f"videos/{camera}.mp4").read_bytes())
            clip = open_dataset(imported).take(key).clip(camera)
            assert np.array_equal(clip.frames(), expected)
            for start, stop in ((0, 1), (0, 20), (3, 19), (13, 21), (19, FRAMES), (20, FRAMES)):
                assert np.array_equal(clip.frames(start, stop), expected[start:stop])


def test_a_video_with_its_index_in_front_is_stored_as_it_is(
    tree: Path, imported: Path, tmp_path: Path
) -> None:
    root = copied(tree, tmp_path / "set")
    in_front = open_dataset(imported).take(KEYS[0]).clip("cam01").video_bytes()
    (root / SCENES[0] / "videos/cam01.mp4").write_bytes(in_front)
    import_dataset([str(root)], out=tmp_path / "data", options=TWO_A_SHARD)
    assert open_dataset(tmp_path / "data").take(KEYS[0]).clip("cam01").video_bytes() == in_front


def test_the_stream_reads_pairs_of_an_import(imported: Path) -> None:
    pair = next(iter(PairStream(imported, seed=3, frames=5)))
    assert pair.take in KEYS[:4] and pair.source_camera != pair.target_camera


def test_the_audit_has_no_rules_for_an_import(imported: Path) -> None:
    source = clip_source(imported)
    assert source.rules is None and sum(len(table) for table in source.tables) == len(KEYS) * len(CAMERAS)


def test_encoding_again_gives_groups_of_pictures_of_this_format(tree: Path, tmp_path: Path) -> None:
    options = ImportOptions(takes_per_shard=2, reencodes=True)
    import_dataset([str(copied(tree, tmp_path / "set"))], out=tmp_path / "data", options=options)
    assert verify_dataset(tmp_path / "data") == []
    clip = open_dataset(tmp_path / "data").take(KEYS[0]).clip("cam01")
    original = decode_video((tree / SCENES[0] / "videos/cam01.mp4").read_bytes())
    assert np.abs(clip.frames().astype(int) - original).mean() < 8


class FailingStore(FolderStore):
    """A folder in which writing and removing end after some calls, as if the process was killed."""

    def __init__(self, root: Path, calls: int) -> None:
        super().__init__(root)
        self.left = calls

    def write(self, path: str, content: bytes | str) -> None:
        self._count()
        super().write(path, content)

    def remove(self, path: str) -> None:
        self._count()
        super().remove(path)

    def writing(self, path: str) -> Any:
        self._count()
        return super().writing(path)

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def test_a_kill_between_any_two_writes_resumes_to_the_same_bytes(
    tar: bytes, tree: Path, tmp_path: Path
) -> None:
    root = copied(tree, tmp_path / "set", SCENES[:3])
    (root / SCENES[1] / "videos/cam02.mp4").write_bytes(b"no video")
    write_parts(tmp_path / "parts", gzip_bytes(tar_bytes(root, scattered(root))), 3)
    options = ImportOptions(takes_per_shard=1)
    import_archive(tmp_path / "parts", tmp_path / "whole", options)
    expected = folder_files(tmp_path / "whole")
    for calls in range(1000):
        out = tmp_path / f"killed{calls}"
        try:
            import_dataset([str(tmp_path / "parts")], out=FailingStore(out, calls), options=options)
        except KeyboardInterrupt:
            import_archive(tmp_path / "parts", out, options)
            assert folder_files(out) == expected, f"killed after {calls} writes"
            shutil.rmtree(out)
        else:
            assert calls > 15
            return


def test_a_finished_import_reads_its_source_no_more(tree: Path, imported: Path, tmp_path: Path) -> None:
    out = tmp_path / "data"
    shutil.copytree(imported, out)
    (tmp_path / "MultiCamVideo-Dataset").mkdir()
    report = import_dataset([str(tmp_path / "MultiCamVideo-Dataset")], out=out, options=TWO_A_SHARD)
    assert report.is_ok and folder_files(out) == folder_files(imported)


def test_a_truncated_archive_keeps_what_is_complete_and_names_the_rest(
    tar: bytes, tree: Path, imported: Path, tmp_path: Path
) -> None:
    content = gzip_bytes(tar)
    parts = write_parts(tmp_path / "parts", content, 4)
    parts[3].write_bytes(parts[3].read_bytes()[:-2000])
    report = import_archive(tmp_path / "parts", tmp_path / "data")
    assert not report.is_ok and report.incomplete
    assert all(key in KEYS and ".mp4" in files for key, files in report.incomplete.items())
    assert "truncated" in report.notes[0] and not (tmp_path / "data/dataset.json").exists()
    kept = {path.stem for path in (tmp_path / "data/staging").iterdir()}
    assert kept == set(KEYS) - report.incomplete.keys()
    # With the part as it should be, the same command finishes.
    write_parts(tmp_path / "parts", content, 4)
    assert import_archive(tmp_path / "parts", tmp_path / "data").is_ok
    assert folder_files(tmp_path / "data") == folder_files(imported)


def test_what_a_truncated_archive_has_can_be_sealed(tar: bytes, tmp_path: Path) -> None:
    (part,) = write_parts(tmp_path / "parts", gzip_bytes(tar), 1)
    part.write_bytes(part.read_bytes()[:-2000])
    options = ImportOptions(takes_per_shard=2, accepts_incomplete=True)
    report = import_archive(tmp_path / "parts", tmp_path / "data", options)
    assert not report.is_ok and report.sealed + len(report.failures) == len(KEYS)
    assert all("is missing" in reason for reason in report.failures.values())
    assert verify_dataset(tmp_path / "data") == []


@pytest.mark.parametrize("place", [0.2, 0.6])
def test_a_damaged_archive_is_one_line_and_never_sealed_silently(
    place: float, tar: bytes, tmp_path: Path
) -> None:
    (part,) = write_parts(tmp_path / "parts", gzip_bytes(tar), 1)
    content = bytearray(part.read_bytes())
    for n in range(8):
        content[int(place * len(content)) + n] ^= 0x55
    part.write_bytes(content)
    report = import_archive(tmp_path / "parts", tmp_path / "data")
    assert not report.is_ok and "the archive is damaged" in report.notes[0]
    assert not (tmp_path / "data/dataset.json").exists()


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


def test_captions_are_those_of_clips_and_unmatched_ones_are_counted(tree: Path, tmp_path: Path) -> None:
    caption = 'A man dances, "slowly".\nHe turns.'
    rows = [
        ("f18_aperture10/scene1/videos/cam02.mp4", caption),
        ("f18_aperture10/scene77/videos/cam02.mp4", "Nobody."),
    ]
    quoted = "".join('{},"{}"\n'.format(name, text.replace('"', '""')) for name, text in rows)
    (tmp_path / "metadata.csv").write_text(f"file_name,text\n{quoted}")
    options = ImportOptions(captions=tmp_path / "metadata.csv")
    report = import_dataset([str(copied(tree, tmp_path / "set"))], out=tmp_path / "data", options=options)
    take = open_dataset(tmp_path / "data").take(KEYS[0])
    assert take.clip("cam02").row.captions == ('A man dances, "slowly". He turns.',)
    assert take.clip("cam01").row.captions == ()
    assert "captions: 1 video; 1 of no take" in report.notes


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


def test_splits_are_chosen_by_numbers_and_patterns(tree: Path, tmp_path: Path) -> None:
    options = ImportOptions(splits=("val=9-10", "test=f18_*/scene2,train/*/scene77"))
    import_dataset([str(tree)], out=tmp_path / "data", options=options)
    splits = {row.take: row.split for row in open_dataset(tmp_path / "data").takes}
    assert splits == dict(zip(KEYS, ("train", "test", "val", "val", "val"), strict=True))


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


def test_one_pose_of_a_static_camera_is_that_of_all_frames(tree: Path, tmp_path: Path) -> None:
    root = copied(tree, tmp_path / "SynCamVideo-Dataset")
    for scene in SCENES[:2]:
        text = camera_file(scene, frames=1)
        (root / scene / "cameras/camera_extrinsics.json").write_text(text)
    options = ImportOptions(format="syncamvideo")
    assert import_dataset([str(root)], out=tmp_path / "data", options=options).is_ok
    poses = open_dataset(tmp_path / "data").take(KEYS[0]).clip("cam01").poses.world_from_camera
    assert poses.shape == (FRAMES, 3, 4) and (poses == poses[0]).all()


def test_a_moving_camera_is_no_camera_of_syncamvideo(tree: Path, tmp_path: Path) -> None:
    options = ImportOptions(format="syncamvideo")
    with pytest.raises(InputError, match="cam01 moves"):
        import_dataset([str(copied(tree, tmp_path / "set"))], out=tmp_path / "data", options=options)


def test_an_import_into_storage_of_objects_has_the_same_bytes(
    tar: bytes, imported: Path, tmp_path: Path
) -> None:
    import fsspec

    write_parts(tmp_path / "parts", gzip_bytes(tar), 2)
    address = f"memory://imports/{tmp_path.name}"
    options = ImportOptions(takes_per_shard=2, spill=tmp_path / "spill")
    assert import_dataset([str(tmp_path / "parts")], out=address, options=options).is_ok
    files = fsspec.filesystem("memory")
    found = {path.partition(f"{tmp_path.name}/")[2]: files.cat_file(path) for path in files.find(address)}
    visible = {path: content for path, content in found.items() if not path.startswith(".")}
    assert visible == folder_files(imported)
