"""The one command: mounts every room's verbs, and imports a room only when its verb runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Synthetic multi-camera takes: from camera-trajectory rules to a trained re-shooting model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
engine_app = typer.Typer(help="The embedded engine.", no_args_is_help=True)
app.add_typer(engine_app, name="engine")
trajectories_app = typer.Typer(help="Camera trajectories on their own.", no_args_is_help=True)
app.add_typer(trajectories_app, name="trajectories")

BatchFile = Annotated[Path, typer.Argument(help="The work order, a TOML file.", metavar="BATCH")]
DatasetUrl = Annotated[str, typer.Argument(help="A data set: a folder or any fsspec URL.", metavar="DATASET")]


@app.callback()
def _options(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False) -> None:
    _Debug.is_on = debug


class _Debug:
    is_on = False


@app.command()
def plan(
    batch: BatchFile,
    report: Annotated[Path | None, typer.Option(help="Write a page that draws the planned rigs.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Print at most this many takes.")] = 20,
) -> None:
    """Print the takes that a batch orders, with an estimate of time and size; renders nothing."""
    from datagen.status import plan_report

    with _speaking():
        for line in plan_report(batch, page=report, max_lines=limit):
            print(line)


@app.command()
def generate(
    batch: BatchFile,
    out: Annotated[Path, typer.Option(help="The data set's folder.")],
    workers: Annotated[int, typer.Option(help="Engines that film side by side.")] = 1,
    limit: Annotated[int | None, typer.Option(min=0, help="Film at most this many takes now.")] = None,
    look: Annotated[str | None, typer.Option(help="Engine look instead of the batch's.")] = None,
    accept_failures: Annotated[
        bool, typer.Option("--accept-failures", help="Seal shards without takes that failed.")
    ] = False,
) -> None:
    """Film a batch into a data set; the same command again finishes what is missing."""
    from datagen.generate import generate as generate_dataset
    from datagen.progress import ProgressLine

    with _speaking(), ProgressLine(sys.stderr) as progress:
        report = generate_dataset(
            batch,
            out=out,
            workers=workers,
            progress=progress,
            limit=limit,
            look=look,
            accept_failures=accept_failures,
        )
    for line in report.lines():
        print(line)
    raise typer.Exit(1 if report.failed else 0)


@app.command()
def status(
    dataset: Annotated[Path, typer.Argument(help="The data set's folder.", metavar="DATASET")],
) -> None:
    """Say how far a data set is: takes done, failed and left, shards sealed."""
    from datagen.status import dataset_status

    with _speaking():
        for line in dataset_status(dataset):
            print(line)


@app.command()
def verify(dataset: DatasetUrl) -> None:
    """Check every file of a data set against its index: sizes, checksums, poses, videos."""
    import shards

    with _speaking():
        problems = shards.verify_dataset(dataset)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} found" if problems else "all good")
    raise typer.Exit(1 if problems else 0)


@app.command()
def audit(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Data sets, pose tables or camera files of any readable format.", metavar="SOURCE..."
        ),
    ],
    report: Annotated[Path, typer.Option(help="The page to write; a JSON file goes beside it.")] = Path(
        "audit.html"
    ),
    rules: Annotated[
        str | None, typer.Option(help="Preset or TOML file to hold them to, instead of their own.")
    ] = None,
    against: Annotated[str | None, typer.Option(help="Another source to compare with.")] = None,
) -> None:
    """Test sets of trajectories against the rules they should follow, and write a page about them."""
    from trajectories.audit import audit as audit_sources

    with _speaking():
        result = audit_sources(sources, page=report, rules=rules, against=against)
    for line in result.lines():
        print(line)
    print(report)
    raise typer.Exit(0 if result.is_ok else 1)


@app.command()
def peek(
    dataset: DatasetUrl,
    take: Annotated[str | None, typer.Argument(help="The take; the first one if not given.")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the video and the contact sheet.")] = Path("."),
) -> None:
    """Show one take: all cameras as one tiled video, and a contact sheet."""
    import shards

    with _speaking():
        key = take or shards.open_dataset(dataset).keys[0]
        for path in shards.peek_take(dataset, key, out):
            print(path)


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="The training recipe, a TOML file.", metavar="CONFIG")],
    data: Annotated[str, typer.Option(help="The data set to stream from.")],
    out: Annotated[Path, typer.Option(help="The run's folder; an existing run is resumed.")],
    steps: Annotated[
        int | None, typer.Option(min=1, help="Train up to this step instead of the recipe's.")
    ] = None,
) -> None:
    """Train a re-shooting model on pairs streamed from a data set."""
    from training.loop import train as train_model
    from training.progress import StepLine

    with _speaking(), StepLine(sys.stderr) as progress:
        report = train_model(config, data=data, out=out, steps=steps, progress=progress)
    for line in report.lines():
        print(line)


@app.command()
def reshoot(
    run: Annotated[Path, typer.Argument(help="A training run's folder.", metavar="RUN")],
    video: Annotated[Path, typer.Option(help="The clip to re-shoot.")],
    trajectory: Annotated[
        str, typer.Option(help="A basic move, a keyframe file, or POSES.parquet:TAKE:CAMERA.")
    ],
    out: Annotated[Path, typer.Option(help="The mp4 to write.")],
    steps: Annotated[int, typer.Option(min=1, help="Sampling steps.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the noise.")] = 0,
    prompt: Annotated[str, typer.Option(help="What the clip shows.")] = "",
) -> None:
    """Film a clip again along another camera trajectory, with a trained model."""
    from training.reshoot import reshoot_clip

    with _speaking():
        print(
            reshoot_clip(
                run, video=video, trajectory=trajectory, out=out, steps=steps, seed=seed, prompt=prompt
            )
        )


@trajectories_app.command("sample")
def trajectories_sample(
    rules: Annotated[str, typer.Argument(help="A preset, or a TOML file with \\[rig].", metavar="RULES")],
    rigs: Annotated[int, typer.Option(min=1, help="How many rigs.")],
    out: Annotated[Path, typer.Option(help="The pose table to write, a parquet file.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed, other rigs.")] = 0,
) -> None:
    """Draw camera rigs from rules into a pose table; says how many draws its limits let stand."""
    from trajectories.sampling import load_rules, sample_poses

    with _speaking():
        chosen, shot = load_rules(rules)
        counts = sample_poses(chosen, out, rigs=rigs, seed=seed, shot=shot)
    for line in counts.lines():
        print(line)
    print(out)


@trajectories_app.command("convert")
def trajectories_convert(
    source: Annotated[Path, typer.Argument(help="A file or folder of trajectories.", metavar="IN")],
    target: Annotated[Path, typer.Argument(help="The file or folder to write.", metavar="OUT")],
    from_format: Annotated[str | None, typer.Option("--from", help="IN's format, if not clear.")] = None,
    to_format: Annotated[str | None, typer.Option("--to", help="OUT's format, if not clear.")] = None,
    fps: Annotated[float | None, typer.Option(help="Frame rate, where IN states none.")] = None,
) -> None:
    """Convert trajectories from one format into another, world and camera axes included."""
    from trajectories import formats

    with _speaking():
        done = formats.convert(source, target, source_format=from_format, target_format=to_format, fps=fps)
    print(f"{len(done)} trajectories: {target}")


@engine_app.command("serve")
def engine_serve(
    look: Annotated[str, typer.Option(help="lit (EGL) or fast (CPU only).")] = "lit",
    unrealcv_port: Annotated[int, typer.Option(help="Port of the UnrealCV server; 0 picks one.")] = 9000,
    remote_control_port: Annotated[int, typer.Option(help="Port of the Remote Control server.")] = 30010,
) -> None:
    """Serve the embedded engine on this machine's loopback, until interrupted."""
    from datagen.engine import serve

    with _speaking():
        serve(look=look, unrealcv_port=unrealcv_port, remote_control_port=remote_control_port)


