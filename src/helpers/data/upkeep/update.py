"""Bringing the store up to date: what is missing is asked for, held against what is there, and stored in one step."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from helpers.core.errors import AlreadyRunningError, SourceError, UnavailableDataError, UnknownSymbol
from helpers.data import calendar
from helpers.data.store import Changes, Store
from helpers.data.store.changes import no_bars, stacked
from helpers.data.upkeep import asking, screening, workers
from helpers.data.upkeep.asking import Answer, Ask, Provider
from helpers.data.upkeep.holding import QUARANTINE, Holding

#: calendar days before the first day asked for of which stored bars are read, so that checks know what is usual
TAIL_DAYS = 45

Progress = Callable[[str, str], None]


class Outcome(NamedTuple):
    """What an update did for one symbol.

    ``done`` is "current" (nothing was asked), "new", "added", "unchanged", "rebuilt", "failed" or "quarantined";
    ``detail`` says why, or what was restated.
    """

    symbol: str
    done: str
    detail: str = ""


class Report(NamedTuple):
    """What an update did.

    Attributes
    ----------
    outcomes : tuple of Outcome
        One a symbol, in the order asked.
    settled : str
        ISO day up to which bars are final.
    outages : dict
        ISO day to the number of symbols that lack it: the provider's fault, not the symbols'.
    version : str
        The store's version afterwards; empty when nothing is stored.
    """

    outcomes: tuple[Outcome, ...]
    settled: str
    outages: Mapping[str, int]
    version: str


def update(
    store: Store,
    provider: Provider,
    symbols: Sequence[str],
    *,
    now: dt.datetime,
    refetch: Collection[str] = (),
    accept: Collection[str] = (),
    progress: Progress | None = None,
) -> Report:
    """Ask `provider` for what the store lacks of `symbols`, and store what is sound.

    Which days are asked for is said by `asking.start_of`; what follows from the answer by `reconcile.overlap`. A
    symbol that fails keeps what is stored, with the reason; that raises nothing. All is stored in one step at the end,
    so a process that dies leaves the store as it was.

    Parameters
    ----------
    store : Store
    provider : Provider
        Asked by a few workers at once.
    symbols : sequence of str
    now : datetime
        With its time zone; decides which days are settled.
    refetch : collection of str
        Symbols whose whole history is asked for anew and held against what is stored.
    accept : collection of str
        Symbols whose new listing, or unexplained prices, a person has looked at and takes for true.
    progress : callable, optional
        Called with each symbol and what was done, from the worker's thread.

    Raises
    ------
    AlreadyRunningError
        Another update was at work for as long as the provider may be asked.
    UnavailableDataError
        The store cannot be written.
    """
    tell = progress or (lambda symbol, done: None)
    wanted = tuple(dict.fromkeys(symbols))
    with _alone(store, provider.attempts.seconds_left):
        settled = calendar.last_settled(now).isoformat()
        asks = _asks(store, wanted, settled, refetch, accept)
        for symbol in wanted:
            if symbol not in asks:
                tell(symbol, "current")
        if not asks:
            return Report(tuple(Outcome(symbol, "current") for symbol in wanted), settled, {}, store.version)
        found = _gathered(asks, provider, store, settled, now, tell)
        changes, outcomes = _changes(found, asks, store.version, now)
        version = store.apply(changes)
    records = store.records()
    holdings = [Holding.of(symbol, records) for symbol in asks]
    told = tuple(outcomes.get(symbol, Outcome(symbol, "current")) for symbol in wanted)
    return Report(told, settled, screening.outages(holdings, settled), version)


@contextlib.contextmanager
def _alone(store: Store, seconds: float) -> Iterator[None]:
    """One update at a time; a second one waits for as long as it may ask."""
    import filelock

    lock = filelock.FileLock(store.home / "update.lock")
    try:
        store.home.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=seconds)
    except filelock.Timeout:
        raise AlreadyRunningError(
            f"{store.home}: another update is at work, waited {seconds:.0f} s; try again when it has ended",
            path=str(store.home),
        ) from None
    except OSError as error:
        path, reason = str(error.filename or store.home), error.strerror or str(error)
        raise UnavailableDataError(
            f"{path}: {reason}; nothing was asked; make room or allow writing, then try again",
            path=path,
            reason=reason,
        ) from None
    try:
        yield
    finally:
        lock.release()


def _asks(
    store: Store, symbols: Sequence[str], settled: str, refetch: Collection[str], accept: Collection[str]
) -> dict[str, Ask]:
    """What is to be asked, by symbol, each with its last stored bars."""
    records = store.records() if store.version else {}
    holdings = {symbol: Holding.of(symbol, records) for symbol in symbols}
    starts = {
        symbol: start
        for symbol, holding in holdings.items()
        if (start := asking.start_of(holding, settled, whole=symbol in refetch or symbol in accept)) is not None
    }
    empty = no_bars()
    held: dict[str, pd.DataFrame] = {}
    known = [symbol for symbol in starts if holdings[symbol].last]
    if known:
        first = min(starts[symbol] or holdings[symbol].last for symbol in known)
        tail = str((pd.Timestamp(first) - pd.Timedelta(days=TAIL_DAYS)).date())
        held = {str(symbol): rows for symbol, rows in store.read(known, tail).groupby("symbol")}
    return {
        symbol: Ask(holdings[symbol], start, held.get(symbol, empty), symbol in accept)
        for symbol, start in starts.items()
    }


def _gathered(
    asks: Mapping[str, Ask],
    provider: Provider,
    store: Store,
    settled: str,
    now: dt.datetime,
    tell: Progress,
) -> dict[str, Answer | SourceError]:
    """Every symbol's answer or fault, asked for by a few workers at once."""
    found: dict[str, Answer | SourceError] = {}
    reading = threading.Lock()

    def whole_of(symbol: str) -> pd.DataFrame:
        with reading:
            return store.read([symbol])

    def one(symbol: str) -> None:
        try:
            found[symbol] = answer = asking.answer(asks[symbol], provider, whole_of, settled, now)
            tell(symbol, answer.done)
        except SourceError as fault:
            found[symbol] = fault
            tell(symbol, "failed")

    workers.share_out(asks, one, at_end=provider.release)
    return found


