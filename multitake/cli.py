"""The verbs of the command line: mounts all of them, and shows their errors as one line."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Annotated, NoReturn

import typer

from .commands import catalogs, engines, exchange, make, read, shards, train, trajectories
from .errors import InputError, RunError, one_line

_VERBS = (
    *(make.plan, make.generate, make.refilm),
    *(read.status, read.verify, read.audit, read.peek, read.browse),
    *(train.train, train.encode, train.reshoot, train.caption),
    exchange.export,
)
# Verbs that are words of Python.
_NAMED_VERBS: dict[str, Callable[..., None]] = {"import": exchange.import_}
_GROUPS: dict[str, tuple[str, dict[str, Callable[..., None]]]] = {
    "engine": (
        "Serve the embedded engine; check engines.",
        {"serve": engines.serve, "doctor": engines.doctor},
    ),
    "catalog": (
        "List, show, check and propose the assets of a catalog.",
        {
            "list": catalogs.list_assets,
            "preview": catalogs.preview,
            "check": catalogs.check,
            "scan": catalogs.scan,
        },
    ),
    "model": ("Convert trained models.", {"convert": train.convert}),
    "shards": (
        "Tools for whole data sets: what they have, parts of them, several in one, without what is damaged.",
        {
            "info": shards.info,
            "filter": shards.filter_takes,
            "merge": shards.merge,
            "split": shards.split,
            "repair": shards.repair,
        },
    ),
    "trajectories": (
        "Sample and convert camera trajectories.",
        {"sample": trajectories.sample, "convert": trajectories.convert},
    ),
}
# The extra of this package that installs another one.
_EXTRA_OF = dict.fromkeys(("ray", "unrealcv", "panda3d"), "datagen") | dict.fromkeys(
    ("torch", "diffusers", "transformers", "accelerate", "tokenizers", "safetensors"), "training"
)


class _Debug:
    is_on = False


def _options(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False) -> None:
    _Debug.is_on = debug


def _mounted() -> typer.Typer:
    """The application with all verbs."""
    app = typer.Typer(
        help="Synthetic multi-camera takes: from camera-trajectory rules to a trained re-shooting model.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    for verb in _VERBS:
        app.command()(_with_errors_as_text(verb))
    for verb_name, named_verb in _NAMED_VERBS.items():
        app.command(verb_name)(_with_errors_as_text(named_verb))
    for name, (about, verbs) in _GROUPS.items():
        group = typer.Typer(help=about, no_args_is_help=True)
        for verb_name, verb in verbs.items():
            group.command(verb_name)(_with_errors_as_text(verb))
        app.add_typer(group, name=name)
    return app


def _with_errors_as_text(verb: Callable[..., None]) -> Callable[..., None]:
    """A verb that prints its errors as one line, see ``_show``; with --debug they have a traceback."""

    @wraps(verb)
    def shown(*arguments: object, **options: object) -> None:
        try:
            verb(*arguments, **options)
        except Exception as error:
            if not _Debug.is_on:
                _show(error)
            raise

    return shown


def _show(error: Exception) -> None:
    """Print invalid input as one line (exit code 2), as are errors of runs and of storage (1).

    A missing extra is shown as the command that installs it. Does nothing for other errors.
    """
    if isinstance(error, (InputError, RunError)):
        _fail(str(error), code=2 if isinstance(error, InputError) else 1)
    if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
        what = one_line(error.strerror or error)
        fix = "make sure that it can be read and written, then run the same command again"
        _fail(f"{error.filename or 'disk'}: {what}; {fix}", code=1)
    if isinstance(error, ModuleNotFoundError):
        package = (error.name or "").partition(".")[0]
        if package in _EXTRA_OF:
            _fail(f"{package} is not installed; pip install 'multitake[{_EXTRA_OF[package]}]'")


def _fail(line: str, code: int = 2) -> NoReturn:
    print(f"multitake: {line}", file=sys.stderr)
    raise typer.Exit(code)


app = _mounted()
