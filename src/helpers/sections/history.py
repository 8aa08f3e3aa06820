"""What followed earlier breakouts, against all days, and what the turn of the month added."""

from __future__ import annotations

from typing import Any

from helpers.core.params import Params
from helpers.data.snapshot import Snapshot
from helpers.evidence.estimates import ERAS, Rules
from helpers.evidence.event_study import Study
from helpers.evidence.stickiness import stickiness
from helpers.evidence.verdicts import SMALL_AT
from helpers.sections import calls, history_calendar, history_frames, record
from helpers.sections.history_pair import Pair, longest, pairs_of
from helpers.sections.scenarios import rules_of
from helpers.sections.section import Ledger, Section
from helpers.signals import relative

#: trading days looked back over before an event
PRE_EVENT = 21
#: trading days over which drawdown and volatility are measured
STICKY = 21


def history(snapshot: Snapshot, params: Params) -> Section:
    """Findings and frames on what followed breakouts of the fund and of the one with the longer history.

    Outcomes are total return of mid less mega caps, strictly after the event's close; events come from the fund's own
    tape, unsupported prints set aside. A fund without highs has no known events, and the findings on them no value.

    Returns
    -------
    Section
        Findings ``history.*`` (docs/findings.md) and the frames ``paths``, ``fan``, ``forest``, ``events``,
        ``dated`` (the same as text), ``month_profile``, ``calendar_eras``, ``reliability``; all but ``forest``,
        ``calendar_eras`` and ``reliability`` are of the pair that carries the verdict.
    """
    ledger = Ledger("history", subject=snapshot.label(params.mid), as_of=snapshot.bars_to, source=snapshot.source)
    rules = rules_of(params)
    pairs = pairs_of(snapshot, params)
    carrier = longest(pairs)
    studies = [pair.study(params, rules) for pair in pairs]
    for pair, study in zip(pairs, studies, strict=True):
        facts = {"subject": pair.subject, "basis": pair.basis}
        _state_sample(ledger, pair, study, facts, is_longest=None if carrier is None else pair is carrier)
        _state_study(ledger, pair, study, params, rules, facts)
        _state_before(ledger, pair, rules, facts)
        _state_stickiness(ledger, pair, rules, facts)
    calls.persistence(ledger, snapshot, params, pairs[0])
    calendar = history_calendar.state(ledger, snapshot, params, rules, pairs)
    shown = carrier or pairs[0]
    events = history_frames.events(shown, params)
    frames = {
        **history_frames.around(shown, params, rules),
        "forest": history_frames.forest(pairs, studies, params),
        "events": events,
        "dated": history_frames.dated(events),
        "month_profile": history_calendar.profile(snapshot, params, shown),
        "calendar_eras": calendar,
        **record.state(ledger, snapshot, params),
    }
    return Section("history", ledger.findings, frames)


def _state_sample(ledger: Ledger, pair: Pair, study: Study, facts: dict[str, Any], *, is_longest: bool | None) -> None:
    """State how many breakouts there are, between which days, and whether this pair carries the verdict."""
    key = {"against": pair.against}
    tape = {**facts, "basis": "tape"}
    ledger.state("events", len(pair.days) if pair.is_known else None, "count", key=key, **tape)
    ledger.state("study_from", pair.events.index[0] if pair.is_known else None, "date", key=key, **facts)
    ledger.state("study_to", pair.events.index[-1] if pair.is_known else None, "date", key=key, **facts)
    ledger.state("era_split", study.split, "date", key=key, **facts)
    ledger.state("longest", is_longest, "bool", key=key, n=len(pair.events) if pair.is_known else None, **facts)


