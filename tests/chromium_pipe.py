"""A headless chromium that a test controls by the DevTools protocol, over two pipes."""

import base64
import itertools
import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, Self

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required", "--remote-debugging-pipe"),
)


class Chromium:
    """One page of a browser."""

    def __init__(self, profile: Path, *, width: int = 1280, height: int = 800) -> None:
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        # The browser reads file 3 and writes file 4.
        wiring = f'exec 3<&{to_browser} 4>&{from_browser}; exec "$@"'
        command = [str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        self._process = subprocess.Popen(
            ["bash", "-c", wiring, "bash", *command, "about:blank"],
            pass_fds=(to_browser, from_browser),
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        self._numbers, self._buffer = itertools.count(1), b""
        self.console: list[str] = []
        self._session = ""
        targets = self._wait(lambda: self._call("Target.getTargets")["targetInfos"])
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        self._session = self._call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        os.close(self._out)
        os.close(self._in)

    def open(self, url: str) -> None:
        """Load a page."""
        self._call("Page.navigate", url=url)

    def value(self, expression: str) -> Any:
        """The value of an expression, or of its promise."""
        found = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise AssertionError(found["exceptionDetails"])
        return found["result"].get("value")

    def until(self, expression: str, *, limit_s: float = 30.0) -> Any:
        """The value of an expression as soon as it is true."""
        return self._wait(lambda: self.value(expression), limit_s=limit_s, what=expression)

    def click(self, x: float, y: float) -> None:
        """Press and release the mouse at a position of the page."""
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def key(self, name: str) -> None:
        """Press and release a key, such as ``ArrowRight``."""
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key=name)

    def picture(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot")["data"])

    def _wait(self, found: Any, *, limit_s: float = 30.0, what: str = "the browser") -> Any:
        ends = time.monotonic() + limit_s
        while not (value := found()):
            if time.monotonic() > ends:
                raise AssertionError(f"waited {limit_s} s for {what}")
            time.sleep(0.05)
        return value

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return dict(answer["result"])
            self._note(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            part = os.read(self._in, 2**16)
            if not part:
                raise AssertionError("the browser ended")
            self._buffer += part
        text, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(text))

    def _note(self, event: dict[str, Any]) -> None:
        if event.get("method") == "Runtime.exceptionThrown":
            details = event["params"]["exceptionDetails"]
            self.console.append(str(details.get("exception", details).get("description", details)))
        if event.get("method") == "Log.entryAdded":
            entry = event["params"]["entry"]
            # Requests fail when a test ends the server of a page.
            if entry["level"] == "error" and entry["source"] != "network":
                self.console.append(entry["text"])
