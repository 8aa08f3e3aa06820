"""Probabilities a note can be held to: persistence, each reversal, the hedge; and all of them without the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.core.findings import Findings
from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence import calibration, forecast, outcomes, scenarios
from helpers.sections import day, history_pair, legs, levels, reversals, sentiment, tiers
from helpers.sections.factors import Factors, factors_of
from helpers.sections.history_pair import Pair
from helpers.sections.legs import Legs
from helpers.sections.reversals import WITHIN
from helpers.sections.section import Ledger
from helpers.signals import breakout as signal
from helpers.signals import windows

#: trading days over which a breakout is said to persist, and a hedge to lower variance
HORIZON = 21
#: cases at which their share counts as much as the base: as many as an interval needs
WEIGHT = calibration.WEIGHT
#: windows of a hedge in about a year
YEAR = 12
RULES = ("excess", "drawdown", "level")


def calls(snapshot: Snapshot, params: Params) -> Findings:
    """Every finding that a call rests on, equal to those of the sections, and nothing that takes resamples.

    Parameters
    ----------
    snapshot : Snapshot
        For a replay, one that was cut.
    params : Params

    Returns
    -------
    Findings
        Those of `persistence`, `reversals_ahead` and `variance_lower`, the score with its parts, and the best leg with
        its ratio.
    """
    held, label = {"as_of": snapshot.bars_to, "source": snapshot.source}, snapshot.label(params.mid)
    history, risks, hedge = (Ledger(name, subject=label, **held) for name in ("history", "risks", "hedge"))
    persistence(history, snapshot, params, history_pair.own(snapshot, params))
    factors = factors_of(snapshot, params)
    reversals_ahead(risks, factors, reversals.events_of(snapshot, params))
    sentiment.state(risks, factors)
    short = legs.legs_of(snapshot, params)
    best = legs.state_best(hedge, snapshot, params, short)
    if best is not None:
        basis = tiers.basis(snapshot, params.mid, best)
        legs.state_ratio(hedge, params, short.ratio[best], {"leg": snapshot.label(best)}, basis)
    variance_lower(hedge, snapshot, params, short, best)
    return Findings([*history.findings, *risks.findings, *hedge.findings])


def persistence(ledger: Ledger, snapshot: Snapshot, params: Params, pair: Pair) -> None:
    """State P(the fund beats mega caps over 21 days), on a day with a new high; and the share of all days.

    The share of earlier breakouts after which it did, drawn to the share of all days (`calibration.shrunk`).
    """
    after = outcomes.excess_after(pair.mid, pair.mega, [HORIZON]).iloc[:, 0].reindex(pair.events.index)
    known = after.notna().to_numpy()
    met, flag = (after > 0).to_numpy()[known], pair.events.to_numpy(dtype=bool)[known]
    n, days = int(flag.sum()), len(met)
    base = _share(met, days >= params.min_events_mean * HORIZON)
    p = calibration.shrunk(_share(met[flag], True), n, base, WEIGHT) if _is_new_high(snapshot, params) else np.nan
    key = {"call": "persistence", "horizon": HORIZON, "against": pair.against}
    facts = {"subject": pair.subject, "basis": pair.basis, "key": key}
    ledger.state("call_probability", p, "fraction", n=n if pair.is_known else None, **facts)
    ledger.state("call_probability_base", base, "fraction", n=days if pair.is_known else None, **facts)


def reversals_ahead(ledger: Ledger, factors: Factors, events: pd.DataFrame) -> None:
    """State P(each reversal within 30 days from today), while a breakout is at most 30 days old; and of all days.

    The share of earlier days at most 30 days after a breakout, drawn to the share of all days. For the level, days are
    compared at today's distance from the warning in average true ranges, if the close is above it. The threshold is
    against the close of the day.
    """
    params = factors.params
    recent = _is_recent(factors.mid, events)
    is_now = bool(recent[-1]) if len(recent) else False
    for rule in RULES:
        limit, reached = _ahead(factors, events if is_now else events.iloc[:0], rule)
        known = reached.notna().to_numpy()
        met, after = (reached <= 0).to_numpy()[known], recent[known]
        days, n = len(met), int(after.sum()) // WITHIN
        base = _share(met, days >= params.min_events_mean * WITHIN)
        p = calibration.shrunk(_share(met[after], True), n, base, WEIGHT) if is_now and limit < 0 else np.nan
        key = {"call": rule, "horizon": WITHIN, "against": factors.snapshot.label(params.mega)}
        facts: dict[str, Any] = {"key": key, "basis": "tape" if rule == "level" else factors.pair_basis}
        ledger.state("call_probability", p, "fraction", n=n, **facts)
        ledger.state("call_probability_base", base, "fraction", n=days, **facts)
        ledger.state("call_threshold", limit, "fraction", **facts)


def variance_lower(ledger: Ledger, snapshot: Snapshot, params: Params, held: Legs, best: str | None) -> None:
    """State P(selling the best leg at its ratio lowers the variance of the next 21 days); and the share of its windows.

    The share of the leg's windows of about the last year, drawn to the share of all its earlier ones, and never surer
    than `forecast.SURE`. Windows do not overlap and are counted back from the last day; the ratio of each is the one
    known when it began.
    """
    ends = np.arange(len(held.mid) - 1, HORIZON - 1, -HORIZON)
    found = _lowered(held, best, ends) if best is not None else np.array([])
    base, late = _share(found, len(found) >= params.min_events_mean), found[:YEAR]
    drawn = calibration.shrunk(_share(late, True), len(late), base, WEIGHT)
    p = float(np.clip(drawn, 1 - forecast.SURE, forecast.SURE))
    key = {"call": "hedge", "horizon": HORIZON, "against": snapshot.label(params.mega)}
    basis = tiers.basis(snapshot, params.mid, *(leg for leg in params.hedge_legs if leg != params.mid))
    ledger.state("call_probability", p, "fraction", key=key, n=len(late) if best is not None else None, basis=basis)
    n = len(found) if best is not None else None
    ledger.state("call_probability_base", base, "fraction", key=key, n=n, basis=basis)


def _share(met: np.ndarray, is_enough: bool) -> float:
    """Share of yes; NaN where there is none to count, or not enough."""
    return float(met.mean()) if len(met) and is_enough else np.nan


def _is_new_high(snapshot: Snapshot, params: Params) -> bool:
    """Whether the last finished day made a new high, by the note's own rule."""
    if snapshot.status(params.mid).status == "quarantined":
        return False
    if params.high_field == "intraday":
        field = day.supported(snapshot, params.mid, "high")
    else:
        field = snapshot.wide("close", "tape" if params.high_field == "close" else "total_return", [params.mid])
    return bool(signal.new_high(field, params.window, strict=params.strict).iloc[-1, 0])


