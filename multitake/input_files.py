"""Files that users give: regular, of bounded size, and one line for whatever a parser says about them."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError
from .outages import outages

# Parsed text takes up to 30 times its size in memory.
MOST_TEXT_BYTES = 50_000_000
# Numbers rarely compress to less than half their size; what unpacks to much more is not a measurement.
_FREELY_UNPACKED_BYTES = 2**28
_LARGEST_UNPACKED_RATIO = 8


def require_file(path: Path, *, fix: str) -> None:
    """InputError unless ``path`` is a regular file: others may be endless, or never answer."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise _unreadable(path, _reason(error), fix) from error
    if stat.S_ISDIR(mode):
        raise _unreadable(path, "is a folder", fix)
    if not stat.S_ISREG(mode):
        raise _unreadable(path, "not a regular file", fix)


def is_same_file(one: Path | str, other: Path | str) -> bool:
    """Whether two paths, which need not exist, lead to one file."""
    return os.path.realpath(one) == os.path.realpath(other)


def read_bytes(path: Path, *, most_bytes: int, fix: str) -> bytes:
    """The content of a regular file; InputError if it cannot be read or has more than ``most_bytes``.

    RunError if it cannot be read for a reason that can pass.
    """
    require_file(path, fix=fix)
    try:
        with outages("cannot be read", where=str(path)), path.open("rb") as file:
            content = file.read(most_bytes + 1)
    except OSError as error:
        raise _unreadable(path, _reason(error), fix) from error
    if len(content) > most_bytes:
        what = f"file is larger than {most_bytes / 1e6:g} MB"
        raise InputError(what, where=str(path), fix="divide it into smaller files")
    return content


def read_utf8(path: Path, *, fix: str, most_bytes: int = MOST_TEXT_BYTES) -> str:
    """The text of a regular UTF-8 file without its byte order mark; InputError as ``read_bytes``."""
    try:
        text = read_bytes(path, most_bytes=most_bytes, fix=fix).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(path, "not a text file", fix) from error
    if "\0" in text:
        raise _unreadable(path, "not a text file", fix)
    return text


def check_unpacked_size(unpacked_bytes: int, packed_bytes: int, *, where: str) -> None:
    """InputError if a file of ``packed_bytes`` unpacks to more than a file of measurements would."""
    if unpacked_bytes > max(_FREELY_UNPACKED_BYTES, _LARGEST_UNPACKED_RATIO * packed_bytes):
        what = f"unpacks to {unpacked_bytes / 1e6:.0f} MB from {packed_bytes / 1e6:.3g} MB"
        raise InputError(what, where=where, fix="check where it is from, or divide it into smaller files")


@contextmanager
def parsing(what: str, *, where: str, fix: str, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Turn every error of a parser in the block, but those of the types ``but``, into an InputError.

    Damaged content makes parsers raise errors of many kinds, so all are caught: enclose only the parser.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, (InputError, *but)):
            raise
        raise InputError(f"{what} ({_reason(error)})", where=where, fix=fix) from error


def _unreadable(path: Path, reason: str, fix: str) -> InputError:
    return InputError(f"cannot be read ({reason})", where=str(path), fix=fix)


def _reason(error: Exception) -> str:
    # Of an error of the system, without its number and the path.
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
