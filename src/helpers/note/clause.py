"""A clause that a desk's note asserts, and the claim that an audit makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helpers.core.findings import Finding, Findings
from helpers.note import sentences

VERDICTS = (
    "holds",
    "does not hold",
    "pending",
    "supported",
    "leaning",
    "leaning against",
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
#: names in a list, where the key with spaces would not be understood
SHORT = {
    "driver": "fund flows",
    "etf_first": "funds before names",
    "risk_rates": "rates",
    "risk_credit": "credit",
    "risk_data": "economic data",
}
#: clauses that no free data can settle: positions, mandates and past valuations are not published
POSITIONS = ("market_impact", "underallocation", "rerating", "funding")
#: clauses on what would reverse the move, each with its scenario, and the scenario that confirms another one
SCENARIOS = {"risk_credit": "credit_wider", "risk_rates": "rates_up", "risk_data": "claims_up"}
CONFIRMING = {"credit_wider": "spread_wider"}


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


def claimed(
    name: str,
    verdict: str,
    template: str,
    rests_on: Iterable[Finding | None] = (),
    /,
    *,
    sample: Finding | None = None,
    cases: int | None = None,
    is_stable: bool = False,
    **words: Any,
) -> Claim:
    """The claim of a clause: its verdict, the sentence of `template`, the findings it rests on.

    `sample` is the finding whose size, interval and confidence are printed, `cases` its size where windows overlap;
    `is_stable` says that both halves of its history agree in sign.
    """
    n = cases if cases is not None else sample.n if sample else None
    return Claim(
        id=name,
        clause=CLAUSES[name],
        verdict=verdict,
        template=template,
        text=sentences.render(template, **words),
        findings=tuple(item.address for item in rests_on if item is not None),
        n=n,
        interval=sample.interval_text() if sample else "",
        confidence=confidence(n, is_stable=is_stable) if sample and verdict != "cannot be tested" else "",
    )


def confidence(n: int | None, *, is_stable: bool) -> str:
    """High from 100 cases whose halves agree, moderate from 30, else low."""
    if n is None or n < 30:
        return "low"
    return "high" if n >= 100 and is_stable else "moderate"


def agree(before: Finding | None, after: Finding | None) -> bool:
    """Whether both eras of a history have the same sign; not where one of them is unknown."""
    if before is None or after is None or before.value is None or after.value is None:
        return False
    return float(before.value) * float(after.value) > 0


def missing(name: str) -> Claim:
    """The claim of a clause whose section did not finish."""
    return claimed(name, "no data", "audit.section_missing")


def known(findings: Findings, id: str, **key: Any) -> Finding | None:
    """The first finding that agrees, if its value is known."""
    found = findings.get(id, **key)
    return found if found is not None and found.is_known else None
