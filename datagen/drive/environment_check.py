"""Whether an environment can be filmed: asked before the first take, because no new engine would cure it."""

from collections.abc import Sequence

import numpy as np

from trajectories import CameraPose

from ..actor_paths import Actor
from ..catalog import Catalog, Environment
from ..mask_colours import mask_objects
from .characters import PlacedActor, placed_actors, set_characters
from .driver import EngineDriver
from .errors import EngineSetupError
from .lights import check_lights, set_light
from .links import bones_explained

# Of cameras that film nothing.
_FPS = 15.0
# Passes in which an actor can be missing, and how one is looked at to find out.
_LABELS = {"depth", "mask", "joints"}
_ABOVE_M, _AHEAD_M, _SIDE_PX, _FOV_DEG = 60.0, 3.0, 64, 90.0


def check_environment(
    driver: EngineDriver, environment: Environment, catalog: Catalog, passes: Sequence[str] = ()
) -> None:
    """EngineSetupError if an environment cannot be filmed.

    No game runs, its lights are missing or cannot be changed, no character can be set in it, it would not be
    in masks and depth, or the engine does not tell the joints that are ordered.
    """
    driver.open_environment(environment)
    check_lights(driver.links, environment, catalog.lights)
    actor = _set_actor(driver, environment, catalog)
    if "joints" in passes:
        with bones_explained():
            driver.unrealcv.ask(f"vget /object/{actor.name}/bones world")
    # After the character: in an editor session this would change the level that is open.
    for light in catalog.lights:
        set_light(driver.links, environment, light)
    driver.spawn_cameras(1, exposure_ev=environment.exposure_ev, fps=_FPS)
    if _LABELS & set(passes):
        _check_labels(driver, actor)


def _set_actor(driver: EngineDriver, environment: Environment, catalog: Catalog) -> PlacedActor:
    """The first character with the first animation, high above the first spot, where nothing hides it."""
    x_m, y_m, z_m = environment.spots[0].position_m
    actor = Actor(
        character=catalog.characters[0],
        animation=catalog.animations[0],
        position_m=(x_m, y_m, z_m + _ABOVE_M),
        heading_deg=0.0,
        phase_s=0.0,
    )
    placed = placed_actors(environment.asset, [actor], [actor.path(frames=1, fps=_FPS)])
    set_characters(driver.links, placed, mask_objects([placed[0].name], ()))
    return placed[0]


def _check_labels(driver: EngineDriver, placed: PlacedActor) -> None:
    """EngineSetupError if a camera in front of an actor does not see it in its mask."""
    forward = np.array([1.0, 0.0, 0.0])
    pose = CameraPose.looking(placed.path.point_m(0.5)[0] - _AHEAD_M * forward, forward)
    driver.set_view(_SIDE_PX, _SIDE_PX, _FOV_DEG)
    driver.cameras.pose(pose[None], warm_up=0)
    (mask,) = driver.cameras.images(("mask",))["mask"]
    (subject,) = mask_objects([placed.name], ())
    if not (mask == np.array(subject.colour)).all(axis=-1).any():
        what = f"{placed.actor.character.name} is not in masks, although its colour was set"
        raise EngineSetupError(f"{what}; update the UnrealCV plugin")
