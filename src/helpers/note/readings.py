"""How findings read: the conditions that choose between a sentence and its twin."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.core.findings import Finding, Findings
from helpers.note import predicates, printed

#: mega-cap growth only: beside the others, never alone
MEGA_GROWTH = ("MGK",)
#: earlier cases under which no share is printed
MIN_EVENTS_MEAN = 10
#: conditions needed for broadening, one of these lines among them
NEEDED, RELATIVE_LINES = 3, ("mid_mega_high", "equal_weight")
#: trading days at which an effect is quoted
MONTH = 21


def kind(findings: Findings) -> str:
    """The kind of high in words, as in "52-week intraday high"."""
    flag = findings.get("breakout.is_new_high")
    if flag is None:
        return "high"
    window = flag.key["window"]
    span = "52-week" if window in (252, "364d", "365d") else f"{window}-day"
    field = {"intraday": "", "close": " closing", "total_return": " total-return"}[flag.key["field"]]
    return f"{span}{field} high"


def stand_ins(findings: Findings) -> list[str]:
    """Labels of the mega-cap stand-ins, the first one leading."""
    return [item.key["against"] for item in findings.all("strength.mansfield")]


def lead_stand_in(findings: Findings) -> str | None:
    """The first stand-in with a current figure that may stand alone; None when there is none."""
    known = {item.key["against"] for item in findings.all("strength.excess", window=21) if item.is_known}
    alone = [name for name in stand_ins(findings) if name.split()[0] not in MEGA_GROWTH]
    return next((name for name in alone if name in known), None)


def leads(findings: Findings, window: int) -> str:
    """Mid against the stand-ins over one window: leads, trails, matches, split or unknown.

    Half a point either way is a match. "split" where some stand-ins are led and others trailed by more than that;
    otherwise the leading stand-in speaks. Mega-cap growth has no vote.
    """
    lead = lead_stand_in(findings)
    first = findings.value("strength.excess", window=window, against=lead) if lead else None
    if first is None:
        return "unknown"
    names = [name for name in stand_ins(findings) if name.split()[0] not in MEGA_GROWTH]
    values = [findings.value("strength.excess", window=window, against=name) for name in names]
    words = {_word(float(value)) for value in values if value is not None}
    return "split" if {"leads", "trails"} <= words else _word(float(first))


def extremes(findings: Findings, window: int) -> tuple[Finding, Finding]:
    """The lowest and the highest known excess return among the stand-ins."""
    names = stand_ins(findings)
    held = [item for item in findings.all("strength.excess", window=window) if item.key["against"] in names]
    ordered = sorted((item for item in held if item.is_known), key=lambda item: float(item.value or 0.0))
    return ordered[0], ordered[-1]


def _word(excess: float) -> str:
    return "matches" if abs(excess) < predicates.MATCH_WITHIN else "leads" if excess > 0 else "trails"


def relative_state(findings: Findings) -> str:
    """Mid against mega over a month (21 days) and a quarter (63): same, different, split or unknown."""
    month, quarter = leads(findings, 21), leads(findings, 63)
    if "unknown" in (month, quarter):
        return "unknown"
    if "split" in (month, quarter):
        return "split"
    return "same" if month == quarter else "different"


def high_state(findings: Findings) -> str:
    """Which of the sentences under [happened] is true."""
    flag = findings.get("breakout.is_new_high")
    if flag is None:
        return "failed"
    if findings.value("breakout.stale_since"):
        return "stale"
    partial = findings.value("breakout.is_partial")
    level = findings.value("breakout.prior_high")
    intraday = flag.key["field"] == "intraday"
    if flag.value is None:
        if level is None:
            return "holed" if findings.value("breakout.holes_in_window") else "short"
        return "lone" if intraday and findings.value("breakout.is_lone_high") else "pending"
    if flag.value and intraday and findings.value("breakout.is_lone_high"):
        return "lone_supported"
    is_equal = findings.value("breakout.margin") == 0
    if is_equal:
        return "matched" if flag.value else "tied"
    if partial:
        above = findings.value("breakout.close_confirmed_at_last")
        return "touch_not" if not flag.value else "touch_above" if above else "touch_back"
    if flag.value:
        if not intraday:
            return "yes_other"
        return "confirmed" if findings.value("breakout.close_confirmed") else "faded"
    return "none" if intraday else "no_other"


#: states of a day that has made its high, or whose close may still make it
EVENTFUL = ("lone_supported", "touch_back", "touch_above", "matched", "confirmed", "faded", "yes_other", "pending")


def bar(findings: Findings) -> Finding | None:
    """The price to beat, in quote currency, whatever the new high is about."""
    flag = findings.get("breakout.is_new_high")
    names = {"intraday": "confirm_level", "close": "closing_high", "total_return": "total_return_high"}
    return findings.get(f"breakout.{names[flag.key['field']]}") if flag else None


def role(finding: Finding) -> str:
    """What a ratio stands for: mid_mega, equal_weight, small, quality, value_growth or cyclical_defensive."""
    return str(finding.key.get("role", ""))


def long(findings: Findings, id: str) -> Finding | None:
    """The finding of the pair with the longest history, whose verdict counts; the first pair where none is marked."""
    held = findings.all(id)
    marked = next((item for item in findings.all("history.longest") if item.value), None)
    if marked is None:
        return held[0] if held else None
    same = (item for item in held if (item.subject, item.key["against"]) == (marked.subject, marked.key["against"]))
    return next(same, None)


def sign(difference: Finding) -> str:
    """Which twin a difference takes, by the sign that is printed: leads, trails or level."""
    return {"better": "leads", "worse": "trails"}.get(printed.better(difference).rpartition(" ")[2], "level")


def may_be_broadening(lines: Mapping[str, Any]) -> bool:
    """Whether conditions that are not known could turn the verdict to broadening, if all of them were met."""
    possible = [name for name, is_met in lines.items() if is_met is not False]
    unknown = [name for name, is_met in lines.items() if is_met is None]
    return bool(unknown) and len(possible) >= NEEDED and bool({*possible} & {*RELATIVE_LINES})


def shock(findings: Findings, scenario: str) -> Finding | None:
    """How far the factor of a scenario has to move."""
    trigger = scenario.partition("_")[0]
    held = [
        item for what in ("bp", "claims") for item in findings.all(f"risks.trigger_{what}_threshold", trigger=trigger)
    ]
    return held[0] if held else None


def effect(findings: Findings) -> Finding | None:
    """The difference after breakouts of the pair with the longest history, at the horizon nearest to a month."""
    verdict = long(findings, "history.verdict")
    if verdict is None:
        return None
    pair = {"subject": verdict.subject, "against": verdict.key["against"]}
    held = [item for item in findings.all("history.difference", era="all", **pair) if item.is_known]
    return min(held, key=lambda item: abs(int(item.key["horizon"]) - MONTH), default=None)


def beside(findings: Findings, id: str, found: Finding, **key: Any) -> Finding | None:
    """Another finding of the same pair and horizon."""
    place = {name: found.key[name] for name in ("against", "horizon")}
    return findings.get(id, subject=found.subject, **{**place, **key})
