"""Questions about repeated values: continuous quantities of two cameras are hardly ever equal."""

from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Bool, Float, Int

from ...sampling.rules import Rules
from ..measured.quantities import Quantity, sampled_amplitudes
from .cells import columns_of_starts
from .column_tests import enough, never
from .question import Question, Sample, Test
from .statistical_tests import Fit, exact

# Equal to this share of the range: poses are float32, and other files have six digits.
_PRECISION = 1e-6
_OFTEN = 6
# Of more values, evenly chosen ones are counted: too many would be equal by chance.
_MOST_VALUES = 200_000
_LARGEST_SHARE = 0.02
# All coordinates of a start are equal to this share of their range.
_START_PRECISION = 1e-5
_LARGEST_SHARE_OF_STARTS = 0.01
_FEWEST_STARTS = 30


def questions_about_repeated_values(rules: Rules, quantities: Mapping[str, Quantity]) -> Iterator[Question]:
    """All questions about values that occur too often."""
    moving = set(rules.motions) - {"static"}
    for quantity in quantities.values():
        is_sampled = {
            "start": True,
            "amplitude": quantity.name in sampled_amplitudes(rules),
            "speed": rules.constant_share < 1 and bool(moving),
        }
        if quantity.cdf is not None and quantity.has_width and is_sampled[quantity.group]:
            yield Question(
                name=f"repeated_{quantity.name}",
                text=f"Do values repeat: {_lower(quantity.title)}?",
                unit="start" if quantity.per == "start" else "camera",
                motion=quantity.motion,
                fit=_repeated(quantity),
            )
    places = [column.name for column in columns_of_starts(rules) if column.is_rank]
    text = "Do start poses repeat (distance, direction and elevation)?"
    fit = _repeated_starts(places) if len(places) > 1 else never
    yield Question(name="repeated_starts", text=text, unit="start", fit=fit)


def repeats(values: Float[np.ndarray, "values"], width: float) -> Bool[np.ndarray, "values"]:
    """Which values occur often."""
    return _occurrences(np.round(values / (_PRECISION * width)).astype(np.int64)) >= _OFTEN


def _repeated(quantity: Quantity) -> Test:
    width = sum(high - low for low, high in quantity.bounds)

    def fit(values: np.ndarray) -> Fit:
        chosen = values[:: -(-len(values) // _MOST_VALUES)]
        return _share(repeats(chosen, width), _LARGEST_SHARE)

    return enough(quantity.name, fit) if width else never


def _repeated_starts(places: list[str]) -> Test:
    def fit(sample: Sample) -> Fit | None:
        starts = np.stack([sample[name][sample["is_start"]] for name in places], axis=-1)
        starts = starts[np.isfinite(starts).all(axis=1)].astype(np.float64)
        if len(starts) < _FEWEST_STARTS:
            return None
        steps = np.round(starts / _START_PRECISION).astype(np.int64)
        # Each coordinate has fewer steps than this.
        key = steps @ (2 * round(1 / _START_PRECISION)) ** np.arange(len(places))
        return _share(_occurrences(key) > 1, _LARGEST_SHARE_OF_STARTS)

    return fit


def _share(is_repeated: Bool[np.ndarray, "values"], allowed: float) -> Fit:
    return exact(int(is_repeated.sum()), len(is_repeated), allowed=allowed, effect_name="repeated share")


def _occurrences(values: Int[np.ndarray, "values"]) -> Int[np.ndarray, "values"]:
    """How often each value occurs, in another order."""
    values = np.sort(values)
    first = np.flatnonzero(np.diff(values, prepend=values[:1] - 1))
    sizes = np.diff(first, append=len(values))
    return np.repeat(sizes, sizes)


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]
