"""Clauses that history answers: persistence, the calendar, how positions behave after a high."""

from __future__ import annotations

from helpers.core.findings import Findings
from helpers.note import readings
from helpers.note.clause import Claim, agree, claimed, known, missing

#: trading days that count as weeks
WEEKS = (5, 63)


def persistence(name: str, findings: Findings) -> Claim:
    """The verdict of the event study on the pair with the longest history."""
    verdict = readings.long(findings, "history.verdict")
    if verdict is None:
        return missing(name)
    found = readings.effect(findings)
    if found is not None and not WEEKS[0] <= int(found.key["horizon"]) <= WEEKS[1]:
        limits = {"least": WEEKS[0], "most": WEEKS[1]}
        return claimed(name, "cannot be tested", "audit.persistence.not_weeks", [verdict, found], **limits)
    events = known(findings, "history.events", subject=verdict.subject, against=verdict.key["against"])
    if found is None and events is None:
        return claimed(name, "no data", "audit.persistence.no_data", [verdict])
    if found is None or verdict.value == "cannot be tested":
        return claimed(name, "cannot be tested", "audit.persistence.few", [verdict, found, events], events=events)
    before, after = (readings.beside(findings, "history.difference", found, era=era) for era in ("before", "after"))
    words = {
        "before": before,
        "after": after,
        "hit": readings.beside(findings, "history.hit_rate", found),
        "base": readings.beside(findings, "history.base_rate", found),
        "detectable": readings.beside(findings, "history.detectable", found),
    }
    split = findings.get("history.era_split", subject=found.subject, against=found.key["against"])
    start = findings.get("history.study_from", subject=found.subject, against=found.key["against"])
    template = "ahead" if float(found.value or 0.0) > 0 else "behind"
    return claimed(
        name,
        str(verdict.value),
        f"audit.persistence.{template}",
        [found, verdict, *words.values(), start, split],
        sample=found,
        is_stable=agree(before, after),
        found=found,
        start=start,
        split=split,
        **words,
    )


def calendar_effect(name: str, findings: Findings) -> Claim:
    """Month-end and quarter-end, stated only when one is due within six weeks."""
    verdict = readings.long(findings, "history.month_end_verdict")
    if verdict is None:
        return missing(name)
    pair = {"subject": verdict.subject, "against": verdict.key["against"]}
    month = known(findings, "history.month_end", window="month_end", **pair)
    quarter = known(findings, "history.month_end", window="quarter_end", **pair)
    due = known(findings, "history.month_end_next") or known(findings, "history.quarter_end_next")
    if not verdict.is_known or month is None:
        return claimed(name, "no data", "audit.calendar_effect.no_data", [verdict])
    # days of one turn of the month are no separate cases
    eras = [known(findings, "history.month_end_era", era=era, **pair) for era in ("before", "after")]
    split = known(findings, "history.month_end_split", **pair)
    word, shared = str(verdict.value), {"sample": month, "cases": verdict.n, "is_stable": agree(*eras)}
    shared |= {"before": eras[0], "after": eras[1], "split": split}
    if word == "cannot be tested":
        return claimed(name, word, "audit.calendar_effect.few", [verdict], cases=verdict.n, ends=verdict.n)
    if due is None:
        return claimed(name, word, "audit.calendar_effect.far", [month, verdict, *eras, split], **shared, month=month)
    if known(findings, "history.quarter_end_next") is None:
        quarter = None
    words = {"month": month, "quarter": quarter, "due": due}
    rests = [month, quarter, due, verdict, *eras, split]
    return claimed(name, word, "audit.calendar_effect.due", rests, **shared, **words)


def stickiness(name: str, findings: Findings) -> Claim:
    """Whether mid caps fall further than mega caps after a high, beyond what they do at all times."""
    after = readings.long(findings, "history.drawdown_after")
    if after is None:
        return missing(name)
    pair = {"subject": after.subject, "against": after.key["against"]}
    base = known(findings, "history.drawdown_base", **pair)
    difference = findings.get("history.drawdown_difference", **pair)
    swings = known(findings, "history.volatility_after", **pair)
    usual = known(findings, "history.volatility_base", **pair)
    start = known(findings, "history.study_from", **pair)
    found = [difference, after, base, swings, usual, start]
    events = known(findings, "history.events", **pair)
    if base is None or (not after.is_known and events is None):
        return claimed(name, "no data", "audit.stickiness.no_data", [after])
    if difference is None or difference.low is None or difference.high is None:
        return claimed(name, "cannot be tested", "audit.stickiness.few", found, events=events)
    template = "deeper" if difference.high < 0 else "milder" if difference.low > 0 else "alike"
    verdict = {"deeper": "leaning", "milder": "leaning against", "alike": "inconclusive"}[template]
    return claimed(
        name,
        verdict,
        f"audit.stickiness.{template}",
        found,
        sample=difference,
        after=after,
        base=base,
        difference=difference,
        swings=swings,
        usual=usual,
        start=start,
    )
