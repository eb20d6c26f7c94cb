"""A server of the S3 protocol in a process of its own, and what tests do to it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import fsspec

from shards import LOCK_FILE

BUCKET = "takes"
_SERVE = """
import os, sys, threading
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import run_simple

service = DomainDispatcherApplication(create_backend_app)
busy = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"

def answer(request, start):
    try:
        with open(sys.argv[2]) as file:
            is_busy = file.read() in request["PATH_INFO"] + "?" + request.get("QUERY_STRING", "")
    except FileNotFoundError:
        is_busy = False
    if not is_busy:
        return service(request, start)
    request["wsgi.input"].read(int(request.get("CONTENT_LENGTH") or 0))
    start("503 Slow Down", [("Content-Type", "application/xml"), ("Content-Length", str(len(busy)))])
    return [b"" if request["REQUEST_METHOD"] == "HEAD" else busy]

threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
run_simple("127.0.0.1", int(sys.argv[1]), answer, threaded=True)
"""


@dataclass(frozen=True)
class S3Server:
    """A running server; ``environment`` are the variables that lead clients to it.

    While the file ``busy`` exists, it answers requests with the text of that file that it is busy.
    """

    port: int
    process_id: int
    busy: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @contextmanager
    def outage(self, of: str = "") -> Iterator[None]:
        """A block in which the server answers that it is busy, to requests with a text in their address."""
        self.busy.write_text(of)
        try:
            yield
        finally:
            self.busy.unlink()


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A server with an empty bucket; clients of this process, and of its children, find it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tempfile.TemporaryDirectory()
    busy = Path(folder.name) / "busy"
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(port), str(busy)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = S3Server(port, process.pid, busy)
    before = dict(os.environ)
    os.environ.update(server.environment)
    try:
        _wait_for(port)
        # Clients are kept by their arguments, which do not include the environment.
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        fsspec.filesystem("s3", skip_instance_cache=True).mkdir(BUCKET)
        yield server
    finally:
        os.environ.clear()
        os.environ.update(before)
        process.kill()
        process.communicate()
        folder.cleanup()


def objects(address: str) -> dict[str, bytes]:
    """All objects below an address, by their path there, except the lock."""
    files, root = fsspec.core.url_to_fs(address, use_listings_cache=False, skip_instance_cache=True)
    found = {path.removeprefix(f"{root}/"): files.cat_file(path) for path in files.find(root)}
    return {path: content for path, content in found.items() if path != LOCK_FILE}


def _wait_for(port: int) -> None:
    ends_s = time.monotonic() + 30
    while time.monotonic() < ends_s:
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1.0).close()
            return
        time.sleep(0.05)
    raise TimeoutError("the S3 server did not start")
