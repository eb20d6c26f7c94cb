"""The errors that are shown as one line, shared by all packages."""

from functools import partial


class LineError(Exception):
    """An error that is told in one line: what is wrong, where, and what to do.

    Args:
        what: the problem, e.g. ``"empty range 75..15"``.
        where: the place, e.g. ``"batch.toml: rig.arc_deg"``.
        fix: what to do about it, e.g. ``"put the smaller number first"``.
    """

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        super().__init__(what, where, fix)
        self.what = what
        self.where = where
        self.fix = fix

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), where=self.where, fix=self.fix), (self.what,)

    def __str__(self) -> str:
        return one_line(f"{self.where}: {self.what}; {self.fix}")


class InputError(LineError, ValueError):
    """Invalid input that the user can correct."""


class RunError(LineError, RuntimeError):
    """A run that cannot continue, although its input is valid."""


def one_line(text: object) -> str:
    """The lines of a text, such as the message of a library, as one."""
    return " ".join(line.strip() for line in str(text).splitlines() if line.strip())
