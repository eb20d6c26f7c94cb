"""The command line: all commands; each imports what it needs only when it runs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from trajectories import ClipSource

app = typer.Typer(
    help="Synthetic multi-camera takes: from camera-trajectory rules to a trained re-shooting model.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
engine_app = typer.Typer(help="Serve the embedded engine; check engines.", no_args_is_help=True)
app.add_typer(engine_app, name="engine")
catalog_app = typer.Typer(help="List, show, check and propose the assets of a catalog.", no_args_is_help=True)
app.add_typer(catalog_app, name="catalog")
trajectories_app = typer.Typer(help="Sample and convert camera trajectories.", no_args_is_help=True)
app.add_typer(trajectories_app, name="trajectories")

BatchFile = Annotated[Path, typer.Argument(help="The batch file (TOML).", metavar="BATCH")]
DatasetUrl = Annotated[
    str, typer.Argument(help="A data set: a folder, or any address that fsspec reads.", metavar="DATASET")
]
CatalogFile = Annotated[
    str, typer.Argument(help="`embedded`, or the path of a catalog file (TOML).", metavar="CATALOG")
]
RayAddress = Annotated[
    str | None,
    typer.Option(
        help="The Ray cluster that films, such as HOST:6379. Default: RAY_ADDRESS, or this machine."
    ),
]
WorkerCpus = Annotated[float, typer.Option(min=0.01, help="CPU cores of Ray that each worker holds.")]
WorkerGpus = Annotated[float, typer.Option(min=0.0, help="GPUs of Ray that each worker holds, such as 0.5.")]
MostFailures = Annotated[int, typer.Option(min=1, help="Stop after this many failed takes in a row.")]
AssetKind = Annotated[
    str | None, typer.Option(help="Only `environments`, `characters` or `animations`.", metavar="KIND")
]
AssetTags = Annotated[
    list[str] | None, typer.Option("--tag", help="Only assets with this tag; may be repeated.", metavar="TAG")
]


@app.callback()
def _options(debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False) -> None:
    _Debug.is_on = debug


class _Debug:
    is_on = False


@app.command()
def plan(
    batch: BatchFile,
    report: Annotated[Path | None, typer.Option(help="HTML page about the planned rigs to write.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Print at most this many takes.")] = 20,
) -> None:
    """Print the takes of a batch, and estimate time and size. Nothing is rendered."""
    from datagen.plan_report import plan_report

    with _errors_as_text():
        for line in plan_report(batch, page=report, max_lines=limit):
            print(line)


@app.command()
def generate(
    batch: BatchFile,
    out: Annotated[
        str, typer.Option(help="The data set: a folder, or an address such as s3://BUCKET/FOLDER.")
    ],
    workers: Annotated[int, typer.Option(help="Engines that film in parallel.")] = 1,
    limit: Annotated[int | None, typer.Option(min=0, help="Film at most this many takes now.")] = None,
    look: Annotated[
        str | None, typer.Option(help="Look (render mode) of the engine; replaces that of the batch file.")
    ] = None,
    accept_failures: Annotated[
        bool, typer.Option("--accept-failures", help="Seal shards without the takes that failed.")
    ] = False,
    ray_address: RayAddress = None,
    worker_cpus: WorkerCpus = 1.0,
    worker_gpus: WorkerGpus = 0.0,
    most_failures: MostFailures = 5,
) -> None:
    """Film a batch into a data set. The same command resumes an incomplete run."""
    from datagen.generate import generate as generate_dataset
    from datagen.ray_cluster import WorkerResources
    from datagen.run import RunOptions

    from .progress import ProgressLine

    with _errors_as_text(), ProgressLine(sys.stderr) as progress:
        options = RunOptions(
            workers=workers,
            resources=WorkerResources(cpus=worker_cpus, gpus=worker_gpus),
            ray_address=ray_address,
            limit=limit,
            most_failures=most_failures,
            accept_failures=accept_failures,
        )
        report = generate_dataset(batch, out=out, options=options, progress=progress, look=look)
    for line in report.lines():
        print(line)
    raise typer.Exit(0 if report.is_ok else 1)


@app.command()
def refilm(
    dataset: DatasetUrl,
    out: Annotated[
        str, typer.Option(help="The new data set: a folder, or an address such as s3://BUCKET/FOLDER.")
    ],
    takes: Annotated[
        str | None,
        typer.Option(help="Names, numbers or ranges, such as 0-9,street_000012; or @FILE with one per line."),
    ] = None,
    add_camera: Annotated[
        Path | None, typer.Option(help="File of cameras (TOML) to film each take with, too.", metavar="FILE")
    ] = None,
    passes: Annotated[
        str | None, typer.Option(help="Passes to film, too, comma-separated: depth, mask, normal ...")
    ] = None,
    size: Annotated[str | None, typer.Option(help="Another size of all images.", metavar="WxH")] = None,
    engine: Annotated[
        Path | None, typer.Option(help="File (TOML) that says how Unreal Engine is started.", metavar="FILE")
    ] = None,
    assets: Annotated[
        Path | None, typer.Option(help="Folder of the files that the catalog names.", metavar="FOLDER")
    ] = None,
    workers: Annotated[int, typer.Option(help="Engines that film in parallel.")] = 1,
    limit: Annotated[int | None, typer.Option(min=0, help="Film at most this many takes now.")] = None,
    accept_failures: Annotated[
        bool, typer.Option("--accept-failures", help="Seal shards without the takes that failed.")
    ] = False,
    ray_address: RayAddress = None,
    worker_cpus: WorkerCpus = 1.0,
    worker_gpus: WorkerGpus = 0.0,
    most_failures: MostFailures = 5,
) -> None:
    """Film takes of a data set again: with more cameras or passes, or in another size.

    Compares what both data sets have. The same command resumes.
    """
    from datagen.ray_cluster import WorkerResources
    from datagen.refilm import refilm as refilm_dataset
    from datagen.run import RunOptions

    from .progress import ProgressLine

    with _errors_as_text(), ProgressLine(sys.stderr) as progress:
        report = refilm_dataset(
            dataset,
            out=out,
            options=RunOptions(
                workers=workers,
                resources=WorkerResources(cpus=worker_cpus, gpus=worker_gpus),
                ray_address=ray_address,
                limit=limit,
                most_failures=most_failures,
                accept_failures=accept_failures,
            ),
            progress=progress,
            takes=takes,
            cameras=add_camera,
            passes=passes,
            size=size,
            engine=engine,
            assets=assets,
        )
    for line in report.lines():
        print(line)
    raise typer.Exit(0 if report.is_ok else 1)


@app.command()
def status(
    dataset: DatasetUrl,
    watch: Annotated[bool, typer.Option("--watch", help="Update it until the run ends.")] = False,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds between two updates with --watch.")] = 2.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as a JSON object.")] = False,
    page: Annotated[
        Path | None, typer.Option(help="HTML page with images of the newest takes to write.")
    ] = None,
    newest: Annotated[int, typer.Option(min=1, max=500, help="Takes on the page.")] = 24,
) -> None:
    """Print how much of a data set is done, why takes failed, how fast a run is and what its workers do."""
    from datagen.status import show_status, watch_status

    with _errors_as_text():
        if watch:
            watch_status(dataset, every_s=every, as_json=as_json, page=page, newest=newest)
        else:
            show_status(dataset, as_json=as_json, page=page, newest=newest)


@app.command()
def verify(dataset: DatasetUrl) -> None:
    """Check every byte of a data set. Compares files, tables, poses and videos, and says what it did not."""
    import shards

    with _errors_as_text():
        problems = shards.verify_dataset(dataset)
    for problem in problems:
        print(problem)
    print(f"not checked: {shards.NOT_CHECKED}")
    print(f"problems: {len(problems)}")
    raise typer.Exit(1 if problems else 0)


@app.command()
def audit(
    sources: Annotated[
        list[str],
        typer.Argument(
            help="Data sets, clip tables, or camera files of any readable format.", metavar="SOURCE"
        ),
    ],
    report: Annotated[
        Path, typer.Option(help="The page to write; a JSON file is written next to it.")
    ] = Path("audit.html"),
    rules: Annotated[
        str | None, typer.Option(help="A preset or TOML file; replaces the rules of the sources.")
    ] = None,
    against: Annotated[str | None, typer.Option(help="Another source to compare with.")] = None,
    fail_on: Annotated[
        list[str] | None,
        typer.Option(
            help="Also fail on these, comma-separated: leaks, copies, near-duplicates, too-few, notes.",
            metavar="CLASSES",
        ),
    ] = None,
) -> None:
    """Check trajectories against the rules they should follow. Writes a page about them."""
    from trajectories.audit import audit as audit_sources
    from trajectories.sampling import load_rules

    with _errors_as_text():
        result = audit_sources(
            [_clip_source(source) for source in sources],
            page=report,
            rules=load_rules(rules)[0] if rules else None,
            against=_clip_source(against) if against else None,
            fail_on=[name.strip() for names in fail_on or () for name in names.split(",")],
        )
    for line in result.lines():
        print(line)
    print(report)
    raise typer.Exit(0 if result.is_ok else 1)


@app.command()
def peek(
    dataset: DatasetUrl,
    take: Annotated[str | None, typer.Argument(help="The take; default: the first.", metavar="TAKE")] = None,
    out: Annotated[Path, typer.Option(help="Folder for the video and the contact sheet.")] = Path("."),
) -> None:
    """Write all cameras of a take as one tiled video. Also writes a contact sheet."""
    import shards

    with _errors_as_text():
        key = take or shards.open_dataset(dataset).keys[0]
        for path in shards.peek_take(dataset, key, out):
            print(path)


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="The training config (TOML).", metavar="CONFIG")],
    data: Annotated[str, typer.Option(help="The data set to train on.")],
    out: Annotated[Path, typer.Option(help="Folder of the run; an existing run is resumed.")],
    steps: Annotated[
        int | None, typer.Option(min=1, help="Train up to this step; replaces that of the config.")
    ] = None,
) -> None:
    """Train a re-shooting model on pairs streamed from a data set."""
    from training.loop import train as train_model

    from .progress import ProgressLine

    with _errors_as_text(), ProgressLine(sys.stderr) as progress:
        report = train_model(config, data=data, out=out, steps=steps, progress=progress)
    for line in report.lines():
        print(line)


@app.command()
def reshoot(
    run: Annotated[Path, typer.Argument(help="Folder of a training run.", metavar="RUN")],
    video: Annotated[Path, typer.Option(help="The clip to re-shoot.")],
    trajectory: Annotated[
        str, typer.Option(help="A basic move, a keyframe file, or CLIPS.parquet:TAKE:CAMERA.")
    ],
    out: Annotated[Path, typer.Option(help="The mp4 to write.")],
    steps: Annotated[int, typer.Option(min=1, help="Sampling steps.")] = 20,
    seed: Annotated[int, typer.Option(min=0, max=2**63, help="Seed of the noise.")] = 0,
    prompt: Annotated[str, typer.Option(help="Description of the clip.")] = "",
) -> None:
    """Make a video of a clip along another camera trajectory. Needs a trained model."""
    from training.reshoot import reshoot_clip

    with _errors_as_text():
        print(
            reshoot_clip(
                run, video=video, trajectory=trajectory, out=out, steps=steps, seed=seed, prompt=prompt
            )
        )


@app.command()
def caption(
    dataset: DatasetUrl,
    model: Annotated[
        str, typer.Option(help="Folder of a vision-language model of transformers, or its name on the hub.")
    ],
    name: Annotated[
        str | None, typer.Option(help="Name of the captions; default: that of the model.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Revision of a model by name.")] = None,
    takes: Annotated[
        list[str] | None, typer.Option(help="Caption this take only; may be repeated.", metavar="TAKE")
    ] = None,
    camera: Annotated[
        list[str] | None,
        typer.Option(help="Caption this camera; may be repeated. Default: the first.", metavar="CAMERA"),
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="Frames of a clip that the model sees.")] = 8,
    prompt: Annotated[str | None, typer.Option(help="What the model is asked about a clip.")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="Length at which a caption is cut.")] = 128,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the captions; default: DATASET/captions/NAME.")
    ] = None,
    device: Annotated[str, typer.Option(help="Device of torch, or auto.")] = "auto",
) -> None:
    """Describe clips with a vision-language model, beside the data set. Run it again to resume."""
    from training.captioning import PROMPT, caption_dataset

    from .progress import ProgressLine

    with _errors_as_text(), ProgressLine(sys.stderr) as progress:
        report = caption_dataset(
            dataset,
            model=model,
            name=name,
            revision=revision,
            takes=takes or (),
            cameras=camera or (),
            frames=frames,
            prompt=PROMPT if prompt is None else prompt,
            most_tokens=max_tokens,
            out=out,
            device=device,
            progress=progress,
        )
    for line in report.lines():
        print(line)


@trajectories_app.command("sample")
def trajectories_sample(
    rules: Annotated[str, typer.Argument(help="A preset, or a TOML file with [rig].", metavar="RULES")],
    rigs: Annotated[int, typer.Option(min=1, help="Number of rigs.")],
    out: Annotated[Path, typer.Option(help="The clip table to write (parquet).")],
    seed: Annotated[int, typer.Option(min=0, max=2**63, help="Seed of the random numbers.")] = 0,
) -> None:
    """Sample camera rigs from rules into a clip table. Prints how many paths were accepted."""
    from trajectories.sampling import load_rules, sample_table

    with _errors_as_text():
        chosen, shot = load_rules(rules)
        counts = sample_table(chosen, out, rigs=rigs, seed=seed, shot=shot)
    for line in counts.lines():
        print(line)
    print(out)


@trajectories_app.command("convert")
def trajectories_convert(
    source: Annotated[
        str, typer.Argument(help="A file, folder or data set with trajectories.", metavar="IN")
    ],
    target: Annotated[Path, typer.Argument(help="The file or folder to write.", metavar="OUT")],
    from_format: Annotated[
        str | None, typer.Option("--from", help="Format of IN; default: from name and content.")
    ] = None,
    to_format: Annotated[
        str | None, typer.Option("--to", help="Format of OUT; default: from the name.")
    ] = None,
    fps: Annotated[float | None, typer.Option(help="Frame rate, if IN has none.")] = None,
) -> None:
    """Convert trajectories from one format to another. Also converts world and camera axes."""
    import shards
    from trajectories import formats

    with _errors_as_text():
        if shards.is_dataset(source):
            clips = shards.sealed_clips(source)
            done = formats.convert_clips(clips, target, where=source, target_format=to_format, fps=fps)
        else:
            done = formats.convert(
                source, target, source_format=from_format, target_format=to_format, fps=fps
            )
    print(formats.written(done, target, target_format=to_format))


@engine_app.command("serve")
def engine_serve(
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

    from .interruption import Interrupted

    with _errors_as_text(), suppress(Interrupted):
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


@engine_app.command("doctor")
def engine_doctor(
    address: Annotated[
        str | None,
        typer.Argument(help="A running engine: HOST:PORT of UnrealCV.", metavar="ADDRESS"),
    ] = None,
    catalog: Annotated[
        str, typer.Option(help="What to film: `embedded`, or the path of a catalog file.", metavar="CATALOG")
    ] = "embedded",
    remote_control_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of its Remote Control server.")
    ] = 30010,
    look: Annotated[str, typer.Option(help="Look of Unreal to set: gt or cinematic.")] = "gt",
    timeout_s: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Longest time to start, and to load a level.")
    ] = 60.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Check a running engine, or without ADDRESS the looks of the embedded one. Says what to do."""
    from .progress import ProgressLine

    if address is not None:
        from datagen.doctor import doctor_report

        with _errors_as_text(), ProgressLine(sys.stderr) as progress:
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
    if as_json or look != "gt" or catalog != "embedded":
        _fail("--json, --look and --catalog need the ADDRESS of a running engine; give HOST:PORT")
    from datagen.engine.doctor import doctor

    with _errors_as_text():
        checks = doctor()
    for look, is_ok, detail in checks:
        print(f"{look}: {'ok' if is_ok else 'not usable'}: {detail}")
    raise typer.Exit(0 if any(is_ok for _, is_ok, _ in checks) else 1)


