"""UnrealCV's command templates, and how a text is matched to one of them.

Matching follows UnrealCV 5.2: the specifiers' regular expressions, a search that is anchored only at the end,
the same first word, newest template first. So ``1e-05`` is refused here as by a real Unreal.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from ..content.unreal_space import Triple
from ..render.renderer import View
from ..world.actors import WorldError

LARGEST_NUMBER = 1e9
_MOST_DIGITS = 9
_SPECIFIERS = {"[str]": r"([^ ]*)", "[uint]": r"(\d*)", "[float]": r"([-+]?\d*[.]?\d+)"}


# Of one image, or of the images of all views of a capture.
File = bytes | memoryview
Encode = Callable[..., File]


@dataclass(frozen=True, kw_only=True)
class Capture:
    """A reply that waits for the next rendered frame; ``encode`` takes the images of the views."""

    views: tuple[View, ...]
    encode: Encode


Reply = str | File | Capture
Handler = Callable[..., Reply]


@dataclass(frozen=True)
class Command:
    """A template with its compiled pattern.

    ``changes_scene`` is true if it may change what cameras see, ``is_listed`` if clients are told about it.
    """

    template: str
    pattern: re.Pattern[str]
    handler: Handler
    description: str
    changes_scene: bool
    is_listed: bool


class Dispatcher:
    """The bound commands, in order."""

    def __init__(self) -> None:
        self._commands: defaultdict[str, list[Command]] = defaultdict(list)

    def bind(
        self,
        template: str,
        handler: Handler,
        description: str,
        *,
        changes_scene: bool = False,
        is_listed: bool = True,
    ) -> None:
        """Bind a handler, which takes the template's arguments as texts and returns the reply."""
        expression = re.escape(template).replace(r"\ ", " ")
        for specifier, group in _SPECIFIERS.items():
            expression = expression.replace(re.escape(specifier), group)
        pattern = re.compile(expression + "[ ]*$", re.ASCII)
        command = Command(template, pattern, handler, description, changes_scene, is_listed)
        self._commands[_verb(template)].append(command)

    def bind_action(
        self, template: str, action: Callable[..., object], description: str, *, changes_scene: bool = True
    ) -> None:
        """Bind an action; its reply is ``ok``."""

        def handler(*arguments: str) -> str:
            action(*arguments)
            return "ok"

        self.bind(template, handler, description, changes_scene=changes_scene)

    def match(self, text: str) -> tuple[Command | None, tuple[str, ...]]:
        """Return the command that matches ``text`` (or ``None``) and its arguments."""
        for command in reversed(self._commands.get(_verb(text), [])):
            if found := command.pattern.search(text):
                return command, found.groups()
        return None, ()

    def listed(self) -> list[Command]:
        """Return the commands that this engine can do."""
        return [command for commands in self._commands.values() for command in commands if command.is_listed]


def _verb(text: str) -> str:
    return text.split(" ", 1)[0]


def uint(text: str) -> int:
    """Parse a ``[uint]`` argument. The specifier also matches an empty text, which is 0 as in the plugin."""
    if len(text) > _MOST_DIGITS:
        raise WorldError("Argument Invalid")
    return int(text or 0)


def floats(texts: tuple[str, ...]) -> Triple:
    """Parse three ``[float]`` arguments."""
    x, y, z = (float(text) for text in texts)
    if not max(abs(x), abs(y), abs(z)) <= LARGEST_NUMBER:
        raise WorldError("Argument Invalid")
    return (x, y, z)


def triple(values: Triple) -> str:
    """Format three numbers as UnrealCV does."""
    return " ".join(f"{value:.3f}" for value in values)
