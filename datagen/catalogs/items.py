"""The assets of a catalog by kind and tag, and lines of text about them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from multitake.errors import InputError

from ..batch import SceneChoice
from ..catalog import Animation, Catalog, Character, Environment, load_catalog

KINDS = ("environments", "characters", "animations")
Item = Environment | Character | Animation


@dataclass(frozen=True)
class CatalogItems:
    """A catalog, and those of its assets that are asked for, by kind."""

    catalog: Catalog
    by_kind: dict[str, tuple[Item, ...]]

    def lines(self) -> Iterator[str]:
        """One line for each asset: kind, name, size, tags and caption in columns."""
        rows = [
            (kind.removesuffix("s"), item.name, size_text(item), " ".join(item.tags), item.caption)
            for kind, items in self.by_kind.items()
            for item in items
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()


def chosen_items(source: str, *, kind: str | None = None, tags: Sequence[str] = ()) -> CatalogItems:
    """The assets of a catalog that are of a kind, if it is given, and have all tags.

    ``source`` is ``embedded`` or the path of a catalog file. InputError for an invalid catalog, an unknown
    kind, and if nothing is left.
    """
    if kind not in (None, *KINDS):
        raise InputError(f"unknown kind {kind!r}", where="--kind", fix=f"use {', '.join(KINDS)}")
    catalog = load_catalog(SceneChoice(catalog=source), folder=Path())
    everything: dict[str, tuple[Item, ...]] = {
        "environments": catalog.environments,
        "characters": catalog.characters,
        "animations": catalog.animations,
    }
    by_kind = {
        name: tuple(item for item in items if set(tags) <= set(item.tags))
        for name, items in everything.items()
        if kind in (None, name)
    }
    if not any(by_kind.values()):
        known = {
            tag
            for name, items in everything.items()
            if kind in (None, name)
            for one in items
            for tag in one.tags
        }
        what = f"no asset has the tag{'s' if len(tags) > 1 else ''} {' and '.join(tags)}"
        raise InputError(what, where="--tag", fix=f"use {', '.join(sorted(known)) or 'no tag'}")
    return CatalogItems(catalog, by_kind)


def size_text(item: Item) -> str:
    """The size of an asset, e.g. ``8.2 x 6.0 x 3.1 m``; empty if it is not stated."""
    if item.size_m is None:
        return ""
    return " x ".join(f"{metres:.4g}" if metres >= 100 else f"{metres:.1f}" for metres in item.size_m) + " m"
