"""How a run goes, from its log: rate, time left and workers against simulated crews whose end is known."""

import errno
import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_logs import FRAMES, START_S, SimulatedRun, gamma_durations, lines, record, simulated_run, write_log

from datagen.run_log import EVENTS, VALUES, RunLog
from datagen.status.liveness import Liveness, LockWatch, liveness
from datagen.status.run_events import GrowingLog, log_files, parsed_events
from datagen.status.run_state import RunState
from datagen.status.run_status import RunStatus, run_status
from shards import LOCK_FILE, FolderStore, ObjectStore, StoreError

RUNNING = Liveness("running", "simulated")


def state_of(records: list[dict]) -> RunState:
    run = RunState("simulated")
    for event in parsed_events("".join(lines(records)).encode()):
        run.add(event)
    return run


def first_values() -> dict:
    first = simulated_run(4, 1, lambda take: 1.0).records[0]
    return {name: first[name] for name in EVENTS["run_started"]}


def memory_store() -> ObjectStore:
    return ObjectStore(f"memory://{uuid.uuid4()}")


def status_at(run: SimulatedRun, time_s: float) -> RunStatus:
    return run_status(state_of(run.until(time_s)), RUNNING, time_s)


@pytest.mark.parametrize("workers", [1, 4, 16])
@pytest.mark.parametrize("spread", [0.1, 0.6])
@pytest.mark.parametrize("share", [0.15, 0.5, 0.9])
def test_the_time_left_is_that_of_a_simulated_crew(workers: int, spread: float, share: float) -> None:
    errors = []
    for seed in range(3):
        run = simulated_run(400, workers, gamma_durations(40.0, spread, seed))
        now_s = START_S + share * (run.end_s - START_S)
        left_s, truth_s = status_at(run, now_s).time_left_s, run.end_s - now_s
        assert left_s is not None
        errors.append(left_s / truth_s - 1)
    # Three standard errors of the mean of past takes and of that of coming ones, and the end of a crew, whose
    # last takes differ by about three standard deviations.
    error = spread * math.sqrt(1 / (400 * share) + 1 / (400 * (1 - share)))
    bound = 0.02 + 3 * error + 3 * spread * (workers > 1) * workers / (400 * (1 - share))
    assert max(map(abs, errors)) < bound, errors


def test_few_takes_give_a_time_left_of_the_right_size_or_none() -> None:
    run = simulated_run(40, 4, gamma_durations(100.0, 0.3))
    assert status_at(run, START_S + 1).time_left_s is None
    for passed_s in range(5, int(run.end_s - START_S) - 100, 20):
        left_s = status_at(run, START_S + passed_s).time_left_s
        truth_s = run.end_s - START_S - passed_s
        assert left_s is None or abs(left_s - truth_s) < 0.3 * truth_s + 40, (passed_s, left_s, truth_s)


def test_a_pause_of_a_night_distorts_neither_rate_nor_time_left() -> None:
    run = simulated_run(200, 2, gamma_durations(30.0, 0.2))
    middle_s, night_s = (START_S + run.end_s) / 2, 8 * 3600.0
    paused = [{**one, "time_s": one["time_s"] + night_s * (one["time_s"] > middle_s)} for one in run.records]
    now_s = middle_s + night_s + 700
    later = SimulatedRun(paused, run.end_s + night_s)
    status = status_at(later, now_s)
    assert status.time_left_s == pytest.approx(later.end_s - now_s, rel=0.15)
    assert status.recent and status.recent.takes_per_min == pytest.approx(4.0, rel=0.2)


def test_rates_are_those_of_the_simulated_crew() -> None:
    run = simulated_run(300, 3, lambda take: 20.0 if take < 150 else 40.0)
    status = status_at(run, run.end_s - 100)
    assert status.recent and status.recent.seconds_s == 600
    assert status.recent.takes_per_min == pytest.approx(3 * 60 / 40, rel=0.05)
    assert status.recent.camera_frames_per_s == pytest.approx(3 * FRAMES / 40, rel=0.05)
    assert status.whole.takes_per_min == pytest.approx(60 * status.done / status.seconds_s)
    assert status.whole.takes_per_min == pytest.approx(3 * 60 / 30, rel=0.1)


