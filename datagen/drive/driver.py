"""One driver for every engine: set the scene of a take, then set the time and film, frame by frame.

It uses the two links alone and does not depend on the engine behind them. Posing is absolute: time and poses
are set for each frame, and nothing plays.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from shards import MaskObject, Surfaces
from trajectories import CameraPose, Lens

from ..batch import EngineChoice
from ..catalog import Catalog, Environment, Point
from ..mask_colours import mask_objects
from ..plan import TakeSpec
from .cameras import Cameras, has_batched_capture, set_show_flags
from .characters import (
    PlacedActor,
    placed_actors,
    placing_commands,
    set_characters,
)
from .level import move_player, open_level
from .lights import check_lights, set_light
from .links import EngineLinks, numbers, refusals_explained
from .looks import UnrealLook
from .remote_control_link import RemoteControlLink
from .replies import FrameImages, Skeleton, captures_for, pieces_of_npy, skeleton_of_json, surfaces_of_npz
from .unrealcv_link import Reply, UnrealCvLink

_SYSTEM_LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"


class EngineDriver:
    """Films takes with one engine: ``set_scene``, then ``set_time`` and ``film_frame`` for each frame.

    Attributes:
        links: both connections.
        unrealcv, remote_control: the same, also for requests that the driver has no method for.
        warm_up: captures that are thrown away when a camera was cut to another place.
        has_show_flags: whether cameras have the show flags of the look; None until one is spawned.
        is_batched: whether it captures several cameras with one command of LychSim.
        settled: for each environment that was probed, after how many captures its images are settled.
    """

    def __init__(
        self,
        unrealcv: UnrealCvLink,
        remote_control: RemoteControlLink,
        *,
        load_timeout_s: float,
        settle_requests: int,
        look: UnrealLook | None = None,
    ) -> None:
        self.unrealcv = unrealcv
        self.remote_control = remote_control
        self.warm_up = 0
        self.settled: dict[str, int] = {}
        self.has_show_flags: bool | None = None
        self.links = EngineLinks(
            unrealcv=unrealcv, remote_control=remote_control, load_timeout_s=load_timeout_s
        )
        self._settle_requests = settle_requests
        self._look = look
        self.is_batched = has_batched_capture(self.links)
        self._level = ""
        self._actors: tuple[PlacedActor, ...] = ()
        self._cameras: Cameras | None = None
        self._is_checked = self._has_zoomed = False

    @classmethod
    def of(
        cls, unrealcv: UnrealCvLink, remote_control: RemoteControlLink, choice: EngineChoice
    ) -> "EngineDriver":
        """The driver of the engine of a batch."""
        return cls(
            unrealcv,
            remote_control,
            load_timeout_s=choice.load_timeout_s,
            settle_requests=choice.settle_requests,
            look=UnrealLook.of(choice),
        )

    def engine_version(self) -> str:
        """The version that the engine reports; of Unreal also that of the plugin."""
        with refusals_explained("GetEngineVersion"):
            answer = self.remote_control.call(_SYSTEM_LIBRARY, "GetEngineVersion")
        version = str(answer.get("ReturnValue", "unknown version"))
        if self._look is None:
            return version
        plugin = self.links.text("vget /unrealcv/version")
        parts = [version, f"UnrealCV {plugin}"]
        parts += ["LychSim captures"] if self.is_batched else []
        parts += ["no show flags"] if self.has_show_flags is False else []
        return ", ".join(parts)

    def missing_assets(self, catalog: Catalog) -> list[str] | None:
        """Assets of the catalog that the engine does not have; None if its search finds nothing at all.

        An editor may not have listed its assets yet; then they are checked when they are loaded.
        """
        packages = {asset: asset.partition(".")[0] for asset in catalog.assets}
        found = self.remote_control.found_packages(packages.values())
        return (
            [asset for asset, package in packages.items() if package.lower() not in found] if found else None
        )

    def open_environment(self, environment: Environment, place_m: Point | None = None) -> list[str]:
        """Open a level and move the player to a place, or to its first spot. Returns names of all objects."""
        self.open_level(environment.asset)
        return self.move_player(np.array(place_m or environment.spots[0].position_m))

    def open_level(self, asset: str) -> None:
        """Open a level; its player stays where it starts."""
        self._level = asset
        open_level(self.links, asset)
        if self._look:
            self.unrealcv.ask_all(list(self._look.console_commands()))

    def move_player(self, place_m: Float[np.ndarray, "3"]) -> list[str]:
        """Move the player, so that the level around it is loaded. Returns the names of all objects."""
        return move_player(self.links, place_m, is_streamed=self._look is not None)

    def set_scene(self, take: TakeSpec, cameras: int) -> tuple[MaskObject, ...]:
        """Load the level, and set light, actors and cameras of a take. Returns the legend of its masks."""
        environment = take.environment
        lights = {environment.sun, environment.sky_light, environment.fog}
        props = set(self.open_environment(environment, take.actors[0].position_m)) - lights
        check_lights(self.links, environment, [take.light])
        self._actors = placed_actors(environment.asset, take.actors, take.paths)
        objects = mask_objects([one.name for one in self._actors], props)
        set_characters(self.links, self._actors, objects)
        set_light(self.links, environment, take.light)
        exposure_ev = environment.exposure_ev + take.light.exposure_ev
        self.spawn_cameras(cameras, exposure_ev=exposure_ev, fps=take.fps)
        return objects

    def adopt(self, actors: Sequence[PlacedActor]) -> None:
        """Pose these actors, which were spawned by others, in ``set_time``."""
        self._actors = tuple(actors)

    def spawn_cameras(self, count: int, *, exposure_ev: float, fps: float) -> None:
        """Spawn the cameras that the other methods use, and set them up for the look."""
        self._cameras = Cameras(self.links, count, is_batched=self.is_batched)
        self._is_checked = self._has_zoomed = False
        if self._look:
            for camera in self._cameras.ids:
                commands = self._look.camera_commands(camera, exposure_ev=exposure_ev, fps=fps)
                self.unrealcv.ask_all(list(commands))
        if self._look and self._look.show_flags:
            self.has_show_flags = set_show_flags(
                self.links, self._level, self._cameras.actors, self._look.show_flags
            )

    @property
    def cameras(self) -> Cameras:
        """The spawned cameras."""
        if self._cameras is None:
            raise ValueError("no cameras are spawned")
        return self._cameras

    def set_lens(self, lens: Lens, width_px: int, height_px: int) -> None:
        """Set the lens and the image size of all cameras."""
        self.set_view(width_px, height_px, lens.horizontal_fov_deg(width_px, height_px))

    def set_view(self, width_px: int, height_px: int, fov_deg: float) -> None:
        """Set the image size and the horizontal field of view of all cameras."""
        self.cameras.set_view(width_px, height_px, fov_deg)

    def set_fields_of_view(self, fov_deg: Sequence[float]) -> None:
        """Set the horizontal field of view of each camera; nothing is sent to those that have it.

        The first change is read back in the next frame, as poses are in the first one.
        """
        if self.cameras.set_fields_of_view(fov_deg) and not self._has_zoomed:
            self._has_zoomed, self._is_checked = True, False

    def capture_from(self, poses: CameraPose, what: str) -> list[Reply]:
        """One capture from each pose (batch ``(poses,)``); the cameras take turns, some in each tick."""
        return self.cameras.capture_from(poses, what)

    def set_multisamples(self, count: int) -> None:
        """Set the samples of each pixel of images, with Unreal's console variable."""
        self.unrealcv.ask(f"vrun r.MSAACount {count}")

    def set_time(self, frame: int | float, time_s: float) -> None:
        """Pose every actor as in a frame of the take, or between frames, which is at ``time_s``."""
        for one in self._actors:
            position_s = (one.actor.phase_s + time_s) % one.actor.animation.duration_s
            self.remote_control.call(one.component, "SetPosition", InPos=position_s, bFireNotifies=False)
        self.unrealcv.ask_all(placing_commands(self._actors, frame))
        # Remote Control and UnrealCV have separate queues: round trips let a tick pass between them.
        for _ in range(self._settle_requests):
            self.unrealcv.ask("vget /unrealcv/status")

    def surfaces(self) -> Surfaces:
        """The triangles of the scene, without frames; they do not change while a take is filmed."""
        return surfaces_of_npz(self.unrealcv.ask("vget /scene/surfaces npz"))

    def film_frame(self, poses: CameraPose, passes: Sequence[str]) -> FrameImages:
        """Pose all cameras (batch ``(cameras,)``), and capture what the video and the passes need.

        All captures of a camera are in one tick. A tick has at most 30 captures; with more, a frame takes
        several ticks: actors and cameras stand still meanwhile, and in Unreal nothing else does. Cameras that
        were cut to another place are warmed up first. In the first frame, and when one starts to zoom,
        poses, sizes and fields of view are read back.
        """
        self.cameras.pose(poses, warm_up=self.warm_up)
        if not self._is_checked:
            self.cameras.check(poses)
            self._is_checked = True
        captures = captures_for(passes)
        return FrameImages(
            captures=self.cameras.images(captures),
            world_from_piece=self._world_from_piece() if "surface" in captures else None,
            skeletons=self._skeletons() if "joints" in passes else {},
        )

    def film_shifted(
        self, poses: CameraPose, offsets_px: Float[np.ndarray, "cameras 2"]
    ) -> tuple[np.ndarray, ...]:
        """The images of all cameras (batch ``(cameras,)``) whose axes are moved in the image."""
        offsets = [numbers(offset) for offset in offsets_px]
        shifts = [f"vset /camera/{one}/film_offset " for one in self.cameras.ids]
        posing = self.cameras.posing(poses)
        self.unrealcv.ask_all([*posing, *(a + b for a, b in zip(shifts, offsets, strict=True))])
        images = self.cameras.images(("video",))["video"]
        self.unrealcv.ask_all([f"{shift}0 0" for shift in shifts])
        return images

    def _world_from_piece(self) -> Float[np.ndarray, "pieces 3 4"]:
        return pieces_of_npy(self.unrealcv.ask("vget /scene/pieces npy"))

    def _skeletons(self) -> dict[str, Skeleton]:
        """The joints of all actors, by name."""
        names = [one.name for one in self._actors]
        replies = self.unrealcv.ask_all([f"vget /object/{name}/bones world" for name in names])
        return {name: skeleton_of_json(reply) for name, reply in zip(names, replies, strict=True)}
