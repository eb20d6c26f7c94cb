"""A listening unix socket at a path: a stale file is replaced."""

import errno
import os
import socket
import stat
from pathlib import Path

from multitake.errors import InputError

# What the kernel has room for, in bytes.
_MOST_PATH_BYTES = 107


def unix_listener(path: Path, *, where: str) -> socket.socket:
    """Listen at ``path``, for this user alone; InputError, which names the option, if that is impossible."""
    size = len(os.fsencode(path))
    if size > _MOST_PATH_BYTES:
        what = f"a path of {size} bytes is too long for a socket, which takes {_MOST_PATH_BYTES}"
        raise InputError(what, where=where, fix="choose a shorter path, such as one in /tmp")
    _remove_stale(path, where=where)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(os.fspath(path))
        path.chmod(0o600)
        listener.listen()
    except OSError as error:
        listener.close()
        what = f"cannot listen at {path} ({error.strerror or error})"
        raise InputError(what, where=where, fix="choose another path") from error
    return listener


def _remove_stale(path: Path, *, where: str) -> None:
    """Remove the socket of a server that has ended."""
    if not os.path.lexists(path):
        return
    if not stat.S_ISSOCK(path.lstat().st_mode):
        raise InputError(f"{path} is not a socket", where=where, fix="choose another path, or remove it")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        code = probe.connect_ex(os.fspath(path))
    if code == errno.ECONNREFUSED:
        path.unlink(missing_ok=True)
    elif code in (0, errno.EAGAIN):
        raise InputError(
            f"a server is listening at {path}", where=where, fix="choose another path, or stop it"
        )
    else:
        raise InputError(f"cannot use {path} ({os.strerror(code)})", where=where, fix="choose another path")