def test_slow_takes_are_counted_over_a_longer_window() -> None:
    run = simulated_run(40, 2, lambda take: 900.0)
    status = status_at(run, START_S + 9000)
    assert status.recent and status.recent.seconds_s == 2700
    assert status.recent.takes_per_min == pytest.approx(2 / 15)


def test_failures_count_in_the_time_left() -> None:
    run = simulated_run(
        200, 2, lambda take: 60.0 if take % 4 == 0 else 20.0, fails=lambda take: take % 4 == 0
    )
    now_s = (START_S + run.end_s) / 2
    status = status_at(run, now_s)
    assert status.failed == pytest.approx(25, abs=2) and status.done == pytest.approx(75, abs=3)
    assert status.time_left_s == pytest.approx(run.end_s - now_s, rel=0.1)


def test_workers_say_what_they_film_and_how_often_they_were_replaced() -> None:
    take = {"take": "street_000000", "number": 0}
    done = {"attempts": 2, "seconds_s": 8.0, "camera_frames": 10, "engine_starts": 2}
    run = [
        simulated_run(4, 3, lambda take: 1.0).records[0],
        record(START_S, "worker_started", worker=0, node="a"),
        record(START_S, "worker_started", worker=1, node="b"),
        record(START_S + 1, "take_started", worker=0, **take),
        record(START_S + 1, "take_started", worker=1, take="street_000001", number=1),
        record(START_S + 5, "worker_lost", worker=0, reason="the worker process ended"),
        record(START_S + 6, "worker_given_up", worker=2, reason="no engine"),
        record(START_S + 8, "worker_started", worker=0, node="c"),
        record(START_S + 9, "take_done", worker=1, take="street_000001", number=1, **done),
        record(START_S + 9, "take_started", worker=1, **take),
    ]
    first, second, third = run_status(state_of(run), RUNNING, START_S + 20).workers
    assert (first.node, first.state, first.lost, first.since_s) == ("c", "waits", 1, 12)
    assert (second.state, second.take, second.since_s) == ("films", "street_000000", 11)
    assert (second.done, second.mean_s, second.engine_starts, second.is_slow) == (1, 8.0, 3, False)
    assert third.state == "given up"
    assert run_status(state_of(run), RUNNING, START_S + 2000).workers[1].is_slow


def test_engine_starts_are_those_of_takes_and_of_worker_processes() -> None:
    run = []
    for process, starts in enumerate(([0, 0, 1], [0, 2])):
        run.append(record(START_S + process, "worker_started", worker=0, node="a"))
        for n in starts:
            about = {"worker": 0, "take": "a_0", "number": 0, "attempts": 1, "seconds_s": 1.0}
            run.append(record(START_S + process, "take_done", **about, camera_frames=1, engine_starts=n))
    assert run_status(state_of(run), RUNNING, START_S).workers[0].engine_starts == (1 + 1) + (1 + 2)


def test_every_event_is_read_as_it_was_noted(tmp_path: Path) -> None:
    samples = {int: 7, float: 1.5, str: "a \u2028 name\nwith lines", type(None): None, list: ["black"]}
    log = RunLog(FolderStore(tmp_path))
    (tmp_path / "runs").mkdir()
    noted = []
    for event, names in EVENTS.items():
        values = {name: samples[VALUES[name][-1]] for name in names}
        noted.append((event, values))
        log.begin(**values) if event == "run_started" else log.note(event, **values)
    log.write()
    (path,) = (tmp_path / "runs").iterdir()
    assert [(one.event, one.values) for one in parsed_events(path.read_bytes())] == noted
    with pytest.raises(ValueError):
        log.note("take_started", worker=0)


WHOLE = "".join(lines(simulated_run(12, 2, lambda take: 3.0).records)).encode()


