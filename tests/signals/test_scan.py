"""The scan of a panel says what the slow way says of every symbol, and nothing of a later day."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from helpers.signals import breakout, relative, scan
from helpers.signals import volume as volumes

WINDOW = 20
PRICES = st.one_of(st.integers(90, 110).map(float), st.just(np.nan))
PANELS = hnp.arrays(np.float64, st.tuples(st.integers(2, 90), st.integers(1, 19)), elements=PRICES)


def frame(values: object, columns: list[str] | None = None) -> pd.DataFrame:
    array = np.asarray(values, dtype=float)
    names = columns or [f"S{place}" for place in range(array.shape[1])]
    return pd.DataFrame(array, index=pd.bdate_range("2020-01-01", periods=len(array)), columns=names)


def traded(like: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Volume with holes and zeros."""
    rng = np.random.default_rng(seed)
    shares = rng.integers(1, 1000, like.shape).astype(float)
    shares[rng.random(like.shape) < 0.02] = np.nan
    shares[rng.random(like.shape) < 0.02] = 0
    return pd.DataFrame(shares, index=like.index, columns=like.columns)


def walk(days: int = 400, symbols: int = 35, seed: int = 3) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return frame(np.round(50 * np.exp(np.cumsum(rng.normal(0.0005, 0.015, (days, symbols)), axis=0)), 2))


def panel_of(close: pd.DataFrame, high: pd.DataFrame | None = None) -> scan.Panel:
    return scan.Panel(close if high is None else high, close, close, traded(close), close)


def last(values: list[float], highs: list[float] | None = None, window: int = 5) -> pd.Series:
    """The last day of one symbol."""
    close = frame(np.array([values]).T)
    high = None if highs is None else frame(np.array([highs]).T)
    return scan.last_day(panel_of(close, high), pd.Series(1.0, index=close.index), window).iloc[0]


@settings(max_examples=60)
@given(PANELS, st.integers(1, WINDOW))
def test_events_are_the_flagged_days(values, window):
    high = frame(values)
    found = scan.events(high, traded(high), window, volume_window=5)
    flags = breakout.new_high(high, window)
    days, places = np.nonzero(flags.to_numpy())
    assert found["date"].tolist() == list(high.index[days])
    assert found["symbol"].tolist() == list(high.columns[places])


@settings(max_examples=60)
@given(PANELS, st.integers(1, WINDOW))
def test_age_counts_from_the_last_day_that_reached_the_old_high(values, window):
    high = frame(values)
    for event in scan.events(high, traded(high), window).itertuples():
        before = high[event.symbol][: event.date].to_numpy()[-window - 1 : -1]
        assert event.age == len(before) - np.flatnonzero(before == before.max())[-1]
        assert event.distance == high[event.symbol][event.date] / before.max() - 1


def test_relative_volume_is_that_of_the_note():
    high = walk()
    shares, unusual = traded(high), pd.Series(np.arange(len(high)) % 9 == 0, index=high.index)
    found = scan.events(high, shares, 60, volume_window=20, unusual=unusual)
    expected = volumes.relative_volume(shares, unusual, 20)
    theirs = [expected.at[row.date, row.symbol] for row in found.itertuples()]
    np.testing.assert_allclose(found["relative_volume"], theirs, rtol=1e-15)
    assert len(found) > 300 and found["relative_volume"].isna().any()


def test_the_mean_is_taken_when_asked_for():
    high = frame(np.array([[1.0, 2, 3, 4, 5]]).T)
    shares = frame(np.array([[10.0, 10, 40, 20, 60]]).T)
    found = scan.events(high, shares, 3, volume_window=3, average="mean")
    assert found["relative_volume"].tolist() == [1.0, 60 / (70 / 3)]


@settings(max_examples=40)
@given(PANELS, st.integers(2, 89))
def test_later_days_change_no_event(values, kept):
    high = frame(values)
    shares = traded(high)
    whole = scan.events(high, shares, 10, volume_window=5)
    cut = scan.events(high.iloc[:kept], shares.iloc[:kept], 10, volume_window=5)
    until = whole[whole["date"].isin(high.index[:kept])].reset_index(drop=True)
    pd.testing.assert_frame_equal(cut, until)


def test_a_symbol_is_told_the_same_alone_as_among_many():
    high = walk(symbols=21)
    shares = traded(high)
    among = scan.events(high, shares, 60)
    for symbol in high:
        alone = scan.events(high[[symbol]], shares[[symbol]], 60)
        expected = among[among["symbol"] == symbol].reset_index(drop=True)
        pd.testing.assert_frame_equal(alone, expected)


