"""New 52-week highs: the level to beat, the days that beat it, and what became of them by the close."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.signals import windows

TRADING_DAYS_PER_YEAR = 252
QUIET_GAP = 21

Window = int | str


def prior_high(high: pd.DataFrame, window: Window = TRADING_DAYS_PER_YEAR) -> pd.DataFrame:
    """Highest price of the `window` trading days before each day.

    Today is left out, so ``high > prior_high(high)`` uses only what was known the evening before.

    Parameters
    ----------
    high : DataFrame of shape (trading days, symbols)
        Daily highs or closes, quote currency, split-adjusted, oldest first.
    window : int or str
        Trading days (252 is the usual stand-in for 52 weeks), or calendar days as "364d" or "365d".

    Returns
    -------
    DataFrame of shape (trading days, symbols)
        Quote currency; NaN until a symbol has a full window of earlier days, and wherever that window has a hole.

    References
    ----------
    George and Hwang (2004), The 52-Week High and Momentum Investing, Journal of Finance 59(5).

    Examples
    --------
    >>> prior_high(pd.DataFrame({"IJH": [70.0, 72.0, 71.0, 73.0]}), window=2)["IJH"].tolist()
    [nan, nan, 72.0, 72.0]
    """
    if isinstance(window, str):
        return _prior_high_by_calendar(high, window)
    out = np.full(high.shape, np.nan)
    if len(high) > 1:
        held = np.ascontiguousarray(high.to_numpy(dtype=np.float64).T)
        out[1:] = windows.rolling_max(held, window)[:, :-1].T
    return pd.DataFrame(out, index=high.index, columns=high.columns)


def _prior_high_by_calendar(high: pd.DataFrame, window: str) -> pd.DataFrame:
    span = pd.Timedelta(days=int(window.removesuffix("d")))
    rolled = high.rolling(span, closed="left", min_periods=1).max()
    has_hole = high.isna().astype(float).rolling(span, closed="left", min_periods=1).max() > 0
    starts = high.apply(lambda column: column.first_valid_index()).fillna(pd.Timestamp.max)
    days = pd.Series(high.index, index=high.index)
    is_full = pd.DataFrame({symbol: days - span >= starts[symbol] for symbol in high.columns}, index=high.index)
    return rolled.where(is_full & ~has_hole)


def new_high(high: pd.DataFrame, window: Window = TRADING_DAYS_PER_YEAR, *, strict: bool = True) -> pd.DataFrame:
    """Whether each day's price is above every price of the window before it.

    Parameters
    ----------
    high, window
        As in `prior_high`.
    strict : bool
        True: equal to the old high is not a new one. False: made or matched.

    Returns
    -------
    DataFrame of bool, shape (trading days, symbols)
        False where the prior high or the day's own price is unknown.
    """
    level = prior_high(high, window)
    return high > level if strict else high >= level


def first_after_quiet(flags: pd.DataFrame, quiet_gap: int) -> pd.DataFrame:
    """Flagged days with no flagged day among the `quiet_gap` trading days before.

    Parameters
    ----------
    flags : DataFrame of bool, shape (trading days, symbols)
    quiet_gap : int
        Trading days; 0 keeps every flagged day.

    Returns
    -------
    DataFrame of bool, shape (trading days, symbols)
    """
    if quiet_gap == 0:
        return flags.copy()
    recent = flags.shift(1, fill_value=False).astype(float).rolling(quiet_gap, min_periods=1).max() > 0
    return flags & ~recent


def seen(level: pd.DataFrame, price: pd.DataFrame, quiet_gap: int = QUIET_GAP) -> pd.DataFrame:
    """Days on which, and on each of the `quiet_gap` days before which, level and price are known: bool, their shape."""
    known = (level.notna() & price.notna()).astype("float64")
    return known.rolling(quiet_gap + 1).min() > 0


def breakout_events(
    high: pd.DataFrame, close: pd.DataFrame, window: Window = TRADING_DAYS_PER_YEAR, quiet_gap: int = QUIET_GAP
) -> pd.DataFrame:
    """First close above the prior intraday high after a quiet gap: the entry days of every study.

    Parameters
    ----------
    high, close : DataFrame of shape (trading days, symbols)
        Tape basis, quote currency, oldest first.
    window, quiet_gap
        As in `prior_high` and `first_after_quiet`.

    Returns
    -------
    DataFrame of bool, shape (trading days, symbols)
        False where the prior high is unknown, and where it or the close is on one of the `quiet_gap` days before,
        because the quiet cannot be seen then.
    """
    level = prior_high(high, window)
    return first_after_quiet(close > level, quiet_gap) & seen(level, close, quiet_gap)


def endings(
    high: pd.DataFrame,
    close: pd.DataFrame,
    window: Window = TRADING_DAYS_PER_YEAR,
    quiet_gap: int = QUIET_GAP,
    *,
    strict: bool = True,
) -> pd.DataFrame:
    """How the days ended that made a first new intraday high after a quiet gap.

    Parameters
    ----------
    high, close : DataFrame of shape (trading days, 1)
        One fund, tape basis.

    Returns
    -------
    DataFrame with a row per such day
        bool columns ``closing_high`` (close above the highest prior close) and ``close_confirmed`` (close above
        the prior intraday high).
    """
    quiet = seen(prior_high(high, window), high, quiet_gap)
    touched = (first_after_quiet(new_high(high, window, strict=strict), quiet_gap) & quiet).iloc[:, 0]
    closing = new_high(close, window).iloc[:, 0]
    confirmed = (close > prior_high(high, window)).iloc[:, 0]
    both = pd.DataFrame({"closing_high": closing, "close_confirmed": confirmed})
    return both[touched & close.iloc[:, 0].notna()]
