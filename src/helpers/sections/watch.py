"""A list of symbols on one day: new, near and failed highs, and what could not be told of the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.data.snapshot import Snapshot
from helpers.sections import tiers, trading
from helpers.sections.section import Ledger, Section
from helpers.signals import breakout, scan

WINDOW = breakout.TRADING_DAYS_PER_YEAR
#: checks whose flag takes a print out of the levels
_SET_ASIDE = {"high": ("lone_high", "ohlc_order"), "low": ("lone_low", "ohlc_order")}
#: what is stated of a symbol that is new, near or failed: name, unit, settings
STATED = (
    ("state", "label", {"window": WINDOW}),
    ("close", "price", {}),
    ("level", "price", {"window": WINDOW}),
    ("margin", "fraction", {"window": WINDOW}),
    ("nearness", "fraction", {"window": WINDOW}),
    ("is_confirmed", "bool", {"window": WINDOW}),
    ("days_since_high", "days", {"window": WINDOW}),
    ("breakout_level", "price", {"within": scan.FAILED_WITHIN}),
    *((f"rvol_{window}", "multiple", {"window": window}) for window in scan.VOLUME_WINDOWS),
    ("base_length", "days", {"window": WINDOW}),
    ("base_depth", "fraction", {"window": WINDOW}),
    ("excess", "points", {"window": scan.EXCESS_WINDOW}),
    ("rs_percentile", "fraction", {}),
)
_TOTAL_RETURN = ("excess", "rs_percentile")


def watch(snapshot: Snapshot, symbols: Sequence[str], market: str) -> Section:
    """Findings and frames on where each symbol stands against its highest price of 252 trading days.

    Highs that no neighbour supports are set aside as in a note.

    Parameters
    ----------
    snapshot : Snapshot
        Bars of `symbols` and of the market.
    symbols : sequence of str
        Each once; relative strength is ranked among those with a total return.
    market : str
        What relative strength is measured against.

    Returns
    -------
    Section
        Findings ``watch.*``; the frames ``rows`` (new, near and failed symbols in this order and ranked within: by
        relative strength, by nearness, by how far the close is below the level; columns as of `scan.last_day`, and
        ``symbol``) and ``apart`` (``symbol``, ``status``, ``reason``).
    """
    names = list(symbols)
    panel, is_doubtful = _panel(snapshot, names)
    index = snapshot.wide("close", "total_return", [market])[market]
    if snapshot.status(market).status == "quarantined":
        index = index * np.nan
    unusual = snapshot.calendar[list(trading.MARKS)].any(axis=1).reindex(panel.close.index, fill_value=False)
    table = scan.last_day(panel, index, WINDOW, unusual=unusual)
    # the print of the day is set aside: whether a price between was traded is not known
    table.loc[is_doubtful & (table["state"] != "new"), "state"] = ""
    rows = _ranked(table)
    apart = _apart(snapshot, table, panel, is_doubtful)
    ledger = Ledger("watch", subject="list", as_of=snapshot.bars_to, source=snapshot.source)
    ledger.state("listed", len(names), "count")
    for state in ("new", "near", "failed", "none"):
        count = int((table["state"] == state).sum())
        ledger.state("symbols", count, "count", key={"state": state, "window": WINDOW}, n=len(names))
    ledger.state("apart", len(apart), "count", n=len(names))
    for row in rows.to_dict("records"):
        symbol = str(row["symbol"])
        strength = tiers.basis(snapshot, symbol, market)
        for name, unit, key in STATED:
            basis = strength if name in _TOTAL_RETURN else "tape"
            ledger.state(name, row[name], unit, subject=snapshot.label(symbol), key=key, basis=basis)
    return Section("watch", ledger.findings, {"rows": rows, "apart": apart})


def _panel(snapshot: Snapshot, names: list[str]) -> tuple[scan.Panel, pd.Series]:
    """Frames of the symbols, quarantined ones unknown throughout; and whose high of the last day is set aside."""
    unfit = set(snapshot.coverage.loc[snapshot.coverage["status"] == "quarantined", "symbol"])
    columns = [symbol for symbol in names if symbol not in unfit]
    close = snapshot.wide("close", "tape", columns)
    before = close.shift(1)
    high, flagged = _supported(snapshot, "high", close.combine(before, np.fmax))
    low, _ = _supported(snapshot, "low", close.combine(before, np.fmin))
    frames = (high, low, close, snapshot.wide("volume", "tape", columns))
    total_return = snapshot.wide("close", "total_return", columns)
    panel = scan.Panel(*(frame.reindex(columns=names) for frame in (*frames, total_return)))
    return panel, flagged.iloc[-1].reindex(names, fill_value=False)


def _supported(snapshot: Snapshot, field: str, instead: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Highs or lows with the flagged prints replaced, and which those are."""
    prints = snapshot.wide(field, "tape", list(instead.columns))
    found = snapshot.flags[snapshot.flags["check"].isin(_SET_ASIDE[field])]
    flagged = np.zeros(prints.shape, dtype=bool)
    days, places = (
        prints.index.get_indexer(pd.Index(found["date"])),
        prints.columns.get_indexer(pd.Index(found["symbol"])),
    )
    held = (days >= 0) & (places >= 0)
    flagged[days[held], places[held]] = True
    mask = pd.DataFrame(flagged, index=prints.index, columns=prints.columns)
    return prints.mask(mask, instead), mask


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    """New, near and failed symbols, each group in its own order."""
    parts = []
    for state, by, rising in (
        ("new", ["rs_percentile", "excess"], False),
        ("near", ["nearness"], False),
        ("failed", ["shortfall"], True),
    ):
        group = table[table["state"] == state]
        group = group.assign(shortfall=group["close"] / group["breakout_level"] - 1)
        parts.append(group.sort_values(by, ascending=rising, kind="stable").drop(columns="shortfall"))
    return pd.concat(parts).reset_index()


def _apart(snapshot: Snapshot, table: pd.DataFrame, panel: scan.Panel, is_doubtful: pd.Series) -> pd.DataFrame:
    """Symbols without a state, and why."""
    rows = []
    known = panel.high.notna()
    for symbol in table.index[table["state"] == ""]:
        held = snapshot.status(symbol)
        before = int(known[symbol].iloc[:-1].sum())
        in_window = int(known[symbol].iloc[-WINDOW - 1 : -1].sum())
        if held.status in ("missing", "stale", "quarantined"):
            status, reason = held.status, "; ".join(dict.fromkeys(part for part in (held.detail, held.cause) if part))
        elif held.tape_last < snapshot.bars_to:
            status, reason = "no tape", held.detail or "adjusted close only: ratios, no levels"
        elif is_doubtful[symbol]:
            status, reason = "doubtful", "the day's high is set aside: no price near it supports it"
        elif not known[symbol].iloc[-1]:
            status, reason = "no high", f"no high on {snapshot.bars_to}, only a close"
        elif before < WINDOW:
            status, reason = "short", f"{before} earlier trading days held, {WINDOW} needed"
        else:
            missing = WINDOW - in_window
            status, reason = "holes", f"{missing} of the {WINDOW} trading days before without a bar"
        rows.append((symbol, status, reason))
    return pd.DataFrame(rows, columns=["symbol", "status", "reason"])
