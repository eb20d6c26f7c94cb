"""The colour of every object in masks: it follows from the object's name, so it is the same in all takes."""

import hashlib
from collections.abc import Iterable, Sequence

from shards import MaskObject

Colour = tuple[int, int, int]

# The colours of an engine's own masks: 32 levels per channel, so that none is changed by rounding.
_LEVELS = 32
_ACTOR_COLOURS: tuple[Colour, ...] = (
    (255, 127, 7),
    (7, 127, 255),
    (7, 191, 63),
    (255, 7, 191),
    (255, 255, 7),
    (127, 7, 255),
    (7, 255, 255),
    (255, 7, 7),
)


def mask_objects(actors: Sequence[str], objects: Iterable[str]) -> tuple[MaskObject, ...]:
    """The legend of a take: its actors, the subject first, then the other objects of the level by name."""
    found = [
        MaskObject(name=name, role="actor" if place else "subject", colour=_ACTOR_COLOURS[place])
        for place, name in enumerate(actors)
    ]
    taken = set(_ACTOR_COLOURS)
    for name in sorted(set(objects).difference(actors)):
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
        colour = _colour(number)
        while colour in taken:
            number += 1
            colour = _colour(number)
        taken.add(colour)
        found.append(MaskObject(name=name, role="environment", colour=colour))
    return tuple(found)


def _colour(number: int) -> Colour:
    red, green, blue = (number // _LEVELS**channel % _LEVELS for channel in range(3))
    return (8 * red + 7, 8 * green + 7, 8 * blue + 7)
