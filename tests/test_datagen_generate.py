"""``multitake generate`` as a user runs it: processes, Ray, and the embedded engine."""

import io
import json
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import ray
from typer.testing import CliRunner, Result

from datagen.batch import EngineChoice
from datagen.batch_difference import check_same_files
from datagen.batch_file import batch_sha256, load_batch
from datagen.catalog import load_catalog
from datagen.crew import film_crew
from datagen.film_worker import FilmJob
from multitake.cli import app
from multitake.errors import InputError
from shards import open_dataset, store_at, verify_dataset
from shards.staging import staged_fragment

BATCH = """
seed = 3
takes = 4
takes_per_shard = 2
frames = 21
width_px = 64
height_px = 48
[scene]
environments = ["street", "room"]
animations = ["walk", "wave", "dance"]
[rig]
cameras = 3
radius_m = [2.0, 4.0]
[engine]
look = "fast"
"""
WITHOUT_SUN = """
[[environments]]
name = "street"
asset = "/Game/Maps/Street"
caption = "in a street"
radius_m = 5.0
spots = [{ position_m = [0.0, 0.0, 0.0] }]
[[environments]]
name = "eclipse"
asset = "/Game/Maps/Street"
caption = "in the dark"
radius_m = 5.0
sun = "NoSuchSun"
spots = [{ position_m = [0.0, 0.0, 0.0] }]
"""
EMBEDDED = Path(__file__).parent.parent / "datagen" / "catalogs" / "embedded.toml"


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "multitake", *map(str, arguments)]


