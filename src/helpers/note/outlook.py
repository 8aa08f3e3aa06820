"""The closing half of the front page: levels, what to do, what to watch, what changed."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.core.findings import Findings
from helpers.note import claims as audit
from helpers.note import passages, printed, readings
from helpers.note.claims import Claim
from helpers.note.paragraphs import Paragraph, say

#: days of the watch line that come before the others
NEXT_SHOWN = 3
EVENT_WORDS = {
    "month_end": "month-end",
    "quarter_end": "quarter-end",
    "monthly_expiry": "options expiry",
    "quarterly_expiry": "quarterly expiry",
    "index_rebalance": "index rebalance",
    "half_day": "half day",
}
LEVEL_WORDS = {
    "confirm": "Confirm",
    "closing": "Closing high",
    "warning": "Warning",
    "stop": "Stop",
    "mean_50": "50-day",
    "mean_200": "200-day",
    "base_low": "Base low",
}


#: levels of the front page; the notebook shows all
FRONT_LEVELS = ("confirm", "closing", "warning", "stop", "mean_50")
#: levels a quiet day shows: nothing is entered, so nothing is stopped
QUIET_LEVELS = ("confirm", "closing", "mean_50", "mean_200")


def levels(findings: Findings, kinds: Sequence[str] = tuple(LEVEL_WORDS)) -> tuple[tuple[str, str, str, str], ...]:
    """Rows of the levels table, highest first: name, price, distance from the last price, the same in ATR."""
    rows = []
    for kind in kinds:
        name = LEVEL_WORDS[kind]
        price = findings.get("breakout.level", level=kind)
        if price is None or not price.is_known:
            continue
        distance = findings.get("breakout.level_distance", level=kind)
        ranges = findings.get("breakout.level_atr", level=kind)
        assert distance is not None and ranges is not None
        rows.append(
            (float(price.value or 0.0), name, price.text(), distance.text(signed=True), ranges.text(signed=True))
        )
    return tuple(row[1:] for row in sorted(rows, key=lambda row: -row[0]))


def act(findings: Findings) -> list[Paragraph]:
    """Size, hedge, and what the stop costs."""
    stop = findings.get("breakout.level", level="stop")
    loss = findings.get("breakout.loss_at_stop")
    if stop is None or not stop.is_known:
        return []
    warning = findings.value("breakout.level", level="warning")
    is_above = warning is not None and float(stop.value or 0.0) > warning
    stopped = say("act.stop", stop=stop, loss=loss, is_above=is_above)
    return [Paragraph("If you act.", (*passages.hedging(findings), stopped))]


def mind(findings: Findings) -> list[Paragraph]:
    """What would change the reading."""
    confirm = findings.get("breakout.level", level="confirm")
    warning = findings.get("breakout.level", level="warning")
    if confirm is None or not confirm.is_known:
        return []
    lead = readings.lead_stand_in(findings)
    gap = findings.get("strength.near_mean_distance", against=lead) if lead else None
    words = {"confirm": confirm, "warning": warning, "gap": gap, "last": findings.get("breakout.last")}
    last = findings.value("breakout.last")
    is_above = last is not None and last > float(confirm.value or 0.0)
    if gap is None or gap.value is None:
        return [Paragraph("Changes our mind.", (say("mind.unknown_met" if is_above else "mind.unknown", **words),))]
    if float(gap.value) < 0:
        name = "below_mean_met" if is_above else "below_mean"
    else:
        is_under = last is not None and warning is not None and last < float(warning.value or 0.0)
        name = "above_mean_met" if is_under else "above_mean"
    return [Paragraph("Changes our mind.", (say(f"mind.{name}", **words, against=lead),))]


def watch(findings: Findings) -> Paragraph:
    """Dates due within six weeks: of the exchange's calendar, and those that a person listed."""
    if not findings.all("breakout.due"):
        return Paragraph("Watch.", (say("watch.unknown"),))
    due = {item.key["event"]: item for item in findings.all("breakout.due") if item.is_known}
    for wider, narrower in (("quarterly_expiry", "monthly_expiry"), ("quarter_end", "month_end")):
        if wider in due and narrower in due and due[wider].value == due[narrower].value:
            del due[narrower]
    named = [(item, EVENT_WORDS[event]) for event, item in due.items()]
    named += [(item, str(item.key["event"])) for item in findings.all("risks.due")]
    by_day: dict[str, list[str]] = {}
    for item, name in sorted(named, key=lambda pair: str(pair[0].value)):
        by_day.setdefault(printed.short_date(item), []).append(name)
    events = [f"{date} ({', '.join(names)})" for date, names in by_day.items()]
    if not events:
        return Paragraph("Watch.", (say("watch.none"),))
    soon, later = events[:NEXT_SHOWN], events[NEXT_SHOWN:]
    return Paragraph("Watch.", (say("watch.due", events=soon), *([say("watch.more", events=later)] if later else [])))


def untested(claims: Sequence[Claim]) -> Paragraph:
    """What these data cannot settle, and how much is not computed yet."""
    untested, later = (
        [audit.SHORT.get(claim.id, claim.id.replace("_", " ")) for claim in claims if claim.verdict == verdict]
        for verdict in ("cannot be tested", "not yet computed")
    )
    parts = [say("untested.positions", names=untested)] if untested else []
    if later:
        parts.append(say("untested.pending_line", names=later))
    return Paragraph("Not testable:", tuple(parts))
