"""Exporting: units of work that appear completely or not at all, so a killed export can be finished."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from multitake.atomic import remove_partials, write_file, writing_to
from multitake.counts import many
from multitake.errors import InputError
from multitake.progress import ProgressLine

from ..addresses import is_inside
from ..checksums import sha256_of_bytes
from ..reading import open_dataset
from .chosen import Chosen, chosen
from .lerobot import LeRobotExport
from .multicamvideo import MultiCamVideoExport
from .nerfstudio import NerfstudioExport

MARKER = "multitake-export.json"
_MOST_NAMED = 10


@runtime_checkable
class Export(Protocol):
    """An export to one layout."""

    def left_out(self) -> dict[str, str]:
        """Takes that are damaged, and why, if all takes must be known before the first one is written."""
        ...

    def units(self) -> Sequence[str]:
        """Names of the units of work."""
        ...

    def place(self, unit: str) -> Path:
        """The file or folder that is there if a unit is done."""
        ...

    def write(self, unit: str) -> None:
        """Write a unit; InputError if the layout cannot have it."""
        ...

    def finish(self) -> None:
        """Write what is about all units."""
        ...


FORMATS: dict[str, Callable[[Chosen], Export]] = {
    "multicamvideo": MultiCamVideoExport,
    "nerfstudio": NerfstudioExport,
    "lerobot": LeRobotExport,
}


@dataclass(frozen=True, kw_only=True)
class ExportOptions:
    """What is exported: ``takes`` as in ``chosen_takes``, ``cameras`` with commas; None is all."""

    format: str
    takes: str | None = None
    cameras: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExportReport:
    """What an export did: units that were ``written`` now or ``found``, and why others or takes failed."""

    out: Path
    written: int
    found: int
    failed: dict[str, str]

    @property
    def is_ok(self) -> bool:
        """Whether all units are there."""
        return not self.failed

    def lines(self) -> Iterator[str]:
        """The report as text."""
        for unit in list(self.failed)[:_MOST_NAMED]:
            yield f"not exported: {unit}: {self.failed[unit]}"
        there = f", {self.found} were there" if self.found else ""
        failed = f", {len(self.failed)} not exported" if self.failed else ""
        yield f"{self.out}: {self.written} written{there}{failed}"


def export_dataset(
    address: str | Path, *, out: Path, options: ExportOptions, progress: ProgressLine | None = None
) -> ExportReport:
    """Export a data set at a folder or any fsspec address; the same call resumes.

    InputError for an invalid option, or a folder that has something else.
    """
    if options.format not in FORMATS:
        what, fix = f"unknown format {options.format!r}", f"use one of {', '.join(FORMATS)}"
        raise InputError(what, where="--to", fix=fix)
    if is_inside(out, address) or is_inside(address, out):
        raise InputError("the result is in its source", where=f"--out {out}", fix="give another folder")
    choice = chosen(open_dataset(address), takes=options.takes, cameras=options.cameras, out=out)
    export = FORMATS[options.format](choice)
    failed = export.left_out()
    if len(failed) == len(choice.rows):
        raise InputError("all takes are damaged", where=str(address), fix="`multitake verify` says how")
    units = export.units()
    with writing_to(out):
        _mark(choice, options, left_out=sorted(failed))
        for folder in {export.place(unit).parent for unit in units}:
            remove_partials(folder)
    missing = [unit for unit in units if not export.place(unit).exists()]
    for done, unit in enumerate(missing):
        if progress:
            progress.show(f"{unit}, {done} of {many(len(missing), 'part')}", done=done, total=len(missing))
        try:
            with writing_to(out):
                export.write(unit)
        except InputError as error:
            failed[unit] = f"{error.what} ({error.where})"
    with writing_to(out):
        export.finish()
    written = sum(unit not in failed for unit in missing)
    return ExportReport(out=out, written=written, found=len(units) - len(missing), failed=failed)


def _mark(choice: Chosen, options: ExportOptions, *, left_out: Sequence[str]) -> None:
    """Write what this folder is; InputError if it is something else."""
    keys = "\n".join(row.take for row in choice.rows)
    about = {
        "about": "an export of multitake; the same command finishes it",
        "to": options.format,
        "dataset_sha256": sha256_of_bytes(choice.dataset.files.content("dataset.json")),
        "takes": len(choice.rows),
        "takes_sha256": sha256_of_bytes(keys.encode()),
        "cameras": list(choice.cameras),
        **({"left_out": list(left_out)} if left_out else {}),
    }
    text, path = json.dumps(about, indent=2) + "\n", choice.out / MARKER
    if path.is_file():
        if path.read_text() != text:
            what = "an export of other takes, cameras or another data set"
            raise InputError(what, where=str(choice.out), fix="repeat its options, or give a new folder")
    elif choice.out.exists() and (not choice.out.is_dir() or any(choice.out.glob("[!.]*"))):
        fix = "give a new or empty folder"
        raise InputError("not a folder of an export", where=str(choice.out), fix=fix)
    else:
        write_file(path, text)
