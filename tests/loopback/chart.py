"""Answers of the chart endpoint: bars, events and what is said about the symbol."""

from __future__ import annotations

import datetime as dt
import json
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from helpers.data import calendar
from tests.loopback import intraday
from tests.loopback.answers import JSON_TYPE, Answer, Query, as_json
from tests.loopback.history import PRICES, History, Served, opening_times
from tests.loopback.world import World

RANGES = ("1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max")
SESSION, HALF_SESSION, MIDDLE = 23_400, 12_600, 11_700  # seconds: 6.5 h, 3.5 h, 3.25 h
NAMES = {"ETF": ("PCX", "NYSEArca"), "EQUITY": ("NYQ", "NYSE"), "INDEX": ("SNP", "SNP")}
MOST_BODIES = 4_000


class Charts:
    """The charts of a world; a body is written once and kept until the symbol or the day changes."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._bodies: dict[tuple[Any, ...], Answer] = {}

    def answer(self, symbol: str, query: Query) -> Answer:
        """The chart of a symbol over the range or the period asked for."""
        history = self.world.histories.get(symbol)
        shown = history.as_of(self.world.last) if history else None
        if history is None or shown is None or not len(shown.days):
            return failure(404, "Not Found", "No data found, symbol may be delisted")
        interval = query.get("interval", "1d")
        if interval in ("1h", "60m"):
            return self._hourly(symbol, history, shown, query)
        if interval != "1d":
            return failure(422, "Unprocessable Entity", "this stand-in serves interval=1d and 1h only")
        live = self.world.live.get(symbol)
        start, end = _limits(shown, query, live is not None)
        if end is not None and end <= shown.opened[0]:
            text = f"Data doesn't exist for startDate = {query.get('period1')}, endDate = {query.get('period2')}"
            return failure(400, "Bad Request", text)
        lo, hi = int(np.searchsorted(shown.opened, start)), len(shown.opened)
        live_at = _next_opening(self.world.last) + MIDDLE
        if end is not None:
            hi = int(np.searchsorted(shown.opened, end))
            live = live if start <= live_at < end else None
        known = (symbol, history.revision, self.world.last, self.world.live.get(symbol))
        key = (*known, live, lo, hi, query.get("events"), query.get("range"))
        if key not in self._bodies:
            if len(self._bodies) > MOST_BODIES:
                self._bodies.clear()
            result = self._result(symbol, history, shown, slice(lo, hi), query)
            if live is not None:
                append_bar(result, live_at, live[:4], live[3], live[4])
            self._bodies[key] = Answer(200, encoded(result), JSON_TYPE)
        return self._bodies[key]

    def _hourly(self, symbol: str, history: History, shown: Served, query: Query) -> Answer:
        meta = self.meta(symbol, history, shown, slice(0, None), query)
        edges = query.get("includePrePost", "").lower() == "true"
        days = {"1d": 1, "1mo": 21}.get(query.get("range", ""), 5)
        result = intraday.result(shown, meta, days=days, with_edges=edges)
        return as_json({"chart": {"result": [result], "error": None}})

    def _result(self, symbol: str, history: History, shown: Served, part: slice, query: Query) -> dict[str, Any]:
        result: dict[str, Any] = {"meta": self.meta(symbol, history, shown, part, query)}
        times = shown.opened[part].tolist()
        if not times:
            return result | {"indicators": {"quote": [{}], "adjclose": [{}]}}
        columns = {name: list(texts[part]) for name, texts in _texts(shown).items()}
        result["timestamp"] = times
        events = _events(shown, times[0], query.get("events", ""))
        if events:
            result["events"] = events
        adjusted = columns.pop("adjclose")
        result["indicators"] = {"quote": [columns], "adjclose": [{"adjclose": adjusted}]}
        return result

    def meta(self, symbol: str, history: History, shown: Served, part: slice, query: Query) -> dict[str, Any]:
        """What the chart says about a symbol; a value of None in the world's changes takes a key away."""
        columns, live = shown.columns, self.world.live.get(symbol)
        year = slice(max(0, len(shown.days) - 252), None)
        at = int(shown.opened[-1])
        if live is None:
            bar = tuple(float(columns[name][-1]) for name in (*PRICES, "volume"))
            traded = at + _length(str(shown.days[-1]))
        else:
            bar, at = live, _next_opening(self.world.last)
            traded = at + MIDDLE
        place = max(0, part.start - 1)
        exchange, full = NAMES.get(history.kind, NAMES["EQUITY"])
        said: dict[str, Any] = {
            "currency": "USD",
            "symbol": symbol,
            "exchangeName": exchange,
            "fullExchangeName": full,
            "instrumentType": history.kind,
            "firstTradeDate": int(history.opened[0]),
            "regularMarketTime": traded,
            "hasPrePostMarketData": history.kind != "INDEX",
            "gmtoffset": -14_400 if _is_summer(at) else -18_000,
            "timezone": "EDT" if _is_summer(at) else "EST",
            "exchangeTimezoneName": "America/New_York",
            "regularMarketPrice": bar[3],
            "fiftyTwoWeekHigh": max(float(np.nanmax(columns["high"][year])), bar[1]),
            "fiftyTwoWeekLow": min(float(np.nanmin(columns["low"][year])), bar[2]),
            "regularMarketDayHigh": bar[1],
            "regularMarketDayLow": bar[2],
            "regularMarketVolume": int(bar[4]),
            "longName": f"{symbol} (simulated)",
            "shortName": symbol,
            "chartPreviousClose": float(columns["close"][place]),
            "priceHint": 2,
            "currentTradingPeriod": _periods(at),
            "dataGranularity": "1d",
            "range": query.get("range", ""),
            "validRanges": list(RANGES),
        }
        said |= history.meta
        return {key: value for key, value in said.items() if value is not None}


