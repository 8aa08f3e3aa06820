"""Titles and subtitles of the pictures: the finding in a sentence, then measure, unit, period, source."""

from __future__ import annotations

from collections.abc import Sequence

from helpers.core.findings import Findings, date_text
from helpers.note import claims, clause, headline, paragraphs, passages, printed, readings, sentences

#: what each picture measures, in which unit and over which period
MEASURES = {
    "price_levels": "Daily range and close, tape basis, with the prior high of each day",
    "volume_history": "Shares traded a day, in millions; median of ordinary days, 10-90 % band of a year",
    "ratio_line": "Total return divided by each mega-cap stand-in's, 100 at the first day shown",
    "excess_dots": "Total return less each stand-in's over 5 to 252 trading days, percentage points",
    "mansfield_line": "Weekly ratio's distance from its own {weeks}-week mean, percent",
    "rotation": "Weekly strength against the market and its momentum, z-scores around 100; tails of past weeks",
    "performance_grid": "Total return over each span, percent; each column shaded on its own scale",
    "members_means": "Share of members above their own means, percent, and the fund's close, tape basis",
    "breadth_conditions": "Five conditions, each held three days, with a band of two points around its threshold",
    "leadership_dots": "Mean percentile rank of volatility-scaled return over the market, 21, 63 and 126 days",
    "lead_lag_bars": "Correlation of the fund's daily return with its members' at each lag, trading days",
    "event_fan": "Excess total return from the close of each breakout, percentage points",
    "effect_forest": "Excess after breakouts less excess on all days, percentage points, by horizon and era",
    "reliability": "Calls by the probability stated: share that came true, its interval, calls and windows apart",
    "month_profile": "Mean daily excess around month-end, basis points, by trading day",
    "scenario_panel": "The same 21 trading days, not a forecast: mid caps less mega caps, percentage points",
    "breakeven_map": "Expected excess over 21 trading days, percentage points, by change of yields and spreads",
    "trigger_board": "Each trigger against its threshold, and dated events within six weeks",
    "measure_strip": "Each measure in its own five-year range, percentile",
    "score_components": "Eight parts and their weighted mean, from -1 (against the fund) to 1 (for it)",
    "crowding_dots": "Price proxy of crowding: percentile in the leg's own history, and its parts",
    "hedge_frontier": "Out of sample: variance removed, percent, against the rate beta left, bp for each 10 bp",
    "hedge_path": "Close with entry, warning and stop, tape basis; fund and hedged fund, total return, 100 at start",
}


#: share of the range at either end that a title counts
END = 0.1
#: pictures that end with the last finished week
WEEKLY = ("mansfield_line", "rotation")


def title(findings: Findings, picture: str) -> str:
    """The finding a picture shows, in a sentence without a full stop."""
    with sentences.using({}):
        said = _TITLES[picture](findings).rstrip(".") or "Not stated: its words do not hold"
    return said[:1].upper() + said[1:]


def subtitle(findings: Findings, picture: str) -> str:
    """Measure, unit, last day and source; SIMULATED where the bars are."""
    mansfield = findings.get("strength.mansfield")
    measure = MEASURES[picture].format(weeks=mansfield.key["window"] if mansfield else 52)
    dated = findings.get("strength.quadrant") if picture in WEEKLY else None
    shown = dated or next(iter(findings), None)
    if shown is None:
        return measure
    mark = "SIMULATED. " if shown.subject.endswith("(simulated)") else ""
    return f"{mark}{measure}. To {date_text(shown.as_of)}. Source: {shown.source}"


def _price(findings: Findings) -> str:
    return headline.headline(findings).split("; ")[0]


def _volume(findings: Findings) -> str:
    shown = paragraphs.volume(findings)
    return f"Volume: {shown[0].sentences[0].text}" if shown else "Volume not known"


def _ratio(findings: Findings) -> str:
    shown = paragraphs.trend(findings)
    return f"{paragraphs.subject(findings)}: {shown[0].text}" if shown else "Relative strength not known"


def _excess(findings: Findings) -> str:
    shown = paragraphs.relative(findings).sentences
    return f"{paragraphs.subject(findings)}: {shown[0].text}"


def _mansfield(findings: Findings) -> str:
    lead = readings.lead_stand_in(findings)
    value = findings.get("strength.mansfield", against=lead) if lead else None
    if value is None or not value.is_known:
        return "Mansfield relative strength not known"
    against = value.key["against"]
    return f"{value.subject}/{against}, weekly, is {printed.above(value)} its {value.key['window']}-week mean"


def _rotation(findings: Findings) -> str:
    tiers = paragraphs.tier_quadrants(findings)
    return f"Against the market: {printed.listed(tiers)}" if tiers else "Rotation not known"


