"""Rolling extremes, means and ranges over trading days."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.core.errors import ParameterError

#: symbols worked on together: eight rows of 5,000 days stay in a core's second-level cache
BLOCK = 8


def rolling_max(array: np.ndarray, window: int) -> np.ndarray:
    """Largest of the last `window` values along the last axis, this one included.

    The maximum over 2k values is the larger of two maxima over k values, so a window of 252 costs eight
    passes instead of 252, and the result is exact.

    Parameters
    ----------
    array : ndarray of shape (symbols, trading days)
        Any unit.
    window : int
        Values in each window, at least 1.

    Returns
    -------
    ndarray of shape (symbols, trading days)
        NaN until `window` values have passed, and wherever one of them is NaN.

    Raises
    ------
    ParameterError
        `window` below 1, or an array that is not two-dimensional.

    Examples
    --------
    >>> rolling_max(np.array([[1.0, 3.0, 2.0, 0.0]]), 2)
    array([[nan,  3.,  3.,  2.]])
    """
    values = np.asarray(array, dtype=np.float64)
    if values.ndim != 2:
        raise ParameterError(f"rolling_max: {values.ndim} dimensions found, symbols x trading days needed")
    if window < 1:
        raise ParameterError(f"rolling_max: window is {window}, at least 1 needed")
    symbols, days = values.shape
    out = np.full((symbols, days), np.nan)
    if days < window:
        return out
    for first in range(0, symbols, BLOCK):
        level = values[first : first + BLOCK]
        span = 1
        while 2 * span <= window:
            level = np.maximum(level[:, span:], level[:, :-span])
            span *= 2
        rest = window - span
        last = level.shape[1] - rest
        out[first : first + BLOCK, window - 1 :] = np.maximum(level[:, rest:], level[:, :last])
    return out


def rolling_mean(frame: pd.DataFrame, window: int) -> pd.DataFrame:
    """Mean of the last `window` trading days, today included; NaN until all of them are known."""
    return frame.rolling(window, min_periods=window).mean()


def z_score(frame: pd.DataFrame, window: int) -> pd.DataFrame:
    """Distance from the mean of the last `window` rows in sample standard deviations of the same rows.

    Each window is summed on its own (two passes), so later rows change no earlier value by a single bit.

    Returns
    -------
    DataFrame of the same shape
        NaN until `window` rows are known; 0 where all of them are equal.
    """
    out = np.full(frame.shape, np.nan)
    if len(frame) >= window:
        views = np.lib.stride_tricks.sliding_window_view(frame.to_numpy(dtype=np.float64), window, axis=0)
        mean = views.mean(axis=-1)
        deviation = views.std(axis=-1, ddof=1)
        offset = views[..., -1] - mean
        # equal values leave rounding dust in both numbers; their quotient would be noise
        is_flat = deviation <= 1e-12 * np.abs(mean)
        out[window - 1 :] = np.where(is_flat, 0.0, offset / np.where(is_flat, 1.0, deviation))
    return pd.DataFrame(out, index=frame.index, columns=frame.columns)


def true_range(high: pd.DataFrame, low: pd.DataFrame, close: pd.DataFrame) -> pd.DataFrame:
    """Day's range including the gap from the close before, quote currency; NaN on the first day and at holes."""
    previous = close.shift(1)
    return np.maximum(high, previous) - np.minimum(low, previous)


def average_true_range(high: pd.DataFrame, low: pd.DataFrame, close: pd.DataFrame, window: int = 20) -> pd.DataFrame:
    """Wilder's average of the true range: the mean of the first `window`, then smoothed with weight 1/`window`.

    Parameters
    ----------
    high, low, close : DataFrame of shape (trading days, symbols)
        Tape basis, quote currency.
    window : int
        Trading days.

    Returns
    -------
    DataFrame of shape (trading days, symbols)
        Quote currency; NaN until `window` ranges are known. A day without bars is passed over.

    References
    ----------
    Wilder (1978), New Concepts in Technical Trading Systems.
    """
    ranges = true_range(high, low, close)

    def smoothed(column: pd.Series) -> pd.Series:
        known = column.dropna()
        if len(known) < window:
            return pd.Series(np.nan, index=column.index)
        seed = pd.Series([known.iloc[:window].mean()], index=known.index[window - 1 : window])
        path = pd.concat([seed, known.iloc[window:]]).ewm(alpha=1 / window, adjust=False).mean()
        return path.reindex(column.index)

    return ranges.apply(smoothed)
