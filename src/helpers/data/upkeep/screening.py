"""The last look before answers are stored: prices that cannot be, and days that many symbols lack at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.data import calendar, checks, panel
from helpers.data.bars import PRICES, Grid
from helpers.data.coverage import RECENT_DAYS
from helpers.data.store.changes import stacked
from helpers.data.upkeep.holding import Holding

#: rows before the first one looked at that tell what is usual
USUAL_ROWS = 20
LOOKED_AT = ("date", *PRICES, "adj_close", "split")
#: a split below this moves prices no more than a day may
LEAST_SPLIT = 1.2


def doubtful(answers: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> dict[str, dict[str, str]]:
    """The symbols of which a new row cannot be true: ISO day and reason of each.

    Of the last 504 trading days a close some hundred times off, a step as if a split were missed, a price of zero or
    less (the checks that put a symbol in quarantine), or a split that the prices before it do not show. Older faults
    are stored and flagged when they are read.

    Parameters
    ----------
    answers : mapping of str to (held, rows)
        For each symbol the last stored bars, and those that are to be stored.
    """
    looked_at = {symbol: _last_rows(held, rows) for symbol, (held, rows) in answers.items() if len(rows)}
    if not looked_at:
        return {}
    grid = Grid(stacked(looked_at, LOOKED_AT))
    field = {name: grid.frame(grid.values(name)) for name in (*PRICES, "adj_close", "split")}
    close = field["close"]
    found = {
        "a price of zero or less": checks.non_positive(field),
        "a split is stated that the prices before it do not show": _undivided(close, field["split"]),
        "a step as if a split were missed": checks.step_without_split(close),
        "a close some hundred times off": checks.spike(close),
    }
    reasons: dict[str, dict[str, str]] = {}
    for reason, bad in found.items():
        for row, column in np.argwhere(bad.to_numpy()):
            symbol, day = str(bad.columns[column]), pd.Timestamp(bad.index[row])
            if (answers[symbol][1]["date"] == day).any():
                value = float(close.to_numpy()[row, column])
                reasons.setdefault(symbol, {}).setdefault(str(day.date()), f"{reason} (close {value:g})")
    return reasons


def _undivided(close: pd.DataFrame, split: pd.DataFrame) -> pd.DataFrame:
    """Days whose step is nearer to a stated split than to none: the prices before it were not divided."""
    factor = np.where(split.to_numpy() > 0, split.to_numpy(), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        step, stated = np.log(panel.growth(close)), np.log(factor)
        nearer = np.abs(step + stated) < np.abs(step)
    return panel.like(close, nearer & (np.abs(stated) >= np.log(LEAST_SPLIT)))


def _last_rows(held: pd.DataFrame, rows: pd.DataFrame) -> dict[str, npt.NDArray[Any]]:
    """Columns of the rows to be stored, in their place among the stored ones; plain arrays, which join far quicker."""
    new = {name: rows[name].to_numpy() for name in LOOKED_AT}
    columns = new
    if len(held):
        old = {name: held[name].to_numpy() for name in LOOKED_AT}
        first = new["date"][0]
        before = np.flatnonzero(old["date"] < first)[-USUAL_ROWS:]
        after = np.flatnonzero((old["date"] > first) & ~np.isin(old["date"], new["date"]))
        kept = np.concatenate([before, after])
        columns = {name: np.concatenate([old[name][kept], new[name]]) for name in LOOKED_AT}
    order = np.argsort(columns["date"], kind="stable")[-(RECENT_DAYS + USUAL_ROWS) :]
    return {name: values[order] for name, values in columns.items()}


def outages(holdings: Iterable[Holding], settled: str) -> dict[str, int]:
    """ISO days that at least three symbols, and half of those answered for, lack, with how many do."""
    asked = [holding for holding in holdings if holding.last and not holding.fault]
    lacking: Counter[str] = Counter()
    for holding in asked:
        lacking.update(list(holding.holes))
        later = calendar.trading_days(holding.last, settled).index[1:]
        lacking.update(str(day.date()) for day in later)
    return {
        day: count
        for day, count in sorted(lacking.items())
        if count >= checks.OUTAGE_SYMBOLS and 2 * count >= len(asked)
    }
