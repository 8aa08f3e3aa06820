"""The audit: a claim for every clause, decided by the rules over the findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from helpers.core.findings import Findings
from helpers.note.clause import CLAUSES as CLAUSES
from helpers.note.clause import POSITIONS as POSITIONS
from helpers.note.clause import SCENARIOS, claimed
from helpers.note.clause import SHORT as SHORT
from helpers.note.clause import VERDICTS as VERDICTS
from helpers.note.clause import Claim as Claim
from helpers.note.rules import breadth, hedge, history, risks, score, tape

SCHEMA = 1
#: clauses about the day itself: nothing can be said of them when its bar is not held
OF_THE_DAY = ("new_high", "tape_move", "volume")


def audit(findings: Findings) -> list[Claim]:
    """A claim for every clause, in the order of `CLAUSES`."""
    return [claim(name, findings) for name in CLAUSES]


def claim(name: str, findings: Findings) -> Claim:
    """The claim of one clause."""
    if name in OF_THE_DAY and findings.value("breakout.stale_since"):
        return _not_held(name, findings)
    return _RULES.get(name, _not_yet)(name, findings)


def to_json(claims: Iterable[Claim]) -> dict[str, Any]:
    """``{schema, claims: [...]}``."""
    return {"schema": SCHEMA, "claims": [claim.to_json() for claim in claims]}


def _not_yet(name: str, findings: Findings) -> Claim:
    return claimed(name, "not yet computed", "audit.not_yet_computed")


def _not_held(name: str, findings: Findings) -> Claim:
    since = findings.get("breakout.stale_since")
    return claimed(name, "no data", "audit.stale", [since], since=since)


def _no_source(name: str, findings: Findings) -> Claim:
    """Positions, mandates and valuations: no free source tells them."""
    return claimed(name, "cannot be tested", f"audit.{name}", money=findings.get("breakout.dollar_volume"))


_RULES: dict[str, Callable[[str, Findings], Claim]] = {
    "new_high": tape.new_high,
    "tape_move": tape.tape_move,
    "volume": tape.volume,
    **dict.fromkeys(POSITIONS, _no_source),
    "catalyst": risks.catalyst,
    "breadth_tell": breadth.breadth_tell,
    "rotation": breadth.rotation,
    "driver": risks.driver,
    "persistence": history.persistence,
    "calendar_effect": history.calendar_effect,
    "winners": breadth.basket,
    "losers": breadth.basket,
    "crowding": risks.crowding,
    "regime": breadth.regime,
    **dict.fromkeys(SCENARIOS, risks.scenario),
    "stickiness": history.stickiness,
    "etf_first": breadth.etf_first,
    "revisions": risks.revisions,
    "hedge": hedge.hedge,
    "limited_downside": hedge.limited_downside,
    "sentiment": score.sentiment,
}
