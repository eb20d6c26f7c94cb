"""Fit tests against a sample: whether values follow the distribution of other values, which is not known."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from .statistical_tests import Fit, kuiper_p


def against_sample(fit: Fit, reference: Fit) -> Fit:
    """The test of a sample against a distribution, with that of a reference sample in its place.

    Both are answers to one question. Effects and what can be detected are those of two samples. Counts that
    rules define exactly stay as they are.
    """
    is_comparable = fit.observed.shape == reference.observed.shape or fit.method in ("KS", "Kuiper")
    if fit.method == "exact count" or not is_comparable:
        return fit
    root = np.sqrt(fit.n * reference.n / (fit.n + reference.n))
    compare = _COMPARE[fit.method]
    statistic, effect, p = compare(fit, reference, float(root))
    return replace(
        fit,
        statistic=statistic,
        effect=effect,
        p=float(np.clip(p, 0.0, 1.0)),
        detectable_effect=fit.detectable_effect * float(np.sqrt(fit.n)) / float(root),
    )


_Compared = tuple[float, float, float]


def _ks(fit: Fit, reference: Fit, root: float) -> _Compared:
    from scipy import stats

    above, below = _gaps(fit.observed, reference.observed)
    gap = max(above, below)
    return gap, gap, float(stats.kstwobign.sf(root * gap))


def _kuiper(fit: Fit, reference: Fit, root: float) -> _Compared:
    both = sum(_gaps(fit.observed, reference.observed))
    return both, both, kuiper_p(both, root)


def _chi_square(fit: Fit, reference: Fit, root: float) -> _Compared:
    from scipy import stats

    # Half a count keeps cells that the reference does not have finite.
    shares = (reference.observed + 0.5) / (reference.observed + 0.5).sum()
    square = float(((fit.observed / fit.n - shares) ** 2 / shares).sum())
    free = len(shares) - 1
    return root**2 * square, float(np.sqrt(square / free)), float(stats.chi2.sf(root**2 * square, free))


def _share(fit: Fit, reference: Fit, root: float) -> _Compared:
    both = (fit.statistic * fit.n + reference.statistic * reference.n) / (fit.n + reference.n)
    gap = fit.statistic - reference.statistic
    return fit.statistic, abs(gap), _normal_p(gap * root / float(np.sqrt(max(both * (1 - both), 1e-12))))


def _correlation(fit: Fit, reference: Fit, root: float) -> _Compared:
    gaps = fit.observed - reference.observed
    gap = float(np.abs(gaps).max())
    return gap, gap, _normal_p(gap * root) * gaps.size


def _independence(fit: Fit, reference: Fit, root: float) -> _Compared:
    """Residuals of two tables of counts are compared, so that neither needs independent margins."""
    rows, columns = _cells(fit, reference)
    return _residuals(fit.observed - reference.observed, root, (rows - 1) * (columns - 1), min(rows, columns))


def _pairs(fit: Fit, reference: Fit, root: float) -> _Compared:
    """The same of symmetric tables."""
    cells, _ = _cells(fit, reference)
    return _residuals(fit.observed - reference.observed, root, cells * (cells - 1) // 2, cells)


def _lagged(fit: Fit, reference: Fit, root: float) -> _Compared:
    """The lag with the largest difference."""
    lags = [
        _independence(replace(fit, observed=one), replace(reference, observed=other), root)
        for one, other in zip(fit.observed, reference.observed, strict=True)
    ]
    statistic, effect, p = min(lags, key=lambda found: found[2])
    return statistic, effect, p * len(lags)


def _residuals(differences: Float[np.ndarray, "a b"], root: float, free: int, smaller: int) -> _Compared:
    from scipy import special

    square = float((differences**2).sum())
    effect = float(np.sqrt(max(square - free / root**2, 0.0) / (smaller - 1)))
    return root**2 * square, effect, float(special.chdtrc(free, root**2 * square))


def _cells(fit: Fit, reference: Fit) -> tuple[int, int]:
    """Rows and columns with values."""
    is_used = (fit.observed != 0) | (reference.observed != 0)
    return max(int(is_used.any(axis=1).sum()), 2), max(int(is_used.any(axis=0).sum()), 2)


_COMPARE = {
    "KS": _ks,
    "Kuiper": _kuiper,
    "chi-square": _chi_square,
    "binomial": _share,
    "Spearman": _correlation,
    "pair correlation": _correlation,
    "autocorrelation": _correlation,
    "independence": _independence,
    "independence of pairs": _pairs,
    "lagged independence": _lagged,
}


def _gaps(values: Float[np.ndarray, "values"], others: Float[np.ndarray, "others"]) -> tuple[float, float]:
    """How far the cumulative share of values is above that of the others at most, and below."""
    every = np.concatenate([values, others])
    share, other = (np.searchsorted(np.sort(one), every, side="right") / len(one) for one in (values, others))
    return float((share - other).max()), float((other - share).max())


def _normal_p(z: float) -> float:
    from scipy import stats

    return float(2 * stats.norm.sf(abs(z)))
