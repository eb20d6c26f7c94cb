"""How Unreal is started: command lines, ports of several workers, and what a run says about its engine."""

import logging
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
import ray
from typer.testing import CliRunner, Result
from unreal_runs import HOST, unused_port

from datagen.batch import EngineChoice
from datagen.drive import EngineStartError, RunningEngine
from datagen.drive.unreal_command import Ports, free_ports, unreal_command
from datagen.drive.unrealcv_link import socket_of_port
from multitake.cli import app

PORTS = Ports(unrealcv=9003, remote_control=30013)
SETTINGS = "-ini:RemoteControl:[/Script/RemoteControlCommon.RemoteControlSettings]"
BATCH = """
seed = 3
takes = 1
frames = 5
width_px = 64
height_px = 48
[scene]
environments = ["room"]
characters = ["ada"]
animations = ["walk"]
[rig]
cameras = 2
radius_m = [1.5, 2.5]
[rig.validity]
reject = []
warn = []
[engine]
kind = "unreal"
look = "gt"
"""
# What a packaged game does with multitake's flags: the plugin reads the word after ``-cvport``
# (ServerConfig.cpp), and Remote Control its setting.
GAME = """#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    -cvport) unrealcv=$2; shift;;
    *:RemoteControlHttpServerPort=*) remote=${1##*=};;
  esac
  shift
done
exec PYTHON -m datagen.engine --look fast --unrealcv-port "$unrealcv" --remote-control-port "$remote"
"""


def command_of(worker: int = 0, **keys: object) -> list[str]:
    return unreal_command(EngineChoice(kind="unreal", look="gt", **keys), worker, PORTS, 24.0)


def multitake(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_the_port_of_unrealcv_is_two_words() -> None:
    """D9: the plugin parses the key ``cvport`` without ``=``. Source: ServerConfig.cpp."""
    command = command_of(program="Game.sh")
    assert command[command.index("-cvport") + 1] == "9003"


def test_the_port_of_remote_control_is_that_of_the_worker() -> None:
    """D9: each engine would listen at 30010. Source: Epic, URemoteControlSettings, and ``-ini:``."""
    command = command_of(program="Game.sh")
    assert f"{SETTINGS}:RemoteControlHttpServerPort=30013" in command
    assert f"{SETTINGS}:bAutoStartWebSocketServer=False" in command and "-RCWebControlEnable" in command


def test_a_packaged_project_is_started_without_window_and_clock() -> None:
    """Epic: list of command-line arguments (docs/unreal.md, section 4)."""
    command = command_of(program="Game.sh", arguments=("-opengl",))
    assert command[0] == "Game.sh" and command[-1] == "-opengl"
    assert {"-RenderOffScreen", "-Unattended", "-UseFixedTimeStep", "-FPS=24"} < set(command)
    assert "-game" not in command and not any(part.startswith("-graphicsadapter") for part in command)


def test_the_editor_runs_the_project_as_a_game() -> None:
    """Doubtful: objects of *Play in Editor* have other paths. Epic: ``-game``."""
    command = command_of(program="UnrealEditor", project="My.uproject")
    assert command[:3] == ["UnrealEditor", "My.uproject", "-game"]


def test_workers_take_turns_on_the_gpus() -> None:
    flags = [command_of(worker, program="Game.sh", gpus=(4, 7)) for worker in range(3)]
    assert [[part for part in one if "graphicsadapter" in part] for one in flags] == [
        ["-graphicsadapter=4"],
        ["-graphicsadapter=7"],
        ["-graphicsadapter=4"],
    ]


def test_an_own_command_has_only_its_ports_replaced() -> None:
    command = command_of(command=("run", "{{x}}", "{unrealcv_port}", "--rc={remote_control_port}"))
    assert command == ["run", "{x}", "9003", "--rc=30013"]


def test_used_ports_are_skipped_and_not_connected_to() -> None:
    """D9; a probe that connects would be UnrealCV's only TCP client. Source: TcpServer.cpp."""
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as other:
        used = [server.getsockname()[1] for server in (one, other)]
        choice = EngineChoice(
            kind="unreal", look="gt", program="Game.sh", unrealcv_port=used[0], remote_control_port=used[1]
        )
        found = free_ports(choice, 0)
        assert (found.unrealcv - used[0]) % 64 == (found.remote_control - used[1]) % 64 == 0
        assert found.unrealcv > used[0] and found.remote_control > used[1]
        for server in (one, other):
            server.settimeout(0.05)
            with pytest.raises(TimeoutError):
                server.accept()


def test_workers_have_ports_of_their_own() -> None:
    """D9: worker n has both ports plus n; an engine whose command names no port has that of the batch."""
    choice = EngineChoice(
        kind="unreal",
        look="gt",
        command=("run", "{unrealcv_port}"),
        unrealcv_port=unused_port(),
        remote_control_port=30010,
    )
    found = free_ports(choice, 3)
    assert (found.unrealcv - choice.unrealcv_port) % 64 == 3 and found.remote_control == 30010


def test_no_free_port_is_one_line() -> None:
    with socket.create_server((HOST, 65535)):
        choice = EngineChoice(kind="unreal", look="gt", program="Game.sh", unrealcv_port=65535)
        with pytest.raises(EngineStartError, match=r"no free port at 65535 .*; change unrealcv_port"):
            free_ports(choice, 0)


def test_two_workers_start_two_engines(tmp_path: Path) -> None:
    """D9, with a program that reads its ports as Unreal does; a socket that an engine left is removed."""
    game = tmp_path / "Game.sh"
    game.write_text(GAME.replace("PYTHON", sys.executable))
    game.chmod(0o755)
    ports = {"unrealcv_port": unused_port(), "remote_control_port": unused_port()}
    choice = EngineChoice(kind="unreal", look="gt", program=str(game), start_timeout_s=10.0, **ports)
    left = socket_of_port(free_ports(choice, 0).unrealcv)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(left))
    with ExitStack() as engines:
        with ThreadPoolExecutor() as pool:
            both = list(pool.map(lambda worker: RunningEngine(choice, worker=worker), range(2)))
        for one in both:
            engines.callback(one.close)
        assert not left.exists()
        assert len({one.driver.unrealcv.address for one in both}) == 2
        both[0].driver.unrealcv.ask("vset /objects/spawn_cube only_here")
        assert "only_here" not in str(both[1].driver.unrealcv.ask("vget /objects"))


