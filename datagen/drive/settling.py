"""When images of an engine are settled: measured in each environment, used in each take, and proved.

After a cut, images of Unreal still change: textures arrive, exposure adapts, light and anti-aliasing are
accumulated over captures. A probe captures a view that stands still until nothing changes any more; each take
warms its cameras up by that many captures and a margin; a few of its images are captured again after twice as
many, and must not have changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, UInt8

from multitake.randomness import rng_for
from shards import Settling
from trajectories import CameraPose

from ..batch import Batch
from ..catalog import Environment
from ..plan import TakeSpec
from .driver import EngineDriver
from .errors import EngineError, EngineSetupError, RefusedError

_MARGIN_SHARE, _LEAST_MARGIN = 0.25, 2
_CHECKED_SHARE = 0.01
_EYE_M, _DOWN, _FOV_DEG = 1.6, 0.3, 90.0
# Differences are those of blocks, so that noise of single pixels is no change.
_BLOCK_PX = 4
_PATCH_SHARE, _FARTHEST_M = 0.25, 1e6
Image = UInt8[np.ndarray, "height width 3"]
Depth = Float[np.ndarray, "height width"]


def change(image: Image, again: Image, depth_m: Depth | None) -> float:
    """By how much an image differs from another one, as a share of the range of values.

    The largest mean difference of three regions: the nearest and the farthest quarter, and all of it. Without
    depth, the lower and the upper quarter are the near and the far one.
    """
    difference = np.abs(_blocks(image) - _blocks(again)).mean(axis=-1) / 255.0
    near, far = _patches(difference.shape, depth_m)
    return float(max(difference.mean(), difference[near].mean(), difference[far].mean()))


def _blocks(image: Image) -> Float[np.ndarray, "rows columns channels"]:
    """Means of whole blocks; an image that is smaller than one has its pixels."""
    height, width, channels = image.shape
    side = min(_BLOCK_PX, height, width)
    whole = image[: height // side * side, : width // side * side].astype(np.float32)
    return whole.reshape(height // side, side, width // side, side, channels).mean(axis=(1, 3))


def _patches(
    shape: tuple[int, int], depth_m: Depth | None
) -> tuple[Bool[np.ndarray, "rows columns"], Bool[np.ndarray, "rows columns"]]:
    """The near and the far quarter of the blocks."""
    rows, columns = shape
    if depth_m is None:
        place = np.broadcast_to(-np.arange(rows, dtype=np.float64)[:, None], shape)
    else:
        step = (depth_m.shape[0] // rows, depth_m.shape[1] // columns)
        # The sky may be infinitely far.
        finite_m = np.nan_to_num(depth_m, nan=0.0, posinf=_FARTHEST_M)
        place = finite_m[step[0] // 2 :: step[0], step[1] // 2 :: step[1]][:rows, :columns]
    near, far = np.quantile(place, [_PATCH_SHARE, 1 - _PATCH_SHARE])
    return place <= near, place >= far


@dataclass(frozen=True, kw_only=True)
class SettlingLimits:
    """The largest change of a settled image, and the most captures until images are settled.

    A probe continues for as many captures after the last change.
    """

    change: float
    captures: int


def probed_captures(driver: EngineDriver, environment: Environment, batch: Batch) -> int:
    """After how many captures images of an environment are settled; probed once per engine.

    The view depends on the environment alone, not on a take, so the number does not depend on the worker.
    EngineSetupError if images still change after ``settle_captures``.
    """
    if environment.name not in driver.settled:
        driver.open_environment(environment)
        driver.spawn_cameras(1, exposure_ev=environment.exposure_ev, fps=batch.fps)
        driver.set_view(batch.width_px, batch.height_px, _FOV_DEG)
        limits = SettlingLimits(change=batch.engine.settle_change, captures=batch.engine.settle_captures)
        try:
            driver.settled[environment.name] = settled_after(driver, *views(environment), limits)
        except EngineSetupError as error:
            raise EngineSetupError(f"environment {environment.name}: {error}") from error
    return driver.settled[environment.name]


def settled_after(driver: EngineDriver, before: CameraPose, view: CameraPose, limits: SettlingLimits) -> int:
    """After how many captures of a view images differ from all that follow by less than the limit.

    The one camera is cut to the view from another one. EngineSetupError if images never settle.
    """
    for pose in (before, view):
        driver.cameras.pose(pose[None], warm_up=0)
        (reference,) = driver.cameras.images(("video",))["video"]
    # Depth does not depend on what was captured before.
    (depth_m,) = depth_images(driver)
    count = number = 0
    # Late textures look settled until they arrive.
    while number < max(2 * count, count + limits.captures):
        number += 1
        (image,) = driver.cameras.images(("video",))["video"]
        changed = change(reference, image, depth_m)
        if changed > limits.change:
            count, reference = number, image
        if count > limits.captures:
            what = f"images still change by {100 * changed:.2f} % after {count} captures"
            raise EngineSetupError(f"{what} of a view that stands still; stop what moves in the level")
    return count


def depth_images(driver: EngineDriver, places: Sequence[int] | None = None) -> tuple[Depth | None, ...]:
    """Depth as the cameras see it; None for each if the engine has no depth."""
    try:
        return driver.cameras.images(("depth",), places)["depth"]
    except RefusedError:
        return (None,) * len(driver.cameras.ids if places is None else places)


def warm_up_captures(settled: int) -> int:
    """How many captures of a camera are thrown away: a quarter more than the probe found, at least two."""
    return settled + max(_LEAST_MARGIN, int(np.ceil(_MARGIN_SHARE * settled)))


class SettlingCheck:
    """Warms the cameras of a take up, and proves that its images are settled.

    A seeded share of them is captured again at once, after twice the warm-up; in the look ``cinematic``,
    whose images depend on motion, only of the first frame. After the last frame, all cameras return to the
    first one, and must see it again. EngineError if an image has changed by more than the batch allows.
    """

    def __init__(self, driver: EngineDriver, batch: Batch, take: TakeSpec) -> None:
        self._settled = probed_captures(driver, take.environment, batch)
        self._driver, self._limit = driver, batch.engine.settle_change
        driver.warm_up = self._warm_up = warm_up_captures(self._settled)
        self._chosen = _chosen_images(batch, take)
        self._first: Sequence[Image] = ()
        self._changes: list[float] = []
        self._drift = 0.0

    def add(self, frame: int, images: Sequence[Image]) -> None:
        """Capture the chosen images of a frame again, while its cameras stand."""
        if frame == 0:
            self._first = images
        for camera in sorted(camera for at, camera in self._chosen if at == frame):
            self._driver.cameras.warm_up([camera], 2 * self._warm_up)
            (again,) = self._driver.cameras.images(("video",), [camera])["video"]
            (depth_m,) = depth_images(self._driver, [camera])
            self._changes.append(change(images[camera], again, depth_m))
            self._check(self._changes[-1], f"frame {frame} of camera {camera + 1} is not settled")

    def return_to_first(self, poses: CameraPose) -> None:
        """Capture the first frame again, whose ``poses`` (batch ``(cameras,)``) these are."""
        self._driver.set_time(0, 0.0)
        # Cameras that stand have seen other poses of the actors since.
        self._driver.cameras.forget()
        again = self._driver.film_frame(poses, ()).images
        depths_m = depth_images(self._driver)
        for camera, images in enumerate(zip(self._first, again, depths_m, strict=True)):
            found = change(*images)
            self._drift = max(self._drift, found)
            self._check(found, f"camera {camera + 1} does not see its first frame again after the last")

    def _check(self, found: float, what: str) -> None:
        if found > self._limit:
            limit = f"the limit is {100 * self._limit:g} %, after {self._warm_up} captures"
            raise EngineError(f"{what}: the image changed by {100 * found:.2f} % ({limit})")

    def result(self) -> Settling:
        """What was measured, for the take table."""
        return Settling(
            settled_after=self._settled,
            warm_up=self._warm_up,
            change_limit=self._limit,
            checked_images=len(self._changes),
            largest_change=round(max(self._changes, default=0.0), 6),
            drift=round(self._drift, 6),
        )


def _chosen_images(batch: Batch, take: TakeSpec) -> set[tuple[int, int]]:
    """Frame and camera of the images that are captured again; they follow from the seed."""
    frames = batch.frames if batch.engine.look == "gt" else 1
    images = batch.cameras * frames
    count = min(int(np.ceil(_CHECKED_SHARE * batch.cameras * batch.frames)), images)
    chosen = rng_for(batch.seed, "settling", take.index).choice(images, size=count, replace=False)
    return {divmod(int(one), batch.cameras) for one in chosen}


def views(environment: Environment) -> tuple[CameraPose, CameraPose]:
    """Back and ahead from the first spot; near ground and the distance are in the image."""
    spot = environment.spots[0]
    heading_rad = np.radians(spot.heading_deg)
    ahead = np.array([np.cos(heading_rad), np.sin(heading_rad), -_DOWN])
    eye_m = np.add(spot.position_m, (0.0, 0.0, _EYE_M))
    behind = ahead * [-1.0, -1.0, 1.0]
    return CameraPose.looking(eye_m, behind), CameraPose.looking(eye_m, ahead)
