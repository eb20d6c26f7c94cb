"""The objects of Remote Control: skeletal meshes, the sun's light, the system library, assets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..content import assets
from ..content.skeleton import BONES
from ..world.actors import CharacterActor, WorldError
from ..world.world import SUN_CLASS, World
from .dispatch import LARGEST_NUMBER

SYSTEM_LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"
MESH_COMPONENT, LIGHT_COMPONENT = "SkeletalMeshComponent0", "LightComponent0"
TICK_OPTION, INTENSITY = "VisibilityBasedAnimTickOption", "Intensity"
Json = dict[str, Any]
_Types = dict[str, type | tuple[type, ...]]


@dataclass(frozen=True)
class _MeshFunction:
    """A function of a skeletal mesh: the types of its parameters, and how it computes its return value."""

    parameters: _Types
    run: Callable[[World, CharacterActor, Json], object]


def call(world: World, engine_version: str, object_path: str, function: str, parameters: Json) -> Json:
    """Call a remote object's function and return its out parameters; ``WorldError`` names what is unknown."""
    is_library = object_path == SYSTEM_LIBRARY
    if is_library and function == "GetEngineVersion":
        _check(function, {}, parameters)
        return {"ReturnValue": engine_version}
    actor = None if is_library else _mesh_actor(world, object_path)
    if actor is None or function not in _MESH_FUNCTIONS:
        raise WorldError(f"Function {function} does not exist on {object_path}")
    known = _MESH_FUNCTIONS[function]
    _check(function, known.parameters, parameters)
    value = known.run(world, actor, parameters)
    return {} if value is None else {"ReturnValue": value}


def read_property(world: World, object_path: str, name: str) -> object:
    """Return the value of a remote property."""
    actor = _mesh_actor(world, object_path)
    if actor is None and name == INTENSITY:
        return world.sun_intensity
    if actor is not None and name == TICK_OPTION:
        return actor.tick_option
    raise WorldError(f"Property {name} does not exist on {object_path}")


def write_property(world: World, object_path: str, name: str, value: object) -> None:
    """Set a remote property."""
    actor = _mesh_actor(world, object_path)
    if actor is None and name == INTENSITY:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
            raise WorldError(f"Property {name} takes a number that is not negative, not {value!r}")
        world.set_sun_intensity(float(value))
    elif actor is not None and name == TICK_OPTION:
        actor.tick_option = value
    else:
        raise WorldError(f"Property {name} does not exist on {object_path}")


def search_assets(class_names: list[str], package_paths: list[str], query: str) -> list[Json]:
    """Return the assets of any of the classes, under any of the paths, whose names contain ``query``.

    Class names are short or full; an empty list matches everything.
    """
    found = []
    for asset in assets.ASSETS:
        full_and_short = (asset.uclass, asset.uclass.rsplit(".", 1)[-1])
        folders = (path.rstrip("/") + "/" for path in package_paths)
        is_of_class = not class_names or any(name in class_names for name in full_and_short)
        is_in_folder = not package_paths or any(asset.path.startswith(folder) for folder in folders)
        if is_of_class and is_in_folder and query.lower() in asset.name.lower():
            found.append({"Name": asset.name, "Class": asset.uclass, "Path": asset.path})
    return found


def _mesh_actor(world: World, object_path: str) -> CharacterActor | None:
    """Return the actor whose skeletal mesh is at a path, or ``None`` for the path of the sun's light.

    Paths have the form ``/Game/Maps/L.L:PersistentLevel.Actor.Component``.
    """
    prefix = f"/Game/Maps/{world.level}.{world.level}:PersistentLevel."
    name, _, component = object_path.removeprefix(prefix).rpartition(".")
    actor = world.actors.get(name) if object_path.startswith(prefix) else None
    if isinstance(actor, CharacterActor) and component == MESH_COMPONENT:
        return actor
    if actor is None or (actor.uclass, component) != (SUN_CLASS, LIGHT_COMPONENT):
        raise WorldError(f"Object: {object_path} does not exist.")
    return None


def _check(function: str, expected: _Types, given: Json) -> None:
    for name in given:
        if name not in expected:
            raise WorldError(f"Function {function} has no parameter {name}")
    for name, kind in expected.items():
        if name not in given:
            raise WorldError(f"Function {function} needs the parameter {name}")
        value = given[name]
        is_wrong_bool = isinstance(value, bool) and kind is not bool
        is_too_large = isinstance(value, int | float) and not abs(value) <= LARGEST_NUMBER
        if is_wrong_bool or is_too_large or not isinstance(value, kind):
            raise WorldError(f"Parameter {name} of {function} can not be {repr(value)[:80]}")


def _asset_name(path: str, kind: str) -> str:
    asset = assets.find_asset(path, kind)
    if asset is None:
        raise WorldError(f"Asset {path} is not a {kind} that exists")
    return asset.name


def _bone(name: str) -> str:
    if name not in BONES:
        raise WorldError(f"Bone {name} does not exist")
    return name


def _set_mesh(world: World, actor: CharacterActor, given: Json) -> None:
    world.set_character(actor.name, _asset_name(given["NewMesh"], "SkeletalMesh"))


def _play(world: World, actor: CharacterActor, given: Json) -> None:
    actor.animation = _asset_name(given["NewAnimToPlay"], "AnimSequence")
    actor.is_looping, actor.position_s = given["bLooping"], 0.0
    world.pose(actor.name)


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
_MESH_FUNCTIONS = {
    "SetSkeletalMeshAsset": _MeshFunction({"NewMesh": str}, _set_mesh),
    "PlayAnimation": _MeshFunction({"NewAnimToPlay": str, "bLooping": bool}, _play),
    # Time does not run, so the rate has no effect.
    "SetPlayRate": _MeshFunction({"Rate": _NUMBER}, lambda world, actor, given: None),
    "SetPosition": _MeshFunction({"InPos": _NUMBER, "bFireNotifies": bool}, _set_position),
    "GetPosition": _MeshFunction({}, lambda world, actor, given: actor.position_s),
    "HideBoneByName": _MeshFunction({"BoneName": str, "PhysBodyOption": (str, int)}, _hide_bone),
    "UnHideBoneByName": _MeshFunction({"BoneName": str}, _unhide_bone),
    "GetSocketLocation": _MeshFunction({"InSocketName": str}, _socket_location),
    "GetNumBones": _MeshFunction({}, lambda world, actor, given: len(BONES)),
    "GetBoneName": _MeshFunction({"BoneIndex": int}, _bone_name),
}
