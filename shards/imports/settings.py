"""What an import does with its source: the options, and the ``batch.toml`` that keeps them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from multitake.errors import InputError
from multitake.settings import parsed_toml

from ..checksums import sha256_of_bytes
from ..format import IMPORT_TABLE

CATALOG = "# An import: nothing was chosen from a catalog.\n"
_ABOUT = "# An import: its takes follow no batch and no rules.\n\n"


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How a data set is imported.

    Attributes:
        format: a key of ``FORMATS``.
        captions: a ``metadata.csv`` with captions of videos.
        takes_per_shard: number of takes in each shard but the last.
        reencodes: whether videos are encoded again, with groups of pictures of this format.
        splits: such as ``val=3389-3400``, see ``read_splits``.
        accepts_incomplete: whether the complete scenes of a damaged archive are sealed.
        spill: folder for the files of scenes of an archive that are not complete; None is beside the result.
    """

    format: str = "multicamvideo"
    captions: Path | None = None
    takes_per_shard: int = 20
    reencodes: bool = False
    splits: tuple[str, ...] = ()
    accepts_incomplete: bool = False
    spill: Path | None = None


def batch_text(options: ImportOptions) -> str:
    """The ``batch.toml`` of an import: all that its takes depend on, in addition to the source."""
    captions = options.captions.read_bytes() if options.captions else b""
    values = {
        "format": options.format,
        "videos": "encoded again" if options.reencodes else "as published",
        "takes_per_shard": options.takes_per_shard,
        "splits": list(options.splits),
        "captions_sha256": sha256_of_bytes(captions) if captions else "",
    }
    return _ABOUT + tomli_w.dumps({IMPORT_TABLE: values})


def check_same_batch(found: bytes, wanted: str, *, where: str) -> None:
    """InputError, with the first difference, if a ``batch.toml`` is another one."""
    if found == wanted.encode():
        return
    old: Any = parsed_toml(found.decode(errors="replace"), where=where).get(IMPORT_TABLE)
    if not isinstance(old, dict):
        raise InputError("not an import", where=where, fix="give a new or empty folder")
    new = parsed_toml(wanted, where=where)[IMPORT_TABLE]
    name = next((name for name in {**new, **old} if old.get(name) != new.get(name)), "text")
    what = f"an import with other options: {name} is {old.get(name)!r}, not {new.get(name)!r}"
    raise InputError(what, where=where, fix="repeat its options, or give a new folder")
