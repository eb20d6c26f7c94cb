"""The server of the page: on the loopback interface alone, for whoever has its address.

The address contains a random token, and requests for another host are refused, so that no other page in the
same browser can read the data set (DNS rebinding).
"""

import secrets
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from multitake.errors import InputError, LineError

from ..reading import Dataset
from .answers import Answer, RequestError, error_answer, part_of
from .pages import Pages

_HOST = "127.0.0.1"
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class BrowseServer:
    """Serves a data set to a browser on this machine until it is closed."""

    def __init__(self, dataset: Dataset, *, port: int = 0) -> None:
        """Listen; port 0 takes a free one. InputError if the port is in use or not allowed."""
        self._pages = Pages(dataset)
        self._token = secrets.token_urlsafe(12)
        try:
            self._server = _Server((_HOST, port), _Requests)
        except (OSError, OverflowError) as error:
            what = f"cannot be used ({getattr(error, 'strerror', None) or error})"
            raise InputError(what, where=f"port {port}", fix="give another one, or none for any") from error
        self._server.pages, self._server.token = self._pages, self._token

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://{_HOST}:{self._server.server_port}/{self._token}/"

    def serve(self) -> None:
        """Answer requests until ``close``, or an exception such as an interruption."""
        self._server.serve_forever(poll_interval=0.1)

    def close(self) -> None:
        """Stop, and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> "BrowseServer":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    pages: Pages
    token: str

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Browsers drop connections whose content they no longer want: nobody needs to know."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Requests(BaseHTTPRequestHandler):
    """One connection."""

    server: _Server
    protocol_version = "HTTP/1.1"
    # The end of a connection that a browser keeps open and forgets.
    timeout = 60.0

    def do_GET(self) -> None:
        self._send(self._answer(), with_content=True)

    def do_HEAD(self) -> None:
        self._send(self._answer(), with_content=False)

    def log_message(self, format: str, *arguments: object) -> None:
        """Requests are not printed."""

    def _answer(self) -> Answer:
        try:
            names, query = self._address()
            return part_of(self.server.pages.answer(names, query), self.headers["Range"])
        except (RequestError, LineError) as error:
            return error_answer(error)
        except OSError as error:
            line = f"the data set cannot be read ({error.strerror or error})"
            return error_answer(RequestError(HTTPStatus.SERVICE_UNAVAILABLE, line))

    def _address(self) -> tuple[list[str], dict[str, str]]:
        """The names below the token, and the query; RequestError if they are not for this server."""
        port = self.server.server_port
        if self.headers["Host"] not in (f"{_HOST}:{port}", f"localhost:{port}"):
            raise RequestError(HTTPStatus.FORBIDDEN, "the host of the request is another one")
        try:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=20))
        except ValueError as error:
            raise RequestError(HTTPStatus.BAD_REQUEST, f"the address is invalid ({error})") from error
        first, _, rest = parts.path.removeprefix("/").partition("/")
        if not secrets.compare_digest(first.encode(), self.server.token.encode()):
            raise RequestError(HTTPStatus.FORBIDDEN, "use the address that `multitake browse` printed")
        names = [unquote(name) for name in rest.split("/")] if rest else []
        return names, query

    def _send(self, answer: Answer, *, with_content: bool) -> None:
        about = {"Content-Type": answer.kind, "Content-Length": str(len(answer.content)), **answer.headers}
        if answer.has_ranges or answer.status == HTTPStatus.PARTIAL_CONTENT:
            about["Accept-Ranges"] = "bytes"
        self.send_response(answer.status)
        for name, value in {**_HEADERS, **about}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_content:
            self.wfile.write(answer.content)
