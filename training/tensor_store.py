"""Many named tensors on disk: safetensors files, and an index that is written when all are there."""

import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from multitake.atomic import replacing
from multitake.input_files import parsing

from .checkpoint import saving

_INDEX, _ABOUT = "index.parquet", "tensors"
_SCHEMA = pa.schema(
    [("name", pa.string()), ("file", pa.int32()), ("crc32", pa.uint32()), ("of", pa.string())]
)
_OUT_OF_MEMORY = (MemoryError, torch.OutOfMemoryError)


@dataclass(frozen=True, kw_only=True)
class StoredTensor:
    """Where a tensor is, the checksum of its bytes, and what it was made of."""

    file: int
    crc32: int
    of: str


@dataclass(frozen=True, kw_only=True)
class TensorStore:
    """A folder of tensors; those that its index names never change.

    Attributes:
        index: what is there, by name.
    """

    folder: Path
    index: Mapping[str, StoredTensor]
    _files: dict[int, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, folder: Path, *, sha256: str) -> "TensorStore":
        """Open a folder whose index has this sha256; InputError if it is damaged."""
        path = folder / _INDEX
        with _reading(path):
            content = path.read_bytes()
            if hashlib.sha256(content).hexdigest() != sha256:
                raise ValueError("its sha256 is another one")
            columns = pq.read_table(pa.BufferReader(content), schema=_SCHEMA).to_pydict()
        rows = zip(columns["name"], columns["file"], columns["crc32"], columns["of"], strict=True)
        return cls(
            folder=folder, index={name: StoredTensor(file=n, crc32=c, of=of) for name, n, c, of in rows}
        )

    def read(self, name: str) -> Tensor:
        """A tensor of the index, on the CPU; InputError if it is damaged."""
        stored = self.index[name]
        path = file_path(self.folder, stored.file)
        with _reading(path):
            if stored.file not in self._files:
                self._files[stored.file] = safe_open(path, framework="pt")
            tensor: Tensor = self._files[stored.file].get_tensor(name).clone()
            if _crc32(tensor) != stored.crc32:
                raise ValueError(f"the checksum of {name} is another one")
        return tensor

    @property
    def files(self) -> dict[int, Path]:
        """The files of the index that are there, by their numbers."""
        paths = {
            number: file_path(self.folder, number)
            for number in sorted({one.file for one in self.index.values()})
        }
        return {number: path for number, path in paths.items() if path.exists()}

    @property
    def names(self) -> set[str]:
        """The tensors in these files."""
        files = self.files
        return {name for name, stored in self.index.items() if stored.file in files}

    @property
    def next_file(self) -> int:
        """The number of the first file after those of the index."""
        return 1 + max((one.file for one in self.index.values()), default=-1)


def write_tensors(
    folder: Path, number: int, made_of: Mapping[str, str], make: Callable[[], Iterable[Tensor]]
) -> None:
    """Make the tensors of a file and write it, unless it is there already: of the same names and origins."""
    path = file_path(folder, number)
    if path.exists() and {name: one["of"] for name, one in _about(path).items()} == dict(made_of):
        return
    tensors = {name: tensor.cpu().contiguous() for name, tensor in zip(made_of, make(), strict=True)}
    # One entry: safetensors writes several in any order.
    about = {name: {"crc32": _crc32(tensor), "of": made_of[name]} for name, tensor in tensors.items()}
    with saving(folder), replacing(path) as partial:
        save_file(tensors, partial, metadata={_ABOUT: json.dumps(about)})


def seal(folder: Path, files: Iterable[int]) -> str:
    """Write the index of files; returns its sha256."""
    rows = [
        {"name": name, "file": number, **about}
        for number in files
        for name, about in _about(file_path(folder, number)).items()
    ]
    with saving(folder), replacing(folder / _INDEX) as partial:
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), partial)
    return hashlib.sha256((folder / _INDEX).read_bytes()).hexdigest()


def file_path(folder: Path, number: int) -> Path:
    """A file of a store."""
    return folder / f"{number:06d}.safetensors"


def _about(path: Path) -> dict[str, dict[str, Any]]:
    """What a file says of its tensors."""
    with _reading(path), safe_open(path, framework="pt") as file:
        return dict(json.loads(file.metadata()[_ABOUT]))


def _reading(path: Path) -> Any:
    fix = "delete that file, and run `multitake encode` again"
    return parsing("damaged cache", where=str(path), fix=fix, but=_OUT_OF_MEMORY)


def _crc32(tensor: Tensor) -> int:
    return zlib.crc32(tensor.flatten().view(torch.uint8).numpy().data)
