"""Paragraphs on breadth, history, risks and the hedge, for the front page and for the notebooks' own ends."""

from __future__ import annotations

from typing import Any, NamedTuple

from helpers.core.findings import Finding, Findings
from helpers.note import paragraphs, readings, sentences
from helpers.note.clause import SCENARIOS, known
from helpers.note.paragraphs import Paragraph, Sentence, say

#: the months of a scenario are those in which it happened: no forecast
HURT = "What would hurt."
#: label over what followed earlier breakouts
PERSISTS = "Does it persist?"
#: what is said of a scenario
SCENARIO = ("hurt.trails", "hurt.leads", "hurt.level")
#: the reversals of a breakout, as rules of triggers and of their shares over all days
REVERSALS = ("excess", "drawdown", "level")


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
    if name == "verdict_other" and readings.may_be_broadening(lines):
        name = "verdict_open"
    return (say(f"breadth.{name}", verdict=verdict, met=met, **lines),)


def _members(findings: Findings) -> Sentence:
    """Share of members above their longest mean, and the lowest of the last quarter."""
    shares = [item for item in findings.all("breadth.above_mean") if item.is_known]
    if not shares:
        held = known(findings, "breadth.members_held")
        return say("breadth.few_members", held=held) if held and held.value else say("breadth.no_members")
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
    if found is None or verdict.value == "cannot be tested":
        events = known(findings, "history.events", subject=verdict.subject, against=verdict.key["against"])
        return [Paragraph(PERSISTS, (say("persist.few" if events else "persist.unknown", events=events),))]
    ended = findings.get("history.study_to", subject=found.subject, against=found.key["against"])
    said = [say("persist.verdict", verdict=verdict, found=found, end=ended)]
    before, after = (readings.beside(findings, "history.difference", found, era=era) for era in ("before", "after"))
    split = findings.get("history.era_split", subject=found.subject, against=found.key["against"])
    if before and after and split and before.is_known and after.is_known and split.is_known:
        said.append(say("persist.eras", split=split, before=before, after=after))
    return [Paragraph(PERSISTS, tuple(said))]


def followed(findings: Findings) -> Sentence | None:
    """What followed earlier breakouts, in a sentence that stands alone; None where too little is known."""
    found, verdict = readings.effect(findings), readings.long(findings, "history.verdict")
    if found is None or verdict is None or not verdict.is_known:
        return None
    return say("message.followed", found=found, verdict=verdict)


def against_mega(findings: Findings) -> Sentence:
    """Relative strength, in a sentence that stands alone."""
    return say("message.relative", text=paragraphs.relative(findings).sentences[0].text)


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
    """What the scenarios went with, and what of a breakout has been reversed.

    First a scenario that is met today and has been a forecast, then reversals, then others met, then those that hurt.
    Claims only while they rise. Nothing when the section did not finish.
    """
    if not findings.all("risks.scenario_verdict"):
        return []
    told = _scenarios(findings)
    urgent = [sentence for scenario in told if scenario.place == 0 for sentence in scenario.sentences]
    others = [sentence for scenario in told if scenario.place > 0 for sentence in scenario.sentences]
    said = [*urgent, *reversed_since(findings), *others]
    return [Paragraph(HURT, tuple(said) or (say("hurt.none"),))]


def first_scenario(findings: Findings) -> str:
    """What the first scenario that is known went with, without its forecast; "" where none is known."""
    texts = [sentence.text for scenario in _scenarios(findings, is_short=True) for sentence in scenario.sentences]
    return texts[0] if texts else ""


class _Scenario(NamedTuple):
    """What is said of a scenario, and its place: 0 met and a forecast, 1 met, 2 others, 3 where mid caps did better."""

    place: int = 2
    sentences: tuple[Sentence, ...] = ()


def _scenarios(findings: Findings, *, is_short: bool = False) -> list[_Scenario]:
    told = (_scenario(findings, clause, is_short=is_short) for clause in SCENARIOS)
    return sorted(told, key=lambda scenario: scenario.place)


def _scenario(findings: Findings, clause: str, *, is_short: bool) -> _Scenario:
    """What one scenario went with, if its windows suffice, also where mid caps did better; and a supported forecast."""
    scenario = SCENARIOS[clause]
    key = {"scenario": scenario}
    found, verdict = (
        known(findings, "risks.scenario_difference", **key),
        known(findings, "risks.scenario_verdict", **key),
    )
    met, other = (known(findings, "risks.scenario_trails", **key, state=state) for state in ("met", "not"))
    state = findings.get("risks.trigger_state", trigger=scenario.partition("_")[0])
    if found is None or verdict is None or met is None or other is None or state is None:
        return _Scenario()
    if clause == "risk_data" and state.value not in ("met", "near"):
        return _Scenario()
    what = sentences.render(f"hurt.{clause}", shock=readings.shock(findings, scenario))
    words = {"what": what, "found": found, "met": met, "other": other, "verdict": verdict, "state": state}
    forecast = findings.get("risks.predictive_verdict", **key)
    ahead = known(findings, "risks.predictive_difference", **key)
    is_forecast = ahead is not None and forecast is not None and forecast.value == "supported"
    is_met, sign = state.value == "met", readings.sign(found)
    is_urgent = is_forecast and is_met
    said = [say(f"hurt.{sign}", **words, ahead=ahead if is_urgent and not is_short else None, forecast=forecast)]
    if is_forecast and not is_met:
        said.append(say("hurt.forecast", what=what, ahead=ahead, forecast=forecast))
    place = 0 if is_urgent else 1 if is_met else 3 if sign == "leads" else 2
    return _Scenario(place, tuple(said))


def reversed_since(findings: Findings) -> list[Sentence]:
    """The reversals met since the last breakout, beside the share of all days that see the same."""
    said = []
    for rule in REVERSALS:
        state = findings.get("risks.trigger_state", trigger=rule)
        if state is None or state.value != "met":
            continue
        value = known(findings, f"risks.trigger_{rule}", trigger=rule)
        base = known(findings, "risks.reversal_base", rule=rule)
        limit = known(findings, f"risks.trigger_{rule}_threshold", trigger=rule)
        said.append(say(f"hurt.since_{rule}", value=value, base=base, limit=limit, state=state))
    return said


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
