"""UnrealCV's ``vbp`` and ``vexec``: functions of objects, called by name with arguments as text.

Only skeletal mesh components have functions. They all have one name, so the first one is called, as in the
plugin.
"""

import json
import logging
from contextlib import suppress

from ..world.actors import CharacterActor, WorldError
from ..world.world import World
from .dispatch import Dispatcher
from .mesh_functions import MESH_COMPONENT, MESH_FUNCTIONS, Json, MeshFunction, call_mesh_function, named

_MOST_BLUEPRINT_WORDS, _MOST_EXEC_WORDS = 11, 7
_log = logging.getLogger(__name__)


def bind_functions(dispatcher: Dispatcher, world: World) -> None:
    """Bind both commands with every number of words."""

    def call_with_output(name: str, function: str, *texts: str) -> str:
        actor, known = _function(world, name, function, "Argument Invalid")
        try:
            value = call_mesh_function(world, actor, known, _arguments(MESH_FUNCTIONS[known], texts))
        except WorldError as error:
            # The plugin logs it too, and answers as if the function had been called.
            _log.warning("%s: %s", function, error)
            value = None
        return json.dumps({} if value is None else {"ReturnValue": _text(value)})

    def execute(name: str, function: str, *texts: str) -> str:
        words = " ".join((function, *texts))
        failure = f"Fail to execute the function '{words}' of {name}"
        actor, known = _function(world, name, function, failure)
        try:
            call_mesh_function(world, actor, known, _arguments(MESH_FUNCTIONS[known], texts))
        except WorldError as error:
            raise WorldError(failure) from error
        return "ok"

    for words in range(2, _MOST_BLUEPRINT_WORDS + 1):
        description = "Call a function, and return its outputs as JSON"
        dispatcher.bind("vbp" + " [str]" * words, call_with_output, description, changes_scene=True)
    for words in range(2, _MOST_EXEC_WORDS + 1):
        dispatcher.bind("vexec" + " [str]" * words, execute, "Call a function", changes_scene=True)


def _function(world: World, name: str, function: str, failure: str) -> tuple[CharacterActor, str]:
    """The first skeletal mesh and the name of its function; WorldError(``failure``) if there is none."""
    if name in world.actors:
        raise WorldError(failure)
    meshes = (actor for actor in world.actors.values() if isinstance(actor, CharacterActor))
    actor = next(meshes, None) if name == MESH_COMPONENT else None
    if actor is None:
        raise WorldError(f"Can not find actor with id '{name}'")
    known = named(MESH_FUNCTIONS, function)
    if known is None:
        raise WorldError(failure)
    return actor, known


def _arguments(function: MeshFunction, texts: tuple[str, ...]) -> Json:
    given = zip(function.parameters.items(), texts, strict=False)
    return {name: _value(kind, text) for (name, kind), text in given}


def _value(kind: type | tuple[type, ...], text: str) -> object:
    """The value of a parameter; text that cannot be converted stays text, which the function refuses."""
    if kind is bool:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    for number in (int, float):
        if number is kind or (isinstance(kind, tuple) and number in kind):
            with suppress(ValueError):
                return number(text)
    return text


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int | float) else ""
