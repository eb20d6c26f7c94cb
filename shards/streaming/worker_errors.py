"""Errors of streams in workers of torch's DataLoader, as one line."""

from multitake.errors import InputError, LineError, RunError


class _WorkerError(LineError):
    """An error that a worker of torch's DataLoader gives: torch makes it again from a text with a traceback,
    of which the last line is the error.
    """

    # Torch gives the text by this keyword to classes that have this attribute.
    message = "the error of a worker"

    def __init__(self, what: str = "", *, where: str = "", fix: str = "", message: str = "") -> None:
        if message:
            line = message.strip().splitlines()[-1].partition(f"{type(self).__name__}: ")[2]
            where, _, rest = line.partition(": ")
            what, _, fix = rest.rpartition("; ")
        super().__init__(what, where=where, fix=fix)


class _WorkerInputError(_WorkerError, InputError):
    """As InputError."""


class _WorkerRunError(_WorkerError, RunError):
    """As RunError."""


def of_worker(error: LineError) -> LineError:
    """The error as a worker of torch's DataLoader must raise it, to be one line where it is used."""
    kind = _WorkerInputError if isinstance(error, InputError) else _WorkerRunError
    return kind(error.what, where=error.where, fix=error.fix)
