"""Charts of the audit page as inline SVG."""

from collections.abc import Callable
from html import escape

import numpy as np
from jaxtyping import Float

from .audit import AuditReport
from .features import Feature

# Okabe and Ito's palette, told apart with every common colour blindness; fixed for each motion.
MOTION_COLOURS = {
    "pan": "#d98a00",
    "tilt": "#3a9fd8",
    "pan_tilt": "#8a8a00",
    "translation": "#009e73",
    "arc": "#0062a3",
    "random": "#d55e00",
    "static": "#b5649a",
}
_NEUTRAL, _LAW, _OUT = "#7d8ca3", "#1a2230", "#c0262d"
_WIDTH, _HEIGHT = 300.0, 150.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 8.0, 8.0, 12.0, 22.0
_MOST_DOTS = 1500


def histogram(feature: Feature) -> str:
    """A figure: bars, the rules' bounds (dashed) and law (stepped line), and the figures beneath."""
    edges, counts = np.array(feature.edges), np.array(feature.counts, dtype=np.float64)
    density = counts / np.diff(edges)
    law = None
    if feature.rule_cdf is not None:
        law = feature.n * np.diff(feature.rule_cdf) / np.diff(edges)
    top = max(density.max(), 0.0 if law is None else law.max()) or 1.0
    x = _scale(edges[0], edges[-1], _LEFT, _WIDTH - _RIGHT)
    y = _scale(0.0, top, _HEIGHT - _BOTTOM, _TOP)
    colour = MOTION_COLOURS.get(feature.motion or "", _NEUTRAL)
    parts = [
        _bar(x(low), x(high), y(height), _bar_colour(feature, low, high, colour))
        for low, high, height in zip(edges[:-1], edges[1:], density, strict=True)
        if height > 0
    ]
    parts += [_bound(x(value)) for interval in feature.bounds for value in interval]
    if law is not None:
        steps = [
            f"{x(a):.1f},{y(v):.1f} {x(b):.1f},{y(v):.1f}"
            for a, b, v in zip(edges, edges[1:], law, strict=False)
        ]
        parts.append(f'<polyline points="{" ".join(steps)}" fill="none" stroke="{_LAW}" stroke-width="1.4"/>')
    parts += [_tick(x(value), value) for value in _ticks(edges[0], edges[-1])]
    parts.append(_axis())
    return _figure(feature, "".join(parts))


def _bar_colour(feature: Feature, low: float, high: float, colour: str) -> str:
    """Red where a bar lies outside every allowed interval."""
    is_outside = feature.bounds and all(high <= a or low >= b for a, b in feature.bounds)
    return _OUT if is_outside else colour


def _figure(feature: Feature, drawing: str) -> str:
    least, _, middle, _, most = (f"{value:.3g}" for value in feature.quantiles)
    unit = f" {feature.unit}" if feature.unit not in ("", "x distance") else ""
    more = "" if feature.bounds else " · last bar: the top 1 %"
    gap = "" if feature.largest_gap is None else f" · gap to the law {feature.largest_gap:.3f}"
    badge = (
        f' <span class="badge" title="{", ".join(feature.inferred)}">inferred</span>'
        if feature.inferred
        else ""
    )
    title = escape(feature.title)
    per = f"{feature.n:,} {feature.sampled_per}{'s' if feature.n != 1 else ''}"
    return (
        f'<figure class="card" data-feature="{feature.name}"><figcaption>{title}{badge}</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-label="{title}">{drawing}</svg>'
        f'<div class="under">n = {per}{gap}{more}<br>'
        f"min {least}, median <b>{middle}</b>, max {most}{unit}</div></figure>"
    )


def motion_bars(report: AuditReport) -> str:
    """Clips of each motion against the rules' expectation, then constant against variable speed."""
    rows = [(name, MOTION_COLOURS.get(name, _NEUTRAL), *pair) for name, pair in report.motions.items()]
    constant, variable = report.counts["constant_speed_clips"], report.counts["variable_speed_clips"]
    paced = constant + variable
    usual = round(report.rules.constant_share * paced)
    speeds = [
        ("constant speed", _NEUTRAL, constant, usual),
        ("variable speed", _NEUTRAL, variable, paced - usual),
    ]
    return _bars("Motion", rows) + _bars("Pace of moving cameras", speeds)


