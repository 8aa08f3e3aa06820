"""What moved mid caps against mega caps: rates, credit, the market; money that flowed in; earnings."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import statistics

#: trading days on which the attribution is fitted, and those of them that must be known
FIT_WINDOW = 252
LEAST_FIT = 126
UNEXPLAINED = "unexplained"
#: days of share counts under which no flow is stated
LEAST_COUNTS = 20
#: trading days that a share count may be old
COUNT_AGE = 3
#: a step of the share count beyond this share is a split that nobody told of, or an error
LARGEST_STEP = 0.3
#: current and next fiscal year: the estimates whose revisions count
PERIODS = ("0y", "+1y")


class Attribution(NamedTuple):
    """Parts of a move (a fraction per factor, what is left last); they add up to `move`.

    ``r_squared`` is the share of the variance of such moves, over the days fitted, that the factors explain.
    """

    parts: pd.Series
    move: float
    r_squared: float
    n: int


class Flow(NamedTuple):
    """Money that came in (negative: went out), quote currency; days of counts held; how they are known."""

    value: float
    days: int
    basis: str


class Reporting(NamedTuple):
    """Share of the fund's weight, of `n` companies whose dates are known."""

    weight: float
    n: int


class Revisions(NamedTuple):
    """Breadth in [-1, 1] over `n` companies, and the share of the fund's weight of which estimates are known."""

    breadth: float
    n: int
    coverage: float


def attribution(
    daily: pd.Series, factors: pd.DataFrame, moves: pd.Series, move: float, *, window: int, over: int = FIT_WINDOW
) -> Attribution:
    """Parts of the last move by daily sensitivities: coefficient times the factor's own move, and the rest.

    Parameters
    ----------
    daily : Series over trading days
        Daily excess return, fraction.
    factors : DataFrame over the same days
        Daily changes of the factors, each in its own unit.
    moves : Series
        Change of each factor over the last `window` days, in the same units.
    move : float
        Excess return over the last `window` days, fraction.
    window : int
        Days of the move; `r_squared` is of moves of this length, overlapping, with the coefficients of daily ones.
    over : int
        Trading days fitted.

    Returns
    -------
    Attribution
        NaN throughout when fewer than `LEAST_FIT` days are known, or the move or a factor's move is not. The
        constant is part of the rest. `r_squared` is not below 0: explaining less than nothing is explaining nothing.
    """
    y, x = daily.tail(over), factors.tail(over)
    fit = statistics.hac_ols(y.to_numpy(), x.to_numpy(), lags=window)
    names = [*factors.columns, UNEXPLAINED]
    explained = moves.reindex(factors.columns) * fit.coef[1:]
    if fit.n < LEAST_FIT or np.isnan([move, *explained]).any():
        return Attribution(pd.Series(np.nan, index=names), move, math.nan, fit.n)
    parts = pd.Series([*explained, move - explained.sum()], index=names)
    known = y.notna() & x.notna().all(axis=1)
    residual = (y - x.to_numpy() @ fit.coef[1:]).where(known)
    left, whole = (part.where(known).rolling(window, min_periods=window).sum().var() for part in (residual, y))
    return Attribution(parts, move, max(0.0, 1 - left / whole) if whole > 0 else math.nan, fit.n)


def flow(counts: pd.DataFrame, price: pd.Series, *, window: int, split: pd.Series | None = None) -> Flow:
    """Money that came into a fund: change of its shares outstanding times the price of the day before.

    Parameters
    ----------
    counts : DataFrame
        ``date``, ``shares``, ``basis``, in the order in which they were observed; a later row of a day replaces it.
    price : Series over trading days
        Stands in for the net asset value, quote currency, split-adjusted; its last day is the day of the flow.
    window : int
        Trading days.
    split : Series over the same days, optional
        New shares for one old on the day of a split, else NaN.

    Returns
    -------
    Flow
        The value is NaN with counts of fewer than `LEAST_COUNTS` days, without one at either end of the window (at
        most `COUNT_AGE` days old), after a step beyond `LARGEST_STEP`, and where counts of two kinds would be
        compared.
    """
    days = pd.DatetimeIndex(price.index)
    held = counts.dropna(subset=["date", "shares"])
    held = held[(held["date"] >= days[0]) & (held["date"] <= days[-1])] if len(days) else held.iloc[:0]
    at = days[days.searchsorted(pd.DatetimeIndex(held["date"]), side="right") - 1]
    held = held.assign(day=at).drop_duplicates("day", keep="last").set_index("day")
    n = len(held)
    kinds = held["basis"].reindex(days[-window - 1 - COUNT_AGE :]).dropna().unique()
    basis = " and ".join(map(str, kinds)) if len(kinds) else "no share counts"
    if n < LEAST_COUNTS or len(days) <= window or len(kinds) != 1:
        return Flow(math.nan, n, basis)
    shares = held["shares"].reindex(days) * _later_splits(split, days)
    fresh, last = shares.ffill(limit=COUNT_AGE), shares.ffill()
    steps = last.diff().tail(window)
    is_odd = bool(((steps / last.shift(1).tail(window)).abs() > LARGEST_STEP).any())
    if is_odd or np.isnan(fresh.iloc[-1]) or np.isnan(fresh.iloc[-1 - window]):
        return Flow(math.nan, n, basis)
    return Flow(float((steps * price.ffill().shift(1).tail(window)).sum(skipna=False)), n, basis)


