"""One progress line on a terminal, and notes above it."""

from typing import TextIO

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeRemainingColumn

from .errors import one_line


class ProgressLine:
    """A line that is written over, with the time left at its end; silent if ``stream`` is not a terminal.

    Use it as a context manager.
    """

    def __init__(self, stream: TextIO) -> None:
        columns = (
            TextColumn("{task.description} |", markup=False),
            TimeRemainingColumn(),
            TextColumn("left"),
        )
        self._progress = Progress(
            *columns, console=Console(file=stream), auto_refresh=False, disable=not stream.isatty()
        )
        self._line = self._progress.add_task("", visible=False)

    def __enter__(self) -> "ProgressLine":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def note(self, text: str) -> None:
        """Print a line that stays, also if ``stream`` is not a terminal."""
        note = f"note: {one_line(text)}"
        self._progress.console.print(note, markup=False, highlight=False, emoji=False, soft_wrap=True)

    def show(self, text: str, *, done: int, total: int) -> None:
        """Show ``text``; the time left follows from how fast ``done`` comes near ``total``."""
        self._progress.update(
            self._line, description=text, completed=done, total=total, visible=True, refresh=True
        )
