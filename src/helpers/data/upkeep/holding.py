"""What the store knows of one symbol beside its bars: whose listing it is, to when it is held, what is wrong."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: calendar days for which a missing day is asked for again, and for which an older one is after it was first missed
ASKED_AGAIN_DAYS, OLDER_ASKED_AGAIN_DAYS = 90, 7
REVISIONS_KEPT = 20
#: the fault that says that what was answered must not be used
QUARANTINE = "BadData"


@dataclass(frozen=True)
class Holding:
    """The record of one symbol in the store.

    Attributes
    ----------
    symbol, source : str
        The ticker, and who answered for it.
    currency, exchange, zone, kind : str
        Of the listing, as the source states them.
    first, last : str
        ISO days of the first and last bar stored; empty when none is.
    holes, no_volume : mapping of str to str
        Trading days between the two without a bar, and those whose bar has no volume, each with the day it was first
        missed.
    first_trade, begun : str
        ISO day of the first trade, as the source states it; and of the first answer that was used.
    fetched_at : str
        UTC moment of the last answer that was used.
    asked_to : str
        Settled day up to which that answer was asked for.
    accepted : tuple of str
        Days whose doubtful prices a person took for true.
    provisional : str
        ISO day whose bar was not final in that answer, so that it was not stored.
    doubtful_dividends : tuple of str
        Days on which dividend and adjusted close contradicted each other.
    revisions : tuple of dict
        The last restatements: ``on`` (ISO day), ``what``, ``days``.
    fault, cause : str
        Name of the error of the last asking and its message; empty when it went well.
    zoneless : tuple of str
        The last days in a row on which the source named no exchange.
    """

    symbol: str
    source: str = ""
    currency: str = ""
    exchange: str = ""
    zone: str = ""
    kind: str = ""
    first: str = ""
    last: str = ""
    holes: Mapping[str, str] = field(default_factory=dict)
    no_volume: Mapping[str, str] = field(default_factory=dict)
    first_trade: str = ""
    begun: str = ""
    fetched_at: str = ""
    asked_to: str = ""
    accepted: tuple[str, ...] = ()
    provisional: str = ""
    doubtful_dividends: tuple[str, ...] = ()
    revisions: tuple[Mapping[str, Any], ...] = ()
    fault: str = ""
    cause: str = ""
    zoneless: tuple[str, ...] = ()

    @classmethod
    def of(cls, symbol: str, records: Mapping[str, Mapping[str, Any]]) -> Holding:
        """The symbol's record; one of a symbol never heard of when there is none."""
        known = {item.name for item in dataclasses.fields(cls)} - {"symbol"}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in records.get(symbol, {}).items()
            if name in known
        }
        return cls(symbol, **values)

    @property
    def record(self) -> dict[str, Any]:
        """What the store keeps: plain JSON values, without what is empty."""
        values = dataclasses.asdict(self)
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}

    def asked_again(self, settled: str) -> tuple[str, ...]:
        """The days, of those without a bar or a volume, that are worth asking for again.

        A day of the last 90 without a bar always; an older one, and one without a volume, once a settled day for a week
        after it was first missed.
        """
        end = dt.date.fromisoformat(settled)
        young, lately = (
            (end - dt.timedelta(days=days)).isoformat() for days in (ASKED_AGAIN_DAYS, OLDER_ASKED_AGAIN_DAYS)
        )
        days = [day for day in self.holes if day >= young]
        if self.asked_to < settled:
            days += [day for day, missed in {**self.no_volume, **self.holes}.items() if missed >= lately]
        return tuple(sorted(set(days)))

    def replace(self, **changes: Any) -> Holding:
        """The same record with some changes."""
        return dataclasses.replace(self, **changes)

    def revised(self, on: str, what: str, days: tuple[str, ...]) -> Holding:
        """With one more restatement noted; unchanged when it concerns no day."""
        if not days:
            return self
        note = {"on": on, "what": what, "days": list(days)}
        return self.replace(revisions=(*self.revisions, note)[-REVISIONS_KEPT:])
