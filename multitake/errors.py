"""The one error for invalid input, shared by all packages."""

from functools import partial


class InputError(ValueError):
    """Input that the user can correct: what is wrong, where, and what to do; each is one line.

    Args:
        what: the problem, e.g. ``"empty range 75..15"``.
        where: the place, e.g. ``"batch.toml: rig.arc_deg"``.
        fix: what to do about it, e.g. ``"put the smaller number first"``.
    """

    def __init__(self, what: str, *, where: str, fix: str) -> None:
        # Messages of other libraries can have several lines.
        self.what, self.where, self.fix = (
            " ".join(map(str.strip, text.splitlines())) for text in (what, where, fix)
        )
        super().__init__(self.what, self.where, self.fix)

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), where=self.where, fix=self.fix), (self.what,)

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}"


def _one_line(text: str) -> str:
    return " ".join(map(str.strip, text.splitlines()))
