"""What the rig browser holds: as many rigs as fit, those worth looking at first."""

import base64
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ...clip_table import PoseRow, PoseTable
from ...poses import ORTHONORMAL_TOLERANCE
from ..report import AuditReport, Finding
from .html import take_of
from .sample import half_picture, lens_of
from .svg import motion_colour

_PAYLOAD_BYTES = 950_000
_MOST_FRAMES = 121
_STEPS = 32767
# What is drawn where the optics or the frame rate are unknown.
_USUAL_PICTURE, _USUAL_FPS = (0.5, 0.5 * 9 / 16), 15.0

Takes = dict[str, list[int]]


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """The browser's JSON, the takes it holds, and the sentence that says which they are."""

    payload: str
    takes: frozenset[str]
    said: str


def rows_by_take(table: PoseTable) -> Takes:
    """Row numbers of each take, in the table's order."""
    rows: Takes = defaultdict(list)
    for index, row in enumerate(table.rows):
        rows[row.take].append(index)
    return dict(rows)


def embedded(report: AuditReport, table: PoseTable, takes: Takes, notable: Iterable[str]) -> Embedded:
    """Rigs with errors first, then the ``notable`` takes, then the rest evenly spread, as many as fit."""
    frames = table.poses.world_from_camera.shape[1]
    stride = max(1, -(-frames // _MOST_FRAMES))
    errors: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.severity == "error":
            errors[take_of(finding.where, takes)].append(finding)
    kept: dict[str, str] = {}
    size = 0
    for take in _order(list(takes), errors, notable):
        rig = _rig(table, take, takes[take], stride, errors[take])
        if rig is None:
            continue
        text = json.dumps(rig, allow_nan=False)
        size += len(text.encode())
        if size > _PAYLOAD_BYTES and kept:
            break
        kept[take] = text
    head = {
        "frames": len(range(0, frames, stride)),
        "stride": stride,
        "last_frame": max(frames - 1, 0),
        "fps": _rate(table.rows[0]) if table.rows else _USUAL_FPS,
        "colours": {motion: motion_colour(motion) for motion in sorted({row.motion for row in table.rows})},
        "aim_fraction": report.rules.aim_fraction if report.rules else 0.0,
    }
    joined = f'{json.dumps(head, allow_nan=False)[:-1]}, "rigs": [{",".join(kept.values())}]}}'.replace(
        "<", "\\u003c"
    )
    said = _said(len(kept), max(report.counts.get("takes", 0), len(takes)), stride)
    return Embedded(payload=joined, takes=frozenset(kept), said=said)


def _said(shown: int, takes: int, stride: int) -> str:
    every = "" if stride == 1 else f"; every {stride}th frame"
    if shown == takes:
        return (f"all {takes:,} rigs" if takes != 1 else "the only rig") + every
    which = "those with errors first, then those named above, then evenly spread"
    return f"a sample: {shown:,} of {takes:,} rigs fit this page, {which}{every}"


def _order(takes: list[str], errors: dict[str, list[Finding]], notable: Iterable[str]) -> list[str]:
    wrong = [take for take in takes if errors.get(take)]
    # Steps of the golden ratio never cluster: any beginning of the list is spread over all.
    spread = [takes[i] for i in np.argsort((np.arange(len(takes)) * 0.6180339887498949) % 1.0, kind="stable")]
    return list(dict.fromkeys([*wrong, *notable, *spread]))


def _rig(
    table: PoseTable, take: str, index: list[int], stride: int, findings: list[Finding]
) -> dict[str, object] | None:
    """One rig: 16-bit positions about the subject and rotation vectors, camera by camera.

    Cameras with improper poses cannot be drawn and are left out; None where no camera is left.
    """
    index = [i for i in index if _is_proper(table.poses.world_from_camera[i, ::stride])]
    if not index:
        return None
    poses = table.poses.world_from_camera[index, ::stride]
    row = table.rows[index[0]]
    is_placed = bool(np.isfinite(row.subject_m).all())
    centre_m = np.array(row.subject_m) if is_placed else poses[..., 3].mean(axis=(0, 1))
    offsets_m = poses[..., 3] - centre_m
    step_m = max(float(np.abs(offsets_m).max()), 1e-3) / _STEPS
    turns = _rotation_vectors(poses[..., :3]) * (_STEPS / np.pi)
    numbers = np.concatenate([offsets_m / step_m, turns], axis=-1).round().astype("<i2")
    steps_m = np.linalg.norm(np.diff(offsets_m, axis=1), axis=-1)
    half_width, half_height = half_picture(row) or _USUAL_PICTURE
    return {
        "take": take,
        "errors": len(findings),
        "about": f"{lens_of(row)} · {row.layout} start · {row.split} · {len(index)} cameras",
        "subject_m": centre_m.tolist(),
        "is_placed": is_placed,
        "half_width": half_width,
        "half_height": half_height,
        "metres_per_step": step_m,
        "peak_m_per_s": round(float(steps_m.max(initial=0.0)) * _rate(row) / stride, 3),
        "cameras": [_camera(table.rows[i], findings) for i in index],
        "poses": base64.b64encode(numbers.tobytes()).decode(),
    }


def _rate(row: PoseRow) -> float:
    return row.fps if np.isfinite(row.fps) and row.fps > 0 else _USUAL_FPS


def _is_proper(poses: Float[np.ndarray, "frames 3 4"]) -> bool:
    if not np.isfinite(poses).all():
        return False
    rotation = poses[..., :3]
    error = np.abs(rotation @ np.swapaxes(rotation, -1, -2) - np.eye(3)).max(initial=0.0)
    return bool(error <= ORTHONORMAL_TOLERANCE and (np.linalg.det(rotation) > 0).all())


def _rotation_vectors(
    rotation: Float[np.ndarray, "cameras frames 3 3"],
) -> Float[np.ndarray, "cameras frames 3"]:
    # Takes longer to import than the rest of the room; only pages need it.
    from scipy.spatial.transform import Rotation

    return Rotation.from_matrix(rotation.reshape(-1, 3, 3)).as_rotvec().reshape(rotation.shape[:3])


def _camera(row: PoseRow, findings: Sequence[Finding]) -> dict[str, object]:
    place = f"{row.take}/{row.camera}"
    paces = {"constant": "constant speed", "eased": "rests at waypoints", "none": ""}
    slows = "slows" if row.speed_a > 0 else "speeds up"
    return {
        "name": row.camera,
        "motion": row.motion,
        "amount": amount_of(row),
        "pace": paces.get(row.speed_class, f"a = {row.speed_a:+.2f}, {slows}"),
        "flags": list(row.flags),
        "errors": [f"{f.code}: {f.what}" for f in findings if f.where == place],
    }


def amount_of(row: PoseRow) -> str:
    """How far a camera goes, in words."""
    angle_deg, distance_m = row.angle_deg or 0.0, row.distance_m or 0.0
    match row.motion.split("_"):
        case ["pan", "tilt"]:
            tilt_deg = row.tilt_deg or 0.0
            return f"{_side(angle_deg, 'left', 'right')}, {_side(tilt_deg, 'up', 'down')}"
        case ["pan", *_]:
            return _side(angle_deg, "left", "right")
        case ["tilt", *_]:
            return _side(angle_deg, "up", "down")
        case ["arc", *_]:
            return _side(angle_deg, "counter-clockwise", "clockwise")
        case ["translation", *_]:
            way = np.array(row.direction or (0.0, 0.0, 0.0))
            along = int(np.abs(way).argmax())
            # Only a direction along one axis of the world has a name.
            where = f" along {'-+'[int(way[along] > 0)]}{'XYZ'[along]}" if np.abs(way).max() > 0.999 else ""
            return f"{distance_m:.2f} m{where}, {'aims' if row.is_tracking else 'does not turn'}"
        case ["random", *_]:
            count = len(row.waypoints_m or ()) // 3
            return f"{distance_m:.2f} m, {count} waypoint{'s' if count != 1 else ''}"
        case ["static"]:
            return "stays"
        case _:
            return ""


def _side(angle_deg: float, positive: str, negative: str) -> str:
    return f"{abs(angle_deg):.1f}° {positive if angle_deg > 0 else negative}"
