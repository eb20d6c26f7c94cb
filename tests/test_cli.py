"""The command line: one clear line and exit code 2 for invalid input, 1 for findings, 0 for success."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from conftest import write_tiny_dataset
from typer.testing import CliRunner, Result

from multitake.cli import app
from multitake.errors import InputError
from shards import FilmedTake
from trajectories import ClipTable, read_clips


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def error_line(result: Result) -> str:
    """The one line of an invalid command."""
    assert result.exit_code == 2, result.output
    assert not result.exception or isinstance(result.exception, SystemExit), result.exception
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("multitake: "), result.stderr
    return lines[0]


def test_verify_names_a_truncated_shard(tiny_dataset: Path, tmp_path: Path) -> None:
    assert run("verify", tiny_dataset).exit_code == 0
    broken = tmp_path / "broken"
    shutil.copytree(tiny_dataset, broken)
    shard = broken / "shards" / "00000.tar"
    shard.write_bytes(shard.read_bytes()[:-3000])
    found = run("verify", broken)
    assert found.exit_code == 1
    assert "shards/00000.tar" in found.stdout


def test_peek_shows_the_first_take_or_a_given_one(tiny_dataset: Path, tmp_path: Path) -> None:
    shown = run("peek", tiny_dataset, "--out", tmp_path)
    assert shown.exit_code == 0
    assert all(Path(line).stat().st_size for line in shown.stdout.split())
    assert "nobody_000000" in error_line(run("peek", tiny_dataset, "nobody_000000", "--out", tmp_path))


def test_status_counts(tiny_dataset: Path, tmp_path: Path) -> None:
    assert "takes: 3 done, 0 failed, 0 left of 3" in run("status", tiny_dataset).stdout
    assert "not a data set" in error_line(run("status", tmp_path))


def test_plan_prints_takes_and_draws_rigs(tmp_path: Path) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text('seed = 1\ntakes = 30\n[scene]\nenvironments = ["street", "room"]\n')
    planned = run("plan", batch, "--limit", "3", "--report", tmp_path / "plan.html")
    assert planned.exit_code == 0
    assert "... and 27 more" in planned.stdout
    assert "30 takes x 10 cameras x 81 frames" in planned.stdout and "estimate" in planned.stdout
    assert "<canvas" in (tmp_path / "plan.html").read_text()


def test_plan_counts_accepted_paths_if_limits_reject_some(tmp_path: Path) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text(
        'seed = 1\ntakes = 12\n[scene]\nenvironments = ["street", "room"]\n'
        '[rig.validity]\nreject = ["below_ground"]\n'
    )
    lines = run("plan", batch).stdout.splitlines()
    (tilt,) = [line for line in lines if line.startswith("tilt: ")]
    assert tilt == "tilt: 12 of 12 paths accepted (100.0%)"
    assert any("below_ground" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plan", "nowhere.toml"), "nowhere.toml: cannot be read"),
        (("generate", "nowhere.toml", "--out", "data"), "nowhere.toml: cannot be read"),
        (("verify", "nowhere"), "nowhere"),
        (("audit", "nowhere.parquet"), "nowhere.parquet"),
        (("audit", "nowhere.parquet", "--report", "audit.json"), "nowhere.parquet"),
        (("engine", "serve", "--look", "shiny"), "shiny"),
    ],
)
def test_invalid_input_is_one_line(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in error_line(run(*arguments))
    assert list(tmp_path.iterdir()) == [], "nothing is written"


def test_there_is_at_least_one_worker(tmp_path: Path) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text("seed = 1\ntakes = 1\n")
    assert "--workers: must be at least 1, got 0" in error_line(
        run("generate", batch, "--out", tmp_path / "d", "--workers", "0")
    )


def test_there_are_not_more_workers_than_cores_allow(tmp_path: Path) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text("seed = 1\ntakes = 1\n")
    generate = ("generate", batch, "--out", tmp_path / "d")
    assert "--workers: 9000 workers" in error_line(run(*generate, "--workers", "9000"))
    assert not (tmp_path / "d").exists()


def test_a_dead_ray_address_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text("seed = 1\ntakes = 1\n")
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    assert "RAY_ADDRESS=127.0.0.1:1: no Ray" in error_line(run("generate", batch, "--out", tmp_path / "d"))
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("verb", [("plan", "--limit"), ("generate", "--out", "d", "--limit")])
def test_limits_are_not_negative(verb: tuple[str, ...]) -> None:
    ended = run(*verb, "-1", "nowhere.toml")
    assert ended.exit_code == 2 and "cannot be read" not in ended.stderr, "checked before the file is read"


@pytest.mark.parametrize(
    "line",
    [
        *("nonsense", "plan", "trajectories sample paper --rigs 0 --out x.parquet"),
        *("peek DATASET --out ''", "peek DATASET --out s3://bucket/x", "catalog preview --out memory://x"),
        *("trajectories sample paper --rigs 1 --out ''", "trajectories convert x.npz s3://bucket/x.npz"),
        "status DATASET --page ''",
    ],
)
def test_an_invalid_command_line_gives_one_line(line: str, tiny_dataset: Path, tmp_path: Path) -> None:
    words = shlex.split(line.replace("DATASET", str(tiny_dataset)))
    command = [sys.executable, "-m", "multitake", *words]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1 and ended.stderr.startswith("multitake: ")
    assert not list(tmp_path.iterdir()), "nothing is made"


def test_outputs_have_their_defaults(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("peek", tiny_dataset).exit_code == 0
    assert run("audit", tiny_dataset).stdout.splitlines()[-1] == "audit.html"
    assert {"audit.html", "audit.json"} < {path.name for path in tmp_path.iterdir()}


def test_a_page_in_a_folder_that_does_not_exist_is_refused(tiny_dataset: Path, tmp_path: Path) -> None:
    line = error_line(run("status", tiny_dataset, "--page", tmp_path / "new" / "x.html"))
    assert f"there is no folder {tmp_path / 'new'}; make it" in line
    assert not list(tmp_path.iterdir())


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    shown = run("--debug", "plan", tmp_path / "nowhere.toml")
    assert isinstance(shown.exception, InputError)


@pytest.fixture
def in_memory(tiny_dataset: Path) -> Iterator[str]:
    """The tiny data set at a memory:// address."""
    memory = fsspec.filesystem("memory")
    for path in tiny_dataset.rglob("*"):
        if path.is_file():
            memory.pipe_file(f"/audited/{path.relative_to(tiny_dataset)}", path.read_bytes())
    yield "memory://audited"
    memory.rm("/audited", recursive=True)


