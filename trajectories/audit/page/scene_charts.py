"""Charts of what the takes of a filmed set show."""

from collections.abc import Iterator, Mapping
from typing import Any

from multitake.counts import many

from ..measured.scenes import ChoiceCounts, SceneStatistics
from ..words import spaced
from .charts import Bar, bars
from .svg import ACCENT, NEUTRAL, Chart

_TITLES = {
    "environment": "Environments",
    "subject": "Subjects: the character that is filmed",
    "animation": "Animations of the subject",
    "light": "Lights",
}
_MOST_BARS = 12


def scene_charts(found: SceneStatistics) -> Iterator[Chart]:
    """Bars of each choice, of its combinations, and of splits, characters and captions."""
    for choice in found.choices:
        yield _choice(choice, found.takes)
    yield _counts("characters_per_take", "Characters in a take", found.characters_per_take, found.takes)
    if found.other_characters:
        n = sum(found.other_characters.values())
        yield _counts("other_characters", "Other characters", found.other_characters, n, "character")
    yield _counts("splits", "Splits", found.splits, found.takes)
    yield _combinations(found)
    captions = many(found.distinct_captions, "different caption")
    yield _counts("captions", "Words in a caption", found.caption_words, found.takes, note=captions)


def _choice(choice: ChoiceCounts, takes: int) -> Chart:
    equal = takes / len(choice.counts)
    rows = sorted(choice.counts.items(), key=lambda item: -item[1])
    used = sum(1 for _, count in rows if count)
    notes = [f"line: equal shares, {equal:.3g} each", f"{used} of {len(rows)} used"]
    if len(rows) > _MOST_BARS:
        rows = rows[: _MOST_BARS // 2] + rows[-_MOST_BARS // 2 :]
        notes.append(f"shown: the {_MOST_BARS // 2} most and least frequent")
    shown: list[Bar] = [(name, ACCENT, count, equal) for name, count in rows]
    title = _TITLES[choice.name]
    return bars(f"scene_{choice.name}", title, shown, n=takes, unit="take", notes=notes)


def _combinations(found: SceneStatistics) -> Chart:
    rows: list[Bar] = [
        (
            "all four" if len(one.of) > 2 else " × ".join(one.of),
            ACCENT,
            100 * one.seen / max(one.possible, 1),
            None,
        )
        for one in found.combinations
    ]
    every = found.combinations[-1]
    notes = ("% of the possible ones", f"all four: {every.seen:,} of {every.possible:,}")
    return bars("combinations", "Combinations seen", rows, n=found.takes, unit="take", notes=notes)


def _counts(
    name: str,
    title: str,
    counts: Mapping[Any, int],
    n: int,
    unit: str = "take",
    *,
    note: str = "",
) -> Chart:
    rows: list[Bar] = [(spaced(str(value)), NEUTRAL, count, None) for value, count in counts.items()]
    notes = (note,) if note else ()
    if len(rows) > _MOST_BARS:
        rows = sorted(rows, key=lambda row: -row[2])[:_MOST_BARS]
        notes = (*notes, f"shown: the {_MOST_BARS} most frequent of {len(counts)}")
    return bars(name, title, rows, n=n, unit=unit, notes=notes)
