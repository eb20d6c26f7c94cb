"""Ends the process although a library hangs; prints one line on standard error if the process is killed.

Ray's library ends a process whose node process (raylet) is stopped, without a message.
"""

import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

# Prints the line that it is given; or its argument, if its input ends without a line.
_NOTICE = 'IFS= read -r line || line=$1; [ -z "$line" ] || printf "%s\\n" "$line" >&2'
_STANDARD_ERROR = 2
_notices: list[int] = []
_stuck: list[str] = []


@contextmanager
def exit_notice(line: str) -> Iterator[None]:
    """Within this block, the end of the process prints a line; that of ``end_process`` prints its own."""
    # In a session of its own: a signal to the process group of the terminal must not end it first.
    notice = subprocess.Popen(
        ["sh", "-c", _NOTICE, "sh", line],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert notice.stdin is not None
    _notices.append(notice.stdin.fileno())
    try:
        yield
    finally:
        _notices.pop()
        notice.communicate(b"\n")


def end_process(code: int, line: str) -> NoReturn:
    """Print a line, and end the process at once: nothing is waited for.

    A notice prints it, if there is one: its standard error is that of the process at its start.
    """
    with suppress(OSError):
        os.write(_notices[-1] if _notices else _STANDARD_ERROR, f"{line}\n".encode())
    os._exit(code)


def note_stuck(library: str) -> None:
    """Note that threads of a library hang: they would hold up the end of this process, or crash it."""
    _stuck.append(library)


@contextmanager
def exit_of_process() -> Iterator[None]:
    """Around the main function: if threads of a library hang, an exception of it ends the process at once."""
    try:
        yield
    except BaseException as error:
        if not _stuck:
            raise
        if not isinstance(error, SystemExit):
            traceback.print_exc()
        code = error.code if isinstance(error, SystemExit) else 1
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))
