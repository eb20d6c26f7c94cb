"""Words of the page: tables, badges, numbers, and links into the rig browser."""

from collections.abc import Callable, Container, Sequence
from html import escape
from pathlib import PurePath
from urllib.parse import urlencode

import numpy as np

# How a take or ``take/camera`` is written: as a link where the browser holds it.
Link = Callable[[str], str]


def link_to(takes: Container[str]) -> Link:
    """Links to the takes that the browser holds; the others stay plain text."""

    def link(where: str) -> str:
        take = take_of(where, takes)
        if take not in takes:
            return f'<span class="mono">{escape(where)}</span>'
        names = {"rig": take} | ({"cam": where[len(take) + 1 :]} if where != take else {})
        return f'<a class="mono" href="#{escape(urlencode(names))}">{escape(where)}</a>'

    return link


def take_of(where: str, takes: Container[str]) -> str:
    """The take of a place that is a take or ``take/camera``."""
    return where if where in takes else where.rpartition("/")[0]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "") -> str:
    """A table of cells that are HTML; columns whose head begins with ``#`` hold numbers."""
    classes = [' class="num"' if text.startswith("#") else "" for text in head]
    top = "".join(f"<th{c}>{text.lstrip('#')}</th>" for c, text in zip(classes, head, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{c}>{cell}</td>" for c, cell in zip(classes, row, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table class="{kind}"><tr>{top}</tr>{body}</table></div>'


def box(name: str, title: str, count: str, *columns: str) -> str:
    """A card with a title, what it counts, and one or two columns."""
    inside = "".join(f"<div>{column}</div>" for column in columns)
    shape = "halves" if len(columns) > 1 else ""
    head = f'<h3>{title} <small class="n">{count}</small></h3>'
    return f'<section class="card box" id="{name}">{head}<div class="{shape}">{inside}</div></section>'


def short(name: str) -> str:
    """Sources by their last names, without the folders they are in."""
    return escape(", ".join(PurePath(part).name or part for part in name.split(", ")))


def swatch(colour: str, text: str) -> str:
    """A name beside its colour."""
    return f'<i style="background:{colour}"></i>{spaced(text)}'


def spaced(name: str) -> str:
    """An identifier as words."""
    return escape(name.replace("_", " "))


def badge(inferred: Sequence[str]) -> str:
    """The mark of a reading the paper does not state; nothing where there is none."""
    if not inferred:
        return ""
    return f' <span class="badge" title="our reading: {escape(", ".join(inferred))}">inferred</span>'


def many(count: int, noun: str) -> str:
    """``1 error``, ``1,200 errors``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def number(value: float | int) -> str:
    """Three digits that a reader can take in."""
    if not np.isfinite(value):
        return "–"
    if abs(value) < 1e-9:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
