"""What mid caps did while rates, credit or claims rose, and after they had risen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.core.params import Params
from helpers.evidence import scenarios, statistics
from helpers.evidence.estimates import ERAS, Rules
from helpers.evidence.scenarios import HORIZON, Contrast
from helpers.sections import factors as named
from helpers.sections.factors import Factors, joined
from helpers.sections.section import Ledger

#: a sensitivity is stated per so many basis points
PER_BP = 10
#: basis points of the map: rises and falls of the yield, and of credit spreads
RATES_BP = np.arange(-75, 76, 15)
CREDIT_BP = np.arange(-100, 151, 25)


def rules_of(params: Params) -> Rules:
    """How comparisons are made, by the parameters of a study of events."""
    return Rules(
        draws=params.bootstrap_draws,
        block=None if params.block == "auto" else params.block,
        alpha=params.alpha,
        correction=params.correction,
        min_mean=params.min_events_mean,
        min_interval=params.min_events_interval,
        small_effect=params.small_effect / 100,
        seed=params.seed,
    )


def state(ledger: Ledger, factors: Factors) -> pd.DataFrame:
    """State both sides of every scenario, over the same 21 days and over the next 21; give back the panel's frame.

    Returns
    -------
    DataFrame, a row per scenario and state
        Columns scenario, label, state, mean, trails, drawdown (fractions), n, effective_n, text.
    """
    rules = rules_of(factors.params)
    outcome = factors.excess(HORIZON)
    # every window is written down on its last day, so all of them are over
    falls = scenarios.deepest_fall(factors.mid, HORIZON).shift(HORIZON)
    limit = factors.params.reversal_drawdown / 100
    rows, same, ahead = [], {}, {}
    for number, scenario in enumerate(named.NAMES):
        moved, shock, _ = factors.changed(scenario)
        is_met = scenarios.exceeds(moved, shock)
        both = scenarios.sides(outcome, falls, is_met, limit=limit)
        is_known = any(found.n for found in both.values())
        for side, found in both.items():
            rows.append(_state_side(ledger, factors, scenario, side, found, is_known=is_known))
        same[scenario] = scenarios.contrasts(outcome, is_met, rules=rules, stream=2 * number)
        ahead[scenario] = scenarios.contrasts(outcome, is_met.shift(HORIZON), rules=rules, stream=2 * number + 1)
    words = _state_contrasts(ledger, factors, "scenario", same)
    _state_contrasts(ledger, factors, "predictive", ahead)
    columns = ["scenario", "label", "state", "mean", "trails", "drawdown", "n", "effective_n"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(text=[f"that mids trail: {words[scenario]}" for scenario in frame["scenario"]])


def _state_side(
    ledger: Ledger, factors: Factors, scenario: str, side: str, found: scenarios.Side, *, is_known: bool
) -> tuple[object, ...]:
    """State mean, share that trailed and share that fell; a side with too few separate windows says only its n."""
    key = {"scenario": scenario, "state": side, "horizon": HORIZON}
    basis = _basis(factors, scenario)
    is_enough = found.effective >= factors.params.min_events_mean
    values = [value if is_enough else np.nan for value in (found.mean, found.trails, found.falls)]
    units = {"scenario_mean": "points", "scenario_trails": "fraction", "scenario_drawdown": "fraction"}
    for (what, unit), value in zip(units.items(), values, strict=True):
        ledger.state(what, value, unit, key=key, n=found.n, basis=basis)
    effective = found.effective if is_known else None
    ledger.state("scenario_effective", effective, "index", key=key, n=found.n, basis=basis)
    return (scenario, named.NAMES[scenario], side, *values, found.n, found.effective)


def _state_contrasts(
    ledger: Ledger, factors: Factors, what: str, found: dict[str, dict[str, Contrast]]
) -> dict[str, str]:
    """State difference, test and verdict of each scenario; p values are corrected over the scenarios known."""
    rules = rules_of(factors.params)
    adjusted = {
        era: statistics.adjusted(np.array([item[era].p for item in found.values()]), rules.correction) for era in ERAS
    }
    words = {}
    for place, (scenario, eras) in enumerate(found.items()):
        p = {era: float(adjusted[era][place]) for era in ERAS}
        words[scenario] = scenarios.hazard(eras, p, rules=rules)
        item = eras["all"]
        facts: dict[str, Any] = {"key": {"scenario": scenario, "horizon": HORIZON}, "n": item.met}
        facts["basis"] = _basis(factors, scenario)
        bounds = {"low": item.low, "high": item.high, "level": 1 - rules.alpha}
        ledger.state(f"{what}_difference", item.difference, "points", **bounds, **facts)
        if what == "scenario":
            ledger.state("scenario_t", item.t, "score", **facts)
            _state_eras(ledger, factors, eras, facts)
        ledger.state(f"{what}_detectable", item.detectable, "points", **facts)
        ledger.state(f"{what}_p", item.p, "score", **facts)
        ledger.state(f"{what}_adjusted_p", p["all"], "score", **facts)
        ledger.state(f"{what}_verdict", words[scenario], "label", **facts)
    return words


def _state_eras(ledger: Ledger, factors: Factors, eras: dict[str, Contrast], facts: dict[str, Any]) -> None:
    """State when a comparison begins, where its eras part, and the difference in each; a window is of its first day."""
    days = factors.snapshot.days
    for what, era in (("from", "all"), ("split", "after")):
        ended = eras[era].first
        began = days[int(days.searchsorted(pd.Timestamp(ended))) - HORIZON] if ended else None
        ledger.state(f"scenario_{what}", began, "date", **facts)
    for era in ERAS[1:]:
        item = eras[era]
        shared = {**facts, "key": {**facts["key"], "era": era}, "n": item.met}
        ledger.state("scenario_era", item.difference, "points", **shared)


def _basis(factors: Factors, scenario: str) -> str:
    return joined(factors.pair_basis, factors.changed(scenario)[2])


def state_sensitivity(ledger: Ledger, factors: Factors) -> dict[str, pd.DataFrame]:
    """State what 10 bp of either factor went with, over the same 21 days; give back the map and where we stand.

    Returns
    -------
    dict
        ``breakeven`` (rates_bp, credit_bp, value) and ``breakeven_now`` (rates_bp, credit_bp; NaN unknown).
    """
    moved = {"rates": scenarios.change(factors.rates.series), "credit": scenarios.change(factors.credit.series)}
    fit = statistics.hac_ols(factors.excess(HORIZON).to_numpy(), np.column_stack(list(moved.values())), lags=HORIZON)
    basis = joined(factors.pair_basis, factors.rates.basis, factors.credit.basis)
    is_enough = fit.n / HORIZON >= factors.params.min_events_mean
    scale = PER_BP if is_enough else np.nan
    level = 1 - factors.params.alpha
    for place, name in enumerate(moved, start=1):
        low, high = (bound * scale for bound in fit.interval(place, level))
        facts: dict[str, Any] = {"low": low, "high": high, "level": level, "n": fit.n, "basis": basis}
        key = {"factor": name, "per_bp": PER_BP, "horizon": HORIZON}
        ledger.state("sensitivity", fit.coef[place] * scale, "points", key=key, **facts)
    shown = fit if is_enough else fit._replace(coef=np.full(3, np.nan))
    now = {f"{name}_bp": [float(line.iloc[-1])] for name, line in moved.items()}
    return {"breakeven": scenarios.surface(shown, RATES_BP, CREDIT_BP), "breakeven_now": pd.DataFrame(now)}
