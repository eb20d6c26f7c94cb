"""Encoding in advance: the latents of all windows that a run streams, and the embeddings of its captions."""

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from torch import Tensor

from multitake.atomic import remove_partials
from multitake.counts import many
from multitake.errors import InputError
from multitake.folder_lock import locked_folder
from multitake.progress import ProgressLine
from shards import Dataset, open_dataset
from shards.streaming import PairSample, PairStream

from .batches import FIXED_SAMPLES, pair_settings, with_rate
from .cache import (
    CACHE_FILE,
    identity_of,
    read_manifest,
    require_same,
    take_sha256,
    text_name,
    window_name,
    write_manifest,
)
from .config import Config, load_config, preset
from .device import device_of, memory_of
from .models.base_folder import base_folder, encoders_sha256
from .models.load import load_encoders
from .tensor_store import TensorStore, seal, write_tensors

_WINDOWS_OF_FILE, _TEXTS_OF_FILE = 64, 1024
_LESS_MEMORY = "give a smaller window in the config"


@dataclass(frozen=True, kw_only=True)
class EncodeReport:
    """How many windows and captions were encoded, and how many were there."""

    out: Path
    windows: int
    texts: int
    kept: int

    def lines(self) -> list[str]:
        """Return the report as text."""
        made = f"{many(self.windows, 'window')} and {many(self.texts, 'caption')} encoded, {self.kept} kept"
        return [made, str(self.out)]


@dataclass(frozen=True, kw_only=True)
class _Window:
    """A window: that of the source or the target of a sample; ``made_of`` identifies its take."""

    split: str
    sample_index: int
    is_target: bool
    made_of: str


@dataclass(frozen=True, kw_only=True)
class _Needed:
    """What a run uses, in the order of its samples, by the names in the cache."""

    texts: dict[str, str]
    latents: dict[str, _Window]

    def without(self, known: Mapping[str, TensorStore]) -> "_Needed":
        """What of it is missing."""
        texts, latents = (known[kind].names if kind in known else set() for kind in ("texts", "latents"))
        return _Needed(
            texts={name: text for name, text in self.texts.items() if name not in texts},
            latents={name: one for name, one in self.latents.items() if name not in latents},
        )


@dataclass(frozen=True, kw_only=True)
class _File:
    """A file of the cache that is to be written: of latents or of texts."""

    number: int
    content: Mapping[str, str] | Mapping[str, _Window]
    kind: str


@dataclass(frozen=True, kw_only=True)
class _Job:
    """What every encoding process needs."""

    config: Config
    data: str
    base: Path
    out: Path

    def stream(self, split: str, *, has_videos: bool) -> PairStream:
        """The pairs of a split, as a run streams them."""
        settings = pair_settings(self.config, open_dataset(self.data).info.fps, split=split)
        return PairStream(self.data, settings if has_videos else replace(settings, pixels="none"))


def encode_dataset(
    data: str,
    *,
    out: Path,
    config_path: Path | None = None,
    base: Path | None = None,
    steps: int | None = None,
    texts_only: bool = False,
    workers: int = 0,
    ray_address: str | None = None,
    progress: ProgressLine | None = None,
) -> EncodeReport:
    """Encode what a training run streams, or what is missing of it in ``out``.

    The latents of a window are those of that window, not a part of those of the clip: the autoencoder is
    causal. Files are complete or absent, and the same whatever ``workers`` is; a killed run is resumed.

    Args:
        data: folder or fsspec URL of the data set.
        out: folder of the cache.
        config_path: the config of the training run, a TOML file; default: the preset of the paper.
        base: folder of the base model, if it is not that of the config.
        steps: of the run; replaces those of the config.
        texts_only: encode captions, but no videos.
        workers: Ray actors, each with a GPU if the config's device is one; 0 encodes in this process.
        ray_address: a Ray cluster whose machines share the folders; default: this machine.
        progress: shows every file.

    InputError for an invalid config, data set or base model, for samples that cannot be read, and for a
    folder that was made from others. RunError if the disk is full, or if a worker ends.
    """
    dataset = open_dataset(data)
    config = with_rate(_config(config_path, base, steps), dataset.info.fps)
    with locked_folder(out, result=CACHE_FILE):
        _require_own(out)
        job = _Job(config=config, data=data, base=base_folder(config, out), out=out)
        identity = identity_of(config, dataset, encoders_sha256(job.base, config))
        known = _known(job, identity)
        needed = _needed(job, dataset, has_windows=not texts_only)
        missing = needed.without(known)
        files = _files(missing, known)
        for done, _ in enumerate(_written(job, files, workers, ray_address), start=1):
            if progress:
                progress.show(f"file {done} of {len(files)}", done=done, total=len(files))
        kinds = known.keys() | ({"texts"} if texts_only else {"texts", "latents"})
        write_manifest(out, identity, {kind: _sealed(out, kind, known, files) for kind in sorted(kinds)})
    made = len(missing.texts) + len(missing.latents)
    return EncodeReport(
        out=out,
        windows=len(missing.latents),
        texts=len(missing.texts),
        kept=len(needed.texts) + len(needed.latents) - made,
    )


def _config(path: Path | None, base: Path | None, steps: int | None) -> Config:
    """The config of the run; InputError without a base model."""
    if not path and not base:
        raise InputError("no base model", where="encode", fix="give --base, or a --config that names one")
    config = load_config(path) if path else preset("paper")
    if base:
        config = replace(config, model=replace(config.model, base=str(base.absolute())))
    return replace(config, steps=steps or config.steps)


