"""What a position is exposed to: betas, realised volatility and drawdown."""

from __future__ import annotations

import numpy as np
import pandas as pd

TRADING_DAYS_PER_YEAR = 252
#: trading days below which a rolling beta is not stated, whatever the window
FEWEST_PAIRS = 21
#: variance of a factor, as a share of its mean square, below which its moves are rounding and no beta exists
FLAT = 1e-20


def beta(returns: pd.DataFrame, factor: pd.Series, fewest: int = 2) -> pd.DataFrame:
    """Slope of each column on one factor, cov/var over the days on which both are known.

    One factor at a time: what moves with the factor is in the slope, whether the factor causes it or not.

    Parameters
    ----------
    returns : DataFrame of shape (trading days, positions)
        Fractions.
    factor : Series of length trading days
        Any unit: a fund's returns, or changes in basis points; the slope is per one of it.
    fewest : int
        Common days below which there is no slope.

    Returns
    -------
    DataFrame with a row per position
        ``beta`` (NaN with too few days, or a factor that does not move) and ``n``, the common days.

    Examples
    --------
    >>> moves = pd.Series([0.01, -0.02, 0.03])
    >>> beta(pd.DataFrame({"IJH": 1.5 * moves + 0.001}), moves).loc["IJH"].round(12).tolist()
    [1.5, 3.0]
    """
    y = returns.to_numpy(dtype=np.float64)
    x = np.broadcast_to(factor.reindex(returns.index).to_numpy(dtype=np.float64)[:, None], y.shape)
    both = ~(np.isnan(y) | np.isnan(x))
    n = both.sum(axis=0)
    count = np.maximum(n, 1)
    centred = np.where(both, x - np.where(both, x, 0.0).sum(axis=0) / count, 0.0)
    variance = (centred**2).sum(axis=0)
    covariance = (centred * np.where(both, y, 0.0)).sum(axis=0)
    is_known = (n >= max(fewest, 2)) & (variance > FLAT * np.where(both, x**2, 0.0).sum(axis=0))
    slope = np.where(is_known, covariance / np.where(is_known, variance, 1.0), np.nan)
    return pd.DataFrame({"beta": slope, "n": n}, index=returns.columns)


def rolling_beta(
    returns: pd.Series, factors: pd.DataFrame, window: int = 126, *, half_life: float | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Slope on each factor over the `window` trading days that end on each day, and the days it rests on.

    Parameters
    ----------
    returns : Series of length trading days
        Of the position, fractions.
    factors : DataFrame of shape (trading days, factors)
        Returns of each factor, fractions.
    window : int
        Trading days.
    half_life : float, optional
        Trading days after which a day's weight has halved; None weighs all days of the window the same.

    Returns
    -------
    beta, n : DataFrames of shape (trading days, factors)
        Slopes, NaN with fewer than half a window (at least 21) of common days, or where the factor does not move;
        and the number of common days, or, of weighted ones, as many equal days as carry the same information
        (Kish 1965). Each window is summed on its own, so other days change no bit of it.

    References
    ----------
    Kish (1965), Survey Sampling, section 11.2C.
    """
    age = np.arange(window - 1, -1, -1.0)
    weight = np.ones(window) if half_life is None else 0.5 ** (age / half_life)
    y = returns.to_numpy(dtype=np.float64)
    slopes, counts = np.full(factors.shape, np.nan), np.zeros(factors.shape)
    for column in range(factors.shape[1]):
        x = factors.iloc[:, column].to_numpy(dtype=np.float64)
        both = ~(np.isnan(x) | np.isnan(y))
        known_x, known_y = np.where(both, x, 0.0), np.where(both, y, 0.0)
        total = _weighted(both.astype(np.float64), weight)
        mean_x = _weighted(known_x, weight) / np.maximum(total, weight[0])
        square = _weighted(known_x**2, weight)
        variance = square - mean_x**2 * total
        covariance = _weighted(known_x * known_y, weight) - mean_x * _weighted(known_y, weight)
        pairs = _weighted(both.astype(np.float64), np.ones(window))
        is_known = (pairs >= max(FEWEST_PAIRS, window // 2)) & (variance > 1e-12 * square)
        slopes[:, column] = np.where(is_known, covariance / np.where(is_known, variance, 1.0), np.nan)
        squared = _weighted(both.astype(np.float64), weight**2)
        counts[:, column] = total**2 / np.maximum(squared, weight[0] ** 2)
    made = {"index": factors.index, "columns": factors.columns}
    return pd.DataFrame(slopes, **made), pd.DataFrame(counts, **made)


def _weighted(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted sum of the last values at each place; what lies before the first counts nothing."""
    padded = np.concatenate([np.zeros(len(weight) - 1), values])
    return (np.lib.stride_tricks.sliding_window_view(padded, len(weight)) * weight).sum(axis=-1)


def realised_volatility(returns: pd.DataFrame, window: int = 63) -> pd.DataFrame:
    """Sample standard deviation of the last `window` returns, times the root of 252: a fraction a year.

    Returns
    -------
    DataFrame of the same shape
        NaN until `window` returns are known, and while one of them is not.

    Examples
    --------
    >>> float(realised_volatility(pd.DataFrame({"IJH": [0.01, -0.01] * 32}), 64)["IJH"].iloc[-1].round(4))
    0.16
    """
    out = np.full(returns.shape, np.nan)
    if len(returns) >= window:
        views = np.lib.stride_tricks.sliding_window_view(returns.to_numpy(dtype=np.float64), window, axis=0)
        out[window - 1 :] = views.std(axis=-1, ddof=1) * np.sqrt(TRADING_DAYS_PER_YEAR)
    return pd.DataFrame(out, index=returns.index, columns=returns.columns)


def growth(returns: pd.DataFrame) -> pd.DataFrame:
    """Value of 1 put in the evening before the first day and left in; an unknown return leaves it where it was."""
    return (1 + returns.fillna(0.0)).cumprod()


def drawdown(value: pd.DataFrame) -> pd.DataFrame:
    """Distance from the highest value so far, a fraction, never positive; NaN where the value is.

    Parameters
    ----------
    value : DataFrame of shape (trading days, positions)
        Levels, such as `growth` or a total-return index.

    Examples
    --------
    >>> drawdown(pd.DataFrame({"IJH": [100.0, 120.0, 90.0, 130.0]}))["IJH"].tolist()
    [0.0, 0.0, -0.25, 0.0]
    """
    return value / value.cummax() - 1


def max_drawdown(returns: pd.DataFrame) -> pd.Series:
    """Deepest fall from a high of each column, a fraction, 0 or negative; the start counts as a high.

    NaN for a column without a known return.
    """
    value = growth(returns)
    deepest = (value / value.cummax().clip(lower=1.0) - 1).min()
    return deepest.where(returns.notna().any())
