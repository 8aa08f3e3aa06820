"""Notes of many days, and the small lies that a reader would not notice in them."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.core.blocks import Tape
from helpers.core.findings import Findings
from helpers.core.params import Params
from helpers.data import calendar
from helpers.data.snapshot import Snapshot
from helpers.note import narrative
from helpers.runs import render, verify
from tests.note.conftest import context
from tests.sections.conftest import SECTIONS

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
NUMBER = re.compile(r"(?<![\w.,])\d+(?:,\d{3})*(?:\.\d+)?(?!\d)")
DATE = re.compile(rf"\b(\d{{1,2}})(?= (?:{_MONTHS})\b)")
MONTH = re.compile(rf"\b(?:{_MONTHS})\b")
SIGN = re.compile(r"(?<![\w\d])[+-](?=\d)")
UNIT = re.compile(r"(?<=\d)(?:%| points| bp|x\b)")
VERDICT = re.compile(r"\b(?:does not hold|holds|supported|inconclusive|contradicted|pending|no data|not met|met)\b")
DENIAL = re.compile(r"\b(?:not|no|without|neither|nor)\b ")
#: what is said of two prices, and which has to be the larger
ORDERED = re.compile(r"at ([\d.]+), (above|short of) its \d+-day (?:intraday )?high of ([\d.]+\d)")
#: words that say opposite things
PAIRS = (
    ("above", "below"),
    ("ahead", "behind"),
    ("leads", "trails"),
    ("better", "worse"),
    ("higher", "lower"),
    ("rose", "fell"),
    ("rises", "falls"),
    ("up", "down"),
    ("wider", "narrower"),
    ("widened", "narrowed"),
    ("heavy", "light"),
    ("broadening", "narrow"),
    ("supported", "contradicted"),
    ("agree", "disagree"),
    ("likely", "unlikely"),
    ("deeper", "milder"),
    ("active", "light"),
    ("leading", "lagging"),
    ("breakouts", "breakdowns"),
    ("confirms", "denies"),
    ("touches", "misses"),
    ("new", "old"),
)
OPPOSITES = {**{right: left for left, right in reversed(PAIRS)}, **dict(PAIRS)}
DIRECTIONS = ("above", "below", "ahead", "behind", "better", "worse", "leads", "trails", "higher", "lower", "wider")
CARRIED = ("breakout.level", "breakout.close_confirmed", "risks.trigger_state", "risks.score_label")


@dataclass
class Tally:
    """What was tried and what was found."""

    notes: int = 0
    false_alarms: int = 0
    tried: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    absent: Counter[str] = field(default_factory=Counter)
    most_words: int = 0
    missed: list[str] = field(default_factory=list)
    withheld: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {self.caught[kind]} of {count}" for kind, count in sorted(self.tried.items()))
        return (
            f"{self.notes} notes, {self.false_alarms} false alarms; caught: {kinds}; "
            f"not in the note: {dict(self.absent)}; front page at most {self.most_words} words"
        )


def notes(snapshot: Snapshot, params: Params, days: Sequence[str]) -> Iterator[tuple[Findings, dict[str, Any]]]:
    """Findings and context of a note on each day, each compared with the one before, data cut at the day.

    Every third is written while the day after is still trading.
    """
    previous = None
    for place, day in enumerate(days):
        cut = snapshot.cut(day)
        if place % 3 == 2:
            cut = _while_trading(snapshot, cut, params.mid)
        findings = Findings(item for section in SECTIONS for item in section(cut, params).findings)
        said = context(
            as_of=cut.as_of, bars_to=cut.bars_to, simulated=cut.simulated, source=cut.source, previous=previous
        )
        yield findings, said
        previous = {
            "as_of": cut.as_of,
            "revision": 1,
            "claims": {claim.id: claim.verdict for claim in narrative.written(findings, said)[0]},
            "findings": [item.to_json() for item in findings if item.id in CARRIED],
        }


def _while_trading(whole: Snapshot, cut: Snapshot, symbol: str) -> Snapshot:
    """A cut with a quote of the next day, as it might have stood before its close; without such a bar the cut."""
    after = whole.days[whole.days > pd.Timestamp(cut.bars_to)]
    if not len(after):
        return cut
    day = after[0]
    high, close, volume = (whole.wide(name, "tape", [symbol])[symbol].get(day) for name in ("high", "close", "volume"))
    if pd.isna(high) or pd.isna(close) or pd.isna(volume):
        return cut
    last = min(float(close), float(high))
    quote = Tape(date=str(day.date()), high=float(high), last=last, volume=max(1, int(float(volume) / 10)))
    return replace(cut, as_of=str(day.date()), tape=quote)


def spread(first: str, last: str, count: int, rng: random.Random, highs: pd.DatetimeIndex) -> list[str]:
    """Trading days spread over a span, one of each of its parts, in every second part a day of a high if it has one."""
    days = calendar.trading_days(first, last).index
    width = len(days) // count
    chosen = []
    for place in range(count):
        part = days[place * width : (place + 1) * width]
        of_high = part.intersection(highs)
        chosen.append(rng.choice(list(of_high if place % 2 and len(of_high) else part)))
    return [str(pd.Timestamp(day).date()) for day in chosen]


def highs(snapshot: Snapshot, symbol: str) -> pd.DatetimeIndex:
    """Days on which the symbol's high exceeded that of the 252 days before."""
    high = snapshot.wide("high", "tape", [symbol])[symbol]
    return pd.DatetimeIndex(high.index[high > high.shift(1).rolling(252).max()])


