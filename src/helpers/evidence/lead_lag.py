"""Whether the fund moves before its members, or after them, as far as daily closes can show it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import statistics

LAGS = 3
#: days that the errors of the regressions may depend on
HAC_LAGS = 5
#: two-sided 5 % of a normal law
CRITICAL = 1.96
#: a close that is so many times the one before, or such a part of it, is two histories spliced, not a return
SPLICE = 4.0


class Lagged(NamedTuple):
    """Regression of one side's return on the other's of the day before: coefficient, HAC t, days."""

    coef: float
    t: float
    n: int


def mean_return(index: pd.DataFrame, *, at_least: float = 0.5) -> pd.Series:
    """Equal-weighted mean of the members' daily returns.

    Parameters
    ----------
    index : DataFrame of shape (trading days, members)
        Total-return indices, oldest first.
    at_least : float
        Share of the members whose return must be known.

    Returns
    -------
    Series
        Fractions; NaN on days on which fewer are known. A member with a hole has no return on that day and the next,
        and one whose line steps by more than `SPLICE` has none on that day: a single bad splice among hundreds of
        members would otherwise be the largest move of the whole sample.
    """
    growth = index / index.shift(1)
    steps = (growth - 1).where((growth <= SPLICE) & (growth >= 1 / SPLICE))
    known = steps.notna().sum(axis=1)
    return steps.mean(axis=1).where((known > 0) & (known >= at_least * index.shape[1]))


def cross_correlation(fund: pd.Series, members: pd.Series, lags: int = LAGS) -> pd.DataFrame:
    """Correlation of the fund's return with the members' return some days later (or earlier).

    Parameters
    ----------
    fund, members : Series
        Daily returns on the same trading days, fractions.
    lags : int
        Days either way.

    Returns
    -------
    DataFrame, a row for each lag from -lags to lags
        ``lag``: days by which the members' return is later than the fund's, so a high value at a positive lag means
        that the fund was first. ``correlation`` in [-1, 1], NaN with fewer than three pairs or a side that does not
        vary; ``low``, ``high``: the band of 1.96 / sqrt(n) around zero within which independent returns would lie;
        ``n`` pairs.
    """
    rows = []
    for lag in range(-lags, lags + 1):
        both = pd.DataFrame({"fund": fund, "members": members.shift(-lag)}).dropna()
        n = len(both)
        varies = n > 2 and bool((both.max() > both.min()).all())
        value = float(np.corrcoef(both["fund"], both["members"])[0, 1]) if varies else np.nan
        band = CRITICAL / np.sqrt(n) if varies else np.nan
        rows.append((lag, value, -band, band, n))
    return pd.DataFrame(rows, columns=["lag", "correlation", "low", "high", "n"])


def lagged(fund: pd.Series, members: pd.Series) -> dict[str, Lagged]:
    """Whether yesterday's return of one side tells today's of the other beyond what the other's own does.

    The two move together so closely that a plain lagged regression shows the market's own autocorrelation in both
    directions; so the follower's own return of the day before stands beside the leader's.

    Parameters
    ----------
    fund, members : Series
        Daily returns on the same trading days, fractions.

    Returns
    -------
    dict with ``fund_first`` (members on the fund's day before) and ``members_first``
        NaN where the returns are too few or the same.

    References
    ----------
    Granger (1969), Econometrica 37; errors after Newey and West (1987), Econometrica 55.
    """
    pairs = {"fund_first": (fund, members), "members_first": (members, fund)}
    out = {}
    for direction, (leader, follower) in pairs.items():
        before = pd.DataFrame({"leader": leader.shift(1), "own": follower.shift(1)})
        fit = statistics.hac_ols(follower.to_numpy(), before.to_numpy(), lags=HAC_LAGS)
        out[direction] = Lagged(float(fit.coef[1]), float(fit.t[1]), fit.n)
    return out


def who_leads(found: dict[str, Lagged]) -> str | None:
    """Who moves first: "fund first", "members first" or "neither"; None where a t value is unknown.

    First is who is followed, in the same direction and at the 5 % level, while the other way shows nothing at that
    level. A negative t is no lead: the other side then turned back what the first had done.
    """
    if any(np.isnan(item.t) for item in found.values()):
        return None
    shown = [direction for direction, item in found.items() if abs(item.t) >= CRITICAL]
    if len(shown) != 1 or found[shown[0]].t < 0:
        return "neither"
    return "fund first" if shown[0] == "fund_first" else "members first"
