"""Facts given by hand: each has a unit, a day and a source, or its line is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.core.errors import BreadthbookError, MissingColumnError, UnfitDataError
from helpers.data import given
from tests.sections.conftest import take

HEAD = "fact,value,unit,as_of,source\n"


@pytest.fixture
def csv(tmp_path: Path):
    def written(*lines: str, head: str = HEAD) -> str:
        path = tmp_path / "facts.csv"
        path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
        return str(path)

    return written


def test_percent_and_points_become_fractions(csv):
    rows = given.read(csv("Short interest,4.2,percent,2026-03-31,exchange file", "Spread,-30,bp,2026-04-16,desk"))
    assert rows["value"].tolist() == [pytest.approx(0.042), -30.0]
    assert rows["unit"].tolist() == ["fraction", "bp"]


def test_semicolons_and_other_columns_are_read_over(csv):
    rows = given.read(csv("x;Spread;-30;bp;2026-04-16;desk", head="note;fact;value;unit;as_of;source\n"))
    assert rows["source"].tolist() == ["desk"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("Short interest,4.2,percent,2026-03-31,", "line 2: `source` is empty"),
        ("Short interest,4.2,pct,2026-03-31,x", "line 2: unit 'pct' found; one of percent, points"),
        ("Short interest,4.2%,percent,2026-03-31,x", "line 2: value '4.2%' found; a plain number"),
        ("Loan,1e300,money,2026-03-31,x", "line 2: value '1e300' found"),
        ("Holders,4.7,count,2026-03-31,x", "value '4.7' found; a whole number of zero or more"),
        ("Price,-4,price,2026-03-31,x", "value '-4' found; a number of zero or more"),
        ("Price,4,price,20260331,x", "as_of '20260331' found"),
        ("Price,4,price,2026-03-31,x, y", "line 2: 6 cells found, 5 needed; put text with a comma in quotes"),
        ("Short interest,nan,percent,2026-03-31,x", "line 2: value 'nan' found"),
        ("Short interest,4.2,percent,31 March,x", "line 2: as_of '31 March' found; write a day as 2026-04-17"),
        ("A,1,count,2026-03-31,x\nA,2,count,2026-03-31,x", "'A' is given twice"),
    ],
)
def test_a_line_that_is_not_understood_is_named(csv, line, message):
    with pytest.raises(UnfitDataError) as raised:
        given.read(csv(line))
    assert message in str(raised.value)


def test_a_missing_column_is_named(csv):
    with pytest.raises(MissingColumnError, match="no column 'source'"):
        given.read(csv("A,1,count,2026-03-31", head="fact,value,unit,as_of\n"))


def test_a_missing_file_is_a_usage_error(tmp_path):
    with pytest.raises(BreadthbookError) as raised:
        given.read(tmp_path / "none.csv")
    assert raised.value.exit_code == 2


def test_a_fact_of_a_later_day_is_not_known_yet(csv):
    path = csv("Old,1,count,2026-04-15,x", "New,2,count,2026-04-17,x")
    snapshot, _ = take(as_of="2026-04-16", sources={"bars": ["sample"], "facts": path})
    assert snapshot.background.given["fact"].tolist() == ["Old"]


def test_a_fact_becomes_a_finding_with_its_day_and_source(csv):
    from helpers.sections.coverage import coverage

    path = csv("Short interest,4.2,percent,2026-03-31,exchange file")
    stated = coverage(*take(as_of="2026-04-16", sources={"bars": ["sample"], "facts": path})).findings
    found = stated.get("coverage.given", fact="Short interest")
    assert found is not None
    assert (found.text(), found.as_of, found.source) == ("4.2%", "2026-03-31", "exchange file")
