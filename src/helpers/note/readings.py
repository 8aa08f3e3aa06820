"""How findings read: the conditions that choose between a sentence and its twin."""

from __future__ import annotations

from helpers.core.findings import Findings


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


def leads(findings: Findings, window: int) -> str:
    """Mid against the stand-ins over one window: leads, trails, matches, split or unknown.

    "split" where some lead and some trail by a tenth of a point or more; otherwise the first stand-in speaks.
    """
    values = [findings.value("strength.excess", window=window, against=name) for name in stand_ins(findings)]
    if not values or values[0] is None:
        return "unknown"
    printed = [round(float(value), 3) for value in values if value is not None]
    if max(printed) > 0 > min(printed):
        return "split"
    return "leads" if printed[0] > 0 else "trails" if printed[0] < 0 else "matches"


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
