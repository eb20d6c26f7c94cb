"""The doctor on a filmed take: its images against its poses, through the command line."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from benchmarks.doctor import imported_info
from benchmarks.planted_sets import orphaned, planted, write_set
from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.film import film_take
from datagen.plan import plan_take
from multitake.cli import app
from multitake.randomness import rng_for
from shards import FilmedTake, clip_source, decode_video, encode_video
from shards.failures import Failure, failure_lines
from trajectories.audit import examine
from trajectories.sampling import rules_from

pytest.importorskip("cv2")

BATCH = Batch(
    seed=2,
    takes=1,
    frames=21,
    width_px=256,
    height_px=144,
    scene=SceneChoice(environments=("street",)),
    engine=EngineChoice(look="fast"),
    rules=rules_from({"slots": ["pan", "translation", "arc", "random"], "radius_m": [3.0, 5.0]}, "rig"),
)


TURNS = {"slots": ["pan", "tilt", "static", "roll"], "radius_m": [3.0, 5.0]}
TURNING = replace(BATCH, seed=5, rules=rules_from(TURNS, "rig"))


def filmed(batch: Batch, *, takes: int) -> list[FilmedTake]:
    engine = RunningEngine(batch.engine, worker=0)
    try:
        catalog = load_catalog(batch.scene, folder=Path())
        batch = replace(batch, takes=takes)
        return [film_take(engine.driver, batch, plan_take(batch, catalog, index)) for index in range(takes)]
    finally:
        engine.close()


@pytest.fixture(scope="module")
def take() -> FilmedTake:
    """A take of four cameras that start from one pose."""
    return filmed(BATCH, takes=1)[0]


@pytest.fixture(scope="module")
def sound(take: FilmedTake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sound") / "dataset"
    write_set(root, [take], imported_info([take]))
    return root


def test_a_sound_take_has_no_fault(sound: Path) -> None:
    report = examine(clip_source(sound), with_images=True)
    assert report.faults == ()
    assert (report.images, report.clips, report.clips_compared) == ("examined", 4, 4)
    assert "inverted_poses" not in report.undecided


@pytest.mark.parametrize(
    "kind", ["mirrored_world", "focal_length_off", "cameras_exchanged", "scale_drifts", "duplicated_clips"]
)
def test_a_planted_fault_is_found_in_images(take: FilmedTake, tmp_path: Path, kind: str) -> None:
    fault = planted(kind, take, rng_for(7, kind))
    assert fault
    write_set(tmp_path / "dataset", [fault.take], imported_info([take]))
    faults = examine(clip_source(tmp_path / "dataset"), with_images=True).faults
    assert {one.kind for one in faults} == {kind}
    named = {camera for one in faults for camera in one.cameras}
    assert not named or named <= set(fault.cameras)


def test_cameras_that_turn_in_one_place_are_sound(tmp_path: Path) -> None:
    """Any other place would give matches more freedom: that alone is no reason to accuse them."""
    takes = filmed(TURNING, takes=2)
    for one in takes:
        assert np.ptp(one.clips.poses.position_m, axis=(0, 1)).max() < 1e-6
    write_set(tmp_path / "dataset", takes, imported_info(takes))
    assert examine(clip_source(tmp_path / "dataset"), with_images=True).faults == ()


def test_poses_of_another_take_get_no_other_name(take: FilmedTake, tmp_path: Path) -> None:
    other = filmed(replace(BATCH, seed=8), takes=1)[0]
    changed = replace(take, clips=other.clips.replaced(take=take.clips["take"]))
    write_set(tmp_path / "dataset", [changed], imported_info([changed]))
    (fault,) = examine(clip_source(tmp_path / "dataset"), with_images=True).faults
    assert (fault.kind, fault.take, fault.cameras) == ("unexplained", take.row.take, ())


@pytest.mark.parametrize("factor", [1.5, 1 / 1.5])
def test_a_focal_length_that_is_far_off_is_named_with_its_amount(
    take: FilmedTake, tmp_path: Path, factor: float
) -> None:
    clips = take.clips.replaced(fx_px=factor * take.clips["fx_px"], fy_px=factor * take.clips["fy_px"])
    write_set(tmp_path / "dataset", [replace(take, clips=clips)], imported_info([take]))
    (fault,) = examine(clip_source(tmp_path / "dataset"), with_images=True).faults
    assert (fault.kind, fault.cameras) == ("focal_length_off", ())
    # One step of the amounts that are tried.
    assert 1 + float(fault.figure.partition(" %")[0]) / 100 == pytest.approx(factor, rel=0.05)


def test_a_copy_that_is_brighter_is_found(take: FilmedTake, tmp_path: Path) -> None:
    images = decode_video(take.files[0].members["video"]).astype(int) + 6
    video = encode_video(np.clip(images, 0, 255).astype(np.uint8), fps=take.row.fps)
    files = (take.files[0], replace(take.files[1], members={"video": video}), *take.files[2:])
    write_set(tmp_path / "dataset", [replace(take, files=files)], imported_info([take]))
    (fault,) = examine(clip_source(tmp_path / "dataset"), with_images=True).faults
    assert (fault.kind, fault.cameras) == ("duplicated_clips", tuple(take.clips["camera"][:2].tolist()))


def test_takes_that_were_not_imported_are_named(sound: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(sound, tmp_path / "dataset"))
    lost = Failure(take="lost_000001", number=1, attempts=1, reason="scene1: cam04.mp4 is missing")
    (root / "failures.jsonl").write_text(failure_lines([lost]))
    (fault,) = examine(clip_source(root), with_images=False).faults
    assert (fault.kind, fault.take, fault.evidence) == ("orphan_rows", "lost_000001", "files")
    assert "cam04.mp4 is missing" in fault.figure


def test_a_row_without_its_video_is_found(sound: Path, take: FilmedTake, tmp_path: Path) -> None:
    root = Path(shutil.copytree(sound, tmp_path / "dataset"))
    cameras = orphaned(root, take.row.take, np.random.default_rng(1))
    faults = examine(clip_source(root), with_images=True).faults
    assert {(one.kind, camera) for one in faults for camera in one.cameras} == {
        ("orphan_rows", camera) for camera in cameras
    }


def test_the_audit_fails_on_a_fault_and_shows_it(take: FilmedTake, tmp_path: Path) -> None:
    fault = planted("mirrored_world", take, rng_for(9, "cli"))
    assert fault
    write_set(tmp_path / "dataset", [fault.take], imported_info([take]))
    arguments = ["audit", str(tmp_path / "dataset"), "--report", str(tmp_path / "audit.html")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "fault mirrored_world: " in result.stdout
    (listed, *_) = json.loads((tmp_path / "audit.json").read_text())["doctor"]["faults"]
    assert (listed["kind"], listed["take"], listed["evidence"]) == ("mirrored_world", take.row.take, "images")
    assert listed["fix"] and listed["figure"]
    assert 'data-fault="mirrored_world"' in (tmp_path / "audit.html").read_text()
    # Mirrored worlds show in images alone.
    without = CliRunner().invoke(app, [*arguments, "--no-images"])
    assert "images were not examined: add --images" in without.stdout
    assert "fault mirrored_world" not in without.stdout


def test_clips_without_intrinsics_are_counted_as_such(take: FilmedTake, tmp_path: Path) -> None:
    unknown = take.clips.replaced(fx_px=float("nan"), fy_px=float("nan"))
    write_set(tmp_path / "dataset", [replace(take, clips=unknown)], imported_info([take]))
    report = examine(clip_source(tmp_path / "dataset"), with_images=True)
    assert (report.unknown_intrinsics, report.clips_compared, report.faults) == (4, 0, ())
    assert report.summary.endswith("; 4 clips state no intrinsics")


def test_our_own_sets_are_examined_only_if_asked(sound: Path, tmp_path: Path, tiny_dataset: Path) -> None:
    pages = {name: tmp_path / f"{name}.html" for name in ("own", "own images", "imported")}
    CliRunner().invoke(app, ["audit", str(tiny_dataset), "--report", str(pages["own"])])
    CliRunner().invoke(app, ["audit", str(tiny_dataset), "--images", "--report", str(pages["own images"])])
    CliRunner().invoke(app, ["audit", str(sound), "--report", str(pages["imported"])])
    found = {
        name: json.loads(page.with_suffix(".json").read_text())["doctor"] for name, page in pages.items()
    }
    assert found["own"] is None
    assert found["own images"]["images"] == found["imported"]["images"] == "examined"
