"""The speed curve of eq. 10 and its time bases."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trajectories import speed_curve
from trajectories.speed import time_fractions

_speeds = st.floats(-20, 20, allow_subnormal=False)
_fractions = st.floats(0, 1)


def _exact(u: float, a: float) -> float:
    with localcontext() as context:
        # The numerator loses about |log10(a)| + |log10(u)| digits; 40 more are kept.
        context.prec = 340
        speed, time = Decimal(a), Decimal(u)
        return float((1 - (-speed * time).exp()) / (1 - (-speed).exp()))


@pytest.mark.parametrize("a", [-20.0, -4.5, -1.0, -1e-3, -1e-9, 1e-16, 1e-280, 1e-6, 0.7, 2.0, 4.5, 20.0])
def test_agrees_with_a_high_precision_oracle(a: float) -> None:
    time = np.array([1e-12, 0.003, 0.1, 1 / 3, 0.5, 0.9, 0.9937888198757764, 1.0])
    expected = [_exact(float(u), a) for u in time]
    np.testing.assert_allclose(speed_curve(time, np.array(a)), expected, rtol=2e-15)


def test_zero_is_constant_speed_and_its_neighbourhood_is_continuous() -> None:
    time = np.linspace(0, 1, 101)
    np.testing.assert_array_equal(speed_curve(time, np.array(0.0)), time)
    np.testing.assert_allclose(speed_curve(time, np.array(1e-12)), time, atol=1e-12)
    np.testing.assert_allclose(speed_curve(time, np.array(-1e-12)), time, atol=1e-12)


@given(_speeds)
def test_runs_from_zero_to_one(a: float) -> None:
    np.testing.assert_array_equal(speed_curve(np.array([0.0, 1.0]), np.array(a)), [0.0, 1.0])


@given(_speeds, _fractions, _fractions)
def test_is_monotone_within_the_unit_interval(a: float, u: float, v: float) -> None:
    low, high = speed_curve(np.array(sorted([u, v])), np.array(a))
    assert 0.0 <= low <= high <= 1.0 + 1e-15


@given(_speeds, _speeds, st.floats(0.01, 0.99))
def test_progress_grows_with_a(a: float, b: float, u: float) -> None:
    low, high = speed_curve(np.array(u), np.array(sorted([a, b])))
    assert low <= high + 1e-15, "a larger a is ahead at every time"


@given(_speeds, _fractions)
def test_reversed_time_is_reversed_speed(a: float, u: float) -> None:
    forward = speed_curve(np.array(u), np.array(a))
    back = speed_curve(np.array(1 - u), np.array(-a))
    assert forward == pytest.approx(1 - back, abs=1e-14)


def test_positive_starts_fast() -> None:
    assert speed_curve(np.array(0.5), np.array(3.0)) > 0.5 > speed_curve(np.array(0.5), np.array(-3.0))


def test_speeds_broadcast_over_times() -> None:
    time, speeds = np.linspace(0, 1, 5), np.array([-2.0, 0.0, 2.0])
    progress = speed_curve(time[None], speeds[:, None])
    for row, a in zip(progress, speeds, strict=True):
        np.testing.assert_array_equal(row, speed_curve(time, np.array(a)))


@given(st.integers(2, 300))
def test_time_bases_begin_at_zero_and_are_evenly_spaced(frames: int) -> None:
    last = {"closed": 1.0, "paper": (frames - 1) / frames, "release": (2 * frames - 2) / (2 * frames - 1)}
    for base, end in last.items():
        np.testing.assert_allclose(time_fractions(frames, base), np.linspace(0, end, frames), atol=1e-15)


def test_time_bases_of_81_frames() -> None:
    assert time_fractions(81, "closed")[-1] == 1.0
    assert time_fractions(81, "paper")[-1] == 80 / 81
    assert time_fractions(81, "release")[-1] == pytest.approx(0.99379, abs=5e-6)
    for base in ("closed", "paper", "release"):
        assert time_fractions(1, base).tolist() == [0.0], "one frame is the start"
