"""One symbol's turn in an update: from which day to ask, and what its answer comes to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from helpers.core.errors import Transient
from helpers.data import calendar
from helpers.data.sources import RawHistory
from helpers.data.sources.attempts import Attempts
from helpers.data.upkeep import dividends, listing, reconcile
from helpers.data.upkeep.holding import OLDER_ASKED_AGAIN_DAYS, QUARANTINE, Holding

#: trading days before the last one held that are asked for again, to see whether they still say the same
OVERLAP_DAYS = 10
Days = npt.NDArray[np.datetime64]
LISTING = ("source", "currency", "exchange", "zone", "kind", "first_trade")
#: days that a message names
NAMED = 3
#: calendar days after the first trade with which a whole history may begin
LATE_START = 30


class Provider(Protocol):
    """A source that is asked over the network."""

    @property
    def name(self) -> str:
        """A label for people."""

    @property
    def attempts(self) -> Attempts:
        """How often and how long it is asked."""

    def history(self, symbol: str, start: str = "", end: str = "") -> RawHistory:
        """Bars of one symbol, with the listing in ``meta``; raises a `SourceError`."""

    def release(self) -> None:
        """Give back what the calling thread holds."""


class Ask(NamedTuple):
    """What is asked for: `start` is empty for the whole history; `held` are the last bars stored."""

    holding: Holding
    start: str
    held: pd.DataFrame
    accepted: bool


class Answer(NamedTuple):
    """What an answer comes to: rows to be stored, in place of all earlier ones where `replaces` says so."""

    ask: Ask
    rows: pd.DataFrame
    holding: Holding
    superseded: pd.DataFrame
    replaces: bool
    done: str
    detail: str


def start_of(holding: Holding, settled: str, *, whole: bool) -> str | None:
    """First ISO day to ask for: "" for the whole history, None for nothing.

    A symbol is asked for when a settled day is missing at its end, or when a day within is worth asking for again;
    then from ten trading days before the first of them. One that is not held, in quarantine, named by a person or begun
    after its first trade is asked for whole.
    """
    if whole or not holding.last or holding.fault == QUARANTINE:
        return ""
    if is_cut_short(holding) and holding.asked_to < settled:
        return ""
    holes = holding.asked_again(settled)
    if holding.last >= settled and not holes:
        return None
    first = min((holding.last, *holes))
    days = calendar.trading_days(pd.Timestamp(first) - pd.Timedelta(days=3 * OVERLAP_DAYS), first).index
    return str(days[-OVERLAP_DAYS - 1].date()) if len(days) > OVERLAP_DAYS else first


def is_cut_short(holding: Holding) -> bool:
    """Whether the bars held begin long after the symbol's first trade, and were first fetched a few days ago.

    A truncated first answer looks like this; so does a symbol of which the source has no older bars, and that one is
    not asked for whole for ever.
    """
    if not holding.first_trade or not holding.first or not holding.begun:
        return False
    late = pd.Timestamp(holding.first) - pd.Timestamp(holding.first_trade)
    known_for = pd.Timestamp(holding.asked_to) - pd.Timestamp(holding.begun)
    return bool(late.days > LATE_START and known_for.days <= OLDER_ASKED_AGAIN_DAYS)


def answer(
    ask: Ask, provider: Provider, whole_of: Callable[[str], pd.DataFrame], settled: str, now: dt.datetime
) -> Answer:
    """Ask for one symbol and hold what comes against what is stored.

    `whole_of` gives all stored bars of a symbol; a whole answer is held against them.

    Raises
    ------
    BadData
        Another listing, other prices, or prices rescaled by no split.
    SourceError
        The provider did not answer, or has lost its past.
    """
    symbol, held = ask.holding.symbol, ask.held
    read = _read(ask, provider, ask.start, settled)
    if held.empty:
        return _answered(ask, read, now, read.rows, done="new", replaces=True)
    if ask.accepted:
        found = reconcile.overlap(held, read.rows, read.actions)
        untold = reconcile.untold(whole_of(symbol), read.rows)
        return _answered(ask, read, now, read.rows, done="rebuilt", replaces=True, found=found, old=untold)
    if ask.start:
        read = read._replace(rows=dividends.with_first_day_held(held, read.rows))
    found = reconcile.overlap(held, read.rows, read.actions)
    if found.kind == "same" and ask.start:
        rows = reconcile.fresh_rows(held, read.rows)
        restated = np.array([*found.dividends, *found.volumes], "datetime64[D]")
        old = held[np.isin(_days(held), restated)] if len(restated) else None
        return _answered(ask, read, now, rows, done="added" if len(rows) else "unchanged", found=found, old=old)
    if found.kind == "rescaled":
        raise listing.bad(
            symbol, f"{provider.name} now gives {found.ratio:.4g} times the prices held, and states no split"
        )
    if ask.start:
        read = _read(ask, provider, "", settled)
    try:
        whole, contradicted = reconcile.rebuilt(whole_of(symbol), read.rows, read.actions)
    except reconcile.LostPastError as lost:
        raise Transient(
            f"{symbol}: {provider.name} gives {lost}; what is held is kept, it may answer in full later", of_symbol=True
        ) from None
    except reconcile.OtherPricesError as other:
        raise listing.bad(symbol, f"{provider.name} gives {other}") from None
    return _answered(ask, read, now, whole, done="rebuilt", replaces=True, found=found, old=contradicted)


class _Read(NamedTuple):
    """An answer's finished days, and what is to be known of it; `actions` are those of all days."""

    rows: pd.DataFrame
    actions: pd.DataFrame
    doubtful: tuple[str, ...]
    provisional: str
    settled: str
    meta: Mapping[str, Any]


