"""The command ``status``: how much of a data set is done."""

from collections.abc import Iterator
from pathlib import Path

from shards import DatasetWriter


def dataset_status(dataset: Path) -> Iterator[str]:
    """Lines of text about takes, shards and failures; InputError if the folder is not a data set."""
    writer = DatasetWriter(dataset)
    info = writer.info
    done, failures = writer.done, writer.failures
    left = info.planned_takes - len(done) - len(failures)
    yield f"takes: {len(done)} done, {len(failures)} failed, {left} left of {info.planned_takes}"
    yield f"shards: {len(writer.sealed)} sealed of {info.counts['shards']}"
    yield f"engine: {info.engine.version} ({info.engine.look})"
    for failure in failures.values():
        yield f"failed: {failure.take}: {failure.reason}"
