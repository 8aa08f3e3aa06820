"""How crowded a trade may be, by price alone: names that move together, and where that stands in its own past."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: members below which a pairwise correlation says little
LEAST_MEMBERS = 8


def comomentum(members: pd.DataFrame, market: pd.Series, window: int = 52, least: int = LEAST_MEMBERS) -> pd.DataFrame:
    """Mean pairwise correlation of what the market leaves of the members' weekly returns.

    In each window every member is regressed on the market; the correlations are of the residuals of that window.

    Parameters
    ----------
    members : DataFrame of shape (weeks, members)
        Weekly returns, fractions.
    market : Series over the same weeks
        Weekly return of the market.
    window : int
        Weeks.
    least : int
        Members with a full window that are needed.

    Returns
    -------
    DataFrame over the same weeks
        ``correlation`` in [-1, 1], NaN until `window` weeks with enough members; ``members`` counted in it.

    References
    ----------
    Lou and Polk (2022), Comomentum: Inferring Arbitrage Activity from Return Correlations, Review of Financial
    Studies 35(7); simplified: one basket, no lagged factors.
    """
    out = pd.DataFrame({"correlation": np.nan, "members": 0}, index=members.index)
    if len(members) < window or members.shape[1] < 1:
        return out
    own = _windows(members.to_numpy(dtype=np.float64), window)
    common = _windows(market.to_numpy(dtype=np.float64)[:, None], window)
    own = own - own.mean(axis=-1, keepdims=True)
    common = common - common.mean(axis=-1, keepdims=True)
    spread = (common**2).sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        residual = own - (own * common).sum(axis=-1, keepdims=True) / spread * common
        size = np.sqrt((residual**2).sum(axis=-1, keepdims=True))
        scale = np.sqrt((own**2).sum(axis=-1, keepdims=True))
        # a member that does not move, or moves as the market does, leaves only rounding
        scaled = np.where(size > 1e-9 * scale, residual / size, np.nan)
    is_known = np.asarray(np.isfinite(scaled).all(axis=-1))
    total = np.where(is_known[..., None], scaled, 0.0).sum(axis=1)
    count = is_known.sum(axis=1)
    pairs = np.where(count > 1, count * (count - 1), 1)
    correlation = ((total**2).sum(axis=-1) - count) / pairs
    out.iloc[window - 1 :, 0] = np.where(count >= max(least, 2), correlation, np.nan)
    out["members"] = np.concatenate([np.zeros(window - 1, dtype=int), count])
    return out


def _windows(values: np.ndarray, window: int) -> np.ndarray:
    """Windows of each column: (windows, columns, window)."""
    return np.lib.stride_tricks.sliding_window_view(values, window, axis=0)


def percentile(history: pd.Series, window: int, least: int) -> tuple[float, int]:
    """Where the last value stands among the last `window` values, itself included.

    Parameters
    ----------
    history : Series
        Oldest first; unknown values are passed over.
    window : int
        Rows looked back over.
    least : int
        Known values needed.

    Returns
    -------
    percentile, n
        In (0, 1), equal values counting half; NaN when the last value is unknown or fewer than `least` are known.

    Examples
    --------
    >>> percentile(pd.Series([1.0, 2.0, 3.0, 4.0]), 4, 4)
    (0.875, 4)
    """
    values = history.to_numpy(dtype=np.float64)[-window:]
    known = values[~np.isnan(values)]
    n = len(known)
    if not n or n < least or np.isnan(values[-1]):
        return np.nan, n
    below, equal = (known < values[-1]).sum(), (known == values[-1]).sum()
    return float((below + equal / 2) / n), n


def percentiles(history: np.ndarray, rows: np.ndarray, window: int, least: int) -> tuple[np.ndarray, np.ndarray]:
    """`percentile` as of each of `rows`, from nothing after it, and the known values it is made of.

    Parameters
    ----------
    history : ndarray of shape (days,)
        Oldest first; NaN is unknown.
    rows : ndarray of int
        Places in `history`.
    window, least : int
        As for `percentile`.

    Returns
    -------
    percentile, n : ndarrays, one value a row
    """
    is_known = ~np.isnan(history)
    values, place = np.unique(history[is_known], return_inverse=True)
    # whole numbers that sort as the values do compare several times faster; an unknown one is above all of them
    ranks = np.full(len(history) + window - 1, len(values), dtype=np.int16 if len(values) < 1 << 15 else np.int32)
    ranks[window - 1 :][is_known] = place
    held = np.lib.stride_tricks.sliding_window_view(ranks, window)[rows]
    now = held[:, -1:]
    below, equal = np.count_nonzero(held < now, axis=1), np.count_nonzero(held == now, axis=1)
    n = np.count_nonzero(held < len(values), axis=1)
    is_stated = is_known[rows] & (n >= least)
    return np.where(is_stated, (below + equal / 2) / np.maximum(n, 1), np.nan), n
