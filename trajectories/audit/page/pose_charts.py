"""Charts of poses: where cameras start, how their speed changes, and what they keep in the image."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from ...sampling.rules import Range
from ...speed import speed_curve
from ..measured.quantiles import QUANTILES
from ..words import spaced
from .shown_clips import ShownClips
from .svg import ACCENT, BOUND, GREY, RAMP, RULE, Chart, Plot, dots, label, motion_colour

_MOST_DOTS = 1500
_MOST_CURVES = 60
_MOST_CAMERAS = 20
# The map shows this much around the image centre, in half images.
_BEYOND = 1.75
_MAP_CELLS = (56, 36)
_SLOWS, _SPEEDS_UP = "#0062a3", "#d55e00"
_DASHED = f'fill="none" stroke="{BOUND}" stroke-width="1.2" stroke-dasharray="4 3"'
_SHARES = ((0.0, 0.5, 1.0), ("0", "50 %", "100 %"))


def start_maps(shown: ShownClips, radius_m: Range | None, elevation_deg: Range | None) -> Iterator[Chart]:
    """Starts from above and from the side; a cross is the subject, dashed lines are the rules' bounds."""
    starts = shown.clips.rows(shown.starts)
    offsets_m = starts.poses.position_m[:, 0] - starts["subject_m"]
    offsets_m = offsets_m[np.isfinite(offsets_m).all(axis=1)][:_MOST_DOTS]
    if not len(offsets_m):
        return
    farthest_m = 1.04 * float(np.linalg.norm(offsets_m, axis=-1).max(initial=0.5))
    reach_m = max(farthest_m, radius_m[1] if radius_m else 0.0)
    yield Chart(
        name="start_above",
        title="Starts from above",
        drawing=_from_above(offsets_m, reach_m, radius_m or (reach_m,)),
        n=len(offsets_m),
        unit=shown.start_unit,
        notes=("world +X right, +Y up",),
    )
    yield Chart(
        name="start_side",
        title="Starts from the side",
        drawing=_from_the_side(offsets_m, reach_m, radius_m, elevation_deg),
        n=len(offsets_m),
        unit=shown.start_unit,
        notes=("horizontal distance and height",),
    )


def _from_above(offsets_m: Float[np.ndarray, "starts 3"], reach_m: float, rings_m: tuple[float, ...]) -> str:
    scale, x0, y0 = 72.0 / reach_m, 150.0, 75.0
    rings = [f'<circle cx="{x0:g}" cy="{y0:g}" r="{r * scale:.1f}" {_DASHED}/>' for r in rings_m]
    points = [(x0 + x * scale, y0 - y * scale) for x, y, _ in offsets_m]
    outer = rings_m[-1]
    name = label(x0 + 0.72 * outer * scale + 4, y0 + 0.72 * outer * scale, f"{outer:.3g} m", "start")
    return "".join(rings) + dots(points, ACCENT) + _cross(x0, y0) + name


def _from_the_side(
    offsets_m: Float[np.ndarray, "starts 3"],
    reach_m: float,
    radius_m: Range | None,
    elevation_deg: Range | None,
) -> str:
    level_m, height_m = np.linalg.norm(offsets_m[:, :2], axis=-1), offsets_m[:, 2]
    lowest = min(0.0, float(height_m.min(initial=0.0)))
    highest = max(0.72 * reach_m, float(height_m.max(initial=0.0)))
    scale = min(130.0 / (highest - lowest), 262.0 / reach_m)
    x0, y0 = max(14.0, 146.0 - reach_m * scale / 2), 140.0 + lowest * scale

    def at(r: float, angle: float) -> tuple[float, float]:
        return x0 + scale * r * np.cos(angle), y0 - scale * r * np.sin(angle)

    parts = [f'<path d="M8 {y0:.1f}H292" stroke="{GREY}"/>']
    if radius_m and elevation_deg:
        low, high = np.radians(elevation_deg)
        for r in radius_m:
            arc = " ".join("{:.1f},{:.1f}".format(*at(r, a)) for a in np.linspace(low, high, 13))
            parts.append(f'<polyline points="{arc}" {_DASHED}/>')
        for angle in (low, high):
            (x, y), (u, v) = (at(r, angle) for r in radius_m)
            parts.append(f'<path d="M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}" {_DASHED}/>')
            parts.append(label(u + 5, v + 3, f"{np.degrees(angle):.3g}°", "start"))
        parts.append(label(at(radius_m[1], low)[0] - 2, y0 + 9.5, f"{radius_m[1]:.3g} m", "end"))
    points = [(x0 + scale * x, y0 - scale * y) for x, y in zip(level_m, height_m, strict=True)]
    return "".join(parts) + dots(points, ACCENT) + _cross(x0, y0)


