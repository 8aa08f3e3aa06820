"""A whole panel at once: every new high there was, and where each symbol stands on the last day."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.signals import breakout, flagged_volume, relative, windows

#: share below the prior high within which a close is near it
NEAR = 0.02
#: trading days after a new high within which a close back below its level makes it a failed one
FAILED_WITHIN = 10
VOLUME_WINDOWS = (20, 50)
EXCESS_WINDOW = 63
STATES = ("new", "near", "failed", "none")

#: symbols whose events are looked for at once: fewer would cost more calls than they save in cache
_TOGETHER = 4 * windows.BLOCK


class Panel(NamedTuple):
    """What `last_day` reads: frames of the same trading days x symbols, oldest day first, NaN where unknown.

    Attributes
    ----------
    high, low, close : DataFrame
        Tape basis, quote currency.
    volume : DataFrame
        Shares; zero is unknown.
    total_return : DataFrame
        Total-return indices.
    """

    high: pd.DataFrame
    low: pd.DataFrame
    close: pd.DataFrame
    volume: pd.DataFrame
    total_return: pd.DataFrame


def events(
    high: pd.DataFrame,
    volume: pd.DataFrame,
    window: int = breakout.TRADING_DAYS_PER_YEAR,
    *,
    volume_window: int = VOLUME_WINDOWS[1],
    average: flagged_volume.Average = "median",
    unusual: pd.Series | None = None,
) -> pd.DataFrame:
    """Every day on which a symbol's high was above every one of the `window` days before.

    The same days as `breakout.new_high` flags, as rows. What is told of a day is worked out for flagged days alone,
    a few in a hundred, and from that day and earlier ones only.

    Parameters
    ----------
    high : DataFrame of shape (trading days, symbols)
        Daily highs or closes, quote currency, split-adjusted, oldest first.
    volume : DataFrame of the same shape
        Shares; zero and NaN are unknown.
    window : int
        Trading days of the high.
    volume_window : int
        Ordinary days with a known volume, before the day, that it is compared with.
    average : {"median", "mean"}
        What of those days; the median is the one that notes state.
    unusual : Series of bool over the same days, optional
        Half days, expiries and index rebalances, which are passed over; none when not given.

    Returns
    -------
    DataFrame, a row per flagged day, by date and then in the symbols' order
        ``date``; ``symbol``; ``age``, trading days since the old high was last reached; ``relative_volume``, a
        multiple, NaN where unknown; ``distance`` above the old high, a fraction.
    """
    prices, shares = _by_symbol(high), _by_symbol(volume)
    ordinary = flagged_volume.ordinary(unusual)
    parts = []
    for first in range(0, max(len(prices), 1), _TOGETHER):
        block = slice(first, first + _TOGETHER)
        rows, days, age, distance = _new_highs(prices[block], window)
        multiple = flagged_volume.relative_volume(shares[block], rows, days, ordinary, volume_window, average)
        parts.append((rows + first, days, age, multiple, distance))
    rows, days, age, multiple, distance = (np.concatenate(part) for part in zip(*parts, strict=True))
    # numbers of 16 bits are sorted by counting
    order = np.argsort(days.astype(np.uint16 if len(high) < 2**16 else np.int64), kind="stable")
    return pd.DataFrame(
        {
            "date": high.index.take(days[order]),
            "symbol": high.columns.take(rows[order]),
            "age": age[order],
            "relative_volume": multiple[order],
            "distance": distance[order],
        },
        copy=False,
    )


def last_day(
    panel: Panel,
    market: pd.Series,
    window: int = breakout.TRADING_DAYS_PER_YEAR,
    *,
    unusual: pd.Series | None = None,
) -> pd.DataFrame:
    """Where each symbol stands on the last day of the panel.

    Parameters
    ----------
    panel : Panel
    market : Series over the same days
        The market's total-return index.
    window : int
        Trading days of the high.
    unusual : Series of bool over the same days, optional
        As in `events`.

    Returns
    -------
    DataFrame indexed by symbol
        ``state``: "new", the day's high is above every one of the `window` days before; "failed", it is not, one of
        the `FAILED_WITHIN` days before made a new high, and the close is below the level that the first of those had to
        beat; "near", neither, and the close is at most `NEAR` below the prior high; "none", none of these; "", high,
        close or prior high is unknown. ``close``. ``level``, the prior high. ``margin``, high over level less 1.
        ``nearness``, close over level. ``is_confirmed``, close above level. ``days_since_high``: trading days since
        the last new high before this day, NaN when none is known. ``breakout_level``: that of "failed", NaN without a
        recent new high. ``rvol_20``, ``rvol_50``: volume over the median of so many ordinary days before.
        ``base_length``: trading days since the level was last reached. ``base_depth``: the lowest low since then,
        over the level less 1. ``excess``: return over `EXCESS_WINDOW` days less the market's. ``rs_percentile``: see
        `relative.percentile`. Fractions; NaN where unknown.

    Raises
    ------
    ValueError
        A panel without a day.
    """
    high, low, close = (_by_symbol(frame) for frame in panel[:3])
    symbols, days = high.shape
    if not days:
        raise ValueError("a panel without a trading day has no last day; load bars")
    level, made = _levels(high, window)
    last, prior = close[:, -1], level[:, -1]
    recent = made[:, :-1][:, -FAILED_WITHIN:]
    place = np.arange(symbols)
    was_made = recent.any(axis=1)
    first = level[:, :-1][:, -FAILED_WITHIN:][place, recent.argmax(axis=1)] if recent.shape[1] else prior
    breakout_level = np.where(was_made, first, np.nan)
    known = ~np.isnan(high[:, -1] + last + prior)
    choices = [~known, made[:, -1], last < breakout_level, last >= (1 - NEAR) * prior]
    length, depth = _base(high, low, prior, window)
    ordinary = flagged_volume.ordinary(unusual)
    shares = _by_symbol(panel.volume)
    today = np.full(symbols, days - 1)
    rvol = {
        f"rvol_{n}": flagged_volume.relative_volume(shares, place, today, ordinary, n, "median") for n in VOLUME_WINDOWS
    }
    line = panel.total_return
    values = {
        "state": np.select(choices, ["", "new", "failed", "near"], "none"),
        "close": last,
        "level": prior,
        "margin": high[:, -1] / prior - 1,
        "nearness": last / prior,
        "is_confirmed": last > prior,
        "days_since_high": _days_since(made[:, :-1]),
        "breakout_level": breakout_level,
        **rvol,
        "base_length": length,
        "base_depth": depth,
        "excess": relative.excess_over(line, market, EXCESS_WINDOW).to_numpy()[-1],
        "rs_percentile": relative.percentile(relative.score(line.tail(relative.SCORE_DAYS + 1))).to_numpy()[-1],
    }
    return pd.DataFrame(values, index=pd.Index(panel.high.columns, name="symbol"))


def _by_symbol(frame: pd.DataFrame) -> np.ndarray:
    """Values of shape (symbols, trading days), one symbol after the other in memory; mostly how a frame has them."""
    return np.ascontiguousarray(frame.to_numpy(dtype=np.float64).T)


def _new_highs(high: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Symbol, day, age of the old high in days, and distance above it, of each new high of a few symbols."""
    level = windows.rolling_max(high, window)[:, window - 1 : -1]
    today = high[:, window:]
    made_or_matched = today >= level
    rows = np.repeat(np.arange(len(high)), np.count_nonzero(made_or_matched, axis=1))
    days = np.flatnonzero(made_or_matched) - rows * today.shape[1]
    reached, old = today[rows, days], level[rows, days]
    # after a day that made or matched its level, nothing reached it again before the next such day: it is the old high
    before = np.diff(days, prepend=0)
    is_first = np.diff(rows, prepend=-1) != 0
    is_new = reached > old
    far = np.flatnonzero(is_new & (is_first | (before > window)))
    if len(far):
        views = np.lib.stride_tricks.sliding_window_view(high, window, axis=1)[rows[far], days[far]]
        before[far] = 1 + views[:, ::-1].argmax(axis=1)
    return rows[is_new], days[is_new] + window, before[is_new], (reached / old)[is_new] - 1


def _levels(high: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Prior high of every day, and whether the day beat it."""
    level = np.full(high.shape, np.nan)
    level[:, 1:] = windows.rolling_max(high, window)[:, :-1]
    return level, high > level


def _days_since(made: np.ndarray) -> np.ndarray:
    """Columns from the last one that is true to the one after the end; NaN where none is."""
    since = 1.0 + made[:, ::-1].argmax(axis=1) if made.shape[1] else np.zeros(len(made))
    return np.where(made.any(axis=1), since, np.nan)


def _base(high: np.ndarray, low: np.ndarray, level: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Days since the level was last reached before the last day, and the lowest low since, as a share of it."""
    before = high[:, -window - 1 : -1]
    length = _days_since(before == level[:, None])
    since = np.arange(before.shape[1], 0, -1) <= length[:, None]  # the last column is the day before the last
    lows = np.where(np.hstack([since[:, 1:], np.ones((len(low), 1), dtype=bool)]), low[:, -before.shape[1] :], np.nan)
    return length, np.fmin.reduce(lows, axis=1) / level - 1 if lows.shape[1] else np.full(len(low), np.nan)
