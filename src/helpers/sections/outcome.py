"""What became of a call: read off the bars once its window is over, and only then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from helpers.data import calendar
from helpers.data.snapshot import Snapshot
from helpers.evidence import outcomes

#: calls that one fund does better than another
BEATS = ("sentiment", "persistence", "own")
#: calendar days that hold a trading day, and more
_DAYS_AHEAD = 2
#: decimals of what decides: 98 against 100 is a fall of 2 %, not a trifle more
_DECIMALS = 12


class Outcome(NamedTuple):
    """Whether it happened, the number that decided it, and the share of windows over by then in which it had."""

    happened: bool
    value: float
    base: float | None = None


def resolve_on(as_of: str, horizon: int) -> str:
    """ISO day on which the window of a call ends: the `horizon`-th trading day after `as_of`."""
    ahead = pd.Timestamp(as_of) + pd.Timedelta(days=_DAYS_AHEAD * horizon + 14)
    days = calendar.trading_days(as_of, ahead).index
    after = days[days > pd.Timestamp(as_of)]
    return str(after[horizon - 1].date())


class Tape:
    """The lines that outcomes are read off, each made once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._places = {str(day.date()): place for place, day in enumerate(snapshot.days)}
        self._held: dict[tuple[str, str], np.ndarray] = {}

    def outcome(self, call: Mapping[str, Any]) -> Outcome | None:
        """What became of a call; None while its window is not over, or where a price in it is not known.

        Parameters
        ----------
        call : mapping
            ``kind``, ``subject``, ``against``, ``as_of``, ``resolve_on``, ``horizon``, and in ``terms`` what its kind
            needs (`helpers.note.calls.Call`).
        """
        start, end = self._places.get(str(call["as_of"])), self._places.get(str(call["resolve_on"]))
        if start is None or end is None or end - start != int(call["horizon"]):
            return None
        window = slice(start, end + 1)
        kind, terms = str(call["kind"]), call["terms"]
        value, limit = self._measured(kind, str(call["subject"]), str(call["against"]), terms, window)
        if np.isnan(value):
            return None
        # a fall to the limit counts; a close at the warning, or a variance as large as before, does not
        value, limit = round(value, _DECIMALS), round(limit, _DECIMALS)
        is_below = value <= limit if kind in ("excess", "drawdown") else value < limit
        happened = value > 0 if kind in BEATS else is_below
        base = self._base(call, start) if kind == "own" else None
        return Outcome(bool(happened), float(value), base)

    def _measured(
        self, kind: str, subject: str, against: str, terms: Mapping[str, Any], window: slice
    ) -> tuple[float, float]:
        """The number that decides, and the limit it is held against."""
        if kind == "level":
            close = self._line(subject, "tape")[window]
            return _lowest(close / close[0] - 1), float(terms["limit"])
        own = self._line(subject, "total_return")[window]
        if kind == "drawdown":
            return _lowest(own / own[0] - 1), float(terms["limit"])
        if kind == "hedge":
            leg = self._line(str(terms["leg"]), "total_return")[window]
            alone = own[1:] / own[:-1] - 1
            position = alone - float(terms["ratio"]) * (leg[1:] / leg[:-1] - 1)
            return float(position.var(ddof=1) / alone.var(ddof=1) - 1) if alone.var() > 0 else np.nan, 0.0
        other = self._line(against, "total_return")[window]
        ahead = own / own[0] - other / other[0]
        return (float(ahead[-1]), 0.0) if kind in BEATS else (_lowest(ahead), float(terms["limit"]))

    def _base(self, call: Mapping[str, Any], start: int) -> float | None:
        """Share of the windows over by the day of the call in which the one fund did better."""
        days = self._snapshot.days[: start + 1]
        own, other = (pd.Series(self._line(str(call[name]), "total_return")[: start + 1], days) for name in _PAIR)
        after = outcomes.excess_after(own, other, [int(call["horizon"])]).iloc[:, 0].dropna()
        return float((after > 0).mean()) if len(after) else None

    def _line(self, symbol: str, basis: Any) -> np.ndarray:
        if (symbol, basis) not in self._held:
            frame = self._snapshot.wide("close", basis, [symbol])
            is_fit = self._snapshot.status(symbol).status != "quarantined"
            self._held[symbol, basis] = frame[symbol].to_numpy(dtype=float) * (1.0 if is_fit else np.nan)
        return self._held[symbol, basis]


_PAIR = ("subject", "against")


def _lowest(line: np.ndarray) -> float:
    """Lowest value after the first; NaN where any is unknown."""
    return float(line[1:].min()) if not np.isnan(line).any() else np.nan
