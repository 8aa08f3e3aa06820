from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.core.errors import MissingColumnError, SourceNotFoundError, UnfitDataError
from helpers.data.facts import Facts
from helpers.data.members import Members, coverage, read_members

PLAIN = """symbol,name,weight,sector,date
ijh,Fund One,0.6,Industrials,2026-04-17
BRK.B,"Company, Two",0.3,,2026-04-17
"""

HEADER = (
    "Ticker,Name,Sector,Asset Class,Market Value,Weight (%),Notional Value,Quantity,Price,Location,Exchange,Currency"
)
PREAMBLE = """\ufeffInvented Mid Cap Fund
Fund Holdings as of,"Apr 17, 2026"
Inception Date,"May 22, 2000"
Shares Outstanding,"1,646,900,000.00"
Stock,"-"
Bond,"-"
\xa0
"""
LEGAL = """\xa0
"The content contained herein is invented, and the text goes on,
over several lines, with “quotes” and commas.
Holdings subject to change."
"""


def row(ticker: str, weight: str, kind: str = "Equity", exchange: str = "NASDAQ", pieces: str = "1,234.00") -> str:
    cells = [ticker, f"{ticker} INC CLASS A", "Industrials", kind, "409,233,878.82", weight, "1", pieces, "158.47"]
    return ",".join(f'"{cell}"' for cell in [*cells, "United States", exchange, "USD"])


TABLE = [
    row("AAON", "60.50"),
    row("MOGA", "30.25"),
    row("NA", "5.00"),
    row("XTSLA", "1.20", "Money Market", "-"),
    row("USD", "0.05", "Cash", "-"),
    row("FAM6", "0.00", "Futures", "Chicago Mercantile Exchange"),
    row("-", "0.01", exchange="NO MARKET (E.G. UNLISTED)"),
    row("ADRO", "0.02", exchange="NO MARKET (E.G. UNLISTED)"),
]


def write(folder: Path, text: str, name: str = "members.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    return path


def fund(folder: Path, table: list[str], preamble: str = PREAMBLE, legal: str = LEGAL) -> Members:
    return read_members(write(folder, "\n".join([preamble + HEADER, *table, legal]), "IJH_holdings.csv"))


# --- a plain CSV


def test_a_plain_list(tmp_path: Path) -> None:
    members = read_members(write(tmp_path, PLAIN))
    assert members.rows.columns.tolist() == ["symbol", "name", "weight", "sector"]
    assert members.rows["symbol"].tolist() == ["IJH", "BRK-B"]
    assert members.rows["name"].tolist() == ["Fund One", "Company, Two"]
    assert members.rows["weight"].tolist() == [0.6, 0.3] and members.rows["sector"].isna().tolist() == [False, True]
    assert (members.as_of, members.source, members.facts) == ("2026-04-17", "members.csv", {})
    assert members.notes == ("2 members, 90.00% of weight covered",)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("sp400-2026-04-17.csv", "2026-04-17"),
        ("sp400_20260417.csv", "2026-04-17"),
        ("2026.04.17 mid caps.csv", "2026-04-17"),
        ("sp400.csv", ""),
        ("list_20261341.csv", ""),
        ("v1.17.10_123456789.csv", ""),
    ],
)
def test_the_day_may_stand_in_the_name(name: str, day: str, tmp_path: Path) -> None:
    members = read_members(write(tmp_path, "ticker\nIJH\n", name))
    assert members.as_of == day
    assert ("no day is stated, neither in the file nor in its name" in members.notes) == (not day)


def test_a_day_in_the_file_goes_before_its_name(tmp_path: Path) -> None:
    assert read_members(write(tmp_path, PLAIN, "list-2020-01-02.csv")).as_of == "2026-04-17"


def test_no_weights_are_equal_weights_and_said_so(tmp_path: Path) -> None:
    members = read_members(write(tmp_path, "Ticker\nA\nB\nC\nD\n"))
    assert members.rows["weight"].tolist() == [0.25] * 4
    assert "no weights: every member counts the same" in members.notes


@pytest.mark.parametrize("symbol", ["NA", "ON", "TRUE", "NAN", "NULL", "INF", "1E5", "A"])
def test_a_ticker_stays_text(symbol: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"symbol,weight\n{symbol},0.5\nNONE,0.5\n")
    rows = read_members(path).rows
    assert rows["symbol"].tolist() == [symbol, "NONE"] and rows["symbol"].dtype == "str"


