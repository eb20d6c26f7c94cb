"""One driver for every engine: dress the stage for a take, set the time, film all cameras in one tick.

Works over the two links alone and never learns which engine answers. The main path is ``dress``, then
``film_frame`` once per frame (absolute posing: time and poses are set, nothing plays).
"""

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from trajectories import CameraPose, Lens, unreal_from_pose, unreal_from_world, yaw_deg_in_unreal

from ..catalog import Catalog, Light
from ..plan import Performer, TakeSpec
from .errors import EngineError
from .remote_control_link import RemoteControlLink
from .unrealcv_link import Reply, UnrealCvLink

_SYSTEM_LIBRARY = "/Script/Engine.Default__KismetSystemLibrary"
_MARKER = "multitake_marker"
_POLL_S = 0.02
Picture = UInt8[np.ndarray, "height width 3"]


@dataclass(frozen=True, kw_only=True)
class StageFrame:
    """All cameras at one instant: RGB pictures, and depth (metres, planar) or masks where ordered."""

    pictures: tuple[Picture, ...]
    depths_m: tuple[Float[np.ndarray, "height width"], ...] = ()
    masks: tuple[Picture, ...] = ()


class Stage:
    """The engine's world as one take needs it."""

    def __init__(
        self,
        unrealcv: UnrealCvLink,
        remote_control: RemoteControlLink,
        *,
        load_timeout_s: float,
        settle_requests: int,
    ) -> None:
        self._unrealcv = unrealcv
        self._remote_control = remote_control
        self._load_timeout_s = load_timeout_s
        self._settle_requests = settle_requests
        self._cast: tuple[tuple[str, str, Performer], ...] = ()
        self._cameras: tuple[int, ...] = ()
        self._size_px = (0, 0)

    def engine_version(self) -> str:
        """What the engine says it is."""
        return str(self._remote_control.call(_SYSTEM_LIBRARY, "GetEngineVersion")["ReturnValue"])

    def missing_assets(self, catalog: Catalog) -> list[str]:
        """Assets of the catalog that the engine does not have."""
        have = self._remote_control.asset_paths("/Game")
        packages = have | {path.partition(".")[0] for path in have}
        return [asset for asset in catalog.assets if asset not in packages]

    def dress(self, take: TakeSpec, lens: Lens, cameras: int, width_px: int, height_px: int) -> None:
        """A fresh level with the take's light, performers and cameras in it."""
        self._load_level(take.environment.asset)
        level = _level_path(take.environment.asset)
        self._set_light(f"{level}.{take.environment.sun}", take.environment.sun, take.light)
        names = [f"performer_{place + 1}" for place in range(len(take.performers))]
        components = [f"{level}.{name}.SkeletalMeshComponent0" for name in names]
        self._cast = tuple(zip(names, components, take.performers, strict=True))
        for name, component, performer in self._cast:
            self._place(name, component, performer)
        self._cameras = self._spawn_cameras(cameras)
        self._size_px = (width_px, height_px)
        fov_deg = lens.horizontal_fov_deg(width_px, height_px)
        for camera in self._cameras:
            size = f"vset /camera/{camera}/size {width_px} {height_px}"
            self._unrealcv.ask_all([size, f"vset /camera/{camera}/fov {fov_deg:.6f}"])

    def set_time(self, time_s: float, middle_s: float) -> None:
        """Pose every performer as at ``time_s`` of the take; walkers pass their spot at ``middle_s``."""
        moves = []
        for name, component, performer in self._cast:
            position_s = (performer.phase_s + time_s) % performer.animation.duration_s
            self._remote_control.call(component, "SetPosition", InPos=position_s, bFireNotifies=False)
            if performer.animation.speed_m_per_s:
                moves.append(_location(name, performer, time_s - middle_s))
        if moves:
            self._unrealcv.ask_all(moves)
        # Remote Control and UnrealCV have queues of their own: round trips let a tick pass between them.
        for _ in range(self._settle_requests):
            self._unrealcv.ask("vget /unrealcv/status")

    def film_frame(self, poses: CameraPose, passes: Sequence[str]) -> StageFrame:
        """Pose all cameras (batch ``(cameras,)``), then capture them in one tick (30 of them at most)."""
        locations_cm, rotations_deg = unreal_from_pose(poses)
        commands = []
        for camera, location, rotation in zip(self._cameras, locations_cm, rotations_deg, strict=True):
            commands.append(f"vset /camera/{camera}/location {_numbers(location)}")
            commands.append(f"vset /camera/{camera}/rotation {_numbers(rotation)}")
        self._unrealcv.ask_all(commands)
        pictures = tuple(self._picture(reply) for reply in self._capture("lit bmp"))
        depths_m = tuple(self._depth_m(r) for r in self._capture("depth npy")) if "depth" in passes else ()
        masks = tuple(self._picture(r) for r in self._capture("object_mask bmp")) if "mask" in passes else ()
        return StageFrame(pictures=pictures, depths_m=depths_m, masks=masks)

    def _capture(self, what: str) -> list[Reply]:
        return self._unrealcv.ask_in_one_tick([f"vget /camera/{camera}/{what}" for camera in self._cameras])

    def _load_level(self, asset: str) -> None:
        """Open a level and wait until it is there: a marker spawned before must be gone."""
        if _MARKER not in self._words("vget /objects"):
            self._unrealcv.ask(f"vset /objects/spawn_cube {_MARKER}")
        self._unrealcv.ask(f"vset /action/game/level {asset}")
        name = asset.rpartition("/")[2].partition(".")[0]
        deadline_s = time.monotonic() + self._load_timeout_s
        while self._words("vget /level/name") != [name] or _MARKER in self._words("vget /objects"):
            if time.monotonic() > deadline_s:
                raise EngineError(f"level {asset} did not load within {self._load_timeout_s:g} s")
            time.sleep(_POLL_S)

    def _set_light(self, actor_path: str, actor: str, light: Light) -> None:
        rotation = _numbers((light.pitch_deg, light.yaw_deg, 0.0))
        self._unrealcv.ask(f"vset /object/{actor}/rotation {rotation}")
        self._remote_control.set_property(f"{actor_path}.LightComponent0", "Intensity", light.intensity)

    def _place(self, name: str, component: str, performer: Performer) -> None:
        spawned = self._unrealcv.ask(f"vset /objects/spawn SkeletalMeshActor {name}")
        if spawned != name:
            raise EngineError(f"asked for an actor {name}, got {spawned!r}")
        yaw_deg = yaw_deg_in_unreal(performer.heading_deg)
        rotation = f"vset /object/{name}/rotation {_numbers((0.0, yaw_deg, 0.0))}"
        self._unrealcv.ask_all([_location(name, performer, 0.0), rotation])
        # Else Unreal leaves characters that nobody sees in their last pose.
        option = "AlwaysTickPoseAndRefreshBones"
        self._remote_control.set_property(component, "VisibilityBasedAnimTickOption", option)
        self._remote_control.call(component, "SetSkeletalMeshAsset", NewMesh=performer.character.asset)
        asset = performer.animation.asset
        self._remote_control.call(component, "PlayAnimation", NewAnimToPlay=asset, bLooping=True)
        self._remote_control.call(component, "SetPlayRate", Rate=0.0)

    def _spawn_cameras(self, count: int) -> tuple[int, ...]:
        first = len(self._words("vget /cameras"))
        self._unrealcv.ask_all(["vset /cameras/spawn"] * count)
        have = len(self._words("vget /cameras"))
        if have != first + count:
            raise EngineError(
                f"spawned {count} cameras, but the engine has {have} instead of {first + count}"
            )
        return tuple(range(first, have))

    def _words(self, command: str) -> list[str]:
        reply = self._unrealcv.ask(command)
        return reply.split() if isinstance(reply, str) else []

    def _picture(self, reply: Reply) -> Picture:
        """The last width x height x 4 bytes of a BMP, BGRA top-down, as RGB."""
        width, height = self._size_px
        size = width * height * 4
        # The client gives text for whatever happens to be UTF-8, as a dark picture with alpha 0 is.
        bmp = reply.encode() if isinstance(reply, str) else reply
        if len(bmp) < size:
            raise EngineError(f"a picture of {width}x{height} was asked for, {len(bmp)} bytes came")
        bgra = np.frombuffer(bmp, dtype=np.uint8, offset=len(bmp) - size).reshape(height, width, 4)
        return np.ascontiguousarray(bgra[..., 2::-1])

    def _depth_m(self, reply: Reply) -> Float[np.ndarray, "height width"]:
        if not isinstance(reply, bytes):
            raise EngineError(f"a depth array was asked for, text came: {reply[:80]!r}")
        width, height = self._size_px
        try:
            depth_cm = np.load(io.BytesIO(reply), allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise EngineError(f"a depth array was asked for, something else came: {error}") from error
        if depth_cm.shape != (height, width):
            raise EngineError(f"depth of {width}x{height} was asked for, {depth_cm.shape} came")
        return depth_cm.astype(np.float32) / 100.0


def _level_path(asset: str) -> str:
    package = asset.partition(".")[0]
    return f"{package}.{package.rpartition('/')[2]}:PersistentLevel"


def _location(name: str, performer: Performer, since_middle_s: float) -> str:
    """The command that puts a performer where its steps have taken it."""
    heading = np.radians(performer.heading_deg)
    ahead_m = performer.animation.speed_m_per_s * since_middle_s
    offset_m = ahead_m * np.array([np.cos(heading), np.sin(heading), 0.0])
    location_cm = unreal_from_world(np.array(performer.position_m) + offset_m)
    return f"vset /object/{name}/location {_numbers(location_cm)}"


def _numbers(values: Sequence[float] | Float[np.ndarray, "3"]) -> str:
    """Fixed-point numbers, as UnrealCV's parser knows no exponents; never ``-0``."""
    return " ".join(f"{value:.6f}" for value in np.round(np.asarray(values, dtype=np.float64), 6) + 0.0)