def _bars(title: str, rows: list[tuple[str, str, int, int]]) -> str:
    top = max([found for _, _, found, _ in rows] + [expected for *_, expected in rows] + [1])
    x = _scale(0.0, float(top), 100.0, 500.0)
    parts = []
    for index, (name, colour, found, expected) in enumerate(rows):
        y = 4 + 24 * index
        parts.append(
            f'<text x="92" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
            f'<rect x="100" y="{y}" width="{x(found) - 100:.1f}" height="16" rx="2" fill="{colour}"/>'
            f'<path d="M{x(expected):.1f} {y - 3}v22" stroke="{_LAW}" stroke-width="1.6"/>'
            f'<text x="{x(max(found, expected)) + 7:.1f}" y="{y + 12}">{found:,}</text>'
        )
    height = 24 * len(rows) + 4
    return (
        f'<figure class="card"><figcaption>{title}</figcaption>'
        f'<svg viewBox="0 0 560 {height}" role="img" aria-label="{title}">{"".join(parts)}</svg></figure>'
    )


def start_map(offsets_m: Float[np.ndarray, "starts 3"], radius_m: tuple[float, float], *, starts: int) -> str:
    """Starts seen from above, subject in the middle, circles at the rules' distances."""
    reach = max(radius_m[1], float(np.abs(offsets_m[:, :2]).max(initial=0.0))) * 1.08
    scale, middle = 74.0 / reach, _WIDTH / 2
    rings = [radius_m[0], radius_m[1] / 2, radius_m[1]]
    parts = [
        f'<circle cx="{middle:g}" cy="75" r="{r * scale:.1f}" fill="none" stroke="#c3ccd9"/>' for r in rings
    ]
    parts.append('<g fill="#1f4e8c">')
    parts += [
        f'<circle cx="{middle + x * scale:.1f}" cy="{75 - y * scale:.1f}" r="1.8" fill-opacity=".45"/>'
        for x, y, _ in offsets_m[:_MOST_DOTS]
    ]
    parts.append(f'</g><text x="{middle + radius_m[1] * scale + 4:.1f}" y="71">{radius_m[1]:g} m</text>')
    parts.append(f'<path d="M{middle - 5:g} 75h10m-5 -5v10" stroke="{_OUT}" stroke-width="2"/>')
    shown = min(starts, _MOST_DOTS)
    return (
        '<figure class="card" data-feature="start_map"><figcaption>Starts seen from above</figcaption>'
        f'<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-label="Starts seen from above">'
        f"{''.join(parts)}</svg>"
        f'<div class="under">{shown:,} of {starts:,} starts · world +X to the right, +Y up</div></figure>'
    )


def _scale(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    return lambda value: first + (value - low) / (high - low) * (last - first)


def _bar(left: float, right: float, top: float, colour: str) -> str:
    height = _HEIGHT - _BOTTOM - top
    width = max(right - left - 1, 0.5)
    box = f'x="{left + 0.5:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect {box} fill="{colour}"/>'


def _bound(x: float) -> str:
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6:g}" y2="{_HEIGHT - _BOTTOM:g}" '
        f'stroke="{_OUT}" stroke-width="1.2" stroke-dasharray="4 3"/>'
    )


def _axis() -> str:
    y = _HEIGHT - _BOTTOM
    return f'<line x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{y:g}" y2="{y:g}" stroke="#aab4c3"/>'


def _tick(x: float, value: float) -> str:
    anchor = "start" if x < _LEFT + 8 else "end" if x > _WIDTH - _RIGHT - 8 else "middle"
    y = _HEIGHT - _BOTTOM
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y:g}" y2="{y + 4:g}" stroke="#aab4c3"/>'
        f'<text x="{x:.1f}" y="{_HEIGHT - 6:g}" text-anchor="{anchor}">{value:g}</text>'
    )


def _ticks(low: float, high: float) -> list[float]:
    """Round values between two ends, five or six of them."""
    rough = (high - low) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min((1, 2, 2.5, 5, 10), key=lambda m: abs(np.log(m * power / rough)))
    if (low, high) == (0.0, 360.0):
        step = 90.0
    first = np.ceil(low / step - 1e-9)
    return [round(float(k * step), 10) + 0.0 for k in np.arange(first, np.floor(high / step + 1e-9) + 1)]
