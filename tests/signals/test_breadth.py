"""Breadth counts what pandas counts, member by member; a hole makes a member unknown, not absent from the list."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.core.errors import ParameterError
from helpers.signals import breadth

#: few distinct cents, so that closes tie with their mean often; one in some thirty is a hole
PANELS = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 60), st.integers(1, 11)),
    elements=st.one_of(st.integers(990, 1010).map(lambda cents: cents / 100), st.sampled_from([np.nan])),
)


def frame(columns: dict[str, list[float]]) -> pd.DataFrame:
    out = pd.DataFrame(columns, dtype=float)
    return out.set_axis(pd.bdate_range("2026-01-05", periods=len(out)), axis=0)


def walks(days: int = 600, members: int = 21, seed: int = 5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    prices = np.round(20 * np.exp(np.cumsum(0.02 * rng.standard_normal((days, members)), axis=0)), 2)
    prices[:200, 3] = np.nan
    prices[rng.random((days, members)) < 0.001] = np.nan
    return pd.DataFrame(prices, index=pd.bdate_range("2020-01-01", periods=days))


def by_pandas(close: pd.DataFrame, means: tuple[int, ...], window: int) -> pd.DataFrame:
    out = {}
    for days in means:
        mean = close.rolling(days).mean()
        out[f"known_{days}"] = mean.notna().sum(axis=1)
        out[f"above_{days}"] = (close > mean).sum(axis=1)
    top, bottom = close.rolling(window).max().shift(1), close.rolling(window).min().shift(1)
    before = close.shift(1)
    out["known_extremes"] = (top.notna() & close.notna()).sum(axis=1)
    out["new_highs"], out["new_lows"] = (close > top).sum(axis=1), (close < bottom).sum(axis=1)
    out["known_moves"] = (close.notna() & before.notna()).sum(axis=1)
    out["advances"], out["declines"] = (close > before).sum(axis=1), (close < before).sum(axis=1)
    return pd.DataFrame(out)


@given(PANELS, st.lists(st.integers(1, 30), min_size=1, max_size=3, unique=True), st.integers(1, 30))
def test_every_count_is_that_of_plain_pandas(values, means, window):
    close = pd.DataFrame(values)
    found = breadth.counters(close, means=means, window=window)
    pd.testing.assert_frame_equal(found, by_pandas(close, tuple(means), window), check_dtype=False)


def test_counts_of_long_walks_are_those_of_plain_pandas():
    pd.testing.assert_frame_equal(
        breadth.counters(walks()), by_pandas(walks(), (50, 200), 252), check_dtype=False, check_freq=False
    )


def test_counts_agree_where_prices_fell_a_thousandfold():
    close = walks(400)
    close.iloc[:150] *= 1000
    assert breadth.counters(close)["above_50"].tolist() == by_pandas(close, (50,), 252)["above_50"].tolist()


def test_a_close_equal_to_its_mean_is_not_above_it():
    ties = frame({"A": [10.0, 10.2, 10.1], "B": [10.0, 10.2, 10.3], "C": [5.0, 5.0, 5.0]})
    counts = breadth.counters(ties, means=[3], window=1)
    assert (counts["known_3"].iloc[-1], counts["above_3"].iloc[-1]) == (3, 1)


def test_a_hole_leaves_the_member_out_of_the_denominator():
    held = frame({"A": [1.0, 2.0, 3.0], "B": [3.0, np.nan, 1.0], "C": [3.0, 2.0, 1.0]})
    assert breadth.share_above(breadth.counters(held, means=[3]), 3).iloc[-1] == 0.5


def test_a_share_of_nobody_is_unknown():
    counts = breadth.counters(frame({"A": [np.nan] * 3}), means=[2], window=1)
    assert breadth.share_above(counts, 2).isna().all()
    assert breadth.net_new_highs(counts).isna().all()
    assert breadth.net_advances(counts).isna().all()


def test_a_day_without_highs_and_lows_has_no_share_of_highs():
    still = breadth.counters(frame({"A": [1.0, 2.0, 2.0], "B": [2.0, 1.0, 2.0]}), means=[2], window=1)
    assert still["new_highs"].tolist() == [0, 1, 1]
    assert breadth.record_high_share(still).tolist()[1:] == [0.5, 1.0]
    quiet = breadth.counters(frame({"A": [1.0, 1.0, 1.0]}), means=[2], window=1)
    assert np.isnan(breadth.record_high_share(quiet).iloc[-1])


def test_equal_to_the_old_high_is_no_new_high():
    counts = breadth.counters(frame({"A": [3.0, 1.0, 3.0], "B": [3.0, 1.0, 1.0]}), means=[2], window=2)
    assert counts[["new_highs", "new_lows", "known_extremes"]].iloc[-1].tolist() == [0, 0, 2]


def test_highs_and_lows_come_from_their_own_prices():
    close = frame({"A": [10.0, 10.0, 10.0]})
    high, low = frame({"A": [11.0, 11.0, 12.0]}), frame({"A": [9.0, 9.0, 8.0]})
    counts = breadth.counters(close, means=[2], window=2, high=high, low=low)
    assert counts[["new_highs", "new_lows"]].iloc[-1].tolist() == [1, 1]
    assert breadth.net_new_highs(counts).iloc[-1] == 0


def test_an_unchanged_close_neither_rose_nor_fell():
    counts = breadth.counters(frame({"A": [1.0, 2.0], "B": [1.0, 0.5], "C": [1.0, 2.0], "D": [1.0, 1.0]}), means=[2])
    assert counts[["known_moves", "advances", "declines"]].iloc[-1].tolist() == [4, 2, 1]
    assert breadth.net_advances(counts).iloc[-1] == pytest.approx(1 / 3)


def test_the_advance_decline_line_passes_over_unknown_days():
    net = pd.Series([0.5, np.nan, -0.25])
    assert breadth.advance_decline(net).tolist()[::2] == [0.5, 0.25]


def test_the_oscillator_of_a_steady_market_is_nil_and_unknown_before_its_slow_mean():
    steady = breadth.mcclellan(pd.Series(0.2, index=range(60)))
    assert steady.isna().sum() == 38
    assert steady.dropna().tolist() == pytest.approx([0.0] * 22)


def test_the_oscillator_is_the_fast_mean_less_the_slow_one():
    net = [0.0] * 40 + [1.0]
    fast, slow = 2 / 20, 2 / 40  # one step of each exponential mean
    assert breadth.mcclellan(pd.Series(net)).iloc[-1] == pytest.approx(1000 * (fast - slow))


@settings(max_examples=30)
@given(PANELS, st.integers(1, 59))
def test_later_days_never_change_a_count(values, kept):
    close = pd.DataFrame(values)
    whole = breadth.counters(close, means=[5], window=7)
    pd.testing.assert_frame_equal(breadth.counters(close.iloc[:kept], means=[5], window=7), whole.iloc[:kept])


def test_one_empty_member_changes_no_count():
    close = walks(300)
    empty = close.assign(empty=np.nan)
    pd.testing.assert_frame_equal(breadth.counters(empty), breadth.counters(close))


@given(st.integers(0, 5), st.integers(0, 5))
def test_a_short_or_empty_panel_has_counts_of_nil(days, members):
    close = pd.DataFrame(np.ones((days, members)))
    counts = breadth.counters(close, means=[50], window=252)
    assert len(counts) == days
    assert (counts[["known_50", "above_50", "known_extremes", "new_highs", "new_lows"]] == 0).all(axis=None)


def test_a_window_below_one_is_refused():
    with pytest.raises(ParameterError, match="window is 0"):
        breadth.counters(frame({"A": [1.0]}), means=[0])


def test_highs_of_another_shape_are_refused():
    with pytest.raises(ParameterError, match="high is"):
        breadth.counters(frame({"A": [1.0]}), high=frame({"A": [1.0, 2.0]}))
