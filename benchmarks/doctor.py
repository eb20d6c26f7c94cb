"""Whether the doctor finds planted faults in filmed sets, and accuses sound ones.

Sets are filmed with the embedded engine: rigs like published ones (ten cameras from one first pose; looks
``lit`` and ``fast``, and 81 frames of the preset ``release``), and rigs of other makers (independent starts,
handheld and static cameras).

``false``: the share of sound clips that are accused. ``found``: the share of planted faults that the report
names in the right take and camera, in rigs like published ones; ``found_elsewhere``: in the others, whose
cameras often share no points, so that images say nothing about one that stands still. Faults that would
change nothing, such as a shift of a static camera, are not planted. ``found_alone``: of those found, the
share without another fault in the take. ``undecided_clips``: the share of sound clips of which images say too
little. ``seconds_per_clip``: CPU seconds of one core for a sound clip. A table by kind, and what was missed,
are printed to standard error.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.film import NoValidPathError, film_take
from datagen.plan import plan_take
from datagen.quality.gate import BadTakeError
from multitake.randomness import rng_for
from shards import DatasetInfo, EngineInfo, FilmedTake, MadeFrom, clip_source
from trajectories.audit import DoctorReport, Fault, examine
from trajectories.sampling import rules_from

from .figures import Figure
from .planted_sets import KINDS, Planted, orphaned, planted, write_set

_SIZE_PX = (384, 224)
_STATIC = ["static", "static", "static", "pan", "arc", "translation"]
_HANDHELD = ["handheld_pan", "handheld_arc", "handheld_translation", "static", "handheld_random", "static"]


@dataclass(frozen=True, kw_only=True)
class _Set:
    """Takes to film: how many, and with which rules."""

    rules: dict[str, object]
    takes: int
    look: str = "lit"
    frames: int = 41
    is_published: bool = True


_SETS = (
    _Set(rules={"radius_m": [1.5, 8.0]}, takes=10),
    _Set(rules={"radius_m": [1.5, 8.0]}, takes=4, look="fast"),
    _Set(rules={"preset": "release"}, takes=2, frames=81),
    _Set(
        rules={"preset": "handheld", "layout": "independent", "slots": _HANDHELD, "radius_m": [1.5, 6.0]},
        takes=4,
        is_published=False,
    ),
    _Set(
        rules={"layout": "independent", "slots": _STATIC, "radius_m": [1.5, 8.0]}, takes=4, is_published=False
    ),
)
# Other seeds than those of the sets with which the limits were chosen.
_SEED = 7300


@dataclass
class _Counts:
    """What came out of the faults of one kind."""

    planted: int = 0
    found: int = 0
    alone: int = 0


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the figures."""
    counts: dict[tuple[str, bool], _Counts] = defaultdict(_Counts)
    clips = accused = compared = 0
    seconds = 0.0
    with TemporaryDirectory() as folder:
        for number, chosen in enumerate(_SETS[:1] if quick else _SETS):
            takes = _filmed(chosen, number, most=1 if quick else chosen.takes)
            began_s = process_time()
            report = _examined(Path(folder) / f"sound{number}", takes)
            seconds += process_time() - began_s
            clips, compared = clips + report.clips, compared + report.clips_compared
            accused += len(_accused(report, takes))
            for step in range(len(KINDS)):
                _plant(Path(folder) / f"planted{number}-{step}", takes, step, counts, chosen.is_published)
    yield _figure("false", accused / clips, "share", f"{clips} sound clips")
    yield from _shares(counts)
    yield _figure("undecided_clips", 1 - compared / clips, "share", f"{clips} sound clips")
    yield _figure("seconds_per_clip", seconds / clips, "CPU s")


def _filmed(chosen: _Set, number: int, most: int) -> list[FilmedTake]:
    """The takes of a set; those that cannot be filmed are left out."""
    batch = Batch(
        seed=_SEED + number,
        takes=chosen.takes,
        frames=chosen.frames,
        width_px=_SIZE_PX[0],
        height_px=_SIZE_PX[1],
        scene=SceneChoice(characters_per_take=(1, 2)),
        rules=rules_from(dict(chosen.rules), "rig"),
        engine=EngineChoice(look=chosen.look),
    )
    catalog = load_catalog(batch.scene, folder=Path())
    engine = RunningEngine(batch.engine, worker=0)
    takes = []
    try:
        for index in range(most):
            try:
                takes.append(film_take(engine.driver, batch, plan_take(batch, catalog, index)))
            except (BadTakeError, NoValidPathError) as error:
                print(f"left out: {error}", file=sys.stderr)
    finally:
        engine.close()
    return takes


