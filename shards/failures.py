"""Takes that could not be filmed: the lines of ``failures.jsonl``."""

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from multitake.errors import InputError
from multitake.settings import STRICT, validated


@dataclass(frozen=True, kw_only=True)
class ClipFault:
    """What the quality gate has against a clip: a figure of ``ClipQuality``, or a flag, and its limit.

    ``frames`` are the first ones that the figure counts.
    """

    __pydantic_config__ = STRICT
    camera: str
    reason: str
    figure: str
    value: float
    limit: float
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A take that could not be filmed: one line of ``failures.jsonl``; ``number`` counts the batch's takes.

    ``faults`` are those of its clips, if it was filmed and failed the quality gate.
    """

    __pydantic_config__ = STRICT
    take: str
    number: int
    attempts: int
    reason: str
    faults: tuple[ClipFault, ...] = ()


def failure_lines(failures: Iterable[Failure]) -> str:
    """The text of ``failures.jsonl``, in the order of the batch; each line ends with its own checksum."""
    records = (asdict(failure) for failure in sorted(failures, key=lambda failure: failure.number))
    return "".join(json.dumps({**record, "crc32": _crc32(record)}) + "\n" for record in records)


def read_failures(content: bytes, where: str) -> dict[str, Failure]:
    """Parse a ``failures.jsonl``, by take; InputError if it is invalid or damaged."""
    try:
        records = [json.loads(line) for line in content.decode().splitlines()]
        found = [validated(Failure, _without(record, "crc32"), where=where) for record in records]
        failures = {failure.take: failure for failure in found}
        if failure_lines(failures.values()).encode() != content:
            raise ValueError("not as it was written")
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        reason = error.what if isinstance(error, InputError) else error
        fix = "delete the file; `multitake generate` writes it again"
        raise InputError(f"not a list of failures ({reason})", where=where, fix=fix) from error
    return failures


def _crc32(record: Mapping[str, Any]) -> int:
    return zlib.crc32(json.dumps(record).encode())


def _without(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key != name}
