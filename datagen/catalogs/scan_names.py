"""Names and captions from the names of assets, such as ``SKM_MannySimple``."""

import re
from collections.abc import Container, Sequence

# Prefixes by which assets of Unreal are usually named; several may follow each other.
_PREFIX = re.compile(r"(?:SK|SKM|SKEL|AM|AS|A|ANIM|MM|MF|L|LVL|MAP)_(?=.)", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]+(?![a-z])[0-9]*|[A-Z]?[a-z]+[0-9]*|[0-9]+")
_VOWELS = "aeiou"
# They begin with another sound than their first letter says.
_AN, _A = ("hour", "heir", "honest", "honour", "honor"), ("uni", "use", "usa", "eu", "one", "once", "ufo")


def words_of(asset: str) -> tuple[str, ...]:
    """The words of an asset's name in lower case, without usual prefixes: letters a to z and digits.

    ``asset`` is a path such as ``/Game/Characters/SKM_Manny.SKM_Manny``. The result may be empty.
    """
    name = asset.rpartition("/")[2].partition(".")[0]
    while prefix := _PREFIX.match(name):
        name = name[prefix.end() :]
    return tuple(word.lower() for word in _WORD.findall(name))


def new_name(words: Sequence[str], used: Container[str], *, kind: str) -> str:
    """A name of a catalog that is not used yet: the words with dashes, or else ``kind``; and a number."""
    first = "-".join(words) or kind
    name, number = first, 1
    while name in used:
        number += 1
        name = f"{first}-{number}"
    return name


def noun_phrase(words: Sequence[str]) -> str:
    """The words with ``a`` or ``an``."""
    first = words[0]
    is_vowel = first.startswith(_AN) or (first[0] in _VOWELS and not first.startswith(_A))
    return f"{'an' if is_vowel else 'a'} {' '.join(words)}"


def verb_phrase(words: Sequence[str]) -> str:
    """The words as what somebody does: ``walk, briskly`` gives ``walks briskly``."""
    verb, *others = words
    return " ".join([_third_person(verb), *others])


def _third_person(verb: str) -> str:
    stem = verb.removesuffix("ing")
    if stem != verb and any(letter in f"{_VOWELS}y" for letter in stem):
        return f"is {verb}"
    if verb.endswith("s") and not verb.endswith("ss"):
        return verb
    if verb.endswith("y") and verb[-2:-1] not in ("", *_VOWELS):
        return f"{verb[:-1]}ies"
    return f"{verb}es" if verb.endswith(("ss", "x", "z", "ch", "sh", "o")) else f"{verb}s"