def _plant(
    root: Path,
    takes: Sequence[FilmedTake],
    step: int,
    counts: dict[tuple[str, bool], _Counts],
    is_published: bool,
) -> None:
    """A set in which each take has a fault, each of another kind."""
    kinds = [KINDS[(number + step) % len(KINDS)] for number in range(len(takes))]
    made: dict[str, Planted] = {}
    for take, kind in zip(takes, kinds, strict=True):
        rng = rng_for(_SEED, "plant", take.row.take, kind)
        fault = None if kind == "orphan_rows" else planted(kind, take, rng)
        if fault:
            made[take.row.take] = fault
    changed = [made[one.row.take].take if one.row.take in made else one for one in takes]
    orphans = [one.row.take for one, kind in zip(takes, kinds, strict=True) if kind == "orphan_rows"]
    report = _examined(root, changed, orphans, made)
    for take, fault in made.items():
        found = [one for one in report.faults if one.take in ("", take)]
        right = [one for one in found if _is_right(one, fault)]
        of_kind = counts[fault.kind, is_published]
        of_kind.planted += 1
        of_kind.found += bool(right)
        of_kind.alone += bool(right) and len(right) == len(found)
        if not right or len(right) < len(found):
            said = "; ".join(f"{one.kind} {one.where} ({one.figure})" for one in found) or "nothing"
            print(f"{fault.kind} of {take}/{'+'.join(fault.cameras)}: {said}", file=sys.stderr, flush=True)


def _examined(
    root: Path,
    takes: Sequence[FilmedTake],
    orphans: Sequence[str] = (),
    made: dict[str, Planted] | None = None,
) -> DoctorReport:
    """What the doctor says about a data set of these takes."""
    write_set(root, takes, imported_info(takes))
    for name in orphans:
        (take,) = (one for one in takes if one.row.take == name)
        cameras = orphaned(root, name, rng_for(_SEED, "orphan", name))
        if made is not None:
            made[name] = Planted(kind="orphan_rows", take=take, cameras=cameras)
    return examine(clip_source(root), with_images=True)


def _is_right(fault: Fault, planted: Planted) -> bool:
    return fault.kind == planted.kind and (not fault.cameras or bool({*fault.cameras} & {*planted.cameras}))


def _accused(report: DoctorReport, takes: Sequence[FilmedTake]) -> set[tuple[str, str]]:
    """The clips with any fault."""
    clips = {(one.row.take, camera) for one in takes for camera in one.clips["camera"].tolist()}
    for fault in report.faults:
        print(f"sound, but {fault.kind} {fault.where}: {fault.what}", file=sys.stderr, flush=True)
    return {
        (take, camera)
        for take, camera in clips
        for fault in report.faults
        if fault.take in ("", take) and (not fault.cameras or camera in fault.cameras)
    }


def imported_info(takes: Sequence[FilmedTake]) -> DatasetInfo:
    """The ``dataset.json`` of takes as if they were imported."""
    row = takes[0].row
    cameras = len(takes[0].files)
    return DatasetInfo(
        engine=EngineInfo(kind="imported", look=row.look, version=""),
        fps=row.fps,
        frames=row.frames,
        width_px=row.width_px,
        height_px=row.height_px,
        cameras=cameras,
        takes_per_shard=len(takes),
        planned_takes=len(takes),
        batch_sha256="",
        catalog_sha256="",
        multitake_version="",
        counts={"takes": len(takes), "clips": cameras * len(takes), "frames": 0, "shards": 1},
        made_from=(MadeFrom(name="benchmark", sha256="", command=""),),
    )


def _shares(counts: dict[tuple[str, bool], _Counts]) -> Iterator[Figure]:
    for is_published, figure in ((True, "found"), (False, "found_elsewhere")):
        chosen = {kind: one for (kind, where), one in counts.items() if where == is_published}
        for kind, one in sorted(chosen.items()):
            text = f"{figure:16} {kind:28} {one.found:4} of {one.planted:4}, alone {one.alone:4}"
            print(text, file=sys.stderr, flush=True)
        made = sum(one.planted for one in chosen.values())
        if made:
            found, alone = (sum(getattr(one, name) for one in chosen.values()) for name in ("found", "alone"))
            yield _figure(figure, found / made, "share", f"{made} planted faults")
            yield _figure(f"{figure}_alone", alone / max(found, 1), "share", f"{found} found faults")


def _figure(figure: str, value: float, unit: str, against: str = "") -> Figure:
    return Figure(benchmark="doctor", figure=figure, value=value, unit=unit, against=against)
