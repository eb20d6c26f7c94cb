"""The state of the world: level, actors, cameras, figures. Mirrors every change onto the stage.

Numbers are kept as they were sent (float64, cm, degrees). A level load resets everything, so that the pixels
depend on the commands since then and on nothing before. Impossible requests raise `WorldError`, whose text
goes to the client.
"""

from dataclasses import dataclass, field

import numpy as np

from ..content import assets as catalog
from ..content.animations import ANIMATIONS, REST
from ..content.characters import CHARACTERS, bone_parts
from ..content.environment import DAYLIGHT_INTENSITY
from ..content.meshes import Paint, Part, bounds_cm, box, transformed
from ..content.skeleton import actor_from_bones, subtree
from ..content.unreal_space import Number, Triple, world_from_local
from ..render.scene_graph import Stage

CAMERA_CLASS, FIGURE_CLASS, CUBE_CLASS, LIGHT_CLASS = (
    "FusionCameraActor",
    "SkeletalMeshActor",
    "CubeActor",
    "DirectionalLight",
)
SPAWNABLE = (FIGURE_CLASS, CUBE_CLASS, CAMERA_CLASS)
SUN = "Sun"
PLAYER = "PlayerPawn"
_COLORS = 32**3


class WorldError(Exception):
    """A request that the world cannot fulfil; the text says why."""


@dataclass(kw_only=True)
class Figure:
    """What a skeletal mesh actor wears and does. Time stands still: only `position_s` moves the limbs."""

    character: str | None = None
    animation: str | None = None
    looping: bool = True
    position_s: Number = 0.0
    play_rate: Number = 1.0
    hidden_bones: set[str] = field(default_factory=set)
    properties: dict[str, object] = field(default_factory=dict)


@dataclass(kw_only=True)
class Actor:
    """Anything with a name and a transform. `parts` is its rigid body, `None` for what is never drawn."""

    name: str
    uclass: str
    mobility: str = "Movable"
    location: Triple = (0.0, 0.0, 0.0)
    rotation: Triple = (0.0, 0.0, 0.0)
    scale: Triple = (1.0, 1.0, 1.0)
    color_index: int | None = None
    color: tuple[int, int, int] = (0, 0, 0)
    parts: list[Part] | None = None
    figure: Figure | None = None

    def world_from_actor(self) -> np.ndarray:
        """Row-vector transform, cm."""
        return world_from_local(self.location, self.rotation, self.scale)


@dataclass(kw_only=True)
class CameraSensor:
    """A camera's lens and image size; its pose is its actor's. `settings` are accepted and stored only."""

    actor: Actor
    fov_deg: Number = 90.0
    width_px: int = 640
    height_px: int = 480
    settings: dict[str, str] = field(default_factory=dict)


