"""An invented market, and what the workloads give back: the same for us and for every peer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

WINDOW, VOLUME_WINDOW = 252, 50
MANSFIELD, ROTATION, QUARTER = 200, 14, 63
MEANS = (50, 200)
EVENTS, HORIZONS, DRAWS, MEAN_BLOCK = 5_000, 60, 2_000, 20
FIRST = "2006-01-02"
#: events whose windows are copied at once: all of them would fill a gigabyte
TOGETHER = 2_000


class Panel(NamedTuple):
    """Frames of trading days x symbols, NaN where there is no bar, and the market's index."""

    high: pd.DataFrame
    close: pd.DataFrame
    volume: pd.DataFrame
    market: pd.Series


class Events(NamedTuple):
    """New highs by day and then by symbol: places of both, age of the old high, relative volume, distance."""

    days: np.ndarray
    symbols: np.ndarray
    age: np.ndarray
    volume: np.ndarray
    distance: np.ndarray


class Strength(NamedTuple):
    """Arrays of days x symbols: Mansfield, RRG-style ratio and momentum, percentile rank of the score."""

    mansfield: np.ndarray
    ratio: np.ndarray
    momentum: np.ndarray
    rank: np.ndarray


def panel(symbols: int, days: int, *, seed: int = 7) -> Panel:
    """A common factor and walks: 40 % listed late, 5 % delisted, one day in 2,000 missing, prices to two decimals."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0, 0.015, (days, symbols)) + rng.normal(0.0003, 0.01, (days, 1)) * rng.uniform(0.5, 1.5, symbols)
    close = np.round(50 * np.exp(np.cumsum(moves, axis=0)), 2)
    high = np.round(close * (1 + np.abs(rng.normal(0, 0.006, close.shape))), 2)
    volume = np.round(rng.lognormal(13, 0.5, close.shape))
    day = np.arange(days)[:, None]
    begins = np.where(rng.random(symbols) < 0.4, rng.integers(0, days, symbols), 0)
    ends = np.where(rng.random(symbols) < 0.05, rng.integers(days // 2, days, symbols), days)
    gone = (day < begins) | (day >= ends) | (rng.random(close.shape) < 0.0005)
    index = pd.bdate_range(FIRST, periods=days)
    names = [f"S{place:04d}" for place in range(symbols)]
    high, close, volume = (
        pd.DataFrame(np.where(gone, np.nan, values), index=index, columns=names) for values in (high, close, volume)
    )
    market = pd.Series(100 * np.exp(np.cumsum(moves.mean(axis=1))), index=index)
    return Panel(high, close, volume, market)


def prices(symbols: int, days: int, *, seed: int = 7) -> tuple[pd.DataFrame, pd.DataFrame]:
    """High and volume alone, filled a few symbols at a time: for panels that must not be held twice."""
    rng = np.random.default_rng(seed)
    high, volume = np.empty((symbols, days)), np.empty((symbols, days))
    for first in range(0, symbols, 100):
        block = slice(first, first + 100)
        high[block] = np.round(50 * np.exp(np.cumsum(rng.normal(0.0003, 0.015, high[block].shape), axis=1)), 2)
        volume[block] = np.round(rng.lognormal(13, 0.5, high[block].shape))
    index = pd.bdate_range(FIRST, periods=days)
    names = [f"S{place:04d}" for place in range(symbols)]
    frames = [pd.DataFrame(values.T, index=index, columns=names, copy=False) for values in (high, volume)]
    return frames[0], frames[1]


def by_day(days: np.ndarray, symbols: np.ndarray, *others: np.ndarray) -> Events:
    """Events in order, whatever the order they were found in."""
    order = np.lexsort((symbols, days))
    age, volume, distance = (values[order] for values in others)
    return Events(days[order], symbols[order], age, volume, distance)


def age_of(high: np.ndarray, days: np.ndarray, symbols: np.ndarray) -> np.ndarray:
    """Days since the old high for events of a days x symbols array: the way of those that have none of their own."""
    windows = np.lib.stride_tricks.sliding_window_view(high, WINDOW, axis=0)
    age = np.empty(len(days), dtype=np.int64)
    for first in range(0, len(days), TOGETHER):
        part = slice(first, first + TOGETHER)
        age[part] = 1 + windows[days[part] - WINDOW, symbols[part]][:, ::-1].argmax(axis=1)
    return age


def sample_of_events(found: Events, close: np.ndarray, *, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Days and symbols of some events with every horizon ahead known."""
    rows = np.flatnonzero(found.days + HORIZONS < len(close))
    ahead = close[found.days[rows, None] + np.arange(1, HORIZONS + 1), found.symbols[rows, None]]
    known = rows[~np.isnan(ahead).any(axis=1) & ~np.isnan(close[found.days[rows], found.symbols[rows]])]
    chosen = np.sort(np.random.default_rng(seed).choice(known, EVENTS, replace=False))
    return found.days[chosen], found.symbols[chosen]
