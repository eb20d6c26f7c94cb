"""The objects of Remote Control: skeletal meshes, lights and fog, animations, the system library, assets."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from .. import assets
from ..content.daylight import Daylight
from ..content.unreal_space import Number
from ..world.actors import CAMERA_CLASS, Actor, CharacterActor, WorldError
from ..world.world import World, loaded
from .mesh_functions import (
    MESH_COMPONENT,
    MESH_FUNCTIONS,
    Json,
    call_mesh_function,
    checked_parameters,
    named,
)

SYSTEM_LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"
_VERSION, _LENGTH = "GetEngineVersion", "GetPlayLength"
TICK_OPTION = "VisibilityBasedAnimTickOption"
_TICK_OPTIONS = (
    "AlwaysTickPoseAndRefreshBones",
    "AlwaysTickPose",
    "OnlyTickMontagesWhenNotRendered",
    "OnlyTickPoseWhenRendered",
    "OnlyTickMontagesAndRefreshBonesWhenPlayingMontages",
)
_MOST = 1e6


@dataclass(frozen=True)
class _Light:
    """A component of light or fog: its property, the function that sets it, and where its value is."""

    component: str
    property: str
    function: str
    parameter: str
    value: Callable[[Daylight], Number]
    changed: Callable[[Daylight, float], Daylight]


_SUN = _Light(
    "LightComponent0", "Intensity", "SetIntensity", "NewIntensity",
    lambda day: day.sun_intensity, lambda day, value: replace(day, sun_intensity=value),
)  # fmt: skip
_SKY = _Light(
    "SkyLightComponent0", "Intensity", "SetIntensity", "NewIntensity",
    lambda day: day.sky_intensity, lambda day, value: replace(day, sky_intensity=value),
)  # fmt: skip
_FOG = _Light(
    "HeightFogComponent0", "FogDensity", "SetFogDensity", "Value",
    lambda day: day.fog_density, lambda day, value: replace(day, fog_density=value),
)  # fmt: skip
# What the plugin calls the component of a camera that captures lit images.
_LIT_CAMERA = "FusionCameraSensor.FusionCameraSensor_LitCamSensor"
_SHOW_FLAGS = "SetShowFlagSettings"
# The component of a character or a camera, a light, an animation, or the system library.
_Object = CharacterActor | Actor | _Light | assets.Asset | Literal["library"]


def call(world: World, engine_version: str, object_path: str, function: str, parameters: Json) -> Json:
    """Call a remote object's function and return its out parameters; ``WorldError`` names what is unknown."""
    if world.faults.refused_functions and not named([_VERSION], function):
        raise WorldError(f"Executing function '{function}' is not allowed")
    target = _object(world, object_path)
    value: object = None
    if isinstance(target, CharacterActor) and (known := named(MESH_FUNCTIONS, function)):
        value = call_mesh_function(world, target, known, parameters)
    elif isinstance(target, _Light) and named([target.function], function):
        given = checked_parameters(target.function, {target.parameter: (float, int)}, parameters)
        _set_light(world, target, given[target.parameter])
    elif isinstance(target, assets.Asset) and named([_LENGTH], function):
        checked_parameters(_LENGTH, {}, parameters)
        value = loaded(assets.animation, target).duration_s
    elif isinstance(target, Actor) and target.uclass == CAMERA_CLASS and named([_SHOW_FLAGS], function):
        # Accepted without effect: images have one look.
        checked_parameters(_SHOW_FLAGS, {"InShowFlagSettings": list}, parameters)
    elif target == "library" and named([_VERSION], function):
        checked_parameters(_VERSION, {}, parameters)
        value = engine_version
    else:
        raise WorldError(f"Function {function} does not exist on {object_path}")
    return {} if value is None else {"ReturnValue": value}


