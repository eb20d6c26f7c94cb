"""The objects behind Remote Control: skeletal meshes, the sun's light, the system library, assets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..content import assets as catalog
from ..content.skeleton import BONES
from ..world.world import SUN, Actor, World, WorldError

SYSTEM_LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"
MESH_COMPONENT, LIGHT_COMPONENT = "SkeletalMeshComponent0", "LightComponent0"
TICK_OPTION, INTENSITY = "VisibilityBasedAnimTickOption", "Intensity"
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class RemoteFunction:
    """A callable function: its parameters' types and what it does with an actor's component."""

    parameters: dict[str, type | tuple[type, ...]]
    run: Callable[[World, Actor, Json], Json]


def call(world: World, engine_version: str, object_path: str, function: str, parameters: Json) -> Json:
    """Call a remote object's function and return its out parameters; `WorldError` names what is unknown."""
    if object_path == SYSTEM_LIBRARY:
        if function != "GetEngineVersion":
            raise WorldError(f"Function {function} does not exist on {object_path}")
        _check(function, {}, parameters)
        return {"ReturnValue": engine_version}
    actor, component = _component(world, object_path)
    known = _MESH_FUNCTIONS if component == MESH_COMPONENT else {}
    if function not in known:
        raise WorldError(f"Function {function} does not exist on {object_path}")
    _check(function, known[function].parameters, parameters)
    return known[function].run(world, actor, parameters)


def read_property(world: World, object_path: str, name: str) -> object:
    """The value of a remote property."""
    actor, component = _component(world, object_path)
    if component == LIGHT_COMPONENT and name == INTENSITY:
        return world.sun_intensity
    if component == MESH_COMPONENT and name == TICK_OPTION and actor.figure is not None:
        return actor.figure.properties.get(name, "AlwaysTickPoseAndRefreshBones")
    raise WorldError(f"Property {name} does not exist on {object_path}")


def write_property(world: World, object_path: str, name: str, value: object) -> None:
    """Set a remote property."""
    actor, component = _component(world, object_path)
    if component == LIGHT_COMPONENT and name == INTENSITY:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
            raise WorldError(f"Property {name} takes a number that is not negative, not {value!r}")
        world.set_sun_intensity(float(value))
    elif component == MESH_COMPONENT and name == TICK_OPTION and actor.figure is not None:
        actor.figure.properties[name] = value
    else:
        raise WorldError(f"Property {name} does not exist on {object_path}")


def search_assets(class_names: list[str], package_paths: list[str], query: str) -> list[Json]:
    """Assets of any of the classes (short or full names) under any of the paths whose name holds `query`."""
    found = []
    for asset in catalog.ASSETS:
        short = asset.uclass.rsplit(".", 1)[-1]
        fits_class = not class_names or asset.uclass in class_names or short in class_names
        fits_path = not package_paths or any(
            asset.path.startswith(path.rstrip("/") + "/") for path in package_paths
        )
        if fits_class and fits_path and query.lower() in asset.name.lower():
            found.append({"Name": asset.name, "Class": asset.uclass, "Path": asset.path})
    return found


def _component(world: World, object_path: str) -> tuple[Actor, str]:
    """Actor and component name of `/Game/Maps/L.L:PersistentLevel.Actor.Component`."""
    missing = WorldError(f"Object: {object_path} does not exist.")
    prefix = f"/Game/Maps/{world.level}.{world.level}:PersistentLevel."
    name, dot, component = object_path.removeprefix(prefix).rpartition(".")
    actor = world.actors.get(name)
    if not object_path.startswith(prefix) or not dot or actor is None:
        raise missing
    has_mesh = actor.figure is not None and component == MESH_COMPONENT
    has_light = name == SUN and component == LIGHT_COMPONENT
    if not has_mesh and not has_light:
        raise missing
    return actor, component


