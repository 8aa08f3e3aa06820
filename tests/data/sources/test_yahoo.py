from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.core.errors import NoTradingDay, SchemaChanged, SourceError, Transient, UnavailableDataError, UnknownSymbol
from helpers.data.bars import PRICES
from helpers.data.sources import yahoo_bars
from helpers.data.sources.attempts import Attempts
from helpers.data.sources.yahoo import YahooSource
from tests.loopback import summaries
from tests.loopback.client import forget_client, fresh_client
from tests.loopback.replay import CHART, Replay
from tests.loopback.server import Loopback
from tests.loopback.world import World

pytestmark = pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")

TODAY = dt.date(2026, 4, 17)
HELD = {f"N{place:02d}": (20 - place) / 1000 for place in range(12)}


def source(folder: Path) -> YahooSource:
    return YahooSource(folder / "client", Attempts("Yahoo Finance", first_wait=0.01, rate_limit_waits=()), timeout=0.5)


@pytest.fixture
def yahoo(loopback: Loopback, tmp_path: Path) -> YahooSource:
    """A source that asks a provider on this machine, which tells also of a fund and two companies."""
    world = loopback.world
    world.histories |= World.synthetic(["CSL", "PLAIN"], first="2026-01-02").histories
    world.summaries["IJH"] = summaries.fund("IJH", HELD)
    world.summaries["CSL"] = summaries.company("CSL")
    world.shares["CSL"] = [("2026-03-02", 40_000_000), ("2026-03-31", 41_000_000), ("2026-03-31", 41_500_000)]
    return source(tmp_path)


def test_bars_are_those_that_the_provider_serves(yahoo: YahooSource, loopback: Loopback) -> None:
    history, served = yahoo.history("IJH"), loopback.world.bars("IJH")
    np.testing.assert_array_equal(history.bars["date"], served.index)
    np.testing.assert_array_equal(history.bars[[*PRICES, "volume"]], served[[*PRICES, "volume"]])
    assert (history.bars["dividend"] > 0).sum() == len(history.actions) == 6
    assert history.meta == {
        **{"source": "Yahoo Finance", "simulated": False, "currency": "USD", "exchange": "PCX", "kind": "ETF"},
        **{"zone": "America/New_York", "market_time": "2026-04-17T20:00:00+00:00", "blank": []},
        **{"symbol": "IJH", "first_trade": "2024-11-01", "price": served["close"].iloc[-1]},
    }


def test_both_ends_of_a_span_are_included(yahoo: YahooSource) -> None:
    dates = yahoo.history("IJH", "2026-03-02", "2026-03-31").bars["date"]
    assert (str(dates.iloc[0].date()), str(dates.iloc[-1].date()), len(dates)) == ("2026-03-02", "2026-03-31", 22)


@pytest.mark.parametrize("span", [("2026-04-03", "2026-04-05"), ("2026-04-18", "2026-04-19"), ("2099-01-02", "")])
def test_a_span_without_a_trading_day_is_not_asked_for(
    yahoo: YahooSource, loopback: Loopback, span: tuple[str, str]
) -> None:
    with pytest.raises(NoTradingDay, match=f"IJH: no trading day from {span[0]}"):
        yahoo.history("IJH", *span)
    assert not loopback.log


def test_a_day_without_prices_is_left_out_and_named(yahoo: YahooSource, loopback: Loopback) -> None:
    loopback.world.blank("IJH", "2026-03-20", "2026-04-17")
    history = yahoo.history("IJH")
    assert history.meta["blank"] == ["2026-03-20", "2026-04-17"]
    assert not history.bars["date"].isin(["2026-03-20", "2026-04-17"]).any()


def test_what_was_paid_on_a_day_without_prices_counts_on_the_next(yahoo: YahooSource, loopback: Loopback) -> None:
    paid = yahoo.history("IJH").actions.set_index("date")["dividend"]["2026-03-20"]
    loopback.world.blank("IJH", "2026-03-20")
    carried = yahoo.history("IJH").actions.set_index("date")["dividend"]
    assert carried["2026-03-23"] == paid and "2026-03-20" not in carried.index


def test_a_split_on_a_day_without_prices_counts_on_the_next(yahoo: YahooSource, loopback: Loopback) -> None:
    loopback.world.split("IJH", "2026-04-15", 2)
    loopback.world.split("IJH", "2026-04-16", 3)
    loopback.world.blank("IJH", "2026-04-15")
    split = yahoo.history("IJH").actions.set_index("date")["split"]
    assert split[split > 0].to_dict() == {pd.Timestamp("2026-04-16"): 6.0}


def test_a_split_of_a_day_that_has_no_price_yet_is_an_action_without_a_bar(
    yahoo: YahooSource, loopback: Loopback
) -> None:
    loopback.world.split("IJH", "2026-04-17", 2)
    loopback.world.blank("IJH", "2026-04-17")
    history = yahoo.history("IJH")
    assert history.actions.iloc[-1][["date", "split"]].tolist() == [pd.Timestamp("2026-04-17"), 2.0]
    assert str(history.bars["date"].iloc[-1].date()) == "2026-04-16" and (history.bars["split"] == 0).all()


