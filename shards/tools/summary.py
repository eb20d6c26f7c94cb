"""What a data set has, from its tables alone: `shards info`."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from trajectories import clip_schema

from ..files import Files
from ..format import INDEX_SCHEMA, TAKE_SCHEMA, DatasetInfo
from ..stores import Store
from ..take_counts import READERS

_TAKES = pa.schema([TAKE_SCHEMA.field(name) for name in ("split", "environment", "look", "passes")])
_CLIPS = pa.schema([clip_schema(1).field("motion")])
_INDEX = pa.schema([INDEX_SCHEMA.field(name) for name in ("kind", "size")])
_COUNTED = ("split", "environment", "look", "passes", "motion")
_MOST_SHOWN = 8
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a data set has: ``member_bytes`` by kind of member; ``counts`` of takes, for motions of clips."""

    address: str
    info: DatasetInfo
    shards: int
    takes: int
    clips: int
    stored_bytes: int
    member_bytes: dict[str, int] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """What to print about it."""
        info = self.info
        frames = self.clips * info.frames
        yield f"{self.address}: {self.takes} takes of {info.cameras} cameras in {self.shards} shards"
        shape = f"{info.frames} frames, {info.width_px} x {info.height_px} px, {info.fps:g} fps"
        yield f"  clips        {self.clips} of {shape}; {frames} frames"
        yield f"  engine       {info.engine.kind} {info.engine.version}"
        kinds = ", ".join(f"{kind} {_size(size)}" for kind, size in self.member_bytes.items())
        yield f"  stored       {_size(self.stored_bytes)}: {kinds}"
        for name, counts in self.counts.items():
            shown = [f"{value} {count}" for value, count in list(counts.items())[:_MOST_SHOWN]]
            more = [f"{len(counts) - _MOST_SHOWN} others"] if len(counts) > _MOST_SHOWN else []
            yield f"  {name:<12} {', '.join(shown + more) or 'none'}"
        for made in info.made_from:
            yield f"  made from    {made.name}, by {made.command}"


def dataset_summary(address: str | Path | Store) -> Summary:
    """Count what the sealed shards of a data set have; InputError if it is not one, or if it is damaged."""
    files = Files(address)
    info, shards = files.info(), files.checked_shards()
    with ThreadPoolExecutor(READERS) as readers:
        found = list(readers.map(partial(_of_shard, files), shards))
    sizes, counts = Counter[str](), {name: Counter[str]() for name in _COUNTED}
    for of_shard in found:
        sizes.update(of_shard.sizes)
        for name in _COUNTED:
            counts[name].update(of_shard.counts[name])
    return Summary(
        address=files.url,
        info=info,
        shards=len(shards),
        takes=sum(one.takes for one in found),
        clips=sum(one.clips for one in found),
        stored_bytes=sum(one.stored_bytes for one in found),
        member_bytes=dict(sizes.most_common()),
        counts={name: dict(of_name.most_common()) for name, of_name in counts.items()},
    )


@dataclass(frozen=True, kw_only=True)
class _ShardCounts:
    takes: int
    clips: int
    stored_bytes: int
    sizes: Counter[str]
    counts: dict[str, Counter[str]]


def _of_shard(files: Files, shard: int) -> _ShardCounts:
    takes, clips = files.columns("takes", shard, _TAKES), files.columns("poses", shard, _CLIPS)
    index = files.columns("index", shard, _INDEX)
    sizes: Counter[str] = Counter()
    for kind, size in zip(index["kind"].to_pylist(), index["size"].to_pylist(), strict=True):
        sizes[kind] += size
    counts = {name: Counter(map(str, takes[name].to_pylist())) for name in ("split", "environment", "look")}
    counts["passes"] = Counter(one for passes in takes["passes"].to_pylist() for one in passes or ())
    counts["motion"] = Counter(map(str, clips["motion"].to_pylist()))
    return _ShardCounts(
        takes=len(takes),
        clips=len(clips),
        stored_bytes=int(pc.sum(index["size"]).as_py() or 0),
        sizes=sizes,
        counts=counts,
    )


def _size(count: int) -> str:
    """A number of bytes as people read it."""
    power = min((len(str(count)) - 1) // 3, len(_UNITS) - 1)
    return f"{count / 1000**power:.3g} {_UNITS[power]}"
