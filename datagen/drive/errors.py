"""What can go wrong between the driver and an engine."""


class EngineError(RuntimeError):
    """The engine died, did not answer in time, or refused a request; a fresh engine may do better."""


class EngineStartError(EngineError):
    """The engine could not be started or reached at all."""