class World:
    """One loaded level and everything in it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._pending_level: str | None = None
        self.level = ""
        self.paused = False
        self.sun_intensity = DAYLIGHT_INTENSITY
        self.actors: dict[str, Actor] = {}
        self.cameras: list[CameraSensor] = []
        self._load(catalog.START_LEVEL)

    def request_level(self, name: str) -> None:
        """Load a level at the next tick; `name` is an object path, a package path or the short name."""
        asset = catalog.find_asset(name if "/" in name else f"/Game/Maps/{name}", "World")
        if asset is None:
            raise WorldError(f"Can not find a level with name '{name}'")
        self._pending_level = asset.name

    def begin_tick(self) -> None:
        """Do what was put off to this tick."""
        if self._pending_level is not None:
            name, self._pending_level = self._pending_level, None
            self._load(name)

    def actor(self, name: str) -> Actor:
        """The actor of that name."""
        if name not in self.actors:
            raise WorldError("Cannot find object")
        return self.actors[name]

    def camera(self, index: int) -> CameraSensor:
        """The camera with that id."""
        if index >= len(self.cameras):
            raise WorldError("Invalid sensor id")
        return self.cameras[index]

    def spawn(self, uclass: str, name: str | None = None) -> Actor:
        """Spawn an actor at the origin. Without a name it is called after its class."""
        if uclass not in SPAWNABLE:
            raise WorldError(f"Can not find a class with name '{uclass}'")
        name = name or self._free_name(uclass)
        if name in self.actors:
            raise WorldError(f"Failed to spawn {name}, object exists.")
        actor = Actor(name=name, uclass=uclass)
        if uclass == CAMERA_CLASS:
            self.actors[name] = actor
            self.cameras.append(CameraSensor(actor=actor))
            return actor
        actor.figure = Figure() if uclass == FIGURE_CLASS else None
        actor.parts = _cube() if uclass == CUBE_CLASS else []
        self._enter(actor, key=uclass, moves=True)
        return actor

    def destroy(self, name: str) -> None:
        """Remove an actor; the ids of later cameras move up."""
        actor = self.actor(name)
        if name in (PLAYER, SUN):
            raise WorldError(f"{name} can not be destroyed")
        self.cameras = [camera for camera in self.cameras if camera.actor is not actor]
        del self.actors[name]
        if actor.parts is not None:
            self._stage.remove(name)

    def rename(self, name: str, new_name: str) -> None:
        """Give an actor a new, free name."""
        actor = self.actor(name)
        if new_name in self.actors or not new_name:
            raise WorldError(f"Failed to rename {name}, object {new_name} exists.")
        self.actors = {new_name if key == name else key: value for key, value in self.actors.items()}
        actor.name = new_name
        if actor.parts is not None:
            self._stage.rename(name, new_name)

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
        if scale is not None and 0.0 in scale:
            raise WorldError("Argument Invalid")
        actor.location = actor.location if location is None else location
        actor.rotation = actor.rotation if rotation is None else rotation
        actor.scale = actor.scale if scale is None else scale
        if actor.parts is not None:
            self._stage.move(name, actor.world_from_actor())
        elif name == SUN:
            self._light()

    def show(self, name: str, visible: bool) -> None:
        """Draw an actor or leave it out of every image."""
        if self.actor(name).parts is not None:
            self._stage.show(name, visible)

    def paint(self, name: str, color: tuple[int, int, int]) -> None:
        """Set an actor's mask colour."""
        actor = self.actor(name)
        if max(color) > 255:
            raise WorldError("Argument Invalid")
        actor.color = color
        if actor.parts is not None:
            self._stage.paint_mask(name, color)

    def pause(self, paused: bool) -> None:
        """Note that the game is paused; time stands still either way."""
        self.paused = paused

    def set_sun_intensity(self, intensity: Number) -> None:
        """Set the sun's strength; 10 is normal daylight."""
        self.sun_intensity = intensity
        self._light()

    def dress(self, actor: Actor, character: str) -> None:
        """Give a figure its body."""
        figure = _figure_of(actor)
        figure.character = character
        self._stage.dress(actor.name, character, bone_parts(CHARACTERS[character]))
        self.pose(actor)

    def pose(self, actor: Actor) -> None:
        """Bring a figure's limbs to where its state says."""
        figure = _figure_of(actor)
        if figure.character is not None:
            hidden = {bone for root in figure.hidden_bones for bone in subtree(root)}
            self._stage.pose(actor.name, self.actor_from_bones(actor), hidden)

    def actor_from_bones(self, actor: Actor) -> dict[str, np.ndarray]:
        """Every bone's row-vector transform in the actor's frame."""
        figure = _figure_of(actor)
        if figure.character is None:
            raise WorldError(f"{actor.name} has no skeletal mesh")
        animation = ANIMATIONS.get(figure.animation or "")
        pose = REST if animation is None else animation.at(figure.position_s, figure.looping)
        return actor_from_bones(CHARACTERS[figure.character].proportions, pose)

    def bounds_cm(self, name: str) -> np.ndarray:
        """World box around an actor: smallest and largest corner."""
        actor = self.actor(name)
        world_from_actor = actor.world_from_actor()
        meshes = [transformed(part.mesh, world_from_actor) for part in actor.parts or []]
        if actor.figure is not None and actor.figure.character is not None:
            bones = self.actor_from_bones(actor)
            for bone, parts in bone_parts(CHARACTERS[actor.figure.character]).items():
                meshes += [transformed(part.mesh, bones[bone] @ world_from_actor) for part in parts]
        return bounds_cm(meshes) if meshes else np.array([actor.location, actor.location])

    def _load(self, level: str) -> None:
        for actor in self.actors.values():
            if actor.parts is not None:
                self._stage.remove(actor.name)
        environment = catalog.environment(level)
        self.level, self.paused, self.actors = level, False, {}
        for name, prop in environment.props.items():
            actor = Actor(name=name, uclass="StaticMeshActor", mobility="Static", parts=prop.parts)
            actor.location, actor.rotation = prop.location_cm, (0.0, prop.yaw_deg, 0.0)
            self._enter(actor, key=f"{level}.{name}", moves=False)
        sun = Actor(name=SUN, uclass=LIGHT_CLASS, rotation=environment.lighting.sun_rotation_deg)
        pawn = Actor(name=PLAYER, uclass="Pawn", location=(-500.0, 0.0, 160.0))
        self.actors |= {SUN: sun, PLAYER: pawn}
        self.cameras = [CameraSensor(actor=pawn)]
        self.sun_intensity = DAYLIGHT_INTENSITY
        self._light()

    def _light(self) -> None:
        lighting = catalog.environment(self.level).lighting
        self._stage.light(lighting, self.actors[SUN].rotation, self.sun_intensity)

    def _enter(self, actor: Actor, key: str, moves: bool) -> None:
        used = {other.color_index for other in self.actors.values()}
        actor.color_index = next(index for index in range(_COLORS) if index not in used)
        actor.color = _mask_color(actor.color_index)
        self.actors[actor.name] = actor
        self._stage.place(actor.name, key, actor.parts or [], moves)
        self._stage.move(actor.name, actor.world_from_actor())
        self._stage.paint_mask(actor.name, actor.color)

    def _free_name(self, uclass: str) -> str:
        return next(
            name for name in (f"{uclass}_{n}" for n in range(len(self.actors) + 1)) if name not in self.actors
        )


def _figure_of(actor: Actor) -> Figure:
    if actor.figure is None:
        raise WorldError(f"{actor.name} is not a {FIGURE_CLASS}")
    return actor.figure


def _mask_color(index: int) -> tuple[int, int, int]:
    """The n-th of 32 768 distinct colours, neighbours far apart, none black: a walk with an odd stride."""
    place = (index * 20077 + 9001) % _COLORS
    return (8 * (place & 31) + 7, 8 * (place >> 5 & 31) + 7, 8 * (place >> 10) + 7)


def _cube() -> list[Part]:
    """Unreal's basic cube: 1 m, centred on its origin."""
    mesh = box((100, 100, 100), (0, 0, 0), Paint(color=(0.95, 0.85, 0.65), gloss=0.2, tile_cm=100))
    return [Part(mesh=mesh, texture="checker")]
