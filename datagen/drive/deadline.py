"""Run a call that may block, and stop waiting for it in time."""

import threading
from collections.abc import Callable
from typing import TypeVar

from .errors import EngineError

_Result = TypeVar("_Result")
_POLL_S = 0.1


def within(
    timeout_s: float, call: Callable[[], _Result], *, what: str, is_alive: Callable[[], bool] = lambda: True
) -> _Result:
    """The result of ``call``; EngineError once ``timeout_s`` has passed or ``is_alive`` turns false.

    The call then continues in a daemon thread, so its connection must not be used again.
    """
    outcome: list[_Result] = []
    failure: list[BaseException] = []
    done = threading.Event()

    def run() -> None:
        try:
            outcome.append(call())
        except Exception as error:  # handed to the caller below
            failure.append(error)
        done.set()

    threading.Thread(target=run, daemon=True).start()
    waited_s = 0.0
    while not done.wait(_POLL_S):
        waited_s += _POLL_S
        if not is_alive():
            raise EngineError(f"the engine ended during {what}")
        if waited_s >= timeout_s:
            raise EngineError(f"no answer to {what} within {timeout_s:.3g} s")
    if failure:
        raise EngineError(f"{what} failed: {failure[0]}") from failure[0]
    return outcome[0]
