"""The colour of every object in masks: it follows from the object's name, so it is the same in all takes."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from shards import MaskObject

Colour = tuple[int, int, int]

_ACTOR_COLOURS: tuple[Colour, ...] = (
    (255, 127, 1),
    (1, 127, 255),
    (1, 191, 63),
    (255, 1, 191),
    (255, 255, 1),
    (127, 1, 255),
    (1, 255, 255),
    (255, 1, 1),
)


def mask_objects(actors: Sequence[str], objects: Iterable[str]) -> tuple[MaskObject, ...]:
    """The legend of a take: its actors, the subject first, then the other objects of the level by name."""
    found = [
        MaskObject(name=name, role="actor" if place else "subject", colour=_ACTOR_COLOURS[place])
        for place, name in enumerate(actors)
    ]
    taken = set(_ACTOR_COLOURS)
    for name in sorted(set(objects).difference(actors)):
        # With two million colours, two names of a level hardly ever have the same.
        colour = next(colour for colour in _colours(name) if colour not in taken)
        taken.add(colour)
        found.append(MaskObject(name=name, role="environment", colour=colour))
    return tuple(found)


def _colours(name: str) -> Iterator[Colour]:
    """The colour of a name, and others if it is taken."""
    for attempt in count():
        red, green, blue, *_ = hashlib.sha256(f"{name} {attempt}".encode()).digest()
        yield (red | 1, green | 1, blue | 1)
