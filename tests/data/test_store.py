from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from helpers.core.errors import UnavailableDataError, UnfitDataError
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