@catalog_app.command("list")
def catalog_list(catalog: CatalogFile = "embedded", kind: AssetKind = None, tag: AssetTags = None) -> None:
    """Print the assets of a catalog: kind, name, size, tags and caption."""
    from datagen.catalogs import chosen_items

    with _errors_as_text():
        for line in chosen_items(catalog, kind=kind, tags=tag or ()).lines():
            print(line)


@catalog_app.command("preview")
def catalog_preview(
    out: Annotated[Path, typer.Option(help="New folder for the page and its pictures.")],
    catalog: CatalogFile = "embedded",
    kind: AssetKind = None,
    tag: AssetTags = None,
    look: Annotated[str, typer.Option(help="Look (render mode) of the engine.")] = "lit",
) -> None:
    """Film every asset of a catalog from several sides. Writes a page and contact sheets."""
    from datagen.catalogs import chosen_items, preview_catalog

    from .progress import ProgressLine

    with _errors_as_text():
        items = chosen_items(catalog, kind=kind, tags=tag or ())
        with ProgressLine(sys.stderr) as progress:
            written = preview_catalog(items, out, look=look, progress=progress)
    for path in written:
        print(path)


@catalog_app.command("check")
def catalog_check(catalog: CatalogFile = "embedded", kind: AssetKind = None, tag: AssetTags = None) -> None:
    """Check levels, sizes and motions of a catalog. Prints what is wrong; exit code 1 if anything is."""
    from datagen.catalogs import check_catalog, chosen_items

    from .progress import ProgressLine

    with _errors_as_text():
        items = chosen_items(catalog, kind=kind, tags=tag or ())
        findings = 0
        with ProgressLine(sys.stderr) as progress:
            for finding in check_catalog(items, progress):
                print(finding, flush=True)
                findings += 1
    print(f"findings: {findings}")
    raise typer.Exit(1 if findings else 0)


