"""Checks of a parquet file before and after it is read as a clip table: sizes, types and values.

What a reader may rely on afterwards: columns have the types of the schema, names are short printable text,
and numbers are unknown (NaN or null) or of a size that can be computed with.
"""

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from multitake.errors import InputError
from multitake.input_files import check_unpacked_size

_LONGEST_TEXT = 500
_LARGEST_NUMBER = 1e9
_POSES = ("position_m", "rotation")
_NAMES = ("take", "camera")
_WAYPOINTS = "waypoints_m"
_PER_FRAME = "focus_distance_m"
_LONGEST_LIST = 300
_FIX = "give a complete table, like those in poses/ of a data set"


def check_sizes(metadata: pq.FileMetaData, schema: pa.Schema, file_bytes: int, where: str) -> None:
    """InputError if the columns unpack to much more than the file has, by any of the sizes that it states."""
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    columns = [group.column(index) for group in groups for index in range(group.num_columns)]
    rows = max(metadata.num_rows, sum(group.num_rows for group in groups))
    stated = (
        sum(column.total_uncompressed_size for column in columns),
        4 * sum(column.num_values for column in columns),
        4 * rows * sum(one.type.list_size for one in schema if pa.types.is_fixed_size_list(one.type)),
    )
    check_unpacked_size(max(stated), file_bytes, where=where)


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


def check_values(table: pa.Table, frames: int, where: str) -> None:
    """InputError for values that no clip can have, in any column but those of the poses."""
    for name in table.schema.names:
        if fault := _fault(name, table[name]):
            raise InputError(f"column {name} {fault}", where=where, fix="correct or remove those clips")
    stated = pc.unique(table["frames"].drop_null()).to_pylist()
    if stated not in ([], [frames]):
        what = f"column frames says {stated[0]}, and there are {frames} poses"
        raise InputError(what, where=where, fix="export the table again")


def _fault(name: str, column: pa.ChunkedArray) -> str | None:
    """What is wrong with the values of a column."""
    kind = column.type
    if pa.types.is_null(kind):
        return None
    if _family(kind).startswith("list"):
        length = pc.max(pc.list_value_length(column)).as_py() or 0
        inside = pc.list_flatten(column)
        if length > _LONGEST_LIST and name != _PER_FRAME:
            return f"has a list of {length} values"
        if name == _WAYPOINTS and any(size % 3 for size in _sizes(column)):
            return "has a list that is not x, y, z of each point"
        return "has a list with an empty value" if inside.null_count else _fault(name, inside)
    if _family(kind) == "number":
        is_possible = pc.less_equal(pc.abs(column.cast(pa.float64(), safe=False)), _LARGEST_NUMBER)
        is_possible = pc.or_(is_possible, pc.is_nan(column.cast(pa.float64(), safe=False)))
        return None if pc.all(is_possible).as_py() is not False else "has a number that is not possible"
    if column.null_count:
        return "has an empty value"
    return _text_fault(name, column) if _family(kind) == "text" else None


def _sizes(column: pa.ChunkedArray) -> list[int]:
    return pc.unique(pc.list_value_length(column).drop_null()).to_pylist()


def _text_fault(name: str, column: pa.ChunkedArray) -> str | None:
    for chunk in column.chunks:
        words = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk
        if (pc.max(pc.binary_length(words)).as_py() or 0) > _LONGEST_TEXT:
            return "has a text that is too long"
        if not all(word.isprintable() for word in pc.unique(words).to_pylist() if word is not None):
            return "has a text with control characters"
        if name in _NAMES and pc.any(pc.equal(words, "")).as_py():
            return "has an empty name"
    return None


def _family(kind: pa.DataType) -> str:
    """What a type contains, whatever its size and encoding."""
    if pa.types.is_dictionary(kind):
        return _family(kind.value_type)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return "text"
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return "number"
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return f"list of {_family(kind.value_type)}"
    return str(kind)
