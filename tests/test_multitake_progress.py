"""The progress line on a real terminal."""

import contextlib
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep

import pytest

from multitake.progress import ProgressLine

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@pytest.fixture(autouse=True)
def terminal_of_60_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")


def shown_on_terminal(show: Callable[[ProgressLine], object]) -> list[str]:
    """The texts that replaced each other on the line of a pseudo-terminal."""
    reading_end, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stream, ProgressLine(stream) as line:
        show(line)
    output = b""
    # Reading from a closed terminal ends with an error.
    with os.fdopen(reading_end, "rb", buffering=0) as written, contextlib.suppress(OSError):
        while part := written.read(4096):
            output += part
    text = _ESCAPE.sub("", output.decode())
    assert text.count("\n") <= 1, "one line, which ends when the block ends"
    return [part for part in text.replace("\n", "").split("\r") if part.strip()]


def test_nothing_is_written_to_a_file_or_pipe(tmp_path: Path) -> None:
    reading_end, writing_end = os.pipe()
    file = tmp_path / "log.txt"
    for stream in (file.open("w"), os.fdopen(writing_end, "w")):
        with stream, ProgressLine(stream) as line:
            line.show("filming", done=1, total=2)
    with os.fdopen(reading_end) as written:
        assert written.read() == file.read_text() == ""


def test_each_text_replaces_the_one_before() -> None:
    texts = ["take 1 of 3", "take [bold]2[/] of 3", "take 3 of 3"]

    def show(line: ProgressLine) -> None:
        for done, text in enumerate(texts, start=1):
            line.show(text, done=done, total=3)

    shown = shown_on_terminal(show)
    assert [part.partition(" |")[0] for part in shown[:3]] == texts
    assert all(part.rstrip().endswith(" left") for part in shown)


def test_the_time_left_follows_from_the_speed() -> None:
    took_s: list[float] = []

    def show(line: ProgressLine) -> None:
        line.show("start", done=0, total=1000)
        before = monotonic()
        line.show("one", done=1, total=1000)
        after = monotonic()
        sleep(0.05)
        took_s.append(monotonic() - after)
        line.show("eleven", done=11, total=1000)
        took_s.append(monotonic() - before)

    shown = shown_on_terminal(show)
    assert "-:--:-- left" in shown[0], "the speed is not known yet"
    (found,) = re.findall(r"eleven \| (\d):(\d\d):(\d\d) left", "".join(dict.fromkeys(shown)))
    left_s = sum(int(part) * unit for part, unit in zip(found, (3600, 60, 1), strict=True))
    shortest_s, longest_s = ((1000 - 11) / 10 * seconds for seconds in took_s)
    assert math.floor(shortest_s) <= left_s <= math.ceil(longest_s)


def test_a_text_wider_than_the_terminal_stays_on_one_line() -> None:
    shown = shown_on_terminal(lambda line: line.show("x" * 500, done=1, total=2))
    assert all(len(part) <= 60 for part in shown) and "xxx" in shown[0]


def test_a_note_is_one_whole_line_on_any_stream(tmp_path: Path) -> None:
    text = f"[red]s3://{'x' * 200}\n:smile:"
    with (tmp_path / "notes").open("w") as stream, ProgressLine(stream) as line:
        line.show("filming", done=1, total=2)
        line.note(text)
    assert (tmp_path / "notes").read_text() == f"note: {text}\n".replace("\n:smile", " :smile")
