"""Charts drawn from the poses themselves: where cameras start, how they run, what they keep in picture."""

import numpy as np
from jaxtyping import Float

from ...sampling.rules import Range
from ...speed import speed_curve
from .sample import Sample
from .svg import ACCENT, BOUND, LAW, RAMP, RULE, Plot, dots, figure, label, motion_colour

_MOST_DOTS = 1500
_MOST_CURVES = 60
_MOST_CAMERAS = 20
# The map reaches this far beyond the picture's middle, in half pictures.
_BEYOND = 1.75
_SLOWS, _SPEEDS_UP = "#0062a3", "#d55e00"
_DASHED = f'fill="none" stroke="{BOUND}" stroke-width="1.2" stroke-dasharray="4 3"'
_SHARES = ((0.0, 0.5, 1.0), ("0", "50 %", "100 %"))


def start_maps(sample: Sample, radius_m: Range | None, elevation_deg: Range | None) -> str:
    """Starts from above and from the side, the subject as a cross, dashed lines at the rules' bounds."""
    index = sample.starts
    subject_m = np.array([sample.rows[i].subject_m for i in index]).reshape(-1, 3)
    offsets_m = sample.poses.position_m[index, 0] - subject_m
    offsets_m = offsets_m[np.isfinite(offsets_m).all(axis=1)][:_MOST_DOTS]
    if not len(offsets_m):
        return ""
    farthest_m = 1.04 * float(np.linalg.norm(offsets_m, axis=-1).max(initial=0.5))
    reach_m = max(farthest_m, radius_m[1] if radius_m else 0.0)
    above = figure(
        "start_above",
        "Starts from above",
        _from_above(offsets_m, reach_m, radius_m or (reach_m,)),
        n=len(offsets_m),
        unit=sample.start_unit,
        under="world +X right, +Y up",
    )
    side = figure(
        "start_side",
        "Starts from the side",
        _from_the_side(offsets_m, reach_m, radius_m, elevation_deg),
        n=len(offsets_m),
        unit=sample.start_unit,
        under="level distance against height",
    )
    return above + side


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

    parts = [f'<path d="M8 {y0:.1f}H292" stroke="{RULE}"/>']
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


def speed_fan(sample: Sample) -> str:
    """Progress over time of the cameras of variable speed, as their columns tell it."""
    found = sorted({round(row.speed_a, 3) for row in sample.rows if row.speed_class == "variable"})
    if not found:
        return ""
    chosen = np.unique(np.linspace(0, len(found) - 1, _MOST_CURVES).round().astype(int))
    speeds = np.array([found[i] for i in chosen])
    plot = Plot(x=(0.0, 1.0), left=36.0, right=72.0)
    time = np.linspace(0.0, 1.0, 25)
    curves = speed_curve(np.tile(time, (len(speeds), 1)), speeds[:, None])
    parts = [plot.y_axis(*_SHARES)]
    for speed_a, curve in zip(speeds, curves, strict=True):
        colour = _SLOWS if speed_a > 0 else _SPEEDS_UP
        parts.append(plot.line(time, curve, colour, width=1.0, more='stroke-opacity=".55"'))
    parts.append(plot.line(time, time, LAW, more='stroke-dasharray="5 3"'))
    right = plot.px(1.0) + 4
    parts.append(label(right, plot.py(0.88), "slows", "start", f' style="fill:{_SLOWS}"'))
    parts.append(label(right, plot.py(0.5), "constant", "start"))
    parts.append(label(right, plot.py(0.1), "speeds up", "start", f' style="fill:{_SPEEDS_UP}"'))
    return figure(
        "speed_fan",
        "Speed curves",
        "".join(parts) + plot.x_axis((0.0, 0.5, 1.0)),
        n=sum(row.speed_class == "variable" for row in sample.rows),
        unit="variable camera",
        under=f"{len(speeds)} curves shown: share of the move over share of the clip",
    )


