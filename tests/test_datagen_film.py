"""Filming with an engine process: images, poses and masks agree."""

import contextlib
import gc
import os
import signal
import socket
import struct
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
from datagen.drive import EngineError, EngineStartError, RunningEngine
from datagen.drive.replies import image_of_bmp
from datagen.drive.unrealcv_link import UnrealCvLink
from datagen.film import film_take, seen_by_lens
from datagen.film_worker import FilmJob, FilmWorker
from datagen.plan import plan_take, take_clips, take_rigs
from shards import decode_mask, decode_video
from trajectories import (
    ClipTable,
    Lens,
    clip_table_bytes,
    read_clips,
    unreal_from_world,
    world_from_unreal,
)
from trajectories.sampling import Rules

# A limb from its first joint to its second, and a bone that can occlude it.
LIMBS = [
    ("calf_l", "foot_l", "thigh_r"),
    ("calf_r", "foot_r", "thigh_l"),
    ("lowerarm_r", "hand_r", "head"),
]
COMPONENT = "/Game/Maps/Street.Street:PersistentLevel.character_1.SkeletalMeshComponent0"


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
    return load_catalog(batch.scene, folder=Path())


@pytest.fixture(scope="module")
def engine(batch: Batch) -> Iterator[RunningEngine]:
    running = RunningEngine(batch.engine, worker=0)
    yield running
    running.close()


