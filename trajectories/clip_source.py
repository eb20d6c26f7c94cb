"""A set of clips and where they are from: what the audit reads, whatever stores it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .clip_table import ClipTable
from .footage import Footage
from .videos import Videos

if TYPE_CHECKING:
    from .sampling import Rules


@dataclass(frozen=True, kw_only=True)
class ClipSource:
    """Clips to be audited.

    Attributes:
        name: prefix of its takes where several sources are audited together.
        where: the file or address, for messages.
        tables: the clips, in tables of any size; complete takes together. It may be read more than once.
        rules: the rules that the clips were sampled from; None if the source does not define them.
        in_environments: whether the space of an environment may have lowered the largest start distances.
        notes: remarks about the source, such as missing rules.
        footage: scenes and images, if the source is filmed.
        videos: the videos of its clips, if it is filmed.
        lost: takes that are not among the clips, and why: those of the original set that were not imported.
        is_imported: whether others made it, so that nothing about it can be taken for granted.
    """

    name: str
    where: str
    tables: Iterable[ClipTable]
    rules: "Rules | None" = None
    in_environments: bool = False
    notes: tuple[str, ...] = ()
    footage: Footage | None = None
    videos: Videos | None = None
    lost: tuple[tuple[str, str], ...] = ()
    is_imported: bool = False
