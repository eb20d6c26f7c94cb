"""The verbs of models: train, convert, reshoot, caption."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from .options import DatasetUrl, RayAddress, Takes, joined, output


def train(
    config: Annotated[Path, typer.Argument(help="The training config (TOML).", metavar="CONFIG")],
    data: Annotated[str, typer.Option(help="The data set to train on.")],
    out: Annotated[Path, output("Folder of the run; an existing run is resumed.")],
    steps: Annotated[
        int | None, typer.Option(min=1, help="Train up to this step; replaces that of the config.")
    ] = None,
    changed_takes: Annotated[
        Literal["refuse", "keep", "use"],
        typer.Option(help="What to do if the data set has other takes than when the run began."),
    ] = "refuse",
    cache: Annotated[
        Path | None, typer.Option(help="Folder of `multitake encode`, in the place of encoding.")
    ] = None,
) -> None:
    """Train a re-shooting model on pairs streamed from a data set."""
    from training.loop import train as train_model
    from training.parallel import is_first_process

    from ..progress import ProgressLine

    with ProgressLine(sys.stderr) as progress:
        report = train_model(
            config,
            data=data,
            out=out,
            steps=steps,
            changed_takes=changed_takes,
            cache=cache,
            progress=progress,
        )
    for line in report.lines() if is_first_process() else ():
        print(line)


def encode(
    dataset: DatasetUrl,
    out: Annotated[Path, output("Folder of the cache; what is missing in an existing one is added.")],
    config: Annotated[
        Path | None, typer.Option(help="The training config (TOML); default: the paper's.", metavar="CONFIG")
    ] = None,
    base: Annotated[
        Path | None, typer.Option(help="Folder of the base model; default: that of the config.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(min=1, help="Steps of the training; replaces those of the config.")
    ] = None,
    texts_only: Annotated[
        bool, typer.Option("--texts-only", help="Encode captions only; training encodes the videos.")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=0, help="Ray workers, with a GPU each; 0: this process alone.")
    ] = 0,
    ray_address: RayAddress = None,
) -> None:
    """Encode the videos and captions that a training run streams. Run it again to resume."""
    from training.encode import encode_dataset

    from ..progress import ProgressLine

    with ProgressLine(sys.stderr) as progress:
        report = encode_dataset(
            dataset,
            out=out,
            config_path=config,
            base=base,
            steps=steps,
            texts_only=texts_only,
            workers=workers,
            ray_address=ray_address,
            progress=progress,
        )
    for line in report.lines():
        print(line)


def convert(
    source: Annotated[
        Path,
        typer.Argument(
            help="A training run, a model folder, or a checkpoint of ReCamMaster's released code.",
            metavar="SOURCE",
        ),
    ],
    out: Annotated[Path, output("A new model folder, or a file *.ckpt for the released code.")],
    base: Annotated[
        Path | None, typer.Option(help="Folder of the base model; needed for a checkpoint.")
    ] = None,
) -> None:
    """Write a model in another form."""
    from training.convert import convert_model

    print(convert_model(source, out=out, base=base))


def reshoot(
    model: Annotated[
        Path, typer.Argument(help="Folder of a training run, or model folder.", metavar="MODEL")
    ],
    out: Annotated[Path, output("The mp4 to write; a folder for a folder of videos.")],
    video: Annotated[
        Path | None,
        typer.Option(help="The clip to re-shoot, or a folder of clips; --mode t2v needs none."),
    ] = None,
    trajectory: Annotated[
        str, typer.Option(help="A basic move, a keyframe file, or CLIPS.parquet:TAKE:CAMERA.")
    ] = "",
    recipe: Annotated[
        Literal["stabilize", "zoom-in", "outpaint"] | None,
        typer.Option(help="In the place of a trajectory; stabilize needs --source-camera."),
    ] = None,
    source_camera: Annotated[
        str, typer.Option(help="The path of the camera of the clip, like --trajectory and in its world.")
    ] = "",
    mode: Annotated[
        Literal["v2v", "i2v", "t2v"],
        typer.Option(help="What the model sees of the clip: all, its first frame, or nothing."),
    ] = "v2v",
    frames: Annotated[
        int | None,
        typer.Option(min=0, help="How many frames; 0: all of the clip. Default: those of the training."),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="Size in pixels; default: that of the training.", metavar="WIDTHxHEIGHT"),
    ] = None,
    fps: Annotated[
        float | None, typer.Option(help="Frames per second; default: those of the training.")
    ] = None,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="Show the clip on the left.")] = False,
    steps: Annotated[int, typer.Option(min=1, help="Sampling steps.")] = 50,
    guidance: Annotated[float, typer.Option(min=0, help="Strength of the prompt; 1 is plain.")] = 5.0,
    source_noise: Annotated[
        float | None,
        typer.Option(min=0, max=1000, help="Noise of the clip; default: the least one of training."),
    ] = None,
    focal_length_mm: Annotated[
        float | None,
        typer.Option(help="Of the clip, on 23.76 mm along its longer side, for models that know lenses."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, max=2**63, help="Seed of the noise.")] = 0,
    prompt: Annotated[
        str, typer.Option(help="Description of the clip; in a folder, VIDEO.txt has that of VIDEO.mp4.")
    ] = "",
    negative_prompt: Annotated[
        str | None, typer.Option(help="What is not to be shown; default: that of Wan.")
    ] = None,
) -> None:
    """Make a video of a clip along another camera trajectory. Needs a trained model."""
    from training.reshoot import reshoot_clip, reshoot_folder
    from training.shot import WAN_NEGATIVE_PROMPT, Shot, size_from

    from ..progress import ProgressLine

    shot = Shot(
        trajectory=trajectory,
        recipe=recipe,
        source_camera=source_camera,
        prompt=prompt,
        seed=seed,
        mode=mode,
        steps=steps,
        guidance=guidance,
        negative_prompt=WAN_NEGATIVE_PROMPT if negative_prompt is None else negative_prompt,
        source_noise=source_noise,
        focal_length_mm=focal_length_mm,
        frames=frames,
        size_px=None if size is None else size_from(size),
        fps=fps,
        side_by_side=side_by_side,
    )
    with ProgressLine(sys.stderr) as progress:
        if video is None or not video.is_dir():
            print(reshoot_clip(model, shot, video=video, out=out, progress=progress))
            return
        report = reshoot_folder(model, shot, videos=video, out=out, progress=progress)
    for line in report.lines():
        print(line)
    if report.failed:
        raise typer.Exit(1)


def caption(
    dataset: DatasetUrl,
    model: Annotated[
        str, typer.Option(help="Folder of a vision-language model of transformers, or its name on the hub.")
    ],
    name: Annotated[
        str | None, typer.Option(help="Name of the captions; default: that of the model.")
    ] = None,
    revision: Annotated[str | None, typer.Option(help="Revision of a model by name.")] = None,
    takes: Takes = None,
    camera: Annotated[
        list[str] | None,
        typer.Option(help="Caption this camera; may be repeated. Default: the first.", metavar="CAMERA"),
    ] = None,
    frames: Annotated[int, typer.Option(min=1, help="Frames of a clip that the model sees.")] = 8,
    prompt: Annotated[str | None, typer.Option(help="What the model is asked about a clip.")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="Length at which a caption is cut.")] = 128,
    out: Annotated[
        Path | None,
        output("Folder of the captions; default: DATASET/captions/NAME."),
    ] = None,
    device: Annotated[str, typer.Option(help="Device of torch, or auto.")] = "auto",
) -> None:
    """Describe clips with a vision-language model, beside the data set. Run it again to resume."""
    from training.captioning import PROMPT, caption_dataset

    from ..progress import ProgressLine

    with ProgressLine(sys.stderr) as progress:
        report = caption_dataset(
            dataset,
            model=model,
            name=name,
            revision=revision,
            takes=joined(takes),
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
