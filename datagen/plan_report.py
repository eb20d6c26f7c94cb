"""The command ``plan``: the takes of a batch, an estimate of time and size, and a page about its rigs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path

from trajectories import ClipTable
from trajectories.audit import audit_clips, write_audit_page
from trajectories.sampling import Acceptance, RigBatch

from .batch import Batch
from .batch_file import load_batch
from .catalog import check_engine, load_catalog
from .geometry import is_path_free
from .placing import check_spots
from .plan import TakeSpec, is_probed, known_surfaces, plan_takes, take_clips, take_rigs

_MOST_TAKES_SAMPLED = 200
# Sampling and auditing take about 700 bytes of memory for every pose.
_MOST_POSES_SAMPLED = 1_000_000
# Rough times of one worker on one core: seconds per image of a camera, and per pixel of it. A camera-frame of
# ``cinematic`` is the mean of several images.
_TIMES_S = {"lit": (4e-3, 6e-8), "fast": (2e-3, 1.5e-8), "cinematic": (15e-3, 2.8e-7)}
_UNREAL_TIMES_S = (10e-3, 3.5e-8)
# Roughly how much longer a camera-frame of the embedded engine takes with a pass.
_PASS_WORK = {"depth": 0.25, "mask": 0.25, "normal": 0.25, "flow": 1.0, "surface": 0.5, "joints": 0.1}
_START_S = 8.0
_VIDEO_BYTES_PER_PIXEL = 0.075


def plan_report(batch_file: Path, *, page: Path | None, max_lines: int) -> Iterator[str]:
    """Lines of text about a batch; ``page`` shows its rigs, if given. InputError as ``load_batch``."""
    batch = load_batch(batch_file)
    catalog = load_catalog(batch.scene, folder=batch_file.parent)
    check_engine(batch, catalog)
    check_spots(catalog)
    for take in islice(plan_takes(batch, catalog), max_lines):
        yield f"{take.key}  {take.split}  {take.caption}"
    if batch.takes > max_lines:
        yield f"... and {batch.takes - max_lines} more"
    yield from _estimate(batch)
    fitting = _MOST_POSES_SAMPLED // (batch.cameras * batch.frames)
    takes = list(islice(plan_takes(batch, catalog), min(max(fitting, 1), _MOST_TAKES_SAMPLED)))
    yield from _geometry(batch, takes)
    rigs = [take_rigs(batch, take) for take in takes]
    if batch.rules.validity.reject:
        yield from sum((one.acceptance() for one in rigs), Acceptance()).lines()
    yield from _flags(rigs)
    if page:
        clips = [take_clips(batch, take, one) for take, one in zip(takes, rigs, strict=True)]
        table = ClipTable.concatenated(clips)
        write_audit_page(
            page, audit_clips(table, batch.rules, name=batch_file.stem, in_environments=True), table
        )
        yield f"rigs: {page} ({len(takes)} of {batch.takes} takes)"


def _flags(rigs: Sequence[RigBatch]) -> Iterator[str]:
    """A line about what is wrong with paths that are kept."""
    counts: Counter[str] = Counter()
    for one in rigs:
        counts.update(
            dict(zip(one.verdicts.reasons, one.verdicts.is_broken.sum(axis=(1, 2)).tolist(), strict=True))
        )
    found = [f"{reason} {count}" for reason, count in counts.most_common() if count]
    if found:
        yield f"flags of kept paths: {', '.join(found)}"


def _geometry(batch: Batch, takes: Sequence[TakeSpec]) -> Iterator[str]:
    """Lines about geometry: when paths are checked, and how many actors stand in it."""
    if is_probed(batch):
        yield "geometry: each path is checked when its take is filmed, with probes of the engine's depth"
    paths = [(known_surfaces(batch, take.environment), path) for take in takes for path in take.paths]
    blocked = sum(not is_path_free(surfaces, path) for surfaces, path in paths if surfaces)
    if blocked:
        yield f"actors: {blocked} of {len(paths)} stand in geometry, or walk through it"


def _estimate(batch: Batch) -> Iterator[str]:
    frames = batch.takes * batch.cameras * batch.frames
    pixels = batch.width_px * batch.height_px
    is_embedded = batch.engine.kind == "embedded"
    per_frame_s, per_pixel_s = _TIMES_S[batch.engine.look] if is_embedded else _UNREAL_TIMES_S
    # The embedded engine draws all captures of a camera at once.
    images = batch.engine.sub_frames if batch.engine.is_cinematic else 1
    work = images + sum(_PASS_WORK[one] if is_embedded else 1 for one in batch.passes)
    seconds_s = _START_S + frames * work * (per_frame_s + per_pixel_s * pixels)
    megabytes = frames * pixels * _VIDEO_BYTES_PER_PIXEL / 1e6
    clips = f"{batch.takes} takes x {batch.cameras} cameras x {batch.frames} frames at {batch.fps:g} fps"
    yield f"{clips}, {batch.width_px}x{batch.height_px} = {frames} camera-frames"
    time = timedelta(seconds=round(seconds_s))
    yield f"estimate: about {time} with one worker, {megabytes:.0f} MB of video"
