"""The verbs that exchange data sets with others: import, export."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import DatasetUrl, NewDataset, Takes, joined, output


def import_(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="A folder tree, or an archive: a file, all parts, or the folder with them.", metavar="SOURCE"
        ),
    ],
    out: NewDataset,
    from_format: Annotated[
        str, typer.Option("--from", help="What it is: multicamvideo or syncamvideo.")
    ] = "multicamvideo",
    captions: Annotated[
        Path | None, typer.Option(help="A metadata.csv with captions: file_name, text.", metavar="FILE")
    ] = None,
    takes_per_shard: Annotated[int, typer.Option(min=1, help="Takes in each shard.")] = 20,
    reencode: Annotated[
        bool, typer.Option("--reencode", help="Encode videos again: windows are read faster.")
    ] = False,
    split: Annotated[
        list[str] | None,
        typer.Option(help="Scenes of a split, such as val=3389-3400; may be repeated.", metavar="SPLIT"),
    ] = None,
    accept_incomplete: Annotated[
        bool, typer.Option("--accept-incomplete", help="Seal what a damaged archive has.")
    ] = False,
    spill: Annotated[
        Path | None, output("Folder for files of incomplete scenes; default: beside the result.")
    ] = None,
) -> None:
    """Import a published data set: MultiCamVideo or SynCamVideo. The same command resumes."""
    from shards.imports import ImportOptions, import_dataset

    from ..progress import ProgressLine

    options = ImportOptions(
        format=from_format,
        captions=captions,
        takes_per_shard=takes_per_shard,
        reencodes=reencode,
        splits=tuple(split or ()),
        accepts_incomplete=accept_incomplete,
        spill=spill,
    )
    with ProgressLine(sys.stderr) as progress:
        report = import_dataset(sources, out=out, options=options, progress=progress)
    for line in report.lines():
        print(line)
    raise typer.Exit(0 if report.is_ok else 1)


def export(
    dataset: DatasetUrl,
    out: Annotated[Path, output("The folder to write; a folder of the same export is finished.")],
    to_format: Annotated[str, typer.Option("--to", help="multicamvideo, nerfstudio or lerobot.")],
    takes: Takes = None,
    cameras: Annotated[
        str | None, typer.Option(help="Only these cameras, such as cam01,cam03.", metavar="CAMERAS")
    ] = None,
) -> None:
    """Export a data set in the layout of others. The same command resumes."""
    from shards.exports import ExportOptions, export_dataset

    from ..progress import ProgressLine

    options = ExportOptions(format=to_format, takes=joined(takes), cameras=cameras)
    with ProgressLine(sys.stderr) as progress:
        report = export_dataset(dataset, out=out, options=options, progress=progress)
    for line in report.lines():
        print(line)
    raise typer.Exit(0 if report.is_ok else 1)