def _require_own(out: Path) -> None:
    """InputError unless a folder is empty, a cache, or what remains of one."""
    ours = {CACHE_FILE, "texts", "latents", "base"}
    if any(path.name not in ours and path.name[0] != "." for path in out.iterdir()):
        raise InputError("is not empty and not a cache", where=str(out), fix="give another --out")


def _known(job: _Job, identity: Mapping[str, object]) -> dict[str, TensorStore]:
    """What is in the folder already; InputError if it was made from others."""
    if not (job.out / CACHE_FILE).exists():
        write_manifest(job.out, identity, {})
    made_from, sha256s = read_manifest(job.out)
    require_same(job.out, made_from, identity)
    for folder in (job.out, job.out / "texts", job.out / "latents"):
        remove_partials(folder)
    return {kind: TensorStore.open(job.out / kind, sha256=sha256) for kind, sha256 in sha256s.items()}


def _needed(job: _Job, dataset: Dataset, *, has_windows: bool) -> _Needed:
    """What a run streams: its samples, those of the fixed loss, and those of validation."""
    config = job.config
    parts: dict[str, Iterable[int]] = {"train": (*range(config.steps * config.batch_size), *FIXED_SAMPLES)}
    if config.validation.every or config.validation.clips_every:
        parts["validation"] = range(config.validation.pairs)
    needed = _Needed(texts={text_name(""): ""}, latents={})
    for split, indices in parts.items():
        stream = job.stream(split, has_videos=False)
        for index in indices:
            sample = stream.sample(index)
            needed.texts.setdefault(text_name(sample.caption), sample.caption)
            for is_target in (False, True) if has_windows else ():
                camera = (sample.target if is_target else sample.source).camera
                made_of = take_sha256(dataset, sample.take)
                window = _Window(split=split, sample_index=index, is_target=is_target, made_of=made_of)
                needed.latents.setdefault(window_name(sample.take, camera, sample.first_frame), window)
    return needed


def _files(missing: _Needed, known: Mapping[str, TensorStore]) -> list[_File]:
    """The files to write, with numbers after those that are there."""
    kinds: dict[str, tuple[Mapping[str, Any], int]] = {
        "texts": (missing.texts, _TEXTS_OF_FILE),
        "latents": (missing.latents, _WINDOWS_OF_FILE),
    }
    files: list[_File] = []
    for kind, (content, most) in kinds.items():
        items, first = list(content.items()), known[kind].next_file if kind in known else 0
        parts = (dict(items[start : start + most]) for start in range(0, len(items), most))
        files += [
            _File(kind=kind, number=number, content=part) for number, part in enumerate(parts, start=first)
        ]
    return files


def _sealed(out: Path, kind: str, known: Mapping[str, TensorStore], files: Iterable[_File]) -> str:
    """Write the index of all files of a kind; returns its sha256."""
    kept = known[kind].files if kind in known else ()
    return seal(out / kind, [*kept, *(file.number for file in files if file.kind == kind)])


def _written(job: _Job, files: list[_File], workers: int, ray_address: str | None) -> Iterator[None]:
    """Write files, in this process or by Ray actors; one is yielded when it is there."""
    if not files:
        return
    if not workers:
        encoder = _Encoder(job)
        for file in files:
            encoder.write(file)
            yield
        return
    from .ray_actors import by_actors

    gpus = int(device_of(job.config).type == "cuda")
    count = min(workers, len(files))
    yield from by_actors(_Encoder, job, files, workers=count, gpus=gpus, address=ray_address)


class _Encoder:
    """Writes files of a cache."""

    def __init__(self, job: _Job) -> None:
        self._job = job
        self._encoders = load_encoders(job.base, job.config, device_of(job.config))
        self._streams: dict[str, PairStream] = {}

    def write(self, file: _File) -> None:
        """Encode the content of a file and write it, unless it is there."""
        made_of = {name: getattr(one, "made_of", "") for name, one in file.content.items()}
        with memory_of(device_of(self._job.config), fix=_LESS_MEMORY):
            write_tensors(self._job.out / file.kind, file.number, made_of, lambda: self._tensors(file))

    def _tensors(self, file: _File) -> Iterator[Tensor]:
        windows = []
        for one in file.content.values():
            if isinstance(one, str):
                yield self._encoders.text(one)
            else:
                windows.append(one)
        for sample, of_sample in self._samples(windows):
            for window in of_sample:
                clip = sample.target if window.is_target else sample.source
                yield self._encoders.latents_of(sample, clip).to(self._encoders.dtype)

    def _samples(self, windows: list[_Window]) -> Iterator[tuple[PairSample, list[_Window]]]:
        """The samples of windows, of which the next one is decoded by a thread."""
        groups = [list(some) for _, some in groupby(windows, lambda one: (one.split, one.sample_index))]
        with ThreadPoolExecutor(1) as thread:
            waiting = [thread.submit(self._sample, group[0]) for group in groups[:1]]
            for number, group in enumerate(groups):
                sample = waiting.pop().result()
                if number + 1 < len(groups):
                    waiting.append(thread.submit(self._sample, groups[number + 1][0]))
                yield sample, group

    def _sample(self, window: _Window) -> PairSample:
        if window.split not in self._streams:
            self._streams[window.split] = self._job.stream(window.split, has_videos=True)
        return self._streams[window.split].sample(window.sample_index)
