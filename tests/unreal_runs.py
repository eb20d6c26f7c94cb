"""Takes of kind ``unreal`` on the embedded engine, for the tests of Unreal's driver."""

import io
import json
import socket
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import Catalog, load_catalog
from datagen.drive import EngineDriver, RunningEngine, level
from datagen.drive.remote_control_link import RemoteControlLink
from datagen.drive.unrealcv_link import UnrealCvLink
from datagen.film import film_take
from datagen.plan import TakeSpec, plan_take
from shards import FilmedTake, stage_take, store_at
from shards.staging import staged_fragment
from trajectories.sampling import Limits, Rules

HOST = "127.0.0.1"
SCENE = SceneChoice(environments=("room",), characters=("ada",), animations=("walk",), lights=("overcast",))

_returned: set[int] = set()


def unused_port() -> int:
    """A port that no server has, and that was not returned before: the system may offer one again."""
    while True:
        with socket.create_server((HOST, 0)) as free:
            port = int(free.getsockname()[1])
        if port not in _returned:
            _returned.add(port)
            return port


@contextmanager
def started(*options: str, look: str = "fast") -> Iterator[dict[str, Any]]:
    """An engine without any client so far; what it printed."""
    command = [sys.executable, "-m", "datagen.engine", "--look", look, "--until-stdin-closes", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield json.loads(process.stdout.readline())
        process.stdin.close()


def choice_of(announced: Mapping[str, Any], *, look: str = "gt", **more: Any) -> EngineChoice:
    """The engine that runs at these ports, as a batch names it."""
    ports = {name: announced[name] for name in ("unrealcv_port", "remote_control_port")}
    limits = {"start_timeout_s": 5.0, "reply_timeout_s": 5.0, "load_timeout_s": 5.0}
    return EngineChoice(kind="unreal", look=look, **{**limits, **ports, **more})


def batch_of(
    announced: Mapping[str, Any],
    *,
    passes: tuple[Any, ...] = ("mask",),
    look: str = "gt",
    is_probed: bool = False,
) -> Batch:
    """Two cameras, few frames, tiny images; ``is_probed``: limits that need the depth of the engine."""
    limits = Limits(warn=("engine:near_geometry",) if is_probed else ())
    return Batch(
        seed=2,
        takes=1,
        frames=5,
        width_px=64,
        height_px=48,
        passes=passes,
        scene=SCENE,
        engine=choice_of(announced, look=look),
        rules=Rules(slots=("pan", "static"), radius_m=(1.5, 2.5), validity=limits),
    )


def catalog_of(scene: SceneChoice = SCENE) -> Catalog:
    return load_catalog(scene, folder=Path())


def take_of(batch: Batch, **changes: Any) -> TakeSpec:
    """The take of a batch, with other values of its environment."""
    take = plan_take(batch, catalog_of(batch.scene), 0)
    return replace(take, environment=replace(take.environment, **changes))


@contextmanager
def cells_loaded_soon() -> Iterator[None]:
    """Levels of the embedded engine have no cells that load around the player."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(level, "STREAMING_POLL_S", 0.01)
        yield


@contextmanager
def attached(announced: Mapping[str, Any], **more: Any) -> Iterator[EngineDriver]:
    """The driver of an engine that runs, as a batch connects to it."""
    engine = RunningEngine(choice_of(announced, **more), worker=0)
    with closing(engine), cells_loaded_soon():
        yield engine.driver


@contextmanager
def driver_of(announced: Mapping[str, Any], *, load_timeout_s: float = 5.0) -> Iterator[EngineDriver]:
    """The driver of an engine that runs, without the checks of its start, and without a look."""
    commands = UnrealCvLink((HOST, announced["unrealcv_port"]), timeout_s=5.0)
    calls = RemoteControlLink(HOST, announced["remote_control_port"], timeout_s=5.0)
    try:
        yield EngineDriver(commands, calls, load_timeout_s=load_timeout_s, settle_requests=1)
    finally:
        commands.close()
        calls.close()


def filmed(announced: Mapping[str, Any], **more: Any) -> FilmedTake:
    """The take of ``batch_of``, filmed by the engine at these ports."""
    batch = batch_of(announced, **more)
    with attached(announced, look=batch.engine.look) as driver:
        return film_take(driver, batch, take_of(batch))


def members(take: FilmedTake) -> dict[str, bytes]:
    """The files of a take as a data set has them."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "staging").mkdir()
        (Path(folder) / "dataset.json").touch()
        stage_take(folder, take)
        fragment = staged_fragment(store_at(folder), take.row.take)
    with tarfile.open(fileobj=io.BytesIO(fragment + bytes(1024))) as tar:
        return {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