def aim_map(sample: Sample) -> str:
    """Where in the picture the subject's aim point is, over all frames; darker is more often."""
    bins, known = (56, 36), sample.knows_picture
    x, y = sample.aim_x[known].ravel(), sample.aim_y[known].ravel()
    if not len(x):
        return ""
    inside = np.isfinite(x) & np.isfinite(y) & (np.abs(x) < _BEYOND) & (np.abs(y) < _BEYOND)
    count, _, _ = np.histogram2d(x[inside], y[inside], bins=bins, range=[[-_BEYOND, _BEYOND]] * 2)
    share = np.log1p(count) / (np.log1p(count.max(initial=0.0)) or 1.0)
    level = np.ceil(len(RAMP) * share).astype(int)
    width, height, left, top = 232.0, 142.0, 34.0, 4.0
    w, h = width / bins[0], height / bins[1]
    size = f"h{w + 0.2:.1f}v{h + 0.2:.1f}h-{w + 0.2:.1f}z"
    parts = [f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="#fff" stroke="{RULE}"/>']
    for shade, colour in enumerate(RAMP, start=1):
        cells = np.argwhere(level == shade)
        path = "".join(f"M{left + i * w:.1f} {top + height - (j + 1) * h:.1f}{size}" for i, j in cells)
        parts.append(f'<path d="{path}" fill="{colour}"/>')
    fw, fh = width / _BEYOND, height / _BEYOND
    corner = f'x="{left + (width - fw) / 2:.1f}" y="{top + (height - fh) / 2:.1f}"'
    edge = f'width="{fw:.1f}" height="{fh:.1f}" fill="none" stroke="{LAW}" stroke-width="1.4"'
    parts.append(f"<rect {corner} {edge}/>")
    beyond = 100 * (1 - inside.mean())
    under = f"all their frames; frame: the picture's edges; {beyond:.1f} % lie beyond this map"
    title = "The aim point in the picture"
    return figure("aim_map", title, "".join(parts), n=int(known.sum()), unit="camera", under=under)


def in_frame(sample: Sample) -> str:
    """Share of cameras of each motion that have the aim point in picture, over the clip."""
    known = sample.knows_picture
    if not known.any():
        return ""
    seen = ((np.abs(sample.aim_x) <= 1) & (np.abs(sample.aim_y) <= 1))[known]
    frames = np.arange(seen.shape[1], dtype=np.float64)
    every = max(1, len(frames) // 60)
    plot = Plot(x=(0.0, max(1.0, float(frames[-1]))), left=36.0, right=64.0)
    motions = np.array([row.motion for row in sample.rows])[known]
    parts, ends = [plot.y_axis(*_SHARES)], []
    for motion in dict.fromkeys(motions.tolist()):
        share = seen[motions == motion].mean(axis=0)
        parts.append(plot.line(frames[::every], share[::every], motion_colour(motion), width=1.8))
        ends.append((float(share[-1]), motion.replace("_", " "), motion_colour(motion)))
    drawing = "".join(parts) + plot.x_axis() + plot.end_labels(ends)
    under = "share of each motion, by frame"
    return figure("in_frame", "Aim point in picture", drawing, n=len(seen), unit="camera", under=under)


def size_over_time(sample: Sample) -> str:
    """How large the subject becomes, relative to the first frame."""
    ratio = sample.depth_m[:, :1] / sample.depth_m
    moves = np.array([row.motion.split("_")[0] in ("translation", "arc", "random") for row in sample.rows])
    kept = moves & np.isfinite(ratio).all(axis=1)
    frames = np.arange(ratio.shape[1], dtype=np.float64)
    if not kept.any() or len(frames) < 2:
        return ""
    spread = np.log2(np.quantile(ratio[kept], (0.05, 0.25, 0.5, 0.75, 0.95), axis=0))
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
    return figure(
        "subject_size",
        "Subject size of moving cameras",
        drawing,
        n=int(kept.sum()),
        unit="camera",
        under="relative to frame 0, by frame; line: median; bands: 25 to 75 % and 5 to 95 %",
    )


def slots(sample: Sample) -> str:
    """Which motion each camera of a rig does: columns are cameras, rows motions, darker is more often."""
    cameras = sorted({row.camera for row in sample.rows})[:_MOST_CAMERAS]
    motions = list(dict.fromkeys(row.motion for row in sample.rows))
    left, cell, height = 84.0, min(21.0, 210.0 / max(len(cameras), 1)), 17.0
    size = f'width="{cell - 2:.1f}" height="{height - 2:.1f}" rx="2"'
    parts = [label(left - 7, 27 + j * height, m.replace("_", " "), "end") for j, m in enumerate(motions)]
    for i, camera in enumerate(cameras):
        parts.append(label(left + (i + 0.5) * cell, 10.0, camera.removeprefix("cam")))
        done = [row.motion for row in sample.rows if row.camera == camera]
        for j, motion in enumerate(motions):
            share = done.count(motion) / len(done)
            box = f'x="{left + i * cell + 1:.1f}" y="{15 + j * height:.1f}" {size}'
            colour = motion_colour(motion) if share else "#f0f2f6"
            opacity = 0.15 + 0.85 * share if share else 1
            parts.append(f'<rect {box} fill="{colour}" fill-opacity="{opacity:.2f}"/>')
    return figure(
        "slots",
        "Motion of each camera",
        "".join(parts),
        n=sample.rigs,
        unit="rig",
        under="columns: cameras; full colour: every rig",
        size=(300.0, 18 + height * len(motions)),
    )
