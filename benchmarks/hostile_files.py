"""Files that no user gives on purpose: damaged, of odd types and values, huge when unpacked, endless.

``valid_file`` writes a small valid file of a format, ``mutated`` damages bytes of it, and ``NAMED`` are files
made to break a reader. Each takes a folder and returns the path to read.
"""

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from trajectories import ClipTable, clip_table_bytes
from trajectories.formats import trajectories_of_clips, write_trajectories
from trajectories.formats.trajectory_set import TrajectorySet
from trajectories.sampling import PRESETS, Shot, clips_of_rigs, sample_rigs

FILE_NAMES = {
    "multicamvideo": "camera_extrinsics.json",
    "realestate10k": "re10k",
    "tum": "tum",
    "kitti": "kitti",
    "colmap": "model",
    "colmap_binary": "model",
    "nerfstudio": "transforms.json",
    "clip_table": "clips.parquet",
    "npz": "poses.npz",
    "keyframes": "keys.toml",
}
_TEXTS = (
    *("nan", "inf", "-1", "0", "1e308", "1e309", "-1e308", "9" * 30, "9" * 5000, "0x" + "f" * 9000, "null"),
    *('"', "'", "[", "]", "{", "}", ",", ":", "=", ".", "#", "\n", "\r\n", "\0", "\x1b[2J", "[" * 3000),
    *("{" * 3000, "true", "[]", "{}", '""', "\u200b", "\ufeff", "²", "../", "/", " ", "a." * 3000),
)
_KEYFRAMES = """\
fps = 15
[[keyframe]]
time_s = 0.0
position_m = [0.0, 0.0, 1.5]
look_at_m = [4.0, 0.0, 1.0]
focal_length_mm = 24.0
[[keyframe]]
time_s = 1.5
position_m = [1.0, 2.0, 1.5]
look_at_m = [4.0, 0.0, 1.0]
focal_length_mm = 50.0
"""


def clips(rigs: int = 2, frames: int = 9) -> ClipTable:
    """The clips of a few sampled rigs."""
    batch = sample_rigs(PRESETS["paper"], np.tile([[0.0, 0.0, 1.1]], (rigs, 1)), seed=3, frames=frames)
    return clips_of_rigs(batch, takes=[f"street_{rig}" for rig in range(rigs)], shot=Shot(frames=frames))


def valid_file(folder: Path, name: str) -> Path:
    """A valid file or folder of a format."""
    path = folder / FILE_NAMES[name]
    if name == "keyframes":
        path.write_text(_KEYFRAMES)
        return path
    found = tuple(trajectories_of_clips(clips()))
    one_take = tuple(clip for clip in found if clip.take == found[0].take)
    chosen = one_take if name in ("multicamvideo", "nerfstudio", "colmap", "colmap_binary") else found
    write_trajectories(path, TrajectorySet(trajectories=chosen), format=name)
    return path


