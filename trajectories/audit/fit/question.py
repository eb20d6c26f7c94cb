"""A question about a distribution of the rules, and the values that its test is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .statistical_tests import Fit

# Values by name; see ``samples.sample_of``.
Sample = Mapping[str, np.ndarray]
# None if there are too few values.
Test = Callable[[Sample], Fit | None]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question about a distribution of the rules; see ``FitTest``.

    Attributes:
        fit: the test.
        widened_by: a boolean column of the sample. If what rejection accepts is not known, the allowed effect
            grows by the share of true values in it.
    """

    name: str
    text: str
    unit: Literal["rig", "start", "camera", "pair"]
    fit: Test
    motion: str | None = None
    inferred: bool = False
    widened_by: Literal["", "starts_sampled_again", "clips_sampled_again"] = ""
