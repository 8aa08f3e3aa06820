"""The stand-in for Yahoo behaves as the unmodified client meets the real one; and nothing leaves this machine."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest

from tests.loopback import Loopback, Replay, World, summaries
from tests.loopback.client import fresh_client
from tests.loopback.faults import FAULTS
from tests.loopback.guard import Guard

pytestmark = [
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:yfinance"),
]

START = "2024-11-20"
ROOT = Path(__file__).parents[1]


def history(symbol: str = "IJH", **options: Any) -> pd.DataFrame:
    """Bars as the real client returns them, with its errors raised."""
    import yfinance

    yfinance.config.debug.hide_exceptions = False
    yfinance.data.YfData.cache_get.cache_clear()
    asked = {"start": START, "auto_adjust": False, "keepna": True, "timeout": 1, **options}
    frame = yfinance.Ticker(symbol).history(**asked)
    return frame.set_axis(pd.DatetimeIndex(frame.index.date), axis="index")


@pytest.fixture
def primed(loopback: Loopback) -> Loopback:
    """A loopback of which the client knows the time zones already."""
    for symbol in loopback.world.symbols:
        history(symbol, start="2026-04-01")
    loopback.clear_log()
    return loopback


def test_bars_and_events_arrive_as_they_are_served(loopback: Loopback) -> None:
    frame, served = history(), loopback.world.bars("IJH").loc[START:]
    assert len(frame) == len(served) == 351
    np.testing.assert_array_equal(frame["High"], served["high"])
    np.testing.assert_array_equal(frame["Volume"], served["volume"])
    assert int((frame["Dividends"] > 0).sum()) == 6
    assert [asked.kind for asked in loopback.log] == ["cookie", "crumb", "zone", "chart"]


def test_the_derived_adjusted_close_follows_the_dividends(loopback: Loopback) -> None:
    frame = history()
    factor = 1 - frame["Dividends"] / frame["Close"].shift()
    after = factor[::-1].cumprod()[::-1].shift(-1).fillna(1)
    np.testing.assert_allclose(frame["Adj Close"], frame["Close"] * after, rtol=1e-6)


@pytest.mark.parametrize(
    ("fault", "error", "requests"),
    [
        ("429", "YFRateLimitError", 2),
        ("500", "YFPricesMissingError", 2),
        ("502", "JSONDecodeError", 2),
        ("401", "YFPricesMissingError", 2),
        ("404", "YFPricesMissingError", 2),
        ("html", "JSONDecodeError", 1),
        ("down page", "YFDataException", 1),
        ("truncated", "JSONDecodeError", 1),
        ("empty", "JSONDecodeError", 1),
        ("short", "ConnectionError", 1),
        ("slow:3", "Timeout", 1),
        ("slow body:9", "Timeout", 1),
        ("result null", "YFPricesMissingError", 1),
        ("result empty", "YFPricesMissingError", 1),
        ("quote empty", "YFPricesMissingError", 1),
        ("renamed chart", "YFPricesMissingError", 1),
        ("no timestamp", "KeyError", 1),
        ("no currency", "KeyError", 1),
        ("renamed fields", "KeyError", 1),
    ],
)
def test_a_fault_meets_the_client_as_the_real_one_would(
    primed: Loopback, fault: str, error: str, requests: int
) -> None:
    primed.fault("IJH", fault)
    with pytest.raises(Exception) as raised:  # noqa: B017, PT011
        history()
    assert type(raised.value).__name__ == error
    assert len(primed.charts("IJH")) == requests
    assert len(history("SPY")) == 351


@pytest.mark.parametrize("fault", ["reset", "down"])
def test_a_reset_connection_is_a_connection_error(primed: Loopback, fault: str) -> None:
    primed.fault("*", fault)
    with pytest.raises(Exception, match="curl"):
        history()
    assert {asked.status for asked in primed.log} == {0}
    primed.heal()
    assert len(history()) == 351


def test_a_refused_tunnel_and_a_wrong_certificate_are_told_apart(primed: Loopback) -> None:
    primed.fault("*", "refuse")
    with pytest.raises(Exception, match="CONNECT tunnel failed"):
        history()
    primed.fault("*", "wrong certificate")
    with pytest.raises(Exception, match="certificate"):
        history()
    primed.heal()
    assert len(history()) == 351


def test_one_429_is_absorbed_by_the_client(primed: Loopback) -> None:
    primed.fault("IJH", "429", "ok")
    assert len(history()) == 351
    assert [asked.status for asked in primed.charts("IJH")] == [429, 200]


def test_a_fault_of_the_zone_leaves_the_charts_alone(loopback: Loopback) -> None:
    loopback.fault("IJH", "429", on="zone")
    with pytest.raises(Exception, match="Too Many Requests"):
        history()
    assert not loopback.charts()


def test_an_unknown_symbol_is_refused_with_a_reason(loopback: Loopback) -> None:
    with pytest.raises(Exception, match="404"):
        history("NOSUCH")
    assert not loopback.charts()


@pytest.mark.parametrize(("fault", "rows"), [("null rows", 348), ("zero row", 350), ("double middle", 351)])
def test_rows_without_prices_are_dropped_in_silence(primed: Loopback, fault: str, rows: int) -> None:
    primed.fault("IJH", fault)
    assert len(history(keepna=False)) == rows


def test_a_double_last_row_becomes_one_with_the_later_price(primed: Loopback) -> None:
    before = history()["Close"].iloc[-1]
    primed.fault("IJH", "double last")
    frame = history()
    assert len(frame) == 351
    assert frame["Close"].iloc[-1] == pytest.approx(before * 1.01)


@pytest.mark.parametrize(
    ("fault", "is_there"),
    [
        ("spike", lambda frame: frame["Close"].pct_change().max() > 90),
        ("high below low", lambda frame: (frame["High"] < frame["Low"]).any()),
        ("negative", lambda frame: (frame["Close"] < 0).any()),
        ("infinite", lambda frame: np.isinf(frame["High"]).any()),
        ("null volume", lambda frame: (frame["Volume"] == 0).any()),
        ("adjclose null", lambda frame: frame["Adj Close"].isna().any()),
        ("adjclose missing", lambda frame: (frame["Adj Close"] == frame["Close"]).all()),
        ("disorder", lambda frame: frame.index.is_monotonic_increasing),
    ],
)
def test_a_bad_bar_is_passed_through(primed: Loopback, fault: str, is_there: Any) -> None:
    primed.fault("IJH", fault)
    frame = history()
    assert len(frame) == 351
    assert is_there(frame)


def test_a_fault_whose_name_is_unknown_is_refused(loopback: Loopback) -> None:
    with pytest.raises(ValueError, match="is not a fault"):
        loopback.fault("IJH", "earthquake")
    with pytest.raises(ValueError, match="before any symbol"):
        loopback.fault("IJH", "refuse")
    assert "ok" in FAULTS


def test_a_planned_split_shows_only_when_its_day_has_come(loopback: Loopback) -> None:
    world = loopback.world
    world.last = "2026-04-10"
    before = history()
    world.split("IJH", "2026-04-15", 2)
    pd.testing.assert_frame_equal(history(), before)
    world.last = "2026-04-17"
    after = history()
    np.testing.assert_allclose(after["Close"][before.index], before["Close"] / 2, rtol=1e-6)
    np.testing.assert_allclose(after["Dividends"][before.index], before["Dividends"] / 2, rtol=1e-4)
    np.testing.assert_array_equal(after["Volume"][before.index], before["Volume"] * 2)
    assert after["Stock Splits"][after["Stock Splits"] > 0].to_dict() == {pd.Timestamp("2026-04-15"): 2.0}


def test_a_step_without_event_and_a_silent_rescale_can_be_undone(loopback: Loopback) -> None:
    world, plain = loopback.world, history()
    world.split("IJH", "2026-03-02", 4, event=False)
    world.rescale("IJH", 0.5, before="2025-03-03")
    changed = history()
    ratio = (changed["Close"] / plain["Close"]).round(4)
    assert ratio.drop_duplicates().tolist() == [0.5, 1.0, 0.25]
    assert not changed["Stock Splits"].any()
    world.restore("IJH")
    pd.testing.assert_frame_equal(history(), plain)


def test_rows_may_be_absent_null_or_revised(loopback: Loopback) -> None:
    world = loopback.world
    world.drop("IJH", "2026-04-13")
    world.blank("IJH", "2026-04-14")
    world.revise("IJH", "2026-04-15", "high", 99.5)
    world.revise_volume("IJH", 1.01)
    tail = history(start="2026-04-10")
    assert pd.Timestamp("2026-04-13") not in tail.index
    assert np.isnan(tail["Close"]["2026-04-14"])
    assert tail["High"]["2026-04-15"] == 99.5


def test_a_live_bar_is_a_row_of_its_own_in_the_middle_of_its_session(loopback: Loopback) -> None:
    import yfinance

    loopback.world.live["IJH"] = (70.0, 72.0, 69.5, 71.5, 1_000)
    ticker = yfinance.Ticker("IJH")
    frame = ticker.history(start="2026-04-15", auto_adjust=False)
    assert str(frame.index[-1].date()) == "2026-04-20"
    assert frame["Volume"].iloc[-1] == 1_000
    assert str(ticker.get_history_metadata()["regularMarketTime"]) == "2026-04-20 12:45:00-04:00"


def test_bars_of_a_frame_are_served_digit_for_digit(loopback: Loopback) -> None:
    days = pd.bdate_range("2026-04-13", periods=4)
    rows = pd.DataFrame({"date": days, "symbol": "MID", "open": 70.1, "high": 72.61, "low": 70.0, "close": 72.34})
    rows = rows.assign(volume=710_805, dividend=[0.0, 0.25, 0.0, 0.0], split=[0.0, 0.0, 2.0, 0.0])
    loopback.world.histories |= World.from_bars(rows).histories
    frame = history("MID", start="2026-04-01")
    assert frame["High"].tolist() == [72.61] * 4
    assert frame["Dividends"].tolist() == [0.0, 0.25, 0.0, 0.0]
    loopback.world.last = "2026-04-14"
    assert history("MID", start="2026-04-01")["High"].tolist() == [145.22] * 2


def test_estimates_holdings_and_share_counts_are_read_by_the_client(loopback: Loopback) -> None:
    import yfinance

    world = loopback.world
    world.summaries["SPY"] = summaries.fund("SPY", {"AAA": 0.06, "BBB": 0.04})
    world.summaries["IJH"] = summaries.company("IJH", revisions={"0q": (3, 7, 2, 1)}, earnings="2026-05-05")
    world.shares["IJH"] = [("2026-01-05", 1_000), ("2026-02-05", 990)]
    ticker = yfinance.Ticker("IJH")
    assert ticker.eps_trend.loc["0q", "90daysAgo"] == pytest.approx(1.225)
    assert ticker.eps_revisions.loc["0q", ["upLast30days", "downLast7Days"]].tolist() == [7, 1]
    assert str(ticker.calendar["Earnings Date"]) == "[datetime.date(2026, 5, 5)]"
    assert ticker.get_shares_full(start="2025-12-01").tolist() == [1_000, 990]
    assert yfinance.Ticker("SPY").funds_data.top_holdings["Holding Percent"].tolist() == [0.06, 0.04]


def test_reading_all_of_the_meta_costs_an_intraday_request(loopback: Loopback) -> None:
    import yfinance

    ticker = yfinance.Ticker("IJH")
    ticker.history(start="2026-04-01")
    loopback.clear_log()
    assert dict(ticker.get_history_metadata())["currency"] == "USD"
    assert [asked.kind for asked in loopback.log] == ["intraday"]


def test_a_summary_needs_the_crumb(loopback: Loopback) -> None:
    import requests

    address = "https://query2.finance.yahoo.com/v10/finance/quoteSummary/IJH"
    with requests.get(address, params={"modules": "quoteType"}, timeout=5) as answer:
        assert (answer.status_code, answer.json()["finance"]["error"]["description"]) == (401, "Invalid Crumb")


def test_fred_tells_the_newest_value_and_who_asks_with_a_key_the_day_it_was_known(loopback: Loopback) -> None:
    import requests

    world = loopback.world
    rows = [("2026-01-02", 4.1, "2026-01-05"), ("2026-01-02", 4.2, "2026-02-05"), ("2026-01-05", None, "2026-01-06")]
    world.series["DGS10"] = [*rows, ("2026-04-17", 4.4, "2026-04-20")]
    page = requests.get("https://fred.stlouisfed.org/graph/fredgraph.csv?id=DGS10", timeout=5)
    assert page.text.split() == ["observation_date,DGS10", "2026-01-02,4.2", "2026-01-05,"]
    address = "https://api.stlouisfed.org/fred/series/observations"
    asked = {"series_id": "DGS10", "api_key": world.fred_key, "realtime_start": "1776-07-04"}
    found = requests.get(address, params=asked | {"realtime_end": "9999-12-31"}, timeout=5).json()["observations"]
    assert [(row["realtime_start"], row["value"]) for row in found][:2] == [
        ("2026-01-05", "4.1"),
        ("2026-02-05", "4.2"),
    ]
    assert requests.get(address, params=asked | {"api_key": "wrong"}, timeout=5).status_code == 400
    assert [asked.kind for asked in loopback.log] == ["fred"] * 3


def test_a_recorded_answer_is_parsed(
    shared_data: Path, tmp_path: Path, guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Loopback(Replay(shared_data / "yahoo_recorded")) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        fresh_client(tmp_path)
        frame = history("AAPL", start="2020-08-31", end="2020-11-07")
        assert "NVDA" in server.replay.symbols
    assert frame["Stock Splits"].iloc[0] == 4.0
    assert len(frame) == 49


def test_a_server_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    with Loopback(World()) as server, socket.create_connection(("127.0.0.1", server.port)):
        assert threading.active_count() > before
    assert threading.active_count() == before


def test_the_server_runs_as_its_own_process_and_is_driven_from_outside(guard: Guard) -> None:
    import requests

    command = [sys.executable, "-m", "tests.loopback", "--symbols", "IJH", "--first", "2026-03-02"]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **streams) as process:
        said = json.loads(process.stdout.readline())
        control = f"http://127.0.0.1:{said['port']}"
        assert requests.post(f"{control}/_last?day=2026-04-10", timeout=5).json() == {"ok": True}
        assert requests.post(f"{control}/_fault?symbol=IJH&names=429,ok", timeout=5).json() == {"ok": True}
        assert requests.post(f"{control}/_fault?symbol=IJH&names=nonsense", timeout=5).status_code == 400
        address = "https://query2.finance.yahoo.com/v8/finance/chart/IJH?range=5d"
        where = {"proxies": {"https": control}, "verify": said["ca"], "timeout": 5}
        assert [requests.get(address, **where).status_code for _ in range(2)] == [429, 200]
        log = requests.get(f"{control}/_log", timeout=5).json()
        assert [(entry["kind"], entry["status"]) for entry in log] == [("chart", 429), ("chart", 200)]
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.slow
def test_a_notebook_gets_bars_through_the_environment_alone(
    loopback: Loopback, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import papermill

    cell = "import yfinance\nprint(len(yfinance.download(['IJH', 'SPY'], start='2026-01-02', progress=False)))"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    nbformat.write(notebook, tmp_path / "in.ipynb")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    papermill.execute_notebook(tmp_path / "in.ipynb", tmp_path / "out.ipynb", kernel_name="python3", progress_bar=False)
    outputs = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[-1]["outputs"]
    assert "73" in "".join(output.get("text", "") for output in outputs)
    assert {asked.symbol for asked in loopback.charts()} == {"IJH", "SPY"}


def test_the_guard_notes_and_refuses_a_socket(guard: Guard) -> None:
    with pytest.raises(PermissionError, match="stay on this machine"):
        socket.getaddrinfo("example.com", 443)
    with pytest.raises(PermissionError), socket.socket() as plain:
        plain.connect(("192.0.2.1", 443))
    assert guard.taken() == ["socket.getaddrinfo example.com", "socket.connect 192.0.2.1"]


def test_the_guard_notes_and_refuses_libcurl_and_other_processes(guard: Guard) -> None:
    from curl_cffi import requests

    with pytest.raises(Exception, match="403"):
        requests.get("https://example.com", timeout=5)
    code = "import urllib.request as u; u.urlopen('http://example.com/page', timeout=5)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert "403" in done.stderr
    assert guard.taken() == ["CONNECT example.com:443", "GET http://example.com/page"]
