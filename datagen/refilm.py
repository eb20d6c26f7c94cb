"""The command ``refilm``: film sealed takes again, with further cameras or passes, or in another size.

The new data set is complete by itself: it has all cameras and passes of the old one and the new ones, and
its ``batch.toml`` says everything, so `generate` makes it again and `refilm` films it again.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import numpy as np

from multitake.errors import InputError
from multitake.progress import ProgressLine
from multitake.settings import MOST_TOML_BYTES
from shards import (
    Dataset,
    DatasetWriter,
    check_new_address,
    chosen_takes,
    is_inside,
    open_dataset,
    store_at,
    stored_poses,
)

from .batch import Batch, Pass, Refilm
from .batch_difference import check_same_files
from .batch_file import check_extra_cameras, resolved_toml
from .camera_file import read_cameras
from .generate import GenerateReport, film_batch
from .plan import is_probed, plan_take, take_rigs
from .run import RunOptions, missing_takes
from .sealed_batch import SealedBatch, read_engine, read_sealed_batch
from .stream_comparison import StreamComparison, compare_streams, flags_by_camera, stored_streams

_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
# Sampling a rig takes a tenth of a second.
_MOST_COMPARED = 64
_LEAST_PX, _MOST_PX = 16, 8192


@dataclass(frozen=True, kw_only=True)
class RefilmOptions:
    """Which takes are filmed again, and what differs; None is as in the data set.

    Attributes:
        takes: see ``shards.chosen_takes``; None for all that are sealed.
        cameras: a file of cameras to add, see ``CameraFile``.
        passes: passes to add, separated by commas.
        size: another size of all images, such as ``640x360``.
        engine: a file with the keys of ``[engine]`` that say how it is started and reached; a data set never
            says that.
    """

    takes: str | None = None
    cameras: Path | None = None
    passes: str | None = None
    size: str | None = None
    engine: Path | None = None


@dataclass(frozen=True, kw_only=True)
class RefilmReport:
    """The result of a run: what was filmed, and whether it is what the source has.

    Attributes:
        comparison: the sealed takes against those of the source; None if none is sealed yet.
        must_be_equal: equal commands give equal pixels in this engine.
    """

    filmed: GenerateReport
    comparison: StreamComparison | None
    must_be_equal: bool
    notes: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether the run succeeded, and no stream differs that must not."""
        has_equal = self.comparison is None or self.comparison.is_equal or not self.must_be_equal
        return self.filmed.is_ok and has_equal

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield from self.filmed.lines()
        yield from (f"note: {note}" for note in self.notes)
        if self.comparison:
            yield from self.comparison.lines()


def refilm(
    dataset: str,
    *,
    out: str | Path,
    choices: RefilmOptions,
    options: RunOptions,
    progress: ProgressLine,
    assets: Path | None = None,
) -> RefilmReport:
    """Film sealed takes of a data set again into the data set ``out``; the same call resumes.

    Args:
        dataset, out: folders, or any fsspec addresses; neither is in the other.
        choices: what differs from the data set.
        assets: the folder of the user's files in the catalog; by default that of the data set.

    InputError if the data set, a file or a take cannot be used, if the sampled rigs are not the sealed ones,
    or if ``out`` is the data set of something else.
    """
    check_new_address(out)
    source = read_sealed_batch(dataset, assets=assets)
    _check_apart(out, dataset)
    batch = refilmed_batch(source, choices)
    fix = "give a new folder, or the same options as before"
    check_same_files(store_at(out), {"batch.toml": resolved_toml(batch)}, what="refilm", fix=fix)
    # Damage of the source is found before anything is written.
    sealed = stored_streams(source.dataset)
    _check_rigs(source, batch, out, progress)
    report = _filmed(source, batch, out, options, progress)
    new = open_dataset(out) if len(report.unsealed_shards) < batch.shards else None
    return RefilmReport(
        filmed=report,
        comparison=compare_streams(sealed, stored_streams(new)) if new else None,
        must_be_equal=batch.engine.kind == "embedded",
        notes=tuple(_notes(source, new)),
    )


def _filmed(
    source: SealedBatch, batch: Batch, out: str | Path, options: RunOptions, progress: ProgressLine
) -> GenerateReport:
    """Film the batch; says first that keys of its source which start an engine are ignored."""
    ignored = ", ".join(f"engine.{key}" for key in source.ignored)
    about = f"{source.url}/batch.toml: {ignored} ignored, as a data set starts no engine"
    if ignored:
        progress.note(about)
    is_complete = next(missing_takes(batch, source.catalog, DatasetWriter(out)), None) is None
    if batch.engine.is_started or is_complete:
        return film_batch(batch, source.catalog, out=out, options=options, progress=progress)
    fix = "start one there, or give --engine FILE, which says how one is started"
    progress.note(f"waiting for a running engine at port {batch.engine.unrealcv_port}; {fix}")
    try:
        return film_batch(batch, source.catalog, out=out, options=options, progress=progress)
    except InputError as error:
        if "no UnrealCV server" not in error.what:
            raise
        what = error.what.partition("; ")[0]
        fix = f"{fix} ({about})" if ignored else fix
        raise InputError(what, where=error.where, fix=fix) from error


