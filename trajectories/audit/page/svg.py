"""Charts as inline SVG: the scales of a plot, its marks, and the card that always states n."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Any

import numpy as np

from ...sampling.rules import Range

# Okabe and Ito's palette, which is safe for all common colour blindness; one colour per motion.
MOTION_COLOURS = {
    "pan": "#d98a00",
    "tilt": "#3a9fd8",
    "pan_tilt": "#8a8a00",
    "translation": "#009e73",
    "arc": "#0062a3",
    "random": "#d55e00",
    "static": "#b5649a",
    "roll": "#6a51a3",
    "zoom": "#c2185b",
    "dolly_zoom": "#7b3f00",
}
NEUTRAL, RULE, BOUND, GREY = "#7d8ca3", "#1a2230", "#c0262d", "#c9d1dc"
ACCENT, SECOND = "#1f4e8c", "#a6330a"
# Light to dark, even in lightness.
RAMP = ("#e6edf6", "#c3d4e9", "#9cb9da", "#729bc8", "#4a7cb3", "#2a5e9b", "#154480", "#082c5e")
Number = float | int
Numbers = Sequence[Number] | np.ndarray


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A card with a drawing.

    Attributes:
        drawing: SVG elements.
        n, unit: how many of what it shows.
        notes: remarks after n.
        summary: a second line under the drawing.
        inferred: the rules behind it that are our interpretation of the paper.
        size: width and height of the drawing.
    """

    name: str
    title: str
    drawing: str
    n: int
    unit: str
    notes: tuple[str, ...] = ()
    summary: str = ""
    inferred: Sequence[str] = ()
    size: tuple[float, float] = (300.0, 150.0)


