from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq
import pytest

from helpers.core.errors import BreadthbookError, MissingColumnError, SourceNotFoundError, UnfitDataError
from helpers.data import bars, sources
from helpers.data.sources.folder import FolderSource

GOOD = """Date,Ticker,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits
2024-01-02,IJH,50,51,49,50.5,50.1,1000,0,0
2024-01-03,IJH,50,51,49,50.0,50.0,,0.5,0
2024-01-02,OEF,,,,,220.5,,,
2024-01-03,OEF,,,,,221.5,,,
"""


def write(folder: Path, text: str, name: str = "bars.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path) -> FolderSource:
    source = FolderSource(path)
    source.symbols()
    return source


def test_a_tidy_csv_with_the_headers_of_an_export(tmp_path: Path) -> None:
    source = read(write(tmp_path, GOOD))
    history = source.history("IJH")
    assert source.symbols() == ["IJH", "OEF"] and history is not None
    assert history.bars["close"].tolist() == [50.5, 50.0] and history.bars["date"].dtype == "datetime64[s]"
    assert np.isnan(history.bars["volume"].iloc[1])
    assert history.actions[["dividend"]].to_numpy().tolist() == [[0.5]]
    assert history.meta == {"source": "bars.csv", "simulated": False}
    assert source.history("ZZZ") is None


def test_the_bounds_of_a_history_are_included(tmp_path: Path) -> None:
    source = read(write(tmp_path, GOOD))
    for start, end, rows in (("2024-01-03", "", 1), ("", "2024-01-02", 1), ("2024-01-02", "2024-01-03", 2)):
        history = source.history("IJH", start, end)
        assert history is not None and len(history.bars) == rows


def test_parquet_and_csv_of_the_same_rows_are_the_same_bars(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    pq.write_table(arrow_csv.read_csv(path), tmp_path / "bars.parquet")
    one, two = (read(tmp_path / name).history("IJH") for name in ("bars.csv", "bars.parquet"))
    assert one is not None and two is not None
    pd.testing.assert_frame_equal(one.bars, two.bars)


@pytest.mark.parametrize("kind", [pa.date32(), pa.timestamp("ns"), pa.timestamp("us", "America/New_York"), pa.string()])
def test_dates_of_every_kind_become_the_exchange_day(tmp_path: Path, kind: pa.DataType) -> None:
    days = pd.to_datetime(["2024-01-02", "2024-01-03"])
    zoned = days.tz_localize("America/New_York") if getattr(kind, "tz", None) else days
    column = pa.array([str(day.date()) for day in days]) if kind == pa.string() else pa.array(zoned).cast(kind)
    pq.write_table(pa.table({"date": column, "symbol": ["IJH"] * 2, "close": [1, 2]}), tmp_path / "a.parquet")
    history = read(tmp_path / "a.parquet").history("IJH")
    assert history is not None and history.bars["date"].astype(str).tolist() == ["2024-01-02", "2024-01-03"]


def test_a_folder_with_one_file_per_symbol_and_one_without_dividends(tmp_path: Path) -> None:
    write(tmp_path, "date,close\n2024-01-02,50\n", "ijh.csv")
    write(tmp_path, "date,close,dividend\n2024-01-02,220,0\n", "OEF.csv")
    source = read(tmp_path)
    ijh, oef = source.history("IJH"), source.history("OEF")
    assert ijh is not None and oef is not None
    assert "dividend" not in ijh.bars and "dividend" in oef.bars


def test_a_folder_of_tidy_files_continues_a_symbol_from_file_to_file(tmp_path: Path) -> None:
    write(tmp_path, "date,symbol,close\n2023-12-29,IJH,49\n", "2023.csv")
    write(tmp_path, "date,symbol,close\n2024-01-02,IJH,50\n", "2024.csv")
    history = read(tmp_path).history("IJH")
    assert history is not None and history.bars["close"].tolist() == [49.0, 50.0]
    write(tmp_path, "date,symbol,close\n2024-01-02,IJH,50\n", "2025.csv")
    with pytest.raises(
        UnfitDataError, match=r"2025.csv: data row 1 \(line 2\): IJH 2024-01-02 is there already \(2024.csv"
    ):
        read(tmp_path)


def test_a_later_file_with_dividends_or_adjusted_closes_changes_no_earlier_return(tmp_path: Path) -> None:
    write(tmp_path, "date,symbol,close\n2023-12-28,IJH,50\n2023-12-29,IJH,51\n", "2023.csv")
    alone = returns(read(tmp_path))
    for column in ("dividend", "adj_close"):
        write(tmp_path, f"date,symbol,close,{column}\n2024-01-02,IJH,52,0.5\n", "2024.csv")
        assert returns(read(tmp_path))[:2] == alone == [100.0, 102.0]


def returns(source: FolderSource) -> list[float]:
    history = source.history("IJH")
    assert history is not None
    return bars.wide(bars.tidy(history.bars, "IJH"), "close", "total_return")["IJH"].tolist()


UNSORTED = "date,symbol,close\n2024-01-03,IJH,1\n\n2024-01-02,IJH,1\n"
FAULTS = [
    ("unsorted", UNSORTED, r"data row 2 \(line 4\): IJH 2024-01-02 comes after 2024-01-03; sort"),
    (
        "duplicate",
        GOOD + "2024-01-02,IJH,50,51,49,50.5,50.1,1000,0,0\n",
        r"data row 5 \(line 6\): IJH 2024-01-02 is there already \(bars.csv: data row 1 \(line 2\)\); keep one",
    ),
    ("text", GOOD.replace("50.0,50.0", "n.a.,50.0"), r"row 2 \(line 3\): `close` is not a number: 'n.a.'; correct"),
    ("infinite", GOOD.replace("50.0,50.0", "inf,50.0"), r"row 2 \(line 3\): `close` is not a finite number"),
    ("date", GOOD.replace("2024-01-03,OEF", "03/01/2024,OEF"), r"line 5\): `date` is not a date.*'03/01/2024'; write"),
    ("no such day", GOOD.replace("2024-01-03,OEF", "2024-02-31,OEF"), r"line 5.*'2024-02-31'"),
    ("no date", GOOD.replace("2024-01-03,OEF", ",OEF"), r"line 5.*`date` is not a date.*empty"),
    ("no symbol", GOOD.replace("2024-01-03,OEF", "2024-01-03,"), r"line 5\): no symbol"),
    ("ragged", GOOD + "2024-01-04,IJH,50\n", r"line 6: 3 fields found, 10 needed"),
    ("no rows", "date,symbol,close\n", "no rows below the header"),
    ("empty", "", r"empty \(0 bytes\)"),
    ("two closes", "date,symbol,close,Close\n2024-01-02,IJH,1,1\n", "two columns mean `close`"),
]


@pytest.mark.parametrize(("text", "message"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_unfit_rows_end_4_and_name_file_row_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UnfitDataError, match=r"^bars\.csv: .*" + message) as caught:
        read(write(tmp_path, text))
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("column", ["date", "symbol", "close"])
def test_a_missing_column_ends_2_and_is_named(tmp_path: Path, column: str) -> None:
    header = ",".join(name for name in ("date", "symbol", "high", "close", "adj_close") if name != column)
    with pytest.raises(MissingColumnError, match=f"bars.csv: no column `{column}`") as caught:
        read(write(tmp_path, f"{header}\n2024-01-02,1,1,1\n"))
    assert caught.value.exit_code == 2


def test_a_missing_path_an_empty_folder_and_an_unknown_ending_end_2(tmp_path: Path) -> None:
    for path, message in (
        (tmp_path / "none.csv", "no such file or folder"),
        (tmp_path, "no .csv or .parquet file"),
        (write(tmp_path, GOOD, "bars.xlsx"), "ends in .csv or .parquet"),
    ):
        with pytest.raises(SourceNotFoundError, match=message) as caught:
            FolderSource(path)
        assert caught.value.exit_code == 2


@pytest.mark.parametrize("content", [b"date,symbol,close\n2024-01-02,IJH,1\n", b"PAR1" + b"\0" * 40 + b"PAR1"])
def test_a_file_that_is_not_parquet_though_named_so_ends_4(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bars.parquet").write_bytes(content)
    with pytest.raises(UnfitDataError, match=r"bars.parquet: not a readable Parquet file.*write it again"):
        read(tmp_path / "bars.parquet")


def test_parquet_rows_are_refused_by_data_row(tmp_path: Path) -> None:
    table = pa.table({"date": ["2024-01-02", "2024-01-03"], "symbol": ["IJH"] * 2, "close": ["1.5", "one"]})
    pq.write_table(table, tmp_path / "bars.parquet")
    with pytest.raises(UnfitDataError, match="bars.parquet: data row 2: `close` is not a number: 'one'"):
        read(tmp_path / "bars.parquet")


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_raises_nothing_of_its_reader(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    name = ("bars.csv", "bars.parquet")[seed % 2]
    write(tmp_path, GOOD)
    pq.write_table(arrow_csv.read_csv(tmp_path / "bars.csv"), tmp_path / "bars.parquet")
    content = bytearray((tmp_path / name).read_bytes())
    for place in rng.integers(0, len(content), 3):
        content[place] = int(rng.integers(0, 256))
    (tmp_path / name).write_bytes(bytes(content[: int(rng.integers(1, len(content) + 1))]))
    try:
        read(tmp_path / name).history("IJH")
    except BreadthbookError as error:
        assert str(error).startswith("bars.")


def test_the_adjusted_close_comes_from_the_file_that_reaches(tmp_path: Path) -> None:
    early = "date,symbol,close,adj_close\n2024-01-02,IJH,50,49\n2024-01-03,IJH,51,50\n"
    late = "date,symbol,adj_close\n2024-01-02,IJH,39\n2024-01-03,IJH,40\n2024-01-04,IJH,41\n"
    opened = [FolderSource(write(tmp_path, early, "a.csv")), FolderSource(write(tmp_path, late, "b.csv"))]
    for reach, chosen in (("2024-01-03", [49.0, 50.0]), ("2024-01-04", [39.0, 40.0, 41.0])):
        history = sources.merged(opened, "IJH", "", reach)
        assert history is not None and history.bars["adj_close"].tolist() == chosen
        assert history.bars["close"].dropna().tolist() == [50.0, 51.0]


def test_the_real_file_holds_its_82_symbols(shared_data: Path) -> None:
    assert len(read(shared_data / "etf_ohlcv_yahoo.parquet").symbols()) == 82


@pytest.mark.slow
def test_the_real_file_is_read_in_a_second_or_two(shared_data: Path) -> None:
    spent = []
    for _ in range(5):
        started = time.perf_counter()
        read(shared_data / "etf_ohlcv_yahoo.parquet")
        spent.append(time.perf_counter() - started)
    assert min(spent) < 4.0  # about 0.3 s on an idle machine