def _read(ask: Ask, provider: Provider, start: str, settled: str) -> _Read:
    raw = provider.history(ask.holding.symbol, start)
    listing.refuse(ask.holding, raw.meta, accepted=ask.accepted)
    days = _days(raw.bars)
    count = int(days.searchsorted(np.datetime64(settled), side="right"))
    provisional = str(days[count]) if count < len(days) else ""
    last = raw.bars["close"].to_numpy()[count - 1] if count else np.nan
    if count and not provisional and listing.is_unfinished(pd.Timestamp(days[count - 1]), float(last), raw.meta):
        count -= 1
        provisional = str(days[count])
    if not count:
        symbol = ask.holding.symbol
        raise Transient(f"{symbol}: {provider.name} sent no final bar up to {settled}; it may later", of_symbol=True)
    kept, doubtful = dividends.without_doubtful(raw.bars.iloc[:count])
    return _Read(kept, raw.actions, doubtful, provisional, settled, raw.meta)


def _answered(
    ask: Ask,
    read: _Read,
    now: dt.datetime,
    rows: pd.DataFrame,
    *,
    done: str,
    replaces: bool = False,
    found: reconcile.Overlap | None = None,
    old: pd.DataFrame | None = None,
) -> Answer:
    before, dates = ask.holding, _days(rows)
    first = str(dates[0]) if replaces else before.first
    last = max([str(day) for day in dates[-1:]] + ([] if replaces else [before.last]))
    today = now.astimezone(calendar.EXCHANGE_ZONE).date().isoformat()
    expected = _trading_days(first if replaces else before.last, last)
    known = ({}, {}) if replaces else (before.holes, before.no_volume)
    holes = _missing(known[0], dates, expected if replaces else expected[1:], today)
    traded = rows["volume"].to_numpy() > 0
    is_traded = traded.any() and read.meta.get("kind") != "INDEX"
    no_volume = _missing(known[1], dates[traded], dates[~traded] if is_traded else dates[:0], today)
    doubtful = () if replaces else before.doubtful_dividends
    # of the first day nobody knows the day before
    judged = set(map(str, _days(read.rows)[1:])) if doubtful else set()
    told = {name: str(read.meta.get(name) or "") or getattr(before, name) for name in LISTING}
    holding = before.replace(
        **told,
        first=first,
        last=last,
        holes=holes,
        no_volume=no_volume,
        begun=before.begun or today,
        fetched_at=now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        asked_to=read.settled,
        provisional=read.provisional,
        doubtful_dividends=tuple(sorted({*(set(doubtful) - judged), *read.doubtful})),
        fault="",
        cause="",
        zoneless=(),
    )
    if found is None:
        return Answer(ask, rows, holding, rows.iloc[:0], replaces, done, "")
    details = []
    for what, days in (("dividend", found.dividends), ("volume", found.volumes)):
        holding = holding.revised(today, what, days)
        details += [_restated(what, days)] if days else []
    if found.quiet_volumes:
        details.append(f"{found.quiet_volumes} volumes restated by less than 1 %")
    if found.kind == "split":
        details.append(f"split {1 / found.ratio:.6g} for 1")
        stated = read.actions.loc[read.actions["split"] > 0]
        days = tuple(str(day) for day in _days(stated) if str(day) > before.last)
        holding = holding.revised(today, details[-1], days)
    elif replaces and old is not None:
        days = tuple(str(day) for day in _days(old))
        holding = holding.revised(today, "prices", days)
        details.append(_restated("prices", days) if days else "read anew, the same")
    return Answer(ask, rows, holding, rows.iloc[:0] if old is None else old, replaces, done, "; ".join(details))


def _restated(what: str, days: tuple[str, ...]) -> str:
    more = f" and {len(days) - NAMED} more" if len(days) > NAMED else ""
    return f"{what} restated: {', '.join(days[:NAMED])}{more}"


def _missing(known: Mapping[str, str], found: Days, expected: Days, today: str) -> dict[str, str]:
    """Days that are still, or now, without what was expected, with the day each was first missed."""
    days = {**dict.fromkeys(map(str, expected[~np.isin(expected, found)]), today), **known}
    there = set(map(str, found)) if known else set()
    return {day: missed for day, missed in sorted(days.items()) if day not in there}


@lru_cache(maxsize=256)
def _trading_days(first: str, last: str) -> Days:
    """Trading days of a span, which most symbols of an update have in common."""
    days: Days = calendar.trading_days(first, last).index.to_numpy().astype("datetime64[D]")
    return days


def _days(bars: pd.DataFrame) -> Days:
    days: Days = bars["date"].to_numpy().astype("datetime64[D]")
    return days
