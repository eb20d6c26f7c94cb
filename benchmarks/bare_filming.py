"""What filming a take costs in CPU time, and what drawing and encoding the same frames cost alone."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

from datagen.batch import Batch
from datagen.catalog import Catalog
from datagen.drive import RunningEngine
from datagen.engine.protocol import remote_objects
from datagen.engine.protocol.camera_commands import CameraCommands
from datagen.engine.protocol.capture_folder import CaptureFolder
from datagen.engine.protocol.lagging_frames import LaggingFrames
from datagen.engine.protocol.unrealcv_commands import Console
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer
from datagen.engine.world.world import World
from datagen.film import film_take
from datagen.freed_memory import keep_freed_memory
from datagen.plan import plan_take
from shards import VideoEncoder

from .figures import seconds_of

_CAPTURE = "lit bmp"


@dataclass(frozen=True)
class CpuOfFilming:
    """CPU seconds of filming takes (driver, gate, encoder, engine), and of drawing and of encoding alone."""

    filming_s: float
    drawing_s: float
    encoding_s: float


@dataclass
class _Recorded:
    """What a driver asked its engine for, in order, and the images that it got."""

    requests: list[list[str] | Callable[[World], object]] = field(default_factory=list)
    images: list[tuple[np.ndarray, ...]] = field(default_factory=list)


def cpu_of_filming(batch: Batch, catalog: Catalog, takes: int) -> CpuOfFilming:
    """Film takes with an engine, then draw and encode the same frames in this process."""
    keep_freed_memory()
    engine = RunningEngine(batch.engine, worker=0)
    planned = [plan_take(batch, catalog, number) for number in range(takes)]
    recorded = _Recorded()
    try:

        def film() -> None:
            for take in planned:
                film_take(engine.driver, batch, take)

        # Levels are read before; then the first takes are filmed again, and recorded.
        film()
        filming_s = seconds_of(film, lambda: process_time() + _cpu_s(engine.process_id))
        _record(engine, recorded)
        film()
    finally:
        engine.close()
    bare = _BareEngine(batch)
    bare.run(recorded.requests)
    drawing_s = seconds_of(lambda: bare.run(recorded.requests), process_time)
    encoding_s = seconds_of(lambda: _encode(batch, recorded.images), process_time)
    return CpuOfFilming(filming_s=filming_s, drawing_s=drawing_s, encoding_s=encoding_s)


def _record(engine: RunningEngine, recorded: _Recorded) -> None:
    """Keep what the driver of an engine asks for from now on."""
    driver = engine.driver
    ask_all, film_frame = driver.unrealcv.ask_all, driver.film_frame
    call, set_property = driver.remote_control.call, driver.remote_control.set_property

    def asked(commands: Any, **options: Any) -> Any:
        recorded.requests.append([one for one in commands if not one.startswith("vbatch")])
        return ask_all(commands, **options)

    def called(path: str, function: str, *, timeout_s: float | None = None, **parameters: Any) -> Any:
        recorded.requests.append(lambda world: remote_objects.call(world, "", path, function, parameters))
        return call(path, function, timeout_s=timeout_s, **parameters)

    def written(path: str, name: str, value: Any) -> None:
        recorded.requests.append(lambda world: remote_objects.write_property(world, path, name, value))
        set_property(path, name, value)

    def filmed(*given: Any) -> Any:
        frame = film_frame(*given)
        recorded.images.append(frame.images)
        return frame

    driver.unrealcv.ask_all = asked
    driver.remote_control.call = called
    driver.remote_control.set_property = written
    driver.film_frame = filmed


class _BareEngine:
    """The embedded engine in this process; images are drawn into memory, and not made into replies."""

    def __init__(self, batch: Batch) -> None:
        look = look_named(batch.engine.look)
        self._renderer = Renderer(look)
        self._world = World(self._renderer.scene)
        files, frames = CaptureFolder(None), LaggingFrames(self._world)
        self._console = Console(self._world, self._renderer, 0, files, frames)
        self._cameras = CameraCommands(self._world, look, files, frames)

    def run(self, requests: list[list[str] | Callable[[World], object]]) -> None:
        """Do what a driver asked for."""
        for asked in requests:
            if callable(asked):
                asked(self._world)
                continue
            captures = [one for one in asked if one.endswith(_CAPTURE)]
            self._console.execute([one for one in asked if one not in captures])
            if captures:
                self._renderer.render([self._cameras.view("lit", int(one.split("/")[2])) for one in captures])


def _encode(batch: Batch, frames: list[tuple[np.ndarray, ...]]) -> None:
    """Encode the images of takes, a video for each camera."""
    for first in range(0, len(frames), batch.frames):
        encoders = [VideoEncoder(batch.width_px, batch.height_px, batch.fps) for _ in frames[0]]
        for images in frames[first : first + batch.frames]:
            for encoder, image in zip(encoders, images, strict=True):
                encoder.add(image)
        for encoder in encoders:
            encoder.finish()


def _cpu_s(process_id: int | None) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
