"""``metadata.csv`` with captions of videos: columns ``file_name`` (relative to ``train/``) and ``text``."""

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from multitake.errors import InputError, one_line
from multitake.input_files import parsing, read_utf8

from .layout import Piece, piece_of

COLUMNS = ("file_name", "text")
LONGEST_CAPTION = 5000
_MOST_BYTES = 500_000_000
_FIX = f"give a CSV file with the columns {', '.join(COLUMNS)}"


def read_captions(path: Path) -> dict[Piece, str]:
    """The captions of videos; InputError if the file is invalid, or has two captions of one video.

    File names may have a split in front. White space is one space.
    """
    text = read_utf8(path, fix=_FIX, most_bytes=_MOST_BYTES)
    captions: dict[Piece, str] = {}
    with parsing("not a readable CSV file", where=str(path), fix=_FIX):
        rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        if not set(COLUMNS) <= set(rows.fieldnames or ()):
            raise InputError("the columns are missing", where=str(path), fix=_FIX)
        for row in rows:
            name, caption = row["file_name"] or "", one_line(" ".join((row["text"] or "").split()))
            piece, where = piece_of(name), f"{path}: line {rows.line_num}"
            if piece is None or not piece.camera:
                fix = "name videos as f18_aperture10/scene10/videos/cam04.mp4"
                raise InputError(f"{name[:200]!r} is not the video of a camera", where=where, fix=fix)
            if piece in captions:
                raise InputError(f"two captions of {name}", where=where, fix="remove one of them")
            if len(caption.encode()) > LONGEST_CAPTION:
                what = f"a caption of more than {LONGEST_CAPTION} bytes"
                raise InputError(what, where=where, fix="shorten it")
            if caption:
                captions[piece] = caption
    return captions


def captions_csv(captions: Mapping[str, str] | Iterable[tuple[str, str]]) -> str:
    """The text of a ``metadata.csv``: captions by the path of the video relative to ``train/``."""
    sink = io.StringIO(newline="")
    rows = csv.writer(sink, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows(captions.items() if isinstance(captions, Mapping) else captions)
    return sink.getvalue()
