"""The audit: read sources of clips, check them against rules, write the page and its JSON."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from multitake.atomic import write_file
from multitake.errors import InputError
from multitake.input_files import is_same_file

from ..clip_source import ClipSource
from ..clip_table import ClipTable
from ..footage import Footage, JoinedFootage
from ..sampling import Rules
from .accumulator import Accumulator
from .doctor import DoctorReport, examine, joined
from .findings import Finding
from .measured.comparison import Comparison, compare
from .measured.scenes import scene_statistics
from .page import checked_page, write_audit_page
from .policies import checked_policies
from .report import AuditReport

# Selects the clips that are compared, and the permutations; it is part of the report.
_COMPARISON_SEED = 0


def audit(
    sources: Sequence[ClipSource],
    *,
    page: Path,
    rules: Rules | None = None,
    against: ClipSource | None = None,
    fail_on: Sequence[str] = (),
    images: bool | None = None,
) -> AuditReport:
    """Audit sources as one set; write ``page`` and the same report as JSON next to it.

    ``rules`` replace the rules of the sources. ``against`` is another source to compare with. If there are
    several sources, takes are named ``source:take``. Sources are read table by table; a few numbers per clip
    are kept. ``fail_on`` names classes of findings of ``FAIL_ON`` that fail the audit too.

    The doctor looks for faults in sources that others made, and compares their images with their poses.
    ``images`` says whether it does so of all sources, or of none; then it looks at tables and poses alone.

    InputError if there is nothing to audit, if sources have different rules, if a class is unknown, or if the
    page cannot be written.
    """
    policies = checked_policies(fail_on)
    if not sources:
        raise InputError("no source", where="audit", fix="give a data set, a clip table or a camera file")
    _check_outputs(page, [*sources, *([] if against is None else [against])])
    accumulator = Accumulator(
        name=", ".join(source.where for source in sources),
        rules=rules or _rules_of(sources),
        notes=[] if rules else list(_notes(sources)),
        fail_on=policies,
    )
    # Columns and poses may have any numbers; what they give is unknown (NaN), which no check passes.
    with np.errstate(all="ignore"):
        return _audited(accumulator, sources, page, against, images)


def _audited(
    accumulator: Accumulator,
    sources: Sequence[ClipSource],
    page: Path,
    against: ClipSource | None,
    images: bool | None,
) -> AuditReport:
    """The report of a new accumulator about the sources; writes its files."""
    for source, label in zip(sources, _labels(sources), strict=True):
        _add(accumulator, source, label)
    comparison = None if against is None else _compared(accumulator, against)
    footage = _footage(sources)
    scenes = None if footage is None else scene_statistics(footage.scenes())
    doctor = _examined(sources, images)
    report = replace(accumulator.report(comparison), scenes=scenes, doctor=doctor)
    write_audit_page(page, report, accumulator.shown.table(), footage)
    write_file(page.with_suffix(".json"), report.to_json().encode())
    return report


def _examined(sources: Sequence[ClipSource], images: bool | None) -> DoctorReport | None:
    """What the doctor says about the sources that others made, or about all of them."""
    labelled = zip(_labels(sources), sources, strict=True)
    chosen = [(label, source) for label, source in labelled if source.is_imported or images]
    reports = [(label, examine(source, with_images=images is not False)) for label, source in chosen]
    return joined(reports) if reports else None


def _check_outputs(page: Path, sources: Sequence[ClipSource]) -> None:
    if page.suffix == ".json":
        fix = "give a name that ends in .html; the JSON file is written next to it"
        raise InputError("the JSON file would replace the page", where=str(page), fix=fix)
    written = (checked_page(page), page.with_suffix(".json"))
    for source in sources:
        if any(is_same_file(source.where, path) for path in written):
            raise InputError("would overwrite its source", where=source.where, fix="give another page")


def _rules_of(sources: Sequence[ClipSource]) -> Rules | None:
    first, *others = (source.rules for source in sources)
    if any(rules != first for rules in others):
        where = ", ".join(source.where for source in sources)
        raise InputError("sources have different rules", where=where, fix="give the rules for all of them")
    return first


def _notes(sources: Sequence[ClipSource]) -> Iterator[Finding]:
    for source in sources:
        for what in source.notes:
            yield Finding(severity="note", code="rules_assumed", what=what, where=source.where)


def _labels(sources: Sequence[ClipSource]) -> list[str]:
    """A prefix for the takes of each source, so that equal names remain different."""
    if len(sources) == 1:
        return [""]
    places = {source.where for source in sources}
    is_unique = len({source.name for source in sources}) == len(places)
    return [f"{source.name if is_unique else source.where}:" for source in sources]


def _footage(sources: Sequence[ClipSource]) -> Footage | None:
    """The footage of the sources that are filmed."""
    labelled = zip(_labels(sources), sources, strict=True)
    parts = {label: source.footage for label, source in labelled if source.footage is not None}
    return JoinedFootage(parts) if parts else None


def _add(accumulator: Accumulator, source: ClipSource, label: str = "") -> None:
    frames: set[int] = set()
    for clips in _read_ahead(source.tables):
        frames.add(clips.frames)
        if len(frames) > 1 and clips.states_moves:
            what = f"clips of different lengths ({', '.join(map(str, sorted(frames)))} frames)"
            raise InputError(what, where=source.where, fix="audit its clip tables one by one")
        accumulator.add(_labelled(clips, label), in_environments=source.in_environments)


def _read_ahead(tables: Iterable[ClipTable]) -> Iterator[ClipTable]:
    """The tables; each is read while the one before is audited."""
    with ThreadPoolExecutor(1) as reader:
        rest = iter(tables)
        ahead = reader.submit(next, rest, None)
        while (clips := ahead.result()) is not None:
            ahead = reader.submit(next, rest, None)
            yield clips


def _labelled(clips: ClipTable, label: str) -> ClipTable:
    return clips.replaced(take=np.char.add(label, clips["take"])) if label else clips


def _compared(accumulator: Accumulator, against: ClipSource) -> Comparison | None:
    other = Accumulator(name=against.where, rules=None, depth="comparison")
    _add(other, against)
    mine, theirs = accumulator.gathered(), other.gathered()
    return compare(accumulator.name, *mine, other.name, *theirs, seed=_COMPARISON_SEED)
