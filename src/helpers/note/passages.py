"""Paragraphs on breadth, history, risks and the hedge, for the front page and for the notebooks' own ends."""

from __future__ import annotations

from typing import Any

from helpers.core.findings import Finding, Findings
from helpers.note import readings
from helpers.note.clause import known
from helpers.note.paragraphs import Paragraph, Sentence, say

#: what is met today, in words
TRIGGER_WORDS = {
    "rates": "higher yields",
    "credit": "wider credit",
    "spread": "wider published spreads",
    "claims": "more claims",
    "excess": "falling behind mega caps",
    "level": "a close under the warning",
}
#: the scenarios that would hurt, in the order a reader wants them
HURTS = (("credit", "credit_wider"), ("rates", "rates_up"), ("data", "claims_up"))


def breadth(findings: Findings) -> list[Paragraph]:
    """The verdict on breadth and what the members do; nothing when its section did not finish."""
    verdict = findings.get("breadth.verdict")
    if verdict is None:
        return []
    return [Paragraph("Breadth:", (*_verdict(findings, verdict), _members(findings)))]


def _verdict(findings: Findings, verdict: Finding) -> tuple[Sentence, ...]:
    met = known(findings, "breadth.conditions_met")
    if not verdict.is_known or met is None:
        return (say("breadth.unknown"),)
    lines = {item.key["condition"]: item.value for item in findings.all("breadth.condition")}
    name = "verdict_broad" if verdict.value == "broadening" else "verdict_other"
    return (say(f"breadth.{name}", verdict=verdict, met=met, **lines),)


def _members(findings: Findings) -> Sentence:
    """Share of members above their longest mean, and the lowest of the last quarter."""
    shares = [item for item in findings.all("breadth.above_mean") if item.is_known]
    if not shares:
        return say("breadth.no_members")
    share = max(shares, key=lambda item: int(item.key["window"]))
    window = share.key["window"]
    low = known(findings, "breadth.above_mean_low", window=window)
    day = known(findings, "breadth.above_mean_low_date", window=window)
    return say("breadth.members", share=share, low=low if day else None, day=day)


def names(findings: Findings) -> list[Sentence]:
    """New highs among members, baskets, and how near the market's own high was: for the notebook's end."""
    said = []
    highs, lows = known(findings, "breadth.new_highs"), known(findings, "breadth.new_lows")
    if highs and lows:
        said.append(say("breadth.highs", highs=highs, lows=lows))
    winners, losers = (
        known(findings, "breadth.basket_excess", basket=name, window=63) for name in ("winners", "losers")
    )
    left = known(findings, "breadth.rotation_residual")
    if winners and losers and left:
        said.append(say("breadth.baskets", winners=winners, losers=losers, left=left))
    share, base = known(findings, "breadth.market_high_near"), known(findings, "breadth.market_high_base")
    if share and base:
        said.append(say("breadth.near", share=share, base=base))
    return said


def persistence(findings: Findings) -> list[Paragraph]:
    """What followed earlier breakouts; nothing when its section did not finish."""
    verdict = readings.long(findings, "history.verdict")
    if verdict is None:
        return []
    found = readings.effect(findings)
    if found is None:
        return [Paragraph("Does it persist?", (say("persist.unknown"),))]
    if verdict.value == "cannot be tested":
        return [Paragraph("Does it persist?", (say("persist.few", found=found),))]
    interval = (
        f"{found.level:.0%} interval {found.interval_text()}"
        if found.level and found.interval_text()
        else "no interval"
    )
    ended = findings.get("history.study_to", subject=found.subject, against=found.key["against"])
    year = str(ended.value)[:4] if ended is not None else ""
    said = [say("persist.verdict", word=verdict.text(), found=found, interval=interval, year=year)]
    before, after = (readings.beside(findings, "history.difference", found, era=era) for era in ("before", "after"))
    split = findings.get("history.era_split", subject=found.subject, against=found.key["against"])
    if before and after and split and before.is_known and after.is_known and split.is_known:
        said.append(say("persist.eras", split=str(split.value)[:4], before=before, after=after))
    return [Paragraph("Does it persist?", tuple(said))]


def calendar(findings: Findings) -> list[Paragraph]:
    """The next month-end and what such days did; nothing when its section did not finish."""
    verdict = readings.long(findings, "history.month_end_verdict")
    if verdict is None or not verdict.is_known:
        return []
    pair: dict[str, Any] = {"subject": verdict.subject, "against": verdict.key["against"]}
    month = known(findings, "history.month_end", window="month_end", **pair)
    due = known(findings, "history.month_end_next")
    if month is None:
        return []
    if due is None:
        return [Paragraph("Calendar:", (say("month.far"),))]
    return [Paragraph("Calendar:", (say("month.due", due=due, month=month, verdict=verdict),))]


def hurt(findings: Findings) -> list[Paragraph]:
    """What happened in the scenarios that would hurt, claims only while they rise; nothing without their section."""
    if not findings.all("risks.scenario_verdict"):
        return []
    met_today = [
        TRIGGER_WORDS[str(item.key["trigger"])] for item in findings.all("risks.trigger_state") if item.value == "met"
    ]
    said = [say("hurt.met", names=met_today)] if met_today else []
    for word, scenario in HURTS:
        met, other = (
            known(findings, "risks.scenario_trails", scenario=scenario, state=state) for state in ("met", "not")
        )
        state = findings.get("risks.trigger_state", trigger=scenario.partition("_")[0])
        is_told = word != "data" or (state is not None and state.value in ("met", "near"))
        if met and other and state and is_told:
            said.append(say(f"hurt.{word}", met=met, other=other, state=state))
    return [Paragraph("What would hurt.", tuple(said) or (say("hurt.none"),))]


def hedging(findings: Findings) -> tuple[Sentence, ...]:
    """Size and hedge, for the paragraph on acting; nothing when its section did not finish."""
    said = []
    size, best = known(findings, "hedge.size"), known(findings, "hedge.best_leg")
    if size:
        said.append(say("hedging.size", size=size))
    removed = known(findings, "hedge.variance_removed", leg=best.value) if best else None
    if best and removed:
        said.append(say("hedging.best", leg=best, removed=removed))
    second = [item.key["leg"] for item in findings.all("hedge.second_bet") if item.value]
    if second:
        said.append(say("hedging.second", legs=second))
    return tuple(said)
