"""The headline: what the high is, and who leads."""

from __future__ import annotations

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
    second = sentences.render(
        f"headline.{'unknown_lead' if relation == 'unknown' else relation}",
        month=readings.leads(findings, 21),
        quarter=readings.leads(findings, 63),
    )
    return f"{first}; {second}"
