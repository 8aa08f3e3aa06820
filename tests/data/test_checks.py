from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.data import bars, calendar, checks
from helpers.data.sources.folder import FolderSource

DAYS = pd.DatetimeIndex(calendar.trading_days("2024-01-02", "2024-06-28").index)


@pytest.fixture
def flat() -> pd.DataFrame:
    """Five symbols between 99 and 101 around a close that wanders by cents."""
    parts = []
    for number, symbol in enumerate(("IJH", "OEF", "SPY", "XLI", "^IRX")):
        close = 100 + 0.1 * np.sin(np.arange(len(DAYS)) + number)
        prices = {"open": close, "high": close + 1, "low": close - 1, "close": close}
        volume = 1e6 + np.arange(len(DAYS))
        parts.append(pd.DataFrame({"date": DAYS, **prices, "volume": volume, "dividend": 0.0, "symbol": symbol}))
    return bars.tidy(pd.concat(parts, ignore_index=True))


def set_at(frame: pd.DataFrame, row: int, symbol: str = "IJH", **values: float) -> pd.DataFrame:
    frame = frame.copy()
    frame.loc[(frame["symbol"] == symbol) & (frame["date"] == DAYS[row]), list(values)] = list(values.values())
    return frame


def found(frame: pd.DataFrame) -> list[tuple[str, str, int]]:
    flags = checks.flags(frame, DAYS)
    assert tuple(flags.columns) == checks.FLAG_COLUMNS
    places = DAYS.get_indexer(pd.DatetimeIndex(flags["date"]))
    return list(zip(flags["check"], flags["symbol"], places.tolist(), strict=True))


def test_clean_bars_have_no_flag(flat: pd.DataFrame) -> None:
    assert found(flat) == []


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (
            "hole",
            {"open": np.nan, "high": np.nan, "low": np.nan, "close": np.nan, "volume": np.nan, "dividend": np.nan},
        ),
        ("ohlc_order", {"high": 99.5, "open": 100.0}),
        ("non_positive", {"low": 0.0}),
        ("spike", {"open": 10_000.0, "high": 10_100.0, "low": 9_900.0, "close": 10_000.0}),
        ("lone_high", {"high": 110.0}),
        ("lone_low", {"low": 90.0}),
        ("zero_volume", {"volume": 0.0}),
    ],
)
def test_each_fault_is_flagged_on_its_own_day(flat: pd.DataFrame, check: str, values: dict[str, float]) -> None:
    flags = found(set_at(flat, 60, **values))
    assert (check, "IJH", 60) in flags
    assert [place for name, _, place in flags if name == check] == [60]


def test_rows_that_repeat_or_go_back_or_lie_on_a_holiday(flat: pd.DataFrame) -> None:
    again = pd.concat([flat, flat[flat["symbol"] == "IJH"].iloc[[60, 60]]], ignore_index=True)
    assert [name for name, _, _ in found(again)].count("duplicate") == 2
    backwards = flat.iloc[::-1].reset_index(drop=True)
    assert ("order", "IJH", 60) in found(backwards)
    sunday = flat[flat["symbol"] == "IJH"].iloc[[60]].assign(date=pd.Timestamp("2024-03-31").as_unit("s"))
    assert found(pd.concat([flat, sunday], ignore_index=True).sort_values(["symbol", "date"])) == [("order", "IJH", -1)]


def test_a_missed_split_is_a_step_and_a_real_fall_is_not(flat: pd.DataFrame) -> None:
    prices = ["open", "high", "low", "close"]
    later = (flat["symbol"] == "IJH") & (flat["date"] >= DAYS[60])
    for factor, flagged in ((1 / 5, True), (1 / 2, True), (0.7, False)):
        frame = flat.copy()
        frame.loc[later, prices] *= factor
        assert (("step_without_split", "IJH", 60) in found(frame)) is flagged


