"""How much better one set of tracks explains the matches of a take than another one.

The residuals of a pair of images follow Student's distribution, whose width is that of the better
explanation, with a share of wrong matches. A pair counts as few independent matches, and its part of the
gain is limited, because its matches share what is wrong with them. So gains are below the logarithm of the
likelihood ratio; that of sound tracks is above g with a probability of at most exp(-g).
"""

import numpy as np
from jaxtyping import Float

_LEAST_WIDTH_PX = 0.4
_FREEDOM = 4.0
_WRONG, _RANGE_PX = 0.1, 200.0
# Residuals that differ less say nothing: cameras are never known exactly.
_CLEAR, _CLEAR_PX = 1.25, 0.15
_INDEPENDENT, _SMALL, MOST_OF_PAIR = 8.0, 1.5, 5.0


def gains(
    now_px: Float[np.ndarray, "pairs matches"], then_px: Float[np.ndarray, "pairs matches"]
) -> Float[np.ndarray, "pairs"]:
    """What each pair of images says for the residuals ``then_px`` and against ``now_px``."""
    before_px, after_px = np.median(now_px, axis=1), np.median(then_px, axis=1)
    better_px = np.minimum(before_px, after_px)
    width_px = np.maximum(1.5 * better_px, _LEAST_WIDTH_PX)[:, None]
    ratio = _log_likelihood(then_px / width_px, width_px) - _log_likelihood(now_px / width_px, width_px)
    is_clear = np.maximum(before_px, after_px) > _CLEAR * better_px + _CLEAR_PX
    gain = np.where(is_clear, _INDEPENDENT * ratio.mean(axis=1), 0.0)
    return np.sign(gain) * np.clip(np.abs(gain) - _SMALL, 0.0, MOST_OF_PAIR)


def _log_likelihood(
    share: Float[np.ndarray, "pairs matches"], width_px: Float[np.ndarray, "pairs 1"]
) -> Float[np.ndarray, "pairs matches"]:
    # Student's density with four degrees of freedom is 3/8 at 0; residuals have no sign.
    right = 0.75 * (1 + share**2 / _FREEDOM) ** (-(_FREEDOM + 1) / 2) / width_px
    return np.log((1 - _WRONG) * right + _WRONG / _RANGE_PX)
