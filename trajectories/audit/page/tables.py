"""The parts of the page that are tables: laws, redundancy, recovered moves, rules and method."""

from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Any

from ...clip_table import TABLE_VERSION
from ...sampling.rules import INFERRED
from ..report import AuditReport, LawTest, Recovered, Redundancy
from .charts import quantile_box
from .html import Link, badge, box, number, spaced, swatch, table
from .svg import NEUTRAL, SECOND, motion_colour

_MOST_PAIRS = 8
_LAW_COLUMNS = (
    *("Law", "#n", "Method", "#Statistic", "#p", "#q", "#Effect"),
    *("against allowed", "#Smallest detectable", "Verdict"),
)
_VERDICTS = {"pass": "✓ pass", "fail": "✗ fail", "too few": "– too few"}


def laws(tests: Sequence[LawTest]) -> str:
    """One row a law; the small bar is its effect, the line what is allowed, the ring what ``n`` reveals."""
    if not tests:
        said = "No law was tested: nothing declares one, or there is too little to test."
        return f'<section class="card soft">{said}</section>'
    return f'<section class="card">{table(_LAW_COLUMNS, [_law(test) for test in tests], "laws")}</section>'


def _law(test: LawTest) -> list[str]:
    name = swatch(motion_colour(test.motion), "") if test.motion else ""
    inferred = badge(["rests on a reading that the paper does not state"]) if test.inferred else ""
    mark = f"verdict-{test.verdict.replace(' ', '-')}"
    return [
        f"{name}<b>{escape(test.name)}</b>{inferred}<small>{escape(test.question)}</small>",
        f"{test.n:,}<small>{test.unit}s</small>",
        escape(test.method),
        number(test.statistic),
        _chance(test.p),
        _chance(test.q),
        f"{number(test.effect)}<small>{escape(test.effect_name)}</small>",
        _bullet(test),
        number(test.detectable_effect) if test.detectable_effect < 1 else "none",
        f'<span class="{mark}" data-law="{escape(test.name)}">{_VERDICTS[test.verdict]}</span>',
    ]


def _bullet(test: LawTest) -> str:
    full = 2.5 * test.largest_effect_allowed or 1.5 * test.effect or 1.0

    def at(value: float) -> float:
        return 2 + 96 * min(value / full, 1.0) if value >= 0 else 2.0

    fill = SECOND if test.verdict == "fail" else NEUTRAL
    title = f"effect {number(test.effect)}, allowed {number(test.largest_effect_allowed)}"
    parts = [
        f"<title>{title}</title>",
        '<rect x="2" y="4" width="98" height="8" rx="2" fill="#eef1f6"/>',
        f'<rect x="2" y="4" width="{max(at(test.effect) - 2, 0.8):.1f}" height="8" rx="2" fill="{fill}"/>',
        f'<path d="M{at(test.largest_effect_allowed):.1f} 1v14" stroke="#1a2230" stroke-width="1.6"/>',
    ]
    if test.effect > full:
        parts.append(f'<path d="M101 3l5 5-5 5z" fill="{fill}"/>')
    if test.detectable_effect <= full:
        ring = f'cx="{at(test.detectable_effect):.1f}" cy="8" r="2.6"'
        parts.append(f'<circle {ring} fill="#fff" stroke="#1a2230"/>')
    drawing = "".join(parts)
    return f'<svg class="bullet" viewBox="0 0 106 16" role="img" aria-label="{title}">{drawing}</svg>'


def _chance(value: float) -> str:
    return "&lt; 0.0001" if 0 <= value < 1e-4 else f"{value:.2g}" if value == value else "–"


def redundancy(found: Redundancy | None, link: Link) -> str:
    """How many trajectories differ, and the pairs that do not."""
    if found is None:
        return ""
    share = found.distinct_trajectories / max(found.n, 1)
    distinct = (
        f"<b>{found.distinct_trajectories:,}</b> of {found.n:,} trajectories are distinct ({share:.1%})"
    )
    text = (
        f'<p class="big">{distinct}</p>'
        f"<p>{found.near_duplicate_share:.2%} of moving clips have a near-duplicate. Clips outside "
        f"<code>train</code> with one inside it: {found.leaks:,}.</p>"
    )
    if found.nearest_neighbour is not None:
        said = "Distance to the nearest other clip, in standard deviations of the descriptor"
        text += f'<p class="soft">{said}</p>{quantile_box(found.nearest_neighbour, said)}'
    pairs = [("leak", *pair) for pair in found.leaked] + [("twin", *pair) for pair in found.near_duplicates]
    rows = [[kind, link(a), link(b), f"{apart:.2%}"] for kind, a, b, apart in pairs[:_MOST_PAIRS]]
    listed = (
        table(("closest pairs", "", "", "#apart"), rows) if rows else '<p class="soft">No pair is close.</p>'
    )
    if len(pairs) > _MOST_PAIRS:
        listed += f'<p class="soft">{len(pairs) - _MOST_PAIRS:,} more are in the JSON report.</p>'
    return box("redundancy", "Redundancy", f"n = {found.n:,} clips", text, listed)


