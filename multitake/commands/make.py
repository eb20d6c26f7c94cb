"""The verbs that make data sets: plan, generate, refilm."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from .options import (
    AcceptFailures,
    BatchFile,
    DatasetUrl,
    MostFailures,
    MostTakes,
    NewDataset,
    RayAddress,
    Takes,
    WorkerCpus,
    WorkerGpus,
    Workers,
    joined,
    output,
    run_options,
)


def plan(
    batch: BatchFile,
    report: Annotated[Path | None, output("HTML page about the planned rigs to write.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Print at most this many takes.")] = 20,
) -> None:
    """Print the takes of a batch, and estimate time and size. Nothing is rendered."""
    from datagen.plan_report import plan_report

    for line in plan_report(batch, page=report, max_lines=limit):
        print(line)


def generate(
    batch: BatchFile,
    out: NewDataset,
    workers: Workers = 1,
    limit: MostTakes = None,
    look: Annotated[
        str | None, typer.Option(help="Look (render mode) of the engine; replaces that of the batch file.")
    ] = None,
    accept_failures: AcceptFailures = False,
    ray_address: RayAddress = None,
    worker_cpus: WorkerCpus = 1.0,
    worker_gpus: WorkerGpus = 0.0,
    most_failures: MostFailures = 5,
) -> None:
    """Film a batch into a data set. The same command resumes an incomplete run."""
    from datagen.generate import generate as generate_dataset

    from ..progress import ProgressLine

    options = run_options(
        workers=workers,
        limit=limit,
        accept_failures=accept_failures,
        ray_address=ray_address,
        worker_cpus=worker_cpus,
        worker_gpus=worker_gpus,
        most_failures=most_failures,
    )
    with ProgressLine(sys.stderr) as progress:
        report = generate_dataset(batch, out=out, options=options, progress=progress, look=look)
    for line in report.lines():
        print(line)
    raise typer.Exit(0 if report.is_ok else 1)


def refilm(
    dataset: DatasetUrl,
    out: NewDataset,
    takes: Takes = None,
    add_camera: Annotated[
        Path | None, typer.Option(help="File of cameras (TOML) that film each take also.", metavar="FILE")
    ] = None,
    passes: Annotated[
        str | None, typer.Option(help="Further passes to film, comma-separated: depth, mask, normal ...")
    ] = None,
    size: Annotated[str | None, typer.Option(help="Another size of all images.", metavar="WxH")] = None,
    engine: Annotated[
        Path | None, typer.Option(help="File (TOML) that says how Unreal Engine is started.", metavar="FILE")
    ] = None,
    assets: Annotated[
        Path | None, typer.Option(help="Folder of the files that the catalog names.", metavar="FOLDER")
    ] = None,
    workers: Workers = 1,
    limit: MostTakes = None,
    accept_failures: AcceptFailures = False,
    ray_address: RayAddress = None,
    worker_cpus: WorkerCpus = 1.0,
    worker_gpus: WorkerGpus = 0.0,
    most_failures: MostFailures = 5,
) -> None:
    """Film takes of a data set again: with more cameras or passes, or in another size.

    Compares what both data sets have. The same command resumes.
    """
    from datagen.refilm import RefilmOptions
    from datagen.refilm import refilm as refilm_dataset

    from ..progress import ProgressLine

    options = run_options(
        workers=workers,
        limit=limit,
        accept_failures=accept_failures,
        ray_address=ray_address,
        worker_cpus=worker_cpus,
        worker_gpus=worker_gpus,
        most_failures=most_failures,
    )
    choices = RefilmOptions(takes=joined(takes), cameras=add_camera, passes=passes, size=size, engine=engine)
    with ProgressLine(sys.stderr) as progress:
        report = refilm_dataset(
            dataset, out=out, choices=choices, options=options, progress=progress, assets=assets
        )
    for line in report.lines():
        print(line)
    raise typer.Exit(0 if report.is_ok else 1)
