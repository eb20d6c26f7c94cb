"""UnrealCV's commands of the game: pause, level, input, view mode, console."""

from collections.abc import Callable

from ..render.renderer import MULTISAMPLES, Renderer
from ..world.actors import WorldError
from ..world.world import VIEW_MODE, World
from .capture_folder import CaptureHandler
from .dispatch import Dispatcher, Reply, uint

_VIEW_MODES = (
    VIEW_MODE, "unlit", "depth", "normal", "optical_flow", "object_mask", "base_color", "debug", "wireframe",
    "vertex_color", "no_transparency",
)  # fmt: skip
# View mode -> kind of image of its screenshot.
_SCREENSHOTS = {VIEW_MODE: "lit", "object_mask": "mask", "normal": "normal"}
_MOST_CONSOLE_WORDS = 6
MSAA_VARIABLE = "r.MSAACount"


class GameCommands:
    """Handlers for the game. There is no player, so input has no effect. Of the console, one variable has."""

    def __init__(
        self, world: World, renderer: Renderer, capture_handler: Callable[[str], CaptureHandler]
    ) -> None:
        self._world, self._renderer, self._capture_handler = world, renderer, capture_handler

    def bind(self, dispatcher: Dispatcher) -> None:
        """Bind every command of the game."""
        bind, bind_action, world = dispatcher.bind, dispatcher.bind_action, self._world
        bind("vget /level/name", lambda: world.level, "Name of the loaded level")
        bind("vget /persistent_level/id", lambda: "PersistentLevel", "Name of the level's object")
        bind(
            "vget /persistent_level/level_script_actor/id",
            lambda: f"{world.level}_C_0",
            "Name of the level's script",
        )
        for what in ("enable", "disable"):
            bind(f"vset /action/input/{what}", lambda: "ok", f"Accept {what}, without effect")
        bind("vset /action/keyboard [str] [float]", lambda *_: "ok", "Accept a key, without effect")
        bind("vset /action/eyes_distance [float]", lambda _: "error Not Implemented", "Not implemented")
        bind("vget /viewmode", lambda: world.view_mode, "View mode of the screenshot")
        bind_action("vset /viewmode [str]", self._set_view_mode, "Set the view mode", changes_scene=False)
        bind("vget /screenshot [str]", self._screenshot, "Capture what the player sees as png or bmp")
        bind("vrun [str]", lambda alias: f"error Unrecognised alias '{alias}'", "Run an alias")
        self._bind_player(dispatcher)

    def _bind_player(self, dispatcher: Dispatcher) -> None:
        """Bind the commands that need a player controller."""
        world = self._world

        def bind(
            template: str, run: Callable[..., object], description: str, *, changes_scene: bool = False
        ) -> None:
            def handler(*arguments: str) -> str:
                if world.faults.no_player:
                    raise WorldError("No player controller")
                reply = run(*arguments)
                return reply if isinstance(reply, str) else "ok"

            dispatcher.bind(template, handler, description, changes_scene=changes_scene)

        bind("vset /action/game/pause", lambda: world.set_paused(True), "Pause")
        bind("vset /action/game/resume", lambda: world.set_paused(False), "Resume")
        bind("vget /action/game/is_paused", lambda: str(world.paused).lower(), "Whether the game is paused")
        bind("vset /action/game/level [str]", world.request_level, "Load a level at the next tick")
        for words in range(2, _MOST_CONSOLE_WORDS + 1):
            bind("vrun" + " [str]" * words, lambda *_: "ok", "Accept a console command")
        samples = "Samples of each pixel of lit images"
        bind(f"vrun {MSAA_VARIABLE} [uint]", self._set_msaa, samples, changes_scene=True)
        bind("vcmd [str]", lambda _: "ok", "Accept a console command")

    def _set_msaa(self, count: str) -> None:
        samples = max(1, uint(count))
        if samples > 1 and not (self._renderer.look.has_shaders and samples in MULTISAMPLES):
            raise WorldError("Argument Invalid")
        self._renderer.multisamples = samples

    def _set_view_mode(self, name: str) -> None:
        mode = name.lower()
        if mode not in _VIEW_MODES:
            raise WorldError(f"Can not set ViewMode to {mode}")
        self._world.view_mode = mode

    def _screenshot(self, file_type: str) -> Reply:
        mode = self._world.view_mode
        if mode not in _SCREENSHOTS:
            raise WorldError(f"The view mode {mode} has no screenshot, use {' or '.join(_SCREENSHOTS)}")
        return self._capture_handler(_SCREENSHOTS[mode])("0", file_type)
