"""Work on items in several processes, with the results in order and few items in memory."""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

from multitake.errors import RunError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_ITEMS_PER_WORKER = 2


def in_order(work: Callable[[_Item], _Result], items: Iterable[_Item], *, workers: int) -> Iterator[_Result]:
    """The results of ``work`` on each item, in order; with one worker in this process.

    At most two items per worker are in memory. RunError if a process ends before its work does.
    """
    if workers <= 1:
        yield from map(work, items)
        return
    waiting: deque[Future[_Result]] = deque()
    with _processes(workers) as pool:
        for item in items:
            with _interruptions_held_back():
                waiting.append(pool.submit(work, item))
            if len(waiting) >= _ITEMS_PER_WORKER * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _processes(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that end when the block does, at once if it fails."""
    others = frozenset(multiprocessing.active_children())
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), _start)
    try:
        yield pool
    except BaseException as error:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in frozenset(multiprocessing.active_children()) - others:
            process.terminate()
        if isinstance(error, BrokenProcessPool):
            fix = "run it again with fewer workers"
            raise RunError("a process ended before its work did", where="workers", fix=fix) from error
        raise
    pool.shutdown()


@contextmanager
def _interruptions_held_back() -> Iterator[None]:
    """A block that Ctrl-C does not interrupt; processes that it starts never see one."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start() -> None:
    """A process ends if the one that started it does."""
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
