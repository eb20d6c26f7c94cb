"""Pictures of the assets of a catalog, filmed by an engine."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, UInt8

from trajectories import CameraPose
from trajectories.sampling import Rules

from ..actor_paths import Actor
from ..batch import FILMED_LIMITS, Batch
from ..catalog import Animation, Catalog, Character, Environment
from ..drive import EngineDriver
from ..geometry import level_surfaces
from ..plan import TakeSpec, plan_take, take_rigs
from .overview import overview_poses

Picture = UInt8[np.ndarray, "height width 3"]
# (width, height) of one picture.
_ENVIRONMENT_PX, _CHARACTER_PX, _ANIMATION_PX = (384, 216), (216, 288), (216, 216)
_SIDES, _MOMENTS = 4, 6
_FOV_DEG = 30.0
# Directions from which a character is filmed, from its front counter-clockwise.
_SIDES_DEG, _FACE_DEG, _ACTION_DEG = (0.0, 90.0, 180.0, 270.0), 20.0, -40.0
# A standing body keeps more than this share of its height.
_UPRIGHT = 0.95
# The part of a character's height that a picture shows, and the height of its middle, as shares.
_WHOLE_BODY, _FACE, _ACTION = (1.15, 0.5), (0.33, 0.88), (1.5, 0.5)


def environment_views(driver: EngineDriver, environment: Environment, catalog: Catalog) -> list[Picture]:
    """An environment at eye level from several sides, and from the first of them under each further light.

    Cameras of a planned take stand in for free places at eye level, if there is none.
    """
    width_px, height_px = _ENVIRONMENT_PX
    rules = Rules(validity=FILMED_LIMITS, layout="independent")
    batch = Batch(seed=0, takes=1, frames=2, width_px=width_px, height_px=height_px, rules=rules)
    scene = replace(
        catalog,
        environments=(environment,),
        characters=catalog.characters[:1],
        animations=(_standing(catalog),),
    )
    take = plan_take(batch, scene, 0)
    rig = take_rigs(batch, take).rig(0)
    surfaces, feet_m = level_surfaces(environment.asset), take.paths[0].feet_m[0]
    found = overview_poses(surfaces, feet_m, environment.radius_m, _SIDES) if surfaces else None
    poses = found or rig.poses[:_SIDES, 0]
    views: list[Picture] = []
    for light in catalog.lights:
        shown = poses[:1] if views else poses
        driver.set_scene(replace(take, light=light), len(shown.world_from_camera))
        driver.set_lens(rig.lens, width_px, height_px)
        views += _filmed(driver, 0.0, shown)
    return views


def character_views(
    driver: EngineDriver, character: Character, catalog: Catalog, studio: Environment
) -> list[Picture]:
    """A character from its front, left, back and right, and its face."""
    take = _in_studio(character, _standing(catalog), catalog, studio, moments=1)
    driver.set_scene(take, len(_SIDES_DEG) + 1)
    driver.set_view(*_CHARACTER_PX, _FOV_DEG)
    sides = [_pose(take, 0, degrees, _WHOLE_BODY, _CHARACTER_PX) for degrees in _SIDES_DEG]
    face = _pose(take, 0, _FACE_DEG, _FACE, _CHARACTER_PX)
    return _filmed(driver, 0.0, CameraPose(np.stack([*sides, face])))


def animation_views(
    driver: EngineDriver, animation: Animation, catalog: Catalog, studio: Environment
) -> list[Picture]:
    """An animation at equal times, by a camera that moves with the actor."""
    take = _in_studio(catalog.characters[0], animation, catalog, studio, moments=_MOMENTS)
    driver.set_scene(take, 1)
    driver.set_view(*_ANIMATION_PX, _FOV_DEG)
    views: list[Picture] = []
    for moment in range(_MOMENTS):
        pose = _pose(take, moment, _ACTION_DEG, _ACTION, _ANIMATION_PX)
        views += _filmed(driver, moment / take.fps, CameraPose(pose[None]), moment)
    return views


def _standing(catalog: Catalog) -> Animation:
    """The slowest animation, and of several the one that takes the least space."""

    def size(animation: Animation) -> tuple[float, float]:
        return abs(animation.speed_m_per_s or 0.0), float(np.prod(animation.size_m or (1.0, 1.0, 1.0)))

    upright = [
        one for one in catalog.animations if min(one.height_shares or (1.0,)) > _UPRIGHT
    ] or catalog.animations
    return min(upright, key=size)


def _in_studio(
    character: Character, animation: Animation, catalog: Catalog, studio: Environment, *, moments: int
) -> TakeSpec:
    """A take of one actor at the first spot of an environment, which lasts as long as its animation."""
    spot = studio.spots[0]
    actor = Actor(
        character=character,
        animation=animation,
        position_m=spot.position_m,
        heading_deg=spot.heading_deg,
        phase_s=0.0,
    )
    return TakeSpec(
        index=0,
        key="preview",
        split="train",
        environment=studio,
        actors=(actor,),
        light=catalog.lights[0],
        frames=moments,
        fps=moments / animation.duration_s,
    )


def _pose(
    take: TakeSpec, frame: int, side_deg: float, shown: tuple[float, float], size_px: tuple[int, int]
) -> Float[np.ndarray, "3 4"]:
    """A camera that shows a part of the subject's height from a side of it."""
    actor, path = take.actors[0], take.paths[0]
    part, middle = shown
    middle_m = path.feet_m[frame] + [0.0, 0.0, middle * actor.character.height_m]
    angle = np.radians(actor.heading_deg + side_deg)
    outward = np.array([np.cos(angle), np.sin(angle), 0.0])
    half_height = np.tan(np.radians(_FOV_DEG / 2)) * size_px[1] / size_px[0]
    distance_m = part * actor.character.height_m / 2 / half_height
    return CameraPose.looking(middle_m + distance_m * outward, -outward).world_from_camera


def _filmed(driver: EngineDriver, time_s: float, poses: CameraPose, frame: int = 0) -> list[Picture]:
    driver.set_time(frame, time_s)
    return list(driver.film_frame(poses, ()).captures["video"])
