"""The note as words: findings and claims in, the front page, the audit and the sections' readings out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from helpers.core.findings import Findings, date_text
from helpers.note import gaps, headline, outlook, paragraphs, passages, readings
from helpers.note.claims import Claim
from helpers.note.endings import LEVEL_ROWS
from helpers.note.endings import section_markdown as section_markdown
from helpers.note.paragraphs import Context, Paragraph, Sentence

WORD_BUDGET = 300
#: sections of the package, which have sentences of their own
SECTIONS = ("coverage", "breakout", "strength", "breadth", "history", "risks", "hedge")


@dataclass(frozen=True)
class Note:
    """The front page, part by part, before any markup."""

    headline: str
    dateline: Paragraph
    opening: tuple[Paragraph, ...]
    bullets: tuple[Paragraph, ...]
    levels: tuple[tuple[str, str, str, str], ...]
    closing: tuple[Paragraph, ...]
    view: Paragraph | None = None
    since: Paragraph = Paragraph("", ())


def compose(findings: Findings, claims: Sequence[Claim], context: Context) -> Note:
    """The front page from findings, claims and the run's context.

    Parameters
    ----------
    findings : Findings
        Of every section that finished.
    claims : sequence of Claim
        As `claims.audit` gives them.
    context : mapping
        note, as_of, bars_to, requested_as_of, stale_because, time, author, view, failed, previous, revision, reason.

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
    closing += [outlook.watch(findings), outlook.untested(claims)]
    view = None
    if context.get("view"):
        view = Paragraph("Author's view", (Sentence("", f"{' '.join(context['view'].split())} — {context['author']}"),))
    note = Note(
        headline=headline.headline(findings),
        dateline=paragraphs.dateline(findings, context),
        opening=tuple(opening),
        bullets=tuple(part for part in bullets if part.sentences),
        levels=outlook.levels(findings, outlook.QUIET_LEVELS if is_quiet else outlook.FRONT_LEVELS),
        closing=tuple(closing),
        view=view,
        since=outlook.since(findings, claims, context),
    )
    return _within_budget(note, context)


def word_count(note: Note, context: Context) -> int:
    """Words a reader sees on the front page: banner, headline, paragraphs, levels table, the author's view."""
    parts = [
        note.dateline,
        note.since,
        *note.opening,
        *note.bullets,
        *note.closing,
        *([note.view] if note.view else []),
    ]
    cells = [" ".join(row) for row in note.levels]
    labels = ["Level", *LEVEL_ROWS] if note.levels else []
    spoken = [
        *simulated_banner(context),
        note.headline,
        *cells,
        *labels,
        *(f"{part.label} {part.text}" for part in parts),
    ]
    return sum(len(text.split()) for text in spoken)


def _within_budget(note: Note, context: Context) -> Note:
    """The note with its least needed parts left out, one by one, until it keeps to the budget.

    Of what was left out on the way, all that still fits comes back, the most needed first.
    """

    def without(steps: Sequence[Callable[[Note], Note]]) -> Note:
        return reduce(lambda shorter, step: step(shorter), steps, note)

    taken: list[Callable[[Note], Note]] = []
    for step in _SHORTER:
        if word_count(without(taken), context) <= WORD_BUDGET:
            break
        taken.append(step)
    for step in reversed(taken[:-1]):
        fewer = [other for other in taken if other is not step]
        if word_count(without(fewer), context) <= WORD_BUDGET:
            taken = fewer
    return without(taken)


def _bullets(most: int) -> Callable[[Note], Note]:
    return lambda note: replace(note, bullets=note.bullets[:most])


def _without(part: str, label: str) -> Callable[[Note], Note]:
    """The note without the paragraph of that label."""

    def shorten(note: Note) -> Note:
        kept = tuple(item for item in getattr(note, part) if item.label != label)
        return note if part == "opening" and not kept else replace(note, **{part: kept})

    return shorten


def _unsaid(*templates: str) -> Callable[[Note], Note]:
    """The note without the sentences of these templates, but for the first of a paragraph."""

    def shorten(note: Note) -> Note:
        return replace(
            note,
            **{
                part: tuple(_kept(item, templates) for item in getattr(note, part))
                for part in ("opening", "bullets", "closing")
            },
        )

    return shorten


def _kept(paragraph: Paragraph, templates: Sequence[str]) -> Paragraph:
    first, *rest = paragraph.sentences
    return replace(paragraph, sentences=(first, *(item for item in rest if item.template not in templates)))


#: what is left out first, and next; the new high, its levels and what is open stay
_SHORTER: tuple[Callable[[Note], Note], ...] = (
    _bullets(4),
    _bullets(3),
    _unsaid("so_what.base", "so_what.last"),
    _unsaid("untested.pending_line"),
    _unsaid("persist.eras"),
    _unsaid("relative.agree"),
    _unsaid("pending.standing"),
    _unsaid("volume.mark"),
    _unsaid("watch.more"),
    _unsaid("breadth.members"),
    _without("closing", "Watch."),
    _without("opening", "So what."),
    _unsaid("hedging.second"),
    _unsaid("hurt.forecast"),
    _without("closing", passages.HURT),
    _bullets(2),
    _bullets(1),
    _without("closing", "If you act."),
)


def note_markdown(findings: Findings, claims: Sequence[Claim], context: Context) -> str:
    """The whole note as Markdown: front page, audit table, data gaps, disclosure."""
    note = compose(findings, claims, context)
    lines = [f"# {note.headline}", "", *simulated_banner(context), note.dateline.text, "", note.since.text, ""]
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
    lines += ["", "## Data", "", f"Source: {_plain(context['source'])}. Bars to {date_text(context['bars_to'])}.", ""]
    lines += [f"- {gap}" for gap in gaps.gaps(findings, context)]
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


def simulated_banner(context: Context) -> list[str]:
    """The line that must stand over every note on simulated bars."""
    return ["**SIMULATED: no price here was ever traded.**", ""] if context["simulated"] else []


def method_line(context: Context) -> str:
    """Which definitions the note follows."""
    return (
        f"Definitions: method version {context['method_version']}, docs/methods.md. Levels and highs on tape prices "
        "(split-adjusted, dividends left in); relative strength on total return. A window counts trading days; "
        "one that ends in d, calendar days."
    )
