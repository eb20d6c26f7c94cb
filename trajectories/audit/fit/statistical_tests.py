"""Fit tests: how far values are from a distribution, and whether that can be chance.

With enough clips any difference is significant, and with few a large one is not. So a test fails only if the
difference is larger than allowed and significant (q below ``SIGNIFICANCE`` after Benjamini and Hochberg). It
is ``too few`` if a difference of 0.1 could remain undetected.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from ..measured.quantities import Cdf, Values

# One of 10,000 sets that follow their rules fails by chance. The dependences that matter are far more
# significant.
SIGNIFICANCE = 1e-4
GROSS_EFFECT = 0.1
LARGEST_EFFECT = 0.02
# The chi-square distribution is that of the tests only if no cell is expected to have fewer.
FEWEST_PER_CELL = 5
_UNDETECTED = 0.2
_MANY_CELLS = 12
_FEWEST_PAIRS = 30
# Critical value of sqrt(n) V at the significance.
_KUIPER_CRITICAL = 2.7942


@dataclass(frozen=True, kw_only=True)
class Fit:
    """Result of one test; see ``FitTest``.

    Attributes:
        observed: what a test against another sample needs: values, counts, correlations or residuals.
        allowed: the largest effect that passes.
    """

    method: str
    n: int
    statistic: float
    p: float
    effect: float
    effect_name: str
    detectable_effect: float
    observed: np.ndarray
    allowed: float = LARGEST_EFFECT


def ks(values: Values, cdf: Cdf) -> Fit:
    """Kolmogorov-Smirnov test against a continuous distribution; effect: D."""
    from scipy import stats

    found = stats.kstest(values, cdf)
    gap, root = float(found.statistic), np.sqrt(len(values))
    critical = stats.kstwobign.isf(SIGNIFICANCE) + stats.norm.isf(_UNDETECTED) / 2
    return Fit(
        method="KS",
        n=len(values),
        statistic=gap,
        p=float(found.pvalue),
        effect=gap,
        effect_name="D",
        detectable_effect=critical / root,
        observed=values,
    )


def kuiper(values: Values, cdf: Cdf) -> Fit:
    """Kuiper's test, which has no preferred direction on a circle; effect: V."""
    from scipy import stats

    n, expected = len(values), cdf(np.sort(values))
    rank, root = np.arange(n + 1) / n, np.sqrt(n)
    both = float((rank[1:] - expected).max() + (expected - rank[:-1]).max())
    critical = _KUIPER_CRITICAL + stats.norm.isf(_UNDETECTED) / 2
    return Fit(
        method="Kuiper",
        n=n,
        statistic=both,
        p=kuiper_p(both, float(root)),
        effect=both,
        effect_name="V",
        detectable_effect=critical / root,
        observed=values,
    )


def kuiper_p(both: float, root: float) -> float:
    """Probability of a Kuiper statistic this large; ``root`` is the root of the number of values."""
    scaled = (root + 0.155 + 0.24 / root) * both
    j2 = np.arange(1, 101) ** 2 * scaled**2
    return 1.0 if scaled < 0.4 else float(np.clip(2 * ((4 * j2 - 1) * np.exp(-2 * j2)).sum(), 0, 1))


def chi_square(counts: Int[np.ndarray, "cells"], shares: Float[np.ndarray, "cells"]) -> Fit:
    """Pearson's chi-square test of counts against expected shares; effect: Cramer's V."""
    from scipy import special, stats

    n, free = int(counts.sum()), len(counts) - 1
    found = stats.chisquare(counts, n * shares)
    # The noncentrality that is detected with the usual power.
    noncentral = special.chndtrinc(stats.chi2.isf(SIGNIFICANCE, free), free, _UNDETECTED)
    return Fit(
        method="chi-square",
        n=n,
        statistic=float(found.statistic),
        p=float(found.pvalue),
        effect=float(np.sqrt(found.statistic / (n * free))),
        effect_name="Cramer's V",
        detectable_effect=float(np.sqrt(noncentral / (n * free))),
        observed=counts,
        allowed=LARGEST_EFFECT / 2 if len(counts) > _MANY_CELLS else LARGEST_EFFECT,
    )


def binomial(hits: int, n: int, share: float) -> Fit:
    """Exact two-sided test of a share; effect: the difference between the shares."""
    from scipy import stats

    z = stats.norm.isf(SIGNIFICANCE / 2) + stats.norm.isf(_UNDETECTED)
    return Fit(
        method="binomial",
        n=n,
        statistic=hits / n,
        p=float(stats.binomtest(hits, n, share).pvalue),
        effect=abs(hits / n - share),
        effect_name="share gap",
        detectable_effect=float(z * np.sqrt(max(share * (1 - share), 0.25 / n) / n)),
        observed=np.array([hits]),
    )


def exact(wrong: int, n: int, *, allowed: float = 0.0, effect_name: str = "wrong share") -> Fit:
    """Counts that the rules define exactly: a larger share of wrong counts than allowed fails."""
    return Fit(
        method="exact count",
        n=n,
        statistic=float(wrong),
        p=0.0 if wrong > allowed * n else 1.0,
        effect=wrong / n,
        effect_name=effect_name,
        detectable_effect=1 / n,
        observed=np.array([wrong]),
        allowed=allowed,
    )


def spearman(a: Values, b: Values) -> Fit:
    """Rank correlation of two quantities that the rules sample independently; effect: rho."""
    from scipy import stats

    rho, p = (0.0, 1.0) if np.ptp(a) == 0 or np.ptp(b) == 0 else stats.spearmanr(a, b)
    z = stats.norm.isf(SIGNIFICANCE / 2) + stats.norm.isf(_UNDETECTED)
    return Fit(
        method="Spearman",
        n=len(a),
        statistic=float(rho),
        p=float(p),
        effect=abs(float(rho)),
        effect_name="rho",
        detectable_effect=float(z / np.sqrt(len(a))),
        observed=np.array([rho]),
    )


