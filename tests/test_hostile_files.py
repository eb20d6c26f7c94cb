"""Damaged and hostile files end in a result or in one line, without much memory (benchmarks/soak_formats)."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from benchmarks.hostile_files import FILE_NAMES, NAMED, mutated, npz_bomb, valid_file
from benchmarks.soak_formats import outcome
from multitake.cli import app
from multitake.errors import InputError
from multitake.input_files import check_unpacked_size, parsing, read_utf8
from multitake.randomness import rng_for
from trajectories.formats import read_trajectories, trajectory_from

_MUTATIONS = 4
# Some need minutes to write, and one of the odd columns stands for the others.
_SLOW = ("parquet many rows", "parquet long lists", "parquet long words", "npz bomb")
_QUICK = [
    name
    for name in NAMED
    if name not in _SLOW and "large" not in name.split() and not (name.startswith("parquet ") and ":" in name)
]
_VALID = {"bom", "toml bom", "parquet no rows", "keyframes far apart"}
_ODD = (
    *("take: null", "take: integers", "take: no text", "take: control", "take: not utf8", "split: long text"),
    *("angle_deg: 1e308", "fps: zero", "fps: inf", "speed_a: -1e9", "subject_m: null", "flags: list of text"),
    *("waypoints_m: list", "waypoints_m: many waypoints", "direction: list of null", "frames: integers"),
    *("position_m: points", "rotation: nested", "width_px: time", "motion: struct", "height_px: 1e308"),
)


def _refusal(path: Path) -> str:
    with pytest.raises(InputError) as refused:
        if path.suffix == ".toml":
            trajectory_from(str(path), frames=9)
        else:
            read_trajectories(path)
    return str(refused.value)


@pytest.mark.parametrize("name", FILE_NAMES)
def test_damaged_files_are_read_or_refused_in_one_line(name: str, tmp_path: Path):
    for number in range(_MUTATIONS):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = valid_file(folder, name)
        mutated(path, rng_for(1, "mutation", name, number))
        assert outcome(path, folder) in ("read", "refused"), number


@pytest.mark.parametrize("name", _QUICK)
def test_a_hostile_file_is_refused_in_one_line(name: str, tmp_path: Path):
    path = NAMED[name](tmp_path)
    if name in _VALID:
        assert outcome(path, tmp_path) == "read"
        return
    message = _refusal(path)
    assert message.startswith(str(path)) and message.isprintable()


@pytest.mark.parametrize("name", _ODD)
def test_an_odd_column_is_named(name: str, tmp_path: Path):
    message = _refusal(NAMED[f"parquet {name}"](tmp_path))
    column = name.partition(":")[0]
    expected = {
        "position_m": "position_m and rotation",
        "take: not utf8": "utf-8",
        "frames: integers": "column frames says 7, and there are 9 poses",
    }
    assert expected.get(name, expected.get(column, f"column {column} has")) in message
    assert message.isprintable()


def test_a_small_npz_that_unpacks_to_much_is_refused(tmp_path: Path):
    assert "unpacks to 320 MB from" in _refusal(npz_bomb(tmp_path, megabytes=320))


def test_the_size_that_may_be_unpacked():
    check_unpacked_size(200_000_000, 10, where="small")
    check_unpacked_size(4_000_000_000, 600_000_000, where="a real table")
    with pytest.raises(InputError, match=r"bomb: unpacks to 9000 MB from 3 MB"):
        check_unpacked_size(9_000_000_000, 3_000_000, where="bomb")


def test_a_text_larger_than_its_limit_is_refused(tmp_path: Path):
    (tmp_path / "a").write_text("123")
    assert read_utf8(tmp_path / "a", fix="x", most_bytes=3) == "123"
    with pytest.raises(InputError, match="larger than 2e-06 MB; divide"):
        read_utf8(tmp_path / "a", fix="x", most_bytes=2)


def test_an_error_is_one_line_whatever_it_contains():
    error = InputError("a\nb" + "x" * 10_000, where="take\r\n\x1b[2J\udcff", fix="c\td")
    assert str(error).isprintable() and len(str(error)) < 1000
    with (
        pytest.raises(InputError, match=r"^here: broken \(first second\); correct it$"),
        parsing("broken", where="here", fix="correct it"),
    ):
        raise RuntimeError("first\nsecond")


@pytest.mark.parametrize(
    "error, reason",
    [
        (FileNotFoundError(2, "No such file", "/a"), "No such file"),
        (MemoryError(), "MemoryError"),
        (KeyError("a"), "'a'"),
    ],
)
def test_the_reason_of_an_error_of_a_parser(error: Exception, reason: str):
    with pytest.raises(InputError) as caught, parsing("broken", where="here", fix="correct it"):
        raise error
    assert str(caught.value) == f"here: broken ({reason}); correct it"


def test_numbers_that_are_too_large_for_arithmetic_give_no_warning(tmp_path: Path):
    path = valid_file(tmp_path, "tum")
    file = next(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else path
    lines = file.read_text().splitlines()
    lines[-1] = " ".join([*lines[-1].split()[:-1], "1e200"])
    file.write_text("\n".join(lines))
    assert "quaternion has length inf, not 1" in _refusal(path)


def test_errors_that_do_not_concern_the_content_are_raised_as_they_are():
    with pytest.raises(MemoryError), parsing("broken", where="here", fix="x", but=(MemoryError,)):
        raise MemoryError


@pytest.mark.parametrize("given", ["source", "target", "page"])
def test_a_loop_of_links_is_one_line(tmp_path: Path, given: str) -> None:
    loop, sound = tmp_path / "loop.html", tmp_path / "sound.parquet"
    loop.symlink_to(loop)
    command = {
        "source": ["trajectories", "convert", loop, tmp_path / "out.npz", "--from", "tum"],
        "target": ["trajectories", "convert", sound, loop, "--from", "tum", "--to", "npz"],
        "page": ["audit", sound, "--report", loop],
    }[given]
    ended = CliRunner().invoke(app, list(map(str, command)))
    assert ended.exit_code == 2 and ended.stderr.count("\n") == 1, ended.output
    assert not isinstance(ended.exception, RuntimeError)
