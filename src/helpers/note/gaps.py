"""What is missing, in a sentence each: gaps in the data, inputs not given, sections that did not finish."""

from __future__ import annotations

from typing import Any

from helpers.core.findings import Findings, date_text
from helpers.note import grounding, sentences
from helpers.note.paragraphs import Context

#: what a note reads beside bars, as a reader knows it
INPUT_WORDS = {
    "members": "a member list",
    "members_bars": "bars of the members",
    "macro": "economic series",
    "shares": "share counts",
    "holdings": "the funds' largest holdings",
    "estimates": "analysts' estimates",
    "events": "company dates",
    "calendar": "a calendar of events",
}


def gaps(findings: Findings, context: Context) -> list[str]:
    """What is missing: gaps in the data, and sections that did not finish."""
    failed = [sentences.render("gaps.failed", **item) for item in context.get("failed", [])]
    beside = _inputs(findings)
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
    missing = [*failed, *named, *beside, *_survivors(findings, str(context["as_of"]))]
    return [*(missing or [sentences.render("gaps.none")]), *_by_hand(findings, context)]


def _by_hand(findings: Findings, context: Context) -> list[str]:
    """What a person gave: facts with their source, a view that is held back, sentences that did not hold."""
    facts = [
        sentences.render(
            "gaps.given", name=item.key["fact"], fact=item, day=date_text(item.as_of), source=item.source.rstrip(".")
        )
        for item in findings.all("coverage.given")
    ]
    strange = grounding.unmatched(context["view"], findings) if context.get("view") else []
    held = [sentences.render("gaps.view_held", numbers=strange)] if strange else []
    return [*facts, *held, *(sentences.render("gaps.refused", reason=item) for item in context.get("refused", []))]


def _inputs(findings: Findings) -> list[str]:
    """Inputs beside the bars that are not given, or not current."""
    told = {
        status: [INPUT_WORDS[str(item.key["input"])] for item in findings.all("coverage.input") if item.value == status]
        for status in ("missing", "stale")
    }
    lines = [("inputs", told["missing"]), ("old", told["stale"])]
    return [sentences.render(f"gaps.{name}", names=words) for name, words in lines if words]


def _survivors(findings: Findings, as_of: str) -> list[str]:
    """That a list of one day is read at every earlier day, and that a later list looks ahead."""
    day = findings.get("breadth.list_date")
    if day is None or not day.is_known:
        return []
    is_later = str(day.value) > as_of
    held = findings.get("breadth.members_held")
    is_short = held is not None and held.is_known and held.n is not None and int(held.value or 0) < held.n
    said = [sentences.render("gaps.members_held", held=held)] if is_short else []
    return [*said, sentences.render("gaps.members_later" if is_later else "gaps.members_earlier", day=day)]
