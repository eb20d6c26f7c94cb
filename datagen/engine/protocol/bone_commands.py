"""``vget /object/[str]/bones``: the bones of a character, as version 1.1.0 of UnrealCV answers."""

import json

import numpy as np

from ..content.unreal_space import Triple, rotation_deg, rotation_rows
from ..world.actors import CharacterActor, WorldError
from ..world.world import World
from .dispatch import Dispatcher

_SPACES = ("component", "world")


def bind_bones(dispatcher: Dispatcher, world: World) -> None:
    """Bind the command with and without names of bones and space."""

    def bones(name: str, *words: str) -> str:
        actor = world.actor(name)
        if not isinstance(actor, CharacterActor):
            raise WorldError("No skeletal or poseable mesh component found")
        if len(words) == 2 and words[1].lower() not in _SPACES:
            raise WorldError("Bone space must be component or world")
        names = [] if not words or words[0].lower() in _SPACES else words[0].split(",")
        return json.dumps(_bones(actor, names, is_world=bool(words) and words[-1].lower() == "world"))

    one = "vget /object/[str]/bones"
    dispatcher.bind(one, bones, "Pose of every bone in the actor's frame, cm and degrees, as JSON")
    dispatcher.bind(f"{one} [str]", bones, "Pose of the bones with these names, or of all in the world")
    dispatcher.bind(f"{one} [str] [str]", bones, "Pose of the bones with these names, in a space")


def _bones(actor: CharacterActor, names: list[str], *, is_world: bool) -> list[dict]:
    """The bones that exist among ``names``, in this order; without names all of them."""
    if actor.body is None:
        return []
    actor_from_bones = actor.actor_from_bones()
    wanted = [name for name in names if name] or list(actor_from_bones)
    found = []
    for name in wanted:
        if name in actor_from_bones:
            matrix, scale = actor_from_bones[name], (1.0, 1.0, 1.0)
            rows = matrix[:3, :3]
            if is_world:
                matrix, scale = matrix @ actor.world_from_actor(), actor.scale
                rows = rows @ rotation_rows(*actor.rotation)
            found.append({"bone_name": name, "transform": _transform(rows, matrix[3, :3], scale)})
    return found


def _transform(rows: np.ndarray, location: np.ndarray, scale: Triple) -> dict[str, float]:
    names = ("Pitch", "Yaw", "Roll", "X", "Y", "Z", "ScaleX", "ScaleY", "ScaleZ")
    values = (*rotation_deg(rows), *location.tolist(), *scale)
    return dict(zip(names, map(float, values), strict=True))
