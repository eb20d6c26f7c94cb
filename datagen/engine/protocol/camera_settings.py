"""UnrealCV's camera settings: refused as the plugin refuses them, and without effect on the images."""

from collections.abc import Callable

from ..world.actors import WorldError
from .dispatch import Dispatcher

_LIT_SOURCES = "ftc_hdr, fc_hdr, sc_hdr, scna_hdr, ldr, base, color_depth, scene_depth, device_depth, normal"
# Setting -> what the plugin calls it, and the options as its error lists them.
_OPTIONS = {
    "projection_type": ("camera mode", "perspective and orthographic"),
    "lit_source": ("lit source", _LIT_SOURCES),
    "reflection": ("reflection method", "none, lumen, screen_space."),
    "illumination": ("global illumination method", "none, lumen, screen_space, plugin."),
    "exposure_method": ("auto exposure mode", "histogram, basic and manual"),
}
_NUMBERS = {
    "ortho_width": "[float]",
    "exposure_bias": "[float]",
    "auto_speed": "[float] [float]",
    "auto_brightness": "[float] [float]",
    "physical_exposure": "[uint]",
    "motion_blur": "[float] [float] [float] [uint]",
    "focal": "[float] [float]",
}


def bind_settings(dispatcher: Dispatcher, require_camera: Callable[[str], object]) -> None:
    """Bind every setting; ``require_camera`` raises ``WorldError`` if a camera does not exist."""

    def bind(setting: str, arguments: str, check: Callable[[str], None]) -> None:
        def accept(index: str, first: str, *_: str) -> None:
            require_camera(index)
            check(first)

        template = f"vset /camera/[uint]/{setting} {arguments}"
        dispatcher.bind_action(template, accept, f"Accept {setting}, without effect", changes_scene=False)

    for setting, (kind, options) in _OPTIONS.items():
        bind(setting, "[str]", _one_of(kind, options))
    for setting, arguments in _NUMBERS.items():
        bind(setting, arguments, lambda _: None)


def _one_of(kind: str, options: str) -> Callable[[str], None]:
    names = set(options.rstrip(".").replace(",", "").split()) - {"and"}

    def check(option: str) -> None:
        if option.lower() not in names:
            raise WorldError(f"Can not support {kind} {option}, available options are {options}")

    return check
