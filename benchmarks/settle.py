"""Whether images that are not settled are found, and settled ones are not accused.

The embedded engine shows faults of a real Unreal on purpose: images after a cut are, or contain, those before
it, textures arrive late, exposure adapts; all images have noise. In many environments, images are captured at
once after a cut, and others after the warm-up that a probe found; each is captured again after twice the
warm-up, as takes do with a share of their images.

``found``: the share of unsettled images that are told from what is captured later. ``false``: the share of
settled ones that are. ``probe_s``: the time of a probe.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import numpy as np

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import Environment, load_catalog
from datagen.drive import EngineDriver, RunningEngine
from datagen.drive.settling import change, depth_images, probed_captures, warm_up_captures
from datagen.plan import plan_take, take_rigs
from trajectories import CameraPose

from .figures import Figure

_FAULTS = ("history=4", "stale-camera=4", "late-textures=6", "drifting-exposure=6")
_GRAIN = "grain=1"
# About the camera's own vertical axis.
_HALF_TURN = np.diag([-1.0, 1.0, -1.0])
_IMAGES, _QUICK = 200, 24
_ENVIRONMENTS = (
    "street", "room", "beach", "library", "gallery", "desert", "kitchen-family", "winter-village",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Sample:
    """By how much an image changed that was captured after so many others; how long its probe took."""

    is_settled: bool
    change: float
    probe_s: float


def measure(*, quick: bool) -> Iterator[Figure]:
    """Images of each fault, half of them settled."""
    samples: list[Sample] = []
    count = (_QUICK if quick else _IMAGES) // len(_FAULTS)
    for fault in _FAULTS:
        with engine_with(f"{fault},{_GRAIN}") as (driver, batch):
            samples += islice(_samples(driver, batch), 2 * count)
    limit = EngineChoice.settle_change
    for is_settled, figure in ((False, "found"), (True, "false")):
        accused = [one.change > limit for one in samples if one.is_settled == is_settled]
        against = f"{len(accused)} images that are {'settled' if is_settled else 'not settled'}"
        yield Figure(
            benchmark="settle",
            figure=figure,
            value=sum(accused) / len(accused),
            unit="share",
            against=against,
        )
    largest = max(one.change for one in samples if one.is_settled)
    smallest = min(one.change for one in samples if not one.is_settled)
    yield Figure(
        benchmark="settle",
        figure="smallest_unsettled",
        value=smallest,
        unit="share of range",
        against="largest settled",
        against_value=largest,
    )
    probes_s = [one.probe_s for one in samples if one.probe_s]
    yield Figure(benchmark="settle", figure="probe_s", value=sum(probes_s) / len(probes_s), unit="s")


@contextmanager
def engine_with(faults: str) -> Iterator[tuple[EngineDriver, Batch]]:
    """The driver of an embedded engine with faults, as that of a running Unreal, and a batch for it."""
    command = [sys.executable, "-m", "datagen.engine", "--look", "lit", "--until-stdin-closes"]
    with subprocess.Popen(
        [*command, "--faults", faults], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin and child.stdout
        announced = json.loads(child.stdout.readline())
        ports = {name: announced[name] for name in ("unrealcv_port", "remote_control_port")}
        choice = EngineChoice(kind="unreal", look="gt", **ports)
        engine = RunningEngine(choice, worker=0)
        batch = Batch(seed=1, takes=1000, frames=5, width_px=320, height_px=192, engine=choice)
        yield engine.driver, batch
        engine.close()
        child.stdin.close()


def _samples(driver: EngineDriver, batch: Batch) -> Iterator[Sample]:
    """Alternately an image at once after a cut, and one after the warm-up, from cameras of sampled rigs."""
    catalog = load_catalog(SceneChoice(environments=_ENVIRONMENTS), folder=Path())
    for number, is_settled in zip(range(batch.takes), cycle((False, True)), strict=False):
        take = plan_take(batch, catalog, number // 2)
        pose = take_rigs(batch, take).rig(0).poses[number % 10, -1]
        yield sample(driver, batch, take.environment, pose, is_settled=is_settled)


def sample(
    driver: EngineDriver, batch: Batch, environment: Environment, pose: CameraPose, *, is_settled: bool
) -> Sample:
    """An image of a camera that was cut to a pose, and by how much it changes when it is captured again."""
    began_s, is_new = perf_counter(), environment.name not in driver.settled
    warm_up = warm_up_captures(probed_captures(driver, environment, batch))
    probe_s = perf_counter() - began_s if is_new else 0.0
    driver.open_environment(environment)
    driver.spawn_cameras(1, exposure_ev=0.0, fps=batch.fps)
    driver.set_view(batch.width_px, batch.height_px, 65.0)
    behind = CameraPose.of(pose.rotation @ _HALF_TURN, pose.position_m)
    for one in (behind, pose):
        driver.cameras.pose(one[None], warm_up=warm_up if is_settled else 0)
        (image,) = driver.cameras.images(("video",))["video"]
    driver.cameras.warm_up([0], 2 * warm_up)
    (again,) = driver.cameras.images(("video",))["video"]
    (depth_m,) = depth_images(driver)
    return Sample(is_settled=is_settled, change=change(image, again, depth_m), probe_s=probe_s)
