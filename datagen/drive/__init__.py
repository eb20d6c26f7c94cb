"""Drive an engine over UnrealCV and Remote Control."""

from .driver import Stage, StageFrame
from .engine_process import RunningEngine, embedded_command
from .errors import EngineError, EngineStartError

__all__ = ["EngineError", "EngineStartError", "RunningEngine", "Stage", "StageFrame", "embedded_command"]