def _changes(
    found: Mapping[str, Answer | SourceError], asks: Mapping[str, Ask], version: str, now: dt.datetime
) -> tuple[Changes, dict[str, Outcome]]:
    """What is stored, and what is told, of all answers."""
    answers = {symbol: item for symbol, item in found.items() if isinstance(item, Answer)}
    today = now.astimezone(calendar.EXCHANGE_ZONE).date().isoformat()
    doubts = screening.doubtful({symbol: (item.ask.held, item.rows) for symbol, item in answers.items()})
    rows: dict[str, pd.DataFrame] = {}
    superseded: dict[str, pd.DataFrame] = {}
    records, outcomes, refused = {}, {}, set()
    for symbol in asks:
        item = found[symbol]
        if isinstance(item, SourceError):
            holding = _failed(asks[symbol].holding, item, today, others_answered=bool(answers))
            records[symbol] = holding.record
            done = "quarantined" if type(item).__name__ == QUARANTINE else "failed"
            outcomes[symbol] = Outcome(symbol, done, str(item))
            continue
        holding = item.holding
        days = doubts.get(symbol, {})
        if item.ask.accepted:
            holding = holding.replace(accepted=tuple(sorted({*holding.accepted, *days})))
        open_doubts = {day: reason for day, reason in days.items() if day not in holding.accepted}
        if open_doubts:
            day, reason = max(open_doubts.items())
            cause = f"{symbol}: {day}: {reason}; if it is true: breadthbook data update --accept {symbol}"
            records[symbol] = asks[symbol].holding.replace(fault=QUARANTINE, cause=cause).record
            outcomes[symbol] = Outcome(symbol, "quarantined", cause)
            refused.add(symbol)
            continue
        records[symbol] = holding.record
        outcomes[symbol] = Outcome(symbol, item.done, item.detail)
        rows |= {symbol: item.rows} if len(item.rows) else {}
        superseded |= {symbol: item.superseded} if len(item.superseded) else {}
    replaced = frozenset(symbol for symbol, item in answers.items() if item.replaces and symbol not in refused)
    old = stacked(superseded).assign(version=version, replaced_on=pd.Timestamp(today)) if superseded else None
    new = stacked(rows) if rows else no_bars()
    return Changes(rows=new, replaced=replaced, records=records, superseded=old), outcomes


def _failed(holding: Holding, fault: SourceError, today: str, *, others_answered: bool) -> Holding:
    """The record after a fault.

    A quarantine stays until an answer can be used, whatever fails meanwhile. A symbol for which the source names no
    exchange on two days, on which it answered for others, is unknown to it.
    """
    is_zoneless = bool(fault.facts.get("no_zone"))
    days = tuple(dict.fromkeys((*holding.zoneless, today))) if is_zoneless and others_answered else holding.zoneless
    holding = holding.replace(zoneless=days if is_zoneless else ())
    name, cause = type(fault).__name__, str(fault)
    if holding.fault == QUARANTINE and name != QUARANTINE:
        return holding
    if len(holding.zoneless) > 1:
        name = UnknownSymbol.__name__
        cause = f"{holding.symbol}: no exchange is named for it on {len(days)} days: unknown there; correct the ticker"
    return holding.replace(fault=name, cause=cause)
