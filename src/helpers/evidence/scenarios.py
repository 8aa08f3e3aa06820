"""What mid caps did over windows in which something happened, and over windows before which it had happened."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import event_study, statistics, verdicts
from helpers.evidence.estimates import ERAS, Rules
from helpers.evidence.verdicts import Effect

#: trading days of every window, looked back or ahead over
HORIZON = 21
#: weeks of each of the two means that a change of weekly claims compares
CLAIMS_WEEKS = 4
#: decimals of a change: 4.22 less 3.97 percent is 25 basis points, and 945 against 900 is 5 %, not a trifle more
_DECIMALS = 9


class Side(NamedTuple):
    """One side of a comparison: windows in which the state was met, or was not.

    ``mean`` outcome, ``trails`` share of outcomes below zero, ``falls`` share of windows with a fall as deep as the
    limit, ``n`` days that begin such a window, ``effective`` windows that do not overlap (n / horizon).
    """

    mean: float
    trails: float
    falls: float
    n: int
    effective: float


class Contrast(NamedTuple):
    """Mean outcome where the state was met less the mean where it was not, and how sure that is.

    ``low`` and ``high`` bound the difference (stationary bootstrap; NaN with fewer windows that do not overlap on one
    side than an interval needs), ``t`` has Newey-West errors, ``p`` is of the
    circular-shift placebo, ``detectable`` is the smallest difference that would be found (`statistics.detectable`),
    ``met`` of ``n`` days meet the state, ``first`` is the first of them (ISO, "" for none). NaN where unknown.
    """

    difference: float
    low: float
    high: float
    t: float
    p: float
    detectable: float
    met: int
    n: int
    first: str = ""

    @property
    def fewest(self) -> int:
        """Days on the side that has fewer of them."""
        return min(self.met, self.n - self.met)


NOTHING = Contrast(math.nan, math.nan, math.nan, t=math.nan, p=math.nan, detectable=math.nan, met=0, n=0)


def deepest_fall(line: pd.Series, horizon: int = HORIZON) -> pd.Series:
    """Lowest of the next `horizon` values against the value of the day, as a fraction: -0.05 is a fall of 5 %.

    Parameters
    ----------
    line : Series over trading days
        Prices or a total-return index.

    Returns
    -------
    Series over the same days
        Positive where no later value was below the day's; NaN where any value of the window is unknown.
    """
    ahead = _ahead(line, horizon)
    values = line.to_numpy(dtype=np.float64)
    return pd.Series(ahead.min(axis=1) / values - 1, index=line.index)


def deepest_excess(mid: pd.Series, mega: pd.Series, horizon: int) -> pd.Series:
    """Lowest excess return of `mid` over `mega` reached on any of the next `horizon` days, counted from the day.

    Returns
    -------
    Series over the same days
        Fractions; NaN where any value of the window is unknown.
    """
    own = _ahead(mid, horizon) / mid.to_numpy(dtype=np.float64)[:, None]
    other = _ahead(mega, horizon) / mega.to_numpy(dtype=np.float64)[:, None]
    return pd.Series((own - other).min(axis=1), index=mid.index)


def lowest_ahead(line: pd.Series, horizon: int) -> pd.Series:
    """Lowest of the next `horizon` values; NaN where any of them is unknown."""
    return pd.Series(_ahead(line, horizon).min(axis=1), index=line.index)


def _ahead(line: pd.Series, horizon: int) -> np.ndarray:
    """The next `horizon` values of each day, a row a day; NaN past the end."""
    values = np.append(line.to_numpy(dtype=np.float64), np.full(horizon, np.nan))
    return np.lib.stride_tricks.sliding_window_view(values[1:], horizon)


def change(line: pd.Series, window: int = HORIZON) -> pd.Series:
    """Change over the last `window` trading days, in the unit of the line, without the dust of a subtraction."""
    return (line - line.shift(window)).round(_DECIMALS)


def claims_change(weekly: pd.Series, weeks: int = CLAIMS_WEEKS) -> pd.Series:
    """Mean of the last `weeks` against the mean of the `weeks` before, as a fraction; NaN until both are known."""
    mean = weekly.rolling(weeks, min_periods=weeks).mean()
    return (mean / mean.shift(weeks) - 1).round(_DECIMALS)


def exceeds(moved: pd.Series, shock: float) -> pd.Series:
    """1 where a change is above the shock, 0 where it is not, NaN where it is unknown."""
    return (moved > shock).astype(float).where(moved.notna())


def sides(
    outcome: pd.Series, falls: pd.Series, is_met: pd.Series, *, horizon: int = HORIZON, limit: float = -0.05
) -> dict[str, Side]:
    """Both sides of a state: "met" and "not".

    Parameters
    ----------
    outcome, falls : Series over the same days
        Excess return of the window, and the deepest fall in it (`deepest_fall`); fractions.
    is_met : Series over the same days
        1 met, 0 not met, NaN unknown.
    limit : float
        Fall that counts, -0.05 for 5 %.

    Returns
    -------
    dict of Side
        Days on which state or outcome is unknown are on neither side, and those on which the fall is do not count for
        its share; a side without days has NaN.
    """
    table = pd.DataFrame({"outcome": outcome, "falls": falls, "met": is_met}).dropna(subset=["outcome", "met"])
    out = {}
    for name, flag in (("met", 1.0), ("not", 0.0)):
        part = table[table["met"] == flag]
        n = len(part)
        trails, deep = (part["outcome"] < 0).mean(), (part["falls"].dropna() <= limit).mean()
        out[name] = Side(float(part["outcome"].mean()), float(trails), float(deep), n, n / horizon)
    return out


def contrasts(
    outcome: pd.Series, is_met: pd.Series, *, horizon: int = HORIZON, rules: Rules, stream: int = 0
) -> dict[str, Contrast]:
    """How outcomes differ between days on which a state is met and days on which it is not: in all, and in two eras.

    Parameters
    ----------
    outcome, is_met : Series over the same trading days
        Fractions, and 1, 0 or NaN; days on which either is unknown are left out.
    horizon : int
        Trading days of an outcome: the lags of the Newey-West errors.
    rules : Rules
        Draws, block, error and seed.
    stream : int
        Tells comparisons apart, so that one draws the same numbers whichever others are made.

    Returns
    -------
    dict of Contrast
        By the names of `estimates.ERAS`, parted as a study of events is; NaN where one of the sides has fewer windows
        that do not overlap than a mean needs.
    """
    table = pd.DataFrame({"outcome": outcome, "met": is_met}).dropna()
    days = pd.DatetimeIndex(table.index)
    y, flag = table["outcome"].to_numpy(dtype=np.float64), table["met"].to_numpy(dtype=np.float64)
    split = event_study.era_split(days[flag > 0], days, rules.min_mean * horizon)
    chosen = {"all": np.ones(len(days), dtype=bool), "before": days < split, "after": days >= split}
    out = {}
    for place, era in enumerate(ERAS):
        rng = np.random.default_rng([rules.seed, horizon, stream, place])
        found = _contrast(y[chosen[era]], flag[chosen[era]], horizon, rules, rng)
        out[era] = found._replace(first=str(days[chosen[era]][0].date()) if found.n else "")
    return out


def _contrast(y: np.ndarray, flag: np.ndarray, horizon: int, rules: Rules, rng: np.random.Generator) -> Contrast:
    """One era's comparison."""
    met, n = int(flag.sum()), len(flag)
    if min(met, n - met) < max(rules.min_mean * horizon, 1):
        return NOTHING._replace(met=met, n=n)
    centred = y - y.mean()
    means = statistics.stationary_bootstrap(
        np.column_stack([centred * flag, centred * (1 - flag), flag]),
        mean_block=rules.mean_block(horizon),
        draws=rules.draws,
        rng=rng,
    )
    share = np.where((means[:, 2] > 0) & (means[:, 2] < 1), means[:, 2], np.nan)
    draws = means[:, 0] / share - means[:, 1] / (1 - share)
    low, high = statistics.percentile_interval(draws, 1 - rules.alpha)
    if min(met, n - met) < rules.min_interval * horizon:
        low = high = math.nan
    return Contrast(
        difference=float(y[flag > 0].mean() - y[flag == 0].mean()),
        low=low,
        high=high,
        t=float(statistics.hac_ols(y, flag, lags=horizon).t[1]),
        p=statistics.placebo_p(y, flag > 0),
        detectable=statistics.detectable(float(np.nanstd(draws, ddof=1))),
        met=met,
        n=n,
    )


