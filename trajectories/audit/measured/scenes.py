"""How often a filmed set shows each environment, character, animation and light, and how evenly."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import prod
from typing import TypeVar

from ...footage import Scenes

_Counted = TypeVar("_Counted", str, int)
_CHOICES = {
    "environment": "environments",
    "subject": "characters",
    "animation": "animations",
    "light": "lights",
}


@dataclass(frozen=True, kw_only=True)
class ChoiceCounts:
    """Takes with each choice of ``environment``, ``subject``, ``animation`` (of the subject) or ``light``.

    It is 0 for choices of the catalog that no take has.
    """

    name: str
    counts: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class CombinationCounts:
    """How many combinations of choices are seen, of all that are possible."""

    of: tuple[str, ...]
    seen: int
    possible: int


@dataclass(frozen=True, kw_only=True)
class SceneStatistics:
    """The scenes of a filmed set.

    Attributes:
        combinations: of two choices, and of all.
        other_characters: how often each character is there besides the subject.
        characters_per_take: takes by their number of characters.
        splits: takes of each split.
        caption_words: takes by the number of words in their caption.
    """

    takes: int
    choices: tuple[ChoiceCounts, ...]
    combinations: tuple[CombinationCounts, ...]
    other_characters: dict[str, int]
    characters_per_take: dict[int, int]
    splits: dict[str, int]
    caption_words: dict[int, int]
    distinct_captions: int


def scene_statistics(scenes: Scenes) -> SceneStatistics | None:
    """The statistics of all takes; None if there are no takes."""
    rows = scenes.rows
    if not rows:
        return None
    shown = {
        "environment": [row.environment for row in rows],
        "subject": [_first(row.characters) for row in rows],
        "animation": [_first(row.animations) for row in rows],
        "light": [row.light for row in rows],
    }
    choices = tuple(
        _counts(name, takes, scenes.choices.get(_CHOICES[name], ())) for name, takes in shown.items()
    )
    return SceneStatistics(
        takes=len(rows),
        choices=choices,
        combinations=tuple(
            CombinationCounts(
                of=tuple(one.name for one in some),
                seen=len(set(zip(*(shown[one.name] for one in some), strict=True))),
                possible=prod(len(one.counts) for one in some),
            )
            for some in (*combinations(choices, 2), choices)
        ),
        other_characters=_sorted(name for row in rows for name in row.characters[1:]),
        characters_per_take=_sorted(len(row.characters) for row in rows),
        splits=_sorted(row.split for row in rows),
        caption_words=_sorted(len(row.caption.split()) for row in rows),
        distinct_captions=len({row.caption for row in rows}),
    )


def _first(names: tuple[str, ...]) -> str:
    return names[0] if names else "none"


def _counts(name: str, takes: list[str], known: tuple[str, ...]) -> ChoiceCounts:
    """Takes with each choice, also of those that no take has; if choices are unknown, of those seen."""
    found = Counter(takes)
    names = dict.fromkeys((*known, *sorted(found)))
    return ChoiceCounts(name=name, counts={one: found[one] for one in names})


def _sorted(values: Iterable[_Counted]) -> dict[_Counted, int]:
    """How often each value occurs, by value."""
    return dict(sorted(Counter(values).items()))
