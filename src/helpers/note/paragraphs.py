"""The paragraphs of a note: each picks the template whose condition its findings meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.core.findings import Finding, Findings, date_text
from helpers.note import readings, sentences

Context = Mapping[str, Any]

#: trading days under which the days since the last high are no base worth a sentence
SHORTEST_BASE = 10


@dataclass(frozen=True)
class Sentence:
    """One rendered sentence and the template it came from; `template` is "" for the author's own words."""

    template: str
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Sentences under one bold label."""

    label: str
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """The sentences as one line."""
        return " ".join(sentence.text for sentence in self.sentences)


def say(template: str, /, **words: Any) -> Sentence:
    """One sentence of this template."""
    return Sentence(template, sentences.render(template, **words))


def subject(findings: Findings) -> str:
    """The fund's display name."""
    first = findings.get("breakout.last") or findings.get("strength.excess") or next(iter(findings), None)
    return first.subject if first else ""


def slots(findings: Findings) -> dict[str, Any]:
    """What most templates ask for: breakout findings by name, the fund, the kind and length of high."""
    flag = findings.get("breakout.is_new_high")
    window = flag.key["window"] if flag else 252
    return {
        "f": _BreakoutFacts(sentences.facts(findings, "breakout")),
        "subject": subject(findings),
        "kind": readings.kind(findings),
        "span": str(window).removesuffix("d"),
    }


class _BreakoutFacts(dict[str, Any]):
    """Findings by name, plus the phrase for where the close stands against the prior high."""

    def __init__(self, known: Mapping[str, Finding]) -> None:
        super().__init__(known)
        gap = known.get("close_confirmed_distance")
        if gap is not None and gap.value is not None:
            # the level's distance from the price, said from the price's side
            side = Finding(gap.id, gap.subject, -float(gap.value), gap.unit, gap.as_of, gap.key)
            self["nearness_gap"] = sentences.above(side)


def headline(findings: Findings) -> str:
    """The finding in a line: what the high is, and who leads."""
    state = readings.high_state(findings)
    name = {"touch_back": "touch", "touch_above": "would_confirm", "yes_other": "confirmed", "short": "unknown"}.get(
        state, state
    )
    name = {"holed": "unknown", "touch_not": "none", "no_other": "none"}.get(name, name)
    first = sentences.render(f"headline.{name}", **slots(findings))
    relation = readings.relative_state(findings)
    second = sentences.render(
        f"headline.{'unknown_lead' if relation == 'unknown' else relation}",
        month=readings.leads(findings, 21),
        quarter=readings.leads(findings, 63),
    )
    return f"{first}; {second}"


def time(context: Context) -> str:
    """The clock time of the tape, in words."""
    return f"{context['time']} New York" if context.get("time") else "time not given"


def dateline(findings: Findings, context: Context) -> Paragraph:
    """Price, change, day, and how far the history reaches."""
    words = {
        **slots(findings),
        "as_of": date_text(context["as_of"]),
        "bars_to": date_text(context["bars_to"]),
        "time": time(context),
    }
    if findings.get("breakout.last") is None:
        parts = [say("dateline.failed", **words)]
    else:
        parts = [say("dateline.partial" if findings.value("breakout.is_partial") else "dateline.full", **words)]
    if context.get("requested_as_of") and context["requested_as_of"] != context["as_of"]:
        parts.append(say("dateline.moved", requested=date_text(context["requested_as_of"])))
    return Paragraph("", tuple(parts))


def happened(findings: Findings) -> Paragraph:
    """The new high, and on an unfinished day what the close would decide."""
    state = readings.high_state(findings)
    words = slots(findings)
    parts = [say(f"happened.{state}", **words)]
    if (findings.value("breakout.lone_highs_set_aside") or 0) > 0:
        parts.append(say("happened.set_aside", **words))
    get = findings.get
    closing, confirm = get("breakout.closing_high"), get("breakout.confirm_level")
    if findings.value("breakout.is_partial") and closing is not None and closing.is_known:
        would = (get("breakout.closing_high_at_last"), get("breakout.close_confirmed_at_last"))
        reached = sum(bool(item.value) for item in would if item is not None)
        standing = sentences.render(f"pending.stands_{('none', 'closing', 'both')[reached]}")
        parts.append(say("pending.both", closing=closing, confirm=confirm, standing=standing))
        rates = {
            "closing_rate": get("breakout.closing_high_rate"),
            "confirm_rate": get("breakout.close_confirmed_rate"),
        }
        since = findings.value("breakout.base_rate_from")
        enough = (rates["closing_rate"].n or 0) >= 10 if rates["closing_rate"] else False
        parts.append(say("pending.rates", **rates, year=since[:4]) if enough else say("pending.few", **rates))
    elif state in ("confirmed", "faded"):
        parts.append(say("closing.high", is_closing_high=get("breakout.is_closing_high"), closing=closing))
    return Paragraph("What happened.", tuple(parts))


