"""The Ray cluster of a run: that of RAY_ADDRESS, or a new one on this machine that leaves nothing behind."""

import faulthandler
import logging
import math
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any, TextIO, TypeVar

import ray

from multitake.errors import InputError, RunError, one_line
from multitake.exit_notice import end_process, exit_notice, note_stuck
from multitake.interruption import Interrupted, handlers_restored

from .drive import ENGINE_FOLDER
from .ray_session import HEAD, kill_ray_processes, ray_children, session_folder

_Answer = TypeVar("_Answer")

# The port of metrics for Prometheus, of a cluster that is started here; any free one without it.
METRICS_PORT = "MULTITAKE_METRICS_PORT"
_WORKERS_PER_CORE = 4
_CONNECT_TIMEOUT_S = 5.0
# Calls of Ray have no limit of their own, and wait forever for a head process that hangs.
_ANSWER_LIMIT_S, _STOP_TIMEOUT_S = 60.0, 10.0
_WATCH_S, _NOTICE_S, _START_LIMIT_S = 0.5, 5.0, 120.0
# Ray prints nothing: the run itself says what ended it. Variables that are set already stay as they are.
_ENVIRONMENT = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}
_ENDED = "this process was killed, or Ray hung or ended it; run the same command again"


@dataclass(frozen=True, kw_only=True)
class WorkerResources:
    """What each worker holds of a machine, while it lives."""

    cpus: float = 1.0
    gpus: float = 0.0

    def __str__(self) -> str:
        return f"{self.cpus:g} CPU" + (f" and {self.gpus:g} GPU" if self.gpus else "")

    def workers_on(self, machine: Mapping[str, float]) -> int:
        """How many workers a machine, or what is free of it, has room for."""
        room = machine.get("CPU", 0.0) / self.cpus
        return int(min(room, machine.get("GPU", 0.0) / self.gpus) if self.gpus else room)


@contextmanager
def ray_cluster(workers: int, resources: WorkerResources, address: str | None = None) -> Iterator[bool]:
    """Connect to Ray with room for each worker; Ray writes nothing to the terminal.

    Yields whether no other run uses the cluster.

    The cluster is that at ``address``, else that of RAY_ADDRESS, else a new one on this machine. InputError
    if it has too little room, or if no cluster answers; RunError if Ray does not start.
    """
    if address == "":
        raise InputError("no address", where="--ray-address", fix="give HOST:PORT, or leave it out")
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    is_own = False
    with ExitStack() as stack:
        if not ray.is_initialized():
            stack.enter_context(exit_notice(f"multitake: {_ENDED}"))
            named = "RAY_ADDRESS" if address is None else "--ray-address"
            address = address or os.environ.get("RAY_ADDRESS")
            if address:
                _check_address(address, named)
                options: dict[str, Any] = {"address": address}
            else:
                is_own = True
                most = int(_WORKERS_PER_CORE * len(os.sched_getaffinity(0)) / resources.cpus)
                _check_room(workers, most, f"this machine has {len(os.sched_getaffinity(0))} cores")
                folder = stack.enter_context(session_folder())
                # Workers inherit it: what they leave there when they are killed is removed with the folder.
                os.environ[ENGINE_FOLDER] = str(folder)
                stack.callback(os.environ.pop, ENGINE_FOLDER, None)
                options = {
                    "address": "local",
                    "num_cpus": max(1, math.ceil(workers * resources.cpus)),
                    "include_dashboard": False,
                    "_metrics_export_port": _metrics_port(),
                    "_temp_dir": str(folder),
                }
            devnull = stack.enter_context(open(os.devnull, "w"))
            stack.enter_context(redirect_stdout(devnull))
            stack.enter_context(redirect_stderr(devnull))
            stack.callback(_stop)
            _start(options, address, named, devnull)
        machines = [node["Resources"] for node in answer_of(ray.nodes) if node["Alive"]]
        found = ", ".join(f"{sum(one.get(name, 0) for one in machines):g} {name}" for name in ("CPU", "GPU"))
        whose = f"each needs {resources}, and Ray has {found} on {len(machines)} machines"
        _check_room(workers, sum(map(resources.workers_on, machines)), whose)
        yield is_own


def free_workers(resources: WorkerResources) -> int:
    """For how many further workers Ray has room now, at most."""
    return resources.workers_on(answer_of(ray.available_resources))


def answer_of(ask: Callable[[], _Answer], limit_s: float = _ANSWER_LIMIT_S) -> _Answer:
    """What a call of Ray returns; RunError if it takes longer than ``limit_s``.

    Signals end the wait, which they do not while Ray's own code runs in the main thread.
    """
    answer: Future[_Answer] = Future()

    def wait_for_ray() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=wait_for_ray, daemon=True).start()
    done, _ = wait([answer], timeout=limit_s)
    if not done:
        note_stuck("ray")
        raise ray_ended(f"its head process ({HEAD}) did not answer within {limit_s:g} s")
    return answer.result()


