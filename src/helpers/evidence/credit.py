"""Credit spreads as bond funds show them: what a high-yield fund does beyond government bonds, in basis points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

#: trading days over which residual and spread are compared
MAPPED_OVER = 21
#: changes of both needed to measure the mapping anew
MAPPED_FROM = 504


class Mapping(NamedTuple):
    """Spread change over 21 trading days = drift - bp_per_unit * residual over the same days; basis points.

    The drift is what the fund earns while spreads stand still: its carry over government bonds.
    """

    bp_per_unit: float
    drift: float
    r_squared: float
    n: int


#: HYG after IEF against BAMLH0A0HYM2, October 2007 to December 2025; tests/evidence/test_credit.py measures it again
MEASURED = Mapping(bp_per_unit=2083.0, drift=11.3, r_squared=0.55, n=4561)


def residual(credit: pd.Series, duration: pd.Series, window: int = 126) -> pd.Series:
    """Daily return of a bond fund less its beta times a government bond fund's, the beta lagged by one day.

    Parameters
    ----------
    credit, duration : Series, indexed by trading day
        Total-return indices.
    window : int
        Trading days of the beta.

    Returns
    -------
    Series
        Fractions; NaN until `window` + 1 returns are known, and on holes.
    """
    own, other = credit.pct_change(fill_method=None), duration.pct_change(fill_method=None)
    beta = (own.rolling(window).cov(other) / other.rolling(window).var()).shift(1)
    return own - beta * other


def mapping(residuals: pd.Series, spread_bp: pd.Series) -> Mapping:
    """How residuals translate into basis points of a spread, by least squares over 21-day changes.

    Parameters
    ----------
    residuals : Series, indexed by trading day
        As `residual` gives them.
    spread_bp : Series, indexed by trading day observed
        Spread over government bonds, basis points.

    Returns
    -------
    Mapping
        `MEASURED` where fewer than `MAPPED_FROM` changes of both are known.
    """
    moved = residuals.rolling(MAPPED_OVER).sum()
    change = spread_bp.reindex(residuals.index).diff(MAPPED_OVER)
    both = pd.DataFrame({"moved": moved, "change": change}).dropna()
    if len(both) < MAPPED_FROM:
        return MEASURED
    slope, drift = np.polyfit(both["moved"], both["change"], 1)
    share = float(np.corrcoef(both["moved"], both["change"])[0, 1] ** 2)
    return Mapping(float(-slope), float(drift), share, len(both))


def spread_level(residuals: pd.Series, mapped: Mapping) -> pd.Series:
    """The spread that residuals imply, basis points from 0 on the first day known; rising is wider.

    Returns
    -------
    Series
        NaN before the first known residual and on days without one; such a day adds nothing.
    """
    steps = mapped.drift / MAPPED_OVER - mapped.bp_per_unit * residuals
    return steps.fillna(0.0).cumsum().where(residuals.notna())
