"""Numbers and dates in a person's own words are those of a finding, or they are named."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.core.findings import Finding, Findings
from helpers.note import grounding

HELD = Findings(
    [
        Finding(
            "breakout.closing_high_rate",
            "IJH",
            0.6234,
            "fraction",
            "2026-04-16",
            key={"window": 21},
            n=48,
            low=0.52,
            high=0.71,
            level=0.95,
        ),
        Finding("strength.performance", "IJH", 0.3312, "fraction", "2026-04-16", low=0.2, high=0.4),
        Finding("coverage.given", "IJH", 0.04, "fraction", "2026-04-16", key={"fact": "Short interest"}),
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
        "in 2026, and by 2027, since 2027",
        "the S&P 400 and the Russell 2000",
        "no number at all, not one",
        "Dow 30, Nasdaq 100, S&P MidCap 400 and Russell 3000",
        "since 2015, during 2020, from the spring of 2022, in March 2026 and before 2019-2021",
        "no cut by 2030, nor in 2028",
        "twenty-one days and forty-eight cases",
        "sixty-three days over",
        "one of the funds, one day, no one, the first half of the year and a quarter that ends",
        "the ten-year yield and 2-year notes",
        "33.1% and 4%",
        "a 95% interval of 20 to 40%",
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
        ("S&P 7000, Dow 50000 and Nasdaq 20,000", ["7000", "50000", "20,000"]),
        ("S&P 500.5", ["500.5"]),
        ("a price of 2050, from 2030 to 2040", ["2050", "2030", "2040"]),
        ("until 2031, since 2028", ["2031", "2028"]),
        ("in 2026 points", ["2026 points"]),
        ("in 2050 of all, by 2100 shares", ["2050", "2100"]),
        ("to ninety-five", ["ninety-five"]),
        ("ninety dollars", ["ninety dollars"]),
        ("one third of them, a quarter of the funds", ["one third", "a quarter of"]),
        ("it doubles, they halve, tripled and fourfold", ["doubles", "halve", "tripled", "fourfold"]),
        ("half of it, two-thirds, three quarters", ["half", "two-thirds", "three quarters"]),
        ("one percent in one in five cases", ["one percent", "one in five"]),
        ("48 in 63, 21/63, 21 out of 48", ["48 in 63", "21/63", "21 out of 48"]),
        ("dozens of hundreds, a dozen", ["dozens", "hundreds", "dozen"]),
        ("33% or 1%, 71% and 52%", ["33%", "1%", "71%", "52%"]),
        ("20 to 41%", ["20", "41%"]),
        ("1 point", ["1 point"]),
        ("a 90% interval", ["90%"]),
        ("fo\u00adrty and 6\u200b5 of them", ["forty", "65"]),
    ],
)
def test_what_no_finding_states_is_named_as_typed(text: str, strange: list[str]) -> None:
    assert grounding.unmatched(text, HELD) == strange


def test_a_whole_percentage_is_rarely_met_by_chance() -> None:
    """A run holds some three hundred fractions and differences; rounded, they would state most whole percentages."""
    rng = np.random.default_rng(5)
    some = [
        Finding(
            "strength.excess" if i % 2 else "strength.performance",
            "IJH",
            float(value),
            unit,
            "2026-04-16",
            key={"i": i},
        )
        for i, (value, unit) in enumerate(zip(rng.uniform(0, 1, 300), ["fraction", "points"] * 150, strict=True))
    ]
    shares = [
        Finding("history.hit_rate", "IJH", float(value), "fraction", "2026-04-16", key={"j": j})
        for j, value in enumerate(rng.uniform(0, 1, 20))
    ]
    passing = [
        whole for whole in range(1, 100) if not grounding.unmatched(f"about {whole}% of it", Findings([*some, *shares]))
    ]
    assert len(passing) <= 20
