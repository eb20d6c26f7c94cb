"""Which takes of a data set a text chooses, such as ``0-9,street_000012``: that of the option `--takes`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from multitake.counts import many
from multitake.errors import InputError
from multitake.input_files import read_utf8

_OPTION = "--takes"
_RANGE = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?")
_NUMBER = re.compile(r"[0-9]{1,18}\Z")


def chosen_takes(
    text: str,
    sealed: Sequence[str],
    *,
    planned: Sequence[str] = (),
    option: str = _OPTION,
    may_be_empty: bool = False,
) -> tuple[str, ...]:
    """The keys of sealed takes that a text chooses, in their order.

    The text has keys, numbers, ranges of numbers, and ``@FILE`` for a file of these, with commas or line ends
    between them. A number is the one at the end of a key, and chooses all takes that have it. InputError, at
    ``option``, for a take that is unknown, or ``planned`` but not sealed, and for no take unless the choice
    ``may_be_empty``.
    """
    known = (*sealed, *planned)
    by_number: dict[int, list[str]] = {}
    for key in dict.fromkeys(known):
        if found := _NUMBER.search(key):
            by_number.setdefault(int(found[0]), []).append(key)
    known_keys, sealed_keys, chosen = frozenset(known), frozenset(sealed), set[str]()
    for word in _words(text):
        for key in [word] if word in known_keys else _named(word, by_number, option):
            if key not in sealed_keys:
                what = f"take {key} is not sealed" if key in known_keys else f"unknown take {key!r}"
                raise InputError(what, where=option, fix=f"choose from {_examples(sealed)}")
            chosen.add(key)
    if not chosen and not may_be_empty:
        raise InputError("no take", where=option, fix="give names, numbers or ranges such as 0-9")
    return tuple(key for key in sealed if key in chosen)


def _examples(keys: Sequence[str]) -> str:
    return f"the {many(len(keys), 'sealed take')}{f', such as {keys[0]}' if keys else ''}"


def _words(text: str) -> Iterator[str]:
    """The parts of a text, and of the files that it names."""
    for word in filter(None, map(str.strip, text.split(","))):
        if word.startswith("@"):
            lines = read_utf8(Path(word[1:]), fix="give a file with one take per line").splitlines()
            yield from filter(None, (part.strip() for line in lines for part in line.split(",")))
        else:
            yield word


def _named(word: str, by_number: Mapping[int, Sequence[str]], option: str) -> Iterator[str]:
    """The keys that a word means; a number that no key has is a key itself."""
    bounds = _RANGE.fullmatch(word)
    if bounds is None:
        yield word
        return
    first, last = int(bounds[1]), int(bounds[2] or bounds[1])
    if first > last:
        raise InputError(f"empty range {word}", where=option, fix="put the smaller number first")
    for number in range(first, last + 1):
        yield from by_number.get(number, (str(number),))