def check_ray() -> None:
    """RunError if the head process of Ray has ended: Ray would end this process a minute later."""
    host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), _CONNECT_TIMEOUT_S).close()
    except ConnectionRefusedError as error:
        raise ray_ended("its head process (gcs_server) ended") from error
    except OSError:
        # It is busy or paused, and workers may film without it.
        return


def check_nodes() -> None:
    """RunError if no machine of the cluster can start a process."""
    if not any(node["Alive"] for node in answer_of(ray.nodes)):
        raise ray_ended("its node process (raylet) ended")


def ray_ended(what: str) -> RunError:
    """The error of a run whose Ray cluster does not work."""
    return RunError(what, where="Ray", fix="run the same command again")


def _metrics_port() -> int | None:
    """The port at which Ray offers metrics; InputError if it is none, or without ``ray[default]``."""
    text = os.environ.get(METRICS_PORT)
    if not text:
        return None
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise InputError(f"not a port: {text}", where=METRICS_PORT, fix="give 1 to 65535")
    if find_spec("prometheus_client") is None:
        raise InputError(
            "metrics need ray[default]", where=METRICS_PORT, fix="pip install 'multitake[metrics]'"
        )
    return int(text)


def _start(options: dict[str, Any], address: str | None, named: str, devnull: TextIO) -> None:
    """Start or connect Ray, which installs signal handlers that print and exit."""
    try:
        with _head_watched(devnull), handlers_restored(), _standard_error_to(devnull):
            ray.init(log_to_driver=False, logging_level=logging.CRITICAL, **options)
    except SystemExit as ended:
        # Ray's handlers are for this signal alone; their exit code does not say so.
        raise Interrupted(signal.SIGTERM) from ended
    except Exception as error:
        if not address:
            raise ray_ended(f"it did not start ({one_line(error)})") from error
        raise _no_cluster(address, named, error) from error


@contextmanager
def _head_watched(devnull: TextIO) -> Iterator[None]:
    """End this process if the head process of Ray ends or hangs in the block.

    Ray waits a minute for one that ended, and then ends this process without a message; for one that hangs
    it waits forever, and no code of Python runs meanwhile.
    """
    is_done = threading.Event()

    def watch() -> None:
        was_running = False
        while not is_done.wait(_WATCH_S):
            is_running = any(name == HEAD for _, name in ray_children())
            if was_running and not is_running and not is_done.wait(_NOTICE_S):
                kill_ray_processes()
                what = f"its head process ({HEAD}) ended while it started"
                end_process(1, f"multitake: {ray_ended(what)}")
            was_running |= is_running

    threading.Thread(target=watch, daemon=True).start()
    faulthandler.dump_traceback_later(_START_LIMIT_S, file=devnull, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        is_done.set()


def _stop() -> None:
    """Disconnect from Ray, and end the processes that were started here; those that hang are killed."""
    timer = threading.Timer(_STOP_TIMEOUT_S, kill_ray_processes)
    timer.start()
    try:
        answer_of(partial(ray.shutdown, wait_for_processes=True), 2 * _STOP_TIMEOUT_S)
    except RunError:
        # It is noted already, and the run has ended.
        return
    except BaseException:
        note_stuck("ray")
        raise
    finally:
        timer.cancel()
        kill_ray_processes()


def _check_address(address: str, named: str) -> None:
    """InputError if nothing listens at HOST:PORT; Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if "//" in address or not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), _CONNECT_TIMEOUT_S).close()
    except (OSError, OverflowError) as error:
        raise _no_cluster(address, named, error) from error


def _no_cluster(address: str, named: str, error: Exception) -> InputError:
    fix = f"start that cluster, set RAY_AUTH_MODE=token if it wants a token, or give no {named}"
    return InputError(f"no Ray cluster ({error})", where=f"{named}={address}", fix=fix)


def _check_room(workers: int, most: int, why: str) -> None:
    """InputError if there is room for fewer workers."""
    if workers > most:
        what = f"{workers} workers, but there is room for {most}: {why}"
        raise InputError(what, where="--workers", fix=f"give at most {most}" if most else "add machines")


@contextmanager
def _standard_error_to(file: TextIO) -> Iterator[None]:
    """Redirect what this process and its children write to standard error below Python."""
    sys.__stderr__.flush() if sys.__stderr__ else None
    kept = os.dup(2)
    os.dup2(file.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
