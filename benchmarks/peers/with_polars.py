"""polars: expressions over tidy rows, a row for every day of every symbol, null where there is no bar."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl

from benchmarks import panel as made
from benchmarks.panel import Events, Panel, Strength


class Held(NamedTuple):
    """Tidy rows, and the highs for the ages."""

    rows: pl.DataFrame
    high: np.ndarray


def tidy(panel: Panel) -> pl.DataFrame:
    """Rows by symbol and day, places instead of names and dates."""
    days, symbols = panel.close.shape
    frames = {"high": panel.high, "close": panel.close, "volume": panel.volume}
    columns = {name: frame.to_numpy().T.ravel() for name, frame in frames.items()}
    places = {"symbol": np.repeat(np.arange(symbols), days), "day": np.tile(np.arange(days), symbols)}
    rows = pl.DataFrame({**places, **columns, "market": np.tile(panel.market.to_numpy(), symbols)})
    return rows.with_columns(pl.col("high", "close", "volume").fill_nan(None))


def layout(panel: Panel) -> Held:
    return Held(tidy(panel), panel.high.to_numpy())


def scan(held: Held) -> Events:
    found = (
        held.rows.lazy()
        .with_columns(
            prior=pl.col("high").rolling_max(made.WINDOW).shift(1).over("symbol"),
            usual=pl.col("volume").rolling_mean(made.VOLUME_WINDOW).shift(1).over("symbol"),
        )
        .filter(pl.col("high") > pl.col("prior"))
        .select("day", "symbol", (pl.col("volume") / pl.col("usual")), distance=pl.col("high") / pl.col("prior") - 1)
        .sort("day", "symbol")
        .collect()
    )
    days, symbols, volume, distance = (found[name].to_numpy() for name in ("day", "symbol", "volume", "distance"))
    return Events(days, symbols, made.age_of(held.high, days, symbols), volume, distance)


def strength(held: Held) -> Strength:
    line, quarter = pl.col("line"), pl.col("quarter")
    past = [quarter.shift(made.QUARTER * place).over("symbol") for place in (1, 2, 3)]
    score = pl.col("score")
    found = (
        held.rows.lazy()
        .with_columns(
            line=pl.col("close") / pl.col("market"),
            quarter=pl.col("close") / pl.col("close").shift(made.QUARTER).over("symbol") - 1,
        )
        .with_columns(
            mansfield=100 * (line / line.rolling_mean(made.MANSFIELD).over("symbol") - 1),
            ratio=100 + _z_score(100 * line),
            score=0.4 * quarter + 0.2 * past[0] + 0.2 * past[1] + 0.2 * past[2],
        )
        .with_columns(change=pl.col("ratio") / pl.col("ratio").shift(1).over("symbol") - 1)
        .with_columns(
            momentum=100 + _z_score(pl.col("change")),
            rank=score.rank("average").over("day") / score.count().over("day"),
        )
        .select("mansfield", "ratio", "momentum", "rank")
        .collect()
    )
    shape = held.high.shape[::-1]
    return Strength(*(found[name].to_numpy().reshape(shape).T for name in Strength._fields))


def _z_score(line: pl.Expr) -> pl.Expr:
    mean, deviation = line.rolling_mean(made.ROTATION), line.rolling_std(made.ROTATION)
    return ((line - mean) / deviation).over("symbol")


def breadth(held: Held) -> dict[str, np.ndarray]:
    close, high = pl.col("close"), pl.col("high")
    flags = {f"above_{mean}": close > close.rolling_mean(mean).over("symbol") for mean in made.MEANS}
    flags["new_highs"] = high > high.rolling_max(made.WINDOW).shift(1).over("symbol")
    flags["new_lows"] = close < close.rolling_min(made.WINDOW).shift(1).over("symbol")
    found = (
        held.rows.lazy()
        .select("day", **flags)
        .group_by("day")
        .agg(pl.col(name).sum() for name in flags)
        .sort("day")
        .collect()
    )
    return {name: found[name].to_numpy() for name in flags}
