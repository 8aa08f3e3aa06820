"""What an answer says of itself: whose bars they are, and whether the last one is final."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from helpers.core.errors import BadData
from helpers.data import calendar
from helpers.data.upkeep.holding import Holding

CURRENCY = "USD"
#: a bar whose last trade was this long before the close is not the whole day's
UNFINISHED = pd.Timedelta(minutes=10)
#: relative difference of the last close from the last price beside it within which the bar is final
FINAL_PRICE = 1e-3


def refuse(holding: Holding, meta: Mapping[str, Any], *, accepted: bool) -> None:
    """Another symbol is never taken; another currency or exchange is another listing, which a person may accept.

    Raises
    ------
    BadData
        The answer is about something else than what is held.
    """
    told = str(meta.get("symbol") or "")
    if told and told.upper() != holding.symbol.upper():
        raise BadData(f"{holding.symbol}: the answer is about {told}; correct the ticker", symbol=holding.symbol)
    for name, expected in (("currency", holding.currency or CURRENCY), ("exchange", holding.exchange)):
        found = str(meta.get(name) or "")
        if not accepted and expected and found and found != expected:
            was = "was held" if getattr(holding, name) else "needed"
            raise bad(holding.symbol, f"{name} {found} found, {expected} {was}: another listing?")


def is_unfinished(day: pd.Timestamp, close: float, meta: Mapping[str, Any]) -> bool:
    """Whether the last bar was taken long before that day's close, or ends at another price than the day's last."""
    moment, price = meta.get("market_time"), meta.get("price")
    if not moment or not calendar.is_trading_day(day):
        return False
    traded = pd.Timestamp(moment)
    if traded.tz_convert(calendar.EXCHANGE_ZONE).date() != day.date():
        return False
    # an index keeps its own hours
    is_early = meta.get("kind") != "INDEX" and traded < calendar.close_of(day) - UNFINISHED
    return bool(is_early or (price and abs(close / price - 1) > FINAL_PRICE))


def bad(symbol: str, what: str) -> BadData:
    """The error for an answer that must not be used until a person has looked at it."""
    remedy = f"look the symbol up, then: breadthbook data update --accept {symbol}"
    return BadData(f"{symbol}: {what}; {remedy}", symbol=symbol)
