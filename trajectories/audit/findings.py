"""One observation about a set: what every check gives."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One observation: an ``error`` breaks a rule, a ``note`` is information.

    ``code`` is a key of ``CHECKS`` for errors; ``where`` is a take, or ``take/camera``.
    """

    severity: Literal["error", "note"]
    code: str
    what: str
    where: str


def error(code: str, what: str, where: str) -> Finding:
    """A finding that breaks a rule."""
    return Finding(severity="error", code=code, what=what, where=where)
