"""Numbers and dates in a person's own words, held against the findings."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from functools import cache

from helpers.core.findings import Finding, Findings
from helpers.note import numerals

_MONTHS = [dt.date(2000, month, 1) for month in range(1, 13)]
_NAMES = {name.lower(): day.month for day in _MONTHS for name in (f"{day:%B}", f"{day:%b}")}
_MONTH = "|".join(sorted(_NAMES, key=len, reverse=True))
_DATE = re.compile(
    rf"\b(?P<iso>\d{{4}}-\d{{2}}-\d{{2}})\b"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?P<month>{_MONTH})\b\.?(?:,?\s+(?P<year>\d{{4}})(?!-\d))?"
    rf"|\b(?P<month_first>{_MONTH})\b\.?\s+(?P<day_second>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year_last>\d{{4}})(?!-\d))?",
    re.IGNORECASE,
)
_UNIT = (
    r"%|percent\b|per cent\b|percentage points?\b|pp\b|points?\b|bps?\b|basis points?\b|x\b|times\b|million\b|billion\b"
)
_DIGITS = r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?|(?<![A-Za-z])\.[0-9]+"
#: a number with its unit; in "52 to 71%" the unit of the second is the first one's as well
_NUMBER = re.compile(
    rf"(?<![0-9])(?<![0-9]\.)(?P<sign>[+\-−–]?)[$€£]?(?P<digits>{_DIGITS})(?P<power>e[0-9]+)?"
    rf"(?:\s*(?P<unit>{_UNIT})|(?=\s*(?:to|and|–|-)\s*[+\-−]?[\d.,]+\s*(?P<unit_of_range>{_UNIT})))?",
    re.IGNORECASE,
)
#: odds, which are a figure of their own
_ODDS = re.compile(r"\b[0-9]{1,3}(?:\s?/\s?|\s+in\s+|\s+out\s+of\s+)[0-9]{1,3}\b(?![.,][0-9]|%)", re.IGNORECASE)
#: two numbers that could be the bounds of an interval
_RANGE = re.compile(
    rf"(?<![0-9.])(?P<sign>[+\-−]?)(?P<digits>{_DIGITS})\s*(?:{_UNIT})?\s*(?:to|and|–|-)\s*"
    rf"(?P<high_sign>[+\-−]?)(?P<high_digits>{_DIGITS})\s*(?P<unit>{_UNIT})",
    re.IGNORECASE,
)
#: indexes and families that carry a number in their names; any other number after a name is a level
_INDEXES = {
    "S&P": (100, 400, 500, 600, 1000, 1500),
    "S&P MidCap": (400,),
    "S&P SmallCap": (600,),
    "Russell": (1000, 2000, 2500, 3000),
    "Nasdaq": (100,),
    "Dow": (30,),
    "FTSE": (100, 250, 350),
    "Stoxx": (50, 600),
    "Nikkei": (225,),
    "CAC": (40,),
    "DAX": (40,),
    "CSI": (300,),
    "Wilshire": (5000,),
    "Magnificent": (7,),
}
_INDEX = "|".join(
    rf"{re.escape(name)}[ -]?(?:{'|'.join(map(str, numbers))})" for name, numbers in _INDEXES.items()
).replace(r"\ ", r"\s+")
#: numbers that are names, not figures: an index, a bond's term
_NAMED = re.compile(
    rf"\b(?:(?:{_INDEX}|magnificent seven)(?![0-9]|[.,][0-9]|\s*(?:{_UNIT}))"
    r"|(?:2|3|5|7|10|20|30|two|three|five|seven|ten|twenty|thirty)-year "
    r"(?=(?:us )?(?:treasur|yield|note|bond|rate|bill)))",
    re.IGNORECASE,
)
#: years after a word of time or as part of a date; those to come after "by" and "in" alone
_YEAR = re.compile(
    r"\b(?:(?P<ahead>in|by)|since|until|till|during|before|after|through|throughout|early|late|mid|year|of the year"
    rf"|(?:spring|summer|autumn|winter|quarter|half|crisis|crash|end|start|beginning|rest) of|{_MONTH})"
    rf"(?:\.?,?\s+|-)(?P<year>(?:19|20)[0-9]{{2}})(?:\s*(?:to|and|-|–)\s*(?P<until>(?:19|20)[0-9]{{2}}))?"
    rf"\b(?![.,][0-9])(?!\s*(?:{_UNIT}|dollars|euros|of|out of|cases|shares|days|members))",
    re.IGNORECASE,
)
_KINDS = {
    "%": ("fraction", "points"),
    "percent": ("fraction", "points"),
    "per cent": ("fraction", "points"),
    "pp": ("points", "fraction"),
    "percentage point": ("points",),
    "percentage points": ("points",),
    "point": ("points",),
    "points": ("points",),
    "bp": ("bp",),
    "bps": ("bp",),
    "basis point": ("bp",),
    "basis points": ("bp",),
    "x": ("multiple",),
    "times": ("multiple",),
}
_SCALES = {"million": 1e6, "billion": 1e9}
#: a fact that a person gave
GIVEN = "coverage.given"
#: shares that a note prints as whole percentages; of any other, its own decimals are asked for
WHOLE = (
    "breadth.above_mean",
    "breadth.above_mean_low",
    "breadth.market_high_base",
    "breadth.market_high_near",
    "breakout.close_confirmed_rate",
    "breakout.closing_high_rate",
    "breakout.volume_share",
    "hedge.variance_removed",
    "history.base_rate",
    "history.hit_rate",
    "history.record_share",
    "risks.crowding",
    "risks.explained",
    "risks.reversal_base",
    "risks.scenario_trails",
    "risks.score_base_rate",
    "risks.score_coverage",
    "risks.score_probability",
)


def unmatched(text: str, findings: Findings) -> list[str]:
    """Numbers and dates of a text, as typed, that no finding states.

    A number, in digits or in words, matches a value, an interval's bound, a sample size or a setting of the same unit
    that rounds to it at the decimals typed; a minus asks for a value below zero, no sign for either. A whole percentage
    or point matches a share that notes print whole (`WHOLE`), a fact given as such, or, as "52 to 71%", both bounds of
    one interval: by rounding alone, four of five would match something. Odds, and fractions and multiples in words,
    match nothing. A date matches a finding's date, or the last day one of them may use; without a year, in any year.
    """
    held, text = list(findings), numerals.seen(text)
    strange = [(found.start(), found.group()) for found in _DATE.finditer(text) if not _is_date(found, held)]
    strange += numerals.signs(text)
    rest = _NAMED.sub(_blank, _DATE.sub(_blank, text))
    last = max((int(item.as_of[:4]) for item in held), default=dt.date.max.year)
    rest = _YEAR.sub(lambda found: _blank(found) if _is_year(found, last + 1) else found.group(), rest)
    for word in numerals.spelled(rest):
        after = _SPELLED_UNIT.match(rest, word.end)
        unit = after["unit"] if after else ""
        if word.value is None or not any(_states(item, unit, f"{word.value:.0f}", "") for item in held):
            strange.append((word.start, rest[word.start : after.end() if after else word.end]))
    strange += [(found.start(), found.group()) for found in _ODDS.finditer(rest)]
    rest = _ODDS.sub(_blank, rest)
    rest = _RANGE.sub(
        lambda found: _blank(found) if any(_bounds(item, found) for item in held) else found.group(), rest
    )
    for found in _NUMBER.finditer(rest):
        unit = found["unit"] or found["unit_of_range"] or ""
        if _is_coverage(found, rest, held):
            continue
        if not any(_states(item, unit, found["digits"], found["sign"], found["power"]) for item in held):
            strange.append((found.start(), found.group().strip()))
    return [shown for _, shown in sorted(strange)]


_SPELLED_UNIT = re.compile(rf"[ -](?P<unit>{_UNIT}|dollars?\b|cents?\b|euros?\b)", re.IGNORECASE)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _is_date(found: re.Match[str], findings: Iterable[Finding]) -> bool:
    known = {item.as_of[:10] for item in findings} | {str(item.value)[:10] for item in findings if item.unit == "date"}
    if found["iso"]:
        return found["iso"] in known
    month = _NAMES[(found["month"] or found["month_first"]).lower()]
    year = found["year"] or found["year_last"]
    ending = f"-{month:02d}-{int(found['day'] or found['day_second']):02d}"
    return any(day == f"{year}{ending}" if year else day.endswith(ending) for day in known)


def _is_year(found: re.Match[str], last: int) -> bool:
    return bool(found["ahead"]) or int(found["until"] or found["year"]) <= last


def _is_coverage(found: re.Match[str], text: str, findings: Iterable[Finding]) -> bool:
    """Whether it is the coverage of an interval, as in "95% interval"."""
    if found["unit"] != "%" or not text[found.end() :].lstrip(" -").lower().startswith(("interval", "confidence")):
        return False
    return any(item.level is not None and f"{item.level:.0%}" == f"{found['digits']}%" for item in findings)


def _bounds(item: Finding, found: re.Match[str]) -> bool:
    """Whether two numbers are the bounds of one interval."""
    if item.low is None or item.high is None or item.unit not in _KINDS.get(found["unit"].lower(), ()):
        return False
    return _matches([_scaled(item.low, item)], found["digits"], found["sign"]) and _matches(
        [_scaled(item.high, item)], found["high_digits"], found["high_sign"]
    )


def _states(item: Finding, unit: str, digits: str, sign: str, power: str | None = None) -> bool:
    unit = unit.lower()
    if unit in _SCALES:
        scale = _SCALES[unit]
        values = [value / scale for value in _values(item) if item.unit in ("money", "shares", "count")]
    elif unit in _KINDS:
        is_whole = "." not in digits and item.unit in ("fraction", "points")
        held = _whole(item) if is_whole else [_scaled(value, item) for value in _values(item)]
        values = held if item.unit in _KINDS[unit] else []
    else:
        is_plain = item.unit not in ("fraction", "points")
        values = [*([_scaled(value, item) for value in _values(item)] if is_plain else []), *_settings(item)]
    return _matches(values, digits, sign, power)


def _matches(values: Sequence[float], digits: str, sign: str, power: str | None = None) -> bool:
    bare = digits.replace(",", "")
    places, typed = len(bare.partition(".")[2]), float(bare + (power or ""))
    is_minus = sign in ("-", "−", "–")
    return any(
        round(abs(value), places) == typed and (value < 0 or not is_minus) and not (sign == "+" and value < 0)
        for value in values
    )


def _whole(item: Finding) -> list[float]:
    """What a finding prints without decimals, as a percentage: a share that notes print so, a fact given so."""
    held = [_scaled(value, item) for value in _values(item)[:1]] if item.value is not None else []
    return held if item.id in WHOLE else [value for value in held if item.id == GIVEN and value == round(value)]


def _values(item: Finding) -> list[float]:
    held = (item.value, item.low, item.high)
    return [float(value) for value in held if isinstance(value, (int, float)) and not isinstance(value, bool)]


def _scaled(value: float, item: Finding) -> float:
    return value * 100 if item.unit in ("fraction", "points") else value


def _settings(item: Finding) -> list[float]:
    numbers = [value for value in item.key.values() if isinstance(value, (int, float)) and not isinstance(value, bool)]
    years = [float(str(item.value)[:4])] if item.unit == "date" and item.is_known else []
    sample = [float(item.n)] if item.n is not None else []
    return [*map(float, numbers), *_in_text(tuple(map(str, item.key.values()))), *sample, *years]


@cache
def _in_text(values: tuple[str, ...]) -> tuple[float, ...]:
    """Numbers inside the names of settings, as the 500 of an index's name."""
    return tuple(float(part) for value in values for part in re.findall(r"\d+", value) if not _is_number(value))


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[\d.]+", text))
