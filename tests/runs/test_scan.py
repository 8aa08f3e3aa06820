"""`breadthbook scan`: what is listed, what is set apart and why, and how it ends."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from helpers.core.errors import ParameterError, UnavailableDataError, UnfitDataError, UnknownParameterError, UsageError
from helpers.data import calendar
from helpers.runs import cli, scan, watchlist

from .conftest import ROOT

NOW = dt.datetime(2026, 11, 20, 20, 0, tzinfo=calendar.EXCHANGE_ZONE)
LIST = ROOT / "params" / "watchlist.yaml"
LAST = "2026-04-17"
DAYS = calendar.trading_days("2024-01-02", LAST).index


def bars(symbol: str, close: np.ndarray, high: np.ndarray | None = None) -> pd.DataFrame:
    """Tidy bars that end on the last day."""
    high = close if high is None else high
    days = DAYS[len(DAYS) - len(close) :]
    row = {"open": close, "high": high, "low": np.minimum(close, high), "close": close, "volume": 1e6}
    return pd.DataFrame({"date": days, "symbol": symbol, **row})


def flat(*ends: float, days: int = len(DAYS)) -> np.ndarray:
    """Closes that swing by a cent around 100 and then end so."""
    swing = 100 + 0.01 * (np.arange(days - len(ends)) % 2)
    return np.concatenate([swing, ends])


def rows_of(**closes: np.ndarray) -> pd.DataFrame:
    return pd.concat([bars(symbol, close) for symbol, close in {"SPY": flat(), **closes}.items()])


@pytest.fixture
def scanned(tmp_path: Path) -> Callable[..., scan.Scanned]:
    """Scans bars given as a frame, all symbols in it unless others are named."""

    def run(rows: pd.DataFrame, **values: Any) -> scan.Scanned:
        path = tmp_path / "bars.parquet"
        rows.to_parquet(path, index=False)
        names = [symbol for symbol in rows["symbol"].unique() if symbol != "SPY"]
        made = watchlist.parse({"sources": [str(path)], "symbols": names, **values}, origin="test")
        return scan.run(made, out=tmp_path / "out", now=NOW)

    return run


def states(found: scan.Scanned) -> dict[str, str]:
    return {row["symbol"]: row["state"] for row in found.record["rows"]}


def reasons(found: scan.Scanned) -> dict[str, str]:
    return {row["symbol"]: f"{row['status']}: {row['reason']}" for row in found.record["apart"]}


def test_each_symbol_stands_in_the_group_its_prices_say(scanned: Callable[..., scan.Scanned]) -> None:
    found = scanned(rows_of(UP=flat(101.0), NEAR=flat(98.5), BACK=flat(102.0, 99.0), LOW=flat(90.0)))
    assert states(found) == {"UP": "new", "NEAR": "near", "BACK": "failed"}
    assert found.record["counts"] == {"new": 1, "near": 1, "failed": 1, "none": 1, "apart": 0}
    assert (found.exit_code, found.record["as_of"]) == (0, LAST)


def test_new_highs_are_ranked_by_strength_and_near_ones_by_nearness(scanned: Callable[..., scan.Scanned]) -> None:
    found = scanned(rows_of(A=flat(101.0), B=flat(103.0), C=flat(98.5), D=flat(99.5)))
    assert list(states(found)) == ["B", "A", "D", "C"]


def test_a_high_that_nothing_supports_makes_no_new_high(scanned: Callable[..., scan.Scanned]) -> None:
    close = flat(100.0)
    print_ = close.copy()
    print_[-1] = 140.0
    found = scanned(pd.concat([bars("SPY", flat()), bars("SPIKE", close, print_), bars("OK", flat(101.0))]))
    assert states(found) == {"OK": "new"}
    assert reasons(found) == {"SPIKE": "doubtful: the day's high is set aside: no price near it supports it"}


def test_a_lone_high_of_the_past_does_not_hide_a_new_one(scanned: Callable[..., scan.Scanned]) -> None:
    close = flat(101.0)
    print_ = close.copy()
    print_[-100] = 140.0
    found = scanned(pd.concat([bars("SPY", flat()), bars("SPIKE", close, print_)]))
    assert states(found) == {"SPIKE": "new"}


def test_what_cannot_be_scanned_is_set_apart_with_its_reason(scanned: Callable[..., scan.Scanned]) -> None:
    hole = bars("HOLE", flat(101.0))
    rows = pd.concat(
        [
            rows_of(UP=flat(101.0), YOUNG=flat(101.0, days=120)),
            bars("ENDED", flat()).iloc[:-3],
            hole.drop(hole.index[-50]),
            bars("STEP", np.append(flat()[:-1], 200.0)),
        ]
    )
    found = scanned(rows, symbols=["UP", "YOUNG", "ENDED", "HOLE", "STEP", "NOWHERE"])
    said = reasons(found)
    assert states(found) == {"UP": "new"}
    assert said["YOUNG"] == "short: 119 earlier trading days held, 252 needed"
    assert said["ENDED"].startswith("stale: last bar 2026-04-14")
    assert said["HOLE"] == "holes: 1 of the 252 trading days before without a bar"
    assert said["STEP"].startswith("quarantined")
    assert said["NOWHERE"].startswith("missing: no bar")
    assert found.exit_code == 0


def test_adjusted_closes_alone_make_no_high(scanned: Callable[..., scan.Scanned]) -> None:
    only = pd.DataFrame({"date": DAYS, "symbol": "ADJ", "adj_close": flat(101.0)})
    found = scanned(pd.concat([rows_of(UP=flat(101.0)), only]))
    assert reasons(found) == {"ADJ": "no tape: adjusted close only: ratios, no levels"}


def test_a_symbol_that_the_last_scan_had_and_this_one_lacks_ends_three(scanned: Callable[..., scan.Scanned]) -> None:
    rows = rows_of(UP=flat(101.0), GOES=flat(100.0))
    names = ["UP", "GOES"]
    assert scanned(rows, symbols=names, as_of="2026-04-16").exit_code == 0
    found = scanned(rows[~((rows["symbol"] == "GOES") & (rows["date"] > "2026-04-16"))], symbols=names)
    assert found.exit_code == 3
    assert found.record["degraded"] == ["GOES: stale, scanned last time"]


def test_without_the_market_the_levels_stand_and_the_scan_ends_three(scanned: Callable[..., scan.Scanned]) -> None:
    rows = rows_of(UP=flat(101.0))
    found = scanned(rows[rows["symbol"] == "UP"])
    assert (found.exit_code, states(found)) == (3, {"UP": "new"})
    assert found.record["rows"][0]["excess"] is None


def test_the_day_is_the_market_s_last_and_may_be_an_earlier_one(scanned: Callable[..., scan.Scanned]) -> None:
    rows = rows_of(UP=flat(101.0, 99.0))
    assert scanned(rows).record["as_of"] == LAST
    found = scanned(rows, as_of="2026-04-16")
    assert found.page.parts[-2] == "2026-04-16"
    assert states(found) == {"UP": "new"}


def test_later_bars_change_nothing_of_an_earlier_day(scanned: Callable[..., scan.Scanned]) -> None:
    rng = np.random.default_rng(5)
    walks = {f"W{place}": 50 * np.exp(np.cumsum(rng.normal(0, 0.01, len(DAYS)))) for place in range(31)}
    rows = rows_of(**walks)
    names = list(walks)
    whole = scanned(rows, symbols=names, as_of="2026-04-10")
    cut = scanned(rows[rows["date"] <= "2026-04-10"], symbols=names)
    assert whole.record["rows"] == cut.record["rows"]
    assert whole.record["rows"] and all(row["rs_percentile"] is not None for row in whole.record["rows"])


def test_a_day_that_is_not_over_is_refused(scanned: Callable[..., scan.Scanned]) -> None:
    with pytest.raises(ParameterError, match="in the future"):
        scanned(rows_of(UP=flat(101.0)), as_of="2027-01-04")


def test_nothing_fit_ends_four_and_writes_nothing(scanned: Callable[..., scan.Scanned], tmp_path: Path) -> None:
    with pytest.raises(UnavailableDataError, match="none of 1 symbols can be scanned") as ended:
        scanned(rows_of(YOUNG=flat(101.0, days=120)))
    assert ended.value.exit_code == 4
    with pytest.raises(UnavailableDataError, match="no bar up to"):
        scanned(rows_of(UP=flat(101.0)), symbols=["NOWHERE"], market="NOTHELD")
    assert not (tmp_path / "out").exists()


def test_a_price_of_zero_is_refused_with_its_row(scanned: Callable[..., scan.Scanned]) -> None:
    rows = rows_of(UP=flat(101.0)).reset_index(drop=True)
    rows.loc[len(rows) - 5, "low"] = 0.0
    with pytest.raises(UnfitDataError, match=r"UP 2026-04-13: `low` is 0"):
        scanned(rows)


def test_a_note_s_folder_is_left_alone(scanned: Callable[..., scan.Scanned], tmp_path: Path) -> None:
    note = tmp_path / "out" / "watchlist" / LAST
    note.mkdir(parents=True)
    (note / "run.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="another `name`"):
        scanned(rows_of(UP=flat(101.0)))


def test_the_page_needs_nothing_and_says_what_the_record_says(scanned: Callable[..., scan.Scanned]) -> None:
    found = scanned(rows_of(UP=flat(101.0), NEAR=flat(98.5), BACK=flat(102.0, 99.0), YOUNG=flat(days=120)))
    page = found.page.read_text(encoding="utf-8")
    assert not re.search(r"<script(?! type=\"application/json\")|https?:|src=|@import", page)
    for table in found.groups.values():
        for row in table:
            assert all(f">{cell}<" in page for cell in row)
    assert "119 earlier trading days held, 252 needed" in page
    held = json.loads(found.file.read_text(encoding="utf-8"))
    assert {name: held[name] for name in ("rows", "apart", "counts")} == {
        name: found.record[name] for name in ("rows", "apart", "counts")
    }
    stated = {(item["id"], item["subject"]): item["value"] for item in held["findings"]}
    assert all(
        stated[f"watch.{name}", row["symbol"]] == row[name] for row in held["rows"] for name in ("state", "level")
    )
    again = scanned(rows_of(UP=flat(101.0), NEAR=flat(98.5), BACK=flat(102.0, 99.0), YOUNG=flat(days=120)))
    assert again.page.read_text(encoding="utf-8") == page


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("symbls: [SPY]", UnknownParameterError, "`symbls` is not a setting of a watchlist; did you mean `symbols`"),
        ("window: 20\nsymbols: [SPY]", UnknownParameterError, "a watchlist has name, market"),
        ("symbols: [SPY, SPY]", ParameterError, "named twice, SPY"),
        ("symbols: [spy]", ParameterError, "a ticker such as IJH"),
        ("symbols: []", ParameterError, "symbols"),
        ("market: SPY", ParameterError, "symbols"),
        ("name: ../up\nsymbols: [SPY]", ParameterError, "plain folder name"),
        ("symbols: [SPY", ParameterError, "not readable as YAML"),
        ("- SPY", ParameterError, "symbols: [IJH, SPY]"),
    ],
)
def test_a_wrong_watchlist_is_named(tmp_path: Path, text: str, error: type[Exception], said: str) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(error, match=re.escape(said)):
        watchlist.load(path)


def test_tickers_that_yaml_takes_for_words_stay_tickers(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("symbols: [ON, NO]\nsources: [bars.csv, sample]", encoding="utf-8")
    made = watchlist.load(path)
    assert made.symbols == ["ON", "NO"]
    assert made.sources == [str(tmp_path / "bars.csv"), "sample"]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.chdir(ROOT)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            cli.main([str(item) for item in arguments])
        printed = capsys.readouterr()
        return int(str(ended.value.code)), printed.out, printed.err

    return run


def test_the_command_prints_one_json_line(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, out, err = call("scan", LIST, "--as-of", "2026-04-16", "--out", tmp_path, "--json")
    record = json.loads(out)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert record["simulated"] and record["as_of"] == "2026-04-16" and record["listed"] >= 30
    assert Path(record["html"]).is_file()


def test_the_command_prints_a_table_for_a_person(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, out, _ = call("scan", LIST, "--as-of", "2026-04-16", "--out", tmp_path)
    assert code == 0
    assert out.startswith("SIMULATED. simulated sample. 16 April 2026: ")
    assert all(title in out for title in ("New highs", "Near the prior high", "Failed highs"))
    assert "scan.html" in out


def test_a_file_that_is_not_there_ends_two(call: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    code, out, err = call("scan", tmp_path / "none.yaml", "--json")
    assert code == 2 and json.loads(out)["exit_code"] == 2
    assert "none.yaml" in err and "Traceback" not in err


@pytest.mark.slow
def test_fifteen_hundred_symbols_from_one_file_take_seconds(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    count = 1500
    steps = rng.normal(0.0003, 0.015, (len(DAYS), count))
    close = np.round(50 * np.exp(np.cumsum(steps, axis=0)), 2)
    names = [f"S{place:04d}" for place in range(count)]
    rows = pd.DataFrame(
        {
            "date": np.repeat(DAYS, count),
            "symbol": np.tile(names, len(DAYS)),
            "open": close.ravel(),
            "high": close.ravel() * 1.002,
            "low": close.ravel() * 0.998,
            "close": close.ravel(),
            "volume": rng.integers(1, 10**6, close.size).astype(float),
        }
    )
    path = tmp_path / "many.parquet"
    rows.to_parquet(path, index=False)
    made = watchlist.parse({"sources": [str(path)], "symbols": names, "market": names[0]}, origin="test")
    begun = time.process_time()
    found = scan.run(made, out=tmp_path / "out", now=NOW)
    assert time.process_time() - begun < 20  # some 7 s; a scan that looped over days would take minutes
    assert found.record["counts"]["new"] > 10


def test_a_real_bad_print_makes_no_new_high(shared_data: Path, tmp_path: Path) -> None:
    made = watchlist.parse(
        {
            "sources": [str(shared_data / "etf_ohlcv_yahoo.parquet")],
            "symbols": ["XLI", "XLF", "XLK", "IJH", "IWM", "SPMD"],
            "as_of": "2019-02-26",  # the vendor's high of XLI is 82.66, the other vendor's 76.76
        },
        origin="test",
    )
    found = scan.run(made, out=tmp_path, now=NOW)
    assert "XLI" not in states(found)
    assert {symbol: said.split(":")[0] for symbol, said in reasons(found).items()} == {
        "XLI": "doubtful",
        "SPMD": "missing",
    }
