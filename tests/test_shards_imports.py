"""Importing published data sets: trees and archives give one result, and what is odd or hostile is named."""

import errno
import json
import os
import shutil
import tarfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from import_examples import KEYS, TWO_A_SHARD, copied, import_archive
from published_sets import (
    CAMERAS,
    FRAMES,
    SCENES,
    camera_file,
    folder_files,
    gzip_bytes,
    scattered,
    tar_bytes,
    write_parts,
    write_tree,
    zstd_bytes,
)

from multitake.errors import InputError, RunError
from shards import FolderStore, clip_source, decode_video, open_dataset, verify_dataset
from shards.imports import ImportOptions, import_dataset
from shards.pairs import AdjacentPairs, MovingPairs, PairSettings, UniformPairs, WeightedPairs
from shards.streaming import PairStream


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
    for policy in (UniformPairs(), AdjacentPairs()):
        settings = PairSettings(seed=3, frames=5, starts="any", policy=policy)
        for pair in islice(PairStream(imported, settings), 8):
            assert pair.take in KEYS[:4] and pair.source.camera != pair.targets[0].camera
            for window in (pair.source, *pair.targets):
                clip = open_dataset(imported).take(pair.take).clip(window.camera)
                expected = clip.frames(pair.first_frame, pair.first_frame + 5)
                assert np.array_equal(window.video.permute(0, 2, 3, 1).numpy(), expected)


def test_policies_of_motions_refuse_an_import_whose_motions_are_unknown(imported: Path) -> None:
    for policy in (MovingPairs(), WeightedPairs(weights={"arc": 2})):
        line = rf"^[^\n]*data: {type(policy).__name__} choose by motion, and [^\n]*; use UniformPairs[^\n]*$"
        with pytest.raises(InputError, match=line):
            PairStream(imported, PairSettings(seed=3, frames=5, policy=policy))
    named = PairSettings(seed=3, frames=5, starts="any", policy=WeightedPairs(weights={"unknown": 1}))
    assert PairStream(imported, named).sample(0).take in KEYS


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
    assert take.clip("cam02").caption == 'A man dances, "slowly". He turns.'
    assert "captions: 1 video; 1 of no take" in report.notes


def test_splits_are_chosen_by_numbers_and_patterns(tree: Path, tmp_path: Path) -> None:
    options = ImportOptions(splits=("val=9-10", "test=f18_*/scene2,train/*/scene77"))
    import_dataset([str(tree)], out=tmp_path / "data", options=options)
    splits = {row.take: row.split for row in open_dataset(tmp_path / "data").takes}
    assert splits == dict(zip(KEYS, ("train", "test", "val", "val", "val"), strict=True))


def test_one_pose_of_a_static_camera_is_that_of_all_frames(tree: Path, tmp_path: Path) -> None:
    root = copied(tree, tmp_path / "SynCamVideo-Dataset")
    for scene in SCENES[:2]:
        text = camera_file(scene, frames=1)
        (root / scene / "cameras/camera_extrinsics.json").write_text(text)
    options = ImportOptions(format="syncamvideo")
    assert import_dataset([str(root)], out=tmp_path / "data", options=options).is_ok
    poses = open_dataset(tmp_path / "data").take(KEYS[0]).clip("cam01").poses.world_from_camera
    assert poses.shape == (FRAMES, 3, 4) and (poses == poses[0]).all()


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


def test_a_disk_that_fails_for_a_moment_loses_no_scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = write_tree(tmp_path / "published")
    failing = next(tree.rglob("*/videos/cam02.mp4"))
    opened = Path.open

    def fails(path: Path, *arguments: Any, **options: Any) -> Any:
        if path == failing:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return opened(path, *arguments, **options)

    with monkeypatch.context() as patched, pytest.raises(RunError, match=r"cam02\.mp4: cannot be read"):
        patched.setattr(Path, "open", fails)
        import_dataset([str(tree)], out=tmp_path / "data", options=ImportOptions())
    assert import_dataset([str(tree)], out=tmp_path / "data", options=ImportOptions()).is_ok
    import_dataset([str(tree)], out=tmp_path / "whole", options=ImportOptions())
    assert folder_files(tmp_path / "data") == folder_files(tmp_path / "whole")
