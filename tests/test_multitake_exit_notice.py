"""The line of a process that ends without one."""

import signal
import subprocess
import sys

import pytest

_CODE = """
import os, signal, sys
from multitake.exit_notice import end_process, exit_notice
{before}
with exit_notice("it ended; start it again"):
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    {inside}
{after}
"""


@pytest.mark.parametrize(
    ("parts", "code", "says"),
    [
        ({"inside": "pass"}, 0, ""),
        ({"inside": "sys.exit(3)"}, 3, ""),
        ({"inside": "os._exit(1)"}, 1, "it ended; start it again\n"),
        ({"inside": "os.kill(os.getpid(), signal.SIGKILL)"}, -signal.SIGKILL, "it ended; start it again\n"),
        ({"inside": "os.killpg(0, signal.SIGTERM)"}, -signal.SIGTERM, "it ended; start it again\n"),
        ({"inside": "end_process(5, '  another $1 line')"}, 5, "  another $1 line\n"),
        ({"inside": "pass", "before": "end_process(6, 'early')"}, 6, "early\n"),
    ],
)
def test_a_process_that_ends_says_so_once(parts: dict[str, str], code: int, says: str) -> None:
    script = _CODE.format(**{"before": "", "after": "", **parts})
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=20, start_new_session=True
    )
    assert (ended.returncode, ended.stderr) == (code, says)


@pytest.mark.parametrize(
    ("stuck", "says"), [("note_stuck('it')", "last line\n"), ("", "last line\nwaited\n")]
)
def test_a_process_with_a_library_that_hangs_ends_with_its_own_exit_code(stuck: str, says: str) -> None:
    script = f"""
import atexit, sys
from multitake.exit_notice import exit_of_process, note_stuck
atexit.register(lambda: print("waited"))
with exit_of_process():
    print("last line")
    {stuck}
    sys.exit(3)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20)
    assert (ended.returncode, ended.stdout) == (3, says)