def mutated(path: Path, rng: np.random.Generator) -> None:
    """Damage one to three places of one of the files at ``path``."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    file = files[int(rng.integers(len(files)))]
    content = bytearray(file.read_bytes())
    for _ in range(int(rng.integers(1, 4))):
        content = _MUTATIONS[int(rng.integers(len(_MUTATIONS)))](content, rng)
    file.write_bytes(content)


def _span(content: bytearray, rng: np.random.Generator) -> tuple[int, int]:
    first = int(rng.integers(len(content) + 1))
    return first, min(first + int(2 ** rng.uniform(0, 10)), len(content))


def _flip(content: bytearray, rng: np.random.Generator) -> bytearray:
    for place in rng.integers(len(content), size=int(rng.integers(1, 9))) if content else ():
        content[place] ^= 1 << int(rng.integers(8))
    return content


def _cut(content: bytearray, rng: np.random.Generator) -> bytearray:
    return content[: _span(content, rng)[0]]


def _zero(content: bytearray, rng: np.random.Generator) -> bytearray:
    first, end = _span(content, rng)
    return content[:first] + bytes(end - first) + content[end:]


def _duplicate(content: bytearray, rng: np.random.Generator) -> bytearray:
    first, end = _span(content, rng)
    return content[:end] + content[first:end] + content[end:]


def _remove(content: bytearray, rng: np.random.Generator) -> bytearray:
    first, end = _span(content, rng)
    return content[:first] + content[end:]


def _swap(content: bytearray, rng: np.random.Generator) -> bytearray:
    if content:
        one, other = rng.integers(len(content), size=2)
        content[one], content[other] = content[other], content[one]
    return content


def _insert(content: bytearray, rng: np.random.Generator) -> bytearray:
    place = int(rng.integers(len(content) + 1))
    return content[:place] + _odd_text(rng) + content[place:]


def _replace_word(content: bytearray, rng: np.random.Generator) -> bytearray:
    """Another text, or none, for a word between separators."""
    place = int(rng.integers(len(content) + 1))
    ends = [i for i in range(place, len(content)) if content[i : i + 1] in b' ,:\n[]{}="'][:2]
    if len(ends) < 2:
        return content
    return content[: ends[0] + 1] + (_odd_text(rng) if rng.random() < 0.7 else b"") + content[ends[1] :]


def _odd_text(rng: np.random.Generator) -> bytes:
    return _TEXTS[int(rng.integers(len(_TEXTS)))].encode()


_MUTATIONS = (_flip, _cut, _zero, _duplicate, _remove, _swap, _insert, _replace_word, _replace_word)


# ---------------------------------------------------------------- files made to break a reader
def _table_with(name: str, values: pa.Array) -> Callable[[Path], Path]:
    return _parquet(lambda table: table.set_column(table.schema.get_field_index(name), name, values))


def _odd_columns() -> Iterator[tuple[str, Callable[[Path], Path]]]:
    """Every column with every odd type and value."""
    schema = pq.read_schema(io.BytesIO(clip_table_bytes(clips())))
    odd: dict[str, Any] = {
        "null": pa.nulls(20),
        "integers": pa.array([7] * 20),
        "large": pa.array([2**62] * 20),
        "negative": pa.array([-5] * 20),
        "nan": pa.array([np.nan] * 20),
        "inf": pa.array([np.inf] * 20),
        "1e308": pa.array([1e308] * 20),
        "-1e9": pa.array([-1e9] * 20),
        "zero": pa.array([0.0] * 20),
        "tiny": pa.array([1e-308] * 20),
        "text": pa.array(["x"] * 20),
        "no text": pa.array([""] * 20),
        "control": pa.array(["a\nb\x1b[2J"] * 20),
        "html": pa.array(["<script>"] * 20),
        "long text": pa.array(["x" * 10_000] * 20),
        "some null": pa.array([None, "x"] * 10),
        "binary": pa.array([b"\xff"] * 20),
        "not utf8": pa.array([b"\xff\xfe"] * 20).view(pa.string()),
        "numbers as words": pa.array([7] * 20).dictionary_encode(),
        "time": pa.array([1] * 20, pa.timestamp("us")),
        "struct": pa.array([{"a": 1}] * 20),
        "flags": pa.array([True] * 20),
        "list": pa.array([[1.0, 2.0]] * 20),
        "empty lists": pa.array([[]] * 20, pa.list_(pa.float64())),
        "long list": pa.array([[1.0] * 3000] * 20),
        "list of null": pa.array([[None, 1.0, 2.0]] * 20),
        "list of 1e308": pa.array([[1e308] * 3] * 20),
        "list of text": pa.array([["a", None]] * 20),
        "points": pa.array([[0.0] * 3] * 20, pa.list_(pa.float64(), 3)),
        "long floats": pa.array([[0.0] * 27] * 20, pa.list_(pa.float32(), 27)),
        "many waypoints": pa.array([[0.5] * 60] * 20, pa.list_(pa.float64())),
        "nested": pa.array([[[1.0]]] * 20),
    }
    for column in schema.names:
        for what, values in odd.items():
            yield f"parquet {column}: {what}", _table_with(column, values)


def _parquet(edit: Callable[[pa.Table], pa.Table], **options: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        table = edit(pq.read_table(io.BytesIO(clip_table_bytes(clips()))))
        pq.write_table(table, folder / "clips.parquet", **options)
        return folder / "clips.parquet"

    return make


def _many_rows(folder: Path) -> Path:
    """A few hundred kB that unpack to 8 GB: one row over and over."""
    row = pq.read_table(io.BytesIO(clip_table_bytes(clips(1, 81)))).slice(0, 1)
    rows = row.take(pa.array(np.zeros(20_000, dtype=np.int64)))
    with pq.ParquetWriter(folder / "clips.parquet", rows.schema, compression="zstd") as writer:
        for _ in range(100):
            writer.write_table(rows)
    return folder / "clips.parquet"


def _long_words(folder: Path) -> Path:
    """One text of 50 MB that all rows refer to."""
    zeros = pa.array(np.zeros(20, dtype=np.int32))
    return _table_with("split", pa.DictionaryArray.from_arrays(zeros, pa.array(["x" * 50_000_000])))(folder)


def _long_lists(folder: Path) -> Path:
    """Lists of so many equal numbers that they take no place in the file."""
    ends = pa.array(np.arange(21) * 15_000_000, pa.int32())
    return _table_with("waypoints_m", pa.ListArray.from_arrays(ends, pa.array(np.zeros(300_000_000))))(folder)


def _npz(**changes: Any) -> Callable[[Path], Path]:
    """An npz with other arrays; None removes one."""

    def make(folder: Path) -> Path:
        path = valid_file(folder, "npz")
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in stored}
        arrays = {name: array for name, array in (arrays | changes).items() if array is not None}
        np.savez(path, **arrays)
        return path

    return make


def npz_bomb(folder: Path, megabytes: int = 3200) -> Path:
    """An npz a thousand times smaller than what it unpacks to."""
    path = _npz(lens=None)(folder)
    about = {"descr": "<f8", "fortran_order": False, "shape": (20, 20_000_000)}
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as members,
        members.open("lens.npy", "w", force_zip64=True) as member,
    ):
        np.lib.format.write_array_header_1_0(member, about)
        for _ in range(megabytes):
            member.write(bytes(1_000_000))
    return path


def _npz_claim(folder: Path) -> Path:
    """A header that claims far more than the file has."""
    path = _npz(fps=None)(folder)
    about = {"descr": "<f8", "fortran_order": False, "shape": (10**13,)}
    with zipfile.ZipFile(path, "a") as members, members.open("fps.npy", "w") as member:
        np.lib.format.write_array_header_1_0(member, about)
    return path


def _text(name: str, content: str | bytes) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return folder / name

    return make


def _large(name: str, unit: str, megabytes: int = 300) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        part = unit.encode() * (1_000_000 // len(unit))
        with (folder / name).open("wb") as file:
            for _ in range(megabytes):
                file.write(part)
        return folder / name

    return make


def _fifo(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        os.mkfifo(folder / name)
        return folder / name

    return make


def _endless(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).symlink_to("/dev/zero")
        return folder / name

    return make


def _folder(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).mkdir()
        return folder / name

    return make


def _keyframes(old: str, new: str) -> Callable[[Path], Path]:
    return _text("keys.toml", _KEYFRAMES.replace(old, new))


_NAMES = ("a.parquet", "a.npz", "a.tum", "a.kitti", "a.re10k", "a.json", "transforms.json", "a.txt", "a.toml")
NAMED: dict[str, Callable[[Path], Path]] = {
    **dict(_odd_columns()),
    "parquet no rows": _parquet(lambda table: table.slice(0, 0)),
    "parquet duplicate column": _parquet(lambda table: table.append_column("fps", table["fps"])),
    "parquet no frames": _table_with("position_m", pa.array([[]] * 20, pa.list_(pa.float32(), 0))),
    "parquet no columns": _parquet(lambda table: table.select([])),
    "parquet many rows": _many_rows,
    "parquet long words": _long_words,
    "parquet long lists": _long_lists,
    "npz bomb": npz_bomb,
    "npz claim": _npz_claim,
    "npz objects": _npz(take=np.array([{"a": 1}] * 20, dtype=object)),
    "npz numbers for names": _npz(take=np.arange(20)),
    "npz no clips": _npz(**{name: np.zeros(0) for name in ("take", "camera", "frames", "fps")}),
    "npz negative frames": _npz(frames=np.array([-9] + [9] * 18 + [27])),
    "npz float frames": _npz(frames=np.full(20, 9.0)),
    "npz large frames": _npz(frames=np.full(20, 2**63 - 1)),
    "npz flat poses": _npz(world_from_camera=np.zeros(20 * 9 * 12)),
    "npz scalar": _npz(take=np.array("a")),
    "npz inf": _npz(intrinsics=np.full((20, 6), np.inf)),
    "npz large": _npz(lens=np.full((20, 3), 1e308)),
    "npz few lenses": _npz(lens=np.zeros((3, 3))),
    "npz no member": _npz(fps=None),
    "npz complex": _npz(world_from_camera=np.zeros((20, 9, 3, 4), dtype=complex)),
    "npz large positions": _npz(world_from_camera=np.full((20, 9, 3, 4), 1e38, dtype=np.float32)),
    "npz control": _npz(take=np.array(["a\nb"] * 20)),
    "npz no name": _npz(take=np.array([""] * 20)),
    "npz not unicode": _npz(take=np.array([b"\xff" * 4] * 20).view("S4")),
    "json deep": _text("a.json", "[" * 200_000),
    "json deep objects": _text("transforms.json", '{"frames":' * 100_000),
    "json large": _large("a.json", "[],"),
    "nerfstudio large": _large("transforms.json", "[1],"),
    "json digits": _text("transforms.json", '{"w": ' + "9" * 5000 + "}"),
    "nerfstudio odd numbers": _text(
        "transforms.json",
        json.dumps({"w": "a", "h": [1], "frames": [{"file_path": [1], "transform_matrix": [[0] * 4] * 4}]}),
    ),
    "kitti large numbers": _text("a.kitti", "1e308 " * 11 + "1e308\n"),
    "kitti inf": _text("a.kitti", "inf " * 11 + "nan\n"),
    "tum large numbers": _text("a.tum", "0 1e308 1e308 1e308 0 0 0 1\n1e308 1e308 1e308 1e308 0 0 0 1\n"),
    "tum zero step": _text("a.tum", "0 0 0 0 0 0 0 1\n1e-320 0 0 0 0 0 0 1\n"),
    "re10k large numbers": _text("a.re10k", "url\n0 1 1 1 1 0 0 " + "1e308 " * 12),
    "text large": _large("a.kitti", "1 " * 12 + "\n"),
    "text one line": _large("a.tum", "1 "),
    "not utf8": _text("a.tum", b"\xff\xfe 1 2 3"),
    "zeros": _text("a.tum", bytes(1000)),
    "bom": _text("a.tum", "\ufeff0 0 0 0 0 0 0 1\r\n1 0 0 0 0 0 0 1\r\n"),
    "toml large": _large("keys.toml", "a = 1\n"),
    "toml digits": _text("keys.toml", f"fps = {'9' * 5000}"),
    "toml hexadecimal": _text("keys.toml", f"fps = 0x{'f' * 50_000}"),
    "toml deep list": _text("keys.toml", "fps = " + "[" * 100_000),
    "toml deep keys": _text("keys.toml", "a." * 500_000 + "a = 1"),
    "toml deep header": _text("keys.toml", "[" + "a." * 500_000 + "a]"),
    "toml deep tables": _text("keys.toml", "a = " + "{a = " * 100_000),
    "toml not utf8": _text("keys.toml", b"fps = \xff"),
    "toml zeros": _text("keys.toml", bytes(100)),
    "toml bom": _text("keys.toml", "\ufeff" + _KEYFRAMES.replace("\n", "\r\n")),
    "keyframes many frames": _text(
        "keys.toml", _KEYFRAMES.replace("fps = 15", "frames = 1_000_000_000").replace("time_s", "# time_s")
    ),
    "keyframes late": _keyframes("time_s = 1.5", "time_s = 1e12"),
    "keyframes very late": _keyframes("time_s = 1.5", "time_s = 1e308"),
    "keyframes close": _keyframes("time_s = 1.5", "time_s = 1e-308"),
    "keyframes fps": _keyframes("fps = 15", "fps = 1e9"),
    "keyframes slow": _keyframes("fps = 15", "fps = 1e-308"),
    "keyframes nan": _keyframes("[1.0, 2.0, 1.5]", "[nan, inf, 1.5]"),
    "keyframes far": _keyframes("[1.0, 2.0, 1.5]", "[1e308, -1e308, 1.5]"),
    "keyframes far apart": _keyframes("[1.0, 2.0, 1.5]", "[1e9, -1e9, 1.5]"),
    "keyframes look far": _keyframes("[4.0, 0.0, 1.0]", "[1e308, 0.0, 1e308]"),
    "keyframes lens": _keyframes("50.0", "1e308"),
    "keyframes rotation": _keyframes("look_at_m = [4.0, 0.0, 1.0]", f"rotation = {[1e308] * 9}"),
    "keyframes angles": _keyframes("look_at_m = [4.0, 0.0, 1.0]", "heading_deg = 1e308\npitch_deg = -1e308"),
    **{f"fifo {name}": _fifo(name) for name in _NAMES},
    **{f"endless {name}": _endless(name) for name in _NAMES},
    **{f"folder {name}": _folder(name) for name in _NAMES},
}