@engine_app.command("doctor")
def engine_doctor() -> None:
    """Try every look of the embedded engine, and say what is missing."""
    from datagen.engine import doctor

    with _speaking():
        checks = doctor()
    for look, is_ok, detail in checks:
        print(f"{look}: {'ok' if is_ok else 'not usable'}: {detail}")
    raise typer.Exit(0 if any(is_ok for _, is_ok, _ in checks) else 1)


@contextmanager
def _speaking() -> Iterator[None]:
    """Turn bad input into one line and exit code 2, a missing extra into the command that installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if _Debug.is_on or package in ("", *_ROOMS):
            raise
        extra = "datagen" if package in ("ray", "unrealcv", "panda3d") else "training"
        _fail(f"{package} is not installed; pip install 'multitake[{extra}]'")
    except KeyboardInterrupt:
        _fail("interrupted; what is done is kept, the same command goes on", code=130)
    except OSError as error:
        if _Debug.is_on:
            raise
        what = error.strerror or str(error)
        _fail(f"{error.filename or 'the disk'}: {what}; what is done is kept, mend it and go on", code=1)
    except Exception as error:
        from .errors import InputError

        if _Debug.is_on or not isinstance(error, InputError):
            raise
        _fail(str(error))


_ROOMS = ("trajectories", "shards", "datagen", "training")


def _fail(line: str, code: int = 2) -> None:
    print(f"multitake: {line}", file=sys.stderr)
    raise typer.Exit(code)


def main() -> None:
    """The console script; a command line that makes no sense gets one line, too."""
    try:
        sys.exit(app(standalone_mode=False))
    except Exception as error:
        say = getattr(error, "format_message", None)
        if say is None:
            raise
        if say():
            print(f"multitake: {say().rstrip('.')}; see --help", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