@pytest.mark.parametrize(
    ("check", "under", "over"),
    [
        ("spike", {"close": 4_500.0}, {"close": 5_500.0}),  # 50 times a close of 100
        ("lone_high", {"high": 105.5}, {"high": 106.5}),  # 3 scales of 2
        ("adjusted_close", {"adj_close": 100.45}, {"adj_close": 100.55}),  # half a percent
    ],
)
def test_a_fault_starts_at_its_threshold(
    flat: pd.DataFrame, check: str, under: dict[str, float], over: dict[str, float]
) -> None:
    level = flat.assign(**{name: 100.0 for name in ("open", "close", "adj_close")}, high=101.0, low=99.0)
    for values, flagged in ((under, False), (over, True)):
        assert ((check, "IJH", 60) in found(set_at(level, 60, **values))) is flagged


def test_a_high_that_a_neighbour_supports_is_not_alone(flat: pd.DataFrame) -> None:
    assert ("lone_high", "IJH", 60) not in found(set_at(set_at(flat, 60, high=110.0), 63, high=109.5))
    assert ("lone_high", "IJH", 60) in found(set_at(set_at(flat, 60, high=110.0), 66, high=109.5))


def test_a_high_below_one_of_the_week_before_is_not_alone(flat: pd.DataFrame) -> None:
    assert ("lone_high", "IJH", 60) not in found(set_at(set_at(flat, 60, high=110.0), 57, high=110.0))


def test_a_lone_high_on_the_last_day_needs_no_later_one(flat: pd.DataFrame) -> None:
    assert ("lone_high", "IJH", len(DAYS) - 1) in found(set_at(flat, len(DAYS) - 1, high=110.0))


def test_a_high_that_the_close_supports_is_not_alone(flat: pd.DataFrame) -> None:
    assert not [name for name, _, _ in found(set_at(flat, 60, high=110.0, close=109.0)) if name == "lone_high"]


def test_a_repeated_bar_is_stale(flat: pd.DataFrame) -> None:
    names = ["open", "high", "low", "close", "volume"]
    day = flat[(flat["symbol"] == "IJH") & (flat["date"] == DAYS[59])].iloc[0]
    assert ("stale_repeat", "IJH", 60) in found(set_at(flat, 60, **{name: day[name] for name in names}))


def test_an_adjusted_close_that_disagrees_with_the_dividends(flat: pd.DataFrame) -> None:
    frame = flat.assign(adj_close=flat["close"])
    assert found(frame) == []
    assert ("adjusted_close", "IJH", 60) in found(set_at(frame, 60, adj_close=99.0))
    assert ("adjusted_close", "IJH", 60) in found(set_at(frame, 60, dividend=1.0))


def test_the_same_hole_in_most_symbols_is_an_outage(flat: pd.DataFrame) -> None:
    three = flat[~((flat["date"] == DAYS[60]) & flat["symbol"].isin(["IJH", "OEF", "SPY"]))]
    assert [place for name, _, place in found(three) if name == "provider_outage"] == [60, 60, 60]
    two = flat[~((flat["date"] == DAYS[60]) & flat["symbol"].isin(["IJH", "OEF"]))]
    assert {name for name, _, _ in found(two)} == {"hole"}


def test_a_young_symbol_has_no_hole_before_its_first_bar(flat: pd.DataFrame) -> None:
    assert found(flat[(flat["symbol"] != "IJH") | (flat["date"] >= DAYS[70])]) == []


def test_a_yield_may_be_zero_negative_and_halve(flat: pd.DataFrame) -> None:
    frame = set_at(flat, 60, "^IRX", open=-0.1, high=0.0, low=-0.2, close=-0.1, volume=0.0)
    assert not {name for name, _, _ in found(frame)} & {"non_positive", "spike", "step_without_split", "zero_volume"}


@pytest.mark.parametrize(("symbol", "day"), [("XLI", "2019-02-26"), ("IWM", "2008-09-19")])
def test_the_known_bad_prints_are_lone_highs_and_their_neighbours_are_not(
    shared_data: Path, symbol: str, day: str
) -> None:
    source = FolderSource(shared_data / "etf_ohlcv_yahoo.parquet")
    history = source.history(symbol)
    assert history is not None
    tape = bars.tidy(history.bars, symbol)
    days = pd.DatetimeIndex(calendar.trading_days("2005-01-03", "2026-05-01").index)
    lone = checks.flags(tape, days).query("check == 'lone_high'")["date"]
    place = days.get_loc(pd.Timestamp(day))
    assert [str(near.date()) for near in days[place - 10 : place + 11] if near in set(lone)] == [day]
