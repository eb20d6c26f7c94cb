"""The verbs of catalogs: list, preview, check, scan."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import RemoteControlPort, output

CatalogFile = Annotated[
    str, typer.Argument(help="`embedded`, or the path of a catalog file (TOML).", metavar="CATALOG")
]
AssetKind = Annotated[
    str | None, typer.Option(help="Only `environments`, `characters` or `animations`.", metavar="KIND")
]
AssetTags = Annotated[
    list[str] | None, typer.Option("--tag", help="Only assets with this tag; may be repeated.", metavar="TAG")
]


def list_assets(catalog: CatalogFile = "embedded", kind: AssetKind = None, tag: AssetTags = None) -> None:
    """Print the assets of a catalog: kind, name, size, tags and caption."""
    from datagen.catalogs import chosen_items

    for line in chosen_items(catalog, kind=kind, tags=tag or ()).lines():
        print(line)


def preview(
    out: Annotated[Path, output("New folder for the page and its pictures.")],
    catalog: CatalogFile = "embedded",
    kind: AssetKind = None,
    tag: AssetTags = None,
    look: Annotated[str, typer.Option(help="Look (render mode) of the engine.")] = "lit",
) -> None:
    """Film every asset of a catalog from several sides. Writes a page and contact sheets."""
    from datagen.catalogs import chosen_items, preview_catalog

    from ..progress import ProgressLine

    items = chosen_items(catalog, kind=kind, tags=tag or ())
    with ProgressLine(sys.stderr) as progress:
        written = preview_catalog(items, out, look=look, progress=progress)
    for path in written:
        print(path)


def check(catalog: CatalogFile = "embedded", kind: AssetKind = None, tag: AssetTags = None) -> None:
    """Check levels, sizes and motions of a catalog. Prints what is wrong; exit code 1 if anything is."""
    from datagen.catalogs import check_catalog, chosen_items

    from ..progress import ProgressLine

    items = chosen_items(catalog, kind=kind, tags=tag or ())
    findings = 0
    with ProgressLine(sys.stderr) as progress:
        for finding in check_catalog(items, progress):
            print(finding, flush=True)
            findings += 1
    print(f"findings: {findings}")
    raise typer.Exit(1 if findings else 0)


def scan(
    address: Annotated[
        str, typer.Argument(help="A running engine: HOST:PORT of UnrealCV.", metavar="ADDRESS")
    ],
    out: Annotated[Path, output("New catalog file (TOML).")],
    remote_control_port: RemoteControlPort = 30010,
    folder: Annotated[str, typer.Option(help="Folder of assets, with the folders in it.")] = "/Game",
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many assets of each kind.")] = None,
    timeout_s: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Longest time to connect, and to load a level.")
    ] = 60.0,
) -> None:
    """Propose a catalog for the assets of a running engine. Correct its captions and spots by hand."""
    from datagen.catalogs import scan_catalog

    from ..progress import ProgressLine

    with ProgressLine(sys.stderr) as progress:
        report = scan_catalog(
            address,
            out,
            remote_control_port=remote_control_port,
            folder=folder,
            limit=limit,
            timeout_s=timeout_s,
            progress=progress,
        )
    for line in report.lines():
        print(line)
