"""What the server sends back, and errors as answers."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from multitake.errors import LineError


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer to one request.

    Attributes:
        has_ranges: whether parts of it can be asked for, as players of videos do.
    """

    content: bytes
    kind: str
    status: HTTPStatus = HTTPStatus.OK
    has_ranges: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


# One part of the bytes; more digits than any size has are no number.
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


class RequestError(Exception):
    """A request that has no answer: the status, and one line for the reader."""

    def __init__(self, status: HTTPStatus, line: str) -> None:
        super().__init__(line)
        self.status = status


def json_answer(value: Any, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    """Plain values as JSON."""
    return Answer(content=json.dumps(value, allow_nan=False).encode(), kind="application/json", status=status)


def error_answer(error: RequestError | LineError) -> Answer:
    """An error as one line in JSON: what is wrong with a request, or with the data set."""
    status = error.status if isinstance(error, RequestError) else HTTPStatus.UNPROCESSABLE_ENTITY
    return json_answer({"error": str(error)}, status)


def part_of(answer: Answer, asked: str | None) -> Answer:
    """The bytes that a ``Range`` header asks for, or all of them (RFC 9110, section 14).

    More than one range, and another unit than bytes, are ignored, as the standard allows.
    """
    found = _RANGE.fullmatch(asked or "")
    if not answer.has_ranges or not found or not any(found.groups()):
        return answer
    size, (first, last) = len(answer.content), found.groups()
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    if start >= size or (first and last and int(last) < int(first)):
        status, headers = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, {"Content-Range": f"bytes */{size}"}
        return Answer(content=b"", kind=answer.kind, status=status, headers=headers)
    return Answer(
        content=answer.content[start:stop],
        kind=answer.kind,
        status=HTTPStatus.PARTIAL_CONTENT,
        headers={"Content-Range": f"bytes {start}-{stop - 1}/{size}"},
    )
