"""Data sets that are written to storage of objects, by the S3 protocol."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, TINY_SHARDS, tiny_info
from s3_server import BUCKET, S3Server, objects, s3_server

from multitake.errors import InputError
from shards import DatasetWriter, Failure, FilmedTake, open_dataset, verify_dataset
from shards import stores as stores_module
from shards.stores import ObjectStore, StoreError, store_at


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@pytest.fixture
def address(server: S3Server, request: pytest.FixtureRequest) -> str:
    return f"s3://{BUCKET}/{request.node.name}"


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != ".lock"
    }


def test_objects_are_the_files_of_a_folder(
    tiny_dataset: Path, tiny_takes: list[FilmedTake], address: str
) -> None:
    writer = DatasetWriter(address)
    with writer.locked():
        assert writer.create(tiny_info(), TINY_BATCH_FILES) == ()
        for take in tiny_takes:
            writer.stage(take)
        for shard, takes in enumerate(TINY_SHARDS):
            writer.seal(shard, takes)
    assert objects(address) == files_of(tiny_dataset)
    assert verify_dataset(address) == []
    assert open_dataset(address).keys == open_dataset(tiny_dataset).keys
    assert not store_at(address).exists(".lock")


def test_a_run_resumes_and_removes_damaged_takes(tiny_takes: list[FilmedTake], address: str) -> None:
    first = DatasetWriter(address)
    first.create(tiny_info(), TINY_BATCH_FILES)
    for take in tiny_takes:
        first.stage(take)
    first.note_failed(Failure(take="other", index=2, attempts=2, reason="no light"))
    store = store_at(address)
    damaged = bytearray(store.read(f"staging/{TINY_KEYS[1]}.tar"))
    damaged[700] ^= 1
    store.write(f"staging/{TINY_KEYS[1]}.tar", bytes(damaged))
    again = DatasetWriter(address)
    assert set(again.failures) == {"other"}
    assert again.create(tiny_info(), TINY_BATCH_FILES) == (TINY_KEYS[1],)
    assert again.staged == {TINY_KEYS[0], TINY_KEYS[2]} and again.done_takes == 2


def test_two_writers_are_one_too_many(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores_module, "LEASE_S", 2.0)
    with DatasetWriter(address).locked():
        with (
            pytest.raises(InputError, match="another run writes this data set"),
            DatasetWriter(address).locked(),
        ):
            pass
        store_at(address).write("dataset.json", b"{}")
    assert not store_at(address).exists(".lock")


def test_the_lock_of_a_killed_run_is_taken(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores_module, "LEASE_S", 2.0)
    holding = (
        "import sys, time\nfrom shards import DatasetWriter\n"
        "with DatasetWriter(sys.argv[1]).locked():\n print('held', flush=True)\n time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", holding, address], stdout=subprocess.PIPE, text=True)
    assert run.stdout and run.stdout.readline() == "held\n"
    run.kill()
    run.wait()
    run.stdout.close()
    with DatasetWriter(address).locked():
        pass


def test_a_lock_that_was_taken_is_noticed(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores_module, "LEASE_S", 1.0)
    writer = DatasetWriter(address)
    with writer.locked():
        store_at(address).write(".lock", b"of another run")
        time.sleep(1.0)
        with pytest.raises(InputError, match="the lock of the data set was taken"):
            writer.create(tiny_info(), TINY_BATCH_FILES)
    assert store_at(address).read(".lock") == b"of another run"


def test_a_server_that_pauses_is_waited_for(server: S3Server, address: str) -> None:
    store = store_at(address)
    store.write("a", b"first")
    os.kill(server.process_id, signal.SIGSTOP)
    threading.Timer(2.0, os.kill, (server.process_id, signal.SIGCONT)).start()
    store.write("a", b"second")
    assert store.read("a") == b"second"


def test_a_server_that_does_not_answer_is_an_error(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    connections = fsspec.get_filesystem_class("s3")
    connections.clear_instance_cache()
    with pytest.raises(StoreError, match="Could not connect"):
        ObjectStore(f"{address}-other", patience_s=0.1).write("a", b"")
    connections.clear_instance_cache()


def test_storage_that_cannot_be_used_is_one_line(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for place, why in (("s3://no-such-bucket-here/x", "exist"), ("nosuch://a/b", "nosuch")):
        with pytest.raises(InputError, match=rf"{place}: cannot be written \(.*{why}"):
            DatasetWriter(place).create(tiny_info(), TINY_BATCH_FILES)


def test_the_store_of_an_address_is_a_folder_or_objects() -> None:
    assert str(store_at("/a/b")) == "/a/b" == str(store_at("file:///a/b")) == str(store_at(Path("/a/b")))
    assert str(store_at("memory://a/b/")) == "memory://a/b"
