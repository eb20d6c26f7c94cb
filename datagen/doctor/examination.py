"""What the checks share: the connections, what to film, and how a scene for them is set."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float, UInt8

from trajectories import CameraPose, Intrinsics, Lens, unreal_from_world, world_from_unreal

from ..actor_paths import Actor
from ..batch import EngineChoice
from ..catalog import Animation, Catalog, Character, Environment
from ..drive.characters import PlacedActor
from ..drive.connecting import EngineAddress
from ..drive.driver import EngineDriver
from ..drive.errors import EngineError
from ..drive.links import numbers

CAMERAS, WIDTH_PX, HEIGHT_PX = 10, 320, 192
_LENS = Lens(focal_length_mm=20.0, f_number=8.0)
CUBE, CUBE_COLOUR = "multitake_cube", (255, 127, 1)
# High above the first spot nothing hides what is checked; the cube is this far in front of the camera.
_ABOVE_M, AHEAD_M = 60.0, 5.0
Image = UInt8[np.ndarray, "height width 3"]
Mask = Image


@dataclass(kw_only=True)
class Examination:
    """What an examination needs, and what earlier checks have made.

    Attributes:
        actors: the character that stands in the level.
        settled_image: the view of a probe when it is settled.
    """

    address: EngineAddress
    choice: EngineChoice
    catalog: Catalog
    links: ExitStack
    driver: EngineDriver | None = None
    actors: tuple[PlacedActor, ...] = ()
    settled_image: Image = field(default_factory=lambda: np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8))

    @property
    def engine(self) -> EngineDriver:
        """The driver, once the engine answers."""
        if self.driver is None:
            raise EngineError("there is no connection")
        return self.driver

    @property
    def environment(self) -> Environment:
        """The level of all checks."""
        return self.catalog.environments[0]

    @property
    def character(self) -> Character:
        """Who is filmed."""
        return self.catalog.characters[0]

    @property
    def animation(self) -> Animation:
        """What it does."""
        return self.catalog.animations[0]

    @property
    def place_m(self) -> Float[np.ndarray, "3"]:
        """Where cameras of checks are."""
        return np.add(self.environment.spots[0].position_m, (0.0, 0.0, _ABOVE_M))

    @property
    def intrinsics(self) -> Intrinsics:
        """Those of all cameras of checks."""
        return _LENS.intrinsics(WIDTH_PX, HEIGHT_PX)

    def open_level(self) -> None:
        """Open the level again, with one camera."""
        self.engine.open_environment(self.environment)
        self.spawn_cameras(1)

    def spawn_cameras(self, cameras: int) -> None:
        """Spawn and set up cameras for the next checks."""
        self.engine.spawn_cameras(cameras, exposure_ev=self.environment.exposure_ev, fps=15.0)
        self.engine.set_lens(_LENS, WIDTH_PX, HEIGHT_PX)

    def spawn_cube(self) -> None:
        """A cube with a mask colour in front of the cameras' place."""
        centre_m = np.add(self.place_m, (AHEAD_M, 0.0, 0.0))
        unrealcv = self.engine.unrealcv
        spawned = unrealcv.ask(f"vset /objects/spawn_cube {CUBE}")
        if spawned != CUBE:
            raise EngineError(f"spawned the cube {CUBE}, but the engine named it {spawned!r}")
        unrealcv.ask(f"vset /object/{CUBE}/location {numbers(unreal_from_world(centre_m))}")
        unrealcv.ask(f"vset /object/{CUBE}/color {' '.join(map(str, CUBE_COLOUR))}")

    def bounds_m(self, name: str) -> Float[np.ndarray, "2 3"]:
        """Smallest and largest corner of an object in the world."""
        corners_cm = self.engine.links.floats(f"vget /object/{name}/bounds", 6)
        corners_m = world_from_unreal(corners_cm.reshape(2, 3))
        return np.sort(corners_m, axis=0)

    def standing_actor(self) -> Actor:
        """The character where the cube would be, facing the camera."""
        x, y, z = np.add(self.place_m, (AHEAD_M, 0.0, -self.character.height_m / 2)).tolist()
        return Actor(
            character=self.character,
            animation=self.animation,
            position_m=(x, y, z),
            heading_deg=180.0,
            phase_s=0.0,
        )

    def looking_ahead(self, cameras: int) -> CameraPose:
        """Cameras side by side at their place, 10 cm apart, that look along +X."""
        sides_m = 0.1 * (np.arange(cameras) - (cameras - 1) / 2)
        positions_m = self.place_m + np.stack([0 * sides_m, sides_m, 0 * sides_m], axis=-1)
        return CameraPose.looking(positions_m, np.tile([1.0, 0.0, 0.0], (cameras, 1)))

    def mask_from(self, pose: CameraPose) -> Mask:
        """The mask that the first camera sees from a pose."""
        return self.captured_from(pose, "mask")

    def captured_from(self, pose: CameraPose, capture: str) -> np.ndarray:
        """A capture of the first camera from a pose, after the warm-up."""
        cameras = self.engine.cameras
        poses = np.repeat(pose.world_from_camera[None], len(cameras.ids), axis=0)
        cameras.forget()
        cameras.pose(CameraPose(poses), warm_up=self.engine.warm_up if capture == "video" else 0)
        return np.asarray(cameras.images((capture,), [0])[capture][0])


def pixels_of(mask: Mask, colour: Sequence[int]) -> Float[np.ndarray, "pixels 2"]:
    """The centres of the pixels of a colour, as x and y."""
    rows, columns = np.nonzero((mask == np.array(colour)).all(axis=-1))
    return np.stack([columns, rows], axis=-1) + 0.5
