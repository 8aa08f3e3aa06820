"""The simulated sample: a made-up market with the tickers of real funds, and no real price in it.

``python -m helpers.data.simulate [FOLDER]`` writes the packaged files ``funds.parquet`` and ``members.parquet``.
The same seed gives the same bytes on the same library versions.

Daily returns come from a market, a cap-tier (mega minus small), a rate, a credit and eleven sector factors under
three volatility regimes with fat tails (`helpers.data.simulate_factors`). What each fund is exposed to stands in
``sample/funds.csv``, the members of the mid-cap funds in ``sample/members.csv``. Only the last eighteen months are
steered (`helpers.data.simulate_lead_up`), so that the intraday quote of ``params/sample.yaml`` continues them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from helpers.data import calendar, simulate_factors
from helpers.data import simulate_lead_up as lead_up
from helpers.data.simulate_factors import MID, YIELD, Floats
from helpers.data.sources.sample import CENTS, DIVIDEND_UNIT, packed

SEED = 55
FIRST, LAST = "2006-01-03", "2026-05-29"
#: funds that joined the sample after it was first drawn
ADDED = ("VTV", "VUG")
SPLITS = {(MID, "2024-02-22"): 5.0}


def simulate(seed: int = SEED) -> pd.DataFrame:
    """Tidy bars of the simulated market, funds first, then members, then the yield.

    Returns
    -------
    DataFrame
        Columns date, symbol, open, high, low, close (quote currency, whole cents, split-adjusted), volume (shares,
        three or four digits; NaN for the yield), dividend (quote currency a share; 0 on other days) and split
        (5.0 on the day of a 5-for-1 split, else NaN). ``^TNX`` is a yield in percent.
    """
    rng = np.random.default_rng(seed)
    days = calendar.trading_days(FIRST, LAST)
    dates = pd.DatetimeIndex(days.index)
    table = simulate_factors.universe(rng)
    factors = simulate_factors.factor_returns(rng, dates)
    log_return, pays = simulate_factors.log_returns(rng, table, factors, dates)
    mid = table.index.get_loc(MID)
    steer = lead_up.steering(log_return[:, mid].cumsum(), dates) / table["market"].to_numpy(float)[mid]
    parts = [_bars(rng, table, factors, days, (log_return, pays, steer))]
    # drawn from a stream of their own, so that a fund added here changes no other
    for place, name in enumerate(ADDED, start=1):
        own, added = np.random.default_rng([seed, place]), simulate_factors.added(name)
        parts.append(
            _bars(own, added, factors, days, (*simulate_factors.log_returns(own, added, factors, dates), steer))
        )
    return pd.concat(parts, ignore_index=True)


def _bars(
    rng: np.random.Generator,
    table: pd.DataFrame,
    factors: simulate_factors.Factors,
    days: pd.DataFrame,
    paths: tuple[Floats, Floats, Floats],
) -> pd.DataFrame:
    """Tidy bars of every symbol of a table; `paths` are log returns, dividends and the steering of the market."""
    dates = pd.DatetimeIndex(days.index)
    log_return, pays, steer = paths
    level, tape = table["level"].to_numpy(float), lead_up.position(dates, lead_up.TAPE_DAY)
    log_return = log_return + np.diff(steer, prepend=0.0)[:, None] * table["market"].to_numpy(float)
    path = log_return.cumsum(axis=0)
    close = level * np.exp(path - path[tape - 1])
    if YIELD in table.index:
        close[:, table.index.get_loc(YIELD)] = factors.tnx
    move = np.diff(np.log(close), axis=0, prepend=np.log(close[:1]))
    own_scale = move.std(axis=0) / np.sqrt((factors.scale**2).mean())
    opened, high, low = _intraday(rng, close, factors.scale[:, None] * own_scale)
    if MID in table.index:
        mid = table.index.get_loc(MID)
        opened[:, mid], high[:, mid] = lead_up.bounded(opened[:, mid], high[:, mid], close[:, mid], dates)
    volume = _volume(rng, table, factors.scale, move / own_scale, days)
    previous = np.vstack([close[:1], close[:-1]])
    dividend = np.round(pays * previous * DIVIDEND_UNIT) / DIVIDEND_UNIT
    split = np.full_like(close, np.nan)
    for (symbol, day), factor in SPLITS.items():
        if symbol in table.index:
            split[lead_up.position(dates, day), table.index.get_loc(symbol)] = factor
    prices = {
        name: np.round(v * CENTS) / CENTS
        for name, v in zip(("open", "high", "low", "close"), (opened, high, low, close), strict=True)
    }
    return _tidy(dates, list(table.index), {**prices, "volume": volume, "dividend": dividend, "split": split})


def _intraday(rng: np.random.Generator, close: Floats, volatility: Floats) -> tuple[Floats, Floats, Floats]:
    """Open, high and low: a gap, then the extremes of a Brownian path from the open to the close."""
    shape = close.shape
    previous = np.vstack([close[:1], close[:-1]])
    move = np.log(close / previous)
    gap = 0.35 * move + 0.22 * volatility * rng.standard_normal(shape)
    rest, spread = move - gap, (0.62 * volatility) ** 2
    shared = rng.standard_normal((shape[0], 4, 1))
    chance = [(0.75 * shared[:, k] + 0.66 * rng.standard_normal(shape)) ** 2 for k in range(4)]
    # bounded, so that no extreme stands alone like a bad print
    over, under = np.minimum(chance[0] + chance[1], 6.0), np.minimum(chance[2] + chance[3], 6.0)
    opened = previous * np.exp(gap)
    high = opened * np.exp((rest + np.sqrt(rest**2 + spread * over)) / 2)
    low = opened * np.exp((rest - np.sqrt(rest**2 + spread * under)) / 2)
    return opened, high, low


def _volume(
    rng: np.random.Generator, table: pd.DataFrame, scale: Floats, surprise: Floats, days: pd.DataFrame
) -> Floats:
    """Shares a day: a level that grows, a slow wave, more on moves, in stress and on expiries, less on half days."""
    count = len(scale)
    shocks = 0.6 * rng.standard_normal((count, 1)) + 0.8 * rng.standard_normal((count, len(table)))
    wave = np.empty_like(shocks)
    now = np.zeros(len(table))
    for day in range(count):
        now = 0.72 * now + 0.17 * shocks[day]
        wave[day] = now
    marks = days[["monthly_expiry", "quarterly_expiry", "half_day"]].to_numpy(float)
    special = marks @ np.array([0.28, 0.25, -0.75])
    common = np.linspace(-0.7, 0.0, count) + 0.45 * np.log(scale) + special
    base = table["volume"].to_numpy(float)
    shares = base * np.exp(common[:, None] + wave + 0.13 * (np.minimum(np.abs(surprise), 4.0) - 0.8))
    unit = 10.0 ** np.maximum(np.floor(np.log10(base / 2)) - 2, 0)
    return np.asarray(np.maximum(np.round(shares / unit), 1) * unit)


def _tidy(dates: pd.DatetimeIndex, symbols: list[str], fields: dict[str, Floats]) -> pd.DataFrame:
    frame = pd.DataFrame({"date": np.tile(dates.to_numpy(), len(symbols)), "symbol": np.repeat(symbols, len(dates))})
    return frame.assign(**{name: values.T.ravel() for name, values in fields.items()})


def write(folder: Path) -> list[Path]:
    """Write the sample's two Parquet files, one row group a symbol, and return their paths."""
    bars = simulate()
    members = set(simulate_factors.table_of("members.csv").index)
    paths = []
    for name, part in bars.groupby(np.where(bars["symbol"].isin(members), "members", "funds"), sort=True):
        paths.append(folder / f"{name}.parquet")
        table = packed(part)
        numbers = [column for column in table.column_names if column != "symbol"]
        with pq.ParquetWriter(
            paths[-1],
            table.schema,
            compression="zstd",
            compression_level=19,
            use_dictionary=["symbol"],
            write_statistics=["symbol"],
            column_encoding=dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
            store_schema=False,
        ) as writer:
            for _, rows in part.reset_index(drop=True).groupby("symbol", sort=False):
                writer.write_table(table.slice(rows.index[0], len(rows)))
    return paths


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "sample"
    for written in write(target):
        print(f"{written}: {written.stat().st_size:,} bytes")
