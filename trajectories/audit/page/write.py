"""Write the page: one template, the charts of each section, and the rig browser."""

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from pathlib import Path
from platform import python_version
from typing import TYPE_CHECKING

from multitake.atomic import write_file, writing_to
from multitake.counts import many
from multitake.errors import InputError

from ...clip_table import CONVENTION, TABLE_VERSION, ClipTable
from ...footage import Footage
from ...sampling.rules import INFERRED, Range
from .. import words
from ..report import AuditReport
from . import charts, pose_charts, verdict
from .flagged import flagged_clips
from .page_images import PageImages
from .rig_browser import rig_browser
from .scene_charts import scene_charts
from .shown_clips import ShownClips, shown_clips
from .svg import NEUTRAL, SECOND, Chart, motion_colour

if TYPE_CHECKING:
    from jinja2 import Template

_LISTED = 8
_FLAGGED_IMAGES, _FLAGGED_BYTES = 24, 150_000
# The section of the page about each group of features.
_SECTIONS = {"start": "starts", "amplitude": "amplitudes", "speed": "speeds", "image": "image"}


def checked_page(path: Path) -> Path:
    """The path; InputError if it is a folder."""
    if not path.name or path.is_dir():
        raise InputError("is a folder", where=str(path), fix="give the name of a file, such as audit.html")
    return path


def write_audit_page(
    path: Path, report: AuditReport, clips: ClipTable, footage: Footage | None = None
) -> None:
    """Write the page, below 1.5 MB; ``clips`` are the audited clips, or some of them.

    Rigs that do not fit are left out of the browser, those with errors last; the page states how many.
    ``footage`` gives images of the first rigs and of flagged clips; one that cannot be read is a note.
    InputError if the page cannot be written.
    """
    page = page_html(report, clips.grouped(), footage)
    with writing_to(checked_page(path)):
        write_file(path, page)


def page_html(report: AuditReport, clips: ClipTable, footage: Footage | None = None) -> str:
    """The page; the clips must be grouped."""
    shown = shown_clips(clips)
    browser = rig_browser(report, clips, _notable(report, set(clips["take"].tolist())), footage)
    images = PageImages(footage, left=_FLAGGED_IMAGES, bytes_left=_FLAGGED_BYTES)
    return _template().render(
        report=report,
        figures=verdict.figures(report),
        verdict_parts=verdict.verdict_parts(report),
        finding_groups=verdict.finding_groups(report),
        sections=_charts(report, shown),
        flagged=flagged_clips(report, clips, images),
        effect_bar=charts.effect_bar,
        quantile_box=charts.quantile_box,
        close_pairs=_close_pairs(report),
        rules=list(_rules(report)),
        inferred=INFERRED,
        versions=list(_versions()),
        convention=CONVENTION,
        clips_shown=len(shown),
        browser=browser,
        style=_asset("page.css"),
        script=rig_script() + _asset("browser.js"),
    )


@cache
def _template() -> "Template":
    # Slow to import.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {
        "number": words.number,
        "many": many,
        "probability": words.probability,
        "distance": words.distance,
        "spaced": words.spaced,
        "short": words.short,
        "colour": motion_colour,
        "address": words.rig_address,
    }
    return environment.get_template("page.html")


def _notable(report: AuditReport, takes: Container[str]) -> list[str]:
    """Takes that the page links: those with the worst clips, with flagged clips, and with near-duplicates."""
    named = [clip.take for ranking in report.worst for clip in ranking.clips]
    named += [words.take_of(clip, takes) for clips in report.flagged.values() for clip in clips]
    named += [words.take_of(clip, takes) for _, a, b, _ in _close_pairs(report)[:_LISTED] for clip in (a, b)]
    return [take for take in named if take in takes]


def rig_script() -> str:
    """The script that draws a rig, by an eye that the user rotates and by each camera."""
    return _asset("rig_view.js") + _asset("orbit.js")


def _asset(name: str) -> str:
    return files(__package__).joinpath("assets", name).read_text("utf-8")


