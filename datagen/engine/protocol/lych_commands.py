"""Commands of LychSim, a fork of UnrealCV's plugin: lit images of several cameras in one reply.

Errors are JSON. Flags begin with ``-`` and may stand anywhere behind the command.
"""

import json
import re
from collections.abc import Sequence
from functools import partial

import numpy as np

from ..render.renderer import View
from ..world.actors import WorldError
from ..world.world import World
from .camera_commands import CameraCommands, check_file_type
from .dispatch import Capture, Dispatcher, Encode, File, Handler, Reply, uint
from .image_files import npy, png
from .lagging_frames import LaggingFrames
from .wrong_images import wrong_image

_FILES: dict[str, Encode] = {"npy": npy, "png": png}
_FLAG = re.compile(r"-experimental|-warmup=(\d+)", re.ASCII)
_MOST_WARMUP = 1000
_MOST_WORDS = 64


class LychCommands:
    """Handlers of ``lych cam``. Without faults in time, a capture before others changes nothing."""

    def __init__(self, world: World, cameras: CameraCommands, frames: LaggingFrames) -> None:
        self._world, self._cameras, self._frames = world, cameras, frames

    def bind(self, dispatcher: Dispatcher) -> None:
        """Bind every command."""
        bind, get_lit = dispatcher.bind, _with_errors_as_json(self._get_lit)
        for words in range(1, _MOST_WORDS + 1):
            description = "Ids, npy or png, -warmup=N, -experimental: lit images of cameras in one array"
            bind("lych cam get_lit" + " [str]" * words, get_lit, description)
        bind("lych cam warmup [uint]", _with_errors_as_json(self._warmup), "Capture lit, and throw it away")

    def _get_lit(self, *words: str) -> Reply:
        plain, warmup = _without_flags(words)
        if len(plain) < 2:
            raise WorldError("ids of sensors and a save path are needed")
        *texts, file_type = plain
        is_batch = len(texts) > 1
        if is_batch and file_type != "npy":
            raise WorldError("save path must be 'npy' in batch mode")
        check_file_type(file_type, _FILES)
        ids = self._ids(texts)
        views = tuple(self._cameras.view("lit", one) for one in ids)
        if len({view.viewpoint.size_px for view in views}) > 1:
            raise WorldError("sensors of a batch request must have one size")
        encode = _stacked if is_batch else _FILES[file_type]
        return Capture(views=views, encode=partial(self._file, ids, views, warmup, encode))

    def _warmup(self, index: str) -> Reply:
        ids = self._ids([index])
        views = (self._cameras.view("lit", ids[0]),)
        if not self._frames.is_on:
            return "ok"
        return Capture(views=views, encode=partial(self._file, ids, views, 0, lambda image: b"ok"))

    def _ids(self, texts: list[str]) -> list[int]:
        """The ids of cameras that exist."""
        in_request = " in batch request" if len(texts) > 1 else ""
        if not all(text.isdecimal() and uint(text) < len(self._world.cameras) for text in texts):
            raise WorldError(f"invalid sensor id{in_request}")
        return [uint(text) for text in texts]

    def _file(
        self,
        ids: Sequence[int],
        views: Sequence[View],
        warmup: int,
        encode: Encode,
        *images: np.ndarray,
    ) -> File:
        seen = self._frames.seen(ids, views, images, warmup=warmup)
        return encode(*(wrong_image("lit", image, self._world.faults) for image in seen))


def _stacked(*images: np.ndarray) -> File:
    return npy(np.stack(images))


def _without_flags(words: Sequence[str]) -> tuple[list[str], int]:
    """The words that are no flags, and the number of captures before the one that is answered."""
    plain, warmup = [word for word in words if not word.startswith("-")], 0
    for word in words:
        flag = _FLAG.fullmatch(word)
        if word.startswith("-") and flag is None:
            raise WorldError(f"unknown flag {word}")
        if flag and flag[1]:
            warmup = uint(flag[1])
    if warmup > _MOST_WARMUP:
        raise WorldError(f"-warmup can be {_MOST_WARMUP} at most")
    return plain, warmup


def _with_errors_as_json(run: Handler) -> Handler:
    def handler(*words: str) -> Reply:
        try:
            return run(*words)
        except WorldError as error:
            return json.dumps({"status": "error", "error": str(error)})

    return handler
