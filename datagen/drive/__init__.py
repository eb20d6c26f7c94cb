"""Drive an engine over UnrealCV and Remote Control."""

from .driver import EngineDriver
from .engine_process import RunningEngine
from .errors import EngineError, EngineStartError
from .replies import FrameImages

__all__ = [
    "EngineDriver",
    "EngineError",
    "EngineStartError",
    "FrameImages",
    "RunningEngine",
]
