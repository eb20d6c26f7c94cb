"""The command ``status``: how much of a data set is done."""

from collections.abc import Iterator
from pathlib import Path

from multitake.errors import InputError
from shards import DatasetWriter, read_info


def dataset_status(dataset: Path) -> Iterator[str]:
    """Lines of text about takes, shards and failures; InputError if the folder is not a data set."""
    known = dataset / "dataset.json"
    if not known.exists():
        raise InputError(
            "not a data set", where=str(dataset), fix="give the --out folder of `multitake generate`"
        )
    info, writer = read_info(known.read_bytes(), str(known)), DatasetWriter(dataset)
    done, failures = writer.done, writer.failures
    left = info.planned_takes - len(done) - len(failures)
    yield f"takes: {len(done)} done, {len(failures)} failed, {left} left of {info.planned_takes}"
    yield f"shards: {len(writer.sealed)} sealed of {info.counts['shards']}"
    yield f"engine: {info.engine.version} ({info.engine.look})"
    for failure in failures.values():
        yield f"failed: {failure.take}: {failure.reason}"
