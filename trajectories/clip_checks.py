"""Checks of a parquet file before and after it is read as a clip table: sizes, types and values.

What a reader may rely on afterwards: columns have the types of the schema, names are short printable text,
and numbers are unknown (NaN or null) or of a size that can be computed with.
"""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from multitake.errors import InputError
from multitake.input_files import check_unpacked_size

_LONGEST_TEXT, _LONGEST_TEXTS = 500, {"captions": 5000}
_LARGEST_NUMBER = 1e9
_POSES = ("position_m", "rotation")
_NAMES = ("take", "camera")
_WAYPOINTS = "waypoints_m"
_PATH = "subject_path_m"
# A path has its own check; a camera may be sampled 1,000 times, for several reasons each time.
_LONGEST_LIST, _LONGEST_LISTS = 300, {_PATH: 10**9, "rejected_for": 20_000}
# Lists that are known as a whole, or not at all.
_COMPLETE = ("focal_path_mm",)
_SMALLEST_STEP_M = 1e-9
_POSITIVE = (1e-6, _LARGEST_NUMBER)
_COUNT = (0.0, _LARGEST_NUMBER)
_RANGES = {
    **dict.fromkeys(("radius_limit_m", "focal_length_mm", "sensor_mm", "f_number", "fps"), _POSITIVE),
    **dict.fromkeys(("fx_px", "fy_px", "focal_path_mm", "zoom_ratio"), _POSITIVE),
    **dict.fromkeys(("width_px", "height_px", "frames", "attempt", "proposals", "shake_seed"), _COUNT),
    # The speed curve is a quotient of exponentials.
    "speed_a": (-100.0, 100.0),
}
_FIX = "give a complete table, like those in poses/ of a data set"


def check_sizes(file: pq.ParquetFile, file_bytes: int, where: str) -> None:
    """InputError if the columns unpack to much more than the file has, by any of the sizes that it states."""
    groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
    rows = max(file.metadata.num_rows, sum(group.num_rows for group in groups))
    kinds = [one.type for one in file.schema_arrow if pa.types.is_fixed_size_list(one.type)]
    check_unpacked_size(sum(group.total_byte_size for group in groups), file_bytes, where=where)
    check_unpacked_size(4 * rows * sum(kind.list_size for kind in kinds), file_bytes, where=where)
    for index in range(len(groups)):
        # Reading a row raises an error if a column's metadata are damaged; asking for them ends the process.
        next(file.iter_batches(batch_size=1, row_groups=[index]), None)
    values = sum(group.column(index).num_values for group in groups for index in range(group.num_columns))
    check_unpacked_size(4 * values, file_bytes, where=where)


def text_columns(metadata: pq.FileMetaData) -> list[str]:
    """Paths of the columns with text; as dictionaries they take no more memory than in the file."""
    columns = [metadata.schema.column(index) for index in range(metadata.num_columns)]
    return [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]


def check_columns(found: pa.Schema, expected: pa.Schema, where: str) -> int:
    """The number of frames of each clip; InputError for missing columns, or columns of another type."""
    if duplicates := sorted({name for name in found.names if found.names.count(name) > 1}):
        raise InputError(f"duplicate column {', '.join(duplicates)}", where=where, fix=_FIX)
    if missing := [name for name in expected.names if name not in found.names]:
        raise InputError(f"missing column {', '.join(missing)}", where=where, fix=_FIX)
    for column in expected:
        family, needed = _family(found.field(column.name).type), _family(column.type)
        if family not in (needed, "null", "list of null"):
            what = f"column {column.name} has type {family} instead of {needed}"
            raise InputError(what, where=where, fix=_FIX)
    kinds = [found.field(name).type for name in _POSES]
    sizes = [kind.list_size if pa.types.is_fixed_size_list(kind) else 0 for kind in kinds]
    frames = sizes[0] // 3
    if not frames or sizes != [3 * frames, 9 * frames]:
        what = "position_m and rotation are not lists of 3 and 9 numbers per frame"
        raise InputError(what, where=where, fix=_FIX)
    return frames


