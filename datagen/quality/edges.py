"""How well the edges of two images of one view agree, such as those of an image and its mask."""

import numpy as np
from jaxtyping import Float64, Int, Shaped

# With fewer edges, nothing can be said.
_LEAST_EDGES = 100
_DETAIL_SHARE = 0.01
# Whole numbers, whose sums are exact in any order.
Steps = tuple[Float64[np.ndarray, "rows_1 columns"], Float64[np.ndarray, "rows columns_1"]]


def steps_of(values: Int[np.ndarray, "rows columns"]) -> Steps:
    """How much neighbours differ, down the columns and along the rows."""
    down, along = values[1:] - values[:-1], values[:, 1:] - values[:, :-1]
    return np.abs(down).astype(np.float64), np.abs(along).astype(np.float64)


def edges_of(values: Shaped[np.ndarray, "rows columns"]) -> Steps:
    """1 where neighbours differ, else 0."""
    down, along = values[1:] != values[:-1], values[:, 1:] != values[:, :-1]
    return down.astype(np.float64), along.astype(np.float64)


def has_detail(steps: Steps, least: int) -> bool:
    """Whether neighbours differ by ``least`` in more than 1 % of the places, both along rows and columns.

    Otherwise a camera may move and see the same: a clear sky, or flat ground.
    """
    return all(np.count_nonzero(step >= least) > _DETAIL_SHARE * step.size for step in steps)


class EdgeAgreement:
    """Sums over frames how much a view changes at given edges, and at those edges mirrored or upside down."""

    def __init__(self) -> None:
        self._edges = self._everywhere = 0
        self._at = np.zeros(3)

    def add(self, edges: Steps, steps: Steps) -> None:
        """Add one frame."""
        for edge, step in zip(edges, steps, strict=True):
            count, values = int(edge.sum()), step.reshape(-1)
            self._edges += count
            self._everywhere += count * int(values.sum()) // max(values.size, 1)
            self._at += [one.reshape(-1) @ values for one in (edge, edge[:, ::-1], edge[::-1])]

    @property
    def contrast(self) -> float | None:
        """The mean change at the edges, in that of all places: 1 if it is by chance."""
        return _ratio(int(self._at[0]), self._everywhere) if self._says else None

    @property
    def mirrored(self) -> float | None:
        """How much better mirrored or upside-down edges agree: below 1 if they are right as they are."""
        return _ratio(int(self._at[1:].max()), int(self._at[0])) if self._says else None

    @property
    def _says(self) -> bool:
        return self._edges >= _LEAST_EDGES and self._everywhere > 0


def _ratio(part: int, of: int) -> float:
    return round(part / max(of, 1), 6)
