"""How frames are fitted into another size: scaled to cover it, then cropped, so that the aspect is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from trajectories import Intrinsics

Size = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Framing:
    """From filmed frames to delivered ones: resized to ``scaled_px``, then cropped from ``corner_px``.

    All are (width, height) or (x, y) and even, so the colour planes, of half the size, are cropped alike.
    """

    filmed_px: Size
    scaled_px: Size
    corner_px: Size
    size_px: Size

    def intrinsics(self, filmed: Sequence[Intrinsics]) -> Float32[np.ndarray, "frames 4"]:
        """fx, fy, cx, cy of delivered frames in pixels, from those of the filmed frames."""
        across, down = (new / old for new, old in zip(self.scaled_px, self.filmed_px, strict=True))
        left, top = self.corner_px
        rows = [
            (one.fx_px * across, one.fy_px * down, one.cx_px * across - left, one.cy_px * down - top)
            for one in filmed
        ]
        return np.array(rows, dtype=np.float32)


def framing(filmed_px: Size, size_px: Size, *, at: tuple[float, float] | None = None) -> Framing:
    """The framing with the smallest scale that covers ``size_px``, which is even.

    The crop is in the centre, or seeded: ``at`` has two uniform numbers in [0, 1) that choose its corner. The
    scaled size is rounded to even numbers, so the scales of the axes differ by less than 1 pixel in it.
    """
    scale = max(new / old for new, old in zip(size_px, filmed_px, strict=True))
    scaled = tuple(max(new, 2 * round(old * scale / 2)) for new, old in zip(size_px, filmed_px, strict=True))
    left_over = [(whole - part) // 2 for whole, part in zip(scaled, size_px, strict=True)]
    if at is None:
        corner = [2 * (room // 2) for room in left_over]
    else:
        corner = [2 * int(uniform * (room + 1)) for room, uniform in zip(left_over, at, strict=True)]
    return Framing(
        filmed_px=filmed_px,
        scaled_px=(scaled[0], scaled[1]),
        corner_px=(corner[0], corner[1]),
        size_px=size_px,
    )
