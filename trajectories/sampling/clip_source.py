"""A set of clips and where they are from: what the audit reads, whatever stores it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..clip_table import ClipTable
from .rules import Rules


@dataclass(frozen=True, kw_only=True)
class ClipSource:
    """Clips to be audited.

    Attributes:
        name: prefix of its takes where several sources are audited together.
        where: the file or address, for messages.
        tables: the clips, in tables of any size; complete takes together. It may be read more than once.
        rules: the rules that the clips were sampled from; None if the source does not define them.
        notes: remarks about the source, such as missing rules.
    """

    name: str
    where: str
    tables: Iterable[ClipTable]
    rules: Rules | None = None
    notes: tuple[str, ...] = ()
