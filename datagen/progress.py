"""One progress line on a terminal: takes done / failed / left, camera-frames per second, time left."""

import time
from typing import TextIO

from .crew import TakeOutcome


class ProgressLine:
    """Writes over one line of a terminal; says nothing where ``stream`` is none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._began_s = time.monotonic()
        self._done = self._failed = self._left = self._filmed = self._frames_per_take = 0

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_terminal:
            print(file=self._stream)

    def start(self, *, already_done: int, to_film: int, frames_per_take: int) -> None:
        """Engines are up; filming begins."""
        self._began_s = time.monotonic()
        self._done, self._left, self._frames_per_take = already_done, to_film, frames_per_take
        self._show()

    def take_ended(self, outcome: TakeOutcome) -> None:
        """One take is committed or set aside."""
        self._left -= 1
        if outcome.reason is None:
            self._done, self._filmed = self._done + 1, self._filmed + 1
        else:
            self._failed += 1
        self._show()

    def _show(self) -> None:
        if not self._is_terminal:
            return
        seconds_s = max(time.monotonic() - self._began_s, 1e-6)
        ended = self._filmed + self._failed
        pace = (
            f"{self._filmed * self._frames_per_take / seconds_s:.0f} camera-frames/s" if ended else "filming"
        )
        left = clock(seconds_s / ended * self._left) if ended else "?"
        line = f"takes {self._done} done, {self._failed} failed, {self._left} left | {pace} | {left} left"
        print(f"\r\x1b[K{line}", end="", file=self._stream, flush=True)


def clock(seconds_s: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, seconds = divmod(round(seconds_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
