"""Charts of what the report counted: bars, histograms, roses, and lines over the frames of a clip."""

from collections.abc import Sequence

import numpy as np

from ..measured.features import Feature
from ..report import Comparison, FeatureGap, ImageStatistics, PairStatistics
from .html import number
from .svg import ACCENT, LAW, NEUTRAL, RULE, SECOND, Plot, figure, label, motion_colour

OUTSIDE = "url(#outside)"
# Name, colour, found, expected by the rules (None: they say nothing).
Bar = tuple[str, str, float | int, float | int | None]


def histogram(feature: Feature, *, shape: str = "") -> str:
    """Bars, the rules' bounds (dashed) and law (stepped line), and the figures beneath."""
    edges, counts = np.array(feature.edges), np.array(feature.counts, dtype=np.float64)
    density = counts / np.diff(edges)
    law = None
    if feature.rule_cdf is not None:
        law = feature.n * np.diff(feature.rule_cdf) / np.diff(edges)
    top = max(density.max(initial=0.0), 0.0 if law is None else law.max()) or 1.0
    plot = Plot(x=(edges[0], edges[-1]), y=(0.0, top))
    colour = motion_colour(feature.motion)
    parts = [
        plot.bar(low, high, height, OUTSIDE if _is_outside(feature, low, high) else colour)
        for low, high, height in zip(edges[:-1], edges[1:], density, strict=True)
        if height > 0
    ]
    parts += [plot.upright(value) for interval in feature.bounds for value in interval]
    if law is not None:
        parts.append(plot.steps(edges, law, LAW))
    return _measured(feature, "".join(parts) + plot.x_axis(), shape=shape)


def rose(feature: Feature) -> str:
    """A histogram of directions around the subject, seen from above; area counts, the circle is the law."""
    edges, counts = np.radians(feature.edges), np.array(feature.counts, dtype=np.float64)
    usual = feature.n / (2 * np.pi)
    radius = np.sqrt(counts / np.diff(edges) / usual)
    scale, cx, cy = 58.0 / max(1.25, radius.max(initial=1.0)), 150.0, 75.0
    parts = []
    for low, high, r in zip(edges[:-1], edges[1:], radius * scale, strict=True):
        at = [(cx + r * np.cos(a), cy - r * np.sin(a)) for a in np.linspace(low, high, 4)]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(cx, cy), *at])
        parts.append(f'<polygon points="{points}" fill="{NEUTRAL}" stroke="#fff" stroke-width=".7"/>')
    parts.append(
        f'<circle cx="{cx:g}" cy="{cy:g}" r="{scale:.1f}" fill="none" stroke="{LAW}" stroke-width="1.4"/>'
    )
    reach = 66.0
    for text, x, y in (
        ("0° +X", reach, 3.5),
        ("90°", 0, -reach + 2),
        ("180°", -reach, 3.5),
        ("270°", 0, reach + 6),
    ):
        anchor = "start" if x > 0 else "end" if x < 0 else "middle"
        parts.append(label(cx + x, cy + y, text, anchor))
    return _measured(feature, "".join(parts), said="area counts; circle: the law")


def _is_outside(feature: Feature, low: float, high: float) -> bool:
    return bool(feature.bounds) and all(high <= a or low >= b for a, b in feature.bounds)


def _measured(feature: Feature, drawing: str, *, said: str = "", shape: str = "") -> str:
    least, _, middle, _, most = (number(value) for value in feature.quantiles)
    unit = f" {feature.unit}" if feature.unit not in ("", "x distance") else ""
    notes = [said] if said else []
    if not feature.bounds and feature.rule_cdf is None:
        notes.append("last bar: the top 1 %")
    if feature.largest_gap is not None:
        notes.append(f"gap to the law {feature.largest_gap:.3f}")
    spread = f"<br>min {least}, median <b>{middle}</b>, max {most}{unit}"
    return figure(
        feature.name,
        feature.title,
        drawing,
        n=feature.n,
        unit=feature.sampled_per,
        under=" · ".join(notes) + spread if notes else spread.removeprefix("<br>"),
        inferred=feature.inferred,
        shape=shape,
    )


def bars(
    name: str, title: str, rows: Sequence[Bar], *, n: int, unit: str, under: str = "", shape: str = ""
) -> str:
    """Level bars; an upright line marks what the rules expect."""
    top = max([found for *_, found, _ in rows] + [expected or 0 for *_, expected in rows] + [1])
    longest = max((len(text) for text, *_ in rows), default=0)
    width, left = 300.0, min(max(92.0, 6.2 * longest + 8), 150.0)
    plot = Plot(x=(0.0, float(top)), left=left, right=52.0)
    parts = []
    for index, (text, colour, found, expected) in enumerate(rows):
        y = 3 + 21 * index
        parts.append(label(left - 7, y + 11, text.replace("_", " "), "end"))
        size = f'width="{plot.px(found) - left:.1f}" height="14" rx="2"'
        parts.append(f'<rect x="{left:g}" y="{y}" {size} fill="{colour}"/>')
        if expected is not None:
            parts.append(
                f'<path d="M{plot.px(expected):.1f} {y - 2.5}v19" stroke="{LAW}" stroke-width="1.6"/>'
            )
        parts.append(label(plot.px(max(found, expected or 0)) + 6, y + 11, number(found), "start"))
    size_px = (width, max(21.0 * len(rows) + 2, 40.0))
    return figure(name, title, "".join(parts), n=n, unit=unit, under=under, size=size_px, shape=shape)


