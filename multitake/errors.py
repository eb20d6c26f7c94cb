"""The errors that are shown as one line, shared by all packages."""

import re
from functools import partial

_MOST_CHARACTERS = 600


class LineError(Exception):
    """An error that is shown as one line: what is wrong, where, and what to do.

    Each of them is one line without control characters, whatever names and values of the input it contains.

    Args:
        what: the problem, e.g. ``"empty range 75..15"``.
        where: the place, e.g. ``"batch.toml: rig.arc_deg"``.
        fix: what to do about it, e.g. ``"put the smaller number first"``.
    """

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        # Messages of other libraries, and names in the input, can have several lines and control characters.
        self.what, self.where, self.fix = map(one_line, (what, where, fix))
        super().__init__(self.what, self.where, self.fix)

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), where=self.where, fix=self.fix), (self.what,)

    def __str__(self) -> str:
        what = self.what if len(self.what) <= _MOST_CHARACTERS else f"{self.what[:_MOST_CHARACTERS]}..."
        return f"{self.where}: {what}; {self.fix}"


class InputError(LineError, ValueError):
    """Invalid input that the user can correct."""


class RunError(LineError, RuntimeError):
    """A run that cannot continue, although its input is valid."""


def one_line(text: object) -> str:
    """A text, such as the message of a library, as one line without control characters."""
    line = re.sub(r"\s*[\r\n]\s*", " ", str(text).strip())
    if line.isprintable():
        return line
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
