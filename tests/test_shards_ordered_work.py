"""Work in several processes: results in order, few items ahead, and no process is left behind."""

import math
import multiprocessing
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from multitake.errors import RunError
from shards.ordered_work import in_order


@pytest.mark.parametrize("workers", [1, 3])
def test_results_are_in_order_and_few_items_are_taken_ahead(workers: int) -> None:
    taken, done = [], 0

    def items() -> Iterator[int]:
        for item in range(40):
            taken.append(item)
            yield item

    for expected, found in enumerate(in_order(math.factorial, items(), workers=workers)):
        assert found == math.factorial(expected)
        assert len(taken) - done <= 2 * workers
        done += 1
    assert done == 40


def test_errors_of_the_work_are_those_of_its_item() -> None:
    found = in_order(math.sqrt, [4.0, -1.0, 9.0], workers=2)
    assert next(found) == 2.0
    with pytest.raises(ValueError, match=r"math|nonnegative"):
        next(found)


def test_processes_end_with_an_interruption() -> None:
    work = in_order(time.sleep, [0.0, 60.0, 60.0, 60.0, 60.0], workers=2)
    next(work)
    assert multiprocessing.active_children()
    started_s = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work.throw(KeyboardInterrupt)
    while multiprocessing.active_children():
        assert time.monotonic() < started_s + 20.0
        time.sleep(0.05)


def test_a_process_that_is_killed_is_an_error_of_the_run() -> None:
    with pytest.raises(RunError, match="a process ended before its work did"):
        list(in_order(signal.raise_signal, [signal.SIGKILL, signal.SIGKILL], workers=2))


_PARENT = """
import multiprocessing, time
from shards.ordered_work import in_order

work = in_order(time.sleep, [0.0, 100.0, 100.0, 100.0, 100.0], workers=2)
next(work)
print(*(process.pid for process in multiprocessing.active_children()), flush=True)
next(work)
"""


def test_processes_end_with_the_one_that_started_them() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout
        children = list(map(int, parent.stdout.readline().split()))
        parent.send_signal(signal.SIGKILL)
    assert len(children) == 2
    ends_s = time.monotonic() + 20.0
    while any(map(_is_running, children)):
        assert time.monotonic() < ends_s
        time.sleep(0.05)


def _is_running(process_id: int) -> bool:
    try:
        with open(f"/proc/{process_id}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
