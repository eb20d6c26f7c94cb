"""Captions that models wrote for the clips of a data set: beside it, never in its shards.

captions/NAME/run.json        what wrote them: model, revision, prompt, frames
captions/NAME/00000.parquet   one row per clip of that shard
captions/NAME/00000.jsonl     the rows of an unfinished run, which the same command continues
"""

import io
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from multitake.atomic import write_file, writing_to
from multitake.errors import InputError
from multitake.folder_lock import locked_folder
from multitake.input_files import parsing
from multitake.settings import STRICT, validated

from .files import Files, parquet_file

FOLDER = "captions"
_VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MOST_BYTES = 2**28
_FIX = "delete it, and run `multitake caption` again"
_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("take", "camera", "caption", "model", "revision", "prompt")),
        ("frames", pa.int32()),
    ],
    metadata={"multitake.model_captions": str(_VERSION)},
)
Clips = Mapping[tuple[str, str], str]


@dataclass(frozen=True, kw_only=True)
class CaptionRun:
    """What wrote captions; all captions of one name have the same.

    Attributes:
        model: its name or the name of its folder.
        revision: the commit of a model by name, or the sha256 of the files of a folder.
        prompt: what it was asked about each clip.
        frames: how many frames of a clip it saw, at equal distances.
        most_tokens: the length at which captions are cut.
        dataset_sha256: hash of the ``dataset.json`` that they belong to.
    """

    __pydantic_config__ = STRICT
    version: int = _VERSION
    model: str
    revision: str
    prompt: str
    frames: Annotated[int, Field(ge=1)]
    most_tokens: Annotated[int, Field(ge=1)]
    dataset_sha256: str


class CaptionWriter:
    """Adds captions of one run to a folder; those that are there are never changed.

    A caption is kept as soon as it is added, and a killed run loses at most the one in progress.
    """

    def __init__(self, folder: Path, run: CaptionRun) -> None:
        self.folder = folder
        self.run = run

    @classmethod
    @contextmanager
    def opened(cls, folder: Path, run: CaptionRun) -> Iterator["CaptionWriter"]:
        """Open or make a folder, for one process at a time; InputError if it has captions of another run."""
        with locked_folder(folder, result="run.json"), writing_to(folder):
            path = folder / "run.json"
            if path.exists():
                _check_same(_read_run(Files(folder)), run, str(path))
            yield cls(folder, run)

    def captions(self, shard: int) -> dict[tuple[str, str], str]:
        """The captions of a shard so far, by take and camera."""
        files = Files(self.folder)
        sealed = _read_table(files, shard) if (self.folder / _table_name(shard)).exists() else {}
        partial = self._partial(shard)
        if not partial.exists():
            return sealed
        lines = partial.read_text(encoding="utf-8", errors="replace").split("\n")
        with parsing("not captions of a run", where=str(partial), fix=_FIX):
            # What follows the last newline is the line that a killed run was writing.
            rows = [json.loads(line) for line in lines[:-1]]
            added = {(row["take"], row["camera"]): str(row["caption"]) for row in rows}
        write_file(partial, "".join(f"{line}\n" for line in lines[:-1]))
        return {**added, **sealed}

    def add(self, shard: int, take: str, camera: str, caption: str) -> None:
        """Keep the caption of a clip; the first one makes the folder that of this run."""
        if not (path := self.folder / "run.json").exists():
            write_file(path, json.dumps(asdict(self.run), indent=2) + "\n")
        row = {"take": take, "camera": camera, "caption": caption}
        with self._partial(shard).open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def finish(self, shard: int) -> None:
        """Write the table of a shard with all captions so far, in order of takes and cameras."""
        about = {name: getattr(self.run, name) for name in ("model", "revision", "prompt", "frames")}
        rows = [
            {"take": take, "camera": camera, "caption": caption, **about}
            for (take, camera), caption in sorted(self.captions(shard).items())
        ]
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), sink, compression="zstd")
        write_file(self.folder / _table_name(shard), sink.getvalue())
        self._partial(shard).unlink(missing_ok=True)

    def _partial(self, shard: int) -> Path:
        return self.folder / f"{shard:05d}.jsonl"


@dataclass(frozen=True, kw_only=True)
class ModelCaptions:
    """Captions of one run: ``captions[take, camera]``."""

    run: CaptionRun
    captions: Clips


def read_model_captions(folder: str | Path) -> ModelCaptions:
    """The captions of finished shards in a folder such as ``DATASET/captions/NAME``, at any fsspec address.

    InputError if there are none, or if they are damaged.
    """
    files = Files(folder)
    run = _read_run(files)
    names = [name for name in files.store.names("") if re.fullmatch(r"\d{5,}\.parquet", name)]
    captions: dict[tuple[str, str], str] = {}
    for name in names:
        captions |= _read_table(files, int(name.partition(".")[0]))
    return ModelCaptions(run=run, captions=captions)


def checked_name(name: str) -> str:
    """``name`` if it can name captions: at most 100 letters, digits, ``.``, ``_``, ``-``; else InputError."""
    if not _NAME.fullmatch(name):
        fix = "use letters, digits, '.', '_' and '-', e.g. --name smolvlm"
        raise InputError(f"invalid name of captions {name!r}", where="--name", fix=fix)
    return name


def _check_same(found: CaptionRun, wanted: CaptionRun, where: str) -> None:
    for name, value in asdict(found).items():
        if value != (other := getattr(wanted, name)):
            what = f"has captions with {name} {value!r}, not {other!r}"
            raise InputError(what, where=where, fix="give another --name, or the same values")


def _read_run(files: Files) -> CaptionRun:
    where = files.address("run.json")
    if "run.json" not in files.store.names(""):
        raise InputError("no captions", where=files.url, fix="run `multitake caption` first")
    with parsing("not the description of captions", where=where, fix=_FIX):
        record = json.loads(files.content("run.json"))
    return validated(CaptionRun, record, where=where)


def _table_name(shard: int) -> str:
    return f"{shard:05d}.parquet"


def _read_table(files: Files, shard: int) -> dict[tuple[str, str], str]:
    name = _table_name(shard)
    where = files.address(name)
    with parsing("not a table of captions", where=where, fix=_FIX):
        file = parquet_file(files.content(name))
        table = file.read(columns=["take", "camera", "caption"], use_threads=False)
        if table.nbytes > _MOST_BYTES or any(column.null_count for column in table.columns):
            raise ValueError("too large, or with empty values")
        return {(row["take"], row["camera"]): str(row["caption"]) for row in table.to_pylist()}
