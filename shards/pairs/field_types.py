"""Values of settings that users give in Python: one line for those of another type."""

from numbers import Integral
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from multitake.errors import InputError


def whole_number(name: str, value: Any, *, least: int | None = None) -> int:
    """The number; InputError unless it is a whole one, and not below ``least``."""
    is_whole = isinstance(value, Integral) and not isinstance(value, bool)
    if is_whole and (least is None or int(value) >= least):
        return int(value)
    bound = "" if least is None else f", {least} or more"
    what = f"must be a whole number{bound}, got {value!r}"
    raise InputError(what, where=name, fix="correct the value")


def check_types(settings: object, **words: str) -> None:
    """InputError names the first field of a dataclass whose value is not of its type.

    Args:
        words: what each field that is checked must be, such as ``frames="a whole number"``.
    """
    hints = get_type_hints(type(settings))
    for name, must_be in words.items():
        value = getattr(settings, name)
        try:
            TypeAdapter(hints[name]).validate_python(value, strict=True)
        except ValidationError:
            what = f"must be {must_be}, got {value!r}"
            raise InputError(what, where=name, fix="correct the value") from None
