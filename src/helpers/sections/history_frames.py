"""Frames for the pictures of history: the paths around events, the effects side by side, the dated table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.evidence import outcomes, statistics
from helpers.evidence.estimates import ERAS, Rules, interval
from helpers.evidence.event_study import Study
from helpers.sections.history_pair import Pair

#: trading days shown before the event
BEFORE = 21
FAN = ["day", "mean", "low", "high", "base_mean", "base_low", "base_high"]
FOREST = ["horizon", "era", "pair", "difference", "low", "high", "n", "verdict"]


def around(pair: Pair, params: Params, rules: Rules) -> dict[str, pd.DataFrame]:
    """Excess return around every event, and its mean over the events whose window is complete.

    Returns
    -------
    dict
        ``paths``: event (date), day, value (fraction, 0 on day 0; days to come are left out). ``fan``: day, mean, low,
        high, base_mean, base_low, base_high; the base is all days of the sample, low and high the interval of the
        mean. NaN with too few events.
    """
    longest = max(params.horizons)
    days = np.arange(-BEFORE, longest + 1)
    rows = pair.mid.index.get_indexer(pair.events.index)
    values = outcomes.paths(pair.mid, pair.mega, BEFORE, longest)[rows]
    flags = pair.events.to_numpy(dtype=bool)
    single = pd.DataFrame(values[flags], index=pair.days.rename("event"), columns=pd.Index(days, name="day"))
    paths = single.stack(future_stack=True).reset_index().set_axis(["event", "day", "value"], axis=1)
    known = ~np.isnan(values).any(axis=1)
    return {
        "paths": paths.dropna(subset="value", ignore_index=True),
        "fan": _fan(values[known], flags[known], days, longest, rules),
    }


def _fan(values: np.ndarray, flags: np.ndarray, days: np.ndarray, longest: int, rules: Rules) -> pd.DataFrame:
    """Means with intervals by day; no rows without a complete window."""
    if not len(values):
        return pd.DataFrame(columns=FAN, dtype="float64")
    n = int(flags.sum())
    columns = np.column_stack([flags, values, values * flags[:, None]])
    block, rng = rules.mean_block(longest), rules.rng(longest, "all")
    drawn = statistics.stationary_bootstrap(columns, mean_block=block, draws=rules.draws, rng=rng)
    count, every, after = drawn[:, :1], drawn[:, 1 : len(days) + 1], drawn[:, len(days) + 1 :]
    means = np.divide(after, count, out=np.full(after.shape, np.nan), where=count > 0)
    low, high = interval(means, n, rules)
    base_low, base_high = statistics.percentile_interval(every, 1 - rules.alpha)
    mean = values[flags].mean(axis=0) if n >= rules.min_mean else np.nan
    return pd.DataFrame(
        {
            "day": days,
            "mean": mean,
            "low": low,
            "high": high,
            "base_mean": values.mean(axis=0),
            "base_low": base_low,
            "base_high": base_high,
        }
    )


def forest(pairs: list[Pair], studies: list[Study], params: Params) -> pd.DataFrame:
    """Difference of means with its interval by pair, horizon and era; the verdict stands on the whole sample's row."""
    rows = []
    for pair, study in zip(pairs, studies, strict=True):
        found: dict[Any, Any] = study.estimates.to_dict("index")
        for horizon in params.horizons:
            for era in ERAS:
                row = found[horizon, era]
                word = study.verdicts[horizon] if pair.is_known and era == "all" else ""
                rows.append((horizon, era, pair.name, row["difference"], row["low"], row["high"], int(row["n"]), word))
    return pd.DataFrame(rows, columns=FOREST)


def events(pair: Pair, params: Params) -> pd.DataFrame:
    """Every breakout with the level it passed, its close, and the excess return after each horizon.

    Returns
    -------
    DataFrame, the latest event first
        Columns date, level, close (quote currency), ``after_<horizon>`` (fractions; NaN = window not complete).
    """
    after = outcomes.excess_after(pair.mid, pair.mega, params.horizons).reindex(pair.days)
    table = pd.DataFrame({"level": pair.level, "close": pair.close}).reindex(pair.days)
    table = table.join(after.rename(columns=lambda horizon: f"after_{horizon}"))
    return table.rename_axis("date").iloc[::-1].reset_index()


def dated(table: pd.DataFrame) -> pd.DataFrame:
    """The table of `events` as a reader sees it, indexed by date; a window that is not over is an empty place."""
    shown = table.set_index(table["date"].map(lambda day: f"{day.day} {day:%b %Y}")).drop(columns="date")
    prices = shown[["level", "close"]].map(lambda price: "" if np.isnan(price) else f"{price:.2f}")
    excess = shown.drop(columns=prices.columns).map(
        lambda value: "" if np.isnan(value) else f"{round(value, 3) + 0.0:+.1%}"
    )
    return prices.join(excess.rename(columns=lambda name: name.replace("_", " ")))
