"""What changed since the last note: verdicts, triggers, levels, tone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from helpers.core.findings import Finding, Findings, date_text
from helpers.note import sentences
from helpers.note.claims import Claim
from helpers.note.outlook import LEVEL_WORDS
from helpers.note.paragraphs import Context, Paragraph, say

#: changes named on the front page; below the fold stand all
SHOWN = 3
COLUMNS = ("What", "Before", "Now")
#: levels whose change is news; the others move with every day's range
LEVELS = ("confirm", "closing")

Change = tuple[str, str, str]


def since(findings: Findings, claims: Sequence[Claim], context: Context) -> Paragraph:
    """The line under the dateline: the first changes, and how many more there are."""
    parts = []
    if (context.get("revision") or 1) > 1:
        parts.append(say("since.replaces", revision=context["revision"], reason=context.get("reason") or ""))
    if not context.get("previous"):
        return Paragraph("", (*parts, say("since.first")))
    told = changes(findings, claims, context)
    shown = [sentences.render("since.change", what=what, before=before, after=after) for what, before, after in told]
    if len(shown) > SHOWN:
        shown = [*shown[:SHOWN], sentences.render("since.more", count=len(shown) - SHOWN)]
    words = {"anchor": _anchor(context)}
    parts.append(say("since.changed", **words, changes=shown) if shown else say("since.same", **words))
    return Paragraph("", tuple(parts))


def title(context: Context) -> str:
    """Heading over all changes."""
    return sentences.render("since.title", anchor=_anchor(context))


def changes(findings: Findings, claims: Sequence[Claim], context: Context) -> list[Change]:
    """What, before and now, of everything that changed since the note before; empty without one."""
    previous = context.get("previous")
    if not previous:
        return []
    before = Findings(Finding.from_json(item) for item in previous.get("findings", []))
    return [
        *_reading(findings, before, context),
        *_verdicts(claims, previous["claims"]),
        *_triggers(findings, before),
        *_levels(findings, before),
        *_tone(findings, before),
    ]


def _anchor(context: Context) -> str:
    previous = context["previous"]
    if previous["as_of"] == context["as_of"]:
        return sentences.render("since.earlier", revision=previous.get("revision", 1))
    return sentences.render("since.day", date=date_text(previous["as_of"]))


def _reading(findings: Findings, before: Findings, context: Context) -> Iterator[Change]:
    """How the close resolved what a note of the same day left open."""
    now, then = findings.get("breakout.close_confirmed"), before.get("breakout.close_confirmed")
    is_same_day = context["previous"]["as_of"] == context["as_of"]
    if is_same_day and now is not None and now.is_known and then is not None and not then.is_known:
        yield sentences.render("since.reading"), "pending", now.text()


def _verdicts(claims: Sequence[Claim], before: dict[str, str]) -> Iterator[Change]:
    for claim in claims:
        # that a stop limits the downside follows from the entry, which the new high decides
        if claim.id != "limited_downside" and claim.id in before and before[claim.id] != claim.verdict:
            yield claim.clause, before[claim.id], claim.verdict


def _triggers(findings: Findings, before: Findings) -> Iterator[Change]:
    for item in findings.all("risks.trigger_state"):
        then = before.get(item.id, trigger=item.key["trigger"])
        if then is not None and then.text() != item.text():
            yield sentences.render("since.trigger", name=item.key["trigger"]), then.text(), item.text()


def _levels(findings: Findings, before: Findings) -> Iterator[Change]:
    for kind in LEVELS:
        now, then = (held.get("breakout.level", level=kind) for held in (findings, before))
        if now is not None and then is not None and now.text() != then.text():
            yield sentences.render("since.level", name=LEVEL_WORDS[kind]), then.text(), now.text()


def _tone(findings: Findings, before: Findings) -> Iterator[Change]:
    now, then = findings.get("risks.score_label"), before.get("risks.score_label")
    if now is not None and then is not None and now.text() != then.text():
        yield sentences.render("since.tone"), then.text(), now.text()
