"""The light of a level: sun, sky light and fog."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from ..catalog import Environment, Light
from .errors import EngineSetupError
from .links import EngineLinks, level_path, numbers, refusals_explained

_INTENSITY = ("SetIntensity", "NewIntensity")
_SUN_TOLERANCE_DEG = 0.5
_FOG_DENSITY = ("SetFogDensity", "Value")


def check_lights(links: EngineLinks, environment: Environment, lights: Sequence[Light]) -> None:
    """EngineSetupError if an actor that the lights change is missing, or cannot be changed."""
    objects = links.words("vget /objects")
    # The key in the catalog, and the mobilities with which Unreal changes nothing.
    needed: list[tuple[str, tuple[str, ...]]] = [("sun", ("Static", "Stationary"))]
    if any(one.sky_intensity is not None for one in lights):
        needed.append(("sky_light", ("Static",)))
    if any(one.fog_density is not None for one in lights):
        needed.append(("fog", ()))
    for key, fixed in needed:
        name, where = getattr(environment, key), f"environment {environment.name}"
        if name not in objects:
            what = f"{where} has no actor {name!r}"
            raise EngineSetupError(f"{what}; give the internal name of its {key} in the catalog")
        mobility = links.text(f"vget /object/{name}/mobility")
        if mobility in fixed:
            what = f"the {key} {name!r} of {where} is {mobility}, so it cannot be changed"
            raise EngineSetupError(f"{what}; set its mobility to Movable in the level")


def set_light(links: EngineLinks, environment: Environment, light: Light) -> None:
    """Turn the sun, and set the strength of sun, sky light and fog, as far as the light has them."""
    rotation = numbers((light.pitch_deg, light.yaw_deg, 0.0))
    links.unrealcv.ask(f"vset /object/{environment.sun}/rotation {rotation}")
    found_deg = links.floats(f"vget /object/{environment.sun}/rotation", 3)
    if _apart_deg(found_deg, (light.pitch_deg, light.yaw_deg)) > _SUN_TOLERANCE_DEG:
        what = f"the sun of environment {environment.name} does not turn: it has {numbers(found_deg)} degrees"
        raise EngineSetupError(f"{what} instead of {rotation}; remove what turns it from the level")
    level = level_path(environment.asset)
    # Functions, because Unreal refuses to write these properties in a game.
    for actor, component, (function, parameter), value in (
        (environment.sun, "LightComponent0", _INTENSITY, light.intensity),
        (environment.sky_light, "SkyLightComponent0", _INTENSITY, light.sky_intensity),
        (environment.fog, "HeightFogComponent0", _FOG_DENSITY, light.fog_density),
    ):
        if value is not None:
            with refusals_explained(actor):
                links.remote_control.call(f"{level}.{actor}.{component}", function, **{parameter: value})


def _apart_deg(found_deg: Float[np.ndarray, "3"], pitch_yaw_deg: tuple[float, float]) -> float:
    """The angle between the directions of two rotations."""
    pitch, yaw = np.radians(np.stack([found_deg[:2], np.array(pitch_yaw_deg)])).T
    forward = np.stack([np.cos(pitch) * np.cos(yaw), np.cos(pitch) * np.sin(yaw), np.sin(pitch)], axis=-1)
    return float(np.degrees(np.arccos(np.clip(forward[0] @ forward[1], -1.0, 1.0))))
