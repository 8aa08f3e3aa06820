"""The exchange's trading days and their marks; never taken from the rows that happen to be held."""

from __future__ import annotations

import datetime as dt
import warnings
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from helpers.core.errors import ParameterError
from helpers.data.bars import DATE_TYPE

EXCHANGE = "XNYS"
EXCHANGE_ZONE = ZoneInfo("America/New_York")
#: the span is fixed, since the package's own default moves with the clock
FIRST_DAY = "1926-01-01"
LAST_DAY = "2049-12-31"

#: minutes after the close until vendors have the day's final bar
SETTLE_MINUTES = 30

FRIDAY = 4
QUARTER_MONTHS = (3, 6, 9, 12)
#: year from which the Russell US indexes are also reconstituted in November
RUSSELL_TWICE_A_YEAR = 2026
MARKS = ("half_day", "monthly_expiry", "quarterly_expiry", "index_rebalance", "month_end", "quarter_end")

Day = str | dt.date | pd.Timestamp


def trading_days(start: Day, end: Day) -> pd.DataFrame:
    """Trading days from `start` to `end`, both included, with their marks.

    Returns
    -------
    DataFrame indexed by ``date``
        bool columns: ``half_day`` (the exchange closes early); ``monthly_expiry`` (third Friday, or the trading day
        before when the exchange is closed, as on a Good Friday); ``quarterly_expiry`` (that of March, June, September,
        December); ``index_rebalance`` (see Notes); ``month_end`` and ``quarter_end`` (the last trading day).

    Notes
    -----
    Index rebalances are those of US equity indexes that move whole funds: S&P Dow Jones Indices rebalances its US
    indexes quarterly, effective after the close of the third Friday of March, June, September and December (S&P U.S.
    Indices Methodology). FTSE Russell reconstitutes after the close of the fourth Friday of June and, from 2026, of the
    second Friday of November too (LSEG press release of January 2025, "Russell US Indexes move to semi-annual
    reconstitution"). A Friday without trading moves to the trading day before.
    """
    first, last = _stamp(start), _stamp(end)
    frame = _marked()
    return frame.loc[first:last].copy()


def is_trading_day(day: Day) -> bool:
    """Whether the exchange trades on `day`."""
    return _stamp(day) in _marked().index


def trading_day_on_or_before(day: Day) -> dt.date:
    """`day` itself when the exchange trades on it, else the trading day before."""
    return _at(int(_marked().index.searchsorted(_stamp(day), side="right")) - 1)


def trading_day_before(day: Day) -> dt.date:
    """The last trading day earlier than `day`."""
    return _at(int(_marked().index.searchsorted(_stamp(day), side="left")) - 1)


def last_finished(now: dt.datetime) -> dt.date:
    """The last trading day whose session, early closes included, was over at `now`.

    Parameters
    ----------
    now : datetime
        With a time zone; it is compared with the exchange's own clock.

    Raises
    ------
    ParameterError
        `now` has no time zone.
    """
    if now.tzinfo is None:
        raise ParameterError(f"{now.isoformat()} has no time zone; give the time with one, so that the close is known")
    closes = _closes()
    return _at(int(closes.searchsorted(pd.Timestamp(now).tz_convert("UTC"), side="right")) - 1)


def now() -> dt.datetime:
    """The present moment on the exchange's clock."""
    return dt.datetime.now(EXCHANGE_ZONE)


def last_settled(now: dt.datetime) -> dt.date:
    """The last trading day whose close was `SETTLE_MINUTES` ago or more at `now`; errors as `last_finished`."""
    return last_finished(now - dt.timedelta(minutes=SETTLE_MINUTES))


def close_of(day: Day) -> pd.Timestamp:
    """The moment, in UTC, at which the exchange closes on a trading day.

    Raises
    ------
    ParameterError
        The exchange does not trade on `day`.
    """
    if not is_trading_day(day):
        raise ParameterError(f"{_stamp(day).date()} is not a trading day; give one that is")
    return pd.Timestamp(_closes()[int(_marked().index.searchsorted(_stamp(day)))])


def load() -> None:
    """Build the calendar now, which the first question would otherwise wait for."""
    _marked()
    _closes()


@lru_cache(maxsize=1)
def _exchange() -> Any:
    import exchange_calendars

    with warnings.catch_warnings():
        # the package reads a time zone away in a manner that pandas 3.1 deprecates
        warnings.simplefilter("ignore")
        return exchange_calendars.get_calendar(EXCHANGE, start=FIRST_DAY, end=LAST_DAY)


@lru_cache(maxsize=1)
def _closes() -> pd.DatetimeIndex:
    return pd.DatetimeIndex(_exchange().closes)


@lru_cache(maxsize=1)
def _marked() -> pd.DataFrame:
    exchange = _exchange()
    days = pd.DatetimeIndex(exchange.sessions.to_numpy().astype(DATE_TYPE), name="date")
    expiry = _moved(_fridays(days, 3), days)
    in_quarter = expiry[expiry.month.isin(QUARTER_MONTHS)]
    russell = _fridays(days, 4)
    russell = russell[russell.month == 6]
    autumn = _fridays(days, 2)
    autumn = autumn[(autumn.month == 11) & (autumn.year >= RUSSELL_TWICE_A_YEAR)]
    rebalance = in_quarter.union(_moved(russell, days)).union(_moved(autumn, days))
    months = (days.year * 12 + days.month).to_numpy()
    month_end = np.append(months[1:] != months[:-1], True)
    marks = {
        "half_day": days.isin(exchange.early_closes.astype(DATE_TYPE)),
        "monthly_expiry": days.isin(expiry),
        "quarterly_expiry": days.isin(in_quarter),
        "index_rebalance": days.isin(rebalance),
        "month_end": month_end,
        "quarter_end": month_end & days.month.isin(QUARTER_MONTHS),
    }
    return pd.DataFrame(marks, index=days)


def _fridays(days: pd.DatetimeIndex, nth: int) -> pd.DatetimeIndex:
    """The nth Friday of every month, whether or not the exchange trades on it."""
    every = pd.DatetimeIndex(pd.date_range(days[0], days[-1], freq="D").to_numpy().astype(DATE_TYPE))
    return pd.DatetimeIndex(every[(every.day_of_week == FRIDAY) & ((every.day - 1) // 7 == nth - 1)])


def _moved(dates: pd.DatetimeIndex, days: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Dates moved to the trading day on or before."""
    places = days.searchsorted(dates, side="right") - 1
    return pd.DatetimeIndex(days[places[places >= 0]])


def _stamp(day: Day) -> pd.Timestamp:
    stamp = pd.Timestamp(day).normalize()
    if not pd.Timestamp(FIRST_DAY) <= stamp <= pd.Timestamp(LAST_DAY):
        raise ParameterError(f"{stamp.date()} is outside the calendar; a day from {FIRST_DAY} to {LAST_DAY} is needed")
    return stamp


def _at(place: int) -> dt.date:
    if place < 0:
        raise ParameterError(f"no trading day before {FIRST_DAY} is known; give a later day")
    return pd.Timestamp(_marked().index[place]).date()
