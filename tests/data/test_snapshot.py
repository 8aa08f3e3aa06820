from __future__ import annotations

import datetime as dt
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from helpers.core import params as parameters
from helpers.core.errors import BreadthbookError, DataError, ParameterError, SourceNotFoundError, UnfitDataError
from helpers.core.params import Params
from helpers.data import bars as tidy_bars
from helpers.data import calendar, checks, intake, snapshot
from helpers.data.snapshot import Snapshot
from tests.few import FEW

DAYS = pd.DatetimeIndex(calendar.trading_days("2023-06-01", "2024-03-28").index)
TODAY = dt.date(2024, 4, 2)
TAPE = {"date": "2024-03-28", "high": 61.0, "last": 60.5, "prior_close": 60.0}


def tidy_rows(symbol: str, days: pd.DatetimeIndex = DAYS, level: float = 60.0) -> pd.DataFrame:
    close = np.full(len(days), level)
    return pd.DataFrame(
        {"date": days, "symbol": symbol, "open": close, "high": close + 0.5, "low": close - 0.5, "close": close}
    ).assign(volume=1000.0 + np.arange(len(days)), dividend=0.0)


def close_only(symbol: str, days: pd.DatetimeIndex = DAYS) -> pd.DataFrame:
    return pd.DataFrame({"date": days, "symbol": symbol, "adj_close": 100.0 + np.arange(len(days))})


def settings(*files: Path, **values: object) -> Params:
    bars = {"bars": [str(file) for file in files]}
    return parameters.parse({**FEW, "sectors": [], "mega_checks": [], "sources": bars, **values}, origin="test.yaml")


def taken(folder: Path, *frames: pd.DataFrame, today: dt.date = TODAY, **values: object) -> Snapshot:
    pd.concat(frames).to_csv(folder / "bars.csv", index=False)
    return intake.take(settings(folder / "bars.csv", **values), today=today)


def test_the_day_is_the_last_one_the_mid_fund_holds(tmp_path: Path) -> None:
    held = taken(tmp_path, tidy_rows("IJH", DAYS[:-1]), tidy_rows("OEF"))
    assert (held.as_of, held.bars_to, held.requested_as_of) == ("2024-03-27", "2024-03-27", "")
    assert held.bars["date"].max() == pd.Timestamp("2024-03-27")


def test_a_bar_after_today_or_of_a_day_not_over_is_not_read(tmp_path: Path) -> None:
    assert taken(tmp_path, tidy_rows("IJH"), today=dt.date(2024, 3, 27)).as_of == "2024-03-27"
    noon = dt.datetime.fromisoformat("2024-03-28T12:00-04:00")
    asked = settings(tmp_path / "bars.csv")
    assert intake.take(asked, today=dt.date(2024, 3, 28), now=noon).as_of == "2024-03-27"
    with pytest.raises(ParameterError, match="trading is not over on 2024-03-28; give 2024-03-27, or a tape"):
        intake.take(parameters.replaced(asked, as_of="2024-03-28"), today=dt.date(2024, 3, 28), now=noon)


def test_a_saturday_is_the_trading_day_before_and_is_remembered(tmp_path: Path) -> None:
    held = taken(tmp_path, tidy_rows("IJH"), as_of="2024-03-23")
    assert (held.as_of, held.requested_as_of) == ("2024-03-22", "2024-03-23")


def test_with_a_tape_the_bars_end_the_trading_day_before(tmp_path: Path) -> None:
    held = taken(tmp_path, tidy_rows("IJH"), tape=TAPE)
    assert (held.as_of, held.bars_to) == ("2024-03-28", "2024-03-27")
    assert held.bars["date"].max() == pd.Timestamp("2024-03-27") == held.days[-1]
    assert held.calendar.index[-1] > pd.Timestamp("2024-07-31")


