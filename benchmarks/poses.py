"""What poses cost: their bytes, one clip of many, and all of them as arrays.

``bytes_per_clip``: of a clip table with sampled moves of 81 frames, all columns. ``scan_over_bare``:
processor time to read all poses into arrays, against pyarrow reading the same numbers from one column.
``one_clip_ms``: from nothing open to the poses of one clip of 1.36 million (``--quick``: 136,000), in a
process that has the imports only.
"""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shards.files import parquet_file
from shards.tables import poses_of_file
from trajectories.sampling import load_rules, sample_table

from .figures import Figure, interleaved
from .many_takes import write_tables_of
from .stream_set import take_key

_ROW_GROUP = 1000
_ONE_CLIP = """
import sys, time
import shards
dataset, began = None, time.perf_counter()
dataset = shards.open_dataset(sys.argv[1])
poses = dataset.take(sys.argv[2]).clip("cam03").poses
print((time.perf_counter() - began) * 1e3)
assert poses.world_from_camera.shape == (81, 3, 4)
"""


def measure(*, quick: bool) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        table = Path(folder) / "clips.parquet"
        rules, shot = load_rules("paper")
        sample_table(rules, table, rigs=200 if quick else 1000, seed=1, shot=shot)
        content = table.read_bytes()
        clips = pq.ParquetFile(table).metadata.num_rows
        yield _figure("bytes_per_clip", len(content) / clips, "bytes")
        bare = _one_column(content)
        calls = {
            "ours": lambda: poses_of_file(parquet_file(content)),
            "bare": lambda: _numbers(parquet_file(bare).read(use_threads=False)),
        }
        seconds = interleaved(calls, rounds=5 if quick else 25, clock=process_time)
        yield _figure("scan_over_bare", seconds["ours"] / seconds["bare"], "times", "one column", 1.0)
        yield _figure(
            "scan_us_per_clip",
            seconds["ours"] / clips * 1e6,
            "us",
            "one column",
            seconds["bare"] / clips * 1e6,
        )
        takes = 13_600 if quick else 136_000
        many = write_tables_of(Path(folder) / "many", takes=takes)
        yield _figure("one_clip_ms", median(_one_clip_ms(many, take_key(takes // 2)) for _ in range(9)), "ms")


def _figure(
    name: str, value: float, unit: str, against: str = "", against_value: float | None = None
) -> Figure:
    return Figure(
        benchmark="poses", figure=name, value=value, unit=unit, against=against, against_value=against_value
    )


def _one_column(content: bytes) -> bytes:
    """The same numbers in one column: a list of ``frames x 12`` for each clip."""
    poses = poses_of_file(parquet_file(content))
    joined = np.concatenate([poses.rotation, poses.position_m[..., None]], axis=-1)
    numbers = pa.array(joined.reshape(-1))
    column = pa.FixedSizeListArray.from_arrays(numbers, joined[0].size)
    sink = io.BytesIO()
    pq.write_table(
        pa.table({"pose": column}),
        sink,
        row_group_size=_ROW_GROUP,
        compression="zstd",
        compression_level=3,
        use_dictionary=False,
        column_encoding={"pose.list.element": "BYTE_STREAM_SPLIT"},
    )
    return sink.getvalue()


def _numbers(table: pa.Table) -> np.ndarray:
    return table["pose"].combine_chunks().flatten().to_numpy()


def _one_clip_ms(dataset: Path, take: str) -> float:
    found = subprocess.run(
        [sys.executable, "-c", _ONE_CLIP, dataset, take], capture_output=True, text=True, check=True
    )
    return float(found.stdout)
