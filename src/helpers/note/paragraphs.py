"""The paragraphs of a note: each picks the template whose condition its findings meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from helpers.core.findings import Finding, Findings, date_text
from helpers.note import printed, readings, sentences

Context = Mapping[str, Any]


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
        return " ".join(sentence.text for sentence in self.sentences if sentence.text)


def say(template: str, /, **words: Any) -> Sentence:
    """One sentence of this template."""
    return Sentence(template, sentences.render(template, **words))


def subject(findings: Findings) -> str:
    """The fund's display name."""
    first = findings.get("breakout.last") or findings.get("strength.excess") or next(iter(findings), None)
    return first.subject if first else ""


def slots(findings: Findings) -> dict[str, Any]:
    """What most templates ask for: breakout findings by name, the fund, the kind and length of high."""
    facts = sentences.facts(findings, "breakout")
    flag = findings.get("breakout.is_new_high")
    window = flag.key["window"] if flag else 252
    return {
        "f": facts,
        "bar": readings.bar(findings),
        "gap": _gap(facts.get("nearness")),
        "subject": subject(findings),
        "kind": readings.kind(findings),
        "span": str(window).removesuffix("d"),
    }


def _gap(nearness: Finding | None) -> str:
    """Where the last price stands against the prior high, from the price's side: "5.0% below"."""
    if nearness is None or nearness.value is None:
        return ""
    return printed.above(Finding(nearness.id, nearness.subject, float(nearness.value) - 1, "fraction", nearness.as_of))


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
    elif findings.value("breakout.stale_since"):
        parts = [say("dateline.stale", **words)]
        if context.get("stale_because"):
            parts.append(say("dateline.stale_because", cause=context["stale_because"]))
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
    if (findings.value("breakout.lone_lows_set_aside") or 0) > 0:
        parts.append(say("happened.lows_set_aside", **words))
    get = findings.get
    closing, confirm = get("breakout.closing_high"), get("breakout.confirm_level")
    if findings.value("breakout.is_partial") and closing is not None and closing.is_known:
        would = (get("breakout.closing_high_at_last"), get("breakout.close_confirmed_at_last"))
        reached = sum(bool(item.value) for item in would if item is not None)
        standing = sentences.render(f"pending.stands_{('none', 'closing', 'both')[reached]}")
        parts.append(say("pending.both", closing=closing, confirm=confirm))
        parts.append(say("pending.standing", standing=standing))
        rates = {
            "closing_rate": get("breakout.closing_high_rate"),
            "confirm_rate": get("breakout.close_confirmed_rate"),
        }
        if state in ("touch_back", "touch_above") and _is_first_touch(findings):
            start = get("breakout.base_rate_from")
            is_enough = (rates["closing_rate"].n or 0) >= readings.MIN_EVENTS_MEAN if rates["closing_rate"] else False
            parts.append(say("pending.rates" if is_enough else "pending.few", **rates, start=start))
    elif state in ("confirmed", "faded") and findings.value("breakout.is_closing_high") is not None:
        parts.append(say("closing.high", is_closing_high=get("breakout.is_closing_high"), closing=closing))
    return Paragraph("What happened.", tuple(parts))


def _is_first_touch(findings: Findings) -> bool:
    """Whether the quiet before today's high is that of the days the base rate counts."""
    rate = findings.get("breakout.closing_high_rate")
    since = findings.value("breakout.days_since_high")
    return rate is not None and (since is None or since > rate.key["quiet_gap"])


def volume(findings: Findings) -> list[Paragraph]:
    """The day against its usual volume, under the label its state allows."""
    word = findings.get("breakout.volume_word")
    if word is None or findings.value("breakout.stale_since"):
        return []
    mark = findings.get("breakout.session_mark")
    extra = (say("volume.mark", f={"session_mark": mark}),) if mark is not None and mark.is_known else ()
    share = findings.get("breakout.volume_share")  # stated on an unfinished day alone, where there is no word
    if share is not None and share.is_known:
        label = sentences.render("volume.partial_label")
        return [Paragraph(label, (say("volume.partial", share=share), *extra))]
    if not word.is_known:
        return [Paragraph("Volume:", (say("volume.unknown"), *extra))]
    multiples = findings.all("breakout.rvol")
    name = "elevated" if word.value in ("elevated", "heavy") else "ordinary"
    if findings.value("breakout.volume_words_differ"):
        name = "differ"
    differ = findings.get("breakout.volume_words_differ")
    return [Paragraph("Volume:", (say(f"volume.{name}", multiples=multiples, word=word, differ=differ), *extra))]


def so_what(findings: Findings) -> list[Paragraph]:
    """Who made a high first, and the base under it."""
    first = findings.value("strength.came_first")
    parts = []
    market = findings.get("strength.first_high_date", role="market")
    last = findings.get("strength.last_high_date", role="market")
    if first is not None:
        mid = findings.get("strength.first_high_date", role="mid")
        is_done = mid is not None and mid.is_known
        name = {"same day": "same", "market": "market" if is_done else "market_only"}.get(first, first)
        parts.append(say(f"so_what.{name}", market=market, mid=mid, subject=subject(findings)))
    elif last is not None and last.is_known:
        parts.append(say("so_what.last", market=last))
    if findings.value("breakout.level", level="base_low") is not None:
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
        differ = {window: findings.get("strength.stand_ins_differ", window=window) for window in (21, 63)}
        apart = [window for window, flag in differ.items() if flag is not None and flag.value]
        if apart:
            ends = [dict(zip(("low", "high"), readings.extremes(findings, window), strict=True)) for window in apart]
            parts.append(say("relative.spread", apart=ends))
        elif len(known) > 1 and all(flag is not None and flag.is_known for flag in differ.values()):
            parts.append(say("relative.agree", month_differ=differ[21], quarter_differ=differ[63]))
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
        return [Paragraph("Trend:", (say("relative.at_high", **words, mean=mean, from_high=from_high),))]
    date = findings.get("strength.ratio_high_date", **words)
    return [Paragraph("Trend:", (say("relative.trend", **words, mean=mean, from_high=from_high, high_date=date),))]


def tier_quadrants(findings: Findings) -> list[str]:
    """Phrases for the cap tiers: "IJH lagging"."""
    tiers = findings.all("strength.quadrant", group="cap tier")
    return [f"{item.subject} {item.text().lower()}" for item in tiers if item.is_known]


def quadrants(findings: Findings) -> list[Paragraph]:
    """Cap tiers by quadrant, and the leading sectors."""
    tiers = tier_quadrants(findings)
    if not tiers:
        return []
    parts = [say("relative.quadrants", tiers=tiers)]
    sectors = findings.all("strength.quadrant", group="sector")
    leading = [item for item in sectors if item.value == "Leading"]
    if sectors:
        parts.append(say("relative.sectors" if leading else "relative.sectors_none", sectors=leading or sectors))
    week = next(item for item in findings.all("strength.quadrant") if item.is_known).as_of
    return [Paragraph(f"Rotation, week to {date_text(week).rsplit(' ', 1)[0]}:", tuple(parts))]
