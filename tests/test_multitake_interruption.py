"""A first signal is an exception, a second one ends the process; what was ignored stays ignored."""

import signal
import subprocess
import sys
import time

import pytest

CHILD = """
import signal, sys, time
from multitake.interruption import Interrupted, handlers_restored, postponed, raise_on_signals
raise_on_signals()
def waiting():
    print("ready", flush=True)
    time.sleep(20)
try:
    {body}
except Interrupted as interrupted:
    print(interrupted, interrupted.number)
"""
CLEANUP = """
try:
        waiting()
    finally:
        waiting()
"""
POSTPONED = """
with postponed() as stop:
        print("ready", flush=True)
        while stop.number is None:
            time.sleep(0.01)
        print("saved")
    print("not reached")
"""
REPLACED = """
with handlers_restored():
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
    waiting()
"""
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def started(body: str, *prefix: str) -> subprocess.Popen[str]:
    child = [*prefix, sys.executable, "-c", CHILD.format(body=body.strip())]
    process = subprocess.Popen(child, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wait_until_ready(process)
    return process


def wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout and process.stdout.readline() == "ready\n"


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("body", ["waiting()", REPLACED], ids=["plain", "replaced"])
def test_a_signal_is_an_exception(body: str, number: signal.Signals) -> None:
    process = started(body)
    process.send_signal(number)
    assert process.communicate(timeout=10)[0] == f"interrupted by {number.name} {number.value}\n"


def test_a_postponed_signal_is_an_exception_at_the_end() -> None:
    process = started(POSTPONED)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=10)[0] == "saved\ninterrupted by SIGTERM 15\n"


def test_a_second_signal_ends_the_process() -> None:
    process = started(CLEANUP)
    process.send_signal(signal.SIGTERM)
    wait_until_ready(process)
    process.send_signal(signal.SIGTERM)
    time.sleep(1.2)
    assert process.poll() is None, "the same signal twice at once is one request"
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=10)[0]
    assert process.returncode == 130
    assert said == "multitake: ended by a second signal, SIGINT; run the same command again\n"


def test_nohup_stays_in_force() -> None:
    process = started("waiting()", "nohup")
    process.send_signal(signal.SIGHUP)
    time.sleep(0.2)
    assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert "interrupted by SIGTERM" in process.communicate(timeout=10)[0]


def test_the_command_ends_with_one_line_and_the_number_of_the_signal() -> None:
    serve = [sys.executable, "-m", "multitake", "engine", "serve", "--look", "fast"]
    ports = ["--unrealcv-port", "0", "--remote-control-port", "0"]
    for command, code, lines in (
        ([*serve, *ports], 0, 0),
        ([sys.executable, "-c", WAITING_VERB], 143, 1),
    ):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout and process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        errors = process.communicate(timeout=10)[1]
        assert process.returncode == code and len(errors.splitlines()) == lines, errors


WAITING_VERB = """
import time
from multitake import __main__, cli
@cli.app.command()
def waiting():
    print("ready", flush=True)
    time.sleep(20)
import sys
sys.argv = ["multitake", "waiting"]
__main__.main()
"""


def test_a_signal_while_the_command_is_imported_is_one_line() -> None:
    child = """
import sys, time
class Slow:
    def find_spec(self, name, *_):
        if name == "multitake.cli":
            print("ready", flush=True)
            time.sleep(20)
sys.meta_path.insert(0, Slow())
from multitake.__main__ import main
main()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", child], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    wait_until_ready(process)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=10)[0]
    assert process.returncode == 130
    assert said == "multitake: interrupted by SIGINT; run the same command again\n"
