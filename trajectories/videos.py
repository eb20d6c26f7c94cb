"""The videos of a source, one by one: what their files say, and some of their frames."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, UInt8


@dataclass(frozen=True, kw_only=True)
class VideoFile:
    """The video of a clip as a file: equal files have equal digests."""

    take: str
    camera: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Recording:
    """What the video of a clip says about itself, and some of its frames.

    Attributes:
        frames, fps, width_px, height_px: of the file.
        shown: the frames in ``images``, ascending; those that the file does not have are left out.
        images: their brightness, possibly in a smaller size.
        changes: difference of each frame but the first from the one before, in levels of a coarse image: the
            median over its cells, and that which 5 % of them exceed.
    """

    frames: int
    fps: float
    width_px: int
    height_px: int
    shown: tuple[int, ...]
    images: UInt8[np.ndarray, "shown height width"]
    changes: Float32[np.ndarray, "changes 2"]


@runtime_checkable
class Videos(Protocol):
    """The videos of a filmed source; each is read when it is asked for."""

    def listed(self) -> Iterator[VideoFile]:
        """The videos of all clips; InputError if the list cannot be read."""
        ...

    def recording(self, take: str, camera: str, frames: Sequence[int], *, longest_px: int) -> Recording:
        """A video with the images of ``frames``, scaled to a longest side; they are not enlarged.

        InputError if it cannot be read.
        """
        ...
