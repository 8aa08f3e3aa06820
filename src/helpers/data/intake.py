"""Taking a snapshot: which day the note is about, what the sources hold up to then, and whether that is fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from helpers.core.blocks import Tape, source_names
from helpers.core.errors import ParameterError
from helpers.core.params import Params
from helpers.data import bars as tidy_bars
from helpers.data import calendar, gather, refusal, sources
from helpers.data.coverage import Origin
from helpers.data.snapshot import Snapshot, assembled
from helpers.data.sources.stored import StoredSource
from helpers.data.upkeep import daily


class _When(NamedTuple):
    as_of: str
    bars_to: str
    requested: str


def take(
    params: Params, *, today: dt.date, now: dt.datetime | None = None, is_patient: bool = True, since: str = ""
) -> Snapshot:
    """The snapshot a note needs, out of the sources that `params` names.

    A source that is asked over the network is brought up to date first. Where it fails, what the store holds is taken:
    the snapshot is then about the last settled day all the same, and says since when it is stale.

    Parameters
    ----------
    params : Params
        What is compared, when, and from where.
    today : date
        The exchange's date of today; nothing later may be asked for.
    now : datetime, optional
        The present moment with its time zone: it keeps out the bar of a trading day that is not over. None means that
        `today` is over.
    is_patient : bool
        Whether to wait when a source says that there were too many requests; a person in a notebook would not.
    since : str
        ISO day from which on cuts shall hold what a note of their day would; "" where there will be none.

    Raises
    ------
    ParameterError
        A day in the future, not over yet or, for a tape, not a trading day; a start after the day.
    SourceNotFoundError, MissingColumnError
        A source that cannot be read.
    UnavailableDataError
        The mid fund is held by no source, or not up to the day needed.
    UnfitDataError
        Rows that contradict themselves, a price of zero or less, a mid fund in quarantine, a tape whose prior close is
        not the last close held.
    """
    opened = _opened(params)
    moment = now or _end_of(today)
    if any(isinstance(item, StoredSource) for item in opened):
        daily.refresh(params, now=moment, is_patient=is_patient)
    else:
        daily.keep_members(params, moment)
    snapshot = _read(params, opened, today, now, moment, since)
    cause = _cause(opened, params.mid)
    if snapshot is None:
        raise refusal.not_held(params.mid, _names(opened), params.as_of or today.isoformat(), cause)
    refusal.of_mid(snapshot, params.mid, cause)
    if params.tape:
        refusal.of_tape(snapshot, params.mid, params.tape)
    return snapshot


def look(params: Params, *, now: dt.datetime | None = None) -> Snapshot:
    """What the sources hold at this moment, fit or not, to be looked at; the network is not asked.

    A snapshot without a bar where nothing is held. Errors as `take`, but for those on the state of the mid fund.
    """
    moment = now or calendar.now()
    opened = _opened(params)
    found = _read(params, opened, moment.date(), moment, moment)
    if found is not None:
        return found
    day = (params.as_of and calendar.trading_day_on_or_before(params.as_of)) or calendar.last_settled(moment)
    origins = [_origin(opened, symbol, None) for symbol in params.symbols]
    nothing = tidy_bars.tidy(pd.DataFrame({"date": pd.Series(dtype=tidy_bars.DATE_TYPE), "symbol": []}))
    ends = day.isoformat()
    return assembled(nothing, origins, as_of=ends, bars_to=ends, simulated=False, source=_names(opened))


def _opened(params: Params) -> list[sources.PriceSource]:
    opened = [sources.open_source(name) for name in source_names(params.sources.bars)]
    if len({item.simulated for item in opened}) > 1:
        raise ParameterError(f"sources: {_names(opened)} mix real and simulated bars; name sources of one kind")
    return opened


def _names(opened: Sequence[sources.PriceSource]) -> str:
    return ", ".join(dict.fromkeys(item.name for item in opened))


def _end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(23, 59), calendar.EXCHANGE_ZONE)


def _read(
    params: Params,
    opened: Sequence[sources.PriceSource],
    today: dt.date,
    now: dt.datetime | None,
    moment: dt.datetime,
    since: str = "",
) -> Snapshot | None:
    """The snapshot of what is held; None where nothing is, of any symbol."""
    stored = [item for item in opened if isinstance(item, StoredSource)]
    for item in stored:
        item.load(params.symbols)
    settled = calendar.last_settled(moment) if stored else None
    when = _when(params, opened, today, now, settled)
    if when is None:
        return None
    if params.start and params.start > when.bars_to:
        raise ParameterError(f"start {params.start} is after {when.bars_to}, the last day read; set an earlier start")
    rows, origins, simulated = [], [], False
    for symbol in params.symbols:
        history = sources.merged(opened, symbol, params.start, when.bars_to)
        origins.append(_origin(opened, symbol, history))
        if history is None:
            continue
        refusal.of_prices(history, symbol, opened)
        rows.append(tidy_bars.tidy(history.bars, symbol))
        simulated = simulated or bool(history.meta["simulated"])
    if not rows:
        return None
    bars = pd.concat(rows, ignore_index=True).sort_values(["symbol", "date"], kind="stable", ignore_index=True)
    held_to = _last_close(bars, params.mid) if stored and not params.tape else ""
    ends = max((item.holding(params.mid).last for item in stored), default="")
    is_stale = bool(held_to) and held_to < when.bars_to and ends < when.bars_to
    until = held_to if is_stale else when.bars_to
    return assembled(
        bars,
        origins,
        as_of=when.as_of,
        bars_to=until,
        requested_as_of=when.requested,
        tape=params.tape,
        simulated=simulated,
        source=_names(opened),
        background=gather.background(params, until, since=since, simulated=simulated),
        is_stale=is_stale,
    )


def _origin(opened: Sequence[sources.PriceSource], symbol: str, history: sources.RawHistory | None) -> Origin:
    """Where a symbol comes from, and what a stored source says is wrong with it."""
    asked = [item for item in opened if isinstance(item, StoredSource)]
    if history is None:
        return Origin(symbol, "", *(asked[0].trouble(symbol) if asked else ()))
    place = history.meta["tape"] if history.meta["tape"] is not None else history.meta["adj_close"]
    answered = opened[place]
    if not isinstance(answered, StoredSource):
        return Origin(symbol, str(history.meta["source"]))
    accepted = answered.holding(symbol).accepted
    return Origin(symbol, str(history.meta["source"]), *answered.trouble(symbol), accepted)


def _when(
    params: Params,
    opened: Sequence[sources.PriceSource],
    today: dt.date,
    now: dt.datetime | None,
    settled: dt.date | None,
) -> _When | None:
    """The day the note is about; None where no close of the fund tells it.

    `settled` is the last day that a stored source should hold, None where there is no such source.
    """
    if params.tape:
        return _tape_day(params.tape, params.as_of, today)
    finished = calendar.trading_day_on_or_before(today)
    if now is not None:
        finished = min(finished, calendar.last_finished(now))
    if params.as_of:
        if params.as_of > today.isoformat():
            raise ParameterError(f"as_of {params.as_of} is in the future, today is {today}; give a day that is over")
        day = calendar.trading_day_on_or_before(params.as_of)
        if day > finished:
            raise ParameterError(
                f"as_of {params.as_of}: trading is not over on {day}; give {finished}, or a tape of {day}"
            )
    elif settled is not None:
        day = settled
    else:
        history = sources.merged(opened, params.mid, "", finished.isoformat())
        if history is None or "close" not in history.bars or not history.bars["close"].notna().any():
            return None
        held = history.bars.loc[history.bars["close"].notna(), "date"]
        day = calendar.trading_day_on_or_before(held.iloc[-1])
    return _When(day.isoformat(), day.isoformat(), params.as_of)


def _tape_day(tape: Tape, as_of: str, today: dt.date) -> _When:
    if tape.date > today.isoformat():
        raise ParameterError(f"tape.date {tape.date} is in the future, today is {today}; give the day of the quote")
    if not calendar.is_trading_day(tape.date):
        near = calendar.trading_day_before(tape.date)
        raise ParameterError(f"tape.date {tape.date} is not a trading day; the one before is {near}; correct the date")
    return _When(tape.date, calendar.trading_day_before(tape.date).isoformat(), as_of)


def _last_close(bars: pd.DataFrame, symbol: str) -> str:
    """ISO day of the symbol's last close; empty when it has none."""
    held = bars.loc[(bars["symbol"] == symbol) & bars["close"].notna(), "date"]
    return str(held.iloc[-1].date()) if len(held) else ""


def _cause(opened: Sequence[sources.PriceSource], symbol: str) -> str:
    """What a provider that was asked for the symbol said; empty when none was, or it went well."""
    return next((item.trouble(symbol)[1] for item in opened if isinstance(item, StoredSource)), "")
