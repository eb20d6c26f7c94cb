"""A server of the S3 protocol for reading: its answers begin late, and each connection has a bandwidth.

``python -m benchmarks.slow_s3 PORT FOLDER LATENCY_S BYTES_PER_S`` serves the files of a folder as a bucket
``data``; requests are counted in ``/stats``.
"""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

BUCKET = "data"
_CHUNK = 2**20
_COUNTS = {"requests": 0, "bytes": 0}
_LOCK = threading.Lock()


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    root: Path
    latency_s: float
    bytes_per_s: float

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/stats":
            return self._answer(200, json.dumps(_COUNTS).encode())
        time.sleep(self.latency_s)
        _, _, key = unquote(parts.path).lstrip("/").partition("/")
        query = parse_qs(parts.query)
        if not key:
            return self._answer(200, self._listing(query))
        path = self.root / key
        if not path.is_file():
            return self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")
        return self._send(path)

    def _send(self, path: Path) -> None:
        size, wanted = path.stat().st_size, self.headers.get("Range", "")
        first, last = 0, size - 1
        if wanted:
            begin, _, end = wanted.removeprefix("bytes=").partition("-")
            first, last = int(begin), min(int(end or size - 1), size - 1)
        length = last - first + 1
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(length))
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("ETag", '"file"')
        self.send_header("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT")
        self.end_headers()
        with _LOCK:
            _COUNTS["requests"] += 1
        if self.command == "HEAD":
            return
        with path.open("rb") as file:
            began_s, sent = time.monotonic(), 0
            while sent < length:
                sent += os.sendfile(
                    self.connection.fileno(), file.fileno(), first + sent, min(_CHUNK, length - sent)
                )
                time.sleep(max(0.0, began_s + sent / self.bytes_per_s - time.monotonic()))
        with _LOCK:
            _COUNTS["bytes"] += length

    def _listing(self, query: dict[str, list[str]]) -> bytes:
        prefix = query.get("prefix", [""])[0]
        folder = self.root / prefix if prefix.endswith("/") or not prefix else (self.root / prefix).parent
        rows = []
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            key = escape(str(path.relative_to(self.root)))
            if not key.startswith(prefix):
                continue
            if path.is_dir():
                rows.append(f"<CommonPrefixes><Prefix>{key}/</Prefix></CommonPrefixes>")
            else:
                rows.append(
                    f"<Contents><Key>{key}</Key><Size>{path.stat().st_size}</Size><ETag>file</ETag>"
                    "<LastModified>2026-11-23T00:00:00Z</LastModified><StorageClass>STANDARD</StorageClass></Contents>"
                )
        head = f"<Name>{BUCKET}</Name><Prefix>{escape(prefix)}</Prefix><IsTruncated>false</IsTruncated>"
        space = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
        with _LOCK:
            _COUNTS["requests"] += 1
        return f"<ListBucketResult {space}>{head}{''.join(rows)}</ListBucketResult>".encode()

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None: ...


def main() -> None:
    port, root, latency_s, bytes_per_s = sys.argv[1:]
    _Requests.root, _Requests.latency_s, _Requests.bytes_per_s = (
        Path(root),
        float(latency_s),
        float(bytes_per_s),
    )
    ThreadingHTTPServer(("127.0.0.1", int(port)), _Requests).serve_forever()


if __name__ == "__main__":
    main()
