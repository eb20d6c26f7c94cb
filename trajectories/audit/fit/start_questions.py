"""Questions about where cameras start."""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from ...sampling.rules import Rules
from ..measured.quantities import Quantity
from .column_tests import (
    equally_frequent,
    follows,
    follows_around,
    never,
    uncorrelated,
    uniform_ranks,
)
from .question import Question, Sample, Test
from .statistical_tests import Fit, chi_square

# Cells of equal probability on the hemisphere: directions times elevations.
_CELLS = (12, 6)
_FEWEST_STARTS = 5 * _CELLS[0] * _CELLS[1]


def questions_about_starts(rules: Rules, quantities: Mapping[str, Quantity]) -> Iterator[Question]:
    """All questions about starts and their largest distances."""
    elevation, azimuth = quantities["start_elevation_deg"], quantities["start_azimuth_deg"]
    ask = partial(Question, unit="start", widened_by="starts_sampled_again")
    yield ask(
        name="start_radius_m",
        text="Do start distances follow radius_measure?",
        # Each distance as its rank among those that its rig could have.
        fit=uniform_ranks("start_radius_rank"),
        inferred=True,
    )
    text = "Do start elevations follow elevation_measure?"
    yield ask(name=elevation.name, text=text, fit=follows(elevation), inferred=True)
    text = "Are all start directions equally likely?"
    yield ask(name=azimuth.name, text=text, fit=follows_around(azimuth))
    text = "Are all parts of the hemisphere equally likely?"
    yield ask(name="start_cells", text=text, fit=_equal_cells(elevation), inferred=True)
    yield ask(
        name="start_radius_elevation",
        text="Are distance and elevation of starts independent?",
        fit=uncorrelated("radius", "elevation", fewest=_FEWEST_STARTS),
    )
    if len(rules.largest_radii_m) > 1:
        text = "Are all largest start distances equally frequent?"
        fit = equally_frequent("radius_limit", len(rules.largest_radii_m), is_complete=True)
        yield Question(name="radius_limit", text=text, unit="rig", fit=fit)


def _equal_cells(elevation: Quantity) -> Test:
    """Whether starts are equally frequent in all cells of the hemisphere."""

    def fit(sample: Sample) -> Fit | None:
        rows = sample["is_start"]
        heights, turns = sample["elevation"][rows], sample["azimuth"][rows]
        is_known = np.isfinite(heights) & np.isfinite(turns)
        if is_known.sum() < _FEWEST_STARTS:
            return None
        east, height = (
            np.minimum((ranks[is_known] * cells).astype(int), cells - 1)
            for ranks, cells in zip((turns, heights), _CELLS, strict=True)
        )
        counts = np.bincount(east * _CELLS[1] + height, minlength=_CELLS[0] * _CELLS[1])
        return chi_square(counts, np.full(len(counts), 1 / len(counts)))

    return fit if elevation.has_width else never
