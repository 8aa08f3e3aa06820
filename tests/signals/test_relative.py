"""Relative strength: flat against itself, and past labels never change."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

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


def test_mansfield_is_percent_of_the_mean_today_included():
    line = pd.DataFrame({"A": [7.0, 1.0, 1.0, 1.0, 5.0]})
    # mean of the last four is 2, and 5 is 150 % above it
    assert relative.mansfield(line, 4)["A"].iloc[-1] == 150


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


def test_a_quadrant_is_named_by_the_side_of_100_of_level_and_momentum():
    level, momentum, quadrant = (frame.to_numpy().ravel() for frame in relative.rotation(walk(7)))
    names = {
        (True, True): "Leading",
        (True, False): "Weakening",
        (False, False): "Lagging",
        (False, True): "Improving",
    }
    known = ~np.isnan(level) & ~np.isnan(momentum)
    expected = [names[lv >= 100, mo >= 100] for lv, mo in zip(level[known], momentum[known], strict=True)]
    assert quadrant[known].tolist() == expected
    assert set(expected) == set(names.values())


def test_a_rising_line_leads():
    steps = np.linspace(0, 1, 60) ** 2
    _, _, quadrant = relative.rotation(pd.DataFrame({"A": 100 + 10 * steps}))
    assert quadrant["A"].iloc[-1] in ("Leading", "Weakening")


SCORES = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 6), st.integers(1, 40)),
    elements=st.one_of(st.integers(-3, 3).map(float), st.floats(-2, 2), st.just(np.nan), st.just(-0.0)),
)


@given(SCORES)
def test_percentiles_are_pandas_ranks_bit_for_bit(values):
    scores = pd.DataFrame(values)
    pd.testing.assert_frame_equal(relative.percentile(scores, least=1), scores.rank(axis=1, pct=True))


def test_scores_that_differ_in_the_last_bit_have_different_percentiles():
    close = np.nextafter(1.0, 2.0)
    scores = pd.DataFrame([[close, 1.0, 0.5, -1.0, -np.nextafter(1.0, 2.0)]])
    assert relative.percentile(scores, least=1).iloc[0].tolist() == [1.0, 0.8, 0.6, 0.4, 0.2]


def test_a_day_with_too_few_members_has_no_percentile():
    scores = pd.DataFrame(np.arange(60.0).reshape(2, 30))
    scores.iloc[1, 4] = np.nan
    ranked = relative.percentile(scores)
    assert relative.LEAST_MEMBERS == 30
    assert ranked.iloc[0].notna().all() and ranked.iloc[1].isna().all()


def test_the_score_counts_the_last_quarter_twice():
    line = pd.DataFrame({"A": np.repeat([1.0, 1.1, 1.1, 1.1, 1.32], [1, 63, 63, 63, 63])})
    assert relative.score(line)["A"].iloc[-1] == pytest.approx(0.4 * 0.2 + 0.2 * 0.1)
    assert relative.score(line)["A"].iloc[:-1].isna().all()


def test_excess_over_a_market_is_the_difference_of_returns():
    line, market = pd.DataFrame({"A": [100.0, 110.0], "B": [50.0, 50.0]}), pd.Series([10.0, 10.4])
    assert relative.excess_over(line, market, 1).iloc[-1].round(12).tolist() == [0.06, -0.04]
