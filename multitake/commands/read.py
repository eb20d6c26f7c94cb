"""The verbs that read data sets and trajectories: status, verify, audit, peek, browse."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import InputError
from .options import DatasetUrl, output

if TYPE_CHECKING:
    from trajectories import ClipSource

_PAGE = Path("audit.html")


def status(
    dataset: DatasetUrl,
    watch: Annotated[bool, typer.Option("--watch", help="Update it until the run ends.")] = False,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two updates with --watch.")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as a JSON object.")] = False,
    page: Annotated[Path | None, output("HTML page with images of the newest takes to write.")] = None,
    newest: Annotated[int, typer.Option(min=1, max=500, help="Takes on the page.")] = 24,
) -> None:
    """Print how much of a data set is done, why takes failed, how fast a run is and what its workers do."""
    from datagen.status import show_status, watch_status

    if page and not page.parent.is_dir():
        fix = "make it, or give a file in another folder"
        raise InputError(f"there is no folder {page.parent}", where=f"--page {page}", fix=fix)
    if watch:
        watch_status(dataset, every_s=every, as_json=as_json, page=page, newest=newest)
    else:
        show_status(dataset, as_json=as_json, page=page, newest=newest)


def verify(
    dataset: DatasetUrl,
    quick: Annotated[
        bool, typer.Option("--quick", help="Check structure, sizes and tables, and open no tar.")
    ] = False,
    sample: Annotated[
        int | None, typer.Option(min=1, help="Read this many takes only, with all checks of --quick.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Which takes --sample chooses.")] = 0,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes. Default: the cores.")] = None,
    exclude_list: Annotated[
        Path | None, output("File to write the names of damaged takes to, one per line.")
    ] = None,
) -> None:
    """Check every byte of a data set. Compares files, tables, poses and videos, and says what it did not."""
    import shards

    from ..atomic import write_file, writing_to
    from ..progress import ProgressLine

    if quick and sample is not None:
        raise InputError("cannot be used with --sample", where="--quick", fix="give one of them")
    extent = shards.QUICK if quick else shards.Extent(sample=sample, seed=seed)
    with ProgressLine(sys.stderr) as progress:
        problems = shards.verify_dataset(dataset, extent=extent, workers=workers, progress=progress)
    for problem in problems:
        print(problem)
    if exclude_list:
        with writing_to(exclude_list):
            write_file(exclude_list, "".join(f"{take}\n" for take in shards.damaged_takes(problems)))
    print(f"not checked: {extent.not_checked}")
    print(f"problems: {len(problems)}")
    raise typer.Exit(1 if problems else 0)


def audit(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Data sets, clip tables, or camera files of any readable format.", metavar="SOURCE"
        ),
    ],
    report: Annotated[Path, output("The page to write; a JSON file is written next to it.")] = _PAGE,
    rules: Annotated[
        str | None, typer.Option(help="A preset or TOML file; replaces the rules of the sources.")
    ] = None,
    against: Annotated[str | None, typer.Option(help="Another source to compare with.")] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="Also fail on these, comma-separated: leaks, copies, near-duplicates, too-few, undecided, "
            "notes.",
            metavar="CLASSES",
        ),
    ] = None,
    images: Annotated[
        bool | None,
        typer.Option(
            help="Compare images with poses, also of data sets that multitake filmed; or do not. Default: of "
            "imported data sets.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Check trajectories against the rules they should follow, and look for faults in sets of others.

    Writes a page about them.
    """
    from trajectories.audit import audit as audit_sources
    from trajectories.sampling import load_rules

    result = audit_sources(
        [_clip_source(source) for source in sources],
        page=report,
        rules=load_rules(rules)[0] if rules else None,
        against=_clip_source(against) if against else None,
        fail_on=[name.strip() for names in fail_on or () for name in names.split(",")],
        images=images,
    )
    for line in result.lines():
        print(line)
    print(report)
    raise typer.Exit(0 if result.is_ok else 1)


def peek(
    dataset: DatasetUrl,
    take: Annotated[str | None, typer.Argument(help="The take; default: the first.", metavar="TAKE")] = None,
    out: Annotated[Path, output("Folder for the video and the images.")] = Path("."),
    frame: Annotated[
        int | None, typer.Option(min=0, help="The frame with the rig drawn into it; default: the middle.")
    ] = None,
) -> None:
    """Write all cameras of a take as one tiled video. Also writes a contact sheet, and a frame of each camera
    with the subject and the paths of the other cameras drawn into it.
    """
    import shards

    key = take or shards.open_dataset(dataset).keys[0]
    for path in shards.peek_take(dataset, key, out, frame=frame):
        print(path)


def browse(
    dataset: DatasetUrl,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Print the address, open no browser.")] = False,
) -> None:
    """Serve a page that plays the cameras of a take in step, to this machine alone. Ctrl-C ends it."""
    from contextlib import suppress

    import shards
    from shards.browse import BrowseServer

    from ..interruption import Interrupted

    with BrowseServer(shards.open_dataset(dataset), port=port) as server:
        print(server.url, flush=True)
        if not no_open:
            _open_in_browser(server.url)
        with suppress(Interrupted):
            server.serve()


def _open_in_browser(url: str) -> None:
    """Open a page, if there is a screen: browsers of a terminal would wait here."""
    import os
    import webbrowser

    if sys.platform in ("darwin", "win32") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(url)


def _clip_source(name: str) -> "ClipSource":
    """The clips of a data set, or of a file."""
    import shards
    from trajectories.audit import file_source

    return shards.clip_source(name) if shards.is_dataset(name) else file_source(Path(name))
