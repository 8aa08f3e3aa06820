"""Ways in which an answer goes wrong, and the order in which they do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Lock
from typing import Any

from tests.loopback.answers import Answer, as_json, as_page
from tests.loopback.chart import append_bar, failure
from tests.loopback.history import PRICES

#: an answer and the amount written behind the name, as in "slow:2.5"; 0 means the fault's own
Fault = Callable[[Answer, float], Answer]

#: faults of the tunnel, which hits every symbol of a host
OF_THE_TUNNEL = ("refuse", "wrong certificate")
#: faults that hit every request of any kind, unless told otherwise
OF_EVERYTHING = ("down",)
EVERY = "*"
DAY = 86_400


def _sent(answer: Answer) -> Fault:
    return lambda _, __: answer


def _of_result(change: Callable[[dict[str, Any], float], None]) -> Fault:
    """A fault of the chart's one result; an answer that has none stays as it is."""

    def fault(answer: Answer, amount: float) -> Answer:
        content = json.loads(answer.body) if answer.status == 200 else {}
        results = (content.get("chart") or {}).get("result")
        if not results:
            return answer
        change(results[0], amount)
        return replace(answer, body=json.dumps(content, separators=(",", ":")).encode())

    return fault


def _of_bars(change: Callable[[dict[str, list[Any]], list[int], int], None], places: int = 1) -> Fault:
    """A fault of some bars; the amount is how many, counted from the middle of the rows."""

    def of_result(result: dict[str, Any], amount: float) -> None:
        times = result.get("timestamp") or []
        middle = len(times) // 2
        for place in range(middle, min(middle + (int(amount) or places), len(times))):
            change(_columns(result), times, place)

    return _of_result(of_result)


def _columns(result: dict[str, Any]) -> dict[str, list[Any]]:
    found = dict(result["indicators"]["quote"][0])
    if result["indicators"].get("adjclose"):
        found["adjclose"] = result["indicators"]["adjclose"][0].get("adjclose")
    return {name: values for name, values in found.items() if values}


def _fill(value: Any, *fields: str) -> Callable[[dict[str, list[Any]], list[int], int], None]:
    def change(columns: dict[str, list[Any]], times: list[int], place: int) -> None:
        for name in fields or columns:
            columns[name][place] = value

    return change


def _scale(factor: float, *fields: str) -> Callable[[dict[str, list[Any]], list[int], int], None]:
    def change(columns: dict[str, list[Any]], times: list[int], place: int) -> None:
        for name in fields:
            if columns[name][place] is not None:
                columns[name][place] *= factor

    return change


def _repeat(columns: dict[str, list[Any]], times: list[int], place: int) -> None:
    times.insert(place, times[place])
    for values in columns.values():
        values.insert(place, values[place])


def _swap(columns: dict[str, list[Any]], times: list[int], place: int) -> None:
    """Exchange two neighbouring rows, their times included."""
    for values in (times, *columns.values()):
        values[place - 1], values[place] = values[place], values[place - 1]


def _inverted(columns: dict[str, list[Any]], times: list[int], place: int) -> None:
    columns["high"][place], columns["low"][place] = columns["low"][place], columns["high"][place]


def _double_last(result: dict[str, Any], amount: float) -> None:
    """One more row for the last day, half an hour before its close and 1% higher."""
    factor = amount or 1.01
    columns = _columns(result)
    prices = [columns[name][-1] * factor for name in PRICES]
    append_bar(result, result["timestamp"][-1] + 21_600, prices, prices[3], columns["volume"][-1])


def _without(*keys: str) -> Fault:
    def change(result: dict[str, Any], amount: float) -> None:
        for key in keys:
            result.pop(key, None)

    return _of_result(change)


def _empty_quote(result: dict[str, Any], amount: float) -> None:
    result.pop("timestamp", None)
    result["indicators"] = {"quote": [{}], "adjclose": [{}]}


def _said(**changes: Any) -> Fault:
    def change(result: dict[str, Any], amount: float) -> None:
        result["meta"] = {k: v for k, v in (result["meta"] | changes).items() if v is not None}

    return _of_result(change)


def _renamed_fields(result: dict[str, Any], amount: float) -> None:
    quote = result["indicators"]["quote"][0]
    result["indicators"]["quote"] = [{f"regular{name.title()}": values for name, values in quote.items()}]


def _renamed_chart(answer: Answer, amount: float) -> Answer:
    return replace(answer, body=answer.body.replace(b'{"chart":', b'{"priceChart":', 1))


