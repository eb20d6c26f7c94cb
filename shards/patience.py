"""Storage that fails for a while is waited for: for some time in total, and not for each call."""

import errno
import math
import time
from collections.abc import Callable
from typing import TypeVar

from multitake.errors import one_line

_Result = TypeVar("_Result")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 15.0
# Errors of a network or of a busy server, by number, and by the names of their types in several packages.
_CAN_PASS_NUMBERS = {
    *(errno.EIO, errno.EREMOTEIO, errno.EBUSY, errno.EAGAIN, errno.ETIMEDOUT),
    *(errno.ENETDOWN, errno.ENETUNREACH, errno.EHOSTDOWN, errno.EHOSTUNREACH),
}
_CAN_PASS_TYPES = {
    *("ConnectionError", "TimeoutError", "HTTPClientError", "ResponseParserError", "IncompleteRead"),
    *("ClientConnectionError", "ClientPayloadError", "ServiceRequestError", "ServiceResponseError"),
}
# What storage answers, and callers handle.
_ANSWERS = (FileNotFoundError, FileExistsError, ImportError)


class StoreError(OSError):
    """Storage that cannot be used, or that has not answered for a long time: no other file can be written."""

    def __init__(self, what: str, address: str) -> None:
        super().__init__(errno.EIO, what, address)


class Patience:
    """Repeats work on storage while its errors can pass, until an outage has lasted for ``limit_s``.

    An outage begins with such an error and ends with any answer; all threads have the same one. When it has
    lasted too long, work is tried once, and not at all for a while after the last error.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._began_s: float | None = None
        self._failed_s, self._reason = -math.inf, ""

    def tried(self, work: Callable[[], _Result], address: str) -> _Result:
        """The result of some work on an address; StoreError, or an error that is an answer."""
        if self._is_given_up():
            raise StoreError(self._reason, address)
        ends_s, wait_s = math.inf, _FIRST_WAIT_S
        while True:
            try:
                result = work()
            except _ANSWERS:
                self._began_s = None
                raise
            except Exception as error:
                if not _can_pass(error):
                    self._began_s = None
                    raise StoreError(_reason(error), address) from error
                ends_s = min(ends_s, self._noted(error) + self.limit_s)
                if self._failed_s + wait_s > ends_s:
                    raise StoreError(self._reason, address) from error
            else:
                self._began_s = None
                return result
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _noted(self, error: Exception) -> float:
        """When the outage of an error began."""
        self._failed_s, self._reason = time.monotonic(), _reason(error)
        began_s = self._began_s or self._failed_s
        self._began_s = began_s
        return began_s

    def _is_given_up(self) -> bool:
        began_s, now_s = self._began_s, time.monotonic()
        return (
            began_s is not None
            and now_s > began_s + self.limit_s
            and now_s < self._failed_s + min(self.limit_s, _LONGEST_WAIT_S)
        )


def _can_pass(error: Exception) -> bool:
    """Whether an error can pass by itself: one of the network or of a server that is busy."""
    if isinstance(error, OSError) and error.errno in _CAN_PASS_NUMBERS:
        return True
    return any(kind.__name__ in _CAN_PASS_TYPES for kind in type(error).__mro__)


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer in time"
    return one_line(getattr(error, "strerror", None) or str(error) or type(error).__name__)
