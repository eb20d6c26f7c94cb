"""Streams from object storage: the same samples, through outages, from a cache, and errors of one line."""

import shutil
import threading
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import fsspec
import pytest
import torch
from s3_server import BUCKET, S3Server, s3_server

from multitake.errors import InputError, RunError
from shards import DatasetWriter
from shards.pairs import Cache, PairSettings, PairSource
from shards.streaming import PairLoader, PairSample, PairStream

SETTINGS = PairSettings(seed=3, frames=5, size_px=(32, 24))


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture(scope="module")
def copy(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = Path(shutil.copytree(tiny_dataset, tmp_path_factory.mktemp("copy") / "dataset"))
    DatasetWriter(root).finish()
    return root


@pytest.fixture(scope="module")
def address(server: S3Server, copy: Path) -> str:
    files = fsspec.filesystem("s3", skip_instance_cache=True)
    for path in copy.rglob("*"):
        if path.is_file():
            files.put_file(str(path), f"{BUCKET}/set/{path.relative_to(copy)}")
    return f"s3://{BUCKET}/set"


@pytest.fixture(scope="module")
def expected(copy: Path) -> list[PairSample]:
    return [PairStream(copy, SETTINGS).sample(index) for index in range(12)]


def assert_all_equal(got: list[PairSample], wanted: list[PairSample]) -> None:
    for one, other in zip(got, wanted, strict=True):
        assert (one.sample_index, one.take, one.target.camera) == (
            other.sample_index,
            other.take,
            other.target.camera,
        )
        assert torch.equal(one.source.rgb(), other.source.rgb())
        assert torch.equal(one.target.rgb(), other.target.rgb())


@pytest.mark.parametrize("workers", [0, 2])
def test_samples_are_those_of_the_folder(address: str, expected: list[PairSample], workers: int) -> None:
    with PairLoader(PairStream(address, SETTINGS), workers=workers) as loader:
        assert_all_equal(list(islice(loader, 12)), expected)
        assert loader.figures.reads.read_bytes > 0 and loader.figures.bandwidth_mb_s > 0


@pytest.mark.parametrize("package", ["obstore", None])
def test_an_outage_is_waited_for(
    server: S3Server,
    address: str,
    expected: list[PairSample],
    package: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if package is None:
        monkeypatch.setitem(fsspec.config.conf, "s3", {"use_ssl": False})
    stream = PairStream(address, SETTINGS)
    samples = iter(stream)
    head = [next(samples) for _ in range(2)]
    with server.outage("shards/"):
        ends = threading.Timer(2.0, server.busy.unlink)
        ends.start()
        assert_all_equal(head + [next(samples) for _ in range(10)], expected)
        ends.join()
        server.busy.write_text("nothing")


@pytest.mark.parametrize("workers", [0, 2])
def test_an_outage_that_lasts_is_one_line(
    server: S3Server, address: str, workers: int, capfd: pytest.CaptureFixture[str]
) -> None:
    stream = PairStream(address, SETTINGS, patience_s=0.5)
    with (
        PairLoader(stream, workers=workers) as loader,
        server.outage("shards/"),
        pytest.raises(RunError, match=r"\.tar: cannot be read .*run the same"),
    ):
        list(islice(loader, 3))
    assert capfd.readouterr().err == ""


def test_a_cache_saves_all_requests(address: str, expected: list[PairSample], tmp_path: Path) -> None:
    cache = Cache(folder=tmp_path / "cache", most_bytes=10**8)
    for workers in (1, 2):
        with PairLoader(PairStream(address, SETTINGS, cache=cache), workers=workers) as loader:
            assert_all_equal(list(islice(loader, 12)), expected)
            reads = loader.figures.reads
    assert reads.cached_bytes > 0 and reads.read_bytes < 0.5 * reads.cached_bytes


def test_an_object_that_is_too_short_is_one_line(address: str, copy: Path) -> None:
    files = fsspec.filesystem("s3", skip_instance_cache=True)
    whole = (copy / "shards/00001.tar").read_bytes()
    files.pipe_file(f"{BUCKET}/set/shards/00001.tar", whole[:5000])
    try:
        with pytest.raises(InputError, match=r"00001\.tar: room_000002\.\S+: the shard is truncated"):
            list(islice(PairStream(address, SETTINGS), 3))
    finally:
        files.pipe_file(f"{BUCKET}/set/shards/00001.tar", whole)


def test_missing_credentials_are_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    try:
        with pytest.raises(InputError, match=r"s3://takes/set: cannot be read .*credentials"):
            PairStream([PairSource(url=address)], SETTINGS)
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