def multitake(*arguments: str | Path) -> Result:
    """Run the command in this process, on the Ray of ``two_cores`` if that is running."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def two_cores() -> Iterator[None]:
    """A Ray cluster for all runs of this process: starting one takes longer than filming."""
    ray.init(
        address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR
    )
    yield
    ray.shutdown()


def written(folder: Path, text: str, name: str = "batch.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def stored(dataset: Path) -> dict[str, bytes]:
    """Every file of a data set except the lock."""
    return {
        str(path.relative_to(dataset)): path.read_bytes()
        for path in sorted(dataset.rglob("*"))
        if path.is_file() and path.name != ".lock" and path.parent.name != "runs"
    }


@pytest.fixture(scope="module")
def by_one_worker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    run = command("generate", written(folder, BATCH), "--out", folder / "dataset", "--workers", "1")
    ended = subprocess.run(run, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert "4 of 4 takes done (4 filmed in this run)" in ended.stdout
    assert ended.stderr == "", "the progress line is for terminals only"
    return folder / "dataset"


def test_a_generated_data_set_has_no_problem(by_one_worker: Path) -> None:
    assert verify_dataset(by_one_worker) == []
    takes = open_dataset(by_one_worker).takes
    assert [take.take_index for take in takes] == [0, 1, 2, 3]
    poses = pd.concat(pd.read_parquet(path) for path in sorted((by_one_worker / "poses").iterdir()))
    assert len(poses) == 12 and set(poses["camera"]) == {"cam01", "cam02", "cam03"}
    assert list((by_one_worker / "staging").iterdir()) == []


@pytest.mark.usefixtures("two_cores")
def test_two_workers_make_the_same_bytes(by_one_worker: Path, tmp_path: Path) -> None:
    ended = multitake("generate", written(tmp_path, BATCH), "--out", tmp_path / "dataset", "--workers", "2")
    assert ended.exit_code == 0, ended.stderr
    assert stored(tmp_path / "dataset") == stored(by_one_worker)


@pytest.mark.usefixtures("two_cores")
def test_a_killed_run_resumes_to_the_same_bytes(by_one_worker: Path, tmp_path: Path) -> None:
    dataset, batch = tmp_path / "dataset", written(tmp_path, BATCH)
    run = subprocess.Popen(
        command("generate", batch, "--out", dataset, "--workers", "2"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline_s = time.monotonic() + 60
    while not list(dataset.glob("staging/[!.]*.tar")) and not list(dataset.glob("index/*.parquet")):
        assert run.poll() is None and time.monotonic() < deadline_s
        time.sleep(0.002)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert len(list(dataset.glob("index/*.parquet"))) < 2, "killed before the end"
    resumed = multitake("generate", batch, "--out", dataset, "--workers", "1")
    assert resumed.exit_code == 0, resumed.stderr
    assert "4 of 4 takes" in resumed.stdout and "(4 filmed in this run)" not in resumed.stdout
    assert stored(dataset) == stored(by_one_worker)


@pytest.mark.usefixtures("two_cores")
def test_a_damaged_staged_take_is_said_and_filmed_again(by_one_worker: Path, tmp_path: Path) -> None:
    dataset, batch = tmp_path / "dataset", written(tmp_path, BATCH)
    assert multitake("generate", batch, "--out", dataset, "--limit", "1").exit_code == 0
    (staged,) = (dataset / "staging").iterdir()
    content = bytearray(staged.read_bytes())
    content[len(content) // 2] ^= 1
    staged.write_bytes(content)
    resumed = multitake("generate", batch, "--out", dataset)
    assert resumed.exit_code == 0, resumed.stderr
    said = [line for line in resumed.stdout.splitlines() if line.startswith("removed")]
    assert said == [
        f"removed: staging/{staged.name} (damaged, or of another data set); this run films it again"
    ]
    assert stored(dataset) == stored(by_one_worker)


def test_a_terminated_run_is_one_line_and_leaves_nothing_but_staged_takes(tmp_path: Path) -> None:
    """The signal goes to all processes of the run, as from a closed terminal or from ``timeout``."""
    dataset, temporary = tmp_path / "dataset", Path("/tmp", f"m{os.getpid()}")
    temporary.mkdir()
    batch = written(tmp_path, BATCH.replace("takes = 4", "takes = 400"))
    run = subprocess.Popen(
        command("generate", batch, "--out", dataset, "--workers", "1"),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "RAY_TMPDIR": str(temporary)},
    )
    deadline_s = time.monotonic() + 60
    while not list(dataset.glob("staging/[!.]*.tar")):
        assert run.poll() is None and time.monotonic() < deadline_s
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGHUP)
    errors = run.communicate(timeout=30)[1]
    assert (run.returncode, errors) == (129, "multitake: interrupted by SIGHUP; run the same command again\n")
    assert list(temporary.iterdir()) == [], "the files of Ray"
    temporary.rmdir()
    with pytest.raises(ProcessLookupError):
        os.killpg(run.pid, 0)
    assert list(dataset.glob("staging/[!.]*.tar")) or list(dataset.glob("index/*"))


@pytest.mark.usefixtures("two_cores")
def test_a_worker_that_hangs_is_replaced(by_one_worker: Path, tmp_path: Path) -> None:
    batch = load_batch(by_one_worker.parent / "batch.toml")
    job = FilmJob(batch=batch, catalog=load_catalog(batch.scene, folder=tmp_path), dataset=tmp_path)
    (tmp_path / "staging").mkdir()
    shutil.copy(by_one_worker / "dataset.json", tmp_path)
    before = film_workers()
    with film_crew(job, 1, stuck_limit_s=12.0) as crew:
        crew.prepare()
        (worker,) = film_workers() - before
        os.kill(worker, signal.SIGSTOP)
        takes = iter([1])
        ((_, outcome),) = crew.film(lambda _: next(takes, None))
    assert (outcome.reason, outcome.number) == (None, 1)
    assert outcome.attempts == 2, "the worker that was lost, and the one that filmed it"
    (fragment,) = (tmp_path / "staging").iterdir()
    content = staged_fragment(store_at(tmp_path), fragment.stem)
    assert content in (by_one_worker / "shards" / "00000.tar").read_bytes()


def film_workers() -> set[int]:
    """The Ray workers that film; the parent of their raylet is this process."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    parent = {int(pid): int(above) for pid, above, _ in lines}
    workers = {int(pid) for pid, _, name in lines if name.startswith("ray::FilmWorker")}
    return {pid for pid in workers if parent.get(parent[pid]) == os.getpid()}


def test_running_again_changes_nothing(by_one_worker: Path) -> None:
    before = stored(by_one_worker)
    again = multitake("generate", by_one_worker.parent / "batch.toml", "--out", by_one_worker)
    assert again.exit_code == 0 and "(0 filmed in this run)" in again.stdout
    assert stored(by_one_worker) == before
    assert "takes: 4 done, 0 failed, 0 left of 4" in multitake("status", by_one_worker).stdout


