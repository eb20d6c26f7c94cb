"""A new data set of some takes of another: `shards filter`."""

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from multitake.errors import InputError

from ..addresses import check_new_address
from ..conditions import takes_where
from ..progress import Progress
from ..take_choice import chosen_takes
from .assembly import Assembled, Assembly, new_shards, parts_of
from .descriptions import batch_files_of, derived_info
from .sources import Source, check_apart, open_source


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

    def keys(self, source: Source) -> tuple[str, ...]:
        """The keys of the chosen takes of a data set, in its order; InputError if there are none."""
        chosen = set(source.keys)
        if self.where is not None:
            chosen &= set(takes_where(source, self.where))
        if self.takes is not None:
            chosen &= set(chosen_takes(self.takes, source.keys))
        if self.exclude is not None:
            chosen -= set(chosen_takes(self.exclude, source.keys, option="--exclude", may_be_empty=True))
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


def filter_dataset(
    dataset: str | Path, out: str, selection: Selection, *, progress: Progress, may_link: bool = True
) -> Assembled:
    """Write a data set of the chosen takes of another; the same command resumes."""
    check_new_address(out)
    source = open_source(dataset)
    check_apart(out, source.files)
    keys = selection.keys(source)
    return subset(source, out, keys, command=selection.command, may_link=may_link).write(progress)


def subset(source: Source, out: str, keys: Iterable[str], *, command: str, may_link: bool) -> Assembly:
    """The data set of some takes of another, to be written to an address."""
    chosen = {key: key for key in keys}
    parts = parts_of(source, chosen)
    shards = tuple(new_shards(parts, most_takes=source.info.takes_per_shard))
    return Assembly(
        out=out,
        info=derived_info([source], command=command, takes=len(chosen), shards=len(shards)),
        files=batch_files_of([source]),
        shards=shards,
        may_link=may_link,
    )


def _without_folders(text: str) -> str:
    """A choice of takes whose files are named without their folders."""
    words = text.split(",")
    return ",".join(f"@{Path(word).name}" if word.startswith("@") else word for word in words)
