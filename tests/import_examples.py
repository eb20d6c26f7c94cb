"""What tests of imports share."""

import shutil
from pathlib import Path

from published_sets import SCENES

from shards.imports import ImportOptions, ImportReport, import_dataset

TWO_A_SHARD = ImportOptions(takes_per_shard=2)
KEYS = (
    "f18_aperture10_scene1",
    "f18_aperture10_scene2",
    "f35_aperture2p4_scene9",
    "f35_aperture2p4_scene10",
    "val_10basic_trajectories",
)


def import_archive(parts: Path, out: Path, options: ImportOptions = TWO_A_SHARD) -> ImportReport:
    """Import the archive whose parts are in a folder."""
    return import_dataset([str(parts)], out=out, options=options)


def copied(tree: Path, folder: Path, scenes: tuple[str, ...] = SCENES[:2]) -> Path:
    """A copy of some scenes, to be changed."""
    for scene in scenes:
        shutil.copytree(tree / scene, folder / scene)
    return folder