def motion_colour(motion: str | None) -> str:
    """The colour of a motion; a finer motion (``arc_chord``) has that of its family."""
    name = motion or ""
    return MOTION_COLOURS.get(name) or MOTION_COLOURS.get(name.split("_")[0], NEUTRAL)


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A drawing area with a horizontal and a vertical scale; y increases upwards."""

    x: Range
    y: Range = (0.0, 1.0)
    width: float = 300.0
    height: float = 150.0
    left: float = 8.0
    right: float = 8.0
    top: float = 12.0
    bottom: float = 22.0

    def px(self, value: Number | np.ndarray) -> Any:
        """Horizontal position of a value, or of each value of an array."""
        share = (value - self.x[0]) / (self.x[1] - self.x[0])
        return self.left + share * (self.width - self.left - self.right)

    def py(self, value: Number | np.ndarray) -> Any:
        """Vertical position of a value, or of each value of an array."""
        share = (value - self.y[0]) / (self.y[1] - self.y[0])
        return self.height - self.bottom - share * (self.height - self.top - self.bottom)

    def bar(self, low: float, high: float, value: float, fill: str) -> str:
        """A bar from the lower end of y up to ``value``."""
        left, top = self.px(low), self.py(value)
        width = max(self.px(high) - left - 1, 0.5)
        size = f'width="{width:.1f}" height="{self.height - self.bottom - top:.1f}"'
        return f'<rect x="{left + 0.5:.1f}" y="{top:.1f}" {size} fill="{fill}"/>'

    def line(self, xs: Numbers, ys: Numbers, colour: str, *, width: float = 1.6, more: str = "") -> str:
        """A polyline through points."""
        stroke = f'stroke="{colour}" stroke-width="{width:g}"'
        points = " ".join(self._points(xs, ys))
        return f'<polyline points="{points}" fill="none" {stroke} stroke-linejoin="round" {more}/>'

    def steps(self, edges: Numbers, values: Numbers, colour: str) -> str:
        """One level per bin."""
        xs = [x for pair in pairwise(edges) for x in pair]
        return self.line(xs, [y for y in values for _ in range(2)], colour, width=1.4)

    def band(self, xs: Numbers, low: Numbers, high: Numbers, colour: str, *, opacity: float) -> str:
        """The area between two lines."""
        points = " ".join([*self._points(xs, low), *reversed(self._points(xs, high))])
        return f'<polygon points="{points}" fill="{colour}" fill-opacity="{opacity:g}"/>'

    def _points(self, xs: Numbers, ys: Numbers) -> list[str]:
        places = zip(self.px(np.asarray(xs)), self.py(np.asarray(ys)), strict=True)
        return [f"{x:.1f},{y:.1f}" for x, y in places]

    def across(self, value: float, colour: str = GREY, *, dash: str = "") -> str:
        """A horizontal line over the entire width."""
        ends = f'x1="{self.left:g}" x2="{self.width - self.right:g}"'
        return f'<line {ends} {_both("y", self.py(value))} stroke="{colour}" stroke-dasharray="{dash}"/>'

    def upright(self, value: float, colour: str = BOUND, *, dash: str = "4 3") -> str:
        """A vertical line, a little taller than the bars."""
        ends = f'y1="{self.top - 6:g}" y2="{self.height - self.bottom:g}"'
        stroke = f'stroke="{colour}" stroke-width="1.2" stroke-dasharray="{dash}"'
        return f"<line {_both('x', self.px(value))} {ends} {stroke}/>"

    def x_axis(self, at: Numbers | None = None) -> str:
        """The base line with round values."""
        y = self.height - self.bottom
        ends = f'x1="{self.left:g}" x2="{self.width - self.right:g}"'
        parts = [f'<line {ends} {_both("y", y)} stroke="#aab4c3"/>']
        for value in ticks(*self.x) if at is None else at:
            x = self.px(value)
            is_last = x > self.width - self.right - 12
            anchor = "start" if x < self.left + 8 else "end" if is_last else "middle"
            parts.append(f'<line {_both("x", x)} y1="{y:g}" y2="{y + 4:g}" stroke="#aab4c3"/>')
            parts.append(label(x, self.height - 6, f"{value:g}", anchor))
        return "".join(parts)

    def y_axis(self, at: Numbers, texts: Sequence[str]) -> str:
        """Horizontal lines with their values on the left."""
        return "".join(
            self.across(value) + label(self.left - 4, self.py(value) + 3.5, text, "end")
            for value, text in zip(at, texts, strict=True)
        )

    def end_labels(self, ends: Sequence[tuple[float, str, str]]) -> str:
        """Names (y, name, colour) at the right ends of lines, without overlap."""
        parts, last = [], -1e9
        for y, name, colour in sorted(ends, reverse=True):
            last = max(self.py(y) + 3.5, last + 10.5)
            parts.append(label(self.width - self.right + 4, last, name, "start", f' style="fill:{colour}"'))
        return "".join(parts)


def label(x: Number, y: Number, text: str, anchor: str = "middle", more: str = "") -> str:
    """A text."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(text)}</text>'


def dots(
    points: Sequence[tuple[float, float]], colour: str, *, size: float = 3.4, opacity: float = 0.45
) -> str:
    """Round dots at positions of the drawing, as one path."""
    path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
    stroke = f'stroke="{colour}" stroke-width="{size:g}" stroke-opacity="{opacity:g}" stroke-linecap="round"'
    return f'<path d="{path}" {stroke}/>'


def ticks(low: float, high: float) -> list[float]:
    """Five or six round values between two ends."""
    rough = (high - low) / 5
    power = 10.0 ** np.floor(np.log10(rough))
    step = power * min((1, 2, 2.5, 5, 10), key=lambda m: abs(np.log(m * power / rough)))
    if (low, high) == (0.0, 360.0):
        step = 90.0
    first = np.ceil(low / step - 1e-9)
    return [round(float(k * step), 10) + 0.0 for k in np.arange(first, np.floor(high / step + 1e-9) + 1)]


def _both(axis: str, value: float) -> str:
    return f'{axis}1="{value:.1f}" {axis}2="{value:.1f}"'
