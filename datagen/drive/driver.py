"""One driver for every engine: set the scene of a take, then set the time and film, frame by frame.

It uses the two links alone and does not depend on the engine behind them. Posing is absolute: time and poses
are set for each frame, and nothing plays.
"""

import time
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from shards import MaskObject, Surfaces
from trajectories import CameraPose, Lens, unreal_from_pose, unreal_from_world, yaw_deg_in_unreal

from ..actor_paths import Actor, ActorPath
from ..catalog import Catalog, Environment, Light
from ..mask_colours import mask_objects
from ..plan import TakeSpec
from ..sub_frames import value_between
from .errors import EngineError
from .remote_control_link import RemoteControlLink
from .replies import (
    CAPTURES,
    FrameImages,
    Skeleton,
    captures_for,
    pieces_of_npy,
    skeleton_of_json,
    surfaces_of_npz,
)
from .unrealcv_link import MAX_PER_TICK, Reply, UnrealCvLink

_SYSTEM_LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"
_MARKER = "multitake_marker"
_POLL_S = 0.02
# Two commands to pose a camera and one to capture it.
_POSED_PER_TICK = (MAX_PER_TICK - 1) // 3


class EngineDriver:
    """Films takes with one engine: ``set_scene``, then ``set_time`` and ``film_frame`` for each frame.

    Attributes:
        unrealcv, remote_control: the links, also for requests that the driver has no method for.
    """

    def __init__(
        self,
        unrealcv: UnrealCvLink,
        remote_control: RemoteControlLink,
        *,
        load_timeout_s: float,
        settle_requests: int,
    ) -> None:
        self.unrealcv = unrealcv
        self.remote_control = remote_control
        self._load_timeout_s = load_timeout_s
        self._settle_requests = settle_requests
        # Name, skeletal mesh component, plan and path of each actor.
        self._actors: tuple[tuple[str, str, Actor, ActorPath], ...] = ()
        self._cameras: tuple[int, ...] = ()
        self._size_px = (0, 0)

    def engine_version(self) -> str:
        """The version that the engine reports."""
        return str(self.remote_control.call(_SYSTEM_LIBRARY, "GetEngineVersion")["ReturnValue"])

    def missing_assets(self, catalog: Catalog) -> list[str]:
        """Assets of the catalog that the engine does not have."""
        paths = self.remote_control.asset_paths("/Game")
        known = paths | {path.partition(".")[0] for path in paths}
        return [asset for asset in catalog.assets if asset not in known]

    def set_scene(self, take: TakeSpec, cameras: int) -> tuple[MaskObject, ...]:
        """Load the level, and set light, actors and cameras of a take. Returns the legend of its masks."""
        self._load_level(take.environment.asset)
        level = _level_path(take.environment.asset)
        self._set_light(level, take.environment, take.light)
        names = [f"character_{place + 1}" for place in range(len(take.actors))]
        components = [f"{level}.{name}.SkeletalMeshComponent0" for name in names]
        self._actors = tuple(zip(names, components, take.actors, take.paths, strict=True))
        environment = take.environment
        lights = {environment.sun, environment.sky_light, environment.fog}
        props = set(self._words("vget /objects")) - lights - {_MARKER}
        for name, component, actor, _ in self._actors:
            self._set_character(name, component, actor)
        self._pose_actors(0)
        objects = mask_objects(names, props)
        self._paint(objects)
        self._cameras = self._spawn_cameras(cameras)
        return objects

    def set_lens(self, lens: Lens, width_px: int, height_px: int) -> None:
        """Set the lens and the image size of all cameras."""
        self.set_view(width_px, height_px, lens.horizontal_fov_deg(width_px, height_px))

    def set_view(self, width_px: int, height_px: int, fov_deg: float) -> None:
        """Set the image size and the horizontal field of view of all cameras."""
        self._size_px = (width_px, height_px)
        for camera in self._cameras:
            size = f"vset /camera/{camera}/size {width_px} {height_px}"
            self.unrealcv.ask_all([size, f"vset /camera/{camera}/fov {fov_deg:.6f}"])

    def capture_from(self, poses: CameraPose, what: str) -> list[Reply]:
        """One capture from each pose (batch ``(poses,)``); the cameras take turns, some in each tick."""
        replies: list[Reply] = []
        some = min(len(self._cameras), _POSED_PER_TICK)
        for first in range(0, len(poses.world_from_camera), some):
            posing = self._posing(poses[first : first + some])
            captures = [f"vget /camera/{camera}/{what}" for camera in self._cameras[: len(posing) // 2]]
            replies += self.unrealcv.ask_in_ticks([*posing, *captures])[len(posing) :]
        return replies

    def set_multisamples(self, count: int) -> None:
        """Set the samples of each pixel of images, with Unreal's console variable."""
        self.unrealcv.ask(f"vrun r.MSAACount {count}")

    def set_time(self, frame: int | float, time_s: float) -> None:
        """Pose every actor as in a frame of the take, or between frames, which is at ``time_s``."""
        for _, component, actor, _ in self._actors:
            position_s = (actor.phase_s + time_s) % actor.animation.duration_s
            self.remote_control.call(component, "SetPosition", InPos=position_s, bFireNotifies=False)
        self._pose_actors(frame)
        # Remote Control and UnrealCV have separate queues: round trips let a tick pass between them.
        for _ in range(self._settle_requests):
            self.unrealcv.ask("vget /unrealcv/status")

    def surfaces(self) -> Surfaces:
        """The triangles of the scene, without frames; they do not change while a take is filmed."""
        return surfaces_of_npz(self.unrealcv.ask("vget /scene/surfaces npz"))

    def film_frame(self, poses: CameraPose, passes: Sequence[str]) -> FrameImages:
        """Pose all cameras (batch ``(cameras,)``), and capture what the video and the passes need.

        All captures of a camera are in one tick. A tick has at most 30 captures; with more, a frame takes
        several ticks and shows the same instant.
        """
        self.unrealcv.ask_all(self._posing(poses))
        captures = captures_for(passes)
        return FrameImages(
            captures=self._images(captures),
            world_from_piece=self._world_from_piece() if "surface" in captures else None,
            skeletons=self._skeletons() if "joints" in passes else {},
        )

    def film_shifted(
        self, poses: CameraPose, offsets_px: Float[np.ndarray, "cameras 2"]
    ) -> tuple[np.ndarray, ...]:
        """The images of all cameras (batch ``(cameras,)``) whose axes are moved in the image."""
        offsets = [_numbers(offset) for offset in offsets_px]
        shifts = [f"vset /camera/{one}/film_offset " for one in self._cameras]
        self.unrealcv.ask_all([*self._posing(poses), *(a + b for a, b in zip(shifts, offsets, strict=True))])
        images = self._images(("video",))["video"]
        self.unrealcv.ask_all([f"{shift}0 0" for shift in shifts])
        return images

    def _posing(self, poses: CameraPose) -> list[str]:
        """Commands that move the first cameras to poses."""
        commands = []
        for camera, location, rotation in zip(self._cameras, *unreal_from_pose(poses), strict=False):
            commands.append(f"vset /camera/{camera}/location {_numbers(location)}")
            commands.append(f"vset /camera/{camera}/rotation {_numbers(rotation)}")
        return commands

    def _images(self, captures: Sequence[str]) -> dict[str, tuple[np.ndarray, ...]]:
        """The images of all cameras, by capture."""
        words = [CAPTURES[capture][0] for capture in captures]
        commands = [f"vget /camera/{camera}/{word}" for camera in self._cameras for word in words]
        replies = self.unrealcv.ask_in_ticks(commands, together=len(words))
        return {
            capture: tuple(
                CAPTURES[capture][1](reply, *self._size_px) for reply in replies[place :: len(captures)]
            )
            for place, capture in enumerate(captures)
        }

    def _world_from_piece(self) -> Float[np.ndarray, "pieces 3 4"]:
        return pieces_of_npy(self.unrealcv.ask("vget /scene/pieces npy"))

    def _skeletons(self) -> dict[str, Skeleton]:
        """The joints of all actors, by name."""
        names = [name for name, *_ in self._actors]
        replies = self.unrealcv.ask_all([f"vget /object/{name}/bones world" for name in names])
        return {name: skeleton_of_json(reply) for name, reply in zip(names, replies, strict=True)}

    def _pose_actors(self, frame: int | float) -> None:
        """Move all actors to their places in a frame, or between frames."""
        commands = []
        for name, _, _, path in self._actors:
            location_cm = unreal_from_world(value_between(path.feet_m, frame))
            yaw_deg = yaw_deg_in_unreal(float(value_between(path.heading_deg[:, None], frame)[0]))
            commands.append(f"vset /object/{name}/location {_numbers(location_cm)}")
            commands.append(f"vset /object/{name}/rotation {_numbers((0.0, yaw_deg, 0.0))}")
        self.unrealcv.ask_all(commands)

    def _paint(self, objects: Sequence[MaskObject]) -> None:
        """Set mask colours. Unreal shows spawned actors in masks and depth only after this."""
        self.unrealcv.ask_all(
            [f"vset /object/{one.name}/color {' '.join(map(str, one.colour))}" for one in objects]
        )

    def _load_level(self, asset: str) -> None:
        """Open a level and wait until it is loaded: then the marker that was spawned before is gone."""
        if _MARKER not in self._words("vget /objects"):
            self.unrealcv.ask(f"vset /objects/spawn_cube {_MARKER}")
        self.unrealcv.ask(f"vset /action/game/level {asset}")
        name = asset.rpartition("/")[2].partition(".")[0]
        deadline_s = time.monotonic() + self._load_timeout_s
        while self._words("vget /level/name") != [name] or _MARKER in self._words("vget /objects"):
            if time.monotonic() > deadline_s:
                raise EngineError(f"level {asset} did not load within {self._load_timeout_s:g} s")
            time.sleep(_POLL_S)

    def _set_light(self, level: str, environment: Environment, light: Light) -> None:
        rotation = _numbers((light.pitch_deg, light.yaw_deg, 0.0))
        self.unrealcv.ask(f"vset /object/{environment.sun}/rotation {rotation}")
        for actor, component, name, value in (
            (environment.sun, "LightComponent0", "Intensity", light.intensity),
            (environment.sky_light, "SkyLightComponent0", "Intensity", light.sky_intensity),
            (environment.fog, "HeightFogComponent0", "FogDensity", light.fog_density),
        ):
            if value is not None:
                self.remote_control.set_property(f"{level}.{actor}.{component}", name, value)

    def _set_character(self, name: str, component: str, actor: Actor) -> None:
        spawned = self.unrealcv.ask(f"vset /objects/spawn SkeletalMeshActor {name}")
        if spawned != name:
            raise EngineError(f"spawned actor {name}, but the engine named it {spawned!r}")
        # Otherwise Unreal does not pose characters that no camera sees.
        option = "AlwaysTickPoseAndRefreshBones"
        self.remote_control.set_property(component, "VisibilityBasedAnimTickOption", option)
        self.remote_control.call(component, "SetSkeletalMeshAsset", NewMesh=actor.character.asset)
        animation = actor.animation.asset
        self.remote_control.call(component, "PlayAnimation", NewAnimToPlay=animation, bLooping=True)
        self.remote_control.call(component, "SetPlayRate", Rate=0.0)

    def _spawn_cameras(self, count: int) -> tuple[int, ...]:
        first = len(self._words("vget /cameras"))
        self.unrealcv.ask_all(["vset /cameras/spawn"] * count)
        last = len(self._words("vget /cameras"))
        if last != first + count:
            raise EngineError(
                f"spawned {count} cameras, but the engine has {last} instead of {first + count}"
            )
        return tuple(range(first, last))

    def _words(self, command: str) -> list[str]:
        reply = self.unrealcv.ask(command)
        return reply.split() if isinstance(reply, str) else []


def _level_path(asset: str) -> str:
    package = asset.partition(".")[0]
    return f"{package}.{package.rpartition('/')[2]}:PersistentLevel"


def _numbers(values: Sequence[float] | Float[np.ndarray, "_"]) -> str:
    """Fixed-point numbers, never ``-0``: UnrealCV does not parse exponents."""
    return " ".join(f"{value:.6f}" for value in np.round(np.asarray(values, dtype=np.float64), 6) + 0.0)
