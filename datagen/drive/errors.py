"""Errors between the driver and an engine."""


class EngineError(RuntimeError):
    """The engine ended, did not answer in time, or refused a request; a new engine may succeed."""


class RefusedError(EngineError):
    """The engine answered a request with an error."""


class LevelError(EngineError):
    """A level did not load in time, although the engine answers."""


class EngineStartError(EngineError):
    """The engine could not be started or reached."""


class EngineSetupError(EngineError):
    """The engine, its project or the catalog must be changed; a new engine would not succeed."""
