"""The verbs for whole data sets: shards info, filter, merge, split, repair."""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError
from .options import DatasetUrl, NewDataset, Takes, joined, output

Copies = Annotated[
    bool, typer.Option("--copy", help="Copy files of this machine also where a hard link would do.")
]
_Together = Annotated[str, typer.Option(help="SQL value; takes that share it stay together.", metavar="SQL")]


def info(
    dataset: DatasetUrl,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as a JSON object.")] = False,
) -> None:
    """Print what a data set has: takes, clips, sizes, looks, motions. Reads its tables alone."""
    from shards.tools import dataset_summary

    summary = dataset_summary(dataset)
    _print([json.dumps(summary.record(), indent=2)] if as_json else summary.lines())


def filter_takes(
    dataset: DatasetUrl,
    out: NewDataset,
    where: Annotated[
        str | None,
        typer.Option(
            help="SQL condition on the columns of takes/; sub-queries may use takes and clips.", metavar="SQL"
        ),
    ] = None,
    takes: Takes = None,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Takes to leave out, written as for --takes.", metavar="TAKES")
    ] = None,
    copy: Copies = False,
) -> None:
    """Write a data set of some takes of another. The same command resumes."""
    from shards.tools import Selection, filter_dataset

    from ..progress import ProgressLine

    selection = Selection(where=where, takes=joined(takes), exclude=joined(exclude))
    with ProgressLine(sys.stderr) as progress:
        done = filter_dataset(dataset, out, selection, progress=progress, may_link=not copy)
    _print(done.lines())


def merge(
    datasets: Annotated[list[str], typer.Argument(help="The data sets, in their order.", metavar="DATASET")],
    out: NewDataset,
    allow_mixed_looks: Annotated[
        bool, typer.Option("--allow-mixed-looks", help="Merge takes of different engines or looks.")
    ] = False,
    rename: Annotated[
        bool, typer.Option("--rename", help="Put setN- before names that an earlier data set has.")
    ] = False,
    copy: Copies = False,
) -> None:
    """Write a data set of all takes of others. The same command resumes."""
    from shards.tools import merge_datasets

    from ..progress import ProgressLine

    with ProgressLine(sys.stderr) as progress:
        done = merge_datasets(
            datasets,
            out,
            may_mix_looks=allow_mixed_looks,
            rename=rename,
            may_link=not copy,
            progress=progress,
        )
    _print(done.lines())


def split(
    dataset: DatasetUrl,
    out: Annotated[str, typer.Option(help="The folder or address for the parts.")],
    parts: Annotated[int | None, typer.Option(help="Number of parts; each has consecutive takes.")] = None,
    by: Annotated[
        str | None,
        typer.Option(help="One part for each value, such as `split` or `environment`.", metavar="SQL"),
    ] = None,
    shares: Annotated[
        str | None, typer.Option(help="Random parts by name, such as train=0.9,val=0.1.")
    ] = None,
    together: _Together = "environment",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random parts of --shares.")] = 0,
    copy: Copies = False,
) -> None:
    """Divide a data set into several data sets. The same command resumes."""
    from shards.tools import EqualParts, PartsByValue, RandomShares, shares_of, split_dataset

    from ..progress import ProgressLine

    given = [
        *([EqualParts(count=parts)] if parts is not None else ()),
        *([PartsByValue(expression=by)] if by is not None else ()),
        *(
            [RandomShares(shares=shares_of(shares), together=together, seed=seed)]
            if shares is not None
            else ()
        ),
    ]
    if len(given) != 1:
        fix = "give exactly one of --parts, --by and --shares"
        what = f"{'several ways' if given else 'no way'} to divide the takes"
        raise InputError(what, where="split", fix=fix)
    with ProgressLine(sys.stderr) as progress:
        for done in split_dataset(dataset, out, given[0], progress=progress, may_link=not copy):
            _print(done.lines())


def repair(
    dataset: DatasetUrl,
    out: Annotated[
        str | None, typer.Option(help="Write a new data set there, and change nothing in the damaged one.")
    ] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes. Default: the cores.")] = None,
    exclude_list: Annotated[
        Path | None, output("File to write the names of dropped takes to, one per line.")
    ] = None,
    copy: Copies = False,
) -> None:
    """Drop damaged takes, and make lost tables again from the tars. The same command resumes."""
    from shards.tools import repair_dataset

    from ..atomic import write_file, writing_to
    from ..progress import ProgressLine

    with ProgressLine(sys.stderr) as progress:
        done = repair_dataset(dataset, out, workers=workers, progress=progress, may_link=not copy)
    _print(done.lines())
    if exclude_list:
        with writing_to(exclude_list):
            write_file(exclude_list, "".join(f"{take}\n" for take in done.dropped))
    raise typer.Exit(1 if done.left else 0)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)
