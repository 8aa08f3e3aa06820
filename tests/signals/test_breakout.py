"""New highs leave today out, need a full window, and agree with every other way of counting them."""

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import talib
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.signals import breakout

SERIES = hnp.arrays(np.float64, st.integers(30, 120), elements=st.integers(90, 110).map(float))


def frame(values) -> pd.DataFrame:
    return pd.DataFrame(
        {"IJH": np.asarray(values, dtype=float)}, index=pd.bdate_range("2020-01-01", periods=len(values))
    )


def test_equal_to_the_old_high_is_not_a_breakout():
    assert not breakout.new_high(frame([10, 12, 11, 12]), window=3)["IJH"].iloc[-1]


def test_equal_to_the_old_high_counts_when_not_strict():
    assert breakout.new_high(frame([10, 12, 11, 12]), window=3, strict=False)["IJH"].iloc[-1]


def test_the_day_itself_is_left_out():
    assert breakout.prior_high(frame([10, 11, 99]), window=2)["IJH"].iloc[-1] == 11


def test_no_flag_before_a_full_window():
    assert not breakout.new_high(frame([1, 2, 3, 4]), window=4)["IJH"].any()


def test_a_hole_in_the_window_leaves_the_high_unknown():
    assert np.isnan(breakout.prior_high(frame([10, np.nan, 11, 12]), window=3)["IJH"].iloc[-1])


@given(SERIES, st.integers(5, 25), st.integers(20, 119))
def test_later_days_never_change_a_flag(values, window, kept):
    whole = breakout.new_high(frame(values), window)
    pd.testing.assert_frame_equal(breakout.new_high(frame(values[:kept]), window), whole.iloc[:kept])


@given(SERIES, st.integers(5, 25), st.sampled_from([0.2, 0.5, 2.0, 5.0]))
def test_scaling_all_prices_changes_no_flag(values, window, scale):
    pd.testing.assert_frame_equal(
        breakout.new_high(frame(values), window), breakout.new_high(frame(values * scale), window)
    )


@given(SERIES, st.integers(2, 20), st.integers(0, 30))
def test_events_are_at_least_the_quiet_gap_apart(values, window, gap):
    events = breakout.breakout_events(frame(values), frame(values), window, gap)["IJH"].to_numpy()
    assert (np.diff(np.flatnonzero(events)) > gap).all()


def test_the_first_day_with_a_known_high_is_no_event():
    rising = frame(np.arange(1.0, 40.0))
    assert not breakout.breakout_events(rising, rising, window=5, quiet_gap=10)["IJH"].any()


def test_a_calendar_window_reaches_back_365_days():
    days = pd.DatetimeIndex(["2023-01-02", "2023-06-01", "2024-01-01", "2024-01-02", "2024-01-03"])
    high = pd.DataFrame({"IJH": [50.0, 40.0, 30.0, 20.0, 10.0]}, index=days)
    assert breakout.prior_high(high, "365d")["IJH"].tolist()[3:] == [50.0, 40.0]


def test_a_calendar_window_is_unknown_until_it_is_full():
    days = pd.DatetimeIndex(["2023-01-02", "2023-06-01", "2024-01-01"])
    high = pd.DataFrame({"IJH": [50.0, 40.0, 60.0]}, index=days)
    assert breakout.prior_high(high, "365d")["IJH"].isna().all()


def test_endings_tell_touch_from_close():
    high = frame([10, 10, 10, 10, 10, 12, 10, 10, 10, 13])
    close = frame([9, 9, 9, 9, 9, 9.5, 9, 9, 9, 12.5])
    ended = breakout.endings(high, close, window=3, quiet_gap=2)
    assert ended["closing_high"].tolist() == [True, True]
    assert ended["close_confirmed"].tolist() == [False, True]


def by_hand(values: np.ndarray, window: int) -> list[bool]:
    return [t >= window and values[t] > max(values[t - window : t]) for t in range(len(values))]


@pytest.fixture(scope="module")
def real_highs(shared_data) -> dict[str, np.ndarray]:
    table = pq.ParquetFile(shared_data / "etf_ohlcv_yahoo.parquet").read(["symbol", "high"]).to_pandas()
    return {symbol: group.to_numpy() for symbol, group in table.groupby("symbol")["high"]}


@pytest.mark.parametrize("rival", ["talib", "pandas", "loop"])
def test_real_flags_agree_exactly(real_highs, rival):
    assert len(real_highs) == 82
    flagged = 0
    for symbol, values in real_highs.items():
        ours = breakout.new_high(pd.DataFrame({symbol: values}))[symbol].to_numpy()
        if rival == "talib":
            level = np.concatenate([[np.nan], talib.MAX(values, timeperiod=252)[:-1]])
            theirs = values > level
        elif rival == "pandas":
            theirs = (values > pd.Series(values).rolling(252).max().shift(1)).to_numpy()
        else:
            theirs = np.array(by_hand(values, 252))
        np.testing.assert_array_equal(ours, theirs, err_msg=symbol)
        flagged += int(ours.sum())
    assert flagged > 10_000


def test_real_ties_separate_strict_from_not_strict(real_highs):
    ties = 0
    for symbol, values in real_highs.items():
        high = pd.DataFrame({symbol: values})
        level = breakout.prior_high(high)[symbol].to_numpy()
        strict, loose = (breakout.new_high(high, strict=flag)[symbol].to_numpy() for flag in (True, False))
        np.testing.assert_array_equal(loose & ~strict, values == level, err_msg=symbol)
        ties += int((values == level).sum())
    assert ties > 100
