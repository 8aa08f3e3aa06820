"""Rolling extremes, means and ranges over trading days."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.core.errors import ParameterError

#: symbols worked on together: six rows of 5,000 days, with the result and two passes between, fill a MiB of cache
BLOCK = 6
#: a standard deviation below this share of the mean is rounding dust
FLAT = 1e-12


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
    values = np.ascontiguousarray(array, dtype=np.float64)
    if values.ndim != 2:
        raise ParameterError(f"rolling_max: {values.ndim} dimensions found, symbols x trading days needed")
    if window < 1:
        raise ParameterError(f"rolling_max: window is {window}, at least 1 needed")
    symbols, days = values.shape
    if days < window:
        return np.full((symbols, days), np.nan)
    if window == 1:
        return values.copy()
    out = np.empty((symbols, days))
    room = np.empty((2, BLOCK * days))
    doubling = _Doubling.of(min(BLOCK, symbols), days, window, room)
    for first in range(0, symbols, BLOCK):
        block = values[first : first + BLOCK]
        if len(block) < BLOCK:
            doubling = _Doubling.of(len(block), days, window, room)
        doubling.into(out[first : first + BLOCK], block)
    return out


class _Doubling(NamedTuple):
    """The passes of a rolling maximum over a few symbols, as views of one room: made once, since that takes time too.

    The rows are taken as one line. Windows that reach from one symbol into the next stand where no value belongs.
    """

    window: int
    first: np.ndarray
    passes: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    newer: np.ndarray
    older: np.ndarray

    @classmethod
    def of(cls, symbols: int, days: int, window: int, room: np.ndarray) -> _Doubling:
        size = symbols * days
        level = first = room[0, : size - 1]
        passes = []
        span = 2
        while 2 * span <= window:
            into = room[(len(passes) + 1) % 2, : len(level) - span]
            passes.append((level[span:], level[:-span], into))
            level, span = into, 2 * span
        rows = room[len(passes) % 2, :size].reshape(symbols, days)
        known, rest = days - window + 1, window - span
        return cls(window, first, passes, rows[:, rest : rest + known], rows[:, :known])

    def into(self, out: np.ndarray, values: np.ndarray) -> None:
        """Write the maxima of the windows of `values`; NaN before the first full one."""
        line = values.reshape(-1)
        np.maximum(line[1:], line[:-1], out=self.first)
        for newer, older, level in self.passes:
            np.maximum(newer, older, out=level)
        out[:, : self.window - 1] = np.nan
        np.maximum(self.newer, self.older, out=out[:, self.window - 1 :])


def rolling_mean(frame: pd.DataFrame, window: int) -> pd.DataFrame:
    """Mean of the last `window` trading days, today included; NaN until all of them are known."""
    return frame.rolling(window, min_periods=window).mean()


def z_score(frame: pd.DataFrame, window: int) -> pd.DataFrame:
    """Distance from the mean of the last `window` rows in sample standard deviations of the same rows.

    Every window is summed out of its own values alone, so rows outside it change no bit of it; see `moments`.

    Returns
    -------
    DataFrame of the same shape
        NaN until `window` rows are known; 0 where all of them are equal.
    """
    return by_block(frame, lambda block: z_scores(block, window))


def z_scores(array: np.ndarray, window: int) -> np.ndarray:
    """As `z_score`, of an array of shape (symbols, trading days)."""
    out = np.full(array.shape, np.nan)
    if array.shape[1] >= window > 1:
        mean, squares = moments(array, window)
        deviation = np.sqrt(squares / (window - 1))
        # equal values leave rounding dust in both numbers; their quotient would be noise
        is_flat = deviation <= FLAT * np.abs(mean)
        deviation[is_flat] = 1.0
        score = np.divide(array[:, window - 1 :] - mean, deviation, out=out[:, window - 1 :])
        score[is_flat] = 0.0
    return out


def by_block(frame: pd.DataFrame, work: Callable[[np.ndarray], np.ndarray]) -> pd.DataFrame:
    """A frame worked on a few symbols at a time, so that what lies between stays in a core's cache.

    `work` takes and gives an array of shape (symbols, trading days).
    """
    values = np.ascontiguousarray(frame.to_numpy(dtype=np.float64).T)
    out = np.empty(values.shape)
    for first in range(0, len(values), BLOCK):
        out[first : first + BLOCK] = work(values[first : first + BLOCK])
    return pd.DataFrame(out.T, index=frame.index, columns=frame.columns, copy=False)


def moments(array: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean, and sum of squared distances from that mean, of every full window of `window` values.

    Two neighbouring stretches of values are joined from their means and sums, which loses no accuracy to a large mean
    as a running sum would; stretches double in length, so that a window costs few passes.

    Parameters
    ----------
    array : ndarray of shape (symbols, trading days)
        Any unit.
    window : int
        Values in each window, from 1 to the number of days.

    Returns
    -------
    mean, squares : ndarrays of shape (symbols, trading days - window + 1)
        The first column is that of the first `window` days; NaN wherever a window holds one.

    References
    ----------
    Chan, Golub and LeVeque (1983), Algorithms for Computing the Sample Variance, The American Statistician 37(3).
    """
    with np.errstate(invalid="ignore"):
        doubled, squares = np.asarray(array, dtype=np.float64), np.zeros(np.shape(array))
        span, taken = 1, 0
        mean = total = np.empty(0)
        while True:
            if window & span:
                older = slice(None, doubled.shape[1] - taken)
                if taken:
                    mean, total = _joined(
                        (mean[:, span:], total[:, span:]), (doubled[:, older], squares[:, older]), taken, span
                    )
                else:
                    mean, total = doubled, squares
                taken += span
            if taken == window:
                return mean, total
            doubled, squares = _joined(
                (doubled[:, span:], squares[:, span:]), (doubled[:, :-span], squares[:, :-span]), span, span
            )
            span *= 2


def _joined(
    newer: tuple[np.ndarray, np.ndarray], older: tuple[np.ndarray, np.ndarray], new: int, old: int
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and squared distances of two stretches of `new` and `old` values taken together."""
    gap = older[0] - newer[0]
    mean = newer[0] + gap * (old / (new + old))
    gap *= gap
    gap *= new * old / (new + old)
    gap += newer[1]
    gap += older[1]
    return mean, gap


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