def _check_apart(out: str | Path, dataset: str) -> None:
    """InputError if one of both data sets would be in the other."""
    what = None
    if is_inside(out, dataset):
        what = f"is {'' if is_inside(dataset, out) else 'in '}the data set that is filmed again"
    elif is_inside(dataset, out):
        what = "contains the data set that is filmed again"
    if what:
        raise InputError(what, where=f"--out {out}", fix="give a new folder outside of it")


def refilmed_batch(source: SealedBatch, choices: RefilmOptions) -> Batch:
    """The batch of a refilm; InputError names the option that is invalid."""
    old = source.batch
    keys = source.dataset.keys
    if choices.takes is not None:
        keys = chosen_takes(choices.takes, keys, planned=source.keys)
    numbers = sorted(source.planned[key] for key in keys)
    indices = tuple(old.take_index(number) for number in numbers)
    width_px, height_px = _size(choices.size) if choices.size is not None else (old.width_px, old.height_px)
    is_sampled_size = (width_px, height_px) == old.sampled_size_px
    refilm = Refilm(
        takes=() if indices == tuple(range(len(source.planned))) else indices,
        sampled_size_px=None if is_sampled_size else old.sampled_size_px,
    )
    keys = tuple(source.keys[number] for number in numbers)
    added = read_cameras(choices.cameras, old, keys) if choices.cameras else ()
    new = replace(
        old,
        takes=len(numbers),
        width_px=width_px,
        height_px=height_px,
        passes=_passes(old, choices.passes) if choices.passes is not None else old.passes,
        engine=read_engine(choices.engine, old.engine) if choices.engine else old.engine,
        extra_cameras=(*old.extra_cameras, *added),
        refilm=refilm,
    )
    check_extra_cameras(new, where=str(choices.cameras))
    _check_size(new, str(choices.cameras or source.url))
    return new


def _passes(old: Batch, text: str) -> tuple[Pass, ...]:
    """The passes of a batch and those that a text names, these in the order of all passes."""
    known: tuple[Pass, ...] = get_args(Pass)
    wanted = [one.strip() for one in text.split(",")]
    for one in wanted:
        if one not in known:
            raise InputError(f"unknown pass {one!r}", where="--passes", fix=f"use {', '.join(known)}")
    passes = (*old.passes, *(one for one in known if one in wanted and one not in old.passes))
    try:
        old.engine.check_passes(passes)
    except ValueError as error:
        what, _, fix = str(error).partition("; ")
        raise InputError(what, where="--passes", fix=fix) from error
    return passes


def _size(text: str) -> tuple[int, int]:
    found = _SIZE.fullmatch(text)
    sides = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(_LEAST_PX <= side <= _MOST_PX and side % 2 == 0 for side in sides):
        fix = f"give WIDTHxHEIGHT, even numbers from {_LEAST_PX} to {_MOST_PX}"
        raise InputError(f"invalid size {text!r}", where="--size", fix=fix)
    return sides


def _check_size(batch: Batch, where: str) -> None:
    """InputError if the batch file could not be read again."""
    size = len(resolved_toml(batch).encode())
    if size > MOST_TOML_BYTES:
        what = f"the batch file would have {size} bytes, {MOST_TOML_BYTES} at most can be read"
        raise InputError(what, where=where, fix="choose fewer takes with --takes")


def _check_rigs(source: SealedBatch, batch: Batch, out: str | Path, progress: ProgressLine) -> None:
    """InputError if a sampled rig is not the sealed one, of some takes that are still to be filmed.

    The comparison of all takes after the run finds the others.
    """
    if is_probed(batch):
        return
    missing = list(missing_takes(batch, source.catalog, DatasetWriter(out)))
    step = max(1, -(-len(missing) // _MOST_COMPARED))
    for place, number in enumerate(missing[::step]):
        progress.show("rigs: comparing with the sealed ones", done=place * step, total=len(missing))
        take = plan_take(batch, source.catalog, number)
        sampled = stored_poses(take_rigs(batch, take).poses[0]).world_from_camera
        sealed = source.dataset.take(take.key).poses.world_from_camera
        if not np.array_equal(sampled, sealed[: len(sampled)]):
            version = source.dataset.info.multitake_version
            fix = f"use multitake {version} and the assets with which the take was filmed"
            raise InputError("the sampled rig is not the sealed one", where=f"take {take.key}", fix=fix)


def _notes(source: SealedBatch, new: Dataset | None) -> Iterator[str]:
    if new is None:
        return
    old_version, new_version = source.dataset.info.engine.version, new.info.engine.version
    if old_version != new_version:
        yield f"the source was filmed by {old_version}, this is {new_version}"
    added = set(new.take(new.keys[0]).cameras) - set(source.dataset.take(new.keys[0]).cameras)
    for camera, flags in flags_by_camera(new, added).items():
        counts = ", ".join(f"{flag} {count}" for flag, count in flags.most_common())
        yield f"flags of {camera} in {len(new)} takes: {counts or 'none'}"
