"""Cap tiers and sectors against the market: the rotation picture and the performance grid."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.core.findings import Finding
from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.sections.section import Ledger
from helpers.signals import relative

#: the basis that needs no remark
DIVIDENDS = "close and dividends"
SPANS = ("1D", "1W", "MTD", "QTD", "YTD", "1Y")
_SPAN_DAYS = {"1D": 1, "1W": 5, "1Y": 252}
_SPAN_PERIODS = {"MTD": "M", "QTD": "Q", "YTD": "Y"}


def groups(params: Params) -> dict[str, str]:
    """Every symbol of the pictures with its group, each symbol once."""
    named = (("cap tier", params.tiers), ("mega stand-in", params.stand_ins[1:]), ("sector", params.sectors))
    out: dict[str, str] = {}
    for group, symbols in named:
        for symbol in symbols:
            out.setdefault(symbol, group)
    return out


def basis(snapshot: Snapshot, *symbols: str) -> str:
    """How the total return of these symbols is made: "total return", and what stands in for dividends where it does."""
    made = {symbol: str(snapshot.status(symbol).basis) for symbol in symbols}
    other = [f"{symbol}: {how}" for symbol, how in made.items() if how not in (DIVIDENDS, "none")]
    return f"total return ({'; '.join(other)})" if other else "total return"


def total_return(snapshot: Snapshot, params: Params) -> pd.DataFrame:
    """Total-return index of every symbol the note reads; unknown throughout for one whose bars are quarantined."""
    symbols = list(params.symbols)
    index = snapshot.wide("close", "total_return", symbols)
    unfit = [symbol for symbol in symbols if snapshot.status(symbol).status == "quarantined"]
    return index.assign(**dict.fromkeys(unfit, np.nan))


def finished_weeks(snapshot: Snapshot, frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the last trading day of each week that is over, by the exchange calendar."""
    days = snapshot.calendar.index
    week = pd.DatetimeIndex(days).to_period("W-SUN")
    is_last = pd.Series(week[:-1] != week[1:], index=days[:-1])
    return frame[is_last.reindex(frame.index, fill_value=False)]


def state_rotation(ledger: Ledger, snapshot: Snapshot, params: Params, index: pd.DataFrame) -> pd.DataFrame:
    """State each tier's and sector's quadrant; give back the picture's frame with its tails.

    Returns
    -------
    DataFrame, ``rrg_tail`` + 1 rows a symbol
        Columns date (last day of a finished week), symbol, label, group, rs_ratio, rs_momentum, quadrant, is_last.
    """
    shown = {symbol: group for symbol, group in groups(params).items() if group != "mega stand-in"}
    shown.pop(params.market, None)
    weekly = finished_weeks(snapshot, index)
    line = weekly[list(shown)].div(weekly[params.market], axis=0)
    level, momentum, quadrant = relative.rotation(line, params.rrg_window)
    rows = []
    for symbol, group in shown.items():
        label = snapshot.label(symbol)
        latest = quadrant[symbol].iloc[-1] if len(quadrant) else ""
        week = weekly.index[-1].date().isoformat() if len(weekly) else snapshot.bars_to
        ledger.state(
            "quadrant",
            latest or None,
            "label",
            subject=label,
            key={"window": params.rrg_window, "group": group},
            basis=basis(snapshot, symbol, params.market),
            as_of=week,
        )
        tail = pd.DataFrame(
            {
                "symbol": symbol,
                "label": label,
                "group": group,
                "rs_ratio": level[symbol],
                "rs_momentum": momentum[symbol],
                "quadrant": quadrant[symbol],
            }
        ).tail(params.rrg_tail + 1)
        tail["is_last"] = np.arange(len(tail)) == len(tail) - 1
        rows.append(tail.rename_axis("date").reset_index())
    return pd.concat(rows, ignore_index=True)


def state_grid(ledger: Ledger, snapshot: Snapshot, params: Params, index: pd.DataFrame) -> pd.DataFrame:
    """State total returns over six spans for tiers, stand-ins and sectors; give back the heatmap's frame.

    Returns
    -------
    DataFrame, a row per symbol and span
        Columns symbol, label, group, span, value (fraction, NaN = no data), text.
    """
    rows = []
    for symbol, group in groups(params).items():
        label = snapshot.label(symbol)
        for span in SPANS:
            value = _span_return(index[symbol], span)
            finding: Finding = ledger.state(
                "performance", value, "fraction", subject=label, key={"span": span}, basis=basis(snapshot, symbol)
            )
            text = finding.text(signed=True) if finding.is_known else "–"
            rows.append((symbol, label, group, span, value, text))
    return pd.DataFrame(rows, columns=["symbol", "label", "group", "span", "value", "text"])


def _span_return(line: pd.Series, span: str) -> float:
    """Return over one span, as a fraction; NaN when the day before the span is not held."""
    if span in _SPAN_DAYS:
        start = line.iloc[-1 - _SPAN_DAYS[span]] if len(line) > _SPAN_DAYS[span] else np.nan
    else:
        period = pd.DatetimeIndex(line.index).to_period(_SPAN_PERIODS[span])
        before = line[period < period[-1]]
        start = before.iloc[-1] if len(before) else np.nan
    return float(line.iloc[-1] / start - 1)
