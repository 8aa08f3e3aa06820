"""The new highs of the last day, out of a Parquet file sorted by date, by whole processes: start, imports and reading.

``python -m benchmarks.last_day WHO FILE FIRST`` prints how many symbols made a new high and the sum of their relative
volumes. FIRST is the first day that the last one needs; the peer that reads everything does not use it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import ENVIRONMENT, ROOT, Figure, WrongResultError

WINDOW, VOLUME_WINDOW, DAYS_NEEDED = 252, 50, 300
#: peer to budget, as a share of the peer's time
PEERS = {"pandas": 0.5, "polars": None, "duckdb": None}
ROUNDS = 2
Found = tuple[int, float]


def ours(file: str, first: str) -> Found:
    """Only the days needed, made wide by one scatter a field."""
    import pandas as pd

    from helpers.data import bars
    from helpers.signals import scan

    columns = ["date", "symbol", "high", "volume"]
    rows = pd.read_parquet(file, columns=columns, filters=[("date", ">=", pd.Timestamp(first))])
    high, volume = (bars.wide(rows, field, "tape") for field in ("high", "volume"))
    events = scan.events(high, volume, WINDOW, volume_window=VOLUME_WINDOW, average="mean")
    last = events[events["date"] == high.index[-1]]
    return len(last), float(last["relative_volume"].sum())


def pandas(file: str, first: str) -> Found:
    """The whole file, pivoted, as tutorials do."""
    import pandas as pd

    rows = pd.read_parquet(file)
    wide = rows.pivot(index="date", columns="symbol", values=["high", "volume"])
    high, volume = wide["high"], wide["volume"]
    is_new = (high > high.rolling(WINDOW).max().shift(1)).iloc[-1]
    multiple = (volume / volume.rolling(VOLUME_WINDOW).mean().shift(1)).iloc[-1]
    return int(is_new.sum()), float(multiple[is_new].sum())


def polars(file: str, first: str) -> Found:
    """The days needed alone; every row of a window must be there."""
    import datetime as dt

    import polars as pl

    day = dt.datetime.fromisoformat(first)
    recent = pl.scan_parquet(file).filter(pl.col("date") >= day).collect()
    days = recent["date"].unique().sort()
    found = (
        recent.with_columns(back=len(days) - 1 - pl.col("date").rank("dense").cast(pl.Int64) + 1)
        .group_by("symbol")
        .agg(
            held=pl.col("back").is_between(1, WINDOW).sum(),
            prior=pl.col("high").filter(pl.col("back").is_between(1, WINDOW)).max(),
            usual=pl.col("volume").filter(pl.col("back").is_between(1, VOLUME_WINDOW)).mean(),
            high=pl.col("high").filter(pl.col("back") == 0).first(),
            volume=pl.col("volume").filter(pl.col("back") == 0).first(),
        )
        .filter((pl.col("held") == WINDOW) & (pl.col("high") > pl.col("prior")))
    )
    return len(found), float((found["volume"] / found["usual"]).sum())


def duckdb(file: str, first: str) -> Found:
    """One query of the file."""
    import duckdb as base

    found = base.sql(f"""
        with recent as (select *, dense_rank() over (order by date desc) - 1 as back
                        from read_parquet('{file}') where date >= '{first}'),
        of_symbol as (select symbol, count(*) filter (back between 1 and {WINDOW}) as held,
                max(high) filter (back between 1 and {WINDOW}) as prior, max(high) filter (back = 0) as high,
                avg(volume) filter (back between 1 and {VOLUME_WINDOW}) as usual,
                max(volume) filter (back = 0) as volume from recent group by symbol)
        select count(*), sum(volume / usual) from of_symbol where held = {WINDOW} and high > prior""").fetchall()
    return int(found[0][0]), float(found[0][1])


def measured() -> list[Figure]:
    """Seconds of our process beside those of each peer, in turn, the same symbols checked."""
    from benchmarks import panel as made
    from benchmarks.workloads import DAYS, SIZE, SYMBOLS

    panel = made.panel(SYMBOLS, DAYS)
    rows = panel.high.stack().rename("high").to_frame().assign(volume=panel.volume.stack()).reset_index()
    rows.columns = ["date", "symbol", "high", "volume"]
    rows = rows.dropna()  # a day without a bar is no row
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bars.parquet"
        rows.to_parquet(file, index=False, compression="zstd", row_group_size=100_000)
        first = str(panel.high.index[-DAYS_NEEDED].date())
        del rows, panel
        for peer, budget in PEERS.items():
            print(f"  last day: {peer}", file=sys.stderr)
            pairs = [(_run("ours", file, first), _run(peer, file, first)) for _ in range(ROUNDS + 1)][1:]
            for (_, mine), (_, theirs) in pairs:
                if mine[0] != theirs[0] or abs(mine[1] / theirs[1] - 1) > 1e-9:
                    raise WrongResultError(f"last day: ours found {mine}, {peer} {theirs}")
            median = statistics.median
            seconds = [(mine, theirs) for (mine, _), (theirs, _) in pairs]
            figures.append(
                Figure(
                    f"last day of {SIZE}, whole process; peer: {peer}{', whole file' if peer == 'pandas' else ''}",
                    median(mine for mine, _ in seconds),
                    peer=median(theirs for _, theirs in seconds),
                    ratio=median(mine / theirs for mine, theirs in seconds),
                    budget=budget,
                    budget_on="ratio",
                )
            )
    return figures


def _run(who: str, file: Path, first: str) -> tuple[float, Found]:
    """Wall seconds of a whole process, and what it found."""
    command = [sys.executable, "-m", "benchmarks.last_day", who, str(file), first]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True)
    taken = time.perf_counter() - begun
    count, total = json.loads(done.stdout)
    return taken, (count, total)


if __name__ == "__main__":
    work = {"ours": ours, "pandas": pandas, "polars": polars, "duckdb": duckdb}[sys.argv[1]]
    print(json.dumps(work(*sys.argv[2:])))