def _later_splits(split: pd.Series | None, days: pd.DatetimeIndex) -> pd.Series:
    """Shares of today for one of each day."""
    if split is None:
        return pd.Series(1.0, index=days)
    factor = split.reindex(days).where(lambda values: values > 0).fillna(1.0)
    return factor[::-1].cumprod()[::-1].shift(-1, fill_value=1.0)


def reporting(holdings: pd.DataFrame, events: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> Reporting:
    """Share of a fund's weight that reports earnings from one day to another.

    Parameters
    ----------
    holdings : DataFrame
        ``symbol``, ``weight`` (fraction of the fund): the holdings known.
    events : DataFrame
        ``as_of``, ``subject``, ``date``, ``event``. A date counts while the company's last observation made by then
        shows it; a company with two possible dates counts once.
    first, last : Timestamp
        Both days included.

    Returns
    -------
    Reporting
        NaN without holdings of which any date of earnings is known.
    """
    if holdings.empty or events.empty:
        return Reporting(math.nan, 0)
    rows = events[events["subject"].isin(holdings["symbol"])]
    looks = rows[["subject", "as_of"]].drop_duplicates()
    dated = rows[(rows["event"] == "earnings") & rows["date"].notna()]
    n = dated["subject"].nunique()
    if not n:
        return Reporting(math.nan, 0)
    due = dated[(dated["date"] >= first) & (dated["date"] <= last)]
    pairs = due.merge(looks, on="subject", suffixes=("", "_look"))
    pairs = pairs[pairs["as_of_look"] <= pairs["date"]]
    latest = pairs.groupby(["subject", "date", "as_of"], as_index=False)["as_of_look"].max()
    names = latest.loc[latest["as_of"] == latest["as_of_look"], "subject"].unique()
    return Reporting(float(holdings.loc[holdings["symbol"].isin(names), "weight"].sum()), int(n))


def revisions(holdings: pd.DataFrame, estimates: pd.DataFrame) -> Revisions:
    """Analysts who raised their estimates less those who cut them, over both, in the last 30 days.

    Each company has its own share over `PERIODS`; the breadth is their mean by fund weight. A company whose estimates
    nobody touched is known, but says neither up nor down.

    Parameters
    ----------
    holdings : DataFrame
        ``symbol``, ``weight`` (fraction of the fund).
    estimates : DataFrame
        ``subject``, ``period``, ``up_30``, ``down_30``, one observation a company.

    Returns
    -------
    Revisions
        The breadth is NaN where no company was revised, the coverage where nothing is held.
    """
    if holdings.empty or estimates.empty:
        return Revisions(math.nan, 0, math.nan)
    rows = estimates[estimates["period"].isin(PERIODS)].dropna(subset=["up_30", "down_30"])
    total = rows.groupby("subject")[["up_30", "down_30"]].sum()
    known = holdings.set_index("symbol")["weight"].reindex(total.index).dropna()
    touched = total.sum(axis=1).reindex(known.index)
    share = ((total["up_30"] - total["down_30"]).reindex(known.index) / touched).where(touched > 0).dropna()
    weight = known.reindex(share.index)
    breadth = float((share * weight).sum() / weight.sum()) if weight.sum() > 0 else math.nan
    return Revisions(breadth, len(share), float(known.sum()))
