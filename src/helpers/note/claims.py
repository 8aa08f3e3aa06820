"""The clauses a desk's note asserts, and the verdict the findings allow on each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helpers.core.findings import Finding, Findings
from helpers.note import readings, sentences

SCHEMA = 1
VERDICTS = (
    "holds",
    "does not hold",
    "pending",
    "supported",
    "leaning",
    "small",
    "inconclusive",
    "faded",
    "contradicted",
    "cannot be tested",
    "no data",
    "not yet computed",
)

#: every clause in the order of the model text, in this project's words
CLAUSES = {
    "new_high": "A new high",
    "tape_move": "Up on the day",
    "volume": "Active trading",
    "market_impact": "Little impact on the wider market",
    "catalyst": "Momentum and positioning, no fundamental catalyst",
    "breadth_tell": "A tell on breadth: mid caps lead mega caps",
    "rotation": "Money rotates from mega-cap safety into cyclicals",
    "driver": "Index and fund flows drive it",
    "underallocation": "Managers hold too little and chase",
    "persistence": "The lead persists for weeks",
    "calendar_effect": "Month-end and quarter-end add to it",
    "winners": "Industrials, financials and small-cap services win",
    "losers": "Defensives and rate-sensitive funds lose",
    "rerating": "The winners are not yet fully re-rated",
    "crowding": "Quality and defensives are crowded",
    "regime": "Quality has been preferred to growth",
    "funding": "Defensives are sold to pay for the new longs",
    "risk_rates": "Rising rates would reverse it",
    "risk_credit": "Wider credit spreads would reverse it",
    "risk_data": "Softer economic data would reverse it",
    "stickiness": "Positions outside mega caps are less sticky",
    "etf_first": "It shows first in funds, later in their names",
    "revisions": "Broadening is paid for before revisions confirm it",
    "hedge": "Shorting a crowded defensive leg hedges it",
    "limited_downside": "The downside is limited",
    "sentiment": "The tone is mildly positive",
}
#: clauses that no free data can settle: positions and mandates are not published
POSITIONS = ("market_impact", "underallocation", "funding")


@dataclass(frozen=True)
class Claim:
    """One clause, audited.

    Attributes
    ----------
    id, clause : str
        Key and wording of `CLAUSES`.
    verdict : str
        One of `VERDICTS`.
    template : str
        Id of the sentence that says why; `text` is that sentence.
    findings : tuple of str
        Addresses of the findings the verdict rests on, the main one first.
    n : int or None
        Sample size behind it.
    interval : str
        Interval of the main finding, as text.
    confidence : str
        "high", "moderate", "low", or "" where a verdict is a plain reading of the tape.
    """

    id: str
    clause: str
    verdict: str
    template: str
    text: str
    findings: tuple[str, ...] = ()
    n: int | None = None
    interval: str = ""
    confidence: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain dictionary; `from_json` gives the equal claim back."""
        return {**self.__dict__, "findings": list(self.findings)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Claim:
        """The claim a `to_json` dictionary describes."""
        return cls(**{**record, "findings": tuple(record["findings"])})


def audit(findings: Findings) -> list[Claim]:
    """A claim for every clause, in the order of `CLAUSES`."""
    rules = _RULES | (dict.fromkeys(OF_THE_DAY, _not_held) if findings.value("breakout.stale_since") else {})
    return [rules.get(name, _not_yet)(name, findings) for name in CLAUSES]


def to_json(claims: Iterable[Claim]) -> dict[str, Any]:
    """``{schema, claims: [...]}``."""
    return {"schema": SCHEMA, "claims": [claim.to_json() for claim in claims]}


def _claim(
    name: str,
    verdict: str,
    template: str,
    rests_on: Iterable[Finding | None] = (),
    *,
    sample: Finding | None = None,
    **words: Any,
) -> Claim:
    return Claim(
        id=name,
        clause=CLAUSES[name],
        verdict=verdict,
        template=template,
        text=sentences.render(template, **words),
        findings=tuple(item.address for item in rests_on if item is not None),
        n=sample.n if sample else None,
        interval=sample.interval_text() if sample else "",
        confidence=_confidence(sample.n) if sample else "",
    )


def _confidence(n: int | None) -> str:
    # "high" also needs both halves of the sample to agree, which no clause has yet
    return "moderate" if n is not None and n >= 30 else "low"


def _not_yet(name: str, findings: Findings) -> Claim:
    if name in POSITIONS:
        return _claim(name, "cannot be tested", f"audit.{name}", money=findings.get("breakout.dollar_volume"))
    return _claim(name, "not yet computed", "audit.not_yet_computed")


def _not_held(name: str, findings: Findings) -> Claim:
    since = findings.get("breakout.stale_since")
    return _claim(name, "no data", "audit.stale", [since], since=since)


def _new_high(name: str, findings: Findings) -> Claim:
    flag = findings.get("breakout.is_new_high")
    level = findings.get("breakout.prior_high")
    if flag is None or level is None:
        return _claim(name, "no data", "audit.section_missing")
    words = {"f": sentences.facts(findings, "breakout"), "kind": readings.kind(findings), "bar": readings.bar(findings)}
    rate = findings.get("breakout.close_confirmed_rate")
    partial = findings.value("breakout.is_partial")
    if flag.value is None:
        if not level.is_known:
            holed = (findings.value("breakout.holes_in_window") or 0) > 0
            return _claim(
                name, "no data", "audit.new_high.holed" if holed else "audit.new_high.short", [flag, level], **words
            )
        if readings.high_state(findings) == "lone":
            return _claim(name, "cannot be tested", "audit.new_high.lone", [flag, level], **words)
        return _claim(name, "pending", "audit.new_high.pending", [flag, level], **words)
    state = readings.high_state(findings)
    if partial and not flag.value:
        return _claim(name, "pending", "audit.new_high.so_far", [flag, level], **words)
    if state == "lone_supported":
        return _claim(name, "holds", "audit.new_high.lone_supported", [flag, level], **words)
    if partial and state != "matched":
        template = "partial" if rate is not None and (rate.n or 0) >= readings.MIN_EVENTS_MEAN else "partial_few"
        return _claim(name, "holds", f"audit.new_high.{template}", [flag, level, rate], **words)
    template = state if state in ("matched", "tied") else "yes" if flag.value else "no"
    return _claim(
        name, "holds" if flag.value else "does not hold", f"audit.new_high.{template}", [flag, level], **words
    )


def _tape_move(name: str, findings: Findings) -> Claim:
    change = findings.get("breakout.change")
    if change is None:
        return _claim(name, "no data", "audit.section_missing")
    if change.value is None:
        return _claim(name, "no data", "audit.unknown", [change])
    words = {"f": sentences.facts(findings, "breakout")}
    return _claim(name, "holds" if float(change.value) > 0 else "does not hold", "audit.tape_move", [change], **words)


def _volume(name: str, findings: Findings) -> Claim:
    word = findings.get("breakout.volume_word")
    if word is None:
        return _claim(name, "no data", "audit.section_missing")
    words: dict[str, Any] = {"f": sentences.facts(findings, "breakout")}
    if findings.value("breakout.is_partial"):
        shares = findings.all("breakout.volume_share")
        if not shares or shares[0].value is None:
            return _claim(name, "no data", "audit.volume.unknown", [word])
        return _claim(name, "pending", "audit.volume.partial", shares, share=shares[0], **words)
    if word.value is None:
        return _claim(name, "no data", "audit.volume.unknown", [word])
    multiples = findings.all("breakout.rvol")
    verdict = "holds" if word.value in ("elevated", "heavy") else "does not hold"
    return _claim(name, verdict, "audit.volume.full", [word, *multiples], word=word, multiples=multiples)


def _breadth_tell(name: str, findings: Findings) -> Claim:
    names = readings.stand_ins(findings)
    month, quarter = (
        [item for item in findings.all("strength.excess", window=window) if item.key["against"] in names]
        for window in (21, 63)
    )
    state = readings.relative_state(findings)
    if state == "unknown":
        return _claim(name, "no data", "audit.breadth_tell.unknown", [*month, *quarter])
    over = {window: readings.leads(findings, window) for window in (21, 63)}
    template = next((word for word in ("trails", "leads") if set(over.values()) == {word}), "mixed")
    words = {}
    if state == "split":
        template = "split"
        low, high = readings.extremes(findings, 21 if over[21] == "split" else 63)
        words = {"low": low, "high": high}
    lead = names.index(readings.lead_stand_in(findings) or names[0])
    verdict = "does not hold" if template == "trails" else "inconclusive"
    found = [*month, *quarter]
    return _claim(
        name, verdict, f"audit.breadth_tell.{template}", found, month=month[lead], quarter=quarter[lead], **words
    )


#: clauses about the day itself: nothing can be said of them when its bar is not held
OF_THE_DAY = ("new_high", "tape_move", "volume")

_RULES: dict[str, Callable[[str, Findings], Claim]] = {
    "new_high": _new_high,
    "tape_move": _tape_move,
    "volume": _volume,
    "breadth_tell": _breadth_tell,
}
