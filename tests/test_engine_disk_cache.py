"""The cache of meshes and textures: what it gives is what was made, whatever is wrong with its files."""

import multiprocessing
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from datagen.engine.content.characters.catalog import character_skin
from datagen.engine.content.disk_cache import VARIABLE, cached
from datagen.engine.content.environment import Environment
from datagen.engine.content.levels.catalog import environment
from datagen.engine.content.textures.catalog import texture_image
from datagen.geometry import level_surfaces
from datagen.geometry.levels import surfaces_of


@dataclass(frozen=True)
class Thing:
    """One of everything."""

    numbers: np.ndarray
    name: str
    inner: tuple[object, ...]
    table: dict[str, list[float]]


def _thing() -> Thing:
    rng = np.random.default_rng(1)
    inner = (
        None,
        True,
        3,
        0.1,
        np.zeros((0, 3)),
        np.float32(2.5),
        np.arange(4, dtype=np.int32),
        np.ones((5, 2)),
    )
    return Thing(rng.random((7, 3)), "a name", inner, {"b": [1.0], "a": []})


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        assert isinstance(other, np.ndarray)
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, tuple | list):
        assert isinstance(other, tuple | list)
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, dict):
        assert isinstance(other, dict)
        return list(one) == list(other) and all(_is_same(one[key], other[key]) for key in one)
    if hasattr(one, "__dict__"):
        return type(one) is type(other) and _is_same(one.__dict__, other.__dict__)
    return one == other


def _never() -> Thing:
    raise AssertionError("it is on the disk")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


def _file(folder: Path) -> Path:
    (path,) = folder.glob("*/*.bin")
    return path


def test_what_is_read_is_what_was_made(folder: Path) -> None:
    first, again = cached("thing", _thing), cached("thing", _never)
    assert _is_same(first, _thing()) and _is_same(again, _thing())
    assert not again.numbers.flags.writeable
    assert not list(folder.rglob("*.pkl")) and b"pickle" not in _file(folder).read_bytes()


def _truncated(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _flipped(data: bytes) -> bytes:
    return data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]


def _with_a_class_that_runs_programs(data: bytes) -> bytes:
    """With a checksum that is right: an attacker knows it."""
    head, (key, _, length) = data.index(b"\n") + 1, struct.unpack_from("<32sII", data, data.index(b"\n") + 1)
    start = head + struct.calcsize("<32sII")
    tree = data[start : start + length].replace(f'"{__name__}", "Thing"'.encode(), b'"subprocess", "Popen"')
    assert b"Popen" in tree
    body = tree + data[start + length :]
    return data[:head] + struct.pack("<32sII", key, zlib.crc32(body), len(tree)) + body


_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "truncated": _truncated,
    "truncated in its head": lambda data: data[:30],
    "one bit": _flipped,
    "another class": _with_a_class_that_runs_programs,
    "foreign": lambda data: b"PK\x03\x04" + data,
    "longer": lambda data: data + b"x",
    "of another version": lambda data: data.replace(b"cache 1", b"cache 0"),
}


@pytest.mark.parametrize("damage", _DAMAGE)
def test_a_file_that_is_not_whole_is_made_again(damage: str, folder: Path) -> None:
    cached("thing", _thing)
    whole = _file(folder).read_bytes()
    _file(folder).write_bytes(_DAMAGE[damage](whole))
    assert _is_same(cached("thing", _thing), _thing())
    assert _file(folder).read_bytes() == whole


def test_other_sources_and_other_data_are_other_assets(folder: Path, tmp_path: Path) -> None:
    source, changed = tmp_path / "source.py", tmp_path / "changed.py"
    source.write_text("x = 1")
    changed.write_text("x = 2")
    assert cached("n", lambda: 1, sources=[source]) == 1
    assert cached("n", lambda: 2, sources=[source]) == 1
    assert cached("n", lambda: 3, sources=[changed]) == 3
    assert cached("n", lambda: 4, sources=[changed], origin=b"other") == 4


@pytest.mark.parametrize("place", ["off", "a file", "no permission"])
def test_without_a_folder_everything_is_made(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv(VARIABLE, {"off": "off", "a file": str(blocked)}.get(place, "/proc/cache"))
    assert _is_same(cached("thing", _thing), _thing())
    assert _is_same(cached("thing", _thing), _thing())
    assert not list(tmp_path.rglob("*.bin"))


def _make_many(folder: str, seed: int) -> bool:
    os.environ[VARIABLE] = folder
    values = [np.full((4000, 3), 0.5 + k) for k in range(8)]
    order = np.random.default_rng(seed).permutation(8).tolist()
    return all(_is_same(cached(f"t{k}", partial(values.__getitem__, k)), values[k]) for k in order)


def test_processes_that_start_together_share_the_folder(folder: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert all(pool.starmap(_make_many, [(str(folder), seed) for seed in range(3)]))
    assert len(list(folder.glob("*/*.bin"))) == 8 and not list(folder.glob("*/.*"))


def test_only_the_newest_versions_are_kept(folder: Path) -> None:
    for number in range(5):
        (folder / f"old-{number}").mkdir(parents=True)
        (folder / f"old-{number}" / "n.bin").write_bytes(b"x")
        os.utime(folder / f"old-{number}", (number, number))
    cached("n", lambda: 1)
    kept = sorted(one.name for one in folder.iterdir() if one.name.startswith("old-"))
    assert kept == ["old-3", "old-4"] and len(list(folder.iterdir())) == 3


def test_assets_are_the_same_from_the_cache(folder: Path) -> None:
    """A level, its surfaces, a texture and a character, made and read."""

    def assets() -> list[object]:
        for one in (environment, surfaces_of, character_skin):
            one.cache_clear()
        return [
            environment("Room"),
            level_surfaces("/Game/Maps/Room"),
            texture_image("wood_grain"),
            character_skin("Ada"),
        ]

    made = assets()
    files = {path.name: path.stat().st_mtime_ns for path in folder.glob("*/*.bin")}
    assert len(files) == 4
    assert _is_same(made, assets())
    assert files == {path.name: path.stat().st_mtime_ns for path in folder.glob("*/*.bin")}
    room = made[0]
    assert isinstance(room, Environment) and next(iter(room.props)) == "Floor"
