"""What a filmed source shows besides its clips: the scene of each take, and images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from multitake.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The scene of one take, in names of a catalog.

    The first character is the subject of the cameras; animations are in the order of characters.
    """

    take: str
    split: str
    environment: str
    characters: tuple[str, ...]
    animations: tuple[str, ...]
    light: str
    caption: str


@dataclass(frozen=True, kw_only=True)
class Scenes:
    """The scenes of a source.

    ``choices`` are the names that scenes were chosen from: ``environments``, ``characters``, ``animations``
    and ``lights``; those that are missing are unknown.
    """

    rows: tuple[Scene, ...]
    choices: Mapping[str, tuple[str, ...]]


@runtime_checkable
class Footage(Protocol):
    """Scenes and images of a filmed source; each is read when it is asked for."""

    def scenes(self) -> Scenes:
        """The scenes of all takes; InputError if they cannot be read."""
        ...

    def pictures(self, take: str, cameras: Sequence[str], frames: Sequence[int], *, width_px: int) -> bytes:
        """A JPEG with one row of images for each camera and one column for each frame.

        Each image is at most ``width_px`` wide. InputError if one cannot be read.
        """
        ...


@dataclass(frozen=True)
class JoinedFootage:
    """The footage of several sources, by the prefix of the names of their takes."""

    parts: Mapping[str, Footage]

    def scenes(self) -> Scenes:
        """The scenes of all sources."""
        found = {prefix: footage.scenes() for prefix, footage in self.parts.items()}
        choices: dict[str, dict[str, None]] = {}
        for scenes in found.values():
            for kind, names in scenes.choices.items():
                choices.setdefault(kind, {}).update(dict.fromkeys(names))
        return Scenes(
            rows=tuple(
                replace(row, take=prefix + row.take) for prefix, one in found.items() for row in one.rows
            ),
            choices={kind: tuple(names) for kind, names in choices.items()},
        )

    def pictures(self, take: str, cameras: Sequence[str], frames: Sequence[int], *, width_px: int) -> bytes:
        """The images of a take of one of the sources; InputError if its source is not filmed."""
        prefix = max((one for one in self.parts if take.startswith(one)), key=len, default=None)
        if prefix is None:
            raise InputError("not filmed", where=take, fix="give a data set")
        return self.parts[prefix].pictures(take.removeprefix(prefix), cameras, frames, width_px=width_px)
