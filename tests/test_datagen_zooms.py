"""Takes whose focal lengths change or whose cameras shake: images and labels agree with the tables."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.batch_file import load_batch
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.drive.errors import EngineSetupError
from datagen.film import fields_of_view_deg, film_take
from datagen.film_worker import FilmJob
from datagen.generate import batch_files, dataset_info
from datagen.plan import plan_take, take_clips, take_rigs
from datagen.sub_frames import focal_ratios_between, rig_poses_between
from shards import Clip, DatasetWriter, Take, open_dataset, verify_dataset
from shards.pairs import PairSettings
from shards.streaming import PairStream
from trajectories import Lens
from trajectories.sampling import PRESETS, Rules, sample_rigs

FRAMES, WIDTH_PX, HEIGHT_PX = 4, 128, 96
BATCH = Batch(
    seed=4,
    takes=1,
    frames=FRAMES,
    fps=2.0,
    width_px=WIDTH_PX,
    height_px=HEIGHT_PX,
    passes=("depth", "mask", "flow", "surface", "joints"),
    scene=SceneChoice(environments=("room",), animations=("wave",)),
    engine=EngineChoice(look="lit"),
    rules=Rules(
        radius_m=(2.0, 2.5),
        slots=("zoom", "dolly_zoom", "handheld_zoom"),
        zoom_ratio=(1.6, 1.8),
        dolly_zoom_ratio=(1.2, 1.3),
        lenses=(Lens(focal_length_mm=24.0, f_number=8.0),),
    ),
)


@pytest.fixture(scope="module")
def engine() -> Iterator[RunningEngine]:
    running = RunningEngine(BATCH.engine, worker=0)
    yield running
    running.close()


@pytest.fixture(scope="module")
def root(engine: RunningEngine, tmp_path_factory: pytest.TempPathFactory) -> Path:
    job = FilmJob(batch=BATCH, catalog=load_catalog(BATCH.scene, folder=Path()), dataset=Path())
    filmed = film_take(engine.driver, BATCH, plan_take(BATCH, job.catalog, 0))
    root = tmp_path_factory.mktemp("zooms") / "dataset"
    writer = DatasetWriter(root)
    writer.create(dataset_info(job, engine_version="test"), batch_files(job))
    writer.stage(filmed)
    writer.seal(0, [filmed.row.take])
    return root


@pytest.fixture(scope="module")
def take(root: Path) -> Take:
    return next(iter(open_dataset(root)))


def _share_reprojected(clip: Clip, fx_px: np.ndarray) -> float:
    """The share of pixels of frame 0 whose points have the depth that the last frame shows there."""
    depth_m, last = clip.depth_m(), FRAMES - 1
    rows, columns = np.mgrid[:HEIGHT_PX, :WIDTH_PX] + 0.5
    centre = np.array([WIDTH_PX / 2, HEIGHT_PX / 2])
    rays = np.stack([(columns - centre[0]) / fx_px[0], (rows - centre[1]) / fx_px[0], np.ones_like(rows)], -1)
    still = (clip.mask()[0] == clip.mask()[last]).all(axis=-1) & (depth_m[0] > 0) & (depth_m[0] < 60)
    here, there = clip.poses.world_from_camera[[0, last]]
    world_m = (rays * depth_m[0][..., None])[still] @ here[:, :3].T + here[:, 3]
    x, y, z = ((world_m - there[:, 3]) @ there[:, :3]).T
    places = np.stack([x, y]) / z * fx_px[last] + centre[:, None]
    inside = (z > 0) & (places > 1).all(axis=0) & (places[0] < WIDTH_PX - 1) & (places[1] < HEIGHT_PX - 1)
    column, row = places[:, inside].astype(int)
    assert inside.sum() > 1000
    return float((np.abs(depth_m[last][row, column] / z[inside] - 1) < 0.03).mean())


def test_depth_of_two_frames_agrees_by_the_focal_length_of_each(take: Take) -> None:
    for camera in take.cameras:
        clip = take.clip(camera)
        fx_px = np.array([one.fx_px for one in clip.frame_intrinsics])
        assert np.ptp(fx_px) > 0.1 * fx_px[0]
        assert _share_reprojected(clip, fx_px) > 0.9, camera
        if clip.row.motion == "zoom":
            assert _share_reprojected(clip, fx_px[[0] * FRAMES]) < 0.75, (
                "the first focal length is not enough"
            )


def test_a_dolly_zoom_keeps_the_size_of_what_it_aims_at(take: Take) -> None:
    clip = take.clip("cam02")
    subject_m = np.array(clip.row.subject_m)
    lower_m = subject_m + 0.5 * clip.poses[0].rotation[:, 1]
    places_px = np.array(
        [
            intrinsics.project(clip.poses[frame].camera_points(np.stack([subject_m, lower_m])))
            for frame, intrinsics in enumerate(clip.frame_intrinsics)
        ]
    )
    assert places_px[0, 1, 1] - places_px[0, 0, 1] > 10
    np.testing.assert_allclose(places_px, places_px[:1].repeat(FRAMES, 0), atol=1e-3)


def test_flow_tracks_and_surfaces_use_the_focal_length_of_each_frame(take: Take, root: Path) -> None:
    assert list(verify_dataset(root)) == []
    centres = np.stack(np.meshgrid(np.arange(WIDTH_PX) + 0.5, np.arange(HEIGHT_PX) + 0.5), -1).reshape(-1, 2)
    clip = take.clip("cam01")
    flow_px = clip.flow_px()[0].reshape(-1, 2)
    ratio = clip.frame_intrinsics[1].fx_px / clip.intrinsics.fx_px
    still = ~clip.mask_of("character_1")[0].ravel() & np.isfinite(flow_px[:, 0])
    # A camera that stands sees what rests move away from the image centre.
    expected_px = (ratio - 1) * (centres - [WIDTH_PX / 2, HEIGHT_PX / 2])
    assert still.sum() > 1000
    assert np.abs(flow_px - expected_px)[still].max() < 1 / 64
    tracks = clip.track(centres, 0, frames=(0, 1), cameras=("cam01",))
    moved_px = tracks.image_px[0, 1] - tracks.image_px[0, 0]
    assert np.nanmax(np.abs(moved_px - flow_px)) < 1 / 64
    # The images of ids are those of triangles drawn with each frame's lens: hardly any pixel is corrected.
    for camera in take.cameras:
        one = take.clip(camera)
        for frame, ids in enumerate(one.surface()):
            listed = np.unique(ids[ids > 0]).astype(np.int64) - 1
            drawn = one.geometry.drawn(frame, listed)
            found = np.concatenate([[0], listed + 1])[drawn]
            assert (found != ids).mean() < 0.02, (camera, frame)


def test_streamed_pairs_have_the_intrinsics_of_each_frame(root: Path, take: Take) -> None:
    stream = PairStream(root, PairSettings(seed=1, size_px=(64, 48)))
    sample = next(iter(stream))
    for window in (sample.source, sample.target):
        clip = take.clip(window.camera)
        expected = [[one.fx_px / 2, one.fy_px / 2, 32, 24] for one in clip.frame_intrinsics]
        np.testing.assert_allclose(window.intrinsics.numpy(), expected, rtol=1e-6)


def test_fields_of_view_are_sent_where_they_change_and_read_back(engine: RunningEngine) -> None:
    take = plan_take(BATCH, load_catalog(BATCH.scene, folder=Path()), 0)
    rigs = take_rigs(BATCH, take)
    rig, fov_deg = rigs.rig(0), fields_of_view_deg(take_clips(BATCH, take, rigs))
    driver = engine.driver
    driver.set_scene(take, 3)
    driver.set_lens(rig.lens, WIDTH_PX, HEIGHT_PX)
    assert not driver.cameras.set_fields_of_view(fov_deg[:, 0].tolist()), "nothing is sent"
    driver.film_frame(rig.poses[:, 0], ())
    driver.set_fields_of_view(fov_deg[:, 1].tolist())
    for camera, expected in zip(driver.cameras.ids, fov_deg[:, 1], strict=True):
        assert driver.links.floats(f"vget /camera/{camera}/fov", 1)[0] == pytest.approx(expected, abs=1e-4)
    driver.unrealcv.ask(f"vset /camera/{driver.cameras.ids[1]}/fov 33.0")
    with pytest.raises(EngineSetupError, match=r"33\.000 degrees"):
        driver.film_frame(rig.poses[:, 1], ())


def test_sub_frames_sample_the_same_shake_and_zoom_as_a_faster_rate() -> None:
    rules = replace(PRESETS["paper"], slots=("handheld", "head_mounted", "zoom"), constant_share=1.0)
    subjects_m = np.zeros((3, 3))
    slow = sample_rigs(rules, subjects_m, seed=3, frames=21, fps=15.0)
    fast = sample_rigs(rules, subjects_m, seed=3, frames=81, fps=60.0)
    for rig in range(3):
        for frame in (0.25, 7.5, 19.75):
            between = rig_poses_between(slow.rig(rig), frame, 15.0)
            expected = fast.rig(rig).poses[:, int(4 * frame)]
            np.testing.assert_allclose(between.world_from_camera, expected.world_from_camera, atol=1e-12)
    assert slow.focal_ratios is not None and fast.focal_ratios is not None
    ratios = focal_ratios_between(slow.focal_ratios[0], 7.5)
    np.testing.assert_allclose(ratios, fast.focal_ratios[0, :, 30], rtol=1e-9)
    still = focal_ratios_between(np.ones((2, 5)), 1.5)
    assert (still == 1).all()


def test_batches_keep_the_limits_of_a_preset_and_reject_those_of_filming(tmp_path: Path) -> None:
    path = tmp_path / "batch.toml"
    path.write_text('seed = 1\ntakes = 1\n[rig]\npreset = "head_mounted"\n[rig.validity]\nattempts = 3\n')
    validity = load_batch(path).rules.validity
    assert validity.jerk_m_per_s3 == PRESETS["head_mounted"].validity.jerk_m_per_s3
    assert "below_ground" in validity.reject and validity.attempts == 3