def test_a_panel_without_a_full_window_has_no_event():
    high = frame(np.arange(8.0)[:, None] + 1)
    assert scan.events(high, high, 10).empty
    assert scan.events(high.iloc[:, :0], high.iloc[:, :0], 3).empty


def test_a_day_above_the_window_is_new_however_it_closes():
    found = last([10, 10, 10, 10, 10, 9], highs=[10, 10, 10, 10, 10, 11])
    assert found["state"] == "new" and not found["is_confirmed"]
    assert found["margin"] == pytest.approx(0.1)


def test_equal_to_the_old_high_is_near_not_new():
    assert last([10, 10, 10, 10, 10, 10])["state"] == "near"


@pytest.mark.parametrize(("close", "state"), [(9.8, "near"), (9.79, "none")])
def test_near_reaches_two_percent_below_the_prior_high(close, state):
    assert scan.NEAR == 0.02
    assert last([10, 10, 10, 10, 10, close])["state"] == state


def test_a_close_below_the_level_of_a_recent_high_has_failed():
    found = last([10, 10, 10, 10, 10, 11, 12, 9.9])
    assert found["state"] == "failed" and found["breakout_level"] == 10
    assert found["days_since_high"] == 1


def test_a_close_between_the_levels_of_a_run_of_highs_has_not_failed():
    assert last([10, 10, 10, 10, 10, 11, 12, 11.5, 11.5])["state"] == "none"


@pytest.mark.parametrize(("days", "state"), [(10, "failed"), (11, "none")])
def test_a_high_older_than_ten_days_cannot_fail(days, state):
    assert scan.FAILED_WITHIN == 10
    assert last([10] * 20 + [11] + [9.0] * days, window=15)["state"] == state


def test_without_a_full_window_the_state_is_unknown():
    assert last([10, 10, 10, 10, 10], window=5)["state"] == ""
    assert last([10, 10, np.nan, 10, 10, 11], window=5)["state"] == ""


def test_the_base_runs_from_the_old_high_and_is_as_deep_as_its_lowest_low():
    found = last([10, 12, 11, 12, 9, 10, 13], window=6)
    assert (found["base_length"], found["base_depth"]) == (3, 9 / 12 - 1)


def test_days_since_the_last_high_count_from_it_and_leave_today_out():
    assert last([1, 2, 3, 4, 5, 6, 7, 6, 6], window=3)["days_since_high"] == 2
    assert last([1, 2, 3, 4, 5, 6, 7], window=3)["days_since_high"] == 1
    assert np.isnan(last([9, 8, 7, 6, 5, 4], window=3)["days_since_high"])


def test_the_last_day_agrees_with_the_slow_way_for_every_symbol():
    close = walk()
    market = close.mean(axis=1)
    panel = panel_of(close)
    found = scan.last_day(panel, market, 60)
    flags = breakout.new_high(close, 60)
    assert (found["state"].eq("new") == flags.iloc[-1]).all()
    quiet = pd.Series(False, index=close.index)
    for window in scan.VOLUME_WINDOWS:
        expected = volumes.relative_volume(panel.volume, quiet, window).iloc[-1]
        np.testing.assert_allclose(found[f"rvol_{window}"], expected, rtol=1e-15)
    excess = close.iloc[-1] / close.iloc[-64] - market.iloc[-1] / market.iloc[-64]
    np.testing.assert_allclose(found["excess"], excess, atol=1e-12)
    ranks = relative.score(close).iloc[-1].rank(pct=True)
    np.testing.assert_array_equal(found["rs_percentile"], ranks)
    np.testing.assert_array_equal(found["level"], breakout.prior_high(close, 60).iloc[-1])


def test_the_last_day_of_a_cut_panel_knows_nothing_later():
    close = walk()
    changed = close.copy()
    changed.iloc[300:] *= 5
    cut = [scan.last_day(panel_of(item.iloc[:300]), item.mean(axis=1).iloc[:300], 60) for item in (close, changed)]
    pd.testing.assert_frame_equal(*cut)


def test_a_panel_without_a_day_is_refused():
    nothing = walk().iloc[:0]
    with pytest.raises(ValueError, match="no last day"):
        scan.last_day(scan.Panel(*[nothing] * 5), pd.Series(dtype=float))
