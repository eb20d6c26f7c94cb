"""Charts of the values of the report: bars, histograms, roses, and lines over the frames of a clip."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..fit.fit_test import FitTest
from ..measured.comparison import Comparison, FeatureGap
from ..measured.features import Feature
from ..measured.images import ImageStatistics
from ..measured.pairs import PairStatistics
from ..measured.quantiles import Quantiles
from ..proposals import Proposals
from ..words import number, spaced
from .svg import ACCENT, GREY, NEUTRAL, RULE, SECOND, Chart, Number, Plot, label, motion_colour

OUTSIDE = "url(#outside)"
# Name, colour, found, expected by the rules (None if they define nothing).
Bar = tuple[str, str, float | int, float | int | None]


def feature_chart(feature: Feature) -> Chart:
    """A rose of directions, or a histogram."""
    is_round = feature.unit == "deg" and (feature.edges[0], feature.edges[-1]) == (0.0, 360.0)
    return rose(feature) if is_round else histogram(feature)


def histogram(feature: Feature) -> Chart:
    """Bars, the bounds (dashed) and the distribution (stepped line) of the rules, and quantiles."""
    edges, counts = np.array(feature.edges), np.array(feature.counts, dtype=np.float64)
    density = counts / np.diff(edges)
    expected = None
    if feature.rule_cdf is not None:
        expected = feature.n * np.diff(feature.rule_cdf) / np.diff(edges)
    top = max(density.max(initial=0.0), 0.0 if expected is None else expected.max()) or 1.0
    plot = Plot(x=(edges[0], edges[-1]), y=(0.0, top))
    colour = motion_colour(feature.motion)
    parts = [
        plot.bar(low, high, height, OUTSIDE if _is_outside(feature, low, high) else colour)
        for low, high, height in zip(edges[:-1], edges[1:], density, strict=True)
        if height > 0
    ]
    parts += [plot.upright(value) for interval in feature.bounds for value in interval]
    if expected is not None:
        parts.append(plot.steps(edges, expected, RULE))
    notes = ("last bar: the top 1 %",) if not feature.bounds and feature.rule_cdf is None else ()
    return _measured(feature, "".join(parts) + plot.x_axis(), notes)


def rose(feature: Feature) -> Chart:
    """A histogram of directions around the subject, from above; the circle is the rules' distribution."""
    edges, counts = np.radians(feature.edges), np.array(feature.counts, dtype=np.float64)
    expected = feature.n / (2 * np.pi)
    radius = np.sqrt(counts / np.diff(edges) / expected)
    scale, cx, cy = 58.0 / max(1.25, radius.max(initial=1.0)), 150.0, 75.0
    parts = []
    for low, high, r in zip(edges[:-1], edges[1:], radius * scale, strict=True):
        at = [(cx + r * np.cos(a), cy - r * np.sin(a)) for a in np.linspace(low, high, 4)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(cx, cy), *at])
        parts.append(f'<polygon points="{points}" fill="{NEUTRAL}" stroke="#fff" stroke-width=".7"/>')
    circle = f'cx="{cx:g}" cy="{cy:g}" r="{scale:.1f}" fill="none" stroke="{RULE}" stroke-width="1.4"'
    parts.append(f"<circle {circle}/>")
    reach = 66.0
    for text, x, y in (
        ("0° +X", reach, 3.5),
        ("90°", 0, -reach + 2),
        ("180°", -reach, 3.5),
        ("270°", 0, reach + 6),
    ):
        anchor = "start" if x > 0 else "end" if x < 0 else "middle"
        parts.append(label(cx + x, cy + y, text, anchor))
    return _measured(feature, "".join(parts), ("area is proportional to the count; circle: the rules",))


def _is_outside(feature: Feature, low: float, high: float) -> bool:
    return bool(feature.bounds) and all(high <= a or low >= b for a, b in feature.bounds)


def _measured(feature: Feature, drawing: str, notes: tuple[str, ...]) -> Chart:
    least, _, middle, _, most = (number(value) for value in feature.quantiles)
    unit = f" {feature.unit}" if feature.unit not in ("", "x distance") else ""
    if feature.largest_gap is not None:
        notes = (*notes, f"D {feature.largest_gap:.3f}")
    return Chart(
        name=feature.name,
        title=feature.title,
        drawing=drawing,
        n=feature.n,
        unit=feature.sampled_per,
        notes=notes,
        summary=f"min {least}, median {middle}, max {most}{unit}",
        inferred=feature.inferred,
    )