def _cross(x: float, y: float) -> str:
    return f'<path d="M{x - 5:.1f} {y:.1f}h10m-5 -5v10" stroke="{BOUND}" stroke-width="2"/>'


def speed_fan(shown: ShownClips) -> Iterator[Chart]:
    """Progress over time of cameras of variable speed, according to their columns."""
    speed_a = shown.clips["speed_a"][shown.clips["speed_class"] == "variable"]
    found = np.unique(speed_a[np.isfinite(speed_a)].round(3))
    if not len(found):
        return
    chosen = np.unique(np.linspace(0, len(found) - 1, _MOST_CURVES).round().astype(int))
    plot = Plot(x=(0.0, 1.0), left=36.0, right=72.0)
    time = np.linspace(0.0, 1.0, 25)
    curves = speed_curve(np.tile(time, (len(chosen), 1)), found[chosen, None])
    parts = [plot.y_axis(*_SHARES)]
    for a, curve in zip(found[chosen], curves, strict=True):
        colour = _SLOWS if a > 0 else _SPEEDS_UP
        parts.append(plot.line(time, curve, colour, width=1.0, more='stroke-opacity=".55"'))
    parts.append(plot.line(time, time, RULE, more='stroke-dasharray="5 3"'))
    right = plot.px(1.0) + 4
    parts.append(label(right, plot.py(0.88), "slows down", "start", f' style="fill:{_SLOWS}"'))
    parts.append(label(right, plot.py(0.5), "constant", "start"))
    parts.append(label(right, plot.py(0.1), "speeds up", "start", f' style="fill:{_SPEEDS_UP}"'))
    yield Chart(
        name="speed_fan",
        title="Speed curves",
        drawing="".join(parts) + plot.x_axis((0.0, 0.5, 1.0)),
        n=len(speed_a),
        unit="variable camera",
        notes=(f"{len(chosen)} curves shown: share of the move over share of the clip",),
    )


