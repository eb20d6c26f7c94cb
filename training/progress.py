"""One progress line on a terminal: step, loss, time left."""

import time
from typing import TextIO


class StepLine:
    """Writes over one line of a terminal after every step; says nothing where ``stream`` is none."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._first_step: int | None = None
        self._began_s = 0.0

    def __enter__(self) -> "StepLine":
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_terminal and self._first_step is not None:
            print(file=self._stream)

    def __call__(self, step: int, steps: int, loss: float) -> None:
        """Show step ``step`` of ``steps``."""
        if not self._is_terminal:
            return
        now_s = time.monotonic()
        if self._first_step is None:
            self._first_step, self._began_s = step, now_s
        paced = step - self._first_step
        left = f"{(now_s - self._began_s) / paced * (steps - step):.0f} s left" if paced else "? left"
        line = f"step {step} of {steps} | loss {loss:.3f} | {left}"
        print(f"\r\x1b[K{line}", end="", file=self._stream, flush=True)
