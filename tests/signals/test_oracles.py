"""Rolling highs, means, returns and z-scores against TA-Lib and pandas-ta-classic, and where they part on holes."""

import warnings

import numpy as np
import pandas as pd
import pytest
import talib

from helpers.data.sources import open_source
from helpers.signals import breakout, relative, windows

with warnings.catch_warnings():
    # said once, on import, of a line that formats today's date
    warnings.filterwarnings("ignore", message="Timestamp.dayofyear is deprecated")
    import pandas_ta_classic as ta

WINDOWS = pytest.mark.parametrize("window", [2, 20, 50, 252])


def walk(seed: int, days: int = 1200) -> pd.DataFrame:
    """Bars of a random walk with fat tails."""
    rng = np.random.default_rng(seed)
    close = 50 * np.exp(np.cumsum(0.01 * rng.standard_t(4, days)))
    reach = rng.uniform(0, 0.01, (2, days))
    index = pd.bdate_range("2019-01-02", periods=days)
    return pd.DataFrame({"high": close * (1 + reach[0]), "low": close * (1 - reach[1]), "close": close}, index=index)


def held(symbol: str) -> pd.DataFrame:
    """Bars of the packaged sample."""
    return open_source("sample").history(symbol, "2016-01-04", "2026-04-16").bars.set_index("date")


BARS = {"IJH": held("IJH"), "XLU": held("XLU"), **{f"walk {seed}": walk(seed) for seed in (1, 2)}}
each_bars = pytest.mark.parametrize("bars", BARS.values(), ids=BARS)


def column(bars: pd.DataFrame, field: str) -> tuple[pd.DataFrame, np.ndarray]:
    """One field as ours takes it and as TA-Lib does."""
    return bars[[field]], bars[field].to_numpy(dtype=float)


# --- the same without holes -----------------------------------------------------------------------------------------


@WINDOWS
@each_bars
def test_rolling_max_is_talibs_max_to_the_bit(bars, window):
    _, plain = column(bars, "high")
    np.testing.assert_array_equal(windows.rolling_max(plain[None, :], window)[0], talib.MAX(plain, timeperiod=window))


@WINDOWS
@each_bars
def test_prior_high_is_talibs_max_of_the_day_before(bars, window):
    frame, plain = column(bars, "high")
    theirs = pd.Series(talib.MAX(plain, timeperiod=window)).shift(1)
    np.testing.assert_array_equal(breakout.prior_high(frame, window).iloc[:, 0], theirs)


@WINDOWS
@each_bars
def test_prior_high_is_the_donchian_channel_of_the_day_before(bars, window):
    upper = ta.donchian(bars["high"], bars["low"], lower_length=window, upper_length=window, offset=1)
    ours = breakout.prior_high(bars[["high"]], window)["high"]
    np.testing.assert_array_equal(ours, upper[f"DCU_{window}_{window}"])
    assert ours.notna().sum() == len(bars) - window


@WINDOWS
@each_bars
def test_a_new_high_is_a_price_above_yesterdays_channel_and_never_above_todays(bars, window):
    same_day = ta.donchian(bars["high"], bars["low"], lower_length=window, upper_length=window)
    upper = same_day[f"DCU_{window}_{window}"]
    flags = breakout.new_high(bars[["high"]], window)["high"]
    pd.testing.assert_series_equal(flags, bars["high"] > upper.shift(1), check_names=False)
    assert flags.any()
    assert not (bars["high"] > upper).any()  # a channel that holds today is never exceeded


@WINDOWS
@each_bars
def test_rolling_mean_is_talibs_sma(bars, window):
    frame, plain = column(bars, "close")
    np.testing.assert_allclose(windows.rolling_mean(frame, window).iloc[:, 0], talib.SMA(plain, window), rtol=1e-11)


