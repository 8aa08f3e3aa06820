"""Clauses on the trade: the short leg and the downside."""

from __future__ import annotations

from helpers.core.findings import Finding, Findings
from helpers.note import bands, readings
from helpers.note.clause import Claim, claimed, known, missing

#: share of the best leg's variance reduction that a leg needs to count as a hedge
ENOUGH = 0.5


def hedge(name: str, findings: Findings) -> Claim:
    """Whether the most crowded defensive leg hedges, or is a second bet."""
    best = findings.get("hedge.best_leg")
    if best is None:
        return missing(name)
    crowded = known(findings, "risks.most_crowded")
    removed = known(findings, "hedge.variance_removed", leg=crowded.value) if crowded else None
    most = known(findings, "hedge.variance_removed", leg=best.value) if best.is_known else None
    if crowded is None or removed is None or most is None:
        return claimed(name, "no data", "audit.hedge.no_data", [best, crowded])
    second = findings.value("hedge.second_bet", leg=crowded.value)
    if second is None:
        return claimed(name, "cannot be tested", "audit.hedge.no_rate", [removed, crowded], leg=crowded)
    is_enough = float(removed.value or 0.0) >= ENOUGH * float(most.value or 0.0)
    score = known(findings, "risks.crowding", subject=crowded.value)
    crowding = {True: "yes", False: "not_crowded", None: "crowding_open"}[bands.crowding(score) if score else None]
    template = "second_bet" if second else crowding if is_enough else "weak"
    verdict = {"yes": "holds", "not_crowded": "inconclusive", "crowding_open": "inconclusive"}.get(
        template, "does not hold"
    )
    beta, alone = _larger_beta(findings, crowded) if second else (None, None)
    words = {"leg": crowded, "removed": removed, "best": best, "most": most, "beta": beta, "alone": alone}
    words |= {"score": score, "parts": bands.CROWDING_PARTS}
    found = [removed, most, beta, alone, crowded, score, best]
    return claimed(name, verdict, f"audit.hedge.{template}", found, **words)


def _larger_beta(findings: Findings, leg: Finding) -> tuple[Finding | None, Finding | None]:
    """The beta that makes a leg a second bet, and the fund's own; None where it is the variance alone."""
    for what in ("rate_beta", "market_beta"):
        beta, alone = known(findings, f"hedge.{what}", leg=leg.value), known(findings, f"hedge.unhedged_{what}")
        if beta is None or alone is None or beta.low is None or beta.high is None:
            continue
        if max(beta.low, -beta.high) > abs(float(alone.value or 0.0)):
            return beta, alone
    return None, None


def limited_downside(name: str, findings: Findings) -> Claim:
    """Limited only by the stop of a note that has an entry, and only as far as no gap goes through it."""
    stop = findings.get("hedge.has_stop")
    if stop is None:
        return missing(name)
    loss, gap = known(findings, "hedge.loss_at_stop_sized"), known(findings, "hedge.loss_through_gap")
    if not stop.value or loss is None:
        return claimed(name, "does not hold", "audit.limited_downside.no_stop", [stop])
    if readings.high_state(findings) not in readings.EVENTFUL:
        return claimed(name, "does not hold", "audit.limited_downside.not_entered", [stop])
    words = {"loss": loss, "gap": gap, "size": known(findings, "hedge.size")}
    words["stop"] = known(findings, "breakout.level", level="stop")
    return claimed(name, "holds", "audit.limited_downside.stop", [*words.values(), stop], **words)
