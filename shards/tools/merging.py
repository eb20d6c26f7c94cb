"""Takes of several data sets in one: `shards merge`."""

from collections.abc import Sequence
from pathlib import Path

from multitake.errors import InputError

from ..addresses import check_new_address
from ..format import checked_key
from ..progress import Progress
from .assembly import Assembled, Assembly, new_shards, parts_of
from .descriptions import batch_files_of, derived_info
from .sources import Source, check_apart, open_source

# One value for a whole data set, as ``dataset.json`` has them.
_EQUAL = ("fps", "frames", "width_px", "height_px", "cameras")
_MOST_NAMED = 3


def merge_datasets(
    datasets: Sequence[str | Path],
    out: str,
    *,
    progress: Progress,
    may_mix_looks: bool = False,
    rename: bool = False,
    may_link: bool = True,
) -> Assembled:
    """Write a data set of all takes of others, in their order; the same command resumes.

    ``rename`` puts ``setN-`` before the names of takes that an earlier data set has too, where N counts the
    data sets from 1. InputError for clips of different sizes, rates or numbers, for different looks unless
    they may be mixed, and for equal names of takes without ``rename``.
    """
    check_new_address(out)
    sources = [open_source(dataset) for dataset in datasets]
    for source in sources:
        check_apart(out, source.files)
    _check_alike(sources, may_mix_looks=may_mix_looks)
    keys = _new_keys(sources, rename=rename)
    most_takes = max(source.info.takes_per_shard for source in sources)
    # Takes of different data sets do not join in a shard.
    shards = tuple(
        shard
        for source, of_source in zip(sources, keys, strict=True)
        for shard in new_shards(parts_of(source, of_source), most_takes=most_takes)
    )
    command = (
        "shards merge" + (" --allow-mixed-looks" if may_mix_looks else "") + (" --rename" if rename else "")
    )
    info = derived_info(sources, command=command, takes=sum(map(len, keys)), shards=len(shards))
    files = batch_files_of(sources)
    return Assembly(out=out, info=info, files=files, shards=shards, may_link=may_link).write(progress)


def _check_alike(sources: Sequence[Source], *, may_mix_looks: bool) -> None:
    """InputError for the first difference from the first data set that a data set cannot have."""
    first = sources[0]
    for other in sources[1:]:
        for name in _EQUAL:
            here, there = getattr(first.info, name), getattr(other.info, name)
            if here != there:
                what = f"{name} is {here:g} in {first.files.url} and {there:g} in {other.files.url}"
                raise InputError(what, where="merge", fix="merge data sets with equal clips")
        here, there = (f"{one.info.engine.kind} {one.info.engine.look}".strip() for one in (first, other))
        if here != there and not may_mix_looks:
            what = f"the look is {here} in {first.files.url} and {there} in {other.files.url}"
            raise InputError(what, where="merge", fix="add --allow-mixed-looks if that is intended")


def _new_keys(sources: Sequence[Source], *, rename: bool) -> list[dict[str, str]]:
    """The new key of each take of each data set; InputError for equal ones."""
    taken: dict[str, Source] = {}
    all_keys = []
    for number, source in enumerate(sources, start=1):
        equal = [key for key in source.keys if key in taken]
        if equal and not rename:
            raise _equal_names(equal, taken[equal[0]], source)
        renamed = {key: checked_key(f"set{number}-{key}") for key in equal}
        known = taken | dict.fromkeys(source.keys, source)
        if again := [key for key in renamed.values() if key in known]:
            raise _equal_names(again, known[again[0]], source)
        keys = {key: key for key in source.keys} | renamed
        taken |= dict.fromkeys(keys.values(), source)
        all_keys.append(keys)
    return all_keys


def _equal_names(keys: Sequence[str], first: Source, second: Source) -> InputError:
    more = f" and {len(keys) - _MOST_NAMED} more" if len(keys) > _MOST_NAMED else ""
    what = f"{first.files.url} and {second.files.url} both have take {', '.join(keys[:_MOST_NAMED])}{more}"
    return InputError(what, where="merge", fix="add --rename, or choose takes by `multitake shards filter`")
