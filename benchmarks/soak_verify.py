"""``python -m benchmarks.soak_verify [MUTATIONS]``: files of a finished data set are damaged, one at a time.

``verify`` must find each damage. No window, poses, depth or mask that is read may differ from those of the
sound data set, unless an error is raised, and none that a stream gives which skips what is damaged. After
``shards repair``, every take must be as it was; or it
refuses and changes nothing.
"""

import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from datagen.batch import Batch, EngineChoice
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.film import film_take
from datagen.film_worker import FilmJob
from datagen.generate import batch_files, dataset_info
from datagen.plan import plan_take
from multitake.errors import InputError
from multitake.randomness import rng_for
from shards import (
    FULL,
    QUICK,
    DatasetWriter,
    Extent,
    Failure,
    Take,
    open_dataset,
    sealed_clips,
    verify_dataset,
)
from shards.pairs import PairSettings
from shards.streaming import PairStream
from shards.tools import repair_dataset
from trajectories.sampling import rules_from

from .damage import damage

_BATCH = Batch(
    seed=3,
    takes=4,
    takes_per_shard=2,
    frames=41,
    width_px=64,
    height_px=48,
    passes=("mask",),
    engine=EngineChoice(look="fast"),
    rules=rules_from({"cameras": 2, "radius_m": [2.0, 4.0]}, "rig"),
)
_WRONG = "WRONG TAKES AFTER REPAIR"
_WINDOWS = ((0, 5), (20, 25), (0, 41), (22, 41))


def main(mutations: int) -> None:
    with TemporaryDirectory() as name:
        sound, damaged = Path(name) / "sound", Path(name) / "damaged"
        write_dataset(sound)
        assert verify_dataset(sound) == []
        expected = dict(reads(sound))
        found, silent, kinds, repairs = 0, 0, Counter[str](), Counter[str]()
        for number in range(mutations):
            shutil.rmtree(damaged, ignore_errors=True)
            shutil.copytree(sound, damaged)
            what = damage(files_of(damaged), rng_for(0, "verify", number))
            problem = first_problem(damaged)
            wrong = [
                key for key, value in reads(damaged) if isinstance(value, bytes) and value != expected[key]
            ]
            wrong += wrong_samples(damaged, expected, kinds)
            found, silent = found + (problem is not None), silent + len(wrong)
            kinds[what.split()[0]] += 1
            kinds["found by --quick"] += bool(first_problem(damaged, extent=QUICK))
            repairs[repair := outcome_of_repair(damaged, expected)] += 1
            print(f"{number:4d} {what}: {problem or 'NOT FOUND'} {wrong or ''} [{repair}]", flush=True)
    print(f"mutations: {dict(sorted(kinds.items()))}")
    print(f"found by verify: {found} of {mutations}; reads with wrong data and no error: {silent}")
    print(f"repairs: {dict(sorted(repairs.items()))}")
    sys.exit(found != mutations or silent > 0 or repairs[_WRONG] > 0)


def write_dataset(root: Path) -> None:
    """Film a small batch of four takes in two shards; the third take has failed."""
    catalog = load_catalog(_BATCH.scene, folder=root)
    job = FilmJob(batch=_BATCH, catalog=catalog, dataset=root)
    writer, engine = DatasetWriter(root), RunningEngine(_BATCH.engine, worker=0)
    try:
        info = dataset_info(job, engine_version=engine.driver.engine_version())
        writer.create(info, batch_files(job))
        takes = [plan_take(_BATCH, catalog, index) for index in range(_BATCH.takes)]
        for take in takes:
            if take.index != 2:
                writer.stage(film_take(engine.driver, _BATCH, take))
    finally:
        engine.close()
    writer.note_failed(Failure(take=takes[2].key, number=2, attempts=2, reason='no "light"'))
    writer.seal(0, [take.key for take in takes[:2]])
    writer.seal(1, [takes[3].key])
    writer.finish()


def files_of(root: Path) -> list[Path]:
    """Every file of the data set that is not hidden."""
    return sorted(path for path in root.rglob("[!.]*") if path.is_file())


def outcome_of_repair(root: Path, expected: Mapping[str, bytes | None]) -> str:
    """What ``shards repair`` made of a data set."""
    before = {path: path.read_bytes() for path in files_of(root)}
    try:
        done = repair_dataset(root, progress=Silent())
    except InputError:
        return "refused" if before == {path: path.read_bytes() for path in files_of(root)} else _WRONG
    if any(value != expected[key] for key, value in reads(root)):
        return _WRONG
    taken = f"{len(done.dropped)} takes dropped" if done.shards else "no shard damaged"
    return f"{taken}, {'some problems left' if verify_dataset(root) else 'no problem left'}"


def wrong_samples(root: Path, expected: Mapping[str, bytes | None], kinds: Counter[str]) -> list[str]:
    """Clips of a stream that differ from those of the sound data set; what it skips is counted."""
    wrong = []
    try:
        stream = PairStream(root, PairSettings(seed=1, damage="skip", split=None))
        for sample in islice(stream, 6):
            kinds["samples that were replaced"] += bool(sample.skipped)
            for clip in (sample.source, *sample.targets):
                frames = clip.rgb().permute(0, 2, 3, 1).contiguous().numpy()
                if frames.tobytes() != expected[f"{sample.take} {clip.camera} 0..41"]:
                    wrong.append(f"sample {sample.sample_index}")
    except InputError:
        kinds["streams that stopped"] += 1
    return wrong


class Silent:
    """No progress is shown."""

    def show(self, text: str, *, done: int, total: int) -> None:
        """Nothing."""


def first_problem(root: Path, *, extent: Extent = FULL) -> str | None:
    """The first problem, or the error, that verify has; an error must be one line."""
    try:
        problems = [str(problem) for problem in verify_dataset(root, extent=extent)]
    except InputError as error:
        problems = [str(error)]
    assert all(len(problem.splitlines()) == 1 for problem in problems), problems
    return problems[0].replace(f"{root}/", "") if problems else None


def reads(root: Path) -> Iterator[tuple[str, bytes | None]]:
    """Everything that is read of a data set by name, as bytes; None for an InputError."""
    with suppress(InputError):
        clips = sealed_clips(root)
        for number, row in enumerate(clips):
            yield f"{row.name} in poses/", clips.poses.world_from_camera[number].tobytes()
    try:
        dataset = open_dataset(root)
    except InputError:
        return
    with suppress(InputError):
        for row in dataset.takes:
            yield f"{row.take} in takes/", str(row).encode()
    for take in dataset:
        yield f"{take.key} poses", attempt(lambda take=take: take.poses.world_from_camera)
        for camera in take.cameras:
            for name, read in clip_reads(take, camera):
                yield f"{take.key} {camera} {name}", attempt(read)


def clip_reads(take: Take, camera: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What is read of one camera."""
    clip = take.clip(camera)
    for start, stop in _WINDOWS:
        yield f"{start}..{stop}", lambda start=start, stop=stop: clip.frames(start, stop)
    yield "mask", clip.mask
    yield "intrinsics", lambda: np.array(str(clip.intrinsics))


def attempt(read: Callable[[], Any]) -> bytes | None:
    """The bytes that are read, or None for an InputError."""
    try:
        return np.asarray(read()).tobytes()
    except InputError:
        return None


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
