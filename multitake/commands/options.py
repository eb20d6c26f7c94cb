"""Arguments and options that several verbs have."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from datagen.run import RunOptions


def local_path(text: str | Path) -> Path:
    """A file or folder of this machine that is to be written; an error of the command line otherwise."""
    if not str(text).strip():
        raise typer.BadParameter("the path is empty; give a file or folder")
    if "://" in str(text):
        raise typer.BadParameter(f"{text} is an address; give a file or folder of this machine")
    return Path(text)


def output(about: str) -> Any:
    """An option with a file or folder to write."""
    return typer.Option(parser=local_path, help=about, metavar="<path>")


BatchFile = Annotated[Path, typer.Argument(help="The batch file (TOML).", metavar="BATCH")]
DatasetUrl = Annotated[
    str, typer.Argument(help="A data set: a folder, or any address that fsspec reads.", metavar="DATASET")
]
NewDataset = Annotated[
    str, typer.Option(help="The data set to write: a folder, or an address such as s3://BUCKET/FOLDER.")
]
Takes = Annotated[
    list[str] | None,
    typer.Option(
        help="Names, numbers or ranges, such as 0-9,street_000012; or @FILE of these. Default: all.",
        metavar="TAKES",
    ),
]
RemoteControlPort = Annotated[int, typer.Option(min=1, max=65535, help="Port of its Remote Control server.")]

# How a run uses machines, and when it ends: those of ``RunOptions``.
Workers = Annotated[int, typer.Option(help="Engines that film in parallel.")]
MostTakes = Annotated[int | None, typer.Option(min=0, help="Film at most this many takes now.")]
AcceptFailures = Annotated[
    bool, typer.Option("--accept-failures", help="Seal shards without the takes that failed.")
]
RayAddress = Annotated[
    str | None,
    typer.Option(help="The Ray cluster to use, such as HOST:6379. Default: RAY_ADDRESS, or this machine."),
]
WorkerCpus = Annotated[float, typer.Option(min=0.01, help="CPU cores of Ray that each worker holds.")]
WorkerGpus = Annotated[float, typer.Option(min=0.0, help="GPUs of Ray that each worker holds, such as 0.5.")]
MostFailures = Annotated[int, typer.Option(min=1, help="Stop after this many failed takes in a row.")]


def joined(texts: list[str] | None) -> str | None:
    """The texts of an option that is repeated, as one text with commas."""
    return ",".join(texts) if texts else None


def run_options(
    *,
    workers: int,
    limit: int | None,
    accept_failures: bool,
    ray_address: str | None,
    worker_cpus: float,
    worker_gpus: float,
    most_failures: int,
) -> "RunOptions":
    """The options of a run."""
    from datagen.ray_cluster import WorkerResources
    from datagen.run import RunOptions

    return RunOptions(
        workers=workers,
        resources=WorkerResources(cpus=worker_cpus, gpus=worker_gpus),
        ray_address=ray_address,
        limit=limit,
        most_failures=most_failures,
        accept_failures=accept_failures,
    )
