"""What the note says of the score: the word as found, the probability beside its base rate, and no skill it lacks."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.core.findings import Finding, Findings
from helpers.note import captions, claims, score

KEY = {"horizon": 21, "against": "OEF"}


def stated(**values: Any) -> Findings:
    """Findings of a score of eight parts, one of them unknown; values by name, None for unknown."""
    held: dict[str, Any] = {
        "score": 0.2,
        "score_coverage": 0.875,
        "score_label": "mildly positive",
        "score_probability": 0.53,
        "score_base_rate": 0.5,
        "score_rank_ic": 0.04,
        "score_brier_skill": 0.001,
        "score_skill": "none",
        **values,
    }
    units = {"score_label": "label", "score_skill": "label"} | dict.fromkeys(
        ("score_coverage", "score_probability", "score_base_rate"), "fraction"
    )
    facts: dict[str, Any] = {"subject": "IJH", "as_of": "2026-04-16", "source": "a test"}
    found = [
        Finding(
            id=f"risks.{name}",
            value=value,
            unit=units.get(name, "score"),
            key={} if name in ("score", "score_coverage", "score_label") else KEY,
            n=7 if name in ("score", "score_coverage", "score_label") else 231,
            **facts,
        )
        for name, value in held.items()
    ]
    parts = [
        Finding(id="risks.score_component", value=value, unit="score", key={"component": name}, **facts)
        for name, value in {**dict.fromkeys("abcdefg", 0.2), "revisions": None}.items()
    ]
    return Findings([*found, *parts])


def told(**values: Any) -> str:
    return " ".join(part.text for part in score.tone(stated(**values)))


def test_the_tone_says_score_word_and_how_much_is_known() -> None:
    assert told().startswith("+0.20, mildly positive (7 of 8 parts known).")


def test_the_probability_never_stands_without_its_base_rate() -> None:
    assert "beats OEF over 21 days: 53%; base rate 50%." in told()
    assert "Chance" not in told(score_base_rate=None) and "Chance" not in told(score_probability=None)


@pytest.mark.parametrize(
    ("value", "chance", "is_other"),
    [(0.2, 0.47, True), (-0.2, 0.53, True), (0.2, 0.53, False), (-0.2, 0.47, False), (0.2, 0.4996, False)],
)
def test_a_fit_that_points_the_other_way_is_said_to(value: float, chance: float, is_other: bool) -> None:
    said = told(score=value, score_probability=chance)
    assert ("points the other way" in said) is is_other


@pytest.mark.parametrize(
    ("skill", "words"),
    [
        ("none", "no forecasting skill"),
        ("positive", "some skill"),
        ("negative", "went against it"),
        ("unknown", "cannot be told yet"),
    ],
)
def test_the_skill_is_said_as_measured(skill: str, words: str) -> None:
    said = told(score_skill=skill, score_rank_ic=None if skill == "unknown" else 0.04)
    assert words in said and said.count("skill") <= 1


def test_without_a_score_there_is_no_tone() -> None:
    assert score.tone(stated(score=None, score_label=None)) == []
    assert score.tone(Findings()) == []
    assert captions.title(Findings(), "score_components") == "Score not known"


@pytest.mark.parametrize(
    ("word", "verdict"),
    [
        ("mildly positive", "holds"),
        ("neutral", "does not hold"),
        ("mildly negative", "does not hold"),
        ("moderately positive", "does not hold"),
        ("strongly positive", "does not hold"),
    ],
)
def test_only_the_tone_claimed_holds(word: str, verdict: str) -> None:
    claim = claims.claim("sentiment", stated(score_label=word))
    assert claim.verdict == verdict and word in claim.text
    assert claim.findings[0] == "risks.score[IJH]"


def test_without_a_known_part_the_clause_has_no_data_and_without_its_section_too() -> None:
    assert claims.claim("sentiment", stated(score=None, score_label=None)).verdict == "no data"
    assert claims.claim("sentiment", Findings()).template == "audit.section_missing"


def test_the_title_of_the_picture_says_the_score_and_its_coverage() -> None:
    assert captions.title(stated(), "score_components") == "Score +0.20: mildly positive, on 88% of its weight"
    assert captions.title(stated(score_coverage=1.0), "score_components") == "Score +0.20: mildly positive"
