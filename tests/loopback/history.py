"""One symbol's bars as they were traded, and how a provider shows them on a given day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

PRICES = ("open", "high", "low", "close")
ZONE = "America/New_York"
OPENING = pd.Timedelta(hours=9, minutes=30)

Days = np.ndarray[Any, np.dtype[np.datetime64]]
Columns = dict[str, np.ndarray[Any, Any]]
Fault = Callable[[Days, Columns], None]


def opening_times(days: Days) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Seconds since 1970 at which the exchange opens on each day."""
    stamps = pd.DatetimeIndex(days.astype("datetime64[s]")) + OPENING
    return stamps.tz_localize(ZONE).as_unit("s").asi8


@dataclass(frozen=True)
class Served:
    """What the provider holds for a symbol on one day: split-adjusted, absent rows left out."""

    days: Days
    opened: np.ndarray[Any, np.dtype[np.int64]]
    columns: Columns  # open, high, low, close, adjclose, volume
    null: np.ndarray[Any, np.dtype[np.bool_]]
    dividends: tuple[tuple[int, float], ...]
    splits: tuple[tuple[int, float], ...]


@dataclass
class History:
    """Prices, volume and dividends as traded: a split is folded in only when its day has come.

    Parameters
    ----------
    single : bool
        Whether prices are shown with the digits of a 32-bit float, as the provider does.
    """

    days: Days
    opened: np.ndarray[Any, np.dtype[np.int64]]
    columns: Columns
    dividends: dict[np.datetime64, float] = field(default_factory=dict)
    splits: dict[np.datetime64, float] = field(default_factory=dict)
    single: bool = False
    kind: str = "ETF"
    faults: list[Fault] = field(default_factory=list)
    absent: set[np.datetime64] = field(default_factory=set)
    null: set[np.datetime64] = field(default_factory=set)
    meta: dict[str, Any] = field(default_factory=dict)
    revision: int = 0
    _shown: dict[tuple[int, str], Served] = field(default_factory=dict)

    def factor(self, last: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        """What a price as traded is divided by, for each day, once the splits up to `last` are known."""
        found = np.ones(len(self.days))
        for day, ratio in self.splits.items():
            if day <= np.datetime64(last):
                found[self.days < day] *= ratio
        return found

    def as_of(self, last: str) -> Served:
        """The bars shown on the evening of `last`."""
        key = (self.revision, last)
        if key not in self._shown:
            self._shown.clear()
            self._shown[key] = self._served(last)
        return self._shown[key]

    def _served(self, last: str) -> Served:
        end = int(np.searchsorted(self.days, np.datetime64(last), side="right"))
        days, factor = self.days[:end], self.factor(last)[:end]
        columns: Columns = {name: values[:end].astype(float) for name, values in self.columns.items()}
        for fault in self.faults:
            fault(days, columns)
        for name in PRICES:
            columns[name] = self._digits(columns[name] / factor, factor)
        columns["volume"] = np.round(columns["volume"] * factor)
        dividends = self._dividends(days, factor)
        columns["adjclose"] = self._digits(_adjusted(columns["close"], dividends), np.full(end, 2.0))
        keep = ~np.isin(days, _array(self.absent))
        opened = self.opened[:end]
        return Served(
            days=days[keep],
            opened=opened[keep],
            columns={name: values[keep] for name, values in columns.items()},
            null=np.isin(days, _array(self.null))[keep],
            dividends=tuple((int(opened[place]), amount) for place, amount in dividends),
            splits=tuple(
                (int(opened[place]), ratio)
                for day, ratio in sorted(self.splits.items())
                if (place := int(np.searchsorted(days, day))) < end
            ),
        )

    def _digits(self, prices: np.ndarray[Any, Any], factor: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        if self.single:
            return prices.astype(np.float32).astype(float)
        return np.where(factor == 1, prices, np.round(prices, 8))

    def _dividends(self, days: Days, factor: np.ndarray[Any, Any]) -> list[tuple[int, float]]:
        found = []
        for day, amount in sorted(self.dividends.items()):
            place = int(np.searchsorted(days, day))
            if place < len(days) and days[place] == day:
                found.append((place, round(float(amount / factor[place]), 6)))
        return found


def _adjusted(close: np.ndarray[Any, Any], dividends: list[tuple[int, float]]) -> np.ndarray[Any, Any]:
    """Closes adjusted for dividends in the vendor's way: 1 - D / close before, on every earlier day."""
    found = close.copy()
    for place, amount in dividends:
        if place:
            found[:place] *= 1 - amount / close[place - 1]
    return found


def _array(days: set[np.datetime64]) -> Days:
    return np.array(sorted(days), dtype="datetime64[D]")