def _check(function: str, expected: dict[str, type | tuple[type, ...]], given: Json) -> None:
    for name in given:
        if name not in expected:
            raise WorldError(f"Function {function} has no parameter {name}")
    for name, kind in expected.items():
        if name not in given:
            raise WorldError(f"Function {function} needs the parameter {name}")
        wrong_bool = isinstance(given[name], bool) and kind is not bool
        if wrong_bool or not isinstance(given[name], kind):
            raise WorldError(f"Parameter {name} of {function} can not be {given[name]!r}")


def _asset(path: str, kind: str) -> catalog.Asset:
    asset = catalog.find_asset(path, kind)
    if asset is None:
        raise WorldError(f"Asset {path} is not a {kind} that exists")
    return asset


def _bone(name: str) -> str:
    if name not in BONES:
        raise WorldError(f"Bone {name} does not exist")
    return name


def _set_mesh(world: World, actor: Actor, given: Json) -> Json:
    world.dress(actor, _asset(given["NewMesh"], "SkeletalMesh").name)
    return {}


def _set_state(world: World, actor: Actor, **state: object) -> Json:
    for name, value in state.items():
        setattr(actor.figure, name, value)
    world.pose(actor)
    return {}


def _play(world: World, actor: Actor, given: Json) -> Json:
    name = _asset(given["NewAnimToPlay"], "AnimSequence").name
    return _set_state(world, actor, animation=name, looping=given["bLooping"], position_s=0.0)


def _set_bone_hidden(world: World, actor: Actor, bone: str, hidden: bool) -> Json:
    bones = actor.figure.hidden_bones if actor.figure else set()
    return _set_state(world, actor, hidden_bones=bones | {_bone(bone)} if hidden else bones - {_bone(bone)})


def _socket_location(world: World, actor: Actor, given: Json) -> Json:
    matrix = world.actor_from_bones(actor)[_bone(given["InSocketName"])] @ actor.world_from_actor()
    x, y, z = matrix[3, :3].tolist()
    return {"ReturnValue": {"X": x, "Y": y, "Z": z}}


def _bone_name(world: World, actor: Actor, given: Json) -> Json:
    index = given["BoneIndex"]
    return {"ReturnValue": BONES[index] if 0 <= index < len(BONES) else "None"}


def _position(world: World, actor: Actor, given: Json) -> Json:
    return {"ReturnValue": actor.figure.position_s if actor.figure else 0.0}


_NUMBER = (int, float)
_MESH_FUNCTIONS: dict[str, RemoteFunction] = {
    "SetSkeletalMeshAsset": RemoteFunction(parameters={"NewMesh": str}, run=_set_mesh),
    "PlayAnimation": RemoteFunction(parameters={"NewAnimToPlay": str, "bLooping": bool}, run=_play),
    "SetPlayRate": RemoteFunction(
        parameters={"Rate": _NUMBER}, run=lambda w, a, p: _set_state(w, a, play_rate=float(p["Rate"]))
    ),
    "SetPosition": RemoteFunction(
        parameters={"InPos": _NUMBER, "bFireNotifies": bool},
        run=lambda w, a, p: _set_state(w, a, position_s=float(p["InPos"])),
    ),
    "GetPosition": RemoteFunction(parameters={}, run=_position),
    "HideBoneByName": RemoteFunction(
        parameters={"BoneName": str, "PhysBodyOption": (str, int)},
        run=lambda w, a, p: _set_bone_hidden(w, a, p["BoneName"], True),
    ),
    "UnHideBoneByName": RemoteFunction(
        parameters={"BoneName": str}, run=lambda w, a, p: _set_bone_hidden(w, a, p["BoneName"], False)
    ),
    "GetSocketLocation": RemoteFunction(parameters={"InSocketName": str}, run=_socket_location),
    "GetNumBones": RemoteFunction(parameters={}, run=lambda w, a, p: {"ReturnValue": len(BONES)}),
    "GetBoneName": RemoteFunction(parameters={"BoneIndex": int}, run=_bone_name),
}
