"""What followed earlier events, against all days of the same sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from helpers.evidence import statistics, verdicts
from helpers.evidence.estimates import ERAS, Rules, estimate
from helpers.evidence.verdicts import Effect

#: where eras part, if the sample reaches far enough to both sides
SPLIT = pd.Timestamp("1995-01-01")


@dataclass(frozen=True)
class Study:
    """Estimates by horizon and era, and what each horizon's may be called.

    Attributes
    ----------
    estimates : DataFrame indexed by horizon and era
        The fields of `helpers.evidence.estimates.Estimate` and ``adjusted_p``, corrected over the horizons of the era.
    verdicts : dict of int to str
        A word of `helpers.evidence.verdicts` for each horizon.
    split : Timestamp
        First day of the later era; NaT for an empty sample.
    """

    estimates: pd.DataFrame
    verdicts: dict[int, str]
    split: pd.Timestamp


def study(
    outcome: pd.DataFrame,
    events: pd.Series,
    horizons: Sequence[int],
    *,
    rules: Rules | None = None,
    regime: pd.Series | None = None,
) -> Study:
    """How outcomes after events differ from those of all days, with interval, placebo, eras and verdict.

    Parameters
    ----------
    outcome : DataFrame of shape (trading days, horizons)
        What followed each day over each horizon, as `helpers.evidence.outcomes.excess_after` gives it; NaN where the
        window is not complete.
    events : Series of bool
        The days of the sample, which are those on which an event would have been seen, and whether there was one.
    horizons : sequence of int
        Trading days; columns of `outcome`.
    rules : Rules, optional
    regime : Series of float, optional
        1 or 0 for the side of its long mean on which the line stood, NaN unknown: the second baseline is made of
        days on the side of the event.

    Returns
    -------
    Study
        Difference = mean after events less the mean of all days of the sample with a complete window.

    References
    ----------
    Politis and Romano (1994) for the interval; Newey and West (1987) for the t value; Holm (1979).

    Examples
    --------
    >>> days = pd.bdate_range("2010-01-04", periods=900)
    >>> noise = pd.Series(np.random.default_rng(1).normal(scale=0.01, size=900), index=days)
    >>> events = pd.Series(np.random.default_rng(2).random(900) < 0.06, index=days)
    >>> study(pd.DataFrame({21: noise + 0.02 * events}), events, [21]).verdicts
    {21: 'supported'}
    """
    rules = rules or Rules()
    days = pd.DatetimeIndex(events.index)
    flags = events.to_numpy(dtype=bool)
    sides = None if regime is None else regime.reindex(days).to_numpy(dtype=np.float64)
    values = outcome.reindex(index=days, columns=list(horizons)).to_numpy(dtype=np.float64)
    split = era_split(days[flags], days, rules.min_mean)
    chosen = {"all": np.ones(len(days), dtype=bool), "before": days < split, "after": days >= split}
    found = {
        (horizon, era): estimate(
            values[rows, place],
            flags[rows],
            horizon,
            rules=rules,
            rng=rules.rng(horizon, era),
            regime=sides[rows] if sides is not None and era == "all" else None,
        )
        for place, horizon in enumerate(horizons)
        for era, rows in chosen.items()
    }
    index = pd.MultiIndex.from_tuples(found, names=["horizon", "era"])
    table = pd.DataFrame([asdict(item) for item in found.values()], index=index)
    by_era = table["p"].groupby(level="era")
    table["adjusted_p"] = by_era.transform(lambda p: statistics.adjusted(p.to_numpy(), rules.correction))
    return Study(table, {horizon: _verdict(table, horizon, rules) for horizon in horizons}, split)


def era_split(events: pd.DatetimeIndex, days: pd.DatetimeIndex, least: int) -> pd.Timestamp:
    """First day of the later era: 1995-01-01 with `least` events on either side, else the sample's middle day."""
    if not len(days):
        return pd.Timestamp("NaT")
    earlier = int((events < SPLIT).sum())
    return SPLIT if min(earlier, len(events) - earlier) >= least else days[len(days) // 2]


def _verdict(table: pd.DataFrame, horizon: int, rules: Rules) -> str:
    rows = table.xs(horizon, level="horizon").loc[list(ERAS)]
    figures = zip(rows["n"], rows["difference"], rows["low"], rows["high"], rows["adjusted_p"], strict=True)
    whole, before, after = (Effect(*row) for row in figures)
    small = verdicts.small_bound(rules.small_effect, horizon)
    return verdicts.verdict(whole, before, after, small=small, alpha=rules.alpha, least=rules.min_mean)
