"""The note as words: findings and claims in, the front page, the audit and the sections' readings out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from helpers.core.findings import Findings, date_text
from helpers.note import headline, outlook, paragraphs, readings, sentences
from helpers.note.claims import Claim
from helpers.note.paragraphs import Context, Paragraph, Sentence

WORD_BUDGET = 300
#: sections of the package, which have sentences of their own
SECTIONS = ("coverage", "breakout", "strength")
#: the rows of the levels table under each level's name
LEVEL_ROWS = ("Price", "From last", "In ATR")


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
        Without a new high only the short form: what happened, relative strength, levels, watch.
    """
    is_quiet = readings.high_state(findings) not in readings.EVENTFUL
    opening = [paragraphs.happened(findings), *paragraphs.volume(findings)]
    bullets = [paragraphs.relative(findings)]
    closing = []
    if not is_quiet:
        opening += paragraphs.so_what(findings)
        bullets += [*paragraphs.trend(findings), *paragraphs.quadrants(findings)]
        closing += [*outlook.act(findings), *outlook.mind(findings)]
    closing += [outlook.watch(findings), outlook.untested(claims)]
    view = None
    if context.get("view"):
        view = Paragraph("Author's view", (Sentence("", f"{' '.join(context['view'].split())} — {context['author']}"),))
    note = Note(
        headline=headline.headline(findings),
        dateline=paragraphs.dateline(findings, context),
        opening=tuple(opening),
        bullets=tuple(part for part in bullets if part.sentences),
        levels=outlook.levels(findings, outlook.QUIET_LEVELS if is_quiet else tuple(outlook.LEVEL_WORDS)),
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
    """The note with its least needed parts left out until it keeps to the budget: last bullets, then dates, base."""
    while word_count(note, context) > WORD_BUDGET:
        if len(note.bullets) > 1:
            note = replace(note, bullets=note.bullets[:-1])
        elif any(part.label == "Watch." for part in note.closing):
            note = replace(note, closing=tuple(part for part in note.closing if part.label != "Watch."))
        elif len(note.opening) > 1:
            note = replace(note, opening=note.opening[:-1])
        else:
            break
    return note


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
    lines += [f"- {gap}" for gap in gaps(findings, context)]
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


def gaps(findings: Findings, context: Context) -> list[str]:
    """What is missing: gaps in the data, and sections that did not finish."""
    failed = [sentences.render("gaps.failed", **item) for item in context.get("failed", [])]
    unfit = [item for item in findings.all("coverage.status") if item.is_known and item.value != "fresh"]
    alike: dict[tuple[Any, ...], list[str]] = {}
    for item in unfit:
        last, holes = (findings.get(f"coverage.{what}", subject=item.subject) for what in ("last_day", "holes"))
        alike.setdefault((item.value, last and last.value, holes and holes.value), []).append(item.subject)
    named = [
        sentences.render(
            f"gaps.{status}",
            subject=", ".join(subjects),
            last=findings.get("coverage.last_day", subject=subjects[0]),
            holes=findings.get("coverage.holes", subject=subjects[0]),
        )
        for (status, *_), subjects in alike.items()
    ]
    return [*failed, *named] or [sentences.render("gaps.none")]


def method_line(context: Context) -> str:
    """Which definitions the note follows."""
    return (
        f"Definitions: method version {context['method_version']}, docs/methods.md. Levels and highs on tape prices "
        "(split-adjusted, dividends left in); relative strength on total return. A window counts trading days; "
        "one that ends in d, calendar days."
    )


def section_markdown(name: str, findings: Findings) -> str:
    """What one section found, as the paragraphs that end its notebook."""
    parts = {"breakout": _breakout, "strength": _strength, "coverage": _coverage}.get(name)
    return "\n\n".join(parts(findings)) if parts else ""


def _breakout(findings: Findings) -> list[str]:
    shown = [
        paragraphs.happened(findings),
        *paragraphs.volume(findings),
        *paragraphs.so_what(findings),
    ]
    rows = [f"| {' | '.join(row)} |" for row in outlook.levels(findings)]
    table = "\n".join([f"| Level | {' | '.join(LEVEL_ROWS)} |", "|---|---:|---:|---:|", *rows])
    return [*(f"**{part.label}** {part.text}" for part in shown), table]


def _strength(findings: Findings) -> list[str]:
    shown = [paragraphs.relative(findings), *paragraphs.trend(findings), *paragraphs.quadrants(findings)]
    rows = [
        f"| {item.key['window']} | {item.key['against']} | {item.text(signed=True)} |"
        for item in findings.all("strength.excess")
    ]
    table = "\n".join(["| Trading days | Against | Excess return |", "|---:|---|---:|", *rows])
    return [*(f"**{part.label}** {part.text}" for part in shown), table]


def _coverage(findings: Findings) -> list[str]:
    asked = findings.get("coverage.symbols_asked")
    fresh = findings.get("coverage.symbols_fresh")
    if asked is None or fresh is None:
        return []
    unfit = [f"{item.subject} {item.text()}" for item in findings.all("coverage.status") if item.value != "fresh"]
    rest = f" Not fresh: {sentences.listed(unfit)}." if unfit else ""
    return [f"{fresh.text()} of {asked.text()} symbols are fresh as of {date_text(asked.as_of)}.{rest}"]