def overlap(pairs: PairStatistics) -> str:
    """How much of their pictures two cameras share, over the clip."""
    frames, spread = pairs.frames, np.array(pairs.overlap_quantiles).reshape(-1, 5).T
    if not frames:
        return ""
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
    under = (
        "all their pairs, by frame; bands: 5 to 95 % and 25 to 75 %; dashed: both have the subject in picture"
    )
    return figure(
        "pair_overlap", "Overlap of two cameras' views", drawing, n=pairs.n_rigs, unit="rig", under=under
    )


def always_in_picture(image: ImageStatistics, clips: int) -> str:
    """Share of clips of each motion that never lose the subject."""
    rows: list[Bar] = [
        (motion, motion_colour(motion), round(100 * share, 1), None)
        for motion, share in image.always_in_frame_share.items()
    ]
    under = (
        f"share that never loses the aim point, %; {image.outside / max(image.poses, 1):.1%} of poses lack it"
    )
    return bars("always_in_picture", "Always in picture", rows, n=clips, unit="clip", under=under)


def gaps(comparison: Comparison, features: Sequence[Feature]) -> str:
    """How far each feature moved between two sets; bars are shares of the first one's spread."""
    spread = {feature.name: feature.quantiles[3] - feature.quantiles[1] for feature in features}
    shares = {
        gap.name: gap.wasserstein / spread[gap.name] for gap in comparison.features if spread.get(gap.name)
    }
    ordered = sorted(comparison.features, key=lambda gap: -shares.get(gap.name, 0.0))
    step, width = 19.0, 900.0
    plot = Plot(x=(0.0, max([0.2, *shares.values()])), left=285.0, right=350.0, width=width)
    parts = [_gap(gap, shares.get(gap.name), plot, 4 + step * i) for i, gap in enumerate(ordered)]
    return figure(
        "gaps",
        "Shift of each feature",
        "".join(parts),
        n=comparison.clips_a + comparison.clips_b,
        unit="clip",
        under=f"{comparison.clips_a:,} against {comparison.clips_b:,}; bars and %: "
        "the shift over the first set's 5 to 95 % range",
        size=(width, step * len(ordered) + 6),
        shape="whole",
    )


def _gap(gap: FeatureGap, share: float | None, plot: Plot, y: float) -> str:
    text = y + 11
    unit = gap.unit.replace("x distance", "× distance")
    parts = [label(plot.left - 10, text, gap.title, "end", ' class="strong"')]
    if share is not None:
        size = f'width="{max(plot.px(share) - plot.left, 1):.1f}" height="13" rx="2"'
        parts.append(f'<rect x="{plot.left:g}" y="{y:g}" {size} fill="{ACCENT}"/>')
        parts.append(label(plot.px(share) + 6, text, f"{100 * share:.1f} %", "start"))
    parts.append(label(640, text, f"{number(gap.wasserstein)} {unit}", "start", ' class="strong"'))
    parts.append(label(765, text, f"median {number(gap.median_a)} → {number(gap.median_b)}", "start"))
    return "".join(parts)


def quantile_box(values: tuple[float, float, float, float, float], unit: str) -> str:
    """5, 25, 50, 75 and 95 % of something, as a small box on its line."""
    low, high = values[0], values[4] if values[4] > values[0] else values[0] + 1
    plot = Plot(x=(low, high), width=240.0, height=46.0, left=20.0, right=20.0)
    middle = 14.0
    box = f'width="{max(plot.px(values[3]) - plot.px(values[1]), 1):.1f}" height="14" fill="{RULE}"'
    at = "".join(label(plot.px(v), 40.0, f"{number(v)}", "middle") for v in (values[0], values[2], values[4]))
    return (
        f'<svg class="box" viewBox="0 0 240 46" role="img" aria-label="quantiles in {unit}">'
        f'<path d="M{plot.px(low):.1f} {middle}H{plot.px(values[4]):.1f}" stroke="{NEUTRAL}"/>'
        f'<rect x="{plot.px(values[1]):.1f}" y="{middle - 7}" {box}/>'
        f'<path d="M{plot.px(values[2]):.1f} {middle - 8}v16" stroke="{LAW}" stroke-width="2"/>{at}</svg>'
    )
