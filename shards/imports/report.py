"""What an import says at its end."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from multitake.counts import many

from ..take_counts import TakeCounts
from .collecting import Collected
from .layout import in_order
from .scenes import SceneReader
from .sources import Source

_MOST_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """What an import did.

    Attributes:
        sealed: how many takes the data set has.
        shards: in how many shards.
        failures: reasons of takes that could not be imported, by name.
        incomplete: files that scenes of a damaged archive lack, by name of the take.
        notes: what else the user should know.
        is_finished: whether all takes are sealed.
    """

    sealed: int
    shards: int
    failures: Mapping[str, str] = field(default_factory=dict)
    incomplete: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    is_finished: bool = True

    @property
    def is_ok(self) -> bool:
        """Whether every take of the source is in the data set."""
        return self.is_finished and not self.failures

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield from _named("failed", self.failures)
        yield from _named("incomplete", self.incomplete)
        yield from self.notes
        yield f"imported: {many(self.sealed, 'take')} in {many(self.shards, 'shard')}"
        if self.failures:
            yield f"failed: {many(len(self.failures), 'take')}, see failures.jsonl"


def damaged_report(counts: TakeCounts, found: Collected) -> ImportReport:
    """The report of a run that ended where the archive is damaged: nothing is sealed."""
    notes = (
        f"the archive is damaged: {found.damage}",
        f"{many(len(counts.staged), 'take')} kept; get the damaged part again and run the same command, "
        "or seal what there is with --accept-incomplete",
    )
    return ImportReport(
        sealed=0,
        shards=0,
        failures=found.failed,
        incomplete=found.incomplete,
        notes=notes,
        is_finished=False,
    )


def import_report(
    counts: TakeCounts,
    source: Source,
    found: Collected,
    reader: SceneReader,
    damaged: str | None,
) -> ImportReport:
    """The report of a run that sealed its takes, all but a ``damaged`` one."""
    notes: list[str] = []
    if found.damage:
        notes.append(f"the archive is damaged: {found.damage}")
    if source.ignored:
        notes.append(f"ignored: {many(source.ignored, 'file')} of no scene")
    if found.surplus:
        names = ", ".join(found.surplus[:_MOST_NAMED])
        names += ", ..." if len(found.surplus) > _MOST_NAMED else ""
        notes.append(f"ignored: {many(len(found.surplus), 'video')} without a camera: {names}")
    if damaged:
        notes.append(f"a staged take was damaged and is removed: {damaged}; run the same command again")
    else:
        notes += _table_notes(counts, reader)
    return ImportReport(
        sealed=sum(map(len, counts.sealed.values())),
        shards=len(counts.sealed),
        failures={take: failure.reason for take, failure in counts.failures.items()},
        notes=tuple(notes),
        is_finished=damaged is None,
    )


def _table_notes(counts: TakeCounts, reader: SceneReader) -> Iterator[str]:
    """How many takes each split has, and how many captions are of clips; from the sealed tables."""
    splits, captions = Counter[str](), 0
    for shard in counts.sealed:
        splits.update(counts.files.takes(shard)["split"].to_pylist())
    yield "splits: " + ", ".join(f"{split} {many(n, 'take')}" for split, n in sorted(splits.items()))
    if reader.captions:
        takes = {take for names in counts.sealed.values() for take in names}
        captions = sum(piece.scene.key in takes for piece in reader.captions)
        unmatched = len(reader.captions) - captions
        yield f"captions: {many(captions, 'video')}" + (f"; {unmatched} of no take" if unmatched else "")


def _named(word: str, reasons: Mapping[str, str]) -> Iterator[str]:
    for key in in_order(set(reasons))[:_MOST_NAMED]:
        yield f"{word}: {key}: {reasons[key]}"
    if len(reasons) > _MOST_NAMED:
        yield f"{word}: and {len(reasons) - _MOST_NAMED} more"
