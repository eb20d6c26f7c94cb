"""``multitake refilm``: what is filmed again is equal, and what is new agrees with it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import Float
from typer.testing import CliRunner, Result

from datagen.batch import Batch, Refilm
from datagen.batch_file import batch_sha256, load_batch, resolved_toml
from datagen.catalog import Catalog, catalog_sha256, load_catalog
from datagen.drive import RunningEngine
from datagen.extra_cameras import ExtraCamera, Move
from datagen.film import film_take
from datagen.film_worker import FilmJob, FilmWorker
from datagen.generate import batch_files, dataset_info
from datagen.plan import plan_take, plan_takes, shard_takes, take_rigs
from datagen.refilm import RefilmOptions, refilmed_batch
from datagen.sealed_batch import read_sealed_batch
from datagen.stream_comparison import compare_streams, stored_streams
from multitake.cli import app
from multitake.errors import InputError
from shards import Clip, DatasetWriter, open_dataset, verify_dataset
from shards.checksums import checksum_text, checksummed, sha256_of_bytes
from shards.format import shard_files
from trajectories import CameraPose
from trajectories.formats import NamedTrajectory, TrajectorySet, write_trajectories

BATCH = """
seed = 11
takes = 20
takes_per_shard = 4
frames = 2
width_px = 64
height_px = 48
passes = ["mask"]
[scene]
environments = ["street", "room"]
characters = ["ada", "bruno"]
animations = ["walk", "wave"]
[rig]
cameras = 2
radius_m = [2.0, 4.0]
[engine]
look = "fast"
"""
LIT = BATCH.replace("takes = 20", "takes = 3").replace('"fast"', '"lit"').replace('["mask"]', '["depth"]')
CAMERA = """
[[camera]]
start = { camera = "cam02" }
move = { motion = "arc", angle_deg = 15.0 }
"""
KEYFRAMES = """
[[keyframe]]
position_m = [2.5, 0.5, 1.5]
look_at_m = [0.0, 0.0, 1.2]
[[keyframe]]
position_m = [2.0, -0.5, 1.3]
look_at_m = [0.0, 0.0, 1.2]
"""


def multitake(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def written(folder: Path, text: str, name: str = "batch.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def stored(dataset: Path) -> dict[str, bytes]:
    """All files of a data set except the lock."""
    files = (path for path in sorted(dataset.rglob("*")) if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(dataset)): path.read_bytes() for path in files}


def members(dataset: Path) -> dict[str, bytes]:
    """All members of all shards, as a stock reader sees them."""
    found = {}
    for path in sorted((dataset / "shards").iterdir()):
        with tarfile.open(path) as tar:
            found |= {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
    return found


def of_cameras(contents: dict[str, bytes]) -> dict[str, bytes]:
    return {name: content for name, content in contents.items() if ".cam" in name}


def filmed(engine: RunningEngine, batch: Batch, catalog: Catalog, out: Path, shards: int = 9) -> Path:
    """The data set of a batch, or its first shards, filmed in this process."""
    job = FilmJob(batch=batch, catalog=catalog, dataset=out)
    writer = DatasetWriter(out)
    with writer.locked():
        writer.create(dataset_info(job, engine_version=engine.driver.engine_version()), batch_files(job))
        for shard in range(min(shards, batch.shards)):
            for number in range(
                shard * batch.takes_per_shard, min((shard + 1) * batch.takes_per_shard, batch.takes)
            ):
                writer.stage(film_take(engine.driver, batch, plan_take(batch, catalog, number)))
            writer.seal(shard, shard_takes(batch, catalog, shard))
    return out


def refilmed(engine: RunningEngine, dataset: Path, out: Path, **options: object) -> Path:
    """A data set filmed again in this process."""
    choices = RefilmOptions(**options)  # type: ignore[arg-type]
    source = read_sealed_batch(str(dataset))
    return filmed(engine, refilmed_batch(source, choices), source.catalog, out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("refilm")


@pytest.fixture(scope="module")
def lit() -> Iterator[RunningEngine]:
    engine = RunningEngine(replace(Batch(seed=0, takes=1).engine, look="lit"), worker=0)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def fast() -> Iterator[RunningEngine]:
    engine = RunningEngine(replace(Batch(seed=0, takes=1).engine, look="fast"), worker=0)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def twenty(fast: RunningEngine, folder: Path) -> Path:
    """Twenty takes of the look fast, with masks."""
    batch = load_batch(written(folder, BATCH))
    return filmed(fast, batch, load_catalog(batch.scene, folder=folder), folder / "twenty")


@pytest.fixture(scope="module")
def three(lit: RunningEngine, folder: Path) -> Path:
    """Three takes of the look lit, with depth."""
    batch = load_batch(written(folder, LIT, "lit.toml"))
    return filmed(lit, batch, load_catalog(batch.scene, folder=folder), folder / "three")


@pytest.fixture(scope="module")
def with_camera(twenty: Path, folder: Path) -> tuple[Path, str]:
    """The twenty takes with one more camera, by a run that was killed and run again; and its output."""
    out, camera = folder / "with_camera", written(folder, CAMERA, "camera.toml")
    arguments = ["refilm", twenty, "--out", out, "--add-camera", camera]
    run = subprocess.Popen(
        [sys.executable, "-m", "multitake", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline_s = time.monotonic() + 60
    while not list(out.glob("staging/[!.]*.tar")):
        assert run.poll() is None and time.monotonic() < deadline_s
        time.sleep(0.002)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert len(list(out.glob("index/*"))) < 5, "killed before the end"
    again = multitake(*arguments)
    assert again.exit_code == 0, again.output
    return out, again.stdout


def test_the_old_streams_of_twenty_takes_with_one_more_camera_are_byte_equal(
    twenty: Path, with_camera: tuple[Path, str]
) -> None:
    out, said = with_camera
    old, new = of_cameras(members(twenty)), of_cameras(members(out))
    assert len(old) == 20 * 2 * 2 and len(new) == 20 * 3 * 2
    assert {name: sha256(new[name]).hexdigest() for name in old} == {
        name: sha256(content).hexdigest() for name, content in old.items()
    }
    assert all(".cam03." in name for name in new.keys() - old.keys())
    assert f"compared with {twenty}: 80 of 80 streams byte-equal, poses of 40 of 40 clips equal" in said
    assert "note: flags of cam03 in 20 takes:" in said
    assert verify_dataset(out) == []
    for key in open_dataset(twenty).keys:
        row = open_dataset(out).take(key).row
        assert [one.camera for one in row.quality] == ["cam01", "cam02", "cam03"]
        assert replace(row, quality=row.quality[:2]) == open_dataset(twenty).take(key).row


def test_the_depth_of_the_new_camera_agrees_with_that_of_the_old_ones(
    three: Path, lit: RunningEngine, folder: Path
) -> None:
    options = {"cameras": written(folder, CAMERA, "camera.toml"), "passes": "mask"}
    out = refilmed(lit, three, folder / "lit_with_camera", **options)
    compared = compare_streams(stored_streams(open_dataset(three)), stored_streams(open_dataset(out)))
    assert compared.is_equal and (compared.streams, compared.clips) == (3 * 2 * 2, 3 * 2)
    for take in open_dataset(out):
        old, new = take.clip("cam02"), take.clip("cam03")
        there, seen = agreement(old, new, new.poses)
        back, seen_back = agreement(new, old, old.poses)
        assert min(there, back) > 0.98 and min(seen, seen_back) > 0.5
        raised = CameraPose.of(new.poses.rotation, new.poses.position_m + np.array([0.0, 0.0, 0.4]))
        assert agreement(old, new, raised)[0] < 0.9, "a camera that is 40 cm off does not agree"


def agreement(one: Clip, other: Clip, poses: CameraPose) -> tuple[float, float]:
    """Which share of the points that ``one`` sees, and nothing hides from ``other``, it sees where they are.

    Also which share of points nothing hides. Depth is compared with that of the pixels around the
    projection of a point, to 2 cm.
    """
    depth_m, other_m = one.depth_m(), other.depth_m()
    row, seen_by = one.row, other.row
    y, x = np.mgrid[: row.height_px, : row.width_px] + 0.5
    is_there, is_seen = [], []
    for frame, z_m in enumerate(depth_m):
        rays = np.stack([(x - row.cx_px) / row.fx_px, (y - row.cy_px) / row.fy_px, np.ones_like(x)], axis=-1)
        there, back = one.poses.world_from_camera[frame], poses.world_from_camera[frame]
        world_m = (rays * z_m[..., None])[z_m > 0] @ there[:, :3].T + there[:, 3]
        seen_m = (world_m - back[:, 3]) @ back[:, :3]
        seen_m = seen_m[seen_m[:, 2] > 0.2]
        column = np.floor(seen_by.fx_px * seen_m[:, 0] / seen_m[:, 2] + seen_by.cx_px).astype(int)
        line = np.floor(seen_by.fy_px * seen_m[:, 1] / seen_m[:, 2] + seen_by.cy_px).astype(int)
        inside = (column > 0) & (column < row.width_px - 1) & (line > 0) & (line < row.height_px - 1)
        around_m = np.stack(
            [other_m[frame][line[inside] + i, column[inside] + j] for i in (-1, 0, 1) for j in (-1, 0, 1)]
        )
        around_m[around_m == 0] = np.inf
        seen_z_m = seen_m[inside, 2]
        is_hidden = around_m.max(axis=0) < seen_z_m - 0.02
        is_there.append((around_m.min(axis=0) < seen_z_m + 0.02)[~is_hidden])
        is_seen.append(~is_hidden)
    return float(np.concatenate(is_there).mean()), float(np.concatenate(is_seen).mean())


def test_another_size_keeps_all_poses_and_shows_the_same(
    three: Path, lit: RunningEngine, folder: Path
) -> None:
    larger = refilmed(lit, three, folder / "larger", size="128x96")
    wide = refilmed(lit, larger, folder / "wide", size="64x32")
    assert verify_dataset(larger) == [] == verify_dataset(wide)
    for dataset in (larger, wide):
        compared = compare_streams(stored_streams(open_dataset(three)), stored_streams(open_dataset(dataset)))
        assert compared.is_equal and (compared.streams, compared.clips) == (0, 6)
    for take in open_dataset(three):
        old, new = (open_dataset(dataset).take(take.key).clip("cam01") for dataset in (three, larger))
        halved = brightness(new).reshape(2, 48, 2, 64, 2).mean(axis=(2, 4))
        assert np.abs(halved - brightness(old)).mean() < 8
        assert np.abs(halved - brightness(old)[:, ::-1]).mean() > 12
        assert new.intrinsics.fx_px == 2 * old.intrinsics.fx_px
        cropped = open_dataset(wide).take(take.key).clip("cam01")
        assert (cropped.intrinsics.fx_px, cropped.intrinsics.cy_px) == (old.intrinsics.fx_px, 16)
        assert np.abs(brightness(cropped) - brightness(old)[:, 8:-8]).mean() < 3


def brightness(clip: Clip) -> Float[np.ndarray, "frames height width"]:
    return np.asarray(clip.frames() @ np.array([0.2126, 0.7152, 0.0722]))


def test_the_rigs_of_another_size_are_those_of_the_sealed_takes(three: Path) -> None:
    """A start that shows head and chest depends on the shape of the image."""
    source = read_sealed_batch(str(three))
    tall = refilmed_batch(source, RefilmOptions(size="32x64"))
    assert (tall.width_px, tall.height_px, tall.sampled_size_px) == (32, 64, (64, 48))
    same = RefilmOptions(size="64x48")
    assert refilmed_batch(replace(source, batch=tall), same).refilm.sampled_size_px is None
    take = plan_take(tall, source.catalog, 2)
    sampled = take_rigs(tall, take).poses[0].world_from_camera
    assert np.array_equal(sampled.astype(np.float32), source.dataset.take(take.key).poses.world_from_camera)
    resampled = replace(tall, refilm=replace(tall.refilm, sampled_size_px=None), takes=40)
    assert any(
        not np.array_equal(
            take_rigs(resampled, plan).poses.world_from_camera, take_rigs(tall, plan).poses.world_from_camera
        )
        for plan in plan_takes(resampled, source.catalog)
    ), "sampled for the new size, some rigs would be others"


def test_a_run_that_was_killed_and_resumed_gives_the_bytes_of_generate(
    with_camera: tuple[Path, str], fast: RunningEngine, folder: Path
) -> None:
    batch = load_batch(with_camera[0] / "batch.toml")
    catalog = load_catalog(batch.scene, folder=with_camera[0])
    again, expected = (
        stored(filmed(fast, batch, catalog, folder / "generated", shards=2)),
        stored(with_camera[0]),
    )
    assert len(again) == 3 + 2 * 5
    assert again == {name: expected[name] for name in again}


def test_a_refilm_is_filmed_again_with_fewer_takes_and_more_cameras(
    with_camera: tuple[Path, str], folder: Path
) -> None:
    written(folder, KEYFRAMES, "keys.toml")
    one_per_take = TrajectorySet(
        trajectories=tuple(
            NamedTrajectory(take=take.key, camera="cam01", poses=take.poses[1], fps=15.0)
            for take in open_dataset(with_camera[0])
        )
    )
    write_trajectories(folder / "paths.parquet", one_per_take)
    readme = (Path(__file__).parent.parent / "datagen" / "README.md").read_text()
    example = "[[camera]]  " + readme.partition("[[camera]]  ")[2].partition("```")[0].replace(
        "cam03", "cam02"
    )
    text = f'{example}[[camera]]\ntrajectory = "keys.toml"\nframe = "start"\n'
    source = read_sealed_batch(str(with_camera[0]))
    batch = refilmed_batch(source, RefilmOptions(takes="4-5,19", cameras=written(folder, text, "more.toml")))
    job = FilmJob(batch=batch, catalog=source.catalog, dataset=folder / "again")
    worker, writer = FilmWorker(job, 0), DatasetWriter(job.dataset)
    writer.create(dataset_info(job, engine_version=worker.check_engine().version), batch_files(job))
    outcomes = [worker.film(number) for number in range(3)]
    worker.close()
    assert [(one.number, one.reason) for one in outcomes] == [(0, None), (1, None), (2, None)]
    writer.seal(0, shard_takes(batch, source.catalog, 0))
    out = folder / "again"
    assert verify_dataset(out) == []
    old, new = open_dataset(with_camera[0]), open_dataset(out)
    compared = compare_streams(stored_streams(old), stored_streams(new))
    assert (compared.streams, compared.clips, compared.differ) == (18, 9, ())
    assert [take.take_index for take in new.takes] == [4, 5, 19]
    for take in new:
        assert take.cameras == ("cam01", "cam02", *("cam03", "cam04", "cam05", "by-hand", "cam07", "cam08"))
        arc, zoom, hand, copy, moved = (take.clip(name) for name in take.cameras[3:])
        first = take.clip("cam02")
        assert np.array_equal(zoom.poses[0].world_from_camera, first.poses[0].world_from_camera)
        distance_m = np.linalg.norm(np.array(take.row.subject_m) - first.poses[0].position_m)
        ahead_m = zoom.poses[1].position_m - zoom.poses[0].position_m
        assert np.allclose(ahead_m, 0.5 * distance_m * first.poses[0].forward, atol=1e-5)
        assert (zoom.row.motion, zoom.row.layout, hand.row.layout) == ("translation", "shared", "independent")
        assert (hand.row.motion, hand.row.speed_class) == ("unknown", "unknown")
        to_arc_m = arc.poses.position_m - np.array(take.row.subject_m)
        assert np.allclose(np.linalg.norm(to_arc_m, axis=-1), 2.5, atol=1e-5)
        turned = np.diff(np.unwrap(np.arctan2(to_arc_m[:, 1], to_arc_m[:, 0])))
        assert np.allclose(np.degrees(turned), 40.0, atol=1e-3)
        actor = take.row.actors[0]
        assert np.isclose(
            np.cos(np.radians(30.0 + actor.heading_deg[0])), to_arc_m[0, 0] / 2.5 / np.cos(np.radians(10))
        )
        angle = np.radians(actor.heading_deg[0])
        offset_m = 2.5 * np.array([np.cos(angle), np.sin(angle), 0]) + 0.5 * np.array(
            [-np.sin(angle), np.cos(angle), 0]
        )
        expected_m = np.array(actor.position_m[0]) + offset_m + np.array([0, 0, 1.5])
        assert np.allclose(hand.poses[0].position_m, expected_m, atol=1e-4)
        assert np.allclose(moved.poses[0].world_from_camera, first.poses[0].world_from_camera, atol=1e-5)
        step_m = [np.linalg.norm(np.diff(one.poses.position_m, axis=0)) for one in (hand, moved)]
        assert np.allclose(*step_m, atol=1e-5)
        second = old.take(take.key).clip("cam02")
        assert np.array_equal(copy.poses.world_from_camera, second.poses.world_from_camera)
        assert np.abs(copy.frames().astype(int) - second.frames()).mean() < 1


def test_a_path_that_breaks_limits_is_filmed_and_flagged(
    three: Path, lit: RunningEngine, folder: Path
) -> None:
    text = "[[camera]]\nstart = { azimuth_deg = 0.0, elevation_deg = 0.0, radius_m = 0.2 }\n"
    low = written(folder, text + 'move = { motion = "static" }\n', "close.toml")
    out = refilmed(lit, three, folder / "close", cameras=low, takes="0")
    rows = {clip.camera: clip for take in open_dataset(out) for clip in take.clip_rows}
    assert "too_close" in rows["cam03"].flags
    assert [rows[name] for name in ("cam01", "cam02")] == [*open_dataset(three).take(out_key(out)).clip_rows]


def out_key(dataset: Path) -> str:
    (key,) = open_dataset(dataset).keys
    return key


def test_a_stream_that_differs_is_named_and_fails_the_run(
    fast: RunningEngine, lit: RunningEngine, folder: Path
) -> None:
    """The images of another look, in a data set that says it is of this one."""
    batch = load_batch(written(folder, BATCH.replace("takes = 20", "takes = 1"), "one.toml"))
    catalog = load_catalog(batch.scene, folder=folder)
    source = filmed(lit, batch, catalog, folder / "other_look")
    out = refilmed(fast, source, folder / "not_equal")
    ended = multitake("refilm", source, "--out", out)
    key = out_key(out)
    assert ended.exit_code == 1, ended.output
    assert "1 of 1 takes done (0 filmed in this run)" in ended.stdout
    assert "0 of 4 streams byte-equal, poses of 2 of 2 clips equal" in ended.stdout
    assert f"differs: {key}: cam01 mask\ndiffers: {key}: cam01 video\n" in ended.stdout
    assert "note: the source was filmed by " in ended.stdout


def sealed_again(dataset: Path, out: Path, **texts: str) -> Path:
    """A copy of a data set with other files of the batch, sealed as its writer would have."""
    shutil.copytree(dataset, out)
    for name, text in texts.items():
        (out / f"{name}.toml").write_text(text)
    return with_checksums(out)


def with_checksums(dataset: Path) -> Path:
    for shard in range(len(list((dataset / "index").iterdir()))):
        digests = {path: sha256_of_bytes((dataset / path).read_bytes()) for path in checksummed(shard)}
        (dataset / shard_files(shard)["checksums"]).write_text(checksum_text(digests))
    return dataset


def with_hash(dataset: Path, name: str, value: str) -> Path:
    path = dataset / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    return with_checksums(dataset)


def test_a_data_set_never_says_how_an_engine_is_started(twenty: Path, tmp_path: Path) -> None:
    text = (twenty / "batch.toml").read_text()
    for old, new in (
        ('kind = "embedded"', 'kind = "unreal"'),
        ('look = "fast"', 'look = "gt"'),
        ("command = []", f'command = ["touch", "{tmp_path}/started"]'),
        ("unrealcv_port = 9000", "unrealcv_port = 9999"),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    hostile = sealed_again(twenty, tmp_path / "hostile", batch=text)
    with_hash(hostile, "batch_sha256", batch_sha256(load_batch(written(tmp_path, text, "copy.toml"))))
    with pytest.raises(InputError, match=r"engine\.command: a data set must not start programs"):
        load_batch(hostile / "batch.toml")
    source = read_sealed_batch(str(hostile))
    batch = refilmed_batch(source, RefilmOptions())
    assert source.ignored == ("command",)
    assert batch.engine.command == () and not batch.engine.is_started
    assert batch.engine.unrealcv_port == 9000
    own = written(tmp_path, 'program = "bin/Game"\ngpus = [1]\nstart_timeout_s = 300.0\n', "engine.toml")
    started = refilmed_batch(source, RefilmOptions(engine=own)).engine
    assert (started.program, started.gpus, started.start_timeout_s) == (
        str(tmp_path / "bin/Game"),
        (1,),
        300.0,
    )
    assert batch_sha256(refilmed_batch(source, RefilmOptions(engine=own))) == batch_sha256(batch)
    for line, says in (
        ('look = "cinematic"', "engine.toml: look: unknown key; use program, "),
        ("gpus = [1]", "gpus without program"),
        ("settle_change = 0.1", "settle_change: unknown key"),
    ):
        with pytest.raises(InputError, match=says):
            refilmed_batch(source, RefilmOptions(engine=written(tmp_path, line, "engine.toml")))
    with pytest.raises(InputError, match="program is a key of Unreal Engine"):
        engine = RefilmOptions(engine=written(tmp_path, 'program = "x"', "e.toml"))
        refilmed_batch(read_sealed_batch(str(twenty)), engine)
    absent = written(tmp_path, "start_timeout_s = 0.5\nunrealcv_port = 1\n", "absent.toml")
    ended = multitake("refilm", hostile, "--out", tmp_path / "out", "--engine", absent)
    assert ended.exit_code == 2 and not (tmp_path / "out").exists()
    ignored, waiting, error = ended.stderr.splitlines()
    about = f"{hostile}/batch.toml: engine.command ignored, as a data set starts no engine"
    assert ignored == f"note: {about}"
    assert waiting.startswith(
        "note: waiting for a running engine at port 1; start one there, or give --engine"
    )
    assert "no UnrealCV server at 127.0.0.1:1" in error and "give --engine FILE" in error and about in error
    assert not (tmp_path / "started").exists()


def test_batches_and_catalogs_that_are_not_those_of_the_data_set_are_refused(
    twenty: Path, tmp_path: Path
) -> None:
    batch, catalog = ((twenty / name).read_text() for name in ("batch.toml", "catalog.toml"))
    other = sealed_again(twenty, tmp_path / "a", batch=batch.replace("seed = 11", "seed = 12"))
    assert "batch.toml: not the one that dataset.json has the hash of; restore" in refused(other)
    other = sealed_again(twenty, tmp_path / "b", catalog=catalog.replace("pitch_deg", "pitch_deg = -1 #", 1))
    assert "catalog.toml: not the one that dataset.json has the hash of" in refused(other)
    near = batch.replace("2.0,\n    4.0", "2.0,\n    3.9")
    assert near != batch
    other = sealed_again(twenty, tmp_path / "c", batch=near)
    with_hash(other, "batch_sha256", batch_sha256(load_batch(other / "batch.toml")))
    assert "the sampled rig is not the sealed one; use multitake " in refused(other)
    gone = catalog.replace("/Game/Maps/Street", "/Game/Maps/Nowhere")
    other = sealed_again(twenty, tmp_path / "d", catalog=gone)
    choice = replace(load_batch(twenty / "batch.toml").scene, catalog="catalog.toml")
    with_hash(other, "catalog_sha256", catalog_sha256(load_catalog(choice, folder=other)))
    assert "the embedded engine has no asset /Game/Maps/Nowhere" in refused(other)
    file = catalog.replace('name = "ada"', 'name = "ada"\nfile = "assets/ada.glb"\nlicence = "CC0-1.0"')
    other = sealed_again(twenty, tmp_path / "e", catalog=file)
    assert f"no file assets/ada.glb in {other}; give --assets FOLDER" in refused(other)
    assert f"no file assets/ada.glb in {tmp_path};" in refused(other, "--assets", tmp_path)
    assert "not a data set" in refused(tmp_path)


def refused(dataset: Path, *options: str | Path) -> str:
    """The one line of a refilm that is refused; nothing is written."""
    out = dataset.parent / "never"
    ended = multitake("refilm", dataset, "--out", out, *options)
    assert ended.exit_code == 2, ended.output
    assert not out.exists()
    (line,) = ended.stderr.splitlines()
    return line


@pytest.mark.parametrize("out", ["sub", "a/b/c", "../link/sub", "../twenty/sub", "shards", "./", ".."])
def test_a_refilm_is_never_written_into_its_source_nor_around_it(
    twenty: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(twenty)
    link = twenty.parent / "link"
    if not link.exists():
        link.symlink_to(twenty)
    before = stored(twenty.parent)
    for source in (".", str(twenty), f"file://{twenty}", "../link/"):
        ended = multitake("refilm", source, "--out", out)
        (line,) = ended.stderr.splitlines()
        assert ended.exit_code == 2 and "the data set that is filmed again; give a new folder" in line
    assert stored(twenty.parent) == before


@pytest.mark.parametrize("out", ["", "foo://bar"])
def test_an_address_that_cannot_be_written_is_one_line(
    twenty: Path, tmp_path: Path, out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for command in (["refilm", twenty], ["generate", written(twenty.parent, BATCH, "own.toml")]):
        ended = multitake(*command, "--out", out)
        assert ended.exit_code == 2 and len(ended.stderr.splitlines()) == 1, ended.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--assets", "nowhere"], "--assets nowhere: is not a folder; give the folder of these files"),
        (["--takes", "nobody_000001"], "--takes: unknown take 'nobody_000001'; choose from "),
        (["--takes", "3,20"], "--takes: unknown take '20'; choose from "),
        (["--takes", "2000000,1"], "--takes: unknown take '2000000'; choose from "),
        (["--takes", "5-3"], "--takes: empty range 5-3; put the smaller number first"),
        (["--takes", ","], "--takes: no take; give names, numbers or ranges"),
        (["--takes", "@nowhere.txt"], "nowhere.txt: cannot be read"),
        (["--passes", "depth"], "--passes: the look fast cannot film depth"),
        (["--passes", "mask,heat"], "--passes: unknown pass 'heat'; use depth, mask"),
        (["--size", "63x48"], "--size: invalid size '63x48'; give WIDTHxHEIGHT, even numbers"),
        (["--size", "big"], "--size: invalid size 'big'"),
        (["--add-camera", "nowhere.toml"], "nowhere.toml: cannot be read"),
        (["--workers", "0"], "--workers: must be at least 1"),
    ],
)
def test_options_that_are_invalid_are_one_line(twenty: Path, options: list[str], says: str) -> None:
    assert says in refused(twenty, *options)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "camera: missing; add this key"),
        ("name = 1", "unknown key"),
        ("[[camera]]", "camera.0: must have one motion; give move or trajectory"),
        ('[[camera]]\nmove = { motion = "pan" }', "camera.0.move: pan needs angle_deg; add it"),
        (
            '[[camera]]\nmove = { motion = "pan", angle_deg = 9.0, tilt_deg = 1.0 }',
            "pan does not have tilt_deg; remove it",
        ),
        (
            '[[camera]]\nmove = { motion = "translation", direction = [0, 0, 1] }',
            "translation with 0 lengths",
        ),
        (
            '[[camera]]\nmove = { motion = "pan", angle = 9.0 }',
            "camera.0.move.angle: unknown key; did you mean",
        ),
        ('[[camera]]\nname = "a.b"\ntrajectory = "zoom_in"', "invalid name 'a.b'"),
        ('[[camera]]\nname = "cam02"\ntrajectory = "zoom_in"', "camera cam02: duplicate name"),
        (
            '[[camera]]\ntrajectory = "zoom_in"\nstart = { camera = "cam09" }',
            "camera cam03: unknown start.camera 'cam09'; use one of the rig, cam01 .. cam02",
        ),
        ('[[camera]]\ntrajectory = "zoom_in"\nstart = { radius_m = 2.0 }', "start: incomplete start"),
        ('[[camera]]\ntrajectory = "keys.toml"', "missing frame of the trajectory"),
        ('[[camera]]\ntrajectory = "nowhere.toml"\nframe = "world"', "nowhere.toml: cannot be read"),
        ('[[camera]]\ntrajectory = "zoomed.toml"\nframe = "world"', "the keyframes have focal lengths"),
        ('[[camera]]\ntrajectory = "slow.toml"\nframe = "world"', "5 frames per second, takes have 15"),
        (
            '[[camera]]\ntrajectory = "short.parquet"\ncamera = "cam01"',
            "no clip street_000019/cam01; add it, or choose other takes",
        ),
    ],
)
def test_cameras_that_are_invalid_are_one_line(twenty: Path, tmp_path: Path, text: str, says: str) -> None:
    written(tmp_path, KEYFRAMES, "keys.toml")
    written(tmp_path, KEYFRAMES.replace("position_m", "focal_length_mm = 35.0\nposition_m"), "zoomed.toml")
    written(tmp_path, f"fps = 5.0\n{KEYFRAMES}", "slow.toml")
    dataset = open_dataset(twenty)
    known = TrajectorySet(
        trajectories=tuple(
            NamedTrajectory(take=key, camera="cam01", poses=dataset.take(key).poses[0], fps=15.0)
            for key in dataset.keys[:-1]
        )
    )
    write_trajectories(tmp_path / "short.parquet", known)
    says = says.replace("street_000019", dataset.keys[-1])
    assert says in refused(twenty, "--add-camera", written(tmp_path, text, "camera.toml"))


def test_another_refilm_is_refused_with_what_differs(with_camera: tuple[Path, str], twenty: Path) -> None:
    out, before = with_camera[0], stored(with_camera[0])
    for options, says in (
        ([], "extra_cameras is [{'name': 'cam03', "),
        (["--takes", "0-4"], "takes is 20, not 5"),
        (
            ["--add-camera", written(out.parent, CAMERA.replace("15.0", "16.0"), "b.toml")],
            "extra_cameras[0].move.angle_deg is 15.0, not 16.0",
        ),
    ):
        ended = multitake("refilm", twenty, "--out", out, *options)
        assert ended.exit_code == 2, ended.output
        (line,) = ended.stderr.splitlines()
        assert "data set of another refilm: " in line and says in line, line
    assert "is the data set that is filmed again" in multitake("refilm", out, "--out", out).stderr
    assert stored(out) == before


def test_the_hash_and_the_file_of_a_batch_have_its_refilm_and_its_cameras(folder: Path) -> None:
    batch = load_batch(written(folder, BATCH))
    with_both = replace(
        batch,
        takes=2,
        refilm=Refilm(takes=(3, 7), sampled_size_px=(64, 64)),
        extra_cameras=(ExtraCamera(name="a", move=Move(motion="pan", angle_deg=5.0)),),
    )
    assert load_batch(written(folder, resolved_toml(with_both), "both.toml")) == with_both
    assert len({batch_sha256(one) for one in (batch, replace(batch, takes=2), with_both)}) == 3
