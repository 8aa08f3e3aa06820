"""What a note reads beside bars: members, series, facts and dated events, each as it was known on a day."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from helpers.core import params as parameters
from helpers.core.errors import MissingColumnError, ParameterError, SourceNotFoundError, UnfitDataError
from helpers.data import agenda, intake
from helpers.data.facts import Facts
from helpers.data.snapshot import Snapshot
from helpers.data.sources import series
from tests.sections.conftest import TODAY, take

SAMPLE = {"bars": ["sample"], "members": "sample", "members_bars": ["sample"]}


def file_of(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def of_files(folder: Path, **sources: object) -> Snapshot:
    """A snapshot of three funds in a file, with the sources named beside."""
    bars = take(as_of="2026-04-16")[0].bars
    rows = bars[bars["symbol"].isin(["IJH", "OEF", "SPY"]) & (bars["date"] >= "2024-01-02")]
    rows.to_parquet(folder / "bars.parquet", index=False)
    values = {"as_of": "2026-04-16", "sources": {"bars": [str(folder / "bars.parquet")], **sources}}
    return intake.take(parameters.parse(values, origin="test"), today=TODAY)


@pytest.fixture(scope="module")
def sample() -> Snapshot:
    return take(sources=SAMPLE, as_of="2026-04-16")[0]


def test_a_member_without_bars_is_a_column_of_nan_in_the_order_of_the_list(tmp_path):
    listed = file_of(tmp_path, "list_2026-01-02.csv", "symbol,weight\nSPY,0.5\nGONE,0.2\nOEF,0.3\n")
    held = of_files(tmp_path, members=listed, members_bars=[str(tmp_path / "bars.parquet")]).background
    close = held.member_wide("close", "tape")
    assert list(close) == ["SPY", "GONE", "OEF"]
    assert close["GONE"].isna().all()
    assert close[["SPY", "OEF"]].iloc[-1].notna().all()
    assert held.members_of == "2026-01-02"


def test_what_is_not_named_has_no_rows_and_is_missing(sample):
    assert sample.background.inputs == {
        "members": "fresh",
        "members_bars": "fresh",
        "macro": "missing",
        "shares": "missing",
        "holdings": "missing",
        "estimates": "missing",
        "events": "missing",
        "calendar": "missing",
    }
    assert sample.background.series("DGS10").empty


def test_a_variable_that_is_not_set_names_nothing(tmp_path, monkeypatch):
    monkeypatch.delenv("NO_SUCH_LIST", raising=False)
    held = of_files(tmp_path, members="$NO_SUCH_LIST", macro=["$NO_SUCH_LIST"]).background
    assert held.members.empty
    assert held.macro.empty


def test_real_and_simulated_prices_are_not_mixed(tmp_path):
    with pytest.raises(ParameterError, match="bars and members_bars mix real and simulated prices"):
        of_files(tmp_path, members="sample", members_bars=["sample"])


def test_the_written_background_is_read_back_and_counts_in_the_digest(sample, tmp_path):
    sample.write(tmp_path)
    again = Snapshot.read(tmp_path)
    pd.testing.assert_frame_equal(again.background.member_bars, sample.background.member_bars)
    assert again.digest == sample.digest
    bare = take(as_of="2026-04-16")[0]
    assert bare.digest != sample.digest


def test_a_cut_keeps_what_was_known_on_the_day(tmp_path):
    text = "series,date,value\nDGS10,2026-04-09,4.2\nDGS10,2026-04-10,4.3\n"
    held = of_files(tmp_path, macro=[file_of(tmp_path, "series.csv", text)])
    assert held.background.series("DGS10").to_dict() == {
        pd.Timestamp("2026-04-10"): 4.2,
        pd.Timestamp("2026-04-13"): 4.3,
    }
    assert held.cut("2026-04-10").background.series("DGS10").tolist() == [4.2]


def test_a_series_is_read_as_it_was_first_published(tmp_path):
    text = (
        "series,date,value,published\n"
        "ICSA,2026-03-28,210000,2026-04-02\nICSA,2026-03-28,213000,2026-04-09\nICSA,2026-04-04,220000,2026-04-09\n"
    )
    held = of_files(tmp_path, macro=[file_of(tmp_path, "series.csv", text)]).background
    assert held.series("ICSA").tolist() == [210000, 220000]


def test_facts_of_real_funds_are_read_up_to_the_day_and_never_beside_simulated_bars(tmp_path, sample):
    rows = pd.DataFrame({"subject": ["IJH", "XYZ"], "shares": [1e9, 2e9], "basis": ["stated", "stated"]})
    for day in ("2026-04-15", "2026-04-17"):
        Facts().record("shares", rows, day)
    held = of_files(tmp_path).background.shares
    assert held["subject"].tolist() == ["IJH"]
    assert held["as_of"].tolist() == [pd.Timestamp("2026-04-15")]
    assert take(as_of="2026-04-16")[0].background.shares.empty


def test_old_releases_are_stale(tmp_path):
    text = "series,date,value\nDGS10,2026-03-02,4.2\n"
    held = of_files(tmp_path, macro=[file_of(tmp_path, "series.csv", text)]).background
    assert held.inputs["macro"] == "stale"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("event: a\n", "a list of events is needed, dict found"),
        ("- {date: 2026-04-29, event: Fed}\n", "event 1 needs date, event, source"),
        ("- {date: 29 April, event: Fed, source: Fed}\n", "event 1: `date` is '29 April'"),
    ],
)
def test_an_agenda_that_cannot_be_read_is_refused_with_its_place(tmp_path, text, message):
    with pytest.raises(UnfitDataError, match=message):
        agenda.read(file_of(tmp_path, "calendar.yaml", text))


def test_an_agenda_is_sorted_by_day(tmp_path):
    text = "- {date: 2026-06-17, event: B, source: S}\n- {date: 2026-04-29, event: A, source: S}\n"
    assert agenda.read(file_of(tmp_path, "calendar.yaml", text))["event"].tolist() == ["A", "B"]
    with pytest.raises(SourceNotFoundError, match="No such file"):
        agenda.read(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("series,day,value\nDGS10,2026-04-10,4\n", MissingColumnError, "no column `date`"),
        ("series,date,value\nDGS10,2026-04-10,four\n", UnfitDataError, "row 1: `value` is no number: 'four'"),
        ("series,date,value\nDGS10,April,4\n", UnfitDataError, "row 1: `date` is no day: 'April'"),
    ],
)
def test_a_file_of_series_that_cannot_be_read_is_refused_with_its_place(tmp_path, text, error, message):
    with pytest.raises(error, match=message):
        series.read(file_of(tmp_path, "series.csv", text))


def test_a_value_that_is_not_stated_is_left_out(tmp_path):
    text = "series,date,value\nDGS10,2026-04-09,.\nDGS10,2026-04-10,4.3\n"
    assert series.read(file_of(tmp_path, "series.csv", text))["value"].tolist() == [4.3]
