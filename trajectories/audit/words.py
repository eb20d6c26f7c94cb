"""Numbers, names and links as the page writes them."""

from collections.abc import Container
from pathlib import PurePath
from urllib.parse import urlencode

import numpy as np


def number(value: float | int) -> str:
    """Three digits; a dash if it is not finite."""
    if not np.isfinite(value):
        return "–"
    if abs(value) < 1e-9:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def span(ends: tuple[int, int]) -> str:
    """A range of whole numbers, or the only one."""
    return f"{ends[0]}" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def probability(value: float) -> str:
    """A p value."""
    if value != value:
        return "–"
    return "< 0.0001" if 0 <= value < 1e-4 else f"{value:.2g}"


def distance(value_m: float) -> str:
    """A small length, in millimetres or metres."""
    if value_m < 1e-4:
        return "< 0.1 mm"
    return f"{1000 * value_m:.2g} mm" if value_m < 0.1 else f"{value_m:.3g} m"


def spaced(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")


def short(names: str) -> str:
    """The last parts of paths."""
    return ", ".join(PurePath(part).name or part for part in names.split(", "))


def take_of(where: str, takes: Container[str]) -> str:
    """The take of a place that is a take or ``take/camera``."""
    return where if where in takes else where.rpartition("/")[0]


def rig_address(where: str, takes: Container[str]) -> str:
    """Link into the rig browser for a take or ``take/camera``; empty if the browser does not have it."""
    take = take_of(where, takes)
    if take not in takes:
        return ""
    names = {"rig": take} | ({"cam": where[len(take) + 1 :]} if where != take else {})
    return f"#{urlencode(names)}"
