"""From what the command line names to an audit: find the poses, find their rules, write the page."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from multitake.errors import InputError

from ..sampling.rules import Rules, rules_named
from ..sampling.rules_file import load_rules
from .accumulator import RunningAudit
from .clips import Clips, clips_of_parquet
from .from_trajectories import clips_of_trajectories, with_recovered_moves
from .measured.comparison import compare
from .page import checked_page, unwritable, write_audit_page
from .report import AuditReport, Comparison, Finding

# Which of two sets' clips are compared, and in what permutations; the report states it.
_COMPARISON_SEED = 0


def audit(
    sources: str | Path | Sequence[str | Path],
    *,
    page: Path,
    rules: str | Path | None = None,
    against: str | Path | None = None,
) -> AuditReport:
    """Audit one or several sources as one set; write ``page`` and the same report as JSON beside it.

    A source is a data set's folder, a pose parquet, or anything that ``read_trajectories`` reads. ``rules``
    is a preset or a TOML file with a ``[rig]`` table; without it a data set is held to the ``[rig]`` of its
    own ``batch.toml``, a bare pose table to ``paper``, trajectories from elsewhere to nothing. ``against``
    is another source to compare with. Takes of several sources are named
    ``source:take``. Files are read part by part, so memory stays flat.

    InputError where there are no poses to audit, sources have different rules, or the page cannot be written.
    """
    places = [Path(s) for s in ([sources] if isinstance(sources, str | Path) else sources)]
    if not places:
        raise InputError("no source", where="audit", fix="name a data set, a pose parquet or a camera file")
    if page.suffix == ".json":
        fix = "give a name that ends in .html; the JSON file goes beside it"
        raise InputError("the JSON file would take the page's place", where=str(page), fix=fix)
    written = {checked_page(page).resolve(), page.with_suffix(".json").resolve()}
    for place in [*places, *([] if against is None else [Path(against)])]:
        if place.resolve() in written:
            fix = "name another page"
            raise InputError("would overwrite what is audited", where=str(place), fix=fix)
    held_to = _rules_of(places, rules)
    running = RunningAudit(
        name=", ".join(map(str, places)),
        rules=held_to,
        places_limit_radius=any(_is_dataset(place) for place in places),
    )
    if rules is None:
        running.remarks += _unruled(places)
    for place, label in zip(places, _labels(places), strict=True):
        _add(running, place, label)
    comparison = None if against is None else _compared(running, Path(against))
    report = running.report(comparison)
    write_audit_page(page, report, running.shown.table())
    try:
        page.with_suffix(".json").write_text(report.to_json(), "utf-8")
    except OSError as error:
        raise unwritable(page.with_suffix(".json"), error) from error
    return report


def _labels(places: Sequence[Path]) -> list[str]:
    """What stands before the takes of each source, so that none is taken for another's."""
    if len(places) == 1:
        return [""]
    names = [place.name for place in places]
    is_told = len(set(names)) == len(set(places))
    return [f"{place.name if is_told else place}:" for place in places]


def _add(running: RunningAudit, place: Path, label: str = "") -> None:
    frames: set[int] = set()
    for clips, is_stated in _clips_of(place, running.rules):
        frames.add(clips.frames)
        if len(frames) > 1 and is_stated:
            what = f"clips of different lengths ({', '.join(map(str, sorted(frames)))} frames)"
            raise InputError(what, where=str(place), fix="audit its pose tables one by one")
        running.add(replace(clips, take=np.char.add(label, clips.take)), is_stated=is_stated)


def _clips_of(place: Path, rules: Rules | None) -> Iterator[tuple[Clips, bool]]:
    """The clips of a source part by part, and whether its columns state their moves."""
    if _is_dataset(place):
        for path in _pose_files(place):
            yield from ((clips, True) for clips in clips_of_parquet(path))
    elif place.suffix == ".parquet":
        for clips in clips_of_parquet(place):
            if (clips.motion == "unknown").all():
                yield with_recovered_moves(clips, rules), False
            else:
                yield clips, True
    else:
        from ..formats import iter_trajectories

        yield from ((clips, False) for clips in clips_of_trajectories(iter_trajectories(place), rules))


def _is_dataset(place: Path) -> bool:
    return (place / "poses").is_dir() or (place / "batch.toml").is_file()


def _pose_files(folder: Path) -> list[Path]:
    paths = sorted((folder / "poses").glob("*.parquet"))
    if not paths:
        fix = "give a data set with at least one sealed shard, or a pose parquet"
        raise InputError("no poses/*.parquet", where=str(folder), fix=fix)
    return paths


def _rules_of(places: list[Path], named: str | Path | None) -> Rules | None:
    if named is not None:
        return load_rules(str(named))[0]
    found = {place: _own_rules(place) for place in places}
    first, *others = found.values()
    if any(rules != first for rules in others):
        where = ", ".join(map(str, places))
        raise InputError("sources have different rules", where=where, fix="name the rules to hold them to")
    return first


def _unruled(places: list[Path]) -> list[Finding]:
    """Data sets that lost the order which says what rules they follow."""
    what = "no batch.toml says what rules this data set follows: held to the preset paper"
    lost = [place for place in places if _is_dataset(place) and not (place / "batch.toml").is_file()]
    return [Finding(severity="note", code="rules_assumed", what=what, where=str(place)) for place in lost]


def _own_rules(place: Path) -> Rules | None:
    batch = place / "batch.toml"
    if batch.is_file():
        return load_rules(str(batch))[0]
    if _is_dataset(place):
        return rules_named("paper")
    if place.suffix != ".parquet":
        return None
    first = next(clips_of_parquet(place), None)
    is_stated = first is None or not np.all(first.motion == "unknown")
    return rules_named("paper") if is_stated else None


def _compared(running: RunningAudit, other: Path) -> Comparison | None:
    against = RunningAudit(name=str(other), rules=None, depth="comparison")
    _add(against, other)
    mine, theirs = running.gathered(), against.gathered()
    return compare(running.name, *mine, against.name, *theirs, seed=_COMPARISON_SEED)
