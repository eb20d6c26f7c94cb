"""The page of the package: its example runs, and it lists all rules."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

import trajectories
from trajectories import MOTIONS
from trajectories.sampling import INFERRED, Rules

_PAGE = (Path(trajectories.__file__).parent / "README.md").read_text("utf-8")


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    example = re.search(r"```python\n(.*?)```", _PAGE, re.DOTALL)
    assert example
    exec(example[1], {})
    assert (tmp_path / "clips.parquet").stat().st_size > 100_000
    assert 'data-verdict="pass"' in (tmp_path / "audit.html").read_text("utf-8")


def test_every_rule_is_in_the_table_with_its_origin():
    rows = [line for line in _PAGE.split("## Rules")[1].split("##")[0].splitlines() if line.startswith("| `")]
    rules = {name: row for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert set(rules) == {field.name for field in fields(Rules)} - {"name"}
    for name, row in rules.items():
        assert ("*inferred*" in row) == (name in INFERRED), name


def test_every_motion_is_explained():
    for motion in MOTIONS:
        assert f"`{motion}`" in _PAGE