@pytest.mark.parametrize("written", ["BRK.B", "BRK/B", "BRK B", "brk-b", ' "BRK.B" ', "\xa0BRK\xa0B"])
def test_a_class_of_share_is_written_as_yahoo_does(written: str, tmp_path: Path) -> None:
    assert read_members(write(tmp_path, f"symbol\n{written}\n")).rows["symbol"].tolist() == ["BRK-B"]


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("symbol,weight\nA,0.6\nB,0.3\n", [0.6, 0.3]),
        ("symbol,weight\nA,60\nB,30\n", [0.6, 0.3]),
        ("symbol,weight\nA,60%\nB,30 %\n", [0.6, 0.3]),
        ("symbol,Weight (%)\nA,0.6\nB,0.3\n", [0.006, 0.003]),
        ("\ufeffsymbol;weight\r\n\r\nA;0,6\r\n;\r\nB;0,3\r\n", [0.6, 0.3]),
        ("symbol\tweight\nA\t0.6\nB\t-\n", [0.6, np.nan]),
        ('"Ticker","Weight"\n"A","0.6",\n\n"B","0.3",\n', [0.6, 0.3]),
    ],
)
def test_weights_come_as_fractions_however_written(text: str, weights: list[float], tmp_path: Path) -> None:
    members = read_members(write(tmp_path, text))
    assert members.rows["weight"].tolist() == pytest.approx(weights, nan_ok=True)
    is_percent = "%" in text or ",60" in text
    assert ("weights read as percent" in members.notes) == is_percent
    assert ("1 members without a weight" in members.notes) == ("-" in text)


def test_the_sector_column_may_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "symbol,GICS Sector,yahoo_sector\nA,Energy,Oil\n")
    assert read_members(path, sector_column="gics sector").rows["sector"].tolist() == ["Energy"]
    members = read_members(path)
    assert members.rows["sector"].isna().all()
    assert "no sectors: columns GICS Sector, yahoo_sector found, none is named as the sector column" in members.notes
    with pytest.raises(MissingColumnError, match="members.csv: no column `industry`, found symbol, GICS Sector, yah"):
        read_members(path, sector_column="industry")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("symbol\nA\n\nBRK.B\nbrk-b\n", r"line 5: BRK-B stands on line 4 already"),
        ("symbol,weight\nA,0.5\nB,heavy\n", r"line 3: `weight` is not a number from 0: 'heavy'"),
        ("symbol,weight\nA,-0.5\n", r"line 2: `weight` is not a number from 0: '-0.5'"),
        ("symbol,weight\nA,0.5\n,0.5\n", r"line 3: no symbol"),
        ("symbol,weight\nA,0.5\nB\n", r"line 3: 1 fields found, 2 needed"),
        ("symbol,weight\nA,0.5,9\n", r"line 2: 3 fields found, 2 needed"),
        ("symbol,weight\nA,70\nB,70\n", r"the weights add up to 1\.4 of the whole"),
        ("symbol,weight\nA,0\nB,0\n", r"the weights add up to 0 of the whole"),
        ("symbol,date\nA,17/04/2026\n", r"line 2: `date` is not a day: '17/04/2026'"),
        ("symbol,date\nA,2026-04-17\nB,2026-04-18\n", r"line 3: a list of 2026-04-18 in a list of 2026-04-17"),
        ("symbol\n", r"no rows below the header"),
        ("\n \n", r"the file is empty"),
        ("<html><body>Sign in</body></html>", r"a spreadsheet or page, not a CSV"),
    ],
)
def test_an_unfit_list_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UnfitDataError, match=f"^members.csv: {said}"):
        read_members(write(tmp_path, text))


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="nowhere.csv: No such file"):
        read_members(tmp_path / "nowhere.csv")
    with pytest.raises(MissingColumnError, match="members.csv: no column `symbol`, found name, weight"):
        read_members(write(tmp_path, "name,weight\nA,1\n"))
    path = tmp_path / "latin.csv"
    path.write_bytes("symbol,name\nA,Société\n".encode("latin-1"))
    with pytest.raises(UnfitDataError, match="latin.csv: not UTF-8 text"):
        read_members(path)


# --- a holdings file of iShares


def test_a_holdings_file(tmp_path: Path) -> None:
    members = fund(tmp_path, TABLE)
    assert members.rows["symbol"].tolist() == ["AAON", "MOG-A", "NA"]
    assert members.rows["weight"].tolist() == pytest.approx([0.605, 0.3025, 0.05])
    assert members.rows["sector"].tolist() == ["Industrials"] * 3
    assert (members.as_of, members.source) == ("2026-04-17", "IJH_holdings.csv")
    assert members.notes == (
        "3 members, 95.75% of weight covered",
        "5 rows of cash, derivatives and unlisted shares set aside, 1.28% of weight",
    )


def test_a_holdings_file_tells_the_shares_outstanding(tmp_path: Path) -> None:
    facts = fund(tmp_path, TABLE).facts
    assert facts["shares_outstanding"] == 1_646_900_000 and facts["inception"] == "2000-05-22"
    assert facts["fund"] == "Invented Mid Cap Fund"
    assert facts["quantity"] == {"AAON": 1234.0, "MOG-A": 1234.0, "NA": 1234.0}
    none = fund(tmp_path, TABLE, PREAMBLE.replace('"1,646,900,000.00"', '"-"')).facts
    assert np.isnan(none["shares_outstanding"])


