"""The real Yahoo and FRED: shapes, not values. Run by a person with internet: pytest -m live."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.core.errors import UnknownSymbol
from helpers.data import calendar, macro
from helpers.data.bars import PRICES
from helpers.data.sources.attempts import Attempts
from helpers.data.sources.fred import FredSource
from helpers.data.sources.yahoo import YahooSource
from helpers.data.store import Store
from helpers.data.upkeep.update import update
from tests.loopback.client import forget_client

pytestmark = [pytest.mark.live, pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")]


@pytest.fixture
def yahoo(tmp_path: Path) -> YahooSource:
    forget_client()
    return YahooSource(tmp_path / "yfinance", Attempts("Yahoo Finance", budget_seconds=60, rate_limit_waits=()))


def test_bars_have_their_columns_their_days_and_their_listing(yahoo: YahooSource) -> None:
    history = yahoo.history("IJH", "2025-01-02")
    assert {"date", *PRICES, "volume", "dividend", "split", "adj_close"} <= set(history.bars)
    days = calendar.trading_days("2025-01-02", history.bars["date"].iloc[-1]).index
    assert len(history.bars) >= 0.98 * len(days)
    assert history.bars["date"].isin(days).all()
    assert (history.bars["high"] >= history.bars["low"]).all()
    assert (history.meta["currency"], history.meta["zone"], history.meta["kind"]) == ("USD", "America/New_York", "ETF")
    assert history.actions["dividend"].gt(0).any()


def test_the_split_of_february_2024_is_stated(yahoo: YahooSource) -> None:
    actions = yahoo.history("IJH").actions
    assert actions.loc[actions["date"] == pd.Timestamp("2024-02-22"), "split"].tolist() == [5.0]


def test_a_symbol_that_does_not_exist_is_unknown(yahoo: YahooSource) -> None:
    with pytest.raises(UnknownSymbol):
        yahoo.history("NOSUCHFUNDXYZ")


def test_facts_have_their_columns(yahoo: YahooSource) -> None:
    holdings = yahoo.holdings("IJH")
    assert list(holdings) == ["symbol", "name", "weight"] and 0 < holdings["weight"].sum() < 1
    estimates = yahoo.estimates("AAPL")
    assert list(estimates["period"])[:2] == ["0q", "+1q"]
    assert estimates[["current", "days_30", "up_30", "down_30"]].notna().all(axis=None)
    assert list(yahoo.shares("AAPL", today=calendar.now().date())) == ["date", "shares", "basis"]
    assert list(yahoo.events("AAPL")) == ["date", "event"]


def test_a_second_update_finds_everything_held(yahoo: YahooSource, tmp_path: Path) -> None:
    store, now = Store(tmp_path / "home"), calendar.now()
    first = update(store, yahoo, ["IJH", "SPY"], now=now)
    assert {item.done for item in first.outcomes} == {"new"}, first
    assert {item.done for item in update(store, yahoo, ["IJH", "SPY"], now=now).outcomes} == {"current"}


@pytest.mark.parametrize("name", ["DGS10", "DGS2", "BAMLH0A0HYM2", "ICSA"])
def test_a_series_has_values_and_days_of_publication(name: str) -> None:
    rows = FredSource(Attempts("FRED", budget_seconds=60)).series(name, "2025-06-01")
    assert list(rows) == list(macro.COLUMNS)
    assert len(rows) > 20 and rows["value"].notna().all()
    assert (rows["published"] > rows["date"]).all()
