"""Errors of disks and of storage that can pass by themselves, such as a full disk: they end a run, which can
be repeated. Others, such as a folder without permission, are invalid input.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import RunError

# A full disk, and errors of a disk, of a network, of a busy server, or of a machine without free resources.
CAN_PASS = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EREMOTEIO, errno.ESTALE),
        *(errno.EBUSY, errno.EAGAIN, errno.EINTR, errno.ETIMEDOUT),
        *(errno.ENOTCONN, errno.EPIPE, errno.ECONNRESET, errno.ECONNABORTED, errno.ECONNREFUSED),
        *(errno.ENETDOWN, errno.ENETUNREACH, errno.ENETRESET, errno.EHOSTDOWN, errno.EHOSTUNREACH),
        *(errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOLCK),
    }
)


@contextmanager
def outages(what: str, *, where: str) -> Iterator[None]:
    """Turn an OSError of the block that can pass into a RunError; ``what`` says what cannot be done."""
    try:
        yield
    except OSError as error:
        if error.errno not in CAN_PASS:
            raise
        reason = f"{what} ({error.strerror or error})"
        raise RunError(reason, where=where, fix="run the same command again when that has passed") from error