def properties(world: World, object_path: str) -> Json:
    """Return all properties of a remote object."""
    target = _object(world, object_path)
    if isinstance(target, CharacterActor):
        return {TICK_OPTION: target.tick_option}
    if isinstance(target, _Light):
        return {target.property: target.value(world.daylight)}
    return {}


def read_property(world: World, object_path: str, name: str) -> Json:
    """Return a remote property by its name."""
    found = properties(world, object_path)
    known = named(found, name)
    if known is None:
        raise WorldError(f"Property {name} does not exist on {object_path}")
    return {known: found[known]}


def write_property(world: World, object_path: str, name: str, value: object) -> None:
    """Set a remote property."""
    read_property(world, object_path, name)
    if world.faults.read_only_properties:
        raise WorldError(f"Property {name} on object {object_path} is read-only")
    target = _object(world, object_path)
    if isinstance(target, _Light):
        _set_light(world, target, value)
    elif isinstance(target, CharacterActor) and (option := named(_TICK_OPTIONS, str(value))):
        target.tick_option = option
    else:
        raise WorldError(f"Property {TICK_OPTION} can not be {repr(value)[:80]}")


def search_assets(
    class_names: list[str],
    package_names: list[str],
    package_paths: list[str],
    in_subfolders: bool,
    query: str,
) -> list[Json]:
    """Return the assets of any of the classes, packages and folders, whose names contain ``query``.

    Class names are short or full; an empty list matches everything.
    """
    folders = {path.rstrip("/").lower() for path in package_paths}
    packages = {name.lower() for name in package_names}
    found = []
    for asset in assets.all_assets():
        full_and_short = (asset.uclass, asset.uclass.rsplit(".", 1)[-1])
        own_folder = asset.path.lower().rpartition("/")[0]
        is_of_class = not class_names or any(name in class_names for name in full_and_short)
        is_in_package = not packages or asset.path.partition(".")[0].lower() in packages
        is_in_folder = not folders or own_folder in folders
        is_in_folder |= in_subfolders and any(own_folder.startswith(f"{folder}/") for folder in folders)
        if is_of_class and is_in_package and is_in_folder and query.lower() in asset.name.lower():
            found.append({"Name": asset.name, "Class": asset.uclass, "Path": asset.path})
    return found


def _object(world: World, object_path: str) -> _Object:
    """Return the object at a path: a library, an animation, or ``LEVEL:PersistentLevel.Actor.Component``."""
    if object_path == SYSTEM_LIBRARY:
        return "library"
    prefix = f"{_level_package(world)}.{world.level}:PersistentLevel."
    name, _, component = object_path.removeprefix(prefix).rpartition(".")
    actor = world.actors.get(name) if object_path.startswith(prefix) else None
    if isinstance(actor, CharacterActor) and component == MESH_COMPONENT:
        return actor
    lights = ((world.sun, _SUN), (world.sky, _SKY), (world.fog, _FOG))
    for light_actor, light in lights:
        if actor is light_actor and component == light.component:
            return light
    camera = world.actors.get(object_path.removeprefix(prefix).removesuffix(f".{_LIT_CAMERA}"))
    is_camera = object_path.endswith(_LIT_CAMERA) and not world.faults.no_show_flags
    if camera and is_camera and camera.uclass == CAMERA_CLASS:
        return camera
    animation = assets.find_asset(object_path, "AnimSequence")
    if animation is not None and animation.path == object_path:
        return animation
    raise WorldError(f"Object: {object_path} does not exist.")


def _level_package(world: World) -> str:
    """The package of the level; a session in the editor plays a copy, which has another name."""
    folder, _, name = world.level_package.rpartition("/")
    return f"{folder}/UEDPIE_0_{name}" if world.faults.editor_session else world.level_package


def _set_light(world: World, light: _Light, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _MOST:
        what = f"must be a number from 0 to below {_MOST:g}, not {repr(value)[:80]}"
        raise WorldError(f"{light.property} {what}")
    world.light(light.changed(world.daylight, float(value)))
