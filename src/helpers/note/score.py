"""What the note says of the score: the tone, what it makes of the next month, and what it has been worth."""

from __future__ import annotations

from typing import Any

from helpers.core.findings import Finding, Findings
from helpers.note.clause import known
from helpers.note.paragraphs import Paragraph, Sentence, say

LABEL = "Tone:"
#: what the label of a skill has for its twin
SKILL = {"none": "tone.no_skill", "positive": "tone.some_skill", "negative": "tone.wrong_way", "unknown": "tone.untold"}


def tone(findings: Findings) -> list[Paragraph]:
    """Score and word, the probability beside the base rate, the measured skill; nothing where no part is known."""
    score, word = known(findings, "risks.score"), known(findings, "risks.score_label")
    if score is None or word is None:
        return []
    coverage, parts = findings.get("risks.score_coverage"), len(findings.all("risks.score_component"))
    said = say("tone.score", score=score, word=word, coverage=coverage, parts=parts)
    return [Paragraph(LABEL, (said, *worth(findings)))]


def short(findings: Findings) -> list[Paragraph]:
    """Score, word and measured skill in one sentence, for the front page; nothing where no part is known."""
    score, word, skill = (known(findings, f"risks.{name}") for name in ("score", "score_label", "score_skill"))
    if score is None or word is None or skill is None:
        return []
    correlation = findings.get("risks.score_rank_ic")
    return [Paragraph(LABEL, (say(f"tone.short_{skill.value}", score=score, word=word, correlation=correlation),))]


def worth(findings: Findings) -> tuple[Sentence, ...]:
    """Probability and skill, a sentence each; neither where there is no score."""
    chance, base = known(findings, "risks.score_probability"), known(findings, "risks.score_base_rate")
    skill = known(findings, "risks.score_skill")
    said = []
    score = known(findings, "risks.score")
    if score is not None and chance is not None and base is not None:
        is_other = _points_elsewhere(float(score.value or 0.0), chance, base)
        said.append(say("tone.chance_other" if is_other else "tone.chance", chance=chance, base=base))
    if score is not None and skill is not None:
        slots: dict[str, Any] = {"skill": skill, "correlation": findings.get("risks.score_rank_ic")}
        said.append(say(SKILL[str(skill.value)], **slots))
    return tuple(said)


def _points_elsewhere(score: float, chance: Finding, base: Finding) -> bool:
    """Whether the probability lies on the other side of the base rate than the score of nought, as printed."""
    moved = float(chance.value or 0.0) - float(base.value or 0.0)
    return moved * score < 0 and chance.text(decimals=0) != base.text(decimals=0)
