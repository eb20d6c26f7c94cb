"""A new data set of some takes of another: `shards filter`."""

from collections.abc import Iterable
from pathlib import Path

from ..addresses import check_new_address
from ..progress import Progress
from ..selection import Selection
from .assembly import Assembled, Assembly, new_shards, parts_of
from .descriptions import batch_files_of, derived_info
from .sources import Source, check_apart, open_source


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
