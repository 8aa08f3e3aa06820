"""The levels table: what confirms the high, what warns, where to stop."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.sections.day import SHORTEST_BASE, Day, History, latest
from helpers.sections.section import Ledger
from helpers.signals import windows

ATR_WINDOW = 20
NAMES = {
    "confirm": "Confirm (close above)",
    "closing": "Closing high",
    "last": "Last",
    "warning": "Warning",
    "stop": "Stop",
    "mean_50": "50-day mean",
    "mean_200": "200-day mean",
    "base_low": "Base low",
}


def state(ledger: Ledger, params: Params, day: Day, history: History) -> pd.DataFrame:
    """State every level with its distance, and give the table back.

    Parameters
    ----------
    ledger : Ledger
        Holds the prior high, the closing high and the base already; ``breakout.level``, ``.level_distance`` and
        ``.level_atr`` are added, keyed by level.

    Returns
    -------
    DataFrame with a row per known level, highest first
        Columns level, price, distance (fraction of the last price), distance_atr, kind, text (the price as printed).
    """
    atr = latest(windows.average_true_range(history.high, history.low, history.close, ATR_WINDOW).ffill())
    ledger.state("atr", atr, "price", key={"window": ATR_WINDOW})
    means = {f"mean_{span}": _mean(history.close, span) for span in (50, 200)}
    is_base = (ledger.findings.value("breakout.base_length") or 0) >= SHORTEST_BASE
    base = ledger.findings.value("breakout.base_low") if is_base else None
    confirm = ledger.findings.value("breakout.confirm_level")
    prices = {
        "confirm": _number(confirm),
        "closing": _number(ledger.findings.value("breakout.closing_high")),
        "last": day.last,
        "warning": _number(confirm) - params.atr_multiple * atr,
        "stop": day.last - params.stop_atr * atr,
        **means,
        "base_low": _number(base),
    }
    rows = []
    for kind, price in prices.items():
        distance, in_ranges = price / day.last - 1, (price - day.last) / atr
        said = ledger.findings.get("breakout.last")
        if kind != "last":
            key = {"level": kind, **_settings(kind, params)}
            said = ledger.state("level", price, "price", key=key)
            ledger.state("level_distance", distance, "fraction", key=key)
            ledger.state("level_atr", in_ranges, "atr", key=key)
        rows.append((NAMES[kind], price, distance, in_ranges, kind, said.text() if said else ""))
    ledger.state("loss_at_stop", prices["stop"] / day.last - 1, "fraction", key={"stop_atr": params.stop_atr})
    frame = pd.DataFrame(rows, columns=["level", "price", "distance", "distance_atr", "kind", "text"])
    return frame.dropna(subset=["price"]).sort_values("price", ascending=False, ignore_index=True)


def _settings(kind: str, params: Params) -> dict[str, float]:
    return {"warning": {"atr_multiple": params.atr_multiple}, "stop": {"stop_atr": params.stop_atr}}.get(kind, {})


def _mean(close: pd.DataFrame, span: int) -> float:
    known = close.iloc[:, 0]
    # an unfinished day has no close: its means are those of the evening before
    finished = known.iloc[:-1] if np.isnan(known.iloc[-1]) else known
    return float(finished.tail(span).mean()) if finished.tail(span).notna().sum() == span else np.nan


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else np.nan