def hazard(found: dict[str, Contrast], p: dict[str, float], *, horizon: int = HORIZON, rules: Rules) -> str:
    """What the claim "mid caps trail when the state is met" may be called.

    Parameters
    ----------
    found : dict of Contrast
        As `contrasts` gives them.
    p : dict of float
        The placebo's p value of each era, after correction.

    Returns
    -------
    str
        A word of `verdicts`; "contradicted" where mid caps did better instead. It cannot be tested with fewer windows
        on one side than a mean needs, windows that overlap counted once; an era with fewer confirms nothing.
    """

    def effect(era: str) -> Effect:
        item = found[era]
        return Effect(item.fewest // horizon, -item.difference, -item.high, -item.low, p[era])

    small = verdicts.small_bound(rules.small_effect, horizon)
    whole, before, after = (effect(era) for era in ERAS)
    return verdicts.verdict(whole, before, after, small=small, alpha=rules.alpha, least=rules.min_mean)


def surface(fit: statistics.HacFit, rates: np.ndarray, credit: np.ndarray) -> pd.DataFrame:
    """Outcome that a fit on the changes of rates and credit gives at every pair of changes.

    Parameters
    ----------
    fit : HacFit
        Constant, rates and credit (fraction per basis point).
    rates, credit : ndarray
        Basis points.

    Returns
    -------
    DataFrame, a row per pair
        ``rates_bp``, ``credit_bp``, ``value`` (fraction; NaN without a fit).
    """
    grid = pd.MultiIndex.from_product([rates, credit], names=["rates_bp", "credit_bp"]).to_frame(index=False)
    constant, per_rate, per_credit = fit.coef
    return grid.assign(value=constant + per_rate * grid["rates_bp"] + per_credit * grid["credit_bp"])
