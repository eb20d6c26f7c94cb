"""UnrealCV's command templates: how one becomes a pattern, and which one a text means.

Matching follows UnrealCV 5.2: the specifiers' regular expressions, a search anchored at the end only, the
same first word, newest template first. So `1e-05` is refused here as it is by a real Unreal.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..content.unreal_space import Triple
from ..render.renderer import View
from ..world.world import WorldError

_SPECIFIERS = {"[str]": r"([^ ]*)", "[uint]": r"(\d*)", "[float]": r"([-+]?\d*[.]?\d+)"}


@dataclass(frozen=True, kw_only=True)
class Capture:
    """A reply that waits for the next rendered frame."""

    view: View
    encode: Callable[[np.ndarray], bytes]


Reply = str | bytes | Capture
Handler = Callable[..., Reply]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A template with its compiled pattern. `stages` says that it may change what cameras see."""

    template: str
    pattern: re.Pattern[str]
    handler: Handler
    description: str
    stages: bool


class Dispatcher:
    """The bound templates in order."""

    def __init__(self) -> None:
        self.commands: list[Command] = []

    def bind(self, template: str, handler: Handler, description: str, stages: bool = False) -> None:
        """Bind a handler that takes the template's arguments as texts and gives the reply."""
        pattern = re.escape(template).replace(r"\ ", " ")
        for specifier, expression in _SPECIFIERS.items():
            pattern = pattern.replace(re.escape(specifier), expression)
        compiled = re.compile(pattern + "[ ]*$", re.ASCII)
        self.commands.append(
            Command(
                template=template, pattern=compiled, handler=handler, description=description, stages=stages
            )
        )

    def act(self, template: str, action: Callable[..., None], description: str, stages: bool = True) -> None:
        """Bind an action whose reply is `ok`."""

        def handler(*arguments: str) -> str:
            action(*arguments)
            return "ok"

        self.bind(template, handler, description, stages)

    def match(self, text: str) -> tuple[Command | None, tuple[str, ...]]:
        """The command that `text` means and its arguments, or `None`."""
        verb = text.split(" ", 1)[0]
        for command in reversed(self.commands):
            if command.template.split(" ", 1)[0] == verb and (found := command.pattern.search(text)):
                return command, found.groups()
        return None, ()


def uint(text: str) -> int:
    """A `[uint]` argument; the specifier also matches nothing, which is no number."""
    if not text:
        raise WorldError("Argument Invalid")
    return int(text)


def floats(texts: tuple[str, ...]) -> Triple:
    """Three `[float]` arguments."""
    x, y, z = (float(text) for text in texts)
    return (x, y, z)


def triple(values: Triple) -> str:
    """Three numbers as UnrealCV prints them."""
    return " ".join(f"{value:.3f}" for value in values)
