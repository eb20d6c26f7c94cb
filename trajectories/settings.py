"""Settings files: TOML validated into frozen dataclasses, with errors that name the key."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from .errors import InputError

STRICT = ConfigDict(extra="forbid")
_Value = TypeVar("_Value")


def read_toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file; InputError when it is missing or not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        fix = "give a readable TOML file"
        raise InputError(f"cannot be read ({reason})", where=str(path), fix=fix) from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"not TOML ({error})", where=str(path), fix="correct that line") from error


def validated(kind: type[_Value], value: dict[str, Any], *, where: str) -> _Value:
    """``value`` as the dataclass ``kind``, strictly; InputError names the first key at fault.

    Unknown keys are refused in dataclasses that hold ``__pydantic_config__ = STRICT``.
    """
    try:
        return TypeAdapter(kind).validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError as error:
        raise _input_error(kind, error, where) from error


def _input_error(kind: type, error: ValidationError, where: str) -> InputError:
    first = error.errors(include_url=False)[0]
    place = first["loc"]
    key = f"{where}: {'.'.join(map(str, place))}" if place else where
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return InputError("unknown key", where=key, fix=f"use one of {', '.join(_keys(kind, place))}")
    if first["type"].startswith("missing"):
        return InputError("missing", where=key, fix="add this key")
    what = f"{first['msg'].removeprefix('Value error, ')}: {first['input']!r}"
    return InputError(what, where=key, fix="correct the value")


def _keys(kind: Any, place: tuple[int | str, ...]) -> list[str]:
    """The keys that are known where an unknown one stands."""
    for part in place[:-1]:
        kind = get_args(kind)[0] if isinstance(part, int) else get_type_hints(kind)[part]
    return [field.metadata.get("key", field.name) for field in fields(kind)]