@given(st.integers(0, len(WHOLE)))
def test_a_log_that_is_cut_anywhere_gives_its_complete_lines(cut: int) -> None:
    found, complete = list(parsed_events(WHOLE[:cut])), WHOLE[:cut].count(b"\n")
    # The last line can be complete but for its end.
    assert complete <= len(found) <= complete + 1
    assert found == list(parsed_events(WHOLE))[: len(found)]


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=40), st.booleans())
def test_garbled_bytes_cost_only_the_lines_that_they_touch(
    place: int, noise: bytes, is_inserted: bool
) -> None:
    garbled = WHOLE[:place] + noise + WHOLE[place + (0 if is_inserted else len(noise)) :]
    before = WHOLE[:place].count(b"\n")
    found, whole = list(parsed_events(garbled)), list(parsed_events(WHOLE))
    assert found[:before] == whole[:before]
    run = RunState("garbled")
    for event in found:
        run.add(event)
    status = run_status(run, RUNNING, START_S + 100)
    json.dumps(status.recent and status.recent.takes_per_min)
    assert status.time_left_s is None or status.time_left_s >= 0


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=5)
)
def test_values_of_other_types_are_no_events(value: object) -> None:
    line = json.dumps({"time_s": 1.0, "event": "worker_lost", "worker": 0, "reason": "x"} | {"worker": value})
    assert len(list(parsed_events(line.encode()))) == (type(value) is int and abs(value) < 2**53)


def test_a_log_that_grows_is_read_once(tmp_path: Path) -> None:
    path = write_log(tmp_path, [])
    log, seen = GrowingLog(FolderStore(tmp_path)), []
    for stop in (0, 10, 700, 701, 1500, len(WHOLE)):
        path.write_bytes(WHOLE[:stop])
        seen += log.new_events([path.name])
    assert seen == list(parsed_events(WHOLE)) and log.new_events([path.name]) == []


class Unreliable(ObjectStore):
    """Storage in memory whose writes fail as told: before anything is stored, or when the answer is lost."""

    def __init__(self, url: str, faults: list[str]) -> None:
        super().__init__(url, patience_s=0.0)
        self.faults = faults

    def write(self, path: str, content: bytes | str) -> None:
        fault = self.faults.pop() if self.faults else ""
        if fault != "nothing is stored":
            super().write(path, content)
        if fault:
            raise StoreError(errno.EIO, fault, path)


STEP = st.sampled_from(["note", "note", "note", "write", "read"])
FAULT = st.sampled_from(["", "", "nothing is stored", "the answer is lost"])


@given(st.lists(STEP, max_size=60), st.lists(FAULT, max_size=30), st.integers(1, 4), st.booleans())
def test_readers_see_each_event_once_and_in_order_whatever_fails(
    steps: list[str], faults: list[str], part_events: int, is_object: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Unreliable(f"memory:/{folder}", faults) if is_object else FolderStore(Path(folder))
        log, reader, seen = RunLog(store, part_events=part_events), GrowingLog(store), []

        def read() -> None:
            for files in log_files(store).values():
                found = [event.values.get("shard") for event in reader.new_events(files)]
                seen.extend(found)

        log.begin(**first_values())
        for number, step in enumerate(steps):
            if step == "note":
                log.note("shard_sealed", shard=number, takes=1, seconds_s=1.0)
            elif step == "write":
                log.write()
            else:
                read()
        faults.clear()
        log.write()
        read()
        noted = [number for number, step in enumerate(steps) if step == "note"]
        assert seen == [None, *noted]
        whole = GrowingLog(store)
        (files,) = log_files(store).values()
        assert len(whole.new_events(files)) == 1 + len(noted)
        assert is_object or len(files) == 1
        assert all(store.read(f"runs/{file}").count(b"\n") <= part_events or not is_object for file in files)


def test_events_are_noted_while_storage_does_not_answer() -> None:
    class Slow(ObjectStore):
        def write(self, path: str, content: bytes | str) -> None:
            is_asked.set()
            assert answers.wait(30)
            super().write(path, content)

    is_asked, answers = threading.Event(), threading.Event()
    log = RunLog(Slow(str(memory_store())))
    writer = threading.Thread(target=log.begin, kwargs=first_values())
    writer.start()
    assert is_asked.wait(30)
    log.note("shard_sealed", shard=0, takes=1, seconds_s=1.0)
    assert writer.is_alive()
    answers.set()
    writer.join()


def test_a_run_on_this_machine_is_known_by_its_process(tmp_path: Path) -> None:
    store, host = FolderStore(tmp_path), socket.gethostname()
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)

    def state(process_id: int, started_s: float) -> str:
        first = {**simulated_run(4, 1, lambda take: 1.0, host=host, process_id=process_id).records[0]}
        return liveness(state_of([{**first, "time_s": started_s}]), store, time.time()).state

    try:
        now_s = time.time()
        assert state(child.pid, now_s) == "running"
        # The process that has the number now started after the run.
        assert state(child.pid, now_s - 3600) == "killed"
        os.kill(child.pid, signal.SIGSTOP)
        os.waitpid(child.pid, os.WUNTRACED)
        assert state(child.pid, now_s) == "paused"
    finally:
        child.kill()
        child.communicate()
    assert state(child.pid, now_s) == "killed"


