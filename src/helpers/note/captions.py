"""Titles and subtitles of the pictures: the finding in a sentence, then measure, unit, period, source."""

from __future__ import annotations

from helpers.core.findings import Findings, date_text
from helpers.note import headline, paragraphs, readings, sentences

#: what each picture measures, in which unit and over which period
MEASURES = {
    "price_levels": "Daily range and close, tape basis, with the prior high of each day",
    "volume_history": "Shares traded a day, in millions; median of ordinary days, 10-90 % band of a year",
    "ratio_line": "Total return divided by each mega-cap stand-in's, 100 at the first day shown",
    "excess_dots": "Total return less each stand-in's over 5 to 252 trading days, percentage points",
    "mansfield_line": "Weekly ratio's distance from its own {weeks}-week mean, percent",
    "rotation": "Weekly strength against the market and its momentum, z-scores around 100; tails of past weeks",
    "performance_grid": "Total return over each span, percent; each column shaded on its own scale",
}


#: pictures that end with the last finished week
WEEKLY = ("mansfield_line", "rotation")


def title(findings: Findings, picture: str) -> str:
    """The finding a picture shows, in a sentence without a full stop."""
    return _TITLES[picture](findings).rstrip(".")


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
    return f"{value.subject}/{against}, weekly, is {sentences.above(value)} its {value.key['window']}-week mean"


def _rotation(findings: Findings) -> str:
    tiers, _ = paragraphs.quadrant_groups(findings)
    return f"Against the market: {sentences.listed(tiers)}" if tiers else "Rotation not known"


def _grid(findings: Findings) -> str:
    own = findings.get("strength.performance", subject=paragraphs.subject(findings), span="1Y")
    market = next((item.subject for item in findings.all("strength.first_high_date", role="market")), None)
    other = findings.get("strength.performance", subject=market, span="1Y") if market else None
    if own is None or other is None or not own.is_known or not other.is_known:
        return "Total return by tier, stand-in and sector"
    return f"Over a year {own.subject} {own.text(signed=True)}, {other.subject} {other.text(signed=True)}"


_TITLES = {
    "price_levels": _price,
    "volume_history": _volume,
    "ratio_line": _ratio,
    "excess_dots": _excess,
    "mansfield_line": _mansfield,
    "rotation": _rotation,
    "performance_grid": _grid,
}
