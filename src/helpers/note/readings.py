"""How findings read: the conditions that choose between a sentence and its twin."""

from __future__ import annotations

from helpers.core.findings import Findings

#: mega-cap growth only: beside the others, never alone
MEGA_GROWTH = ("MGK",)


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

    "split" where some lead and some trail by a tenth of a point or more; otherwise the leading stand-in speaks.
    """
    lead = lead_stand_in(findings)
    first = findings.value("strength.excess", window=window, against=lead) if lead else None
    if first is None:
        return "unknown"
    values = [findings.value("strength.excess", window=window, against=name) for name in stand_ins(findings)]
    printed = [round(float(value), 3) for value in values if value is not None]
    if max(printed) > 0 > min(printed):
        return "split"
    shown = round(float(first), 3)
    return "leads" if shown > 0 else "trails" if shown < 0 else "matches"


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
    partial = findings.value("breakout.is_partial")
    level = findings.value("breakout.prior_high")
    intraday = flag.key["field"] == "intraday"
    if flag.value is None:
        if level is None:
            return "holed" if findings.value("breakout.holes_in_window") else "short"
        return "lone" if findings.value("breakout.is_lone_high") else "pending"
    if partial:
        above = findings.value("breakout.close_confirmed_at_last")
        return "touch_not" if not flag.value else "touch_above" if above else "touch_back"
    if flag.value:
        if not intraday:
            return "yes_other"
        return "confirmed" if findings.value("breakout.close_confirmed") else "faded"
    return "none" if intraday else "no_other"
