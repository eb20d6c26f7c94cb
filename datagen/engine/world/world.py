"""The state of the loaded level. Every change is copied to the scene graph.

Numbers are kept as they were sent (float64, cm, degrees). Loading a level resets everything, so the pixels
depend only on the commands since then. Impossible requests raise ``WorldError``.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from multitake.errors import InputError

from .. import assets
from ..content.daylight import FOG_PER_M, Daylight
from ..content.unreal_space import Triple
from ..render.scene_graph import SceneGraph
from .actors import (
    CAMERA_CLASS,
    CHARACTER_CLASS,
    CUBE_CLASS,
    EMPTY_CLASSES,
    MOVABLE,
    STATIC,
    Actor,
    CameraSensor,
    CharacterActor,
    WorldError,
    cube_parts,
)
from .faults import NO_FAULTS, Faults

SUN, SKY, FOG = "Sun", "SkyLight", "HeightFog"
VIEW_MODE = "lit"
PLAYER = "PlayerPawn"
SUN_CLASS, SKY_CLASS, FOG_CLASS = "DirectionalLight", "SkyLight", "ExponentialHeightFog"
# Transforms outside are singular or infinite in single precision.
SMALLEST_SCALE, LARGEST_SCALE = 1e-3, 1e4
_MASK_COLORS = 32**3
# Of faults: how far a tick moves a running animation, and which camera is missing.
_RUN_S = 1 / 30
_CAMERAS_BEFORE_MISSING = 2
_Loaded = TypeVar("_Loaded")
_log = logging.getLogger(__name__)


class World:
    """One loaded level and everything in it. ``loads`` counts the levels that were loaded."""

    def __init__(self, scene: SceneGraph, faults: Faults = NO_FAULTS) -> None:
        self._scene, self.faults = scene, faults
        self.loads = 0
        self._requested_level: assets.Asset | None = None
        self.tick = 0
        self.actors: dict[str, Actor] = {}
        self.cameras: list[CameraSensor] = []
        self._load(assets.START_LEVEL)

    def request_level(self, name: str) -> None:
        """Load a level at the next tick; ``name`` is an object path, a package path or the short name.

        Like the plugin, it accepts a level that does not exist, and keeps the loaded one.
        """
        asset = assets.find_asset(name if "/" in name else f"/Game/Maps/{name}", "World")
        if asset is None:
            _log.warning("no level %s; the level stays %s", name, self.level)
        else:
            loaded(assets.level, asset)
            self._requested_level = asset

    def begin_tick(self) -> None:
        """Count the tick, and load the requested level, if any."""
        self.tick += 1
        if self._requested_level is not None:
            time.sleep(self.faults.slow_level_loads_s)
            self._load(self._requested_level)
            self._requested_level = None
        if self.faults.running_animation:
            self._run_animations()

    def actor(self, name: str) -> Actor:
        """Return the actor of that name."""
        if name not in self.actors:
            raise WorldError("Cannot find object")
        return self.actors[name]

    def camera(self, index: int) -> CameraSensor:
        """Return the camera of that id."""
        if index >= len(self.cameras):
            raise WorldError("Invalid sensor id")
        return self.cameras[index]

    def spawn(self, uclass: str, name: str | None = None, location: Triple = (0.0, 0.0, 0.0)) -> Actor:
        """Spawn an actor. Without a name it is named after its class."""
        if name in self.actors:
            raise WorldError(f"Failed to spawn {name}, object exists.")
        name = name or next(
            free for n in range(len(self.actors) + 1) if (free := f"{uclass}_{n}") not in self.actors
        )
        if uclass == CHARACTER_CLASS:
            actor: Actor = CharacterActor(
                name=name,
                uclass=uclass,
                parts=[],
                location=location,
                is_frozen=self.faults.frozen_animation,
            )
        elif uclass == CUBE_CLASS:
            actor = Actor(name=name, uclass=uclass, parts=cube_parts(), location=location)
        elif uclass == CAMERA_CLASS or uclass in EMPTY_CLASSES:
            actor = Actor(name=name, uclass=uclass, location=location)
        else:
            raise WorldError(f"Can not find a class with name '{uclass}'")
        if uclass == CAMERA_CLASS and not self._misses_next_camera():
            self.cameras.append(CameraSensor(actor=actor))
        if actor.parts is None:
            self.actors[name] = actor
        else:
            self._add(actor, key=uclass, is_movable=True)
        return actor

    def spawn_cube(self, name: str | None = None, location: Triple = (0.0, 0.0, 0.0)) -> Actor:
        """Spawn a cube of 1 m. Like the plugin's, it gets another name if its name is taken."""
        is_renamed = name in self.actors or self.faults.renamed_cubes
        return self.spawn(CUBE_CLASS, None if is_renamed else name, location)

    def destroy(self, name: str) -> None:
        """Remove an actor; the ids of later cameras decrease."""
        actor = self.actor(name)
        if any(actor is one for one in (self.sun, self.sky, self.fog, self._pawn)):
            raise WorldError(f"{name} can not be destroyed")
        self.cameras = [camera for camera in self.cameras if camera.actor is not actor]
        del self.actors[name]
        if actor.parts is not None:
            self._scene.remove(name)

    def rename(self, name: str, new_name: str) -> None:
        """Give an actor a new name that no other actor has."""
        actor = self.actor(name)
        if not new_name:
            raise WorldError("Argument Invalid")
        if new_name in self.actors:
            what = "Renaming an object to overwrite an existing object is not allowed"
            raise WorldError(f"{what}: {new_name}")
        self.actors = {new_name if key == name else key: value for key, value in self.actors.items()}
        actor.name = new_name
        if actor.parts is not None:
            self._scene.rename(name, new_name)

    def place(
        self,
        name: str,
        *,
        location: Triple | None = None,
        rotation: Triple | None = None,
        scale: Triple | None = None,
    ) -> None:
        """Change an actor's transform."""
        actor = self.actor(name)
        if scale is not None and not all(SMALLEST_SCALE <= abs(one) <= LARGEST_SCALE for one in scale):
            raise WorldError("Argument Invalid")
        if actor is self.sun and self.faults.static_sun:
            return
        actor.location = actor.location if location is None else location
        actor.rotation = actor.rotation if rotation is None else rotation
        actor.scale = actor.scale if scale is None else scale
        if actor.parts is not None:
            self._scene.move(name, actor.world_from_actor())
        elif actor is self.sun:
            self.light(replace(self.daylight, sun_rotation_deg=actor.rotation))

    def show(self, name: str, visible: bool) -> None:
        """Show or hide an actor in every image."""
        if self.actor(name).parts is not None:
            self._scene.show(name, visible)

    def paint(self, name: str, color: tuple[int, int, int]) -> None:
        """Set an actor's mask colour. Spawned actors are absent from masks and depth until then."""
        actor = self.actor(name)
        if max(color) > 255:
            raise WorldError("Argument Invalid")
        actor.color = color
        is_left_out = self.faults.unlabelled_actors and actor.mobility == MOVABLE
        if actor.parts is not None and not is_left_out:
            self._scene.paint_mask(name, color)

    def set_paused(self, paused: bool) -> None:
        """Store whether the game is paused; time does not run in either case."""
        self.paused = paused

    def light(self, day: Daylight) -> None:
        """Set the light of the level."""
        self.daylight = day
        self._scene.light(self._environment, day)

    def set_character(self, name: str, character: assets.Asset) -> None:
        """Set the character of a skeletal mesh actor."""
        actor = self._character_actor(name)
        actor.body = loaded(assets.body, character)
        self._scene.set_character(name, character.path, actor.body.skin.parts, actor.body.piece_names)
        self.pose(name)

    def play(self, name: str, animation: assets.Asset, *, is_looping: bool) -> None:
        """Start an animation of a skeletal mesh actor at its beginning."""
        actor = self._character_actor(name)
        actor.animation = loaded(assets.animation, animation)
        actor.is_looping, actor.position_s = is_looping, 0.0
        self.pose(name)

    def pose(self, name: str) -> None:
        """Show a skeletal mesh actor in the pose that its state describes."""
        actor = self._character_actor(name)
        if actor.body is not None:
            posed = actor.posed()
            x_cm, y_cm, _ = posed.actor_from_bones["pelvis"][3, :3].tolist()
            self._scene.pose(name, posed.actor_from_pieces, (x_cm, y_cm))

    def _run_animations(self) -> None:
        for actor in self.actors.values():
            if isinstance(actor, CharacterActor) and actor.animation is not None:
                actor.position_s = (actor.position_s + _RUN_S) % actor.animation.duration_s
                self.pose(actor.name)

    def _misses_next_camera(self) -> bool:
        """Whether the next camera is the one that gets no id, as a fault."""
        spawned = sum(actor.uclass == CAMERA_CLASS for actor in self.actors.values())
        return self.faults.missing_camera and spawned == _CAMERAS_BEFORE_MISSING

    def _character_actor(self, name: str) -> CharacterActor:
        actor = self.actor(name)
        if not isinstance(actor, CharacterActor):
            raise WorldError(f"{name} is not a {CHARACTER_CLASS}")
        return actor

    def _load(self, asset: assets.Asset) -> None:
        level = asset.name
        for actor in self.actors.values():
            if actor.parts is not None:
                self._scene.remove(actor.name)
        self.level, self.paused, self.view_mode, self.actors = level, False, VIEW_MODE, {}
        self.level_package = asset.package
        self.loads += 1
        self._environment = assets.level(asset)
        for name, prop in self._environment.props.items():
            actor = Actor(name=name, uclass="StaticMeshActor", mobility=STATIC, parts=prop.parts)
            actor.location, actor.rotation = prop.location_cm, (0.0, prop.yaw_deg, 0.0)
            self._add(actor, key=f"{asset.path}.{name}", is_movable=False)
        sun_rotation_deg = self._environment.lighting.sun_rotation_deg
        self._pawn = Actor(name=PLAYER, uclass="Pawn", location=(-500.0, 0.0, 160.0))
        mobility = STATIC if self.faults.static_sun else MOVABLE
        self.sun = Actor(name=SUN, uclass=SUN_CLASS, mobility=mobility, rotation=sun_rotation_deg)
        self.sky, self.fog = Actor(name=SKY, uclass=SKY_CLASS), Actor(name=FOG, uclass=FOG_CLASS)
        self.actors |= {one.name: one for one in (self.sun, self.sky, self.fog)}
        self.player_camera = CameraSensor(actor=self._pawn)
        self.cameras = []
        if not self.faults.no_pawn:
            self.actors[PLAYER] = self._pawn
            self.cameras.append(self.player_camera)
        if self.faults.visible_pawn:
            self._pawn.parts = cube_parts()
            self._add(self._pawn, key=CUBE_CLASS, is_movable=True)
        fog_density = self._environment.lighting.fog_per_m / FOG_PER_M
        self.light(Daylight(sun_rotation_deg=sun_rotation_deg, fog_density=fog_density))

    def _add(self, actor: Actor, key: str, is_movable: bool) -> None:
        used = {other.color_index for other in self.actors.values()}
        actor.color_index = next(index for index in range(_MASK_COLORS) if index not in used)
        actor.color = _mask_color(actor.color_index)
        self.actors[actor.name] = actor
        self._scene.add(actor.name, key, actor.parts or [], is_movable)
        self._scene.move(actor.name, actor.world_from_actor())
        if not is_movable:
            self._scene.paint_mask(actor.name, actor.color)


def loaded(load: Callable[[assets.Asset], _Loaded], asset: assets.Asset) -> _Loaded:
    """What an asset is; ``WorldError`` if its file cannot be used."""
    try:
        return load(asset)
    except InputError as error:
        raise WorldError(str(error)) from error


def _mask_color(index: int) -> tuple[int, int, int]:
    """Return one of 32 768 distinct colours, none of them black; the odd stride separates neighbours."""
    number = (index * 20077 + 9001) % _MASK_COLORS
    return (8 * (number & 31) + 7, 8 * (number >> 5 & 31) + 7, 8 * (number >> 10) + 7)
