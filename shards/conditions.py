"""SQL on the tables of a data set: which takes a condition chooses, and the value of an expression for each.

The engine is duckdb. It sees the tables ``takes`` and ``clips`` alone: no files, no settings, one expression.
"""

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pyarrow as pa

from multitake.errors import InputError
from trajectories import clip_schema

from .files import Files
from .format import TAKE_SCHEMA, DatasetInfo
from .take_counts import READERS

if TYPE_CHECKING:
    import duckdb

# The text comes last, so that it changes no place of what is before it; a line end closes its comments.
_WHERE = "select take from takes where (\n{}\n)"
_VALUE = "from takes select take, (\n{}\n)::varchar"
# What the text is in the tree of its query.
_PLACES = {_WHERE: "where_clause", _VALUE: "select_list"}
# Words that the parser takes for columns.
_CLOCKS = {"current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"}
_FOLDERS = {"takes": "takes", "clips": "poses"}
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "python_enable_replacements": False,
}


@runtime_checkable
class SealedTakes(Protocol):
    """A data set, such as a ``Dataset``: its files, and its sealed shards and takes in order."""

    @property
    def files(self) -> Files: ...
    @property
    def info(self) -> DatasetInfo: ...
    @property
    def shards(self) -> tuple[int, ...]: ...
    @property
    def keys(self) -> tuple[str, ...]: ...


def takes_where(
    dataset: SealedTakes, condition: str, *, option: str = "--where", may_be_empty: bool = False
) -> tuple[str, ...]:
    """The keys of takes for which an SQL condition is true, in their order.

    It is on the columns of the take table; sub-queries may use ``takes`` and ``clips``, as in
    ``take in (select take from clips where motion = 'arc')``. InputError, at ``option``, for anything but one
    condition, for what is not the same each time, for an unknown column, and, unless it ``may_be_empty``, if
    no take is chosen.
    """
    chosen = {key for (key,) in _rows(dataset, _WHERE, condition, option)}
    if not chosen and not may_be_empty:
        fix = "`multitake shards info` shows what the takes have"
        raise InputError(f"no take has {condition}", where=option, fix=fix)
    return tuple(key for key in dataset.keys if key in chosen)


def values_of_takes(dataset: SealedTakes, expression: str, *, option: str) -> dict[str, str]:
    """The value of an SQL expression for each take, as text, by key in their order; InputError as above.

    InputError also if it has no value for a take.
    """
    values = dict(_rows(dataset, _VALUE, expression, option))
    for key in dataset.keys:
        if values.get(key) is None:
            raise InputError(f"{expression} has no value for take {key}", where=option, fix="use coalesce")
    return {key: values[key] for key in dataset.keys}


def _rows(dataset: SealedTakes, query: str, text: str, option: str) -> list[tuple[Any, ...]]:
    """The rows of a query with the user's ``text``."""
    schemas = {"takes": TAKE_SCHEMA, "clips": clip_schema(dataset.info.frames)}
    with _connected() as connection, _errors_as_text(schemas, option):
        _check_is_one_expression(connection, query, text, option)
        _check_is_repeatable(connection, query, text, option)
        # Names and types first, on empty tables: a mistake is found before anything is read.
        for name, schema in schemas.items():
            connection.register(name, schema.empty_table())
        connection.execute(query.format(text)).fetchall()
        words = frozenset(re.findall(r"\w+", text.lower()))
        for name, schema in schemas.items():
            if name == "takes" or name in words:
                used = [one for one in schema if one.name == "take" or one.name in words]
                connection.register(name, _table(dataset, _FOLDERS[name], pa.schema(used)))
        return connection.execute(query.format(text)).fetchall()


def _table(dataset: SealedTakes, folder: str, schema: pa.Schema) -> pa.Table:
    """Some columns of a table, of all shards; only these are decoded."""
    with ThreadPoolExecutor(READERS) as readers:
        read = partial(dataset.files.columns, folder, schema=schema)
        tables = readers.map(read, dataset.shards)
        return pa.concat_tables(table.replace_schema_metadata() for table in tables)


@contextmanager
def _connected() -> Iterator["duckdb.DuckDBPyConnection"]:
    """An empty database in memory that can read no file, and whose settings can no longer be changed."""
    import duckdb

    with duckdb.connect(":memory:", config=_SETTINGS) as connection:
        connection.execute("set lock_configuration = true")
        yield connection


def _check_is_one_expression(
    connection: "duckdb.DuckDBPyConnection", query: str, text: str, option: str
) -> None:
    """InputError unless the query differs in the place of the text alone, whatever brackets it closes."""
    fix = "give one SQL condition or expression, without ';'"
    trees = []
    for one in (text, "true"):
        found = connection.execute("select json_serialize_sql(?::varchar)", [query.format(one)]).fetchall()
        tree = json.loads(found[0][0])
        if tree["error"]:
            what = f"not SQL ({str(tree['error_message']).partition(chr(10))[0]})"
            raise InputError(what, where=option, fix=fix)
        node = tree["statements"][0]["node"]
        place = _PLACES[query]
        node[place] = len(node[place]) if isinstance(node.get(place), list) else None
        trees.append(tree)
    if not text.strip() or trees[0] != trees[1]:
        raise InputError("not one condition or expression", where=option, fix=fix)


def _check_is_repeatable(connection: "duckdb.DuckDBPyConnection", query: str, text: str, option: str) -> None:
    """InputError for what is another value each time, such as ``random()``, a sample or the date."""
    (found,) = connection.execute("select json_serialize_sql(?::varchar)", [query.format(text)]).fetchall()
    functions = connection.execute(
        "select function_name from duckdb_functions() where stability not in ('CONSISTENT')"
    )
    changing = {name for (name,) in functions.fetchall()}
    for node in _nodes(json.loads(found[0])):
        name = ""
        if node.get("class") == "FUNCTION" and node["function_name"] in changing:
            name = f"{node['function_name']}()"
        elif node.get("class") == "COLUMN_REF" and node["column_names"][-1].lower() in _CLOCKS:
            name = node["column_names"][-1]
        elif node.get("sample"):
            name = "a sample"
        if name:
            fix = "choose by columns, such as hash(take) % 2 = 0"
            raise InputError(f"{name} is not the same each time", where=option, fix=fix)


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """All objects in a JSON value."""
    if isinstance(tree, dict):
        yield tree
    if isinstance(tree, dict | list):
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from _nodes(part)


@contextmanager
def _errors_as_text(schemas: dict[str, pa.Schema], option: str) -> Iterator[None]:
    """Errors of the engine as one line each; that of an unknown column lists the columns."""
    import duckdb

    try:
        yield
    except duckdb.Error as error:
        message = str(error).partition("\n")[0]
        unknown = re.search(r'eferenced column "?(\w+)"? not found', message)
        if unknown:
            fix = "; ".join(f"{name} has {', '.join(schema.names)}" for name, schema in schemas.items())
            raise InputError(f"unknown column {unknown[1]!r}", where=option, fix=fix) from error
        fix = "correct the condition; sub-queries can use the tables takes and clips"
        raise InputError(message, where=option, fix=fix) from error
