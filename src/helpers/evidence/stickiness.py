"""How hard mid caps fall and swing against mega caps in the weeks after events."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.evidence import outcomes, statistics
from helpers.evidence.estimates import Rules, interval


class Stickiness(NamedTuple):
    """Means after events and over all days of the sample; NaN where unknown or with too few events to print.

    ``drawdown`` is that of mid less that of mega, negative where mid fell deeper, with the interval of its mean;
    ``difference`` is it less ``drawdown_base``. ``volatility`` is that of mid divided by that of mega.
    """

    n: int
    days: int
    drawdown: float = math.nan
    low: float = math.nan
    high: float = math.nan
    drawdown_base: float = math.nan
    difference: float = math.nan
    difference_low: float = math.nan
    difference_high: float = math.nan
    volatility: float = math.nan
    volatility_base: float = math.nan


def stickiness(mid: pd.Series, mega: pd.Series, events: pd.Series, horizon: int, *, rules: Rules) -> Stickiness:
    """Drawdown and volatility of mid against mega caps over the days after events, and after all days.

    Parameters
    ----------
    mid, mega : Series
        Total return by trading day, on the same days.
    events : Series of bool
        The days of the sample and whether there was an event.
    horizon : int
        Trading days, the event's close their start.
    rules : Rules
    """
    fell = outcomes.drawdown_after(mid, horizon) - outcomes.drawdown_after(mega, horizon)
    calm = outcomes.volatility_after(mega, horizon)
    moved = outcomes.volatility_after(mid, horizon) / np.where(calm > 0, calm, np.nan)
    measured = pd.DataFrame({"fell": fell, "moved": moved}, index=mid.index).reindex(events.index)
    known = measured["fell"].notna().to_numpy()
    flags = events.to_numpy(dtype=bool)[known]
    fell, moved = measured["fell"].to_numpy()[known], measured["moved"].to_numpy()[known]
    n, days = int(flags.sum()), len(flags)
    if not days:
        return Stickiness(n, days)
    base = {"drawdown_base": float(fell.mean()), "volatility_base": _mean(moved)}
    if n < rules.min_mean:
        return Stickiness(n, days, **base)
    columns = np.column_stack([flags, fell, fell * flags]).astype(np.float64)
    block, rng = rules.mean_block(horizon), rules.rng(horizon, "all")
    share, every, after = statistics.stationary_bootstrap(columns, mean_block=block, draws=rules.draws, rng=rng).T
    means = np.divide(after, share, out=np.full(len(after), np.nan), where=share > 0)
    low, high = interval(means, n, rules)
    difference_low, difference_high = interval(means - every, n, rules)
    drawdown = float(fell[flags].mean())
    return Stickiness(
        n=n,
        days=days,
        drawdown=drawdown,
        low=low,
        high=high,
        difference=drawdown - base["drawdown_base"],
        difference_low=difference_low,
        difference_high=difference_high,
        volatility=_mean(moved[flags]),
        **base,
    )


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else math.nan
