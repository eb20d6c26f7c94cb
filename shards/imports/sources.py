"""What is imported: a folder tree, or an archive whose scenes are not contiguous.

Both give the pieces of scenes one by one, each as a file on this machine.
"""

import glob
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from multitake.errors import InputError
from multitake.progress import ProgressLine

from .archives import is_archive, opened_archive, ordered_parts
from .layout import Piece, SceneName, is_harmless, piece_of
from .tar_stream import DamagedArchiveError, StreamedMember, tar_stream

MARKER = ".multitake-import"
_FIX = "give the folder of a data set, or its archive: one file, all parts, or the folder with them"


@dataclass(kw_only=True)
class Tree:
    """The files of a folder tree; ``ignored`` are those that are no pieces."""

    root: Path
    ignored: int = 0
    damage: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        return self.root.absolute().name

    def pieces(self, is_wanted: Callable[[SceneName], bool]) -> Iterator[tuple[Piece, Path]]:
        """The wanted pieces, those of a scene together."""
        found: dict[Piece, Path] = {}
        for folder, _, files in os.walk(self.root, followlinks=True):
            for file in files:
                path = Path(folder, file)
                piece = piece_of(path.absolute().as_posix())
                if piece is None:
                    self.ignored += 1
                elif found.setdefault(piece, path) != path:
                    what = f"the same file of a scene twice, also {found[piece]}"
                    raise InputError(what, where=str(path), fix="give the folder of one data set")
        if not found:
            raise InputError("no scene of this layout", where=str(self.root), fix=_FIX)
        for piece in sorted(found, key=lambda piece: (piece.scene, piece.camera)):
            if is_wanted(piece.scene):
                yield piece, found[piece]

    def release(self, scene: SceneName) -> None:
        """Nothing: the files are the user's."""

    def close(self) -> None:
        """Nothing."""


@dataclass(kw_only=True)
class Archive:
    """The members of an archive, read once; pieces wait in the folder ``spill`` until they are released.

    ``damage`` says how the archive is damaged, after that was found.
    """

    parts: tuple[Path, ...]
    spill: Path
    progress: ProgressLine | None = None
    ignored: int = 0
    damage: str = ""
    _seen: set[Piece] = field(default_factory=set)

    @property
    def name(self) -> str:
        """What it is called."""
        return self.parts[0].name

    def pieces(self, is_wanted: Callable[[SceneName], bool]) -> Iterator[tuple[Piece, Path]]:
        """The wanted pieces in the order of the archive, up to where it is damaged.

        InputError for a member that is hostile, or of no known layout.
        """
        self._prepare_spill()
        size, done = sum(part.stat().st_size for part in self.parts), 0
        with opened_archive(self.parts) as stream:
            try:
                for member in tar_stream(stream, where=str(self.parts[0])):
                    done += member.size
                    if self.progress:
                        self.progress.show(f"{len(self._seen)} files", done=min(done, size), total=size)
                    piece = self._piece(member)
                    if piece and is_wanted(piece.scene):
                        yield piece, self._spilled(piece, member)
            except DamagedArchiveError as error:
                self.damage = f"{error}, after {done} bytes of files"

    def release(self, scene: SceneName) -> None:
        """Remove the pieces of a scene."""
        shutil.rmtree(self.spill / scene.path, ignore_errors=True)

    def close(self) -> None:
        """Remove all pieces."""
        if (self.spill / MARKER).exists():
            shutil.rmtree(self.spill)

    def _piece(self, member: StreamedMember) -> Piece | None:
        piece, where = piece_of(member.name), str(self.parts[0])
        if piece is None:
            if not is_harmless(member.name):
                fix = "unpack what you want of it, and import the folder"
                raise InputError(f"unknown member {member.name[:200]!r}", where=where, fix=fix)
            self.ignored += 1
            return None
        if piece in self._seen:
            fix = "get the archive from its publisher again"
            raise InputError(f"duplicate member {member.name!r}", where=where, fix=fix)
        self._seen.add(piece)
        return piece

    def _prepare_spill(self) -> None:
        """An empty folder for pieces; InputError if it is a folder of something else."""
        if self.spill.exists() and not (self.spill / MARKER).exists() and any(self.spill.iterdir()):
            fix = "remove it, or give another one with --spill"
            raise InputError("not a folder of an import", where=str(self.spill), fix=fix)
        self.close()
        self.spill.mkdir(parents=True, exist_ok=True)
        (self.spill / MARKER).touch()

    def _spilled(self, piece: Piece, member: StreamedMember) -> Path:
        path = self.spill / piece.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for chunk in member.chunks:
                file.write(chunk)
        return path


Source = Tree | Archive


def source_of(texts: Sequence[str], *, spill: Path, progress: ProgressLine | None = None) -> Source:
    """The source that paths or patterns name; nothing of it is read.

    InputError if there is none, or if a part of an archive is missing.
    """
    paths = [Path(path) for text in texts for path in (sorted(glob.glob(text)) or [text])]
    missing = next((path for path in paths if not path.exists()), None)
    if missing or not paths:
        raise InputError("does not exist", where=str(missing or "source"), fix=_FIX)
    if len(paths) == 1 and paths[0].is_dir():
        files = [path for path in sorted(paths[0].iterdir()) if path.is_file() and is_archive(path)]
        if not files:
            return Tree(root=paths[0])
        paths = files
    if folder := next((path for path in paths if path.is_dir()), None):
        raise InputError("a folder among several sources", where=str(folder), fix="import them one by one")
    return Archive(parts=ordered_parts(paths), spill=spill, progress=progress)
