"""The clause on the tone."""

from __future__ import annotations

from helpers.core.findings import Findings
from helpers.note import score
from helpers.note.clause import Claim, claimed, known, missing

#: the word of the score that the clause asserts
CLAIMED = "mildly positive"


def sentiment(name: str, findings: Findings) -> Claim:
    """Whether the score's word is the one claimed; its probability and its skill stand beside it."""
    word = findings.get("risks.score_label")
    if word is None:
        return missing(name)
    value = known(findings, "risks.score")
    if value is None:
        return claimed(name, "no data", "audit.sentiment.no_data", [word])
    coverage = findings.get("risks.score_coverage")
    said = score.worth(findings)
    beside = [known(findings, f"risks.score_{what}") for what in ("probability", "base_rate", "rank_ic", "skill")]
    return claimed(
        name,
        "holds" if word.value == CLAIMED else "does not hold",
        "audit.sentiment.said",
        [value, word, coverage, *beside],
        score=value,
        word=word,
        coverage=coverage,
        worth=" ".join(sentence.text for sentence in said),
    )
