"""The cameras of a take in an engine: spawned, posed, captured together, and read back once per take."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from trajectories import CameraPose, pose_from_unreal, unreal_from_pose

from .errors import EngineError, EngineSetupError, RefusedError
from .links import EngineLinks, level_path, numbers
from .replies import CAPTURES, images_of_batch
from .unrealcv_link import MOST_IN_TICK, Reply

# Replies have three decimals.
_POSITION_TOLERANCE_M, _AXIS_TOLERANCE, _FOV_TOLERANCE_DEG = 1e-3, 1e-3, 0.01
# Two commands to pose a camera and one to capture it.
_POSED_PER_TICK = MOST_IN_TICK // 3
# The component of a camera that captures lit images: FusionCamSensor.cpp of the plugin, branch 5.2.
_LIT_CAMERA = "FusionCameraSensor.FusionCameraSensor_LitCamSensor"
# Captures of one command of LychSim that are thrown away.
_WARMED_AT_ONCE = 500
# A camera that moved further since its last image: what an engine kept of that image is wrong.
_CUT_M, _CUT_DEG = 0.25, 5.0


def has_batched_capture(links: EngineLinks) -> bool:
    """Whether the engine has LychSim's command that captures several cameras at once."""
    try:
        links.unrealcv.ask("lych status")
    except RefusedError:
        return False
    return True


