from __future__ import annotations

import datetime as dt
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from helpers.core.errors import MissingColumnError, ParameterError, UnavailableDataError, UnfitDataError
from helpers.data.facts import Facts


def shares(count: float, subject: str = "IJH") -> pd.DataFrame:
    return pd.DataFrame({"subject": [subject], "date": pd.to_datetime(["2026-04-16"]), "shares": [count]})


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to let a file grow beyond `size` bytes, as it does on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_was_recorded_is_read_with_its_day_in_front(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    assert facts.record("shares", shares(100.0), "2026-04-17")
    rows = facts.read("shares")
    assert list(rows.columns) == ["as_of", "subject", "date", "shares"]
    assert rows["as_of"].tolist() == [pd.Timestamp("2026-04-17")] and rows["shares"].tolist() == [100.0]
    assert [str(kind) for kind in rows.dtypes] == ["datetime64[s]", "str", "datetime64[s]", "float64"]


def test_a_day_stays_as_it_was_recorded(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    facts.record("shares", shares(100.0), "2026-04-17")
    before = everything(tmp_path)
    assert not facts.record("shares", shares(999.0), dt.date(2026, 4, 17))
    assert everything(tmp_path) == before
    assert facts.record("shares", shares(7.0, "OEF"), "2026-04-17"), "another subject of the same day is new"
    assert facts.read("shares")["shares"].tolist() == [100.0, 7.0]


def test_later_records_do_not_change_what_was_known(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    facts.record("shares", shares(100.0), "2025-12-31")
    facts.record("shares", shares(110.0), "2026-01-02")
    known = facts.read("shares", until="2026-01-02")
    facts.record("shares", shares(120.0).assign(basis="stated"), "2026-01-05")
    again = facts.read("shares", until="2026-01-02")
    pd.testing.assert_frame_equal(again[known.columns.to_list()], known)
    assert facts.read("shares", until="2025-12-31")["shares"].tolist() == [100.0]
    assert sorted(path.name for path in (tmp_path / "facts" / "shares").iterdir()) == ["2025.parquet", "2026.parquet"]


def test_latest_are_the_rows_of_the_last_day(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    for day, count in (("2026-04-15", 1.0), ("2026-04-17", 2.0)):
        facts.record("shares", pd.concat([shares(count), shares(count + 10)]), day)
    assert facts.latest("shares", "IJH")["shares"].tolist() == [2.0, 12.0]
    assert facts.latest("shares", "IJH", until="2026-04-16")["shares"].tolist() == [1.0, 11.0]
    assert facts.latest("shares", "SPY").empty and facts.latest("nothing", "IJH").empty
    assert facts.days("shares", "IJH") == [dt.date(2026, 4, 15), dt.date(2026, 4, 17)]


def test_kinds_are_those_that_hold_something(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    assert facts.kinds() == [] and facts.read("shares").columns.tolist() == ["as_of", "subject"]
    facts.record("shares", shares(1.0), "2026-04-17")
    facts.record("estimates", pd.DataFrame({"subject": [], "current": []}), "2026-04-17")
    assert facts.kinds() == ["shares"] and not (tmp_path / "facts" / "estimates").exists()


def test_numbers_text_and_dates_survive_the_disk(tmp_path: Path) -> None:
    mixed = pd.DataFrame(
        {
            "subject": ["NA", "TRUE"],
            "count": [3, 4],
            "weight": [0.5, np.nan],
            "event": ["earnings", None],
            "due": [dt.date(2026, 5, 1), None],
            "at": pd.to_datetime(["2026-04-17 16:00", None]).tz_localize("America/New_York"),
        }
    )
    facts = Facts(tmp_path)
    facts.record("events", mixed, "2026-04-17")
    rows = facts.read("events")
    assert rows["subject"].tolist() == ["NA", "TRUE"] and rows["count"].tolist() == [3.0, 4.0]
    assert rows["due"].tolist()[0] == pd.Timestamp("2026-05-01") and rows["due"].isna().tolist() == [False, True]
    assert rows["at"].tolist()[0] == pd.Timestamp("2026-04-17") and rows["event"].isna().tolist() == [False, True]


def test_the_file_is_plain_parquet_and_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        Facts(tmp_path / name).record("shares", shares(1.0), "2026-04-17")
    assert everything(tmp_path / "one") == everything(tmp_path / "two")
    table = pq.read_table(tmp_path / "one" / "facts" / "shares" / "2026.parquet")
    assert table.schema.names == ["as_of", "subject", "date", "shares"] and str(table.schema.types[0]) == "date32[day]"


def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    facts.record("shares", shares(100.0), "2026-04-16")
    before = everything(tmp_path)
    many = pd.DataFrame({"subject": [f"S{row}" for row in range(5000)], "shares": np.arange(5000.0) ** 1.5})
    with files_of_at_most(4096), pytest.raises(UnavailableDataError, match=r"2026\.parquet: cannot be written \("):
        facts.record("shares", many, "2026-04-17")
    assert everything(tmp_path) == before
    assert facts.record("shares", many, "2026-04-17")


def test_a_damaged_file_is_named_and_never_written_over(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    facts.record("shares", shares(100.0), "2026-04-16")
    path = tmp_path / "facts" / "shares" / "2026.parquet"
    for content in (path.read_bytes()[:-7], b"", b"PAR1"):
        path.write_bytes(content)
        with pytest.raises(UnfitDataError, match=r"shares.2026\.parquet: damaged .* move it away"):
            facts.read("shares")
        with pytest.raises(UnfitDataError, match="no source tells them again"):
            facts.record("shares", shares(1.0), "2026-04-17")
        assert path.read_bytes() == content


def test_rows_without_a_subject_are_refused(tmp_path: Path) -> None:
    facts = Facts(tmp_path)
    with pytest.raises(MissingColumnError, match="shares: no column `subject`, found shares"):
        facts.record("shares", pd.DataFrame({"shares": [1.0]}), "2026-04-17")
    with pytest.raises(UnfitDataError, match="shares: row 2 has no subject"):
        facts.record("shares", pd.DataFrame({"subject": ["IJH", None], "shares": [1.0, 2.0]}), "2026-04-17")
    with pytest.raises(ParameterError, match=r"kind '\.\./bars' found"):
        facts.record("../bars", shares(1.0), "2026-04-17")
    assert facts.kinds() == []
