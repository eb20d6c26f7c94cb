"""Data sets that are written to storage of objects, by the S3 protocol."""

import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import fsspec
import pytest
from conftest import TINY_BATCH_FILES, TINY_KEYS, TINY_SHARDS, tiny_info
from s3_server import BUCKET, S3Server, objects, s3_server

from multitake.errors import InputError, RunError
from shards import (
    LOCK_FILE,
    DatasetWriter,
    Failure,
    FilmedTake,
    FolderStore,
    ObjectStore,
    StoreError,
    open_dataset,
    store_at,
    verify_dataset,
)


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    with s3_server() as running:
        yield running


@contextmanager
def elsewhere(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A block whose clients are made again, for another endpoint if one is given."""
    connections = fsspec.get_filesystem_class("s3")
    connections.clear_instance_cache()
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    yield
    connections.clear_instance_cache()


@pytest.fixture
def address(server: S3Server, request: pytest.FixtureRequest) -> str:
    return f"s3://{BUCKET}/{request.node.name}"


def files_of(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != LOCK_FILE
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
    assert not store_at(address).exists(LOCK_FILE)


def test_a_run_resumes_and_removes_damaged_takes(tiny_takes: list[FilmedTake], address: str) -> None:
    first = DatasetWriter(address)
    first.create(tiny_info(), TINY_BATCH_FILES)
    for take in tiny_takes:
        first.stage(take)
    first.note_failed(Failure(take="other", number=2, attempts=2, reason="no light"))
    store = store_at(address)
    damaged = bytearray(store.read(f"staging/{TINY_KEYS[1]}.tar"))
    damaged[700] ^= 1
    store.write(f"staging/{TINY_KEYS[1]}.tar", bytes(damaged))
    again = DatasetWriter(address)
    assert set(again.counts.failures) == {"other"}
    assert again.create(tiny_info(), TINY_BATCH_FILES) == (TINY_KEYS[1],)
    assert again.counts.staged == {TINY_KEYS[0], TINY_KEYS[2]} and again.counts.done == 2


def test_two_writers_are_one_too_many(address: str) -> None:
    store = ObjectStore(address, lease_s=2.0)
    with DatasetWriter(store).locked():
        with (
            pytest.raises(InputError, match="another run writes this"),
            DatasetWriter(store).locked(),
        ):
            pass
        store.write("dataset.json", b"{}")
    assert not store.exists(LOCK_FILE)


def test_the_lock_of_a_killed_run_is_taken(address: str) -> None:
    holding = (
        "import sys, time\nfrom shards import DatasetWriter\n"
        "with DatasetWriter(sys.argv[1]).locked():\n print('held', flush=True)\n time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", holding, address], stdout=subprocess.PIPE, text=True)
    assert run.stdout and run.stdout.readline() == "held\n"
    run.kill()
    run.wait()
    run.stdout.close()
    with DatasetWriter(ObjectStore(address, lease_s=2.0)).locked():
        pass


def test_a_lock_that_was_taken_is_noticed(address: str) -> None:
    store = ObjectStore(address, lease_s=1.0)
    writer = DatasetWriter(store)
    with writer.locked():
        store.write(LOCK_FILE, b"of another run")
        time.sleep(1.0)
        with pytest.raises(RunError, match="the lock of the data set was taken"):
            writer.create(tiny_info(), TINY_BATCH_FILES)
    assert store.read(LOCK_FILE) == b"of another run"


def test_a_lock_outlives_an_outage_that_is_longer_than_patience_and_lease(
    server: S3Server, address: str
) -> None:
    store = ObjectStore(address, patience_s=0.5, lease_s=1.0)
    writer = DatasetWriter(store)
    with writer.locked():
        before = store.read(LOCK_FILE)
        with server.outage():
            time.sleep(2.0)
            writer.check_lock()
        time.sleep(1.0)
        writer.check_lock()
        assert store.read(LOCK_FILE) != before
        with pytest.raises(InputError, match="another run"), DatasetWriter(store).locked():
            pass
    assert not store.exists(LOCK_FILE)


def test_a_server_that_pauses_is_waited_for(server: S3Server, address: str) -> None:
    store = store_at(address)
    store.write("a", b"first")
    os.kill(server.process_id, signal.SIGSTOP)
    threading.Timer(2.0, os.kill, (server.process_id, signal.SIGCONT)).start()
    store.write("a", b"second")
    assert store.read("a") == b"second"


def test_a_server_that_is_gone_is_an_error(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with elsewhere("http://127.0.0.1:9", monkeypatch), pytest.raises(StoreError, match="Could not connect"):
        ObjectStore(f"{address}-other", patience_s=0.1).write("a", b"")


def test_an_outage_is_waited_for_once_and_by_all_threads_together(server: S3Server, address: str) -> None:
    store = ObjectStore(address, patience_s=2.0)
    store.write("a", b"before")
    started_s = time.monotonic()
    with server.outage():
        with ThreadPoolExecutor(4) as threads:
            errors = [one.exception() for one in [threads.submit(store.read, "a") for _ in range(4)]]
        for _ in range(20):
            with pytest.raises(StoreError, match="Errno 5"):
                store.write("a", b"during")
    assert all(isinstance(error, StoreError) for error in errors)
    assert time.monotonic() - started_s < 6.0
    again = pickle.loads(pickle.dumps(store))
    assert again.read("a") == b"before", "another process has patience of its own"


def test_a_server_that_stops_is_an_error(server: S3Server, address: str) -> None:
    started_s = time.monotonic()
    os.kill(server.process_id, signal.SIGSTOP)
    try:
        with pytest.raises(StoreError, match="no answer in time"):
            ObjectStore(address, patience_s=0.1).write("a", b"much")
    finally:
        os.kill(server.process_id, signal.SIGCONT)
    assert time.monotonic() - started_s < 30


def test_errors_that_cannot_pass_are_not_waited_for(address: str) -> None:
    store = ObjectStore(address)
    started_s = time.monotonic()
    with pytest.raises(StoreError, match="Protocol not known"):
        ObjectStore("nosuch://a/b").write("a", b"")
    with pytest.raises(FileNotFoundError):
        store.read("nothing")
    assert time.monotonic() - started_s < 5.0


def test_ranges_of_objects_are_those_of_bytes(address: str, tmp_path: Path) -> None:
    content = bytes(range(100))
    for store in (ObjectStore(address), FolderStore(tmp_path)):
        store.write("a", content)
        store.write("empty", b"")
        assert (store.size("a"), store.size("empty"), store.read("empty")) == (100, 0, b"")
        for start, stop in [
            (0, None),
            (0, 1),
            (99, 100),
            (40, 60),
            (90, 200),
            (100, None),
            (100, 120),
            (7, 7),
        ]:
            assert store.read("a", start, stop) == content[start:stop]


@pytest.mark.parametrize("step", ["locked", "check", "create", "staged"])
def test_an_outage_is_an_error_of_the_run_whenever_it_comes(
    step: str, tiny_takes: list[FilmedTake], server: S3Server, address: str
) -> None:
    writer = DatasetWriter(ObjectStore(address, patience_s=0.2))
    if step == "staged":
        writer.create(tiny_info(), TINY_BATCH_FILES)
        writer.stage(tiny_takes[0])
    steps = {"locked": lambda: writer.locked().__enter__(), "check": lambda: writer.check(tiny_info())}
    outage = server.outage("staging/room" if step == "staged" else "")
    with outage, pytest.raises(RunError, match=r"cannot be (read|written) \((Please|Service)"):
        steps.get(step, lambda: writer.create(tiny_info(), TINY_BATCH_FILES))()


def test_a_server_that_refuses_connections_is_an_outage(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with elsewhere("http://127.0.0.1:9", monkeypatch), pytest.raises(RunError, match="Could not connect"):
        DatasetWriter(ObjectStore(address, patience_s=0.1)).check(tiny_info())


@pytest.mark.parametrize("endpoint", ["http://no-such-host.invalid:9000", "not an address"])
def test_a_server_whose_address_is_wrong_is_invalid_input_at_once(
    endpoint: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    started_s = time.monotonic()
    with elsewhere(endpoint, monkeypatch), pytest.raises(InputError, match="check the address"):
        DatasetWriter(address).check(tiny_info())
    assert time.monotonic() - started_s < 30


def test_missing_credentials_are_invalid_input(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with elsewhere("", monkeypatch), pytest.raises(InputError, match=r"redentials.*check the address"):
        DatasetWriter(address).check(tiny_info())


@pytest.mark.parametrize(
    ("place", "why"),
    [("s3://no-such-bucket-here/x", "bucket does not exist"), ("nosuch://a/b", "Protocol not known")],
)
def test_storage_that_cannot_be_used_is_one_line(address: str, place: str, why: str) -> None:
    with pytest.raises(InputError, match=rf"^{place}: cannot be written \(.*{why}.*\); check the address"):
        DatasetWriter(place).create(tiny_info(), TINY_BATCH_FILES)


def test_lines_that_do_not_fit_are_not_added_in_part(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.append("runs/log", "first\n")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            store.append("runs/log", 2000 * "x")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert store.read("runs/log") == b"first\n"


def test_the_store_of_an_address_is_a_folder_or_objects() -> None:
    assert str(store_at("/a/b")) == "/a/b" == str(store_at("file:///a/b")) == str(store_at(Path("/a/b")))
    assert str(store_at("memory://a/b/")) == "memory://a/b"
