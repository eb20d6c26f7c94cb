"""The audit as one HTML file that needs nothing else: no network, no server, no library."""

import re
from collections.abc import Callable, Container
from html import escape
from importlib.resources import files
from itertools import count
from pathlib import Path

import numpy as np

from multitake.errors import InputError

from ...clip_table import CONVENTION, PoseTable
from ...sampling.rules import Range
from ..measured.features import Feature
from ..report import AuditReport
from . import charts, picture, tables, verdict
from .html import Link, box, link_to, number, short, swatch, table, take_of
from .rigs import embedded, rows_by_take
from .sample import Sample, largest, sample_of
from .svg import NEUTRAL, SECOND, motion_colour

_LISTED = 8
# Where features of each group stand.
_PLACES = {"start": "where", "amplitude": "far", "speed": "fast", "image": "picture", "pairs": "pairs"}


def checked_page(path: Path) -> Path:
    """The path, unless it is a folder's; InputError then."""
    if not path.name or path.is_dir():
        raise InputError("is a folder", where=str(path), fix="name the page, such as audit.html")
    return path


def unwritable(path: Path, error: OSError) -> InputError:
    """The error for a page that the disk refused."""
    what = f"cannot be written ({error.strerror})"
    return InputError(what, where=str(path), fix="name a place that can be written")


def write_audit_page(path: Path, report: AuditReport, poses: PoseTable) -> None:
    """Write the page, whole or not at all, below 1.5 MB; ``poses`` are the audited ones, or some of them.

    Rigs that do not fit are left out of the browser, those with errors last; the page says how many.
    InputError where it cannot be written.
    """
    partial = checked_page(path).with_name(f".{path.name}.partial")
    parts = _parts(report, poses)
    page = re.sub(r"\[\[(\w+)\]\]", lambda match: parts[match[1]], _asset("page.html"))
    section = count(1)
    page = re.sub(r"(<h2[^>]*>)<span></span>", lambda match: f"{match[1]}<span>{next(section)}</span>", page)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(page, "utf-8")
        partial.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error


def _parts(report: AuditReport, poses: PoseTable) -> dict[str, str]:
    takes = rows_by_take(poses)
    sample = sample_of(poses, takes)
    rigs = embedded(report, poses, takes, _notable(report, sample, takes))
    link = link_to(rigs.takes)
    word, look = verdict.word(report)
    return {
        "verdict": report.verdict,
        "verdict_word": word,
        "verdict_look": look,
        "name": short(report.source.name) or "poses",
        "held": f"held to the rules “{escape(report.held_to)}”" if report.rules else report.held_to,
        "figures": verdict.figures(report),
        "chips": verdict.chips(report),
        "findings": verdict.findings(report, link),
        **_charts(report, sample),
        "fastest": _fastest(sample, link),
        "redundancy": tables.redundancy(report.redundancy, link),
        "recovered": tables.recovered(report.recovered, states_moves=report.source.states_moves),
        "laws": tables.laws(report.tests),
        "comparison": _comparison(report),
        "compare_link": '<a href="#compare">Comparison</a>' if report.comparison else "",
        "embedded": rigs.said,
        "rejects": _rejects(report),
        "method": tables.method(report),
        "convention": escape(CONVENTION),
        "rules": tables.rules_table(report),
        "sampled": f"{len(sample.rows):,} of {report.source.clips:,} clips",
        "style": _asset("page.css"),
        "payload": rigs.payload,
        "script": _asset("stage.js") + _asset("browser.js"),
    }


def _notable(report: AuditReport, sample: Sample, takes: Container[str]) -> list[str]:
    """Takes that the page names: those with the fastest clips, and those with a double."""
    extremes = [*largest(sample.peak_m_per_s, _LISTED), *largest(sample.peak_deg_per_s, _LISTED)]
    named = [sample.rows[i].take for i in extremes]
    if report.redundancy is not None:
        pairs = [*report.redundancy.leaked, *report.redundancy.near_duplicates][:_LISTED]
        named += [take_of(clip, takes) for a, b, _ in pairs for clip in (a, b)]
    return [take for take in named if take in takes]


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _charts(report: AuditReport, sample: Sample) -> dict[str, str]:
    """The charts of the sections what, where, far, fast, picture and pairs."""
    found = dict.fromkeys(_PLACES.values(), "")
    if sample.rows:
        bounds = [_bounds(report, name) for name in ("start_radius_m", "start_elevation_deg")]
        found["where"] = picture.start_maps(sample, *bounds)
        found["fast"] = picture.speed_fan(sample)
        shown = (picture.aim_map, picture.in_frame, picture.size_over_time)
        found["picture"] = "".join(chart(sample) for chart in shown)
    if report.image is not None and report.image.poses:
        found["picture"] += charts.always_in_picture(report.image, report.source.clips)
    if report.pairs is not None:
        pairs = report.pairs
        apart = (pairs.relative_rotation_deg, pairs.baseline_over_distance, pairs.baseline_angle_deg)
        found["pairs"] = charts.overlap(pairs) + "".join(map(charts.histogram, apart))
    for feature in report.features:
        found[_PLACES[feature.group]] += _feature_chart(feature)
    return {place: _grid(html) for place, html in {"what": _what(report, sample), **found}.items()}