REFUSED = [
    ({"as_of": "2024-04-03"}, ParameterError, "as_of 2024-04-03 is in the future, today is 2024-04-02", 2),
    ({"start": "2024-05-01"}, ParameterError, "start 2024-05-01 is after 2024-03-28", 2),
    ({"tape": {**TAPE, "date": "2024-04-04"}}, ParameterError, "tape.date 2024-04-04 is in the future", 2),
    ({"tape": {**TAPE, "date": "2024-03-29"}}, ParameterError, "2024-03-29 is not a trading day.*2024-03-28", 2),
    (
        {"tape": {**TAPE, "prior_close": 300.0}},
        UnfitDataError,
        "prior_close is 300, the close held.*2024-03-27 is 60",
        4,
    ),
    ({"as_of": "2024-04-01"}, DataError, "IJH: bars end 2024-03-28, 2024-04-01 needed; update bars.csv", 4),
    ({"mid": "VO"}, DataError, "VO: no close up to .* in bars.csv; name a source", 4),
    ({"mid": "XLG"}, DataError, "XLG: ", 4),
]


@pytest.mark.parametrize(("values", "kind", "message", "code"), REFUSED, ids=[str(item[0]) for item in REFUSED])
def test_what_cannot_be_asked_is_refused(
    tmp_path: Path, values: dict[str, object], kind: type[BreadthbookError], message: str, code: int
) -> None:
    with pytest.raises(kind, match=message) as caught:
        taken(tmp_path, tidy_rows("IJH"), close_only("XLG"), **values)
    assert caught.value.exit_code == code


def test_a_prior_close_may_differ_by_half_a_percent(tmp_path: Path) -> None:
    taken(tmp_path, tidy_rows("IJH"), tape={**TAPE, "prior_close": 60.29})
    for wrong in (59.69, 60.31):
        with pytest.raises(UnfitDataError, match="must agree within 0.5 %"):
            taken(tmp_path, tidy_rows("IJH"), tape={**TAPE, "prior_close": wrong})


def test_a_price_of_zero_is_refused_only_in_what_the_note_reads(tmp_path: Path) -> None:
    bad = tidy_rows("IJR")
    bad.loc[3, "low"] = -1.0
    taken(tmp_path, tidy_rows("IJH"), bad, small="VB", winners=["VB"])
    with pytest.raises(
        UnfitDataError, match=r"bars.csv: data row \d+ \(line \d+\): IJR 2023-06-06: `low` is -1, .*correct"
    ):
        taken(tmp_path, tidy_rows("IJH"), bad)


def test_a_yield_may_be_negative(tmp_path: Path) -> None:
    held = taken(tmp_path, tidy_rows("IJH"), tidy_rows("^IRX", level=-0.1), required=["^IRX"])
    assert held.status("^IRX").status == "fresh"


def test_statuses_say_what_is_held(tmp_path: Path) -> None:
    holed = tidy_rows("OEF").drop(index=[len(DAYS) - 9])
    switched = pd.concat([close_only("IJR"), tidy_rows("SPY", DAYS[:-5]).assign(adj_close=60.0)])
    held = taken(
        tmp_path, tidy_rows("IJH"), holed, switched, tidy_rows("VB", DAYS[DAYS > "2024-03-29"]), required=["VB"]
    )
    status = {row.symbol: row for row in held.coverage.itertuples()}
    assert {symbol: row.status for symbol, row in status.items()} == {
        "OEF": "holes",
        "SPY": "stale",
        "IJH": "fresh",
        "IJR": "fresh",
        "VB": "missing",
    }
    assert held.status("OEF").since == str(DAYS[-9].date()) and held.status("OEF").holes == 1
    assert held.status("SPY").since == held.status("SPY").tape_last == str(DAYS[-6].date())
    assert held.status("IJR").tape_last == "" and held.status("IJR").basis == "vendor's adjusted close"
    assert held.status("IJH").basis == "close and dividends" and held.status("ZZZ").status == "missing"