@catalog_app.command("scan")
def catalog_scan(
    address: Annotated[
        str, typer.Argument(help="A running engine: HOST:PORT of UnrealCV.", metavar="ADDRESS")
    ],
    out: Annotated[Path, typer.Option(help="New catalog file (TOML).")],
    remote_control_port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of its Remote Control server.")
    ] = 30010,
    folder: Annotated[str, typer.Option(help="Folder of assets, with the folders in it.")] = "/Game",
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many assets of each kind.")] = None,
    timeout_s: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Longest time to connect, and to load a level.")
    ] = 60.0,
) -> None:
    """Propose a catalog for the assets of a running engine. Correct its captions and spots by hand."""
    from datagen.catalogs import scan_catalog

    from .progress import ProgressLine

    with _errors_as_text(), ProgressLine(sys.stderr) as progress:
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


_COLOURS = {"ok": typer.colors.GREEN, "failed": typer.colors.RED, "not checked": typer.colors.YELLOW}


def _clip_source(name: str) -> "ClipSource":
    """The clips of a data set, or of a file."""
    import shards
    from trajectories.audit import file_source

    return shards.clip_source(name) if shards.is_dataset(name) else file_source(Path(name))


@contextmanager
def _errors_as_text() -> Iterator[None]:
    """Print invalid input as one line (exit code 2), a missing extra as the command that installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if _Debug.is_on or package not in _EXTRA_OF:
            raise
        _fail(f"{package} is not installed; pip install 'multitake[{_EXTRA_OF[package]}]'")
    except OSError as error:
        from .errors import one_line

        if _Debug.is_on or isinstance(error, BrokenPipeError):
            raise
        what = one_line(error.strerror or error)
        _fail(f"{error.filename or 'disk'}: {what}; correct it, and run the same command again", code=1)
    except Exception as error:
        from .errors import InputError, RunError

        if _Debug.is_on or not isinstance(error, (InputError, RunError)):
            raise
        _fail(str(error), code=2 if isinstance(error, InputError) else 1)


_EXTRA_OF = dict.fromkeys(("ray", "unrealcv", "panda3d"), "datagen") | dict.fromkeys(
    ("torch", "diffusers", "transformers", "accelerate", "tokenizers", "safetensors"), "training"
)


def _fail(line: str, code: int = 2) -> NoReturn:
    print(f"multitake: {line}", file=sys.stderr)
    raise typer.Exit(code)


def main() -> None:
    """The console script; signals and invalid command lines also give one line."""
    from .interruption import Interrupted, raise_on_signals

    raise_on_signals()
    try:
        sys.exit(app(standalone_mode=False))
    except Interrupted as interrupted:
        print(f"multitake: {interrupted}; run the same command again", file=sys.stderr)
        sys.exit(128 + interrupted.number)
    except BrokenPipeError:
        # The reader of the output, such as `head`, has ended.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        message_of = getattr(error, "format_message", None)
        if message_of is None:
            raise
        message = message_of()
        if message.startswith("Usage:"):
            print(message, file=sys.stderr)
        elif message:
            print(f"multitake: {message.rstrip('.')}; see --help", file=sys.stderr)
        sys.exit(2)
