"""UnrealCV's text commands: templates, dispatch, and the frame-saving batch of captures.

Matching follows UnrealCV 5.2: the specifiers' regular expressions, a search anchored at the end only, the same
first word, newest template first. So `1e-05` is refused here as it is by a real Unreal.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import image_files
from .renderer import Renderer, View
from .world import CAMERA_CLASS, CUBE_CLASS, CameraSensor, World, WorldError

PROJECT = "Multitake"
UNREALCV_VERSION = "1.1.0"
MAX_SIDE_PX = 4096
_SPECIFIERS = {"[str]": r"([^ ]*)", "[uint]": r"(\d*)", "[float]": r"([-+]?\d*[.]?\d+)"}
_SETTINGS = {
    "projection_type": 1, "ortho_width": 1, "lit_source": 1, "reflection": 1, "illumination": 1,
    "exposure_method": 1, "exposure_bias": 1, "auto_speed": 2, "auto_brightness": 2, "physical_exposure": 1,
    "motion_blur": 4, "focal": 2,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Capture:
    """A reply that waits for the next rendered frame."""

    view: View
    encode: Callable[[np.ndarray], bytes]


Reply = str | bytes | Capture
Handler = Callable[..., Reply]


@dataclass(frozen=True, kw_only=True)
class Command:
    """A template with its compiled pattern. `stages` says that it may change what cameras see."""

    template: str
    pattern: re.Pattern[str]
    handler: Handler
    description: str
    stages: bool


class Console:
    """Executes UnrealCV commands on a world and its renderer."""

    def __init__(self, world: World, renderer: Renderer, port: int) -> None:
        self._world, self._renderer, self._port = world, renderer, port
        self._commands: list[Command] = []
        self._bind_plugin()
        self._bind_cameras()
        self._bind_objects()
        self._bind_actions()

    def execute(self, texts: list[str]) -> list[bytes]:
        """Run commands in one tick and return their replies in order.

        Captures are put off until a command changes the scene or the batch ends, then drawn together: any
        number of camera poses and captures between two scene changes costs one frame.
        """
        self._world.begin_tick()
        replies: list[Reply] = []
        for text in texts:
            command, arguments = self._match(text)
            if command is None:
                replies.append(f"error No handler found for URI '{text}'")
                continue
            if command.stages:
                replies = self._developed(replies)
            try:
                replies.append(command.handler(*arguments))
            except WorldError as error:
                replies.append(f"error {error}")
        return [reply.encode() if isinstance(reply, str) else reply for reply in self._developed(replies)]

    def _developed(self, replies: list[Reply]) -> list:
        """`replies` with every waiting capture rendered, equal views once."""
        views = list(dict.fromkeys(reply.view for reply in replies if isinstance(reply, Capture)))
        if not views:
            return replies
        images = dict(zip(views, self._renderer.shoot(views), strict=True))
        return [
            reply.encode(images[reply.view]) if isinstance(reply, Capture) else reply for reply in replies
        ]

    def _match(self, text: str) -> tuple[Command | None, tuple[str, ...]]:
        verb = text.split(" ", 1)[0]
        for command in reversed(self._commands):
            if command.template.split(" ", 1)[0] == verb and (found := command.pattern.search(text)):
                return command, found.groups()
        return None, ()

    def _bind(self, template: str, handler: Handler, description: str, stages: bool = False) -> None:
        pattern = re.escape(template).replace(r"\ ", " ")
        for specifier, expression in _SPECIFIERS.items():
            pattern = pattern.replace(re.escape(specifier), expression)
        compiled = re.compile(pattern + "[ ]*$", re.ASCII)
        self._commands.append(
            Command(
                template=template, pattern=compiled, handler=handler, description=description, stages=stages
            )
        )

    def _bind_plugin(self) -> None:
        bind, world = self._bind, self._world
        bind("vget /unrealcv/status", self._status, "Server and default camera settings")
        bind("vget /unrealcv/help", self._help, "All commands with their descriptions")
        bind("vget /unrealcv/echo [str]", lambda word: word or "ok", "Echo one word")
        bind("vget /unrealcv/version", lambda: UNREALCV_VERSION, "Protocol version")
        bind(
            "vget /unrealcv/commands", lambda: "\n".join(c.template for c in self._commands), "All templates"
        )
        bind(
            "vbatch [uint]",
            lambda count: "error vbatch can not be nested",
            "Hold the next N commands for one tick",
        )
        bind("vget /scene/name", lambda: PROJECT, "Project name")
        bind("vget /level/name", lambda: world.level, "Name of the loaded level")

    def _bind_cameras(self) -> None:
        bind, world = self._bind, self._world
        bind("vget /cameras", self._camera_names, "Sensor names, in order of camera id")
        bind(
            "vset /cameras/spawn",
            lambda: world.spawn(CAMERA_CLASS).name,
            "Spawn a camera; replies with its actor",
        )
        bind(
            "vget /camera/[uint]/location", lambda i: _triple(self._camera(i).actor.location), "Location, cm"
        )
        bind(
            "vget /camera/[uint]/rotation",
            lambda i: _triple(self._camera(i).actor.rotation),
            "Pitch yaw roll, degrees",
        )
        bind("vset /camera/[uint]/location [float] [float] [float]", self._move_camera, "Set location, cm")
        bind(
            "vset /camera/[uint]/rotation [float] [float] [float]",
            self._turn_camera,
            "Set pitch yaw roll, degrees",
        )
        bind(
            "vget /camera/[uint]/fov",
            lambda i: f"{self._camera(i).fov_deg:f}",
            "Horizontal field of view, degrees",
        )
        bind("vset /camera/[uint]/fov [float]", self._set_fov, "Set the horizontal field of view, degrees")
        bind("vget /camera/[uint]/size", self._size, "Image width and height, pixels")
        bind("vset /camera/[uint]/size [uint] [uint]", self._set_size, "Set image width and height, pixels")
        for kind in ("lit", "object_mask", "seg", "depth"):
            bind(
                f"vget /camera/[uint]/{kind} [str]",
                _fixed(self._capture, kind),
                f"Capture {kind} as png, bmp or npy",
            )
        for setting, count in _SETTINGS.items():
            slots = " ".join(["[str]"] * count)
            bind(
                f"vset /camera/[uint]/{setting} {slots}",
                _fixed(self._store, setting),
                f"Accept and store {setting}",
            )

    def _bind_objects(self) -> None:
        bind, world = self._bind, self._world
        bind("vget /objects", lambda: "".join(f"{name} " for name in world.actors), "Names of all actors")
        bind("vset /objects/spawn_cube", lambda: world.spawn(CUBE_CLASS).name, "Spawn a cube of 1 m", True)
        bind(
            "vset /objects/spawn_cube [str]",
            lambda n: world.spawn(CUBE_CLASS, n).name,
            "Spawn a named cube of 1 m",
            True,
        )
        bind("vset /objects/spawn [str]", lambda c: world.spawn(c).name, "Spawn an actor of a class", True)
        bind(
            "vset /objects/spawn [str] [str]",
            lambda c, n: world.spawn(c, n).name,
            "Spawn a named actor of a class",
            True,
        )
        for member, meaning in (
            ("location", "cm"),
            ("rotation", "pitch yaw roll, degrees"),
            ("scale", "factors"),
        ):
            bind(
                f"vget /object/[str]/{member}", _fixed(self._get_member, member), f"World {member}, {meaning}"
            )
            bind(
                f"vset /object/[str]/{member} [float] [float] [float]",
                _fixed(self._set_member, member),
                f"Set {member}, {meaning}",
                True,
            )
        bind("vget /object/[str]/bounds", self._bounds, "World box: smallest xyz, largest xyz, cm")
        bind("vget /object/[str]/color", self._color, "Mask colour")
        bind("vset /object/[str]/color [uint] [uint] [uint]", self._paint, "Set the mask colour", True)
        bind("vget /object/[str]/mobility", lambda n: world.actor(n).mobility, "Mobility")
        bind("vget /object/[str]/uclass_name", lambda n: world.actor(n).uclass, "Class name")
        bind("vset /object/[str]/show", lambda n: _done(world.show(n, True)), "Show", True)
        bind("vset /object/[str]/hide", lambda n: _done(world.show(n, False)), "Hide", True)
        bind("vset /object/[str]/destroy", lambda n: _done(world.destroy(n)), "Destroy", True)
        bind("vset /object/[str]/name [str]", lambda n, to: _done(world.rename(n, to)), "Rename", True)

    def _bind_actions(self) -> None:
        bind, world = self._bind, self._world
        bind("vset /action/game/pause", lambda: self._pause(True), "Pause")
        bind("vset /action/game/resume", lambda: self._pause(False), "Resume")
        bind("vget /action/game/is_paused", lambda: str(world.paused).lower(), "Whether the game is paused")
        bind(
            "vset /action/game/level [str]",
            lambda n: _done(world.request_level(n)),
            "Load a level at the next tick",
        )
        bind("vrun [str]", lambda alias: f"error Unrecognised alias '{alias}'", "Run an alias")
        for words in range(2, 7):
            bind("vrun " + " ".join(["[str]"] * words), lambda *_: "ok", "Accept a console command")
        bind("vcmd [str]", lambda _: "ok", "Accept a console command")

    def _status(self) -> str:
        camera = self._world.cameras[0]
        return "\n".join([
            "Is Listening", "Client Connected", str(self._port), "Configuration", "Config file: none",
            f"Port: {self._port}", f"Width: {camera.width_px}", f"Height: {camera.height_px}",
            f"FOV: {camera.fov_deg:.1f}", "EnableInput: false", "EnableRightEye: false",
        ])  # fmt: skip

    def _help(self) -> str:
        return "\n".join(f"{command.template}\n{command.description}" for command in self._commands)

    def _camera(self, index: str) -> CameraSensor:
        return self._world.camera(_uint(index))

    def _camera_names(self) -> str:
        return "PawnSensor " + "FusionCameraSensor " * (len(self._world.cameras) - 1)

    def _move_camera(self, index: str, *location: str) -> str:
        self._camera(index).actor.location = _floats(location)
        return "ok"

    def _turn_camera(self, index: str, *rotation: str) -> str:
        self._camera(index).actor.rotation = _floats(rotation)
        return "ok"

    def _set_fov(self, index: str, fov_deg: str) -> str:
        camera = self._camera(index)
        if not 1.0 <= float(fov_deg) <= 170.0:
            raise WorldError("Argument Invalid")
        camera.fov_deg = float(fov_deg)
        return "ok"

    def _size(self, index: str) -> str:
        camera = self._camera(index)
        return f"{camera.width_px} {camera.height_px}"

    def _set_size(self, index: str, width: str, height: str) -> str:
        camera = self._camera(index)
        if not (1 <= _uint(width) <= MAX_SIDE_PX and 1 <= _uint(height) <= MAX_SIDE_PX):
            raise WorldError("Argument Invalid")
        camera.width_px, camera.height_px = _uint(width), _uint(height)
        return "ok"

    def _store(self, setting: str, index: str, *values: str) -> str:
        self._camera(index).settings[setting] = " ".join(values)
        return "ok"

    def _capture(self, kind: str, index: str, file_type: str) -> Reply:
        camera = self._camera(index)
        encoders = (
            {"npy": image_files.npy} if kind == "depth" else {"bmp": image_files.bmp, "png": image_files.png}
        )
        if file_type not in encoders:
            raise WorldError(
                f"Invalid filename type, filename {file_type}" if file_type else "Filename can not be empty"
            )
        if kind == "depth" and not self._renderer.look.has_depth:
            raise WorldError(f"the look '{self._renderer.look.name}' has no depth, use the look 'lit'")
        view = View(
            kind={"lit": "lit", "depth": "depth"}.get(kind, "mask"),
            location_cm=camera.actor.location,
            rotation_deg=camera.actor.rotation,
            fov_deg=camera.fov_deg,
            width_px=camera.width_px,
            height_px=camera.height_px,
        )
        return Capture(view=view, encode=encoders[file_type])

    def _get_member(self, member: str, name: str) -> str:
        return _triple(getattr(self._world.actor(name), member))

    def _set_member(self, member: str, name: str, *values: str) -> str:
        self._world.place(name, **{member: _floats(values)})
        return "ok"

    def _bounds(self, name: str) -> str:
        return " ".join(f"{value:.2f}" for value in self._world.bounds_cm(name).ravel())

    def _color(self, name: str) -> str:
        red, green, blue = self._world.actor(name).color
        return f"(R={red},G={green},B={blue},A=255)"

    def _paint(self, name: str, red: str, green: str, blue: str) -> str:
        self._world.paint(name, (_uint(red), _uint(green), _uint(blue)))
        return "ok"

    def _pause(self, paused: bool) -> str:
        self._world.paused = paused
        return "ok"


def _fixed(handler: Handler, first: str) -> Handler:
    return lambda *rest: handler(first, *rest)


def _done(_: None) -> str:
    return "ok"


def _uint(text: str) -> int:
    if not text:
        raise WorldError("Argument Invalid")
    return int(text)


def _floats(texts: tuple[str, ...]) -> tuple[float, float, float]:
    x, y, z = (float(text) for text in texts)
    return (x, y, z)


def _triple(values: tuple[float, float, float]) -> str:
    return " ".join(f"{value:.3f}" for value in values)
