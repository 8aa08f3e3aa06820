"""The turn of the month and of the quarter: what the daily spread did there and elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import statistics, verdicts
from helpers.evidence.estimates import Rules
from helpers.evidence.event_study import era_split
from helpers.evidence.verdicts import Effect

HAC_LAGS = 5
#: trading days shown on either side of a month's turn
PROFILE_DAYS = 10
#: trading days after a breakout in which a month-end counts as following it
AFTER_BREAKOUT = 10
UNKNOWN = math.nan


class Turn(NamedTuple):
    """Mean daily spread of some days less that of the days in no window; fractions, NaN unknown.

    ``n`` counts the days, ``low`` and ``high`` are the normal interval of the HAC error, ``t`` its t value.
    """

    n: int
    difference: float = UNKNOWN
    low: float = UNKNOWN
    high: float = UNKNOWN
    t: float = UNKNOWN

    @property
    def p(self) -> float:
        """Two-sided p value of the t value."""
        return 2 * NormalDist().cdf(-abs(self.t)) if self.t == self.t else UNKNOWN


@dataclass(frozen=True)
class Turns:
    """Turns of the month by window, half and era; ``after_breakout`` is what is added after a breakout.

    ``month_ends`` counts the month-ends held, ``split`` is the first day of the later era.
    """

    windows: dict[str, Turn]
    parts: dict[str, Turn]
    eras: dict[str, Turn]
    after_breakout: Turn
    month_ends: int
    split: pd.Timestamp
    verdict: str


def positions(month_end: pd.Series) -> pd.Series:
    """Place of each trading day about the nearest turn of the month: -1 the last day, 1 the first, NaN unknown.

    Parameters
    ----------
    month_end : Series of bool
        The exchange's trading days without a gap, and which of them is a month's last.

    Returns
    -------
    Series of float
        A day as near to the turn before as to the turn ahead counts to the one ahead. NaN before the first month-end
        and after the last, where the other end of the month is not in sight.
    """
    ends = np.flatnonzero(month_end.to_numpy(dtype=bool))
    place = np.arange(len(month_end))
    following = np.searchsorted(ends, place)
    is_known = (following > 0) & (following < len(ends))
    out = np.full(len(month_end), np.nan)
    since = place[is_known] - ends[following[is_known] - 1]
    until = ends[following[is_known]] - place[is_known] + 1
    out[is_known] = np.where(until <= since, -until, since)
    return pd.Series(out, index=month_end.index)


def turns(
    spread: pd.Series,
    marks: pd.DataFrame,
    *,
    days: int,
    rules: Rules,
    events: pd.Series | None = None,
) -> Turns:
    """What the daily spread did about month- and quarter-ends, against the days in neither.

    Parameters
    ----------
    spread : Series
        Daily return of mid less mega by trading day, fraction; NaN days are left out.
    marks : DataFrame of bool
        ``month_end`` and ``quarter_end`` of the exchange's trading days, some way past the last day of `spread`: the
        last days of a month are known beforehand, and a month that has not ended has no last row.
    days : int
        Trading days of the window before the turn, and as many after.
    rules : Rules
    events : Series of bool, optional
        Breakouts by trading day, for the interaction.

    Returns
    -------
    Turns
        Windows month_end, quarter_end and month_end_not_quarter are all held against the days outside any window.

    References
    ----------
    Newey and West (1987) for the errors, over 5 days; McConnell and Xu (2008), Equity Returns at the Turn of the
    Month, Financial Analysts Journal 64, for the question.
    """
    place = positions(marks["month_end"])
    quarterly = _belongs_to_quarter(marks, place)
    known = spread.notna() & place.reindex(spread.index).notna()
    y = spread[known].to_numpy(dtype=np.float64)
    at = place.reindex(spread.index)[known].to_numpy()
    inside, last = np.abs(at) <= days, at < 0
    is_quarter = quarterly.reindex(spread.index, fill_value=False)[known].to_numpy(dtype=bool)
    held = pd.DatetimeIndex(spread.index[known])
    ends = held[at == -1]
    split = era_split(ends, held, rules.min_mean)
    month = _turns(y, {"month_end": inside}, rules)
    halves = {"last": inside & last, "first": inside & ~last}
    kinds = {"quarter_end": inside & is_quarter, "month_end_not_quarter": inside & ~is_quarter}
    eras = {
        era: _turns(y[rows], {era: inside[rows]}, rules)[era]
        for era, rows in (("before", np.asarray(held < split)), ("after", np.asarray(held >= split)))
    }
    return Turns(
        windows={**month, **_turns(y, kinds, rules)},
        parts=_turns(y, halves, rules),
        eras=eras,
        after_breakout=_interaction(y, inside, _recent(events, spread.index, held), rules),
        month_ends=len(ends),
        split=split,
        verdict=_verdict(month["month_end"], eras, len(ends), days, rules),
    )


def profile(spread: pd.Series, marks: pd.DataFrame, *, days: int, level: float) -> pd.DataFrame:
    """Mean daily spread by place about the turn of the month.

    Returns
    -------
    DataFrame of 20 rows
        ``position`` (-10 to -1, 1 to 10), ``mean_bp``, ``low``, ``high`` (basis points, normal interval of the mean:
        days of one place lie a month apart), ``n``, ``in_window``.
    """
    place = positions(marks["month_end"]).reindex(spread.index)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    rows = []
    for position in (*range(-PROFILE_DAYS, 0), *range(1, PROFILE_DAYS + 1)):
        values = spread[(place == position) & spread.notna()].to_numpy(dtype=np.float64) * 1e4
        mean = values.mean() if len(values) else UNKNOWN
        half = z * values.std(ddof=1) / math.sqrt(len(values)) if len(values) > 1 else UNKNOWN
        rows.append((position, mean, mean - half, mean + half, len(values), abs(position) <= days))
    return pd.DataFrame(rows, columns=["position", "mean_bp", "low", "high", "n", "in_window"])


def next_end(marks: pd.DataFrame, mark: str, *, after: pd.Timestamp, days: int, within: int) -> pd.Timestamp | None:
    """The next marked day after `after`, if the window of `days` that ends with it begins within `within` days."""
    ahead = np.flatnonzero(marks[mark].to_numpy(dtype=bool) & (marks.index > after))
    if not len(ahead):
        return None
    begins = marks.index[max(ahead[0] - days + 1, 0)]
    return pd.Timestamp(marks.index[ahead[0]]) if begins <= after + pd.Timedelta(days=within) else None


def _belongs_to_quarter(marks: pd.DataFrame, place: pd.Series) -> pd.Series:
    """Whether the turn that each day is counted to is one of a quarter."""
    is_end = marks["quarter_end"].where(marks["month_end"]).astype("float64")
    ahead, behind = is_end.bfill(), is_end.ffill()
    return ahead.where(place < 0, behind).fillna(0.0) > 0


def _recent(events: pd.Series | None, days: pd.Index, held: pd.DatetimeIndex) -> np.ndarray:
    """Which of `held` have a breakout on one of the trading `days` before; its own day is not after it."""
    if events is None:
        return np.zeros(len(held), dtype=bool)
    flags = (
        events.reindex(days, fill_value=False).astype("float64").shift(1).rolling(AFTER_BREAKOUT, min_periods=1).max()
        > 0
    )
    return flags.reindex(held, fill_value=False).to_numpy(dtype=bool)


def _turns(y: np.ndarray, masks: dict[str, np.ndarray], rules: Rules) -> dict[str, Turn]:
    """One regression on a dummy for each mask, which must not overlap; the constant is the days in none."""
    if not len(y):
        return {name: Turn(0) for name in masks}
    empty = [name for name, mask in masks.items() if not mask.any()]
    found = {name: mask for name, mask in masks.items() if name not in empty}
    out = {name: Turn(0) for name in masks}
    if found:
        fit = statistics.hac_ols(y, np.column_stack(list(found.values())).astype(float), lags=HAC_LAGS)
        out |= {name: _turn(fit, place + 1, int(found[name].sum()), rules) for place, name in enumerate(found)}
    return out


def _turn(fit: statistics.HacFit, term: int, n: int, rules: Rules) -> Turn:
    if n < rules.min_mean:
        return Turn(n)
    low, high = fit.interval(term, 1 - rules.alpha) if n >= rules.min_interval else (UNKNOWN, UNKNOWN)
    return Turn(n, float(fit.coef[term]), low, high, float(fit.t[term]))


def _interaction(y: np.ndarray, inside: np.ndarray, recent: np.ndarray, rules: Rules) -> Turn:
    """What a breakout shortly before adds to the effect of the window, beyond what it adds elsewhere."""
    both = inside & recent
    n = int(both.sum())
    if n < rules.min_mean:
        return Turn(n)
    fit = statistics.hac_ols(y, np.column_stack([inside, recent, both]).astype(float), lags=HAC_LAGS)
    return _turn(fit, 3, n, rules)


def _verdict(month: Turn, eras: dict[str, Turn], month_ends: int, days: int, rules: Rules) -> str:
    """The word for the month-end, its effect added up over the days of the window."""
    width = 2 * days
    whole, before, after = (
        Effect(turn.n, width * turn.difference, width * turn.low, width * turn.high, turn.p)
        for turn in (month, eras["before"], eras["after"])
    )
    small = verdicts.small_bound(rules.small_effect, width)
    return verdicts.verdict(
        replace(whole, n=month_ends), before, after, small=small, alpha=rules.alpha, least=rules.min_interval
    )