def volume(findings: Findings) -> list[Paragraph]:
    """The day against its usual volume, under the label its state allows."""
    word = findings.get("breakout.volume_word")
    if word is None:
        return []
    mark = findings.get("breakout.session_mark")
    extra = (say("volume.mark", f={"session_mark": mark}),) if mark is not None and mark.is_known else ()
    if findings.value("breakout.is_partial"):
        share = findings.get("breakout.volume_share")
        if share is not None and share.is_known:
            label = sentences.render("volume.partial_label")
            return [Paragraph(label, (say("volume.partial", share=share), *extra))]
        return [Paragraph("Volume:", (say("volume.unknown"), *extra))]
    if not word.is_known:
        return [Paragraph("Volume:", (say("volume.unknown"), *extra))]
    name = "elevated" if word.value in ("elevated", "heavy") else "ordinary"
    return [Paragraph("Volume:", (say(f"volume.{name}", multiples=findings.all("breakout.rvol"), word=word), *extra))]


def so_what(findings: Findings) -> list[Paragraph]:
    """Who made a high first, and the base under it."""
    first = findings.value("strength.came_first")
    parts = []
    if first is not None:
        market = next((item for item in findings.all("strength.first_high_date", role="market")), None)
        mid_day = next((item.value for item in findings.all("strength.first_high_date", role="mid")), None)
        name = {"same day": "same", "market": "market" if mid_day else "market_only"}.get(first, first)
        parts.append(say(f"so_what.{name}", market=market, subject=subject(findings)))
    length = findings.value("breakout.base_length")
    if length is not None and length >= SHORTEST_BASE and findings.value("breakout.base_depth") is not None:
        parts.append(say("so_what.base", **slots(findings)))
    return [Paragraph("So what.", tuple(parts))] if parts else []


def relative(findings: Findings) -> Paragraph:
    """Mid against the stand-ins over a month and a quarter."""
    names = readings.stand_ins(findings)
    if not names:
        return Paragraph("Relative:", (say("audit.section_missing"),))
    month = {item.key["against"]: item for item in findings.all("strength.excess", window=21)}
    known = [month[name] for name in names if month[name].is_known]
    missing = [name for name in names if not month[name].is_known]
    lead = readings.lead_stand_in(findings)
    parts = []
    if lead is not None:
        quarter = findings.get("strength.excess", window=63, against=lead)
        parts.append(say("relative.pair", month=month[lead], quarter=quarter))
        if len(known) > 1 and findings.value("strength.stand_ins_differ", window=21):
            ordered = sorted(known, key=lambda item: float(item.value or 0.0))
            parts.append(say("relative.spread", low=ordered[0], high=ordered[-1]))
        elif len(known) > 1:
            parts.append(say("relative.agree"))
    elif known:
        parts.append(say("relative.growth_only", month=known[0]))
    if missing:
        parts.append(say("relative.missing", names=missing))
    return Paragraph("Relative:", tuple(parts))


def trend(findings: Findings) -> list[Paragraph]:
    """Where the ratio to the first stand-in stands."""
    lead = readings.lead_stand_in(findings)
    if lead is None:
        return []
    words = {"against": lead}
    mean = findings.get("strength.mean_distance", **words)
    from_high = findings.get("strength.from_ratio_high", **words)
    if mean is None or from_high is None or not mean.is_known or not from_high.is_known:
        window = mean.key["window"] if mean else ""
        return [Paragraph("Trend:", (say("relative.trend_unknown", **words, window=window),))]
    if findings.value("strength.is_ratio_high", **words):
        return [Paragraph("Trend:", (say("relative.at_high", **words, mean=mean),))]
    date = findings.get("strength.ratio_high_date", **words)
    return [Paragraph("Trend:", (say("relative.trend", **words, mean=mean, from_high=from_high, high_date=date),))]


def quadrant_groups(findings: Findings) -> tuple[list[str], list[str]]:
    """Phrases for the cap tiers ("IJH lagging"), and the names of the leading sectors."""
    quadrants = [item for item in findings.all("strength.quadrant") if item.is_known]
    tiers = [f"{item.subject} {item.text().lower()}" for item in quadrants if item.key["group"] == "cap tier"]
    sectors = [item.subject for item in quadrants if item.key["group"] == "sector" and item.value == "Leading"]
    return tiers, sectors


def quadrants(findings: Findings) -> list[Paragraph]:
    """Cap tiers by quadrant, and the leading sectors."""
    tiers, sectors = quadrant_groups(findings)
    if not tiers:
        return []
    parts = [say("relative.quadrants", tiers=tiers)]
    parts.append(say("relative.sectors", names=sectors) if sectors else say("relative.sectors_none"))
    return [Paragraph("Against the market:", tuple(parts))]
