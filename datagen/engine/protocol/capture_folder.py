"""Captures that are written to files: only below the folder that was given at the start of the engine."""

import os
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from multitake.atomic import write_file
from multitake.errors import InputError

from ..world.actors import WorldError
from .dispatch import Capture, Reply

# Takes a camera's id and a file name or type, and returns the image.
CaptureHandler = Callable[[str, str], Reply]


class CaptureFolder:
    """The folder of captures; None refuses every file. InputError for a path that is not a folder."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None and not os.path.isdir(folder):
            raise InputError(
                f"{folder} is not a folder", where="--captures", fix="create it, or give another"
            )
        self._folder = folder.resolve() if folder else None

    def saving(self, capture: CaptureHandler, types: Collection[str]) -> CaptureHandler:
        """Return a handler that also takes file names such as ``x.png``; its reply is then the name."""

        def handler(index: str, name: str) -> Reply:
            _, dot, file_type = name.rpartition(".")
            if not dot or file_type.lower() not in types:
                return capture(index, name)
            path = self._path(name)
            found = capture(index, file_type.lower())
            if not isinstance(found, Capture):
                return found
            encode = found.encode

            def save(*images: np.ndarray) -> bytes:
                write_file(path, bytes(encode(*images)))
                return name.encode()

            return replace(found, encode=save)

        return handler

    def _path(self, name: str) -> Path:
        if self._folder is None:
            raise WorldError("The engine writes no files, start it with --captures DIR")
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder):
            raise WorldError(f"Filename {name} is outside the folder of captures")
        return path
