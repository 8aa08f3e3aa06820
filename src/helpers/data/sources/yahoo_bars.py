"""What yfinance returns, as tidy bars and a few facts about the listing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from helpers.core.errors import SchemaChanged
from helpers.data.bars import DATE_TYPE, PRICES, Bools, Floats
from helpers.data.checks import YIELDS
from helpers.data.sources import RawHistory

#: yfinance's name of each field
NAMES = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Adj Close": "adj_close",
    "Volume": "volume",
    "Dividends": "dividend",
    "Stock Splits": "split",
}
GAINS = "Capital Gains"
#: relative difference by which a high may lie under its low before the bar is impossible
ROUNDING = 1e-6
#: what is read of the metadata
META = (
    "symbol",
    "currency",
    "exchangeName",
    "exchangeTimezoneName",
    "instrumentType",
    "firstTradeDate",
    "regularMarketTime",
    "regularMarketPrice",
)


def history(symbol: str, frame: pd.DataFrame, meta: Mapping[str, Any], end: str) -> RawHistory:
    """One answer of `yfinance.Ticker.history` and its metadata; see `YahooSource.history`.

    Raises
    ------
    SchemaChanged
        A column is missing, or the days do not rise.
    """
    missing = [name for name in NAMES if name not in frame]
    if missing or not isinstance(frame.index, pd.DatetimeIndex) or not frame.index.is_monotonic_increasing:
        found = f"without {', '.join(missing)}" if missing else "whose days do not rise"
        raise SchemaChanged(
            f"{symbol}: yfinance gives a table {found}; a newer yfinance is needed: pip install -U yfinance",
            symbol=symbol,
        )
    days = frame.index.tz_localize(None).to_numpy().astype("datetime64[D]")
    places = frame.columns.get_indexer(pd.Index(list(NAMES)))
    values = frame.to_numpy(dtype=np.float64)[:, places]
    values = np.where(np.isfinite(values), values, np.nan)
    columns = dict(zip(NAMES.values(), np.ascontiguousarray(values.T), strict=True))
    prices = np.stack([columns[name] for name in PRICES], axis=1)
    high, low = columns["high"], columns["low"]
    blank = np.isnan(prices).any(axis=1) | (high < low - ROUNDING * np.abs(low))
    if symbol not in YIELDS:
        blank |= (prices <= 0).any(axis=1)
    gains = _gains(columns, frame[GAINS].to_numpy(dtype=np.float64)) if GAINS in frame else 0.0
    columns["dividend"] = _carried(columns["dividend"] + gains, blank)
    columns["split"] = _carried_splits(columns["split"], blank)
    kept = ~blank & (days <= np.datetime64(end)) if end else ~blank
    bars = {"date": days.astype(DATE_TYPE)[kept], **{name: values[kept] for name, values in columns.items()}}
    # a split is stated, and earlier prices are divided, before its day has a price
    later = blank & (columns["split"] > 0) & (np.cumsum(~blank[::-1])[::-1] == 0)
    happened = kept & ((columns["dividend"] > 0) | (columns["split"] > 0)) | later
    actions = {name: columns[name][happened] for name in ("dividend", "split")}
    return RawHistory(
        pd.DataFrame(bars, copy=False),
        pd.DataFrame({"date": days.astype(DATE_TYPE)[happened], **actions}, copy=False),
        {**_listing(meta), "blank": [str(day) for day in days[blank]]},
    )


def _gains(columns: Mapping[str, Floats], gains: Floats) -> Floats:
    """Capital gains to be added to the dividends: those that the adjusted close counts on top of them."""
    close, adjusted = columns["close"], columns["adj_close"]
    before = np.concatenate([[np.nan], close[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        growth = adjusted[1:] / adjusted[:-1] * (before[1:] / close[1:])
        paid = np.concatenate([[np.nan], before[1:] * (1 - 1 / growth)])
    stated = columns["dividend"]
    is_extra = np.abs(paid - stated - gains) < np.abs(paid - stated)
    return np.where((gains > 0) & is_extra, gains, 0.0)


def _carried(dividend: Floats, blank: Bools) -> Floats:
    """Dividends, with what was paid on a day without prices moved to the next day that has them."""
    carried, usable = dividend.copy(), np.flatnonzero(~blank)
    for row in np.flatnonzero(blank & (dividend > 0)):
        later = usable[usable > row]
        carried[later[:1]] += dividend[row]
    return carried


def _carried_splits(split: Floats, blank: Bools) -> Floats:
    """Splits, with one of a day without prices moved to the next day that has them."""
    carried, usable = split.copy(), np.flatnonzero(~blank)
    for row in np.flatnonzero(blank & (split > 0)):
        later = usable[usable > row]
        carried[later[:1]] = split[row] * np.where(carried[later[:1]] > 0, carried[later[:1]], 1.0)
    return carried


def _listing(meta: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that tell one listing from another, when its first and last trades were, and at what price."""
    price = meta.get("regularMarketPrice")
    first, last = (_moment(meta.get(name)) for name in ("firstTradeDate", "regularMarketTime"))
    return {
        "source": "Yahoo Finance",
        "simulated": False,
        "symbol": str(meta.get("symbol") or ""),
        "currency": str(meta.get("currency") or ""),
        "exchange": str(meta.get("exchangeName") or ""),
        "zone": str(meta.get("exchangeTimezoneName") or ""),
        "kind": str(meta.get("instrumentType") or ""),
        "first_trade": first.date().isoformat() if first is not None else "",
        "market_time": last.isoformat() if last is not None else "",
        "price": float(price) if isinstance(price, int | float) else np.nan,
    }


def _moment(stated: Any) -> pd.Timestamp | None:
    """A moment in UTC, stated in seconds or as a time with its zone."""
    if isinstance(stated, int | float):
        return pd.Timestamp(stated, unit="s", tz=dt.UTC)
    return pd.Timestamp(stated).tz_convert("UTC") if isinstance(stated, dt.datetime) else None