def subject_map(shown: ShownClips) -> Iterator[Chart]:
    """Where the subject is in the images, over all frames; darker is more frequent."""
    x, y = np.moveaxis(shown.subject_in_image[shown.is_known].reshape(-1, 2), -1, 0)
    if not len(x):
        return
    inside = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < _BEYOND) & (np.abs(y) < _BEYOND)
    ends = [[-_BEYOND, _BEYOND]] * 2
    count, _, _ = np.histogram2d(x[inside], y[inside], bins=_MAP_CELLS, range=ends)
    share = np.log1p(count) / (np.log1p(count.max(initial=0.0)) or 1.0)
    level = np.ceil(len(RAMP) * share).astype(int)
    width, height, left, top = 232.0, 142.0, 34.0, 4.0
    w, h = width / _MAP_CELLS[0], height / _MAP_CELLS[1]
    cell = f"h{w + 0.2:.1f}v{h + 0.2:.1f}h-{w + 0.2:.1f}z"
    parts = [f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#fff" stroke="{GREY}"/>']
    for shade, colour in enumerate(RAMP, start=1):
        cells = np.argwhere(level == shade)
        path = "".join(f"M{left + i * w:.1f} {top + height - (j + 1) * h:.1f}{cell}" for i, j in cells)
        parts.append(f'<path d="{path}" fill="{colour}"/>')
    image_width, image_height = width / _BEYOND, height / _BEYOND
    corner = f'x="{left + (width - image_width) / 2:.1f}" y="{top + (height - image_height) / 2:.1f}"'
    size = f'width="{image_width:.1f}" height="{image_height:.1f}"'
    parts.append(f'<rect {corner} {size} fill="none" stroke="{RULE}" stroke-width="1.4"/>')
    beyond = f"{100 * (1 - inside.mean()):.1f} % are outside of this map"
    yield Chart(
        name="subject_map",
        title="Subject in the image",
        drawing="".join(parts),
        n=int(shown.is_known.sum()),
        unit="camera",
        notes=("all frames", "frame: the edges of the image", beyond),
    )


def in_image(shown: ShownClips) -> Iterator[Chart]:
    """Share of the cameras of each motion with the subject in the image, over the clip."""
    if not shown.is_known.any():
        return
    seen = (np.abs(shown.subject_in_image) <= 1).all(axis=-1)[shown.is_known]
    frames = np.arange(seen.shape[1], dtype=np.float64)
    every = max(1, len(frames) // 60)
    plot = Plot(x=(0.0, max(1.0, float(frames[-1]))), left=36.0, right=64.0)
    motions = shown.clips["motion"][shown.is_known]
    parts, ends = [plot.y_axis(*_SHARES)], []
    for motion in dict.fromkeys(motions.tolist()):
        share = seen[motions == motion].mean(axis=0)
        parts.append(plot.line(frames[::every], share[::every], motion_colour(motion), width=1.8))
        ends.append((float(share[-1]), spaced(motion), motion_colour(motion)))
    yield Chart(
        name="in_image",
        title="Cameras with the subject in the image",
        drawing="".join(parts) + plot.x_axis() + plot.end_labels(ends),
        n=len(seen),
        unit="camera",
        notes=("share of each motion, by frame",),
    )


def size_over_time(shown: ShownClips) -> Iterator[Chart]:
    """Size of the subject in the image, relative to the first frame."""
    ratio = shown.depth_m[:, :1] / shown.depth_m
    moves = np.isin(shown.clips["motion"], ("translation", "arc", "random"))
    kept = moves & np.isfinite(ratio).all(axis=1)
    frames = np.arange(ratio.shape[1], dtype=np.float64)
    if not kept.any() or len(frames) < 2:
        return
    spread = np.log2(np.quantile(ratio[kept], QUANTILES, axis=0))
    reach = max(1.0, float(np.ceil(np.abs(spread).max())))
    plot = Plot(x=(0.0, float(frames[-1])), y=(-reach, reach), left=36.0)
    steps = np.arange(-reach, reach + 1, max(1.0, reach // 2))
    drawing = (
        plot.y_axis(steps, [f"×{2**v:g}" if v >= 0 else f"1/{2**-v:g}" for v in steps])
        + plot.band(frames, spread[0], spread[4], ACCENT, opacity=0.14)
        + plot.band(frames, spread[1], spread[3], ACCENT, opacity=0.25)
        + plot.line(frames, spread[2], ACCENT, width=2.0)
        + plot.x_axis()
    )
    yield Chart(
        name="subject_size",
        title="Subject size of moving cameras",
        drawing=drawing,
        n=int(kept.sum()),
        unit="camera",
        notes=("relative to frame 0, by frame", "line: median", "bands: 25 to 75 % and 5 to 95 %"),
    )


def slots(shown: ShownClips) -> Iterator[Chart]:
    """Motions of each camera of a rig: columns are cameras, rows motions; darker is more frequent."""
    clips = shown.clips
    cameras = sorted(set(clips["camera"].tolist()))[:_MOST_CAMERAS]
    motions = list(dict.fromkeys(clips["motion"].tolist()))
    if not cameras:
        return
    left, cell, height = 84.0, min(21.0, 210.0 / len(cameras)), 17.0
    size = f'width="{cell - 2:.1f}" height="{height - 2:.1f}" rx="2"'
    parts = [label(left - 7, 27 + j * height, spaced(m), "end") for j, m in enumerate(motions)]
    for i, camera in enumerate(cameras):
        parts.append(label(left + (i + 0.5) * cell, 10.0, camera.removeprefix("cam")))
        of_camera = clips["motion"][clips["camera"] == camera]
        for j, motion in enumerate(motions):
            share = float((of_camera == motion).mean())
            box = f'x="{left + i * cell + 1:.1f}" y="{15 + j * height:.1f}" {size}'
            colour = motion_colour(motion) if share else "#f0f2f6"
            opacity = 0.15 + 0.85 * share if share else 1
            parts.append(f'<rect {box} fill="{colour}" fill-opacity="{opacity:.2f}"/>')
    yield Chart(
        name="slots",
        title="Motion of each camera",
        drawing="".join(parts),
        n=shown.rigs,
        unit="rig",
        notes=("columns: cameras", "full colour: every rig"),
        size=(300.0, 18 + height * len(motions)),
    )
