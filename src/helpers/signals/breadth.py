"""Breadth: how many members stand above their means, make new highs or lows, rise or fall, day by day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.core.errors import ParameterError
from helpers.signals import windows

MEANS = (50, 200)
HIGH_WINDOW = 252
#: spans of the two exponential means of McClellan's oscillator
FAST, SLOW = 19, 39
#: net advances are stated per thousand issues, so that the oscillator has its usual size
PER_THOUSAND = 1000.0
#: share of the price sum within which a close counts as near its mean: far above any rounding of either sum
_NEAR = 1e-9


def counters(
    close: pd.DataFrame,
    *,
    means: Sequence[int] = MEANS,
    window: int = HIGH_WINDOW,
    high: pd.DataFrame | None = None,
    low: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """How many members, each day, are known and are above their means, at new highs or lows, up or down.

    Members are worked on a few at a time and only these counts are kept, so memory does not grow with their number.
    A close that equals its mean is not above it. Prices of two decimals tie with their mean now and then, and which
    side rounding puts such a tie on depends on how the mean was summed: here every close near its mean is compared
    with the rolling mean of pandas, so the flags are those of ``close > close.rolling(n).mean()``, all of them.

    Parameters
    ----------
    close : DataFrame of shape (trading days, members)
        On one basis, quote currency or index, oldest first.
    means : sequence of int
        Trading days of each mean, today included.
    window : int
        Trading days before today that a new high has to exceed.
    high, low : DataFrame of the same shape, optional
        What makes new highs and lows; the close where not given.

    Returns
    -------
    DataFrame of int, a row per trading day
        ``known_<n>`` and ``above_<n>`` for each mean: members with n closes in a row, and those above. Of the extremes
        ``known_extremes`` (a full window and a price on the day), ``new_highs``, ``new_lows``; of moves
        ``known_moves`` (a close on the day and on the one before), ``advances``, ``declines``. A member with a hole in
        a window is not known there and counts on neither side.

    Raises
    ------
    ParameterError
        A window below 1, or high or low of another shape than close.

    Examples
    --------
    >>> held = pd.DataFrame({"A": [1.0, 2.0, 3.0], "B": [3.0, 3.0, 2.0], "C": [np.nan, 1.0, 1.0]})
    >>> counters(held, means=[2], window=2)[["known_2", "above_2", "new_highs", "new_lows"]].tail(1).values.tolist()
    [[3, 1, 1, 1]]
    """
    _check(close, means, window, high, low)
    prices = close.to_numpy(dtype=np.float64)
    highs = None if high is None else high.to_numpy(dtype=np.float64)
    lows = None if low is None else low.to_numpy(dtype=np.float64)
    names = [f"{what}_{mean}" for mean in means for what in ("known", "above")]
    names += ["known_extremes", "new_highs", "new_lows", "known_moves", "advances", "declines"]
    totals = {name: np.zeros(len(close), dtype=np.int64) for name in names}
    for first in range(0, prices.shape[1], windows.BLOCK):
        block = _rows(prices, first)
        for mean, total in _sums(block, means).items():
            known, above = _above(block, total, mean)
            _add(totals[f"known_{mean}"], known)
            _add(totals[f"above_{mean}"], above)
        _count_extremes(
            totals,
            block if highs is None else _rows(highs, first),
            block if lows is None else _rows(lows, first),
            window,
        )
        now, before = block[:, 1:], block[:, :-1]
        _add(totals["known_moves"][1:], ~np.isnan(now - before))
        _add(totals["advances"][1:], now > before)
        _add(totals["declines"][1:], now < before)
    return pd.DataFrame(totals, index=close.index)


def share_above(counts: pd.DataFrame, window: int) -> pd.Series:
    """Share of the known members above their mean of `window` days, as a fraction; NaN where none is known."""
    return _quotient(counts[f"above_{window}"], counts[f"known_{window}"])


def net_new_highs(counts: pd.DataFrame) -> pd.Series:
    """New highs less new lows, members; NaN where no member has a full window."""
    return (counts["new_highs"] - counts["new_lows"]).where(counts["known_extremes"] > 0)


def record_high_share(counts: pd.DataFrame) -> pd.Series:
    """New highs as a share of new highs and new lows, a fraction; NaN on a day without either."""
    return _quotient(counts["new_highs"], counts["new_highs"] + counts["new_lows"])


def net_advances(counts: pd.DataFrame) -> pd.Series:
    """Advances less declines as a share of both, in [-1, 1]: ratio-adjusted, so that the number of members cancels.

    NaN where no member moved or none is known.
    """
    return _quotient(counts["advances"] - counts["declines"], counts["advances"] + counts["declines"])


def advance_decline(net: pd.Series) -> pd.Series:
    """The advance-decline line: running sum of `net_advances` from its first day on, NaN on days it is unknown."""
    return net.cumsum()


def mcclellan(net: pd.Series) -> pd.Series:
    """McClellan's oscillator: the 19-day less the 39-day exponential mean of net advances per thousand issues.

    Parameters
    ----------
    net : Series
        `net_advances`, fractions.

    Returns
    -------
    Series
        Issues per thousand; unknown days are passed over, and nothing is stated before 39 known ones.

    References
    ----------
    McClellan and McClellan (1970), Patterns for Profit.
    """
    held = PER_THOUSAND * net.dropna()
    fast = held.ewm(span=FAST, adjust=False, min_periods=SLOW).mean()
    slow = held.ewm(span=SLOW, adjust=False, min_periods=SLOW).mean()
    return (fast - slow).reindex(net.index)


def _check(
    close: pd.DataFrame, means: Sequence[int], window: int, high: pd.DataFrame | None, low: pd.DataFrame | None
) -> None:
    """Refuse windows below 1 and frames that do not match."""
    for days in (*means, window):
        if days < 1:
            raise ParameterError(f"breadth: window is {days}, at least 1 needed")
    for name, other in (("high", high), ("low", low)):
        if other is not None and other.shape != close.shape:
            raise ParameterError(f"breadth: {name} is {other.shape}, {close.shape} needed as in close")


def _rows(matrix: np.ndarray, first: int) -> np.ndarray:
    """A few members as rows, side by side in memory."""
    return np.ascontiguousarray(matrix[:, first : first + windows.BLOCK].T)


def _sums(block: np.ndarray, means: Sequence[int]) -> dict[int, np.ndarray]:
    """Sum of the last n values, for each n of `means`, from the day on that has n of them.

    Sums over 2k days are sums over k days twice, so all windows share a few passes; each is made of powers of two.
    """
    days = block.shape[1]
    longest = max((mean for mean in means if mean <= days), default=0)
    powers = {1: block}
    span = 1
    while 2 * span <= longest:
        held = powers[span]
        powers[2 * span] = held[:, span:] + held[:, :-span]
        span *= 2
    out = {mean: np.empty((len(block), 0)) for mean in means}
    for mean in (mean for mean in out if mean <= days):
        total, done = np.zeros((len(block), days - mean + 1)), 0
        for power in sorted(powers, reverse=True):
            if mean & power:
                stop = days - done
                part = powers[power][:, : stop - power + 1]
                total += part[:, part.shape[1] - total.shape[1] :]
                done += power
        out[mean] = total
    return out


def _above(block: np.ndarray, total: np.ndarray, mean: int) -> tuple[np.ndarray, np.ndarray]:
    """Which cells have a full window, and in which the close is above its mean, as pandas has it."""
    known, above = np.zeros(block.shape, dtype=np.bool_), np.zeros(block.shape, dtype=np.bool_)
    if not total.shape[1]:
        return known, above
    scaled = block[:, mean - 1 :] * mean
    np.greater(scaled, total, out=above[:, mean - 1 :])
    scaled -= total
    np.logical_not(np.isnan(scaled), out=known[:, mean - 1 :])
    np.abs(scaled, out=scaled)
    near = (scaled <= _NEAR * np.abs(total)).any(axis=1)
    if near.any():
        prices = pd.DataFrame(block[near].T)
        above[near] = (prices > windows.rolling_mean(prices, mean)).to_numpy().T
    return known, above


def _count_extremes(totals: dict[str, np.ndarray], high: np.ndarray, low: np.ndarray, window: int) -> None:
    """Add the new highs and lows of a few members to the totals."""
    top = windows.rolling_max(high, window)[:, :-1]
    bottom = windows.rolling_max(-low, window)[:, :-1]
    _add(totals["known_extremes"][1:], ~np.isnan(top + bottom + high[:, 1:] + low[:, 1:]))
    _add(totals["new_highs"][1:], high[:, 1:] > top)
    _add(totals["new_lows"][1:], -low[:, 1:] > bottom)


def _add(total: np.ndarray, flags: np.ndarray) -> None:
    """Add to each day how many rows are flagged."""
    total += np.add.reduce(flags.view(np.int8), axis=0, dtype=np.int8)


def _quotient(part: pd.Series, whole: pd.Series) -> pd.Series:
    return part / whole.where(whole > 0)