def independence(counts: Int[np.ndarray, "a b"]) -> Fit:
    """Pearson's chi-square test of independence; effect: Cramer's V without the bias of its sample size.

    Rows and columns without any count are no cells.
    """
    rows, columns = (int(counts.any(axis=axis).sum()) for axis in (1, 0))
    free, scale = (rows - 1) * (columns - 1), counts.sum() * (min(rows, columns) - 1)
    return _independence("independence", counts, int(counts.sum()), free, float(scale))


def independence_of_pairs(of_rigs: Int[np.ndarray, "rigs cells"]) -> Fit | None:
    """The same test of all pairs of cameras of one rig; their order does not matter.

    ``of_rigs`` is the number of cameras in each cell; None if a cell is expected to have too few pairs.
    """
    numbers = of_rigs.astype(np.float64)
    counts = (numbers.T @ numbers - np.diag(numbers.sum(axis=0))) / 2
    if not is_dense(counts):
        return None
    free = int(counts.any(axis=1).sum()) - 1
    pairs = counts.sum()
    return _independence(
        "independence of pairs", counts, int(pairs), free * (free + 1) // 2, float(pairs * free)
    )


def lagged_independence(tables: Int[np.ndarray, "lags a b"]) -> Fit | None:
    """The test of the lag with the largest dependence; p is that of the largest of so many.

    None if a cell is expected to have too few values.
    """
    if not all(is_dense(counts) for counts in tables):
        return None
    fits = [independence(counts) for counts in tables]
    found = min(fits, key=lambda fit: fit.p)
    return replace(
        found,
        method="lagged independence",
        p=min(found.p * len(fits), 1.0),
        observed=np.stack([fit.observed for fit in fits]),
    )


def _independence(
    method: str, counts: Int[np.ndarray, "a b"] | Float[np.ndarray, "a b"], n: int, free: int, scale: float
) -> Fit:
    from scipy import special

    expected = expected_counts(counts)
    residuals = (counts - expected) / np.sqrt(np.maximum(expected, 1e-300))
    statistic = float((residuals**2).sum())
    noncentral = special.chndtrinc(special.chdtri(free, SIGNIFICANCE), free, _UNDETECTED)
    return Fit(
        method=method,
        n=n,
        statistic=statistic,
        p=float(special.chdtrc(free, statistic)),
        effect=float(np.sqrt(max(statistic - free, 0.0) / scale)),
        effect_name="Cramer's V",
        detectable_effect=float(np.sqrt(noncentral / scale)),
        observed=residuals / np.sqrt(n),
    )


def is_dense(counts: Int[np.ndarray, "a b"] | Float[np.ndarray, "a b"]) -> bool:
    """Whether there are several rows and columns, and each cell is expected to have enough values."""
    if min(counts.any(axis=1).sum(), counts.any(axis=0).sum()) < 2:
        return False
    expected = expected_counts(counts)
    return bool(expected[expected > 0].min() >= FEWEST_PER_CELL)


def expected_counts(
    counts: Int[np.ndarray, "a b"] | Float[np.ndarray, "a b"],
) -> Float[np.ndarray, "a b"]:
    """The counts of independent quantities with the same margins."""
    return np.asarray(counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum())


def pair_correlation(values: Float[np.ndarray, "rows columns"]) -> Fit | None:
    """The largest correlation of any two columns whose values, from 0 to 1, are independent; effect: rho.

    p is corrected for the number of pairs. None if no two columns are known together.
    """
    known = np.isfinite(values)
    mean = np.where(known, values, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    centred = np.where(known, values - mean, 0.0).astype(np.float64)
    both, squares = known.T.astype(np.float64) @ known, (centred**2).T @ known
    spread = np.sqrt(squares * squares.T)
    upper = np.triu(both >= _FEWEST_PAIRS, 1) & (spread > 0)
    if not upper.any():
        return None
    return _largest_correlation("pair correlation", (centred.T @ centred)[upper] / spread[upper], both[upper])


def autocorrelation(values: Float[np.ndarray, "rows"], lags: Sequence[int]) -> Fit | None:
    """The largest correlation of independent values with those some places later; effect: rho.

    p is corrected for the number of lags. None if too few values are known, or if all are equal.
    """
    known = np.isfinite(values)
    n = np.array([(known[lag:] & known[:-lag]).sum() for lag in lags])
    if n.min() < _FEWEST_PAIRS or np.ptp(values[known]) == 0:
        return None
    centred = np.where(known, values - values[known].mean(), 0.0).astype(np.float64)
    variance = (centred**2).sum() / known.sum()
    products = np.array([(centred[lag:] * centred[:-lag]).sum() for lag in lags])
    return _largest_correlation("autocorrelation", products / (n * variance), n)


def _largest_correlation(
    method: str, rho: Float[np.ndarray, "pairs"], n: Float[np.ndarray, "pairs"] | Int[np.ndarray, "pairs"]
) -> Fit:
    from scipy import stats

    place = int((np.abs(rho) * np.sqrt(n)).argmax())
    p = stats.norm.sf(np.abs(rho[place]) * np.sqrt(n[place])) * 2 * len(rho)
    z = stats.norm.isf(SIGNIFICANCE / 2 / len(rho)) + stats.norm.isf(_UNDETECTED)
    return Fit(
        method=method,
        n=int(n[place]),
        statistic=float(rho[place]),
        p=float(min(p, 1.0)),
        effect=abs(float(rho[place])),
        effect_name="rho",
        detectable_effect=float(z / np.sqrt(n[place])),
        observed=rho,
    )
