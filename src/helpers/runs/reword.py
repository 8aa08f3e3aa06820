"""Where a run asks for other words, and where `verify` holds what came of it against the findings again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.core.blocks import NarrativeModel
from helpers.core.findings import Findings
from helpers.note import claims as auditor
from helpers.note import front, narrative, sentences
from helpers.note.paragraphs import Paragraph
from helpers.runs import rewrite

#: of a rewriting's record, what belongs to the run and not to its note: it differs each time
_OF_THE_RUN = ("tries", "seconds", "dropped")
#: ids of the findings that the sentences of a table of templates are made of
_SOURCES = {
    "happened": ("breakout.*",),
    "pending": ("breakout.*",),
    "closing": ("breakout.*",),
    "volume": ("breakout.*",),
    "so_what": ("breakout.*", "strength.*"),
    "relative": ("strength.*",),
    "breadth": ("breadth.*",),
    "persist": ("history.*",),
    "month": ("history.*",),
    "hurt": ("risks.*",),
    "act": ("breakout.level", "breakout.loss_at_stop"),
    "hedging": ("hedge.*",),
    "mind": ("breakout.level", "strength.near_mean_distance"),
    "watch": ("breakout.due", "risks.due"),
    "tone": ("risks.score*",),
}


def ask(
    findings: Findings, context: Mapping[str, Any], settings: NarrativeModel
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The context with the paragraphs that were reworded, and what run.json says of the asking."""
    note = _grounded(findings, context)
    parts = front.paragraphs_of(note)
    made = rewrite.rewrite(
        [(part.label, part.text) for part in parts],
        findings,
        settings,
        sources={part.label: sources(part) for part in parts},
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
    found = rewrite.recheck(record, findings, paragraphs=grounded)
    if rewrite.texts(record, findings) != context["rewritten"]:
        found.append("the reworded paragraphs are not those that its templates give")
    return found


def sources(paragraph: Paragraph) -> tuple[str, ...]:
    """Ids of the findings that a paragraph is made of; all of them where a sentence of it has no entry."""
    tables = {sentence.template.partition(".")[0] for sentence in paragraph.sentences}
    return tuple(ids for name in sorted(tables) for ids in _SOURCES.get(name, ("*",)))


def _grounded(findings: Findings, context: Mapping[str, Any]) -> front.Note:
    """The note in our own words."""
    with sentences.using(context.get("templates", {})):
        return narrative.compose(findings, auditor.audit(findings), {**context, "rewritten": {}})
