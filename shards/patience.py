"""Storage that fails for a while is waited for: for some time in total, and not for each call."""

import errno
import logging
import math
import socket
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from multitake.errors import one_line
from multitake.outages import CAN_PASS

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 15.0
# Outages that are shorter are not logged.
LOGGED_S = 5.0
# Errors of a network or of a busy server, by the names of their types in several packages.
_CAN_PASS_TYPES = {
    *("ConnectionError", "TimeoutError", "HTTPClientError", "ResponseParserError", "IncompleteRead"),
    *("ClientConnectionError", "ClientPayloadError", "ServiceRequestError", "ServiceResponseError"),
}
# What servers and proxies answer when they are overloaded or restarted.
BUSY = frozenset({408, 429, 500, 502, 503, 504})
# What storage answers, and callers handle.
_ANSWERS = (FileNotFoundError, FileExistsError, ImportError)


class StoreError(OSError):
    """Storage that cannot be used, or that has not answered for a long time: no other file can be written.

    Its number is EIO if that can pass, else EACCES.
    """


def log_outage(address: str, reason: object, limit_s: float) -> None:
    """Log that storage is waited for; by default such a line is on standard error."""
    _log.warning("%s: %s; trying again for up to %.0f s", address, one_line(reason), limit_s)


class Patience:
    """Repeats work on storage while its errors can pass, until an outage has lasted for ``limit_s``.

    An outage begins with such an error and ends with any answer; all threads have the same one. One that
    goes on is logged. When it has lasted too long, work is tried once, and not at all for a while after the
    last error.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._began_s: float | None = None
        self._failed_s, self._reason = -math.inf, ""
        self._has_answered = self._is_logged = False

    def tried(self, work: Callable[[], _Result], address: str) -> _Result:
        """The result of some work on an address; StoreError, or an error that is an answer."""
        if self._is_given_up():
            raise StoreError(errno.EIO, self._reason, address)
        ends_s, wait_s = math.inf, _FIRST_WAIT_S
        while True:
            try:
                result = work()
            except Exception as caught:
                error = self._meant(caught)
                if isinstance(error, _ANSWERS):
                    self._note_answer()
                    raise
                if not self._can_pass(error):
                    self._began_s = None
                    raise StoreError(errno.EACCES, _reason(error), address) from error
                ends_s = min(ends_s, self._noted(error) + self.limit_s)
                if self._failed_s + wait_s > ends_s:
                    raise StoreError(errno.EIO, self._reason, address) from error
                self._log(address)
            else:
                self._note_answer()
                return result
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)

    def _note_answer(self) -> None:
        self._began_s, self._has_answered, self._is_logged = None, True, False

    def _log(self, address: str) -> None:
        if not self._is_logged and self._failed_s - (self._began_s or self._failed_s) >= LOGGED_S:
            self._is_logged = True
            log_outage(address, self._reason, self.limit_s)

    def _meant(self, error: Exception) -> Exception:
        """The error, or its cause: fsspec says of servers that cannot be reached that a file is missing."""
        cause = error.__cause__
        if isinstance(error, FileNotFoundError) and isinstance(cause, Exception) and self._can_pass(cause):
            return cause
        return error

    def _can_pass(self, error: Exception) -> bool:
        """Whether an error can pass; a host that nobody knows was a mistake unless it has answered before."""
        if not self._has_answered and any(map(_is_unknown_host, _reasons(error))):
            return False
        if isinstance(error, OSError) and error.errno in CAN_PASS:
            return True
        # Of aiohttp.
        if getattr(error, "status", None) in BUSY:
            return True
        return any(kind.__name__ in _CAN_PASS_TYPES for kind in type(error).__mro__)

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


def _is_unknown_host(error: BaseException) -> bool:
    """Whether no host has the name that was asked for."""
    return isinstance(error, socket.gaierror) and error.errno in (socket.EAI_NONAME, socket.EAI_NODATA)


def _reasons(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those of which packages made it."""
    while error is not None:
        yield error
        # Of botocore, and of aiohttp.
        told = getattr(error, "kwargs", {}).get("error") or getattr(error, "os_error", None)
        error = told or error.__cause__ or error.__context__


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError) and not str(error):
        return "no answer in time"
    return one_line(getattr(error, "strerror", None) or str(error) or type(error).__name__)
