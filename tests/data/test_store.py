from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import filelock
import pandas as pd
import pytest

from helpers.core.errors import AlreadyRunningError, UnavailableDataError, UnfitDataError
from helpers.data import store
from helpers.data.sources.folder import FolderSource
from helpers.data.store import Store


def bars(level: float, *, years: tuple[int, ...] = (2023, 2024)) -> pd.DataFrame:
    days = pd.DatetimeIndex([f"{year}-01-{day:02d}" for year in years for day in range(3, 9)])
    parts = [pd.DataFrame({"date": days, "symbol": symbol, "close": level}) for symbol in ("OEF", "IJH")]
    return pd.concat(parts, ignore_index=True)


def test_what_was_committed_is_read_back_tidy(tmp_path: Path) -> None:
    held = Store(tmp_path)
    version = held.commit(bars(50.0))
    back = held.read(["IJH"], "2024-01-05")
    assert back["symbol"].unique().tolist() == ["IJH"] and back["date"].min() == pd.Timestamp("2024-01-05")
    assert len(held.read()) == 24 and held.versions() == [version]
    assert held.status()[["symbol", "rows"]].to_numpy().tolist() == [["IJH", 12], ["OEF", 12]]


def test_an_old_version_stays_readable_and_the_same_bars_make_no_new_one(tmp_path: Path) -> None:
    held = Store(tmp_path)
    first = held.commit(bars(50.0))
    assert held.commit(bars(50.0).sample(frac=1, random_state=1)) == first
    second = held.commit(bars(51.0))
    assert held.versions() == [first, second]
    assert held.read()["close"].eq(51.0).all() and held.read(version=first)["close"].eq(50.0).all()


def test_a_year_that_did_not_change_is_not_written_again(tmp_path: Path) -> None:
    held = Store(tmp_path)
    first = held.commit(bars(50.0))
    changed = bars(50.0)
    changed.loc[changed["date"].dt.year == 2024, "close"] = 51.0
    second = held.commit(changed)
    old, new = (tmp_path / "bars" / version for version in (first, second))
    assert (old / "2023.parquet").samefile(new / "2023.parquet")
    assert not (old / "2024.parquet").samefile(new / "2024.parquet")


def test_the_files_of_a_version_are_plain_bars_for_other_readers(tmp_path: Path) -> None:
    version = Store(tmp_path).commit(bars(50.0))
    folder = tmp_path / "bars" / version
    assert FolderSource(folder).symbols() == ["IJH", "OEF"]
    dates = pd.read_parquet(folder / "2024.parquet")["date"].astype(str).tolist()
    assert dates == sorted(dates)


def test_a_changed_file_is_not_believed(tmp_path: Path) -> None:
    held = Store(tmp_path)
    path = tmp_path / "bars" / held.commit(bars(50.0)) / "2024.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    with pytest.raises(UnfitDataError, match=r"2024.parquet: SHA-256 .* in the manifest: the file was changed"):
        held.read()
    path.unlink()
    with pytest.raises(UnfitDataError, match=r"2024.parquet: No such file"):
        held.read()


@pytest.mark.parametrize("content", [None, b"PAR1"])
def test_committing_again_mends_a_damaged_year_and_keeps_the_sound_one(tmp_path: Path, content: bytes | None) -> None:
    held = Store(tmp_path)
    first = held.commit(bars(50.0))
    damaged = tmp_path / "bars" / first / "2024.parquet"
    damaged.unlink()
    if content:
        damaged.write_bytes(content)
    second = held.commit(bars(50.0))
    assert held.read()["close"].eq(50.0).all() and held.versions() == [first, second]
    assert (damaged.parent / "2023.parquet").samefile(tmp_path / "bars" / second / "2023.parquet")


def test_a_damaged_year_is_not_carried_into_the_next_version(tmp_path: Path) -> None:
    held = Store(tmp_path)
    (tmp_path / "bars" / held.commit(bars(50.0)) / "2023.parquet").write_bytes(b"PAR1")
    changed = bars(50.0)
    changed.loc[changed["date"].dt.year == 2024, "close"] = 51.0
    held.commit(changed)
    assert held.read()["close"].nunique() == 2


