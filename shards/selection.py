"""Which takes of a data set are used: by an SQL condition, by their names, and without some."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from multitake.errors import InputError

from .conditions import SealedTakes, takes_where
from .take_choice import chosen_takes


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which takes to keep: all for which every condition that is given is true.

    Attributes:
        where: an SQL condition on the columns of the take table, see ``takes_where``.
        takes: those that a text chooses, see ``chosen_takes``.
        exclude: but not those that this text chooses.
    """

    where: str | None = None
    takes: str | None = None
    exclude: str | None = None

    def keys(self, source: SealedTakes, *, named: str = "--") -> tuple[str, ...]:
        """The keys of the chosen takes of a data set, in its order; InputError if there are none.

        Errors name the values as ``named`` and their name, such as ``--where``.
        """
        chosen = set(source.keys)
        if self.where is not None:
            chosen &= set(takes_where(source, self.where, option=f"{named}where"))
        if self.takes is not None:
            chosen &= set(chosen_takes(self.takes, source.keys, option=f"{named}takes"))
        if self.exclude is not None:
            option = f"{named}exclude"
            chosen -= set(chosen_takes(self.exclude, source.keys, option=option, may_be_empty=True))
        if not chosen:
            fix = "choose more takes"
            raise InputError("no take is left", where=source.files.url, fix=fix)
        return tuple(key for key in source.keys if key in chosen)

    @property
    def command(self) -> str:
        """The command that filters so; files are named without their folders."""
        given = {"--takes": self.takes, "--exclude": self.exclude}
        words = ["shards", "filter", *(("--where", self.where) if self.where is not None else ())]
        for option, text in given.items():
            words += [option, _without_folders(text)] if text is not None else []
        return shlex.join(words)


def _without_folders(text: str) -> str:
    """A choice of takes whose files are named without their folders."""
    words = text.split(",")
    return ",".join(f"@{Path(word).name}" if word.startswith("@") else word for word in words)