def test_a_run_on_another_machine_is_known_by_its_events(tmp_path: Path) -> None:
    run, store = simulated_run(50, 1, lambda take: 10.0), FolderStore(tmp_path)
    unended = state_of(run.until(START_S + 100))
    assert liveness(unended, store, START_S + 130).state == "running"
    assert liveness(unended, store, START_S + 1000).state == "unknown"
    interrupted = [*run.until(START_S + 100), record(START_S + 101, "interrupted", signal="SIGINT")]
    ending = liveness(state_of(interrupted), store, START_S + 130)
    assert ending.state == "running" and "after SIGINT it ends the takes" in ending.evidence
    assert liveness(state_of(run.records), store, START_S + 1000).state == "ended"


def test_the_lock_of_a_run_on_another_machine_tells_whether_it_was_killed() -> None:
    run, store = state_of(simulated_run(50, 1, lambda take: 10.0).until(START_S + 100)), memory_store()
    lock = LockWatch(store, lease_s=0.2)
    assert liveness(run, store, START_S + 1000, lock).state == "killed"
    store.write(LOCK_FILE, b"1")
    first = liveness(run, store, START_S + 1000, lock)
    assert (first.state, first.needs_watching) == ("unknown", True)
    store.write(LOCK_FILE, b"2")
    renewed = liveness(run, store, START_S + 1000, lock)
    assert (renewed.state, renewed.needs_watching) == ("running", False)
    # Storage may not have answered meanwhile.
    time.sleep(0.3)
    assert liveness(run, store, START_S + 130, lock).state == "running"
    time.sleep(0.15)
    assert liveness(run, store, START_S + 130, lock).state == "running"
    time.sleep(0.15)
    left = liveness(run, store, START_S + 130, lock)
    assert left.state == "killed" and "has not changed" in left.evidence
    store.write(LOCK_FILE, b"3")
    assert liveness(run, store, START_S + 130, lock).state == "running"
    owner = {"host": run.started["host"], "process_id": run.started["process_id"]}
    store.write(LOCK_FILE, json.dumps(owner).encode())
    assert liveness(run, store, START_S + 130, lock).state == "running"
    store.write(LOCK_FILE, json.dumps({**owner, "process_id": 0}).encode())
    taken = liveness(run, store, START_S + 130, lock)
    assert taken.state == "killed" and "another run" in taken.evidence


@pytest.mark.parametrize("ended", [29, 30])
def test_a_take_that_is_given_out_again_is_left(ended: int) -> None:
    run = simulated_run(ended, 2, lambda take: 16.0)
    first = {**run.records[0], "takes": 30}
    # Both workers have waited for long.
    again_s = run.end_s + 200
    again = record(again_s, "take_started", worker=1, take="street_000007", number=7)
    records = [first, *run.records[1:-1], again]
    for passed_s in (1.0, 10.0, 20.0):
        status = run_status(state_of(records), RUNNING, again_s + passed_s)
        assert status.left == 1
        assert status.time_left_s == pytest.approx(16.0 - passed_s if passed_s < 16 else 16.0, abs=0.1)
