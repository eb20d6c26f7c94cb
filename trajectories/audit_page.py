"""The audit as one HTML file that needs nothing else: no network, no server, no library."""

import base64
import json
import re
from collections import defaultdict
from dataclasses import asdict
from html import escape
from importlib.resources import files
from pathlib import Path

import numpy as np

from .audit import (
    ANGLE_TOLERANCE_DEG,
    CHECKS,
    LENGTH_TOLERANCE_M,
    AuditReport,
    Finding,
    rows_by_take,
)
from .audit_charts import MOTION_COLOURS, histogram, motion_bars, start_map
from .rules import INFERRED
from .table import CONVENTION, PoseRow, PoseTable

_PAYLOAD_BYTES = 1_000_000
_MOST_FRAMES = 121
_MOST_FINDINGS = 200
_STEPS = 32767

Takes = dict[str, list[int]]


def write_audit_page(path: Path, report: AuditReport, table: PoseTable) -> None:
    """Write the page, whole or not at all; ``table`` is the audited one. Below 1.5 MB at any size of table.

    Rigs that do not fit are left out of the browser, those with findings last; the page says how many.
    """
    parts = _parts(report, table)
    page = re.sub(r"\[\[(\w+)\]\]", lambda match: parts[match[1]], _asset("audit_page.html"))
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(page, "utf-8")
    partial.replace(path)


def _parts(report: AuditReport, table: PoseTable) -> dict[str, str]:
    takes = rows_by_take(table)
    payload, embedded = _payload(report, table, takes)
    groups: dict[str, str] = defaultdict(str)
    for feature in report.features:
        groups[feature.group] += histogram(feature)
    starts = max([f.n for f in report.features if f.group == "start"], default=1)
    return {
        "verdict": report.verdict,
        "verdict_word": "PASS" if report.verdict == "pass" else "FAIL",
        "rules_name": escape(report.rules.name),
        "figures": _figures(report),
        "checks": _checks(report),
        "embedded": embedded,
        "findings": _findings(report.findings),
        "motions": motion_bars(report),
        "start": groups["start"] + _start_map(report, table, takes),
        "amplitude": groups["amplitude"],
        "speed": groups["speed"],
        "length_tolerance": f"{LENGTH_TOLERANCE_M * 1000:g} mm",
        "angle_tolerance": f"{ANGLE_TOLERANCE_DEG:g} deg",
        "usual_gap": f"{starts:,} values {0.87 / np.sqrt(starts):.2g}",
        "convention": escape(CONVENTION),
        "rules": _rules(report),
        "style": _asset("audit_page.css"),
        "payload": payload,
        "script": _asset("audit_page.js"),
    }


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _figures(report: AuditReport) -> str:
    counts = report.counts
    shown = {"takes": "rigs", "clips": "camera clips", "frames": "poses"}
    cells = [f"<div><b>{counts[key]:,}</b>{word}</div>" for key, word in shown.items()]
    errors = sum(report.errors_by_check.values())
    return "".join([*cells, f"<div><b>{errors:,}</b>errors</div>"])


def _checks(report: AuditReport) -> str:
    chips = []
    for code, errors in report.errors_by_check.items():
        text = CHECKS[code] + (f": {errors:,} not" if errors else "")
        chips.append(f'<li class="{"bad" if errors else "good"}" data-check="{code}">{text}</li>')
    return "".join(chips)