def _charts(report: AuditReport, shown: ShownClips) -> dict[str, list[Chart]]:
    """The charts of each section."""
    found: dict[str, list[Chart]] = defaultdict(list)
    found["motions"] += _motion_charts(report, shown)
    if len(shown):
        bounds = (_bounds(report, name) for name in ("start_radius_m", "start_elevation_deg"))
        found["starts"] += pose_charts.start_maps(shown, *bounds)
        found["speeds"] += pose_charts.speed_fan(shown)
        for charts_of in (pose_charts.subject_map, pose_charts.in_image, pose_charts.size_over_time):
            found["image"] += charts_of(shown)
    if report.image is not None and report.image.poses:
        found["image"].append(charts.always_in_image(report.image, report.source.clips))
    for feature in report.features:
        found[_SECTIONS[feature.group]].append(charts.feature_chart(feature))
    if report.pairs is not None:
        pairs = report.pairs
        last = (pairs.relative_rotation_deg, pairs.baseline_over_distance, pairs.baseline_angle_deg)
        found["pairs"] += [*charts.overlap(pairs), *map(charts.histogram, last)]
    if report.comparison is not None:
        found["comparison"].append(charts.gaps(report.comparison, report.features))
    if report.scenes is not None:
        found["scenes"] += scene_charts(report.scenes)
    found["flagged"] += _flag_charts(report)
    found["rejected"] += _rejected_charts(report)
    return found


def _bounds(report: AuditReport, name: str) -> Range | None:
    found = [feature.bounds[0] for feature in report.features if feature.name == name and feature.bounds]
    return found[0] if found else None


def _motion_charts(report: AuditReport, shown: ShownClips) -> Iterator[Chart]:
    counts, rules = report.counts, report.rules
    motions: list[charts.Bar] = [
        (name, motion_colour(name), found, expected if rules else None)
        for name, (found, expected) in report.motions.items()
    ]
    notes = ("line: the rules",) if rules else ()
    yield charts.bars("motions", "Motion", motions, n=counts["clips"], unit="clip", notes=notes)
    constant, variable = counts["constant_speed_clips"], counts["variable_speed_clips"]
    moving = constant + variable
    expected = rules.constant_share * moving if rules else None
    speeds: list[charts.Bar] = [
        ("constant", NEUTRAL, constant, expected),
        ("variable", NEUTRAL, variable, None if expected is None else moving - expected),
    ]
    title = "Speed of moving cameras"
    yield charts.bars("speeds", title, speeds, n=moving, unit="moving clip", notes=notes)
    if len(shown):
        kinds: list[charts.Bar] = [
            (kind, NEUTRAL, count, None) for kind, count in shown.lenses_and_layouts().items()
        ]
        yield charts.bars("lenses", "Lenses and starts", kinds, n=shown.rigs, unit="rig")
        yield from pose_charts.slots(shown)


def _flag_charts(report: AuditReport) -> Iterator[Chart]:
    if report.flags:
        note = "a clip counts once for each of its flags"
        yield _reasons("flags", "Clips with each flag", report.flags, report.source.clips, "clip", note)


def _rejected_charts(report: AuditReport) -> Iterator[Chart]:
    yield from charts.proposals(report.proposals)
    reasons: dict[str, int] = defaultdict(int)
    for proposals in report.proposals.values():
        for reason, count in proposals.rejected_for.items():
            reasons[reason] += count
    if reasons:
        note = "a path counts once for each of its reasons"
        n = sum(reasons.values())
        yield _reasons("rejected_for", "Why paths were rejected", reasons, n, "reason", note)


def _reasons(name: str, title: str, counts: dict[str, int], n: int, unit: str, note: str) -> Chart:
    """Bars of reasons, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    rows: list[charts.Bar] = [(reason, SECOND, count, None) for reason, count in ordered]
    return charts.bars(name, title, rows, n=n, unit=unit, notes=(note,))


def _close_pairs(report: AuditReport) -> list[tuple[str, str, str, float]]:
    """Pairs of near-duplicates: kind, clip, clip, distance."""
    found = report.redundancy
    if found is None:
        return []
    leaks = [("leak", *pair) for pair in found.leaked_pairs]
    return [*leaks, *(("near-duplicate", *pair) for pair in found.near_duplicates)]


def _rules(report: AuditReport) -> Iterator[tuple[str, str]]:
    """The name and value of every rule."""
    if report.rules is None:
        return
    for name, value in asdict(report.rules).items():
        if name == "lenses":
            value = tuple(f"{lens.focal_length_mm:g} mm f/{lens.f_number:g}" for lens in report.rules.lenses)
        yield name, _text(value) or "–"


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(entry)}" for name, entry in value.items())
    if not isinstance(value, tuple):
        return str(value)
    is_range = len(value) == 2 and all(isinstance(v, int | float) for v in value)
    return (" to " if is_range else ", ").join(
        f"{v:g}" if isinstance(v, int | float) else str(v) for v in value
    )


def _versions() -> Iterator[str]:
    yield f"clip table {TABLE_VERSION}"
    yield f"Python {python_version()}"
    for package in ("multitake", "numpy", "scipy", "pyarrow"):
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue
