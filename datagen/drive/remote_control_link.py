"""Unreal's Remote Control HTTP API: functions, properties and asset search, with deadlines."""

import http.client
import json
import time
from collections.abc import Callable, Iterable
from typing import Any

from .errors import EngineError, RefusedError

_CALL = "/remote/object/call"
_RETRY_S = 0.2
# Unreal returns at most 100 assets unless it is told another limit.
_PACKAGES_AT_ONCE, _MOST_ASSETS = 50, 100_000
# What a server does that closes a connection which was idle.
_CLOSED = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)


class RemoteControlLink:
    """A connection to a Remote Control server; for one thread at a time."""

    def __init__(self, host: str, port: int, *, timeout_s: float) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
        self._address = f"{host}:{port}"
        self._timeout_s = timeout_s

    def wait_ready(self, timeout_s: float, *, is_alive: Callable[[], bool] = lambda: True) -> None:
        """Wait until the server answers: it may start later than UnrealCV's.

        EngineError if it does not in time, or if the engine ends.
        """
        deadline_s = time.monotonic() + timeout_s
        while True:
            try:
                if _CALL not in self.routes():
                    raise EngineError(f"/remote/info does not list {_CALL}")
                return
            except EngineError as error:
                self.close()
                if not is_alive() or time.monotonic() > deadline_s:
                    what = f"no Remote Control server at {self._address} ({error})"
                    raise EngineError(f"{what}; start the engine with -RCWebControlEnable") from error
                time.sleep(_RETRY_S)

    def routes(self) -> set[str]:
        """The paths that the server has."""
        listed = self._answer("GET", "/remote/info", None).get("HttpRoutes")
        routes = listed if isinstance(listed, list) else []
        return {str(route.get("Path")) for route in routes if isinstance(route, dict)}

    def call(
        self, object_path: str, function: str, *, timeout_s: float | None = None, **parameters: Any
    ) -> dict[str, Any]:
        """Call a function of an object and return its output parameters, such as ``ReturnValue``."""
        body = {
            "objectPath": object_path,
            "functionName": function,
            "parameters": parameters,
            "generateTransaction": False,
        }
        return self._answer("PUT", _CALL, body, timeout_s=timeout_s)

    def set_property(self, object_path: str, name: str, value: Any) -> None:
        """Write one property of an object; RefusedError if it is read-only."""
        body = {
            "objectPath": object_path,
            "access": "WRITE_ACCESS",
            "propertyName": name,
            "propertyValue": {name: value},
        }
        self._answer("PUT", "/remote/object/property", body)

    def read_property(self, object_path: str, name: str) -> Any:
        """Read one property of an object."""
        body = {"objectPath": object_path, "access": "READ_ACCESS", "propertyName": name}
        return self._answer("PUT", "/remote/object/property", body).get(name)

    def found_packages(self, packages: Iterable[str]) -> set[str]:
        """Those of the packages, such as ``/Game/Maps/Room``, that the engine has; in lower case."""
        wanted, found = sorted(set(packages)), set()
        for first in range(0, len(wanted), _PACKAGES_AT_ONCE):
            some = {"PackageNames": wanted[first : first + _PACKAGES_AT_ONCE]}
            found |= {asset["Path"].partition(".")[0].lower() for asset in self._search(some)}
        return found

    def assets_of_class(self, class_path: str, folder: str) -> list[str]:
        """Object paths of all assets of a class, such as ``/Script/Engine.SkeletalMesh``, in a folder."""
        wanted = {"ClassNames": [class_path], "PackagePaths": [folder], "RecursivePaths": True}
        return sorted(asset["Path"] for asset in self._search(wanted))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _search(self, wanted: dict[str, Any]) -> list[dict[str, str]]:
        body = {"Query": "", "Filter": wanted, "Limit": _MOST_ASSETS}
        found: list[dict[str, str]] = self._answer("PUT", "/remote/search/assets", body).get("Assets", [])
        return found

    def _answer(
        self, verb: str, route: str, body: dict[str, Any] | None, *, timeout_s: float | None = None
    ) -> dict[str, Any]:
        """What the server answers as JSON; an empty answer is an empty one."""
        body = body or {}
        what = f"{route} {body.get('functionName') or body.get('propertyName') or ''}".strip()
        try:
            status, text = self._exchange(verb, route, body, timeout_s or self._timeout_s)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise EngineError(f"Remote Control did not answer {what}: {error}") from error
        try:
            answer = json.loads(text) if text else {}
        except json.JSONDecodeError as error:
            raise EngineError(f"Remote Control did not answer {what} with JSON: {text[:80]!r}") from error
        if not isinstance(answer, dict):
            raise EngineError(f"Remote Control answered {what} with {text[:80]!r}")
        if status >= 400 or "errorMessage" in answer:
            raise RefusedError(f"Remote Control refused {what}: {answer.get('errorMessage', status)}")
        return answer

    def _exchange(self, verb: str, route: str, body: dict[str, Any], timeout_s: float) -> tuple[int, str]:
        """One request; a connection that the server closed while it was idle is opened again."""
        is_reused = self._connection.sock is not None
        try:
            return self._request(verb, route, body, timeout_s)
        except _CLOSED:
            if not is_reused:
                raise
            self.close()
            return self._request(verb, route, body, timeout_s)

    def _request(self, verb: str, route: str, body: dict[str, Any], timeout_s: float) -> tuple[int, str]:
        connection = self._connection
        connection.timeout = timeout_s
        if connection.sock is not None:
            connection.sock.settimeout(timeout_s)
        # A GET with a body would close the connection.
        payload = json.dumps(body) if body else None
        connection.request(verb, route, payload, {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", errors="replace")