def recovered(found: Recovered, *, states_moves: bool) -> str:
    """What the poses alone say, beside what the table states."""
    length = f", f = {found.internal_frames:.4g}" if found.internal_frames else ""
    facts = [
        ("time base", found.time_base + length),
        ("arcs", found.arc_path),
        ("random moves", found.spline.replace("_", " ")),
        ("subject from", found.subject_from),
    ]
    if found.agreement is not None:
        facts.insert(0, ("motion as stated", f"{found.agreement:.2%} of clips"))
    if found.subject_gap_m is not None:
        middle, most = _length(found.subject_gap_m[2]), _length(found.subject_gap_m[4])
        facts.append(("subject off by", f"{middle} median, {most} at 95 %"))
    if found.speed_a_error is not None:
        low, high = number(found.speed_a_error[0]), number(found.speed_a_error[4])
        facts.append(("a off by", f"{low} to {high} (5 to 95 %)"))
    listed = table(("", ""), [[name, escape(text)] for name, text in facts], "facts")
    matrix = _confusion(found) if states_moves and found.confusion else _kinds(found)
    why = f'<p class="soft">{escape(found.why)}</p>'
    count = f"n = {sum(found.clips.values()):,} clips"
    return box("recovered", "Recovered from poses alone", count, matrix, listed + why)


def _length(value_m: float) -> str:
    return (
        "< 0.1 mm" if value_m < 1e-4 else f"{1000 * value_m:.2g} mm" if value_m < 0.1 else f"{value_m:.3g} m"
    )


def _kinds(found: Recovered) -> str:
    rows = [[swatch(motion_colour(name), name), f"{count:,}"] for name, count in found.clips.items()]
    return table(("recovered motion", "#clips"), rows)


def _confusion(found: Recovered) -> str:
    counts = {(stated, told): n for stated, told, n in found.confusion}
    stated = list(dict.fromkeys(row for row, _ in counts))
    told = [name for name in stated if any(name == b for _, b in counts)]
    told = list(dict.fromkeys([*told, *(b for _, b in counts)]))
    rows = [[f"<b>{spaced(a)}</b>", *(_share(counts, a, b) for b in told)] for a in stated]
    head = ["stated ↓ recovered →", *(f"#{spaced(name)}" for name in told)]
    return table(head, rows, "matrix")


def _share(counts: dict[tuple[str, str], int], stated: str, told: str) -> str:
    """A cell as dark as its share of the row; red where the motion is of another family."""
    count = counts.get((stated, told), 0)
    if not count:
        return ""
    share = count / sum(n for (a, _), n in counts.items() if a == stated)
    colour = "31,78,140" if stated.split("_")[0] == told.split("_")[0] else "166,51,10"
    return f'<span style="background:rgba({colour},{0.08 + 0.32 * share:.2f})">{count:,}</span>'


def rules_table(report: AuditReport) -> str:
    """Every rule and its value, our readings marked."""
    if report.rules is None:
        return "<p>Nothing declares rules for this source: distributions are shown, not judged.</p>"
    values = asdict(report.rules)
    values["lenses"] = tuple(
        f"{lens.focal_length_mm:g} mm f/{lens.f_number:g}" for lens in report.rules.lenses
    )
    rows = []
    for name, value in values.items():
        mark = badge(["the paper gives no value"]) if name in INFERRED else ""
        rows.append([f'<span class="mono">{name}</span>', f"{escape(_said(value)) or '–'}{mark}"])
    return table(("Rule", "Value"), rows)


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if not isinstance(value, tuple):
        return str(value)
    is_range = len(value) == 2 and all(isinstance(v, int | float) for v in value)
    return (" to " if is_range else ", ").join(f"{v:g}" if isinstance(v, int | float) else v for v in value)


def method(report: AuditReport) -> str:
    """The report's own definitions, then versions."""
    entries = "".join(
        f"<dt>{spaced(name)}</dt><dd>{escape(text)}</dd>" for name, text in report.method.items()
    )
    found = [f"pose table {TABLE_VERSION}", f"Python {python_version()}"]
    for package in ("multitake", "numpy", "scipy", "pyarrow"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return f'<dl>{entries}</dl><p class="soft" id="versions">{escape(" · ".join(found))}</p>'
