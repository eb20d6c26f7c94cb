"""The command ``status``: how much of a data set is done."""

from collections.abc import Iterator

from shards import DatasetWriter


def dataset_status(dataset: str) -> Iterator[str]:
    """Lines of text about takes, shards and failures; InputError if the address is not of a data set."""
    writer = DatasetWriter(dataset)
    info = writer.info
    done, failures = writer.done_takes, writer.failures
    left = info.planned_takes - done - len(failures)
    yield f"takes: {done} done, {len(failures)} failed, {left} left of {info.planned_takes}"
    yield f"shards: {len(writer.sealed_counts)} sealed of {info.counts['shards']}"
    yield f"engine: {info.engine.version} ({info.engine.look})"
    for failure in failures.values():
        yield f"failed: {failure.take}: {failure.reason}"
