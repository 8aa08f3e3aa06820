"""Taking a snapshot of any list of symbols: through the same door as a note's, but no symbol is indispensable."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.core.blocks import Limits, source_names
from helpers.core.errors import ParameterError, UnavailableDataError
from helpers.data import bars as tidy_bars
from helpers.data import calendar, refusal, sources
from helpers.data.coverage import Origin
from helpers.data.snapshot import Snapshot, assembled
from helpers.data.sources.attempts import RATE_LIMIT_WAITS, Attempts
from helpers.data.sources.stored import StoredSource
from helpers.data.sources.yahoo import YahooSource
from helpers.data.upkeep.daily import CLIENT_FOLDER
from helpers.data.upkeep.update import update

#: trading days read: those of the longest window that decides a status, and a year before them
DAYS_READ = 756
_YEARS_READ = 4


class Watched(NamedTuple):
    """A snapshot, and the ISO day that its bars should reach; that of the snapshot unless a provider failed."""

    snapshot: Snapshot
    needed: str


def take(
    symbols: Sequence[str],
    market: str,
    names: Sequence[str],
    *,
    as_of: str = "",
    now: dt.datetime | None = None,
) -> Watched:
    """The last `DAYS_READ` trading days of `symbols`, out of the sources `names`, checked as a note's bars are.

    A source that is asked over the network is brought up to date first. Without `as_of` the day is the last settled
    one for such a source; for files it is the last day on which the market has a close, or, where the market is not
    held, any of the symbols.

    Parameters
    ----------
    symbols : sequence of str
        Each once; the market among them or not.
    market : str
        What relative strength is measured against.
    names : sequence of str
        As ``sources.bars`` of a note.
    as_of : str
        ISO date, or "".
    now : datetime, optional
        With a time zone; the present moment when None.

    Raises
    ------
    ParameterError
        A day that is not over, or sources that mix real and simulated bars.
    SourceNotFoundError, MissingColumnError, UnfitDataError
        A source that cannot be read, or rows that contradict themselves.
    UnavailableDataError
        No symbol of the list is held up to the day.
    AlreadyRunningError
        Another process is writing the store.
    """
    moment = now or calendar.now()
    wanted = list(dict.fromkeys([*symbols, market]))
    opened = [sources.open_source(name) for name in source_names(names)]
    if len({item.simulated for item in opened}) > 1:
        raise ParameterError(f"sources: {_names(opened)} mix real and simulated bars; name sources of one kind")
    stored = [item for item in opened if isinstance(item, StoredSource)]
    for item in stored:
        _refresh(item, wanted, moment)
        item.load(wanted)
    needed = _needed(as_of, moment, is_stored=bool(stored))
    last = _last_held(opened, wanted, market, needed)
    day = needed if as_of or not last else last
    days = calendar.trading_days(pd.Timestamp(day) - pd.DateOffset(years=_YEARS_READ), day).index[-DAYS_READ:]
    start = str(days[0].date())
    held = {symbol: sources.merged(opened, symbol, start, day) for symbol in wanted}
    origins = [_origin(stored, symbol, history) for symbol, history in held.items()]
    found = {symbol: history for symbol, history in held.items() if history is not None}
    if not found:
        raise UnavailableDataError(
            f"{_names(opened)}: no bar up to {day} of any of the {len(wanted)} symbols; "
            "name a source that holds them (--source PATH)",
            needed=day,
        )
    bars = _tidied(found)
    for symbol in _doubted(bars):
        refusal.of_prices(found[symbol], symbol, opened)
    snapshot = assembled(
        bars,
        origins,
        as_of=day,
        bars_to=day,
        requested_as_of=as_of,
        simulated=any(bool(history.meta["simulated"]) for history in found.values()),
        source=_names(opened),
    )
    return Watched(snapshot, needed if stored else day)


def _tidied(found: Mapping[str, sources.RawHistory]) -> pd.DataFrame:
    """Tidy bars of all symbols; made at once, because a thousand small frames cost seconds."""
    rows = pd.concat([history.bars for history in found.values()], ignore_index=True)
    symbols = np.repeat(list(found), [len(history.bars) for history in found.values()])
    return tidy_bars.tidy(rows.assign(symbol=symbols))


def _doubted(bars: pd.DataFrame) -> list[str]:
    """Symbols with a price of zero or less; whether that is a fault is for `refusal` to say."""
    prices = bars[[*tidy_bars.PRICES, "adj_close"]]
    return [str(symbol) for symbol in bars.loc[(prices <= 0).any(axis=1), "symbol"].unique()]


def _names(opened: Sequence[sources.PriceSource]) -> str:
    return ", ".join(dict.fromkeys(item.name for item in opened))


def _refresh(source: StoredSource, symbols: Sequence[str], now: dt.datetime) -> None:
    """Bring the stored bars up to date, in the time that a note would take for it."""
    seconds = Limits().data_seconds
    attempts = Attempts(source.name, budget_seconds=seconds, rate_limit_waits=RATE_LIMIT_WAITS)
    update(source.store, YahooSource(source.store.home / CLIENT_FOLDER, attempts), symbols, now=now)


def _needed(as_of: str, now: dt.datetime, *, is_stored: bool) -> str:
    """The last day that may be read."""
    finished = calendar.last_finished(now)
    if not as_of:
        return (calendar.last_settled(now) if is_stored else finished).isoformat()
    if as_of > now.astimezone(calendar.EXCHANGE_ZONE).date().isoformat():
        raise ParameterError(f"as_of {as_of} is in the future; give a day that is over")
    day = calendar.trading_day_on_or_before(as_of)
    if day > finished:
        raise ParameterError(f"as_of {as_of}: trading is not over on {day}; give {finished}")
    return day.isoformat()


def _last_held(opened: Sequence[sources.PriceSource], symbols: Sequence[str], market: str, until: str) -> str:
    """ISO day of the market's last close, or of the latest one of any symbol; empty when there is none."""
    for asked in ([market], symbols):
        found = [_last_close(sources.merged(opened, symbol, "", until)) for symbol in asked]
        if any(found):
            return max(found)
    return ""


def _last_close(history: sources.RawHistory | None) -> str:
    if history is None or "close" not in history.bars:
        return ""
    held = history.bars.loc[history.bars["close"].notna(), "date"]
    return calendar.trading_day_on_or_before(held.iloc[-1]).isoformat() if len(held) else ""


def _origin(stored: Sequence[StoredSource], symbol: str, history: sources.RawHistory | None) -> Origin:
    """Where a symbol comes from, and what a stored source says is wrong with it."""
    trouble = stored[0].trouble(symbol) if stored else ("", "")
    label = str(history.meta["source"]) if history is not None else ""
    return Origin(symbol, label, *trouble, stored[0].holding(symbol).accepted if stored else ())
