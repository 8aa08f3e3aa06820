"""The note as words: findings and claims in, the front page, the audit and the sections' readings out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from helpers.core.findings import Findings, date_text
from helpers.note import claims as audit
from helpers.note import (
    front,
    gaps,
    grounding,
    headline,
    outlook,
    paragraphs,
    passages,
    readings,
    record,
    score,
    sentences,
)
from helpers.note import since as changed
from helpers.note.claims import Claim
from helpers.note.endings import LEVEL_ROWS
from helpers.note.endings import section_markdown as section_markdown
from helpers.note.front import Note as Note
from helpers.note.front import word_count as word_count
from helpers.note.paragraphs import Context, Paragraph, Sentence

#: sections of the package, which have sentences of their own
SECTIONS = ("coverage", "breakout", "strength", "breadth", "history", "risks", "hedge")


def compose(findings: Findings, claims: Sequence[Claim], context: Context) -> Note:
    """The front page from findings, claims and the run's context.

    Parameters
    ----------
    findings : Findings
        Of every section that finished.
    claims : sequence of Claim
        As `claims.audit` gives them.
    context : mapping
        note, as_of, bars_to, requested_as_of, stale_because, time, author, view, failed, previous, revision, reason,
        templates and refused (a person's own sentences, and those of them that did not hold), rewritten (paragraphs
        as a language model words them, by label, checked before they come here).

    Returns
    -------
    Note
        Without a new high only the short form: what happened, relative strength, levels, what of the last breakout
        has been reversed, watch.
    """
    is_quiet = readings.high_state(findings) not in readings.EVENTFUL
    opening = [paragraphs.happened(findings), *paragraphs.volume(findings)]
    bullets = [paragraphs.relative(findings)]
    closing = []
    if not is_quiet:
        opening += paragraphs.so_what(findings)
        bullets += [
            *passages.breadth(findings),
            *passages.persistence(findings),
            *passages.calendar(findings),
            *paragraphs.trend(findings),
        ]
        closing += [*passages.hurt(findings), *outlook.act(findings), *outlook.mind(findings)]
    elif reversed_by_now := passages.reversed_since(findings):
        closing.append(Paragraph("Reversed.", tuple(reversed_by_now)))
    closing += [outlook.watch(findings), *score.short(findings), outlook.untested(claims)]
    view = None
    if context.get("view") and not grounding.unmatched(context["view"], findings):
        view = Paragraph("Author's view", (Sentence("", f"{' '.join(context['view'].split())} — {context['author']}"),))
    note = Note(
        headline=headline.headline(findings),
        dateline=paragraphs.dateline(findings, context),
        opening=tuple(opening),
        bullets=tuple(part for part in bullets if part.sentences),
        levels=outlook.levels(findings, outlook.QUIET_LEVELS if is_quiet else outlook.FRONT_LEVELS),
        closing=tuple(closing),
        view=view,
        since=changed.since(findings, claims, context),
    )
    return front.reworded(front.fitted(note, context), context.get("rewritten", {}))


def written(findings: Findings, context: Context) -> tuple[list[Claim], str, dict[str, Any]]:
    """The claims, the note as Markdown, and the context with the person's own sentences that did not hold.

    The same findings and context give the same three again: this is what `verify` compares with.
    """
    with sentences.using(context.get("templates", {})) as refused:
        claims = audit.audit(findings)
        compose(findings, claims, context)
        told = {**context, "refused": list(dict.fromkeys(refused))}
        return claims, note_markdown(findings, claims, told), told


def message(findings: Findings, context: Context) -> str:
    """The note in three sentences for a message: the headline, what happened, what follows from it."""
    note = compose(findings, audit.audit(findings), context)
    is_eventful = readings.high_state(findings) in readings.EVENTFUL
    follows = passages.followed(findings) if is_eventful else None
    said = [note.headline, note.opening[0].sentences[0].text, (follows or passages.against_mega(findings)).text]
    mark = "SIMULATED: " if context["simulated"] else ""
    return mark + " ".join(f"{text.rstrip('.')}." for text in said)


def note_markdown(findings: Findings, claims: Sequence[Claim], context: Context) -> str:
    """The whole note as Markdown: front page, audit table, data gaps, disclosure."""
    note = compose(findings, claims, context)
    lines = [f"# {note.headline}", "", *front.simulated_banner(context), note.dateline.text, "", note.since.text, ""]
    for paragraph in note.opening:
        lines += [f"**{paragraph.label}** {paragraph.text}", ""]
    lines += [f"- *{bullet.label}* {bullet.text}" for bullet in note.bullets]
    lines += ["", f"| Level | {' | '.join(LEVEL_ROWS)} |", "|---|---:|---:|---:|"]
    lines += [f"| {' | '.join(row)} |" for row in note.levels]
    lines.append("")
    for paragraph in note.closing:
        lines += [f"**{paragraph.label}** {paragraph.text}", ""]
    if note.view:
        lines += [f"> **{note.view.label}.** {_plain(note.view.text)}", ""]
    moved = changed.changes(findings, claims, context)
    if moved:
        lines += [f"## {changed.title(context)}", "", f"| {' | '.join(changed.COLUMNS)} |", "|---|---|---|"]
        lines += [*(f"| {' | '.join(row)} |" for row in moved), ""]
    lines += [
        "## Audit",
        "",
        "| Clause | Verdict | What the data say | n | Interval | Confidence |",
        "|---|---|---|---:|---|---|",
    ]
    lines += [
        f"| {claim.clause} | **{claim.verdict}** | {claim.text} | {'' if claim.n is None else claim.n} "
        f"| {claim.interval} | {claim.confidence} |"
        for claim in claims
    ]
    for title, rows in own_sections(findings):
        lines += ["", f"## {title}", "", "| Finding | Fund | Value | Sample |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(row)} |" for row in rows]
    lines += record.markdown(findings)
    lines += ["", "## Data", "", f"Source: {_plain(context['source'])}. Bars to {date_text(context['bars_to'])}.", ""]
    lines += [f"- {_plain(gap)}" for gap in gaps.gaps(findings, context)]
    lines += ["", "## Method", "", method_line(context), "", "## Disclosure", "", _plain(context["disclosure"]), ""]
    return "\n".join(lines)


def _plain(text: str) -> str:
    """A person's own text as Markdown that prints as it was typed: no heading, table or tag of its own."""
    flat = " ".join(text.split()).replace("\\", "\\\\")
    escaped = flat.replace("<", "&lt;").replace("|", "\\|").replace("`", "\\`")
    return f"\\{escaped}" if escaped[:1] in "#>-+*=" and escaped else escaped


def own_sections(findings: Findings) -> list[tuple[str, list[tuple[str, str, str, str]]]]:
    """Sections that this package has no words for: title, and rows of finding, fund, value, and n with interval."""
    out: dict[str, list[tuple[str, str, str, str]]] = {}
    for item in findings:
        section, _, what = item.id.partition(".")
        if section in SECTIONS:
            continue
        settings = ", ".join(f"{name} {item.key[name]}" for name in sorted(item.key))
        name = what.replace("_", " ") + (f" ({settings})" if settings else "")
        sample = "; ".join(part for part in (f"n {item.n}" if item.n is not None else "", item.interval_text()) if part)
        out.setdefault(section, []).append((name, item.subject, item.text(), sample))
    return [(section.replace("_", " ").capitalize(), rows) for section, rows in out.items()]


def method_line(context: Context) -> str:
    """Which definitions the note follows."""
    return (
        f"Definitions: method version {context['method_version']}, docs/methods.md. Levels and highs on tape prices "
        "(split-adjusted, dividends left in); relative strength on total return. A window counts trading days; "
        "one that ends in d, calendar days."
    )
