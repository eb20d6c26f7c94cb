"""Which imported takes are of which split: ``val=3389-3400`` or ``test=f50_*/scene1?``."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from multitake.errors import InputError

from .layout import SceneName

_OPTION = re.compile(r"([a-z][a-z0-9_-]{0,30})=(.+)")
_RANGE = re.compile(r"(\d{1,9})(?:-(\d{1,9}))?")
_NUMBER = re.compile(r"(\d{1,9})$")
_FIX = "give numbers of scenes, such as val=3389-3400, or patterns of folders, such as val=f50_*/*"


@dataclass(frozen=True)
class Splits:
    """Pairs of a split and a pattern; the first one that matches a scene names its split."""

    rules: tuple[tuple[str, str], ...] = ()

    def of(self, scene: SceneName) -> str:
        """The split of a scene: as its folder says, if nothing matches."""
        return next((split for split, pattern in self.rules if _matches(pattern, scene)), scene.split)


def read_splits(texts: Sequence[str]) -> Splits:
    """Parse options; InputError for one that is invalid."""
    rules: list[tuple[str, str]] = []
    for text in texts:
        found = _OPTION.fullmatch(text.strip())
        if not found:
            raise InputError(f"invalid split {text!r}", where="--split", fix=_FIX)
        for pattern in filter(None, map(str.strip, found[2].split(","))):
            bounds = _RANGE.fullmatch(pattern)
            if bounds and int(bounds[1]) > int(bounds[2] or bounds[1]):
                fix = "put the smaller number first"
                raise InputError(f"empty range {pattern}", where="--split", fix=fix)
            rules.append((found[1], pattern))
    return Splits(tuple(rules))


def _matches(pattern: str, scene: SceneName) -> bool:
    if bounds := _RANGE.fullmatch(pattern):
        number = _NUMBER.search(scene.scene)
        return number is not None and int(bounds[1]) <= int(number[1]) <= int(bounds[2] or bounds[1])
    folders = "/".join(filter(None, (scene.lens, scene.scene)))
    return fnmatchcase(folders, pattern) or fnmatchcase(scene.path, pattern)
