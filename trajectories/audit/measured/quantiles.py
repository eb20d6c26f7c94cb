"""The quantiles by which the report describes many values."""

import numpy as np
from jaxtyping import Float

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
# Those values of a quantity.
Quantiles = tuple[float, float, float, float, float]


def quantiles_of(values: Float[np.ndarray, "values"]) -> Quantiles:
    """5 %, 25 %, 50 %, 75 % and 95 % of values, of which there must be one."""
    a, b, c, d, e = np.quantile(values, QUANTILES).tolist()
    return a, b, c, d, e
