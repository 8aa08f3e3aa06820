"""What the loopback serves: bars, profiles, share counts and economic series, changeable while it runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from zlib import crc32

import numpy as np
import pandas as pd

from helpers.data import calendar
from tests.loopback.history import PRICES, Columns, Days, History, opening_times

FRED_KEY = "0123456789abcdef0123456789abcdef"
DAILY_VOLATILITY = 0.011
QUARTERLY_YIELD = 0.0035

Bar = tuple[float, float, float, float, float]
#: observation day, value or None, day of publication
Observation = tuple[str, float | None, str]


class World:
    """Everything the provider knows; days after `last` have not happened yet.

    Attributes
    ----------
    live : dict
        Symbol to (open, high, low, close, volume) of the trading day after `last`, which is not over.
    summaries, shares, series : dict
        Modules of a symbol's summary; (day, count) of its shares; observations of an economic series.
    """

    def __init__(self, histories: dict[str, History] | None = None, last: str = "2026-04-17") -> None:
        self.histories = dict(histories or {})
        self._last = last
        self.live: dict[str, Bar] = {}
        self.summaries: dict[str, dict[str, Any]] = {}
        self.shares: dict[str, list[tuple[str, int]]] = {}
        self.series: dict[str, list[Observation]] = {}
        self.fred_key = FRED_KEY

    @classmethod
    def synthetic(
        cls, symbols: Iterable[str], first: str = "2021-11-01", last: str = "2026-04-17", seed: int = 7
    ) -> World:
        """Invented bars; a symbol's bars depend on `first`, `seed` and its name, not on its neighbours or `last`."""
        table = calendar.trading_days(first, last)
        days = table.index.to_numpy().astype("datetime64[D]")
        opened = opening_times(days)
        market = np.random.default_rng(seed).standard_normal(len(days)) * DAILY_VOLATILITY
        quarters = np.flatnonzero(table["quarterly_expiry"].to_numpy())
        histories = {}
        for symbol in symbols:
            rng = np.random.default_rng([seed, crc32(symbol.encode())])
            columns = _invented(rng, market)
            index = symbol.startswith("^")
            columns["volume"] = columns["volume"] * (not index)
            paid = [] if index else [(days[at], _dividend(columns["close"][at])) for at in quarters]
            kind = "INDEX" if index else "ETF"
            histories[symbol] = History(days, opened, columns, dividends=dict(paid), single=True, kind=kind)
        return cls(histories, str(days[-1]))

    @classmethod
    def from_bars(cls, frame: pd.DataFrame) -> World:
        """Tidy bars, split-adjusted as of their last day; the columns `dividend` and `split` may be absent."""
        every = np.unique(pd.to_datetime(frame["date"]).to_numpy().astype("datetime64[D]"))
        opened = opening_times(every)
        histories = {
            str(symbol): _history(rows.sort_values("date"), every, opened)
            for symbol, rows in frame.groupby("symbol", sort=True)
        }
        return cls(histories, str(every[-1]))

    @property
    def symbols(self) -> list[str]:
        """The symbols that have a history."""
        return list(self.histories)

    @property
    def last(self) -> str:
        """ISO day of the last bar served."""
        return self._last

    @last.setter
    def last(self, day: str) -> None:
        self._last = dt.date.fromisoformat(day).isoformat()

    def split(self, symbol: str, day: str, ratio: float, event: bool = True) -> None:
        """Plan a split: `ratio` new shares for one. Without `event` prices step on `day` and nothing tells why."""
        at = np.datetime64(day)
        if not event:
            self._fault(symbol, lambda days, columns: _scale(columns, days >= at, 1 / ratio, ratio))
            return
        history = self._changed(symbol)
        history.columns = {name: values.copy() for name, values in history.columns.items()}
        _scale(history.columns, history.days >= at, 1 / ratio, ratio)
        history.dividends = {on: paid / ratio if on >= at else paid for on, paid in history.dividends.items()}
        history.splits[at] = history.splits.get(at, 1.0) * ratio

    def rescale(self, symbol: str, factor: float, before: str) -> None:
        """Multiply every price before a day by a constant, with no event."""
        self._fault(symbol, lambda days, columns: _scale(columns, days < np.datetime64(before), factor))

    def dividend(self, symbol: str, day: str, amount: float) -> None:
        """Pay `amount` a share, as of that day; replaces what was paid on it."""
        self._changed(symbol).dividends[np.datetime64(day)] = amount

    def revise(self, symbol: str, day: str, field: str, value: float) -> None:
        """Show `value` for one field of one bar from now on; given as it would be shown on `last`."""
        history = self.histories[symbol]
        factor = history.factor(self.last)[int(np.searchsorted(history.days, np.datetime64(day)))]
        raw = value / factor if field == "volume" else value * factor

        def fault(days: Days, columns: Columns) -> None:
            columns[field][days == np.datetime64(day)] = raw

        self._fault(symbol, fault)

    def revise_volume(self, symbol: str, factor: float) -> None:
        """Multiply every volume by a constant."""

        def fault(days: Days, columns: Columns) -> None:
            columns["volume"] *= factor

        self._fault(symbol, fault)

    def drop(self, symbol: str, *days: str) -> None:
        """Leave rows out altogether."""
        self._changed(symbol).absent.update(np.datetime64(day) for day in days)

    def blank(self, symbol: str, *days: str) -> None:
        """Keep the rows, with nothing in them."""
        self._changed(symbol).null.update(np.datetime64(day) for day in days)

    def restore(self, symbol: str) -> None:
        """Undo every fault of a symbol's data and meta; splits and dividends stay."""
        history = self._changed(symbol)
        history.faults, history.absent, history.null, history.meta = [], set(), set(), {}

    def meta(self, symbol: str, /, **changes: Any) -> None:
        """Change what the chart says about a symbol; None takes the key away."""
        self._changed(symbol).meta.update(changes)

    def remove(self, *symbols: str) -> None:
        """Forget symbols, so that the provider has never heard of them."""
        for symbol in symbols:
            self.histories.pop(symbol, None)
            self.summaries.pop(symbol, None)

    def bars(self, symbol: str, last: str | None = None) -> pd.DataFrame:
        """The bars served on `last`, for a test to compare with: indexed by date, faults included."""
        shown = self.histories[symbol].as_of(last or self.last)
        frame = pd.DataFrame(shown.columns, index=pd.DatetimeIndex(shown.days.astype("datetime64[s]"), name="date"))
        frame.loc[shown.null] = np.nan
        return frame

    def _changed(self, symbol: str) -> History:
        history = self.histories[symbol]
        history.revision += 1
        return history

    def _fault(self, symbol: str, fault: Any) -> None:
        self._changed(symbol).faults.append(fault)


