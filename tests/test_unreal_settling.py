"""Settled frames: the measure of change, probes of engines with faults, and takes that are refused."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from engine_child import running
from unreal_runs import cells_loaded_soon

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import EngineDriver, EngineError, RunningEngine
from datagen.drive.settling import change, probed_captures, warm_up_captures
from datagen.film import film_take
from datagen.plan import TakeSpec, plan_take
from shards import decode_video
from shards.format import take_row
from trajectories.sampling import Rules


def batch_of(announced: dict, **engine: object) -> Batch:
    """Two cameras in a room, filmed by a running engine as by Unreal."""
    ports = {name: announced[name] for name in ("unrealcv_port", "remote_control_port")}
    return Batch(
        seed=3,
        takes=1,
        frames=5,
        fps=5.0,
        width_px=128,
        height_px=96,
        scene=SceneChoice(environments=("room",), animations=("wave",)),
        engine=EngineChoice(kind="unreal", look="gt", **{"settle_captures": 64, **ports, **engine}),
        rules=Rules(slots=("static", "translation"), radius_m=(2.0, 2.5)),
    )


@contextmanager
def driver_on(faults: str, **engine: object) -> Iterator[tuple[EngineDriver, Batch, TakeSpec]]:
    """The driver of an engine with faults, a batch for it, and its take."""
    with running("lit", *(["--faults", faults] if faults else [])) as child:
        batch = batch_of(child.announced, **engine)
        film = RunningEngine(batch.engine, worker=0)
        take = plan_take(batch, load_catalog(batch.scene, folder=Path()), 0)
        with closing(film), cells_loaded_soon():
            yield film.driver, batch, take


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(5).integers(0, 256, (96, 128, 3), dtype=np.uint8)


def test_change_is_a_distance(image: np.ndarray) -> None:
    other = np.roll(image, 7, axis=1)
    assert change(image, image, None) == 0.0
    assert (
        change(image, other, None) == pytest.approx(change(other, image, None))
        and change(image, other, None) <= 1.0
    )
    black, white = np.zeros_like(image), np.full_like(image, 255)
    assert change(black, white, None) == 1.0
    assert change(black, np.full_like(image, 51), None) == pytest.approx(0.2)


def test_change_of_a_quarter_is_that_of_what_is_near_or_far(image: np.ndarray) -> None:
    """A tenth of the image at one distance changes; between the other distances it would be diluted."""
    depth_m = np.full((96, 128), 5.0, np.float32)
    for side, distance_m in ((slice(0, 24), 0.5), (slice(72, 96), np.inf)):
        there_m = depth_m.copy()
        there_m[side] = distance_m
        dark = image.copy()
        dark[side] = 0
        whole = np.abs(image.astype(float) - dark).mean() / 255
        assert change(image, dark, there_m) > 3 * whole


def test_noise_of_pixels_is_no_change(image: np.ndarray) -> None:
    rng = np.random.default_rng(6)
    noisy = [np.clip(128 + rng.normal(0, 2, image.shape), 0, 255).astype(np.uint8) for _ in range(2)]
    assert change(*noisy, None) < 0.005 < np.abs(noisy[0].astype(float) - noisy[1]).mean() / 255


@pytest.mark.parametrize("shape", [(2, 2), (3, 5), (4, 4), (17, 33)])
def test_images_of_any_size_have_a_change(shape: tuple[int, int]) -> None:
    black = np.zeros((*shape, 3), np.uint8)
    for depth_m in (None, np.ones(shape, np.float32), np.full(shape, np.nan, np.float32)):
        assert change(black, black + 51, depth_m) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("faults", "expected"),
    [("", 0), ("history=3,stale-camera=2", 5), ("late-textures=40", 40), ("drifting-exposure=9", 9)],
)
def test_a_probe_counts_the_captures_of_a_fault(faults: str, expected: int) -> None:
    """To within two: captures of the view before it count for some, and the last ones change little."""
    with driver_on(faults) as (driver, batch, take):
        found = probed_captures(driver, take.environment, batch)
        assert expected - 2 <= found <= expected
        assert probed_captures(driver, take.environment, batch) == found
    assert expected < warm_up_captures(found) <= 1.25 * found + 3


def test_a_step_that_comes_late_is_seen() -> None:
    """As long as the batch allows images to need."""
    with running("fast", "--faults", "late-textures=200") as child:
        batch = batch_of(child.announced, settle_captures=256)
        film = RunningEngine(batch.engine, worker=0)
        take = plan_take(batch, load_catalog(batch.scene, folder=Path()), 0)
        with closing(film), cells_loaded_soon():
            assert 198 <= probed_captures(film.driver, take.environment, batch) <= 200


def test_a_level_that_never_settles_is_named() -> None:
    with (
        driver_on("drifting-exposure=400", settle_captures=16) as (driver, batch, take),
        pytest.raises(EngineError, match=r"environment room: images still change by .* stop what moves"),
    ):
        probed_captures(driver, take.environment, batch)


def test_the_video_of_an_engine_that_lags_is_that_of_one_that_does_not() -> None:
    """And the take table says what was measured."""
    videos = []
    for faults in ("", "history=3,late-textures=9,drifting-exposure=5"):
        with driver_on(faults) as (driver, batch, take):
            filmed = film_take(driver, batch, take)
        videos.append([files.members["video"] for files in filmed.files])
        settling = filmed.row.settling
        assert settling and settling.warm_up > settling.settled_after
        assert settling.checked_images == 1 and settling.largest_change == settling.drift == 0.0
        assert take_row(asdict(filmed.row)) == filmed.row
    assert settling.settled_after >= 7
    assert videos[0] == videos[1] and decode_video(videos[0][0]).std() > 10


def test_an_unsettled_image_fails_its_take() -> None:
    """The probe of this driver is wrong: too few captures for the engine."""
    with driver_on("drifting-exposure=20") as (driver, batch, take):
        driver.settled["room"] = 1
        with pytest.raises(EngineError, match=r"frame 0 of camera . is not settled: .* changed by .* %"):
            film_take(driver, replace(batch, frames=1), replace(take, frames=1))


def test_what_changes_in_the_course_of_a_take_fails_it() -> None:
    """Textures that arrive after all probes: the first frame is another one after the last."""
    with (
        driver_on("late-textures=75") as (driver, batch, take),
        pytest.raises(EngineError, match=r"camera \d does not see its first frame again after the last"),
    ):
        film_take(driver, replace(batch, frames=41), replace(take, frames=41))
