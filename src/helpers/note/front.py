"""The front page as parts, and how it keeps within its words: what is needed least goes first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from helpers.note import passages
from helpers.note.endings import LEVEL_ROWS
from helpers.note.paragraphs import Context, Paragraph, Sentence

WORD_BUDGET = 300


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


def word_count(note: Note, context: Context) -> int:
    """Words a reader sees on the front page: banner, headline, paragraphs, levels table, the author's view."""
    parts = [
        note.dateline,
        note.since,
        *paragraphs_of(note),
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


def paragraphs_of(note: Note) -> tuple[Paragraph, ...]:
    """The labelled paragraphs, in the order of the page; the author's view is not among them."""
    return (*note.opening, *note.bullets, *note.closing)


def reworded(note: Note, texts: Mapping[str, str]) -> Note:
    """The note with the paragraphs of these labels said in other words."""
    parts = {
        part: tuple(
            replace(item, sentences=(Sentence("rewritten", texts[item.label]),)) if item.label in texts else item
            for item in getattr(note, part)
        )
        for part in ("opening", "bullets", "closing")
    }
    return replace(note, **parts) if texts else note


def fitted(note: Note, context: Context) -> Note:
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
    _unsaid("hedging.second"),
    _unsaid("hurt.forecast"),
    _unsaid(*passages.SCENARIO),
    _without("opening", "So what."),
    _without("closing", "Watch."),
    _without("closing", "Tone:"),
    _bullets(2),
    _without("closing", passages.HURT),
    _bullets(1),
    _without("closing", "If you act."),
)


def simulated_banner(context: Context) -> list[str]:
    """The line that must stand over every note on simulated bars."""
    return ["**SIMULATED: no price here was ever traded.**", ""] if context["simulated"] else []
