"""The status, shown again until the run ends."""

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TypeVar

from multitake.errors import RunError, one_line
from multitake.interruption import Interrupted
from multitake.outages import CAN_PASS
from shards import Store

from .dataset_status import DatasetStatus, StatusReader
from .page import StatusPage
from .words import duration, moment

_Result = TypeVar("_Result")

# A page is written again after so long, if anything has changed.
_PAGE_S = 15.0
_OUTAGE_PAUSE_S = 5.0


def show_status(address: str, *, as_json: bool = False, page: Path | None = None, newest: int = 24) -> None:
    """Print the status of a data set once, and write its page; InputError as for ``StatusReader``."""
    reader = StatusReader(address)
    status = reader.read(time.time())
    if page:
        StatusPage(reader, page, newest=newest).write(status)
    print(_text(status, as_json), flush=True)


def watch_status(
    address: str | Store, *, every_s: float, as_json: bool = False, page: Path | None = None, newest: int = 24
) -> None:
    """Show the status until the run ends, until nobody can know whether it does, or until Ctrl-C.

    Storage that does not answer meanwhile is asked again until it does. A terminal is redrawn; else each
    change is a line, or with ``as_json`` an object. InputError as for ``StatusReader``.
    """
    reader = StatusReader(address)
    written = StatusPage(reader, page, newest=newest) if page else None
    states = _states(reader, every_s, written)
    try:
        if sys.stdout.isatty() and not as_json:
            _redraw(states)
        else:
            _print_changes(states, as_json)
    except Interrupted as interrupted:
        if interrupted.number != signal.SIGINT:
            raise


def _states(reader: StatusReader, every_s: float, page: StatusPage | None) -> Iterator[DatasetStatus]:
    """The status every few seconds, the last one when the run has ended."""
    page_changes, page_s = None, 0.0
    status = reader.read(time.time())
    while True:
        is_due = not status.is_running or time.monotonic() >= page_s + _PAGE_S
        if page and is_due and _changes(status) != page_changes:
            _outlasting(partial(page.write, status))
            page_changes, page_s = _changes(status), time.monotonic()
        yield status
        if not status.is_running:
            return
        time.sleep(every_s)
        status = _outlasting(lambda: reader.read(time.time()))


def _outlasting(work: Callable[[], _Result]) -> _Result:
    """The result of some work, as soon as storage and disk let it be done; its errors if they cannot pass."""
    is_said = False
    while True:
        try:
            return work()
        except (RunError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in CAN_PASS:
                raise
            if not is_said:
                print(f"multitake: {one_line(error)}; trying again", file=sys.stderr, flush=True)
            is_said = True
            time.sleep(_OUTAGE_PAUSE_S)


def _redraw(states: Iterator[DatasetStatus]) -> None:
    from rich.live import Live
    from rich.text import Text

    with Live(auto_refresh=False) as live:
        for status in states:
            live.update(Text(_text(status), no_wrap=True, overflow="ellipsis"), refresh=True)


def _print_changes(states: Iterator[DatasetStatus], as_json: bool) -> None:
    last = None
    for status in states:
        if _changes(status) != last:
            last = _changes(status)
            print(_text(status, True) if as_json else change_line(status), flush=True)


def change_line(status: DatasetStatus) -> str:
    """The status in one line."""
    parts = [f"{status.done} done, {status.failed} failed, {status.left} left of {status.planned}"]
    parts.append(f"{status.sealed} of {status.shards} shards sealed")
    run = status.run
    if run and status.is_running:
        rate = run.recent or run.whole
        parts.append(f"{rate.takes_per_min:.3g} takes/min")
        slow = [str(worker.worker) for worker in run.workers if worker.is_slow]
        if slow:
            parts.append(f"slow workers: {', '.join(slow)}")
    if run and run.time_left_s is not None:
        parts.append(f"about {duration(run.time_left_s)} left")
    evidence = f" ({run.evidence})" if run and run.state in ("killed", "unknown") else ""
    parts.append(f"run {run.state}{evidence}" if run else "no run")
    return f"{moment(status.time_s)} {' | '.join(parts)}"


def _changes(status: DatasetStatus) -> tuple[object, ...]:
    """What makes a status worth a new line."""
    run = status.run
    workers = (
        tuple((one.worker, one.lost, one.is_slow, one.state == "given up") for one in run.workers)
        if run
        else ()
    )
    return status.done, status.failed, status.sealed, run and (run.name, run.state), workers


def _text(status: DatasetStatus, as_json: bool = False) -> str:
    return json.dumps(status.as_json()) if as_json else "\n".join(status.lines())