def test_audit_reads_any_address_that_verify_reads(
    in_memory: str, tiny_dataset: Path, tmp_path: Path
) -> None:
    assert run("verify", in_memory).exit_code == 0
    here, there = (
        run("audit", source, "--report", tmp_path / f"{name}.html")
        for name, source in (("here", tiny_dataset), ("there", in_memory))
    )
    assert here.exit_code == there.exit_code == 1
    assert here.stdout.splitlines()[:-1] == there.stdout.splitlines()[:-1]
    assert there.stdout.startswith("3 takes, 9 clips, ")


def test_convert_reads_the_sealed_shards_of_any_address(
    in_memory: str, tiny_takes: list[FilmedTake], tmp_path: Path
) -> None:
    done = run("trajectories", "convert", in_memory, tmp_path / "clips.parquet")
    assert done.exit_code == 0 and done.stdout.startswith("9 trajectories")
    clips = read_clips(tmp_path / "clips.parquet")
    assert list(clips) == list(ClipTable.concatenated([take.clips for take in tiny_takes]))
    root = write_tiny_dataset(tmp_path / "dataset", tiny_takes)
    (root / "index" / "00000.parquet").unlink()
    (root / "poses" / "7.parquet").write_bytes((root / "poses" / "00000.parquet").read_bytes())
    done = run("trajectories", "convert", root, tmp_path / "clips.npz")
    assert done.stdout.startswith("3 trajectories")


def test_output_may_be_cut_off_by_its_reader(tmp_path: Path) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text("seed = 1\ntakes = 3000\nframes = 2\n")
    plan = f"{sys.executable} -m multitake plan {batch} --limit 3000 | head -n 1"
    ended = subprocess.run(plan, shell=True, capture_output=True, text=True, timeout=60)
    assert ended.stdout.count("\n") == 1 and ended.stderr == ""


def test_audit_counts_the_takes_of_sealed_shards_only(tiny_takes: list[FilmedTake], tmp_path: Path) -> None:
    root = write_tiny_dataset(tmp_path / "dataset", tiny_takes)
    (root / "index" / "00000.parquet").unlink()
    audited = run("audit", root, "--report", tmp_path / "audit.html")
    assert audited.stdout.startswith("1 take, 3 clips, ")
    assert "unknown take" in error_line(run("peek", root, "room_000000", "--out", tmp_path))
    assert "1 of 3 planned takes" in run("verify", root).stdout
    (root / "index" / "00001.parquet").unlink()
    assert "no shard is sealed" in error_line(run("audit", root, "--report", tmp_path / "none.html"))


def test_audit_fails_on_the_classes_that_are_asked_for(tmp_path: Path) -> None:
    clips, page = tmp_path / "clips.parquet", tmp_path / "audit.html"
    run("trajectories", "sample", "paper", "--rigs", "3", "--out", clips)
    sound = run("audit", clips, "--report", page, "--fail-on", "leaks,copies", "--fail-on", "near-duplicates")
    assert sound.exit_code == 0
    strict = run("audit", clips, "--report", page, "--fail-on", "leaks, too-few")
    assert strict.exit_code == 1
    assert "failed on too-few: " in strict.stdout and "verdict: fail" in strict.stdout
    unknown = error_line(run("audit", clips, "--report", page, "--fail-on", "dust"))
    assert "unknown class of findings 'dust'; give one or more of leaks, copies" in unknown


@pytest.mark.parametrize("report", ["clips.parquet", "x.json", "folder"])
def test_audit_never_replaces_its_source(report: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    clips = tmp_path / "clips.parquet"
    assert run("trajectories", "sample", "paper", "--rigs", "2", "--out", clips).exit_code == 0
    content = clips.read_bytes()
    assert error_line(run("audit", clips, "--report", tmp_path / report))
    assert clips.read_bytes() == content
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clips.parquet", "folder"]
