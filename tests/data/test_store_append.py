from __future__ import annotations

import json
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.core.errors import MissingColumnError, ParameterError, UnavailableDataError, UnfitDataError
from helpers.data import disk
from helpers.data.bars import FIELDS, tidy, wide
from helpers.data.sources.folder import FolderSource
from helpers.data.store import Changes, Store, draft

SYMBOLS = ("IJH", "MGC", "OEF")
DAYS = pd.bdate_range("2023-11-20", "2024-03-08")


def bars(days: pd.DatetimeIndex = DAYS, *, seed: int = 1) -> pd.DataFrame:
    """A bar a day and symbol, with some bars missing and no dividends, splits or adjusted closes."""
    rng = np.random.default_rng(seed)
    index = pd.MultiIndex.from_product([days, SYMBOLS], names=["date", "symbol"])
    rows = pd.DataFrame({name: rng.normal(50, 1, len(index)).round(2) for name in FIELDS[:5]}, index=index)
    kept = rng.random(len(index)) > 0.1
    return tidy(rows[kept].reset_index())


def between(rows: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    return rows[rows["date"].between(first, last)]


def folder_of(held: Store) -> Path:
    return held.home / "bars" / held.version


def names(held: Store) -> list[str]:
    return sorted(path.name for path in folder_of(held).glob("*.parquet"))


def inodes(held: Store) -> dict[str, int]:
    return {name: (folder_of(held) / name).stat().st_ino for name in names(held)}


@pytest.fixture
def grown(tmp_path: Path) -> Store:
    """A store of 2023, January and February 2024, of which a commit wrote what lies before 10 January."""
    held = Store(tmp_path)
    held.commit(between(bars(), "2023-11-20", "2024-01-10"), {"IJH": {"source": "folder"}})
    held.apply(Changes(rows=between(bars(), "2024-01-11", "2024-02-29")))
    return held


@settings(max_examples=15)
@given(cuts=st.sets(st.integers(1, len(DAYS) - 1)), seed=st.integers(0, 3))
def test_any_steps_of_days_hold_what_one_commit_holds(cuts: set[int], seed: int) -> None:
    whole, edges = bars(seed=seed), [0, *sorted(cuts), len(DAYS)]
    with tempfile.TemporaryDirectory() as folder:
        held, at_once = Store(Path(folder) / "steps"), Store(Path(folder) / "once")
        at_once.commit(whole)
        for first, end in zip(edges[:-1], edges[1:], strict=True):
            held.apply(Changes(rows=whole[whole["date"].isin(DAYS[first:end])]))
        pd.testing.assert_frame_equal(held.read(), at_once.read())
        pd.testing.assert_frame_equal(at_once.read(), whole)


@settings(max_examples=15)
@given(order=st.permutations(range(8)))
def test_days_may_come_in_any_order(order: list[int]) -> None:
    whole, chunks = bars(), np.array_split(np.arange(len(DAYS)), 8)
    with tempfile.TemporaryDirectory() as folder:
        held = Store(folder)
        for place in order:
            held.apply(Changes(rows=whole[whole["date"].isin(DAYS[chunks[place]])]))
        pd.testing.assert_frame_equal(held.read(), whole)
        in_name_order = pd.concat([pd.read_parquet(folder_of(held) / name) for name in names(held)])
        assert in_name_order["date"].is_monotonic_increasing


def test_a_column_without_a_number_comes_back_as_nan(grown: Store) -> None:
    back = grown.read()
    assert back["split"].isna().all() and back["split"].dtype == np.float64
    assert back.dtypes.astype(str).to_dict() == tidy(back).dtypes.astype(str).to_dict()


def test_days_after_a_year_file_lie_in_month_parts(grown: Store) -> None:
    assert names(grown) == ["2023.parquet", "2024.parquet", "2024_01.parquet", "2024_02.parquet"]


def test_a_new_month_leaves_the_older_parts_alone(grown: Store) -> None:
    before = inodes(grown)
    grown.apply(Changes(rows=between(bars(), "2024-03-01", "2024-03-04")))
    after = inodes(grown)
    assert after.pop("2024_03.parquet") and after == before


def test_a_new_year_makes_one_file_of_the_old_one(grown: Store) -> None:
    added = bars(pd.bdate_range("2025-01-02", periods=2))
    grown.apply(Changes(rows=added))
    assert names(grown) == ["2023.parquet", "2024.parquet", "2025_01.parquet"]
    whole = tidy(pd.concat([between(bars(), "2023-11-20", "2024-02-29"), added]))
    pd.testing.assert_frame_equal(grown.read(), whole)
    before = inodes(grown)
    grown.commit(whole)
    assert inodes(grown).items() - before.items() == {("2025.parquet", inodes(grown)["2025.parquet"])}


def test_the_folder_source_reads_a_grown_version(grown: Store) -> None:
    grown.apply(Changes(superseded=bars(DAYS[:2]).assign(version="1", replaced_on="2024-03-01")))
    source = FolderSource(folder_of(grown))
    found = [tidy(history.bars, symbol) for symbol in SYMBOLS if (history := source.history(symbol))]
    pd.testing.assert_frame_equal(tidy(pd.concat(found)), grown.read())


def test_a_reader_of_whole_folders_finds_the_bars_alone(grown: Store) -> None:
    grown.apply(Changes(superseded=bars(DAYS[:2]).assign(version="1", replaced_on="2024-03-01")))
    pd.testing.assert_frame_equal(tidy(pd.read_parquet(folder_of(grown))), grown.read())


def test_a_row_takes_the_place_of_the_one_held(grown: Store) -> None:
    before, expected = inodes(grown), grown.read()
    row = expected[expected["symbol"] == "OEF"].iloc[[3]].assign(close=99.0)
    expected.loc[row.index, "close"] = 99.0
    grown.apply(Changes(rows=row))
    pd.testing.assert_frame_equal(grown.read(), expected)
    assert [name for name, inode in inodes(grown).items() if inode != before[name]] == ["2023.parquet"]


def test_a_hole_of_an_older_month_is_filled_in_its_part(tmp_path: Path) -> None:
    held, whole = Store(tmp_path), bars()
    hole = whole["date"].isin(["2023-12-06", "2024-01-17"])
    held.commit(between(whole[~hole], "2023-11-20", "2024-01-10"))
    held.apply(Changes(rows=between(whole[~hole], "2024-01-11", "2024-03-08")))
    february = inodes(held)["2024_02.parquet"]
    held.apply(Changes(rows=whole[hole]))
    pd.testing.assert_frame_equal(held.read(), whole)
    assert inodes(held)["2024_02.parquet"] == february


def test_a_replaced_symbol_keeps_only_its_new_rows(grown: Store) -> None:
    others = grown.read(["IJH", "MGC"])
    new = between(bars(seed=7), "2023-12-01", "2024-02-29").query("symbol == 'OEF'")
    grown.apply(Changes(rows=new, replaced=frozenset({"OEF"})))
    pd.testing.assert_frame_equal(grown.read(), tidy(pd.concat([others, new])))
    grown.apply(Changes(replaced=frozenset(SYMBOLS)))
    assert grown.read().empty and names(grown) == [] and grown.arrays(5).values["close"].shape == (0, 0)


def test_records_are_merged_symbol_by_symbol(grown: Store) -> None:
    first = grown.version
    grown.apply(Changes(records={"OEF": {"holes": ["2024-01-02"]}, "IJH": {"settled": "2024-02-29"}}))
    assert grown.records() == {"IJH": {"settled": "2024-02-29"}, "OEF": {"holes": ["2024-01-02"]}}
    assert grown.records(first) == {"IJH": {"source": "folder"}}


def test_superseded_values_stay_for_ever(grown: Store) -> None:
    old = bars(DAYS[:2]).assign(version=grown.version, replaced_on="2024-03-01")
    assert grown.superseded().empty
    grown.apply(Changes(superseded=old))
    grown.apply(Changes(superseded=old.assign(replaced_on="2024-03-04")))
    grown.commit(bars(seed=5))
    assert grown.superseded()["replaced_on"].tolist() == ["2024-03-01"] * len(old) + ["2024-03-04"] * len(old)
    pd.testing.assert_frame_equal(tidy(grown.superseded().head(len(old))), tidy(old))
    with pytest.raises(MissingColumnError, match="`version`"):
        grown.apply(Changes(superseded=bars(DAYS[:2])))


def test_a_commit_finds_superseded_values_that_were_lost(grown: Store) -> None:
    grown.apply(Changes(superseded=bars(DAYS[:2]).assign(version="1", replaced_on="2024-03-01")))
    grown.apply(Changes(records={"OEF": {}}))
    kept = grown.superseded()
    (folder_of(grown) / "_superseded" / "bars.parquet").unlink()
    grown.commit(bars())
    pd.testing.assert_frame_equal(grown.superseded(), kept)


def test_what_changes_nothing_writes_nothing(grown: Store) -> None:
    version, before = grown.version, sorted(grown.home.rglob("*"))
    rows = between(bars(), "2024-01-11", "2024-02-29")
    for changes in (Changes(), Changes(rows=rows), Changes(records=grown.records(), replaced=frozenset({"SPY"}))):
        assert grown.apply(changes) == version
    assert sorted(grown.home.rglob("*")) == before
    assert Store(grown.home / "new").apply(Changes()) == ""


def test_two_rows_for_a_day_and_symbol_are_refused(grown: Store) -> None:
    version, row = grown.version, bars(DAYS[-1:]).head(1)
    for write in (grown.commit, lambda rows: grown.apply(Changes(rows=rows))):
        with pytest.raises(UnfitDataError, match="2024-03-08: two bars found"):
            write(pd.concat([row, row]))
    with pytest.raises(UnfitDataError, match="without a date or a symbol"):
        grown.apply(Changes(rows=row.assign(symbol=None)))
    assert grown.version == version


def test_a_damaged_part_that_is_touched_is_refused(grown: Store) -> None:
    path = folder_of(grown) / "2024_02.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    version = grown.version
    with pytest.raises(UnfitDataError, match=r"2024_02.parquet: SHA-256 .* in the manifest"):
        grown.apply(Changes(rows=bars(pd.DatetimeIndex(["2024-02-29"]))))
    assert grown.version == version


def test_a_damaged_part_that_is_not_touched_is_found_by_reading(grown: Store) -> None:
    path = folder_of(grown) / "2023.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    grown.apply(Changes(rows=between(bars(), "2024-03-01", "2024-03-04")))
    assert grown.arrays(20).values["close"].shape == (20, 3)
    with pytest.raises(UnfitDataError, match=r"2023.parquet: SHA-256"):
        grown.read()
    with pytest.raises(UnfitDataError, match=r"2023.parquet: SHA-256"):
        grown.arrays(60)


@pytest.mark.parametrize(("content", "found"), [(None, "No such file"), (b"PAR1", "4 bytes found")])
def test_a_part_of_another_size_is_not_taken_over(grown: Store, content: bytes | None, found: str) -> None:
    path = folder_of(grown) / "2023.parquet"
    path.unlink()
    if content:
        path.write_bytes(content)
    with pytest.raises(UnfitDataError, match=rf"2023.parquet: {found}"):
        grown.apply(Changes(rows=between(bars(), "2024-03-01", "2024-03-04")))


def test_old_versions_are_pruned(grown: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(draft, "KEPT_VERSIONS", 3)
    made = [grown.apply(Changes(records={"IJH": {"step": step}})) for step in range(5)]
    assert grown.versions() == made[-3:] == sorted(path.name for path in (grown.home / "bars").iterdir())
    assert grown.read(version=made[-3]).equals(grown.read())
    with pytest.raises(UnavailableDataError, match=f"no version {made[0]}"):
        grown.read(version=made[0])


@pytest.mark.parametrize("days", [1, 20, 40, 1000])
def test_arrays_are_the_last_days_of_the_wide_frame(grown: Store, days: int) -> None:
    found, rows = grown.arrays(days, fields=("close", "volume", "split")), grown.read()
    rows = rows[rows["date"].isin(np.unique(rows["date"])[-days:])]
    for field, values in found.values.items():
        expected = wide(rows, field, "tape")
        assert found.symbols == tuple(expected.columns)
        np.testing.assert_array_equal(found.days, expected.index.to_numpy().astype("datetime64[D]"))
        np.testing.assert_array_equal(values, expected.to_numpy())


def test_arrays_of_named_symbols_keep_the_days_of_the_store(grown: Store) -> None:
    found = grown.arrays(30, ["close"], ["OEF", "SPY", "IJH"])
    expected = wide(grown.read(), "close", "tape").iloc[-30:].reindex(columns=["OEF", "SPY", "IJH"])
    np.testing.assert_array_equal(found.values["close"], expected.to_numpy())
    with pytest.raises(ParameterError, match="field 'price'"):
        grown.arrays(30, ["price"])
    with pytest.raises(ParameterError, match="days 0"):
        grown.arrays(0)


@pytest.mark.parametrize("start", [None, "2023-12-15", "2024-01-12", "2025-01-01"])
def test_reading_some_symbols_is_reading_all_and_choosing(grown: Store, start: str | None) -> None:
    whole = grown.read()
    chosen = whole[whole["symbol"].isin(["IJH", "OEF"]) & (whole["date"] >= (start or "1990"))]
    pd.testing.assert_frame_equal(grown.read(["OEF", "IJH", "SPY"], start), chosen.reset_index(drop=True))


@pytest.fixture
def first_schema(tmp_path: Path) -> Store:
    """A store as it was written before parts, records and sizes."""
    frame = between(bars(), "2023-11-20", "2024-01-10").sort_values(["date", "symbol"])
    years = {f"{year}.parquet": disk.parquet_bytes(part) for year, part in frame.groupby(frame["date"].dt.year)}
    files = {name: disk.sha256(content) for name, content in years.items()}
    version = f"000001-{disk.sha256(json.dumps(files).encode())[:12]}"
    (tmp_path / "bars" / version).mkdir(parents=True)
    for name, content in years.items():
        (tmp_path / "bars" / version / name).write_bytes(content)
    manifest = {"schema": 1, "version": version, "previous": "", "files": files}
    (tmp_path / "bars" / version / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "CURRENT").write_text(version, encoding="utf-8")
    return Store(tmp_path)


def test_a_store_of_the_first_schema_is_read_and_grows(first_schema: Store) -> None:
    held = first_schema
    pd.testing.assert_frame_equal(held.read(), between(bars(), "2023-11-20", "2024-01-10").reset_index(drop=True))
    assert held.records() == {} and held.superseded().empty
    np.testing.assert_array_equal(held.arrays(9).values["close"], wide(held.read(), "close", "tape").iloc[-9:])
    held.apply(Changes(rows=between(bars(), "2024-01-11", "2024-03-08")))
    pd.testing.assert_frame_equal(held.read(), bars())


APPLY = """
import sys
sys.path.insert(0, sys.argv[2])
import pandas as pd

from helpers.data.store import Changes, Store
days = pd.bdate_range("2023-12-20", periods=int(sys.argv[4]))
print("ready", flush=True)
for step, day in enumerate(days):
    rows = pd.DataFrame({"date": day, "symbol": [f"{sys.argv[3]}{code}" for code in range(40)], "close": 1.0 + step})
    Store(sys.argv[1]).apply(Changes(rows=rows, records={sys.argv[3]: {"steps": step + 1}}))
    print(step + 1, flush=True)
"""


def applying(folder: Path, prefix: str, steps: int) -> subprocess.Popen[str]:
    source = str(Path(draft.__file__).parents[2])
    command = [sys.executable, "-c", APPLY, str(folder), source, prefix, str(steps)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [applying(tmp_path, prefix, 25) for prefix in "AB"]
    for writer in writers:
        writer.communicate(timeout=120)
        assert writer.returncode == 0
    held = Store(tmp_path)
    assert held.status()["rows"].tolist() == [25] * 80
    assert held.records() == {"A": {"steps": 25}, "B": {"steps": 25}}
    assert held.version.startswith("000050-")


@pytest.mark.parametrize("seed", range(10))
def test_a_killed_step_leaves_a_whole_version(tmp_path: Path, seed: int) -> None:
    with applying(tmp_path, "A", 10_000) as writer:
        assert writer.stdout is not None
        while writer.stdout.readline().strip() != "1":
            pass
        time.sleep(random.Random(seed).uniform(0.0, 0.6))
        writer.send_signal(signal.SIGKILL)
        done = max([1, *(int(line) for line in writer.stdout.read().split())])
    held = Store(tmp_path)
    steps = held.records()["A"]["steps"]
    assert steps in {done, done + 1}
    assert held.status()["rows"].eq(steps).all() and held.read()["close"].nunique() == steps
    held.apply(Changes(records={"B": {}}))
    assert sorted(path.name for path in (tmp_path / "bars").iterdir()) == held.versions()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(tmp_path)]
    if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("a small file system cannot be mounted here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_full_disk_leaves_the_store_as_it_was(small_disk: Path) -> None:
    held = Store(small_disk)
    held.commit(bars())
    before = sorted(small_disk.rglob("*"))
    large = bars(pd.bdate_range("2000-01-03", periods=5000))
    for write in (held.commit, lambda rows: held.apply(Changes(rows=rows))):
        with pytest.raises(UnavailableDataError, match="No space left on device; the store is as it was") as caught:
            write(large)
        assert caught.value.exit_code == 4 and sorted(small_disk.rglob("*")) == before
    pd.testing.assert_frame_equal(held.read(), bars())
    held.apply(Changes(records={"IJH": {}}))


def test_a_read_only_store_is_read_and_not_written(small_disk: Path) -> None:
    held = Store(small_disk)
    held.commit(bars())
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(UnavailableDataError, match="Read-only file system; the store is as it was"):
        held.apply(Changes(records={"IJH": {}}))
    pd.testing.assert_frame_equal(held.read(), bars())


def test_a_file_that_may_not_grow_leaves_the_store_as_it_was(grown: Store) -> None:
    before, limits = sorted(grown.home.rglob("*")), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(UnavailableDataError, match="File too large; the store is as it was"):
            grown.apply(Changes(rows=between(bars(), "2024-03-01", "2024-03-08")))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert sorted(grown.home.rglob("*")) == before
    pd.testing.assert_frame_equal(grown.read(), between(bars(), "2023-11-20", "2024-02-29").reset_index(drop=True))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UnavailableDataError, match=r"file/home.*: Not a directory; the store is as it was") as caught:
        Store(tmp_path / "file" / "home").apply(Changes(rows=bars()))
    assert caught.value.exit_code == 4
