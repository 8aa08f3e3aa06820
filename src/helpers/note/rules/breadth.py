"""Clauses on breadth and rotation: members, baskets, quality, the fund against its names."""

from __future__ import annotations

from helpers.core.findings import Findings
from helpers.note import predicates, readings
from helpers.note.clause import Claim, claimed, known, missing

#: trading days over which a basket wins or loses
BASKET_WINDOW = 63


def breadth_tell(name: str, findings: Findings) -> Claim:
    """Whether the rise is broad: by the five conditions; by relative strength alone where these were not computed."""
    verdict = findings.get("breadth.verdict")
    if verdict is None:
        return _by_relative_strength(name, findings)
    met = known(findings, "breadth.conditions_met")
    share = known(findings, "breadth.above_mean", window=50)
    conditions = findings.all("breadth.condition")
    if not verdict.is_known or met is None:
        return claimed(name, "no data", "audit.breadth_tell.no_lines", [verdict, *conditions])
    lines = {item.key["condition"]: item.value for item in conditions}
    words = {"verdict": verdict, "met": met, "share": share, **lines}
    if verdict.value != "broadening" and readings.may_be_broadening(lines):
        return claimed(name, "no data", "audit.breadth_tell.open", [verdict, met, *conditions], **words)
    beside = {name: known(findings, f"breadth.{name}") for name in ("flips", "market_high_near", "market_high_base")}
    outcome = "holds" if verdict.value == "broadening" else "does not hold"
    template = "broad" if verdict.value == "broadening" else "not_broad"
    found = [verdict, met, share, *conditions, *beside.values()]
    return claimed(name, outcome, f"audit.breadth_tell.{template}", found, **words, **beside)


def _by_relative_strength(name: str, findings: Findings) -> Claim:
    names = readings.stand_ins(findings)
    month, quarter = (
        [item for item in findings.all("strength.excess", window=window) if item.key["against"] in names]
        for window in (21, 63)
    )
    state = readings.relative_state(findings)
    if state == "unknown":
        return claimed(name, "no data", "audit.breadth_tell.unknown", [*month, *quarter])
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
    return claimed(
        name, verdict, f"audit.breadth_tell.{template}", found, month=month[lead], quarter=quarter[lead], **words
    )


def rotation(name: str, findings: Findings) -> Claim:
    """Whether winners outrun the market, and losers by more than it explains, while mids gain on mega caps."""
    score = findings.get("breadth.rotation_score")
    if score is None:
        return missing(name)
    left = known(findings, "breadth.rotation_residual")
    if not score.is_known or left is None:
        return claimed(name, "no data", "audit.rotation.unknown", [score])
    ahead = known(findings, "breadth.basket_excess", basket="winners", window=BASKET_WINDOW)
    ratios = [item for item in findings.all("breadth.ratio_change", window=BASKET_WINDOW) if item.is_known]
    pair = next((item for item in ratios if readings.role(item) == "mid_mega"), None)
    sizes = [float(item.value or 0.0) if item else 0.0 for item in (left, ahead)]
    least = predicates.MATCH_WITHIN
    if float(score.value or 0.0) <= 0 or sizes[0] <= -least:
        template, verdict = "no", "does not hold"
    elif min(sizes) >= least and pair is not None and float(pair.value or 0.0) >= least:
        template, verdict = "yes", "holds"
    elif min(sizes) >= least:
        template, verdict = "mega", "inconclusive"
    else:
        template, verdict = "small", "inconclusive"
    words = {"score": score, "left": left, "ahead": ahead, "pair": pair}
    return claimed(name, verdict, f"audit.rotation.{template}", words.values(), **words)


def basket(name: str, findings: Findings) -> Claim:
    """Whether a basket does what its clause says, over a quarter and after the market over half a year."""
    excess = findings.get("breadth.basket_excess", basket=name, window=BASKET_WINDOW)
    if excess is None:
        return missing(name)
    left = known(findings, "breadth.basket_residual", basket=name)
    if not excess.is_known or left is None:
        return claimed(name, "no data", "audit.basket.unknown", [excess])
    sign = 1 if name == "winners" else -1
    sizes = [sign * float(item.value or 0.0) for item in (excess, left)]
    least = predicates.MATCH_WITHIN
    template = "yes" if min(sizes) >= least else "no" if max(sizes) <= -least else "mixed"
    verdict = {"yes": "holds", "no": "does not hold", "mixed": "inconclusive"}[template]
    return claimed(name, verdict, f"audit.basket.{template}", [excess, left], basket=name, excess=excess, left=left)


def regime(name: str, findings: Findings) -> Claim:
    """Whether quality beat growth over a year; quality against the market beside it."""
    ratios = [item for item in findings.all("breadth.ratio_change", window=252) if item.is_known]
    quality = next((item for item in ratios if readings.role(item) == "quality_growth"), None)
    value = next((item for item in ratios if readings.role(item) == "quality"), None)
    if not findings.all("breadth.ratio_change"):
        return missing(name)
    if quality is None:
        return claimed(name, "no data", "audit.regime.unknown")
    template = "yes" if float(quality.value or 0.0) >= predicates.MATCH_WITHIN else "no"
    verdict = "holds" if template == "yes" else "does not hold"
    return claimed(name, verdict, f"audit.regime.{template}", [quality, value], quality=quality, value=value)


def etf_first(name: str, findings: Findings) -> Claim:
    """Whether the fund moves before its members, as far as daily bars can tell."""
    leads = findings.get("breadth.who_leads")
    if leads is None:
        return missing(name)
    fund, members = (known(findings, "breadth.lead_t", direction=way) for way in ("fund_first", "members_first"))
    if not leads.is_known or fund is None or members is None:
        return claimed(name, "no data", "audit.etf_first.unknown", [leads])
    template = {"fund first": "fund", "members first": "members"}.get(str(leads.value), "neither")
    verdict = {"fund": "leaning", "members": "does not hold", "neither": "cannot be tested"}[template]
    return claimed(
        name,
        verdict,
        f"audit.etf_first.{template}",
        [leads, fund, members],
        sample=leads,
        who=leads,
        fund=fund,
        members=members,
    )
