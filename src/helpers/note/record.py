"""The note's last section: what became of earlier calls, in a few sentences and a table."""

from __future__ import annotations

import re
from typing import Any

from helpers.core.findings import Finding, Findings
from helpers.note.calls import KINDS, NAMES
from helpers.note.paragraphs import Sentence, say

TITLE = "Record"
COLUMNS = (
    "Call",
    "Resolved",
    "Apart",
    "Came true",
    "Brier score",
    "Base rate's",
    "Skill",
    "Over the base",
    "Forecasting skill",
)
ORIGINS = ("live", "replayed", "simulated")
#: decimals of a score, which the two of a reader's usual scores would not tell apart
DECIMALS = 3
#: signs that Markdown would not print as they are
_MARKS = re.compile(r"([\\`*_\[\]<>|#])")
_NAMED = {"live": "made on the day", "replayed": "replayed", "simulated": "simulated"}


def sentences(findings: Findings) -> tuple[Sentence, ...]:
    """How many calls of each origin are resolved, and how to read the table; one sentence where there is none."""
    counts = [item for item in findings.all("history.record_n", kind="all") if item.value]
    own = [item for item in findings.all("history.record_n", kind="own") if item.value and "by" not in item.key]
    others = [say("record.others", n=item) for item in findings.all("history.record_others_n") if item.value]
    if not counts and not own:
        return (say("record.none"), *others)
    said = [say(f"record.{item.key['origin']}", n=item) for item in counts]
    return (*said, *others, *(say("record.own", n=item) for item in own), say("record.how"))


def rows(findings: Findings) -> list[tuple[str, ...]]:
    """A row for each origin and kind, and each person, that has a resolved call, in the order of `COLUMNS`."""
    made = []
    for origin in ORIGINS:
        for kind in ("all", *KINDS):
            held = findings.all("history.record_n", origin=origin, kind=kind)
            people = [item for item in held if "by" in item.key]
            made += [_row(findings, item) for item in people or held if item.value]
        made += _labels(findings, origin)
    return made


def markdown(findings: Findings) -> list[str]:
    """The section's lines."""
    lines = ["", f"## {TITLE}", "", " ".join(item.text for item in sentences(findings))]
    table = rows(findings)
    if table:
        lines += ["", f"| {' | '.join(COLUMNS)} |", f"|---{'|---:' * (len(COLUMNS) - 2)}|---|"]
        plain = [(_MARKS.sub(r"\\\1", row[0]), *row[1:]) for row in table]
        lines += [f"| {' | '.join(row)} |" for row in plain]
    return lines


def _row(findings: Findings, n: Finding) -> tuple[str, ...]:
    """The row of the calls that `n` counts."""

    def found(what: str) -> Finding | None:
        return findings.get(f"history.record_{what}", **n.key)

    word = found("skill_word")
    name = f"{n.key['by']}'s own" if "by" in n.key else NAMES[n.key["kind"]]
    return (
        f"{name}, {_NAMED[n.key['origin']]}",
        n.text(),
        *_shares(findings, {**n.key, "label": "any"}),
        _number(found("brier")),
        _number(found("base_brier")),
        _skill(found("skill")),
        _skill(found("base_skill")),
        "" if word is None or not word.is_known else word.text(),
    )


def _labels(findings: Findings, origin: str) -> list[tuple[str, ...]]:
    """A row for each word of the score."""
    counts = [item for item in findings.all("history.record_label_n", origin=origin) if item.key["label"] != "any"]
    rest = ("",) * (len(COLUMNS) - 4)
    return [
        (
            f"After {item.key['label']}, {_NAMED[origin]}",
            item.text(),
            *_shares(findings, {"origin": origin, "kind": "sentiment", "label": item.key["label"]}),
            *rest,
        )
        for item in counts
    ]


def _shares(findings: Findings, key: dict[str, Any]) -> tuple[str, str]:
    """How many windows do not overlap, and the share of calls that came true."""
    windows, share = (findings.get(f"history.record_{what}", **key) for what in ("windows", "share"))
    said = "" if share is None or not share.is_known else f"{share.text(decimals=0)}{_within(share)}"
    return "" if windows is None else windows.text(), said


def _skill(item: Finding | None) -> str:
    return "" if item is None or not item.is_known else f"{_number(item)}{_within(item)}"


def _within(item: Finding) -> str:
    interval = item.interval_text()
    return f" ({interval})" if interval else ""


def _number(item: Finding | None) -> str:
    return "" if item is None or not item.is_known else item.text(decimals=DECIMALS)