def bars(
    name: str, title: str, rows: Sequence[Bar], *, n: int, unit: str, notes: Sequence[str] = ()
) -> Chart:
    """Horizontal bars; a vertical line is what the rules expect."""
    top = max([found for *_, found, _ in rows] + [expected or 0 for *_, expected in rows] + [1])
    longest = max((len(text) for text, *_ in rows), default=0)
    left = min(max(92.0, 6.2 * longest + 8), 150.0)
    plot = Plot(x=(0.0, float(top)), left=left, right=52.0)
    parts = []
    for index, (text, colour, found, expected) in enumerate(rows):
        y = 3 + 21 * index
        parts.append(label(left - 7, y + 11, spaced(text), "end"))
        parts.append(_bar(plot, found, y, 14, colour))
        if expected is not None:
            parts.append(_line(plot.px(expected), y - 2.5, 19))
        parts.append(label(plot.px(max(found, expected or 0)) + 6, y + 11, number(found), "start"))
    size = (300.0, max(21.0 * len(rows) + 2, 40.0))
    drawing = "".join(parts)
    return Chart(name=name, title=title, drawing=drawing, n=n, unit=unit, notes=tuple(notes), size=size)


def proposals(found: dict[str, Proposals]) -> Iterator[Chart]:
    """Accepted and proposed paths of each motion; nothing if every path was its first proposal."""
    proposed = sum(one.proposed for one in found.values())
    accepted = sum(one.accepted for one in found.values())
    if proposed == accepted:
        return
    longest = max(one.proposed for one in found.values())
    plot = Plot(x=(0.0, float(max(longest, 1))), left=92.0, right=84.0)
    parts = []
    for index, (motion, one) in enumerate(found.items()):
        y = 3 + 21 * index
        parts.append(label(plot.left - 7, y + 11, spaced(motion), "end"))
        parts.append(_bar(plot, one.proposed, y, 14, GREY))
        parts.append(_bar(plot, one.accepted, y, 14, motion_colour(motion)))
        text = f"{one.accepted / max(one.proposed, 1):.0%} of {number(one.proposed)}"
        parts.append(label(plot.px(one.proposed) + 6, y + 11, text, "start"))
    yield Chart(
        name="proposals",
        title="Accepted and proposed paths",
        drawing="".join(parts),
        n=proposed,
        unit="proposed path",
        notes=("colour: accepted", "grey: sampled again, or kept although invalid"),
        size=(300.0, 21.0 * len(found) + 2),
    )


def overlap(pairs: PairStatistics) -> Iterator[Chart]:
    """How much of their views two cameras share, over the clip."""
    frames, spread = pairs.frames, np.array(pairs.overlap_quantiles).reshape(-1, 5).T
    if not frames:
        return
    plot = Plot(x=(float(frames[0]), float(max(frames[-1], frames[0] + 1))), left=36.0, right=78.0)
    drawing = (
        plot.y_axis((0.0, 0.5, 1.0), ("0", "50 %", "100 %"))
        + plot.band(frames, spread[0], spread[4], ACCENT, opacity=0.14)
        + plot.band(frames, spread[1], spread[3], ACCENT, opacity=0.22)
        + plot.line(frames, pairs.overlap_mean, ACCENT, width=2.2)
        + plot.line(frames, pairs.subject_seen_by_both, SECOND, more='stroke-dasharray="5 3"')
        + plot.x_axis()
        + plot.end_labels(
            [
                (pairs.overlap_mean[-1], "mean overlap", ACCENT),
                (pairs.subject_seen_by_both[-1], "see subject", SECOND),
            ]
        )
    )
    yield Chart(
        name="pair_overlap",
        title="Overlap of two cameras' views",
        drawing=drawing,
        n=pairs.n_rigs,
        unit="rig",
        notes=(
            "all pairs, by frame",
            "bands: 5 to 95 % and 25 to 75 %",
            "dashed: both have the subject in the image",
        ),
    )


def always_in_image(image: ImageStatistics, clips: int) -> Chart:
    """Share of the clips of each motion with the subject in all images."""
    rows: list[Bar] = [
        (motion, motion_colour(motion), round(100 * share, 1), None)
        for motion, share in image.always_in_image_share.items()
    ]
    outside = f"{image.outside / max(image.poses, 1):.1%} of poses have it outside"
    notes = ("share of clips with the subject in all images, %", outside)
    return bars("always_in_image", "Subject always in the image", rows, n=clips, unit="clip", notes=notes)