def _state_study(ledger: Ledger, pair: Pair, study: Study, params: Params, rules: Rules, facts: dict[str, Any]) -> None:
    """State every estimate of the study and the words for them."""
    rows: dict[Any, Any] = study.estimates.to_dict("index")
    for horizon in params.horizons:
        for era in ERAS:
            key = {"against": pair.against, "horizon": horizon, "era": era}
            _state_estimate(
                ledger, rows[horizon, era], {**facts, "key": key}, level=1 - rules.alpha, is_known=pair.is_known
            )
        word = study.verdicts[horizon] if pair.is_known else None
        key = {"against": pair.against, "horizon": horizon}
        ledger.state("horizon_verdict", word, "label", key=key, **facts)
    main = main_horizon(params)
    word = study.verdicts[main] if pair.is_known else None
    ledger.state("verdict", word, "label", key={"against": pair.against}, **facts)


def main_horizon(params: Params) -> int:
    """The horizon whose verdict is the study's: the one nearest to 21 trading days, the shorter of two."""
    return min(params.horizons, key=lambda horizon: (abs(horizon - SMALL_AT), horizon))


def _state_estimate(
    ledger: Ledger, row: dict[str, Any], facts: dict[str, Any], *, level: float, is_known: bool
) -> None:
    """State one horizon in one era."""
    n, days = (int(row["n"]), int(row["days"])) if is_known else (None, None)
    after = {**facts, "n": n}
    ledger.state("mean_after", row["mean_after"], "points", **after)
    ledger.state("baseline", row["baseline"], "points", **facts, n=days)
    bounds = {"low": row["low"], "high": row["high"], "level": level}
    ledger.state("difference", row["difference"], "points", **after, **bounds)
    if facts["key"]["era"] != "all":
        return
    bounds = {"low": row["regime_low"], "high": row["regime_high"], "level": level}
    regime = int(row["regime_n"]) if is_known else None
    ledger.state("regime_difference", row["regime_difference"], "points", **facts, n=regime, **bounds)
    bounds = {"low": row["hit_low"], "high": row["hit_high"], "level": level}
    ledger.state("hit_rate", row["hit_rate"], "fraction", **after, **bounds)
    ledger.state("base_rate", row["base_rate"], "fraction", **facts, n=days)
    ledger.state("placebo_p", row["p"], "score", **after)
    ledger.state("adjusted_p", row["adjusted_p"], "score", **after)
    ledger.state("hac_t", row["hac_t"], "score", **after)
    ledger.state("detectable", row["detectable"], "points", **after)
    ledger.state("incomplete", int(row["incomplete"]) if is_known else None, "count", **facts)


def _state_before(ledger: Ledger, pair: Pair, rules: Rules, facts: dict[str, Any]) -> None:
    """State the excess return that a breakout has behind it: a selection, not an effect."""
    excess = relative.excess_return(pair.mid.to_frame(), pair.mega.to_frame(), PRE_EVENT).iloc[:, 0]
    gained = excess.reindex(pair.days).dropna()
    n = len(gained) if pair.is_known else None
    value = gained.mean() if len(gained) >= rules.min_mean else None
    ledger.state("pre_event", value, "points", key={"against": pair.against, "window": PRE_EVENT}, n=n, **facts)


def _state_stickiness(ledger: Ledger, pair: Pair, rules: Rules, facts: dict[str, Any]) -> None:
    """State drawdown and volatility of mid against mega caps after breakouts and after all days."""
    found = stickiness(pair.mid, pair.mega, pair.events, STICKY, rules=rules)
    n, days = (found.n, found.days) if pair.is_known else (None, None)
    shared = {**facts, "key": {"against": pair.against, "horizon": STICKY}}
    level = 1 - rules.alpha
    ledger.state("drawdown_after", found.drawdown, "points", **shared, n=n, low=found.low, high=found.high, level=level)
    ledger.state("drawdown_base", found.drawdown_base, "points", **shared, n=days)
    bounds = {"low": found.difference_low, "high": found.difference_high, "level": level}
    ledger.state("drawdown_difference", found.difference, "points", **shared, n=n, **bounds)
    ledger.state("volatility_after", found.volatility, "multiple", **shared, n=n)
    ledger.state("volatility_base", found.volatility_base, "multiple", **shared, n=days)