@WINDOWS
@pytest.mark.parametrize(("mid", "mega"), [("IJH", "XLU"), ("walk 1", "walk 2")])
def test_excess_return_is_the_difference_of_talibs_rocp(mid, mega, window):
    (own, plain), (other, against) = (column(BARS[name], "close") for name in (mid, mega))
    theirs = talib.ROCP(plain, timeperiod=window) - talib.ROCP(against, timeperiod=window)
    ours = relative.excess_return(own, other, window).iloc[:, 0]
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    assert ours.notna().sum() == len(plain) - window


@WINDOWS
@each_bars
def test_z_score_is_pandas_tas_with_the_sample_deviation(bars, window):
    ours = windows.z_score(bars[["close"]], window)["close"]
    theirs = ta.zscore(bars["close"], length=window)
    moved = bars["close"].rolling(window).max() > bars["close"].rolling(window).min()
    np.testing.assert_allclose(ours[moved], theirs[moved], rtol=1e-7, atol=1e-9)
    assert moved.sum() > 900


def test_z_score_divides_by_one_less_than_the_window_as_talib_does_not():
    bars = BARS["walk 1"]
    _, plain = column(bars, "close")
    theirs = (plain - talib.SMA(plain, 20)) / talib.STDDEV(plain, 20)  # the deviation of a whole population
    ours = windows.z_score(bars[["close"]], 20)["close"]
    np.testing.assert_allclose(ours, theirs * np.sqrt(19 / 20), rtol=1e-6, atol=1e-8)


# --- holes: ours is unknown while a day of the window is ------------------------------------------------------------


@pytest.fixture
def holed() -> pd.DataFrame:
    """A walk that lost the day of its highest price."""
    bars = walk(3, 400)
    bars.loc[bars.index[200], ["high", "low", "close"]] = np.nan
    return bars


def test_a_lost_day_leaves_the_highest_price_unknown_while_it_is_in_the_window(holed):
    _, plain = column(holed, "high")
    ours = windows.rolling_max(plain[None, :], 50)[0]
    assert np.isnan(ours[200:250]).all()
    assert np.isfinite(ours[250:]).all() and np.isfinite(ours[49:200]).all()


def test_talib_states_a_highest_price_although_a_day_is_lost(holed):
    _, plain = column(holed, "high")
    theirs, ours = talib.MAX(plain, timeperiod=50), windows.rolling_max(plain[None, :], 50)[0]
    # it passes over the hole as if the day had not been higher; whether it was is what nobody knows
    assert np.isfinite(theirs[200:250]).all()
    known = np.isfinite(ours)
    np.testing.assert_array_equal(ours[known], theirs[known])


def test_a_lost_day_leaves_the_mean_unknown_for_a_window_and_talibs_for_good(holed):
    frame, plain = column(holed, "close")
    ours, theirs = windows.rolling_mean(frame, 50).iloc[:, 0].to_numpy(), talib.SMA(plain, 50)
    assert np.isnan(ours[200:250]).all() and np.isfinite(ours[250:]).all()
    assert np.isnan(theirs[200:]).all()  # the running sum never recovers
    np.testing.assert_allclose(ours[49:200], theirs[49:200], rtol=1e-11)


def test_a_lost_day_makes_two_returns_unknown_in_both(holed):
    frame, plain = column(holed, "close")
    flat = pd.DataFrame(1.0, index=frame.index, columns=["cash"])  # an excess over what does not move is a return
    ours = relative.excess_return(frame, flat, 20).iloc[:, 0].to_numpy()
    np.testing.assert_allclose(ours, talib.ROCP(plain, timeperiod=20), rtol=1e-9, atol=1e-12)
    assert np.flatnonzero(np.isnan(ours[20:])).tolist() == [180, 200]


def test_a_lost_day_leaves_the_channel_and_the_z_score_unknown_in_both(holed):
    upper = ta.donchian(holed["high"], holed["low"], lower_length=50, upper_length=50, offset=1)["DCU_50_50"]
    np.testing.assert_array_equal(breakout.prior_high(holed[["high"]], 50)["high"], upper)
    ours, theirs = windows.z_score(holed[["close"]], 50)["close"], ta.zscore(holed["close"], length=50)
    np.testing.assert_array_equal(ours.isna(), theirs.isna())
