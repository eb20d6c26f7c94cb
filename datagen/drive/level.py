"""Open a level, find out what is in it, and set its light."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count

import numpy as np
from jaxtyping import Float

from trajectories import unreal_from_world

from ..catalog import Environment, Light
from .errors import EngineError, EngineSetupError, LevelError, RefusedError
from .remote_control_link import RemoteControlLink
from .unrealcv_link import UnrealCvLink

_MARKER = "multitake_marker"
_POLL_S = 0.02
# While cells of World Partition load around the player, objects appear from poll to poll.
STREAMING_POLL_S = 0.5
_GAME = "run the project as a game: packaged, or the editor with -game"
_INTENSITY = ("SetIntensity", "NewIntensity")
_FOG_DENSITY = ("SetFogDensity", "Value")


@dataclass(frozen=True, kw_only=True)
class EngineLinks:
    """Both connections to an engine, and how long it may take to load a level or an asset."""

    unrealcv: UnrealCvLink
    remote_control: RemoteControlLink
    load_timeout_s: float

    def text(self, command: str, *, timeout_s: float | None = None) -> str:
        """A reply as text."""
        reply = self.unrealcv.ask(command, timeout_s=timeout_s)
        return reply if isinstance(reply, str) else ""

    def words(self, command: str, *, timeout_s: float | None = None) -> list[str]:
        """The words of a reply."""
        return self.text(command, timeout_s=timeout_s).split()


@contextmanager
def refusals_explained(subject: str) -> Iterator[None]:
    """EngineSetupError with what to do, if Remote Control refuses a call on an actor of the level."""
    try:
        yield
    except RefusedError as error:
        fix = f"{_GAME}: an editor session has other paths"
        if "not allowed" in str(error) or "cannot be accessed" in str(error):
            fix = "allow the functions of docs/unreal.md in DefaultRemoteControl.ini"
        raise EngineSetupError(f"{subject}: {error}; {fix}") from error


def numbers(values: Sequence[float] | Float[np.ndarray, "_"]) -> str:
    """Fixed-point numbers, never ``-0``: UnrealCV does not parse exponents."""
    return " ".join(f"{value:.6f}" for value in np.round(np.asarray(values, dtype=np.float64), 6) + 0.0)


def level_path(asset: str) -> str:
    """The path of a level's actors in Remote Control, without their names."""
    package = asset.partition(".")[0]
    return f"{package}.{package.rpartition('/')[2]}:PersistentLevel"


def open_level(links: EngineLinks, asset: str) -> None:
    """Open a level, even if it is open, and wait until it is loaded.

    It is when a cube is gone that was spawned before. EngineSetupError if no game runs, LevelError if it does
    not load in time.
    """
    objects = links.words("vget /objects")
    marker = next(name for n in count() if (name := f"{_MARKER}_{n}") not in objects)
    spawned = links.unrealcv.ask(f"vset /objects/spawn_cube {marker}")
    if spawned != marker:
        raise EngineError(f"spawned the cube {marker}, but the engine named it {spawned!r}")
    # The plugin opens packages; the path of the object in the package may fail.
    package = asset.partition(".")[0]
    try:
        links.unrealcv.ask(f"vset /action/game/level {package}")
    except RefusedError as error:
        raise EngineSetupError(f"no level can be opened ({error}); {_GAME}") from error
    deadline_s = time.monotonic() + links.load_timeout_s
    while not _is_loaded(links, package.rpartition("/")[2], marker, deadline_s):
        if time.monotonic() > deadline_s:
            raise LevelError(f"level {package} did not load within {links.load_timeout_s:g} s")
        time.sleep(_POLL_S)


def _is_loaded(links: EngineLinks, name: str, marker: str, deadline_s: float) -> bool:
    """Whether the level is open; the engine answers nothing while it loads."""
    left_s = max(_POLL_S, deadline_s - time.monotonic())
    try:
        is_open = links.words("vget /level/name", timeout_s=left_s) == [name]
        return is_open and marker not in links.words("vget /objects", timeout_s=left_s)
    except RefusedError:
        # There is no world while a level is replaced.
        return False


def move_player(links: EngineLinks, place_m: Float[np.ndarray, "3"], *, is_streamed: bool) -> list[str]:
    """Move the player to a place, so that the level around it is loaded. Returns the names of all objects."""
    if not links.words("vget /cameras"):
        raise EngineSetupError(f"the level has no player with a camera; {_GAME}, with a pawn")
    links.unrealcv.ask(f"vset /camera/0/location {numbers(unreal_from_world(place_m))}")
    objects = links.words("vget /objects")
    deadline_s = time.monotonic() + links.load_timeout_s
    while is_streamed and time.monotonic() < deadline_s:
        time.sleep(STREAMING_POLL_S)
        before, objects = objects, links.words("vget /objects")
        if objects == before:
            break
    return objects


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
    check_lights(links, environment, [light])
    rotation = numbers((light.pitch_deg, light.yaw_deg, 0.0))
    links.unrealcv.ask(f"vset /object/{environment.sun}/rotation {rotation}")
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
