"""Which of the staged takes become a data set: those that have what most of them have."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

from multitake.input_files import parsing

from ..checksums import sha256_of_bytes
from ..format import IMPORTED, DatasetInfo, EngineInfo, MadeFrom, conventions_of
from ..staging import staged_path
from ..stores import Store
from ..take_counts import READERS
from ..tar import BLOCK, tar_header
from .scenes import UNKNOWN
from .settings import CATALOG, ImportOptions, batch_text

SOURCES = {"multicamvideo": "MultiCamVideo", "syncamvideo": "SynCamVideo"}
_SHAPE = ("frames", "width_px", "height_px", "fps", "cameras")
_START_BYTES = 2**16


@dataclass(frozen=True, kw_only=True)
class StagedTake:
    """What the ``take.json`` of a staged take says; ``captions`` are clips that have one."""

    split: str
    captions: int
    frames: int
    width_px: int
    height_px: int
    fps: float
    cameras: int

    @property
    def shape(self) -> tuple[int | float, ...]:
        """What all takes of a data set have in common."""
        return tuple(getattr(self, name) for name in _SHAPE)


def staged_takes(store: Store, keys: Iterable[str]) -> dict[str, StagedTake]:
    """What staged takes are, by name; InputError if one cannot be read."""
    ordered = sorted(keys)
    with ThreadPoolExecutor(READERS) as readers:
        return dict(zip(ordered, readers.map(partial(_staged_take, store), ordered), strict=True))


def odd_takes(takes: Mapping[str, StagedTake]) -> dict[str, str]:
    """Takes that differ from most takes in shape, each with the reason."""
    counts = Counter(take.shape for take in takes.values())
    # Of several equally frequent ones, the largest; the order of a source means nothing.
    usual = max(counts, key=lambda shape: (counts[shape], shape), default=())
    return {
        key: "; ".join(
            f"{name} is {found:g}, in most takes {common:g}"
            for name, found, common in zip(_SHAPE, take.shape, usual, strict=True)
            if found != common
        )
        for key, take in takes.items()
        if take.shape != usual
    }


def described(takes: Mapping[str, StagedTake], options: ImportOptions, *, failed: int) -> DatasetInfo:
    """The ``dataset.json`` of takes with one shape; ``failed`` are those that could not be imported."""
    first, planned = next(iter(takes.values())), len(takes) + failed
    return DatasetInfo(
        conventions=conventions_of(keeps_videos=not options.reencodes),
        engine=EngineInfo(kind=IMPORTED, look=UNKNOWN, version=UNKNOWN),
        fps=first.fps,
        frames=first.frames,
        width_px=first.width_px,
        height_px=first.height_px,
        cameras=first.cameras,
        takes_per_shard=options.takes_per_shard,
        planned_takes=planned,
        batch_sha256=sha256_of_bytes(batch_text(options).encode()),
        catalog_sha256=sha256_of_bytes(CATALOG.encode()),
        multitake_version=version("multitake"),
        counts={
            "takes": planned,
            "clips": planned * first.cameras,
            "frames": planned * first.cameras * first.frames,
            "shards": -(-planned // options.takes_per_shard),
        },
        made_from=(
            MadeFrom(name=SOURCES[options.format], sha256="", command=f"import --from {options.format}"),
        ),
    )


def _staged_take(store: Store, key: str) -> StagedTake:
    path = staged_path(key)
    with parsing("not a staged take", where=f"{store}/{path}", fix="remove it"):
        start = store.read(path, 0, _START_BYTES)
        end = BLOCK + tar_header(start[:BLOCK]).size
        record = json.loads((start if len(start) >= end else store.read(path, 0, end))[BLOCK:end])
        take, clips = record["take"], record["poses"]
        return StagedTake(
            split=take["split"],
            captions=sum(bool(clip["captions"]) for clip in clips),
            cameras=len(clips),
            **{name: take[name] for name in ("frames", "width_px", "height_px", "fps")},
        )
