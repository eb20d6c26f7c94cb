"""UnrealCV's commands on one world: plugin, game, and batches of captures that cost one frame."""

from ..render.renderer import Renderer
from ..world.world import World, WorldError
from .camera_commands import CameraCommands
from .dispatch import Capture, Dispatcher, Reply
from .object_commands import ObjectCommands

PROJECT = "Multitake"
UNREALCV_VERSION = "1.1.0"


class Console:
    """Executes UnrealCV commands on a world and its renderer."""

    def __init__(self, world: World, renderer: Renderer, port: int) -> None:
        self._world, self._renderer, self._port = world, renderer, port
        self._dispatcher = Dispatcher()
        self._bind_plugin(self._dispatcher)
        CameraCommands(world, renderer.look).bind(self._dispatcher)
        ObjectCommands(world).bind(self._dispatcher)
        self._bind_game(self._dispatcher)

    def execute(self, texts: list[str]) -> list[bytes]:
        """Run commands in one tick and return their replies in order.

        Captures are put off until a command changes the scene or the batch ends, then drawn together: any
        number of camera poses and captures between two scene changes costs one frame.
        """
        self._world.begin_tick()
        replies: list[Reply] = []
        for text in texts:
            command, arguments = self._dispatcher.match(text)
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

    def _bind_plugin(self, to: Dispatcher) -> None:
        to.bind("vget /unrealcv/status", self._status, "Server and default camera settings")
        to.bind("vget /unrealcv/help", self._help, "All commands with their descriptions")
        to.bind("vget /unrealcv/echo [str]", lambda word: word or "ok", "Echo one word")
        to.bind("vget /unrealcv/version", lambda: UNREALCV_VERSION, "Protocol version")
        to.bind("vget /unrealcv/commands", self._templates, "All templates, one a line")
        to.bind("vbatch [uint]", lambda _: "error Argument Invalid", "Hold the next N commands for one tick")
        to.bind("vget /scene/name", lambda: PROJECT, "Project name")
        to.bind("vget /level/name", lambda: self._world.level, "Name of the loaded level")

    def _bind_game(self, to: Dispatcher) -> None:
        to.act("vset /action/game/pause", lambda: self._world.pause(True), "Pause")
        to.act("vset /action/game/resume", lambda: self._world.pause(False), "Resume")
        to.bind(
            "vget /action/game/is_paused", lambda: str(self._world.paused).lower(), "Whether it is paused"
        )
        to.act("vset /action/game/level [str]", self._world.request_level, "Load a level at the next tick")
        to.bind("vrun [str]", lambda alias: f"error Unrecognised alias '{alias}'", "Run an alias")
        for words in range(2, 7):
            to.bind("vrun " + " ".join(["[str]"] * words), lambda *_: "ok", "Accept a console command")
        to.bind("vcmd [str]", lambda _: "ok", "Accept a console command")

    def _status(self) -> str:
        camera = self._world.cameras[0]
        return "\n".join(
            [
                "Is Listening", "Client Connected", str(self._port), "Configuration", "Config file: none",
                f"Port: {self._port}", f"Width: {camera.width_px}", f"Height: {camera.height_px}",
                f"FOV: {camera.fov_deg:.1f}", "EnableInput: false", "EnableRightEye: false",
            ]
        )  # fmt: skip

    def _help(self) -> str:
        return "\n".join(
            f"{command.template}\n{command.description}" for command in self._dispatcher.commands
        )

    def _templates(self) -> str:
        return "\n".join(command.template for command in self._dispatcher.commands)