def test_first_frames_of_a_shared_rig_are_bit_identical(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    take = plan_take(batch, catalog, 0)
    rig = take_rigs(batch, take).rig(0)
    engine.driver.set_scene(take, len(rig.cameras))
    engine.driver.set_lens(rig.lens, batch.width_px, batch.height_px)
    engine.driver.set_time(0, 0.0)
    first, *others = engine.driver.film_frame(rig.poses[:, 0], ()).images
    assert first.std() > 10, "an image with content"
    assert all(np.array_equal(first, other) for other in others)
    last = engine.driver.film_frame(rig.poses[:, -1], ()).images
    assert not np.array_equal(last[0], last[1])


def test_a_take_does_not_depend_on_what_was_filmed_before(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    other = film_take(engine.driver, batch, plan_take(batch, catalog, 1))
    again = [film_take(engine.driver, batch, plan_take(batch, catalog, 0)) for _ in range(2)]
    assert again[0].files == again[1].files
    assert other.files != again[0].files
    video = decode_video(again[0].files[0].members["video"])
    assert video.shape == (batch.frames, batch.height_px, batch.width_px, 3)


def test_the_light_of_a_take_does_not_stay_for_the_next_one(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    """Every light gives another image, and a light without sky or fog has those of the level."""
    lights = {light.name: light for light in catalog.lights}
    take = plan_take(batch, catalog, 0)
    rig = take_rigs(batch, take).rig(0)
    images = []
    for name in ("noon", *lights, "noon"):
        engine.driver.set_scene(replace(take, light=lights[name]), 1)
        engine.driver.set_lens(rig.lens, 96, 54)
        engine.driver.set_time(0, 0.0)
        images.append(engine.driver.film_frame(rig.poses[:1, 0], ()).images[0].tobytes())
    assert images[0] == images[1 + list(lights).index("noon")] == images[-1]
    assert len(set(images)) == len(lights)


def test_stored_poses_project_a_box_onto_its_pixels(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    """The outline of a spawned cube in the mask is that of its projected corners, within a pixel."""
    take = plan_take(batch, catalog, 0)
    rig = take_rigs(batch, take).rig(0)
    table = _stored(batch, catalog, engine)
    engine.driver.set_scene(take, len(rig.cameras))
    engine.driver.set_lens(rig.lens, batch.width_px, batch.height_px)
    ask = engine.driver.unrealcv.ask
    x, y, z = unreal_from_world(rig.subject_m)
    ask("vset /objects/spawn_cube box")
    ask(f"vset /object/box/location {x:.4f} {y:.4f} {z:.4f}")
    ask("vset /object/box/scale 0.4 0.4 0.4")
    # Spawned actors are in masks as soon as they have a colour.
    ask("vset /object/box/color 10 200 30")
    ask("vset /object/character_1/hide")
    low, high = np.reshape([float(v) for v in ask("vget /object/box/bounds").split()], (2, 3))
    corners_cm = np.array(
        [[(low, high)[i][0], (low, high)[j][1], (low, high)[k][2]] for i, j, k in np.ndindex(2, 2, 2)]
    )
    colour = _colour(ask("vget /object/box/color"))
    for frame in (0, batch.frames - 1):
        masks = engine.driver.film_frame(rig.poses[:, frame], ("mask",)).masks
        for camera, mask in enumerate(masks):
            projected = _project(table, camera, frame, world_from_unreal(corners_cm))
            rows, columns = np.nonzero((mask == colour).all(axis=-1))
            seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
            np.testing.assert_allclose(seen, [*projected.min(axis=0), *projected.max(axis=0)], atol=1.0)


def test_stored_poses_project_joints_into_their_limbs(
    batch: Batch, catalog: Catalog, engine: RunningEngine
) -> None:
    """The pixels of a bone are along the line between its projected joints, within a pixel, at any time."""
    take = plan_take(batch, catalog, 0)
    rig = take_rigs(batch, take).rig(0)
    table = _stored(batch, catalog, engine)
    engine.driver.set_scene(take, len(rig.cameras))
    engine.driver.set_lens(rig.lens, batch.width_px, batch.height_px)
    call = engine.driver.remote_control.call
    for frame, (bone, tip, hiding) in enumerate(LIMBS):
        engine.driver.set_time(frame, frame / batch.fps)
        joints_cm = [
            list(call(COMPONENT, "GetSocketLocation", InSocketName=joint)["ReturnValue"].values())
            for joint in (bone, tip)
        ]
        call(COMPONENT, "HideBoneByName", BoneName=hiding, PhysBodyOption="PBO_None")
        shown = []
        for hidden in (tip, bone):
            call(COMPONENT, "HideBoneByName", BoneName=hidden, PhysBodyOption="PBO_None")
            shown.append(engine.driver.film_frame(rig.poses[:, frame], ("mask",)).masks)
        for hidden in (tip, bone, hiding):
            call(COMPONENT, "UnHideBoneByName", BoneName=hidden)
        for camera, (with_limb, without) in enumerate(zip(*shown, strict=True)):
            first, second = _project(table, camera, frame, world_from_unreal(np.array(joints_cm)))
            rows, columns = np.nonzero((with_limb != without).any(axis=-1))
            assert len(rows) > 80, "the limb is in the image"
            centre = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
            along = (second - first) / np.linalg.norm(second - first)
            aside = (centre - first) @ np.array([-along[1], along[0]])
            assert abs(aside) < 1.0, f"{bone} is {aside:.2f} px off at camera {camera}, frame {frame}"


def test_a_stored_mask_is_that_of_the_engine(batch: Batch, catalog: Catalog, engine: RunningEngine) -> None:
    take = plan_take(batch, catalog, 0)
    rig = take_rigs(batch, take).rig(0)
    filmed = film_take(engine.driver, batch, take)
    engine.driver.set_time(2, 1.0)
    masks = engine.driver.film_frame(rig.poses[:, 2], ("mask",)).masks
    for files, mask in zip(filmed.files, masks, strict=True):
        assert np.array_equal(decode_mask(files.members["mask"], start=2, stop=3)[0], mask)


def test_an_engine_that_is_killed_is_replaced_and_the_take_is_the_same(
    batch: Batch, catalog: Catalog, tmp_path: Path
) -> None:
    longer = replace(batch, frames=41, passes=())
    (tmp_path / "dataset.json").touch()
    (tmp_path / "staging").mkdir()
    worker = FilmWorker(FilmJob(batch=longer, catalog=catalog, dataset=tmp_path), 0)
    others = _children()
    try:
        worker.check_engine()
        undisturbed = worker.film(0)
        path = tmp_path / "staging" / f"{undisturbed.key}.tar"
        expected = path.read_bytes()
        path.unlink()
        (engine,) = _children() - others
        threading.Timer(0.3, os.kill, (engine, signal.SIGKILL)).start()
        outcome = worker.film(0)
    finally:
        worker.close()
    assert outcome.reason is None and outcome.attempts == 2
    assert path.read_bytes() == expected


def test_an_unexpected_error_fails_the_take_and_not_the_worker(
    batch: Batch, catalog: Catalog, tmp_path: Path
) -> None:
    odd = replace(batch, width_px=383, frames=5)
    worker = FilmWorker(FilmJob(batch=odd, catalog=catalog, dataset=tmp_path), 0)
    try:
        outcome = worker.film(0)
    finally:
        worker.close()
    assert (
        outcome.attempts == 2
        and outcome.reason
        and "InputError: video size: size must be even, got 383x216" in outcome.reason
    )


def test_closing_a_killed_engine_leaves_no_socket_thread_or_process(batch: Batch) -> None:
    gc.collect()
    sockets, threads, children = _sockets(), threading.active_count(), _children()
    running = RunningEngine(batch.engine, worker=0)
    (child,) = _children() - children
    os.kill(child, signal.SIGKILL)
    deadline_s = time.monotonic() + 5
    while running.is_alive():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    running.close()
    # Sockets and threads of earlier tests may end meanwhile.
    while _sockets() > sockets or threading.active_count() > threads or _children() - children:
        assert time.monotonic() < deadline_s, "something is left"
        time.sleep(0.02)


def test_an_image_that_is_valid_text_is_an_image() -> None:
    header = "BM" + "\0" * 16 + "\4\0\0\0" + "\2\0\0\0" + "\0" * 28
    black = image_of_bmp(header + "\0" * (4 * 2 * 4), 4, 2)
    assert black.shape == (2, 4, 3) and not black.any()


def test_an_image_of_another_size_is_an_error() -> None:
    """Its last bytes would be an image too."""
    wide = b"BM" + bytes(16) + struct.pack("<ii", 8, -4) + bytes(28 + 8 * 4 * 4)
    with pytest.raises(EngineError, match="expected an image of 4x2, got 8x4"):
        image_of_bmp(wide, 4, 2)


def test_a_server_without_a_greeting_is_an_error_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        began_s = time.monotonic()
        with pytest.raises(EngineError, match=r"no answer to connecting within 0\.5 s"):
            UnrealCvLink(("127.0.0.1", server.getsockname()[1]), timeout_s=0.5)
        assert time.monotonic() - began_s < 5


def test_the_error_of_an_engine_that_does_not_start_has_the_reason() -> None:
    absent = EngineChoice(kind="unreal", look="gt", command=("no-such-engine",))
    with pytest.raises(EngineStartError, match="cannot start no-such-engine"):
        RunningEngine(absent, worker=0)
    silent = EngineChoice(
        kind="unreal", look="gt", command=("sleep", "60"), unrealcv_port=1, start_timeout_s=0.5
    )
    with pytest.raises(EngineStartError, match=r"no UnrealCV server at 127\.0\.0\.1:1"):
        RunningEngine(silent, worker=0)


def engine_on(tmp_path: Path, script: str) -> FilmJob:
    """A job whose engine is started by a shell script on free ports."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        free = [server.getsockname()[1] for server in (one, other)]
    engine = EngineChoice(
        kind="unreal",
        look="gt",
        command=("sh", "-c", script, sys.executable, "{unrealcv_port}", "{remote_control_port}"),
        unrealcv_port=free[0],
        remote_control_port=free[1],
        start_timeout_s=20.0,
    )
    return FilmJob(
        batch=Batch(seed=1, takes=1, engine=engine),
        catalog=load_catalog(SceneChoice(), folder=tmp_path),
        dataset=tmp_path,
    )


def test_an_engine_that_is_killed_while_starting_is_started_again(tmp_path: Path) -> None:
    start = 'exec "$0" -m datagen.engine --look fast --unrealcv-port $1 --remote-control-port $2'
    once = f"if mkdir {tmp_path}/killed 2>/dev/null; then kill -9 $$; fi; {start}"
    worker = FilmWorker(engine_on(tmp_path, once), 0)
    check = worker.check_engine()
    worker.close()
    assert check.failure is None and "multitake-embedded" in check.version


@pytest.mark.parametrize(
    ("script", "is_bad_input", "says"),
    [
        ("kill -9 $$", False, "ended by SIGKILL at its start"),
        ("exit 3", True, "the engine ended with code 3"),
    ],
)
def test_an_engine_that_was_killed_is_not_invalid_input(
    tmp_path: Path, script: str, is_bad_input: bool, says: str
) -> None:
    check = FilmWorker(engine_on(tmp_path, script), 0).check_engine()
    assert check.is_bad_input == is_bad_input and says in str(check.failure)


def test_an_engine_that_hangs_while_starting_is_not_invalid_input() -> None:
    with pytest.raises(EngineError, match=r"did not start within 0\.1 s") as caught:
        RunningEngine(EngineChoice(look="fast", start_timeout_s=0.1), worker=0)
    assert not isinstance(caught.value, EngineStartError)


def test_an_engine_that_a_script_started_ends_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {note}; wait"
    behind = EngineChoice(
        kind="unreal", look="gt", command=("sh", "-c", script), unrealcv_port=1, start_timeout_s=0.5
    )
    with pytest.raises(EngineStartError):
        RunningEngine(behind, worker=0)
    _await_end(int(note.read_text()))


def test_an_engine_ends_when_its_worker_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {note}; wait"
    choice = (
        f"kind='unreal', look='gt', command=('sh', '-c', {script!r}), unrealcv_port=1, start_timeout_s=60.0"
    )
    code = (
        "from datagen.batch import EngineChoice; from datagen.drive import RunningEngine;"
        f"RunningEngine(EngineChoice({choice}), worker=0)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL) as worker:
        deadline_s = time.monotonic() + 30
        while not (note.exists() and note.read_text().strip()):
            assert worker.poll() is None and time.monotonic() < deadline_s
            time.sleep(0.02)
        time.sleep(0.2)
        assert Path(f"/proc/{int(note.read_text())}").exists(), "it runs as long as its worker"
        worker.kill()
    _await_end(int(note.read_text()))


def test_an_engine_that_hangs_ends_when_its_worker_is_killed() -> None:
    code = (
        "from datagen.batch import EngineChoice; from datagen.drive import RunningEngine;"
        "import time; print(RunningEngine(EngineChoice(look='fast'), worker=0).process_id, flush=True);"
        "time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        engine = int(worker.stdout.readline())
        os.kill(engine, signal.SIGSTOP)
        worker.kill()
    _await_end(engine)


def _await_end(process: int) -> None:
    stat, deadline_s = Path(f"/proc/{process}/stat"), time.monotonic() + 5
    while stat.exists() and stat.read_text().split()[2] != "Z":
        assert time.monotonic() < deadline_s, "the engine still runs"
        time.sleep(0.02)


def _children() -> set[int]:
    """Processes that this one started."""
    children: set[int] = set()
    for listing in Path("/proc/self/task").glob("*/children"):
        with contextlib.suppress(OSError):  # a thread may end meanwhile
            children |= {int(pid) for pid in listing.read_text().split()}
    return children


def _sockets() -> int:
    """Open sockets of this process."""
    links = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
    return sum(link.startswith("socket:") for link in links)


def _stored(batch: Batch, catalog: Catalog, engine: RunningEngine) -> ClipTable:
    filmed = film_take(engine.driver, batch, plan_take(batch, catalog, 0))
    return read_clips(clip_table_bytes(filmed.clips))


def _project(table: ClipTable, camera: int, frame: int, points_m: np.ndarray) -> np.ndarray:
    return table.row(camera).intrinsics.project(table.poses[camera, frame].camera_points(points_m))


def _colour(reply: str | bytes) -> np.ndarray:
    """``(R=1,G=2,B=3,A=255)`` as RGB."""
    parts = dict(part.split("=") for part in str(reply).strip("()").split(","))
    return np.array([int(parts[channel]) for channel in "RGB"], dtype=np.uint8)


def test_the_cinematic_image_is_sharp_where_nothing_moves_and_where_the_lens_is_focused() -> None:
    batch = Batch(
        seed=5,
        takes=1,
        frames=3,
        width_px=160,
        height_px=96,
        passes=("depth", "mask"),
        scene=SceneChoice(environments=("street",), animations=("sprint",), lights=("noon",)),
        engine=EngineChoice(look="cinematic", sub_frames=4, depth_of_field=False, msaa=1),
        rules=Rules(
            slots=("static", "pan"), radius_m=(3.0, 4.0), lenses=(Lens(focal_length_mm=50.0, f_number=1.4),)
        ),
    )
    take = plan_take(batch, load_catalog(batch.scene, folder=Path()), 0)
    rigs = take_rigs(batch, take)
    rig, clips = rigs.rig(0), take_clips(batch, take, rigs)
    engine = RunningEngine(batch.engine, worker=0)
    try:
        subject = engine.driver.set_scene(take, 2)[0]
        engine.driver.set_lens(rig.lens, batch.width_px, batch.height_px)
        moving = seen_by_lens(engine.driver, batch, rig, clips, 1)["video"]
        focused = replace(batch.engine, shutter=0.0, depth_of_field=True)
        in_focus = seen_by_lens(engine.driver, replace(batch, engine=focused), rig, clips, 1)["video"][0]
        engine.driver.set_time(1, 1 / batch.fps)
        sharp = engine.driver.film_frame(rig.poses[:, 1], batch.passes)
    finally:
        engine.close()
    differs = [
        np.abs(one.astype(int) - two).max(axis=-1) > 2 for one, two in zip(moving, sharp.images, strict=True)
    ]
    is_subject = (sharp.masks[0] == subject.colour).all(axis=-1)
    assert differs[0][is_subject].mean() > 0.1, "a sprint is blurred"
    assert differs[0][:10, :20].mean() < 0.05 and differs[1].mean() > 0.3, "what rests is not, a pan is"
    depth_m, focus_m = sharp.captures["depth"][0], float(clips["focus_distance_m"][0][1])
    focal_px = rig.lens.intrinsics(batch.width_px, batch.height_px).fx_px
    circle_px = 0.05 / 1.4 * focal_px * np.abs(depth_m - focus_m) / (depth_m * focus_m)
    error = np.abs(in_focus.astype(int) - sharp.images[0]).mean(axis=-1)
    assert error[circle_px < 0.1].mean() < 0.25 * error[circle_px > 1.0].mean()