@pytest.mark.parametrize("missing", ["unrealcv_port", "remote_control_port"])
def test_workers_need_both_ports_in_their_command(missing: str, tmp_path: Path) -> None:
    """D9: worker 1 would look for 30011 while its engine listens at 30010."""
    parts = [f"{{{one}}}" for one in ("unrealcv_port", "remote_control_port") if one != missing]
    batch = tmp_path / "batch.toml"
    batch.write_text(f'{BATCH}command = ["sleep", "{parts[0]}"]\n')
    ended = multitake("generate", batch, "--out", tmp_path / "dataset", "--workers", "2")
    assert ended.exit_code == 2 and len(ended.stderr.splitlines()) == 1
    what = "the engines of several workers would have one port, as the command has no"
    assert f"engine.command: {what} {{{missing}}}" in ended.stderr


@pytest.mark.parametrize("visible", ["", "GPU-8932f937,GPU-1dd19c94"])
def test_each_worker_has_the_gpu_that_ray_gave_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visible: str
) -> None:
    """Ray believes that this machine has two GPUs; it may know them by other names than numbers."""
    if visible:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    game, started = tmp_path / "Game.sh", tmp_path / "started"
    head, _, rest = GAME.partition("\n")
    game.write_text(f'{head}\necho "$@" >> {started}\n{rest.replace("PYTHON", sys.executable)}')
    game.chmod(0o755)
    batch = tmp_path / "batch.toml"
    ports = f"unrealcv_port = {unused_port()}\nremote_control_port = {unused_port()}\n"
    batch.write_text(
        BATCH.replace("takes = 1", "takes = 2") + f'program = "{game}"\nsettle_captures = 16\n{ports}'
    )
    ray.init(
        address="local",
        num_cpus=2,
        num_gpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )
    try:
        run = ("generate", batch, "--out", tmp_path / "dataset", "--workers", "2", "--worker-gpus", "1")
        ended = multitake(*run)
    finally:
        ray.shutdown()
    if visible:
        assert ended.exit_code == 2 and len(ended.stderr.splitlines()) == 1
        assert "engine: Ray names a GPU GPU-" in ended.stderr and not started.exists()
        return
    assert ended.exit_code == 0, ended.output
    lines = started.read_text().splitlines()
    assert sorted(next(one for one in line.split() if "adapter" in one) for line in lines) == [
        "-graphicsadapter=0",
        "-graphicsadapter=1",
    ]
    assert "note: " not in ended.stdout, "all levels were opened"
