"""Clauses on what would reverse the move, and on what drives it."""

from __future__ import annotations

from helpers.core.findings import Finding, Findings
from helpers.note import bands, readings, sentences
from helpers.note.clause import CONFIRMING, SCENARIOS, Claim, agree, claimed, known, missing

#: days of share counts from which flows are stated
FLOW_DAYS = 20
#: share of the fund's weight that has to report for its reports to be a catalyst
CATALYST_WEIGHT = 0.05
#: price z-score over 63 days above which a price has run ahead
RUN_AHEAD = 1.0


def scenario(name: str, findings: Findings) -> Claim:
    """The same-window scenario; whether it also forecasts stands beside it."""
    which = SCENARIOS[name]
    verdict = findings.get("risks.scenario_verdict", scenario=which)
    if verdict is None:
        return missing(name)
    found = known(findings, "risks.scenario_difference", scenario=which)
    effective = [known(findings, "risks.scenario_effective", scenario=which, state=side) for side in ("met", "not")]
    fewest = min((item for item in effective if item), key=lambda item: float(item.value or 0.0), default=None)
    cases = int(float(fewest.value or 0.0)) if fewest else None
    if found is None:
        if fewest is None:
            return claimed(name, "no data", f"audit.{name}.no_data", [verdict])
        rests = [verdict, *effective]
        return claimed(name, "cannot be tested", "audit.scenario.short", rests, cases=cases, windows=cases)
    words, shock = _told(findings, which), readings.shock(findings, which)
    rests = [found, verdict, *words.values(), shock]
    return claimed(
        name,
        str(verdict.value),
        f"audit.scenario.{readings.sign(found)}",
        rests,
        sample=found,
        cases=cases,
        is_stable=agree(words["before"], words["after"]),
        found=found,
        what=sentences.render(f"audit.{name}.what", shock=shock),
        **words,
    )


def _told(findings: Findings, which: str) -> dict[str, Finding | None]:
    """What the sentence of a scenario says beside its difference; None where unknown."""
    key = {"scenario": which}
    met, other = (known(findings, "risks.scenario_trails", **key, state=state) for state in ("met", "not"))
    before, after = (known(findings, "risks.scenario_era", **key, era=era) for era in ("before", "after"))
    confirms = {"scenario": CONFIRMING.get(which)}
    return {
        "met": met,
        "other": other or met,
        "before": before,
        "after": after,
        "start": known(findings, "risks.scenario_from", **key),
        "split": known(findings, "risks.scenario_split", **key),
        "forecast": findings.get("risks.predictive_verdict", **key),
        "ahead": known(findings, "risks.predictive_difference", **key),
        "state": findings.get("risks.trigger_state", trigger=which.partition("_")[0]),
        "published": known(findings, "risks.scenario_difference", **confirms),
        "confirmed": findings.get("risks.scenario_verdict", **confirms),
    }


def crowding(name: str, findings: Findings) -> Claim:
    """Whether the most crowded leg is in the top fifth of its own history, by the price proxy."""
    leg = findings.get("risks.most_crowded")
    if leg is None:
        return missing(name)
    score = known(findings, "risks.crowding", subject=leg.value) if leg.is_known else None
    if score is None:
        return claimed(name, "no data", "audit.crowding.no_data", [leg])
    reached = bands.crowding(score)
    if reached is None:
        # the mean of the parts that are left says another thing than that of all
        words = {"leg": leg, "score": score, "parts": bands.CROWDING_PARTS}
        return claimed(name, "inconclusive", "audit.crowding.parts", [score, leg], **words)
    template = "yes" if reached else "no"
    verdict = "holds" if reached else "does not hold"
    words = {"leg": leg, "score": score, "parts": bands.CROWDING_PARTS}
    return claimed(name, verdict, f"audit.crowding.{template}", [score, leg], **words)


def driver(name: str, findings: Findings) -> Claim:
    """Flows as far as share counts are held, beside what rates, credit and the market explain."""
    days = findings.get("risks.flow_days")
    if days is None:
        return missing(name)
    explained = known(findings, "risks.explained", window=21)
    flow = known(findings, "risks.flow", window=21)
    words = {"days": days, "explained": explained, "flow": flow, "needed": FLOW_DAYS}
    if flow is None:
        return claimed(name, "cannot be tested", "audit.driver.no_flow", [days, explained], **words)
    return claimed(name, "inconclusive", "audit.driver.flow", [flow, explained, days], **words)


def catalyst(name: str, findings: Findings) -> Claim:
    """Whether holdings report about now; nothing found is not the same as nothing there."""
    weight = findings.get("risks.reporting_weight")
    if weight is None:
        return missing(name)
    if not weight.is_known:
        return claimed(name, "no data", "audit.catalyst.no_data", [weight])
    template = "found" if float(weight.value or 0.0) > 0 else "none"
    verdict = "does not hold" if float(weight.value or 0.0) >= CATALYST_WEIGHT else "inconclusive"
    return claimed(name, verdict, f"audit.catalyst.{template}", [weight], weight=weight)


def revisions(name: str, findings: Findings) -> Claim:
    """Whether the price has run ahead while estimates have not been raised."""
    ahead, breadth = findings.get("risks.price_z"), findings.get("risks.revision_breadth")
    if ahead is None or breadth is None:
        return missing(name)
    if not ahead.is_known or not breadth.is_known:
        return claimed(name, "no data", "audit.revisions.no_data", [ahead, breadth], ahead=ahead)
    is_ahead = float(ahead.value or 0.0) > RUN_AHEAD and float(breadth.value or 0.0) <= 0
    template = "yes" if is_ahead else "no"
    verdict = "holds" if is_ahead else "does not hold"
    return claimed(name, verdict, f"audit.revisions.{template}", [ahead, breadth], ahead=ahead, breadth=breadth)
