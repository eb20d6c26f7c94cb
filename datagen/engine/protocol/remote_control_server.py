"""Remote Control's HTTP side: four routes of Unreal's plugin, answered on the engine thread."""

import json
import logging
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ..world.actors import WorldError
from ..world.world import World
from . import remote_objects
from .remote_objects import Json

# Takes the world, the engine's version and the body of a request, and returns the answer.
Action = Callable[[World, str, Json], object]
MAX_BODY_BYTES = 1 << 20
_log = logging.getLogger(__name__)


class BadRequestError(Exception):
    """A body that the route cannot read; the text goes to the client."""


def _field(body: Json, name: str, kind: type, default: object = None) -> Any:
    value = body.get(name, default)
    if not isinstance(value, kind):
        raise BadRequestError(f"{name} is missing or not a {kind.__name__}")
    return value


def _call(world: World, engine_version: str, body: Json) -> object:
    path, function = _field(body, "objectPath", str), _field(body, "functionName", str)
    return remote_objects.call(world, engine_version, path, function, _field(body, "parameters", dict, {}))


def _property(world: World, engine_version: str, body: Json) -> object:
    path, name, access = (_field(body, key, str) for key in ("objectPath", "propertyName", "access"))
    if access == "READ_ACCESS":
        return {name: remote_objects.read_property(world, path, name)}
    if access not in ("WRITE_ACCESS", "WRITE_TRANSACTION_ACCESS"):
        raise BadRequestError(f"access {access} is not READ_ACCESS, WRITE_ACCESS or WRITE_TRANSACTION_ACCESS")
    values = _field(body, "propertyValue", dict)
    if set(values) != {name}:
        raise BadRequestError(f"propertyValue must hold {name} alone")
    remote_objects.write_property(world, path, name, values[name])
    return None


def _search(world: World, engine_version: str, body: Json) -> object:
    wanted = _field(body, "Filter", dict, {})
    classes, paths = (_field(wanted, key, list, []) for key in ("ClassNames", "PackagePaths"))
    return {"Assets": remote_objects.search_assets(classes, paths, _field(body, "Query", str, ""))}


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
    run_action: Callable[[Action, Json], object]

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)

    def start(self, run_action: Callable[[Action, Json], object]) -> None:
        """Serve in a thread; ``run_action`` runs an action on the engine thread and returns its answer."""
        self.run_action = run_action
        threading.Thread(target=self.serve_forever, name="remote-control", daemon=True).start()

    def handle_error(self, request: object, client_address: object) -> None:
        """Log the error, unless the client closed the connection during an answer."""
        if not isinstance(sys.exception(), ConnectionError):
            _log.exception("a Remote Control request failed")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: RemoteControlServer

    def do_GET(self) -> None:
        if self.path == "/remote/info":
            self._reply(HTTPStatus.OK, _route_list())
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f"no route GET {self.path}")

    def do_PUT(self) -> None:
        try:
            body = self._body()
            if self.path not in _PUT:
                return self._refuse(HTTPStatus.NOT_FOUND, f"no route PUT {self.path}")
            answer = self.server.run_action(_PUT[self.path][0], body)
        except (BadRequestError, WorldError) as error:
            return self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        return self._reply(HTTPStatus.OK, answer)

    def _body(self) -> Json:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            raise BadRequestError(f"the body is larger than {MAX_BODY_BYTES} bytes")
        try:
            body = json.loads(self.rfile.read(length) or b"null")
        except ValueError as error:
            raise BadRequestError(f"the body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise BadRequestError("the body is not JSON object")
        return body

    def _refuse(self, status: HTTPStatus, message: str) -> None:
        self._reply(status, {"errorMessage": message})

    def _reply(self, status: HTTPStatus, content: object) -> None:
        payload = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Write no log of requests: standard error is for messages to the user."""
