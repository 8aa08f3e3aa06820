"""What Yahoo tells of a symbol only as of today, out of the client's own tables; `ticker` is a ``yfinance.Ticker``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.bars import DATE_TYPE
from helpers.data.sources import yahoo_faults

#: our name of each estimate, and Yahoo's in small letters: it has changed their case before
ESTIMATES = {
    "current": "current",
    "days_7": "7daysago",
    "days_30": "30daysago",
    "days_60": "60daysago",
    "days_90": "90daysago",
    "up_7": "uplast7days",
    "up_30": "uplast30days",
    "down_7": "downlast7days",
    "down_30": "downlast30days",
}
EVENTS = {"Ex-Dividend Date": "ex-dividend", "Dividend Date": "dividend paid"}


def shares(ticker: Any, start: str, today: dt.date) -> pd.DataFrame:
    """Shares outstanding: ``date`` (datetime64), ``shares``, ``basis``; one row a day stated, none where unknown.

    Funds have no series; for these the one row, of `today`, is the stated count, or net assets over net asset value,
    as ``basis`` says. The second follows the price when either of the two is updated late.
    """
    series = ticker.get_shares_full(start=start or None)
    if series is not None and len(series):
        days = pd.DatetimeIndex(series.index).tz_localize(None).normalize()
        known = pd.DataFrame({"date": days.to_numpy().astype(DATE_TYPE), "shares": series.to_numpy(dtype=np.float64)})
        return known.drop_duplicates("date", keep="last", ignore_index=True).assign(basis="stated")
    facts = ticker.get_info()
    stated, assets, value = (facts.get(name) for name in ("sharesOutstanding", "totalAssets", "navPrice"))
    day = _dates([today])
    if stated:
        return pd.DataFrame({"date": day, "shares": float(stated), "basis": "stated"})
    if assets and value:
        return pd.DataFrame({"date": day, "shares": assets / value, "basis": "net assets / net asset value"})
    return pd.DataFrame({"date": day[:0], "shares": pd.Series(dtype=float), "basis": pd.Series(dtype="str")})


def estimates(ticker: Any) -> pd.DataFrame:
    """Analysts' earnings per share: a row per period (0q, +1q, 0y, +1y).

    Columns: ``period``; ``current``, ``days_7``, ``days_30``, ``days_60``, ``days_90`` (the estimate now and that many
    days ago); ``up_7``, ``up_30``, ``down_7``, ``down_30`` (analysts who changed it). NaN where unknown; no rows for a
    fund.
    """
    try:
        trend, revisions = ticker.eps_trend, ticker.eps_revisions
    except Exception as error:
        if not isinstance(error, TypeError | KeyError) and not yahoo_faults.is_about_a_part(error):
            raise
        trend = revisions = pd.DataFrame()  # no such module: a fund, or a company nobody follows
    held = {str(name).lower(): table[name] for table in (trend, revisions) for name in table.columns}
    periods = list(dict.fromkeys([*trend.index, *revisions.index]))
    rows = pd.DataFrame({"period": pd.Series(periods, dtype="str")})
    for name, theirs in ESTIMATES.items():
        column = held.get(theirs, pd.Series(dtype=float)).reindex(periods)
        rows[name] = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    return rows


def holdings(ticker: Any) -> pd.DataFrame:
    """A fund's largest holdings as Yahoo lists them: ``symbol``, ``name``, ``weight`` (fraction); empty if none."""
    try:
        top = ticker.funds_data.top_holdings
    except Exception as error:
        if not isinstance(error, KeyError) and type(error).__name__ != "YFDataException":
            raise
        top = None  # not a fund
    if top is None or top.empty:
        return pd.DataFrame({"symbol": [], "name": [], "weight": []}).astype({"symbol": "str", "name": "str"})
    weight = pd.to_numeric(top["Holding Percent"], errors="coerce").to_numpy(dtype=np.float64)
    return pd.DataFrame({"symbol": list(top.index), "name": list(top["Name"]), "weight": weight})


def events(ticker: Any) -> pd.DataFrame:
    """Dated events of a company that Yahoo knows of: ``date`` (datetime64), ``event``; empty if none."""
    try:
        known = ticker.calendar or {}
    except Exception as error:
        if not yahoo_faults.is_about_a_part(error):
            raise
        known = {}  # a fund, or a company without a date
    days = [(day, "earnings") for day in known.get("Earnings Date", []) or []]
    days += [(known[name], text) for name, text in EVENTS.items() if known.get(name)]
    days = [(day, text) for day, text in days if isinstance(day, dt.date)]
    names = pd.Series([text for _, text in days], dtype="str")
    return pd.DataFrame({"date": _dates([day for day, _ in days]), "event": names})


def _dates(days: Sequence[dt.date]) -> pd.Series:
    return pd.Series(np.array([day.isoformat() for day in days], dtype=DATE_TYPE))
