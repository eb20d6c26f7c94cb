"""The doctor of engines: all green on the embedded engine, and under each fault red where it should be."""

import json
import sys
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from engine_child import running
from typer.testing import CliRunner
from unreal_runs import cells_loaded_soon

from datagen.batch import EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.doctor import DoctorReport, examine
from datagen.doctor.report import CHECKS
from datagen.drive.connecting import EngineAddress
from multitake.cli import app
from multitake.progress import ProgressLine

# Fault -> the check that fails because of it.
RED = {
    "lost-replies=7": "handshake",
    "no-vbatch": "same tick",
    "ignored-vbatch": "same tick",
    "no-remote-control": "remote control",
    "empty-search": "assets",
    "no-player": "level",
    "no-pawn": "level",
    "renamed-cubes": "level",
    "editor-session": "game",
    "refused-functions": "permissions",
    "missing-camera": "cameras",
    "no-show-flags": "show flags",
    "stuck-camera": "cameras",
    "fixed-size": "images",
    "unlabelled-actors": "masks",
    "depth-in-metres": "depth",
    "mirrored": "handedness",
    "grain=20": "settling",
    "drift-per-load": "determinism",
    "null-mesh": "characters",
    "frozen-animation": "time control",
    "running-animation": "time control",
    "static-sun": "light",
}
# Words of the remedies.
REMEDIES = {
    "handshake": "start the engine with the UnrealCV plugin",
    "same tick": "update the UnrealCV plugin",
    "remote control": "-RCWebControlEnable",
    "assets": "--catalog",
    "level": "run the project as a game",
    "game": "end the editor session",
    "permissions": "DefaultRemoteControl.ini",
    "cameras": "FusionCamSensor",
    "show flags": "SetShowFlagSettings",
    "images": "exposure_ev",
    "masks": "vset /object/NAME/color",
    "depth": "centimetres",
    "handedness": "update the UnrealCV plugin",
    "settling": "engine.settle_captures",
    "determinism": "load to load",
    "characters": "correct the character",
    "time control": "skeleton",
    "light": "Movable",
}
CATALOG = load_catalog(SceneChoice(environments=("room",)), folder=Path())
NAMES = {check.name for check in CHECKS}
# Faults that the driver copes with.
GREEN = (
    "",
    "late-first-tick=1,slow-level-loads=0.5,idle-close=0.2,socket-switch",
    "history=3,stale-camera=2,late-textures=5,drifting-exposure=4,grain=1,read-only-properties,visible-pawn",
)


def examined(faults: str, *options: str, remote_control: int | None = None, look: str = "gt") -> DoctorReport:
    """The report about an embedded engine with faults."""
    with running("lit", *(["--faults", faults] if faults else []), *options) as engine:
        # The plugin serves one client.
        engine.client.disconnect()
        address = EngineAddress(
            host="127.0.0.1",
            unrealcv_port=engine.announced["unrealcv_port"],
            remote_control_port=remote_control or engine.announced["remote_control_port"],
        )
        choice = EngineChoice(kind="unreal", look=look, start_timeout_s=3.0, reply_timeout_s=1.5)
        choice = replace(choice, settle_captures=16)
        with cells_loaded_soon(), ProgressLine(sys.stderr) as progress:
            return examine(address, choice, CATALOG, progress=progress)


def dependents(name: str) -> set[str]:
    """The checks that need a check, or one that needs it."""
    found: set[str] = set()
    for check in CHECKS:
        if {name, *found} & set(check.needs):
            found.add(check.name)
    return found


@pytest.mark.parametrize("faults", GREEN)
def test_all_is_green(faults: str) -> None:
    report = examined(faults, *(["--lychsim"] if not faults else []))
    assert [(one.name, one.detail) for one in report.results if one.outcome != "ok"] == []
    assert report.is_ok


@pytest.mark.parametrize("fault", RED)
def test_a_fault_makes_its_check_red(fault: str) -> None:
    """That check alone, with its remedy; what depends on it is not checked."""
    report = examined(fault, look="cinematic" if fault == "no-show-flags" else "gt")
    failed = [one for one in report.results if one.outcome == "failed"]
    assert [one.name for one in failed] == [RED[fault]]
    assert REMEDIES[RED[fault]] in failed[0].remedy and not report.is_ok
    unchecked = {one.name for one in report.results if one.outcome == "not checked"}
    assert unchecked == (dependents(RED[fault]) if fault != "lost-replies=7" else NAMES - {"handshake"})


def test_every_check_can_be_red() -> None:
    assert NAMES - set(RED.values()) == {"versions", "speed"}, "versions: see below; speed is a figure"


def test_the_command_prints_a_table_or_json() -> None:
    with running("lit", "--faults", "no-player") as engine:
        address = f"127.0.0.1:{engine.announced['unrealcv_port']}"
        port = str(engine.announced["remote_control_port"])
        command = ["engine", "doctor", address, "--remote-control-port", port]
        table = CliRunner().invoke(app, command)
        report = CliRunner().invoke(app, [*command, "--json"])
    assert table.exit_code == 1 and report.exit_code == 1
    lines = table.stdout.splitlines()
    assert lines[0].startswith("ok           handshake")
    assert any(line.startswith("failed       level") for line in lines)
    assert any(line.strip().startswith("-> run the project as a game") for line in lines)
    content = json.loads(report.stdout)
    assert content["ok"] is False and content["checks"][0]["outcome"] == "ok"


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:", "127.0.0.1:99999", "9000:x"])
def test_an_address_that_is_none_is_one_line(address: str) -> None:
    ended = CliRunner().invoke(app, ["engine", "doctor", address])
    assert ended.exit_code == 2
    assert ended.stderr.startswith("multitake: ADDRESS: ") and len(ended.stderr.splitlines()) == 1


class OldEngine(BaseHTTPRequestHandler):
    """A Remote Control server that knows its version alone."""

    protocol_version = "HTTP/1.1"

    def reply(self, content: object) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        payload = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_GET(self) -> None:
        routes = ("object/call", "object/property", "search/assets")
        self.reply({"HttpRoutes": [{"Path": f"/remote/{route}"} for route in routes]})

    def do_PUT(self) -> None:
        self.reply({"ReturnValue": "5.4.4-35576357+++UE5+Release-5.4"})

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


def test_an_engine_of_an_old_version_is_named() -> None:
    """Lumen lights scene captures since 5.5 (ProjectAirSim, pull request 181)."""
    with ThreadingHTTPServer(("127.0.0.1", 0), OldEngine) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        results = {one.name: one for one in examined("no-player", remote_control=server.server_port).results}
        server.shutdown()
    assert results["remote control"].outcome == "ok" and results["versions"].outcome == "failed"
    assert "5.4.4" in results["versions"].detail and "5.5 or later" in results["versions"].remedy
