"""Actors in an engine: spawned with a mesh and an animation, placed, coloured, and checked once per take.

An engine answers many requests with success that it did not fulfil, so what can be read back is.
"""

import re
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass

import numpy as np

from shards import MaskObject
from trajectories import unreal_from_world, yaw_deg_in_unreal

from ..actor_paths import Actor, ActorPath
from ..sub_frames import value_between
from .errors import EngineError, EngineSetupError, RefusedError
from .links import EngineLinks, level_path, numbers, refusals_explained

_TICK_OPTION = "VisibilityBasedAnimTickOption"
_ALWAYS = "AlwaysTickPoseAndRefreshBones"
# Replies have three decimals, and Unreal's numbers are of single precision.
_LOCATION_TOLERANCE_CM, _ANGLE_TOLERANCE_DEG, _TIME_TOLERANCE = 0.1, 0.1, 1e-3
# Where in an animation its length shows: a position after the end is moved to it.
_NEAR_END = 0.99


@dataclass(frozen=True, kw_only=True)
class PlacedActor:
    """An actor of a take in the engine: its name, and its component in Remote Control."""

    name: str
    component: str
    actor: Actor
    path: ActorPath


def placed_actors(level: str, actors: Sequence[Actor], paths: Sequence[ActorPath]) -> tuple[PlacedActor, ...]:
    """The actors of a take with their names in the engine, the subject first."""
    return tuple(
        PlacedActor(
            name=f"character_{place + 1}",
            component=f"{level_path(level)}.character_{place + 1}.SkeletalMeshComponent0",
            actor=actor,
            path=path,
        )
        for place, (actor, path) in enumerate(zip(actors, paths, strict=True))
    )


def set_characters(links: EngineLinks, actors: Sequence[PlacedActor], objects: Sequence[MaskObject]) -> None:
    """Spawn the actors of a take where they are in its first frame, and set the mask colours of all objects.

    EngineSetupError if an actor does not have its mesh, its animation or its place.
    """
    for one in actors:
        spawn_character(links, one)
        set_animation(links, one)
    links.unrealcv.ask_all(placing_commands(actors, 0))
    check_placed(links, actors)
    colour_objects(links, objects)


def spawn_character(links: EngineLinks, placed: PlacedActor) -> None:
    """Spawn an actor, and give it its mesh; EngineSetupError if it does not get it."""
    name, actor = placed.name, placed.actor
    spawned = links.unrealcv.ask(f"vset /objects/spawn SkeletalMeshActor {name}")
    if spawned != name:
        raise EngineError(f"spawned actor {name}, but the engine named it {spawned!r}")
    scale = numbers([actor.character.actor_scale] * 3)
    links.unrealcv.ask(f"vset /object/{name}/scale {scale}")
    mobility = links.text(f"vget /object/{name}/mobility")
    if mobility != "Movable":
        raise EngineSetupError(f"spawned actor {name} is {mobility}; it cannot be moved")
    with refusals_explained(placed.actor.character.name):
        _always_pose(links, placed)
        _set_mesh(links, placed)


def _always_pose(links: EngineLinks, placed: PlacedActor) -> None:
    """Otherwise Unreal does not pose characters that no camera of the player sees."""
    try:
        links.remote_control.set_property(placed.component, _TICK_OPTION, _ALWAYS)
    except RefusedError:
        # It may be the default of skeletal mesh actors. Enums may be read with the name of their type.
        found = str(links.remote_control.read_property(placed.component, _TICK_OPTION))
        if found.rpartition("::")[2] != _ALWAYS:
            raise


def _set_mesh(links: EngineLinks, placed: PlacedActor) -> None:
    character = placed.actor.character
    call, timeout_s = links.remote_control.call, links.load_timeout_s
    call(placed.component, "SetSkeletalMeshAsset", timeout_s=timeout_s, NewMesh=character.asset)
    # A path that cannot be loaded is no error: there is nobody in the images.
    if not call(placed.component, "GetNumBones").get("ReturnValue"):
        what = f"the engine did not load the mesh {character.asset} of {character.name}"
        raise EngineSetupError(f"{what}; correct its path in the catalog, or cook it into the package")