def _bounds(report: AuditReport, name: str) -> Range | None:
    found = [feature.bounds[0] for feature in report.features if feature.name == name and feature.bounds]
    return found[0] if found else None


def _feature_chart(feature: Feature) -> str:
    is_round = feature.unit == "deg" and (feature.edges[0], feature.edges[-1]) == (0.0, 360.0)
    chart: Callable[[Feature], str] = charts.rose if is_round else charts.histogram
    return chart(feature)


def _grid(html: str) -> str:
    """Cards in 3, 4 or 5 columns, whichever leaves the fewest places empty."""
    count = html.count("<figure")
    columns = min((4, 5, 3), key=lambda c: -count % c)
    return (
        f'<div class="grid c{columns}">{html}</div>' if count else '<p class="soft">Nothing to measure.</p>'
    )


def _what(report: AuditReport, sample: Sample) -> str:
    counts, rules = report.counts, report.rules
    motions: list[charts.Bar] = [
        (name, motion_colour(name), found, expected if rules else None)
        for name, (found, expected) in report.motions.items()
    ]
    constant, variable = counts["constant_speed_clips"], counts["variable_speed_clips"]
    paced = constant + variable
    usual = rules.constant_share * paced if rules else None
    paces: list[charts.Bar] = [
        ("constant", NEUTRAL, constant, usual),
        ("variable", NEUTRAL, variable, None if usual is None else paced - usual),
    ]
    kinds: list[charts.Bar] = [
        (kind, NEUTRAL, count, None) for kind, count in sample.lenses_and_layouts().items()
    ]
    line = "line: the rules" if rules else ""
    html = charts.bars("motions", "Motion", motions, n=counts["clips"], unit="clip", under=line)
    html += charts.bars("paces", "Pace of moving cameras", paces, n=paced, unit="moving clip", under=line)
    if not sample.rows:
        return html
    return (
        html
        + charts.bars("lenses", "Lenses and starts", kinds, n=sample.rigs, unit="rig")
        + picture.slots(sample)
    )


def _fastest(sample: Sample, link: Link) -> str:
    found = (("Fastest clips", "m/s", sample.peak_m_per_s), ("Fastest turns", "deg/s", sample.peak_deg_per_s))
    return "".join(_extremes(sample, *one, link) for one in found)


def _extremes(sample: Sample, title: str, unit: str, values: np.ndarray, link: Link) -> str:
    rows = []
    for i in largest(values, _LISTED):
        row = sample.rows[i]
        motion = swatch(motion_colour(row.motion), row.motion)
        rows.append([link(f"{row.take}/{row.camera}"), motion, f"{number(float(values[i]))} {unit}"])
    if not rows:
        return ""
    listed = table(("clip", "motion", "#between two frames"), rows)
    return box(title.lower().replace(" ", "_"), title, f"n = {len(values):,} clips", listed)


def _comparison(report: AuditReport) -> str:
    found = report.comparison
    if found is None:
        return ""
    a, b = short(found.name_a), short(found.name_b)
    figures = (
        (number(found.sliced_wasserstein), "sliced Wasserstein distance, in standard deviations"),
        (f"{found.mmd:.2g}", f"MMD², p = {found.mmd_p:.2g} by permutation"),
        (f"{found.coverage:.1%}", f"of {b} is covered by {a} (k = {found.neighbours})"),
        (f"{found.density:.2f}", f"density of {a} in {b}; 1 is as dense"),
    )
    cells = "".join(f"<div><b>{value}</b>{word}</div>" for value, word in figures)
    said = f"{a} against {b}; shift: mean distance of sorted values (Wasserstein-1), in the feature’s unit"
    return (
        f'<h2 id="compare"><span></span> Comparison <small>{said}</small></h2>'
        f'<section class="card figures">{cells}</section>{charts.gaps(found, report.features)}'
    )


def _rejects(report: AuditReport) -> str:
    if not report.rejects:
        return '<p class="card soft">No clip carries a flag, and none was drawn again.</p>'
    ordered = sorted(report.rejects.items(), key=lambda item: -item[1])
    rows: list[charts.Bar] = [(name, SECOND, count, None) for name, count in ordered]
    under = "a clip counts once for each of its reasons"
    chart = charts.bars("rejects", "Clips by reason", rows, n=report.source.clips, unit="clip", under=under)
    return f'<div class="grid wide">{chart}</div>'
