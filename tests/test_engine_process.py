"""The engine as a process: unix socket, files of captures, log, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import unrealcv
from engine_child import Engine, rgb, running

from datagen import film_worker
from datagen.batch import Batch, EngineChoice
from datagen.catalog import load_catalog
from datagen.drive import EngineDriver
from datagen.engine.serve import serve
from datagen.film_worker import FilmJob, FilmWorker
from multitake.errors import InputError


def refused(**options: Path) -> str:
    """The line of an engine that refuses its options."""
    with pytest.raises(InputError) as refusal:
        serve(look="fast", **options)
    return str(refusal.value)


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captures")
    (folder / "inside").mkdir()
    (folder / "away").symlink_to(folder.parent)
    (folder / "away.png").symlink_to(folder.parent / "other.png")
    return folder


@pytest.fixture(scope="module")
def engine(captures: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("engine")
    path = folder / "s"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    options = ["--unrealcv-socket", str(path), "--captures", str(captures), "--log", str(folder / "log")]
    with running("fast", *options) as engine:
        engine.run("vset /camera/0/size 64 48")
        yield engine
    assert not path.exists()


@pytest.mark.parametrize("name", ["x.png", "inside/x.bmp", "new/x.PNG", "inside/../y.png"])
def test_a_capture_is_written_below_its_folder(engine: Engine, captures: Path, name: str) -> None:
    sent, said = engine.ask(f"vget /camera/0/lit {name[-3:].lower()}", f"vget /camera/0/lit {name}")
    assert said == name and (captures / name).read_bytes() == sent
    assert engine.ask(f"vget /camera/0/lit {captures}/{name}") == [f"{captures}/{name}"]
    assert not list(captures.rglob("*.partial"))


@pytest.mark.parametrize("name", ["../x.png", "/tmp/x.png", "away/x.png", "away.png", "inside/../../x.bmp"])
def test_nothing_is_written_elsewhere(engine: Engine, captures: Path, name: str) -> None:
    before = sorted(captures.parent.rglob("*"))
    for command in (f"vget /camera/0/lit {name}", f"vget /camera/0/seg {name}", f"vget /screenshot {name}"):
        assert engine.ask(command) == [f"error Filename {name} is outside the folder of captures"]
    assert sorted(captures.parent.rglob("*")) == before


def test_a_file_that_cannot_be_written_is_an_error(engine: Engine, captures: Path) -> None:
    (captures / "taken.png").mkdir()
    assert str(engine.ask("vget /camera/0/lit taken.png")[0]).startswith("error IsADirectoryError")
    log = Path(engine.announced["unrealcv_socket"]).with_name("log")
    assert "Traceback" in log.read_text()
    assert engine.ask("vget /camera/0/lit x.exr") == ["error Invalid filename type, filename x.exr"]
    assert engine.ask("vget /camera/0/lit x.npy") == ["error Invalid filename type, filename x.npy"]


def test_the_client_of_the_package_works_over_the_unix_socket(engine: Engine) -> None:
    client = unrealcv.Client(engine.announced["unrealcv_socket"], "unix")
    assert client.connect()
    assert rgb(client.request("vget /camera/0/lit bmp")).shape == (48, 64, 3)
    assert engine.ask("vget /unrealcv/echo here") == ["here"]
    client.disconnect()


def test_messages_go_to_the_log(engine: Engine) -> None:
    engine.run("vset /action/game/level Atlantis")
    log = Path(engine.announced["unrealcv_socket"]).with_name("log")
    assert "Atlantis" in log.read_text()


def test_paths_that_cannot_be_used_are_one_line(engine: Engine, tmp_path: Path) -> None:
    long = tmp_path / ("a" * 110)
    file = tmp_path / "file"
    file.write_text("kept")
    assert "too long for a socket" in refused(unrealcv_socket=long)
    assert "is not a socket" in refused(unrealcv_socket=file) and file.read_text() == "kept"
    assert "is listening" in refused(unrealcv_socket=Path(engine.announced["unrealcv_socket"]))
    assert "--unrealcv-socket" in refused(unrealcv_socket=tmp_path / "none" / "s")
    assert "--captures" in refused(captures=file)
    assert "none/log" in refused(log=tmp_path / "none" / "log")
    assert engine.ask("vget /unrealcv/echo here") == ["here"]


def test_a_signal_ends_the_engine_and_removes_its_socket(tmp_path: Path) -> None:
    path = tmp_path / "s"
    command = [sys.executable, "-m", "datagen.engine", "--look", "fast", "--unrealcv-socket", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        assert json.loads(process.stdout.readline())["unrealcv_socket"] == str(path) and path.is_socket()
        process.terminate()
        assert process.wait(timeout=10) == 128 + signal.SIGTERM
        assert process.stderr.read() == "" and not path.exists()


def test_the_command_serves_on_free_ports(tmp_path: Path) -> None:
    options = ["--unrealcv-port", "0", "--remote-control-port", "0", "--unrealcv-socket", str(tmp_path / "s")]
    command = [sys.executable, "-m", "multitake", "engine", "serve", "--look", "fast", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        announced = json.loads(process.stdout.readline())
        assert announced["unrealcv_port"] > 0 and announced["remote_control_port"] > 0
        process.terminate()
        process.wait(timeout=10)
    assert not (tmp_path / "s").exists()


def children(process: int) -> set[int]:
    """The child processes of all threads of a process."""
    lists = Path(f"/proc/{process}/task").glob("*/children")
    return {int(child) for one in lists for child in one.read_text().split()}


_PARENT = """
from datagen.batch import EngineChoice
from datagen.drive import RunningEngine
import time
engine = RunningEngine(EngineChoice(look="fast"), worker=0)
print("started", flush=True)
time.sleep(60)
"""


def test_the_engine_ends_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout and parent.stdout.readline() == "started\n"
        (engine,) = children(parent.pid)
        parent.kill()
    deadline_s = time.monotonic() + 5
    while _runs(engine) and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not _runs(engine)


def test_a_take_that_fails_tells_how_its_engine_ended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    batch = Batch(seed=1, takes=1, frames=5, width_px=64, height_px=48, engine=EngineChoice(look="fast"))
    catalog = load_catalog(batch.scene, folder=tmp_path)
    worker = FilmWorker(FilmJob(batch=batch, catalog=catalog, dataset=tmp_path), 0)

    def film_and_kill(driver: EngineDriver, *_: object) -> None:
        driver.unrealcv.ask("vset /action/game/level Atlantis")
        (engine,) = children(os.getpid()) - before
        os.kill(engine, signal.SIGKILL)
        driver.set_time(0, 0.0)

    before = children(os.getpid())
    monkeypatch.setattr(film_worker, "film_take", film_and_kill)
    monkeypatch.setattr(film_worker, "_ATTEMPTS", 1)
    reason = worker.film(0).reason
    assert reason and "the engine ended with SIGKILL; its log ends: no level Atlantis" in reason


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"
