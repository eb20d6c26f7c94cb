"""How models learn: Wan2.1 with ReCamMaster's cameras, its objective, the loop, checkpoints, re-shooting."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .config import Config, load_config
from .progress import StepLine

if TYPE_CHECKING:
    from .loop import TrainReport, train
    from .reshooting import reshoot_clip
    from .tiny import write_tiny_wan
    from .wan import CamWanTransformer3DModel

__all__ = [
    "CamWanTransformer3DModel",
    "Config",
    "StepLine",
    "TrainReport",
    "load_config",
    "reshoot_clip",
    "train",
    "write_tiny_wan",
]

_MODULES = {
    "CamWanTransformer3DModel": "wan",
    "TrainReport": "loop",
    "reshoot_clip": "reshooting",
    "train": "loop",
    "write_tiny_wan": "tiny",
}


def __getattr__(name: str) -> Any:
    # Torch is loaded only by who trains.
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