def _grid(findings: Findings) -> str:
    own = findings.get("strength.performance", subject=paragraphs.subject(findings), span="1Y")
    market = next((item.subject for item in findings.all("strength.first_high_date", role="market")), None)
    other = findings.get("strength.performance", subject=market, span="1Y") if market else None
    if own is None or other is None or not own.is_known or not other.is_known:
        return "Total return by tier, stand-in and sector"
    return f"Over a year {own.subject} {own.text(signed=True)}, {other.subject} {other.text(signed=True)}"


def _of(shown: Sequence[paragraphs.Paragraph], otherwise: str) -> str:
    """The first sentence of the first paragraph."""
    return shown[0].sentences[0].text if shown else otherwise


def _members(findings: Findings) -> str:
    shown = passages.breadth(findings)
    return shown[0].sentences[-1].text if shown else "Members not known"


def _leaders(findings: Findings) -> str:
    said = [item for item in passages.names(findings) if item.template == "breadth.baskets"]
    return said[0].text if said else "Winners and losers not known"


def _claim(findings: Findings, name: str) -> str:
    """The audit's sentence on one clause."""
    return claims.claim(name, findings).text


def _fan(findings: Findings) -> str:
    found = readings.effect(findings)
    if found is None:
        return "What followed is not known"
    return sentences.render("title.fan", found=found)


def _effects(findings: Findings) -> str:
    verdict = readings.long(findings, "history.verdict")
    if verdict is None or not verdict.is_known:
        return "What followed is not known"
    return sentences.render("title.effects", verdict=verdict)


def _reliability(findings: Findings) -> str:
    counts = [item for item in findings.all("history.record_n", kind="all") if item.value]
    return (
        printed.listed(f"{item.text()} {item.key['origin']} calls resolved" for item in counts)
        or "No call resolved yet"
    )


def _scenarios(findings: Findings) -> str:
    """What the first scenario that is known went with."""
    return passages.first_scenario(findings) or "Scenarios not known"


def _triggers(findings: Findings) -> str:
    states = [str(item.value) for item in findings.all("risks.trigger_state")]
    met, near = states.count("met"), states.count("near")
    return f"{met} of {len(states)} triggers met, {near} near" if states else "Triggers not known"


def _breakeven(findings: Findings) -> str:
    credit = clause.known(findings, "risks.sensitivity", factor="credit")
    rates = clause.known(findings, "risks.sensitivity", factor="rates")
    if credit is None or rates is None:
        return "Sensitivity to rates and credit not known"
    return sentences.render("title.breakeven", credit=credit, rates=rates)


def _strip(findings: Findings) -> str:
    held = [item for item in findings.all("risks.measure_percentile") if item.is_known]
    low = sum(float(item.value or 0.0) <= END for item in held)
    high = sum(float(item.value or 0.0) >= 1 - END for item in held)
    return f"{high} of {len(held)} measures in their top tenth of five years, {low} in the bottom one"


def _crowded(findings: Findings) -> str:
    leg = clause.known(findings, "risks.most_crowded")
    score = findings.get("risks.crowding", subject=leg.value) if leg else None
    if leg is None or score is None:
        return "Crowding not known"
    return sentences.render("title.crowded", leg=leg, score=score)


def _score(findings: Findings) -> str:
    value, word = clause.known(findings, "risks.score"), clause.known(findings, "risks.score_label")
    if value is None or word is None:
        return "Score not known"
    coverage = findings.get("risks.score_coverage")
    known = f", on {coverage.text(decimals=0)} of its weight" if coverage is not None and coverage.value != 1 else ""
    return f"Score {value.text(signed=True)}: {word.text()}{known}"


def _hedging(findings: Findings) -> str:
    said = [item for item in passages.hedging(findings) if item.template == "hedging.best"]
    return said[0].text if said else "No hedge ratio known"


def _stop(findings: Findings) -> str:
    loss = clause.known(findings, "hedge.loss_at_stop_sized")
    gap = clause.known(findings, "hedge.loss_through_gap")
    if loss is None:
        return "No stop known"
    if readings.high_state(findings) not in readings.EVENTFUL:
        return "Nothing is entered on such a day; from the last price the stop would stand as drawn"
    return sentences.render("title.stop", loss=loss, gap=gap)


_TITLES = {
    "members_means": _members,
    "breadth_conditions": lambda findings: _of(passages.breadth(findings), "Breadth not known"),
    "leadership_dots": _leaders,
    "lead_lag_bars": lambda findings: _claim(findings, "etf_first"),
    "event_fan": _fan,
    "effect_forest": _effects,
    "reliability": _reliability,
    "month_profile": lambda findings: _of(passages.calendar(findings), "Month-end not known"),
    "scenario_panel": _scenarios,
    "breakeven_map": _breakeven,
    "trigger_board": _triggers,
    "measure_strip": _strip,
    "crowding_dots": _crowded,
    "score_components": _score,
    "hedge_frontier": _hedging,
    "hedge_path": _stop,
    "price_levels": _price,
    "volume_history": _volume,
    "ratio_line": _ratio,
    "excess_dots": _excess,
    "mansfield_line": _mansfield,
    "rotation": _rotation,
    "performance_grid": _grid,
}
