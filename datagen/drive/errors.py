"""Errors between the driver and an engine."""


class EngineError(RuntimeError):
    """The engine ended, did not answer in time, or refused a request; a new engine may succeed."""


class EngineStartError(EngineError):
    """The engine could not be started or reached."""
