"""Relative strength: flat against itself, and past labels never change."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from helpers.signals import relative


def walk(seed: int, rows: int = 120, columns: str = "AB") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    steps = rng.normal(0.0003, 0.01, (rows, len(columns)))
    return pd.DataFrame(
        100 * np.exp(np.cumsum(steps, axis=0)), columns=list(columns), index=pd.bdate_range("2020-01-01", periods=rows)
    )


@given(st.integers(0, 50))
def test_a_fund_against_itself_is_flat_at_100(seed):
    line = walk(seed)
    assert (relative.ratio(line, line) == 100).all(axis=None)


def test_excess_return_is_the_difference_of_returns():
    mid, mega = pd.DataFrame({"M": [100.0, 110.0]}), pd.DataFrame({"M": [100.0, 104.0]})
    assert abs(relative.excess_return(mid, mega, 1)["M"].iloc[-1] - 0.06) < 1e-12


def test_ratio_is_rebased_at_its_first_known_day():
    mid = pd.DataFrame({"X": [np.nan, 10.0, 12.0]})
    mega = pd.DataFrame({"X": [5.0, 5.0, 5.0]})
    assert relative.ratio(mid, mega)["X"].tolist()[1:] == [100.0, 120.0]


def test_mansfield_of_a_steady_line_is_zero():
    steady = pd.DataFrame({"A": [3.0] * 60})
    assert abs(relative.mansfield(steady, 52)["A"].iloc[-1]) < 1e-12


@given(st.integers(0, 40), st.integers(40, 119))
def test_rotation_labels_never_change_as_weeks_are_added(seed, kept):
    line = walk(seed)
    whole = relative.rotation(line)
    for cut, full in zip(relative.rotation(line.iloc[:kept]), whole, strict=True):
        pd.testing.assert_frame_equal(cut, full.iloc[:kept])


def test_every_known_week_has_exactly_one_quadrant():
    level, momentum, quadrant = relative.rotation(walk(7))
    known = level.notna() & momentum.notna()
    assert (quadrant[known].isin(relative.QUADRANTS) == known).all(axis=None)
    assert (quadrant[~known].fillna("") == "").all(axis=None)


def test_a_rising_line_leads():
    steps = np.linspace(0, 1, 60) ** 2
    _, _, quadrant = relative.rotation(pd.DataFrame({"A": 100 + 10 * steps}))
    assert quadrant["A"].iloc[-1] in ("Leading", "Weakening")