def test_an_old_hole_does_not_decide_the_status(tmp_path: Path) -> None:
    days = pd.DatetimeIndex(calendar.trading_days("2020-01-02", "2024-03-28").index)
    held = taken(tmp_path, tidy_rows("IJH", days).drop(index=[100]))
    assert held.status("IJH").status == "fresh" and held.status("IJH").holes == 1


def test_a_missed_split_puts_a_symbol_in_quarantine_and_stops_a_note_on_it(tmp_path: Path) -> None:
    split = tidy_rows("OEF")
    split.loc[split.index[-20:], ["open", "high", "low", "close"]] /= 5
    held = taken(tmp_path, tidy_rows("IJH"), split)
    assert held.status("OEF").status == "quarantined" and held.status("OEF").since == str(DAYS[-20].date())
    assert held.flagged("OEF", "step_without_split")[0] == DAYS[-20]
    with pytest.raises(UnfitDataError, match="IJH: in quarantine"):
        taken(tmp_path, split.assign(symbol="IJH"))


def test_wide_has_a_row_for_every_trading_day_and_the_columns_asked_for(tmp_path: Path) -> None:
    held = taken(tmp_path, tidy_rows("IJH").drop(index=[7]), tidy_rows("OEF", level=200.0))
    close = held.wide("close", "tape", ["OEF", "ZZZ", "IJH"])
    assert list(close.columns) == ["OEF", "ZZZ", "IJH"] and close.index.equals(held.days)
    assert close["ZZZ"].isna().all() and np.flatnonzero(close["IJH"].isna()).tolist() == [7]
    close.loc[:, "OEF"] = 0.0
    assert (held.wide("close", "tape", ["OEF"])["OEF"] == 200.0).all()


def test_cut_is_the_snapshot_taken_on_that_day(tmp_path: Path) -> None:
    frames = tidy_rows("IJH").drop(index=[40]), tidy_rows("OEF", DAYS[:-60]), close_only("SPY")
    cut = taken(tmp_path, *frames, tape=TAPE).cut("2023-12-30")
    asked = taken(tmp_path, *frames, as_of="2023-12-29")
    for name in snapshot.FRAMES:
        pd.testing.assert_frame_equal(getattr(cut, name), getattr(asked, name), check_exact=True)
    assert cut.as_of == cut.bars_to == "2023-12-29" and cut.tape is None


def test_a_cut_before_a_later_column_is_the_snapshot_taken_then(tmp_path: Path) -> None:
    later = np.where(DAYS >= "2024-01-02", 1.0, np.nan)
    paid = tidy_rows("OEF").assign(dividend=0.0 * later)
    adjusted = tidy_rows("SPY").assign(dividend=np.nan, adj_close=60.0 * later)
    cut = taken(tmp_path, tidy_rows("IJH"), paid, adjusted).cut("2023-12-29")
    early = [
        frame[frame["date"] < "2024-01-01"] for frame in (tidy_rows("IJH"), paid, adjusted.drop(columns="adj_close"))
    ]
    asked = taken(tmp_path, *early, as_of="2023-12-29")
    for name in snapshot.FRAMES:
        pd.testing.assert_frame_equal(getattr(cut, name), getattr(asked, name), check_exact=True)
    assert cut.status("OEF").basis == cut.status("SPY").basis == "close, no dividends stated"


def test_written_and_read_back_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    held = taken(tmp_path, tidy_rows("IJH").drop(index=[40]), close_only("OEF"), tape=TAPE)
    hashes = held.write(tmp_path / "one")
    back = Snapshot.read(tmp_path / "one")
    assert back.digest == held.digest and back.tape == held.tape
    assert back.write(tmp_path / "two") == hashes and len(hashes) == 5
    for name in snapshot.FRAMES:
        pd.testing.assert_frame_equal(getattr(back, name), getattr(held, name), check_exact=True)


