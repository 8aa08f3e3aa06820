"""Hourly charts: enough for the client to read when the exchange was open; prices stay at the day's close."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.loopback.history import PRICES, Served

HOUR = 3_600
SESSION = 23_400
BEFORE, AFTER = 19_800, 14_400
MOST_DAYS = 60


def result(shown: Served, meta: dict[str, Any], *, days: int, with_edges: bool) -> dict[str, Any]:
    """One chart result over the last days, with the sessions in its meta."""
    opened = shown.opened[-min(days, MOST_DAYS) :]
    closes = shown.columns["close"][-len(opened) :]
    volumes = shown.columns["volume"][-len(opened) :]
    times = (opened[:, None] + HOUR * np.arange(7)).ravel().tolist()
    prices = np.repeat(closes, 7).tolist()
    quote: dict[str, list[Any]] = {name: list(prices) for name in PRICES}
    quote["volume"] = np.repeat(volumes // 7, 7).astype(np.int64).tolist()
    regular = [[_span(meta, at, at + SESSION)] for at in opened.tolist()]
    periods: Any = regular
    if with_edges:
        before = [[_span(meta, at - BEFORE, at)] for at in opened.tolist()]
        after = [[_span(meta, at + SESSION, at + SESSION + AFTER)] for at in opened.tolist()]
        periods = {"pre": before, "regular": regular, "post": after}
    said = meta | {"dataGranularity": "1h", "tradingPeriods": periods}
    return {"meta": said, "timestamp": times, "indicators": {"quote": [quote]}}


def _span(meta: dict[str, Any], start: int, end: int) -> dict[str, Any]:
    zone = {"timezone": meta.get("timezone", "EST"), "gmtoffset": meta.get("gmtoffset", -18_000)}
    return {**zone, "start": start, "end": end}
