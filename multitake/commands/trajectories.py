"""The verbs about trajectories without images: sample, convert."""

from pathlib import Path
from typing import Annotated

import typer

from .options import local_path, output


def sample(
    rules: Annotated[str, typer.Argument(help="A preset, or a TOML file with [rig].", metavar="RULES")],
    rigs: Annotated[int, typer.Option(min=1, help="Number of rigs.")],
    out: Annotated[Path, output("The clip table to write (parquet).")],
    seed: Annotated[int, typer.Option(min=0, max=2**63, help="Seed of the random numbers.")] = 0,
) -> None:
    """Sample camera rigs from rules into a clip table. Prints how many paths were accepted."""
    from trajectories.sampling import load_rules, sample_table

    chosen, shot = load_rules(rules)
    counts = sample_table(chosen, out, rigs=rigs, seed=seed, shot=shot)
    for line in counts.lines():
        print(line)
    print(out)


def convert(
    source: Annotated[
        str, typer.Argument(help="A file, folder or data set with trajectories.", metavar="IN")
    ],
    target: Annotated[
        Path, typer.Argument(parser=local_path, help="The file or folder to write.", metavar="OUT")
    ],
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

    if shards.is_dataset(source):
        clips = shards.sealed_clips(source)
        done = formats.convert_clips(clips, target, where=source, target_format=to_format, fps=fps)
    else:
        done = formats.convert(source, target, source_format=from_format, target_format=to_format, fps=fps)
    print(formats.written(done, target, target_format=to_format))
