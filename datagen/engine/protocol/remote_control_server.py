"""Remote Control's HTTP side: four routes of Unreal's plugin, answered on the engine thread."""

import json
import logging
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from multitake.errors import one_line

from ..world.actors import WorldError
from ..world.faults import Faults
from ..world.world import World
from . import remote_objects
from .mesh_functions import Json, named

# Takes the world, the engine's version and the body of a request, and returns the answer.
Action = Callable[[World, str, Json], object]
MAX_BODY_BYTES = 1 << 20
_MOST_SKIPPED_BYTES = 1 << 28
_MOST_LINE_BYTES = 1 << 16
# Assets that a search returns unless its body has another limit.
_DEFAULT_LIMIT = 100
_log = logging.getLogger(__name__)


class BadRequestError(Exception):
    """A body that the route cannot read; the text goes to the client."""


def _field(body: Json, name: str, kind: type, default: object = None) -> Any:
    """A field of a body, by its name in any case."""
    value = body.get(named(body, name) or name, default)
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise BadRequestError(f"{name} is missing or not a {kind.__name__}")
    return value


def _names(wanted: Json, name: str) -> list[str]:
    names = _field(wanted, name, list, [])
    if not all(isinstance(one, str) for one in names):
        raise BadRequestError(f"{name} has a name that is not text")
    return names


def _call(world: World, engine_version: str, body: Json) -> object:
    path, function = _field(body, "objectPath", str), _field(body, "functionName", str)
    return remote_objects.call(world, engine_version, path, function, _field(body, "parameters", dict, {}))


def _property(world: World, engine_version: str, body: Json) -> object:
    path, access = _field(body, "objectPath", str), _field(body, "access", str)
    name = _field(body, "propertyName", str, "")
    if access == "READ_ACCESS":
        read = remote_objects.read_property
        return read(world, path, name) if name else remote_objects.properties(world, path)
    if access not in ("WRITE_ACCESS", "WRITE_TRANSACTION_ACCESS"):
        raise BadRequestError(f"access {access} is not READ_ACCESS, WRITE_ACCESS or WRITE_TRANSACTION_ACCESS")
    values = _field(body, "propertyValue", dict)
    if len(values) != 1 or not named(values, name):
        raise BadRequestError(f"propertyValue must hold {name or 'the property of propertyName'} alone")
    remote_objects.write_property(world, path, name, *values.values())
    return None


def _search(world: World, engine_version: str, body: Json) -> object:
    wanted = _field(body, "Filter", dict, {})
    limit = _field(body, "Limit", int, _DEFAULT_LIMIT)
    found = remote_objects.search_assets(
        _names(wanted, "ClassNames"),
        _names(wanted, "PackageNames"),
        _names(wanted, "PackagePaths"),
        _field(wanted, "RecursivePaths", bool, False),
        _field(body, "Query", str, ""),
    )
    return {"Assets": [] if world.faults.empty_search else found[: max(0, limit)]}


_PUT: dict[str, tuple[Action, str]] = {
    "/remote/object/call": (_call, "Call a function on a remote object"),
    "/remote/object/property": (_property, "Read or write a property of a remote object"),
    "/remote/search/assets": (_search, "Search for assets"),
}


def _route_list() -> Json:
    routes = [("/remote/info", "Get", "List the routes")]
    routes += [(path, "Put", description) for path, (_, description) in _PUT.items()]
    return {"HttpRoutes": [{"Path": path, "Verb": verb, "Description": text} for path, verb, text in routes]}


class RemoteControlServer(ThreadingHTTPServer):
    """Serves Remote Control on loopback. Its threads read requests and wait for the engine thread."""

    daemon_threads = True
    # So many clients may connect at the same moment.
    request_queue_size = 128
    run_action: Callable[[Action, Json], object]

    def __init__(self, port: int, faults: Faults) -> None:
        self.faults = faults
        super().__init__(("127.0.0.1", port), _Handler)

    def server_activate(self) -> None:
        """Listen; as a fault, only keep the port."""
        if not self.faults.no_remote_control:
            super().server_activate()

    def start(self, run_action: Callable[[Action, Json], object]) -> None:
        """Serve in a thread; ``run_action`` runs an action on the engine thread and returns its answer."""
        self.run_action = run_action
        if self.faults.no_remote_control:
            return
        threading.Thread(target=self.serve_forever, name="remote-control", daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Log the error, unless the client closed the connection during an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            _log.exception("a Remote Control request failed")


def _object(body: bytes) -> Json:
    """The object of a JSON body; BadRequestError for anything else."""
    try:
        found = json.loads(body or b"null")
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"the body is not JSON: {one_line(error)}") from error
    if not isinstance(found, dict):
        raise BadRequestError("the body is not a JSON object")
    return found


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    raw_requestline: bytes
    server: RemoteControlServer

    def setup(self) -> None:
        """Prepare a connection."""
        super().setup()
        # A read that times out ends the connection.
        self.connection.settimeout(self.server.faults.idle_close_s)

    def parse_request(self) -> bool:
        """Skip a blank line before a request, as servers should (RFC 9112, section 2.2)."""
        if self.raw_requestline in (b"\r\n", b"\n"):
            self.raw_requestline = self.rfile.readline(_MOST_LINE_BYTES)
        return super().parse_request()

    def __getattr__(self, name: str) -> Callable[[], None]:
        # http.server looks up a method do_VERB, and answers other verbs with a page.
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        """Answer a request of any verb; every error is an answer too."""
        try:
            body = self._body()
            if (self.command, self.path) == ("GET", "/remote/info"):
                answer: object = _route_list()
            elif self.command == "PUT" and self.path in _PUT:
                answer = self.server.run_action(_PUT[self.path][0], _object(body))
            else:
                return self._refuse(HTTPStatus.NOT_FOUND, f"no route {self.command} {self.path}")
        except (BadRequestError, WorldError) as error:
            return self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except Exception as error:
            _log.exception("a Remote Control request failed")
            return self._refuse(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__name__}: {one_line(error)}"
            )
        return self._reply(HTTPStatus.OK, answer)

    def _body(self) -> bytes:
        given = self.headers.get("Content-Length") or "0"
        if not (given.isascii() and given.isdigit() and len(given) <= 9):
            self.close_connection = True
            raise BadRequestError("Content-Length is not a length")
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise BadRequestError("a body needs a Content-Length")
        length = int(given)
        body = self.rfile.read(min(length, MAX_BODY_BYTES))
        left = length - len(body)
        if not left:
            return body
        # Read what follows, up to a limit: the answer would be lost if the connection were reset.
        self.close_connection = True
        left = min(left, _MOST_SKIPPED_BYTES)
        while left > 0 and (part := self.rfile.read(min(left, MAX_BODY_BYTES))):
            left -= len(part)
        raise BadRequestError(f"the body is larger than {MAX_BODY_BYTES} bytes, or incomplete")

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        self._reply(status, {"errorMessage": message})

    def _reply(self, status: HTTPStatus, content: object) -> None:
        payload = b"" if content is None else json.dumps(content, allow_nan=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
        self.wfile.flush()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer a request that is not HTTP."""
        self.close_connection = True
        # That of a request without a version would have no status line in its answer.
        self.request_version = self.protocol_version
        self._refuse(HTTPStatus(code), message or HTTPStatus(code).phrase)

    def log_message(self, format: str, *args: object) -> None:
        """Write no log of requests: standard error is for messages to the user."""
