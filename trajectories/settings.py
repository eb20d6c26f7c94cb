"""Settings files: TOML validated into frozen dataclasses, with errors that name the key."""

import json
import tomllib
from pathlib import Path
from typing import Any, TypeVar

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
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        what, fix = f"{first['msg']} (got {str(first['input'])[:60]!r})", "correct the value"
        if first["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
            what, fix = "unknown key", "remove it or correct its name"
        elif first["type"] in ("missing", "missing_argument", "missing_keyword_only_argument"):
            what, fix = "missing", "add this key"
        raise InputError(what, where=f"{where}: {key}", fix=fix) from error