def _is_recent(line: pd.Series, events: pd.DataFrame) -> np.ndarray:
    """Whether each day is a breakout's own, or one of the 30 after it."""
    places = line.index.get_indexer(events.index)
    recent = np.zeros(len(line), dtype=bool)
    for place in places:
        recent[place : place + WITHIN + 1] = True
    return recent


def _ahead(factors: Factors, events: pd.DataFrame, rule: str) -> tuple[float, pd.Series]:
    """The rule's limit against the close, and of each day how far above its own limit the next 30 days stayed.

    At most 0 where the rule was met.
    """
    params = factors.params
    if rule == "excess":
        limit = params.reversal_excess / 100
        return limit, scenarios.deepest_excess(factors.mid, factors.mega, WITHIN) - limit
    if rule == "drawdown":
        limit = params.reversal_drawdown / 100
        return limit, scenarios.deepest_fall(factors.mid, WITHIN) - limit
    high, low, close = reversals.tape_of(factors.snapshot, params)
    ranges = windows.average_true_range(high, low, close, levels.ATR_WINDOW).ffill().iloc[:, 0]
    line = close.iloc[:, 0]
    nothing = pd.Series(np.nan, index=line.index)
    if events.empty or not len(line):
        return np.nan, nothing
    warning = float(events["level"].iloc[-1] - params.atr_multiple * events["atr"].iloc[-1])
    distance = (line.iloc[-1] - warning) / ranges.iloc[-1]
    # a close at the warning is not below it
    over = scenarios.lowest_ahead(line, WITHIN) - (line - distance * ranges)
    return warning / float(line.iloc[-1]) - 1, over.mask(over == 0, 1.0)


def _lowered(held: Legs, leg: str, ends: np.ndarray) -> np.ndarray:
    """Of each window known in full, whether the position with this leg moved less than the fund alone."""
    own, other = held.mid.to_numpy(), held.legs[leg].to_numpy()
    ratio = held.ratio[leg].to_numpy()
    rows = ends[:, None] - np.arange(HORIZON)
    alone = own[rows]
    position = alone - ratio[ends - HORIZON][:, None] * other[rows]
    known = ~np.isnan(position).any(axis=1)
    lower: np.ndarray = position[known].var(axis=1, ddof=1) < alone[known].var(axis=1, ddof=1)
    return lower
