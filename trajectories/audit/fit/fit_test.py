"""One answered question of an audit."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class FitTest:
    """One question about a distribution of the rules, and the answer of a statistical test.

    Attributes:
        question: one sentence.
        motion: the only motion that it is about, or None.
        unit: what one value belongs to; a start that the cameras of a rig share counts once.
        method: ``KS``, ``Kuiper``, ``chi-square``, ``exact count``, ``binomial``, ``Spearman``,
            ``independence``, ``independence of pairs``, ``lagged independence``, ``pair correlation`` or
            ``autocorrelation``.
        p, q: probability of a statistic this large if values follow the distribution, and the same after
            Benjamini and Hochberg.
        effect: distance between the values and the distribution, in ``effect_name``.
        largest_effect_allowed: larger effects fail. If paths were sampled again, and what the rules accept is
            not known, it grows by their share.
        detectable_effect: the smallest effect that ``n`` values reveal in 80 of 100 cases.
        verdict: ``fail`` if the effect is too large and significant; ``too few`` if a large effect could
            remain undetected.
        inferred: the distribution is our interpretation of the paper, or values were recovered from poses.
        accepted_shift: how far rejection moves accepted values from the distribution of the rules, as an
            effect. The values were then compared with simulated rigs that were accepted. None without.
    """

    name: str
    question: str
    motion: str | None
    n: int
    unit: Literal["rig", "start", "camera", "pair"]
    method: str
    statistic: float
    p: float
    q: float
    effect: float
    effect_name: str
    largest_effect_allowed: float
    detectable_effect: float
    verdict: Literal["pass", "fail", "too few"]
    inferred: bool
    accepted_shift: float | None = None
