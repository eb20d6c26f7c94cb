"""UnrealCV's commands for one world, executed in batches."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import numpy as np

from multitake.errors import one_line

from ..render.renderer import Renderer, View
from ..world.actors import WorldError
from ..world.world import World
from .bone_commands import bind_bones
from .camera_commands import CameraCommands
from .capture_folder import CaptureFolder
from .dispatch import Capture, Dispatcher, File, Reply
from .function_commands import bind_functions
from .game_commands import GameCommands
from .label_commands import LabelCommands
from .lagging_frames import LaggingFrames
from .lych_commands import LychCommands
from .object_commands import ObjectCommands

PROJECT = "Multitake"
UNREALCV_VERSION = "1.1.0"
MOST_CHARACTERS = 4096
# Of all replies of a tick: ten images of 4096x3072.
MOST_TICK_BYTES = 1 << 29
_TOO_LARGE = f"error The replies of one tick would have more than {MOST_TICK_BYTES} bytes"
_Value = TypeVar("_Value")
_log = logging.getLogger(__name__)


def _answer(run: Callable[[], _Value]) -> _Value | str:
    """What a step of a command returns; an error reply if it fails, whatever the error is."""
    try:
        return run()
    except WorldError as error:
        return f"error {error}"
    except Exception as error:
        _log.exception("a command failed")
        return f"error {type(error).__name__}: {one_line(error)}"


def _refusal(text: str) -> str | None:
    """Why a command is not even matched."""
    if len(text) > MOST_CHARACTERS:
        return f"error The command is longer than {MOST_CHARACTERS} characters"
    if not text.isprintable():
        return "error The command has a character that can not be printed"
    return None


def _size(reply: Reply) -> int:
    """How many bytes a reply has, about."""
    if isinstance(reply, Capture):
        return sum(4 * view.viewpoint.width_px * view.viewpoint.height_px for view in reply.views)
    return len(reply)


def _file(capture: Capture, images: dict[View, np.ndarray] | str) -> File | str:
    """The file of a rendered capture, or the error of its frame."""
    if isinstance(images, str):
        return images
    return _answer(lambda: capture.encode(*(images[view] for view in capture.views)))


class Console:
    """Executes UnrealCV commands on a world and its renderer."""

    def __init__(
        self,
        world: World,
        renderer: Renderer,
        port: int,
        files: CaptureFolder,
        frames: LaggingFrames,
        *,
        lychsim: bool = False,
    ) -> None:
        self._world, self._renderer, self._port = world, renderer, port
        self._dispatcher = dispatcher = Dispatcher()
        cameras = CameraCommands(world, renderer.look, files, frames)
        bind_functions(dispatcher, world)
        self._bind_plugin(dispatcher)
        GameCommands(world, renderer, cameras.capture_handler).bind(dispatcher)
        bind_bones(dispatcher, world)
        ObjectCommands(world).bind(dispatcher)
        LabelCommands(world, renderer, files).bind(dispatcher)
        cameras.bind(dispatcher)
        if lychsim:
            dispatcher.bind("lych status", self._status, "As vget /unrealcv/status")
            LychCommands(world, cameras, frames).bind(dispatcher)

    def execute(self, texts: list[str]) -> list[File]:
        """Run commands in one tick and return their replies in order.

        Captures wait until a command changes the scene or the batch ends, and are then rendered together. So
        all captures between two scene changes cost one frame.
        """
        _answer(self._world.begin_tick)
        replies: list[Reply] = []
        size = 0
        for text in texts:
            refusal = _refusal(text)
            command, arguments = (None, ()) if refusal else self._dispatcher.match(text)
            if command is None:
                replies.append(refusal or f"error No handler found for URI '{text}'")
                continue
            if command.changes_scene:
                replies = self._rendered(replies)
            # A command that is too much is not run, nor is any after it.
            reply = _TOO_LARGE if size > MOST_TICK_BYTES else _answer(partial(command.handler, *arguments))
            size += _size(reply)
            replies.append(reply if size <= MOST_TICK_BYTES else _TOO_LARGE)
        return [reply.encode() if isinstance(reply, str) else reply for reply in self._rendered(replies)]

    def _rendered(self, replies: list[Reply]) -> list:
        """Return ``replies`` with every waiting capture rendered; equal views are rendered once."""
        captures = (reply for reply in replies if isinstance(reply, Capture))
        views = list(dict.fromkeys(view for capture in captures for view in capture.views))
        if not views:
            return replies
        images = _answer(lambda: dict(zip(views, self._renderer.render(views), strict=True)))
        return [_file(reply, images) if isinstance(reply, Capture) else reply for reply in replies]

    def _bind_plugin(self, dispatcher: Dispatcher) -> None:
        bind = dispatcher.bind
        bind("vget /unrealcv/status", self._status, "Server and default camera settings")
        bind("vget /unrealcv/help", self._help, "All commands with their descriptions")
        bind("vget /unrealcv/echo [str]", lambda word: word or "ok", "Echo one word")
        bind("vget /unrealcv/version", lambda: UNREALCV_VERSION, "Protocol version")
        bind("vget /unrealcv/commands", self._templates, "All templates, one per line")
        if not self._world.faults.no_vbatch:
            bind("vbatch [uint]", lambda _: "error Argument Invalid", "Run the next N commands in one tick")
        bind("vget /scene/name", lambda: PROJECT, "Project name")

    def _status(self) -> str:
        camera = self._world.player_camera
        lines = (
            "Is Listening", "Client Connected", str(self._port), "Configuration", "Config file: none",
            f"Port: {self._port}", f"Width: {camera.width_px}", f"Height: {camera.height_px}",
            f"FOV: {camera.fov_deg:.1f}", "EnableInput: false", "EnableRightEye: false",
        )  # fmt: skip
        return "\n".join(lines)

    def _help(self) -> str:
        commands = self._dispatcher.listed()
        return "\n".join(f"{command.template}\n{command.description}" for command in commands)

    def _templates(self) -> str:
        return "\n".join(command.template for command in self._dispatcher.listed())
