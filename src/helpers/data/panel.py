"""Matrices of trading days x symbols: what the checks are made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.data.bars import Bools, Floats, row_before

SCALE_DAYS = 20
MIN_SCALE_DAYS = 10
NEIGHBOURS = 5
LONE_SCALES = 3.0
LONE_SHARE = 0.02


def lone(high: Floats, low: Floats, close: Floats, *, upward: bool) -> Bools:
    """Highs (lows, unless `upward`) that no neighbouring day supports; `checks.lone_high` has the rule."""
    extreme, reference = (high, close) if upward else (-low, -close)
    previous = shift(close)
    base = np.fmax(reference, shift(reference))
    with np.errstate(invalid="ignore"):
        ranges = np.fmax(high - low, np.fmax(np.abs(high - previous), np.abs(low - previous)))
        excess = extreme - base
        candidate = excess > LONE_SHARE * np.abs(base)
    flagged = np.zeros(high.shape, dtype=np.bool_)
    rows, columns = np.nonzero(candidate)
    if not len(rows):
        return flagged
    padded = np.pad(extreme, ((NEIGHBOURS, NEIGHBOURS), (0, 0)), constant_values=np.nan)
    around = np.arange(NEIGHBOURS)
    prior = padded[rows[:, None] + around, columns[:, None]]
    after = padded[rows[:, None] + NEIGHBOURS + 1 + around, columns[:, None]]
    history = np.pad(ranges, ((SCALE_DAYS, 0), (0, 0)), constant_values=np.nan)
    window = np.sort(history[rows[:, None] + np.arange(SCALE_DAYS), columns[:, None]], axis=1)  # NaN sorts last
    known = (~np.isnan(window)).sum(axis=1)
    at = np.arange(len(rows))
    upper, lower = np.minimum(known // 2, SCALE_DAYS - 1), np.maximum((known - 1) // 2, 0)
    scale = np.where(known >= MIN_SCALE_DAYS, (window[at, upper] + window[at, lower]) / 2, np.inf)
    top = extreme[rows, columns]
    with np.errstate(invalid="ignore"):
        lone = (excess[rows, columns] > LONE_SCALES * scale) & ~(prior >= top[:, None]).any(axis=1)
        lone &= ~(after >= (top - scale)[:, None]).any(axis=1)
    flagged[rows[lone], columns[lone]] = True
    return flagged


def alive(held: Bools) -> Bools:
    """Days from the first to the last that is held, both included."""
    forward = np.logical_or.accumulate(held, axis=0)
    backward = np.logical_or.accumulate(held[::-1], axis=0)[::-1]
    return np.asarray(forward & backward, dtype=np.bool_)


def before(values: pd.DataFrame) -> Floats:
    """The last known value before each day."""
    matrix = values.to_numpy()
    rows = row_before(~np.isnan(matrix))
    return np.where(rows >= 0, matrix[np.maximum(rows, 0), np.arange(matrix.shape[1])[None, :]], np.nan)


def growth(values: pd.DataFrame) -> Floats:
    """Each value as a multiple of the last known one before."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(values.to_numpy() / before(values), dtype=np.float64)


def shift(matrix: Floats) -> Floats:
    """The row before each row."""
    return np.vstack([np.full((1, matrix.shape[1]), np.nan), matrix[:-1]])[: len(matrix)]


def unchanged(matrix: Floats) -> Bools:
    """Cells that equal the one of the row before."""
    return np.asarray(matrix == shift(matrix), dtype=np.bool_)


def columns(frame: pd.DataFrame, rule: Callable[[str], bool]) -> Bools:
    """One yes or no per symbol, as a row that spreads over all days."""
    return np.array([[rule(str(symbol)) for symbol in frame.columns]], dtype=np.bool_)


def like(frame: pd.DataFrame, matrix: Bools) -> pd.DataFrame:
    """A matrix of yes and no with the days and symbols of `frame`."""
    return pd.DataFrame(matrix, index=frame.index, columns=frame.columns)
