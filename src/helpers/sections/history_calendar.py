"""The turn of the month and of the quarter: findings, the profile by day, and the ends to come."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.core.params import Params
from helpers.data import calendar
from helpers.data.snapshot import Snapshot
from helpers.evidence import calendar_effect
from helpers.evidence.calendar_effect import AFTER_BREAKOUT, Turn
from helpers.evidence.estimates import Rules
from helpers.sections.history_pair import Pair
from helpers.sections.section import Ledger

#: calendar days within which a window must begin for its end to be named: six weeks
WITHIN = 42
LONGER_THAN_A_MONTH = pd.Timedelta(days=45)
IN_BP = 1e4
WINDOWS = ("month_end", "quarter_end", "month_end_not_quarter")
PARTS = ("last", "first")
COLUMNS = ["pair", "era", "difference_bp", "low", "high", "n"]


def state(ledger: Ledger, snapshot: Snapshot, params: Params, rules: Rules, pairs: list[Pair]) -> pd.DataFrame:
    """State the effect of month- and quarter-ends on the daily spread, and those that are near.

    Returns
    -------
    DataFrame, a row per pair and era
        Columns pair, era (all, before, after), difference_bp, low, high, n.
    """
    rows, marks = [], _around(snapshot)
    for pair in pairs:
        found = calendar_effect.turns(
            pair.spread,
            marks,
            days=params.month_end_days,
            rules=rules,
            events=pair.events if pair.is_known else None,
        )
        rows += _state_pair(ledger, pair, found, level=1 - rules.alpha)
    last = pd.Timestamp(snapshot.as_of)
    for name in ("month_end", "quarter_end"):
        ahead = calendar_effect.next_end(snapshot.calendar, name, after=last, days=params.month_end_days, within=WITHIN)
        ledger.state(f"{name}_next", ahead, "date", basis="exchange calendar")
    return pd.DataFrame(rows, columns=COLUMNS)


def _state_pair(ledger: Ledger, pair: Pair, found: calendar_effect.Turns, *, level: float) -> list[tuple[Any, ...]]:
    """State one pair's turns; give back its rows of the eras' frame."""
    facts = {"subject": pair.subject, "basis": pair.basis}
    is_held = found.month_ends > 0
    against = {"against": pair.against}

    def effect(what: str, turn: Turn, key: dict[str, Any]) -> None:
        shared = {**facts, "key": {**key, **against}, "n": turn.n if is_held else None}
        low, high = turn.low * IN_BP, turn.high * IN_BP
        ledger.state(what, turn.difference * IN_BP, "bp", **shared, low=low, high=high, level=level)

    for name in WINDOWS:
        turn = found.windows[name]
        effect("month_end", turn, {"window": name})
        key = {"window": name, **against}
        ledger.state("month_end_t", turn.t, "score", key=key, n=turn.n if is_held else None, **facts)
    for part in PARTS:
        effect("month_end_part", found.parts[part], {"part": part})
    for era, turn in found.eras.items():
        effect("month_end_era", turn, {"era": era})
    effect("month_end_after_breakout", found.after_breakout, {"within": AFTER_BREAKOUT})
    ledger.state("month_end_split", found.split, "date", key=against, **facts)
    word = found.verdict if is_held else None
    ledger.state("month_end_verdict", word, "label", key=against, n=found.month_ends if is_held else None, **facts)
    eras = {"all": found.windows["month_end"], **found.eras}
    return [
        (pair.name, era, turn.difference * IN_BP, turn.low * IN_BP, turn.high * IN_BP, turn.n)
        for era, turn in eras.items()
    ]


def _around(snapshot: Snapshot) -> pd.DataFrame:
    """The snapshot's trading days with their marks, from before the end of the month in which its bars begin."""
    first, last = snapshot.calendar.index[0], snapshot.calendar.index[-1]
    return calendar.trading_days(first - LONGER_THAN_A_MONTH, last)


def profile(snapshot: Snapshot, params: Params, pair: Pair) -> pd.DataFrame:
    """The daily spread by place about the turn of the month, as `calendar_effect.profile`."""
    return calendar_effect.profile(pair.spread, _around(snapshot), days=params.month_end_days, level=1 - params.alpha)