def _scale(columns: Columns, where: np.ndarray[Any, Any], prices: float, volume: float = 1.0) -> None:
    for name in PRICES:
        columns[name][where] *= prices
    columns["volume"] = columns["volume"].astype(float)
    columns["volume"][where] *= volume


def _invented(rng: np.random.Generator, market: np.ndarray[Any, Any]) -> Columns:
    noise = rng.standard_normal((len(market), 5))
    beta = 0.7 + 0.6 * (abs(noise[0, 4]) % 1)
    start = 20 + 180 * (abs(noise[0, 3]) % 1)
    close = start * np.exp(np.cumsum(0.0003 + beta * market + 0.006 * noise[:, 0]))
    opening = np.append(start, close[:-1]) * np.exp(0.003 * noise[:, 1])
    spread = np.abs(0.004 * noise[:, 2:4])
    high = np.maximum(opening, close) * (1 + spread[:, 0])
    low = np.minimum(opening, close) * (1 - spread[:, 1])
    volume = np.round(1_500_000 * np.exp(0.35 * noise[:, 4])) // 100 * 100
    prices = np.round([opening, high, low, close], 2)
    return {**dict(zip(PRICES, prices, strict=True)), "volume": volume}


def _dividend(close: float) -> float:
    return round(float(close) * QUARTERLY_YIELD, 3)


def _history(rows: pd.DataFrame, every: Days, opened: np.ndarray[Any, Any]) -> History:
    days = pd.to_datetime(rows["date"]).to_numpy().astype("datetime64[D]")
    columns = {name: rows[name].to_numpy(dtype=float, copy=True) for name in (*PRICES, "volume")}
    columns["volume"] = np.nan_to_num(columns["volume"])
    history = History(days, opened[np.searchsorted(every, days)], columns)
    history.splits = _events(rows, "split", days, ignored=(0.0, 1.0))
    factor = history.factor(str(every[-1]))
    for name in PRICES:
        columns[name] *= factor
    columns["volume"] /= factor
    paid = _events(rows, "dividend", days, ignored=(0.0,))
    history.dividends = {day: amount * factor[int(np.searchsorted(days, day))] for day, amount in paid.items()}
    return history


def _events(rows: pd.DataFrame, column: str, days: Days, ignored: Sequence[float]) -> dict[np.datetime64, float]:
    if column not in rows:
        return {}
    values = rows[column].to_numpy(dtype=float)
    there = ~np.isnan(values) & ~np.isin(values, ignored)
    return dict(zip(days[there], values[there].tolist(), strict=True))
