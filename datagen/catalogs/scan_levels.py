"""Environments that a scan proposes: the actors of a level's light, its spots, and the room around them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from trajectories import world_from_unreal, yaw_deg_in_unreal

from ..catalog import Environment, Light, Spot
from ..drive import EngineDriver, EngineSetupError
from ..drive.errors import LevelError, RefusedError
from ..drive.lights import check_lights
from ..drive.links import EngineLinks
from ..drive.probes import Probes, probing
from .scan_names import words_of

# The keys of an environment, and the classes of their actors.
_LIGHT_CLASSES = {"sun": "DirectionalLight", "sky_light": "SkyLight", "fog": "ExponentialHeightFog"}
# What a light cannot set without these actors.
_LIGHT_KEYS = {"sky_light": "sky_intensity", "fog": "fog_density"}
_START_CLASS, _MOST_SPOTS = "PlayerStart", 8
# Bodies of the player; they are hidden while depth is probed.
_PLAYER_CLASSES = ("Pawn", "Character")
_OBJECTS_AT_ONCE = 300
_CAMERAS, _FPS = 10, 15.0
# How far below a start the ground may be, and where it is if there is no depth.
_DEEPEST_M, _UNDER_PLAYER_M = 100.0, 0.9
_EYE_M, _CEILING_M, _RAYS = 1.5, 15.0, 16
_WALL_QUANTILE, _LEAST_RADIUS_M, _MOST_RADIUS_M, _USUAL_RADIUS_M = 0.2, 1.0, 8.0, 4.0

LIGHTS = (
    Light(name="noon", caption="at noon", pitch_deg=-62.0, yaw_deg=35.0, intensity=10.0),
    Light(name="morning", caption="in the morning", pitch_deg=-33.0, yaw_deg=125.0, intensity=8.0),
    Light(name="evening", caption="in the evening", pitch_deg=-28.0, yaw_deg=-60.0, intensity=7.0),
    Light(
        name="overcast",
        caption="on an overcast day",
        pitch_deg=-55.0,
        yaw_deg=20.0,
        intensity=0.8,
        sky_intensity=1.6,
        fog_density=0.04,
    ),
)


class LeftOutError(Exception):
    """An asset for which no entry is proposed; the text says why."""


@dataclass(frozen=True, kw_only=True)
class _Start:
    """Where somebody can stand (world, metres; above the ground), and a heading."""

    place_m: Float[np.ndarray, "3"]
    heading_deg: float


@dataclass(frozen=True, kw_only=True)
class _Room:
    """The ground below a start, the distance of walls around it, and whether it has a ceiling."""

    ground_m: float
    radius_m: float
    is_indoor: bool


class LevelScan:
    """Proposes environments for the levels of an engine.

    Attributes:
        notes: what was left out of entries, or must be changed in a level.
        missing: ``sky_light`` and ``fog``, if a level of a proposed environment does not have it.
    """

    def __init__(self, driver: EngineDriver) -> None:
        self.notes: list[str] = []
        self.missing: set[str] = set()
        self._driver = driver

    @property
    def lights(self) -> tuple[Light, ...]:
        """Lights that can be set in every level that was scanned."""
        return _lights_without(self.missing)

    def environment(self, asset: str, name: str) -> Environment:
        """Open a level, and propose an entry for it.

        LeftOutError if it does not load, or has no player or no sun; EngineSetupError if the engine opens no
        level.
        """
        try:
            self._driver.open_level(asset)
        except LevelError as error:
            raise LeftOutError(str(error)) from error
        return self.open_environment(asset, name)

    def open_environment(self, asset: str, name: str) -> Environment:
        """Propose an entry for the level that is open; LeftOutError if it has no player or no sun."""
        links = self._driver.links
        if not links.words("vget /cameras"):
            raise LeftOutError("it has no player with a camera; give its game mode a pawn")
        player = _start_at(links, "camera/0")
        classes = _classes(links, self._driver.move_player(player.place_m))
        actors = {
            key: next((name for name, one in classes.items() if one == uclass), "")
            for key, uclass in _LIGHT_CLASSES.items()
        }
        if not actors["sun"]:
            raise LeftOutError(
                "it has no actor of the class DirectionalLight (one in a blueprint is not enough)"
            )
        starts = self._starts(asset, classes) or [player]
        rooms = list(_rooms(self._driver, starts, classes))
        spots = tuple(_spot(start, room) for start, room in zip(starts, rooms, strict=True))
        environment = Environment(
            name=name,
            asset=asset,
            caption=f"in {' '.join(words_of(asset)) or name}",
            spots=spots,
            radius_m=min(room.radius_m if room else _USUAL_RADIUS_M for room in rooms),
            ground_m=min(spot.position_m[2] for spot in spots),
            sun=actors["sun"],
            sky_light=actors["sky_light"] or Environment.sky_light,
            fog=actors["fog"] or Environment.fog,
            tags=_tags(rooms),
        )
        self._check_lights(environment, {key for key in _LIGHT_KEYS if not actors[key]})
        return environment

    def _starts(self, asset: str, classes: Mapping[str, str]) -> list[_Start]:
        """Where players start in the level; none if it has no such actors."""
        actors = [name for name, uclass in classes.items() if uclass.endswith(_START_CLASS)]
        if len(actors) > _MOST_SPOTS:
            self.notes.append(f"{asset}: {len(actors) - _MOST_SPOTS} of {len(actors)} PlayerStarts left out")
        return [_start_at(self._driver.links, f"object/{name}") for name in actors[:_MOST_SPOTS]]

    def _check_lights(self, environment: Environment, missing: set[str]) -> None:
        """Note which lights cannot be set in the level that is open."""
        for key in sorted(missing):
            what = f"{environment.asset}: no actor of the class {_LIGHT_CLASSES[key]}"
            self.notes.append(f"{what}, so no light has {_LIGHT_KEYS[key]}")
        try:
            check_lights(self._driver.links, environment, _lights_without(missing))
        except EngineSetupError as error:
            self.notes.append(f"{environment.asset}: {error}")
        self.missing |= missing


def _lights_without(missing: set[str]) -> tuple[Light, ...]:
    """The proposed lights, without what changes these actors."""
    return tuple(
        replace(
            light,
            sky_intensity=None if "sky_light" in missing else light.sky_intensity,
            fog_density=None if "fog" in missing else light.fog_density,
        )
        for light in LIGHTS
    )


def _classes(links: EngineLinks, names: Sequence[str]) -> dict[str, str]:
    """The class of each object; objects that are gone by now are left out."""
    found: dict[str, str] = {}
    for first in range(0, len(names), _OBJECTS_AT_ONCE):
        some = names[first : first + _OBJECTS_AT_ONCE]
        try:
            replies = links.unrealcv.ask_all([f"vget /object/{name}/uclass_name" for name in some])
        except RefusedError:
            replies = [_class(links, name) for name in some]
        found |= {name: str(uclass) for name, uclass in zip(some, replies, strict=True) if uclass}
    return found


def _class(links: EngineLinks, name: str) -> str:
    try:
        return links.text(f"vget /object/{name}/uclass_name")
    except RefusedError:
        return ""


def _start_at(links: EngineLinks, what: str) -> _Start:
    """Place and heading of an object or a camera, such as ``camera/0``."""
    location_cm = np.array(links.words(f"vget /{what}/location"), dtype=np.float64)
    _, yaw_deg, _ = map(float, links.words(f"vget /{what}/rotation"))
    # A heading is a yaw of the other sign.
    heading_deg = round(yaw_deg_in_unreal(yaw_deg), 1) % 360.0
    return _Start(place_m=world_from_unreal(location_cm), heading_deg=heading_deg)


def _spot(start: _Start, room: _Room | None) -> Spot:
    x, y, z = start.place_m.tolist()
    ground_m = room.ground_m if room else z - _UNDER_PLAYER_M
    x, y, z = (round(value, 3) + 0.0 for value in (x, y, ground_m))
    return Spot(position_m=(x, y, z), heading_deg=start.heading_deg)


def _tags(rooms: Sequence[_Room | None]) -> tuple[str, ...]:
    """Indoor if most spots have a ceiling; nothing without depth."""
    known = [room.is_indoor for room in rooms if room]
    return () if not known else ("indoor",) if 2 * sum(known) > len(known) else ("outdoor",)


def _rooms(
    driver: EngineDriver, starts: Sequence[_Start], classes: Mapping[str, str]
) -> Iterator[_Room | None]:
    """What is around each start, by depth; None for each if the engine has no depth."""
    driver.spawn_cameras(_CAMERAS, exposure_ev=0.0, fps=_FPS)
    bodies = [name for name, uclass in classes.items() if any(one in uclass for one in _PLAYER_CLASSES)]
    with probing(driver, bodies) as probes:
        for start in starts:
            if len(starts) > 1:
                driver.move_player(start.place_m)
            yield _room(probes, start)


def _room(probes: Probes, start: _Start) -> _Room | None:
    """The surroundings of a start; None if depth is refused."""
    try:
        down_m = _hits_m(probes, start.place_m, np.array([[0.0, 0.0, -_DEEPEST_M]]))
        feet_m = start.place_m - [0.0, 0.0, down_m[0] if np.isfinite(down_m[0]) else _UNDER_PLAYER_M]
        angles = np.arange(_RAYS) * 2 * np.pi / _RAYS
        around_m = _MOST_RADIUS_M * np.stack([np.cos(angles), np.sin(angles), 0 * angles], axis=-1)
        rays_m = np.vstack([around_m, [0.0, 0.0, _CEILING_M - _EYE_M]])
        hits_m = _hits_m(probes, feet_m + np.array([0.0, 0.0, _EYE_M]), rays_m)
    except RefusedError:
        return None
    wall_m = np.quantile(np.minimum(hits_m[:-1], _MOST_RADIUS_M), _WALL_QUANTILE)
    return _Room(
        ground_m=float(feet_m[2]),
        radius_m=round(max(float(wall_m), _LEAST_RADIUS_M), 1),
        is_indoor=bool(np.isfinite(hits_m[-1])),
    )


def _hits_m(
    probes: Probes, origin_m: Float[np.ndarray, "3"], rays_m: Float[np.ndarray, "rays 3"]
) -> Float[np.ndarray, "rays"]:
    """Distances from a point to the first surfaces along rays of some length; infinity if none."""
    return probes.first_hits_m(np.tile(origin_m, (len(rays_m), 1)), origin_m + rays_m)
