"""Meshes and textures on disk: what one process has made, the next one reads.

The folder is ``$MULTITAKE_CACHE``, or ``multitake`` in ``$XDG_CACHE_HOME`` or ``~/.cache``; ``off`` turns the
cache off. Within it, the assets of one version of the sources are in one folder; the oldest versions are
removed. A file has values as JSON and arrays as they are, no pickles, and a checksum: a file that is damaged
or of other sources is made again. A folder that cannot be written is no error.
"""

import hashlib
import json
import mmap
import os
import shutil
import struct
import sys
import tempfile
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import scipy

_T = TypeVar("_T")
VARIABLE, OFF = "MULTITAKE_CACHE", "off"
_SOURCES = Path(__file__).parent
# Increase it whenever the files change.
_FORMAT = b"multitake cache 1\n"
# After the format: hash of the sources, checksum of what follows, length of the JSON.
_HEAD = struct.Struct("<32sII")
_ALIGN = 16
_KEPT_VERSIONS = 3


def cached(name: str, make: Callable[[], _T], *, sources: Sequence[Path] = (), origin: bytes = b"") -> _T:
    """What ``make`` returns, from the disk if this name was made before by the same sources.

    It consists of numbers, texts, lists, tuples, dictionaries, arrays and dataclasses. Arrays are read-only,
    and equal to those that were made; those from the disk are mapped into memory. ``sources`` are files it
    depends on in addition to those of this package, and ``origin`` is what it is made from.
    """
    made_from = (_version(), name, [_digest(path) for path in sources], hashlib.sha256(origin).hexdigest())
    key = hashlib.sha256(repr(made_from).encode()).digest()
    folder = cache_folder()
    path = folder / _version()[:16] / f"{name}.bin" if folder else None
    stored = _read(path, key) if path else None
    if stored is not None:
        with suppress(ValueError, TypeError, LookupError, AttributeError):
            return _decoded(stored)
    made = _encoded(make(), key)
    if path:
        with suppress(OSError):
            _write(path, made)
    return _decoded(made)


def cache_folder() -> Path | None:
    """The folder of the cache; None if it is turned off or there is no home."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen == OFF:
        return None
    if chosen:
        return Path(chosen)
    base = os.environ.get("XDG_CACHE_HOME", "")
    with suppress(RuntimeError):
        return (Path(base) if base else Path.home() / ".cache") / "multitake"
    return None


@cache
def _version() -> str:
    """The hash of all modules that make assets, and of the libraries that they compute with."""
    files = sorted([*_SOURCES.rglob("*.py"), *_SOURCES.rglob("*.toml")])
    sources = [(str(path.relative_to(_SOURCES)), _digest(path)) for path in files]
    return hashlib.sha256(repr((_FORMAT, np.__version__, scipy.__version__, sources)).encode()).hexdigest()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _read(path: Path, key: bytes) -> mmap.mmap | None:
    """A file mapped into memory; None if it is missing, damaged, or not of this key."""
    try:
        with path.open("rb") as file:
            data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
    start = len(_FORMAT) + _HEAD.size
    if data[: len(_FORMAT)] != _FORMAT or len(data) < start:
        return None
    found, checksum, _ = _HEAD.unpack_from(data, len(_FORMAT))
    return data if found == key and zlib.crc32(memoryview(data)[start:]) == checksum else None


def _write(path: Path, data: bytes) -> None:
    """Write a file at once. It need not reach the disk: the checksum tells."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_old_versions(path.parent)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as partial:
        try:
            partial.write(data)
            partial.close()
            os.replace(partial.name, path)
        except OSError:
            Path(partial.name).unlink(missing_ok=True)
            raise


def _remove_old_versions(newest: Path) -> None:
    others = [one for one in newest.parent.iterdir() if one.is_dir() and one != newest]
    for old in sorted(others, key=lambda one: one.stat().st_mtime)[: 1 - _KEPT_VERSIONS]:
        shutil.rmtree(old, ignore_errors=True)


def _encoded(value: object, key: bytes) -> bytes:
    arrays: list[np.ndarray] = []
    tree = json.dumps([_as_json(value, arrays), [_layout(array) for array in arrays]]).encode()
    blocks, start = [tree], len(_FORMAT) + _HEAD.size + len(tree)
    for array in arrays:
        content = _distinct(array).tobytes()
        gap = -start % _ALIGN
        blocks += [bytes(gap), content]
        start += gap + len(content)
    body = b"".join(blocks)
    return _FORMAT + _HEAD.pack(key, zlib.crc32(body), len(tree)) + body


def _as_json(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": len(arrays) - 1}
    if is_dataclass(value):
        kind = type(value)
        content = {one.name: _as_json(getattr(value, one.name), arrays) for one in fields(value)}
        return {"class": [kind.__module__, kind.__qualname__], "fields": content}
    if isinstance(value, dict):
        return {"dict": [[name, _as_json(one, arrays)] for name, one in value.items()]}
    if isinstance(value, list | tuple):
        return {type(value).__name__: [_as_json(one, arrays) for one in value]}
    if isinstance(value, np.generic):
        return value.item()
    return value


def _layout(array: np.ndarray) -> list[Any]:
    return [array.dtype.str, list(array.shape), len(_distinct(array)) if array.ndim else 1]


def _distinct(array: np.ndarray) -> np.ndarray:
    """The rows of an array; one, if all are equal: paint is often the same all over a mesh."""
    return array[:1] if array.ndim and len(array) > 1 and (array == array[:1]).all() else array


def _decoded(data: bytes | mmap.mmap) -> Any:
    _, _, length = _HEAD.unpack_from(data, len(_FORMAT))
    start = len(_FORMAT) + _HEAD.size
    tree, layouts = json.loads(data[start : start + length])
    start, arrays = start + length, []
    for kind, shape, rows in layouts:
        start += -start % _ALIGN
        stored = (rows, *shape[1:]) if shape else ()
        count = int(np.prod(stored))
        array = np.frombuffer(data, np.dtype(kind), count, start).reshape(stored)
        arrays.append(array if list(stored) == shape else np.broadcast_to(array, shape))
        start += array.nbytes
    return _from_json(tree, arrays)


def _from_json(tree: Any, arrays: list[np.ndarray]) -> Any:
    if not isinstance(tree, dict):
        return tree
    if "array" in tree:
        return arrays[tree["array"]]
    if "class" in tree:
        module, name = tree["class"]
        kind = getattr(sys.modules[module], name)
        if not (isinstance(kind, type) and is_dataclass(kind)):
            raise ValueError(f"{name} is no dataclass")
        content = {one: _from_json(value, arrays) for one, value in tree["fields"].items()}
        return kind(**content)
    if "dict" in tree:
        return {name: _from_json(value, arrays) for name, value in tree["dict"]}
    ((kind, values),) = tree.items()
    sequence = [_from_json(value, arrays) for value in values]
    return tuple(sequence) if kind == "tuple" else sequence
