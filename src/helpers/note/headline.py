"""The headline: what the high is, and who leads."""

from __future__ import annotations

from typing import Any

from helpers.core.findings import Findings
from helpers.note import paragraphs, readings, sentences

#: states whose headline goes by another name
_HEADLINES = {
    "lone_supported": "would_confirm",
    "touch_back": "touch",
    "touch_above": "would_confirm",
    "yes_other": "confirmed",
    "short": "unknown",
    "holed": "unknown",
    "no_other": "none",
    "touch_not": "so_far",
}


def headline(findings: Findings) -> str:
    """The finding in a line: what the high is, and who leads."""
    state = readings.high_state(findings)
    name = _HEADLINES.get(state, state)
    first = sentences.render(f"headline.{name}", **paragraphs.slots(findings))
    relation = readings.relative_state(findings)
    words: dict[str, Any] = {}
    if relation != "unknown":
        lead = readings.lead_stand_in(findings)
        for name, window in (("month", 21), ("quarter", 63)):
            words[name] = readings.leads(findings, window)
            words[f"{name}_by"] = findings.get("strength.excess", window=window, against=lead)
            if words[name] == "split":
                words["low"], words["high"] = readings.extremes(findings, window)
    second = sentences.render(f"headline.{'unknown_lead' if relation == 'unknown' else relation}", **words)
    return "; ".join(text for text in (first, second) if text) or paragraphs.subject(findings)
