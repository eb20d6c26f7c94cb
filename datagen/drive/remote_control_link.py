"""Unreal's Remote Control HTTP API: functions, properties and asset search, with deadlines."""

import http.client
import json
from typing import Any

from .errors import EngineError

_MOST_ASSETS = 1_000_000


class RemoteControlLink:
    """A connection to a Remote Control server; for one thread at a time."""

    def __init__(self, host: str, port: int, *, timeout_s: float) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=timeout_s)

    def call(self, object_path: str, function: str, **parameters: Any) -> dict[str, Any]:
        """Call a function of an object and return its output parameters, such as ``ReturnValue``."""
        body = {
            "objectPath": object_path,
            "functionName": function,
            "parameters": parameters,
            "generateTransaction": False,
        }
        return self._put("/remote/object/call", body)

    def set_property(self, object_path: str, name: str, value: Any) -> None:
        """Write one property of an object."""
        body = {
            "objectPath": object_path,
            "access": "WRITE_ACCESS",
            "propertyName": name,
            "propertyValue": {name: value},
        }
        self._put("/remote/object/property", body)

    def asset_paths(self, folder: str) -> set[str]:
        """Paths of all assets under a content folder such as ``/Game``."""
        wanted = {"PackagePaths": [folder], "RecursivePaths": True}
        # Unreal returns at most 100 assets unless it is told another limit.
        body = {"Query": "", "Filter": wanted, "Limit": _MOST_ASSETS}
        return {asset["Path"] for asset in self._put("/remote/search/assets", body)["Assets"]}

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _put(self, route: str, body: dict[str, Any]) -> dict[str, Any]:
        what = f"{route} {body.get('functionName') or body.get('propertyName') or ''}".strip()
        try:
            headers = {"Content-Type": "application/json"}
            self._connection.request("PUT", route, json.dumps(body), headers)
            response = self._connection.getresponse()
            text = response.read().decode("utf-8", errors="replace")
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise EngineError(f"Remote Control did not answer {what}: {error}") from error
        try:
            answer = json.loads(text) if text else {}
        except json.JSONDecodeError as error:
            raise EngineError(f"Remote Control did not answer {what} with JSON: {text[:80]!r}") from error
        if response.status >= 400 or "errorMessage" in answer:
            raise EngineError(f"Remote Control refused {what}: {answer.get('errorMessage', response.status)}")
        return answer
