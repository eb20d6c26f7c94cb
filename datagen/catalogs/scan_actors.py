"""Characters and animations that a scan proposes, measured on actors in the level that is open."""

from contextlib import suppress

import numpy as np

from trajectories import world_from_unreal

from ..actor_paths import Actor
from ..catalog import Animation, Character
from ..catalog_files import LEAST_HEIGHT_M, MOST_HEIGHT_M
from ..drive import EngineDriver, EngineSetupError
from ..drive.characters import PlacedActor, spawn_character
from ..drive.errors import RefusedError
from ..drive.links import level_path
from .scan_levels import LeftOutError
from .scan_names import noun_phrase, verb_phrase, words_of

# An actor must have an animation; this one is never played.
_NO_ANIMATION = Animation(name="none", asset="none", caption="", duration_s=1.0)
_LONGEST_S, _SMALLEST_M = 3600.0, 0.01
_FACES_Y_DEG = -90.0


class ActorScan:
    """Proposes characters, and then animations; ``level`` is the asset of the level that is open."""

    def __init__(self, driver: EngineDriver, level: str) -> None:
        self._driver, self._level = driver, level
        self._spawned = 0
        self._player: PlacedActor | None = None

    def character(self, asset: str, name: str) -> Character:
        """Spawn a mesh, and propose an entry for it.

        LeftOutError if it cannot be loaded, or is not as high as a character.
        """
        words = words_of(asset) or (name,)
        entry = Character(name=name, asset=asset, caption=noun_phrase(words), height_m=1.0)
        placed = self._placed(entry)
        try:
            spawn_character(self._driver.links, placed)
            x_m, y_m, z_m = self._size_m(placed.name)
        except EngineSetupError as error:
            raise LeftOutError(str(error)) from error
        finally:
            with suppress(RefusedError):
                self._driver.unrealcv.ask(f"vset /object/{placed.name}/destroy")
        if not LEAST_HEIGHT_M <= z_m <= MOST_HEIGHT_M:
            what = f"it is {z_m:.3g} m high"
            raise LeftOutError(f"{what}; characters are {LEAST_HEIGHT_M:g} to {MOST_HEIGHT_M:g} m high")
        faces_y = x_m > y_m
        front_m, side_m = (y_m, x_m) if faces_y else (x_m, y_m)
        return Character(
            name=name,
            asset=asset,
            caption=entry.caption,
            height_m=z_m,
            size_m=(front_m, side_m, z_m),
            yaw_offset_deg=_FACES_Y_DEG if faces_y else 0.0,
        )

    def animation(self, asset: str, name: str, character: Character) -> Animation:
        """Propose an entry for an animation, which ``character`` plays so that it is loaded.

        LeftOutError if its length is refused or not positive.
        """
        call, timeout_s = self._driver.remote_control.call, self._driver.links.load_timeout_s
        player = self._player or self._spawned_player(character)
        try:
            # The length can be asked of objects in memory alone. Refused: it may be in memory nevertheless.
            with suppress(RefusedError):
                call(
                    player.component, "PlayAnimation", timeout_s=timeout_s, NewAnimToPlay=asset, bLooping=True
                )
            duration_s = round(float(call(asset, "GetPlayLength").get("ReturnValue", 0.0)), 4)
        except RefusedError as error:
            raise LeftOutError(str(error)) from error
        if not 0.0 < duration_s < _LONGEST_S:
            raise LeftOutError(f"its length is {duration_s:g} s")
        caption = verb_phrase(words_of(asset) or (name,))
        return Animation(name=name, asset=asset, caption=caption, duration_s=duration_s, speed_m_per_s=0.0)

    def _spawned_player(self, character: Character) -> PlacedActor:
        self._player = self._placed(character)
        spawn_character(self._driver.links, self._player)
        return self._player

    def _placed(self, character: Character) -> PlacedActor:
        """An actor with a new name: Unreal may keep the names of actors that are gone."""
        self._spawned += 1
        name = f"multitake_scan_{self._spawned}"
        actor = Actor(
            character=character,
            animation=_NO_ANIMATION,
            position_m=(0.0, 0.0, 0.0),
            heading_deg=0.0,
            phase_s=0.0,
        )
        return PlacedActor(
            name=name,
            component=f"{level_path(self._level)}.{name}.SkeletalMeshComponent0",
            actor=actor,
            path=actor.path(frames=1, fps=1.0),
        )

    def _size_m(self, name: str) -> tuple[float, float, float]:
        """The extent of an actor along the axes of the world, to centimetres."""
        corners_cm = self._driver.links.floats(f"vget /object/{name}/bounds", 6)
        size_m = np.abs(np.diff(world_from_unreal(corners_cm.reshape(2, 3)), axis=0)[0])
        x_m, y_m, z_m = np.maximum(size_m.round(2), _SMALLEST_M).tolist()
        return x_m, y_m, z_m