def check_values(table: pa.Table, expected: pa.Schema, *, optional: Collection[str], where: str) -> None:
    """InputError for values that no clip can have.

    Numbers may be empty, and so may all ``optional`` columns; other columns may not.
    """
    for column in expected:
        found = table[column.name]
        may_be_empty = column.name in optional or _family(column.type) == "number"
        is_empty = found.null_count and not may_be_empty
        fault = "has an empty value" if is_empty else _fault(column, found)
        if fault:
            what = f"column {column.name} {fault}"
            raise InputError(what, where=where, fix="correct or remove those clips")


def check_frames(table: pa.Table, frames: int, where: str) -> None:
    """InputError if the column ``frames``, or the path of a subject, does not have as many as the poses."""
    stated = pc.unique(table["frames"].drop_null()).to_pylist()
    if stated not in ([], [frames]):
        what = f"column frames says {stated[0]}, and there are {frames} poses"
        raise InputError(what, where=where, fix="export the table again")
    lengths = pc.unique(pc.list_value_length(table[_PATH]).drop_null()).to_pylist()
    if odd := [length for length in lengths if length != 3 * frames]:
        what = f"column {_PATH} has {odd[0]} numbers, not x, y, z of {frames} frames"
        raise InputError(what, where=where, fix="export the table again")


def _fault(expected: pa.Field, column: pa.ChunkedArray) -> str | None:
    """What is wrong with the values of a column."""
    if pa.types.is_null(column.type) or pa.types.is_boolean(column.type):
        return None
    if _family(column.type) == "number":
        return _number_fault(expected.name, column)
    if _family(column.type) == "text":
        return _text_fault(expected.name, column)
    inside = pc.list_flatten(column)
    if inside.null_count:
        return "has a list with an empty value"
    length = pc.max(pc.list_value_length(column)).as_py() or 0
    if length > _LONGEST_LISTS.get(expected.name, _LONGEST_LIST) and not pa.types.is_fixed_size_list(
        expected.type
    ):
        return f"has a list of {length} values"
    fault = _fault(expected, inside)
    return _waypoint_fault(column) if not fault and expected.name == _WAYPOINTS else fault


def _number_fault(name: str, column: pa.ChunkedArray) -> str | None:
    numbers = column.to_numpy()
    if name in _COMPLETE and np.isnan(numbers).any():
        return "has a list in which a number is unknown"
    low, high = _RANGES.get(name, (-_LARGEST_NUMBER, _LARGEST_NUMBER))
    if not len(numbers) or (np.fmin.reduce(numbers) >= low and np.fmax.reduce(numbers) <= high):
        return None
    is_possible = np.isnan(numbers) | ((numbers >= low) & (numbers <= high))
    if name in _POSES:
        # A finding of the audit, not of the reader.
        is_possible |= np.isinf(numbers)
    odd = numbers[~is_possible]
    return f"has the value {odd[0]:g}; it must be from {low:g} to {high:g}" if len(odd) else None


def _waypoint_fault(column: pa.ChunkedArray) -> str | None:
    """What is wrong with lists of waypoints, offsets from the start: a curve needs points that differ."""
    sizes = pc.list_value_length(column.drop_null()).to_numpy()
    if (sizes % 3).any():
        return "has a list that is not x, y, z of each point"
    points_m = pc.list_flatten(column).to_numpy().reshape(-1, 3)
    before_m = np.concatenate([np.zeros((1, 3)), points_m])[:-1]
    before_m[np.cumsum(sizes[sizes > 0] // 3)[:-1]] = 0.0
    if not (np.abs(points_m - before_m).max(axis=1, initial=0.0) > _SMALLEST_STEP_M).all():
        return "has a waypoint that is equal to the one before"
    return None


def _text_fault(name: str, column: pa.ChunkedArray) -> str | None:
    for chunk in column.chunks:
        words = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
        if (pc.max(pc.binary_length(words)).as_py() or 0) > _LONGEST_TEXTS.get(name, _LONGEST_TEXT):
            return "has a text that is too long"
        if not all(word.isprintable() for word in pc.unique(words).to_pylist() if word is not None):
            return "has a text with control characters"
        if name in _NAMES and pc.any(pc.equal(words, "")).as_py():
            return "has an empty name"
    return None


def _family(kind: pa.DataType) -> str:
    """What a type contains, whatever its size and encoding."""
    if pa.types.is_dictionary(kind) and _family(kind.value_type) == "text":
        return "text"
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "number"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return f"list of {_family(kind.value_type)}"
    return str(kind)
