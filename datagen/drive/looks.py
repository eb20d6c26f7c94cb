"""What the looks of Unreal set: console variables, and the settings of each camera.

``gt``: each image is one sample in time, so edges of images and masks agree. ``cinematic``: motion blur, and
anti-aliasing over time. Neither has depth of field. Sources: docs/unreal.md, section "Looks".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..batch import EngineChoice

# For every look. Textures are complete, far characters are posed in every tick, and no frame rate is limited.
_COMMON = {
    "r.TextureStreaming": "0",
    "r.Streaming.FullyLoadUsedTextures": "1",
    "r.Streaming.FramesForFullUpdate": "0",
    "r.SceneColorFringeQuality": "0",
    "r.DepthOfFieldQuality": "0",
    "a.URO.Enable": "0",
    "t.IdleWhenNotForeground": "0",
    "t.MaxFPS": "0",
}
_CONSOLE: Mapping[str, Mapping[str, str]] = {
    "gt": {"r.AntiAliasingMethod": "0", "r.MotionBlurQuality": "0"},
    "cinematic": {"r.AntiAliasingMethod": "4", "r.MotionBlurQuality": "4"},
}
# Show flags that scene captures have switched off; the cameras of `gt` leave them off.
_SHOW_FLAGS = {"gt": (), "cinematic": ("TemporalAA", "MotionBlur")}
# Amount, and the largest length as a percentage of the image's width; 0: the shutter is closed.
_MOTION_BLUR = {"gt": "0 0 0", "cinematic": "0.5 5 0"}


@dataclass(frozen=True, kw_only=True)
class UnrealLook:
    """The look of a batch: how it is filmed by Unreal, and nothing that depends on the scene."""

    name: str
    illumination: str
    reflection: str

    @classmethod
    def of(cls, engine: EngineChoice) -> "UnrealLook | None":
        """The look of an engine; None for the embedded one, which is started with its look."""
        if engine.kind == "embedded":
            return None
        return cls(name=engine.look, illumination=engine.illumination, reflection=engine.reflection)

    @property
    def show_flags(self) -> list[dict[str, str | bool]]:
        """Show flags to switch on, as Remote Control takes them."""
        return [{"ShowFlagName": name, "Enabled": True} for name in _SHOW_FLAGS[self.name]]

    def console_commands(self) -> Iterator[str]:
        """Commands that set the console variables."""
        for name, value in {**_COMMON, **_CONSOLE[self.name]}.items():
            yield f"vrun {name} {value}"

    def camera_commands(self, camera: int, *, exposure_ev: float, fps: float) -> Iterator[str]:
        """Commands that set up a camera.

        Scene captures ignore post-process volumes and adapt their exposure each on their own; all cameras
        have the same manual exposure instead. Eye adaptation stays on, so that pre-exposure is right.
        """
        settings = (
            "exposure_method manual",
            "physical_exposure 0",
            f"exposure_bias {exposure_ev:.6f}",
            f"motion_blur {_MOTION_BLUR[self.name]} {round(fps)}",
            f"illumination {self.illumination}",
            f"reflection {self.reflection}",
        )
        return (f"vset /camera/{camera}/{setting}" for setting in settings)
