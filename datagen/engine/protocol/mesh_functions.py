"""The functions of a skeletal mesh component, for Remote Control, ``vbp`` and ``vexec``."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .. import assets
from ..content.characters.skeleton import BONES
from ..world.actors import CharacterActor, WorldError
from ..world.world import World
from .dispatch import LARGEST_NUMBER

MESH_COMPONENT = "SkeletalMeshComponent0"
Json = dict[str, Any]
Types = dict[str, type | tuple[type, ...]]


@dataclass(frozen=True)
class MeshFunction:
    """A function of a skeletal mesh: the types of its parameters, and how it computes its return value."""

    parameters: Types
    run: Callable[[World, CharacterActor, Json], object]


def call_mesh_function(world: World, actor: CharacterActor, function: str, given: Json) -> object:
    """Call a function of ``MESH_FUNCTIONS``; ``WorldError`` names a parameter that is unknown or wrong."""
    known = MESH_FUNCTIONS[function]
    return known.run(world, actor, checked_parameters(function, known.parameters, given))


def checked_parameters(function: str, expected: Types, given: Json) -> Json:
    """Return all expected parameters: like Unreal, a parameter that is not given is zero, false or empty."""
    values = {name: _zero(kind) for name, kind in expected.items()}
    for key, value in given.items():
        name = named(expected, key)
        if name is None:
            raise WorldError(f"Function {function} has no parameter {key}")
        kind = expected[name]
        is_wrong_bool = isinstance(value, bool) and kind is not bool
        is_too_large = isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER
        if is_wrong_bool or is_too_large or not isinstance(value, kind):
            raise WorldError(f"Parameter {name} of {function} can not be {repr(value)[:80]}")
        values[name] = value
    return values


def named(names: Iterable[str], name: str) -> str | None:
    """Return the one of ``names`` that is ``name`` in any case, as Unreal compares names."""
    return next((known for known in names if known.lower() == name.lower()), None)


def _zero(kind: type | tuple[type, ...]) -> object:
    return (kind[0] if isinstance(kind, tuple) else kind)()


def _asset(path: str, kind: str) -> assets.Asset:
    asset = assets.find_asset(path, kind)
    if asset is None:
        raise WorldError(f"Asset {path} is not a {kind} that exists")
    return asset


def _num_bones(world: World, actor: CharacterActor, given: Json) -> int:
    return 0 if actor.body is None else len(BONES)


def _bone(name: str) -> str:
    if name not in BONES:
        raise WorldError(f"Bone {name} does not exist")
    return name


def _set_mesh(world: World, actor: CharacterActor, given: Json) -> None:
    mesh = _asset(given["NewMesh"], "SkeletalMesh")
    if not world.faults.null_mesh:
        world.set_character(actor.name, mesh)


def _play(world: World, actor: CharacterActor, given: Json) -> None:
    world.play(actor.name, _asset(given["NewAnimToPlay"], "AnimSequence"), is_looping=given["bLooping"])


def _set_position(world: World, actor: CharacterActor, given: Json) -> None:
    actor.position_s = float(given["InPos"])
    world.pose(actor.name)


def _hide_bone(world: World, actor: CharacterActor, given: Json) -> None:
    actor.hidden_bones |= {_bone(given["BoneName"])}
    world.pose(actor.name)


def _unhide_bone(world: World, actor: CharacterActor, given: Json) -> None:
    actor.hidden_bones -= {_bone(given["BoneName"])}
    world.pose(actor.name)


def _socket_location(world: World, actor: CharacterActor, given: Json) -> Json:
    matrix = actor.actor_from_bones()[_bone(given["InSocketName"])] @ actor.world_from_actor()
    return dict(zip("XYZ", matrix[3, :3].tolist(), strict=True))


def _bone_name(world: World, actor: CharacterActor, given: Json) -> str:
    index = given["BoneIndex"]
    return BONES[index] if 0 <= index < len(BONES) else "None"


_NUMBER = (int, float)
MESH_FUNCTIONS = {
    "SetSkeletalMeshAsset": MeshFunction({"NewMesh": str}, _set_mesh),
    "PlayAnimation": MeshFunction({"NewAnimToPlay": str, "bLooping": bool}, _play),
    # Time does not run, so the rate has no effect.
    "SetPlayRate": MeshFunction({"Rate": _NUMBER}, lambda world, actor, given: None),
    "SetPosition": MeshFunction({"InPos": _NUMBER, "bFireNotifies": bool}, _set_position),
    "GetPosition": MeshFunction({}, lambda world, actor, given: actor.position_s),
    "HideBoneByName": MeshFunction({"BoneName": str, "PhysBodyOption": (str, int)}, _hide_bone),
    "UnHideBoneByName": MeshFunction({"BoneName": str}, _unhide_bone),
    "GetSocketLocation": MeshFunction({"InSocketName": str}, _socket_location),
    "GetNumBones": MeshFunction({}, _num_bones),
    "GetBoneName": MeshFunction({"BoneIndex": int}, _bone_name),
}
