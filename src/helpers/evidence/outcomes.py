"""What came after: returns, drawdown and volatility over the trading days that follow a day's close."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def forward_returns(prices: np.ndarray, rows: np.ndarray, columns: np.ndarray, horizons: Sequence[int]) -> np.ndarray:
    """Returns over each horizon after each event, for events in many symbols.

    Parameters
    ----------
    prices : ndarray of shape (trading days, symbols)
        Total return or closes, oldest first.
    rows, columns : ndarray of int, shape (events,)
        Day and symbol of each event, as ``np.nonzero(flags)`` gives them.
    horizons : sequence of int
        Trading days, at least 1.

    Returns
    -------
    ndarray of shape (events, horizons)
        Fractions; NaN where the window reaches past the last day, or either price is unknown.
    """
    ahead = np.asarray(rows)[:, None] + np.asarray(horizons, dtype=np.int64)
    is_over = ahead >= len(prices)
    later: np.ndarray = prices[np.where(is_over, 0, ahead), np.asarray(columns)[:, None]]
    later /= prices[rows, columns][:, None]
    later -= 1
    later[is_over] = np.nan
    return later


def excess_after(mid: pd.Series, mega: pd.Series, horizons: Sequence[int]) -> pd.DataFrame:
    """Return of `mid` less that of `mega` from each day's close to the close each horizon later.

    Parameters
    ----------
    mid, mega : Series
        Total return by trading day, on the same days.
    horizons : sequence of int
        Trading days.

    Returns
    -------
    DataFrame of shape (trading days, horizons)
        Fractions; NaN where the window reaches past the last day, or one of the four prices is unknown.
    """
    lines = np.column_stack([mid.to_numpy(dtype=np.float64), mega.to_numpy(dtype=np.float64)])
    out = np.full((len(lines), len(horizons)), np.nan)
    for place, horizon in enumerate(horizons):
        if horizon < len(lines):
            change = lines[horizon:] / lines[:-horizon]
            out[:-horizon, place] = change[:, 0] - change[:, 1]
    return pd.DataFrame(out, index=mid.index, columns=pd.Index(list(horizons), name="horizon"))


def paths(mid: pd.Series, mega: pd.Series, before: int, after: int) -> np.ndarray:
    """Excess return of `mid` over `mega` around every day, measured from that day's close.

    Returns
    -------
    ndarray of shape (trading days, before + 1 + after)
        Fractions, 0 in column `before`; left of it, what was gained since counts as negative. NaN past either end.
    """
    lines = np.column_stack([mid.to_numpy(dtype=np.float64), mega.to_numpy(dtype=np.float64)])
    padded = np.pad(lines, ((before, after), (0, 0)), constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(padded, before + 1 + after, axis=0)
    change: np.ndarray = around[:, 0] / lines[:, :1] - around[:, 1] / lines[:, 1:]
    return change


def drawdown_after(line: pd.Series, horizon: int) -> np.ndarray:
    """Deepest fall from a high reached since, over the `horizon` days after each day's close.

    Returns
    -------
    ndarray of shape (trading days,)
        Fractions, never positive; NaN where a close of the window is unknown or not yet there.
    """
    windows = _ahead(line, horizon)
    return _at_length(np.min(windows / np.maximum.accumulate(windows, axis=1) - 1, axis=1), len(line))


def volatility_after(line: pd.Series, horizon: int) -> np.ndarray:
    """Standard deviation of the `horizon` daily returns after each day's close, not annualised; NaN as above."""
    windows = _ahead(line, horizon)
    changes = windows[:, 1:] / windows[:, :-1]
    spread = np.std(changes, axis=1, ddof=1) if horizon > 1 else np.full(len(windows), np.nan)
    return _at_length(spread, len(line))


def _ahead(line: pd.Series, horizon: int) -> np.ndarray:
    """Each day's close and the `horizon` after it, one row a day that has them all."""
    values = line.to_numpy(dtype=np.float64)
    if len(values) <= horizon:
        return np.empty((0, horizon + 1))
    return np.lib.stride_tricks.sliding_window_view(values, horizon + 1)


def _at_length(values: np.ndarray, length: int) -> np.ndarray:
    out = np.full(length, np.nan)
    out[: len(values)] = values
    return out
