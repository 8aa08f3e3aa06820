"""Rotation between baskets of funds: what each earned, how it ranks, and what is left of it after the market."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

SPANS = (21, 63, 126)
#: share of a window's days that must be held; a hole inside it is stepped over, the next return spans both days
MIN_HELD = 0.9
#: excess returns whose spread is rounding dust beside their size are a line, not a risk
_FLAT = 1e-12


class Residual(NamedTuple):
    """A line after the market: its beta, its return over the window, and the part that beta leaves; `n` days held.

    Returns are fractions; NaN where the window is not full.
    """

    beta: float
    total: float
    left: float
    n: int


def basket(index: pd.DataFrame) -> pd.Series:
    """Equal-weighted basket, rebalanced every day: each step is the mean of its funds' returns of that day.

    It starts at 100 on the first day on which every fund is held, and needs every fund: one that is not held at all
    leaves the basket unknown, because a basket that takes funds in as they come would change its own past.

    Parameters
    ----------
    index : DataFrame of shape (trading days, funds)
        Total-return indices, oldest first.

    Returns
    -------
    Series
        NaN before the start and on every day that one of the funds lacks; the day after such a hole counts both days.

    Examples
    --------
    >>> basket(pd.DataFrame({"A": [100.0, 110.0, 110.0], "B": [np.nan, 50.0, 60.0]})).tolist()
    [nan, 100.0, 110.00000000000001]
    """
    held = index.notna().all(axis=1)
    if index.shape[1] == 0 or not held.any():
        return pd.Series(np.nan, index=index.index)
    carried = index.ffill().loc[held.idxmax() :]
    steps = (carried / carried.shift(1)).mean(axis=1)
    steps.iloc[0] = 100.0
    return steps.cumprod().reindex(index.index).where(held)


def scaled_excess(index: pd.DataFrame, market: pd.Series, window: int) -> pd.DataFrame:
    """Return less the market's over `window` trading days, in units of its own volatility over the same days.

    The volatility is the sample deviation of daily excess returns times the root of the window. Each window is summed
    on its own, so later rows change no earlier value by a single bit.

    Parameters
    ----------
    index : DataFrame of shape (trading days, funds)
    market : Series
        Total-return index on the same days.
    window : int
        Trading days, at least 2.

    Returns
    -------
    DataFrame of the same shape
        NaN until a fund and the market have a window of which at least `MIN_HELD` is held, the first day and the last
        included; 0 for a fund that moves with the market to the bit.
    """
    own, other = index.ffill(), market.ffill()
    daily = (own / own.shift(1)).sub(other / other.shift(1), axis=0).to_numpy(dtype=np.float64)
    out = np.full(index.shape, np.nan)
    if len(index) > window:
        windows_of = np.lib.stride_tricks.sliding_window_view
        spread = windows_of(daily[1:], window, axis=0).std(axis=-1, ddof=1) * np.sqrt(window)
        held = (index.notna() & market.notna().to_numpy()[:, None]).to_numpy()
        spread[windows_of(held[1:], window, axis=0).mean(axis=-1) < MIN_HELD] = np.nan
        total = (index / index.shift(window)).sub(market / market.shift(window), axis=0).to_numpy()[window:]
        is_flat = spread <= _FLAT
        out[window:] = np.where(is_flat, 0.0, total) / np.where(is_flat, 1.0, spread)
    return pd.DataFrame(out, index=index.index, columns=index.columns)


def score(index: pd.DataFrame, market: pd.Series, spans: tuple[int, ...] = SPANS) -> pd.DataFrame:
    """Mean percentile rank of each fund's `scaled_excess` over several spans: 0 the weakest, 1 the strongest.

    A day's ranks compare the funds of that day with each other and with nothing later; equal values share their rank.

    Returns
    -------
    DataFrame of shape (trading days, funds)
        In [0, 1]; NaN where one of the spans is, or where no other fund can be compared with.
    """
    ranks = [_percentile_rank(scaled_excess(index, market, window)) for window in spans]
    total = sum(rank.to_numpy() for rank in ranks)
    return pd.DataFrame(total / len(ranks), index=index.index, columns=index.columns)


def residual(line: pd.Series, market: pd.Series, window: int = 126) -> Residual:
    """What the last `window` trading days left of a line after the market.

    Beta is the slope of daily returns on the market's (least squares with a constant); what is left is the line's
    return less beta times the market's, both compounded over the window. In a rising market a basket of high beta
    leads without any rotation: then little is left.

    Parameters
    ----------
    line, market : Series
        Total-return indices on the same trading days, oldest first.

    Returns
    -------
    Residual
        NaN where the first or the last day of the window is unknown, less than `MIN_HELD` of it is held, or the market
        did not move.
    """
    both = pd.DataFrame({"line": line, "market": market}).tail(window + 1)
    carried = both.ffill()
    steps = (carried / carried.shift(1) - 1).iloc[1:]
    n = int(both.iloc[1:].notna().all(axis=1).sum())
    is_full = len(both) > window and bool(both.iloc[[0, -1]].notna().all(axis=None)) and n >= MIN_HELD * window
    spread = float(steps["market"].var()) if is_full else np.nan
    if not spread > 0:
        return Residual(np.nan, np.nan, np.nan, n)
    beta = float(steps["line"].cov(steps["market"])) / spread
    total = both.iloc[-1] / both.iloc[0] - 1
    return Residual(beta, float(total["line"]), float(total["line"] - beta * total["market"]), n)


def _percentile_rank(values: pd.DataFrame) -> pd.DataFrame:
    """Rank within each row as a fraction: 0 the lowest, 1 the highest, 0.5 the middle."""
    others = values.notna().sum(axis=1) - 1
    return (values.rank(axis=1) - 1).div(others.where(others > 0), axis=0)
