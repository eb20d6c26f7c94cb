"""The front door: one clear line and exit code 2 for bad input, 1 for findings, 0 for done."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from multitake.cli import app
from multitake.errors import InputError

RECIPE = Path(__file__).parent.parent / "examples" / "train-tiny.toml"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(result: Result) -> str:
    """The one line a refused user sees."""
    assert result.exit_code == 2, result.output
    assert not result.exception or isinstance(result.exception, SystemExit), result.exception
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("multitake: "), result.stderr
    return lines[0]


def test_verify_passes_whole_data_and_names_a_truncated_shard(tiny_dataset: Path, tmp_path: Path) -> None:
    assert run("verify", tiny_dataset).exit_code == 0
    broken = tmp_path / "broken"
    shutil.copytree(tiny_dataset, broken)
    shard = broken / "shards" / "00000.tar"
    shard.write_bytes(shard.read_bytes()[:-3000])
    found = run("verify", broken)
    assert found.exit_code == 1
    assert "shards/00000.tar" in found.stdout


def test_peek_shows_the_first_take_or_the_one_named(tiny_dataset: Path, tmp_path: Path) -> None:
    shown = run("peek", tiny_dataset, "--out", tmp_path)
    assert shown.exit_code == 0
    assert all(Path(line).stat().st_size for line in shown.stdout.split())
    assert "nobody_000000" in refused(run("peek", tiny_dataset, "nobody_000000", "--out", tmp_path))


def test_status_counts(tiny_dataset: Path, tmp_path: Path) -> None:
    assert "takes: 3 done, 0 failed, 0 left of 3" in run("status", tiny_dataset).stdout
    assert "no data set here" in refused(run("status", tmp_path))


def test_plan_prints_takes_and_draws_rigs(tmp_path: Path) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text("seed = 1\ntakes = 30\n")
    planned = run("plan", batch, "--limit", "3", "--report", tmp_path / "plan.html")
    assert planned.exit_code == 0
    assert "... and 27 more" in planned.stdout
    assert "30 takes x 10 cameras x 81 frames" in planned.stdout and "estimate" in planned.stdout
    assert "<canvas" in (tmp_path / "plan.html").read_text()


def test_plan_says_how_many_draws_stand_where_limits_reject_some(tmp_path: Path) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text('seed = 1\ntakes = 12\n[rig.validity]\nreject = ["below_ground"]\n')
    lines = run("plan", batch).stdout.splitlines()
    (tilt,) = [line for line in lines if line.startswith("tilt: ")]
    assert tilt == "tilt: 12 of 12 draws stand (100.0%)"
    assert any("below_ground" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plan", "nowhere.toml"), "nowhere.toml: cannot be read"),
        (("generate", "nowhere.toml", "--out", "data"), "nowhere.toml: cannot be read"),
        (("verify", "nowhere"), "nowhere"),
        (("audit", "nowhere.parquet"), "nowhere.parquet"),
        (("audit", "nowhere.parquet", "--report", "audit.json"), "audit.json: the JSON file would take"),
        (("train", RECIPE, "--data", "nowhere", "--out", "run"), "nowhere"),
        (("engine", "serve", "--look", "shiny"), "shiny"),
    ],
)
def test_bad_input_is_one_line(
    arguments: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert says in refused(run(*arguments))
    assert list(tmp_path.iterdir()) == [], "nothing half-written"


def test_workers_are_counted_from_one(tmp_path: Path) -> None:
    batch = tmp_path / "batch.toml"
    batch.write_text("seed = 1\ntakes = 1\n")
    assert "--workers: 0 workers" in refused(
        run("generate", batch, "--out", tmp_path / "d", "--workers", "0")
    )


@pytest.mark.parametrize("verb", [("plan", "--limit"), ("generate", "--out", "d", "--limit")])
def test_limits_count_from_zero(verb: tuple[str, ...]) -> None:
    refusal = run(*verb, "-1", "nowhere.toml")
    assert refusal.exit_code == 2 and "cannot be read" not in refusal.stderr, "refused before it is read"


@pytest.mark.parametrize("line", ["nonsense", "plan", "trajectories sample paper --rigs 0 --out x.parquet"])
def test_a_command_line_that_makes_no_sense_gets_one_line(line: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "multitake", *line.split()]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1 and ended.stderr.startswith("multitake: ")


def test_debug_shows_where_it_came_from(tmp_path: Path) -> None:
    shown = run("--debug", "plan", tmp_path / "nowhere.toml")
    assert isinstance(shown.exception, InputError)
