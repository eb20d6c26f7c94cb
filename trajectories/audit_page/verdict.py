"""The top of the page: what was audited, the verdict in parts, and what breaks it."""

from collections import Counter
from collections.abc import Sequence
from html import escape

from ..audit_report import CHECKS, AuditReport, Finding, LawTest, Redundancy
from .html import Link, many, number, table

_MOST_FINDINGS = 200
# A word, the checks behind it, and where on the page to read more.
_CHECKED = (
    (
        "bounds",
        ("start_out_of_bounds", "start_off_aim", "amplitude_out_of_bounds", "pace_out_of_bounds"),
        "far",
    ),
    ("slots", ("missing_camera", "surplus_camera", "slot_differs"), "what"),
    ("columns", ("pose_disagrees", "setting_differs", "first_pose_differs"), "what"),
)


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
        held = sum(test.verdict == "pass" for test in report.tests)
        cells.append((f"{held} / {len(report.tests)}", "laws hold"))
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
    said = (
        f"{found['fail']} of {len(tests)} fail" if found["fail"] else f"{found['pass']} of {len(tests)} hold"
    )
    few = f", {found['too few']} too few" if found["too few"] else ""
    state = "bad" if found["fail"] else "good" if found["pass"] else "note"
    return _chip("laws", said + few, state, "laws")


def _redundancy_chips(found: Redundancy | None, errors: dict[str, int]) -> list[str]:
    if found is None:
        return [_chip(word, "not measured", "none", "pairs") for word in ("duplicates", "leak")]
    copies, share = errors["duplicate_rig"], found.near_duplicate_share
    said = many(copies, "rig") if copies else f"{share:.2%} of clips" if share else "0"
    state = "bad" if copies else "note" if share else "good"
    leak = "bad" if errors["split_leak"] else "note" if found.leaks else "good"
    return [
        _chip("duplicates", said, state, "redundancy"),
        _chip("leak", many(found.leaks, "clip") if found.leaks else "0", leak, "redundancy"),
    ]


def _chip(word: str, said: str, state: str, target: str) -> str:
    text = f'<a href="#{target}"><b>{word}</b> {escape(said)}</a>'
    return f'<li class="{state}" data-check="{word}">{text}</li>'


def findings(report: AuditReport, link: Link) -> str:
    """Broken checks in a line each, then failed laws and findings; nothing where all is well."""
    if not report.findings and not report.failed_tests:
        return ""
    rows = [
        [_code("error", "law"), _mono(t.name), _broken(t), f"{t.n:,} {t.unit}s"] for t in report.failed_tests
    ]
    shown = _some_of_each(sorted(report.findings, key=lambda f: f.severity))
    rows += [[_code(f.severity, f.severity), _mono(f.code), escape(f.what), link(f.where)] for f in shown]
    more = len(report.findings) - len(shown)
    rest = f'<p class="soft">{more:,} more are in the JSON report.</p>' if more else ""
    broken = "".join(
        f"<li><b>{count:,}</b> against: {CHECKS[code]}</li>"
        for code, count in report.errors_by_check.items()
        if count
    )
    summary = f'<ul class="broken">{broken}</ul>' if broken else ""
    title = "Notes" if report.is_ok else "Findings"
    listed = table(("Severity", "Check", "What", "Where"), rows)
    return f'<h2>{title}</h2><section class="card">{summary}{listed}{rest}</section>'


def _code(severity: str, text: str) -> str:
    return f'<span class="{severity}">{text}</span>'


def _mono(text: str) -> str:
    return f'<span class="mono" data-code="{escape(text)}">{escape(text)}</span>'


def _broken(test: LawTest) -> str:
    effect = f"{test.effect_name} {number(test.effect)}, allowed {number(test.largest_effect_allowed)}"
    return escape(f"{test.question} {effect}")


def _some_of_each(found: Sequence[Finding]) -> list[Finding]:
    """Up to 200, some of every check, so that one that breaks everywhere does not hide another."""
    seen: Counter[str] = Counter()
    places = []
    for index, finding in enumerate(found):
        places.append((seen[finding.code], index))
        seen[finding.code] += 1
    return [found[index] for index in sorted(index for _, index in sorted(places)[:_MOST_FINDINGS])]
