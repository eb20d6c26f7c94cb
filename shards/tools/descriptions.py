"""What a data set that is made from others says of itself: ``dataset.json``, and the files of its batch."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..checksums import sha256_of_bytes
from ..format import BATCH_FILES, KEPT_VIDEO, DatasetInfo, EngineInfo, MadeFrom, conventions_of
from ..merged_batches import merged_text
from .sources import Source


def derived_info(sources: Sequence[Source], *, command: str, takes: int, shards: int) -> DatasetInfo:
    """The ``dataset.json`` of some takes of data sets with equal clips; what differs is joined by commas."""
    infos = [source.info for source in sources]
    engine = EngineInfo(
        kind=_joined(info.engine.kind for info in infos),
        look=_joined(info.engine.look for info in infos),
        version=_joined(info.engine.version for info in infos),
    )
    clips = takes * infos[0].cameras
    counts = {"takes": takes, "clips": clips, "frames": clips * infos[0].frames, "shards": shards}
    made_from = (MadeFrom(name=source.name, sha256=source.info_sha256, command=command) for source in sources)
    return replace(
        infos[0],
        engine=engine,
        takes_per_shard=max(info.takes_per_shard for info in infos),
        planned_takes=takes,
        batch_sha256=_joined_sha256(info.batch_sha256 for info in infos),
        catalog_sha256=_joined_sha256(info.catalog_sha256 for info in infos),
        multitake_version=_joined(info.multitake_version for info in infos),
        counts=counts,
        conventions=conventions_of(
            keeps_videos=any(info.conventions["video"] == KEPT_VIDEO for info in infos)
        ),
        made_from=tuple(made_from),
    )


def batch_files_of(sources: Sequence[Source]) -> dict[str, str]:
    """The files of the batch by name: as they are if all are equal, else all of them in one."""
    return {
        name: merged_text([(source.name, source.batch_file(name)) for source in sources], where=name)
        for name in BATCH_FILES
    }


def _joined(values: Iterable[str]) -> str:
    """The different values, in order; those of data sets that are joined themselves are taken apart."""
    return ", ".join(dict.fromkeys(part for value in values for part in value.split(", ")))


def _joined_sha256(digests: Iterable[str]) -> str:
    """The digest that all have, or the hash of the different ones."""
    different = list(dict.fromkeys(digests))
    return different[0] if len(different) == 1 else sha256_of_bytes("".join(different).encode())
