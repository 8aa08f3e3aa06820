"""What would reverse the move, and how far each of it is today."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from helpers.data.snapshot import Snapshot
from helpers.evidence.scenarios import HORIZON
from helpers.sections import day
from helpers.sections import factors as named
from helpers.sections.factors import Factors
from helpers.sections.reversals import WITHIN
from helpers.sections.section import Ledger

#: share of the way to its threshold from which a trigger is near
NEAR = 2 / 3
MET, NEARLY, NOT_MET, UNKNOWN = "met", "near", "not met", "unknown"
#: triggers that are a change over 21 days, each with the scenario it belongs to
CHANGES = {"rates": "rates_up", "credit": "credit_wider", "spread": "spread_wider", "claims": "claims_up"}
#: triggers that are reversals of a breakout: without one in the last weeks there is nothing to reverse
REVERSALS = ("excess", "drawdown", "level")
NO_EVENT = "no breakout"
_SINCE = f"{WITHIN} days from a breakout"
#: id and unit of a trigger's value
UNITS = {
    "claims": ("trigger_claims", "fraction"),
    "excess": ("trigger_excess", "points"),
    "drawdown": ("trigger_drawdown", "fraction"),
    "level": ("trigger_level", "fraction"),
}


class Trigger(NamedTuple):
    """A trigger today: its value and threshold in one unit, how far of the way it is (1 is met), and its state."""

    name: str
    label: str
    value: float
    threshold: float
    progress: float
    state: str


def state(ledger: Ledger, factors: Factors, events: pd.DataFrame) -> pd.DataFrame:
    """State value, threshold and state of every trigger; give back the board's frame.

    Parameters
    ----------
    events : DataFrame
        As `reversals.events_of` gives them.

    Returns
    -------
    DataFrame, a row per trigger
        Columns trigger, label, state, value_text, threshold_text, progress (0 none of the way, 1 met; NaN unknown).
    """
    recent = _recent(factors.snapshot, events)
    reversals = (_excess(factors, recent), _drawdown(factors, recent), _level(factors, recent))
    rows = []
    for item in (*(_change(factors, name) for name in CHANGES), *reversals):
        what, unit = UNITS.get(item.name, ("trigger_bp", "bp"))
        key: dict[str, object] = {"trigger": item.name}
        if what == "trigger_bp":
            key["horizon"] = HORIZON
        basis = _basis(factors, item.name)
        said = ledger.state(what, item.value, unit, key=key, basis=basis)
        limit = ledger.state(f"{what}_threshold", item.threshold, unit, key=key, basis="parameter")
        ledger.state("trigger_state", item.state, "label", key={"trigger": item.name}, basis=basis)
        value = said.text(signed=True) if said.is_known else "no data"
        needed = limit.text(signed=True)
        if item.name in REVERSALS and recent.empty:
            value, needed = NO_EVENT, "close below warning" if item.name == "level" else needed
        rows.append((item.name, item.label, item.state, value, needed, item.progress))
    columns = ["trigger", "label", "state", "value_text", "threshold_text", "progress"]
    return pd.DataFrame(rows, columns=columns)


def _recent(snapshot: Snapshot, events: pd.DataFrame) -> pd.DataFrame:
    """The last event, if it is at most `WITHIN` trading days ago."""
    days = snapshot.days
    return events[events.index >= days[max(0, len(days) - 1 - WITHIN)]].tail(1)


def _change(factors: Factors, name: str) -> Trigger:
    moved, shock, _ = factors.changed(CHANGES[name])
    value = float(moved.iloc[-1])
    return _made(name, named.NAMES[CHANGES[name]], value, shock, value / shock)


def _excess(factors: Factors, recent: pd.DataFrame) -> Trigger:
    """Return of the fund less that of mega caps since the last event."""
    limit = factors.params.reversal_excess / 100
    label = f"Fund less {factors.snapshot.label(factors.params.mega)}, {_SINCE}"
    if recent.empty:
        return Trigger("excess", label, np.nan, limit, 0.0, NOT_MET)
    own, other = (line.iloc[-1] / line.loc[recent.index[0]] - 1 for line in (factors.mid, factors.mega))
    return _made("excess", label, float(own - other), limit, float(own - other) / limit)


def _drawdown(factors: Factors, recent: pd.DataFrame) -> Trigger:
    """Total return of the fund since the last event."""
    limit = factors.params.reversal_drawdown / 100
    label = f"Fund's fall, {_SINCE}"
    if recent.empty:
        return Trigger("drawdown", label, np.nan, limit, 0.0, NOT_MET)
    value = float(factors.mid.iloc[-1] / factors.mid.loc[recent.index[0]] - 1)
    return _made("drawdown", label, value, limit, value / limit)


def _level(factors: Factors, recent: pd.DataFrame) -> Trigger:
    """The close against the warning below the last breakout's level; the way runs from the level to the warning."""
    label = f"Close below the warning, {_SINCE}"
    if recent.empty:
        return Trigger("level", label, np.nan, np.nan, 0.0, NOT_MET)
    level, room = float(recent["level"].iloc[0]), factors.params.atr_multiple * float(recent["atr"].iloc[0])
    close = day.latest(factors.snapshot.wide("close", "tape", [factors.params.mid]))
    warning = level - room
    return _made("level", label, close / warning - 1, 0.0, (level - close) / room)


def _made(name: str, label: str, value: float, threshold: float, progress: float) -> Trigger:
    """The trigger with its state: met beyond the threshold, near from two thirds of the way."""
    if np.isnan(progress):
        return Trigger(name, label, np.nan, threshold, np.nan, UNKNOWN)
    # a reversal counts when its limit is reached, a shock when it is exceeded, a close when it is below
    is_met = progress >= 1 if name in ("excess", "drawdown") else progress > 1
    reached = MET if is_met else NEARLY if progress >= NEAR else NOT_MET
    return Trigger(name, label, value, threshold, max(0.0, progress), reached)


def _basis(factors: Factors, name: str) -> str:
    if name in CHANGES:
        return factors.changed(CHANGES[name])[2]
    return "tape" if name == "level" else factors.pair_basis
