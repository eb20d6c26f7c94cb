"""The top of the page: what was audited, the verdict in parts, and what breaks it."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from ..checks import CHECKS
from ..report import AuditReport, Finding, LawTest, Redundancy
from .html import Link, many, number, table

_MOST_FINDINGS = 30
# Checks with no more findings than this are unfolded.
_OPEN = 4
# A word, the checks behind it, and where on the page to read more.
_CHECKED = (
    (
        "bounds",
        ("start_out_of_bounds", "start_off_aim", "amplitude_out_of_bounds", "pace_out_of_bounds"),
        "far",
    ),
    ("slots", ("missing_camera", "surplus_camera", "slot_differs"), "what"),
    ("columns", ("pose_disagrees", "setting_differs", "intrinsics_differ", "first_pose_differs"), "what"),
)


def word(report: AuditReport) -> tuple[str, str]:
    """The verdict and its look; without rules nothing but the poses themselves is judged."""
    if not report.is_ok:
        return "FAIL", "fail"
    return ("PASS", "pass") if report.rules else ("NO RULES", "none")


def figures(report: AuditReport) -> str:
    """The size of what was audited."""
    source = report.source
    cells = [
        (f"{source.rigs:,}", "rigs"),
        (_span(source.cameras), "cameras each"),
        (f"{source.clips:,}", "clips"),
        (_span(source.frames), "frames each"),
        (f"{source.shared_start_rigs:,}", "rigs share a start"),
    ]
    if len(source.splits) > 1:
        cells.append(
            (" / ".join(f"{n:,}" for n in source.splits.values()), escape(" / ".join(source.splits)))
        )
    if report.tests:
        found = Counter(test.verdict for test in report.tests)
        failed = f", {found['fail']} fail" if found["fail"] else ""
        few = f", {found['too few']} too few" if found["too few"] else ""
        cells.append((f"{found['pass']:,}", f"laws hold{failed}{few}"))
    cells.append((f"{sum(report.errors_by_check.values()):,}", "errors"))
    return "".join(f"<div><b>{value}</b>{word}</div>" for value, word in cells)


def _span(ends: tuple[int, int]) -> str:
    return f"{ends[0]}" if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def chips(report: AuditReport) -> str:
    """The verdict in parts, each a link to where the page says more."""
    errors = report.errors_by_check
    parts = []
    for word, codes, target in _CHECKED:
        count = sum(errors[code] for code in codes)
        if report.rules is None and not count:
            parts.append(_chip(word, "no rules", "none", target))
        else:
            parts.append(
                _chip(word, many(count, "error") if count else "OK", "bad" if count else "good", target)
            )
    parts.insert(1, _laws_chip(report.tests))
    flags = sum(report.rejects.values())
    parts.append(
        _chip("validity", many(flags, "flag") if flags else "OK", "note" if flags else "good", "rejects")
    )
    parts += _redundancy_chips(report.redundancy, errors)
    wrong = errors["improper_pose"]
    said = f"{wrong:,} not proper" if wrong else "det +1"
    parts.append(_chip("handedness", said, "bad" if wrong else "good", "findings" if wrong else "method"))
    return "".join(parts)


def _laws_chip(tests: Sequence[LawTest]) -> str:
    if not tests:
        return _chip("laws", "not tested", "none", "laws")
    found = Counter(test.verdict for test in tests)
    said = f"{found['fail']} of {len(tests)} fail" if found["fail"] else f"{found['pass']} hold"
    few = f", {found['too few']} too few" if found["too few"] else ""
    state = "bad" if found["fail"] else "note" if found["too few"] else "good"
    return _chip("laws", said + few, state, "laws")


def _redundancy_chips(found: Redundancy | None, errors: dict[str, int]) -> list[str]:
    if found is None:
        return [_chip(word, "not measured", "none", "pairs") for word in ("duplicates", "leak")]
    copies, share = errors["duplicate_rig"], found.near_duplicate_share
    said = many(copies, "rig") if copies else f"{share:.2%} of clips" if share else "0"
    state = "bad" if copies else "note" if share else "good"
    leaks = errors["split_leak"]
    leak = "bad" if leaks else "note" if found.leaks else "good"
    leaked = many(found.leaks, "clip") if found.leaks else many(leaks, "rig") if leaks else "0"
    return [
        _chip("duplicates", said, state, "redundancy"),
        _chip("leak", leaked, leak, "redundancy"),
    ]


def _chip(word: str, said: str, state: str, target: str) -> str:
    text = f'<a href="#{target}"><b>{word}</b> {escape(said)}</a>'
    return f'<li class="{state}" data-check="{word}">{text}</li>'


def findings(report: AuditReport, link: Link) -> str:
    """Failed laws, then every broken check with its findings; nothing where all is well."""
    if not report.findings and not report.failed_tests:
        return ""
    by_code: dict[str, list[Finding]] = {}
    for finding in sorted(report.findings, key=lambda f: f.severity):
        by_code.setdefault(finding.code, []).append(finding)
    counts = report.errors_by_check
    parts = [_group(found, counts.get(code, 0) or len(found), link) for code, found in by_code.items()]
    failed = "".join(_failed(test) for test in report.failed_tests)
    title = "Notes" if report.is_ok else "Findings"
    return f'<h2>{title}</h2><section class="card found">{failed}{"".join(parts)}</section>'


def _failed(test: LawTest) -> str:
    effect = f"{test.effect_name} {number(test.effect)}, allowed {number(test.largest_effect_allowed)}"
    said = escape(f"{test.question} {effect}, {many(test.n, test.unit)}.")
    name = f'<span class="mono">{escape(test.name)}</span>'
    return f'<p><span class="error">law</span> {name} <a href="#laws">{said}</a></p>'


def _group(found: list[Finding], count: int, link: Link) -> str:
    """The findings of one check, folded away where they are many."""
    first = found[0]
    code = escape(first.code)
    if first.severity == "note" and len(found) == 1:
        return f'<p><span class="note">note</span> <span class="mono">{code}</span> {escape(first.what)}</p>'
    is_open = " open" if len(found) <= _OPEN else ""
    rows = [[link(f.where), escape(f.what)] for f in found[:_MOST_FINDINGS]]
    rest = count - len(rows)
    more = f'<p class="soft">{rest:,} more; the JSON report lists more of them.</p>' if rest else ""
    against = f"against: {CHECKS[first.code]}" if first.code in CHECKS else ""
    size = f'<span class="{first.severity}">{many(count, first.severity)}</span>'
    listed = table(("where", "what"), rows)
    head = f'<summary>{size} <span class="mono">{code}</span> {against}</summary>'
    return f'<details data-code="{code}"{is_open}>{head}{listed}{more}</details>'
