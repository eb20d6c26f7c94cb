"""Settings files: TOML validated into frozen dataclasses, with errors that name the key.

A settings dataclass has ``__pydantic_config__ = STRICT``, which forbids unknown keys, or ``FINITE``, which
also forbids infinite numbers. It defines the bounds of its fields with pydantic's ``Field``. A validator may
raise ``ValueError("what is wrong; what to do")``.
"""

import json
import re
import tomllib
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError

from .errors import InputError
from .input_files import parsing, read_utf8

STRICT = ConfigDict(extra="forbid")
FINITE = ConfigDict(extra="forbid", allow_inf_nan=False)
# A parsed table takes some hundred times the size of its text.
MOST_TOML_BYTES = 2_000_000
# Of a value in a message.
_MOST_CHARACTERS = 80
# What the parser rejects without its line, or reads in a time that grows with the square of its length.
_TOO_LARGE = {
    "a key is nested too deeply": re.compile(r"""(?:\.[ \t]*[\w"'-]+[ \t]*){50}"""),
    "a list is nested too deeply": re.compile(r"(?:\[\s*){50}"),
    "a table is nested too deeply": re.compile(r"""(?:\{\s*[\w"'-]+\s*=\s*){50}"""),
    "a number has too many digits": re.compile(r"\b(?:\d[\d_]{1000}|0x[\da-fA-F_]{1000})"),
}
_UNKNOWN_KEY = ("extra_forbidden", "unexpected_keyword_argument")
_PLAIN_TYPES = {
    "string": "text",
    "integer": "whole number",
    "array": "list",
    "tuple": "list",
    "object": "table",
}
_Value = TypeVar("_Value")
_BOUNDS = {
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be greater than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "less_than": "must be less than {lt:g}",
    "finite_number": "must be finite",
}


def _ordered(ends: tuple[Any, Any]) -> tuple[Any, Any]:
    if not ends[0] <= ends[1]:
        raise ValueError(f"empty range {ends[0]:g}..{ends[1]:g}; put the smaller number first")
    return ends


# A pair whose first number is not larger than its second, e.g. ``Annotated[tuple[int, int], Ordered]``.
Ordered = AfterValidator(_ordered)
Share = Annotated[float, Field(ge=0, le=1)]


def read_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file; InputError if it cannot be read or is not TOML."""
    text = read_utf8(path, fix="give a readable TOML file", most_bytes=MOST_TOML_BYTES)
    return parsed_toml(text, where=str(path))


def parsed_toml(text: str, *, where: str) -> dict[str, Any]:
    """Parse the text of a TOML file; InputError if it is not TOML."""
    for what, pattern in _TOO_LARGE.items():
        if found := pattern.search(text):
            line = text.count("\n", 0, found.start()) + 1
            raise InputError(f"{what} (at line {line})", where=where, fix="correct that line")
    with parsing("not TOML", where=where, fix="correct that line"):
        return tomllib.loads(text)


def validated(kind: type[_Value], value: dict[str, Any], *, where: str) -> _Value:
    """Validate ``value`` strictly into the dataclass ``kind``; InputError names the first invalid key."""
    with parsing("not valid settings", where=where, fix="correct the values"):
        try:
            return TypeAdapter(kind).validate_json(json.dumps(value, default=str), strict=True)
        except ValidationError as error:
            raise _input_error(kind, error, where) from error


def _input_error(kind: type, error: ValidationError, where: str) -> InputError:
    errors = error.errors(include_url=False)
    # A misspelled key is also a missing one.
    first = next((one for one in errors if one["type"] in _UNKNOWN_KEY), errors[0])
    place, code, given = first["loc"], first["type"], _short(first["input"])
    key = (f"{where}." if ": " in where else f"{where}: ") + ".".join(map(str, place)) if place else where
    if code in _UNKNOWN_KEY:
        keys = _keys(kind, place)
        similar = get_close_matches(str(place[-1]), keys, n=1)
        fix = f"did you mean {similar[0]}?" if similar else f"use one of {', '.join(keys)}"
        return InputError("unknown key", where=key, fix=fix)
    if code.startswith("missing"):
        return InputError("missing", where=key, fix="add this key")
    if code == "literal_error":
        return InputError(f"unknown value {given}", where=key, fix=f"use {first['ctx']['expected']}")
    if code == "value_error":
        what, _, fix = str(first["ctx"]["error"]).partition("; ")
        return InputError(what, where=key, fix=fix or "correct the value")
    if code in _BOUNDS:
        what = _BOUNDS[code].format(**first.get("ctx", {}))
    else:
        what = re.sub(r", got .*| after .*", "", re.sub(r"^\w+ should", "must", first["msg"]))
        what = re.sub(
            r"\ban? (?:valid )?(\w+)$", lambda found: f"a {_PLAIN_TYPES.get(found[1], found[1])}", what
        )
    return InputError(f"{what}, got {given}", where=key, fix="correct the value")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def _keys(kind: Any, place: tuple[int | str, ...]) -> list[str]:
    """The known keys of the table with an unknown one."""
    for part in place[:-1]:
        kind = get_args(kind)[0] if isinstance(part, int) else get_type_hints(kind)[part]
        if isinstance(kind, UnionType):
            # A table that may be missing.
            kind = next(one for one in get_args(kind) if one is not NoneType)
    return [field.metadata.get("key", field.name) for field in fields(kind)]
