"""A cut that shares the frames of the whole is the cut, bit by bit: rows, coverage, flags, and every wide frame."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data import bars as tidy_bars
from helpers.data import calendar
from helpers.data.coverage import Origin
from helpers.data.cuts import Cuts
from helpers.data.snapshot import Snapshot, assembled

SYMBOLS = ("AAA", "BBB", "CCC", "DDD", "^TNX")
FRAMES = [("close", "tape"), ("high", "tape"), ("volume", "tape"), ("dividend", "tape"), ("close", "total_return")]


def faulty(seed: int) -> Snapshot:
    """Three years of five symbols with every kind of fault, on days drawn at random."""
    rng = np.random.default_rng(seed)
    days = pd.DatetimeIndex(calendar.trading_days("2021-01-04", "2023-12-29").index)
    parts = []
    for place, symbol in enumerate(SYMBOLS):
        n = len(days)
        close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, n)))
        table = pd.DataFrame({"date": days, "symbol": symbol, "close": close, "open": close})
        table = table.assign(high=close * 1.005, low=close * 0.995, volume=rng.integers(1e5, 1e6, n).astype(float))
        table["dividend"] = np.where(np.arange(n) % 63 == 40, 0.2, 0.0)
        at = rng.choice(n, 40, replace=False)
        table.loc[at[:4], "high"] *= 1.2
        table.loc[at[4:8], "low"] *= 0.8
        table.loc[at[8:11], "volume"] = [0.0, np.nan, 0.0]
        table.loc[at[11:13], "high"] *= 0.9
        table.loc[at[13:15], "dividend"] = np.nan
        if place == 0:
            table.loc[at[15], ["open", "high", "low", "close"]] *= 2.0
        table["adj_close"] = np.where(rng.uniform(size=n) < 0.9, table["close"] * 0.9, np.nan) if place != 3 else np.nan
        if place == 2:
            table = table[table["date"] >= "2021-09-01"]
        if place == 1:
            table.loc[(table["date"] > "2022-03-01") & (table["date"] < "2022-08-01"), "close"] = np.nan
        if place == 3:
            table = table[table["date"] <= "2023-06-30"]
        parts.append(table.drop(index=[row for row in at[20:28] if row in table.index]))
    rows = pd.concat(parts, ignore_index=True)
    outage = pd.to_datetime(["2022-05-10", "2023-12-20", "2023-12-28"])
    rows = tidy_bars.tidy(rows[~(rows["date"].isin(outage) & (rows["symbol"] < "E"))])
    origins = [Origin(symbol, "a file") for symbol in (*SYMBOLS, "ZZZ")]
    return assembled(rows, origins, as_of="2023-12-29", bars_to="2023-12-29", simulated=False, source="a file")


def assert_the_same(one: Snapshot, other: Snapshot) -> None:
    for name in ("bars", "coverage", "flags", "calendar", "calls"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True, obj=name)
    for key in FRAMES:
        pd.testing.assert_frame_equal(one.wide(*key), other.wide(*key), check_exact=True, obj=str(key))
    assert one.digest == other.digest
    assert (one.as_of, one.bars_to, one.days[-1]) == (other.as_of, other.bars_to, other.days[-1])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_shared_cut_is_the_cut_whatever_is_wrong_with_the_bars(seed):
    snapshot = faulty(seed)
    cuts = Cuts(snapshot)
    assert cuts.is_shared
    checked = set(snapshot.flags["check"])
    assert {"hole", "provider_outage", "lone_high", "lone_low", "zero_volume", "ohlc_order"} <= checked
    rng = np.random.default_rng(seed)
    days = [*rng.choice(snapshot.days.to_numpy(), 25, replace=False), *snapshot.days[-12:], *snapshot.days[:3]]
    days += [*pd.to_datetime(["2022-05-10", "2022-05-11", "2022-03-02", "2022-08-01", "2023-07-03"])]
    for day in days:
        iso = str(pd.Timestamp(day).date())
        assert_the_same(cuts.at(iso), snapshot.cut(iso))


def test_a_flag_of_the_last_days_is_the_one_that_was_known_then():
    """A lone high may find support on a later day: the cut before it has the flag, the whole has not."""
    snapshot = faulty(1)
    cuts = Cuts(snapshot)
    differ = 0
    for place in range(60, len(snapshot.days), 7):
        day = snapshot.days[place]
        known = cuts.at(str(day.date())).flags
        later = snapshot.flags[snapshot.flags["date"] <= day]
        differ += len(known) != len(later)
    assert differ > 0


def test_a_day_without_trading_is_cut_at_the_day_before():
    snapshot = faulty(2)
    assert Cuts(snapshot).at("2023-01-01").bars_to == "2022-12-30"


def test_a_cut_does_not_change_what_it_was_cut_from():
    snapshot = faulty(2)
    before, cuts = snapshot.digest, Cuts(snapshot)
    frame = cuts.at("2022-12-30").wide("close", "tape")
    frame.iloc[:] = 0.0
    assert (cuts.at("2022-12-30").wide("close", "tape").iloc[-1] != 0).all()
    assert replace(snapshot).digest == before


def test_bars_in_disorder_are_cut_the_long_way():
    snapshot = faulty(3)
    turned = replace(snapshot, bars=snapshot.bars.iloc[::-1].reset_index(drop=True))
    cuts = Cuts(turned)
    assert not cuts.is_shared
    assert_the_same(cuts.at("2022-06-30"), turned.cut("2022-06-30"))