def lie(findings: Findings, said: dict[str, Any], page: Path, rng: random.Random, tally: Tally) -> None:
    """Write the note's page, change it in each way once, and count what `verify` finds."""
    claims, _, told = narrative.written(findings, said)
    text = render.note_html(findings, claims, told, {})
    page.write_text(text, encoding="utf-8")
    tally.notes += 1
    tally.withheld += told["refused"]
    for one, word, other in ORDERED.findall(text):
        if not (float(one) > float(other) if word == "above" else float(one) < float(other)):
            tally.untrue.append(f"{told['as_of']}: {one} {word} {other}")
    tally.false_alarms += bool(verify.verify(page))
    tally.most_words = max(tally.most_words, narrative.word_count(narrative.compose(findings, claims, told), told))
    tickers = sorted({item.subject for item in findings if 0 < len(item.subject.split()[0]) < 6})
    for kind, change in WAYS.items():
        changed = change(text, list(_visible(text)), tickers, rng)
        if changed is None:
            tally.absent[kind] += 1
            continue
        page.write_text(changed, encoding="utf-8")
        tally.tried[kind] += 1
        if verify.verify(page):
            tally.caught[kind] += 1
        else:
            tally.missed.append(f"{told['as_of']}: {kind}")


def _visible(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each piece of the page that a reader sees."""
    body, end = text.index("<main>"), text.index("<script")
    for found in re.finditer(r">([^<>]+)<", text[body:end]):
        if found.group(1).strip():
            yield body + found.start(1), body + found.end(1)


Spans = list[tuple[int, int]]
Way = Callable[[str, Spans, list[str], random.Random], "str | None"]


def _found(text: str, spans: Spans, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    return [found.span() for start, end in spans for found in pattern.finditer(text, start, end)]


def _put(text: str, span: tuple[int, int], instead: str) -> str:
    return text[: span[0]] + instead + text[span[1] :]


def _last_place(text: str, spans: Spans, tickers: list[str], rng: random.Random) -> str | None:
    found = _found(text, spans, NUMBER)
    if not found:
        return None
    start, end = rng.choice(found)
    number = text[start:end]
    return _put(text, (start, end), number[:-1] + str((int(number[-1]) + rng.choice((1, 9))) % 10))


def _two_swapped(text: str, spans: Spans, tickers: list[str], rng: random.Random) -> str | None:
    found = _found(text, spans, NUMBER)
    for _ in range(50):
        if len(found) < 2:
            return None
        one, other = sorted(rng.sample(found, 2))
        if text[slice(*one)] != text[slice(*other)]:
            return _put(_put(text, other, text[slice(*one)]), one, text[slice(*other)])
    return None


def _direction(text: str, spans: Spans, tickers: list[str], rng: random.Random) -> str | None:
    return _word(text, spans, [word for word in DIRECTIONS if word in OPPOSITES], rng)


def _opposite(text: str, spans: Spans, tickers: list[str], rng: random.Random) -> str | None:
    return _word(text, spans, [word for word in OPPOSITES if word not in DIRECTIONS], rng)


def _word(text: str, spans: Spans, chosen: list[str], rng: random.Random) -> str | None:
    pattern = re.compile(rf"\b(?:{'|'.join(chosen)})\b", re.IGNORECASE)
    found = _found(text, spans, pattern)
    if not found:
        return None
    span = rng.choice(found)
    return _put(text, span, OPPOSITES[text[slice(*span)].lower()])


def _ticker(text: str, spans: Spans, tickers: list[str], rng: random.Random) -> str | None:
    names = [name.split()[0] for name in tickers]
    found = _found(text, spans, re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b"))
    if not found or len(names) < 2:
        return None
    span = rng.choice(found)
    return _put(text, span, rng.choice([name for name in names if name != text[slice(*span)]]))


def _date(text: str, spans: Spans, tickers: list[str], rng: random.Random) -> str | None:
    found = _found(text, spans, DATE)
    if not found:
        return None
    span = rng.choice(found)
    day = int(text[slice(*span)])
    return _put(text, span, str(day + 1 if day < 28 else day - 1))


def _swapped(pattern: re.Pattern[str], others: Callable[[str], Sequence[str]]) -> Way:
    """Puts another of the words a pattern finds in the place of one."""

    def change(text: str, spans: Spans, tickers: list[str], rng: random.Random) -> str | None:
        found = _found(text, spans, pattern)
        if not found:
            return None
        span = rng.choice(found)
        held = text[slice(*span)]
        return _put(text, span, rng.choice([word for word in others(held) if word != held]))

    return change


def _dropped(text: str, spans: Spans, tickers: list[str], rng: random.Random) -> str | None:
    return _put(text, rng.choice(spans), "")


WAYS: dict[str, Way] = {
    "a number changed in its last place": _last_place,
    "two numbers swapped": _two_swapped,
    "a direction flipped": _direction,
    "a ticker swapped": _ticker,
    "a date moved": _date,
    "a guarded word replaced by its opposite": _opposite,
    "a month moved": _swapped(MONTH, lambda word: _MONTHS.split("|")),
    "a sign turned": _swapped(SIGN, lambda sign: "+-"),
    "a unit changed": _swapped(UNIT, lambda unit: ("%", " points", " bp", "x")),
    "a verdict replaced": _swapped(VERDICT, lambda word: ("holds", "does not hold", "supported", "contradicted")),
    "a denial dropped": _swapped(DENIAL, lambda word: ("",)),
    "a piece left out": _dropped,
}