def set_animation(links: EngineLinks, placed: PlacedActor) -> None:
    """Start the animation of an actor, standing still; EngineSetupError if its time cannot be set."""
    animation = placed.actor.animation
    call, timeout_s, path = links.remote_control.call, links.load_timeout_s, animation.asset
    sent_s = _NEAR_END * animation.duration_s
    with refusals_explained(placed.actor.character.name):
        call(placed.component, "PlayAnimation", timeout_s=timeout_s, NewAnimToPlay=path, bLooping=True)
        call(placed.component, "SetPlayRate", Rate=0.0)
        call(placed.component, "SetPosition", InPos=sent_s, bFireNotifies=False)
        found_s = float(call(placed.component, "GetPosition").get("ReturnValue", 0.0))
    if abs(found_s - sent_s) > _TIME_TOLERANCE * max(1.0, sent_s):
        what = f"animation {animation.name} is at {found_s:.3f} s after it was set to {sent_s:.3f} s"
        fix = "correct its path and duration_s in the catalog, and use one for the character's skeleton"
        raise EngineSetupError(f"{what}; {fix}")


def placing_commands(actors: Sequence[PlacedActor], frame: int | float) -> list[str]:
    """Commands that move all actors to their places in a frame, or between frames."""
    commands = []
    for one in actors:
        location_cm, yaw_deg = _place(one, frame)
        commands.append(f"vset /object/{one.name}/location {numbers(location_cm)}")
        commands.append(f"vset /object/{one.name}/rotation {numbers((0.0, yaw_deg, 0.0))}")
    return commands


def _place(one: PlacedActor, frame: int | float) -> tuple[np.ndarray, float]:
    """Location in cm and yaw of an actor: meshes that face another way than +X are turned back."""
    heading_deg = float(value_between(one.path.heading_deg[:, None], frame)[0])
    yaw_deg = yaw_deg_in_unreal(heading_deg) + one.actor.character.yaw_offset_deg
    return unreal_from_world(value_between(one.path.feet_m, frame)), yaw_deg


def check_placed(links: EngineLinks, actors: Sequence[PlacedActor]) -> None:
    """EngineSetupError if an actor is not where it was placed: it cannot move, or its animation moves it."""
    for one in actors:
        location_cm, yaw_deg = _place(one, 0)
        found_cm = links.floats(f"vget /object/{one.name}/location", 3)
        _, found_yaw_deg, _ = links.floats(f"vget /object/{one.name}/rotation", 3)
        turned_deg = (found_yaw_deg - yaw_deg + 180.0) % 360.0 - 180.0
        moved_cm = np.abs(found_cm - location_cm).max()
        if moved_cm > _LOCATION_TOLERANCE_CM or abs(turned_deg) > _ANGLE_TOLERANCE_DEG:
            what = f"{one.actor.character.name} is not where it was placed ({numbers(found_cm)} cm"
            what += f" instead of {numbers(location_cm)}, yaw {found_yaw_deg:.3f} instead of {yaw_deg:.3f})"
            raise EngineSetupError(f"{what}; use animations without root motion")


def colour_objects(links: EngineLinks, objects: Sequence[MaskObject]) -> None:
    """Set mask colours, and check those of actors.

    Unreal shows spawned actors in masks and depth only after this, if they have their meshes by then.
    """
    commands = [f"vset /object/{one.name}/color {' '.join(map(str, one.colour))}" for one in objects]
    try:
        links.unrealcv.ask_all(commands)
    except RefusedError:
        # An object of the level may be gone by now.
        for one, command in zip(objects, commands, strict=True):
            with suppress(RefusedError) if one.role == "environment" else nullcontext():
                links.unrealcv.ask(command)
    for one in objects:
        if one.role != "environment":
            reply = links.unrealcv.ask(f"vget /object/{one.name}/color")
            found = tuple(map(int, re.findall(r"[RGB]=(\d+)", str(reply))))
            if found != one.colour:
                raise EngineError(f"the mask colour of {one.name} is {reply!r}, but was set to {one.colour}")