def test_a_snapshot_that_was_changed_or_is_gone_is_not_read(tmp_path: Path) -> None:
    held = taken(tmp_path, tidy_rows("IJH"))
    held.write(tmp_path / "one")
    taken(tmp_path, tidy_rows("IJH", level=70.0)).write(tmp_path / "two")
    (tmp_path / "two" / "bars.parquet").replace(tmp_path / "one" / "bars.parquet")
    with pytest.raises(UnfitDataError, match="changed after it was taken"):
        Snapshot.read(tmp_path / "one")
    (tmp_path / "one" / "bars.parquet").write_bytes(b"PAR1")
    with pytest.raises(UnfitDataError, match="bars.parquet: damaged"):
        Snapshot.read(tmp_path / "one")
    with pytest.raises(SourceNotFoundError, match="no snapshot"):
        Snapshot.read(tmp_path / "none")


def test_every_value_counts_in_the_digest(tmp_path: Path) -> None:
    rows = tidy_rows("IJH")
    digests = {taken(tmp_path, rows).digest, taken(tmp_path, rows, tape=TAPE).digest}
    rows.loc[5, "volume"] += 1
    assert len(digests | {taken(tmp_path, rows).digest, taken(tmp_path, rows, as_of="2024-03-30").digest}) == 4


def test_real_and_simulated_bars_are_not_mixed(tmp_path: Path) -> None:
    close_only("IJH").to_csv(tmp_path / "bars.csv", index=False)
    asked = parameters.parse({"sources": {"bars": ["sample", str(tmp_path / "bars.csv")]}}, origin="test.yaml")
    with pytest.raises(ParameterError, match="mix real and simulated"):
        intake.take(asked, today=dt.date(2030, 1, 2))


def test_simulated_symbols_say_so() -> None:
    sample = intake.take(parameters.parse({}, origin="test.yaml"), today=dt.date(2030, 1, 2))
    assert sample.simulated and sample.label("IJH") == "IJH (simulated)"


# --- the real files ---------------------------------------------------------------------------

MODEL_TAPE = {"date": "2026-04-17", "high": 72.61, "last": 72.34, "prior_close": 71.49, "volume": 710805}
FILES = ("etf_ohlcv_yahoo.parquet", "etf_adjclose_to_2026-07-31.parquet")


def model_day(folder: Path) -> Snapshot:
    asked = settings(*(folder / name for name in FILES), tape=MODEL_TAPE, mega_checks=["XLG", "MGC", "MGK"])
    return intake.take(asked, today=dt.date(2026, 8, 1))


def test_nothing_known_later_enters_the_model_day(shared_data: Path, tmp_path: Path) -> None:
    for name in FILES:
        table = pq.ParquetFile(shared_data / name).read()
        kept = [str(day) < MODEL_TAPE["date"] for day in table["date"].to_pylist()]
        pq.write_table(table.filter(kept), tmp_path / name)
    assert model_day(tmp_path).digest == model_day(shared_data).digest


def test_on_the_model_day_oef_is_a_stale_tape_with_a_total_return_that_reaches(shared_data: Path) -> None:
    held = model_day(shared_data)
    oef = held.status("OEF")
    assert (oef.status, oef.tape_last, oef.last) == ("fresh", "2025-09-19", "2026-04-16")
    assert "2025-09-19" in oef.detail and oef.basis == "vendor's adjusted close"
    assert held.wide("close", "total_return", ["OEF", "XLG", "IJH"]).iloc[-1].notna().all()
    assert held.wide("close", "tape", ["IJH"])["IJH"].iloc[-1] == pytest.approx(71.49)
    assert set(held.coverage["status"]) == {"fresh"}


@pytest.mark.slow
def test_the_checks_are_fast_enough_to_run_on_every_cut(shared_data: Path) -> None:
    held = model_day(shared_data)
    rows = tidy_bars.tidy(held.bars)
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        checks.flags(rows, held.days)
        spent.append(time.perf_counter() - started)
    assert min(spent) < 3.0  # about 0.1 s on an idle machine