@pytest.mark.parametrize("day", ['"Apr 17, 2026"', '"17/Apr/2026"', "17-Apr-2026", "2026-04-17"])
def test_the_day_of_a_holdings_file(day: str, tmp_path: Path) -> None:
    assert fund(tmp_path, TABLE, PREAMBLE.replace('"Apr 17, 2026"', day)).as_of == "2026-04-17"


def test_a_holdings_file_without_name_legal_text_or_last_line_break(tmp_path: Path) -> None:
    members = fund(tmp_path, TABLE[:2], PREAMBLE.split("\n", 1)[1], "")
    assert members.rows["symbol"].tolist() == ["AAON", "MOG-A"] and members.facts["fund"] == ""
    assert len(members.notes) == 1


def test_rows_of_one_ticker_are_added_up_in_a_holdings_file(tmp_path: Path) -> None:
    """It is as downloaded: the reader of the file cannot mend it."""
    members = fund(tmp_path, [*TABLE, row("AAON", "0.50")])
    assert members.rows["weight"].tolist() == pytest.approx([0.61, 0.3025, 0.05])
    assert members.facts["quantity"]["AAON"] == 2468.0
    assert "AAON: several rows for one ticker, added up" in members.notes


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("Apr 17, 2026", "-"), "`Fund Holdings as of` has no day, as in a file downloaded for a day without trading"),
        (('"60.50"', '"sixty"'), r"line 9: `Weight \(%\)` is not a number: 'sixty'"),
        (('"AAON INC CLASS A",', ""), "line 9: 11 fields found, 12 needed as in the header"),
        (("Equity", "Bond"), "no shares below the header"),
        (("Asset Class", "Anlageklasse"), "a holdings file without columns `Ticker` and `Asset Class`"),
        (("\ufeffInvented", '<?xml version="1.0"?><ss:Workbook>Invented'), "a spreadsheet or page, not a CSV"),
    ],
)
def test_an_unfit_holdings_file_is_refused(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    text = "\n".join([PREAMBLE + HEADER, *TABLE, LEGAL]).replace(*change)
    path = write(tmp_path, text, "IJH_holdings.csv")
    with pytest.raises(UnfitDataError, match=f"^IJH_holdings.csv: {said}"):
        read_members(path)


@pytest.mark.parametrize("start", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0\xa1\xb1"])
def test_a_spreadsheet_is_refused(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "IJH_holdings.xls"
    path.write_bytes(start)
    with pytest.raises(UnfitDataError, match="IJH_holdings.xls: a spreadsheet or page, not a CSV; save or download it"):
        read_members(path)


# --- what is made of a list


def test_coverage_counts_and_weighs_what_is_held(tmp_path: Path) -> None:
    found = coverage(fund(tmp_path, TABLE), ["AAON", "NA", "SPY"])
    assert (found.held, found.of, found.missing) == (2, 3, ("MOG-A",))
    assert (found.weight, found.of_weight) == pytest.approx((0.655, 0.9575))


def test_a_list_is_kept_day_by_day(tmp_path: Path) -> None:
    facts, members = Facts(tmp_path), fund(tmp_path, TABLE)
    assert facts.record("members", members.frame("IJH"), "2026-04-20")
    held = facts.latest("members", "IJH")
    assert held.columns.tolist() == ["as_of", "subject", "date", "symbol", "name", "weight", "sector"]
    assert set(held["date"]) == {pd.Timestamp("2026-04-17")}
    pd.testing.assert_frame_equal(held[members.rows.columns.to_list()], members.rows)
    undated = read_members(write(tmp_path, "ticker\nA\n"))
    assert undated.frame("X")["date"].isna().all()


def test_the_shipped_list_is_read() -> None:
    sample = Path(__file__).parents[2] / "src" / "helpers" / "data" / "sample" / "members.csv"
    assert len(read_members(sample).rows) > 10


def test_real_lists_are_read(shared_data: Path) -> None:
    folder = shared_data / "constituents"
    mid = read_members(folder / "sp400_2026-04-17.csv", sector_column="gics_like_sector")
    assert len(mid.rows) == 400 and mid.as_of == "2026-04-17" and mid.rows["sector"].notna().sum() > 350
    large = read_members(folder / "sp500_gics_2026-08-22.csv", sector_column="gics_sector")
    assert {"BRK-B", "BF-B"} <= set(large.rows["symbol"]) and large.as_of == "2026-08-22"
    assert large.rows["name"].notna().all()
    hundred = read_members(folder / "sp100_pytickersymbols_1.17.10.csv", sector_column="gics_sector")
    assert len(hundred.rows) == 101 and not hundred.as_of
    top = read_members(folder / "us_top1000_by_marketcap_2026-08-16.csv")
    assert len(top.rows) == 1000 and top.rows["sector"].notna().all()