@pytest.mark.parametrize("text", [None, "{", "[]", '{"files": {}}'])
def test_a_damaged_manifest_is_refused_and_mended_by_a_commit(tmp_path: Path, text: str | None) -> None:
    held = Store(tmp_path)
    first, second = held.commit(bars(49.0)), held.commit(bars(50.0))
    manifest = tmp_path / "bars" / second / "_manifest.json"
    manifest.unlink()
    if text:
        manifest.write_text(text, encoding="utf-8")
    with pytest.raises(UnfitDataError, match=r"manifest.*; the store is a cache: remove its bars/ and CURRENT"):
        held.read()
    third = held.commit(bars(50.0))
    assert held.read()["close"].eq(50.0).all() and held.versions() == [first, second, third]
    assert held.read(version=first)["close"].eq(49.0).all()


@pytest.mark.parametrize("pointer", [b"", b"\x00\xff"])
def test_a_damaged_pointer_costs_no_version(tmp_path: Path, pointer: bytes) -> None:
    held = Store(tmp_path)
    first = held.commit(bars(49.0))
    (tmp_path / "CURRENT").write_bytes(pointer)
    second = held.commit(bars(50.0))
    assert held.versions() == [first, second] and held.read(version=first)["close"].eq(49.0).all()


def test_a_lost_pointer_costs_no_version(tmp_path: Path) -> None:
    held = Store(tmp_path)
    made = [held.commit(bars(level)) for level in (48.0, 49.0)]
    (tmp_path / "CURRENT").unlink()
    with pytest.raises(UnavailableDataError, match=f"it has {made[0]}, {made[1]}"):
        held.read()
    assert held.versions() == made
    third = held.commit(bars(50.0))
    assert held.versions() == [*made, third]


def test_a_manifest_of_a_later_schema_asks_for_a_newer_program(tmp_path: Path) -> None:
    held = Store(tmp_path)
    manifest = tmp_path / "bars" / held.commit(bars(49.0)) / "_manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"schema": 2', '"schema": 3'), encoding="utf-8")
    with pytest.raises(UnfitDataError, match="schema 3 found, 2 is the last known"):
        held.read()


def test_a_store_that_another_process_writes_to_ends_6(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "LOCK_SECONDS", 0)
    with (
        filelock.FileLock(tmp_path / "lock"),
        pytest.raises(AlreadyRunningError, match="another process is writing bars") as caught,
    ):
        Store(tmp_path).commit(bars(50.0))
    assert caught.value.exit_code == 6


def test_an_empty_store_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BREADTHBOOK_HOME", str(tmp_path / "elsewhere"))
    assert store.home() == tmp_path / "elsewhere"
    with pytest.raises(UnavailableDataError, match="no bars stored"):
        Store().read()
    assert Store().versions() == []


WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
import pandas as pd
from helpers.data.store import Store
days = pd.bdate_range("2010-01-01", periods=3000)
print("ready", flush=True)
for level in range(1, 10_000):
    Store(sys.argv[1]).commit(pd.DataFrame({"date": days, "symbol": "IJH", "close": float(level)}))
    print(level, flush=True)
"""


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_writer_leaves_a_whole_version(tmp_path: Path, seed: int) -> None:
    source = str(Path(store.__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, tmp_path, source], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        while writer.stdout.readline().strip() != "1":
            pass
        time.sleep(random.Random(seed).uniform(0.0, 0.25))
        writer.send_signal(signal.SIGKILL)
        done = [int(line) for line in writer.stdout.read().split()]
    held = Store(tmp_path)
    close = held.read()["close"]
    assert len(close) == 3000 and close.nunique() == 1
    assert close.iloc[0] in {max(done, default=1), max(done, default=1) + 1}
    held.commit(bars(50.0))
    assert held.read()["close"].eq(50.0).all()
    assert sorted(item.name for item in (tmp_path / "bars").iterdir()) == held.versions()