def _no_adjusted(result: dict[str, Any], amount: float) -> None:
    result["indicators"].pop("adjclose", None)


_SHORT = as_page("502 Bad Gateway", 502)
_CONSENT = as_page("Yahoo is part of the Yahoo family of brands")

FAULTS: dict[str, Fault] = {
    "ok": lambda answer, _: answer,
    # of the status
    "429": _sent(Answer(429, b"Too Many Requests\r\n", "text/plain")),
    "500": _sent(failure(500, "Internal Server Error", "oops")),
    "502": _sent(_SHORT),
    "401": _sent(as_json({"finance": {"result": None, "error": {"code": "Unauthorized", "description": "no"}}}, 401)),
    "404": _sent(failure(404, "Not Found", "No data found, symbol may be delisted")),
    "404 without reason": _sent(Answer(404, b"", "text/plain")),
    # of the body
    "html": _sent(_CONSENT),
    "down page": _sent(as_page("Will be right back...")),
    "empty": lambda answer, _: replace(answer, body=b""),
    "truncated": lambda answer, _: replace(answer, body=answer.body[: len(answer.body) // 2]),
    "result null": _sent(as_json({"chart": {"result": None, "error": None}})),
    "result empty": _sent(as_json({"chart": {"result": [], "error": None}})),
    # of the connection
    "short": lambda answer, _: replace(answer, cut=True),
    "slow": lambda answer, amount: replace(answer, delay=amount or 5.0),
    "slow body": lambda answer, amount: replace(answer, drip=amount or 5.0),
    "reset": lambda answer, _: replace(answer, reset=True),
    "down": lambda answer, _: replace(answer, reset=True),
    "refuse": lambda answer, _: answer,
    "wrong certificate": lambda answer, _: answer,
    # of the form
    "no timestamp": _without("timestamp"),
    "quote empty": _of_result(_empty_quote),
    "no zone": _said(exchangeTimezoneName=None),
    "no currency": _said(currency=None),
    "pence": _said(currency="GBp"),
    "renamed fields": _of_result(_renamed_fields),
    "renamed chart": _renamed_chart,
    # of the bars
    "null rows": _of_bars(_fill(None), 3),
    "null volume": _of_bars(_fill(None, "volume")),
    "zero row": _of_bars(_fill(0)),
    "double last": _of_result(_double_last),
    "double middle": _of_bars(_repeat),
    "spike": _of_bars(_scale(100, *PRICES)),
    "high below low": _of_bars(_inverted),
    "negative": _of_bars(_scale(-1, *PRICES)),
    "infinite": _of_bars(_fill(float("inf"), "high", "adjclose")),
    "disorder": _of_bars(_swap),
    "adjclose null": _of_bars(_fill(None, "adjclose")),
    "adjclose missing": _of_result(_no_adjusted),
}


def parsed(name: str) -> tuple[str, float]:
    """A fault's name and its amount: "slow:2.5" is ("slow", 2.5)."""
    plain, _, amount = name.partition(":")
    if plain not in FAULTS:
        raise ValueError(f"{plain!r} is not a fault; {', '.join(FAULTS)} are")
    return plain, float(amount or 0)


class Schedule:
    """The faults still to come, for each kind of request and each symbol or host."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._coming: dict[tuple[str, str], list[str]] = {}

    def plan(self, key: str, names: Iterable[str], on: str | None) -> str:
        """Line up faults; returns the kind of request that they hit."""
        listed = list(names) or ["ok"]
        plain = {parsed(name)[0] for name in listed}
        kind = on or ("any" if plain & set(OF_EVERYTHING) else "chart")
        if plain & set(OF_THE_TUNNEL):
            kind = "connect"
            if key != EVERY and "." not in key:
                raise ValueError(f"{key}: a tunnel is opened before any symbol is known; give * or a host")
        with self._lock:
            self._coming[kind, key] = listed
        return kind

    def next(self, kind: str, key: str) -> str:
        """The fault that hits this request, with its amount; "ok" for none."""
        with self._lock:
            for place in ((kind, key), (kind, EVERY), ("any", key), ("any", EVERY)):
                if place in self._coming and not (kind == "connect" and place[0] == "any"):
                    listed = self._coming[place]
                    return listed.pop(0) if len(listed) > 1 else listed[0]
        return "ok"

    def clear(self) -> None:
        """No fault any more."""
        with self._lock:
            self._coming.clear()