def table(close: list[float], adjusted: list[float], paid: list[float], gains: list[float]) -> pd.DataFrame:
    """A table as the client returns it."""
    days = pd.DatetimeIndex(["2026-04-13", "2026-04-14", "2026-04-15"], tz="America/New_York")
    prices = dict.fromkeys(("Open", "High", "Low", "Close"), close)
    columns = {**prices, "Adj Close": adjusted, "Volume": [1e6] * 3, "Dividends": paid, "Stock Splits": [0.0] * 3}
    return pd.DataFrame({**columns, "Capital Gains": gains}, index=days)


@pytest.mark.parametrize(("counted", "expected"), [(1.5, 1.5), (1.0, 1.0)])
def test_gains_are_added_where_the_adjusted_close_counts_them(counted: float, expected: float) -> None:
    factor = 1 - counted / 50.0
    frame = table([50.0, 49.0, 49.0], [50.0 * factor, 49.0, 49.0], [0.0, 1.0, 0.0], [0.0, 0.5, 0.0])
    history = yahoo_bars.history("IJH", frame, {}, "")
    assert history.bars["dividend"].tolist() == [0.0, expected, 0.0]


def test_gains_that_the_dividend_repeats_are_not_counted_twice() -> None:
    frame = table([50.0, 49.0, 49.0], [50.0 * (1 - 1.0 / 50), 49.0, 49.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0])
    assert yahoo_bars.history("IJH", frame, {}, "").bars["dividend"].tolist() == [0.0, 1.0, 0.0]


def test_a_table_of_another_form_is_refused() -> None:
    frame = table([50.0] * 3, [50.0] * 3, [0.0] * 3, [0.0] * 3)
    with pytest.raises(SchemaChanged, match="IJH: yfinance gives a table without Volume"):
        yahoo_bars.history("IJH", frame.drop(columns="Volume"), {}, "")
    with pytest.raises(SchemaChanged, match="whose days do not rise"):
        yahoo_bars.history("IJH", frame.iloc[::-1], {}, "")


def test_the_last_count_of_a_day_is_the_number_of_shares(yahoo: YahooSource) -> None:
    found = yahoo.shares("CSL", "2026-01-02", today=TODAY)
    assert found["shares"].tolist() == [40_000_000, 41_500_000] and set(found["basis"]) == {"stated"}
    assert [str(day.date()) for day in found["date"]] == ["2026-03-02", "2026-03-31"]


def test_a_fund_has_its_assets_over_its_value_as_shares(yahoo: YahooSource, loopback: Loopback) -> None:
    loopback.world.summaries["IJH"]["summaryDetail"] = {"navPrice": 70.0, "totalAssets": 98e9, "maxAge": 1}
    found = yahoo.shares("IJH", today=TODAY)
    assert found["shares"].tolist() == [1.4e9] and found["basis"].tolist() == ["net assets / net asset value"]
    assert found["date"].tolist() == [pd.Timestamp(TODAY)]


def test_a_company_without_a_series_has_its_stated_count(yahoo: YahooSource, loopback: Loopback) -> None:
    loopback.world.shares.clear()
    found = yahoo.shares("CSL", today=TODAY)
    assert found[["shares", "basis"]].to_numpy().tolist() == [[100_000_000, "stated"]]


@pytest.mark.parametrize("symbol", ["IJH", "PLAIN"])
@pytest.mark.parametrize("asked", ["estimates", "events"])
def test_a_fund_and_what_is_not_known_have_no_estimates_and_no_events(
    yahoo: YahooSource, symbol: str, asked: str
) -> None:
    assert getattr(yahoo, asked)(symbol).empty


@pytest.mark.parametrize("symbol", ["CSL", "PLAIN"])
def test_what_is_no_fund_has_no_holdings(yahoo: YahooSource, symbol: str) -> None:
    assert yahoo.holdings(symbol).empty


def test_where_no_count_is_told_there_are_no_shares(yahoo: YahooSource) -> None:
    assert yahoo.shares("PLAIN", today=TODAY).empty


def test_the_ten_largest_holdings_of_a_fund(yahoo: YahooSource) -> None:
    found = yahoo.holdings("IJH")
    assert found["symbol"].tolist() == list(HELD)[:10]
    np.testing.assert_allclose(found["weight"], list(HELD.values())[:10])
    assert found["name"].iloc[0] == "N00 Inc (simulated)"


def test_estimates_are_a_row_a_period(yahoo: YahooSource) -> None:
    found = yahoo.estimates("CSL").set_index("period")
    assert found.index.tolist() == ["0q", "+1q", "0y", "+1y"]
    assert found.loc["0q", ["current", "days_7", "days_90"]].tolist() == [1.25, 1.2475, 1.225]
    assert found.loc["+1y", ["up_7", "up_30", "down_7", "down_30"]].tolist() == [2, 5, 0, 1]


