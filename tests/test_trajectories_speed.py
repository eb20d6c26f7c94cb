"""The speed curve of eq. 10 and its time bases."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trajectories import speed_curve, time_fractions

_paces = st.floats(-20, 20)
_fractions = st.floats(0, 1)


def _exact(u: float, a: float) -> float:
    with localcontext() as context:
        # The numerator cancels about |log10(a)| + |log10(u)| digits; keep 40 beyond them.
        context.prec = 340
        pace, time = Decimal(a), Decimal(u)
        return float((1 - (-pace * time).exp()) / (1 - (-pace).exp()))


@pytest.mark.parametrize("a", [-20.0, -4.5, -1.0, -1e-3, -1e-9, 1e-16, 1e-280, 1e-6, 0.7, 2.0, 4.5, 20.0])
def test_agrees_with_a_high_precision_oracle(a: float):
    time = np.array([1e-12, 0.003, 0.1, 1 / 3, 0.5, 0.9, 0.9937888198757764, 1.0])
    expected = [_exact(float(u), a) for u in time]
    np.testing.assert_allclose(speed_curve(time, np.array(a)), expected, rtol=2e-15)


def test_zero_is_constant_speed_and_its_neighbourhood_is_continuous():
    time = np.linspace(0, 1, 101)
    np.testing.assert_array_equal(speed_curve(time, np.array(0.0)), time)
    np.testing.assert_allclose(speed_curve(time, np.array(1e-12)), time, atol=1e-12)
    np.testing.assert_allclose(speed_curve(time, np.array(-1e-12)), time, atol=1e-12)


@given(_paces)
def test_runs_from_zero_to_one(a: float):
    np.testing.assert_array_equal(speed_curve(np.array([0.0, 1.0]), np.array(a)), [0.0, 1.0])


@given(_paces, _fractions, _fractions)
def test_is_monotone_within_the_unit_interval(a: float, u: float, v: float):
    low, high = speed_curve(np.array(sorted([u, v])), np.array(a))
    assert 0.0 <= low <= high <= 1.0 + 1e-15


@given(_paces, _fractions)
def test_reversed_time_is_reversed_pace(a: float, u: float):
    forth = speed_curve(np.array(u), np.array(a))
    back = speed_curve(np.array(1 - u), np.array(-a))
    assert forth == pytest.approx(1 - back, abs=1e-14)


def test_positive_starts_fast():
    assert speed_curve(np.array(0.5), np.array(3.0)) > 0.5 > speed_curve(np.array(0.5), np.array(-3.0))


def test_broadcasts_paces_over_times():
    progress = speed_curve(np.linspace(0, 1, 5)[None], np.array([[-2.0], [0.0], [2.0]]))
    assert progress.shape == (3, 5)


def test_time_bases():
    for base in ("closed", "paper", "release"):
        time = time_fractions(81, base)
        assert time.shape == (81,)
        assert time[0] == 0.0
        assert (np.diff(time) > 0).all()
    assert time_fractions(81, "closed")[-1] == 1.0
    assert time_fractions(81, "paper")[-1] == 80 / 81
    assert time_fractions(81, "release")[-1] == pytest.approx(0.99379, abs=5e-6)
    assert time_fractions(1, "closed").tolist() == [0.0]