def _findings(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return ""
    shown = sorted(findings, key=lambda f: f.severity)[:_MOST_FINDINGS]
    rows = [
        f'<tr data-code="{escape(f.code)}"><td class="{f.severity}">{f.severity}</td>'
        f'<td class="mono">{escape(f.code)}</td><td>{escape(f.what)}</td>'
        f'<td class="mono">{escape(f.where)}</td></tr>'
        for f in shown
    ]
    more = len(findings) - len(shown)
    rest = f"<p class=soft>{more:,} more are in the JSON report.</p>" if more else ""
    head = "<tr><th>Severity</th><th>Check</th><th>What</th><th>Where</th></tr>"
    body = f"<table>{head}{''.join(rows)}</table>{rest}"
    return f'<h2>Findings</h2><section class="card" id="findings">{body}</section>'


def _rules(report: AuditReport) -> str:
    rows = []
    for name, value in asdict(report.rules).items():
        if name == "lenses":
            text = ", ".join(
                f"{lens.focal_length_mm:g} mm f/{lens.f_number:g}" for lens in report.rules.lenses
            )
        elif isinstance(value, tuple) and value and isinstance(value[0], int | float):
            text = " to ".join(f"{v:g}" for v in value)
        else:
            text = ", ".join(value) if isinstance(value, tuple) else str(value)
        badge = ' <span class="badge">inferred</span>' if name in INFERRED else ""
        rows.append(f'<tr><td class="mono">{name}</td><td>{escape(text)}{badge}</td></tr>')
    return f"<table><tr><th>Rule</th><th>Value</th></tr>{''.join(rows)}</table>"


def _start_map(report: AuditReport, table: PoseTable, takes: Takes) -> str:
    first = [
        i
        for index in takes.values()
        for i in (index[:1] if table.rows[index[0]].layout == "shared" else index)
    ]
    first = [i for i in first if np.isfinite(table.poses.world_from_camera[i, 0]).all()]
    subject_m = np.array([table.rows[i].subject_m for i in first]).reshape(-1, 3)
    offsets_m = table.poses.position_m[first, 0] - subject_m
    return start_map(offsets_m, report.rules.radius_m, starts=len(first))


def _payload(report: AuditReport, table: PoseTable, takes: Takes) -> tuple[str, str]:
    """The rigs for the browser as JSON, and the sentence that says which they are."""
    frames = table.poses.world_from_camera.shape[1]
    stride = max(1, -(-frames // _MOST_FRAMES))
    errors: dict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if finding.severity == "error":
            errors[finding.where.split("/")[0]].append(finding)
    rigs: list[str] = []
    size = 0
    for take in _browsing_order(list(takes), errors):
        rig = _rig(table, take, takes[take], stride, errors[take])
        if rig is None:
            continue
        text = json.dumps(rig)
        size += len(text)
        if size > _PAYLOAD_BYTES and rigs:
            break
        rigs.append(text)
    head = {
        "frames": len(range(0, frames, stride)),
        "stride": stride,
        "last_frame": frames - 1,
        "fps": table.rows[0].fps if table.rows else 1.0,
        "colours": MOTION_COLOURS,
        "aim_fraction": report.rules.aim_fraction,
    }
    joined = f'{json.dumps(head)[:-1]}, "rigs": [{",".join(rigs)}]}}'.replace("<", "\\u003c")
    return joined, _embedded(len(rigs), len(takes), stride)


def _embedded(shown: int, takes: int, stride: int) -> str:
    which = (
        f"all {takes:,}"
        if shown == takes
        else f"{shown:,} of {takes:,} fit this page: those with errors first, then evenly spread"
    )
    every = "" if stride == 1 else f", every {stride}th frame"
    return f"{which}{every}"


def _browsing_order(takes: list[str], errors: dict[str, list[Finding]]) -> list[str]:
    """Takes with errors first; the others so that any beginning of the list is spread over all."""
    wrong = [take for take in takes if take in errors]
    fine = [take for take in takes if take not in errors]
    # Steps of the golden ratio never cluster.
    return wrong + [fine[i] for i in np.argsort((np.arange(len(fine)) * 0.6180339887498949) % 1.0)]


def _rig(
    table: PoseTable, take: str, index: list[int], stride: int, findings: list[Finding]
) -> dict[str, object] | None:
    """One rig for the browser: 16-bit positions about the subject, right and forward axes, camera by camera.

    Cameras with improper poses cannot be drawn and are left out; None where no camera is left.
    """
    improper = {f.where for f in findings if f.code == "improper_pose"}
    index = [i for i in index if f"{take}/{table.rows[i].camera}" not in improper]
    if not index:
        return None
    poses = table.poses[index].world_from_camera[:, ::stride]
    row = table.rows[index[0]]
    offsets_m = poses[..., 3] - np.array(row.subject_m)
    step_m = max(float(np.abs(offsets_m).max()), 1e-3) / _STEPS
    right, ahead = poses[..., 0] * _STEPS, poses[..., 2] * _STEPS
    numbers = np.concatenate([offsets_m / step_m, right, ahead], axis=-1).round().astype("<i2")
    return {
        "take": take,
        "errors": len(findings),
        "about": f"{row.focal_length_mm:g} mm f/{row.f_number:g} · {row.layout} start · {len(index)} cameras",
        "subject_m": row.subject_m,
        "half_width": row.width_px / 2 / row.fx_px,
        "half_height": row.height_px / 2 / row.fy_px,
        "metres_per_step": step_m,
        "cameras": [_camera(table.rows[i], findings) for i in index],
        "poses": base64.b64encode(numbers.tobytes()).decode(),
    }


def _camera(row: PoseRow, findings: list[Finding]) -> dict[str, object]:
    pace = {"constant": "constant", "variable": f"a = {row.speed_a:+.2f}"}.get(row.speed_class)
    line = _amount(row) + (f" · {pace}" if pace else "")
    place = f"{row.take}/{row.camera}"
    wrong = [f"{f.code}: {f.what}" for f in findings if f.where == place]
    return {"name": row.camera, "motion": row.motion, "line": line, "errors": wrong}


def _amount(row: PoseRow) -> str:
    angle_deg, distance_m = row.angle_deg or 0.0, row.distance_m or 0.0
    aim = "aiming" if row.is_tracking else "not turning"
    match row.motion:
        case "pan":
            return f"{abs(angle_deg):.1f}° {'left' if angle_deg > 0 else 'right'}"
        case "tilt":
            return f"{abs(angle_deg):.1f}° {'up' if angle_deg > 0 else 'down'}"
        case "arc":
            return f"{abs(angle_deg):.1f}° {'counter-clockwise' if angle_deg > 0 else 'clockwise'}"
        case "translation":
            axis = "XYZ"[int(np.argmax(np.abs(row.direction or (0, 0, 0))))]
            sign = "+" if sum(row.direction or (0, 0, 0)) > 0 else "-"
            return f"{distance_m:.2f} m along {sign}{axis}, {aim}"
        case "random":
            count = len(row.waypoints_m or ()) // 3
            return f"{distance_m:.2f} m, {count} waypoint{'s' if count != 1 else ''}"
        case _:
            return "stays"
