"""What ``plan`` and ``status`` print."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from multitake.errors import InputError
from shards import done_takes, read_info, sealed_shards
from trajectories.audit import audit_poses, write_audit_page

from .batch import Batch, load_batch
from .catalog import load_catalog
from .plan import acceptance, plan_takes, planned_poses
from .progress import clock

_MOST_TAKES_LOOKED_AT = 200
# Rough paces of one worker on one core, for estimates only: seconds per camera-frame, and per pixel of it.
_PACE = {"lit": (4e-3, 6e-8), "fast": (2e-3, 1.5e-8)}
_UNREAL_PACE = (10e-3, 3.5e-8)
_VIDEO_BYTES_PER_PIXEL = 0.075
_START_S = 8.0


def plan_report(batch_file: Path, *, page: Path | None, max_lines: int) -> Iterator[str]:
    """Lines about what a batch orders; its rigs are drawn on ``page`` (HTML). InputError as load_batch."""
    batch = load_batch(batch_file)
    catalog = load_catalog(batch.scene, beside=batch_file.parent)
    for take in islice(plan_takes(batch, catalog), max_lines):
        yield f"{take.key}  {take.split}  {take.caption}"
    if batch.takes > max_lines:
        yield f"... and {batch.takes - max_lines} more"
    yield from _estimate(batch)
    looked_at = list(islice(plan_takes(batch, catalog), _MOST_TAKES_LOOKED_AT))
    if batch.rules.validity.reject:
        yield from acceptance(batch, looked_at).lines()
    if page:
        table = planned_poses(batch, looked_at)
        write_audit_page(page, audit_poses(table, batch.rules, name=batch_file.stem), table)
        yield f"rigs: {page} ({len(looked_at)} of {batch.takes} takes)"


def dataset_status(dataset: Path) -> Iterator[str]:
    """Lines about how far a data set is; InputError if the folder holds none."""
    known = dataset / "dataset.json"
    if not known.exists():
        raise InputError("no data set here", where=str(dataset), fix="give the folder that generate wrote")
    info = read_info(known.read_bytes(), str(known))
    done, sealed = done_takes(dataset), sealed_shards(dataset)
    failures = dataset / "failures.jsonl"
    failed = [json.loads(line) for line in failures.read_text().splitlines()] if failures.exists() else []
    failed = [failure for failure in failed if failure["take"] not in done]
    left = info.planned_takes - len(done) - len(failed)
    yield f"takes: {len(done)} done, {len(failed)} failed, {left} left of {info.planned_takes}"
    yield f"shards: {len(sealed)} sealed of {info.counts['shards']}"
    yield f"engine: {info.engine.version} ({info.engine.look})"
    for failure in failed:
        yield f"failed: {failure['take']}: {failure['reason']}"


def _estimate(batch: Batch) -> Iterator[str]:
    cameras = len(batch.rules.slots)
    frames = batch.takes * cameras * batch.frames
    pixels = batch.width_px * batch.height_px
    is_embedded = batch.engine.kind == "embedded"
    base_s, per_pixel_s = _PACE.get(batch.engine.look, _PACE["lit"]) if is_embedded else _UNREAL_PACE
    renders = 1 + len(batch.passes)
    seconds_s = _START_S + frames * renders * (base_s + per_pixel_s * pixels)
    megabytes = frames * pixels * _VIDEO_BYTES_PER_PIXEL / 1e6
    clips = f"{batch.takes} takes x {cameras} cameras x {batch.frames} frames at {batch.fps:g} fps"
    yield f"{clips}, {batch.width_px}x{batch.height_px} = {frames} camera-frames"
    yield f"estimate: about {clock(seconds_s)} with one worker, {megabytes:.0f} MB of video"