def test_a_take_that_was_staged_after_its_shard_was_sealed_is_removed(
    by_one_worker: Path, tmp_path: Path
) -> None:
    dataset = shutil.copytree(by_one_worker, tmp_path / "dataset")
    (dataset / "staging" / f"{open_dataset(dataset).keys[0]}.tar").write_bytes(b"late")
    again = multitake("generate", by_one_worker.parent / "batch.toml", "--out", dataset)
    assert again.exit_code == 0 and "(0 filmed in this run)" in again.stdout
    assert stored(dataset) == stored(by_one_worker)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("seed = 3", "seed = 4"), "seed is 3, not 4"),
        (('look = "fast"', 'look = "shiny"'), "look"),
    ],
)
def test_another_batch_never_changes_the_folder(
    by_one_worker: Path, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    before = stored(by_one_worker)
    other = multitake("generate", written(tmp_path, BATCH.replace(*change)), "--out", by_one_worker)
    assert other.exit_code == 2
    assert len(other.stderr.splitlines()) == 1 and says in other.stderr, other.stderr
    assert stored(by_one_worker) == before


@pytest.mark.usefixtures("two_cores")
def test_takes_that_fail_are_recorded_and_the_others_are_kept(tmp_path: Path) -> None:
    rest = EMBEDDED.read_text().partition("[[characters]]")
    written(tmp_path, WITHOUT_SUN + rest[1] + rest[2], "catalog.toml")
    scene = BATCH.replace('environments = ["street", "room"]', 'catalog = "catalog.toml"')
    batch = written(tmp_path, scene.replace("takes = 4", "takes = 2"))
    dataset = tmp_path / "dataset"
    ended = multitake("generate", batch, "--out", dataset, "--workers", "1")
    assert ended.exit_code == 1, ended.stderr
    failures = [json.loads(line) for line in (dataset / "failures.jsonl").read_text().splitlines()]
    assert [failure["attempts"] for failure in failures] == [1], "another engine would not help"
    assert all("NoSuchSun" in failure["reason"] for failure in failures)
    assert "failed: eclipse_" in ended.stdout and "incomplete shards: 00000;" in ended.stdout
    assert "1 done, 1 failed" in multitake("status", dataset).stdout
    itself = load_batch(dataset / "batch.toml")
    assert batch_sha256(itself) == json.loads((dataset / "dataset.json").read_text())["batch_sha256"]
    assert len(load_catalog(itself.scene, folder=dataset).environments) == 2
    accepted = multitake("generate", batch, "--out", dataset, "--accept-failures")
    assert accepted.exit_code == 1
    assert [take.environment for take in open_dataset(dataset).takes] == ["street"]
    assert verify_dataset(dataset) == []
    before = stored(dataset)
    again = multitake("generate", batch, "--out", dataset)
    assert again.exit_code == 0 and stored(dataset) == before, "failures stay in the file"


@pytest.mark.usefixtures("two_cores")
def test_an_engine_on_fixed_ports_gives_the_same_bytes(tmp_path: Path) -> None:
    """An engine that is started by a command and listens on fixed ports, as Unreal does."""
    # Of geometry an engine is asked by its depth, which the look fast does not have.
    text = BATCH.replace("[engine]", "[rig.validity]\nreject = []\nwarn = []\n[engine]")
    engine = [sys.executable, "-m", "datagen.engine", "--look", "fast"]
    ports = ["--unrealcv-port", "{unrealcv_port}", "--remote-control-port", "{remote_control_port}"]
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        free = [server.getsockname()[1] for server in (one, other)]
    choice = f'kind = "unreal"\nlook = "gt"\ncommand = {json.dumps([*engine, *ports])}\n'
    numbers = f"unrealcv_port = {free[0]}\nremote_control_port = {free[1]}\nsettle_captures = 16\n"
    fixed = text.replace("[engine]\n", f"[engine]\n{choice}{numbers}")
    contents, settling = [], []
    for name, batch in (("own", text), ("fixed", fixed.replace('look = "fast"\n', ""))):
        (tmp_path / name).mkdir()
        dataset = tmp_path / name / "dataset"
        ended = multitake("generate", written(tmp_path / name, batch), "--out", dataset, "--limit", "1")
        assert ended.exit_code == 0, ended.stderr
        (fragment,) = (dataset / "staging").iterdir()
        content = staged_fragment(store_at(dataset), fragment.stem)
        with tarfile.open(fileobj=io.BytesIO(content + bytes(1024))) as tar:
            members = {one.name: tar.extractfile(one).read() for one in tar}  # type: ignore[union-attr]
        (row,) = (members.pop(name) for name in list(members) if name.endswith(".take.json"))
        contents.append(members)
        settling.append(json.loads(row)["take"]["settling"])
    assert contents[0] == contents[1]
    assert settling[0] is None
    assert settling[1] == {
        "settled_after": 0,
        "warm_up": 2,
        "change_limit": 0.005,
        "checked_images": 1,
        "largest_change": 0.0,
        "drift": 0.0,
    }


@pytest.mark.usefixtures("two_cores")
def test_an_engine_that_lists_no_assets_is_a_note(tmp_path: Path) -> None:
    """Uncooked assets are scanned on demand (Epic: asset registry), so an empty answer stops nothing."""
    text = BATCH.replace("[engine]", "[rig.validity]\nreject = []\nwarn = []\n[engine]").replace("fast", "gt")
    engine = [sys.executable, "-m", "datagen.engine", "--look", "fast", "--faults", "empty-search"]
    ports = ["--unrealcv-port", "{unrealcv_port}", "--remote-control-port", "{remote_control_port}"]
    batch = written(tmp_path, f'{text}kind = "unreal"\ncommand = {json.dumps([*engine, *ports])}\n')
    ended = multitake("generate", batch, "--out", tmp_path / "dataset", "--limit", "1")
    assert ended.exit_code == 0, ended.output
    assert "note: the engine lists no assets; they are checked when they are loaded" in ended.stdout
    assert "1 of 4 takes done" in ended.stdout


@pytest.mark.usefixtures("two_cores")
def test_levels_that_no_worker_has_opened_are_a_note(by_one_worker: Path, tmp_path: Path) -> None:
    """Until its worker is ready: one that gets no place on a machine opens nothing."""
    batch = load_batch(by_one_worker.parent / "batch.toml")
    batch = replace(batch, engine=EngineChoice(kind="unreal", look="gt", command=("true",)))
    job = FilmJob(batch=batch, catalog=load_catalog(batch.scene, folder=tmp_path), dataset=tmp_path)
    with film_crew(job, 1) as crew:
        assert crew.notes == ("levels that no worker opened before filming: street, room",)


@pytest.mark.usefixtures("two_cores")
def test_errors_name_the_folder_or_the_engine(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "holiday.jpg").write_bytes(b"")
    other = multitake("generate", written(tmp_path, BATCH), "--out", foreign)
    assert other.exit_code == 2 and "the folder is not empty and not a data set" in other.stderr
    unwritable = multitake("generate", written(tmp_path, BATCH), "--out", "/proc/dataset")
    assert unwritable.exit_code == 2 and "/proc/dataset: cannot be written" in unwritable.stderr
    silent = '[engine]\nkind = "unreal"\nlook = "gt"\ncommand = ["sleep", "60"]\n'
    silent += "unrealcv_port = 1\nstart_timeout_s = 0.5\n"
    batch = written(tmp_path, BATCH.partition("[engine]")[0] + silent)
    silence = multitake("generate", batch, "--out", tmp_path / "silence")
    assert silence.exit_code == 2 and "no UnrealCV server at 127.0.0.1:1" in silence.stderr
    shiny = multitake("generate", written(tmp_path, BATCH.replace("fast", "shiny")), "--out", tmp_path / "s")
    assert shiny.exit_code == 2 and "shiny" in shiny.stderr and len(shiny.stderr.splitlines()) == 1


def test_a_batch_file_of_a_data_set_whose_engine_is_no_table_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "batch.toml").write_text("engine = 3")
    with pytest.raises(InputError, match="data set of another batch: engine is 3"):
        check_same_files(
            store_at(tmp_path), {"batch.toml": "[engine]\nlook = 'gt'"}, what="batch", fix="give another"
        )
