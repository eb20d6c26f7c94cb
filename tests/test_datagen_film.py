"""Filming with a real engine process: what is stored is what was filmed."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import Catalog, load_catalog
from datagen.crew import FilmWorker, Order
from datagen.drive.engine_process import RunningEngine
from datagen.drive.errors import EngineError, EngineStartError
from datagen.drive.unrealcv_link import UnrealCvLink
from datagen.film import film_take
from datagen.plan import plan_take, take_rig
from shards import decode_mask, decode_video
from trajectories import Lens, PoseTable, pose_table_bytes, read_poses, unreal_from_world, world_from_unreal
from trajectories.sampling import Rules

# A limb from its first joint to its second, and what could hide it.
LIMBS = [
    ("calf_l", "foot_l", "thigh_r"),
    ("calf_r", "foot_r", "thigh_l"),
    ("lowerarm_r", "hand_r", "head"),
]
COMPONENT = "/Game/Maps/Street.Street:PersistentLevel.performer_1.SkeletalMeshComponent0"


@pytest.fixture(scope="module")
def batch() -> Batch:
    return Batch(
        seed=5,
        takes=2,
        frames=5,
        fps=2.0,
        width_px=384,
        height_px=216,
        passes=("mask",),
        scene=SceneChoice(environments=("street",), animations=("wave",)),
        engine=EngineChoice(look="fast", reply_timeout_s=20.0),
        rules=Rules(
            radius_m=(3.0, 5.0),
            slots=("translation", "arc", "static"),
            lenses=(Lens(focal_length_mm=16.0, f_number=8.0),),
        ),
    )


@pytest.fixture(scope="module")
def catalog(batch: Batch) -> Catalog:
    return load_catalog(batch.scene, beside=Path())


@pytest.fixture(scope="module")
def engine(batch: Batch) -> Iterator[RunningEngine]:
    running = RunningEngine(batch.engine, worker=0)
    yield running
    running.close()


def test_first_frames_of_a_shared_rig_are_bit_identical(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    take = plan_take(batch, catalog, 0)
    rig = take_rig(batch, take)
    engine.stage.dress(take, rig.lens, len(rig.cameras), batch.width_px, batch.height_px)
    engine.stage.set_time(0.0, 0.0)
    first, *others = engine.stage.film_frame(rig.poses[:, 0], ()).pictures
    assert first.std() > 10, "a picture with something in it"
    assert all(np.array_equal(first, other) for other in others)
    last = engine.stage.film_frame(rig.poses[:, -1], ()).pictures
    assert not np.array_equal(last[0], last[1])


def test_a_take_is_the_same_whatever_was_filmed_before(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    other = film_take(engine.stage, batch, plan_take(batch, catalog, 1))
    again = [film_take(engine.stage, batch, plan_take(batch, catalog, 0)) for _ in range(2)]
    assert again[0].clips == again[1].clips
    assert other.clips != again[0].clips
    video = decode_video(again[0].clips[0].video_mp4)
    assert video.shape == (batch.frames, batch.height_px, batch.width_px, 3)


def test_stored_poses_project_a_box_onto_its_pixels(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    """The outline of a spawned cube in the mask is that of its projected corners, to a pixel."""
    take = plan_take(batch, catalog, 0)
    rig = take_rig(batch, take)
    table = _stored(batch, catalog, engine)
    engine.stage.dress(take, rig.lens, len(rig.cameras), batch.width_px, batch.height_px)
    ask = engine.stage._unrealcv.ask
    x, y, z = unreal_from_world(rig.pivot_m)
    ask("vset /objects/spawn_cube box")
    ask(f"vset /object/box/location {x:.4f} {y:.4f} {z:.4f}")
    ask("vset /object/box/scale 0.4 0.4 0.4")
    ask("vset /object/performer_1/hide")
    low, high = np.reshape([float(v) for v in ask("vget /object/box/bounds").split()], (2, 3))
    corners_cm = np.array(
        [[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]] for i, j, k in np.ndindex(2, 2, 2)]
    )
    colour = _colour(ask("vget /object/box/color"))
    for frame in (0, batch.frames - 1):
        masks = engine.stage.film_frame(rig.poses[:, frame], ("mask",)).masks
        for camera, mask in enumerate(masks):
            projected = _project(table, camera, frame, world_from_unreal(corners_cm))
            rows, columns = np.nonzero((mask == colour).all(axis=-1))
            seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            np.testing.assert_allclose(seen, [*projected.min(axis=0), *projected.max(axis=0)], atol=1.0)


def test_stored_poses_project_joints_into_their_limbs(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    """What vanishes with a bone lies along the line between its projected joints, to a pixel, at any time."""
    take = plan_take(batch, catalog, 0)
    rig = take_rig(batch, take)
    table = _stored(batch, catalog, engine)
    engine.stage.dress(take, rig.lens, len(rig.cameras), batch.width_px, batch.height_px)
    call = engine.stage._remote_control.call
    for frame, (bone, tip, hiding) in enumerate(LIMBS):
        engine.stage.set_time(frame / batch.fps, middle_s=1.0)
        joints_cm = [
            list(call(COMPONENT, "GetSocketLocation", InSocketName=joint)["ReturnValue"].values())
            for joint in (bone, tip)
        ]
        call(COMPONENT, "HideBoneByName", BoneName=hiding, PhysBodyOption="PBO_None")
        shown = []
        for hidden in (tip, bone):
            call(COMPONENT, "HideBoneByName", BoneName=hidden, PhysBodyOption="PBO_None")
            shown.append(engine.stage.film_frame(rig.poses[:, frame], ("mask",)).masks)
        for hidden in (tip, bone, hiding):
            call(COMPONENT, "UnHideBoneByName", BoneName=hidden)
        for camera, (whole, without) in enumerate(zip(*shown, strict=True)):
            first, second = _project(table, camera, frame, world_from_unreal(np.array(joints_cm)))
            rows, columns = np.nonzero((whole != without).any(axis=-1))
            assert len(rows) > 80, "the limb is in the picture"
            centre = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
            along = (second - first) / np.linalg.norm(second - first)
            aside = (centre - first) @ np.array([-along[1], along[0]])
            assert abs(aside) < 1.0, f"{bone} is {aside:.2f} px off at camera {camera}, frame {frame}"


def test_a_stored_mask_is_what_the_engine_showed(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    take = plan_take(batch, catalog, 0)
    rig = take_rig(batch, take)
    filmed = film_take(engine.stage, batch, take)
    engine.stage.set_time(1.0, middle_s=(batch.frames - 1) / 2 / batch.fps)
    masks = engine.stage.film_frame(rig.poses[:, 2], ("mask",)).masks
    for clip, mask in zip(filmed.clips, masks, strict=True):
        assert clip.mask_mkv
        assert np.array_equal(decode_mask(clip.mask_mkv, start=2, stop=3)[0], mask)


def test_an_engine_that_dies_is_replaced_and_the_take_comes_out_alike(
    batch: Batch, catalog: Catalog, tmp_path: Path
) -> None:
    longer = replace(batch, frames=81, passes=())
    order = Order(batch=longer, catalog=catalog, dataset=tmp_path)
    (tmp_path / "staging").mkdir()
    worker = FilmWorker(order, 0)
    try:
        worker.check_engine()
        undisturbed = worker.film(0)
        path = tmp_path / "staging" / f"{undisturbed.key}.tar"
        expected = path.read_bytes()
        path.unlink()
        assert worker._engine and worker._engine._child
        victim = worker._engine._child.pid
        threading.Timer(0.3, os.kill, (victim, signal.SIGKILL)).start()
        outcome = worker.film(0)
    finally:
        worker.close()
    assert outcome.reason is None and outcome.attempts == 2
    assert path.read_bytes() == expected


def test_whatever_goes_wrong_costs_the_take_and_not_the_run(
    batch: Batch, catalog: Catalog, tmp_path: Path
) -> None:
    odd = Order(batch=replace(batch, width_px=383), catalog=catalog, dataset=tmp_path)
    worker = FilmWorker(odd, 0)
    try:
        outcome = worker.film(0)
    finally:
        worker.close()
    assert (
        outcome.attempts == 2
        and outcome.reason
        and "InputError: video size: 383x216 is odd" in outcome.reason
    )


def test_a_dead_engine_leaves_no_socket_and_no_thread_behind(batch: Batch) -> None:
    running = RunningEngine(batch.engine, worker=0)
    client = running._unrealcv._client
    assert running._child
    running._child.kill()
    running._child.wait()
    running.close()
    assert client.sock is None and not client.t.is_alive()


def test_a_picture_that_reads_as_text_is_a_picture(engine: RunningEngine) -> None:
    engine.stage._size_px = (4, 2)
    black = engine.stage._picture("BM" + "\0" * (52 + 4 * 2 * 4))
    assert black.shape == (2, 4, 3) and not black.any()


def test_a_server_that_never_greets_is_given_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        began_s = time.monotonic()
        with pytest.raises(EngineError, match=r"no answer to connecting within 0\.5 s"):
            UnrealCvLink("127.0.0.1", server.getsockname()[1], timeout_s=0.5)
        assert time.monotonic() - began_s < 5


def test_an_engine_that_cannot_start_says_why() -> None:
    with pytest.raises(EngineStartError, match="look"):
        RunningEngine(EngineChoice(look="shiny"), worker=0)
    absent = EngineChoice(kind="unreal", command=("no-such-engine",))
    with pytest.raises(EngineStartError, match="cannot start no-such-engine"):
        RunningEngine(absent, worker=0)
    silent = EngineChoice(kind="unreal", command=("sleep", "60"), unrealcv_port=1, start_timeout_s=0.5)
    with pytest.raises(EngineStartError, match=r"no UnrealCV server at 127\.0\.0\.1:1"):
        RunningEngine(silent, worker=0)


def test_an_engine_started_by_a_script_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {note}; wait"
    behind = EngineChoice(kind="unreal", command=("sh", "-c", script), unrealcv_port=1, start_timeout_s=0.5)
    with pytest.raises(EngineStartError):
        RunningEngine(behind, worker=0)
    _await_end(int(note.read_text()))


def test_an_engine_ends_when_its_worker_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {note}; wait"
    choice = f"kind='unreal', command=('sh', '-c', {script!r}), unrealcv_port=1, start_timeout_s=60.0"
    code = (
        "from datagen.batch import EngineChoice; from datagen import RunningEngine;"
        f"RunningEngine(EngineChoice({choice}), worker=0)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as worker:
        deadline_s = time.monotonic() + 30
        while not (note.exists() and note.read_text().strip()):
            assert worker.poll() is None and time.monotonic() < deadline_s
            time.sleep(0.02)
        time.sleep(0.2)
        assert Path(f"/proc/{int(note.read_text())}").exists(), "it lives as long as its worker"
        worker.kill()
    _await_end(int(note.read_text()))


def _await_end(process: int) -> None:
    stat, deadline_s = Path(f"/proc/{process}/stat"), time.monotonic() + 5
    while stat.exists() and stat.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline_s, "the engine lives on"
        time.sleep(0.02)


def _stored(batch: Batch, catalog: Catalog, engine: RunningEngine) -> PoseTable:
    filmed = film_take(engine.stage, batch, plan_take(batch, catalog, 0))
    return read_poses(pose_table_bytes(PoseTable(rows=filmed.pose_rows, poses=filmed.poses)))


def _project(table: PoseTable, camera: int, frame: int, points_m: np.ndarray) -> np.ndarray:
    return table.rows[camera].intrinsics.project(table.poses[camera, frame].camera_points(points_m))


def _colour(reply: str | bytes) -> np.ndarray:
    """``(R=1,G=2,B=3,A=255)`` as RGB."""
    parts = dict(part.split("=") for part in str(reply).strip("()").split(","))
    return np.array([int(parts[channel]) for channel in "RGB"], dtype=np.uint8)
