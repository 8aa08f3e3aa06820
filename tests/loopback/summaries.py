"""Modules of a symbol's summary, invented but in the provider's form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tests.loopback.answers import Answer, Query, as_json
from tests.loopback.world import World

PERIODS = ("0q", "+1q", "0y", "+1y")
BACK = ("7daysAgo", "30daysAgo", "60daysAgo", "90daysAgo")
UPS_AND_DOWNS = ("upLast7days", "upLast30days", "downLast30days", "downLast7Days")


def fund(symbol: str, holdings: Mapping[str, float], *, category: str = "Mid-Cap Blend", **fees: Any) -> dict[str, Any]:
    """Modules of a fund: its ten largest holdings as fractions, its fees and its profile.

    `fees` replaces entries of ``feesExpensesInvestment``: annualReportExpenseRatio, annualHoldingsTurnover,
    totalNetAssets.
    """
    held = sorted(holdings.items(), key=lambda item: -item[1])[:10]
    expenses = {"annualReportExpenseRatio": 0.0005, "annualHoldingsTurnover": 0.17, "totalNetAssets": 98_000.0, **fees}
    positions = {"cashPosition": 0.002, "stockPosition": 0.998, "bondPosition": 0, "otherPosition": 0}
    return {
        "quoteType": _quote_type(symbol, "ETF"),
        "summaryProfile": {
            "longBusinessSummary": f"{symbol} is a simulated fund.",
            "companyOfficers": [],
            "maxAge": 86400,
        },
        "topHoldings": {
            "maxAge": 1,
            **positions,
            "preferredPosition": 0,
            "convertiblePosition": 0,
            "holdings": [
                {"symbol": name, "holdingName": f"{name} Inc (simulated)", "holdingPercent": part}
                for name, part in held
            ],
            "equityHoldings": {
                "priceToEarnings": 0.055,
                "priceToBook": 0.4,
                "priceToSales": 0.7,
                "priceToCashflow": 0.1,
            },
            "bondHoldings": {},
            "bondRatings": [],
            "sectorWeightings": [{"industrials": 0.22}, {"technology": 0.15}, {"financial_services": 0.18}],
        },
        "fundProfile": {
            "maxAge": 1,
            "family": "Simulated Funds",
            "categoryName": category,
            "legalType": "Exchange Traded Fund",
            "feesExpensesInvestment": expenses,
            "feesExpensesInvestmentCat": {"annualReportExpenseRatio": 0.0089, "annualHoldingsTurnover": 0.56},
        },
        "defaultKeyStatistics": {
            "maxAge": 1,
            "category": category,
            "legalType": "Exchange Traded Fund",
            "totalAssets": 98e9,
        },
    }


def company(
    symbol: str,
    *,
    eps: Mapping[str, tuple[float, ...]] | None = None,
    revisions: Mapping[str, tuple[int, ...]] | None = None,
    earnings: str = "2026-04-28",
    shares: int = 100_000_000,
    sector: str = "Industrials",
) -> dict[str, Any]:
    """Modules of a company with estimates.

    Parameters
    ----------
    eps : mapping
        Period (0q, +1q, 0y, +1y) to the mean estimate now and 7, 30, 60 and 90 days ago.
    revisions : mapping
        Period to the number of estimates raised in 7 and 30 days, lowered in 30 and 7 days.
    earnings : str
        ISO day of the next report.
    """
    eps = eps or {name: (size, *(round(size * x, 4) for x in (0.998, 0.99, 0.985, 0.98))) for name, size in _SIZES}
    revisions = revisions or {name: (2, 5, 1, 0) for name in eps}
    trend = [_trend(period, eps[period], revisions.get(period, (0, 0, 0, 0))) for period in PERIODS if period in eps]
    at = int(dt.datetime.combine(dt.date.fromisoformat(earnings), dt.time(20), dt.UTC).timestamp())
    profile = {"sector": sector, "industry": sector, "country": "United States", "companyOfficers": [], "maxAge": 86400}
    return {
        "quoteType": _quote_type(symbol, "EQUITY"),
        "summaryProfile": {**profile, "longBusinessSummary": f"{symbol} is a simulated company."},
        "assetProfile": {**profile, "longBusinessSummary": f"{symbol} is a simulated company."},
        "earningsTrend": {"trend": trend, "maxAge": 1},
        "calendarEvents": {
            "maxAge": 1,
            "earnings": {"earningsDate": [at], "isEarningsDateEstimate": False, "earningsAverage": eps["0q"][0]},
        },
        "defaultKeyStatistics": {"maxAge": 1, "sharesOutstanding": shares, "floatShares": round(shares * 0.98)},
    }


_SIZES = (("0q", 1.25), ("+1q", 1.34), ("0y", 5.2), ("+1y", 5.9))


def answer(world: World, symbol: str, query: Query, *, crumb: str) -> Answer:
    """The modules asked for; those a symbol lacks are left out, as the provider leaves them out."""
    if query.get("crumb") != crumb:
        return _refused("finance", 401, "Unauthorized", "Invalid Crumb")
    held = world.summaries.get(symbol)
    if held is None and symbol in world.histories:
        held = {"quoteType": _quote_type(symbol, world.histories[symbol].kind)}
    if held is None:
        return _refused("quoteSummary", 404, "Not Found", f"Quote not found for symbol: {symbol}")
    found = {name: held[name] for name in query.get("modules", "").split(",") if name in held}
    if not found:
        return _refused("quoteSummary", 404, "Not Found", f"No fundamentals data found for symbol: {symbol}")
    return as_json({"quoteSummary": {"result": [found], "error": None}})


def shares(world: World, symbol: str, query: Query) -> Answer:
    """Share counts over a period; other series of this endpoint are empty."""
    meta = {"symbol": [symbol], "type": ["shares_out"]}
    first, last = int(query.get("period1", 0)), int(query.get("period2", 2**40))
    rows = [(_seconds(day), count) for day, count in world.shares.get(symbol, []) if day <= world.last]
    rows = [row for row in rows if first <= row[0] < last]
    result: dict[str, Any] = {"meta": meta}
    if rows and "type" not in query:
        result |= {"timestamp": [at for at, _ in rows], "shares_out": [count for _, count in rows]}
    return as_json({"timeseries": {"result": [result], "error": None}})


def quotes(world: World, query: Query) -> Answer:
    """The short quote of each symbol asked for; unknown ones are left out."""
    found = []
    for symbol in query.get("symbols", "").split(","):
        history = world.histories.get(symbol)
        shown = history.as_of(world.last) if history else None
        if history is None or shown is None or not len(shown.days):
            continue
        price = float(shown.columns["close"][-1])
        said = {"quoteType": history.kind, "currency": "USD", "exchangeTimezoneName": "America/New_York"}
        found.append({"symbol": symbol, **said, "regularMarketPrice": price, **history.meta})
    return as_json({"quoteResponse": {"result": found, "error": None}})


def _quote_type(symbol: str, kind: str) -> dict[str, Any]:
    name = f"{symbol} (simulated)"
    return {"quoteType": kind, "symbol": symbol, "longName": name, "shortName": name, "maxAge": 1}


def _trend(period: str, eps: tuple[float, ...], moves: tuple[int, ...]) -> dict[str, Any]:
    now = eps[0]
    estimate = {"avg": now, "low": now * 0.93, "high": now * 1.08, "yearAgoEps": now * 0.9, "numberOfAnalysts": 12}
    revenue = {"avg": now * 1e9, "low": now * 0.97e9, "high": now * 1.04e9, "numberOfAnalysts": 11}
    return {
        "maxAge": 1,
        "period": period,
        "growth": _raw(0.11),
        "earningsEstimate": {**_raws({**estimate, "growth": 0.11}), "earningsCurrency": "USD"},
        "revenueEstimate": {**_raws({**revenue, "growth": 0.06}), "revenueCurrency": "USD"},
        "epsTrend": {**_raws(dict(zip(("current", *BACK), eps, strict=True))), "epsTrendCurrency": "USD"},
        "epsRevisions": {
            **_raws(dict(zip(UPS_AND_DOWNS, moves, strict=True))),
            "downLast90days": {},
            "epsRevisionsCurrency": "USD",
        },
    }


def _raws(values: Mapping[str, float]) -> dict[str, Any]:
    return {name: _raw(value) for name, value in values.items()}


def _raw(value: float) -> dict[str, Any]:
    return {"raw": value, "fmt": f"{value:g}"}


def _seconds(day: str) -> int:
    return int(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), dt.UTC).timestamp())


def _refused(name: str, status: int, code: str, description: str) -> Answer:
    return as_json({name: {"result": None, "error": {"code": code, "description": description}}}, status)
