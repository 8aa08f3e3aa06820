"""The store against budgets and a plain pandas store: adding a day to a large store, reading its last 300 days."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.figures import ENVIRONMENT, ROOT, Figure, WrongResultError
from helpers.data.store import Changes, Store

SYMBOLS = [f"S{number:04d}" for number in range(1500)]
BARS, APPENDED, LAST_DAYS = 5000, 260, 300
A_NOTE = 20  # symbols that a note reads, or a few less
FIVE_YEARS = 1260
REPEATS = 9
PEER_EVERY = 20
FIELDS = ["open", "high", "low", "close", "volume"]

APPEND_BUDGET = 0.2  # seconds, median
READ_BUDGET = 0.15  # seconds, median
COMMIT_BUDGET = 1024  # MiB at the peak, 1,500 symbols x 5 years


def days() -> pd.DatetimeIndex:
    return pd.bdate_range("2006-01-02", periods=BARS + APPENDED)


def bars(dates: pd.DatetimeIndex, *, seed: int) -> pd.DataFrame:
    """A random walk for each symbol: a bar for nearly every day, with prices to float32 as vendors send them."""
    rng = np.random.default_rng(seed)
    shape = (len(dates), len(SYMBOLS))
    close = 50 * np.exp(np.cumsum(rng.normal(0, 0.01, shape), axis=0))
    spread = close * rng.random(shape) * 0.01
    fields = {
        "open": close - spread / 2,
        "high": close + spread,
        "low": close - spread,
        "close": close,
        "volume": rng.lognormal(13, 1, shape).round(),
        "dividend": np.zeros(shape),
        "split": np.zeros(shape),
        "adj_close": close * 0.9,
    }
    names = pd.Series(SYMBOLS, dtype="str").array.take(np.tile(np.arange(len(SYMBOLS)), len(dates)))
    frame = pd.DataFrame({"date": np.repeat(dates.to_numpy(dtype="datetime64[s]"), len(SYMBOLS)), "symbol": names})
    frame = frame.assign(
        **{name: values.astype(np.float32).ravel().astype(np.float64) for name, values in fields.items()}
    )
    return frame[rng.random(len(frame)) > 0.001]


def records(day: pd.Timestamp) -> dict[str, dict[str, object]]:
    """What an update remembers of each symbol, new every day."""
    facts = {"source": "yahoo", "currency": "USD", "exchange": "PCX", "holes": [], "settled": str(day.date())}
    return {symbol: {**facts, "symbol": symbol} for symbol in SYMBOLS}


class PandasStore:
    """The peer: a Parquet file a year, read and written whole with pandas; no hash, no version, no lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()

    def append(self, rows: pd.DataFrame) -> None:
        """Read, concatenate and write the years that have new rows."""
        for year, added in rows.groupby(rows["date"].dt.year):
            path = self.folder / f"{year}.parquet"
            frame = pd.concat([pd.read_parquet(path), added]) if path.exists() else added
            frame.drop_duplicates(["date", "symbol"], keep="last").to_parquet(path, compression="zstd", index=False)

    def arrays(self, count: int) -> dict[str, pd.DataFrame]:
        """The last `count` days as frames of days x symbols."""
        held, dates = [], 0
        for path in sorted(self.folder.glob("*.parquet"), reverse=True):
            held.append(pd.read_parquet(path, columns=["date", "symbol", *FIELDS]))
            dates += held[-1]["date"].nunique()
            if dates >= count:
                break
        rows = pd.concat(held)
        rows = rows[rows["date"] >= np.sort(rows["date"].unique())[-count]]
        wide = rows.pivot(index="date", columns="symbol", values=FIELDS)
        return {name: wide[name] for name in FIELDS}