def recased(content: Any, change: Any) -> Any:
    """The same content with the capital letters of estimates' keys changed."""
    if isinstance(content, dict):
        return {change(key) if "days" in key.lower() else key: recased(item, change) for key, item in content.items()}
    return [recased(item, change) for item in content] if isinstance(content, list) else content


@pytest.mark.parametrize("change", [str.lower, lambda key: key.replace("days", "Days")])
def test_estimates_are_found_however_yahoo_writes_their_names(
    yahoo: YahooSource, loopback: Loopback, change: Any
) -> None:
    before = yahoo.estimates("CSL")
    trend = loopback.world.summaries["CSL"]["earningsTrend"]
    loopback.world.summaries["CSL"]["earningsTrend"] = recased(trend, change)
    pd.testing.assert_frame_equal(yahoo.estimates("CSL"), before)


def test_the_day_of_the_next_report_is_an_event(yahoo: YahooSource) -> None:
    found = yahoo.events("CSL")
    assert found.to_numpy().tolist() == [[pd.Timestamp("2026-04-28"), "earnings"]]


@pytest.mark.parametrize("fault", ["500", "html", "429", "401"])
def test_a_summary_that_fails_is_a_typed_error_and_no_harm_to_prices(
    yahoo: YahooSource, loopback: Loopback, fault: str
) -> None:
    loopback.fault("*", fault, on="summary")
    for ask in (yahoo.holdings, yahoo.estimates, yahoo.events):
        with pytest.raises(SourceError):
            ask("CSL" if ask != yahoo.holdings else "IJH")
    fresh = YahooSource(yahoo._cache, Attempts("Yahoo Finance"))
    np.testing.assert_array_equal(fresh.history("IJH").bars["close"], loopback.world.bars("IJH")["close"])


def test_a_symbol_that_nobody_knows_is_unknown(yahoo: YahooSource) -> None:
    with pytest.raises(UnknownSymbol, match="NOSUCH: Yahoo Finance has no such symbol"):
        yahoo.history("NOSUCH")


def test_a_client_folder_that_is_damaged_is_named(loopback: Loopback, tmp_path: Path) -> None:
    forget_client()
    (tmp_path / "client").mkdir(exist_ok=True)
    for old in (tmp_path / "client").iterdir():
        old.unlink()
    (tmp_path / "client" / "tkr-tz.db").write_bytes(b"no database " * 1000)
    with pytest.raises(UnavailableDataError, match=r"client: file is not a database; .* delete this folder") as caught:
        source(tmp_path).history("IJH")
    assert caught.value.exit_code == 4 and not isinstance(caught.value, Transient)


@pytest.fixture
def client_of(guard: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Gives a source that is answered from a folder of recordings."""
    servers: list[Loopback] = []

    def make(replay: Replay) -> YahooSource:
        servers.append(Loopback(replay).__enter__())
        for name, value in servers[-1].environment.items():
            monkeypatch.setenv(name, value)
        fresh_client(tmp_path / "client")
        return source(tmp_path)

    yield make
    forget_client()
    for server in servers:
        server.__exit__(None, None, None)


@pytest.mark.parametrize(("folder", "count"), [("yahoo_recorded", 4), ("yahoo_constructed", 6)])
def test_recorded_answers_read_as_what_they_say(shared_data: Path, client_of: Any, folder: str, count: int) -> None:
    replay = Replay(shared_data / folder)
    assert len(replay.symbols) == count
    client = client_of(replay)
    for symbol in replay.symbols:
        answer = replay.answer(CHART + symbol, {})
        assert answer is not None
        assert_reads(client.history(symbol).bars, json.loads(answer.body)["chart"]["result"][0])


def assert_reads(bars: pd.DataFrame, said: dict[str, Any]) -> None:
    """The bars are those of a chart's result, field by field."""
    days = pd.to_datetime(said["timestamp"], unit="s", utc=True).tz_convert("America/New_York").date
    assert [day.date() for day in bars["date"]] == list(days)
    for name in (*PRICES, "volume"):
        np.testing.assert_array_equal(bars[name], np.array(said["indicators"]["quote"][0][name], dtype=float))
    np.testing.assert_array_equal(bars["adj_close"], said["indicators"]["adjclose"][0]["adjclose"])
    events = said.get("events", {})
    paid = [item["amount"] for item in sorted(events.get("dividends", {}).values(), key=lambda item: item["date"])]
    splits = [item["numerator"] / item["denominator"] for item in events.get("splits", {}).values()]
    assert bars.loc[bars["dividend"] > 0, "dividend"].tolist() == paid
    assert bars.loc[bars["split"] > 0, "split"].tolist() == splits
