"""How often breakouts were reversed within six weeks, by rules laid down beforehand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import scenarios, statistics
from helpers.sections import day, levels
from helpers.sections.factors import Factors
from helpers.sections.section import Ledger
from helpers.signals import breakout as signal
from helpers.signals import windows

#: trading days within which a reversal counts: six weeks
WITHIN = 30
#: rules of which there is a share over all days as well; the third needs a breakout level
ON_ALL_DAYS = ("excess", "drawdown")


def tape_of(snapshot: Snapshot, params: Params) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Highs and lows (unsupported prints set aside) and closes of the fund on finished days."""
    high, low = day.supported(snapshot, params.mid, "high"), day.supported(snapshot, params.mid, "low")
    return high, low, snapshot.wide("close", "tape", [params.mid])


def events_of(snapshot: Snapshot, params: Params) -> pd.DataFrame:
    """Level and average true range of each breakout event of the fund, a row an event; quote currency."""
    high, low, close = tape_of(snapshot, params)
    flags = signal.breakout_events(high, close, params.window, params.quiet_gap).iloc[:, 0]
    table = pd.DataFrame(
        {
            "level": signal.prior_high(high, params.window).iloc[:, 0],
            "atr": windows.average_true_range(high, low, close, levels.ATR_WINDOW).ffill().iloc[:, 0],
        }
    )
    return table[flags]


def state(ledger: Ledger, factors: Factors, events: pd.DataFrame) -> None:
    """State the share of breakout events after which each rule was met, and of all days where the rule has one.

    R1 (`excess`): return of the fund less that of mega caps falls to the limit, counted from the event's close. R2
    (`level`): a close below the breakout level less `atr_multiple` average true ranges. R3 (`drawdown`): total return
    falls from the event's close to the limit. Only complete windows count.
    """
    params = factors.params
    close = factors.snapshot.wide("close", "tape", [params.mid])[params.mid]
    limits = {"excess": params.reversal_excess / 100, "drawdown": params.reversal_drawdown / 100}
    reached = {
        "excess": scenarios.deepest_excess(factors.mid, factors.mega, WITHIN),
        "drawdown": scenarios.deepest_fall(factors.mid, WITHIN),
        "level": scenarios.lowest_ahead(close, WITHIN),
    }
    below = events["level"] - params.atr_multiple * events["atr"]
    for rule in ("excess", "level", "drawdown"):
        after = reached[rule].reindex(events.index)
        met = after < below if rule == "level" else after <= limits[rule]
        known = after.notna() & (below.notna() if rule == "level" else True)
        basis = "tape" if rule == "level" else factors.pair_basis
        _state_share(ledger, "reversal", met[known], {"rule": rule, "horizon": WITHIN}, basis, params)
        if rule in ON_ALL_DAYS:
            base = reached[rule].dropna() <= limits[rule]
            _state_share(ledger, "reversal_base", base, {"rule": rule, "horizon": WITHIN}, basis, params)


def _state_share(ledger: Ledger, what: str, met: pd.Series, key: dict[str, object], basis: str, params: Params) -> None:
    """State a share; one of events with its Wilson interval, one of all days, whose windows overlap, without."""
    n, k = len(met), int(met.sum())
    if what == "reversal_base":
        ledger.state(what, k / n if n else None, "fraction", key=key, n=n, basis=basis)
        return
    is_enough = n >= params.min_events_mean
    level = 1 - params.alpha
    low, high = statistics.wilson(k, n, level) if is_enough else (np.nan, np.nan)
    value = k / n if is_enough else None
    ledger.state(what, value, "fraction", key=key, n=n, low=low, high=high, level=level, basis=basis)