def gaps(comparison: Comparison, features: Sequence[Feature]) -> Chart:
    """Distance between two sets for each quantity; bars are relative to the first set's 5 to 95 % range."""
    spread = {feature.name: feature.quantiles[3] - feature.quantiles[1] for feature in features}
    shares = {
        gap.name: gap.wasserstein / spread[gap.name] for gap in comparison.features if spread.get(gap.name)
    }
    ordered = sorted(comparison.features, key=lambda gap: -shares.get(gap.name, 0.0))
    step, width = 19.0, 900.0
    plot = Plot(x=(0.0, max([0.2, *shares.values()])), left=285.0, right=350.0, width=width)
    parts = [_gap(gap, shares.get(gap.name), plot, 4 + step * i) for i, gap in enumerate(ordered)]
    return Chart(
        name="gaps",
        title="Distance between the sets, by quantity",
        drawing="".join(parts),
        n=comparison.clips_a + comparison.clips_b,
        unit="clip",
        notes=(
            f"{comparison.clips_a:,} and {comparison.clips_b:,}",
            "bars and %: Wasserstein distance over the first set's 5 to 95 % range",
        ),
        size=(width, step * len(ordered) + 6),
    )


def _gap(gap: FeatureGap, share: float | None, plot: Plot, y: float) -> str:
    text = y + 11
    unit = gap.unit.replace("x distance", "× distance")
    parts = [label(plot.left - 10, text, gap.title, "end", ' class="strong"')]
    if share is not None:
        parts.append(_bar(plot, share, y, 13, ACCENT))
        parts.append(label(plot.px(share) + 6, text, f"{100 * share:.1f} %", "start"))
    parts.append(label(640, text, f"{number(gap.wasserstein)} {unit}", "start", ' class="strong"'))
    parts.append(label(765, text, f"median {number(gap.median_a)} → {number(gap.median_b)}", "start"))
    return "".join(parts)


def quantile_box(values: Quantiles) -> str:
    """5, 25, 50, 75 and 95 % of a quantity, as a box on a line."""
    low, high = values[0], values[4] if values[4] > values[0] else values[0] + 1
    plot = Plot(x=(low, high), width=240.0, height=46.0, left=20.0, right=20.0)
    middle = 14.0
    box = f'width="{max(plot.px(values[3]) - plot.px(values[1]), 1):.1f}" height="14" fill="{GREY}"'
    at = "".join(label(plot.px(v), 40.0, f"{number(v)}", "middle") for v in (values[0], values[2], values[4]))
    return (
        f'<path d="M{plot.px(low):.1f} {middle}H{plot.px(values[4]):.1f}" stroke="{NEUTRAL}"/>'
        f'<rect x="{plot.px(values[1]):.1f}" y="{middle - 7}" {box}/>'
        + _line(plot.px(values[2]), middle - 8, 16)
        + at
    )


def effect_bar(test: FitTest) -> str:
    """The effect of a test as a bar; line: the largest allowed; ring: the smallest detectable."""
    full = 2.5 * test.largest_effect_allowed or 1.5 * test.effect or 1.0
    plot = Plot(x=(0.0, full), width=106.0, left=2.0, right=8.0)
    effect, allowed = (min(value, full) for value in (test.effect, test.largest_effect_allowed))
    fill = SECOND if test.verdict == "fail" else NEUTRAL
    parts = [
        _bar(plot, full, 4, 8, "#eef1f6"),
        _bar(plot, effect, 4, 8, fill),
        _line(plot.px(allowed), 1, 14),
    ]
    if test.effect > full:
        parts.append(f'<path d="M101 3l5 5-5 5z" fill="{fill}"/>')
    if test.detectable_effect <= full:
        ring = f'cx="{plot.px(test.detectable_effect):.1f}" cy="8" r="2.6"'
        parts.append(f'<circle {ring} fill="#fff" stroke="{RULE}"/>')
    return "".join(parts)


def _bar(plot: Plot, value: Number, y: Number, height: Number, colour: str) -> str:
    """A horizontal bar from 0."""
    if not value:
        return ""
    size = f'width="{max(plot.px(value) - plot.left, 0.8):.1f}" height="{height:g}" rx="2"'
    return f'<rect x="{plot.left:g}" y="{y:g}" {size} fill="{colour}"/>'


def _line(x: float, y: Number, height: Number) -> str:
    """A vertical line."""
    return f'<path d="M{x:.1f} {y:g}v{height:g}" stroke="{RULE}" stroke-width="1.6"/>'