class Cameras:
    """Spawned cameras of one size; ``ids`` and names of ``actors`` are those of the engine.

    ``is_batched``: images come by LychSim's command for all cameras, else by one command for each.
    """

    def __init__(self, links: EngineLinks, count: int, *, is_batched: bool = False) -> None:
        self._links, self._is_batched = links, is_batched
        self._size_px: tuple[int, int] = (0, 0)
        self._fov_deg: list[float] = []
        self._last: list[CameraPose | None] = [None] * count
        self._captured: set[str] = set()
        self.ids, self.actors = _spawned(links, count)

    def set_view(self, width_px: int, height_px: int, fov_deg: float) -> None:
        """Set the image size and the horizontal field of view."""
        self._size_px, self._fov_deg = (width_px, height_px), [fov_deg] * len(self.ids)
        for camera in self.ids:
            size = f"vset /camera/{camera}/size {width_px} {height_px}"
            self._links.unrealcv.ask_all([size, _fov_command(camera, fov_deg)])

    def set_fields_of_view(self, fov_deg: Sequence[float]) -> bool:
        """Set the horizontal field of view of each camera where it differs; whether it does for any."""
        both = zip(self.ids, self._fov_deg, fov_deg, strict=True)
        texts = [(_fov_command(camera, before), _fov_command(camera, now)) for camera, before, now in both]
        commands = [now for before, now in texts if now != before]
        self._fov_deg = list(fov_deg)
        if commands:
            self._links.unrealcv.ask_all(commands)
        return bool(commands)

    def posing(self, poses: CameraPose) -> list[str]:
        """Commands that move the first cameras to poses."""
        commands = []
        for camera, location, rotation in zip(self.ids, *unreal_from_pose(poses), strict=False):
            commands.append(f"vset /camera/{camera}/location {numbers(location)}")
            commands.append(f"vset /camera/{camera}/rotation {numbers(rotation)}")
        return commands

    def forget(self) -> None:
        """Treat the next poses of all cameras as cuts."""
        self._last = [None] * len(self.ids)

    def capture_from(self, poses: CameraPose, what: str) -> list[Reply]:
        """One capture from each pose (batch ``(poses,)``); the cameras take turns, some in each tick."""
        replies: list[Reply] = []
        some = min(len(self.ids), _POSED_PER_TICK)
        for first in range(0, len(poses.world_from_camera), some):
            posing = self.posing(poses[first : first + some])
            captures = [f"vget /camera/{camera}/{what}" for camera in self.ids[: len(posing) // 2]]
            replies += self._in_ticks([*posing, *captures], {what})[len(posing) :]
        self.forget()
        return replies

    def pose(self, poses: CameraPose, *, warm_up: int) -> None:
        """Move all cameras; those that are cut to another place are warmed up there."""
        self._links.unrealcv.ask_all(self.posing(poses))
        now = [poses[place] for place in range(len(self.ids))]
        cut = [place for place, pose in enumerate(now) if _is_cut(self._last[place], pose)]
        self._last = list(now)
        self.warm_up(cut, warm_up)

    def warm_up(self, places: Sequence[int], count: int) -> None:
        """Capture some cameras ``count`` times, and throw the images away: in each tick once."""
        if not places or not count:
            return
        ids = [self.ids[place] for place in places]
        if self._is_batched and len(ids) > 1:
            for done in range(0, count, _WARMED_AT_ONCE):
                before = min(count - done, _WARMED_AT_ONCE) - 1
                command = f"lych cam get_lit {' '.join(map(str, ids))} npy -warmup={before}"
                reply = self._links.unrealcv.ask(command, timeout_s=self._links.load_timeout_s)
                images_of_batch(reply, len(ids), *self._size_px)
            return
        captures = [f"vget /camera/{camera}/{CAPTURES['video'][0]}" for camera in ids]
        for _ in range(count):
            self._in_ticks(captures, {CAPTURES["video"][0]})

    def images(
        self, captures: Sequence[str], places: Sequence[int] | None = None
    ) -> dict[str, tuple[np.ndarray, ...]]:
        """The images of all cameras, or of some, by capture; all of one camera are made in one tick."""
        ids = self.ids if places is None else [self.ids[place] for place in places]
        is_batched = self._is_batched and len(ids) > 1 and "video" in captures
        alone = [one for one in captures if not (is_batched and one == "video")]
        most = (MOST_IN_TICK - is_batched) // max(1, len(alone))
        found: dict[str, list[np.ndarray]] = {capture: [] for capture in captures}
        for first in range(0, len(ids), most):
            some = ids[first : first + most]
            joint = [f"lych cam get_lit {' '.join(map(str, some))} npy"] if is_batched else []
            each = [f"vget /camera/{camera}/{CAPTURES[one][0]}" for camera in some for one in alone]
            replies = self._in_ticks([*joint, *each], {CAPTURES[one][0] for one in captures})
            if is_batched:
                found["video"] += images_of_batch(replies.pop(0), len(some), *self._size_px)
            for place, capture in enumerate(alone):
                decode = CAPTURES[capture][1]
                found[capture] += [decode(one, *self._size_px) for one in replies[place :: len(alone)]]
        return {capture: tuple(images) for capture, images in found.items()}

    def _in_ticks(self, commands: Sequence[str], whats: set[str]) -> list[Reply]:
        """Replies to commands that capture these; the first captures in a level may compile shaders."""
        timeout_s = None if whats <= self._captured else self._links.load_timeout_s
        replies = self._links.unrealcv.ask_in_ticks(commands, timeout_s=timeout_s)
        self._captured |= whats
        return replies

    def check(self, poses: CameraPose) -> None:
        """EngineSetupError if a camera does not have the pose, the size or the field of view that was set."""
        questions = (("location", 3), ("rotation", 3), ("fov", 1), ("size", 2))
        for place, camera in enumerate(self.ids):
            location_cm, rotation_deg, (fov_deg,), size_px = (
                self._links.floats(f"vget /camera/{camera}/{what}", count) for what, count in questions
            )
            found, sent = pose_from_unreal(location_cm, rotation_deg), poses[place]
            moved_m = np.abs(found.position_m - sent.position_m).max()
            turned = np.abs(found.rotation - sent.rotation).max()
            if moved_m > _POSITION_TOLERANCE_M or turned > _AXIS_TOLERANCE:
                what = f"camera {camera} is at {numbers(location_cm)} cm, {numbers(rotation_deg)} degrees"
                sent_cm, sent_deg = unreal_from_pose(sent)
                what += f", but was set to {numbers(sent_cm)}, {numbers(sent_deg)}"
                raise EngineSetupError(f"{what}; remove FusionCamSensors from the level")
            (width_px, height_px), set_deg = self._size_px, self._fov_deg[place]
            if tuple(size_px) != self._size_px or abs(fov_deg - set_deg) > _FOV_TOLERANCE_DEG:
                what = f"camera {camera} has {size_px[0]:g}x{size_px[1]:g} px and {fov_deg:.3f} degrees"
                what += f", but was set to {width_px}x{height_px} px and {set_deg:.3f} degrees"
                raise EngineSetupError(f"{what}; update the UnrealCV plugin")


def _fov_command(camera: int, fov_deg: float) -> str:
    return f"vset /camera/{camera}/fov {fov_deg:.6f}"


def set_show_flags(links: EngineLinks, level: str, actors: Sequence[str], flags: list[Any]) -> bool:
    """Switch show flags of cameras on; False if the engine refuses it."""
    try:
        for actor in actors:
            component = f"{level_path(level)}.{actor}.{_LIT_CAMERA}"
            links.remote_control.call(component, "SetShowFlagSettings", InShowFlagSettings=flags)
    except RefusedError:
        return False
    return True


def _spawned(links: EngineLinks, count: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The ids and names of new cameras; that of the player is never among them."""
    first = len(links.words("vget /cameras"))
    if first == 0:
        what = "the level has no player with a camera, so a spawned one would get the player's number 0"
        raise EngineSetupError(f"{what}; use a game mode with a pawn")
    names = links.unrealcv.ask_all(["vset /cameras/spawn"] * count)
    last = len(links.words("vget /cameras"))
    if last != first + count:
        raise EngineError(f"spawned {count} cameras, but the engine has {last} instead of {first + count}")
    return tuple(range(first, last)), tuple(map(str, names))


def _is_cut(before: CameraPose | None, now: CameraPose) -> bool:
    if before is None:
        return True
    moved_m = float(np.linalg.norm(now.position_m - before.position_m))
    cosine = (np.trace(before.rotation.T @ now.rotation) - 1) / 2
    return moved_m > _CUT_M or bool(cosine < np.cos(np.radians(_CUT_DEG)))
