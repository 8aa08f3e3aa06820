"""Clauses on the day itself: the new high, the move, the volume."""

from __future__ import annotations

from typing import Any

from helpers.core.findings import Findings
from helpers.note import readings, sentences
from helpers.note.clause import Claim, claimed


def new_high(name: str, findings: Findings) -> Claim:
    """Whether the fund exceeded its prior high, and what the close still has to decide."""
    flag = findings.get("breakout.is_new_high")
    level = findings.get("breakout.prior_high")
    if flag is None or level is None:
        return claimed(name, "no data", "audit.section_missing")
    words = {"f": sentences.facts(findings, "breakout"), "kind": readings.kind(findings), "bar": readings.bar(findings)}
    rate = findings.get("breakout.close_confirmed_rate")
    partial = findings.value("breakout.is_partial")
    if flag.value is None:
        if not level.is_known:
            holed = (findings.value("breakout.holes_in_window") or 0) > 0
            return claimed(
                name, "no data", "audit.new_high.holed" if holed else "audit.new_high.short", [flag, level], **words
            )
        if readings.high_state(findings) == "lone":
            return claimed(name, "cannot be tested", "audit.new_high.lone", [flag, level], **words)
        return claimed(name, "pending", "audit.new_high.pending", [flag, level], **words)
    state = readings.high_state(findings)
    if partial and not flag.value:
        return claimed(name, "pending", "audit.new_high.so_far", [flag, level], **words)
    if state == "lone_supported":
        return claimed(name, "holds", "audit.new_high.lone_supported", [flag, level], **words)
    if partial and state != "matched":
        template = "partial" if rate is not None and (rate.n or 0) >= readings.MIN_EVENTS_MEAN else "partial_few"
        return claimed(name, "holds", f"audit.new_high.{template}", [flag, level, rate], **words)
    template = state if state in ("matched", "tied") else "yes" if flag.value else "no"
    return claimed(
        name, "holds" if flag.value else "does not hold", f"audit.new_high.{template}", [flag, level], **words
    )


def tape_move(name: str, findings: Findings) -> Claim:
    """Whether the last price is above the close before."""
    change = findings.get("breakout.change")
    if change is None:
        return claimed(name, "no data", "audit.section_missing")
    if change.value is None:
        return claimed(name, "no data", "audit.unknown", [change])
    words = {"f": sentences.facts(findings, "breakout")}
    return claimed(name, "holds" if float(change.value) > 0 else "does not hold", "audit.tape_move", [change], **words)


def volume(name: str, findings: Findings) -> Claim:
    """Whether trading was active; open on an unfinished day."""
    word = findings.get("breakout.volume_word")
    if word is None:
        return claimed(name, "no data", "audit.section_missing")
    words: dict[str, Any] = {"f": sentences.facts(findings, "breakout")}
    if findings.value("breakout.is_partial"):
        shares = findings.all("breakout.volume_share")
        if not shares or shares[0].value is None:
            return claimed(name, "no data", "audit.volume.unknown", [word])
        return claimed(name, "pending", "audit.volume.partial", shares, share=shares[0], **words)
    if word.value is None:
        return claimed(name, "no data", "audit.volume.unknown", [word])
    multiples = findings.all("breakout.rvol")
    verdict = "holds" if word.value in ("elevated", "heavy") else "does not hold"
    return claimed(name, verdict, "audit.volume.full", [word, *multiples], word=word, multiples=multiples)
