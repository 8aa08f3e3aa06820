"""Numbers and dates in a person's own words are those of a finding, or they are named."""

from __future__ import annotations

import pytest

from helpers.core.findings import Finding, Findings
from helpers.note import grounding

HELD = Findings(
    [
        Finding("a.share", "IJH", 0.6234, "fraction", "2026-04-16", key={"window": 21}, n=48, low=0.52, high=0.71),
        Finding("a.move", "IJH", -0.0123, "points", "2026-04-16", key={"horizon": 63}),
        Finding("a.level", "IJH", 72.56, "price", "2026-04-16"),
        Finding("a.day", "IJH", "2026-02-20", "date", "2026-04-16"),
        Finding("a.size", "IJH", 51_380_000.0, "money", "2026-04-16"),
        Finding("a.beta", "IJH", 1.31, "multiple", "2026-04-16"),
        Finding("a.rate", "IJH", 25.0, "bp", "2026-04-16", key={"index": "S&P 500"}),
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        "62% of 48 cases (52 to 71%)",
        "52% to 71%",
        "62.34 percent",
        "a fall of 1.2 points, -1.23 points",
        "72.56, or 72.6 in short",
        "on 20 February 2026, 20 February, 2026-02-20, Feb 20 and 16 April 2026",
        "about 51 million, 51.4 million",
        "1.3x, 1.31 times",
        "25 bp, 25 basis points",
        "over 21 days and over 63, of the S&P 500",
        "in 2026, and by 2027",
        "the S&P 400 and the Russell 2000",
        "no number at all, not one",
    ],
)
def test_what_a_finding_states_is_matched(text: str) -> None:
    assert grounding.unmatched(text, HELD) == []


@pytest.mark.parametrize(
    ("text", "strange"),
    [
        ("63% of cases", ["63%"]),
        ("+1.2 points", ["+1.2 points"]),
        ("-62%", ["-62%"]),
        ("72.55", ["72.55"]),
        ("49 cases and 22 days", ["49", "22"]),
        ("on 21 February", ["21 February"]),
        ("on 20 February 2025", ["20 February 2025"]),
        ("1.4x of 52 million", ["1.4x", "52 million"]),
        ("a target of $80 by March 3rd", ["$80", "March 3rd"]),
        ("25%", ["25%"]),
        ("worth 2027", ["2027"]),
        ("at USD99.50 or EUR250, no.99", ["99.50", "250", "99"]),
        ("1e5 shares", ["1e5"]),
        ("up ½ a point, ٣٢", ["½", "٣", "٢"]),
        ("thirty-two percent more", ["thirty-two percent"]),
    ],
)
def test_what_no_finding_states_is_named_as_typed(text: str, strange: list[str]) -> None:
    assert grounding.unmatched(text, HELD) == strange
