"""What is exported: some takes and cameras of a data set."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multitake.errors import InputError
from trajectories import CameraPose, ClipTable
from trajectories.formats import NamedTrajectory, trajectories_of_clips

from ..format import TakeRow
from ..reading import Dataset
from ..take_choice import chosen_takes
from ..takes import Clip, Take


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Takes and cameras of a data set that go to the folder ``out``."""

    dataset: Dataset
    rows: tuple[TakeRow, ...]
    cameras: tuple[str, ...]
    out: Path

    def clips(self, key: str) -> list[Clip]:
        """The chosen clips of a take, in its order."""
        take = self.dataset.take(key)
        return [take.clip(camera) for camera in self.cameras_of(take)]

    def cameras_of(self, take: Take) -> list[str]:
        """The chosen cameras of a take, in its order."""
        return [camera for camera in take.cameras if camera in self.cameras]


def chosen(dataset: Dataset, *, takes: str | None, cameras: str | None, out: Path) -> Chosen:
    """What options choose; InputError for an unknown take or camera."""
    keys = frozenset(dataset.keys if takes is None else chosen_takes(takes, dataset.keys))
    known = dataset.take(dataset.keys[0]).cameras
    names = known if cameras is None else tuple(filter(None, map(str.strip, cameras.split(","))))
    if unknown := [name for name in names if name not in known]:
        fix = f"choose from {', '.join(known)}"
        raise InputError(f"unknown camera {unknown[0]!r}", where="--cameras", fix=fix)
    if not names:
        raise InputError("no camera", where="--cameras", fix="give names such as cam01,cam03")
    rows = tuple(row for row in dataset.takes if row.take in keys)
    return Chosen(dataset=dataset, rows=rows, cameras=names, out=out)


def named_trajectories(clips: Sequence[Clip]) -> Iterator[NamedTrajectory]:
    """The trajectories of clips of one take."""
    table = ClipTable.of_rows(
        [clip.row for clip in clips], CameraPose(np.stack([clip.poses.world_from_camera for clip in clips]))
    )
    return trajectories_of_clips(table)
