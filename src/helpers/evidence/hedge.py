"""What a short leg takes out of a long position, by ratios known the evening before; size, gaps and carry."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from helpers.core.errors import ParameterError
from helpers.evidence import exposure

Method = Literal["ols", "ewma", "dollar"]

WINDOW = 126
HALF_LIFE = 42
#: a slope measured on this many days and the prior of one for one count the same
PRIOR_DAYS = 126
PRIOR_RATIO = 1.0
LOWEST, HIGHEST = 0.0, 2.0
#: trading days below which nothing is said of a hedge's past, and overnight gaps below which no hundredth is
FEWEST_DAYS = 252
GAP_SHARE = 0.01


def hedge_ratio(mid: pd.Series, legs: pd.DataFrame, window: int = WINDOW, *, method: Method = "ols") -> pd.DataFrame:
    """Amount of each leg to hold short against one of the position, as known before each day begins.

    The ratio of a day rests on the days before it, so the day's own returns may be multiplied by it.

    Parameters
    ----------
    mid : Series of length trading days
        Returns of the position, fractions, total return.
    legs : DataFrame of shape (trading days, legs)
        Returns of what is sold short, on the same days.
    window : int
        Trading days of the slope.
    method : {"ols", "ewma", "dollar"}
        "ols": cov/var over the window. "ewma": the same with weights that halve every 42 days. "dollar": one for one.

    Returns
    -------
    DataFrame of shape (trading days, legs)
        Slope b shrunk to 1, ``w b + 1 - w`` with ``w = n / (n + 126)`` and n the days the slope rests on, then cut to
        [0, 2]. NaN where the slope was not known the evening before (see `exposure.rolling_beta`).

    Raises
    ------
    ParameterError
        A method that is none of the three.

    References
    ----------
    Vasicek (1973), A Note on Using Cross-Sectional Information in Bayesian Estimation of Security Betas, Journal of
    Finance 28(5), for the shrinking; J.P. Morgan/Reuters (1996), RiskMetrics Technical Document, for the weights.

    Examples
    --------
    >>> moves = pd.Series([0.01, -0.01] * 64)
    >>> float(hedge_ratio(1.5 * moves, pd.DataFrame({"SPY": moves}))["SPY"].iloc[-1].round(12))
    1.25
    """
    if method not in ("ols", "ewma", "dollar"):
        raise ParameterError(f"hedge_ratio: method is {method!r}; one of ols, ewma, dollar is needed", method=method)
    if method == "dollar":
        seen = legs.notna().cummax() & mid.notna().cummax().to_numpy()[:, None]
        return seen.astype(float).where(seen).shift(1) * PRIOR_RATIO
    half_life = HALF_LIFE if method == "ewma" else None
    slope, n = exposure.rolling_beta(mid, legs, window, half_life=half_life)
    weight = n / (n + PRIOR_DAYS)
    return (weight * slope + (1 - weight) * PRIOR_RATIO).clip(LOWEST, HIGHEST).shift(1)


def hedged_returns(mid: pd.Series, legs: pd.DataFrame, ratio: pd.DataFrame) -> pd.DataFrame:
    """Return of one of the position less the day's ratio of each leg, fractions; NaN where one of the three is unknown.

    Parameters
    ----------
    mid, legs
        As in `hedge_ratio`.
    ratio : DataFrame of shape (trading days, legs)
        As `hedge_ratio` gives it: known before the day. Set anew every day, costs left out.
    """
    short = ratio.to_numpy() * legs.to_numpy()
    return pd.DataFrame(mid.to_numpy()[:, None] - short, index=legs.index, columns=legs.columns)


def variance_removed(mid: pd.Series, hedged: pd.DataFrame, fewest: int = FEWEST_DAYS) -> pd.DataFrame:
    """Share of the position's variance that each hedge took away, by ratios of the evening before.

    Both variances are of the same days, those on which the hedged return is known. A hedge that adds variance has a
    share below zero: nothing was fitted to the days it is judged by.

    Returns
    -------
    DataFrame with a row per leg
        ``share``, at most 1 (NaN under `fewest` days), and ``n``, the days.

    References
    ----------
    Ederington (1979), The Hedging Performance of the New Futures Markets, Journal of Finance 34(1): the measure,
    there within the sample.
    """
    known = hedged.notna() & mid.notna().to_numpy()[:, None]
    alone = pd.DataFrame(np.where(known, mid.to_numpy()[:, None], np.nan), index=hedged.index, columns=hedged.columns)
    n = known.sum()
    before, after = alone.var(), hedged.where(known).var()
    share = 1 - after / before.where(before > 0)
    return pd.DataFrame({"share": share.where(n >= fewest), "n": n})


def is_second_bet(share: float, hedged: dict[str, tuple[float, float]], alone: dict[str, float]) -> bool | None:
    """Whether a leg adds a bet instead of taking one away.

    True when it removes no variance, or leaves the position with a larger beta, of either sign, to something in
    `hedged` than it had in `alone`: one whose whole interval, given here, is larger in size. None when the variance is
    unknown, or no beta is larger but one is unknown.
    """
    if np.isnan(share):
        return None
    sizes = [(max(low, -high), abs(alone[name])) for name, (low, high) in hedged.items()]
    if share <= 0 or any(after > before for after, before in sizes):
        return True
    return None if np.isnan(sizes).any() else False


def size(volatility: float, target: float, cap: float) -> float:
    """Multiple of capital to hold so that the position's volatility is `target`, at most `cap`; NaN if unknown.

    Parameters
    ----------
    volatility, target : float
        Fractions a year. A volatility of zero is a price that does not move, so no size follows from it.

    Examples
    --------
    >>> size(0.20, 0.10, 1.0), size(0.05, 0.10, 1.0)
    (0.5, 1.0)
    """
    return min(target / volatility, cap) if volatility > 0 else np.nan


def overnight_gap(opened: pd.Series, close: pd.Series, share: float = GAP_SHARE) -> tuple[float, int]:
    """Quantile of the open against the close before, a fraction, and the nights it rests on.

    Parameters
    ----------
    opened, close : Series of length trading days
        Tape basis, quote currency. A night next to a hole is left out: its gap is of more than one night.

    Returns
    -------
    gap : float
        NaN under 252 nights.
    n : int
    """
    gaps = (opened / close.shift(1) - 1).dropna()
    return (float(gaps.quantile(share)) if len(gaps) >= FEWEST_DAYS else np.nan), len(gaps)


def dividend_yield(dividend: pd.Series, close: pd.Series, window: int = exposure.TRADING_DAYS_PER_YEAR) -> float:
    """Dividends of the last `window` trading days over the last close, a fraction; NaN if one of them is not known.

    Parameters
    ----------
    dividend, close : Series of length trading days
        Cash per share on the day it is taken out, and closes, both adjusted for splits.
    """
    paid = dividend.tail(window)
    if len(paid) < window or bool(paid.isna().any()):
        return np.nan
    return float(paid.sum() / close.iloc[-1])


def carry(
    own_yield: float, leg_yield: float, ratio: float, turnover: float, *, fee_bp: float, cost_bp: float
) -> dict[str, float]:
    """What a year of the hedged position costs or brings, part by part, fractions of the position.

    Parameters
    ----------
    own_yield, leg_yield : float
        Dividend yields; the short leg pays its own away.
    ratio, turnover : float
        Size of the short leg, and by how much it is changed over a year.
    fee_bp, cost_bp : float
        Basis points a year for borrowing the leg, and for each trade.

    Returns
    -------
    dict
        ``dividend``, ``short_dividend``, ``borrow`` and ``trading`` (position and leg in and out once, and the changes
        of the ratio), whose sum is the carry. Interest on the position and on the short sale is left out.

    Examples
    --------
    >>> parts = carry(0.015, 0.012, 1.0, 0.5, fee_bp=50, cost_bp=2)
    >>> {name: round(part, 6) for name, part in parts.items()}
    {'dividend': 0.015, 'short_dividend': -0.012, 'borrow': -0.005, 'trading': -0.0009}
    """
    return {
        "dividend": own_yield,
        "short_dividend": -ratio * leg_yield,
        "borrow": -ratio * fee_bp / 1e4,
        "trading": -(2 * (1 + ratio) + turnover) * cost_bp / 1e4,
    }
