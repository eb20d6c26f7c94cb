"""Drive an engine over UnrealCV and Remote Control."""

from .errors import EngineError, EngineStartError
from .launch import RunningEngine, embedded_command
from .stage import Stage, StageFrame

__all__ = ["EngineError", "EngineStartError", "RunningEngine", "Stage", "StageFrame", "embedded_command"]
