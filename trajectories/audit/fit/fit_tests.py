"""Do the values follow the rules' laws? Tests whose verdict rests on the size of a departure.

With enough clips any departure is significant, and with few a gross one is not. So a law fails only where
its departure is larger than allowed and no accident (q below 0.001 after Benjamini and Hochberg), and says
``too few`` where a departure of a tenth could pass unseen.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float, Int
from scipy import special

from ..measured.features import largest_gap
from ..measured.quantities import Law, Values
from ..report import LawTest

SIGNIFICANCE = 1e-3
GROSS_EFFECT = 0.1
LARGEST_EFFECT = 0.02
_MANY_CELLS = 12
# Normal quantiles of the significance, two-sided, and of 80 % power.
_Z_SIGNIFICANT, _Z_POWER = 3.2905, 0.8416
# Critical values of sqrt(n) D and sqrt(n) V at the significance.
_KS_CRITICAL, _KUIPER_CRITICAL = 1.9495, 2.3031


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a test is about; see ``LawTest``."""

    name: str
    question: str
    unit: Literal["rig", "start", "camera", "pair"]
    motion: str | None = None
    inferred: bool = False
    allowed_more: float = 0.0


def ks_test(asked: Asked, values: Values, law: Law) -> LawTest:
    """Kolmogorov and Smirnov's D against a continuous law; p by Stephens' correction."""
    n, gap = len(values), largest_gap(values, law)
    root = np.sqrt(n)
    p = float(special.kolmogorov((root + 0.12 + 0.11 / root) * gap))
    found = (_KS_CRITICAL + _Z_POWER / 2) / root
    return _answer(asked, "KS", n=n, statistic=gap, p=p, effect=gap, effect_name="D", detectable=found)


def kuiper_test(asked: Asked, values: Values, law: Law) -> LawTest:
    """Kuiper's V, which treats all directions of a circle alike."""
    n, expected = len(values), law(np.sort(values))
    rank = np.arange(n + 1) / n
    both = float((rank[1:] - expected).max() + (expected - rank[:-1]).max())
    root = np.sqrt(n)
    scaled = (root + 0.155 + 0.24 / root) * both
    j2 = np.arange(1, 101) ** 2 * scaled**2
    p = 1.0 if scaled < 0.4 else float(np.clip(2 * ((4 * j2 - 1) * np.exp(-2 * j2)).sum(), 0, 1))
    found = (_KUIPER_CRITICAL + _Z_POWER / 2) / root
    return _answer(asked, "Kuiper", n=n, statistic=both, p=p, effect=both, effect_name="V", detectable=found)


def chi_square_test(
    asked: Asked, counts: Int[np.ndarray, "cells"], shares: Float[np.ndarray, "cells"]
) -> LawTest:
    """Pearson's chi-square of counts against expected shares; effect: Cramer's V."""
    n, free = int(counts.sum()), len(counts) - 1
    expected = np.maximum(n * shares, 1e-9)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    p = float(special.chdtrc(free, statistic))
    effect = float(np.sqrt(statistic / (n * free)))
    found = float(np.sqrt(_noncentrality(free) / (n * free)))
    test = _answer(
        asked,
        "chi-square",
        n=n,
        statistic=statistic,
        p=p,
        effect=effect,
        effect_name="Cramer's V",
        detectable=found,
    )
    allowed = test.largest_effect_allowed - (LARGEST_EFFECT / 2 if len(counts) > _MANY_CELLS else 0.0)
    return replace(test, largest_effect_allowed=allowed)


def binomial_test(asked: Asked, hits: int, n: int, share: float) -> LawTest:
    """Exact two-sided test of a share; effect: the gap between shares."""
    below, above = special.bdtr(hits, n, share), special.bdtrc(hits - 1, n, share) if hits else 1.0
    gap = abs(hits / n - share)
    found = (_Z_SIGNIFICANT + _Z_POWER) * np.sqrt(max(share * (1 - share), 0.25 / n) / n)
    return _answer(
        asked,
        "binomial",
        n=n,
        statistic=hits / n,
        p=float(min(1.0, 2 * min(below, above))),
        effect=gap,
        effect_name="share gap",
        detectable=float(found),
    )


def exact_test(asked: Asked, wrong: int, n: int) -> LawTest:
    """Counts that the rules fix: any wrong one breaks them."""
    share = wrong / n
    test = _answer(
        asked,
        "exact count",
        n=n,
        statistic=float(wrong),
        p=0.0 if wrong else 1.0,
        effect=share,
        effect_name="wrong share",
        detectable=1 / n,
    )
    return replace(test, largest_effect_allowed=0.0)


def spearman_test(asked: Asked, a: Values, b: Values) -> LawTest:
    """Rank correlation of two quantities that the rules draw independently."""
    n = len(a)
    rank_a, rank_b = (np.argsort(np.argsort(v)).astype(np.float64) for v in (a, b))
    spread = rank_a.std() * rank_b.std()
    rho = float(((rank_a - rank_a.mean()) * (rank_b - rank_b.mean())).mean() / spread) if spread else 0.0
    p = float(2 * special.ndtr(-abs(rho) * np.sqrt(max(n - 1, 1))))
    found = (_Z_SIGNIFICANT + _Z_POWER) / np.sqrt(n)
    return _answer(
        asked, "Spearman", n=n, statistic=rho, p=p, effect=abs(rho), effect_name="rho", detectable=found
    )


def judged(tests: Iterator[LawTest]) -> tuple[LawTest, ...]:
    """All tests with their q values (Benjamini and Hochberg) and verdicts."""
    found = list(tests)
    order = np.argsort([test.p for test in found])
    q, least = np.ones(len(found)), 1.0
    for rank in range(len(found), 0, -1):
        place = order[rank - 1]
        least = min(least, found[place].p * len(found) / rank)
        q[place] = least
    return tuple(replace(t, q=float(v), verdict=_verdict(t, float(v))) for t, v in zip(found, q, strict=True))


def _verdict(test: LawTest, q: float) -> Literal["pass", "fail", "too few"]:
    if test.effect > test.largest_effect_allowed and q < SIGNIFICANCE:
        return "fail"
    return "too few" if test.detectable_effect > GROSS_EFFECT and test.method != "exact count" else "pass"


def _answer(
    asked: Asked,
    method: str,
    *,
    n: int,
    statistic: float,
    p: float,
    effect: float,
    effect_name: str,
    detectable: float,
) -> LawTest:
    return LawTest(
        name=asked.name,
        question=asked.question,
        motion=asked.motion,
        n=n,
        unit=asked.unit,
        method=method,
        statistic=float(statistic),
        p=p,
        q=1.0,
        effect=float(effect),
        effect_name=effect_name,
        largest_effect_allowed=LARGEST_EFFECT + asked.allowed_more,
        detectable_effect=min(float(detectable), 1.0),
        verdict="pass",
        inferred=asked.inferred,
    )


def _noncentrality(free: int) -> float:
    """How far from central a chi-square must be to pass its critical value in 80 of 100 cases."""
    critical = special.chdtri(free, SIGNIFICANCE)
    low, high = 0.0, 50.0 + 10.0 * free
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if special.chndtr(critical, free, middle) > 0.2 else (low, middle)
    return high
