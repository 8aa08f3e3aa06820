"""The relative volume of chosen days is that of the whole panel on those days."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.signals import flagged_volume, volume

SHARES = hnp.arrays(
    np.float64,
    st.tuples(st.integers(5, 40), st.integers(1, 4)),
    elements=st.one_of(st.integers(1, 9).map(float), st.just(0.0), st.just(np.nan)),
)


def chosen(shares: np.ndarray, days: np.ndarray, ordinary: np.ndarray | None, average: str = "median") -> np.ndarray:
    """Every cell of a days x symbols panel, as if all were flagged."""
    rows = np.repeat(np.arange(shares.shape[1]), len(days))
    held = np.ascontiguousarray(shares.T)
    return flagged_volume.relative_volume(held, rows, np.tile(days, shares.shape[1]), ordinary, 4, average)


@settings(max_examples=80)
@given(SHARES, st.integers(0, 2**32 - 1))
def test_every_day_equals_the_panel_of_all_days(shares, seed):
    unusual = pd.Series(np.random.default_rng(seed).random(len(shares)) < 0.2)
    expected = volume.relative_volume(pd.DataFrame(shares), unusual, 4).to_numpy().T.ravel()
    found = chosen(shares, np.arange(len(shares)), flagged_volume.ordinary(unusual))
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_days_of_unknown_volume_are_passed_over():
    shares = np.array([[1.0], [0.0], [2.0], [np.nan], [3.0], [6.0], [9.0]])
    assert chosen(shares, np.array([6]), None, "mean").tolist() == [9 / 3]
    assert chosen(shares, np.array([5]), None, "mean").tolist() == pytest.approx([np.nan], nan_ok=True)


def test_a_day_without_volume_of_its_own_is_unknown():
    shares = np.array([[1.0], [1.0], [1.0], [1.0], [0.0]])
    assert np.isnan(chosen(shares, np.array([4]), None)[0])


def test_without_an_unusual_day_none_is_left_out():
    assert flagged_volume.ordinary(None) is None
    assert flagged_volume.ordinary(pd.Series([False, False])) is None
    assert flagged_volume.ordinary(pd.Series([True, False])).tolist() == [False, True]
