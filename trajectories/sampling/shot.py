"""What rules do not define about filming: length, rate, image size, ground, and the subject's height."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from multitake.settings import STRICT

Frames = Annotated[int, Field(ge=1, le=100_000)]
FramesPerSecond = Annotated[float, Field(ge=0.1, le=1000)]
SidePx = Annotated[int, Field(ge=16, le=8192)]


@dataclass(frozen=True, kw_only=True)
class Shot:
    """How rigs are filmed."""

    __pydantic_config__ = STRICT
    frames: Frames = 81
    fps: FramesPerSecond = 15.0
    width_px: SidePx = 1280
    height_px: SidePx = 1280
    ground_m: Annotated[float, Field(allow_inf_nan=False)] = 0.0
    subject_height_m: Annotated[float, Field(ge=0.01, le=1000)] = 1.75
