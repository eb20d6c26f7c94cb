"""Open a level, and move its player where the level should be loaded."""

import re
import time
from contextlib import suppress
from itertools import count

import numpy as np
from jaxtyping import Float

from trajectories import unreal_from_world

from .errors import EngineError, EngineSetupError, LevelError, RefusedError
from .links import GAME, EngineLinks, numbers

_MARKER = "multitake_marker"
_POLL_S = 0.02
# While cells of World Partition load around the player, objects appear from poll to poll.
STREAMING_POLL_S = 0.5
_EQUAL_POLLS, _STREAMING_LIMIT_S, _PLAYER_LIMIT_S = 2, 20.0, 3.0
# Names of actors begin with those of their classes.
_PLAYER = re.compile("Pawn|Character")


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
        raise EngineSetupError(f"no level can be opened ({error}); {GAME}") from error
    deadline_s = time.monotonic() + links.load_timeout_s
    while not _is_loaded(links, package.rpartition("/")[2], marker, deadline_s):
        if time.monotonic() > deadline_s:
            what = f"level {package} did not load within {links.load_timeout_s:g} s"
            raise LevelError(f"{what}; correct its path, or raise load_timeout_s")
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
    """Move the player to a place, so that the level around it is loaded, and hide it.

    Returns the names of all objects.
    """
    _await_player(links)
    links.unrealcv.ask(f"vset /camera/0/location {numbers(unreal_from_world(place_m))}")
    objects = _streamed_objects(links) if is_streamed else links.words("vget /objects")
    # Its body would stand where it was moved to. Other objects may have such a name, but not the class.
    for name in filter(_PLAYER.search, objects):
        # An object may be gone by now.
        with suppress(RefusedError):
            if _PLAYER.search(links.text(f"vget /object/{name}/uclass_name")):
                links.unrealcv.ask(f"vset /object/{name}/hide")
    return objects


def _await_player(links: EngineLinks) -> None:
    """Wait until the player has its camera, which it may get after the first replies of a level."""
    deadline_s = time.monotonic() + _PLAYER_LIMIT_S
    while not links.words("vget /cameras"):
        if time.monotonic() > deadline_s:
            raise EngineSetupError(f"the level has no player with a camera; {GAME}, with a pawn")
        time.sleep(_POLL_S)


def _streamed_objects(links: EngineLinks) -> list[str]:
    """The names of all objects, when some polls have found the same, or after a while."""
    objects, equal = links.words("vget /objects"), 0
    deadline_s = time.monotonic() + min(_STREAMING_LIMIT_S, links.load_timeout_s)
    while equal < _EQUAL_POLLS and time.monotonic() < deadline_s:
        time.sleep(STREAMING_POLL_S)
        before, objects = objects, links.words("vget /objects")
        equal = equal + 1 if objects == before else 0
    return objects
