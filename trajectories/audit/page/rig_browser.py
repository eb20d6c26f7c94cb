"""The content of the rig browser: as many rigs as fit, notable ones first."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from multitake.counts import many

from ...clip_table import ClipRow, ClipTable
from ...footage import Footage
from ..findings import Finding
from ..report import AuditReport
from ..words import take_of
from .page_images import PageImages
from .shown_clips import lens_name
from .svg import motion_colour

_PAYLOAD_BYTES = 950_000
_MOST_FRAMES = 121
# Of rigs with errors, so many come before the takes that the page links.
_WRONG_FIRST = 10
# Images of a filmed set: how many rigs have them, their size together, and the width of one.
_MOST_SHEETS, _SHEET_BYTES, _IMAGE_PX = 12, 250_000, 96
_WITHOUT_IMAGES = "no images: only the first rigs have them (sort: notable)"
_STEPS = 32767
# What is drawn if intrinsics or the frame rate are unknown.
_DEFAULT_HALF_IMAGE, _DEFAULT_FPS = (0.5, 0.5 * 9 / 16), 15.0

Takes = dict[str, Int[np.ndarray, "clips"]]


@dataclass(frozen=True, kw_only=True)
class RigBrowser:
    """The JSON of the browser, the takes in it, and a sentence about which they are."""

    payload: str
    takes: frozenset[str]
    caption: str


def rig_browser(
    report: AuditReport, clips: ClipTable, notable: Iterable[str], footage: Footage | None
) -> RigBrowser:
    """Rigs with errors and the ``notable`` takes, then the others spread evenly, as many as fit.

    The first of them have images, if there is ``footage``.
    """
    takes, stride = _takes(clips), max(1, -(-clips.frames // _MOST_FRAMES))
    image_frames = sorted({0, (clips.frames - 1) // 2, clips.frames - 1})
    kept = _kept(report, clips, notable, footage, stride, image_frames)
    motions = sorted(set(clips["motion"].tolist()))
    head = {
        "frames": len(range(0, clips.frames, stride)),
        "stride": stride,
        "last_frame": max(clips.frames - 1, 0),
        "fps": _rate(clips["fps"][0]) if len(clips) else _DEFAULT_FPS,
        "colours": {motion: motion_colour(motion) for motion in motions},
        "image_frames": image_frames,
        "aim_fraction": report.rules.aim_fraction if report.rules else 0.0,
    }
    payload = f'{json.dumps(head, allow_nan=False)[:-1]}, "rigs": [{",".join(kept.values())}]}}'
    caption = _caption(len(kept), max(report.counts.get("takes", 0), len(takes)), stride)
    # "</script>" in a name must not end the script element.
    return RigBrowser(payload=payload.replace("<", "\\u003c"), takes=frozenset(kept), caption=caption)


def _kept(
    report: AuditReport,
    clips: ClipTable,
    notable: Iterable[str],
    footage: Footage | None,
    stride: int,
    image_frames: Sequence[int],
) -> dict[str, str]:
    """The JSON of each rig that fits."""
    takes = _takes(clips)
    errors: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.severity == "error":
            errors[take_of(finding.where, takes)].append(finding)
    kept: dict[str, str] = {}
    left = _PAYLOAD_BYTES - (_SHEET_BYTES if footage else 0)
    images = PageImages(footage, left=_MOST_SHEETS, bytes_left=_SHEET_BYTES)
    for take in _order(list(takes), errors, notable):
        rig = _rig(clips.rows(takes[take]), stride, errors[take])
        if rig is None:
            continue
        text = json.dumps(rig, allow_nan=False)
        left -= len(text.encode())
        if left < 0 and kept:
            break
        cameras = [str(camera["name"]) for camera in rig["cameras"]]
        sheet, note = images.data_uri(take, cameras, image_frames, width_px=_IMAGE_PX)
        more = {"sheet": sheet, "sheet_note": note or ("" if sheet or not footage else _WITHOUT_IMAGES)}
        kept[take] = f"{text[:-1]}, {json.dumps(more)[1:]}"
    return kept


def _takes(clips: ClipTable) -> Takes:
    """Indices of the clips of each take."""
    return dict(
        zip(
            clips["take"][clips.take_starts].tolist(),
            np.split(np.arange(len(clips)), clips.take_starts[1:]),
            strict=bool(len(clips)),
        )
    )


def _caption(shown: int, takes: int, stride: int) -> str:
    frames = "" if stride == 1 else f"; every {stride}th frame"
    if shown == takes:
        return (f"all {takes:,} rigs" if takes != 1 else "1 rig") + frames
    which = "those with errors and those linked on this page first, then others spread evenly"
    return f"{shown:,} of {takes:,} rigs: {which}{frames}"


def _order(takes: list[str], errors: dict[str, list[Finding]], notable: Iterable[str]) -> list[str]:
    wrong = [take for take in takes if errors.get(take)]
    # Steps of the golden ratio never cluster: any beginning of the list is spread over all.
    spread = [takes[i] for i in np.argsort((np.arange(len(takes)) * 0.6180339887498949) % 1.0, kind="stable")]
    return list(dict.fromkeys([*wrong[:_WRONG_FIRST], *notable, *wrong, *spread]))


def _rig(clips: ClipTable, stride: int, findings: list[Finding]) -> dict[str, Any] | None:
    """One rig: 16-bit positions relative to the subject and rotation vectors, camera by camera.

    Cameras with improper poses cannot be drawn and are left out; None if no camera is left.
    """
    # Slow to import.
    from scipy.spatial.transform import Rotation

    clips = clips.rows(clips.is_proper)
    if not len(clips):
        return None
    poses, first = clips.poses[:, ::stride], clips.row(0)
    is_placed = bool(np.isfinite(first.subject_m).all())
    centre_m = np.array(first.subject_m) if is_placed else poses.position_m.mean(axis=(0, 1))
    offsets_m = poses.position_m - centre_m
    # The path of the subject, if it moves.
    path_m = clips.subject_points_m[0, ::stride] - centre_m if first.subject_path_m else np.zeros((0, 3))
    metres_per_step = max(float(np.abs(offsets_m).max()), float(np.abs(path_m).max(initial=1e-3))) / _STEPS
    vectors = Rotation.from_matrix(poses.rotation.reshape(-1, 3, 3)).as_rotvec().reshape(offsets_m.shape)
    numbers = np.concatenate([offsets_m / metres_per_step, vectors * (_STEPS / np.pi)], axis=-1)
    steps_m = np.linalg.norm(np.diff(offsets_m, axis=1), axis=-1)
    half_width, half_height = _half_image(clips)
    return {
        "take": first.take,
        "errors": len(findings),
        "about": f"{lens_name(first)} · {first.layout} start · {first.split} · {many(len(clips), 'camera')}",
        "subject_m": centre_m.tolist(),
        "is_placed": is_placed,
        "ground_m": _known(first.ground_m),
        "subject_height_m": _known(first.subject_height_m),
        "half_width": half_width,
        "half_height": half_height,
        "metres_per_step": metres_per_step,
        "peak_m_per_s": round(float(steps_m.max(initial=0.0)) * _rate(first.fps) / stride, 3),
        "cameras": [_camera(row, findings) for row in clips],
        "poses": _encoded(numbers),
        "subject_path": _encoded(path_m / metres_per_step),
    }


def _encoded(numbers: np.ndarray) -> str:
    return base64.b64encode(numbers.round().astype("<i2").tobytes()).decode()


def _known(value: float) -> float:
    """The value, 0 if it is unknown."""
    return float(value) if np.isfinite(value) else 0.0


def _rate(fps: float) -> float:
    return float(fps) if np.isfinite(fps) and fps > 0 else _DEFAULT_FPS


def _half_image(clips: ClipTable) -> tuple[float, float]:
    """Half the width and height of the images at distance 1."""
    fx, fy, _, _, width, height = clips.intrinsics[0].tolist()
    return (width / 2 / fx, height / 2 / fy) if min(fx, fy) > 0 else _DEFAULT_HALF_IMAGE


def _camera(row: ClipRow, findings: Sequence[Finding]) -> dict[str, object]:
    return {
        "name": row.camera,
        "motion": row.motion,
        "amount": ", ".join(part for part in (amount_of(row), *_shake(row)) if part),
        "speed": _speed(row),
        "flags": list(row.flags),
        "errors": [f"{f.code}: {f.what}" for f in findings if f.where == row.name],
    }


def _shake(row: ClipRow) -> Iterator[str]:
    if row.shake not in ("none", "unknown"):
        yield row.shake.replace("_", " ")


def _speed(row: ClipRow) -> str:
    known = {"constant": "constant speed", "eased": "slows at waypoints", "none": ""}
    changes = "slows down" if row.speed_a > 0 else "speeds up"
    return known.get(row.speed_class, f"a = {row.speed_a:+.2f}, {changes}")


def amount_of(row: ClipRow) -> str:
    """The amplitude of a camera's move in words."""
    angle_deg, distance_m = row.angle_deg or 0.0, row.distance_m or 0.0
    match row.motion.split("_"):
        case ["pan", "tilt"]:
            return f"{_side(angle_deg, 'left', 'right')}, {_side(row.tilt_deg or 0.0, 'up', 'down')}"
        case ["pan", *_]:
            return _side(angle_deg, "left", "right")
        case ["tilt", *_]:
            return _side(angle_deg, "up", "down")
        case ["arc" | "roll", *_]:
            is_arc = row.motion != "roll"
            return _side(angle_deg, *(("counter-clockwise", "clockwise")[:: 1 if is_arc else -1]))
        case ["translation", *_]:
            aim = "aims at the subject" if row.is_tracking else "fixed rotation"
            return f"{distance_m:.2f} m{_axis(np.array(row.direction or (0.0, 0.0, 0.0)))}, {aim}"
        case ["random", *_]:
            return f"{distance_m:.2f} m, {many(len(row.waypoints_m or ()) // 3, 'waypoint')}"
        case ["static"]:
            return "does not move"
        case _:
            return "" if row.zoom_ratio is None else f"focal length x {row.zoom_ratio:.2f}"


def _axis(direction: np.ndarray) -> str:
    """The world axis of a direction; empty if it is not along one."""
    axis = int(np.abs(direction).argmax())
    is_along = np.abs(direction[axis]) > 0.999
    return f" along {'-+'[int(direction[axis] > 0)]}{'XYZ'[axis]}" if is_along else ""


def _side(angle_deg: float, positive: str, negative: str) -> str:
    return f"{abs(angle_deg):.1f}° {positive if angle_deg > 0 else negative}"
