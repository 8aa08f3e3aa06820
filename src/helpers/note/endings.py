"""What one section found, as the paragraphs that end its notebook."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.core.findings import Findings, date_text
from helpers.note import outlook, paragraphs, passages, printed, score
from helpers.note.paragraphs import Paragraph

#: the rows of the levels table under each level's name
LEVEL_ROWS = ("Price", "From last", "In ATR")


def section_markdown(name: str, findings: Findings) -> str:
    """What one section found, as the paragraphs that end its notebook."""
    parts = {
        "breakout": _breakout,
        "strength": _strength,
        "coverage": _coverage,
        "breadth": _breadth,
        "history": _history,
        "risks": _risks,
        "hedge": _hedge,
    }.get(name)
    return "\n\n".join(parts(findings)) if parts else ""


def _breadth(findings: Findings) -> list[str]:
    more = [sentence.text for sentence in passages.names(findings)]
    return [*_labelled(passages.breadth(findings)), *([" ".join(more)] if more else [])]


def _history(findings: Findings) -> list[str]:
    return _labelled([*passages.persistence(findings), *passages.calendar(findings)])


def _risks(findings: Findings) -> list[str]:
    return _labelled([*passages.hurt(findings), *score.tone(findings)])


def _hedge(findings: Findings) -> list[str]:
    said = passages.hedging(findings)
    return [" ".join(sentence.text for sentence in said)] if said else []


def _labelled(shown: Sequence[Paragraph]) -> list[str]:
    return [f"**{part.label}** {part.text}" for part in shown]


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
    rest = f" Not fresh: {printed.listed(unfit)}." if unfit else ""
    return [f"{fresh.text()} of {asked.text()} symbols are fresh as of {date_text(asked.as_of)}.{rest}"]
