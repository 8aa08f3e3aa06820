"""Taking a snapshot: which day the note is about, what the sources hold up to then, and whether that is fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from helpers.core.blocks import Tape, source_names
from helpers.core.errors import ParameterError, UnavailableDataError, UnfitDataError
from helpers.core.params import Params
from helpers.data import bars as tidy_bars
from helpers.data import calendar, sources
from helpers.data.bars import PRICES
from helpers.data.checks import YIELDS
from helpers.data.snapshot import Snapshot, assembled

#: share by which a tape's prior close may differ from the last close held; more is a split or another fund
PRIOR_CLOSE_TOLERANCE = 0.005


class _When(NamedTuple):
    as_of: str
    bars_to: str
    requested: str


def take(params: Params, *, today: dt.date, now: dt.datetime | None = None) -> Snapshot:
    """The snapshot a note needs, out of the sources that `params` names.

    Parameters
    ----------
    params : Params
        What is compared, when, and from where.
    today : date
        The exchange's date of today; nothing later may be asked for.
    now : datetime, optional
        The present moment with its time zone: it keeps out the bar of a trading day that is not over.

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
    opened = [sources.open_source(name) for name in source_names(params.sources.bars)]
    source = ", ".join(dict.fromkeys(item.name for item in opened))
    if len({item.simulated for item in opened}) > 1:
        raise ParameterError(f"sources: {source} mix real and simulated bars; name sources of one kind")
    when = _when(params, opened, source, today, now)
    if params.start and params.start > when.bars_to:
        raise ParameterError(f"start {params.start} is after {when.bars_to}, the last day read; set an earlier start")
    rows, origins, simulated = [], [], False
    for symbol in params.symbols:
        history = sources.merged(opened, symbol, params.start, when.bars_to)
        if history is None:
            origins.append((symbol, ""))
            continue
        _refuse_prices(history, symbol, opened)
        rows.append(tidy_bars.tidy(history.bars, symbol))
        origins.append((symbol, str(history.meta["source"])))
        simulated = simulated or bool(history.meta["simulated"])
    if not rows:
        raise _not_held(params.mid, source, when.bars_to)
    bars = pd.concat(rows, ignore_index=True).sort_values(["symbol", "date"], kind="stable", ignore_index=True)
    snapshot = assembled(
        bars,
        origins,
        as_of=when.as_of,
        bars_to=when.bars_to,
        requested_as_of=when.requested,
        tape=params.tape,
        simulated=simulated,
        source=source,
    )
    _refuse_mid(snapshot, params.mid)
    if params.tape:
        _refuse_tape(snapshot, params.mid, params.tape)
    return snapshot


def _when(
    params: Params, opened: Sequence[sources.PriceSource], source: str, today: dt.date, now: dt.datetime | None
) -> _When:
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
    else:
        history = sources.merged(opened, params.mid, "", finished.isoformat())
        if history is None or "close" not in history.bars or not history.bars["close"].notna().any():
            raise _not_held(params.mid, source, finished.isoformat())
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


def _refuse_prices(history: sources.RawHistory, symbol: str, opened: Sequence[sources.PriceSource]) -> None:
    """A price of zero or less is unfit, except in a yield."""
    if symbol in YIELDS:
        return
    for column in (*PRICES, "adj_close"):
        bad = history.bars[history.bars[column] <= 0] if column in history.bars else history.bars.iloc[:0]
        if bad.empty:
            continue
        day = pd.Timestamp(bad["date"].iloc[0])
        origin = opened[history.meta["adj_close" if column == "adj_close" else "tape"]]
        locate = getattr(origin, "locate", None)
        where = locate(symbol, day) if locate else origin.name
        found = float(bad[column].iloc[0])
        raise UnfitDataError(
            f"{where}: {symbol} {day.date()}: `{column}` is {found:g}, a price above zero needed; correct the row",
            symbol=symbol,
            date=str(day.date()),
            column=column,
        )


def _refuse_mid(snapshot: Snapshot, mid: str) -> None:
    row = snapshot.status(mid)
    if row.status == "missing":
        raise _not_held(mid, snapshot.source, snapshot.bars_to)
    if row.status == "quarantined":
        raise UnfitDataError(
            f"{mid}: in quarantine ({row.detail}); clean prices are needed for the fund the note is about; "
            f"correct {row.source}",
            symbol=mid,
        )
    if not row.tape_last:
        raise UnavailableDataError(
            f"{mid}: only an adjusted close found in {row.source}; levels need its close; add a source that has it",
            symbol=mid,
        )
    if row.tape_last < snapshot.bars_to:
        raise UnavailableDataError(
            f"{mid}: bars end {row.tape_last}, {snapshot.bars_to} needed; "
            f"update {row.source} or set as_of to {row.tape_last}",
            symbol=mid,
            found=row.tape_last,
            needed=snapshot.bars_to,
        )


def _refuse_tape(snapshot: Snapshot, mid: str, tape: Tape) -> None:
    if tape.prior_close is None:
        return
    held = float(snapshot.wide("close", "tape", [mid])[mid].iloc[-1])
    if abs(tape.prior_close / held - 1) > PRIOR_CLOSE_TOLERANCE:
        raise UnfitDataError(
            f"{mid}: tape.prior_close is {tape.prior_close:g}, the close held of {snapshot.bars_to} is {held:g}; "
            "the two must agree within 0.5 %: check for a split, another fund or a typing error",
            found=tape.prior_close,
            needed=held,
        )


def _not_held(mid: str, source: str, day: str) -> UnavailableDataError:
    return UnavailableDataError(
        f"{mid}: no close up to {day} in {source}; name a source that holds it (--source PATH) or another `mid`",
        symbol=mid,
        needed=day,
    )
