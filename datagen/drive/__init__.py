"""Drive an engine over UnrealCV and Remote Control."""

from .driver import EngineDriver
from .engine_process import ENGINE_FOLDER, RunningEngine
from .environment_check import check_environment
from .errors import EngineError, EngineSetupError, EngineStartError
from .replies import FrameImages
from .settling import SettlingCheck

__all__ = [
    "ENGINE_FOLDER",
    "EngineDriver",
    "EngineError",
    "EngineSetupError",
    "EngineStartError",
    "FrameImages",
    "RunningEngine",
    "SettlingCheck",
    "check_environment",
]
