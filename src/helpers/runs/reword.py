"""Where a run asks for other words, and where `verify` holds what came of it against the findings again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.core.blocks import NarrativeModel
from helpers.core.findings import Findings
from helpers.note import claims as auditor
from helpers.note import front, narrative, sentences, words
from helpers.runs import rewrite

#: of a rewriting's record, what belongs to the run and not to its note: it differs each time
_OF_THE_RUN = ("tries", "seconds", "dropped")


def ask(
    findings: Findings, context: Mapping[str, Any], settings: NarrativeModel
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The context with the paragraphs that were reworded, and what run.json says of the asking."""
    note = _grounded(findings, context)
    made = rewrite.rewrite(
        [(part.label, part.text) for part in front.paragraphs_of(note)],
        findings,
        settings,
        supported=words.unsupported,
        spare_words=front.WORD_BUDGET - front.word_count(note, context),
    )
    record = {name: value for name, value in made.record.items() if name not in _OF_THE_RUN}
    said = {
        "model": settings.model,
        "accepted": sorted(made.texts),
        **{name: made.record[name] for name in _OF_THE_RUN},
    }
    return {**context, "rewrite": record, "rewritten": made.texts}, said


def faults(findings: Findings, context: Mapping[str, Any]) -> list[str]:
    """What of the reworded paragraphs does not follow from the findings; nothing where none was reworded."""
    if not context.get("rewritten"):
        return []
    record = {"dropped": [], **context["rewrite"]}
    grounded = [(part.label, part.text) for part in front.paragraphs_of(_grounded(findings, context))]
    found = rewrite.recheck(record, findings, words.unsupported, paragraphs=grounded)
    if rewrite.texts(record, findings) != context["rewritten"]:
        found.append("the reworded paragraphs are not those that its templates give")
    return found


def _grounded(findings: Findings, context: Mapping[str, Any]) -> front.Note:
    """The note in our own words."""
    with sentences.using(context.get("templates", {})):
        return narrative.compose(findings, auditor.audit(findings), {**context, "rewritten": {}})
