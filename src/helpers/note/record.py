"""The note's last section: what became of earlier calls, in a few sentences and a table."""

from __future__ import annotations

from helpers.core.findings import Finding, Findings
from helpers.note.calls import KINDS, NAMES
from helpers.note.paragraphs import Sentence, say

TITLE = "Record"
COLUMNS = ("Call", "Resolved", "Came true", "Brier score", "Base rate's", "Skill", "Forecasting skill")
ORIGINS = ("live", "replayed", "simulated")
#: decimals of a score, which the two of a reader's usual scores would not tell apart
DECIMALS = 3
_NAMED = {"live": "made on the day", "replayed": "replayed", "simulated": "simulated"}


def sentences(findings: Findings) -> tuple[Sentence, ...]:
    """How many calls of each origin are resolved, and how to read the table; one sentence where there is none."""
    counts = [item for item in findings.all("history.record_n", kind="all") if item.value]
    own = [item for item in findings.all("history.record_n", kind="own") if item.value]
    if not counts and not own:
        return (say("record.none"),)
    said = [say(f"record.{item.key['origin']}", n=item) for item in counts]
    return (*said, *(say("record.own", n=item) for item in own), say("record.how"))


def rows(findings: Findings) -> list[tuple[str, ...]]:
    """A row for each origin and kind that has a resolved call, in the order of `COLUMNS`."""
    made = []
    for origin in ORIGINS:
        for kind in ("all", *KINDS):
            n = findings.get("history.record_n", origin=origin, kind=kind)
            if n is not None and n.value:
                made.append(_row(findings, origin, kind, n))
        made += _labels(findings, origin)
    return made


def markdown(findings: Findings) -> list[str]:
    """The section's lines."""
    lines = ["", f"## {TITLE}", "", " ".join(item.text for item in sentences(findings))]
    table = rows(findings)
    if table:
        lines += ["", f"| {' | '.join(COLUMNS)} |", f"|---{'|---:' * (len(COLUMNS) - 2)}|---|"]
        lines += [f"| {' | '.join(row)} |" for row in table]
    return lines


def _row(findings: Findings, origin: str, kind: str, n: Finding) -> tuple[str, ...]:
    def found(what: str) -> Finding | None:
        return findings.get(f"history.record_{what}", origin=origin, kind=kind)

    skill, word = found("skill"), found("skill_word")
    return (
        f"{NAMES[kind]}, {_NAMED[origin]}",
        n.text(),
        _share(findings.get("history.record_share", origin=origin, kind=kind, label="any")),
        _number(found("brier")),
        _number(found("base_brier")),
        "" if skill is None or not skill.is_known else f"{_number(skill)}{_within(skill)}",
        "" if word is None or not word.is_known else word.text(),
    )


def _labels(findings: Findings, origin: str) -> list[tuple[str, ...]]:
    """A row for each word of the score."""
    shares = [item for item in findings.all("history.record_share", origin=origin) if item.key["label"] != "any"]
    counts = {item.key["label"]: item for item in findings.all("history.record_label_n", origin=origin)}
    return [
        (f"After {item.key['label']}, {_NAMED[origin]}", counts[item.key["label"]].text(), _share(item), "", "", "", "")
        for item in shares
    ]


def _share(item: Finding | None) -> str:
    if item is None or not item.is_known:
        return ""
    return f"{item.text(decimals=0)}{_within(item)}"


def _within(item: Finding) -> str:
    interval = item.interval_text()
    return f" ({interval})" if interval else ""


def _number(item: Finding | None) -> str:
    return "" if item is None or not item.is_known else item.text(decimals=DECIMALS)