def encoded(result: dict[str, Any]) -> bytes:
    """The body of a chart whose columns hold texts of numbers, which is far quicker than to write numbers."""
    quote = result["indicators"]["quote"][0]
    places = [(quote, name) for name in quote] + [
        (part, "adjclose") for part in result["indicators"]["adjclose"] if part
    ]
    columns = [",".join(map(str, holder[name])) for holder, name in places]
    for number, (holder, name) in enumerate(places):
        holder[name] = f"@{number}@"
    body = json.dumps({"chart": {"result": [result], "error": None}}, separators=(",", ":"))
    for number, column in enumerate(columns):
        body = body.replace(f'"@{number}@"', f"[{column}]", 1)
    return body.encode()


def _texts(shown: Served) -> dict[str, list[str]]:
    """Each column as JSON writes it, absent values included."""
    found = {}
    for name, values in shown.columns.items():
        plain = values.astype(np.int64) if name == "volume" else values
        array = pa.array(plain, mask=shown.null | np.isnan(values)).cast(pa.string())
        found[name] = array.fill_null("null").to_pylist()
    return found


def failure(status: int, code: str, description: str, name: str = "chart") -> Answer:
    """A refusal in the provider's words."""
    return as_json({name: {"result": None, "error": {"code": code, "description": description}}}, status)


def append_bar(result: dict[str, Any], at: int, prices: Any, adjusted: float, volume: float) -> None:
    """Put one more row behind the others of a chart."""
    quote = result["indicators"]["quote"][0]
    if "timestamp" not in result:
        result["timestamp"] = []
        quote.update({name: [] for name in (*PRICES, "volume")})
        result["indicators"]["adjclose"] = [{"adjclose": []}]
    result["timestamp"].append(at)
    for name, value in zip(PRICES, prices, strict=True):
        quote[name].append(value)
    quote["volume"].append(int(volume))
    result["indicators"]["adjclose"][0]["adjclose"].append(adjusted)


def _limits(shown: Served, query: Query, is_live: bool) -> tuple[int, int | None]:
    """First second asked for and the second before which the answer ends; None when it is open."""
    if "period1" in query or "period2" in query:
        return int(float(query.get("period1", 0))), int(float(query.get("period2", 2**40)))
    span = query.get("range", "1mo")
    if span == "max":
        return 0, None
    if span.endswith("d"):
        count = int(span[:-1]) - is_live
        return (
            int(shown.opened[-count]) if 0 < count <= len(shown.opened) else int(shown.opened[-1]) + bool(is_live)
        ), None
    last = pd.Timestamp(str(shown.days[-1]))
    unit = {"mo": "months", "wk": "weeks", "y": "years"}
    name = next((name for name in unit if span.endswith(name)), None)
    first = pd.Timestamp(last.year, 1, 1)
    if name and span != "ytd":
        first = last - pd.DateOffset(**{unit[name]: int(span.removesuffix(name))})  # type: ignore[arg-type]
    return int(opening_times(np.array([first.date()], dtype="datetime64[D]"))[0]), None


def _events(shown: Served, first: int, asked: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "div" in asked:
        found["dividends"] = {str(at): {"amount": paid, "date": at} for at, paid in shown.dividends if at >= first}
    if "split" in asked:
        found["splits"] = {str(at): _split(at, ratio) for at, ratio in shown.splits if at >= first}
    return {name: events for name, events in found.items() if events}


def _split(at: int, ratio: float) -> dict[str, Any]:
    new, old = (ratio, 1) if ratio >= 1 else (1, round(1 / ratio, 6))
    return {"date": at, "numerator": float(new), "denominator": float(old), "splitRatio": f"{new:g}:{old:g}"}


@lru_cache(maxsize=64)
def _next_opening(day: str) -> int:
    """Opening of the trading day after `day`."""
    after = pd.Timestamp(day) + pd.Timedelta(days=1)
    following = calendar.trading_days(after, after + pd.Timedelta(days=10)).index[:1]
    return int(opening_times(following.to_numpy().astype("datetime64[D]"))[0])


@lru_cache(maxsize=64)
def _length(day: str) -> int:
    """Seconds for which the exchange is open on `day`."""
    marks = calendar.trading_days(day, day)
    return HALF_SESSION if len(marks) and bool(marks["half_day"].iloc[0]) else SESSION


def _is_summer(at: int) -> bool:
    """Whether New York keeps summer time at that moment: the exchange then opens at 13:30 UTC."""
    return dt.datetime.fromtimestamp(at, dt.UTC).hour == 13


def _periods(at: int) -> dict[str, Any]:
    zone = {"timezone": "EDT", "gmtoffset": -14_400} if _is_summer(at) else {"timezone": "EST", "gmtoffset": -18_000}
    end = at + SESSION
    spans = {"pre": (at - 19_800, at), "regular": (at, end), "post": (end, end + 14_400)}
    return {name: {**zone, "start": start, "end": finish} for name, (start, finish) in spans.items()}
