"""A real engine process with small clients of its two protocols, shared by the engine's tests."""

import io
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import unrealcv

from datagen.engine.render.looks import look_named, missing_packages

MESH = "SkeletalMeshComponent0"


def need(look: str) -> str:
    """Return ``look``, or skip the test if packages are missing on this machine."""
    packages = missing_packages(look_named(look))
    if packages:
        pytest.skip(f"the look '{look}' needs {' '.join(packages)}")
    return look


@dataclass(frozen=True, kw_only=True)
class Engine:
    """A running engine: its process, the line it printed, and a connected client."""

    process: subprocess.Popen
    announced: dict[str, Any]
    client: unrealcv.Client

    def ask(self, *commands: str) -> list[str | bytes]:
        """Send commands without waiting, and return their replies."""
        return self.client.request(list(commands))

    def tick(self, *commands: str) -> list[str | bytes]:
        """Run commands in one tick and return their replies."""
        first, *replies = self.ask(f"vbatch {len(commands)}", *commands)
        assert first == "ok"
        return replies

    def run(self, *commands: str) -> None:
        """Run commands and check that none of them fails."""
        for command, reply in zip(commands, self.ask(*commands), strict=True):
            assert not str(reply).startswith("error"), f"{command}: {reply}"

    def level(self, name: str) -> None:
        """Load a level and check that it is loaded."""
        assert self.ask(f"vset /action/game/level /Game/Maps/{name}", "vget /level/name") == ["ok", name]

    def http(self, verb: str, path: str, body: object | None = None) -> tuple[int, Any]:
        """Return the status and the decoded answer of a Remote Control request."""
        url = f"http://127.0.0.1:{self.announced['remote_control_port']}{path}"
        payload = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=payload, method=verb)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                content = response.read()
                return response.status, json.loads(content) if content else None
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.loads(error.read())

    def image(self, kind: str) -> np.ndarray:
        """Return an image of camera 0 as RGB."""
        return rgb(self.ask(f"vget /camera/0/{kind} bmp")[0])

    def path(self, actor: str, component: str = MESH) -> str:
        """Return the Remote Control path of a component."""
        level = self.ask("vget /level/name")[0]
        return f"/Game/Maps/{level}.{level}:PersistentLevel.{actor}.{component}"

    def call(self, actor: str, function: str, **parameters: object) -> dict:
        """Call a function of a character's mesh component."""
        body = {"objectPath": self.path(actor), "functionName": function, "parameters": parameters}
        status, answer = self.http("PUT", "/remote/object/call", body)
        assert status == 200, answer
        return answer

    def set_sun_intensity(self, intensity: float) -> None:
        """Set the strength of the sun."""
        body = {"objectPath": self.path("Sun", "LightComponent0"), "access": "WRITE_ACCESS"}
        body |= {"propertyName": "Intensity", "propertyValue": {"Intensity": intensity}}
        assert self.http("PUT", "/remote/object/property", body) == (200, None)

    def spawn_character(self, name: str, character: str = "Ada", animation: str = "Walk") -> None:
        """Spawn and annotate a character at the origin, and start an animation."""
        self.run(f"vset /objects/spawn SkeletalMeshActor {name}")
        self.call(name, "SetSkeletalMeshAsset", NewMesh=f"/Game/Characters/{character}.{character}")
        path = f"/Game/Animations/{animation}.{animation}"
        self.call(name, "PlayAnimation", NewAnimToPlay=path, bLooping=True)
        self.annotate(name)

    def spawn_cube(self, name: str, *location_cm: float) -> None:
        """Spawn a cube of 1 m at a location, and annotate it: only then it appears in masks and depth."""
        location = " ".join(map(str, location_cm))
        self.run(f"vset /objects/spawn_cube {name}", f"vset /object/{name}/location {location}")
        self.annotate(name)

    def annotate(self, name: str) -> None:
        """Set the mask colour that an actor reports."""
        self.run(f"vset /object/{name}/color {' '.join(map(str, self.color(name)))}")

    def joint(self, name: str, bone: str) -> np.ndarray:
        """Return the world location of a joint, in cm."""
        where = self.call(name, "GetSocketLocation", InSocketName=bone)["ReturnValue"]
        return np.array([where["X"], where["Y"], where["Z"]])

    def resident_mb(self) -> float:
        """Return the resident memory of the engine's process."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS"))

    def color(self, name: str) -> tuple[int, ...]:
        """Return an actor's mask colour, RGB."""
        numbers = re.findall(r"=(\d+)", str(self.ask(f"vget /object/{name}/color")[0]))
        return tuple(int(number) for number in numbers[:3])


def rgb(reply: str | bytes) -> np.ndarray:
    """Decode a BMP reply as RGB; check that it has the plain header of 54 bytes."""
    assert isinstance(reply, bytes), reply
    header = np.frombuffer(reply, dtype="<i4", count=5, offset=10)
    offset, _, width, minus_height, planes_bits = header.tolist()
    assert reply[:2] == b"BM" and offset == 54 and minus_height < 0 and planes_bits == 1 | 32 << 16
    bgra = np.frombuffer(reply, np.uint8, offset=54).reshape(-minus_height, width, 4)
    assert (bgra[..., 3] == 255).all()
    return bgra[..., 2::-1]


def npy(reply: str | bytes) -> np.ndarray:
    """Decode an NPY reply."""
    assert isinstance(reply, bytes), reply
    return np.load(io.BytesIO(reply), allow_pickle=False)


@contextmanager
def running(look: str, *options: str) -> Iterator[Engine]:
    """Start an engine process with more options, and connect a client."""
    command = [sys.executable, "-m", "datagen.engine", "--look", need(look), "--until-stdin-closes", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        announced = json.loads(process.stdout.readline())
        client = unrealcv.Client(("127.0.0.1", announced["unrealcv_port"]))
        with redirect_stdout(io.StringIO()):
            assert client.connect()
        try:
            yield Engine(process=process, announced=announced, client=client)
        finally:
            client.disconnect()
            process.stdin.close()
            assert process.wait(timeout=10) == 0