def seconds(call: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return taken


def is_equal(store: Store, peer: PandasStore) -> bool:
    """Whether both give the same numbers for the same days and symbols."""
    found, expected = store.arrays(LAST_DAYS), peer.arrays(LAST_DAYS)
    return all(
        found.symbols == tuple(expected[name].columns)
        and np.array_equal(found.days, expected[name].index.to_numpy().astype("datetime64[D]"))
        and np.array_equal(found.values[name], expected[name].to_numpy(), equal_nan=True)
        for name in FIELDS
    )


def appended(store: Store, peer: PandasStore) -> tuple[list[float], list[float]]:
    """Seconds of each day's append; of the peer's, those of one day in `PEER_EVERY`, the others being given at once."""
    ours, theirs, waiting = [], [], []
    for place, day in enumerate(days()[BARS:]):
        rows = bars(pd.DatetimeIndex([day]), seed=2 + place)
        changes = Changes(rows=rows, records=records(day))
        ours += seconds(partial(store.apply, changes), 1)
        if place % PEER_EVERY:
            waiting.append(rows)
            continue
        if waiting:
            peer.append(pd.concat(waiting))
            waiting = []
        theirs += seconds(partial(peer.append, rows), 1)
    peer.append(pd.concat(waiting))
    return ours, theirs


def commit_peak() -> int:
    """MiB of memory at the peak of a commit of five years of bars for all symbols, the frame included."""
    rows = bars(days()[:FIVE_YEARS], seed=1)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak of making the frame
    with tempfile.TemporaryDirectory() as folder:
        Store(folder).commit(rows)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def measured_peak() -> int | None:
    """As `commit_peak`, in a process of its own; None where the system does not tell."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    command = [sys.executable, "-m", "benchmarks.store", "commit"]
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, capture_output=True, text=True)
    return int(done.stdout)


def hold_equal(store: Store, peer: PandasStore, when: str) -> None:
    """Both must give the same numbers."""
    if not is_equal(store, peer):
        raise WrongResultError(f"the store and pandas give different numbers {when}; the times would say nothing")


def measured() -> list[Figure]:
    """Seconds of writing to and reading from a large store beside pandas', and the memory of a large commit."""
    peak = measured_peak()
    with tempfile.TemporaryDirectory() as folder:
        store, peer = Store(Path(folder) / "store"), PandasStore(Path(folder) / "peer")
        history = bars(days()[:BARS], seed=1)
        commit = seconds(partial(store.commit, history, records(days()[BARS - 1])), 1)
        peer.append(history)
        del history
        hold_equal(store, peer, "after the build")
        fresh = seconds(partial(store.arrays, LAST_DAYS))
        ours, theirs = appended(store, peer)
        hold_equal(store, peer, f"after {APPENDED} appended days")
        grown, plain = seconds(partial(store.arrays, LAST_DAYS)), seconds(partial(peer.arrays, LAST_DAYS), 3)
        note = seconds(partial(store.read, SYMBOLS[:: len(SYMBOLS) // A_NOTE][:A_NOTE]), 3)
        known = seconds(store.records)
    median = statistics.median
    size = f"{len(SYMBOLS):,} x {BARS:,}"
    found = [
        against(f"store of {size}: append a day, median of {APPENDED}", ours, theirs, APPEND_BUDGET),
        against(f"store: append a day, worst of {APPENDED}", [max(ours)], [max(theirs)]),
        against(f"store: read the last {LAST_DAYS} days, fresh", fresh, plain, READ_BUDGET),
        against(f"store: the same after {APPENDED} appended days", grown, plain, READ_BUDGET),
        Figure(f"store: read all bars of {A_NOTE} symbols, as for a note", median(note)),
        Figure("store: read the records", median(known)),
        Figure("store: commit all", commit[0]),
    ]
    if peak is not None:
        found.append(Figure(f"store: memory, commit of {len(SYMBOLS):,} x 5 years", peak, "MiB", budget=COMMIT_BUDGET))
    return found


def against(measure: str, ours: list[float], theirs: list[float], budget: float | None = None) -> Figure:
    mine, peer = statistics.median(ours), statistics.median(theirs)
    return Figure(measure, mine, peer=peer, ratio=mine / peer, budget=budget)


if __name__ == "__main__":
    if sys.argv[1:] == ["commit"]:
        print(commit_peak())
