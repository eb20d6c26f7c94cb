"""The verbs of engines: serve, doctor."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ..errors import InputError
from .options import RemoteControlPort

_COLOURS = {"ok": typer.colors.GREEN, "failed": typer.colors.RED, "not checked": typer.colors.YELLOW}


def serve(
    look: Annotated[str, typer.Option(help="lit or cinematic (EGL), or fast (CPU only).")] = "lit",
    unrealcv_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the UnrealCV server; 0: any free port.")
    ] = 9000,
    remote_control_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the Remote Control server; 0: any free port.")
    ] = 30010,
    unrealcv_socket: Annotated[
        Path | None, typer.Option(help="Path of a unix socket of the UnrealCV server, in addition.")
    ] = None,
    captures: Annotated[
        Path | None,
        typer.Option(help="Clients may write images below this folder; without it, none."),
    ] = None,
    log: Annotated[Path | None, typer.Option(help="File to append messages to.")] = None,
    faults: Annotated[
        str, typer.Option(help="NAME[=VALUE],...: faults of a real Unreal, for tests of clients.")
    ] = "",
    lychsim: Annotated[
        bool, typer.Option("--lychsim", help="Also answer LychSim's commands for lit images.")
    ] = False,
) -> None:
    """Run the embedded engine as a server. It listens on the loopback address only."""
    from datagen.engine.serve import serve

    from ..interruption import Interrupted

    with suppress(Interrupted):
        serve(
            look=look,
            unrealcv_port=unrealcv_port,
            remote_control_port=remote_control_port,
            unrealcv_socket=unrealcv_socket,
            captures=captures,
            log=log,
            faults=faults,
            lychsim=lychsim,
        )


def doctor(
    address: Annotated[
        str | None,
        typer.Argument(help="A running engine: HOST:PORT of UnrealCV.", metavar="ADDRESS"),
    ] = None,
    catalog: Annotated[
        str, typer.Option(help="What to film: `embedded`, or the path of a catalog file.", metavar="CATALOG")
    ] = "embedded",
    remote_control_port: RemoteControlPort = 30010,
    look: Annotated[str, typer.Option(help="Look of Unreal to set: gt or cinematic.")] = "gt",
    timeout_s: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Longest time to start, and to load a level.")
    ] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check a running engine, or without ADDRESS the looks of the embedded one. Says what to do."""
    if address is None:
        if as_json or look != "gt" or catalog != "embedded":
            what = "need the ADDRESS of a running engine"
            raise InputError(what, where="--json, --look and --catalog", fix="give HOST:PORT")
        _check_embedded()
    from datagen.doctor import doctor_report

    from ..progress import ProgressLine

    with ProgressLine(sys.stderr) as progress:
        report = doctor_report(
            address,
            catalog=catalog,
            remote_control_port=remote_control_port,
            look=look,
            timeout_s=timeout_s,
            progress=progress,
        )
    if as_json:
        print(report.json_text())
    else:
        for outcome, line in report.lines():
            typer.secho(line, fg=_COLOURS[outcome])
    raise typer.Exit(0 if report.is_ok else 1)


def _check_embedded() -> NoReturn:
    """Print which looks of the embedded engine can be used here."""
    from datagen.engine.doctor import doctor

    checks = doctor()
    for look, is_ok, detail in checks:
        print(f"{look}: {'ok' if is_ok else 'not usable'}: {detail}")
    raise typer.Exit(0 if any(is_ok for _, is_ok, _ in checks) else 1)
